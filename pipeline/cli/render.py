"""Rows to a terminal, a pipe, JSON or CSV. Foreign text stays text: no escape sequence reaches a terminal."""

import csv
import io
import json
import math
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from pipeline.catalog.spreadsheet import cell
from pipeline.normalize.unseen import is_unseen, plain

if TYPE_CHECKING:
    from rich.console import RenderableType

Row = Mapping[str, object]
_PIPED_WIDTH = 10_000
_LEAST_WIDTH = 9  # of a column that can still be read


def print_rows(rows: Sequence[Row], columns: Sequence[str], form: str, *, fields: Sequence[str] = ()) -> None:
    """Print rows as `table`, `json` or `csv`.

    A table shows `columns`, the other two show all that a row has; `fields` are the names of a CSV without rows.
    """
    match form:
        case "json":
            print_json([{name: as_json(value) for name, value in row.items()} for row in rows])
        case "csv":
            sys.stdout.write(_csv(rows, fields or columns))
        case _:
            print_table(rows, columns)


def print_table(rows: Iterable[Row], columns: Sequence[str]) -> None:
    """Print a table: drawn on a terminal, bare columns in a pipe; without rows, print nothing."""
    if not sys.stdout.isatty():
        _print_bare(rows, columns)
    elif len(columns) * _LEAST_WIDTH > shutil.get_terminal_size().columns:
        _print_records(rows, columns)
    else:
        _print_drawn_table(rows, columns)


def _print_bare(rows: Iterable[Row], columns: Sequence[str]) -> None:
    """Print columns two spaces apart, in lines that are never broken."""
    from rich.cells import cell_len  # noqa: PLC0415 - only a table needs it

    lines = [[shown(row.get(column)) for column in columns] for row in rows]
    if not lines:
        return
    lines.insert(0, [plain(column) for column in columns])
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (text + " " * (width - cell_len(text)) for text, width in zip(line, widths, strict=True))
        sys.stdout.write(f"{'  '.join(cells).rstrip()}\n")


def _print_drawn_table(rows: Iterable[Row], columns: Sequence[str]) -> None:
    """Print a table as wide as the terminal; its longer columns are folded."""
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(Text(plain(column.replace("_", " "))), overflow="fold", no_wrap=column in _SOLID)
    for row in rows:
        table.add_row(*(Text(shown(row.get(column)), style=_style(column, row.get(column))) for column in columns))
    if table.row_count:
        print_drawn(table)


def _print_records(rows: Iterable[Row], columns: Sequence[str]) -> None:
    """Print each row as lines of its own, where a terminal is too narrow for so many columns."""
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for number, row in enumerate(rows):
        if number:
            grid.add_row()
        for column in columns:
            grid.add_row(Text(plain(column), style="bold"), Text(shown(row.get(column))))
    if grid.row_count:
        print_drawn(grid)


def print_drawn(drawn: "RenderableType") -> None:
    """Print what rich draws: in the width of a terminal, or in a pipe without any, so that lines are not broken."""
    from rich.console import Console  # noqa: PLC0415

    if sys.stdout.isatty():
        Console(highlight=False).print(drawn)
        return
    buffer = io.StringIO()
    Console(file=buffer, width=_PIPED_WIDTH, color_system=None, highlight=False).print(drawn)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines()))


def shown(value: object) -> str:
    """Return one value as a person reads it; a dash for none."""
    match value:
        case None:
            text = "-"
        case bool():
            text = "yes" if value else "no"
        case datetime():
            is_midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
            text = value.strftime("%Y-%m-%d" if is_midnight else "%Y-%m-%d %H:%M")
        case list() | tuple():
            return ", ".join(map(shown, value)) or "none"
        case Mapping():
            text = json.dumps(as_json(value), ensure_ascii=False)
        case _:
            text = str(value)
    return plain(text)


def shown_day(moment: datetime) -> str:
    """Return a moment as a day where it is the first or the last instant of one, and with its time elsewhere."""
    is_end = (moment.hour, moment.minute, moment.second) == (23, 59, 59)
    return f"{moment:%Y-%m-%d}" if is_end else shown(moment)


# What no line break may cut: ids and dates, and what is short anyway.
_SOLID = frozenset(
    {"offering", "source", "changed", "observed", "from", "to", "last_good", "in_force"}
    | {"retention", "training", "hq", "state", "age", "rows"}
)
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
    return _STYLES.get((column, str(value)), "dim" if value is None or value == "unknown" else "")


def print_json(value: object) -> None:
    """Print JSON that any terminal may show: what cannot be seen is escaped, and reads back as it was."""
    is_unicode = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    text = json.dumps(value, ensure_ascii=not is_unicode, indent=2, allow_nan=False)
    print("".join(json.dumps(mark)[1:-1] if mark != "\n" and is_unseen(mark) else mark for mark in text))


def as_json(value: object) -> object:
    """Return what JSON has for a value: ISO 8601 for times, in UTC, and text where it has nothing."""
    match value:
        case float() | Decimal():
            known: object = _number(value)
        case datetime():
            utc = value.astimezone(UTC) if value.tzinfo else value
            known = f"{utc.replace(tzinfo=None).isoformat()}Z"
        case Mapping():
            known = {str(name): as_json(part) for name, part in value.items()}
        case list() | tuple():
            known = [as_json(part) for part in value]
        case bytes():
            known = value.hex()
        case _:
            known = value if value is None or isinstance(value, bool | int | str) else str(value)
    return known


def _number(value: float | Decimal) -> float | str:
    """Return a JSON number, or text for what no number in JSON holds."""
    number = float(value)
    is_same = math.isfinite(number) and Decimal(repr(number)) == Decimal(str(value))
    return number if is_same else str(value)


def _csv(rows: Sequence[Row], fields: Sequence[str]) -> str:
    names = list(rows[0]) if rows else list(fields)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([_cell(name) for name in names])
    writer.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return buffer.getvalue()


def _cell(value: object) -> str:
    """Return one CSV cell: as it is for a program to read, and written out where a terminal would act on it."""
    known = as_json(value)
    text = cell(json.dumps(known, ensure_ascii=False) if isinstance(known, dict) else known)
    return plain(text) if sys.stdout.isatty() else text
