"""A sentence with its marked words, and where they stand to each other."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Final

from pipeline.clauses.sentence import Segment, Sentence
from pipeline.clauses.text import fold, split_sentences
from pipeline.clauses.training_purposes import pattern
from pipeline.clauses.training_words import Tag, mark, mentions_training, mentions_way_out

PURPOSES: Final = frozenset({"train", "improve", "own", "rival", "named"})
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
        self._cut = replace(sentence, text=pattern("aside").sub(lambda match: " " * len(match[0]), sentence.text))
        self._around: dict[str, frozenset[str]] = {}

    def _weighed(self, tags: Iterable[Tag]) -> Iterator[Tag]:
        """Give the words, "content" and the like as vague where nothing in the sentence says whose it is."""
        found = tuple(tags)
        if any(tag.kind == "we" for tag in found):
            yield from found
            return
        generic = {tag for tag in found if tag.kind == "content" and self._is_generic(tag)}
        is_owned = any(tag.kind == "content" and tag not in generic for tag in found)
        yield from (replace(tag, kind="vague") if tag in generic and not is_owned else tag for tag in found)

    def _is_generic(self, tag: Tag) -> bool:
        """Tell whether a word for content has no capital that makes it a term."""
        if not pattern("generic_content").fullmatch(tag.text) or pattern("owned_after").match(self.text, tag.end):
            return False
        first = self.sentence.block.text[self.sentence.start + tag.start]
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
        return any(self._is_way_out(fold(text)) for text in self._neighbours())

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
        if pattern("duty_not").match(text) or pattern("provider_consents").search(text):
            yield "forbidden"
        if not pattern("finite").search(text):
            yield "fragment"
        if pattern("model").search(text):
            yield "models"
        if text.rstrip(" *_").endswith(":"):
            yield "introduces"
        if pattern("allow_us").search(text):
            yield "can_opt_in"
        for name in ("law", "other_choice", "despite", "you_help", "integration", "limited_use"):
            if pattern(name).search(text):
                yield name
        if pattern("basis_cell").match(text) or (
            self.sentence.block.cells and pattern("basis_header").search(self.sentence.lead)
        ):
            yield "basis"

    def _neighbours(self) -> Iterator[str]:
        block, start = self.sentence.block.text, self.sentence.start
        end = start + len(self.text)
        for text in (block[:start][-_SAME_BLOCK:], block[end:][:_NEAR_AFTER]):
            yield from (text[at:to] for at, to in split_sentences(text))

    def _is_way_out(self, folded: str) -> bool:
        if not mentions_way_out(folded) or pattern("other_choice").search(folded) or pattern("region").search(folded):
            return False
        return any(tag.kind == "optout" for tag in mark(folded, self.sentence.page.terms))
