"""Markdown, with the components of MDX, to blocks: lists, headings, tables line by line. Pure: text in, blocks out."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

from pipeline.errors import ParseError
from pipeline.parse.blocks import BOLD_LEVEL, TITLE_LEVEL, Blocks, Placed, run, stands_as_heading
from pipeline.parse.front_matter import split_front_matter
from pipeline.parse.markdown_inline import INLINE_COMPONENTS, Piece, is_tag, render
from pipeline.parse.markdown_table import delimits, read_markup_table, split_row
from pipeline.parse.markup import BLOCKS

MAX_LINES: Final = 200_000
_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_BLANK: Final = re.compile(r"[\s\u200b\u200d\ufeff]*")
_INDENT: Final = re.compile(r"[ \t\u00a0\u200b\u200d\ufeff]*")
_QUOTE: Final = re.compile(r">[ ]?")
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
_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9.:-]{0,60})(\s[^<>]{0,2000})?(/?)>")
_TITLE: Final = re.compile(r"\b(?:title|label|summary)=(?:\"([^\"]*)\"|'([^']*)'|\{\"([^\"]*)\"\})")
_COMMENT: Final = re.compile(r"<!--|\{/\*")
_KEY: Final = re.compile(r"[A-Za-z][\w:-]{0,40}:(?:\s|$)")
_SECOND_MATTER_LINES: Final = 40
_STARTS: Final = frozenset("#`~<{|*+-=_[(\u2022\u25e6\u25aa\u25cf\u00b7\u2013ie0123456789")
_LONGEST_HEADING: Final = 200


@dataclass(frozen=True, slots=True)
class _Line:
    """One line without the marks of quotes around it: how far it is set in, its text, and where that begins."""

    indent: int
    text: str
    start: int
    quotes: int = 0


@dataclass(slots=True)
class _Reader:
    """The lines of a document, and what is open at the line that is being read."""

    source: str
    lines: list[tuple[int, int]]
    blocks: Blocks
    piece: Piece = field(default_factory=Piece)
    items: list[int] = field(default_factory=list)  # open lists: how far their markers are set in
    parts: list[tuple[str, bool]] = field(default_factory=list)  # open components, and whether they have a title
    quotes: int = 0
    unclosed: dict[str, int] = field(default_factory=dict)  # what was looked for once and closes nowhere


def read_markdown(source: str) -> tuple[Blocks, str]:
    """Return the blocks of a Markdown document, and the title that its front matter gives or "".

    Code in fences, comments, definitions of links and MDX imports are left out.
    Raises ParseError for a document of too many lines.
    """
    lines = _cut(source)
    title, first = _front_matter(source, lines)
    reader = _Reader(source, lines, Blocks())
    at = first
    while at < len(lines):
        at = _step(reader, at)
    _flush(reader)
    return reader.blocks, title


def _cut(source: str) -> list[tuple[int, int]]:
    lines: list[tuple[int, int]] = []
    start = 0
    for end in _LINE_END.finditer(source):
        lines.append((start, end.start()))
        start = end.end()
    lines.append((start, len(source)))
    if len(lines) > MAX_LINES:
        raise ParseError(f"the document has more than {MAX_LINES} lines")
    return lines


def _front_matter(source: str, lines: list[tuple[int, int]]) -> tuple[str, int]:
    """Return the title that the front matter gives, and the first line behind it."""
    try:
        mapping, body = split_front_matter(source)
    except ParseError:  # nested values, for one: what the page says stands behind them all the same
        last = _end_of_matter(source, lines, 0)
        return ("", 0) if last is None else (_title_between(source, lines, 0, last)[0], last + 1)
    first = bisect_right(lines, (len(source) - len(body), -1))
    return mapping.get("title", ""), first if mapping else 0


def _end_of_matter(source: str, lines: list[tuple[int, int]], at: int) -> int | None:
    """Return the line that closes the front matter which a line opens, as another page in the same file may do."""
    if source[slice(*lines[at])].rstrip() != "---":
        return None
    for number in range(at + 1, min(at + _SECOND_MATTER_LINES, len(lines))):
        text = source[slice(*lines[number])]
        if text.rstrip() == "---":
            return number if number > at + 1 else None
        if number == at + 1 and _KEY.match(text) is None:
            return None
    return None


def _title_between(source: str, lines: list[tuple[int, int]], at: int, last: int) -> tuple[str, int]:
    for start, end in lines[at + 1 : last]:
        key, _, value = source[start:end].partition(":")
        if key == "title":
            bare = value.strip().strip("\"'")
            return bare, source.find(bare, start)
    return "", 0


def _line(reader: _Reader, at: int) -> _Line:
    start, end = reader.lines[at]
    quotes = 0
    indent = _INDENT.match(reader.source, start, end)
    while indent is not None and (mark := _QUOTE.match(reader.source, indent.end(), end)) is not None:
        quotes += 1
        start = mark.end()
        indent = _INDENT.match(reader.source, start, end)
    begin = indent.end() if indent else start
    width = sum({" ": 1, "\t": 4, "\u00a0": 1}.get(character, 0) for character in reader.source[start:begin])
    return _Line(width, reader.source[begin:end].rstrip(), begin, quotes)


def _step(reader: _Reader, at: int) -> int:
    """Read one line, or the lines of what begins there; return the next."""
    line = _line(reader, at)
    if line.quotes > reader.quotes:
        _flush(reader)
    reader.quotes = line.quotes if line.text or not line.quotes else reader.quotes
    if not line.text:
        _flush(reader)
        return at + 1
    if line.text[0] in _STARTS or "|" in line.text:
        for handle in _HANDLERS:
            after = handle(reader, at, line)
            if after is not None:
                return after
    _take_text(reader, line)
    return at + 1


def _take_text(reader: _Reader, line: _Line) -> None:
    if not reader.piece.texts:
        _leave_lists(reader, line.indent)
    elif _ENUMERATED.match(line.text) and _INTRODUCES.search(reader.piece.texts[-1][-8:].rstrip()):
        _flush(reader)
    reader.piece.add(line.text, line.start)


def _flush(reader: _Reader) -> None:
    """Add the open paragraph; a short one in bold stands as a heading."""
    if not reader.piece.texts:
        return
    text, is_bold = render(reader.piece)
    reader.piece = Piece()
    if is_bold and not reader.items and stands_as_heading(text.text):
        reader.blocks.add_heading(BOLD_LEVEL, text)
    else:
        reader.blocks.add_text(text)


def _leave_lists(reader: _Reader, indent: int) -> None:
    """Close the lists that a line which is set in so far no longer belongs to."""
    while reader.items and indent < reader.items[-1] + 2:
        reader.items.pop()
        reader.blocks.close_list()


def _take_heading(reader: _Reader, at: int, line: _Line) -> int | None:
    mark = _ATX.match(line.text)
    if mark is None:
        return None
    _flush(reader)
    _leave_lists(reader, line.indent)
    _add_heading(reader, len(mark[1]), _ATX_END.sub("", line.text[mark.end() :]), line.start + mark.end())
    return at + 1


def _add_heading(reader: _Reader, level: int, text: str, start: int) -> None:
    piece = Piece()
    piece.add(text, start)
    reader.blocks.add_heading(level, render(piece)[0])


def _take_underlined(reader: _Reader, at: int, line: _Line) -> int | None:
    """Take a line that underlines the paragraph above it as one that makes a heading of it."""
    if not reader.piece.texts or _UNDERLINE.fullmatch(line.text) is None:
        return None
    text, _ = render(reader.piece)
    if len(text.text) > _LONGEST_HEADING:
        _flush(reader)
        return at + 1
    reader.piece = Piece()
    _leave_lists(reader, line.indent)
    reader.blocks.add_heading(1 if line.text[0] == "=" else 2, text)
    return at + 1


def _take_rule(reader: _Reader, at: int, line: _Line) -> int | None:
    if _RULE.fullmatch(line.text) is None:
        return None
    _flush(reader)
    last = _end_of_matter(reader.source, reader.lines, at)
    if last is None:
        return at + 1
    title, start = _title_between(reader.source, reader.lines, at, last)
    _leave_lists(reader, 0)
    reader.blocks.add_heading(1, run(title, start))
    return last + 1


def _take_fence(reader: _Reader, at: int, line: _Line) -> int | None:
    """Skip a block of code; a fence that nothing closes is a stray one and skips only itself."""
    mark = _FENCE.fullmatch(line.text)
    if mark is None:
        return None
    _flush(reader)
    fence = mark[1]
    if reader.unclosed.get(fence[0], 99) > len(fence):
        for number in range(at + 1, len(reader.lines)):
            text = reader.source[slice(*reader.lines[number])].strip()
            if text.startswith(fence) and not text.strip(fence[0]):
                return number + 1
        reader.unclosed[fence[0]] = len(fence)
    return at + 1


def _take_comment(reader: _Reader, at: int, line: _Line) -> int | None:
    mark = _COMMENT.match(line.text)
    if mark is None:
        return None
    closing = "-->" if mark[0] == "<!--" else "*/}"
    return _skip_to(reader, at, line.start, closing)


def _skip_to(reader: _Reader, at: int, start: int, closing: str) -> int | None:
    """Skip to behind a mark and read on there; None where it does not come and the line is text."""
    end = -1 if closing in reader.unclosed else reader.source.find(closing, start)
    if end < 0:
        reader.unclosed[closing] = 0
        return None
    return _go_on(reader, at, end + len(closing))


def _go_on(reader: _Reader, at: int, place: int) -> int:
    """Return the line to go on with at a place: what is left of its own, or the next."""
    number = max(at, bisect_right(reader.lines, (place, len(reader.source) + 1)) - 1)
    start, end = reader.lines[number]
    if _BLANK.fullmatch(reader.source, max(start, place), end):
        return number + 1
    reader.lines[number] = (max(start, place), end)
    return number


def _take_definition(reader: _Reader, at: int, line: _Line) -> int | None:
    if reader.piece.texts:
        return None
    note = _NOTE.match(line.text)
    if note is not None:
        _leave_lists(reader, line.indent)
        reader.piece.add(line.text[note.end() :], line.start + note.end())
        return at + 1
    return at + 1 if _DEFINITION.match(line.text) else None


def _take_item(reader: _Reader, at: int, line: _Line) -> int | None:
    mark = _MARKER.match(line.text)
    if mark is None:
        return None
    if not mark[1]:  # a number: within a paragraph, and for a heading that is underlined, it may be none
        is_sibling = bool(reader.items) and abs(reader.items[-1] - line.indent) <= 1
        if reader.piece.texts and mark[2] != "1" and not is_sibling:
            return None
        if at + 1 < len(reader.lines) and _UNDERLINE.fullmatch(_line(reader, at + 1).text):
            return None
    _flush(reader)
    while reader.items and line.indent < reader.items[-1] - 1:
        reader.items.pop()
        reader.blocks.close_list()
    if not reader.items or line.indent > reader.items[-1] + 1:
        reader.items.append(line.indent)
        reader.blocks.open_list()
    reader.blocks.open_item()
    _take_rest_of_item(reader, line, mark.end())
    return at + 1


def _take_rest_of_item(reader: _Reader, line: _Line, start: int) -> None:
    """Read what stands behind a marker: text, or a heading or another marker."""
    text, place = line.text[start:], line.start + start
    heading = _ATX.match(text)
    if heading is not None:
        _add_heading(reader, len(heading[1]), _ATX_END.sub("", text[heading.end() :]), place + heading.end())
    elif text:
        reader.piece.add(text, place)


def _take_table(reader: _Reader, at: int, line: _Line) -> int | None:
    """Read a pipe table, row by row, to a blank line or another block."""
    if "|" not in line.text or at + 1 >= len(reader.lines):
        return None
    below = _line(reader, at + 1)
    head = split_row(line.text, line.start)
    if not delimits(below.text, len(head)):
        return None
    _flush(reader)
    _leave_lists(reader, line.indent)
    titles = [cell.text for cell in _cells(head)]
    reader.blocks.add_row(_cells(head), [])
    number = at + 2
    while number < len(reader.lines):
        row = _line(reader, number)
        if "|" not in row.text or _ATX.match(row.text):
            break
        reader.blocks.add_row(_cells(split_row(row.text, row.start)), titles)
        number += 1
    return number


def _cells(cells: list[Piece]) -> list[Placed]:
    return [render(cell, in_cell=True)[0] for cell in cells]


def _take_tag(reader: _Reader, at: int, line: _Line) -> int | None:
    """Read a tag of a block or a component at the beginning of a line; others are left to the text."""
    tag = _TAG.match(reader.source, line.start) if line.text[0] == "<" else None
    if tag is None or not is_tag(tag[2]) or not (tag[2][0].isupper() or tag[2].lower() in BLOCKS):
        return None
    if tag[2] in INLINE_COMPONENTS:
        return None
    _flush(reader)
    _leave_lists(reader, line.indent)
    name = tag[2].lower()
    if name == "table" and not tag[1]:
        table = read_markup_table(reader.source, tag.end(), reader.unclosed)
        if table is not None:
            for cells, titles in table.rows:
                reader.blocks.add_row(cells, titles)
            return _go_on(reader, at, table.end)
    if name == "summary" or (len(name) == 2 and name[0] == "h" and name[1].isdecimal()):  # noqa: PLR2004
        end = -1 if tag[1] else reader.source.find(f"</{tag[2]}>", tag.end(), tag.end() + 1000)
        if end >= 0:
            level = TITLE_LEVEL if name == "summary" else int(name[1])
            _add_heading(reader, level, reader.source[tag.end() : end].replace("\n", " "), tag.end())
            return _go_on(reader, at, end + len(name) + 3)
    _open_or_close(reader, tag)
    return _go_on(reader, at, tag.end())


def _open_or_close(reader: _Reader, tag: "re.Match[str]") -> None:
    """Note where a component begins and ends; its title heads what it holds."""
    name = tag[2]
    if tag[1]:
        while any(part == name for part, _ in reader.parts[-3:]):
            part, has_title = reader.parts.pop()
            if has_title:
                reader.blocks.leave()
            if part == name:
                break
        return
    title = _TITLE.search(tag[3] or "")
    if tag[4] or name.lower() in {"br", "hr"}:
        return
    is_titled = title is not None or name == "details"
    reader.parts.append((name, is_titled))
    if is_titled:
        reader.blocks.enter()
    if title is not None and title.lastindex is not None:
        start = tag.start(3) + title.start(title.lastindex)
        _add_heading(reader, TITLE_LEVEL, title[title.lastindex], start)


# In order: an underline before a rule, a rule before an item, comments and tags before text.
_HANDLERS: Final = (
    _take_heading,
    _take_fence,
    _take_underlined,
    _take_table,
    _take_rule,
    _take_comment,
    _take_tag,
    _take_definition,
    _take_item,
)
