"""The content of an HTML page to blocks, as a reader sees them. Pure; one walk, free of recursion."""

import re
from dataclasses import dataclass, field
from typing import Final

from bs4.element import NavigableString, Tag

from pipeline.errors import ParseError
from pipeline.model import Document
from pipeline.parse.blocks import CELL_BREAK, TITLE_LEVEL, Blocks, Placed, run
from pipeline.parse.html_page import Content, heading_level, read_page, walk
from pipeline.parse.html_table import Row, is_data_table, read_rows
from pipeline.parse.markup import BLOCKS, BOLD, ITEMS, LISTS
from pipeline.parse.selection import Selection

_BREAK: Final = "\n"
_BREAKS: Final = re.compile(r"\n[ \t\r\f]*\n\s*")
_LINE_MARK: Final = re.compile(
    "\\s*(?:[\u2022\u25e6\u25aa\u25cf\u00b7\uf0b7]|\\(?(?:[a-z]|[ivx]{1,5}|[0-9]{1,3})\\)\\s|[-*]\\s)"
)
_GLUED: Final = re.compile(r"[a-z0-9\u201d)][A-Z][a-z]")
_WHITE: Final = re.compile(r"[ \t\n\r\f]+")


@dataclass(slots=True)
class _Writer:
    """The blocks so far, their text as the document's source, and the text of the block that is open."""

    blocks: Blocks = field(default_factory=Blocks)
    source: list[str] = field(default_factory=list)
    length: int = 0
    texts: list[str] = field(default_factory=list)
    plain: int = 0  # characters of the open block that do not stand in bold
    bold: int = 0  # bold elements that are open
    level: int = 0  # of the open heading
    is_boundary: bool = False  # an inline element began or ended directly before

    def place(self, text: str) -> Placed:
        """Add a line to the source and return it."""
        line = " ".join(text.split())
        placed = run(line, self.length)
        if placed.text:
            self.source.append(line)
            self.length += len(line) + 1
        return placed


def read_html(body: bytes, content_type: str | None, selection: Selection) -> Document:
    """Return the content of a page as blocks; its source is their text, a line for each.

    Raises ParseError for a page that cannot be read or says nothing, SelectorError where a selector does not match.
    """
    content = read_page(body, content_type, selection)
    writer = _Writer()
    for root in content.roots:
        _read(writer, content, root)
    if not writer.blocks.found:
        raise ParseError("the page holds no text (is it drawn in the browser?)")
    first = next((block.text for block in writer.blocks.found if writer.blocks.levels.get(block.number) == 1), "")
    return Document(
        source="\n".join(writer.source),
        blocks=tuple(writer.blocks.found),
        title=first or content.title,
        language=content.language,
    )


def _read(writer: _Writer, content: Content, root: Tag) -> None:
    """Write down what an element holds, as far as it lies in the range that is wanted."""
    opened: list[Tag] = []
    is_on = content.begin is None
    skipped: Tag | None = None  # a table that was read as rows
    for node in walk(root):
        if isinstance(node, Tag):
            if node is content.end:
                break
            is_on = is_on or (node is content.begin and not content.is_behind)
            opened.append(node)
            if skipped is None:
                _open(writer, node)
                if node.name == "table" and is_on and is_data_table(node):
                    skipped = node
                    _write_rows(writer, read_rows(node))
        elif node is None:
            tag = opened.pop()
            if tag is skipped:
                skipped = None
            if skipped is None:
                _close(writer, tag)
            is_on = is_on or tag is content.begin
        elif is_on and skipped is None:
            _write(writer, node)
    _flush(writer)


def _open(writer: _Writer, tag: Tag) -> None:
    if tag.name not in BLOCKS and not heading_level(tag) and not _is_accordion_button(writer, tag):
        if tag.name == "br":
            writer.texts.append(_BREAK)
        writer.bold += tag.name in BOLD
        writer.is_boundary = True
        return
    if writer.level and tag.name not in LISTS and not heading_level(tag):
        writer.texts.append(" ")  # a block within a heading
        return
    _flush(writer)
    if tag.name in LISTS:
        writer.blocks.open_list()
    elif tag.name in ITEMS:
        writer.blocks.open_item()
    elif tag.name == "details":
        writer.blocks.enter()
    elif tag.name in {"summary", "button"}:
        writer.level = TITLE_LEVEL
    elif heading_level(tag):
        writer.level = heading_level(tag)


def _close(writer: _Writer, tag: Tag) -> None:
    is_title = tag.name in {"summary", "button"} and writer.level == TITLE_LEVEL
    if heading_level(tag) or is_title:
        _flush(writer)
        writer.level = 0
    elif tag.name in BLOCKS and writer.level:
        writer.texts.append(" ")
    elif tag.name in BLOCKS:
        _flush(writer)
        if tag.name in LISTS:
            writer.blocks.close_list()
        elif tag.name == "details":
            writer.blocks.leave()
    else:
        writer.bold -= tag.name in BOLD
        writer.is_boundary = True


def _is_accordion_button(writer: _Writer, tag: Tag) -> bool:
    return tag.name == "button" and tag.has_attr("aria-expanded") and not writer.level


def _write(writer: _Writer, node: NavigableString) -> None:
    text = _WHITE.sub(" ", node)
    before = writer.texts[-1] if writer.texts else ""
    if writer.is_boundary and before and text and _GLUED.match(before[-1] + text[:2]):
        writer.texts.append(" ")  # two elements that a style sets apart
    if text:
        writer.is_boundary = False
        writer.texts.append(text)
        if text.strip():
            writer.plain += not writer.bold


def _flush(writer: _Writer) -> None:
    """Add the open block: what blank lines part as blocks of their own, a short one in bold as a heading."""
    text, plain = "".join(writer.texts), writer.plain
    writer.texts, writer.plain = [], 0
    if not text.strip():
        return
    if writer.level:
        writer.blocks.add_heading(writer.level, writer.place(text))
        return
    for part in _parts(text):
        placed = writer.place(part)
        if not plain:
            writer.blocks.add_bold(placed)
        else:
            writer.blocks.add_text(placed)


def _parts(text: str) -> list[str]:
    """Return the paragraphs of a text: cut where lines are blank, and before a line that begins with a bullet."""
    parts: list[str] = []
    for paragraph in _BREAKS.split(text):
        lines = paragraph.split(_BREAK)
        first = 0
        for number, line in enumerate(lines):
            if number and _LINE_MARK.match(line):
                parts.append(" ".join(lines[first:number]))
                first = number
        parts.append(" ".join(lines[first:]))
    return parts


def _write_rows(writer: _Writer, rows: list[Row]) -> None:
    for row in rows:
        start = writer.length
        line = CELL_BREAK.join(row.cells)
        cells: list[Placed] = []
        for cell in row.cells:
            cells.append(run(cell, start))
            start += len(cell) + len(CELL_BREAK)
        writer.source.append(line)
        writer.length += len(line) + 1
        writer.blocks.add_row(cells, row.header)
