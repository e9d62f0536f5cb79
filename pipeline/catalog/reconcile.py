"""Timelines to what holds now: policies, the claims behind them, and where sources disagree. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pipeline.catalog.spans import Evidence, Offering, Span, Timelines
from pipeline.model import POLICY_TOPICS, Basis, Claim, Retention, RetentionKind, Topic, Training, as_text, mint_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What holds now of one offering; for a delisted one, what held last.

    `retention_evidence` and `training_evidence` are None where no source of policies has spoken of it.
    """

    offering: Offering
    retention: Retention
    training: Training
    retention_evidence: Evidence | None
    training_evidence: Evidence | None
    is_listed: bool
    delisted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two current claims on one topic that cannot both hold; `ruling` is the one that the policy follows."""

    offering_id: str
    topic: Topic
    ruling: Evidence
    other: Evidence

    @property
    def conflict_id(self) -> str:
        """The key: who disagrees, on what, and how."""
        sides = [part for one in (self.ruling, self.other) for part in (one.run.source_id, as_text(one.claim.value))]
        return mint_id(self.offering_id, self.topic, *sides)


def reconcile_policies(lines: Timelines) -> tuple[Policy, ...]:
    """Return the policy of every offering, sorted by offering."""
    return tuple(_policy(lines, lines.offerings[key]) for key in sorted(lines.offerings))


def _policy(lines: Timelines, offering: Offering) -> Policy:
    retention, training = (find_span(lines, offering.offering_id, topic) for topic in POLICY_TOPICS)
    presences = lines.presences.get(offering.offering_id, [])
    is_listed = bool(presences) and presences[-1].is_listed
    retention_value = retention.value if retention else None
    training_value = training.value if training else None
    return Policy(
        offering=offering,
        retention=retention_value if isinstance(retention_value, Retention) else Retention(kind=RetentionKind.UNKNOWN),
        training=training_value if isinstance(training_value, Training) else Training.UNKNOWN,
        retention_evidence=retention.last if retention else None,
        training_evidence=training.last if training else None,
        is_listed=is_listed,
        delisted_at=presences[-1].valid_from if presences and not is_listed else None,
    )


def find_span(lines: Timelines, offering_id: str, topic: Topic) -> Span | None:
    """Return the newest span of an offering's topic, or None where nothing was said of it."""
    spans = lines.spans.get((offering_id, topic))
    return spans[-1] if spans else None


def iter_current_claims(lines: Timelines) -> Iterator[tuple[Claim, Evidence, Evidence]]:
    """Yield each claim that a source makes in its newest capture, with its first and its newest evidence."""
    for (source_id, offering_id, _), kept in sorted(lines.claims.items()):
        latest = lines.latest.get(source_id)
        is_current = latest is None or kept[-1].run.first >= latest.first
        if is_current and offering_id in lines.offerings:
            yield kept[-1].claim, kept[0], kept[-1]


def find_conflicts(lines: Timelines) -> tuple[Conflict, ...]:
    """Return the disagreements between current claims of different sources on retention, training and publishing.

    Two claims disagree where their values differ, both were in force at one time, and the weaker one is more than a
    print of the stronger one: a table prints "Does not train" for a feed that leaves it out.
    """
    by_topic: dict[tuple[str, Topic], list[tuple[Evidence, Evidence]]] = {}
    for claim, first, last in iter_current_claims(lines):
        if claim.topic in {*POLICY_TOPICS, Topic.CAN_PUBLISH}:
            by_topic.setdefault((claim.offering_id, claim.topic), []).append((first, last))
    found: list[Conflict] = []
    for (offering_id, topic), sides in sorted(by_topic.items()):
        ruling_span = find_span(lines, offering_id, topic)
        if ruling_span is None:
            continue
        ruling = ruling_span.last
        first_of_ruling = next((first for first, last in sides if last.run is ruling.run), ruling)
        found.extend(
            Conflict(offering_id=offering_id, topic=topic, ruling=ruling, other=last)
            for first, last in sides
            if last.run.source_id != ruling.run.source_id and _disagree((first_of_ruling, ruling), (first, last))
        )
    return tuple(found)


def _disagree(one: tuple[Evidence, Evidence], two: tuple[Evidence, Evidence]) -> bool:
    mine, theirs = one[1].claim, two[1].claim
    is_print = mine.printed is not None and mine.printed == theirs.printed
    # What no rule reads, and a null, say nothing that could be contradicted.
    is_silent = Basis.UNREADABLE in {mine.basis, theirs.basis} or None in {mine.value, theirs.value}
    if mine.value == theirs.value or is_print or is_silent:
        return False
    starts = max(first.run.first.since.date() for first, _ in (one, two))
    ends = min(last.run.last.at.date() for _, last in (one, two))
    return starts <= ends
