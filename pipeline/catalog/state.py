"""How each source stands: what was seen last, what is in force, and why. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.catalog.flapping import settle
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


def find_statuses(
    sources: Iterable[Source], observations: Iterable[Observation], readings: Readings
) -> tuple[SourceStatus, ...]:
    """Return how every source stands, in the order given."""
    observations = tuple(observations)
    settled, flapping = settle(observations)
    held = {id(look) for look in settled}
    by_source: dict[str, list[Observation]] = {}
    for observation in sorted(observations, key=lambda one: one.moment.at):
        by_source.setdefault(observation.source_id, []).append(observation)
    return tuple(
        _status(source, by_source.get(source.id, []), held, readings, is_flapping=source.id in flapping)
        for source in sources
    )


def _status(
    source: Source, looks: list[Observation], held: set[int], readings: Readings, *, is_flapping: bool
) -> SourceStatus:
    last = looks[-1] if looks else None
    readable = [look for look in looks if find_reading(look, readings) is not None]
    good = next((look for look in reversed(readable) if not look.is_partial and id(look) in held), None)
    state, detail = _state(source, last, readings)
    if state is SourceState.OK and is_flapping:
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
