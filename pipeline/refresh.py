"""The order of the stages: fetch, archive, read, validate, reconcile, publish. Nothing else."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.catalog.current import CURRENT, current_build_key
from pipeline.catalog.inputs import build_key
from pipeline.catalog.looks import Looks, find_bringers
from pipeline.catalog.page_states import find_states
from pipeline.catalog.state import Readings, SourceStatus, find_reading, find_statuses
from pipeline.collect.archive import capture_id
from pipeline.collect.guard import Expected, find_doubt
from pipeline.declarations import Source
from pipeline.errors import ArchiveError, CatalogError, ParseError
from pipeline.model import Observation, Reading
from pipeline.normalize.identity import Identities
from pipeline.reading import read_capture, reader_fingerprint
from pipeline.workplace import Workplace

if TYPE_CHECKING:
    from pipeline.collect.answer import Look
    from pipeline.collect.fetch import Fetcher

_log = logging.getLogger(__name__)

Told = Callable[[str], None]
"""Hears what the work is at, one short line at a time."""


def _silent(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """What a run did: how every source stands, what this run's looks brought, and whether a build was published."""

    statuses: tuple[SourceStatus, ...]
    looks: Mapping[str, Observation]
    captures_before: frozenset[str | None]
    problems: tuple[str, ...]
    catalog: Path
    as_of: datetime
    is_new_build: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a refresh goes about it: `is_forced` asks fresh sources too, `workers` is how many hosts at once."""

    is_forced: bool = False
    workers: int = 64


def refresh(work: Workplace, fetcher: "Fetcher", told: Told = _silent, manner: Manner | None = None) -> Outcomes:
    """Fetch every enabled source that is not fresh, archive what came, and build.

    A source that fails, or whose answer is not believed, keeps its last good capture. What came is kept also where the
    run is interrupted.
    """
    manner = manner or Manner()
    observations, _ = survey(work)
    before = frozenset(look.capture_id for look in observations)
    try:
        looks = _fetch(work, fetcher, work.declarations.gateway_sources, told, manner)
        survey(work)  # A gateway may have linked pages that were not known before.
        looks |= _fetch(work, fetcher, work.declarations.page_sources, told, manner)
    finally:
        work.archive.write_robots(fetcher.robots.values())
    return replace(build(work, told), looks=looks, captures_before=before)


def _fetch(
    work: Workplace, fetcher: "Fetcher", sources: Iterable[Source], told: Told, manner: Manner
) -> dict[str, Observation]:
    """Look at every source that is due, archive what came, and return the looks by source.

    Sources that are sections of one page are looked at once.
    """
    from pipeline.collect.fetch import Page  # noqa: PLC0415 - what needs no network does not pay for it
    from pipeline.collect.schedule import fetch_all  # noqa: PLC0415

    statuses = find_statuses(sources, _looks(work.observations(), work.readings), work.readings)
    known = {status.source.id: status.good for status in statuses if status.good is not None}
    now = fetcher.now()
    sharing: dict[str, list[Source]] = {}
    for one in sources:
        if one.is_enabled and (manner.is_forced or not is_fresh(one, known.get(one.id), now)):
            sharing.setdefault(one.page_url, []).append(one)
    by_first = {shared[0].id: shared for shared in sharing.values()}
    pages = (Page.of(shared[0]) for shared in sharing.values())
    looks: dict[str, Observation] = {}
    for look in fetch_all(pages, known, fetcher, workers=manner.workers):
        for source in by_first[look.observation.source_id]:
            own = replace(look, observation=replace(look.observation, source_id=source.id))
            seen = _doubted(work, source, own, known.get(source.id))
            told(f"looked at {source.id}: {seen.outcome}")
            looks[source.id] = _keep(work, seen, look.body)
    return looks


def is_fresh(source: Source, good: Observation | None, now: datetime) -> bool:
    """Whether a source need not be asked: its server, or its declaration, says that the last good look still holds.

    A page is not asked after the day until which it is declared to be valid.
    """
    if source.valid_until is not None and now.date() > source.valid_until:
        return True
    if good is None or good.origin != "fetch":
        return False
    for_seconds = max(good.fresh_seconds or 0, source.check_every_hours * 3600)
    return timedelta(0) <= now - good.moment.at < timedelta(seconds=for_seconds)


def _doubted(work: Workplace, source: Source, look: "Look", good: Observation | None) -> Observation:
    """Return the observation, marked where the answer is not believed to be the page that was asked for."""
    seen = look.observation
    if look.body is None or (good is not None and good.capture_id == capture_id(look.body)):
        return seen
    try:
        before = work.read_body(good.capture_id) if good is not None and good.capture_id else None
    except ArchiveError:
        before = None  # nothing to compare with; the refresh brings it again
    expected = Expected(
        content_types=source.content_types,
        language=source.language,
        min_share=source.min_share,
        anchors=source.anchors,
        good=before,
    )
    doubt = find_doubt(look.body, expected)
    return seen if doubt is None else replace(seen, outcome=doubt.outcome, detail=doubt.detail)


def add_capture(work: Workplace, observation: Observation, body: bytes) -> Observation:
    """Archive a capture that was obtained elsewhere; return the observation as logged."""
    return _keep(work, replace(observation, size_bytes=len(body)), body)


def _keep(work: Workplace, observation: Observation, body: bytes | None) -> Observation:
    if body is not None:
        key = work.archive.write_capture(body)
        observation = replace(observation, capture_id=key)
        if isinstance(work.readings.get((observation.source_id, key)), str):
            del work.readings[observation.source_id, key]  # A capture that was damaged or missing is whole again.
    work.archive.append(observation)
    return observation


def build(work: Workplace, told: Told = _silent) -> Outcomes:
    """Build the catalog from the archive alone and publish it, unless the published one was made of the same.

    Raise DeclarationError where a broken declaration would take facts away, CatalogError where no source ever left a
    readable capture, and ContractError where a table breaks its contract; the published catalog then stays as it was.
    """
    work.check_declarations()
    observations, readings = survey(work, told)
    looks = _looks(observations, readings)
    statuses = find_statuses(work.declarations.sources, looks, readings)
    seen = chain.from_iterable(looks.by_source.values())
    good = [look.moment.at for look in seen if find_reading(look, readings) is not None]
    if not good:
        raise CatalogError(f"nothing to publish: {_why_nothing(statuses)}; import a capture, or refresh again later")
    fingerprint = reader_fingerprint(work.declarations.fingerprint)
    key = build_key(fingerprint, work.sources, looks)
    is_new_build = current_build_key(work.catalog_dir) != key
    if is_new_build:
        from pipeline.building import publish_catalog  # noqa: PLC0415 - an unchanged archive needs no pandas

        told("building the catalog")
        publish_catalog(work, looks, readings, fingerprint=fingerprint, key=key, as_of=max(good))
    return Outcomes(
        statuses=statuses,
        looks={},
        captures_before=frozenset(),
        problems=(*work.declarations.problems, *work.link_problems),
        catalog=work.catalog_dir / CURRENT,
        as_of=max(good),
        is_new_build=is_new_build,
    )


def find_status(work: Workplace, until: datetime | None = None) -> tuple[SourceStatus, ...]:
    """Return how every source stands by the archive as it is, or as it was at a moment."""
    observations, readings = survey(work)
    return find_statuses(work.declarations.sources, _looks(observations, readings, until), readings)


def _looks(observations: Iterable[Observation], readings: Readings, until: datetime | None = None) -> Looks:
    observations = tuple(observations)
    return Looks.of(observations, until, find_states(readings, find_bringers(observations)))


def survey(work: Workplace, told: Told = _silent) -> tuple[tuple[Observation, ...], Readings]:
    """Return every look at a known source and the readings of their captures; learn the pages that gateways link."""
    looks = work.observations()
    read_captures(work, looks, work.declarations.gateway_sources, told)
    work.link(looks)
    known = {source.id for source in work.sources}
    observations = tuple(look for look in looks if look.source_id in known)
    return observations, read_captures(work, observations, work.sources, told)


def read_captures(
    work: Workplace, observations: Iterable[Observation], sources: Iterable[Source], told: Told = _silent
) -> Readings:
    """Return the reading of every capture of these sources, or the reason why there is none."""
    by_id = {source.id: source for source in sources if source.is_enabled}
    identities = {
        gateway_id: Identities(work.declarations.providers, gateway_id) for gateway_id in work.declarations.gateway_ids
    }
    readings = work.readings
    for key, look in find_bringers(observations).items():  # what was not believed is kept, and not read
        source = by_id.get(look.source_id)
        if source is not None and key not in readings:
            told(f"reading {source.id} of {look.moment.at:%Y-%m-%d}")
            readings[key] = _read(work, look, source, identities)
    return readings


def _read(work: Workplace, look: Observation, source: Source, identities: Mapping[str, Identities]) -> Reading | str:
    try:
        body = work.read_body(look.capture_id or "")
        return read_capture(body, source, identities, is_partial=look.is_partial, content_type=look.content_type)
    except (ParseError, ArchiveError) as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - one source's failure, even by a fault of ours, touches that source only
        _log.exception("%s: capture %s cannot be read", source.id, look.capture_id)
        return " ".join(f"a fault of the reader: {type(error).__name__}: {error}".split())


def _why_nothing(statuses: tuple[SourceStatus, ...]) -> str:
    told = [f"{status.source.id} {status.detail or status.state}" for status in statuses]
    return "; ".join(told) or "no source is declared"
