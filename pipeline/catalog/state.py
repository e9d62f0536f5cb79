"""How each source stands: what was seen last, what is in force, and why. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.catalog.looks import Looks
from pipeline.declarations import Source
from pipeline.model import Observation, Reading, SourceState

# What became of one capture of one source: its reading, or why there is none.
Readings = Mapping[tuple[str, str], Reading | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """One source and how it stands; `good` is the observation whose capture is in force."""

    source: Source
    state: SourceState
    detail: str | None
    last: Observation | None
    good: Observation | None
    capture_count: int
    reading: Reading | None

    def is_stale(self, now: datetime) -> bool:
        """Whether the last good look is older than the source declares to be bearable, or there was none."""
        if self.good is None:
            return True
        return now - self.good.moment.at > timedelta(days=self.source.stale_after_days)


def find_statuses(sources: Iterable[Source], looks: Looks, readings: Readings) -> tuple[SourceStatus, ...]:
    """Return how every source stands, in the order given."""
    return tuple(_status(source, looks, readings) for source in sources)


def _status(source: Source, looks: Looks, readings: Readings) -> SourceStatus:
    mine = looks.by_source.get(source.id, ())
    last = mine[-1] if mine else None
    readable = [look for look in mine if find_reading(look, readings) is not None]
    good = _find_good(looks.settled.get(source.id, ()), readings)
    state, detail = _state(source, last, readings)
    if state is SourceState.OK and source.id in looks.flapping:
        state, detail = SourceState.FLAPPING, "its captures take turns; what held before them is held"
    elif state is SourceState.OK and good is not None:
        detail = _find_return(readable, good)
    return SourceStatus(
        source=source,
        state=state,
        detail=detail,
        last=last,
        good=good,
        capture_count=len({look.capture_id for look in readable}),
        reading=find_reading(good, readings) if good else None,
    )


def _find_good(settled: Sequence[Observation], readings: Readings) -> Observation | None:
    """Return the newest look that left a whole and readable capture in force, or None."""
    whole = (look for look in reversed(settled) if not look.is_partial)
    return next((look for look in whole if find_reading(look, readings) is not None), None)


def _find_return(readable: list[Observation], good: Observation) -> str | None:
    """Return a remark where the capture in force is an old one that came back after another."""
    whole = [look for look in readable if not look.is_partial]
    turns = [look for index, look in enumerate(whole) if not index or look.capture_id != whole[index - 1].capture_id]
    earlier = [look for look in turns[:-1] if look.capture_id == good.capture_id]
    if not earlier or turns[-1].capture_id != good.capture_id:
        return None
    return f"shows again what it showed on {earlier[-1].moment.at:%Y-%m-%d}"


def find_reading(look: Observation, readings: Readings) -> Reading | None:
    """Return the reading of the capture that a look left in force, or None where there is none."""
    if not look.is_good or look.capture_id is None:
        return None
    reading = readings.get((look.source_id, look.capture_id))
    return reading if isinstance(reading, Reading) else None


def _state(source: Source, last: Observation | None, readings: Readings) -> tuple[SourceState, str | None]:
    if not source.is_enabled:
        return SourceState.DISABLED, None
    if last is None:
        return SourceState.NEVER_SEEN, None
    if not last.is_good:
        return SourceState.FAILING, f"{last.outcome}: {last.detail or last.status or ''}".rstrip(": ")
    reading = readings.get((source.id, last.capture_id or ""), "its capture was not read")
    return (SourceState.UNREADABLE, reading) if isinstance(reading, str) else (SourceState.OK, None)
