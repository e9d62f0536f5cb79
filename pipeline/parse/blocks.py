"""The blocks of a page, gathered from its top to its end: headings above, lists with their lead-ins, rows. Pure."""

import re
from array import array
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from pipeline.model import Block, BlockKind

TITLE_LEVEL: Final = 7  # of the title of an accordion or a card, below every <h6>
BOLD_LEVEL: Final = 8  # of a paragraph in bold that stands as a heading
CELL_BREAK: Final = " | "
_MAX_NESTED: Final = 12  # headings above a block, lists in lists: hostile nesting stays linear
_MAX_LEAD_IN: Final = 4000
_LONGEST_BOLD: Final = 90
_LONGEST_NUMBERED: Final = 60  # with a full stop at its end: "2. Payment terms."
_ENDS_SENTENCE: Final = (".", ":", ";", ",", "!")

# Characters without width: soft hyphens, joiners, marks of direction; a reader does not see them.
_UNSEEN: Final = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_GAP: Final = re.compile(rf"[\s{_UNSEEN}]+")
_TO_FOLD: Final = re.compile(rf"[{_UNSEEN}]|\s\s|[^\S ]|^ | $")
_SPACE: Final = re.compile(r"\s")
_ENUMERATOR: Final = re.compile(r"\(?(?P<mark>[a-z]|[ivx]{1,5}|[0-9]{1,3})\)\s+(?=\S)")
_ROMAN: Final = re.compile(r"[ivx]+")
_BULLET: Final = re.compile(
    "[-\u2013\u2212]\\s+(?=\\S)|[\u2022\u2023\u25e6\u25aa\u25cf\u00b7\u2219\u2043\u25cb\u25a0\uf0b7]\\s*(?=\\S)"
)
_NUMBER: Final = re.compile(r"(?:[IVX]{1,5}[.)]|[A-Z][.)]|[0-9]{1,2}(?:\.[0-9]{1,2})*[.)]?)\s+\w")
_FIRST_MARKS: Final = frozenset({"a", "i", "1", "\u2022"})


@dataclass(frozen=True, slots=True)
class Placed:
    """Text with white space folded, and the place in the source of each of its characters."""

    text: str
    places: "array[int]"

    def since(self, start: int) -> "Placed":
        """Return the text from one of its characters on."""
        return Placed(self.text[start:], self.places[start:])


def fold(text: str, places: "array[int]") -> Placed:
    """Return a text with single spaces, none around it, and without the characters that have no width."""
    if _TO_FOLD.search(text) is None:
        return Placed(text, places)
    kept: list[str] = []
    kept_places = array("I")
    end = 0
    for gap in _GAP.finditer(text):
        kept.append(text[end : gap.start()])
        kept_places.extend(places[end : gap.start()])
        end = gap.end()
        space = _SPACE.search(text, gap.start(), end)
        if space is not None and gap.start() > 0 and end < len(text):
            kept.append(" ")
            kept_places.append(places[space.start()])
    kept.append(text[end:])
    kept_places.extend(places[end:])
    return Placed("".join(kept), kept_places)


def run(text: str, start: int) -> Placed:
    """Return a run of the source, which begins at a place, folded."""
    return fold(text, array("I", range(start, start + len(text))))


@dataclass(slots=True)
class _List:
    """An open list: what introduces it, the text that its open item began with, and that item's mark if in the text."""

    lead_in: str
    item: str = ""
    mark: str = ""


@dataclass(slots=True)
class Blocks:
    """The blocks so far, and what is open at this point of the page."""

    found: list[Block] = field(default_factory=list)
    levels: dict[int, int] = field(default_factory=dict)  # of headings, by block number
    _above: list[tuple[int, str]] = field(default_factory=list)
    _floors: list[int] = field(default_factory=list)
    _lists: list[_List] = field(default_factory=list)
    _marked: list[_List] = field(default_factory=list)  # lists whose items are paragraphs that begin with "(a)" or "•"
    _before: str = ""  # the paragraph that stands directly before this point
    _closed: str | None = None  # the lead-in of the list that ended directly before this point

    def add_bold(self, text: Placed) -> None:
        """Add a paragraph in bold, as a heading where it is short and no sentence; in a list it has to be numbered."""
        number = _NUMBER.match(text.text)
        ends = _ENDS_SENTENCE if number is None or len(text.text) > _LONGEST_NUMBERED else _ENDS_SENTENCE[1:]
        is_heading = len(text.text) <= _LONGEST_BOLD and not text.text.endswith(ends)
        if is_heading and (number or not self._lists):
            self.add_heading(BOLD_LEVEL + (number[0].strip().count(".", 0, -2) if number else 0), text)
        else:
            self.add_text(text)

    def add_heading(self, level: int, heading: Placed) -> None:
        """Add a heading, which the blocks after it stand under."""
        if not heading.text:
            return
        floor = self._floors[-1] if self._floors else 0
        while len(self._above) > floor and self._above[-1][0] >= level:
            self._above.pop()
        self._add(BlockKind.HEADING, heading)
        self.levels[len(self.found)] = level
        if len(self._above) < _MAX_NESTED:
            self._above.append((level, heading.text))
        self._before, self._closed = "", None
        self._marked.clear()
        if level >= BOLD_LEVEL:  # an item that heads those after it, in a list that is the whole page
            for one in self._lists:
                one.lead_in = one.item = ""

    def add_text(self, text: Placed) -> None:
        """Add a paragraph; within a list it belongs to the open item, and one that begins with a mark is an item."""
        if not text.text:
            return
        if self._lists:
            self._add_item_text(text)
        elif _BULLET.match(text.text) or _ENUMERATOR.match(text.text):
            self._add_marked(text)
        else:
            self._add(BlockKind.PARAGRAPH, text)
            self._before = text.text
        self._closed = None

    def add_row(self, cells: list[Placed], header: list[str]) -> None:
        """Add a row of a table, with the header of each cell; empty cells go, and a row of none is no row."""
        header = [*header, *[""] * (len(cells) - len(header))]
        kept = [(cell, above) for cell, above in zip(cells, header, strict=False) if cell.text]
        if not kept:
            return
        places = array("I", kept[0][0].places)
        for (one, _), (other, _) in pairwise(kept):
            first = other.places[0]
            places.extend(min(one.places[-1] + step, first) for step in range(1, len(CELL_BREAK) + 1))
            places.extend(other.places)
        spans: list[tuple[int, int]] = []
        for cell, _ in kept:
            start = spans[-1][1] + len(CELL_BREAK) if spans else 0
            spans.append((start, start + len(cell.text)))
        text = Placed(CELL_BREAK.join(cell.text for cell, _ in kept), places)
        titles = tuple(above for _, above in kept)
        self._add(BlockKind.ROW, text, cells=tuple(spans), header=titles if any(titles) else ())
        self._before, self._closed = "", None

    def open_list(self) -> None:
        """Begin a list; what stands directly before it, or the open item around it, introduces it."""
        if self._lists:
            outer = self._lists[-1]
            lead_in = _joined(outer.lead_in, outer.item) if len(self._lists) < _MAX_NESTED else outer.lead_in
        else:
            lead_in = self._before or self._closed or ""
        self._lists.append(_List(lead_in))
        self._before = ""

    @property
    def introduces_list(self) -> bool:
        """Tell whether what the open item says last introduces a list."""
        return self._before.endswith(":")

    def open_item(self) -> None:
        """Begin the next item of the innermost list."""
        if self._lists:
            self._lists[-1].item = ""

    def close_list(self) -> None:
        """End the innermost list."""
        if self._lists:
            self._closed = self._lists.pop().lead_in
            self._before = ""

    def enter(self) -> None:
        """Begin a part of the page, such as an accordion, whose headings end with it."""
        self._floors.append(len(self._above))

    def leave(self) -> None:
        """End the innermost such part."""
        if self._floors:
            del self._above[self._floors.pop() :]

    def _add_item_text(self, text: Placed) -> None:
        here = self._lists[-1]
        marked = _BULLET.match(text.text)
        if marked:
            text = text.since(marked.end())
        enumerator = _ENUMERATOR.match(text.text)
        if enumerator and (self._before.endswith(":") or self._marked):
            self._add_marked(text)
        else:
            self._add(BlockKind.ITEM, text, lead_in=_joined(here.lead_in, here.item))
            self._before = text.text
        here.item = here.item or text.text

    def _add_marked(self, text: Placed) -> None:
        """Add a paragraph that is an item by the mark it begins with; a bullet goes, "(a)" is kept as its words are."""
        bullet = _BULLET.match(text.text)
        enumerator = _ENUMERATOR.match(text.text)
        mark = enumerator["mark"] if enumerator else "\u2022"
        if bullet:
            text = text.since(bullet.end())
        here = self._marked_list(mark)
        self._add(BlockKind.ITEM, text, lead_in=here.lead_in)
        here.item, here.mark = text.text, mark
        self._before = ""

    def _marked_list(self, mark: str) -> _List:
        """Return the open list that a mark goes on with, or a new one that it begins."""
        for depth in range(len(self._marked), 0, -1):
            begins_anew = mark in _FIRST_MARKS and self._before.endswith(":")
            if not begins_anew and _follows(self._marked[depth - 1].mark, mark):
                del self._marked[depth:]
                return self._marked[-1]
        if self._before or mark not in _FIRST_MARKS:
            self._marked.clear()
        while self._marked and (self._marked[-1].mark == mark or len(self._marked) >= _MAX_NESTED):
            self._marked.pop()
        lead_in = self._before if self._before.endswith(":") or mark == "\u2022" else self._closed or ""
        if self._lists:
            lead_in = _joined(self._lists[-1].lead_in, lead_in)
        if self._marked:
            outer = self._marked[-1]
            lead_in = _joined(outer.lead_in, outer.item)
        self._marked.append(_List(lead_in))
        return self._marked[-1]

    def _add(
        self,
        kind: BlockKind,
        text: Placed,
        *,
        lead_in: str = "",
        cells: tuple[tuple[int, int], ...] = (),
        header: tuple[str, ...] = (),
    ) -> None:
        block = Block(
            number=len(self.found) + 1,
            kind=kind,
            text=text.text,
            places=text.places,
            headings=tuple(heading for _, heading in self._above),
            lead_in=lead_in,
            cells=cells,
            header=header,
        )
        self.found.append(block)


def _joined(outer: str, inner: str) -> str:
    """Return a lead-in with that of the outer list before it, cut where hostile nesting would let it grow."""
    return f"{outer} {inner}".strip()[:_MAX_LEAD_IN]


def _follows(mark: str, other: str) -> bool:
    """Whether one mark comes after another in the same list: b after a, ii after i, 2 after 1, a bullet after one."""
    if mark.isdecimal() or other.isdecimal():
        return mark.isdecimal() and other.isdecimal() and int(other) == int(mark) + 1
    if mark == "\u2022" or other == "\u2022":
        return mark == other
    if len(mark) == len(other) == 1 and ord(other) == ord(mark) + 1:
        return True
    return bool(_ROMAN.fullmatch(mark) and _ROMAN.fullmatch(other)) and _roman(other) == _roman(mark) + 1


def _roman(mark: str) -> int:
    worth = [{"i": 1, "v": 5, "x": 10}[letter] for letter in mark]
    return sum(-one if one < other else one for one, other in pairwise([*worth, 0]))
