"""Timelines to half-open intervals: policies over time, and every other attribute over time. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar

from pipeline.catalog.spans import Evidence, Presence, Span, Timelines
from pipeline.model import POLICY_TOPICS, Cause, Retention, RetentionKind, Topic, Training


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One policy of one offering while it is listed: `valid_from` belongs to it, `valid_to` does not."""

    offering_id: str
    valid_from: datetime
    valid_to: datetime | None
    retention: Retention
    training: Training
    retention_evidence: Evidence | None
    training_evidence: Evidence | None
    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeInterval:
    """One value of one attribute of one offering, half-open."""

    offering_id: str
    topic: Topic
    span: Span
    valid_to: datetime | None


class _Dated(Protocol):
    @property
    def valid_from(self) -> datetime: ...


_D = TypeVar("_D", bound=_Dated)


def iter_policy_history(lines: Timelines) -> Iterator[Interval]:
    """Yield the policy intervals of all offerings, sorted by offering and start; they never overlap."""
    for offering_id in sorted(lines.offerings):
        retention, training = (lines.spans.get((offering_id, topic), []) for topic in POLICY_TOPICS)
        yield from _intervals(offering_id, lines.presences.get(offering_id, []), retention, training)


def iter_attribute_history(lines: Timelines) -> Iterator[AttributeInterval]:
    """Yield the intervals of every topic that is not a policy, sorted by offering, topic and start."""
    for (offering_id, topic), spans in sorted(lines.spans.items()):
        if topic in POLICY_TOPICS or offering_id not in lines.offerings:
            continue
        for index, span in enumerate(spans):
            valid_to = spans[index + 1].valid_from if index + 1 < len(spans) else None
            yield AttributeInterval(offering_id=offering_id, topic=topic, span=span, valid_to=valid_to)


def _intervals(
    offering_id: str, presences: Sequence[Presence], retention: Sequence[Span], training: Sequence[Span]
) -> Iterator[Interval]:
    starts = sorted({dated.valid_from for line in (presences, retention, training) for dated in line})
    open_one: Interval | None = None
    for start in starts:
        presence = _at(presences, start)
        is_listed = presence is not None and presence.is_listed
        fresh = _interval(offering_id, start, presence, _at(retention, start), _at(training, start))
        if open_one is not None and is_listed and _same(open_one, fresh):
            continue
        if open_one is not None:
            yield replace(open_one, valid_to=start)
        open_one = fresh if is_listed else None
    if open_one is not None:
        yield open_one


def _at(line: Sequence[_D], moment: datetime) -> _D | None:
    return next((dated for dated in reversed(line) if dated.valid_from <= moment), None)


def _interval(
    offering_id: str, start: datetime, presence: Presence | None, retention: Span | None, training: Span | None
) -> Interval:
    causes = [dated.cause for dated in (presence, retention, training) if dated and dated.valid_from == start]
    told = [cause for cause in causes if cause is not Cause.FIRST_OBSERVATION]
    value, use = retention.value if retention else None, training.value if training else None
    return Interval(
        offering_id=offering_id,
        valid_from=start,
        valid_to=None,
        retention=value if isinstance(value, Retention) else Retention(kind=RetentionKind.UNKNOWN),
        training=use if isinstance(use, Training) else Training.UNKNOWN,
        retention_evidence=retention.first if retention else None,
        training_evidence=training.first if training else None,
        # A real change is never hidden behind a change of another kind at the same moment.
        cause=Cause.SOURCE_CHANGE if Cause.SOURCE_CHANGE in told else (*told, Cause.FIRST_OBSERVATION)[0],
    )


def _same(one: Interval, other: Interval) -> bool:
    return (one.retention, one.training) == (other.retention, other.training)
