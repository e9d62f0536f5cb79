"""How a provider's own terms stand to what a gateway states of it: agreement, and each conflict with its reason. Pure.

Neither side overwrites the other: the gateway may hold private agreements.

Training. What counts is what happens if nobody does anything. `no` and `opt_in` agree: under both, prompts are not
used unless their owner asks for it. `opt_out` and `may` agree: under both they are used, and one of them only does not
name the choice. Every other pair is a conflict.

Retention. Two values agree where kind and days are the same; the bound ("up to") makes no conflict. `unstated` and
`until_event` agree too: both store, and neither gives a length, so a gateway's "unknown period" is true of "until you
delete it". A stated period, or a stated "without end", contradicts "unknown period". Unknown contradicts nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pipeline.catalog.protection import PolicyValue, is_conflict, is_known, rank_retention, rank_training
from pipeline.catalog.provider_policy import FOR_DEVELOPERS, ProviderPolicy, find_rung, held_value, is_usable
from pipeline.catalog.statement_pairs import find_heading
from pipeline.catalog.terms_cues import FEATURE, compile_cues
from pipeline.catalog.terms_records import TermsClaim
from pipeline.model import (
    Agreement,
    Condition,
    ConflictReason,
    Retention,
    RetentionKind,
    Service,
    Tier,
    Topic,
    Training,
)
from pipeline.normalize.text import fold

_FEATURE: Final = compile_cues(FEATURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One statement of a provider that does not go with what the gateway states on a topic."""

    topic: Topic
    gateway: PolicyValue
    claim: TermsClaim
    reason: ConflictReason


def find_agreement(topic_agreements: Iterable[Agreement]) -> Agreement:
    """Return the fold over topics: conflict, else what only one side states, else agreement, else unknown.

    A row agrees only where everything that is stated in it is stated by both sides. Where one topic is the gateway's
    alone and the other the provider's alone, it counts as the gateway's: that part has no sentence behind it.
    """
    found = set(topic_agreements)
    order = (Agreement.CONFLICT, Agreement.GATEWAY_ONLY, Agreement.PROVIDER_ONLY, Agreement.AGREE)
    return next((one for one in order if one in found), Agreement.UNKNOWN)


def agreement_on(gateway: PolicyValue, provider: PolicyValue) -> Agreement:
    """Return how two values of one topic stand to each other."""
    match is_known(gateway), is_known(provider):
        case True, True:
            return Agreement.CONFLICT if is_conflict(gateway, provider) else Agreement.AGREE
        case True, False:
            return Agreement.GATEWAY_ONLY
        case False, True:
            return Agreement.PROVIDER_ONLY
        case _:
            return Agreement.UNKNOWN


def find_disagreements(
    retention: Retention, training: Training, policy: ProviderPolicy, claims: Iterable[TermsClaim], tier: Tier
) -> tuple[Disagreement, ...]:
    """Return what contradicts the gateway's values: the provider's default, and what it says of parts of the API.

    A part counts, whether it is carved out of a rule or has one of its own, where the statement names a feature, is
    less protective than the gateway's value, and stands on a rung of the tier that is not below the one that decided,
    or names no service in a document that is written for those who call the API. Sorted by topic, the default first.
    """
    known = sorted((claim for claim in claims if is_usable(claim)), key=lambda claim: claim.claim_id)
    sides: tuple[tuple[Topic, PolicyValue, TermsClaim | None], ...] = (
        (Topic.RETENTION, retention, policy.retention_claim),
        (Topic.TRAINING, training, policy.training_claim),
    )
    found: list[Disagreement] = []
    for topic, gateway, default in sides:
        against = [default] if default is not None and is_conflict(gateway, held_value(default)) else []
        against.extend(claim for claim in known if _is_hole(claim, topic, gateway, default, tier))
        found.extend(
            Disagreement(topic=topic, gateway=gateway, claim=claim, reason=find_reason(gateway, claim, known, tier))
            for claim in against
        )
    return tuple(found)


def find_reason(gateway: PolicyValue, claim: TermsClaim, claims: Iterable[TermsClaim], tier: Tier) -> ConflictReason:
    """Return why a provider's claim and the gateway's value differ; `claims` are all of the provider.

    A carve-out differs in scope: it speaks of a part. Else, the first that is so. Days: both are periods. Scope: the
    claim speaks of a part of the API, of which the gateway's value may not be meant. Condition: the provider states
    the gateway's value too, as an option or an exception. Scope again: the claim speaks of another service, or the
    provider states the gateway's value by default of something else; one that names no length is of nothing else, for
    it only tells what the gateway does not know. Value: none of these.
    """
    statement = claim.statement
    if statement.condition is not Condition.DEFAULT:
        return ConflictReason.SCOPE
    if _are_periods(gateway, held_value(claim)):
        return ConflictReason.DAYS
    if names_feature(claim):
        return ConflictReason.SCOPE
    on_topic = [one for one in claims if is_usable(one) and one.statement.topic is statement.topic]
    same = [one.statement for one in on_topic if _is_the_same(gateway, held_value(one))]
    if any(one.condition is not Condition.DEFAULT and _speaks_for(one.service, tier) for one in same):
        return ConflictReason.CONDITION
    is_of_another = statement.service not in {Service.API, Service.UNSPECIFIED}
    is_unstated = gateway == Retention(kind=RetentionKind.UNSTATED)
    is_said_elsewhere = not is_unstated and any(one.condition is Condition.DEFAULT for one in same)
    return ConflictReason.SCOPE if is_of_another or is_said_elsewhere else ConflictReason.VALUE


def names_feature(claim: TermsClaim) -> bool:
    """Whether the words of a claim, or the headings above them, name a part of an API."""
    return _FEATURE.search(fold(f"{find_heading(claim.statement)} | {claim.statement.quote}")) is not None


def _is_hole(claim: TermsClaim, topic: Topic, gateway: PolicyValue, default: TermsClaim | None, tier: Tier) -> bool:
    statement = claim.statement
    if claim is default or statement.topic is not topic or statement.condition is Condition.OPTION:
        return False
    if not names_feature(claim):
        return False
    rung = find_rung(claim, tier)
    deciding = find_rung(default, tier) if default else None
    # What names no service in a document for those who call the API speaks of the API where it carves something out.
    is_of_api = statement.service is Service.UNSPECIFIED and claim.terms_type in FOR_DEVELOPERS
    is_near = rung is not None and (deciding is None or rung <= deciding or is_of_api)
    return is_near and is_conflict(gateway, held_value(claim)) and _rank(held_value(claim)) > _rank(gateway)


def _is_the_same(one: PolicyValue, two: PolicyValue) -> bool:
    """Whether two values say the same, and do not merely go together."""
    if isinstance(one, Retention) and isinstance(two, Retention):
        return (one.kind, one.days) == (two.kind, two.days)
    return not is_conflict(one, two)


def _are_periods(one: PolicyValue, two: PolicyValue) -> bool:
    kinds = {value.kind for value in (one, two) if isinstance(value, Retention)}
    return kinds == {RetentionKind.PERIOD}


def _speaks_for(service: Service, tier: Tier) -> bool:
    return service is not Service.CONSUMER and (service is not Service.FREE or tier is Tier.FREE)


def _rank(value: PolicyValue) -> tuple[int, int]:
    return (rank_training(value), 0) if isinstance(value, Training) else rank_retention(value)
