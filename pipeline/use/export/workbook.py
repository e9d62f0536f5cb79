"""The tables as a workbook: typed cells, links, a page on how to read it first and a data dictionary last.

Text is written as text and nothing else: no cell is a formula, and only an address of the web is a link.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from pipeline.catalog.reader import Catalog
from pipeline.catalog.rows import naive
from pipeline.catalog.spreadsheet import cell
from pipeline.use.export.extract import Column, Extract, Made, Table
from pipeline.use.export.workbook_pages import about, dictionary
from pipeline.use.marked_up import web_url

_OPTIONS: Final = {
    "constant_memory": True,  # a row leaves memory as soon as the next one begins
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_FIRST_DAY: Final = datetime(1900, 1, 1)  # noqa: DTZ001 - as published; a spreadsheet knows no earlier one
_EXACT: Final = 2**53  # beyond it a spreadsheet's number is another one
_LEAST_WIDTH, _MOST_WIDTH, _WORDY_WIDTH = 9, 40, 60
_MEASURED_ROWS: Final = 1000
_A4: Final = 9  # by its number in the format


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a sheet can hold: rows, UTF-16 units in a cell, links, and UTF-16 units in a link."""

    rows: int = 1_048_576
    cell: int = 32_767
    links: int = 65_530
    link: int = 2_079


@dataclass(slots=True)
class _Lost:
    """What did not fit, counted."""

    rows: dict[str, int] = field(default_factory=dict)
    cut: int = 0
    unlinked: int = 0

    def told(self, limits: Limits) -> Iterable[str]:
        for name, count in self.rows.items():
            yield f"{name}: {count} rows are left out, for a sheet holds {limits.rows}; CSV and Parquet have all"
        if self.cut:
            yield f"{self.cut} cells are cut after {limits.cell} characters and end in …; CSV and Parquet have all"
        if self.unlinked:
            yield f"{self.unlinked} addresses are text and no links, for a sheet holds no more or no longer ones"


def make_xlsx(_catalog: Catalog, extract: Extract, limits: Limits | None = None) -> Made:
    """Return the workbook; the same catalog and choice give the same bytes. What does not fit is counted."""
    limits = limits or Limits()
    buffer, lost = io.BytesIO(), _Lost()
    tables = tuple(_fitting(table, limits, lost) for table in extract.tables)
    # The first page tells what did not fit, and rows leave memory in their order, so that is found out before.
    lost.cut = sum(_is_long(value, limits) for table in tables for row in table.rows for value in row)
    lost.unlinked = sum(_count_unlinked(table, limits) for table in tables)
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        book.set_properties(
            {"title": str(extract.package["title"]), "created": naive(extract.moment.replace(microsecond=0))}
        )
        pen = _Pen(book, limits)
        first, last = about(extract, tables, tuple(lost.told(limits))), dictionary(tables)
        _write_page(pen, book.add_worksheet("About"), first, (30, 100), has_header=False)
        for table in tables:
            _write_table(pen, book.add_worksheet(table.name), table)
        _write_page(pen, book.add_worksheet("Data dictionary"), last, (24, 28, 12, 16, 10, 90), has_header=True)
    return Made(files=(("provider-terms.xlsx", buffer.getvalue()),), remarks=(*extract.remarks, *lost.told(limits)))


def _fitting(table: Table, limits: Limits, lost: _Lost) -> Table:
    """Return a table with as many rows as a sheet holds below its header."""
    over = len(table.rows) - (limits.rows - 1)
    if over <= 0:
        return table
    lost.rows[table.name] = over
    return replace(table, rows=table.rows[:-over])


def _is_long(value: object, limits: Limits) -> bool:
    return isinstance(value, str | list) and _units(_text(value)) > limits.cell


def _text(value: object) -> str:
    """Return a value that has no type of its own in a spreadsheet as text: a list as JSON, all else as it is."""
    return cell(value) if isinstance(value, list | datetime) else str(value)


def _count_unlinked(table: Table, limits: Limits) -> int:
    columns = [place for place, column in enumerate(table.columns) if _has_addresses(column)]
    found = [link for row in table.rows for place in columns if (link := _find_link(row[place])) is not None]
    return len(found) - min(limits.links, sum(len(link) <= limits.link for link in found))


def _units(text: str) -> int:
    return len(text) + sum(mark > "\uffff" for mark in text)


class _Pen:
    """Writes typed cells into the sheets of one book."""

    def __init__(self, book: xlsxwriter.Workbook, limits: Limits) -> None:
        """Use a book."""
        top: dict[str, Any] = {"valign": "top"}
        self.limits = limits
        self.plain = book.add_format(top)
        self.header = book.add_format({"bold": True, "valign": "top", "bg_color": "#E7ECF3", "bottom": 1})
        self.bold = book.add_format({**top, "bold": True})
        self.wordy = book.add_format({**top, "text_wrap": True})
        self._time = book.add_format({**top, "align": "left", "num_format": "yyyy-mm-dd hh:mm:ss"})
        self._link = book.add_format({**top, "font_color": "#0B57D0", "underline": 1})
        # What would be a formula if somebody typed it stays text too where its cell is edited.
        self._guarded = {
            False: book.add_format({**top, "quote_prefix": True, "num_format": "@"}),
            True: book.add_format({**top, "quote_prefix": True, "num_format": "@", "text_wrap": True}),
        }

    def write(self, sheet: Worksheet, row: int, place: int, value: object, *, is_wordy: bool = False) -> None:
        """Write one value into one cell; nothing for None."""
        match value:
            case None:
                pass
            case bool():
                sheet.write_boolean(row, place, value, self.plain)
            case int() if abs(value) < _EXACT:
                sheet.write_number(row, place, value, self.plain)
            case datetime() if value >= _FIRST_DAY:
                # Whole seconds, cut and not rounded: the last instant of a day must not be shown as the next day.
                sheet.write_datetime(row, place, value.replace(microsecond=0), self._time)
            case _:
                self._write_text(sheet, row, place, _text(value), is_wordy=is_wordy)

    def _write_text(self, sheet: Worksheet, row: int, place: int, text: str, *, is_wordy: bool) -> None:
        if _units(text) > self.limits.cell:
            text = f"{_cut(text, self.limits.cell - 1)}…"
        form = self.wordy if is_wordy else self.plain
        if cell(text) != text:
            form = self._guarded[is_wordy]
        if text.startswith("<r>") and text.endswith("</r>"):
            # The writer takes this for markup of its own; in pieces, of which it asks three, it is text.
            sheet.write_rich_string(row, place, text[:1], text[1:2], text[2:], form)
        else:
            sheet.write_string(row, place, text, form)

    def write_link(self, sheet: Worksheet, row: int, place: int, link: str, address: str) -> None:
        """Write an address of the web as a link to itself."""
        sheet.write_url(row, place, link, self._link, address)


def _cut(text: str, most: int) -> str:
    """Return the start of a text that has at most so many UTF-16 units."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", errors="ignore")


def _write_table(pen: _Pen, sheet: Worksheet, table: Table) -> None:
    links = 0
    _lay_out(pen, sheet, [_width(table, place) for place in range(len(table.columns))])
    sheet.freeze_panes(1, min(2, len(table.key)))
    sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    for place, name in enumerate(table.names):
        sheet.write_string(0, place, name, pen.header)
    for number, row in enumerate(table.rows, start=1):
        for place, (column, value) in enumerate(zip(table.columns, row, strict=True)):
            link = _find_link(value) if _has_addresses(column) else None
            if link is not None and len(link) <= pen.limits.link and links < pen.limits.links:
                pen.write_link(sheet, number, place, link, value)
                links += 1
            else:
                pen.write(sheet, number, place, value, is_wordy=_is_wordy(column))


def _has_addresses(column: Column) -> bool:
    return column.name == "url" or column.name.endswith("_url")


def _find_link(value: object) -> str | None:
    """Return the link of a cell, in plain ASCII, where its text is an address of the web."""
    return web_url(value) if isinstance(value, str) else None


def _is_wordy(column: Column) -> bool:
    """Whether a column holds sentences, whose lines are broken."""
    return column.name.endswith(("quote", "text")) or column.name in {"detail", "reason", "raw"}


def _width(table: Table, place: int) -> int:
    """Return the width that a column needs, from its name and its first rows."""
    longest = max(map(_shown_length, (row[place] for row in table.rows[:_MEASURED_ROWS])), default=0)
    most = _WORDY_WIDTH if _is_wordy(table.columns[place]) else _MOST_WIDTH
    return min(most, max(_LEAST_WIDTH, longest + 1, len(table.names[place]) + 3))


def _shown_length(value: object) -> int:
    return len("2026-07-01 00:00:00") if isinstance(value, datetime) else len(_text(value)) if value is not None else 0


def _lay_out(pen: _Pen, sheet: Worksheet, widths: Iterable[int], *, has_header: bool = True) -> None:
    """Set the widths, and the paper: A4 across, one page wide, the header on each, name and number below."""
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R&P / &N")
    if has_header:
        sheet.repeat_rows(0)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width, pen.plain)


def _write_page(
    pen: _Pen, sheet: Worksheet, lines: Sequence[Sequence[object]], widths: Iterable[int], *, has_header: bool
) -> None:
    _lay_out(pen, sheet, widths, has_header=has_header)
    if has_header:
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(lines) - 1, len(lines[0]) - 1)
    for number, line in enumerate(lines):
        for place, value in enumerate(line):
            if (has_header and number == 0) or (not has_header and place == 0):
                sheet.write_string(number, place, str(value), pen.header if has_header else pen.bold)
            else:
                pen.write(sheet, number, place, value, is_wordy=True)
