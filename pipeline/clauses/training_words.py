"""Marks the words of a sentence that a reading of training turns on: who, what, which purpose, which choice."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, cast

from pipeline.clauses.lexicon import compile_phrases, read_toml
from pipeline.clauses.training_purposes import kind_of_purpose, pattern

# These are taken before the document's own terms, all others after them.
_FIRST: Final = ("idle", "default", "optout", "optin", "public", "usage")
_KIND_OF_GROUP: Final = (
    ("content", "content"),
    ("files", "content"),
    ("fine_tuning", "content"),
    ("personal", "personal"),
    ("telemetry", "usage"),
    ("own_name", "we"),
)
_REMEMBERED: Final = 512  # texts: headings, lead-ins and neighbours come again with each sentence


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


def mentions_way_out(folded: str) -> bool:
    """Return whether folded text can hold a choice to keep out."""
    return _words()["optout"].search(folded) is not None


def mark(folded: str, terms: Mapping[str, re.Pattern[str]]) -> tuple[Tag, ...]:
    """Return the marked words in their order; `terms` are the document's own, by lexicon group."""
    own = tuple((kind, terms[group]) for group, kind in _KIND_OF_GROUP if group in terms)
    return _mark(folded, own, terms.get("product")) if folded else ()


def kinds_in(folded: str, terms: Mapping[str, re.Pattern[str]]) -> frozenset[str]:
    """Return the kinds of the marked words."""
    return frozenset(tag.kind for tag in mark(folded, terms))


@lru_cache(maxsize=_REMEMBERED)
def _mark(
    folded: str, own: tuple[tuple[str, re.Pattern[str]], ...], product: re.Pattern[str] | None
) -> tuple[Tag, ...]:
    taken = bytearray(len(folded))
    found: list[Tag] = []
    words = _words()
    for match in pattern("spared").finditer(folded):
        if not pattern("material").search(folded, 0, match.start()):
            _take("idle", [match], taken, found)
    for kind in _FIRST:
        _take(kind, words[kind].finditer(folded), taken, found)
    for kind, term in own:
        _take(kind, term.finditer(folded), taken, found)
    for match in pattern("act").finditer(folded):
        purpose = None if any(taken[match.start() : match.end()]) else kind_of_purpose(folded, match, product)
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
    return {kind: compile_phrases(table["words"]) for kind, table in tables.items()}
