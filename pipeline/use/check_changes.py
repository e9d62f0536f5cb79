"""Which change brought an offering to where it fails a requirement: its date, and the words before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from pipeline.catalog.decide import decide
from pipeline.catalog.reader import Catalog
from pipeline.catalog.reasons import StoredFor, read_retention, read_training, retention_as_text
from pipeline.catalog.records import ChangeRecord, OfferingTerms, PolicyInterval
from pipeline.catalog.requirement import Check, PolicyBasis, Requirement
from pipeline.errors import NotFoundError
from pipeline.model import Agreement, Cause, ChangeKind, Topic
from pipeline.use.change_text import in_short

_CLAIMS = (ChangeKind.CLAIM_APPEARED, ChangeKind.CLAIM_CHANGED, ChangeKind.CLAIM_REMOVED)
_KINDS: Final[Mapping[Check, tuple[ChangeKind, ...]]] = {
    Check.LISTED: (ChangeKind.DELISTED,),
    Check.RETENTION: _CLAIMS,
    Check.RETENTION_CONFLICT: (ChangeKind.RETENTION_CHANGED, *_CLAIMS),
    Check.TRAINING: _CLAIMS,
    Check.TRAINING_CONFLICT: (ChangeKind.TRAINING_CHANGED, *_CLAIMS),
    Check.PUBLISHING: (ChangeKind.PUBLISHING_CHANGED,),
    Check.HEADQUARTERS: (ChangeKind.HEADQUARTERS_CHANGED,),
    Check.DATACENTERS: (ChangeKind.DATACENTERS_CHANGED,),
    Check.TERMS_URL: (ChangeKind.LINK_CHANGED,),
}
TOPICS: Final[Mapping[Check, str]] = {
    Check.RETENTION: "retention",
    Check.RETENTION_CONFLICT: "retention",
    Check.TRAINING: "training",
    Check.TRAINING_CONFLICT: "training",
    Check.TERMS_URL: "terms_url",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The change after which a requirement was not met any more, with the source's words before and after it."""

    changed_at: datetime
    kind: str
    topic: str | None
    old_value: str | None
    new_value: str | None
    old_quote: str | None
    new_quote: str | None
    source_id: str | None

    @property
    def text(self) -> str:
        """The change as a sentence."""
        return f"{in_short(self.kind, self.topic, self.old_value, self.new_value)} on {self.changed_at:%Y-%m-%d}"


def find_turn(
    catalog: Catalog, one: OfferingTerms, check: Check, requirement: Requirement, as_of: date | None
) -> Turn | None:
    """Return the change that led to a failed check: the newest before which it was met, as the catalog was then.

    None where it failed from the first look on, or no change tells.
    """
    if check in {Check.RETENTION, Check.TRAINING} and _rests_on_gateway(one, check, requirement):
        return _turn_of_policy(catalog.history(one.offering_id, as_of), one, check, requirement)
    topic = TOPICS.get(check)
    for change in catalog.changes(until=as_of):
        is_here = (change.gateway_id, change.offering_id) == one.key
        is_of_kind = change.change_kind in _KINDS.get(check, ()) and topic in {None, change.topic}
        if is_here and is_of_kind and _was_met(catalog, one, check, requirement, change.changed_at):
            return _turn_of_change(change)
    return None


def _was_met(catalog: Catalog, one: OfferingTerms, check: Check, requirement: Requirement, until: datetime) -> bool:
    """Whether an offering passed a check just before a moment."""
    try:
        known = catalog.index(until - timedelta(microseconds=1)).offerings
    except NotFoundError:
        return False
    then = [each for each in known if each.key == one.key]
    return any(_meets(each, requirement, check) for each in then)


def _meets(one: OfferingTerms, requirement: Requirement, check: Check) -> bool:
    asked = requirement.without("max_age_days")  # how old the words are says nothing of the policy
    return not any(check is reason.check for refused in decide([one], asked).refused for reason in refused.reasons)


def _rests_on_gateway(one: OfferingTerms, check: Check, requirement: Requirement) -> bool:
    if check is Check.TRAINING:
        return read_training(one, requirement.reading) is one.training
    return read_retention(one, requirement.reading) == read_retention(one, PolicyBasis.GATEWAY)


def _turn_of_policy(
    history: Sequence[PolicyInterval], one: OfferingTerms, check: Check, requirement: Requirement
) -> Turn | None:
    """Return the start of the newest run of intervals that all fail, if an interval that passes stands before it."""
    mine = [part for part in history if (part.gateway_id, part.offering_id) == one.key]
    for before, after in reversed(tuple(pairwise(mine))):
        if _meets(_replace_policy(one, before), requirement, check) and after.cause != Cause.FIRST_OBSERVATION:
            return _turn_between(before, after, check)
    return None


def _replace_policy(one: OfferingTerms, part: PolicyInterval) -> OfferingTerms:
    """Return an offering with the gateway's policy of an interval."""
    return replace(
        one,
        retention_kind=part.retention_kind,
        retention_days=part.retention_days,
        training=part.training,
        strictest_retention_kind=part.retention_kind,
        strictest_retention_days=part.retention_days,
        strictest_retention_bound=part.retention_bound,
        strictest_training=part.training,
        agreement=Agreement.GATEWAY_ONLY,
    )


def _turn_between(before: PolicyInterval, after: PolicyInterval, check: Check) -> Turn:
    if check is Check.TRAINING:
        return Turn(
            changed_at=after.valid_from,
            kind=ChangeKind.TRAINING_CHANGED,
            topic=Topic.TRAINING,
            old_value=before.training,
            new_value=after.training,
            old_quote=before.training_text,
            new_quote=after.training_text,
            source_id=after.training_source_id,
        )
    return Turn(
        changed_at=after.valid_from,
        kind=ChangeKind.RETENTION_CHANGED,
        topic=Topic.RETENTION,
        old_value=_as_text(before),
        new_value=_as_text(after),
        old_quote=before.retention_text,
        new_quote=after.retention_text,
        source_id=after.retention_source_id,
    )


def _as_text(part: PolicyInterval) -> str:
    return retention_as_text(StoredFor(part.retention_kind, part.retention_days))


def _turn_of_change(change: ChangeRecord) -> Turn:
    return Turn(
        changed_at=change.changed_at,
        kind=change.change_kind,
        topic=change.topic,
        old_value=change.old_value,
        new_value=change.new_value,
        old_quote=change.old_quote,
        new_quote=change.new_quote,
        source_id=change.source_id,
    )
