"""The commands that read a published catalog. They import neither pandas nor pandera."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.catalog.reasons import StoredFor, retention_as_text
from pipeline.cli import USAGE
from pipeline.cli.filters import selection_of
from pipeline.cli.render import Row, as_json, print_json, print_rows, shown_day
from pipeline.errors import CatalogError
from pipeline.normalize.unseen import plain

if TYPE_CHECKING:
    from pipeline.catalog.reader import Catalog, ChangeRecord, OfferingTerms, PolicyInterval

_LIST = ("offering", "provider", "retention", "training", "hq", "observed")
_HISTORY = ("offering", "from", "to", "retention", "training", "cause", "words")
_CHANGES = ("changed", "offering", "what", "old", "new", "cause")
_QUARANTINE = ("observed", "source", "offering", "reason", "locator")
_STATUS = ("source", "state", "last_good", "age", "rows", "detail")


def open_catalog(options: argparse.Namespace) -> "Catalog":
    """Open the catalog of the data folder."""
    from pipeline.catalog.reader import Catalog  # noqa: PLC0415 - `status` reads the archive only

    return Catalog.open(options.data / "catalog" / "current")


def run_list(options: argparse.Namespace) -> int:
    """List offerings and what they do with prompts."""
    from pipeline.catalog.reader import OfferingTerms  # noqa: PLC0415

    with open_catalog(options) as catalog:
        offerings = catalog.offerings(options.as_of, listed_only=not options.all)
        as_of = min(options.as_of or catalog.as_of, catalog.as_of)  # nothing is known of a later day
    wanted = selection_of(options)
    found = [one for one in offerings if wanted.means(one)]
    _print([(asdict(one), _list_row(one)) for one in found], _LIST, options, OfferingTerms)
    tell(options, f"{len(found) or 'none'} of {len(offerings)} offerings, as of {shown_day(as_of)}")
    return 0


def _list_row(one: "OfferingTerms") -> Row:
    return {
        "offering": one.offering_id,
        "provider": f"{one.provider_name}{_listing(one)}",
        "retention": shown_retention(one),
        "training": one.training.value,
        "hq": one.headquarters,
        "observed": one.observed_at,
    }


def shown_retention(one: "OfferingTerms | PolicyInterval") -> str:
    """Return a retention as the gateway states it: the kind, or for a period its days."""
    return retention_as_text(StoredFor(one.retention_kind, one.retention_days))


def _listing(one: "OfferingTerms") -> str:
    if one.is_listed:
        return ""
    return " (not listed)" if one.delisted_at is None else " (delisted)"


def run_show(options: argparse.Namespace) -> int:
    """Show the offerings that a name means, with the words behind each value."""
    from pipeline.cli.show import print_offering  # noqa: PLC0415
    from pipeline.use.evidence import find_evidence, find_names  # noqa: PLC0415 - needs the reader

    with open_catalog(options) as catalog:
        found = [
            (one, find_evidence(catalog, one, options.as_of), find_names(catalog, one))
            for one in catalog.find(options.name, options.as_of)
        ]
    match options.format:
        case "json":
            print_json([as_json(asdict(one) | names | {"evidence": evidence}) for one, evidence, names in found])
        case "csv":
            print_rows([asdict(one) for one, _, _ in found], (), "csv")
        case _:
            for number, (one, evidence, names) in enumerate(found):
                if number:
                    print()
                print_offering(one, evidence, names)
    return 0


def run_history(options: argparse.Namespace) -> int:
    """Show policies over time."""
    from pipeline.catalog.reader import PolicyInterval  # noqa: PLC0415

    with open_catalog(options) as catalog:
        found = catalog.history(options.name, options.as_of)
    _print([(asdict(one), _history_row(one)) for one in found], _HISTORY, options, PolicyInterval)
    if not found:
        when = f"was known on {shown_day(options.as_of)}" if options.as_of else "is on record"
        tell(options, f"no policy of '{options.name}' {when}")
    return 0


def _history_row(one: "PolicyInterval") -> Row:
    return {
        "offering": one.offering_id,
        "from": one.valid_from,
        "to": one.valid_to,
        "retention": shown_retention(one),
        "training": one.training.value,
        "cause": one.cause.replace("_", " "),
        "words": one.retention_text,
    }


def run_changes(options: argparse.Namespace) -> int:
    """List what changed, newest first."""
    from pipeline.catalog.reader import ChangeRecord  # noqa: PLC0415

    if options.format == "markdown":
        return _print_markdown(options)
    with open_catalog(options) as catalog:
        changes = catalog.changes(options.since, options.as_of)
    _print([(asdict(one), change_row(one)) for one in changes], _CHANGES, options, ChangeRecord)
    if not changes:
        since = f" since {shown_day(options.since)}" if options.since else ""
        until = f" up to {shown_day(options.as_of)}" if options.as_of else ""
        tell(options, f"no change is on record{since}{until}")
    return 0


def _print_markdown(options: argparse.Namespace) -> int:
    from pipeline.use.change_text import as_markdown, read_news, split_news  # noqa: PLC0415 - needs the reader

    with open_catalog(options) as catalog:
        news, upgrades = split_news(read_news(catalog, options.since, options.as_of))
        as_of = min(options.as_of or catalog.as_of, catalog.as_of)  # nothing is known of a later day
    sys.stdout.write(as_markdown(news, upgrades, options.since, as_of))
    return 0


def change_row(one: "ChangeRecord") -> Row:
    """Return a change as the table shows it."""
    from pipeline.use.change_text import what  # noqa: PLC0415 - needs the reader

    return {
        "changed": one.changed_at,
        "offering": one.offering_id or f"{one.offering_count} offerings",
        "what": what(one.change_kind, one.topic),
        "old": one.old_value,
        "new": one.new_value,
        "cause": one.cause.replace("_", " "),
    }


def run_quarantine(options: argparse.Namespace) -> int:
    """List what was refused."""
    with open_catalog(options) as catalog:
        rows = catalog.rows("SELECT * FROM quarantine ORDER BY observed_at DESC, source_id, quarantine_id")
        names = [str(row["column_name"]) for row in catalog.rows("DESCRIBE quarantine")]
    found = [
        row
        for row in rows
        if (options.all or options.as_of or row["is_current"])
        and (not options.as_of or row["observed_at"] <= options.as_of)
    ]
    shown_rows = [
        {"observed": row["observed_at"], "source": row["source_id"], "offering": row["offering_id"], **row}
        for row in found
    ]
    print_rows(shown_rows if options.format == "table" else found, _QUARANTINE, options.format, fields=names)
    tell(options, f"{len(found)} refused of {len(rows)} ever" if found else f"nothing is refused, of {len(rows)} ever")
    return 0


def run_query(options: argparse.Namespace) -> int:
    """Run one SELECT."""
    from pipeline.use.query import run_query  # noqa: PLC0415 - needs DuckDB

    path = options.data / "catalog" / "current" / "catalog.duckdb"
    if not path.is_file():
        raise CatalogError(
            f"no catalog in {options.data}: run `provider-terms refresh` or `provider-terms build` first"
        )
    moment = options.as_of.astimezone(UTC).replace(tzinfo=None) if options.as_of else None
    names, rows = run_query(path, options.sql, as_of=moment, give_up=_give_up)
    columns = _told_apart(names)
    print_rows([dict(zip(columns, row, strict=True)) for row in rows], columns, options.format)
    if not rows:
        tell(options, "no rows")
    return 0


def _told_apart(names: list[str]) -> list[str]:
    """Return column names that differ: the second `a` becomes `a_2`."""
    known: list[str] = []
    for name in names:
        number, told = 1, name
        while told in known:
            number += 1
            told = f"{name}_{number}"
        known.append(told)
    return known


def _give_up(message: str) -> None:
    """End the process, for what runs cannot be stopped in any other way; nothing is open for writing."""
    print(f"provider-terms: {message}", file=sys.stderr, flush=True)
    os._exit(USAGE)


def run_status(options: argparse.Namespace) -> int:
    """Show every source, from the archive as it is now."""
    from pipeline.cli.sources import page_states, status_facts, status_row  # noqa: PLC0415
    from pipeline.refresh import find_status  # noqa: PLC0415 - reads captures, which needs the parsers
    from pipeline.workplace import Workplace  # noqa: PLC0415

    now = options.as_of or datetime.now(UTC)
    statuses = find_status(Workplace(options.data, with_recorded=not options.no_recorded), until=options.as_of)
    if options.format != "table":
        print_rows([status_facts(one, now) for one in statuses], _STATUS, options.format)
        return 0
    pages = [one for one in statuses if one.source.gateway_id is None]
    shown = pages if options.pages else [one for one in statuses if one.source.gateway_id is not None]
    print_rows([status_row(one, now) for one in shown], _STATUS, options.format)
    for one in shown:
        for signal in one.reading.signals if one.reading else ():
            tell(options, f"{one.source.id}: {signal}")
    if pages and not options.pages:
        tell(options, f"and {len(pages)} terms pages: {page_states(pages)}; --pages shows them")
    if not statuses:
        tell(options, "no source is declared")
    return 0


def _print(rows: list[tuple[Row, Row]], columns: tuple[str, ...], options: argparse.Namespace, record: type) -> None:
    """Print the full facts as JSON or CSV, or the short form as a table."""
    chosen = [short if options.format == "table" else full for full, short in rows]
    print_rows(chosen, columns, options.format, fields=[field.name for field in fields(record)])


def tell(options: argparse.Namespace, text: str) -> None:
    """Say what a table leaves to say, where no pipe hears it."""
    if options.format == "table":
        print(plain(text), file=sys.stderr)


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "list": run_list,
    "show": run_show,
    "history": run_history,
    "changes": run_changes,
    "quarantine": run_quarantine,
    "query": run_query,
    "status": run_status,
}
