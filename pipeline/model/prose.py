"""Terms pages: the text of one in blocks, and the typed statements that were read in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.model.values import Retention
from pipeline.model.words import BlockKind, Condition, DataKind, Grade, Service, Topic, Training

_EMPHASIS: Final = re.compile(r"\*+|_+")
_LONGEST_MARK: Final = 3  # "***": bold and slanted
_SHOWN_MARKS: Final = re.compile(
    r"(?:\*\*+|\u2022)\s*"
)  # at a quote's ends: bold that nothing closes, the dot of a list


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One heading, paragraph, list item or table row, as a reader sees it: markup gone, white space folded.

    Character `i` of `text` is character `places[i]` of the document's source, and `places` never runs backwards.
    """

    number: int  # counted from 1 in the order of the page
    kind: BlockKind
    text: str
    places: Sequence[int]
    headings: tuple[str, ...] = ()  # that it stands under, the outermost first; a heading's own text is not among them
    lead_in: str = ""  # of a list item: the words that introduce its list, those of outer lists and items before them
    cells: tuple[tuple[int, int], ...] = ()  # of a table row: where in `text` each cell begins and ends
    header: tuple[str, ...] = ()  # of a table row: the header of each cell, empty where it has none


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A terms page as text blocks. `source` holds the characters that every quote is a run of.

    For Markdown and plain text these are the file's own; for HTML and PDF the extracted text.
    """

    source: str
    blocks: tuple[Block, ...]
    title: str = ""
    language: str | None = None  # as the page declares it, in two letters

    def quote(self, block: Block, start: int, end: int) -> str:
        """Return the source's characters behind a part of a block's text, white space folded.

        Of "**Kept**: 30 days." they begin with the marks, so that a quote holds emphasis whole or not at all.
        """
        first, last = self._run(block, start, end)
        return " ".join(self.source[first:last].split())

    def locator(self, block: Block, start: int, end: int) -> str:
        """Return where the quote of a part of a block stands: block, characters of the source, the headings above."""
        path = " > ".join(block.headings)
        under = f" under {path}" if path else ""
        first, last = self._run(block, start, end)
        return f"block {block.number}, characters {first}-{last}{under}"

    def _run(self, block: Block, start: int, end: int) -> tuple[int, int]:
        """Return where a quote begins and ends in the source."""
        start, end = _without_marks(block.text, start, end)
        first, last = block.places[start], block.places[end - 1] + 1
        marks = [mark[0] for mark in _EMPHASIS.finditer(self.source, first, last)]
        for mark in dict.fromkeys(marks):
            if len(mark) > _LONGEST_MARK or marks.count(mark) % 2 == 0:
                continue
            if self.source.endswith(mark, 0, first):
                first -= len(mark)
            elif self.source.startswith(mark, last):
                last += len(mark)
        return first, last


def _without_marks(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a part of a text, never an empty one, without shown marks at its ends that say nothing."""
    first = start
    while mark := _SHOWN_MARKS.match(text, first, end):
        first = mark.end()
    last = first + len(text[first:end].rstrip("* "))
    if "**" not in text[last:end]:  # one asterisk is that of a footnote
        last = end
    return (first, last) if text[first:last].strip() else (start, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a terms page on retention or training, typed, with its exact words and where they stand."""

    topic: Topic
    value: Retention | Training
    data: DataKind
    condition: Condition
    service: Service
    grade: Grade
    quote: str  # an exact run of the source's characters, white space folded
    locator: str
    rule_id: str
    trigger: str | None = None  # from when a period counts, as written: "after termination"
