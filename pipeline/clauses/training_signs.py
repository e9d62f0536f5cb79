"""Finds the purposes of training or improving in a sentence, each with the signs around it that the rules ask for."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from pipeline.clauses.sentence import Sentence
from pipeline.clauses.training_actors import actor_signs, form_signs
from pipeline.clauses.training_content import content_signs
from pipeline.clauses.training_denial import choice_signs, denial_signs
from pipeline.clauses.training_marked import PURPOSES, Marked
from pipeline.clauses.training_purposes import pattern
from pipeline.clauses.training_words import Tag

_PARTS: Final = (denial_signs, choice_signs, content_signs, actor_signs, form_signs)
_SUPPORT: Final = frozenset({"before.train", "lead.train", "headings.train", "after.train", "we", "our"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """One purpose in a sentence, with the names of the signs around it."""

    start: int
    end: int
    signs: frozenset[str]


def find_purposes(sentence: Sentence) -> Iterator[Purpose]:
    """Give each purpose of training or improving that stands in a sentence."""
    marked = Marked(sentence)
    for tag in marked.tags:
        if tag.kind in PURPOSES:
            signs = {tag.kind, *chain.from_iterable(part(marked, tag) for part in _PARTS)}
            if signs & _SUPPORT:
                signs.add("supported")
            yield Purpose(start=tag.start, end=tag.end, signs=frozenset(signs))
            if tag.kind in {"train", "improve"}:
                yield from _contrast(marked, tag)


def _contrast(marked: Marked, purpose: Tag) -> Iterator[Purpose]:
    """Give the limb that denies a purpose for other content: "..., never on chats of paying customers"."""
    text = marked.text
    for name in ("contrast", "rest_denied"):
        for match in pattern(name).finditer(text, purpose.end):
            if "those" in match[0] or any(
                tag.kind in {"content", "vague", "point"} and tag.start > match.start() for tag in marked.tags
            ):
                yield Purpose(start=match.start(), end=len(text), signs=frozenset({"answer.same"}))
                return
