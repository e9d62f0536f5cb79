"""A sentence with its clauses, and what stands around it on the page."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pipeline.clauses.lexicon import groups
from pipeline.model import Block, Service

Span = tuple[int, int]

_SUBJECT: Final = (
    r"(?:we|you|they|it|he|she|i|there"
    r"|[\w'-]+(?: (?!for|while|as|that|which|when|until|if|unless|you|we|to|in|on|by|with|from|so|after|who"
    r"|where)[\w'-]+){0,4}"
    r" (?:will|may|does|do|is|are|must|shall|can|cannot|has|have|isn't|aren't|won't|doesn't|don't))\b"
)
_AUXILIARY: Final = r"(?:will|may|do|does|is|are|can|shall|must|might|have|has|never|cannot)\b"
_BOUNDARY: Final = re.compile(
    r"(?P<hard>;|:(?=\s)| \u2013 |--|,? but |,? however,? |,? whereas |,? because |,? nor |,? yet "
    rf"|,? (?:and|or|so) (?:also |then |therefore )?(?={_SUBJECT})|,? (?:and|or) (?={_AUXILIARY})|, which "
    r"|, who |, so (?!that)|,? after which "
    r"|\((?:[a-h]|[ivx]{1,4}|[1-9](?!\) (?:\w+ )?(?:hour|day|week|month|year)))\) )"
    r"|(?P<sub>(?:^|(?<=[\s(,]))(?:unless|except|if|when|where|until|while|once|after|before|upon"
    r"|(?<!the )following|in case"
    r"|provided that|providing|so that|so long as|as long as|as soon as|to the extent|in order to|although"
    r"|though|even if"
    r"|for as long as|for so long as|only as long as|without|other than|subject to|depending on|in the event)\b)"
    rf"|(?P<comma>,\s(?={_SUBJECT}))|(?P<open>\()|(?P<close>\))|(?P<plain>,\s)"
)
_FINITE: Final = re.compile(
    r"\b(?:we|you|they|it|will|may|do|does|is|are|can|shall|must|has|have|was|were|isn't|aren't|don't|doesn't"
    r"|never)\b"
)
_NOUNS_JOINED: Final = re.compile(r",? (?:and|or) ")
_SHORT: Final = 24
_LISTING: Final = re.compile(r"(?:or|and|such as|including|for example|e\.g|etc|as well)\b")


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a sentence. Pieces with the same `unit` are one main clause with the clauses that hang on it."""

    start: int
    end: int
    unit: int
    is_sub: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a whole document tells each of its sentences."""

    title: str = ""  # folded
    terms: Mapping[str, re.Pattern[str]] = field(default_factory=dict)  # defined terms, by lexicon group
    service: Service = Service.UNSPECIFIED  # that the page is about as a whole


@dataclass(slots=True, kw_only=True)
class Sentence:
    """One sentence of a block. All texts are folded; offsets count from the start of the sentence."""

    block: Block
    start: int  # in the block's text
    end: int
    text: str
    page: Page
    before: str = ""  # what stands before it in its block, or else the block before
    after: str = ""  # what stands after it in its block
    lead: str = ""  # of a list item: its list's lead-in; of a table cell: the headers
    headings: str = ""
    _spans: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    _segments: tuple[Segment, ...] = ()

    def spans(self, group: str) -> tuple[Span, ...]:
        """Return where the phrases of a lexicon group stand, defined terms of that kind among them."""
        if group not in self._spans:
            found = [match.span() for match in groups()[group].finditer(self.text)]
            term = self.page.terms.get(group)
            if term is not None:
                found += [match.span() for match in term.finditer(self.text)]
            self._spans[group] = tuple(sorted(found))
        return self._spans[group]

    def has(self, group: str, start: int = 0, end: int | None = None) -> bool:
        """Tell whether a phrase of the group stands between two offsets."""
        stop = len(self.text) if end is None else end
        return any(start <= at and to <= stop for at, to in self.spans(group))

    def around(self, place: str, group: str) -> bool:
        """Tell whether a phrase of the group stands `before`, `after`, in `lead`, `headings` or the page's `title`."""
        text = self.page.title if place == "title" else str(getattr(self, place))
        term = self.page.terms.get(group)
        return bool(text) and bool(groups()[group].search(text) or (term and term.search(text)))

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Return the pieces of the sentence in their order; together they cover it."""
        if not self._segments:
            self._segments = tuple(_split(self.text))
        return self._segments

    def segment_at(self, place: int) -> Segment:
        """Return the piece that holds an offset."""
        return next((one for one in self.segments if one.start <= place < one.end), self.segments[-1])

    def own(self, segment: Segment) -> str:
        """Return the sentence with all blanked but the clause of a piece: a main one, or one that hangs on it."""
        return self._only(
            lambda one: one == segment or (not (segment.is_sub or one.is_sub) and one.unit == segment.unit)
        )

    def unit(self, segment: Segment) -> str:
        """Return the sentence with all blanked but a main clause and the clauses that hang on it."""
        return self._only(lambda one: one.unit == segment.unit)

    def _only(self, is_wanted: Callable[[Segment], bool]) -> str:
        return "".join(
            self.text[one.start : one.end] if is_wanted(one) else " " * (one.end - one.start) for one in self.segments
        )


def _is_main(piece: str) -> bool:
    """Tell whether a piece can be a main clause: "30 days" before "after you leave" cannot."""
    return len(piece.strip(" ,.\"'")) > _SHORT or bool(_FINITE.search(piece))


def _split(text: str) -> list[Segment]:
    """Cut a sentence at the words that join clauses."""
    found: list[Segment] = []
    start, unit, is_sub, has_main = 0, 0, False, False
    outer: list[bool] = []
    for match in _BOUNDARY.finditer(text):
        at, kind = match.start(), match.lastgroup
        is_leading = is_sub and not has_main
        if kind == "plain" and (not is_leading or _LISTING.match(text, match.end())):
            continue
        if kind == "comma" and not is_sub:
            continue
        if kind == "hard" and _NOUNS_JOINED.match(text, at) and not _FINITE.search(text, start, at):
            continue  # "prompts and outputs are stored" is one clause
        if kind == "close" and not outer:
            continue
        if at > start:
            found.append(Segment(start, at, unit, is_sub))
            has_main = has_main or (not is_sub and _is_main(text[start:at]))
            start = at
        if kind == "hard" or (kind == "comma" and has_main and not outer):
            unit, is_sub, has_main, outer = unit + 1, False, False, []
        elif kind == "open":
            outer.append(is_sub)
            is_sub = True
        elif kind == "close":
            is_sub = outer.pop()
        else:
            is_sub = kind == "sub"
    found.append(Segment(start, len(text), unit, is_sub))
    return found
