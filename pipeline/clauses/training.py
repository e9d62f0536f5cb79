"""Finds what a sentence says on the use of content to train or improve."""

import re
from collections.abc import Iterator
from typing import Final

from pipeline.clauses.found import Found
from pipeline.clauses.grammar import Reading
from pipeline.clauses.rules import first_fit, read_rules
from pipeline.clauses.sentence import Sentence
from pipeline.clauses.training_signs import Purpose, find_purposes
from pipeline.clauses.training_words import mentions_training
from pipeline.model import BlockKind, Condition, DataKind, Training

def find_training(sentence: Sentence) -> Iterator[Found]:
    """Give each statement on training in the order of the sentence, each value once."""
    if not mentions_training(sentence.text) or _is_title(sentence):
        return
    found: dict[Training, Found] = {}
    for purpose in find_purposes(sentence):
        one = _read(sentence, purpose)
        if one is not None and (one.value not in found or (one.is_certain and not found[one.value].is_certain)):
            found[one.value] = one
    for kept, dropped in _ONE_OF:
        if kept in found:
            found.pop(dropped, None)
    yield from found.values()


# Where one sentence gives both values, the second is but a part of the first: "we do not train, unless you opt in".
_ONE_OF: Final = ((Training.OPT_IN, Training.NO), (Training.OPT_OUT, Training.MAY))


def _read(sentence: Sentence, purpose: Purpose) -> Found | None:
    has = purpose.signs.__contains__
    rule = first_fit(read_rules("training.toml"), has)
    if rule is None or not isinstance(rule.value, Training):
        return None
    return Found(
        reading=Reading(sentence, purpose.start, purpose.end, "train"),
        rule=rule,
        value=rule.value,
        is_certain=rule.is_certain(has),
        condition=_condition(rule.condition, purpose.signs),
        data=_data(purpose.signs),
    )


def _condition(named: Condition, signs: frozenset[str]) -> Condition:
    """Return the rule's own condition, or an exception where only somebody else acts."""
    return Condition.EXCEPTION if "third" in signs and "we" not in signs and named is Condition.DEFAULT else named


def _data(signs: frozenset[str]) -> DataKind | None:
    if "content" in signs:
        return DataKind.PROMPTS_OUTPUTS
    if "personal" in signs:
        return DataKind.PERSONAL_DATA
    return DataKind.FEEDBACK if "feedback" in signs else None


def _is_title(sentence: Sentence) -> bool:
    """Tell whether a heading only names what stands below it."""
    return sentence.block.kind is BlockKind.HEADING and not _FINITE.search(sentence.text)


_FINITE: Final = re.compile(r"\b(?:is|are|will|do|does|may|has|have|never|cannot|we|\w+n't)\b")
