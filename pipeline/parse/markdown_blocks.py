"""Markdown, with the components of MDX, to blocks: lists, headings, tables line by line. Pure: text in, blocks out."""

import re
from typing import Final

from pipeline.errors import ParseError
from pipeline.parse.blocks import Blocks, Placed, run
from pipeline.parse.markdown_inline import Piece, render
from pipeline.parse.markdown_lines import Line, Lines
from pipeline.parse.markdown_state import Reader
from pipeline.parse.markdown_table import delimits, split_row
from pipeline.parse.markdown_tags import take_admonition, take_comment, take_tag

MAX_MARKS: Final = 1_000_000  # some seconds of work
_MARKS: Final = "*_`[]<&~\\"
_ATX: Final = re.compile(r"(#{1,6})(?:[ \t]+|$)")
_ATX_END: Final = re.compile(r"(?:[ \t]#*|[ \t])+$|^#+$")
_UNDERLINE: Final = re.compile(r"(?:={2,}|-{3,})[ \t]*")
_RULE: Final = re.compile(r"(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")
_FENCE: Final = re.compile(r"(`{3,20}|~{3,20})[^`]*")
_MARKER: Final = re.compile(r"(?:([*+-]|[\u2022\u25e6\u25aa\u25cf\u00b7\u2013])|([0-9]{1,9})[.)])(?:[ \t\u00a0]+|$)")
_ENUMERATED: Final = re.compile(r"\(?(?:[a-z]|[ivx]{1,5}|[0-9]{1,3})\)\s")
_INTRODUCES: Final = re.compile(r"(?:[:;,]|\b(?:and|or))\s*")
_DEFINITION: Final = re.compile(r"\[(?!\^)[^\[\]]{1,200}\]:\s*\S|(?:import|export)\s.*(?:from\s|=)")
_NOTE: Final = re.compile(r"\[\^[^\[\]\s]{1,80}\]:\s*")
_STARTS: Final = frozenset("!?:#`~<{|*+-=_[(\u2022\u25e6\u25aa\u25cf\u00b7\u2013ie0123456789")
_LONGEST_HEADING: Final = 200


def read_markdown(source: str) -> tuple[Blocks, str]:
    """Return the blocks of a Markdown document, and the title that its front matter gives or "".

    Code in fences, comments, definitions of links and MDX imports are left out.
    Raises ParseError for a document of too many lines or marks.
    """
    if sum(map(source.count, _MARKS)) > MAX_MARKS:
        raise ParseError(f"the document has more than {MAX_MARKS} marks of Markdown")
    lines = Lines(source)
    title, at = lines.split_matter()
    reader = Reader(source, lines, Blocks())
    about, start = lines.title_within(0, at, wanted="description") if at else ("", 0)
    if about:
        reader.piece.add(about, start)
        reader.flush()
    while at < len(lines):
        at = _step(reader, at)
    reader.flush()
    return reader.blocks, title


def _step(reader: Reader, at: int) -> int:
    """Read one line, or the lines of what begins there; return the next."""
    line = reader.lines.read(at)
    if line.quotes > reader.quotes:
        reader.flush()
    reader.quotes = line.quotes if line.text or not line.quotes else reader.quotes
    if not line.text:
        reader.flush()
        return at + 1
    if line.text[0] in _STARTS or "|" in line.text:
        for handle in _HANDLERS:
            after = handle(reader, at, line)
            if after is not None:
                return after
    _take_text(reader, line)
    return at + 1


def _take_text(reader: Reader, line: Line) -> None:
    if not reader.piece.texts:
        reader.leave_lists(line.indent)
    elif _ENUMERATED.match(line.text) and _INTRODUCES.search(reader.piece.texts[-1][-8:].rstrip()):
        reader.flush()
    reader.piece.add(line.text, line.start)


def _take_heading(reader: Reader, at: int, line: Line) -> int | None:
    mark = _ATX.match(line.text)
    if mark is None:
        return None
    reader.flush()
    reader.leave_lists(line.indent)
    reader.add_heading(len(mark[1]), _ATX_END.sub("", line.text[mark.end() :]), line.start + mark.end())
    return at + 1


def _take_underlined(reader: Reader, at: int, line: Line) -> int | None:
    """Take a line that underlines the paragraph above it as one that makes a heading of it."""
    if not reader.piece.texts or _UNDERLINE.fullmatch(line.text) is None:
        return None
    text, _ = render(reader.piece)
    if len(text.text) > _LONGEST_HEADING:
        reader.flush()
        return at + 1
    reader.piece = Piece()
    reader.leave_lists(line.indent)
    reader.blocks.add_heading(1 if line.text[0] == "=" else 2, text)
    return at + 1


def _take_rule(reader: Reader, at: int, line: Line) -> int | None:
    if _RULE.fullmatch(line.text) is None:
        return None
    reader.flush()
    last = reader.lines.find_end_of_matter(at)
    if last is None:
        return at + 1
    title, start = reader.lines.title_within(at, last)
    reader.leave_lists(0)
    reader.blocks.add_heading(1, run(title, start))
    return last + 1


def _take_fence(reader: Reader, at: int, line: Line) -> int | None:
    """Skip a block of code; a fence that nothing closes is a stray one and skips only itself."""
    mark = _FENCE.fullmatch(line.text)
    if mark is None:
        return None
    reader.flush()
    fence = mark[1]
    if reader.unclosed.get(fence[0], 99) > len(fence):
        for number in range(at + 1, len(reader.lines)):
            text = reader.lines.written(number).strip()
            if text.startswith(fence) and not text.strip(fence[0]):
                return number + 1
        reader.unclosed[fence[0]] = len(fence)
    return at + 1


def _take_definition(reader: Reader, at: int, line: Line) -> int | None:
    if reader.piece.texts:
        return None
    note = _NOTE.match(line.text)
    if note is not None:
        reader.leave_lists(line.indent)
        reader.piece.add(line.text[note.end() :], line.start + note.end())
        return at + 1
    return at + 1 if _DEFINITION.match(line.text) else None


def _take_item(reader: Reader, at: int, line: Line) -> int | None:
    mark = _MARKER.match(line.text)
    if mark is None:
        return None
    if not mark[1]:  # a number: within a paragraph, and for a heading that is underlined, it may be none
        is_sibling = bool(reader.items) and abs(reader.items[-1] - line.indent) <= 1
        if reader.piece.texts and mark[2] != "1" and not is_sibling:
            return None
        if at + 1 < len(reader.lines) and _UNDERLINE.fullmatch(reader.lines.read(at + 1).text):
            return None
    reader.flush()
    while reader.items and line.indent < reader.items[-1] - 1:
        reader.close_list()
    is_bullet = bool(mark[1])
    if not is_bullet and reader.is_within_number(line.indent):
        reader.close_list()
    is_introduced = is_bullet and reader.is_numbered and reader.blocks.introduces_list
    if not reader.items or line.indent > reader.items[-1] + 1 or is_introduced:
        reader.open_list(line.indent, is_numbered=not is_bullet)
    reader.blocks.open_item()
    _take_rest_of_item(reader, line, mark.end())
    return at + 1


def _take_rest_of_item(reader: Reader, line: Line, start: int) -> None:
    """Read what stands behind a marker: text, or a heading or another marker."""
    text, place = line.text[start:], line.start + start
    heading = _ATX.match(text)
    if heading is not None:
        reader.add_heading(len(heading[1]), _ATX_END.sub("", text[heading.end() :]), place + heading.end())
    elif text:
        reader.piece.add(text, place)


def _take_table(reader: Reader, at: int, line: Line) -> int | None:
    """Read a pipe table, row by row, to a blank line or another block."""
    if "|" not in line.text or at + 1 >= len(reader.lines):
        return None
    below = reader.lines.read(at + 1)
    head = split_row(line.text, line.start)
    if not delimits(below.text, len(head)):
        return None
    reader.flush()
    reader.leave_lists(line.indent)
    titles = [cell.text for cell in _cells(head)]
    reader.blocks.add_row(_cells(head), [])
    number = at + 2
    while number < len(reader.lines):
        row = reader.lines.read(number)
        if "|" not in row.text or _ATX.match(row.text):
            break
        reader.blocks.add_row(_cells(split_row(row.text, row.start)), titles)
        number += 1
    return number


def _cells(cells: list[Piece]) -> list[Placed]:
    return [render(cell, in_cell=True)[0] for cell in cells]


# In order: an underline before a rule, a rule before an item, comments and tags before text.
_HANDLERS: Final = (
    _take_heading,
    _take_fence,
    _take_underlined,
    _take_table,
    _take_rule,
    take_comment,
    take_admonition,
    take_tag,
    _take_definition,
    _take_item,
)
