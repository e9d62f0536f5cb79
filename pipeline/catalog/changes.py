"""Timelines to typed changes: what differed, between which two observations, and why. Pure."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.catalog.spans import Presence, Span, Timelines
from pipeline.model import Basis, Cause, ChangeKind, Topic, as_text, mint_id

_KINDS: Mapping[Topic, ChangeKind] = {
    Topic.RETENTION: ChangeKind.RETENTION_CHANGED,
    Topic.TRAINING: ChangeKind.TRAINING_CHANGED,
    Topic.CAN_PUBLISH: ChangeKind.PUBLISHING_CHANGED,
    Topic.REQUIRES_USER_IDS: ChangeKind.USER_IDS_CHANGED,
    Topic.DISPLAY_NAME: ChangeKind.RENAMED,
    Topic.API_NAME: ChangeKind.RENAMED,
    Topic.TERMS_URL: ChangeKind.LINK_CHANGED,
    Topic.PRIVACY_URL: ChangeKind.LINK_CHANGED,
    Topic.DATA_USAGE_URL: ChangeKind.LINK_CHANGED,
    Topic.STATUS_URL: ChangeKind.LINK_CHANGED,
    Topic.HEADQUARTERS: ChangeKind.HEADQUARTERS_CHANGED,
    Topic.DATACENTERS: ChangeKind.DATACENTERS_CHANGED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One typed event. A reporting change speaks of `offering_count` offerings at once and names none."""

    offering_id: str | None
    changed_at: datetime
    not_before_at: datetime | None
    kind: ChangeKind
    topic: Topic | None
    old_value: str | None
    new_value: str | None
    cause: Cause
    source_id: str
    old_capture_id: str | None
    new_capture_id: str | None
    offering_count: int = 1

    @property
    def change_id(self) -> str:
        """The key: the same event has the same one in every build."""
        at = self.changed_at.isoformat()
        values = (self.old_value, self.new_value)
        return mint_id(self.offering_id, at, self.kind, self.topic, self.cause, self.source_id, *values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """One capture that a later reader reads differently: the policies as text, by offering and topic."""

    source_id: str
    capture_id: str
    captured_at: datetime
    before: Mapping[str, Mapping[str, str | None]]
    after: Mapping[str, Mapping[str, str | None]]


def find_changes(lines: Timelines, upgrades: Iterable[Upgrade]) -> tuple[Change, ...]:
    """Return all changes of one gateway, sorted by time, offering and kind; the first statement of a thing is none."""
    found = [
        *_topic_changes(lines),
        *(_presence_change(key, one) for key in lines.offerings for one in lines.presences.get(key, [])),
        *(change for upgrade in upgrades for change in _upgrade_changes(upgrade)),
    ]
    real = [change for change in found if change.cause is not Cause.FIRST_OBSERVATION]
    # Readers that differ to and fro, or in two captures of one day, tell the same event more than once.
    distinct = {change.change_id: change for change in _joined(real)}.values()
    return tuple(sorted(distinct, key=lambda one: (one.changed_at, one.offering_id or "", one.kind, one.change_id)))


def _topic_changes(lines: Timelines) -> Iterator[Change]:
    for (offering_id, topic), spans in lines.spans.items():
        if offering_id in lines.offerings:
            for before, after in itertools.pairwise(spans):
                if before.value is not None or before.last.claim.basis is Basis.UNREADABLE:
                    yield _span_change(offering_id, topic, before, after)


def _span_change(offering_id: str, topic: Topic, before: Span, after: Span) -> Change:
    return Change(
        offering_id=offering_id,
        changed_at=after.valid_from,
        not_before_at=after.not_before,
        kind=_KINDS[topic],
        topic=topic,
        old_value=as_text(before.value),
        new_value=as_text(after.value),
        cause=after.cause,
        source_id=after.first.run.source_id,
        old_capture_id=before.last.run.capture_id,
        new_capture_id=after.first.run.capture_id,
    )


def _presence_change(offering_id: str, presence: Presence) -> Change:
    return Change(
        offering_id=offering_id,
        changed_at=presence.valid_from,
        not_before_at=presence.not_before,
        kind=ChangeKind.LISTED if presence.is_listed else ChangeKind.DELISTED,
        topic=None,
        old_value=None,
        new_value=None,
        cause=presence.cause,
        source_id=presence.run.source_id,
        old_capture_id=None,
        new_capture_id=presence.run.capture_id,
    )


def _upgrade_changes(upgrade: Upgrade) -> Iterator[Change]:
    for offering_id in sorted(set(upgrade.before) & set(upgrade.after)):
        before, after = upgrade.before[offering_id], upgrade.after[offering_id]
        for topic in sorted(set(before) | set(after)):
            if before.get(topic) != after.get(topic):
                yield Change(
                    offering_id=offering_id,
                    changed_at=upgrade.captured_at,
                    not_before_at=None,
                    kind=_KINDS[Topic(topic)],
                    topic=Topic(topic),
                    old_value=before.get(topic),
                    new_value=after.get(topic),
                    cause=Cause.TECHNICAL_UPGRADE,
                    source_id=upgrade.source_id,
                    old_capture_id=upgrade.capture_id,
                    new_capture_id=upgrade.capture_id,
                )


def _joined(changes: list[Change]) -> Iterator[Change]:
    """Join the rows of each reporting change into one."""
    groups: defaultdict[tuple[object, ...], list[Change]] = defaultdict(list)
    for change in changes:
        if change.cause is Cause.REPORTING_CHANGE:
            groups[change.changed_at, change.source_id, change.topic, change.new_value].append(change)
        else:
            yield change
    for same in groups.values():
        olds = sorted({str(change.old_value) for change in same})
        yield replace(
            same[0],
            old_value=same[0].old_value if len(olds) == 1 else " or ".join(olds),
            offering_id=None,
            kind=ChangeKind.REPORTING_CHANGE,
            old_capture_id=None,
            offering_count=len(same),
        )
