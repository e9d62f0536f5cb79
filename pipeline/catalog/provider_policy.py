"""What a provider's own terms say of one offering, from the statements that stand. Pure.

Only statements on prompts and outputs that are graded certain and hold by default make the policy. They stand until
they are seen gone: a claim whose page cannot be had now counts, with its age.

For each topic the first rung of a ladder of services that says anything decides, and on that rung the least
protective statement holds. A gateway calls the API, so what is said of the API comes first, then the business
offering, then paid plans, then what names no service; what is said of the consumer's application comes last. A
statement that names no service weighs by the document that it stands in: documentation of the API, commercial and
developer terms and data processing addenda are written for those who call the API, terms of service for all, and
privacy policies mostly for visitors and users of the application. What is said of free plans, batches and tuning
never speaks for the default tier.

The service that a statement is about may be told by its page as a whole only. Where the page is of another kind than
such a service has, that is no telling: a privacy policy is written for people, whatever its first words name, and
commercial terms or a data processing addendum are not written for consumers. Such a statement names no service.

A clause on what goes once the contract or the account ends ("within 30 days after termination") says nothing of how
long content is kept before, and every data processing addendum has one, those of providers that store nothing too: it
is a claim and makes no policy, unless it says that content is kept until then. A period that counts from deletion by
the owner ("deleted chats go within 30 days") is no promise of 30 days either: it stands as `until_event`.

A free tier goes by its own statements first, then by the same ladder without business and paid: what is promised to
those who pay or who signed an agreement is not promised to those who do neither. It keeps the API rung, because a
free tier behind a gateway is an API too, and a statement on the API that excludes free plans is one on another
service.
"""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pipeline.catalog import terms_cues as cues
from pipeline.catalog.protection import rank_retention, rank_training
from pipeline.catalog.statement_pairs import find_heading, fold_words
from pipeline.catalog.terms_records import TermsClaim, TermsHistory
from pipeline.clauses.lexicon import groups
from pipeline.model import (
    Condition,
    DataKind,
    Grade,
    Moment,
    Retention,
    RetentionKind,
    Service,
    Statement,
    TermsType,
    Tier,
    Topic,
    Training,
    ZdrAvailability,
)
from pipeline.normalize.text import fold

_LADDERS: Final[Mapping[Tier, tuple[Service, ...]]] = {
    Tier.DEFAULT: (Service.API, Service.BUSINESS, Service.PAID, Service.UNSPECIFIED, Service.CONSUMER),
    Tier.FREE: (Service.FREE, Service.API, Service.UNSPECIFIED, Service.CONSUMER),
}

# How far down a statement that names no service stands by its document; one of unknown type stands in the middle.
FOR_DEVELOPERS: Final = (
    TermsType.DATA_USAGE_DOCS,
    TermsType.COMMERCIAL_TERMS,
    TermsType.DEVELOPER_TERMS,
    TermsType.DATA_PROCESSING_ADDENDUM,
)

# The services that a kind of document is not written for: there, a statement has to name them itself.
_UNLIKELY: Final[Mapping[TermsType | None, tuple[Service, ...]]] = {
    TermsType.PRIVACY_POLICY: (Service.API, Service.BUSINESS),
    TermsType.COMMERCIAL_TERMS: (Service.CONSUMER,),
    TermsType.DEVELOPER_TERMS: (Service.CONSUMER,),
    TermsType.DATA_PROCESSING_ADDENDUM: (Service.CONSUMER,),
}

_CONTRACT_END: Final = cues.compile_cues(cues.CONTRACT_END)
_EVENT: Final = cues.compile_cues(cues.EVENT)
_KEEPING: Final = cues.compile_cues(cues.KEEPING)
_ORDER: Final = cues.compile_cues(cues.ORDER)
_QUALIFIED: Final = cues.compile_cues(cues.QUALIFIED)
_OWNER_DELETES: Final = cues.compile_cues(cues.OWNER_DELETES)
_REQUEST: Final = cues.compile_cues(cues.REQUEST)
_SETTING: Final = cues.compile_cues(cues.SETTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderPolicy:
    """What a provider's own terms say of one offering, and on which claims that rests."""

    retention: Retention  # unknown where no statement counts
    training: Training
    retention_claim: TermsClaim | None
    training_claim: TermsClaim | None
    retention_count: int  # claims on the rung that decided
    training_count: int
    zdr_available: ZdrAvailability
    zdr_claim: TermsClaim | None  # the option, or the default that makes an option needless

    @property
    def claims(self) -> tuple[TermsClaim, ...]:
        """The claims that the policy rests on, each once."""
        found = [one for one in (self.retention_claim, self.training_claim, self.zdr_claim) if one is not None]
        return tuple({claim.claim_id: claim for claim in found}.values())

    @property
    def evidence_count(self) -> int:
        """How many statements were weighed: all on the rungs that decided, and the option of zero retention."""
        is_option = self.zdr_available in {ZdrAvailability.SELF_SERVE, ZdrAvailability.ON_REQUEST}
        return self.retention_count + self.training_count + is_option

    @property
    def last_verified(self) -> Moment | None:
        """When the words were last seen that the policy rests on: of several, the longest ago."""
        return min((claim.last_seen for claim in self.claims), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInterval:
    """One policy, from `valid_from` until before `valid_to`; None for one that holds still."""

    valid_from: datetime
    valid_to: datetime | None
    policy: ProviderPolicy


def find_provider_policy(claims: Iterable[TermsClaim], tier: Tier) -> ProviderPolicy:
    """Return what the standing ones among a provider's claims say of a tier; their order does not matter."""
    usable = [claim for claim in claims if is_usable(claim)]
    rests = [claim for claim in usable if holds_by_default(claim)]
    retentions = _deciding(rests, Topic.RETENTION, tier)
    trainings = _deciding(rests, Topic.TRAINING, tier)
    retention_claim = max(retentions, key=lambda one: (rank_retention(_retention(one)), one.claim_id), default=None)
    training_claim = max(trainings, key=lambda one: (rank_training(_training(one)), one.claim_id), default=None)
    retention = _retention(retention_claim) if retention_claim else Retention(kind=RetentionKind.UNKNOWN)
    if retention.kind is RetentionKind.NONE:
        zdr: tuple[ZdrAvailability, TermsClaim | None] = (ZdrAvailability.DEFAULT, retention_claim)
    else:
        zdr = _find_option(usable, tier)
    return ProviderPolicy(
        retention=retention,
        training=_training(training_claim) if training_claim else Training.UNKNOWN,
        retention_claim=retention_claim,
        training_claim=training_claim,
        retention_count=len(retentions),
        training_count=len(trainings),
        zdr_available=zdr[0],
        zdr_claim=zdr[1],
    )


def provider_policy_intervals(
    history: TermsHistory, terms_ids: Iterable[str], tier: Tier
) -> tuple[PolicyInterval, ...]:
    """Return a provider's policy over time: half-open intervals without gaps, from the first capture of its terms on.

    A new interval starts where retention, training or the availability of zero retention differ, not with a mere
    rewording. Its policy holds the claims as they were when it began.
    """
    wanted = frozenset(terms_ids)
    claims = tuple(claim for claim in history.claims if claim.terms_id in wanted)
    mine = TermsHistory(claims=claims, changes=(), versions=())
    seen = (version.moment.at for version in history.versions if version.terms_id in wanted)
    starts = set(itertools.islice(seen, 1))  # the versions are sorted
    starts |= {wording.since.at for claim in claims for wording in claim.wordings}
    starts |= {claim.ended_at.at for claim in claims if claim.ended_at is not None}
    found: list[tuple[datetime, ProviderPolicy]] = []
    for start in sorted(starts):
        policy = find_provider_policy(mine.claims_at(start), tier)
        if not found or _facts(found[-1][1]) != _facts(policy):
            found.append((start, policy))
    ends = [*(start for start, _ in found), None][1:]
    return tuple(
        PolicyInterval(valid_from=start, valid_to=end, policy=policy)
        for (start, policy), end in zip(found, ends, strict=True)
    )


def is_usable(claim: TermsClaim) -> bool:
    """Whether a claim may speak of prompts and outputs in policies and conflicts.

    It has to be certain, not seen gone, no order to a reader, and about more than what happens after the contract. A
    zero with an exception that is kept for a time is none.
    """
    statement = claim.statement
    words = fold_words(statement.quote)
    if _ORDER.match(words) or (statement.value == Retention(kind=RetentionKind.NONE) and _QUALIFIED.search(words)):
        return False
    is_certain = statement.grade is Grade.CERTAIN and statement.data is DataKind.PROMPTS_OUTPUTS
    return is_certain and claim.is_standing and not _is_unknown(statement.value) and not _is_after_all(statement)


def holds_by_default(claim: TermsClaim) -> bool:
    """Whether a claim tells what happens if nobody does anything, and nothing is found: feedback and abuse apart."""
    statement = claim.statement
    return statement.condition is Condition.DEFAULT and _EVENT.search(fold_words(statement.quote)) is None


def held_value(claim: TermsClaim) -> Retention | Training:
    """Return what a claim means for content that nobody deletes: a period after an end is `until_event`."""
    value, words = claim.statement.value, fold_words(claim.statement.trigger or claim.statement.quote)
    is_period = isinstance(value, Retention) and value.kind is RetentionKind.PERIOD
    if is_period and (_OWNER_DELETES.search(words) or _CONTRACT_END.search(words)):
        return Retention(kind=RetentionKind.UNTIL_EVENT)
    return value


def _is_after_all(statement: Statement) -> bool:
    """Whether a statement only says when content goes after the contract or the account has ended."""
    value, words = statement.value, fold_words(statement.quote)
    ends = isinstance(value, Retention) and value.kind in {RetentionKind.PERIOD, RetentionKind.UNTIL_EVENT}
    is_end = _CONTRACT_END.search(fold_words(statement.trigger or statement.quote)) is not None
    return ends and is_end and _KEEPING.search(words) is None and _OWNER_DELETES.search(words) is None


def find_rung(claim: TermsClaim, tier: Tier) -> tuple[int, int] | None:
    """Return how far down the ladder of a tier a claim stands, or None where it does not speak for the tier.

    What becomes of conversations that a consumer deletes in the application is told of a history that an API has not.
    """
    ladder, service = _LADDERS[tier], _service_of(claim)
    words = fold_words(claim.statement.quote)
    if service is Service.BUSINESS and tier is Tier.DEFAULT and groups()["service_api"].search(words):
        service = Service.API  # said of business plans and of the API in one breath
    if service not in ladder or (service is Service.CONSUMER and _OWNER_DELETES.search(words)):
        return None
    return ladder.index(service), _weight(claim.terms_type) if service is Service.UNSPECIFIED else 0


def _service_of(claim: TermsClaim) -> Service:
    """Return the service that a claim is about; one that only a page of another kind tells is none."""
    service = claim.statement.service
    if service not in _UNLIKELY.get(claim.terms_type, ()):
        return service
    words = fold(f"{find_heading(claim.statement)} | {claim.statement.quote}")
    return service if groups()[f"service_{service.value}"].search(words) else Service.UNSPECIFIED


def _weight(terms_type: TermsType | None) -> int:
    if terms_type in FOR_DEVELOPERS:
        return 0
    return 2 if terms_type is TermsType.PRIVACY_POLICY else 1


def _deciding(claims: Iterable[TermsClaim], topic: Topic, tier: Tier) -> list[TermsClaim]:
    """Return the claims on the first rung that says anything on a topic."""
    on_topic = [claim for claim in claims if claim.statement.topic is topic]
    rungs = {id(claim): rung for claim in on_topic if (rung := find_rung(claim, tier)) is not None}
    first = min(rungs.values(), default=None)
    return [claim for claim in on_topic if rungs.get(id(claim)) == first and first is not None]


def _find_option(claims: Iterable[TermsClaim], tier: Tier) -> tuple[ZdrAvailability, TermsClaim | None]:
    """Return how zero retention can be had: the first rung that offers it decides.

    On that rung a statement that names an approval outweighs one that names a setting, because the setting may be a
    part of what has to be approved; a statement that names neither counts as on request where it stands alone.
    """
    options = [
        claim
        for claim in claims
        if claim.statement.condition is Condition.OPTION
        and claim.statement.service is not Service.CONSUMER
        and claim.statement.value == Retention(kind=RetentionKind.NONE)
    ]
    deciding = sorted(_deciding(options, Topic.RETENTION, tier), key=lambda claim: claim.claim_id)
    asked = [claim for claim in deciding if _REQUEST.search(fold_words(claim.statement.quote))]
    if asked:
        return ZdrAvailability.ON_REQUEST, asked[0]
    switched = [claim for claim in deciding if _SETTING.search(fold_words(claim.statement.quote))]
    if switched:
        return ZdrAvailability.SELF_SERVE, switched[0]
    return (ZdrAvailability.ON_REQUEST, deciding[0]) if deciding else (ZdrAvailability.NONE_STATED, None)


def _retention(claim: TermsClaim) -> Retention:
    value = held_value(claim)
    if not isinstance(value, Retention):
        raise TypeError(f"claim {claim.claim_id} on retention holds {value!r}")
    return value


def _training(claim: TermsClaim) -> Training:
    value = claim.statement.value
    if not isinstance(value, Training):
        raise TypeError(f"claim {claim.claim_id} on training holds {value!r}")
    return value


def _is_unknown(value: Retention | Training) -> bool:
    return value is Training.UNKNOWN or (isinstance(value, Retention) and value.kind is RetentionKind.UNKNOWN)


def _facts(policy: ProviderPolicy) -> tuple[object, ...]:
    return (policy.retention, policy.training, policy.zdr_available)
