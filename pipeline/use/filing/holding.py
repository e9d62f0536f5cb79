"""Whether the policies of an evidence file are those that its deciding claims make. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from pipeline.catalog.agreement import agreement_on, find_agreement
from pipeline.catalog.protection import PolicyValue, strictest_retention, strictest_training
from pipeline.catalog.records import DECIDING
from pipeline.model import (
    POLICY_TOPICS,
    Agreement,
    Bound,
    Condition,
    DataKind,
    Format,
    Grade,
    Retention,
    RetentionKind,
    Topic,
    Training,
    ZdrAvailability,
    as_text,
)
from pipeline.normalize.identity import split_tier
from pipeline.normalize.text import fold
from pipeline.normalize.unseen import plain
from pipeline.use.filing.records import Claim, Evidence, names_of

_UNKNOWN: Final = "unknown"
Offering = Mapping[str, Any]


def check_policies(evidence: Evidence) -> Iterator[str]:
    """Yield, a line each, where a policy says another thing than the claims that it names as deciding."""
    claims = {one.claim_id: one for one in evidence.claims}
    pages = {one.source_id for one in evidence.sources if one.format is Format.DOCUMENT}
    named = {str(one.get(name)) for one in evidence.offerings for name in DECIDING}
    for claim in evidence.claims:
        if claim.is_deciding != (claim.claim_id in named):
            yield f"claim {plain(claim.claim_id)}: no policy names it as deciding, or one does that it does not tell"
    for offering in evidence.offerings:
        of = plain(str(offering.get("offering_id")))[:80]
        try:
            for told in (*_check_names(offering, evidence), *_check(offering, claims, pages)):
                yield f"policy of {of}: {told}"
        except (KeyError, TypeError, ValueError):  # a column that is not there, or a value that no policy has
            yield f"policy of {of}: it is not as this program writes it"


def _check_names(offering: Offering, evidence: Evidence) -> Iterator[str]:
    names = {fold(one) for name in names_of(offering) for one in (name, split_tier(name)[0])}
    own = (offering["provider_id"], evidence.provider_id, str(offering["offering_id"]).partition(":")[0])
    if len(set(map(str, own))) > 1:
        yield "it is that of another provider"
    for name in (str(offering["provider_name"]), evidence.provider_name):
        if fold(split_tier(name)[0]) not in names | {fold(own[1])}:
            yield f"'{plain(name)[:80]}' is none of the names that it goes by"


def _check(offering: Offering, claims: Mapping[str, Claim], pages: set[str]) -> Iterator[str]:
    sides = {side: _values(offering, side) for side in ("", "provider_", "strictest_")}
    for topic in POLICY_TOPICS:
        for side in ("", "provider_"):
            claim_id = offering[f"{side}{topic}_claim_id"]
            claim = None if claim_id is None else claims.get(claim_id)
            value = as_text(sides[side][topic])
            if (claim is None) != (claim_id is None):
                yield f"its deciding claim {plain(str(claim_id))[:80]} is not there"
            elif claim is None:
                if value != _UNKNOWN:
                    yield f"{side}{topic} is {value}, which no claim says"
            elif not _may_decide(claim, offering, topic, is_own=bool(side), is_page=claim.source_id in pages):
                yield f"claim {plain(claim.claim_id)[:80]} cannot decide on {side}{topic}"
            elif not _says(claim, value, is_own=bool(side)):
                yield f"{side}{topic} is {value}, and its claim says {plain(str(claim.value_text))[:80]}"
    yield from _check_both(offering, sides)
    zdr = offering["zdr_claim_id"]
    if (zdr is None) != (offering["zdr_available"] == ZdrAvailability.NONE_STATED):
        yield "zdr_available is not what its claim says"
    if zdr is not None and (zdr not in claims or claims[zdr].value_text != RetentionKind.NONE):
        yield "no claim says that zero retention is available"


def _check_both(offering: Offering, sides: Mapping[str, Mapping[Topic, PolicyValue]]) -> Iterator[str]:
    """Yield where the strictest reading, or how both sides stand, does not follow from both sides."""
    gateway, own, strictest = sides[""], sides["provider_"], sides["strictest_"]
    most = strictest_retention(_retention(offering, ""), _retention(offering, "provider_"))
    if most != strictest[Topic.RETENTION]:
        yield "strictest_retention is not the less protective of both"
    use = strictest_training(Training(offering["training"]), Training(offering["provider_training"]))
    if use is not strictest[Topic.TRAINING]:
        yield "strictest_training is not the less protective of both"
    for topic in POLICY_TOPICS:
        # Conflicts also come of what a provider says of a part of its service, which makes no policy.
        if offering[f"{topic}_agreement"] not in {agreement_on(gateway[topic], own[topic]), Agreement.CONFLICT}:
            yield f"{topic}_agreement is not how both sides stand to each other"
    if offering["agreement"] != find_agreement(Agreement(offering[f"{topic}_agreement"]) for topic in POLICY_TOPICS):
        yield "agreement does not follow from that on each topic"


def _values(offering: Offering, side: str) -> Mapping[Topic, PolicyValue]:
    return {Topic.RETENTION: _retention(offering, side), Topic.TRAINING: Training(offering[f"{side}training"])}


def _retention(offering: Offering, side: str) -> Retention:
    """Return a side's retention; raise ValueError for days that do not go with their kind."""
    kind, days = RetentionKind(offering[f"{side}retention_kind"]), offering[f"{side}retention_days"]
    bound = offering[f"{side}retention_bound"]
    is_period = kind is RetentionKind.PERIOD
    value = replace(Retention.of_days(days), bound=Bound(bound)) if is_period else Retention(kind=kind)
    if (value.stored_days, value.bound) != (days, bound):
        raise ValueError(f"{kind} of {days} days, {bound}")
    return value


def _may_decide(claim: Claim, offering: Offering, topic: Topic, *, is_own: bool, is_page: bool) -> bool:
    """Whether a claim is on the topic and of the side: a provider's must hold by default, and for certain."""
    if claim.topic != topic or is_own != is_page or claim.gateway_id != offering["gateway_id"]:
        return False
    if not is_own:
        return bool(claim.offering_id == offering["offering_id"])
    told = (claim.condition, claim.grade, claim.data)
    is_default = told == (Condition.DEFAULT, Grade.CERTAIN, DataKind.PROMPTS_OUTPUTS)
    return is_default and claim.offering_id in {offering["offering_id"], offering["provider_id"]}


def _says(claim: Claim, value: str | None, *, is_own: bool) -> bool:
    """Whether a claim says a value; a provider's period that begins with an end is held to be `until_event`."""
    told = claim.value_text or _UNKNOWN
    if not is_own:
        return told == value
    is_period = told.endswith((" day", " days"))
    return told == value or (is_period and value == RetentionKind.UNTIL_EVENT)
