"""All looks at all sources, each source's in the order in which they were, and which of them count. Pure."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Self

from pipeline.catalog.flapping import settle
from pipeline.model import Moment, Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """The looks at each source in order; `settled` are those of them that count, `flapping` since when sources flap.

    A fetch is known by its place in the log, which only grows, and a capture that was obtained elsewhere by its date.
    The moments of a source's looks never go back: what a clock that was wrong says gives way to the looks around it.
    """

    by_source: Mapping[str, tuple[Observation, ...]]
    settled: Mapping[str, tuple[Observation, ...]]
    flapping: Mapping[str, datetime]

    @classmethod
    def of(
        cls,
        observations: Iterable[Observation],
        until: datetime | None = None,
        *namings: Mapping[str, Mapping[str, str]],
    ) -> Self:
        """Return the looks, given in the order of the log, as they are, or as they were at a moment.

        Each of `namings` names, for sources of prose, the captures that count as one in some respect.
        """
        given: defaultdict[str, list[Observation]] = defaultdict(list)
        for look in observations:
            given[look.source_id].append(look)
        in_order = ((source_id, _in_order(looks)) for source_id, looks in sorted(given.items()))
        by_source = {
            source_id: tuple(look for look in looks if until is None or look.moment.at <= until)
            for source_id, looks in in_order
        }
        found = {
            source_id: settle(looks, *(names.get(source_id) for names in namings))
            for source_id, looks in by_source.items()
        }
        return cls(
            by_source=by_source,
            settled={source_id: settled for source_id, (settled, _) in found.items()},
            flapping={source_id: since.moment.at for source_id, (_, since) in found.items() if since is not None},
        )


def find_bringers(observations: Iterable[Observation]) -> dict[tuple[str, str], Observation]:
    """Return the first good look at each capture of each source, in the order of the log, by source and capture.

    A capture is read as this look found it, by its `content_type` and `is_partial`: as the log only grows, a further
    look at the same bytes never makes another reading of them.
    """
    found: dict[tuple[str, str], Observation] = {}
    for look in observations:
        if look.is_good and look.capture_id is not None:
            found.setdefault((look.source_id, look.capture_id), look)
    return found


def _in_order(looks: list[Observation]) -> list[Observation]:
    """Return the looks at one source in the order in which they were."""
    fetched = iter(_reckoned([look for look in looks if look.origin == "fetch"]))
    # Sorting keeps the order of what is of one moment, and thereby that of the log.
    return sorted((next(fetched) if look.origin == "fetch" else look for look in looks), key=lambda one: one.moment.at)


def _reckoned(fetched: list[Observation]) -> list[Observation]:
    """Return the fetches at one source, given as they followed each other, with moments that follow each other too.

    Most looks are right about the time: the longest row of moments that never goes back is believed. A look beside it
    counts as of the next one that is believed, which is when it had certainly been made, or the last, if none is next.
    """
    moments = [look.moment.at for look in fetched]
    if all(before <= after for before, after in pairwise(moments)):
        return fetched
    believed = _longest_rise(moments)
    reckoned, at = list(fetched), moments[max(believed)]
    for index in reversed(range(len(fetched))):
        if index in believed:
            at = moments[index]
        else:
            reckoned[index] = replace(fetched[index], moment=Moment.instant(at))
    return reckoned


def _longest_rise(moments: list[datetime]) -> set[int]:
    """Return the places of the longest row that never goes back; of several, of one that ends earliest."""
    ends: list[datetime] = []  # the earliest end of a row of each length, and where in the list it stands
    places: list[int] = []
    before: list[int | None] = []
    for place, moment in enumerate(moments):
        length = bisect_right(ends, moment)
        before.append(places[length - 1] if length else None)
        ends[length : length + 1], places[length : length + 1] = [moment], [place]
    row: set[int] = set()
    last: int | None = places[-1]
    while last is not None:
        row.add(last)
        last = before[last]
    return row
