"""Plain text to blocks: paragraphs between blank lines, lists, and headings where it is safe to say so. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pipeline.errors import ParseError
from pipeline.parse.blocks import Blocks, Placed, fold
from pipeline.parse.markdown_inline import Piece

MAX_LINES: Final = 200_000
_LINE_END: Final = re.compile(r"\r\n|\n|\r|\f")
_MARKER: Final = re.compile("([*+-]|[\u2022\u25e6\u25aa\u25cf\u00b7\u2013\uf0b7]|[0-9]{1,2}[.)])[ \t\u00a0]+(?=\\S)")
_ENUMERATED: Final = re.compile(r"\(?(?:[a-z]|[ivx]{1,5}|[0-9]{1,3})\)\s+\S")
_INTRODUCES: Final = re.compile(r"(?:[:;,.]|\b(?:and|or))$")
_NUMBERED: Final = re.compile(r"(?:(?i:section|article)\s+)?([0-9]{1,2}(?:\.[0-9]{1,2}){0,4})[.:]?\s+(?=[A-Z])")
_ENDS_SENTENCE: Final = (".", ":", ";", ",", "!", "\u2026")
_UNDERLINE: Final = re.compile(r"={3,}|-{3,}|_{3,}|\*{3,}")
_WORD: Final = re.compile(r"[^\W\d_][\w'\u2019-]*")
_LONGEST_HEADING: Final = 80
_CAPITALS_LEVEL: Final = 2
_TITLE_LEVEL: Final = 6
_SMALL: Final = re.compile(r"an?|and|as|at|by|do|for|from|how|in|into|is|of|on|or|our|the|to|us|we|with|you|your")


@dataclass(frozen=True, slots=True)
class _Line:
    indent: int
    text: str
    start: int


@dataclass(slots=True)
class _Reader:
    """What is open at a line: a paragraph, and lists by how far their markers are set in."""

    blocks: Blocks
    lines: list[_Line] = field(default_factory=list)
    items: list[int] = field(default_factory=list)


def read_text(source: str) -> Blocks:
    """Return the blocks of a plain text; wrapped lines join. Raises ParseError for a text of too many lines."""
    reader = _Reader(Blocks())
    lines = [_Line(0, "", 0), *_lines(source), _Line(0, "", 0)]
    for before, line, after in zip(lines, lines[1:], lines[2:], strict=False):
        if not line.text or _UNDERLINE.fullmatch(line.text):
            _flush(reader)
            continue
        stands_alone = not before.text and not after.text and _NUMBERED.match(line.text) and heading_level(line.text)
        marker = None if stands_alone else _MARKER.match(line.text)
        if marker is not None and _may_begin(reader, marker[1]):
            _flush(reader)
            _open_item(reader, line.indent)
            reader.lines.append(_Line(line.indent, line.text[marker.end() :], line.start + marker.end()))
            continue
        if not reader.lines:
            _leave_lists(reader, line.indent)
        elif _ENUMERATED.match(line.text) and _INTRODUCES.search(reader.lines[-1].text):
            _flush(reader)
        reader.lines.append(line)
    _flush(reader)
    return reader.blocks


def begins_item(line: str) -> bool:
    """Whether a line begins with the mark of a list's item."""
    return (_MARKER.match(line) or _ENUMERATED.match(line)) is not None


def _lines(source: str) -> Iterator[_Line]:
    start = 0
    for number, end in enumerate([*_LINE_END.finditer(source), None]):
        if number > MAX_LINES:
            raise ParseError(f"the text has more than {MAX_LINES} lines")
        whole = source[start : end.start() if end else len(source)].expandtabs(1)
        text = whole.lstrip()
        yield _Line(len(whole) - len(text), text.rstrip(), start + len(whole) - len(text))
        start = end.end() if end else start


def _may_begin(reader: _Reader, mark: str) -> bool:
    """Whether a marker begins an item here: a number within a paragraph may be one that a line was wrapped before."""
    return not reader.lines or not mark[0].isdecimal() or bool(reader.items)


def _open_item(reader: _Reader, indent: int) -> None:
    while reader.items and indent < reader.items[-1] - 1:
        reader.items.pop()
        reader.blocks.close_list()
    if not reader.items or indent > reader.items[-1] + 1:
        reader.items.append(indent)
        reader.blocks.open_list()
    reader.blocks.open_item()


def _leave_lists(reader: _Reader, indent: int) -> None:
    while reader.items and indent < reader.items[-1] + 2:
        reader.items.pop()
        reader.blocks.close_list()


def _flush(reader: _Reader) -> None:
    """Add the open paragraph, or the heading that it is."""
    lines, reader.lines = reader.lines, []
    if not lines:
        return
    if not reader.items and (level := _capitals_level(lines)):
        reader.blocks.add_heading(level, _placed(lines[:1]))
        lines = lines[1:]
    if (
        len(lines) == 1
        and (not reader.items or _NUMBERED.match(lines[0].text))
        and (level := heading_level(lines[0].text))
    ):
        reader.blocks.add_heading(level, _placed(lines))
    elif lines:
        reader.blocks.add_text(_placed(lines))


def _placed(lines: list[_Line]) -> Placed:
    piece = Piece()
    for line in lines:
        piece.add(line.text, line.start)
    return fold(piece.text, piece.places)


def _capitals_level(lines: list[_Line]) -> int:
    """Return the level of a first line all in capitals above others that are not, 0 for any other line.

    A first line in title case is not taken for a heading: it may be one that is wrapped.
    """
    if len(lines) > 1 and lines[0].text.isupper() and not lines[1].text.isupper():
        return heading_level(lines[0].text)
    return 0


def heading_level(line: str) -> int:
    """Return the level of the heading that a line which stands alone is, 0 where it is not safe to call it one."""
    if len(line) > _LONGEST_HEADING or line.endswith(_ENDS_SENTENCE) or "http" in line:
        return 0
    numbered = _NUMBERED.match(line)
    words = _WORD.findall(line[numbered.end() :] if numbered else line)
    if not words:
        return 0
    is_title = words[0][0].isupper() and all(word[0].isupper() or _SMALL.fullmatch(word) for word in words)
    if numbered and (is_title or len(words) <= 8):  # noqa: PLR2004
        return 2 + numbered[1].count(".") + 1
    if line.isupper() and len("".join(words)) > 3:  # noqa: PLR2004
        return _CAPITALS_LEVEL
    return _TITLE_LEVEL if is_title and len(words) > 1 else 0
