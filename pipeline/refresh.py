"""The order of the stages: fetch, archive, read, validate, reconcile, publish. Nothing else."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.catalog.current import CURRENT, current_build_key
from pipeline.catalog.inputs import build_key
from pipeline.catalog.looks import find_bringers
from pipeline.catalog.seen import find_lost_looks, write_seen
from pipeline.catalog.state import SourceStatus, find_reading
from pipeline.collect.archive import capture_id
from pipeline.collect.guard import judge
from pipeline.declarations import Source
from pipeline.errors import ArchiveError, CatalogError
from pipeline.model import Observation, SourceState
from pipeline.survey import Told, find_standing, read_look, silent, survey
from pipeline.workplace import Workplace, is_of

if TYPE_CHECKING:
    from pipeline.collect.answer import Look
    from pipeline.collect.fetch import Fetcher


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


def refresh(work: Workplace, fetcher: "Fetcher", told: Told = silent, manner: Manner | None = None) -> Outcomes:
    """Fetch every enabled source that is not fresh, archive what came, and build.

    A source that fails, or whose answer is not believed, keeps its last good capture. What came is kept also where the
    run is interrupted.
    """
    manner = manner or Manner()
    _check_log(work)
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

    Sources that are sections or parts of one page, and are asked for in the same way, are looked at once.
    """
    from pipeline.collect.fetch import Page  # noqa: PLC0415 - what needs no network does not pay for it
    from pipeline.collect.schedule import fetch_all  # noqa: PLC0415

    observations = work.known(work.observations())
    bringers = find_bringers(observations)
    _, statuses = find_standing(work, sources, observations)
    known = {status.source.id: status.good for status in statuses if status.good is not None}
    now = fetcher.now()
    sharing: dict[object, list[Source]] = {}
    for status in statuses:
        source = status.source
        if source.is_valid_on(now.date()) and (manner.is_forced or _is_due(status, now)):
            asked = (source.page_url, source.redirect_hosts, source.ports, source.max_bytes, source.content_types)
            sharing.setdefault(asked, []).append(source)
    by_first = {shared[0].id: shared for shared in sharing.values()}
    pages = (Page.of(shared[0]) for shared in sharing.values())
    identities = work.identities
    looks: dict[str, Observation] = {}
    keep = work.archive.write_capture
    with work.archive.appending() as append:
        for look in fetch_all(pages, known, fetcher, workers=manner.workers, keep=keep):
            if fetcher.is_stopped and look.body is None:
                raise KeyboardInterrupt  # what came before it is kept
            for source in by_first[look.observation.source_id]:
                own = replace(look, observation=replace(look.observation, source_id=source.id))
                seen = _doubted(work, source, own, known.get(source.id))
                told(f"looked at {source.id}: {seen.outcome}")
                looks[source.id] = seen = _keep(work, seen, look.body, append)
                key = (source.id, seen.capture_id or "")
                if seen.is_good and key not in work.readings and not fetcher.is_stopped:
                    with fetcher.aside():  # read while others are waited for
                        work.readings[key] = read_look(work, bringers.get(key, seen), source, identities, look.body)
    if fetcher.is_stopped:
        raise KeyboardInterrupt
    return looks


def _is_due(status: SourceStatus, now: datetime) -> bool:
    """Whether a source is to be asked.

    It is not while its server, or its declaration, says that the last good look still holds; after a look that failed
    it is, unless the server asked to be left alone for longer, and where the last capture is damaged or unreadable.
    """
    source, last, good = status.source, status.last, status.good
    if last is not None and not last.is_good:
        return not _holds(last, last.fresh_seconds or 0, now)
    if good is None or status.state is SourceState.UNREADABLE:
        return True
    return not _holds(good, max(good.fresh_seconds or 0, source.check_every_hours * 3600), now)


def _holds(look: Observation, seconds: int, now: datetime) -> bool:
    return look.origin == "fetch" and timedelta(0) <= now - look.moment.at < timedelta(seconds=seconds)


def _doubted(work: Workplace, source: Source, look: "Look", good: Observation | None) -> Observation:
    """Return the observation, marked where the answer is not believed to be the page that was asked for.

    A page whose address is another now may be shorter: it is not held against what its former address brought.
    """
    seen = look.observation
    if good is not None and source.gateway_id is None and not is_of(good, frozenset({source.page_url})):
        good = None
    if look.body is None or (good is not None and good.capture_id == capture_id(look.body)):
        return seen
    try:
        before = work.read_body(good.capture_id) if good is not None and good.capture_id else None
    except ArchiveError:
        before = None  # nothing to compare with; the refresh brings it again
    doubt = judge(seen, look.body, source, good, before)
    return seen if doubt is None else replace(seen, outcome=doubt.outcome, detail=doubt.detail, fresh_seconds=None)


def add_capture(work: Workplace, observation: Observation, body: bytes) -> Observation:
    """Archive a capture that was obtained elsewhere; return the observation as logged."""
    return _keep(work, replace(observation, size_bytes=len(body)), body, work.archive.append)


def _keep(
    work: Workplace, observation: Observation, body: bytes | None, append: Callable[[Observation], None]
) -> Observation:
    if body is not None:
        key = work.archive.write_capture(body)
        work.whole.add(key)
        observation = replace(observation, capture_id=key)
        if isinstance(work.readings.get((observation.source_id, key)), str):
            del work.readings[observation.source_id, key]  # A capture that was damaged or missing is whole again.
    append(observation)
    return observation


def build(work: Workplace, told: Told = silent) -> Outcomes:
    """Build the catalog from the archive alone and publish it, unless the published one was made of the same.

    Raise DeclarationError where a broken declaration would take facts away, CatalogError where no source ever left a
    readable capture, ContractError where a table breaks its contract, ArchiveError where the log lost looks; the
    published catalog then stays as it was.
    """
    work.check_declarations()
    _check_log(work)
    observations, readings = survey(work, told)
    work.cache.keep_only({source.id for source in work.declarations.sources})
    looks, statuses = find_standing(work, work.declarations.sources, observations)
    seen = chain.from_iterable(looks.by_source.values())
    good = [look.moment.at for look in seen if find_reading(look, readings) is not None]
    if not good:
        raise CatalogError(f"nothing to publish: {_why_nothing(statuses)}; import a capture, or refresh again later")
    key = build_key(work.reader, work.sources, looks)
    is_new_build = current_build_key(work.catalog_dir) != key
    if is_new_build:
        from pipeline.building import publish_catalog  # noqa: PLC0415 - an unchanged archive needs no pandas

        told("building the catalog")
        publish_catalog(work, looks, readings, fingerprint=work.reader, key=key, as_of=max(good))
    last_seen = {one.source.id: one.good.moment.at for one in statuses if one.good is not None}
    write_seen(work.catalog_dir, key, last_seen, work.archive.log_bytes)
    return Outcomes(
        statuses=statuses,
        looks={},
        captures_before=frozenset(),
        problems=(*work.declarations.problems, *work.link_problems),
        catalog=work.catalog_dir / CURRENT,
        as_of=max(good),
        is_new_build=is_new_build,
    )


def _check_log(work: Workplace) -> None:
    """Raise ArchiveError where the log lost looks: without them, history would be published as if it had not been."""
    lost = find_lost_looks(work.catalog_dir, work.archive)
    if lost is not None:
        raise ArchiveError(lost)


def find_status(work: Workplace, until: datetime | None = None) -> tuple[SourceStatus, ...]:
    """Return how every source stands by the archive as it is, or as it was at a moment."""
    observations, _ = survey(work, is_kept=False)
    return find_standing(work, work.declarations.sources, observations, until)[1]


def _why_nothing(statuses: tuple[SourceStatus, ...]) -> str:
    gateways = [one for one in statuses if one.source.gateway_id is not None]
    told = [f"{status.source.id} {status.detail or status.state}" for status in gateways or statuses[:1]]
    others = len(statuses) - len(told)
    told += (
        [f"{others} more {'source' if others == 1 else 'sources'} (provider-terms status --pages)"] if others else []
    )
    return "; ".join(told) or "no source is declared"
