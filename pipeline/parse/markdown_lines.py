"""The lines of a Markdown document, and the front matter at its head or within it. Pure."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from pipeline.errors import ParseError
from pipeline.parse.front_matter import split_front_matter

MAX_LINES: Final = 200_000
_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_BLANK: Final = re.compile(r"[\s\u200b\u200d\ufeff]*")
_INDENT: Final = re.compile(r"[ \t\u00a0\u200b\u200d\ufeff]*")
_QUOTE: Final = re.compile(r">[ ]?")
_WIDTHS: Final = {" ": 1, "\u00a0": 1, "\t": 4}
_FENCE: Final = "---"
_KEY: Final = re.compile(r"[A-Za-z][\w:-]{0,40}:(?:\s|$)")
_LONGEST_MATTER: Final = 40  # lines, of a page within a file of many


@dataclass(frozen=True, slots=True)
class Line:
    """One line without the marks of quotes around it: how far it is set in, its text, and where that begins."""

    indent: int
    text: str
    start: int
    quotes: int = 0


class Lines:
    """The lines of a source by number. Raises ParseError for too many of them."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.spans: list[tuple[int, int]] = []
        start = 0
        for end in _LINE_END.finditer(source):
            self.spans.append((start, end.start()))
            start = end.end()
        self.spans.append((start, len(source)))
        if len(self.spans) > MAX_LINES:
            raise ParseError(f"the document has more than {MAX_LINES} lines")

    def __len__(self) -> int:
        return len(self.spans)

    def written(self, at: int) -> str:
        """Return a line as it is written."""
        start, end = self.spans[at]
        return self.source[start:end]

    def read(self, at: int) -> Line:
        """Return a line without the marks of quotes."""
        start, end = self.spans[at]
        quotes = 0
        indent = _INDENT.match(self.source, start, end)
        while indent is not None and (mark := _QUOTE.match(self.source, indent.end(), end)) is not None:
            quotes += 1
            start = mark.end()
            indent = _INDENT.match(self.source, start, end)
        begin = indent.end() if indent else start
        width = sum(_WIDTHS.get(character, 0) for character in self.source[start:begin])
        return Line(width, self.source[begin:end].rstrip(), begin, quotes)

    def go_on(self, at: int, place: int) -> int:
        """Return the line to go on with at a place: what is left of its own, or the next."""
        number = max(at, bisect_right(self.spans, (place, len(self.source) + 1)) - 1)
        start, end = self.spans[number]
        if _BLANK.fullmatch(self.source, max(start, place), max(end, place)):
            return number + 1
        self.spans[number] = (max(start, place), end)
        return number

    def split_matter(self) -> tuple[str, int]:
        """Return the title that the front matter gives, or "", and the first line behind it."""
        try:
            mapping, body = split_front_matter(self.source)
        except ParseError:  # nested values, for one: what the page says stands behind them all the same
            last = self.find_end_of_matter(0)
            return ("", 0) if last is None else (self.title_within(0, last)[0], last + 1)
        first = bisect_right(self.spans, (len(self.source) - len(body), -1))
        return mapping.get("title", ""), first if mapping else 0

    def find_end_of_matter(self, at: int) -> int | None:
        """Return the line that closes the front matter which a line opens, or None where it opens none."""
        if self.written(at).rstrip() != _FENCE or at + 1 >= len(self) or _KEY.match(self.written(at + 1)) is None:
            return None
        numbers = range(at + 2, min(at + _LONGEST_MATTER, len(self)))
        return next((number for number in numbers if self.written(number).rstrip() == _FENCE), None)

    def title_within(self, at: int, last: int, *, wanted: str = "title") -> tuple[str, int]:
        """Return the title, or what another key says in one line, between two lines, and its place."""
        for start, end in self.spans[at + 1 : last]:
            key, _, value = self.source[start:end].partition(":")
            if key == wanted:
                bare = value.strip().strip("\"'")
                return bare, self.source.find(bare, start)
        return "", 0
