"""Marks the words of a sentence that a reading of training turns on: who, what, which purpose, which choice."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, cast

from pipeline.clauses.lexicon import read_toml
from pipeline.clauses.training_purposes import kind_of_purpose, pattern

# These are taken before the document's own terms, all others after them.
_FIRST: Final = ("idle", "optout", "optin", "default", "public", "usage")
_KIND_OF_GROUP: Final = (
    ("content", "content"),
    ("files", "content"),
    ("fine_tuning", "content"),
    ("personal", "personal"),
    ("telemetry", "usage"),
)


@dataclass(frozen=True, slots=True)
class Tag:
    """One marked run of words. `kind` is a section of `training_words.toml`, or a kind of purpose."""

    kind: str
    start: int
    end: int
    text: str


def mentions_training(folded: str) -> bool:
    """Return whether folded text can hold a statement on training at all."""
    return pattern("hints").search(folded) is not None


def mark(folded: str, terms: Mapping[str, re.Pattern[str]]) -> tuple[Tag, ...]:
    """Return the marked words in their order; `terms` are the document's own, by lexicon group."""
    taken = bytearray(len(folded))
    found: list[Tag] = []
    words = _words()
    for kind in _FIRST:
        _take(kind, words[kind].finditer(folded), taken, found)
    for group, kind in _KIND_OF_GROUP:
        if group in terms:
            _take(kind, terms[group].finditer(folded), taken, found)
    for match in pattern("act").finditer(folded):
        purpose = None if any(taken[match.start() : match.end()]) else kind_of_purpose(folded, match)
        if purpose:
            _take(purpose, [match], taken, found)
    for kind, phrases in words.items():
        if kind not in _FIRST:
            _take(kind, phrases.finditer(folded), taken, found)
    return tuple(sorted(found, key=lambda tag: tag.start))


def _take(kind: str, matches: Iterable[re.Match[str]], taken: bytearray, found: list[Tag]) -> None:
    for match in matches:
        start, end = match.span()
        if end > start and not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            found.append(Tag(kind, start, end, match[0]))


@cache
def _words() -> Mapping[str, re.Pattern[str]]:
    tables = cast("dict[str, dict[str, list[str]]]", read_toml("training_words.toml"))
    return {kind: _compile(table["words"]) for kind, table in tables.items()}


def _compile(phrases: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds any of the phrases, the longest first, as whole words."""
    ordered = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    bodies = (phrase.replace(" ... ", r" (?:[\w'/-]{1,30},? ){0,3}") for phrase in ordered)
    return re.compile(r"(?<![\w-])(?:" + "|".join(bodies) + r")(?![\w])")
