"""Folds prose for matching, and cuts it into sentences. Offsets always count in the text that was given."""

import re
from collections.abc import Iterator
from typing import Final

# One character for one, so that a place in the folded text is the same place in the text.
_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201b\u02bc`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012", "-"),
        **dict.fromkeys("\u2013\u2014\u2015", "\u2013"),
        **dict.fromkeys("\u00a0\u2009\u202f\u200b\u2060\ufeff\t\n\r", " "),
        "İ": "i",
    }
)
_END: Final = re.compile(
    r"[.!?][\"')\]\u2019\u201d*_]{0,4}\s+(?=[\"'(\[\u201c\u2018*_]{0,3}[A-Z0-9À-Þ\u2022])"
    r"|(?<=[a-z]{3})[.!?](?=[A-Z][a-z]+ )"  # two elements of a page that were joined without a space
    r"|[\u3002\uff01\uff1f\uff1b]|\s(?=[\u2022\u25cf\u25aa\u25e6]\s)"
)
_MAY_END: Final = re.compile(r"(?<=[.!?])\s")
_ABBREVIATION: Final = re.compile(
    r"(?:(?<!['\u2019])\b(?:e\.?g|i\.?e|cf|vs|inc|ltd|corp|co|llc|no|nos|art|sec|approx|incl|max|min|st|dr|mr"
    r"|ms|mrs|fig|resp"
    r"|u\.s|u\.k|e\.u|[A-Za-z]))\.$",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\s*[0-9]{1,3}(?:\.[0-9]{1,3}){0,4}\.")
_ANSWER: Final = re.compile(r"[\W_]*no\.", re.IGNORECASE)
_LONGEST_ABBREVIATION: Final = 14


def fold(text: str) -> str:
    """Return the text in small letters with plain quotes, hyphens and spaces; as long as what was given."""
    folded = text.translate(_PLAIN).lower()
    return folded if len(folded) == len(text) else "".join(one.lower()[:1] for one in text.translate(_PLAIN))


def first_sentence(text: str) -> str:
    """Return a text up to the first mark that may end a sentence."""
    return _MAY_END.split(text, maxsplit=1)[0]


def split_sentences(text: str) -> Iterator[tuple[int, int]]:
    """Give where each sentence of a block begins and ends."""
    start = 0
    for match in _END.finditer(text):
        stop = match.start() + 1
        if text[match.start()] == "." and _is_abbreviated(text, start, stop):
            continue
        yield from _stripped(text, start, match.end())
        start = match.end()
    yield from _stripped(text, start, len(text))


def _is_abbreviated(text: str, start: int, stop: int) -> bool:
    """Tell whether the full stop before an offset ends an abbreviation or the number of a paragraph."""
    if _NUMBER.fullmatch(text, start, stop):
        return True
    last = text.rfind(" ", start, stop) + 1 or start
    if _ANSWER.fullmatch(text, last, stop) and not text[stop:].lstrip()[:1].isdigit():  # "No. We keep nothing."
        return False
    return stop - last <= _LONGEST_ABBREVIATION and _ABBREVIATION.search(text[last:stop]) is not None


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    if part.strip():
        yield start + len(part) - len(part.lstrip()), start + len(part.rstrip())
