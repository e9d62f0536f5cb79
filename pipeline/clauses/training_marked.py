"""A sentence with its marked words, and where they stand to each other."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import Final

from pipeline.clauses.sentence import Segment, Sentence
from pipeline.clauses.text import first_sentence, fold, split_sentences
from pipeline.clauses.training_purposes import pattern
from pipeline.clauses.training_words import Tag, mark, mentions_training, mentions_way_out

PURPOSES: Final = frozenset({"train", "improve", "own", "rival", "named"})
_NAMED_SIGNS: Final = (
    "law",
    "other_choice",
    "despite",
    "you_help",
    "integration",
    "limited_use",
    "publishing",
    "usage_label",
    "is_on",
    "others_say",
    "we_opted_out",
    "for_one",
    "advice",
    "cannot_undo",
    "filters_out",
)
_NEAR_BEFORE: Final = 400
_SAME_BLOCK: Final = 800
_NEAR_AFTER: Final = 700


class Marked:
    """A sentence and its marked words. Words in brackets do not cut its clauses."""

    def __init__(self, sentence: Sentence) -> None:
        self.sentence = sentence
        self.text = sentence.text
        self.tags = tuple(self._weighed(mark(sentence.text, sentence.page.terms)))
        self.lead = re.split(r"[.?!;]\s", sentence.lead)[-1]
        self._cut = replace(sentence, text=_without_joints(sentence.text))
        self._around: dict[str, frozenset[str]] = {}

    @property
    def next(self) -> str:
        """Return the sentence that stands after this one in its block."""
        return first_sentence(self.sentence.after.strip())

    def _weighed(self, tags: Iterable[Tag]) -> Iterator[Tag]:
        """Give the words, "content" and the like as vague where nothing in the sentence says whose it is."""
        found = tuple(self._unless_aggregated(tag) for tag in tags)
        if any(tag.kind == "we" for tag in found):
            yield from found
            return
        generic = {tag for tag in found if tag.kind == "content" and self._is_generic(tag)}
        is_owned = any(tag.kind == "content" and tag not in generic for tag in found)
        yield from (replace(tag, kind="vague") if tag in generic and not is_owned else tag for tag in found)

    @staticmethod
    def _unless_aggregated(tag: Tag) -> Tag:
        """Return a word, "aggregated data" as vague: content that is nobody's any more."""
        return replace(tag, kind="vague") if pattern("aggregated").fullmatch(tag.text) else tag

    def _is_generic(self, tag: Tag) -> bool:
        """Tell whether a word for content has no capital that makes it a term."""
        if not pattern("generic_content").fullmatch(tag.text) or pattern("owned_after").match(self.text, tag.end):
            return False
        if self.sentence.block.text[self.sentence.start : self.sentence.end].isupper():
            return True
        # Counted from the end: an item may stand behind its lead.
        place = self.sentence.end - len(self.text) + tag.start
        first = self.sentence.block.text[place] if place >= self.sentence.start else ""
        terms = self.sentence.page.terms.get("content")
        is_term = terms is not None and terms.fullmatch(tag.text) is not None
        return not (first.isupper() and (is_term or self.text[: tag.start].strip(" \"'*_(")))

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Return the clauses of the sentence in their order."""
        return self._cut.segments

    def segment_of(self, tag: Tag) -> Segment:
        """Return the clause that a marked word stands in."""
        return self._cut.segment_at(tag.start)

    def segment_at(self, place: int) -> Segment:
        """Return the clause that a place stands in."""
        return self._cut.segment_at(place)

    def is_same_unit(self, one: Tag, other: Tag) -> bool:
        """Tell whether two words stand in one main clause or in what hangs on it."""
        return self.segment_of(one).unit == self.segment_of(other).unit

    def within(self, segment: Segment, kind: str) -> list[Tag]:
        """Return the words of a kind in a clause."""
        return [tag for tag in self.tags if tag.kind == kind and segment.start <= tag.start < segment.end]

    def in_main(self, unit: int, kind: str) -> list[Tag]:
        """Return the words of a kind in a main clause, without what hangs on it."""
        mains = [one for one in self.segments if one.unit == unit and not one.is_sub]
        return [tag for one in mains for tag in self.within(one, kind)]

    def kinds_around(self, place: str) -> frozenset[str]:
        """Return the kinds of words `before` (in the last sentence there), `after`, in the `lead` or the `headings`."""
        if place not in self._around:
            text = str(getattr(self.sentence, place))
            if place == "before":
                text = text[-_NEAR_BEFORE:]
                cuts = list(split_sentences(text))
                text = text[cuts[-1][0] :] if cuts else text
            elif place == "lead":
                text = pattern("except_aside").sub(" ", text)
            tags = mark(text[:_NEAR_BEFORE], self.sentence.page.terms)
            self._around[place] = frozenset(tag.kind for tag in tags)
        return self._around[place]

    @cached_property
    def offers_way_out(self) -> bool:
        """Tell whether another sentence of the block offers to keep out of it, and not for some countries only."""
        beside = self.sentence.beside
        items = (text for text in re.split(r"(?<=[.;])\s", beside) if pattern("of_this_use").search(text))
        return any(self._is_way_out(fold(text)) for text in chain(self._neighbours(), items))

    @cached_property
    def is_among_purposes(self) -> bool:
        """Tell whether another sentence of the block names training or improving."""
        terms = self.sentence.page.terms
        return any(
            tag.kind in {"train", "improve"}
            for text in map(fold, self._neighbours())
            if mentions_training(text)
            for tag in mark(text, terms)
        )

    @cached_property
    def mentions(self) -> frozenset[str]:
        """Return what the whole sentence is: a question, a definition, an order, a title, and what it names."""
        return frozenset(self._mentions())

    def _mentions(self) -> Iterator[str]:
        text = self.text
        if text.rstrip(" \"')*_").endswith("?"):
            yield "question"
        if pattern("provider_consents").search(text):
            yield "forbidden"
        if not pattern("finite").search(text):
            yield "fragment"
        if pattern("model").search(text):
            yield "models"
        if text.rstrip(" *_").endswith(":"):
            yield "introduces"
        if pattern("allow_us").search(text):
            yield "can_opt_in"
        yield from (name for name in _NAMED_SIGNS if pattern(name).search(text))
        if self.sentence.page.collects_content:
            yield "collects"
        if pattern("vendors_help").search(text) or pattern("vendors_help").search(self.lead):
            yield "vendors_help"
        if self._is_general():
            yield "general"
        yield from self._places()

    def _places(self) -> Iterator[str]:
        """Give what the lead-in and the heading are, and whether the sentence is a cell on law."""
        lead, heading = self.sentence.lead, self.sentence.headings.rpartition(" / ")[2]
        if pattern("purpose_lead").search(self.lead):
            yield "purpose_lead"
        if pattern("purposes_heading").search(heading):
            yield "purposes_heading"
        if pattern("asks_training").search(heading):
            yield "headed_training"
        if pattern("basis_cell").match(self.text) or (
            self.sentence.block.cells and pattern("basis_header").search(lead)
        ):
            yield "basis"

    def _is_general(self) -> bool:
        """Tell whether the sentence speaks of others in general, or goes on with what the one before says of them."""
        last = [part for part in re.split(r"(?<=[.!?])\s+", self.sentence.before) if part.strip()][-1:]
        told = last[0] if last else ""
        if pattern("looked_for").search(self.sentence.lead):
            return True
        if pattern("general").search(self.text) or pattern("risks_asked").search(told):
            return True
        return bool(pattern("they").match(self.text) and pattern("general").match(told))

    def _neighbours(self) -> Iterator[str]:
        block, start = self.sentence.block.text, self.sentence.start
        end = self.sentence.end
        cell = next((one for one in self.sentence.block.cells if one[0] <= start < one[1]), None)
        if cell:  # what another column says is not said of this one
            block, start, end = block[cell[0] : cell[1]], start - cell[0], end - cell[0]
        for text in (block[:start][-_SAME_BLOCK:], block[end:][:_NEAR_AFTER]):
            yield from (text[at:to] for at, to in split_sentences(text))

    def _is_way_out(self, folded: str) -> bool:
        if not mentions_way_out(folded) or pattern("other_choice").search(folded) or pattern("region").search(folded):
            return False
        return any(tag.kind == "optout" for tag in mark(folded, self.sentence.page.terms))


def _without_joints(text: str) -> str:
    """Return a text of the same length without words in brackets, and without the marks of limbs that share a denial.

    "We will not (a) sell it, or (b) train on it" is one clause.
    """
    text = pattern("aside").sub(_blank, text)
    denied = pattern("denied_list").search(text)
    if denied is None:
        return text
    first = text.rindex("(", 0, denied.end())
    return text[:first].replace(": ", "  ") + pattern("limb").sub(_blank, text[first:])


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
