"""Settles what a word such as "train" or "improve" names: a training of models, better services, or neither.

The object decides: "improve our models" trains, "improve our services" improves, "improve your stay" does neither.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final, cast

from pipeline.clauses.lexicon import read_toml

_AREA: Final = 110  # characters after a verb in which its object stands
_BEFORE: Final = 32  # characters before it that are looked at
_NOUN_ENDS: Final = ("ments", "ment", "ions", "ion")
_LOOSELY: Final = 36  # characters after such a verb in which models are what it is of
_PLAINLY_BETTER: Final = ("improv", "enhanc", "refin", "optimi")
# Verbs that say so much else that only models make them a purpose of ours.
_LOOSE: Final = ("creat", "build", "test", "expand")


def pattern(name: str) -> re.Pattern[str]:
    """Return a pattern of `training_patterns.toml`; raises KeyError for a name that is not there."""
    return _patterns()[name]


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    tables = cast("dict[str, dict[str, str]]", read_toml("training_patterns.toml"))
    return {name: re.compile(table["pattern"]) for name, table in tables.items()}


def kind_of_purpose(folded: str, match: re.Match[str], product: re.Pattern[str] | None = None) -> str | None:
    """Return `train`, `improve`, `own` (the customer's own model), `rival`, `named` (elsewhere), or None.

    `product` finds the names that the page calls its provider by, where one is what is made better.
    """
    area = folded[match.end() : match.end() + _AREA]
    stop = pattern("area_end").search(area)
    area = area[: stop.start()] if stop else area
    before = folded[max(0, match.start() - _BEFORE) : match.start()]
    if pattern("rival").search(area) or pattern("rival").search(before):
        return "rival"
    match match.lastgroup:
        case "named":
            return "named"
        case "into":
            return "train" if pattern("fed").search(folded, max(0, match.start() - _AREA), match.start()) else None
        case "learn":
            is_by_people = match[0].startswith("learn") and pattern("others_learn").search(before)
            return None if is_by_people else "train"
        case "train":
            return _kind_of_training(folded, match, area)
        case _:
            kind = None if pattern("features_that").search(before) else _kind_of_improving(match[0], area, before)
            is_by_name = product is not None and match[0].startswith(_PLAINLY_BETTER) and product.match(area)
            return kind or ("improve" if is_by_name else None)


def _kind_of_training(folded: str, match: re.Match[str], area: str) -> str | None:
    word, left = match[0], folded[: match.start()]
    if pattern("data_made_from").match(folded, match.end()):
        return "train"
    if not word.endswith("ing") and pattern("you_train").search(left[-_BEFORE:]):
        return "own"
    if _only_describes(word, area, left):
        return None
    before = left[-_BEFORE:]
    if word == "training" and pattern("data_after").match(area) and pattern("given_training_data").search(before):
        return None
    is_sent = pattern("sent_to_tune").search(left[-_AREA:]) and not pattern("providers").match(area)
    return "own" if is_sent or pattern("own_model").search(area) else "train"


def _only_describes(word: str, area: str, left: str) -> bool:
    """Tell whether a participle only describes: "a fine-tuned version", "trained models", "training costs"."""
    if word != "training" and pattern("data_for").search(left):
        return True
    if word in {"training", "fine-tuning", "finetuning"}:
        return bool(pattern("training_thing").match(area)) and not pattern("into_training").search(left)
    if not word.endswith("ed"):
        return False
    if pattern("stranded").match(area) and not area[3:].strip(" ,") and pattern("model_was").search(left):
        return True
    if pattern("taken_with").match(area) or (pattern("who_did").search(left) and pattern("providers").match(area)):
        return False
    return not pattern("be_before").search(left)


def _kind_of_improving(verb: str, area: str, before: str) -> str | None:
    model = pattern("model").search(area)
    is_yours = verb.startswith((*_LOOSE, "tun")) and pattern("you_train").search(before) is not None
    is_apart = model is not None and verb.startswith(_LOOSE) and _is_apart(model, area)
    has_model = model is not None and not (is_yours or is_apart)
    if verb.startswith(("mak", "teach")):
        return _kind_of_making(verb, area, has_model=has_model)
    if verb.startswith(_LOOSE) and not has_model:
        return "improve" if verb.startswith(("creat", "build")) and pattern("new_services").match(area) else None
    if pattern("own_model").search(area):
        return "own"
    is_noun = verb.endswith(_NOUN_ENDS)
    if is_noun and not pattern("noun_before").search(before):
        return None
    if has_model or (verb.endswith((*_NOUN_ENDS, "ing")) and pattern("model_before").search(before)):
        return "train"
    return "improve" if _improves(verb, area, before, is_noun=is_noun) else None


def _is_apart(model: re.Match[str], area: str) -> bool:
    """Tell whether a verb such as "build" is not of the models named after it: "build them, and model licences ..."."""
    return model[0].startswith("underlying") or model.start() > _LOOSELY or area.startswith((" them", " it"))


def _kind_of_making(verb: str, area: str, *, has_model: bool) -> str | None:
    """Read "make our models smarter" and "teach our assistant"."""
    is_model = has_model or pattern("thinking_part").search(area) is not None
    if verb.startswith("teach"):
        if is_model and area.startswith(" your "):  # in a question, the provider's
            return "own"
        return "train" if (is_model and pattern("providers").match(area)) or pattern("new_skills").match(area) else None
    if not pattern("is_better").match(area):
        return None
    return "train" if is_model else "improve"


def _improves(verb: str, area: str, before: str, *, is_noun: bool) -> bool:
    service, other = pattern("service").search(area), pattern("no_service").search(area)
    if service and not (other and other.start() < service.start()):
        return True
    if is_noun and pattern("service_before").search(before):
        return True
    if not is_noun and pattern("quality").match(area) and not pattern("line_start").fullmatch(before):
        return True
    return verb == "research" and pattern("research_ends").match(area) is not None
