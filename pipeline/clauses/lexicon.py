"""The words that rules are written in: named groups of phrases, read once from `lexicon.toml`."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final, cast

_PLAIN_START: Final = re.compile(r"[a-z](?![?*+{|])")


class Groups(Mapping[str, re.Pattern[str]]):
    """The groups of phrases by name, each one pattern over folded text, compiled when first asked for."""

    def __init__(self, phrases: Mapping[str, Iterable[str]]) -> None:
        self._phrases = phrases
        self._patterns: dict[str, re.Pattern[str]] = {}

    def __getitem__(self, name: str) -> re.Pattern[str]:
        found = self._patterns.get(name)
        if found is None:
            found = self._patterns[name] = compile_phrases(self._phrases[name])
        return found

    def phrases(self, name: str) -> Iterable[str]:
        """Return the phrases of a group as they are written."""
        return self._phrases[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._phrases)

    def __len__(self) -> int:
        return len(self._phrases)


@cache
def groups() -> Groups:
    """Return the groups of the lexicon."""
    tables = cast("dict[str, dict[str, list[str]]]", read_toml("lexicon.toml"))
    return Groups({name: table["words"] for name, table in tables.items()})


@cache
def any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    """Return one pattern for the phrases of several groups, to rule a sentence out by one look."""
    return compile_phrases(phrase for name in names for phrase in groups().phrases(name))


@cache
def stems(name: str) -> re.Pattern[str]:
    """Return one pattern for a list of `stems.toml`; they may stand anywhere in a word."""
    tables = cast("dict[str, dict[str, list[str]]]", read_toml("stems.toml"))
    return re.compile("|".join(_by_first_letter(tables[name]["words"])))


def read_toml(name: str) -> dict[str, object]:
    """Return a rule file that stands beside the code."""
    return tomllib.loads((files("pipeline.clauses") / name).read_text(encoding="utf-8"))


def compile_phrases(phrases: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds any of the phrases, the longest first, as whole words.

    A phrase is a small regular expression over folded text, in which `...` stands for up to three words.
    """
    ordered = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    bodies = (phrase.replace(" ... ", r" (?:[\w'/-]{1,30},? ){0,3}") for phrase in ordered)
    return re.compile(r"(?<![\w-])(?:" + "|".join(_by_first_letter(bodies)) + r")(?![\w])")


def _by_first_letter(bodies: Iterable[str]) -> Iterator[str]:
    """Give the phrases that begin with a plain letter gathered under it, so that most are ruled out by one look."""
    gathered: dict[str, list[str]] = {}
    for body in bodies:
        letter = _PLAIN_START.match(body)
        if letter is None:
            yield body
        else:
            gathered.setdefault(letter[0], []).append(body[1:])
    for first, rests in gathered.items():
        yield f"{first}(?:{'|'.join(rests)})"
