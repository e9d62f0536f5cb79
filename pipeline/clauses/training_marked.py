"""A sentence with its marked words, and where they stand to each other."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Final

from pipeline.clauses.sentence import Segment, Sentence
from pipeline.clauses.text import fold, split_sentences
from pipeline.clauses.training_purposes import pattern
from pipeline.clauses.training_words import Tag, mark

PURPOSES: Final = frozenset({"train", "improve", "own", "rival", "named"})
_NEAR_BEFORE: Final = 400
_NEAR_AFTER: Final = 700


class Marked:
    """A sentence and its marked words. Words in brackets do not cut its clauses."""

    def __init__(self, sentence: Sentence) -> None:
        self.sentence = sentence
        self.text = sentence.text
        self.tags = mark(sentence.text, sentence.page.terms)
        self.lead = re.split(r"[.?!;]\s", sentence.lead)[-1]
        self._cut = replace(sentence, text=pattern("aside").sub(lambda match: " " * len(match[0]), sentence.text))
        self._around: dict[str, frozenset[str]] = {}

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Return the clauses of the sentence in their order."""
        return self._cut.segments

    def segment_of(self, tag: Tag) -> Segment:
        """Return the clause that a marked word stands in."""
        return self._cut.segment_at(tag.start)

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
            tags = mark(text[:_NEAR_BEFORE], self.sentence.page.terms)
            self._around[place] = frozenset(tag.kind for tag in tags)
        return self._around[place]

    @cached_property
    def offers_way_out(self) -> bool:
        """Tell whether another sentence of the block offers to keep out of training, and not for some countries only."""
        return any(self._is_way_out(fold(text)) for text in self._neighbours())

    def _neighbours(self) -> Iterator[str]:
        block, start = self.sentence.block.text, self.sentence.start
        end = start + len(self.text)
        for text in (block[:start][-_NEAR_BEFORE:], block[end:][:_NEAR_AFTER]):
            yield from (text[at:to] for at, to in split_sentences(text))

    def _is_way_out(self, folded: str) -> bool:
        if pattern("other_choice").search(folded) or pattern("region").search(folded):
            return False
        return any(tag.kind == "optout" for tag in mark(folded, self.sentence.page.terms))
