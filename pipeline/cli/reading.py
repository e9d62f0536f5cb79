"""The commands that read a published catalog. They import neither pandas nor pandera."""

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.cli.render import Row, print_rows, print_table, shown
from pipeline.errors import CatalogError

if TYPE_CHECKING:
    from pipeline.catalog.reader import Catalog, ChangeRecord, OfferingTerms, PolicyInterval
    from pipeline.catalog.state import SourceStatus

_LIST = ("offering", "provider", "retention", "days", "training", "headquarters", "observed")
_HISTORY = ("offering", "from", "to", "retention", "days", "training", "cause", "words")
_CHANGES = ("changed", "offering", "what", "old", "new", "cause")
_QUARANTINE = ("observed", "source", "offering", "stage", "reason", "locator")
_STATUS = ("source", "state", "last_good", "age", "rows", "refused", "required", "detail")


def _catalog(options: argparse.Namespace) -> "Catalog":
    from pipeline.catalog.reader import Catalog  # noqa: PLC0415 - `status` reads the archive only

    return Catalog.open(options.data / "catalog" / "current")


def run_list(options: argparse.Namespace) -> int:
    """List offerings and what they do with prompts."""
    with _catalog(options) as catalog:
        offerings = catalog.offerings(options.as_of, listed_only=not options.all)
        as_of = catalog.as_of
    found = [one for one in offerings if _is_wanted(one, options)]
    _print([(asdict(one), _list_row(one)) for one in found], _LIST, options)
    if options.format == "table":
        moment = f"at {shown(options.as_of)}" if options.as_of else f"as of {shown(as_of)}"
        _note(f"{len(found)} of {len(offerings)} offerings, {moment}")
    return 0


def _is_wanted(one: "OfferingTerms", options: argparse.Namespace) -> bool:
    if options.retention_kind and one.retention_kind not in options.retention_kind:
        return False
    if options.max_retention_days is not None and (
        one.retention_days is None or one.retention_days > options.max_retention_days
    ):
        return False
    if options.training and one.training not in options.training:
        return False
    return options.tier is None or one.tier == options.tier


def _list_row(one: "OfferingTerms") -> Row:
    return {
        "offering": one.offering_id,
        "provider": one.provider_name if one.is_listed else f"{one.provider_name} (delisted)",
        "retention": one.retention_kind.value,
        "days": one.retention_days,
        "training": one.training.value,
        "headquarters": one.headquarters,
        "observed": one.observed_at,
    }


def run_show(options: argparse.Namespace) -> int:
    """Show the offerings that a name means, with the words behind each value."""
    from pipeline.use.evidence import find_evidence  # noqa: PLC0415 - needs the reader

    with _catalog(options) as catalog:
        found = [(one, find_evidence(catalog, one, options.as_of)) for one in catalog.find(options.name, options.as_of)]
    if options.format != "table":
        rows = [asdict(one) | {"evidence": evidence} for one, evidence in found]
        print_rows(rows if options.format == "json" else [asdict(one) for one, _ in found], (), options.format)
        return 0
    for number, (one, evidence) in enumerate(found):
        if number:
            print()
        facts = [{"what": name.replace("_", " "), "value": value} for name, value in asdict(one).items()]
        print_table(facts, ("what", "value"), title=f"{one.provider_name} ({one.offering_id})")
        print_table(evidence, ("topic", "value", "quote", "source", "observed", "locator", "capture"), title="evidence")
    return 0


def run_history(options: argparse.Namespace) -> int:
    """Show policies over time."""
    with _catalog(options) as catalog:
        intervals = catalog.history(options.name)
    found = [one for one in intervals if options.as_of is None or one.valid_from <= options.as_of]
    _print([(asdict(one), _history_row(one)) for one in found], _HISTORY, options)
    return 0


def _history_row(one: "PolicyInterval") -> Row:
    return {
        "offering": one.offering_id,
        "from": one.valid_from,
        "to": one.valid_to,
        "retention": one.retention_kind.value,
        "days": one.retention_days,
        "training": one.training.value,
        "cause": one.cause.replace("_", " "),
        "words": one.retention_text,
    }


def run_changes(options: argparse.Namespace) -> int:
    """List what changed, newest first."""
    with _catalog(options) as catalog:
        changes = catalog.changes(options.since, options.as_of)
    _print([(asdict(one), change_row(one)) for one in changes], _CHANGES, options)
    return 0


def change_row(one: "ChangeRecord") -> Row:
    """Return a change as the table shows it."""
    return {
        "changed": one.changed_at,
        "offering": one.offering_id or f"{one.offering_count} offerings",
        "what": _what(one),
        "old": one.old_value,
        "new": one.new_value,
        "cause": one.cause.replace("_", " "),
    }


def _what(one: "ChangeRecord") -> str:
    kind = one.change_kind.replace("_", " ")
    is_told = one.change_kind in {"link_changed", "reporting_change"} and one.topic is not None
    return f"{kind}: {one.topic}" if is_told else kind


def run_quarantine(options: argparse.Namespace) -> int:
    """List what was refused."""
    with _catalog(options) as catalog:
        rows = catalog.rows("SELECT * FROM quarantine ORDER BY observed_at DESC, source_id, quarantine_id")
    found = [
        row
        for row in rows
        if (options.all or options.as_of or row["is_current"])
        and (not options.as_of or row["observed_at"] <= options.as_of)
    ]
    shown_rows: list[tuple[Row, Row]] = [
        (row, {"observed": row["observed_at"], "source": row["source_id"], "offering": row["offering_id"], **row})
        for row in found
    ]
    _print(shown_rows, _QUARANTINE, options)
    if options.format == "table":
        _note(f"{len(found)} refused of {len(rows)} ever" if found else "nothing is refused")
    return 0


def run_query(options: argparse.Namespace) -> int:
    """Run one SELECT."""
    from pipeline.use.query import run_query  # noqa: PLC0415 - needs DuckDB

    path = options.data / "catalog" / "current" / "catalog.duckdb"
    if not path.exists():
        raise CatalogError(
            f"no catalog in {options.data}: run `provider-terms refresh` or `provider-terms build` first"
        )
    moment = options.as_of.astimezone(UTC).replace(tzinfo=None) if options.as_of else None
    columns, rows = run_query(path, options.sql, as_of=moment)
    print_rows([dict(zip(columns, row, strict=True)) for row in rows], columns, options.format)
    return 0


def run_status(options: argparse.Namespace) -> int:
    """Show every source, from the archive as it is now."""
    from pipeline.refresh import find_status  # noqa: PLC0415 - reads captures, which needs the parsers
    from pipeline.workplace import Workplace  # noqa: PLC0415

    now = options.as_of or datetime.now(UTC)
    statuses = find_status(Workplace(options.data), until=options.as_of)
    _print([(_status_facts(one, now), status_row(one, now)) for one in statuses], _STATUS, options)
    return 0


def status_row(one: "SourceStatus", now: datetime) -> Row:
    """Return a source as the table shows it."""
    return {
        "source": one.source.id,
        "state": f"{one.state}, stale" if one.state == "ok" and one.is_stale(now) else str(one.state),
        "last_good": one.good.moment.at if one.good else None,
        "age": age(one.good.moment.at, now) if one.good else None,
        "rows": one.reading.row_count if one.reading else None,
        "refused": len(one.reading.refusals) if one.reading else None,
        "required": one.source.is_required,
        "detail": one.detail,
    }


def _status_facts(one: "SourceStatus", now: datetime) -> Row:
    return {
        **status_row(one, now),
        "state": one.state.value,
        "is_stale": one.is_stale(now),
        "stale_after_days": one.source.stale_after_days,
        "last_observed": one.last.moment.at if one.last else None,
        "capture_id": one.good.capture_id if one.good else None,
        "capture_count": one.capture_count,
        "url": one.source.url,
    }


def age(moment: datetime, now: datetime) -> str:
    """Return how long ago a moment was, in its largest unit."""
    seconds = int((now - moment).total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "now"


def _print(rows: list[tuple[Row, Row]], columns: tuple[str, ...], options: argparse.Namespace) -> None:
    """Print the full facts as JSON or CSV, or the short form as a table."""
    if options.format == "table":
        print_rows([short for _, short in rows], columns, "table")
    else:
        print_rows([full for full, _ in rows], columns, options.format)


def _note(text: str) -> None:
    print(text, file=sys.stderr)


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "list": run_list,
    "show": run_show,
    "history": run_history,
    "changes": run_changes,
    "quarantine": run_quarantine,
    "query": run_query,
    "status": run_status,
}
