"""Tables in Markdown, drawn with pipes or marked up as in HTML, to cells with their places. Pure and linear."""

import re
from dataclasses import dataclass
from typing import Final

from pipeline.parse.blocks import Placed
from pipeline.parse.markdown_hidden import hides_its_text
from pipeline.parse.markdown_inline import Piece, render

_ESCAPE_OR_PIPE: Final = re.compile(r"\\.|\|")
_DELIMITER: Final = re.compile(r"[ \t]*:?-+:?[ \t]*")
_DELIMITER_CHARACTERS: Final = frozenset("|:- \t")
_PART: Final = re.compile(r"<(/?)(tr|td|th|table)\b[^<>]{0,2000}>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MarkupTable:
    """The rows of a table, each with the headers of its cells, and where the table ends in the source."""

    rows: list[tuple[list[Placed], list[str]]]
    end: int


def split_row(text: str, start: int) -> list[Piece]:
    """Return the cells of a line that begins at a place, cut at the pipes that no backslash escapes."""
    first = 1 if text.startswith("|") else 0
    cells: list[Piece] = []
    for found in _ESCAPE_OR_PIPE.finditer(text, first):
        if found[0] == "|":
            cells.append(_piece(text, first, found.start(), start))
            first = found.end()
    if text[first:].strip():
        cells.append(_piece(text, first, len(text), start))
    return cells


def _piece(text: str, first: int, end: int, start: int) -> Piece:
    piece = Piece()
    cell = text[first:end]
    piece.add(cell.strip(), start + first + len(cell) - len(cell.lstrip()))
    return piece


def delimits(text: str, width: int) -> bool:
    """Whether a line parts a header of so many cells from its table."""
    if "|" not in text or "-" not in text or not _DELIMITER_CHARACTERS.issuperset(text):
        return False
    cells = text.strip().removeprefix("|").removesuffix("|").split("|")
    return len(cells) == width and all(_DELIMITER.fullmatch(cell) for cell in cells)


def read_markup_table(source: str, start: int, unclosed: dict[str, int]) -> MarkupTable | None:
    """Return the table whose tag ends at a place of the source, None where nothing closes it.

    Cells that span rows stand in the first of them only: the source says their words once.
    """
    end = -1 if "</table>" in unclosed else source.find("</table>", start)
    if end < 0:
        unclosed["</table>"] = 0
        return None
    rows: list[tuple[list[Placed], list[str]]] = []
    titles: list[str] = []
    cells: list[tuple[str, Piece]] = []
    opened: tuple[str, int] | None = None
    is_row_hidden = False
    for part in [*_PART.finditer(source, start, end), None]:
        if opened is not None:
            piece = Piece()
            piece.add(source[opened[1] : part.start() if part else end], opened[1])
            cells.append((opened[0], piece))
            opened = None
        name = part[2].lower() if part else "tr"
        is_shown = part is None or not hides_its_text(part[0])
        if part is not None and name in {"td", "th"} and not part[1]:
            opened = (name, part.end()) if is_shown else None
            if not is_shown:
                cells.append((name, Piece()))  # it keeps its place
        elif name == "tr" and cells and is_row_hidden:
            cells = []
        elif name == "tr" and cells:
            placed = [render(piece, in_cell=True)[0] for _, piece in cells]
            is_header = not rows and all(kind == "th" for kind, _ in cells)
            rows.append((placed, [] if is_header else titles))
            titles = [cell.text for cell in placed] if is_header else titles
            cells = []
        if name == "tr":
            is_row_hidden = not is_shown
    return MarkupTable(rows, end + len("</table>"))
