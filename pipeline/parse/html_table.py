"""A table of a page to rows with the header of each cell; one that only lays out the page is none. Pure."""

from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from bs4.element import NavigableString, PreformattedString, Tag

from pipeline.parse.html_page import heading_level, walk
from pipeline.parse.html_tree import Element
from pipeline.parse.table_grid import Cell, GridRow, expand, own_rows

_LONGEST_CELL: Final = 3000
_LONGEST_TITLE: Final = 60
_HEADER_ROWS: Final = 3
_BOLD: Final = frozenset({"b", "strong"})
_NO_TEXT: Final = frozenset({"script", "style", "template"})


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row that say something, white space folded, and the header of each, "" where it has none."""

    cells: list[str]
    header: list[str]


def is_data_table(table: Tag) -> bool:
    """Whether a table has columns and rows of cells, and no page is laid out with it."""
    columns = 0
    rows = 0
    in_row = 0
    size = 0
    has_header = False
    for node in walk(table):
        if isinstance(node, Tag):
            if node is not table and (node.name == "table" or heading_level(node)):
                return False
            if node.name == "tr":
                rows, in_row = rows + 1, 0
            elif node.name in {"td", "th"}:
                in_row, size = in_row + 1, 0
                columns = max(columns, in_row)
                has_header = has_header or node.name == "th"
        elif node is not None:
            size += len(node)
            if size > _LONGEST_CELL and not has_header:
                return False
    return columns > 1 and (rows > 1 or has_header)


def read_rows(table: Tag) -> list[Row]:
    """Return the rows of a data table; a cell that spans rows stands in each of them, one that spans columns once."""
    for item in table.find_all("li"):
        item.insert(0, "\u2022 ")
    marked = own_rows(_as_element(table))
    count = sum(1 for _ in takewhile(lambda row: all(cell.name == "th" for cell in row.cells), marked))
    in_head = sum(1 for row in marked if row.group.name == "thead")
    grid = list(expand(marked))
    titles = min(max(count, in_head), _HEADER_ROWS)
    if not titles and len(grid) > 1 and _reads_as_header(marked[0].cells, grid[0]):
        titles = 1
    header = _header(grid[:titles])
    rows = [_row(row, [] if number < titles else header) for number, row in enumerate(grid)]
    return [row for row in rows if row.cells]


def _as_element(table: Tag) -> Element:
    """Return a table as elements and text, without comments."""
    root = Element(table.name, _attributes(table))
    waiting = [(table, root)]
    while waiting:
        tag, element = waiting.pop()
        for node in tag.contents:
            if isinstance(node, Tag):
                child = Element(node.name, _attributes(node))
                element.children.append(child)
                waiting.append((node, child))
            elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
                element.children.append(str(node))
    return root


def _attributes(tag: Tag) -> dict[str, str]:
    return {name: value for name, value in tag.attrs.items() if isinstance(value, str)}


def _reads_as_header(cells: list[Element], row: GridRow) -> bool:
    """Whether a first row of plain cells is a header: all of it in bold, and short."""
    texts = [text for text in row.texts if text]
    return bool(texts) and all(len(text) <= _LONGEST_TITLE for text in texts) and all(map(_is_bold, cells))


def _is_bold(cell: Element) -> bool:
    """Whether all text of a cell is bold, as it is where there is none."""
    waiting = [(cell, False)]
    while waiting:
        element, is_bold = waiting.pop()
        for node in element.children:
            if isinstance(node, str):
                if node.strip() and not is_bold:
                    return False
            elif node.name not in _NO_TEXT:
                waiting.append((node, is_bold or node.name in _BOLD))
    return True


def _header(rows: list[GridRow]) -> list[str]:
    """Return the title of each column; those of several header rows are joined, from the top."""
    width = max((len(row.cells) for row in rows), default=0)
    columns = [[row.texts[column] for row in rows if column < len(row.cells)] for column in range(width)]
    return [" ".join(" ".join(dict.fromkeys(filter(None, column))).split()) for column in columns]


def _row(row: GridRow, header: list[str]) -> Row:
    cells: list[str] = []
    titles: list[str] = []
    before: Cell | None = None
    for column, cell in enumerate(row.cells):
        title = header[column] if column < len(header) else ""
        text = " ".join(cell.text.split()) if cell is not None else ""
        if text and cell is before:
            titles[-1] = f"{titles[-1]} {title}".strip() if title not in titles[-1] else titles[-1]
        elif text:
            cells.append(text)
            titles.append(title)
        before = cell
    return Row(cells, titles)
