"""The words that rules are written in: named groups of phrases, read once from `lexicon.toml`."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final, cast



@cache
def groups() -> Mapping[str, re.Pattern[str]]:
    """Return each group of phrases as one pattern over folded text."""
    tables = cast("dict[str, dict[str, list[str]]]", read_toml("lexicon.toml"))
    return MappingProxyType({name: compile_phrases(table["words"]) for name, table in tables.items()})


def read_toml(name: str) -> dict[str, object]:
    """Return a rule file that stands beside the code."""
    return tomllib.loads((files("pipeline.clauses") / name).read_text(encoding="utf-8"))


def compile_phrases(phrases: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds any of the phrases, the longest first, as whole words.

    A phrase is a small regular expression over folded text, in which `...` stands for up to three words.
    """
    ordered = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    bodies = (phrase.replace(" ... ", r" (?:[\w'/-]{1,30},? ){0,3}") for phrase in ordered)
    return re.compile(r"(?<![\w-])(?:" + "|".join(bodies) + r")(?![\w])")
