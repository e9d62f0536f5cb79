"""Reads a text that is one duration, such as "up to 30 days". Pure: text in, value out, no I/O."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from pipeline.model import Bound
from pipeline.normalize.numbers import find_number
from pipeline.normalize.text import fold_phrase

# No policy keeps prompts for 27 years by number; a larger count is a broken one.
MAX_DAYS: Final = 9_999

DAYS_PER_UNIT: Final[Mapping[str, Fraction]] = MappingProxyType(
    {
        "second": Fraction(1, 86_400),
        "minute": Fraction(1, 1_440),
        "hour": Fraction(1, 24),
        "day": Fraction(1),
        # Five business days take a calendar week; counting 30 of them as 30 days would let a limit of 30 days pass.
        "business day": Fraction(7, 5),
        "week": Fraction(7),
        # A month counts as 30 days and a year as 365, so "1 month" and "30 days" compare equal.
        "month": Fraction(30),
        "year": Fraction(365),
    }
)
UNIT_BY_SPELLING: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{unit: unit for unit in DAYS_PER_UNIT},
        "sec": "second",
        "min": "minute",
        "hr": "hour",
        "h": "hour",
        "d": "day",
        "calendar day": "day",
        "working day": "business day",
        "wk": "week",
        "yr": "year",
    }
)

# An amount and its unit. A unit may touch a number, never a word ("and" is not "an d"); one letter must touch it
# ("24h"). "m" stands for minutes and for months, so it is not read.
_AMOUNT_AND_UNIT: Final = re.compile(
    r"(?P<amount>.{1,60}?)(?:(?:(?<=[0-9)]) ?|[ -])"
    r"(?P<unit>sec(?:ond)?|min(?:ute)?|hr|hour|(?:(?:calendar|business|working) )?day|wk|week|month|yr|year)"
    r"(?:s|\(s\))?"
    r"|(?<=[0-9])(?P<letter>[hd]))"
)

# In this order: "between" and "from" first, because the plain "to" would keep them inside the lower end.
# A dash makes a range of digits only; between words it belongs to the number ("thirty-one").
_RANGES: Final = (
    re.compile(r"between (?P<low>.{1,40}) and (?P<high>.{1,40})"),
    re.compile(r"from (?P<low>.{1,40}) to (?P<high>.{1,40})"),
    re.compile(r"(?P<low>.{1,40}) to (?P<high>.{1,40})"),
    re.compile(r"(?P<low>[0-9]{1,4}) ?- ?(?P<high>[0-9]{1,4})"),
)

# Words that make the number an upper limit. "less than 30 days" counts as up to 30: the longest that it allows.
_LIMITS_BEFORE: Final = (
    "up to ",
    "no more than ",
    "not more than ",
    "no longer than ",
    "not longer than ",
    "not to exceed ",
    "not exceeding ",
    "at most ",
    "a maximum of ",
    "maximum of ",
    "maximum ",
    "max. ",
    "max ",
    "less than ",
    "fewer than ",
    "under ",
    "within ",
)
_LIMITS_AFTER: Final = (" or less", " or fewer", " at most", " maximum", " max")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A length of time: the number and unit as written (the upper end of a range), and its calendar days."""

    amount: int
    unit: str  # singular: second, minute, hour, day, business day, week, month, year
    days: int  # rounded up, at least 1 and at most MAX_DAYS
    bound: Bound


def find_duration(text: str) -> Duration | None:
    """Return the duration that the whole text is, or None; never raises."""
    phrase = fold_phrase(text)
    if phrase is None:
        return None
    length = _without_limit(phrase)
    match = _AMOUNT_AND_UNIT.fullmatch(length)
    if match is None:
        return None
    bound = Bound.EXACT if length == phrase else Bound.UP_TO
    amount = find_number(match["amount"])
    if amount is None and bound is Bound.EXACT:
        bound, amount = Bound.RANGE, _find_range_end(match["amount"])
    if amount is None:
        return None
    unit = UNIT_BY_SPELLING[match["unit"] or match["letter"]]
    days = math.ceil(amount * DAYS_PER_UNIT[unit])
    return Duration(amount=amount, unit=unit, days=days, bound=bound) if 1 <= days <= MAX_DAYS else None


def _without_limit(phrase: str) -> str:
    """Return the phrase without one limit before it and one after it."""
    before = next((limit for limit in _LIMITS_BEFORE if phrase.startswith(limit)), "")
    after = next((limit for limit in _LIMITS_AFTER if phrase.endswith(limit)), "")
    return phrase.removeprefix(before).removesuffix(after)


def _find_range_end(text: str) -> int | None:
    """Return the upper end of a range of two numbers, the lower one first."""
    match = next((match for pattern in _RANGES if (match := pattern.fullmatch(text))), None)
    if match is None:
        return None
    low, high = find_number(match["low"]), find_number(match["high"])
    return high if low is not None and high is not None and low < high else None
