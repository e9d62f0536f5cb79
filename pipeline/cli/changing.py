"""The commands that write, and those that check what was written: refresh, build, import, validate, verify."""

import argparse
import mimetypes
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from pipeline.cli import DEGRADED, FAILED, NO
from pipeline.cli.alone import alone, interrupt
from pipeline.cli.report import has_report, renew_report
from pipeline.cli.summary import print_summary
from pipeline.collect.archive import Archive
from pipeline.collect.recorded import is_partial, moment_of, read_front_matter
from pipeline.errors import CatalogError, DeclarationError, ParseError, UsageError
from pipeline.model import Observation, Outcome, SourceState
from pipeline.normalize.unseen import plain
from pipeline.refresh import Manner, Outcomes, add_capture, build, refresh
from pipeline.survey import Told, find_source
from pipeline.workplace import Workplace

if TYPE_CHECKING:
    from pipeline.collect.fetch import Fetcher

_BEARABLE_SHARE = 0.5  # of the looks of a run that may fail


def run_refresh(options: argparse.Namespace) -> int:
    """Fetch every source, build, publish.

    With `--strict`, it is exit code 3 where a required source is stale or failed, or more than half of what was asked
    failed, which the trouble of single pages does not explain.
    """
    from pipeline.cli.fetching import open_fetcher  # noqa: PLC0415 - what needs no network does not pay for it

    manner = Manner(is_forced=options.force, workers=options.workers)

    def work_on(work: Workplace, told: Told) -> Outcomes:
        with open_fetcher(options, work.archive.read_robots(), _now) as fetcher, _heard_by(fetcher):
            return refresh(work, fetcher, told, manner)

    outcomes = _publish(options, work_on)
    if options.webhook:
        from pipeline.cli.telling import notify_after_refresh  # noqa: PLC0415 - only where there is somebody to tell

        notify_after_refresh(options)
    return _degraded(outcomes) if options.strict else 0


def _degraded(outcomes: Outcomes) -> int:
    """Tell which required sources are not as they should be, and return the exit code."""
    now = _now()
    required = [one for one in outcomes.statuses if one.source.is_required]
    stale = [one.source.id for one in required if one.is_stale(now)]
    failing = [one.source.id for one in required if one.state is not SourceState.OK and one.source.id not in stale]
    for what, ids in (("stale beyond its declared age", stale), ("not as last seen", failing)):
        if ids:
            told = f"provider-terms: {what}: {', '.join(ids)}; `provider-terms status` tells why"
            print(told, file=sys.stderr)
    asked = [look for one in outcomes.statuses if (look := outcomes.looks.get(one.source.id)) is not None]
    failed = sum(not look.is_good for look in asked)
    is_most = failed > len(asked) * _BEARABLE_SHARE
    if is_most:
        told = f"{failed} of {len(asked)} sources failed in this run; `provider-terms status --pages` tells why"
        print(f"provider-terms: {told}", file=sys.stderr)
    return DEGRADED if stale or failing or is_most else 0


def run_build(options: argparse.Namespace) -> int:
    """Build and publish from the archive, without network."""
    _publish(options, build)
    return 0


def _publish(options: argparse.Namespace, work_on: Callable[[Workplace, Told], Outcomes]) -> Outcomes:
    with alone(options.data), _progress() as told:
        work = Workplace(options.data, with_recorded=not options.no_recorded)
        before = _change_ids(options.data)
        had_report = has_report(options)
        outcomes = work_on(work, told)
        if had_report and outcomes.is_new_build:
            told("writing the report")
            renew_report(options)
    print_summary(outcomes, before, _now())
    return outcomes


def _change_ids(data: Path) -> set[str] | None:
    """Return the ids of the changes that the published catalog knows, or None where there is no catalog."""
    from pipeline.catalog.reader import Catalog  # noqa: PLC0415 - only where there may be one

    if not (data / "catalog" / "current").exists():
        return None
    try:
        with Catalog.open(data / "catalog" / "current") as catalog:
            return {one.change_id for one in catalog.changes()}
    except CatalogError:  # a damaged catalog, or one of another version, must not keep a new one from being built
        return None


def run_import(options: argparse.Namespace) -> int:
    """Archive a capture that was obtained elsewhere, and tell what a reader makes of it."""
    from pipeline.reading import read_capture, sum_up  # noqa: PLC0415 - needs the parsers

    work = Workplace(options.data, with_recorded=not options.no_recorded)
    try:
        source = find_source(work, options.source)
    except DeclarationError as error:
        raise UsageError(f"--source: {error}") from error
    if not options.file.is_file():
        raise UsageError(f"{options.file}: no such file")
    if options.file.stat().st_size > source.max_bytes:
        raise UsageError(f"{options.file}: larger than the {source.max_bytes} bytes that {source.id} declares")
    body = options.file.read_bytes()
    observation = _imported(options, body)
    with alone(options.data):
        add_capture(work, observation, body)
    when = f"{source.id} of {observation.moment.at:%Y-%m-%d}"
    try:
        reading = read_capture(
            body, source, work.identities, is_partial=observation.is_partial, content_type=observation.content_type
        )
    except ParseError as error:
        kept = f"{options.file}: archived as {when}, but it cannot be read: {error}; what was in force before stays so"
        print(f"provider-terms: {plain(kept)}", file=sys.stderr)
        return FAILED
    print(plain(f"archived as {when}: {sum_up(reading)}"))
    for remark in reading.signals:
        print(f"  {plain(remark)}")
    print("next: provider-terms build")
    return 0


def _imported(options: argparse.Namespace, body: bytes) -> Observation:
    matter = read_front_matter(body)
    moment = options.captured_at or moment_of(matter)
    if moment is None:
        raise UsageError(f"{options.file} does not say when it was captured: add --captured-at DATE")
    if moment.since > _now():
        raise UsageError(f"--captured-at {moment.at:%Y-%m-%d} is in the future")
    if moment.at > _now():  # a month that is not over can mean no later day than today
        moment = replace(moment, at=_now().replace(hour=0, minute=0, second=0))
    return Observation(
        source_id=options.source,
        moment=moment,
        outcome=Outcome.OK,
        origin="import",
        url=matter.get("url"),
        detail=options.note or matter.get("note"),
        content_type=mimetypes.guess_type(options.file.name)[0],
        is_partial=is_partial(matter),
    )


def run_validate(options: argparse.Namespace) -> int:
    """Check every declaration; with `--live`, also against the pages themselves."""
    from pipeline.declarations import read_declarations  # noqa: PLC0415

    declarations = read_declarations(options.data)
    for problem in declarations.problems:
        print(plain(problem))
    counts = (len(declarations.gateway_sources), len(declarations.providers), len(declarations.page_sources))
    print("{} sources, {} providers and {} of their pages are valid".format(*counts))
    is_bad = bool(declarations.problems)
    if options.live is not None:
        from pipeline.cli.live import try_live  # noqa: PLC0415 - what needs no network does not pay for it

        is_bad |= not try_live(declarations, options, _now)
    return FAILED if is_bad else 0


def run_verify(options: argparse.Namespace) -> int:
    """Re-hash every capture and the published catalog, and name what is damaged; or check an evidence file."""
    if options.file is not None:
        from pipeline.cli.filing import verify_file  # noqa: PLC0415 - needs the reader and every parser

        return verify_file(options.file)
    from pipeline.catalog.current import find_damaged_files  # noqa: PLC0415
    from pipeline.catalog.seen import find_lost_looks  # noqa: PLC0415
    from pipeline.use.report.checking import find_damaged_pages  # noqa: PLC0415

    if not options.data.is_dir():
        raise CatalogError(f"{options.data}: no such folder")
    archive, catalog = Archive(options.data / "archive"), options.data / "catalog"
    damaged = [why for _, why in archive.find_damaged()]
    damaged += [why for why in [find_lost_looks(catalog, archive)] if why is not None]
    damaged += [f"catalog: {path} is damaged or missing" for path in find_damaged_files(catalog)]
    damaged += find_damaged_pages(catalog / "current" / "report")
    for why in damaged:
        print(plain(why))
    print("nothing is damaged" if not damaged else f"{len(damaged)} damaged: provider-terms refresh mends what it can")
    return NO if damaged else 0


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@contextmanager
def _heard_by(fetcher: "Fetcher") -> Iterator[None]:
    """Tell the fetcher of an interrupt while it asks: Python loses one that comes while it frees what nobody needs.

    Such a one is not told as a fault: the fetcher has heard of it.
    """
    tell_lost = sys.unraisablehook

    def lose(lost: "sys.UnraisableHookArgs") -> None:
        if not isinstance(lost.exc_value, KeyboardInterrupt):
            tell_lost(lost)

    def hear(number: int, frame: FrameType | None) -> None:
        fetcher.is_stopped = True
        if not fetcher.is_asking:
            interrupt(number, frame)

    numbers = [one for one in (signal.SIGTERM, signal.SIGINT) if signal.getsignal(one) is not signal.SIG_IGN]
    before = {number: signal.signal(number, hear) for number in numbers}
    sys.unraisablehook = lose
    try:
        yield
    finally:
        sys.unraisablehook = tell_lost
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _progress() -> Iterator[Told]:
    """Show what the work is at, on a terminal; elsewhere say nothing."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    with Console(stderr=True).status("starting") as status:
        yield lambda what: status.update(Text(plain(what)))


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "refresh": run_refresh,
    "build": run_build,
    "import": run_import,
    "validate": run_validate,
    "verify": run_verify,
}
