"""Rows to a terminal, a pipe, JSON or CSV. Foreign text stays text: no escape sequence reaches a terminal."""

import csv
import io
import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pipeline.catalog.spreadsheet import cell

Row = Mapping[str, object]
_UNSEEN = {"Cc", "Cf", "Cs", "Co"}
_PIPED_WIDTH = 10_000


def plain(text: str) -> str:
    """Return text with control, bidi and other invisible characters written out, so that it cannot act."""
    return "".join(_shown(mark) if unicodedata.category(mark) in _UNSEEN else mark for mark in text)


def _shown(mark: str) -> str:
    return mark.encode("unicode_escape").decode("ascii")


def print_rows(rows: Sequence[Row], columns: Sequence[str], form: str, *, title: str | None = None) -> None:
    """Print rows as `table`, `json` or `csv`; a table shows `columns`, the other two show all that a row has."""
    match form:
        case "json":
            print(json.dumps([_plain_row(row) for row in rows], ensure_ascii=False, indent=2))
        case "csv":
            sys.stdout.write(_csv(rows, columns))
        case _:
            print_table(rows, columns, title=title)


def print_table(rows: Iterable[Row], columns: Sequence[str], *, title: str | None = None) -> None:
    """Print a table: drawn on a terminal, bare columns in a pipe."""
    from rich import box  # noqa: PLC0415 - only a table needs it
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    is_terminal = sys.stdout.isatty()
    table = Table(box=box.SIMPLE_HEAD if is_terminal else None, title=title, title_justify="left", pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " ") if is_terminal else column, overflow="fold", no_wrap=not is_terminal)
    for row in rows:
        table.add_row(*(Text(shown(row.get(column)), style=_style(column, row.get(column))) for column in columns))
    if is_terminal:
        Console(highlight=False).print(table)
        return
    buffer = io.StringIO()
    Console(file=buffer, width=_PIPED_WIDTH, color_system=None, highlight=False).print(table)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines()))


def shown(value: object) -> str:
    """Return one value as a person reads it; a dash for none."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime() if (value.hour, value.minute, value.second) == (0, 0, 0):
            return f"{value:%Y-%m-%d}"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case list() | tuple():
            return plain(", ".join(map(str, value))) or "none"
        case _:
            return plain(str(value))


_STYLES = {
    ("retention", "none"): "green",
    ("training", "no"): "green",
    ("training", "may"): "red",
    ("state", "ok"): "green",
    ("state", "failing"): "red",
    ("state", "unreadable"): "red",
}
_HEADS = ("offering", "source", "provider")


def _style(column: str, value: object) -> str:
    if column in _HEADS:
        return "bold"
    return _STYLES.get((column, str(value)), "dim" if value in {None, "unknown"} else "")


def _plain_row(row: Row) -> dict[str, object]:
    return {
        name: value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def _csv(rows: Sequence[Row], columns: Sequence[str]) -> str:
    names = list(rows[0]) if rows else list(columns)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([cell(row.get(name)) for name in names] for row in rows)
    return buffer.getvalue()
