"""Markdown pipe tables to rows of cell text. Pure: text in, cells out, no I/O; every pattern is linear."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pipeline.errors import ParseError
from pipeline.parse.table_grid import MAX_CELL_CHARACTERS, MAX_COLUMNS, Cell, GridRow, Table, collapse

MAX_LINES: Final = 200_000
MAX_PIPES: Final = 50_000  # a second of work at most; a table of 10,000 rows has 40,000
_LINE_END: Final = re.compile(r"\r\n|\n|\r")  # str.splitlines would also cut at characters that a cell may hold
_ESCAPE_OR_PIPE: Final = re.compile(r"\\.|\|")
_BLANKS: Final = " \t"
_DELIMITER: Final = re.compile(r":?-+:?")
_DELIMITER_CHARACTERS: Final = frozenset("|:- \t")
_FENCE: Final = re.compile(r"`{3,}|~{3,}")
_COMMENTS: Final = (("<!--", "-->"), ("{/*", "*/}"))  # HTML's and MDX's
_BLOCK_START: Final = re.compile(r"#{1,6}\s|>|```|~~~|<|[-*+]\s|\{/\*|$")  # what ends a table without a blank line

_PUNCTUATION: Final = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
# Literal punctuation is set aside as the 32 noncharacters U+FDD0 to U+FDEF, which no document may interchange, so that
# no later rule takes it for markup.
_SET_ASIDE: Final = {ord(mark): 0xFDD0 + place for place, mark in enumerate(_PUNCTUATION)}
_BROUGHT_BACK: Final = {0xFDD0 + place: mark for place, mark in enumerate(_PUNCTUATION)}
_STRAY_NONCHARACTERS: Final = dict.fromkeys(_BROUGHT_BACK, 0xFFFD)

_MARKS: Final = re.compile(r"[\\`&!\[<~*_\uFDD0-\uFDEF]")  # what any rule below begins with

_LITERAL: Final = re.compile(r"\\([" + re.escape(_PUNCTUATION) + r"])|(?<!`)(`++)([^`]+)\2(?!`)")
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TARGET: Final = r"\([^()]*(?:\([^()]*\)[^()]*)?\)"
_PICTURE: Final = re.compile(r"!\[([^\[\]]*)\]" + _TARGET)
# In order: comments before tags, addresses before tags, bold before italics. Struck-out text is not said any more and
# goes, as it does in HTML.
_MARKUP: Final = (
    (re.compile(r"<!--[^<>]*-->"), ""),
    (re.compile(r"<(https?:[^<>\s]*)>"), r"\1"),
    (re.compile(r"</?[A-Za-z][^<>]*>"), " "),
    (re.compile(r"\[([^\[\]]*)\]" + _TARGET), r"\1"),
    (re.compile(r"\[([^\[\]]*)\]\[[^\[\]]*\]"), r"\1"),
    (re.compile(r"~~[^~]+~~"), " "),
    (re.compile(r"\*\*(?=\S)([^*]+)(?<=\S)\*\*"), r"\1"),
    (re.compile(r"\*(?=\S)([^*]+)(?<=\S)\*"), r"\1"),
    (re.compile(r"(?<!\w)__(?=\S)([^_]+)(?<=\S)__(?!\w)"), r"\1"),
    (re.compile(r"(?<!\w)_(?=\S)([^_]+)(?<=\S)_(?!\w)"), r"\1"),
)


@dataclass(frozen=True, slots=True)
class _PipeTable:
    """The rows of one table as written, the header first; called, it yields them as text."""

    lines: list[tuple[list[str], str | None]] = field(default_factory=list)  # the cells, and what is wrong with them

    def __call__(self) -> Iterator[GridRow]:
        for cells, problem in self.lines:
            if len(cells) > MAX_COLUMNS:
                yield GridRow((), f"more than {MAX_COLUMNS} columns")
            else:
                yield GridRow(tuple(Cell(plain_text(cell)) for cell in cells), problem)


def find_pipe_tables(text: str) -> list[Table]:
    """Return the pipe tables of a Markdown document, those in code blocks and comments left out.

    A table ends at a blank line, at another block and where its header comes again. Rows that follow after blank lines
    only are kept with it, as rows with a problem. Raises ParseError for a document of too many lines or cells.
    """
    if text.count("\n") + text.count("\r") - text.count("\r\n") >= MAX_LINES:
        raise ParseError(f"the document has more than {MAX_LINES} lines")
    if text.count("|") - text.count("\\|") > MAX_PIPES:
        raise ParseError(f"the document has more than {MAX_PIPES} pipes")
    tables: list[_PipeTable] = []
    is_open = is_near = False  # within the last table; with only blank lines since
    lines = [*_visible_lines(text), ""]
    numbers = iter(range(len(lines) - 1))
    for number in numbers:
        line = lines[number]
        is_row = is_open and _BLOCK_START.match(line.lstrip()) is None
        is_repeated = is_row and _split(line) == tables[-1].lines[0][0]
        if (is_repeated or not is_row) and _is_header(line, lines[number + 1]):
            tables.append(_PipeTable([(_split(line), None)]))
            is_open = is_near = True
            next(numbers)  # the delimiter row
        elif is_row:
            tables[-1].lines.append((_split(line), None))
        else:
            is_open = False
            is_near = is_near and (not line.strip() or line.lstrip().startswith("|"))
            if is_near and line.strip():
                tables[-1].lines.append((_split(line), "the row stands apart from its table"))
    return list(tables)


def plain_text(cell: str) -> str:
    """Return what a cell says without its Markdown: bold, italics, code, links, pictures, tags, entities, escapes.

    A cell over MAX_CELL_CHARACTERS comes back as written; whoever reads it refuses it for its length.
    """
    if len(cell) > MAX_CELL_CHARACTERS:
        return cell
    if _MARKS.search(cell) is None:
        return collapse(cell)
    text = _LITERAL.sub(_literal, cell.translate(_STRAY_NONCHARACTERS))
    text = _ENTITY.sub(lambda entity: html.unescape(entity[0]).translate(_SET_ASIDE), text)
    # Pictures stand inside links, so they go first; as in HTML, one is read only where the cell has no other text.
    return _without_markup(_PICTURE.sub(" ", text)) or _without_markup(_PICTURE.sub(r"\1", text))


def _without_markup(text: str) -> str:
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    return collapse(text.translate(_BROUGHT_BACK))


def _literal(found: re.Match[str]) -> str:
    escaped, _, code = found.groups()
    return str(escaped or code.replace("\\|", "|").strip()).translate(_SET_ASIDE)


def _visible_lines(text: str) -> Iterator[str]:
    """Yield the lines outside fenced code and comments; an empty line stands for each block left out."""
    closing = ""
    is_fenced = False
    for line in _LINE_END.split(text):
        content = line.strip()
        if closing:
            if (is_fenced and content.startswith(closing) and not content.strip(closing[0])) or (
                not is_fenced and closing in content
            ):
                closing = ""
            continue
        fence = _FENCE.match(content)
        closing = fence[0] if fence else _comment_end(content)
        is_fenced = fence is not None
        yield "" if closing else line


def _comment_end(content: str) -> str:
    """Return what closes the comment that a line opens and leaves open, or ""."""
    for opening, closing in _COMMENTS:
        if content.startswith(opening) and closing not in content:
            return closing
    return ""


def _is_header(line: str, below: str) -> bool:
    """Whether a table begins: a line with pipes above a delimiter row of as many cells."""
    if "|" not in line or "|" not in below or "-" not in below or not _DELIMITER_CHARACTERS.issuperset(below):
        return False
    delimiters = _split(below)
    return all(_DELIMITER.fullmatch(cell) for cell in delimiters) and len(_split(line)) == len(delimiters)


def _split(line: str) -> list[str]:
    """Return the cells of a line, cut at the pipes that no backslash escapes; of too many, one more than may be."""
    row = line.strip(_BLANKS).removeprefix("|")
    cells: list[str] = []
    start = 0
    for found in _ESCAPE_OR_PIPE.finditer(row):
        if found[0] == "|":
            cells.append(row[start : found.start()].strip(_BLANKS))
            start = found.end()
        if len(cells) > MAX_COLUMNS:
            return cells
    if row[start:].strip(_BLANKS):
        cells.append(row[start:].strip(_BLANKS))
    return cells
