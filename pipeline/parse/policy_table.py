"""The gateway's table of policies, as HTML or Markdown, to raw claims. Pure: bytes in, claims out, no I/O."""

import re
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pipeline.errors import ParseError, SelectorError
from pipeline.model import Json, Parsed, RawClaim, RawRow, Refusal, Topic
from pipeline.parse.pipe_table import find_pipe_tables
from pipeline.parse.table_grid import MAX_CELL_CHARACTERS, Cell, GridRow, Table, parse_html_tables

COLUMNS: Final = {
    "Provider": Topic.DISPLAY_NAME,
    "Data Retention": Topic.RETENTION,
    "Train on Prompts": Topic.TRAINING,
}
MAX_ROWS: Final = 10_000
_HEADER_WITHIN_ROWS: Final = 3  # a title or a row of column groups may stand above the header
_SHOWN_HEADERS: Final = 3
_WANTED: Final = ", ".join(COLUMNS)
_DRAWN: Final = "(the page is drawn in the browser?)"

_OTHER_FORMATS: Final = (  # the first bytes, and what they begin
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1f\x8b", "a gzip stream"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
)
_JSON_START: Final = re.compile(rb'\s*(?:\{\s*["}]|\[\s*\{)')
_HTML_PAGE: Final = re.compile(rb"<(?:!doctype|html|head|body|table)\b", re.IGNORECASE)
_HTML_TABLE: Final = re.compile(rb"<table\b", re.IGNORECASE)
_UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_SNIFFED_BYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class _Header:
    """The header row of the policy table: its names, unique, and the columns of those that are read."""

    names: tuple[str, ...]
    columns: dict[str, int]


def parse(body: bytes, content_type: str | None = None) -> Parsed:
    """Return a raw row, with claims of name, retention and training, for each row of the page's one policy table.

    The table is the one whose header names "Provider", "Data Retention" and "Train on Prompts", in any order and case;
    other columns are remarked on in `signals`. A row that cannot be read becomes a refusal. Raises SelectorError where
    the page has no such table, more than one, one without a readable row or one with a table inside; ParseError where
    the bytes are neither HTML nor Markdown. `content_type` is the header that an HTML page came with, whose charset
    outranks what the page itself declares.
    """
    tables = _tables_of(body, content_type)
    header, rows = _only_policy_table(tables)
    if any(cell is not None and cell.is_nested for row in rows for cell in row.cells):
        raise SelectorError("a table stands inside a cell of the policy table; its rows cannot be told apart")
    read = [_read_row(header, row, number) for number, row in enumerate(rows, start=1)]
    good = tuple(row for row in read if isinstance(row, RawRow))
    refusals = tuple(row for row in read if isinstance(row, Refusal))
    if not good:
        why = f", {len(refusals)} refused, the first: {refusals[0].reason}" if refusals else f" {_DRAWN}"
        raise SelectorError(f"no rows: expected at least 1 row, found 0 in the policy table{why}")
    unread = [name for column, name in enumerate(header.names) if column not in header.columns.values()]
    signals = tuple(f"unknown column {name!r} left unread in {len(good)} rows" for name in unread)
    return Parsed(row_count=len(read), rows=good, refusals=refusals, signals=signals)


def _tables_of(body: bytes, content_type: str | None) -> list[Table]:
    """Return the tables of a document in whichever of the two formats it is."""
    start = body.removeprefix(b"\xef\xbb\xbf")
    is_wide = start.startswith(_UTF_16_MARKS)
    _check_format(start, is_wide=is_wide)
    probe = start[2:].replace(b"\x00", b"") if is_wide else start
    if probe.lstrip().startswith(b"<") and _HTML_PAGE.search(probe):
        return parse_html_tables(body, content_type)
    try:
        text = start.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ParseError(f"the document is neither HTML nor Markdown in UTF-8: {error.reason}") from error
    tables = find_pipe_tables(text)
    if _HTML_TABLE.search(start) and not any(_find_header(table) for table in tables):
        return [*tables, *parse_html_tables(body, content_type)]  # Markdown may hold its tables as HTML
    return tables


def _check_format(start: bytes, *, is_wide: bool) -> None:
    """Raise ParseError, naming what the document seems to be, where it is neither HTML nor Markdown."""
    content = start[:_SNIFFED_BYTES].lstrip()
    for mark, format_name in _OTHER_FORMATS:
        if content.startswith(mark):
            raise ParseError(f"expected HTML or Markdown, found what seems to be {format_name}")
    if _JSON_START.match(content):
        raise ParseError("expected HTML or Markdown, found what seems to be JSON")
    if content.startswith(b"<?xml") and not re.search(rb"<(?:!doctype )?html\b", content, re.IGNORECASE):
        raise ParseError("expected HTML or Markdown, found what seems to be XML")
    if b"\x00" in content and not is_wide:
        raise ParseError("expected HTML or Markdown, found what seems to be binary data")
    if not content and not start.strip():
        raise SelectorError("no rows: the document is empty")


def _only_policy_table(tables: list[Table]) -> tuple[_Header, list[GridRow]]:
    """Return the header and the body rows of the one policy table; raise SelectorError where there is not one."""
    found = [(table, place) for table in tables if (place := _find_header(table)) is not None]
    if not found:
        raise SelectorError(f"no rows: no table with the columns {_WANTED}; found {_describe(tables)}")
    if len(found) > 1:
        raise SelectorError(f"expected exactly 1 table with the columns {_WANTED}, found {len(found)}")
    table, place = found[0]
    rows = list(islice(table(), MAX_ROWS + place + 2))
    if len(rows) - place - 1 > MAX_ROWS:
        raise SelectorError(f"the policy table has more than {MAX_ROWS} rows")
    return _read_header(rows[place]), rows[place + 1 :]


def _find_header(table: Table) -> int | None:
    """Return the place of the row that names all wanted columns, or None."""
    wanted = {_fold(name) for name in COLUMNS}
    for place, row in enumerate(islice(table(), _HEADER_WITHIN_ROWS)):
        if wanted <= {_fold(text) for text in row.texts}:
            return place
    return None


def _fold(text: str) -> str:
    return " ".join(text.split()).casefold()


def _describe(tables: list[Table]) -> str:
    """Return the columns that the page's tables have, those with wanted names first, shortened for a message."""
    wanted = {_fold(name) for name in COLUMNS}
    headers = [row.texts for table in tables for row in islice(table(), 1)]
    headers.sort(key=lambda header: -len(wanted & {_fold(text) for text in header}))
    shown = "; ".join(", ".join(text[:40] for text in header[:8]) for header in headers[:_SHOWN_HEADERS])
    more = f" and {len(headers) - _SHOWN_HEADERS} tables more" if len(headers) > _SHOWN_HEADERS else ""
    return f"the columns {shown}{more}" if headers else f"no table at all {_DRAWN}"


def _read_header(row: GridRow) -> _Header:
    """Return the header; raise SelectorError where a wanted column stands twice or the header cannot be trusted."""
    if row.problem is not None:
        raise SelectorError(f"the header of the policy table cannot be read: {row.problem}")
    folded = [_fold(text) for text in row.texts]
    for name in COLUMNS:
        if folded.count(_fold(name)) > 1:
            raise SelectorError(f"expected exactly 1 column {name!r}, found {folded.count(_fold(name))}")
    names: list[str] = []
    for column, text in enumerate(row.texts, start=1):
        name = text or f"column {column}"
        names.append(f"{name} (column {column})" if name in names else name)
    return _Header(tuple(names), {name: folded.index(_fold(name)) for name in COLUMNS})


def _read_row(header: _Header, row: GridRow, number: int) -> RawRow | Refusal:
    """Return the row's claims, or why they cannot be read."""
    locator = f"table row {number}"
    wanted = [row.cells[column] if column < len(row.cells) else None for column in header.columns.values()]
    reason = _problem(header, row, wanted)
    label = wanted[0].text if wanted[0] is not None else ""
    if reason is not None:
        cells: list[Json] = [text[:MAX_CELL_CHARACTERS] for text in row.texts]
        is_name = _text_problem([label]) is None and not any(cell is wanted[0] for cell in wanted[1:])
        return Refusal(stage="parse", reason=reason, raw=cells, locator=locator, label=label if is_name else None)
    texts = [cell.text for cell in wanted if cell is not None]
    claims = tuple(
        RawClaim(topic=topic, raw=text, quote=text, locator=f"{locator}, {name}")
        for (name, topic), text in zip(COLUMNS.items(), texts, strict=True)
    )
    raw: dict[str, Json] = {name: cell.text for name, cell in zip(header.names, row.cells, strict=False) if cell}
    return RawRow(label=label, locator=locator, raw=raw, claims=claims)


def _problem(header: _Header, row: GridRow, wanted: list[Cell | None]) -> str | None:
    """Return why a row cannot be read, or None."""
    cells = [cell for cell in wanted if cell is not None]
    if row.problem is not None:
        return row.problem
    # A row that is wider or narrower than the header may say its words of another column.
    if len(row.cells) > len(header.names) or len(cells) < len(COLUMNS):
        return f"cells: {len([cell for cell in row.cells if cell])}, columns in the header: {len(header.names)}"
    if any(cell is cells[0] for cell in cells[1:]):
        return "one cell spans the provider and its policy"
    return _text_problem([cell.text for cell in cells])


def _text_problem(texts: list[str]) -> str | None:
    """Return why the texts of a provider's cell and of those beside it cannot be a row's, or None."""
    if not texts[0].strip():
        return "the provider's cell is empty"
    if any(len(text) > MAX_CELL_CHARACTERS for text in texts):
        return f"a cell is longer than {MAX_CELL_CHARACTERS} characters"
    if any("\ufffd" in text for text in texts):
        return "a cell has a character that cannot be decoded"
    if all(_fold(text) == _fold(name) for text, name in zip(texts, COLUMNS, strict=False)):
        return "the header again"
    return None
