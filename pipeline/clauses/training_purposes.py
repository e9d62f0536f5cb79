"""Settles what a word such as "train", "improve" or "develop" names: a training of models, better services, or neither.

The object decides: "improve our models" trains, "improve our services" improves, "improve your experience" does neither.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final, cast

from pipeline.clauses.lexicon import read_toml

_AREA: Final = 110  # characters after a verb in which its object stands
_BEFORE: Final = 24  # characters before it that are looked at
_NOUN_ENDS: Final = ("ments", "ment", "ions", "ion")
# Verbs that say so much else that only models make them a purpose of ours.
_LOOSE: Final = ("support", "creat", "build", "test", "expand", "teach")


def pattern(name: str) -> re.Pattern[str]:
    """Return a pattern of `training_patterns.toml`; raises KeyError for a name that is not there."""
    return _patterns()[name]


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    tables = cast("dict[str, dict[str, str]]", read_toml("training_patterns.toml"))
    return {name: re.compile(table["pattern"]) for name, table in tables.items()}


def kind_of_purpose(folded: str, match: re.Match[str]) -> str | None:
    """Return `train`, `improve`, `own` (the customer's own model), `rival`, `named` (elsewhere), or None."""
    area = folded[match.end() : match.end() + _AREA]
    stop = pattern("area_end").search(area)
    area = area[: stop.start()] if stop else area
    before = folded[max(0, match.start() - _BEFORE) : match.start()]
    if pattern("rival").search(area) or pattern("rival").search(before):
        return "rival"
    match match.lastgroup:
        case "named":
            return "named"
        case "learn":
            return "train"
        case "train":
            return _kind_of_training(match[0], area, folded[: match.start()])
        case _:
            return _kind_of_improving(match[0], area, before)


def _kind_of_training(word: str, area: str, left: str) -> str | None:
    before = left[-_BEFORE:]
    if _only_describes(word, area, left):
        return None
    if word == "training" and pattern("data_after").match(area) and pattern("given_training_data").search(before):
        return None
    if pattern("sent_to_tune").search(before) and not pattern("providers").match(area):
        return "own"
    return "own" if pattern("own_model").search(area) else "train"


def _only_describes(word: str, area: str, left: str) -> bool:
    """Tell whether a participle only describes: "a fine-tuned version", "trained models", "training costs"."""
    if word == "training":
        return bool(pattern("training_thing").match(area)) and not pattern("into_training").search(left)
    if not word.endswith("ed") or pattern("taken_with").match(area):
        return False
    return not pattern("be_before").search(left)


def _kind_of_improving(verb: str, area: str, before: str) -> str | None:
    has_model = pattern("model").search(area) is not None
    if verb.startswith("mak"):
        is_better = pattern("is_better").match(area)
        is_model = has_model or pattern("thinking_part").search(area)
        return ("train" if is_model else "improve") if is_better else None
    if verb.startswith(_LOOSE) and not has_model:
        is_new = verb.startswith(("creat", "build")) and pattern("new_services").match(area)
        return "improve" if is_new else None
    if pattern("own_model").search(area):
        return "own"
    is_noun = verb.endswith(_NOUN_ENDS)
    if is_noun and not pattern("noun_before").search(before):
        return None
    if has_model or (verb.endswith((*_NOUN_ENDS, "ing")) and pattern("model_before").search(before)):
        return "train"
    return "improve" if _improves(verb, area, before, is_noun=is_noun) else None


def _improves(verb: str, area: str, before: str, *, is_noun: bool) -> bool:
    service, other = pattern("service").search(area), pattern("no_service").search(area)
    if service and not (other and other.start() < service.start()):
        return True
    if is_noun and pattern("service_before").search(before):
        return True
    return verb == "research" and pattern("research_ends").match(area) is not None
