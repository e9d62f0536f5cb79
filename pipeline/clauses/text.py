"""Folds prose for matching, and cuts it into sentences. Offsets always count in the text that was given."""

import re
from collections.abc import Iterator
from typing import Final

# One character for one, so that a place in the folded text is the same place in the text.
_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("‘’‛ʼ`", "'"),
        **dict.fromkeys("“”„‟«»", '"'),
        **dict.fromkeys("‐‑‒", "-"),
        **dict.fromkeys("–—―", "–"),
        **dict.fromkeys("\u00a0\u2009\u202f\u200b\u2060\ufeff\t\n\r", " "),
        "İ": "i",
    }
)
_END: Final = re.compile(r"[.!?][\"')\]’”*_]{0,4}\s+(?=[\"'(\[“‘*_]{0,3}[A-Z0-9À-Þ•])|[。！？；]|\s(?=[•●▪◦]\s)")
_ABBREVIATION: Final = re.compile(
    r"(?:(?<!['’])\b(?:e\.?g|i\.?e|cf|vs|inc|ltd|corp|co|llc|no|nos|art|sec|approx|incl|max|min|st|dr|mr|ms|mrs|fig|resp"
    r"|u\.s|u\.k|e\.u|[A-Za-z])|^\s*[0-9]{1,3}(?:\.[0-9]{1,3}){0,4})\.$",
    re.IGNORECASE,
)
_LONGEST_ABBREVIATION: Final = 24


def fold(text: str) -> str:
    """Return the text in small letters with plain quotes, hyphens and spaces; as long as what was given."""
    folded = text.translate(_PLAIN).lower()
    return folded if len(folded) == len(text) else "".join(one.lower()[:1] for one in text.translate(_PLAIN))


def split_sentences(text: str) -> Iterator[tuple[int, int]]:
    """Give where each sentence of a block begins and ends."""
    start = 0
    for match in _END.finditer(text):
        stop = match.start() + 1
        if text[match.start()] == "." and _ABBREVIATION.search(text[max(start, stop - _LONGEST_ABBREVIATION) : stop]):
            continue
        yield from _stripped(text, start, match.end())
        start = match.end()
    yield from _stripped(text, start, len(text))


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    part = text[start:end]
    if part.strip():
        yield start + len(part) - len(part.lstrip()), start + len(part.rstrip())
