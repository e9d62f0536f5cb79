"""A sentence with its clauses, and what stands around it on the page."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pipeline.clauses.lexicon import groups
from pipeline.model import Block, Service

Span = tuple[int, int]

_SUBJECT: Final = (
    r"(?:we|you|they|it|he|she|i|there"
    r"|(?!(?:until|till|unless|if|when|after|before|once|while)\b)[\w'-]+(?: (?!for|while|as|that|which|when|until"
    r"|if|unless|you|we|to|in|on|by|with|from|so|after|who|where)[\w'-]+){0,4}"
    r" (?:will|may|does|do|is|are|must|shall|can|cannot|has|have|isn't|aren't|won't|doesn't|don't))\b"
)
_LENGTH: Final = r"(?:[0-9]+|[a-z]+ \([0-9]+\)) (?:hours?|days?|weeks?|months?|years?) "  # "or 90 days have passed"
_AUXILIARY: Final = r"(?:will|may|do|does|is|are|can|shall|must|might|have|has|never|cannot)\b"
_BOUNDARY: Final = re.compile(
    r"(?P<hard>;|:(?=\s)| \u2013 |--|,? since (?=(?:they|it|we|you)\b)"
    r"|,? but |,? however,? |,? whereas |,? because |,? nor |,? yet "
    rf"|,? (?:and|or|so(?! far\b)) (?!{_LENGTH})(?:also |then |therefore )?(?={_SUBJECT})|,? (?:and"
    rf"|or) (?={_AUXILIARY})|, which "
    r"|,? in which case |, who |, so (?!that)|,? after which "
    r"|\((?:[a-h]|[ivx]{1,4}|[1-9](?!\) (?:\w+ )?(?:hour|day|week|month|year)))\) )"
    r"|(?P<sub>(?:^|(?<=[\s(,]))(?:unless|except|if|when|until(?! (?:then|now)\b)|while|once(?! (?:to|and|for|per|or"
    r"|every)\b)"
    r"|(?<!configuration )(?<!mode )(?<!set-up )(?<!setup )where|after(?! that,)"
    r"|before(?! (?:today|now|then|this date|that date|(?:the|your) opt-out|[0-9])\b)|upon"
    r"|(?<!the )following|in case|in so far as|insofar as"
    r"|provided that|providing(?= (?:that|you|they|it)\b)|so that|so long as|as long as|as soon as|to the extent"
    r"|in order to|although"
    r"|though|even if"
    r"|from the (?:date|day|moment|time|point)(?= (?:you|we|they|on which|at which|that|when|customers?|users?)\b)"
    r"|for as long as|for so long as|only as long as"
    r"|without(?! (?:undue |any |unreasonable |further )?delay\b)(?! (?:an?|any) (?:log-?in|sign-?in|visit|activity"
    r"|use)\b)"
    r"|other than|save (?=(?:that|for|where|as|to the extent|when|if)\b)|subject to|depending on|in the event)\b)"
    rf"|(?P<comma>(?<!e\.g\.)(?<!i\.e\.),\s(?={_SUBJECT}))"
    r"|(?P<open>\((?![0-9]{1,3}\)))|(?P<close>\))|(?P<plain>(?<!e\.g\.)(?<!i\.e\.),\s)"
    r"|(?P<bare>\s(?=(?:we|the (?:supplier|provider|processor|vendor|company|licensor|service)|supplier|provider"
    r"|processor|vendor|company|licensor|[\w-]+) (?:will|shall|must)\b|we may\b|we (?:delete|erase|remove|purge"
    r"|destroy|discard|wipe|anonymi[sz]e|de-identify)\b)"
    r"|(?:(?<=days)|(?<=hours)|(?<=weeks)|(?<=months)|(?<=years)|(?<=day)|(?<=hour)|(?<=week)|(?<=month)"
    r"|(?<=year))\s(?="
    r"(?:this|these|those|that|the|your|all|such|any|our|each|every|it|they)\b))"
    r"|(?P<it>\s(?=(?:it|they) (?:will|is|are|may|shall|can|gets?|goes?|disappears?|vanish\w*|expires?|stays?"
    r"|remains?)\b))"
)
_FINITE: Final = re.compile(
    r"\b(?:we|you|they|it|will|may|do|does|is|are|can|shall|must|has|have|was|were|isn't|aren't|don't|doesn't"
    r"|never)\b"
)
_EVENT: Final = re.compile(r"\s*(?:upon|following|after|before)\b")  # opens a clause that may lack its comma
_RELATIVE: Final = re.compile(r", (?:which|who) ")
_AGAIN: Final = re.compile(_AUXILIARY)
_WHEN: Final = re.compile(
    r"\s*(?:when|if|once|after|as soon as) (?:you|a user|the user|users|customers?|the customer) "
)
_WE: Final = re.compile(
    r"\s(?:(?:we|the provider|the processor|the company|the supplier) (?:will|shall|may)"
    r"|we (?:delete|erase|remove|purge|destroy|discard|wipe|anonymi[sz]e|de-identify))\b"
)
_BARRED: Final = re.compile(r"\b(?:that|which|what|and|or|because|as|how|whether|if|when|until|while|unless|than)$")
_NOUNS_JOINED: Final = re.compile(r",? (?:and|or) ")
_NO_NOUN: Final = re.compile(r"\b(?:no|neither|none of (?:your|the|our)) (?:[\w-]+ ){0,2}[\w-]+$")
_NOUN_REACH: Final = 48
_NEW_SUBJECT: Final = re.compile(r", (?:and|so) (?:we|you|they|it) ")
# "The provider shall, within a month after the end, delete": a main clause that still waits for its verb.
_OPEN_MAIN: Final = re.compile(
    r"\b(?:will|shall|must|may|agrees? to|undertakes? to),?(?: (?:within|no later than|not later than|at the latest|in"
    r"|promptly|immediately)\b[^,;:]{0,48})? *$"
)
_OPEN_REACH: Final = 80
_DENIED_LIST: Final = re.compile(r"\b(?:not|never|[a-z]+n't|cannot):? (?:\w+ )?\((?:a|i|1)\) ")
_NUMBERED: Final = re.compile(r"\((?:[a-h]|[ivx]{1,4}|[1-9])\) ")
# "Once the job is done and the answers were sent, ...": both hang on what follows.
_GOES_ON: Final = re.compile(rf",? and [^,;:.]{{3,90}},\s(?={_SUBJECT})")
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
    names: tuple[str, ...] = ()  # folded, that the page calls its provider by
    upstream: frozenset[str] = frozenset()  # folded names of makers of models that the page says it uses
    hosts: frozenset[str] = frozenset()  # folded names of those whom the page says it uses
    collects_content: bool = False  # whether what it says is collected includes content
    opts_out_of_training: bool = False  # whether it offers a way out that is one of training
    parts: re.Pattern[str] | None = None  # names of products, on a page about many; over text as it stands


_PLACES: Final = frozenset({"before", "after", "lead", "headings", "beside", "asked", "title"})


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
    beside: str = ""  # of a list item: the items right before and after it
    asked: str = ""  # the question right above its block, whichever sentence of the answer it is
    _spans: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    _segments: tuple[Segment, ...] = ()

    def reworded(self, text: str) -> "Sentence":
        """Return a sentence in the same place whose words are others: an item with those of its lead-in."""
        return replace(self, text=text, _spans={}, _segments=())

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
        """Tell whether a phrase of the group stands `before`, `after`, in `lead`, `headings` or the page's `title`.

        Raises ValueError for a place that is none of these.
        """
        if place not in _PLACES:
            raise ValueError(f"no place around a sentence: {place}")
        text = self.page.title if place == "title" else str(getattr(self, place))
        term = self.page.terms.get(group)
        return bool(text) and bool(groups()[group].search(text) or (term and term.search(text)))

    @property
    def follows_foreign(self) -> bool:
        """Tell whether the sentence before names foreign papers and no content: "Keys are checked. We drop them"."""
        last = self.before[max(self.before.rfind(mark, 0, len(self.before.rstrip()) - 1) for mark in ".?!:") + 1 :]
        return groups()["foreign"].search(last) is not None and groups()["content"].search(last) is None

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

    def unit_start(self, segment: Segment) -> int:
        """Return where that main clause, with the clauses that hang on it, begins."""
        return next(one.start for one in self.segments if one.unit == segment.unit)

    def _only(self, is_wanted: Callable[[Segment], bool]) -> str:
        return "".join(
            self.text[one.start : one.end] if is_wanted(one) else " " * (one.end - one.start) for one in self.segments
        )


def first_cell(block: Block) -> str:
    """Return the first cell of a table row, which often tells what the others are about; nothing for other blocks."""
    start, end = block.cells[0] if block.cells else (0, 0)
    return block.text[start:end]


def _is_main(piece: str) -> bool:
    """Tell whether a piece can be a main clause: "30 days" before "after you leave" cannot."""
    return len(piece.strip(" ,.\"'")) > _SHORT or bool(_FINITE.search(piece))


def _cuts(text: str, match: re.Match[str], start: int, *, is_sub: bool, has_main: bool) -> bool:
    """Tell whether a joint cuts there: a comma only where a clause hangs, "and" only between clauses with verbs."""
    at, is_leading = match.start(), is_sub and not has_main
    match match.lastgroup:
        case "plain":
            is_open = is_sub and has_main and _OPEN_MAIN.search(text[max(0, start - _OPEN_REACH) : start]) is not None
            return ((is_leading or is_open) and not _LISTING.match(text, match.end())) or _resumes(text, match, start)
        case "comma":
            return is_sub
        case "bare":
            is_ours = _WE.match(text, at) is not None and _WHEN.match(text, start) is not None
            is_event = _EVENT.match(text, start) is not None and not _FINITE.search(text, start, at)
            return is_leading and (is_ours or is_event)
        case "it":  # "when you remove a chat it disappears"
            return is_leading and _WHEN.match(text, start) is not None and _BARRED.search(text, start, at) is None
        case "hard":  # "prompts and outputs are stored" is one clause
            is_new = is_sub and _NEW_SUBJECT.match(text, at) is not None
            has_verb = _FINITE.search(text, start, at) is not None and not _denies_noun(text[start:at])
            goes_on = is_leading and _GOES_ON.match(text, at) is not None
            return not goes_on and (is_new or has_verb or not _NOUNS_JOINED.match(text, at))
        case _:
            return True


def _denies_noun(piece: str) -> bool:
    """Tell whether a piece ends with a thing that is denied: "no prompts" before "or outputs are stored"."""
    return _NO_NOUN.search(piece[-_NOUN_REACH:]) is not None


def _resumes(text: str, comma: re.Match[str], start: int) -> bool:
    """Tell whether a clause goes on after another in its midst: "prompts, which we do not train on, are deleted"."""
    return _RELATIVE.match(text, start) is not None and _AGAIN.match(text, comma.end()) is not None


def _split(text: str) -> list[Segment]:
    """Cut a sentence at the words that join clauses."""
    found: list[Segment] = []
    start, unit, is_sub, has_main = 0, 0, False, False
    outer: list[bool] = []
    denied_list = _DENIED_LIST.search(text)
    for match in _BOUNDARY.finditer(text):
        at, kind = match.start(), match.lastgroup
        if kind == "close" and not outer:
            continue
        if denied_list and at > denied_list.start() and _NUMBERED.match(text, at):  # "does not (a) store or (b) sell"
            continue
        if not _cuts(text, match, start, is_sub=is_sub, has_main=has_main):
            continue
        is_again = kind == "plain" and unit > 0 and _resumes(text, match, start)
        if at > start:
            found.append(Segment(start, at, unit, is_sub))
            has_main = has_main or (not is_sub and _is_main(text[start:at]))
            start = at
        if kind == "hard" or (kind == "comma" and has_main and not outer):
            unit, is_sub, has_main, outer = unit + 1, False, False, []
        elif is_again:
            unit, is_sub = unit - 1, False
        elif kind == "open":
            outer.append(is_sub)
            is_sub = True
        elif kind == "close":
            is_sub = outer.pop()
        else:
            is_sub = kind == "sub"
    found.append(Segment(start, len(text), unit, is_sub))
    return found
