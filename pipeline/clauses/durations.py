"""Finds the length of time that a clause names."""

import re
from typing import Final

from pipeline.model import Bound, Retention, RetentionKind
from pipeline.normalize.durations_in_text import FoundDuration, find_durations

# A length right before or after these words is no time of keeping.
_OTHER_BEFORE: Final = re.compile(
    r"(?:age of|ages? |under the age|under|over|younger than|older than|at least|every|previous|past|last|first|notice of|within any given|aged|before) $"
)
_OTHER_AFTER: Final = re.compile(
    r"(?:'|s')? ?(?:prior |advance |written |advance written |prior written )?notice|[ -](?:of age|old|older|younger|ago|warranty"
    r"|trial|free trial|in advance|before|prior|from now)\b|-old\b|'s? notice"
)


def find_length(clause: str, sentence: str) -> tuple[Retention, str] | None:
    """Return the longest time that stands in a clause (blanked outside), and from when it counts, or None."""
    best: FoundDuration | None = None
    for one in find_durations(clause):
        is_least = one.is_minimum and not _DENIED.search(sentence[: one.start])
        if one.duration is None or is_least or _is_other(one, sentence):
            continue
        if best is None or best.duration is None or one.duration.days > best.duration.days:
            best = one
    if best is None or best.duration is None:
        return None
    length = best.duration
    is_limited = length.bound is Bound.EXACT and bool(re.search(r"within (?:a )?$", sentence[: best.start]))
    value = Retention(
        kind=RetentionKind.PERIOD,
        days=length.days,
        bound=Bound.UP_TO if is_limited else length.bound,
        amount=length.amount,
        unit=length.unit,
    )
    return value, _trigger(clause, best.end)


_DENIED: Final = re.compile(r"\b(?:not|never|no|[a-z]+n't|cannot)\b")
_TRIGGER: Final = re.compile(
    r"[ ,]*((?:after|following|of|from|upon)\b (?!which|that time)[^,;.()]{3,80}?)(?=[,;.()]|$| unless| and we| except)"
)


def _trigger(clause: str, end: int) -> str:
    match = _TRIGGER.match(clause, end)
    return match[1].strip() if match else ""


def _is_other(one: FoundDuration, sentence: str) -> bool:
    return bool(_OTHER_BEFORE.search(sentence[: one.start]) or _OTHER_AFTER.match(sentence, one.end))
