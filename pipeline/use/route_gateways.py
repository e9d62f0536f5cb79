"""A decision in the form that a gateway takes. Pure. No list here ever lets in more than was allowed.

OpenRouter: `only` names who was allowed, by slug, and `zdr` and `data_collection` are set beside it where the
requirement means the same, so that the gateway's own knowledge of single endpoints narrows it further. It has no
filter on days: a limit is the list. `data_collection: "deny"` acts on training only. A slug names a provider with all
its tiers, so where a tier of it was refused, its slug is left out, unless a switch keeps that tier out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from pipeline.catalog.decide import Decision
from pipeline.catalog.records import OfferingTerms
from pipeline.errors import NotFoundError
from pipeline.model import RetentionKind, Tier, Training
from pipeline.use.route import Slugs

_Body: TypeAlias = dict[str, object]

OPENROUTER = "openrouter"
ALL_MODELS = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What a gateway takes, and remarks on what it cannot say."""

    body: _Body
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Switches:
    """Which switches of the gateway are set beside the list; each keeps out what it acts on."""

    is_zdr: bool
    is_deny: bool

    def keeps_out(self, one: OfferingTerms) -> bool:
        """Whether the gateway by its own statements keeps an offering out: it treats what is unclear as stored."""
        is_stored = one.retention_kind is not RetentionKind.NONE
        return (self.is_zdr and is_stored) or (self.is_deny and one.training is Training.MAY)


def export_openrouter(decision: Decision, slugs: Slugs) -> Export:
    """Return the `provider` object of a request; raise NotFoundError where no slug can be named."""
    asked = decision.requirement.asked
    if not asked:
        return Export(body={}, remarks=("nothing is asked: the empty object lets in every provider",))
    switches, remarks = _choose_switches(decision)
    named = _slugs_ignored(decision, slugs) if asked == ("ignored",) else ()
    body: _Body = {"ignore": sorted(named)} if named else {}
    if not body:
        only, left_out, switches = _slugs_allowed(decision, slugs, switches)
        remarks = (*remarks, *left_out)
        if not only:
            raise NotFoundError(
                "nobody that passes can be named to OpenRouter, and an empty list would let in everybody"
                + "".join(f"; {one}" for one in left_out)
            )
        body["only"] = only
        if len(only) == 1:
            body["allow_fallbacks"] = False  # there is nobody to fall back to, whatever the account's own list says
    if switches.is_zdr:
        body["zdr"] = True
    if switches.is_deny:
        body["data_collection"] = "deny"
    return Export(body=body, remarks=remarks)


def export_litellm(decision: Decision, slugs: Slugs, models: Sequence[str] = (ALL_MODELS,)) -> Export:
    """Return a configuration for LiteLLM that sends models through OpenRouter with the `provider` object.

    The object stands there twice: what a caller passes as `extra_body`, for whatever reason, replaces the one in
    `extra_body` whole, and then the other one holds.
    """
    routed = export_openrouter(decision, slugs)
    entries = [
        {
            "model_name": f"openrouter/{model}",
            "litellm_params": {
                "model": f"openrouter/{model}",
                "api_key": "os.environ/OPENROUTER_API_KEY",
                "provider": routed.body,
                "extra_body": {"provider": routed.body},
            },
        }
        for model in models
    ]
    remark = "a caller of LiteLLM that passes a `provider` object of its own replaces this one: let none through"
    return Export(body={"model_list": entries}, remarks=(remark, *routed.remarks))


# Slugs of Vercel's AI Gateway by provider, as its documentation listed them in 2026; it has no free tiers.
_VERCEL: Final[Mapping[str, str]] = {
    "alibaba": "alibaba",
    "amazon-bedrock": "bedrock",
    "anthropic": "anthropic",
    "arcee-ai": "arcee-ai",
    "azure": "azure",
    "baseten": "baseten",
    "cerebras": "cerebras",
    "cohere": "cohere",
    "deepinfra": "deepinfra",
    "deepseek": "deepseek",
    "fireworks": "fireworks",
    "google-ai-studio": "google",
    "google-vertex": "vertex",
    "groq": "groq",
    "inception": "inception",
    "minimax": "minimax",
    "mistral": "mistral",
    "moonshotai": "moonshotai",
    "morph": "morph",
    "novita": "novita",
    "openai": "openai",
    "parasail": "parasail",
    "perplexity": "perplexity",
    "together": "togetherai",
    "xai": "xai",
    "z-ai": "zai",
}


def export_vercel(decision: Decision) -> Export:
    """Return the provider options of Vercel's AI Gateway; raise NotFoundError where no slug can be named."""
    if not decision.requirement.asked:
        return Export(body={"providerOptions": {"gateway": {}}}, remarks=("nothing is asked",))
    paid = [one for one in decision.allowed if one.tier is Tier.DEFAULT]
    named = sorted({_VERCEL[one.provider_id] for one in paid if one.provider_id in _VERCEL})
    unnamed = sorted({one.provider_id for one in paid if one.provider_id not in _VERCEL})
    if not named:
        raise NotFoundError(
            "nobody that passes is served by Vercel's gateway, and an empty list would let in everybody"
        )
    switches, remarks = _choose_switches(decision)
    gateway: _Body = {"only": named}
    if switches.is_zdr:
        gateway["zeroDataRetention"] = True
    if switches.is_deny:
        gateway["disallowPromptTraining"] = True
    remark = "what OpenRouter states of a provider need not hold at Vercel, which has agreements of its own"
    left = (f"not served by Vercel's gateway: {', '.join(unnamed)}",) if unnamed else ()
    return Export(body={"providerOptions": {"gateway": gateway}}, remarks=(remark, *left, *remarks))


def _choose_switches(decision: Decision) -> tuple[_Switches, tuple[str, ...]]:
    """Return the switches that mean what was asked; with unknown ones let in none, for a switch keeps those out."""
    asked = decision.requirement
    is_zdr = asked.max_retention_days == 0
    switches = _Switches(is_zdr, is_zdr or asked.no_training)
    if decision.let_in_unknown and (switches.is_zdr or switches.is_deny):
        return _Switches(is_zdr=False, is_deny=False), (
            "the gateway's own switches are left off: they would keep out the unknown ones that were let in",
        )
    return switches, ()


def _slugs_allowed(
    decision: Decision, slugs: Slugs, switches: _Switches
) -> tuple[list[str], tuple[str, ...], _Switches]:
    """Return the slugs that may be named, why others of the allowed are not, and the switches with which this holds."""
    here = [one for one in decision.allowed if one.gateway_id == OPENROUTER]
    remarks = [f"{one.offering_id} left out: it has no slug at OpenRouter" for one in here if not slugs.get(_key(one))]
    allowed, refused = _by_slug(here, slugs), _by_slug(_listed_and_refused(decision), slugs)
    shared = {slug: refused[slug] for slug in allowed if slug in refused}
    denying = _Switches(switches.is_zdr, is_deny=True)
    is_harmless = not any(one.training is Training.MAY for one in here)
    if is_harmless and any(_is_closed(switches, denying, tiers) for tiers in shared.values()):
        switches = denying
    only = sorted(slug for slug in allowed if all(map(switches.keeps_out, shared.get(slug, ()))))
    for slug, tiers in sorted(shared.items()):
        names = ", ".join(one.offering_id for one in tiers)
        if slug in only:
            remarks.append(f"{slug} also names {names}, which was refused: the switches keep it out")
        else:
            remarks.append(f"{slug} left out: it also names {names}, which was refused, and no slug names a tier")
    return only, tuple(remarks), switches


def _is_closed(now: _Switches, then: _Switches, tiers: Iterable[OfferingTerms]) -> bool:
    """Whether a further switch keeps out what is not kept out yet."""
    tiers = tuple(tiers)
    return not all(map(now.keeps_out, tiers)) and all(map(then.keeps_out, tiers))


def _slugs_ignored(decision: Decision, slugs: Slugs) -> tuple[str, ...]:
    """Return the slugs that name nobody but who is ignored; none where one of the ignored cannot be named so."""
    ignored = decision.requirement.ignored
    groups = _by_slug((one for one in decision.index.offerings if one.gateway_id == OPENROUTER), slugs)
    whole = tuple(slug for slug, tiers in groups.items() if all(one.offering_id in ignored for one in tiers))
    named = {one.offering_id for slug in whole for one in groups[slug]}
    return whole if ignored <= named else ()


def _listed_and_refused(decision: Decision) -> list[OfferingTerms]:
    allowed = {_key(one) for one in decision.allowed}
    here = [one for one in decision.index.offerings if one.is_listed and one.gateway_id == OPENROUTER]
    return [one for one in here if _key(one) not in allowed]


def _by_slug(offerings: Iterable[OfferingTerms], slugs: Slugs) -> Mapping[str, list[OfferingTerms]]:
    found: defaultdict[str, list[OfferingTerms]] = defaultdict(list)
    for one in offerings:
        for slug in slugs.get(_key(one), ()):
            found[slug].append(one)
    return dict(found)


def _key(one: OfferingTerms) -> tuple[str, str]:
    return (one.gateway_id, one.offering_id)
