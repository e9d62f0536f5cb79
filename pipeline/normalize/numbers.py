"""Reads a number written in digits, in words or in both. Pure: text in, value out, no I/O."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_DIGITS: Final = re.compile(r"[0-9]{1,4}")
_SAID_TWICE: Final = re.compile(r"(?P<first>[0-9a-z -]{1,40}[0-9a-z]) ?\((?P<second>[0-9a-z -]{1,40})\)")

SMALL_NUMBERS: Final = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def find_number(text: str) -> int | None:
    """Return the number that the whole folded text is, where it is said twice only if both agree; never raises."""
    match = _SAID_TWICE.fullmatch(text)
    if match is None:
        return _find_plain_number(text)
    first, second = _find_plain_number(match["first"]), _find_plain_number(match["second"])
    return first if first == second else None


def _find_plain_number(text: str) -> int | None:
    if _DIGITS.fullmatch(text):
        return int(text)
    return _NUMBER_BY_WORDS.get(text.replace("-", " ").replace(" hundred and ", " hundred "))


def _number_words() -> Mapping[str, int]:
    """Return the numbers from 1 to 999 by their words, spaces between them and no "and"."""
    words = {word: number for number, word in enumerate(SMALL_NUMBERS, start=1)}
    digits = tuple(words.items())[:9]
    for tens, word in enumerate(TENS, start=2):
        words[word] = 10 * tens
        words |= {f"{word} {digit}": 10 * tens + number for digit, number in digits}
    below_hundred = tuple(words.items())
    for word, hundreds in digits:
        words[f"{word} hundred"] = 100 * hundreds
        words |= {f"{word} hundred {rest}": 100 * hundreds + number for rest, number in below_hundred}
    return MappingProxyType(words | {"a": 1, "an": 1, "a hundred": 100})


_NUMBER_BY_WORDS: Final = _number_words()
