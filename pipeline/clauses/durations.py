"""Finds the length of time that a clause names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

from pipeline.model import Bound, Retention, RetentionKind
from pipeline.normalize.duration import Duration
from pipeline.normalize.durations_in_text import FoundDuration, find_durations

_MOST: Final = 16  # lengths of one clause; no prose names more
_NEAR: Final = 40  # characters before a length that tell what it is of
# A length right before or after these words is no time of keeping.
_OTHER_BEFORE: Final = re.compile(
    r"(?:age of|ages? |under the age|under|over|younger than|older than|at least|every|previous|past|last|first"
    r"|notice of|within any given|aged|before|(?:arrears|overdue|unpaid|past due)(?: for)?|\bmin(?:imum"
    r"|\.)?(?: [\w-]+){0,4} (?:is|of|are)) $"
)
_OTHER_AFTER: Final = re.compile(
    r"(?:'|s')? ?(?:prior |advance |written |advance written |prior written )?notice|[ -](?:of age|old|older"
    r"|younger|ago|warranty"
    r"|trial|free trial|in advance|prior|from now|upwards?|and (?:up|more|longer)|(?:or|and) upwards"
    r"|before(?! (?:being|it|they|we|deletion|removal|erasure|final|permanent)))\b|-old\b|'s? notice"
)


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time in a clause, from when it counts (as written, or empty), and where it stands."""

    value: Retention
    days: int
    trigger: str
    start: int
    end: int


def find_lengths(clause: str, sentence: str, *, of_age: bool = False) -> tuple[Length, ...]:
    """Return the times of keeping that a clause names (the rest of its sentence blanked), in its order.

    With `of_age` also the age at which something goes: "messages older than 30 days are removed".
    """
    if _UNIT.search(clause) is None:
        return ()
    return tuple(
        _length(one, one.duration, sentence)
        for one in _durations_in(clause)
        if one.duration is not None and (not _is_other(one, sentence) or (of_age and _is_age(one, sentence)))
    )


@lru_cache(maxsize=64)
def _durations_in(clause: str) -> tuple[FoundDuration, ...]:
    """Return the first lengths of a clause; the verbs of a sentence ask for the same ones again and again."""
    return tuple(islice(find_durations(clause), _MOST))


def _before(one: FoundDuration, sentence: str) -> str:
    """Return the few words before a length."""
    return sentence[max(0, one.start - _NEAR) : one.start]


def longest(lengths: Iterable[Length]) -> Length | None:
    """Return the longest of some lengths, the first of equal ones, or None."""
    return max(lengths, key=lambda one: one.days, default=None)


def _length(one: FoundDuration, length: Duration, sentence: str) -> Length:
    is_limited = length.bound is Bound.EXACT and bool(re.search(r"within (?:a )?$", _before(one, sentence)))
    value = Retention(
        kind=RetentionKind.PERIOD,
        days=length.days,
        bound=Bound.UP_TO if is_limited else length.bound,
        amount=length.amount,
        unit=length.unit,
    )
    match = _TRIGGER.match(sentence, one.end)
    return Length(value, length.days, match[1].strip() if match else "", one.start, one.end)


_UNIT: Final = re.compile(
    r"(?:second|minute|hour|day|week|fortnight|month|year|decade|hr|yr|wk|mo)s?\b|[0-9] ?[hdy]\b|quarter"
)
_DENIED: Final = re.compile(r"\b(?:not|never|no|[a-z]+n't|cannot)\b")
_TRIGGER: Final = re.compile(
    r"[ ,]*((?:after|following|of|from|upon)\b (?!which|that time)[^,;.()]{3,80}?)(?=[,;.()]|$| unless| and we"
    r"| except)"
)


# "Messages older than 30 days are removed"; "uploads are removed every 24 hours".
_AGE: Final = re.compile(
    r"\b(?:older than|(?:deleted|removed|purged|cleared|emptied|wiped|erased|swept|cleaned"
    r"|pruned|flushed)(?: (?:up|out|away))?"
    r"(?: (?:of|from)(?: [\w-]+){1,4}?)? every) $"
)


def _is_age(one: FoundDuration, sentence: str) -> bool:
    return _AGE.search(_before(one, sentence)) is not None


def _is_other(one: FoundDuration, sentence: str) -> bool:
    """Tell whether a length is an age, a notice or a least time, and none of keeping."""
    is_least = one.is_minimum and not _DENIED.search(sentence[: one.start])
    return is_least or bool(_OTHER_BEFORE.search(_before(one, sentence)) or _OTHER_AFTER.match(sentence, one.end))
