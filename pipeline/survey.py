"""What a data folder has seen: every look, what is read in its capture, and how each source stands."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import TypeAlias

from pipeline.catalog.looks import Looks, find_bringers
from pipeline.catalog.page_states import find_sayings, find_states
from pipeline.catalog.state import Readings, SourceStatus, find_statuses
from pipeline.collect.readings import Read
from pipeline.declarations import Source
from pipeline.errors import ArchiveError, DeclarationError, ParseError
from pipeline.model import Observation, Reading
from pipeline.normalize.identity import Identities
from pipeline.reading import read_capture
from pipeline.workplace import Workplace

_log = logging.getLogger(__name__)

Told: TypeAlias = Callable[[str], None]
"""Hears what the work is at, one short line at a time."""


def silent(_: str) -> None:
    """Tell nobody."""


def survey(work: Workplace, told: Told = silent, *, is_kept: bool = True) -> tuple[tuple[Observation, ...], Readings]:
    """Return every look at a known source and the readings of their captures; learn the pages that gateways link.

    `is_kept` keeps what is read anew for the next time.
    """
    looks = work.observations()
    _read_captures(work, looks, work.declarations.gateway_sources, told, is_kept=is_kept)
    work.link(looks)
    observations = work.known(looks)
    _read_captures(work, observations, work.sources, told, is_kept=is_kept)
    return observations, work.readings


def find_source(work: Workplace, source_id: str) -> Source:
    """Return a source, declared or linked by a gateway; raise DeclarationError naming those there are."""
    with suppress(DeclarationError):
        return work.declarations.source(source_id)
    survey(work, is_kept=False)
    return work.declarations.source(source_id)


def _read_captures(
    work: Workplace, observations: Iterable[Observation], sources: Iterable[Source], told: Told, *, is_kept: bool
) -> None:
    """Read every capture of these sources that was not read before."""
    by_id = {source.id: source for source in sources if source.is_enabled}
    identities = work.identities
    for key, look in find_bringers(observations).items():  # what was not believed is kept, and not read
        source = by_id.get(look.source_id)
        if source is not None and key not in work.readings:
            told(f"reading {source.id} of {look.moment.at:%Y-%m-%d}")
            work.readings[key] = read_look(work, look, source, identities, is_kept=is_kept)


def read_look(
    work: Workplace,
    look: Observation,
    source: Source,
    identities: Mapping[str, Identities],
    body: bytes | None = None,
    *,
    is_kept: bool = True,
) -> Read:
    """Return what became of the capture that a look brought, now or when this reader read it before.

    `body` is what the capture holds, where that is at hand.
    """
    key, reader = look.capture_id or "", work.reader_of(source, look)
    read = work.cache.find(source.id, key, reader)
    if read is not None:
        return read
    try:
        body = work.read_body(key) if body is None else body
        read = read_capture(body, source, identities, is_partial=look.is_partial, content_type=look.content_type)
    except ParseError as error:
        read = str(error)
    except ArchiveError as error:
        return str(error)  # not kept, for it may be mended
    except Exception as error:  # noqa: BLE001 - one source's failure, even by a fault of ours, touches that source only
        _log.exception("%s: capture %s cannot be read", source.id, look.capture_id)
        return " ".join(f"a fault of the reader: {type(error).__name__}: {error}".split())
    if is_kept:
        work.cache.write(source.id, key, reader, read)
    return read


def find_standing(
    work: Workplace, sources: Iterable[Source], observations: Iterable[Observation], until: datetime | None = None
) -> tuple[Looks, tuple[SourceStatus, ...]]:
    """Return the looks in order and how sources stand; what is in force, or was seen last, lies in the archive whole.

    That its reading is kept tells nothing of a capture, which may be damaged since; then the one before is in force.
    """
    sources, observations = tuple(sources), tuple(observations)
    bringers = find_bringers(observations)
    while True:
        namings = (find(work.readings, bringers) for find in (find_states, find_sayings))
        looks = Looks.of(observations, until, *namings)
        statuses = find_statuses(sources, looks, work.readings)
        damaged = dict(_find_damaged(work, statuses))
        if not damaged:
            return looks, statuses
        work.readings.update(damaged)


def _find_damaged(work: Workplace, statuses: Iterable[SourceStatus]) -> Iterator[tuple[tuple[str, str], str]]:
    for look in (look for status in statuses for look in (status.good, status.last) if look is not None):
        key = (look.source_id, look.capture_id or "")
        if look.is_good and isinstance(work.readings.get(key), Reading):
            why = work.find_damage(key[1])
            if why is not None:
                yield key, why
