"""Finds the lengths of time that running English names. Pure: text in, values out, no I/O, linear in its length."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Final

from pipeline.model import Bound
from pipeline.normalize.duration import DAYS_PER_UNIT, MAX_DAYS, Duration
from pipeline.normalize.lengths_in_text import Length, Part, find_lengths, fold_in_place


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDuration:
    """A length of time in a text: `text[start:end]` names it, with the words that limit it ("up to 30 days").

    `duration` is None where the words give no number ("several days") or no exact one in whole seconds.
    """

    start: int
    end: int
    duration: Duration | None
    is_minimum: bool = False  # "at least 30 days": the true length may be longer than the duration


# What joins two lengths to one: "1 year 1 month", "one year and six months"; or to a range: "30 days to 6 months".
_JOINT: Final = re.compile(r" |,? and |, ")
_RANGE_JOINT: Final = re.compile(r" to | or | ?- ?| and ")

_PERIOD_OF: Final = (
    r"(?: (?:(?:a|the) )?(?:(?:total|maximum|limited) )?(?:period|term|duration|time|total|maximum) of)?"
    r"(?: (?:approximately|about|around|roughly|a|the))?"
)
_AT_MOST_BEFORE: Final = re.compile(
    r"(?<!\w)(?:up to|(?:no|not) (?:more|longer|later|greater) than|not to exceed|(?:not|never) exceed(?:ing)?|at most"
    r"|(?:an? )?(?:maximum|max\.?)(?: (?:period|term|duration|retention|time)){0,2}(?: of)?|less than|fewer than"
    r"|shorter than|under|within|capped at|limited to)"
    rf"{_PERIOD_OF} \Z"
)
_AT_LEAST_BEFORE: Final = re.compile(
    r"(?<!\w)(?<!no )(?<!not )(?:at least|(?:an? )?minimum(?: (?:period|term|duration|time))?(?: of)?"
    r"|(?:more|longer|greater) than|in excess of|exceeding|over|(?:no|not) (?:less|fewer|shorter) than)"
    rf"{_PERIOD_OF} \Z"
)
_AT_MOST_AFTER: Final = re.compile(r"(?: or (?:less|fewer|shorter|sooner)| at most| (?:at )?max(?:imum)?)(?!\w)")
_AT_LEAST_AFTER: Final = re.compile(r"(?: or (?:more|longer)| at least| at (?:a|the) minimum| minimum)(?!\w)")
_LONGEST_LIMIT: Final = 60  # characters
# Every limit ends so; asked first, because most lengths have none.
_LIMIT_ENDS: Final = tuple(
    f"{word} "
    for word in (
        *("to", "than", "exceed", "exceeding", "most", "least", "of", "in", "at", "under", "over", "um", "max", "max."),
        *("period", "term", "duration", "retention", "time", "about", "approximately", "around", "roughly"),
        *(" a", "the"),
    )
)

# The units in which a broken or joined length may be said exactly, the largest first.
_EXACT_UNITS: Final = ("year", "month", "week", "day", "hour", "minute", "second")
_MONTHS_PER_YEAR: Final = 12
_MANY: Final = 1_024  # different lengths, of which a page repeats few


def find_durations(text: str) -> tuple[FoundDuration, ...]:
    """Return the lengths of time that a running text names, in its order and apart from each other; never raises."""
    folded = fold_in_place(text)
    found: list[FoundDuration] = []
    for length in _joined(folded, tuple(find_lengths(folded))):
        earliest = found[-1].end if found else 0
        limited = _with_limits(folded, length, earliest)
        if limited is not None:
            found.append(limited)
    return tuple(found)


def _joined(text: str, lengths: tuple[Length, ...]) -> Iterator[Length]:
    """Yield the lengths, those that make one length or one range together as one."""
    waiting: Length | None = None
    for length in lengths:
        if waiting is None:
            waiting = length
            continue
        between = text[waiting.end : length.start] if length.start - waiting.end <= len(", and ") else ""
        together = _join(waiting, between, length) or _join_range(text, waiting, between, length)
        if together is None:
            yield waiting
        waiting = together or length
    if waiting is not None:
        yield waiting


def _join(first: Length, between: str, second: Length) -> Length | None:
    """Return both as one sum: each unit once, and behind a comma or "and" only less than one of the unit before it."""
    if not (_JOINT.fullmatch(between) and first.parts and second.parts) or first.is_range or second.is_range:
        return None
    units = {unit for _, unit in first.parts}
    if "business day" in units or second.parts[0][1] in units | {"business day"}:
        return None
    is_less = _days_of(second.parts) < DAYS_PER_UNIT[first.parts[-1][1]]
    if between != " " and not is_less:
        return None
    return Length(start=first.start, end=second.end, parts=first.parts + second.parts)


def _join_range(text: str, first: Length, between: str, second: Length) -> Length | None:
    """Return both as one range, the shorter first: "30 days to 6 months", "between a week and a month"."""
    if not (_RANGE_JOINT.fullmatch(between) and first.parts and second.parts) or first.is_range or second.is_range:
        return None
    start = next((first.start - len(w) for w in ("between ", "from ") if text.endswith(w, 0, first.start)), first.start)
    if (between == " and ") != text.startswith("between ", start) or _days_of(first.parts) >= _days_of(second.parts):
        return None
    return replace(second, start=start, is_range=True)


def _with_limits(text: str, length: Length, earliest: int) -> FoundDuration | None:
    """Return the length with the limits around it, or None where it is out of range."""
    before_start = max(earliest, length.start - _LONGEST_LIMIT)
    before = text[before_start : length.start]
    may_be_limited = before.endswith(_LIMIT_ENDS)
    at_least = _AT_LEAST_BEFORE.search(before) if may_be_limited else None
    at_most = _AT_MOST_BEFORE.search(before) if may_be_limited and at_least is None else None
    at_most_after = _AT_MOST_AFTER.match(text, length.end)
    at_least_after = _AT_LEAST_AFTER.match(text, length.end)
    limit = at_least or at_most
    after = at_most_after or at_least_after
    is_minimum = at_least is not None or at_least_after is not None
    bound = Bound.UP_TO if (at_most or at_most_after) else Bound.RANGE if length.is_range else Bound.EXACT
    start = length.start if limit is None else before_start + limit.start()
    end = length.end if after is None else after.end()
    if not length.parts:
        return FoundDuration(start=start, end=end, duration=None, is_minimum=is_minimum)
    days = math.ceil(_days_of(length.parts))
    if not 1 <= days <= MAX_DAYS:
        return None
    exact = _exact(length.parts)
    duration = None if exact is None else Duration(amount=exact[0], unit=exact[1], days=days, bound=bound)
    return FoundDuration(start=start, end=end, duration=duration, is_minimum=is_minimum)


@lru_cache(_MANY)
def _days_of(parts: tuple[Part, ...]) -> Fraction:
    return sum((amount * DAYS_PER_UNIT[unit] for amount, unit in parts), start=Fraction())


@lru_cache(_MANY)
def _exact(parts: tuple[Part, ...]) -> tuple[int, str] | None:
    """Return the whole number and the largest unit, at most the smallest of the parts, that say the sum exactly."""
    if len(parts) == 1 and parts[0][0].denominator == 1:
        return int(parts[0][0]), parts[0][1]
    units = {unit for _, unit in parts}
    if "business day" in units:
        return None
    for unit in _EXACT_UNITS[max(_EXACT_UNITS.index(unit) for unit in units) :]:
        amount = _amount_in(unit, parts)
        if amount.denominator == 1:
            return int(amount), unit
    return None


def _amount_in(unit: str, parts: tuple[Part, ...]) -> Fraction:
    """Return the sum in one unit; a year has twelve months, though it counts as 365 days and a month as 30."""
    if unit == "month":
        months = [amount * _MONTHS_PER_YEAR if part_unit == "year" else amount for amount, part_unit in parts]
        return sum(months, start=Fraction())
    return _days_of(parts) / DAYS_PER_UNIT[unit]
