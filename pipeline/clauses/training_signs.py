"""Finds the purposes of training or improving in a sentence, each with the signs around it that the rules ask for."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

from pipeline.clauses.sentence import Sentence
from pipeline.clauses.training_actors import actor_signs, form_signs
from pipeline.clauses.training_content import content_signs, row_signs
from pipeline.clauses.training_denial import choice_signs, denial_signs
from pipeline.clauses.training_marked import PURPOSES, Marked
from pipeline.clauses.training_plain import is_plain
from pipeline.clauses.training_purposes import pattern
from pipeline.clauses.training_words import Tag

_PARTS: Final = (denial_signs, choice_signs, content_signs, actor_signs, form_signs)
_CONDITIONS: Final = frozenset(
    {"consent_unless", "consent_if", "weak_if", "optout_unless", "optout_if", "can_opt_out", "can_opt_in", "setting_if"}
)
_OFFERS: Final = frozenset({"can_opt_out", "can_opt_in"})
_READ: Final = frozenset({"train", "improve"})
_SURE: Final = frozenset({"clear", "sure", "alone"})
_PLACES: Final = ("before", "lead", "headings", "after")
_LIMB: Final = 40  # characters in which a limb names what it is about
_MOST: Final = 24  # purposes of one sentence; no prose names more


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """One purpose in a sentence. `signs` tell of the sentence; `has` answers for what stands around it too.

    Around it: `before.x`, `after.x`, `lead.x` and `headings.x` for a kind of word there, `row.x` for one in another
    cell, `cell.purpose`, `block.optout`, `block.purpose`, `supported` where the surroundings or the actor tell of
    training too, and `points_to_usage` where only data on the use was named before.
    """

    start: int
    end: int
    signs: frozenset[str]
    marked: Marked

    def has(self, sign: str) -> bool:
        """Tell whether a sign is there."""
        place, _, kind = sign.partition(".")
        if sign in self.signs:
            return True
        if sign == "points_to_usage":
            before = self.marked.kinds_around("before")
            return "usage" in before and not before & {"content", "vague"}
        if place in _PLACES:
            return kind in self.marked.kinds_around(place)
        if place in {"row", "cell"}:
            return sign in self._row
        if place == "block":
            return self.marked.offers_way_out if kind == "optout" else self.marked.is_among_purposes
        return sign == "supported" and self._is_supported()

    def _is_supported(self) -> bool:
        return bool(self.signs & {"we", "our"}) or any("train" in self.marked.kinds_around(at) for at in _PLACES)

    @cached_property
    def _row(self) -> frozenset[str]:
        return frozenset(row_signs(self.marked))


def find_purposes(sentence: Sentence) -> Iterator[Purpose]:
    """Give each purpose of training or improving that stands in a sentence."""
    marked = Marked(sentence)
    named = [match.span() for match in pattern("switch_name").finditer(marked.text)]
    purposes = [tag for tag in marked.tags if tag.kind in PURPOSES]
    own = [tag for tag in purposes if not any(start <= tag.start < end for start, end in named)]
    for tag in (own if any(tag.kind in _READ for tag in own) else purposes)[:_MOST]:
        shared = {"into"} if tag.kind == "train" and pattern("into_model").search(tag.text) else set()
        signs = frozenset({tag.kind, *shared, *chain.from_iterable(part(marked, tag) for part in _PARTS)})
        yield Purpose(start=tag.start, end=tag.end, signs=_unless_doubtful(signs, marked, tag), marked=marked)
        if tag.kind in _READ:
            yield from _contrast(marked, tag)


def _unless_doubtful(signs: frozenset[str], marked: Marked, purpose: Tag) -> frozenset[str]:
    """Return signs without those that make a statement certain, where words that none has read may turn it."""
    is_read = any(sign in _CONDITIONS for sign in signs)
    is_denied = "negated" in signs
    is_bound = any(sign in _CONDITIONS - _OFFERS for sign in signs) or "default" in signs
    if (
        (not is_read and pattern("unread_condition").search(marked.text))
        or (is_denied and ("optout_unless" in signs or pattern("unsure_denial").search(marked.text)))
        or (is_denied and not is_bound and not is_plain(marked, purpose))
    ):
        return signs - _SURE
    return signs


def _contrast(marked: Marked, purpose: Tag) -> Iterator[Purpose]:
    """Give the limb that denies a purpose for other content: "..., never on chats of paying customers"."""
    text = marked.text
    for name in ("contrast", "rest_denied"):
        for match in pattern(name).finditer(text, purpose.end):
            if "those" in text[match.start() : match.start() + _LIMB] or any(
                tag.kind in {"content", "vague", "point"} and tag.start > match.start() for tag in marked.tags
            ):
                yield Purpose(start=match.start(), end=len(text), signs=frozenset({"answer.same"}), marked=marked)
                return
