"""Which statement of a page is which statement of its next version: pairs of the same claim. Pure.

Statements with the same words are taken first, by table. What is left is paired by likeness, best first; a reader
finds some dozens of statements on the longest page, so only what differs between two versions is ever compared.
"""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.model import Condition, DataKind, Retention, Service, Statement, Topic, Training, Verification
from pipeline.normalize.text import fold

Slot = tuple[Topic, DataKind, Condition, Service]
TypedKey = tuple[str, ...]

# The target of a Markdown link, and an address in the open: a link that moves is no other wording.
_LINK: Final = re.compile(r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)|https?://\S+")
_WORD: Final = re.compile(r"[^\W_]+")

# What the same value, the same place on the page, and the same data and condition add to the likeness of words (0 to
# 1). A pair of the same value whose words have little in common must not be taken before a pair of nearly the same
# words: "may train" that becomes "does not train" is a change of that sentence, whatever other sentence said "does
# not train" before.
_SAME_VALUE: Final = 0.4
_SAME_PLACE: Final = 0.15
_SAME_SLOT: Final = 0.1

_NEARLY_THE_SAME: Final = 0.85  # one word in seven differs: the sentence is the same, so its typing may have drifted
_ALIKE: Final = 0.6
_AKIN: Final = 0.3  # enough under the same heading, too little elsewhere
# Under the same heading a short sentence may have come from a long one with its conditions; what the short one shares
# counts, but less than if the long one had nothing more.
_CONTAINED: Final = 0.8
_LEAST_CONTAINED: Final = 6  # words

# Above this number of comparisons for one topic the pages have nothing to do with each other.
_MOST_COMPARED: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One old and one new statement, by their places in the lists given, and what became of the old one."""

    old: int
    new: int
    outcome: Verification  # SUPPORTED, REWORDED or CHANGED


def pair_statements(olds: Sequence[Statement], news: Sequence[Statement]) -> tuple[Pair, ...]:
    """Return the pairs, sorted by the old ones; each statement is in one pair at most. Deterministic.

    Supported: the same words and the same value. Reworded: the same value in other words. Changed: another value, or
    the same under another condition, in the same place. What is in no pair went or came.
    """
    pairs = _pair_same_words(olds, news)
    taken_old, taken_new = {pair.old for pair in pairs}, {pair.new for pair in pairs}
    left_old: defaultdict[Topic, list[_Side]] = defaultdict(list)
    left_new: defaultdict[Topic, list[_Side]] = defaultdict(list)
    for place, statement in enumerate(olds):
        if place not in taken_old:
            left_old[statement.topic].append(_side(place, statement))
    for place, statement in enumerate(news):
        if place not in taken_new:
            left_new[statement.topic].append(_side(place, statement))
    for topic, sides in left_old.items():
        pairs.extend(_pair_alike(sides, left_new[topic]))
    return tuple(sorted(pairs, key=lambda pair: pair.old))


def fold_words(quote: str) -> str:
    """Return the words of a quote alone: blind to case, links, white space, punctuation and markup."""
    return " ".join(_WORD.findall(fold(_LINK.sub(" ", quote))))


def typed_key(statement: Statement) -> TypedKey:
    """Return what a statement says as text: topic, value, data, condition, service; a period is its days and bound."""
    slot = (statement.topic, statement.data, statement.condition, statement.service)
    return (*(part.value for part in slot), *_value_key(statement.value))


def find_heading(statement: Statement) -> str:
    """Return the heading path that a statement's locator names, or nothing."""
    return statement.locator.partition(" under ")[2]


def _value_key(value: Retention | Training) -> TypedKey:
    if isinstance(value, Training):
        return (value.value,)
    return (value.kind.value, str(value.days or ""), value.bound.value if value.bound else "")


def _pair_same_words(olds: Sequence[Statement], news: Sequence[Statement]) -> list[Pair]:
    places: defaultdict[tuple[TypedKey, str], deque[int]] = defaultdict(deque)
    for place, statement in enumerate(news):
        places[typed_key(statement), fold_words(statement.quote)].append(place)
    pairs: list[Pair] = []
    for old, statement in enumerate(olds):
        same = places.get((typed_key(statement), fold_words(statement.quote)))
        if same:
            pairs.append(Pair(old=old, new=same.popleft(), outcome=Verification.SUPPORTED))
    return pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One statement that is left over, prepared for comparing."""

    place: int
    statement: Statement
    words: str
    counts: Counter[str]
    key: TypedKey
    value: TypedKey
    heading: str


def _side(place: int, statement: Statement) -> _Side:
    words = fold_words(statement.quote)
    return _Side(
        place=place,
        statement=statement,
        words=words,
        counts=Counter(words.split()),
        key=typed_key(statement),
        value=_value_key(statement.value),
        heading=fold_words(find_heading(statement)),
    )


def _pair_alike(olds: list[_Side], news: list[_Side]) -> list[Pair]:
    if len(olds) * len(news) > _MOST_COMPARED:
        return _pair_in_order(olds, news)
    found = [scored for old in olds for new in news if (scored := _score(old, new)) is not None]
    found.sort(key=lambda one: (-one[0], one[1].old, one[1].new))
    pairs: list[Pair] = []
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    for _, pair in found:
        if pair.old not in taken_old and pair.new not in taken_new:
            pairs.append(pair)
            taken_old.add(pair.old)
            taken_new.add(pair.new)
    return pairs


def _pair_in_order(olds: list[_Side], news: list[_Side]) -> list[Pair]:
    """Pair statements of the same typing in the order of the page, without comparing words."""
    places: defaultdict[TypedKey, deque[int]] = defaultdict(deque)
    for new in news:
        places[new.key].append(new.place)
    return [
        Pair(old=old.place, new=places[old.key].popleft(), outcome=Verification.REWORDED)
        for old in olds
        if places[old.key]
    ]


def _score(old: _Side, new: _Side) -> tuple[float, Pair] | None:
    """Return how well two statements fit, with the pair that they would make, or None where they make none."""
    is_same_place = old.heading == new.heading
    has_same_slot = (old.statement.data, old.statement.condition) == (new.statement.data, new.statement.condition)
    has_same_value = old.value == new.value and old.statement.condition is new.statement.condition
    likeness = _likeness(old.counts, new.counts)
    if has_same_value:
        if old.key != new.key and likeness < (_ALIKE if _is_drift(old.statement, new.statement) else _NEARLY_THE_SAME):
            return None
        outcome = Verification.SUPPORTED if old.words == new.words else Verification.REWORDED
    else:
        is_of_one_heading = is_same_place and old.heading != "" and old.statement.data is new.statement.data
        if is_of_one_heading:
            likeness = max(likeness, _containment(old.counts, new.counts))
        if likeness < (_AKIN if is_of_one_heading else _ALIKE):
            return None
        outcome = Verification.CHANGED
    score = likeness + _SAME_VALUE * has_same_value + _SAME_PLACE * is_same_place + _SAME_SLOT * has_same_slot
    return score, Pair(old=old.place, new=new.place, outcome=outcome)


def _is_drift(old: Statement, new: Statement) -> bool:
    """Whether two statements differ only in that one of them names no service."""
    return old.data is new.data and Service.UNSPECIFIED in {old.service, new.service}


def _likeness(one: Counter[str], two: Counter[str]) -> float:
    """Return the share of words that two quotes have in common (Dice), blind to their order."""
    total = one.total() + two.total()
    return 2 * (one & two).total() / total if total else 1.0


def _containment(one: Counter[str], two: Counter[str]) -> float:
    """Return the share of the shorter quote's words that stand in the longer one, somewhat less."""
    shorter = min(one.total(), two.total())
    return _CONTAINED * (one & two).total() / shorter if shorter >= _LEAST_CONTAINED else 0.0
