"""Claims of all captures to timelines: what held of each offering and topic, from when, on what evidence. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.catalog.spans import CaptureRun, Evidence, Offering, Presence, Span, Timelines
from pipeline.model import POLICY_TOPICS, Basis, Cause, Moment, Reading, Topic, as_text

# The same edit in most rows at once is the gateway reporting differently, not so many providers changing their terms.
# Five is the least number of rows that can be called "most" of anything.
_REPORTING_SHARE = 0.5
_REPORTING_ROWS = 5
_REVERT_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One readable look at one source: who speaks, when, and what it says. Lower `rank` outranks higher.

    `place` is that among the looks at the source, which tells apart those of one moment.
    """

    source_id: str
    rank: int
    moment: Moment
    capture_id: str | None
    reading: Reading
    place: int = 0
    is_partial: bool = False
    is_listing: bool = True  # whether it tells who is listed; a list of endpoints or a provider file does not


def build_timelines(sightings: Iterable[Sighting]) -> Timelines:
    """Return the timelines of one gateway; the order of the sightings does not matter.

    The newest statement holds. Where two sources speak of the same time (their dates, as far as they are known,
    overlap), the one of better rank holds. A weaker source that prints what the standing statement prints anyway adds
    nothing. A later look at an unchanged capture confirms what it says; it does not say it anew.
    """
    builder = _Builder()
    for sighting in sorted(sightings, key=_order):
        builder.add(sighting)
    _set_causes(builder.lines)
    return builder.lines


def _order(sighting: Sighting) -> tuple[object, ...]:
    # Within a day the better rank comes first, so that a weaker source never holds for some hours of that day.
    at = sighting.moment.at
    ties = (sighting.source_id, sighting.place, sighting.capture_id or "", sighting.moment.since, sighting.is_partial)
    return (at.date(), sighting.rank, at, *ties)


class _Builder:
    """The state of one pass over the sightings in order."""

    def __init__(self) -> None:
        self.lines = Timelines()
        self._listed: set[str] = set()
        self._authority: CaptureRun | None = None
        self._has_policies = False

    def add(self, sighting: Sighting) -> None:
        run = self.lines.latest.get(sighting.source_id)
        if run is not None and run.capture_id == sighting.capture_id and not sighting.is_partial:
            run.last = sighting.moment
            self._touch(sighting)
            if run.is_displaced:
                run.is_displaced = False
                self._speak(sighting, run)
            return
        run = CaptureRun(
            source_id=sighting.source_id,
            rank=sighting.rank,
            capture_id=sighting.capture_id,
            first=sighting.moment,
            last=sighting.moment,
        )
        if not sighting.is_partial:
            self.lines.latest[sighting.source_id] = run
        self._touch(sighting)
        self._speak(sighting, run)

    def _speak(self, sighting: Sighting, run: CaptureRun) -> None:
        if sighting.is_listing and sighting.reading.listings:
            self._list(sighting, run)
        for claim in sighting.reading.claims:
            evidence = Evidence(claim=claim, run=run)
            self._record(evidence)
            self._apply(evidence)

    def _touch(self, sighting: Sighting) -> None:
        known_before = sum(listing.offering_id in self.lines.offerings for listing in sighting.reading.listings)
        self.lines.common[sighting.source_id, sighting.moment.at] = known_before
        for listing in sighting.reading.listings:
            known = self.lines.offerings.setdefault(
                listing.offering_id,
                Offering(
                    offering_id=listing.offering_id,
                    provider_id=listing.provider_id,
                    tier=listing.tier,
                    is_new=listing.is_new,
                    first_seen=sighting.moment,
                    last_seen=sighting.moment,
                ),
            )
            known.first_seen = min(known.first_seen, sighting.moment)
            known.last_seen = max(known.last_seen, sighting.moment)
            known.names.update(dict.fromkeys(listing.names))
            known.slugs.update(dict.fromkeys([listing.slug] if listing.slug else []))

    def _list(self, sighting: Sighting, run: CaptureRun) -> None:
        """Take who is listed from a source of policies; from a list of identities only where no such source spoke."""
        speaks_of_policies = any(claim.topic in POLICY_TOPICS for claim in sighting.reading.claims)
        if self._has_policies and not speaks_of_policies:
            return
        is_handover = speaks_of_policies and not self._has_policies
        if self._authority is not None and not is_handover and not _is_newer(run, self._authority):
            return
        if self._authority is not None:
            _displace(self._authority, run)
        present = {listing.offering_id for listing in sighting.reading.listings}
        at, before = sighting.moment.at, None if self._authority is None else self._authority.last.at
        cause = Cause.FIRST_OBSERVATION if before is None or is_handover else Cause.SOURCE_CHANGE
        absent = set() if sighting.is_partial else self._listed - present
        for offering_id, is_listed in [
            *((one, True) for one in sorted(present - self._listed)),
            *((one, False) for one in sorted(absent)),
        ]:
            presence = Presence(valid_from=at, not_before=before, is_listed=is_listed, run=run, cause=cause)
            _put_presence(self.lines.presences[offering_id], presence)
        self._listed = (self._listed | present) - absent
        if not sighting.is_partial:
            self._authority, self._has_policies = run, speaks_of_policies

    def _record(self, evidence: Evidence) -> None:
        """Keep the claim as its own source's newest, joined to the run before where it says the same."""
        claim = evidence.claim
        key = (evidence.run.source_id, claim.offering_id, claim.topic)
        kept = self.lines.claims.get(key)
        if kept is not None and kept[-1].claim.value == claim.value and kept[-1].claim.printed == claim.printed:
            self.lines.claims[key] = [kept[0], evidence]
        else:
            self.lines.claims[key] = [evidence]

    def _apply(self, evidence: Evidence) -> None:
        spans = self.lines.spans[evidence.claim.offering_id, evidence.claim.topic]
        if not spans:
            spans.append(_span(evidence, None))
            return
        standing = spans[-1]
        if not _displaces(evidence, standing.last):
            return
        _displace(standing.last.run, evidence.run)
        if evidence.claim.value == standing.value:
            standing.last = evidence
        elif standing.valid_from >= evidence.run.last.at:
            # Two captures of one moment: the later one in order holds, and there was no time between them.
            spans[-1] = _span(evidence, standing.not_before, standing.valid_from)
            if len(spans) > 1 and spans[-2].value == evidence.claim.value:
                spans.pop()
                spans[-1].last = evidence
        else:
            spans.append(_span(evidence, standing.last.run.last.at))


def _span(evidence: Evidence, not_before: datetime | None, valid_from: datetime | None = None) -> Span:
    return Span(
        valid_from=valid_from or evidence.run.last.at,
        not_before=not_before,
        first=evidence,
        last=evidence,
        cause=Cause.FIRST_OBSERVATION,
    )


def _put_presence(presences: list[Presence], presence: Presence) -> None:
    if presences and presences[-1].valid_from >= presence.valid_from:
        presences.pop()
    was_listed = bool(presences) and presences[-1].is_listed
    if was_listed != presence.is_listed:
        presences.append(presence)


def _displace(standing: CaptureRun, run: CaptureRun) -> None:
    """Note that a run speaks anew when it is seen again, because a weaker source or a part of its own spoke since."""
    is_own = run is not standing and run.source_id == standing.source_id
    standing.is_displaced = standing.is_displaced or run.rank > standing.rank or is_own


def _is_newer(run: CaptureRun, standing: CaptureRun) -> bool:
    """Whether a run's statement is of a later time than the standing one, or of the same and of no weaker rank.

    A weaker run counts from its first look, because a further look at it says nothing anew.
    """
    return run.rank <= standing.rank or run.first.since.date() > standing.last.at.date()


def _displaces(new: Evidence, standing: Evidence) -> bool:
    if not _is_newer(new.run, standing.run):
        return False
    is_weaker = new.run.rank > standing.run.rank
    return not (is_weaker and new.claim.printed is not None and new.claim.printed == standing.claim.printed)


def _set_causes(lines: Timelines) -> None:
    for spans in lines.spans.values():
        for index in range(1, len(spans)):
            spans[index].cause = _cause(spans, index)
    edits: defaultdict[tuple[str, datetime, Topic, str | None], list[Span]] = defaultdict(list)
    for (_, topic), spans in lines.spans.items():
        for after in spans[1:]:
            if after.cause is Cause.SOURCE_CHANGE:
                edits[after.first.run.source_id, after.valid_from, topic, as_text(after.value)].append(after)
    for (source_id, at, *_), same in edits.items():
        if len(same) >= _REPORTING_ROWS and len(same) > _REPORTING_SHARE * lines.common[source_id, at]:
            for span in same:
                span.cause = Cause.REPORTING_CHANGE


def _cause(spans: list[Span], index: int) -> Cause:
    before, after = spans[index - 1], spans[index]
    old, new = before.last.claim, after.first.claim
    if new.basis is Basis.UNREADABLE or (old.basis is Basis.UNREADABLE and _is_read_again(spans, index)):
        return Cause.UNREADABLE
    if before.last.run.source_id != after.first.run.source_id:
        is_print = old.printed is not None and old.printed == new.printed
        # The very capture that spoke before, seen again: its source says nothing else than it did.
        is_repeated = any(after.first.run in {span.first.run, span.last.run} for span in spans[:index])
        if is_print or is_repeated:
            return Cause.OTHER_SOURCE
    is_back = index > 1 and spans[index - 2].value == after.value
    if is_back and after.valid_from - before.valid_from <= _REVERT_WITHIN:
        return Cause.REVERTED
    return Cause.SOURCE_CHANGE


def _is_read_again(spans: list[Span], index: int) -> bool:
    """Whether the value after words that no rule reads is the one before them, or there was none before them."""
    read = [
        span.value for span in spans[:index] if {span.first.claim.basis, span.last.claim.basis} != {Basis.UNREADABLE}
    ]
    return not read or read[-1] == spans[index].value
