"""Whether a page is written in the language that its source declares, told by its letters and commonest words. Pure."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pipeline.collect.expected import Doubt, Expected
from pipeline.model import Outcome

_ENOUGH_CHARACTERS = 50_000  # of a page, to tell its language from
_MIN_LETTERS = 100  # likewise, to tell its script from
_MIN_WORDS = 60
_MIN_DIFFERENT_WORDS = 5  # of a language, which a table that says "no" in every row does not have
# Of all words; real pages of terms have 0.20 and more, tables of documentation with little prose 0.09.
_HARDLY_ANY = 0.01
# A page that nothing is known of yet may be a table without a sentence: names and marks, over and over.
_MANY_WORDS, _MANY_DIFFERENT_WORDS = 300, 150


@cache
def _stop_words() -> Mapping[str, frozenset[str]]:
    data = tomllib.loads((Path(__file__).parent / "stop_words.toml").read_text(encoding="utf-8"))
    return {language: frozenset(words.split()) for language, words in data.items()}


def find_other_language(text: str, before: str | None, expected: Expected) -> Doubt | None:
    """Return why a text is not believed to be in the language that its source declares, None where nothing says so.

    `text` is folded, and so is `before`, that of the last good capture. Of a language without stop words here, only
    the letters are known, by that capture.
    """
    text, before = text[:_ENOUGH_CHARACTERS], (before or "")[:_ENOUGH_CHARACTERS]
    stop_words = _stop_words()
    wanted = stop_words.get(expected.language)
    is_latin, was_latin = _is_latin(text), True if wanted else _is_latin(before)
    if is_latin is not None and was_latin is not None and is_latin != was_latin:
        return _doubt(expected, f"most letters are {'Latin' if is_latin else 'not Latin'}")
    words = Counter(text.split())
    if wanted is None or words.total() < _MIN_WORDS:
        return None
    counts = {language: sum(words[stop] for stop in stops) for language, stops in stop_words.items()}
    likely = max(counts, key=lambda language: counts[language])
    # Twice as many, because languages share words and a page may quote another.
    if counts[likely] > 2 * counts[expected.language] and _has_different(words, stop_words[likely]):
        return _doubt(expected, f"the words look like '{likely}'")
    has_much = words.total() >= _MANY_WORDS and len(words) >= _MANY_DIFFERENT_WORDS
    earlier = Counter(before.split())
    had = _share(earlier, wanted) / 4 if _has_different(earlier, wanted) else 0  # a table with a few lines has few
    if _share(words, wanted) < (_HARDLY_ANY if has_much else min(_HARDLY_ANY, had)):
        return _doubt(expected, "hardly any of its commonest words is there")
    return None


def _doubt(expected: Expected, why: str) -> Doubt:
    return Doubt(outcome=Outcome.WRONG_LANGUAGE, detail=f"expected '{expected.language}', {why}")


def _is_latin(text: str) -> bool | None:
    """Whether most letters are Latin, None where there are too few to tell."""
    letters = {letter: count for letter, count in Counter(text).items() if letter.isalpha()}
    latin = sum(count for letter, count in letters.items() if letter < "\u0250" or "\u1e00" <= letter < "\u1f00")
    total = sum(letters.values())
    return None if total < _MIN_LETTERS else 2 * latin >= total


def _has_different(words: Counter[str], stops: frozenset[str]) -> bool:
    return len(stops.intersection(words)) >= _MIN_DIFFERENT_WORDS


def _share(words: Counter[str], stops: frozenset[str]) -> float:
    """Return how much of a text stop words are, the commonest left out: another language may have one of them too."""
    counts = sorted(words[stop] for stop in stops)
    return sum(counts[:-1]) / words.total() if words else 0.0
