"""HTML tables to grids of cell text. Pure: bytes in, cells out, no I/O; every walk is linear and free of recursion."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

from pipeline.parse.charset import to_utf_8
from pipeline.parse.html_hidden import hides
from pipeline.parse.html_tree import Element, read_tree
from pipeline.parse.markup import check_work

MAX_TAGS: Final = 30_000  # a second of work at most; the largest real terms page has 8,000
MAX_COLUMNS: Final = 64
MAX_CELL_CHARACTERS: Final = 2000
_LONGEST_ROWSPAN: Final = 65534  # both limits are the HTML standard's, "4.9.11 Attributes common to td and th"
_LONGEST_COLSPAN: Final = 1000
_CELLS: Final = frozenset({"td", "th"})
_TABLE_PARTS: Final = frozenset({"table", "tr", "td", "th"})
_UNSEEN: Final = frozenset({"script", "style", "template", "noscript", "del", "s", "strike"})
_A_TABLE: Final = re.compile(rb"<table", re.IGNORECASE)
_WHITE_SPACE: Final = re.compile(r"[ \t\n\r\f]+")  # HTML's own; a no-break space is text


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; it stands in every place that it spans. `is_nested`: another table stands inside it."""

    text: str
    is_nested: bool = False


@dataclass(frozen=True, slots=True)
class GridRow:
    """The cells of one row by column, None where no cell reaches; `problem` says why it cannot be trusted."""

    cells: tuple[Cell | None, ...]
    problem: str | None = None

    @property
    def texts(self) -> list[str]:
        """The text of every place, "" where no cell reaches."""
        return ["" if cell is None else cell.text for cell in self.cells]


Table: TypeAlias = Callable[
    [], Iterator[GridRow]
]  # called anew for each reading, so an uninteresting table costs little


@dataclass(frozen=True, slots=True)
class _TagRow:
    """One row as marked up, with the row group that its downward-growing cells end with."""

    group: Element
    cells: list[Element] = field(default_factory=list)


def parse_html_tables(body: bytes, content_type: str | None = None) -> list[Table]:
    """Return the visible tables of a page, nested ones included; raises ParseError for an unreadable or huge page."""
    markup = to_utf_8(body, content_type)
    check_work(markup, MAX_TAGS)
    if _A_TABLE.search(markup) is None:
        return []  # not worth a tree
    tables = [node for node in _walk(read_tree(markup)) if isinstance(node, Element) and node.name == "table"]
    return [partial(expand, own_rows(table)) for table in tables]


def collapse(text: str) -> str:
    """Return the text with each run of HTML white space as one space, and none around it."""
    return _WHITE_SPACE.sub(" ", text).strip(" ")


def _walk(root: Element, closed: frozenset[str] = frozenset()) -> Iterator[Element | str | None]:
    """Yield what is visible under root in document order: text, elements as they open, None as one closes.

    Elements named in `closed` are yielded and not entered. Hidden ones are left out with all that they hold, except
    that a hidden cell keeps its place.
    """
    stack = [iter(root.children)]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
            yield None
        elif isinstance(node, str):
            yield node
        elif node.name in closed:
            if node.name in _CELLS or not _is_hidden(node):
                yield node
        elif not _is_hidden(node):
            yield node
            stack.append(iter(node.children))


def _is_hidden(element: Element) -> bool:
    if element.name in _UNSEEN or "hidden" in element.attributes:
        return True
    return hides(element.attributes.get("style", ""))


def own_rows(table: Element) -> list[_TagRow]:
    """Return the rows of a table without those of tables inside it."""
    rows: list[_TagRow] = []
    around = [table]
    for node in _walk(table, closed=_CELLS | {"table"}):
        if node is None:
            around.pop()
        elif isinstance(node, Element) and node.name in _CELLS:
            if not rows:  # a cell before any <tr> opens a row
                rows.append(_TagRow(group=table))
            rows[-1].cells.append(node)
        elif isinstance(node, Element) and node.name != "table":
            if node.name == "tr":
                rows.append(_TagRow(group=around[-1]))
            around.append(node)
    return [row for row in rows if row.cells]


def expand(rows: list[_TagRow]) -> Iterator[GridRow]:
    """Yield the grid that rowspan and colspan make, row by row, as the HTML standard's table model places cells."""
    growing: dict[int, tuple[Cell, int]] = {}  # column: the cell that grows down into it, for how many rows more
    group = None
    for row in rows:
        if row.group is not group:
            group, growing = row.group, {}
        places = {column: cell for column, (cell, _) in growing.items()}
        growing = {column: (cell, left - 1) for column, (cell, left) in growing.items() if left > 1}
        problem = _place(row, places, growing)
        yield GridRow(tuple(places.get(column) for column in range(max(places, default=-1) + 1)), problem)


def _place(row: _TagRow, places: dict[int, Cell], growing: dict[int, tuple[Cell, int]]) -> str | None:
    """Put the cells of one row into the places left free from above; return why the row cannot be trusted, if so."""
    problem = None
    column = 0
    for tag in row.cells:
        while column in places:
            column += 1
        end = column + _span(tag, "colspan", _LONGEST_COLSPAN)
        if end > MAX_COLUMNS:
            return f"more than {MAX_COLUMNS} columns"
        cell = _read_cell(tag)
        more_rows = _span(tag, "rowspan", _LONGEST_ROWSPAN) - 1
        for place in range(column, end):
            if place in places:
                problem = "two cells claim the same place"
            places[place] = cell
            if more_rows:
                growing[place] = (cell, more_rows)
        column = end
    return problem


def _span(tag: Element, name: str, longest: int) -> int:
    """Return how many places a cell takes; `rowspan="0"` reaches to the end of the row group, nonsense counts as 1."""
    digits = re.match(r"\s{0,9}([0-9]{1,9})", tag.attributes.get(name, ""))
    if digits is None:
        return 1
    number = int(digits[1])
    if number == 0:
        return longest if name == "rowspan" else 1
    return min(number, longest)


def _read_cell(tag: Element) -> Cell:
    """Return the cell's visible text, spaces between elements; for a cell without text, the names of its pictures."""
    if _is_hidden(tag):
        return Cell("")
    pieces: list[str] = []
    is_nested = False
    for node in _walk(tag, closed=_TABLE_PARTS | {"svg", "wbr"}):
        if isinstance(node, str):
            pieces.append(node)
        elif node is None or node.name not in _TABLE_PARTS | {"wbr"}:
            pieces.append(" ")
        else:
            is_nested = is_nested or node.name != "wbr"
    return Cell(collapse("".join(pieces)) or _picture_text(tag), is_nested)


def _picture_text(cell: Element) -> str:
    """Return what the pictures and coloured elements of a textless cell are called, or ""."""
    names = [_own_name(cell)]
    if not names[0]:
        names = [_own_name(node) for node in _walk(cell, closed=_TABLE_PARTS) if isinstance(node, Element)]
    return collapse(" ".join(dict.fromkeys(filter(None, names))))


def _own_name(tag: Element) -> str:
    """Return an element's alt, aria-label or title, the first that says something, or an svg's <title>."""
    for name in ("alt", "aria-label", "title"):
        value = tag.attributes.get(name, "")
        if value.strip():
            return value
    return "".join(node for node in _walk(tag) if isinstance(node, str)) if tag.name == "title" else ""
