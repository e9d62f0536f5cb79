"""The commands that write: refresh, build, import, validate."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.cli import DEGRADED, FAILED
from pipeline.cli.render import plain
from pipeline.cli.summary import print_summary
from pipeline.collect.recorded import is_partial, moment_of, read_front_matter
from pipeline.errors import CatalogError, DeclarationError, ParseError, UsageError
from pipeline.model import Observation, Outcome
from pipeline.refresh import Outcomes, Told, add_capture, build, refresh
from pipeline.workplace import Workplace


def run_refresh(options: argparse.Namespace) -> int:
    """Fetch every source, build and publish; with `--strict`, a stale required source is exit code 3."""
    outcomes = _publish(options, lambda work, told: refresh(work, _now, told))
    now = _now()
    stale = [one.source.id for one in outcomes.statuses if one.source.is_required and one.is_stale(now)]
    if options.strict and stale:
        print(
            f"provider-terms: stale beyond its declared age: {', '.join(stale)}; `provider-terms status` tells why",
            file=sys.stderr,
        )
        return DEGRADED
    return 0


def run_build(options: argparse.Namespace) -> int:
    """Build and publish from the archive, without network."""
    _publish(options, build)
    return 0


def _publish(options: argparse.Namespace, work_on: Callable[[Workplace, Told], Outcomes]) -> Outcomes:
    work = Workplace(options.data, with_recorded=not options.no_recorded)
    before = _change_ids(options.data)
    with _progress() as told:
        outcomes = work_on(work, told)
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
    from pipeline.normalize.identity import Identities  # noqa: PLC0415
    from pipeline.reading import read_capture  # noqa: PLC0415 - needs the parsers

    work = Workplace(options.data, with_recorded=not options.no_recorded)
    try:
        source = work.declarations.source(options.source)
    except DeclarationError as error:
        raise UsageError(f"--source: {error}") from error
    if not options.file.is_file():
        raise UsageError(f"{options.file}: no such file")
    if options.file.stat().st_size > source.max_bytes:
        raise UsageError(f"{options.file}: larger than the {source.max_bytes} bytes that {source.id} declares")
    body = options.file.read_bytes()
    observation = _imported(options, body)
    add_capture(work, observation, body)
    when = f"{source.id} of {observation.moment.at:%Y-%m-%d}"
    try:
        identities = Identities(work.declarations.providers, source.gateway_id)
        reading = read_capture(body, source, identities, is_partial=observation.is_partial)
    except ParseError as error:
        kept = f"{options.file}: archived as {when}, but it cannot be read: {error}; what was in force before stays so"
        print(f"provider-terms: {plain(kept)}", file=sys.stderr)
        return FAILED
    excluded = f", {len(reading.excluded)} excluded ({', '.join(reading.excluded)})" if reading.excluded else ""
    print(plain(f"archived as {when}: {reading.row_count} rows, {len(reading.refusals)} refused{excluded}"))
    for signal in reading.signals:
        print(f"  {plain(signal)}")
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
        is_partial=is_partial(matter),
    )


def run_validate(options: argparse.Namespace) -> int:
    """Check every declaration."""
    from pipeline.declarations import read_declarations  # noqa: PLC0415

    declarations = read_declarations(options.data)
    for problem in declarations.problems:
        print(plain(problem))
    print(f"{len(declarations.sources)} sources and {len(declarations.providers)} providers are valid")
    return FAILED if declarations.problems else 0


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


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
}
