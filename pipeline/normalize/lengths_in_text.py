"""Finds single lengths of time in folded text: a number and its unit. Pure: text in, values out, no I/O."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Final, TypeAlias

from pipeline.normalize.duration import UNIT_BY_SPELLING
from pipeline.normalize.numbers import SMALL_NUMBERS, TENS, find_number

Part: TypeAlias = tuple[Fraction, str]  # an amount and its unit, in the singular


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """A length in a text, before its limits are read; `parts` add up to it and are empty where no number is given."""

    start: int
    end: int
    parts: tuple[Part, ...]
    is_range: bool = False  # the parts are those of the upper end


# Character for character, so that every place in the folded text is the same place in the text.
_SAME_LENGTH_FOLD: Final[Mapping[int, str]] = MappingProxyType(
    {
        **{ord("A") + place: chr(ord("a") + place) for place in range(26)},
        **{0xFF10 + digit: str(digit) for digit in range(10)},
        **dict.fromkeys((9, 10, 13, 0xA0, 0x202F, 0x205F, 0x3000, *range(0x2000, 0x200B)), " "),
        **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2212), "-"),
    }
)

_WORD: Final = "|".join(sorted((*SMALL_NUMBERS, *TENS, "hundred"), key=len, reverse=True))
# Not a piece of a longer number, word, date, range or clause number, and not negative. A dash after a letter stays.
_NUMBER_STARTS: Final = r"(?<!\w)(?<![0-9][.,/-])(?<![^\w)]-)(?<!\A-)"
_PLAIN: Final = (
    rf"(?:[0-9]{{1,4}}(?:,[0-9]{{3}})?(?:\.[0-9]{{1,2}})?|(?:a )?(?:{_WORD})(?:(?:[ -]| and )(?:{_WORD})){{0,5}})"
)
_NUMBER: Final = rf"{_PLAIN}(?: ?\({_PLAIN}\))?"
_UNIT: Final = (
    r"(?:seconds?|minutes?|hours?|(?:business|working) days?|days?|weeks?|fortnights?|months?|years?|decades?"
    r"|secs?|mins?|hrs?|wks?|yrs?|mos?|ys)"
)
_KINDS_OF_UNIT: Final = (
    r"(?:(?:calendar|consecutive|continuous|successive|full|whole|entire|clear|rolling|further|additional|extra|more"
    r"|single|(?:business|working)(?=[ -](?:weeks?|months?|years?)(?!\w)))[ -]){0,2}"
)
_UNIT_ENDS: Final = r"(?:\(s\))?(?!\w)"
_AND_A_HALF: Final = r" and (?:a )?half(?!\w)"

# The cheap question first: where does a unit stand? A length is then looked for in a few words before it only.
_UNIT_STANDS: Final = re.compile(rf"(?:(?<=[ -])|(?<=[0-9)])){_UNIT}{_UNIT_ENDS}|(?<=[0-9])(?: ?h|[dy])(?!\w)")
_HALF_FOLLOWS: Final = re.compile(_AND_A_HALF)
_LONGEST_NUMBER: Final = 90  # characters

# One length: a number and its unit, or a phrase that stands for one. Numbers before articles, because "a hundred days"
# begins like "a day". One letter must touch its number and stand alone: "30d" is one, "3d" and "a1-445d-9c" are not.
_LENGTH: Final = re.compile(
    rf"{_NUMBER_STARTS}"
    rf"(?:between (?P<between>{_NUMBER}) and |(?:from )?(?P<low>{_NUMBER})(?: to | or |(?<=[0-9)]) ?- ?))?"
    rf"(?P<number>{_NUMBER})(?P<half> and a half)?(?:(?<=[0-9)])[ -]?|[ -])"
    rf"{_KINDS_OF_UNIT}(?P<unit>{_UNIT}){_UNIT_ENDS}"
    rf"(?P<half_more>{_AND_A_HALF})?"
    rf"|{_NUMBER_STARTS}(?<!-)(?P<count>[0-9]{{1,4}})(?P<letter> ?h|(?:(?<=[0-9][0-9])|(?<=[17]))d|y)(?![\w-])"
    rf"|(?<!\w)(?:a |another )?couple (?:of )?{_KINDS_OF_UNIT}(?P<two>{_UNIT}){_UNIT_ENDS}"
    rf"|(?<!\w)(?:a )?half(?:[ -](?:of )?an?)?[ -](?P<halved>{_UNIT}){_UNIT_ENDS}"
    rf"|(?<!\w)(?:an? |another )(?!second){_KINDS_OF_UNIT}(?P<one>{_UNIT}){_UNIT_ENDS}"
    rf"(?P<one_half_more>{_AND_A_HALF})?"
    r"|(?<!\w)(?:all|full|whole|entire)[ -](?P<whole>hour|day|week|month|year|decade)(?!\w)"
    rf"|(?<!\w)(?:an? )?(?:few|several|some|many|number of) {_KINDS_OF_UNIT}(?P<vague>{_UNIT})(?<=s)(?!\w)"
)

# Words around it that make it an age or a rate.
_AGE_OR_RATE_AFTER: Final = re.compile(
    r" of age| ?-?old(?!\w)| or (?:older|over|younger)| (?:a|per|each|every) (?:hour|day|week|month|year)| ?/ ?[a-z]"
)
_RATE_BEFORE: Final = re.compile(r"(?:once|twice|times|hours|days|weeks|minutes|requests|calls|tokens|queries) \Z")

_ONE_MORE_UNIT: Final[Mapping[str, tuple[int, str]]] = MappingProxyType(
    {"decade": (10, "year"), "fortnight": (2, "week")}
)
_SPELLINGS: Final[Mapping[str, str]] = MappingProxyType(
    {**UNIT_BY_SPELLING, "mo": "month", "y": "year", "decade": "decade", "fortnight": "fortnight"}
)
_HALF: Final = Fraction(1, 2)
_MANY: Final = 1_024  # different lengths, of which a page repeats few


def fold_in_place(text: str) -> str:
    """Return the text in lower case with plain spaces, dashes and digits, every character where it was."""
    return text.translate(_SAME_LENGTH_FOLD)


def find_lengths(text: str) -> Iterator[Length]:
    """Yield each single length, in the order of the text."""
    earliest = 0  # no length reaches back over a unit that stands before its own
    for unit in _UNIT_STANDS.finditer(text):
        half = _HALF_FOLLOWS.match(text, unit.end())
        end = (half or unit).end()
        match = _find_length(text, max(earliest, unit.start() - _LONGEST_NUMBER), end)
        length = None if match is None else _read(match)
        if match is not None and length is not None and not _is_age_or_rate(text, match):
            yield length
        earliest = end


def _find_length(text: str, start: int, end: int) -> re.Match[str] | None:
    """Return the first match that can be read; where its number cannot, look again behind its first character."""
    while match := _LENGTH.search(text, start, end):
        if _read(match) is not None:
            return match
        start = match.start() + 1
    return None


def _read(match: re.Match[str]) -> Length | None:
    """Return the length that a match says, or None where its number is none or a range runs backwards."""
    if match["number"]:
        return _read_numbered(match)
    start, end = match.span()
    if match["vague"]:
        return Length(start=start, end=end, parts=())
    if match["count"]:
        amount, unit = Fraction(int(match["count"])), match["letter"].strip()
    elif match["two"]:
        amount, unit = Fraction(2), match["two"]
    elif match["halved"]:
        amount, unit = _HALF, match["halved"]
    else:
        amount, unit = Fraction(1) + (_HALF if match["one_half_more"] else 0), match["one"] or match["whole"]
    return Length(start=start, end=end, parts=(_part(amount, unit),)) if amount else None


def _read_numbered(match: re.Match[str]) -> Length | None:
    amount = _find_amount(match["number"])
    low_words = match["between"] or match["low"]
    low = _find_amount(low_words) if low_words else None
    if not amount or (low_words and (low is None or low >= amount)):
        return None
    amount += _HALF if match["half"] or match["half_more"] else 0
    parts = (_part(amount, match["unit"]),)
    return Length(start=match.start(), end=match.end(), parts=parts, is_range=bool(low_words))


@lru_cache(_MANY)
def _find_amount(text: str) -> Fraction | None:
    """Return a number as `find_number` does, or one with a thousands comma or decimals."""
    digits = text.replace(",", "")
    if digits.replace(".", "").isdigit():
        return Fraction(digits)
    number = find_number(text) or find_number(text.replace(" and ", " "))
    return None if number is None else Fraction(number)


@lru_cache(_MANY)
def _part(amount: Fraction, spelling: str) -> Part:
    unit = _SPELLINGS[spelling] if spelling in _SPELLINGS else _SPELLINGS[spelling.removesuffix("s")]
    if unit in _ONE_MORE_UNIT:
        times, unit = _ONE_MORE_UNIT[unit]
        amount *= times
    return amount, unit


def _is_age_or_rate(text: str, match: re.Match[str]) -> bool:
    if _AGE_OR_RATE_AFTER.match(text, match.end()):
        return True
    return bool(match["one"]) and _RATE_BEFORE.search(text[max(0, match.start() - 10) : match.start()]) is not None
