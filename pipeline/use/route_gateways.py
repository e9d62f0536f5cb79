"""A decision in the form that a gateway takes. Pure. No list here ever lets in more than was allowed.

OpenRouter: `only` names who was allowed, by slug, and `zdr` and `data_collection` are set beside it where the
requirement means the same, so that the gateway's own knowledge of single endpoints narrows it further. It has no
filter on days: a limit is the list. `data_collection: "deny"` acts on training only. A slug names a provider with all
its tiers, so where a tier of it was refused, its slug is left out, unless a switch keeps that tier out; that one is set
where it costs nothing. A tier of which the gateway states nothing any more may be served still: its last word counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from pipeline.catalog.decide import Decision, RefusedOffering
from pipeline.catalog.protection import NOT_USED_UNASKED
from pipeline.catalog.records import OfferingTerms
from pipeline.catalog.requirement import Check, Requirement
from pipeline.errors import NotFoundError
from pipeline.model import RetentionKind, Tier, Training
from pipeline.use.route import Slugs, ZdrOfferings

_Body: TypeAlias = dict[str, object]

OPENROUTER = "openrouter"
ALL_MODELS = "*"
_NO_WORDS_OF_THE_GONE: Final = frozenset({Check.LISTED, Check.TIER, Check.PROVIDERS, Check.AGE})


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
    zdr: ZdrOfferings | None  # who has zero-retention endpoints, None where that is not known

    def keeps_out(self, one: OfferingTerms) -> bool:
        """Whether the gateway by its own statements keeps an offering out: it treats what is unclear as stored.

        `zdr` acts on endpoints: of whoever has one without retention, and as long as that is not known, it keeps out
        nobody whole. No endpoint says its tier, so one of any tier counts for all.
        """
        is_stored = one.retention_kind is not RetentionKind.NONE
        has_endpoint = self.zdr is None or any(
            gateway_id == one.gateway_id and offering_id.partition(":")[0] == one.provider_id
            for gateway_id, offering_id in self.zdr
        )
        return (self.is_zdr and is_stored and not has_endpoint) or (self.is_deny and one.training is Training.MAY)

    def may_keep_out(self, one: OfferingTerms) -> bool:
        """Whether the gateway may keep out an offering: what it does not state it may take for the worst."""
        may_train = one.training not in NOT_USED_UNASKED
        return (self.is_zdr and one.retention_kind is not RetentionKind.NONE) or (self.is_deny and may_train)


def export_openrouter(decision: Decision, slugs: Slugs, zdr: ZdrOfferings | None = None) -> Export:
    """Return the `provider` object of a request; raise NotFoundError where no slug can be named.

    `zdr` are the offerings of which the gateway lists zero-retention endpoints, None where that is not known.
    """
    asked = decision.requirement.asked
    if not asked:
        return Export(body={}, remarks=("nothing is asked: the empty object lets in every provider",))
    switches, remarks = _choose_switches(decision, zdr)
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


def export_litellm(
    decision: Decision, slugs: Slugs, models: Sequence[str] = (ALL_MODELS,), zdr: ZdrOfferings | None = None
) -> Export:
    """Return a configuration for LiteLLM that sends models through OpenRouter with the `provider` object.

    The object stands there twice: what a caller passes as `extra_body`, for whatever reason, replaces the one in
    `extra_body` whole, and then the other one holds.
    """
    routed = export_openrouter(decision, slugs, zdr)
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
    switches, remarks = _choose_switches(decision, None)
    gateway: _Body = {"only": named}
    if switches.is_zdr:
        gateway["zeroDataRetention"] = True
    if switches.is_deny:
        gateway["disallowPromptTraining"] = True
    remark = "what OpenRouter states of a provider need not hold at Vercel, which has agreements of its own"
    left = (f"not served by Vercel's gateway: {', '.join(unnamed)}",) if unnamed else ()
    return Export(body={"providerOptions": {"gateway": gateway}}, remarks=(remark, *left, *remarks))


def _choose_switches(decision: Decision, zdr: ZdrOfferings | None) -> tuple[_Switches, tuple[str, ...]]:
    """Return the switches that mean what was asked; with unknown ones let in none, for a switch keeps those out."""
    asked = decision.requirement
    is_zdr = asked.max_retention_days == 0
    is_of_one_tier = not (asked.allows_paid_training and asked.allows_free_training)
    is_deny = is_zdr or asked.no_training or (is_of_one_tier and _is_deny_free(decision))
    switches = _Switches(is_zdr, is_deny, zdr)
    if decision.let_in_unknown and (switches.is_zdr or switches.is_deny):
        return _Switches(is_zdr=False, is_deny=False, zdr=zdr), (
            "the gateway's own switches are left off: they would keep out the unknown ones that were let in",
        )
    return switches, ()


def _is_deny_free(decision: Decision) -> bool:
    """Whether denying training keeps out nobody that was allowed; the gateway takes the unknown for one that trains."""
    return all(one.training in NOT_USED_UNASKED for one in decision.allowed)


def _slugs_allowed(
    decision: Decision, slugs: Slugs, switches: _Switches
) -> tuple[list[str], tuple[str, ...], _Switches]:
    """Return the slugs that may be named, why others of the allowed are not, and the switches with which this holds."""
    here = [one for one in decision.allowed if one.gateway_id == OPENROUTER]
    remarks = [f"{one.offering_id} left out: it has no slug at OpenRouter" for one in here if not slugs.get(one.key)]
    allowed, refused = _by_slug(here, slugs), _by_slug(_failing(decision), slugs)
    shared = {slug: refused[slug] for slug in allowed if slug in refused}
    denying = _Switches(switches.is_zdr, is_deny=True, zdr=switches.zdr)
    if _is_deny_free(decision) and any(_is_closed(switches, denying, tiers) for tiers in shared.values()):
        switches = denying
    only = []
    for slug in sorted(allowed):
        tiers = shared.get(slug, ())
        may_name = all(map(switches.keeps_out, tiers))
        if may_name:
            only.append(slug)
        if tiers:
            remarks.append(_remark_on_tiers(slug, tiers, may_name=may_name))
    if lost := ", ".join(one.offering_id for one in here if switches.may_keep_out(one)):
        remarks.append(f"the gateway's switches act on what it states, and may keep out of those that pass: {lost}")
    if only and _is_about_free_tiers(decision.requirement):
        remarks.append(
            "no slug names a tier: a free tier of which the gateway states nothing is reached by its slug too"
        )
    return only, tuple(remarks), switches


def _remark_on_tiers(slug: str, tiers: Iterable[OfferingTerms], *, may_name: bool) -> str:
    """Return what is to be told of refused tiers that a slug names too."""
    told = ", and ".join(f"{one.offering_id}, which {_fate(one)}" for one in tiers)
    if may_name:
        return f"{slug} also names {told}: the switches keep it out"
    return f"{slug} left out: it also names {told}, and no slug names a tier"


def _fate(one: OfferingTerms) -> str:
    if one.is_listed:
        return "was refused"
    since = "" if one.delisted_at is None else f" (none since {one.delisted_at:%Y-%m-%d})"
    return f"fails by the gateway's last word{since}"


def _is_about_free_tiers(asked: Requirement) -> bool:
    return asked.tiers is not None or not (asked.allows_free_training and asked.allows_free_publishing)


def _is_closed(now: _Switches, then: _Switches, tiers: Iterable[OfferingTerms]) -> bool:
    """Whether a further switch keeps out what is not kept out yet."""
    tiers = tuple(tiers)
    return not all(map(now.keeps_out, tiers)) and all(map(then.keeps_out, tiers))


def _slugs_ignored(decision: Decision, slugs: Slugs) -> tuple[str, ...]:
    """Return the slugs that name nobody but who is ignored; none where one of the ignored cannot be named so."""
    ignored = {one.offering_id for one in decision.ignored if one.gateway_id == OPENROUTER}
    groups = _by_slug((one for one in decision.index.offerings if one.gateway_id == OPENROUTER), slugs)
    whole = tuple(slug for slug, tiers in groups.items() if all(one.offering_id in ignored for one in tiers))
    named = {one.offering_id for slug in whole for one in groups[slug]}
    return whole if ignored <= named else ()


def fails_by_word(one: RefusedOffering) -> bool:
    """Whether who was refused fails what was asked: anybody that is listed, and one that is gone by its last word."""
    return one.offering.is_listed or not {reason.check for reason in one.reasons} <= _NO_WORDS_OF_THE_GONE


def _failing(decision: Decision) -> list[OfferingTerms]:
    return [one.offering for one in decision.refused if one.offering.gateway_id == OPENROUTER and fails_by_word(one)]


def _by_slug(offerings: Iterable[OfferingTerms], slugs: Slugs) -> Mapping[str, list[OfferingTerms]]:
    found: defaultdict[str, list[OfferingTerms]] = defaultdict(list)
    for one in offerings:
        for slug in slugs.get(one.key, ()):
            found[slug].append(one)
    return dict(found)
