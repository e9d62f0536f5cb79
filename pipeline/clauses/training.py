"""Finds what a sentence says on the use of content to train or improve."""

import re
from collections.abc import Iterator
from typing import Final

from pipeline.clauses.found import Found
from pipeline.clauses.grammar import Reading
from pipeline.clauses.rules import first_fit, read_rules
from pipeline.clauses.sentence import Sentence
from pipeline.clauses.training_answers import find_answers
from pipeline.clauses.training_signs import find_purposes
from pipeline.clauses.training_words import mentions_training
from pipeline.model import BlockKind, Condition, DataKind, Training

def find_training(sentence: Sentence) -> Iterator[Found]:
    """Give each statement on training in the order of the sentence, each value once."""
    if _is_title(sentence):
        return
    found = _stated(sentence) if mentions_training(sentence.text) else {}
    if not found:
        found = _answered(sentence)
    yield from found.values()


def _stated(sentence: Sentence) -> dict[Training, Found]:
    found: dict[Training, Found] = {}
    for purpose in find_purposes(sentence):
        one = _read(sentence, purpose.start, purpose.end, purpose.signs)
        if one is not None and isinstance(one.value, Training) and (one.value not in found or (one.is_certain and not found[one.value].is_certain)):
            found[one.value] = one
    for kept, dropped in _ONE_OF:
        if kept in found:
            found.pop(dropped, None)
    return found


# Where one sentence gives both values, the second is but a part of the first: "we do not train, unless you opt in".
_ONE_OF: Final = ((Training.OPT_IN, Training.NO), (Training.OPT_OUT, Training.MAY))


def _answered(sentence: Sentence) -> dict[Training, Found]:
    answers = [_read(place, 0, len(place.text), signs) for place, signs in find_answers(sentence)]
    return {one.value: one for one in answers if one is not None and isinstance(one.value, Training)}


def _read(sentence: Sentence, start: int, end: int, signs: frozenset[str]) -> Found | None:
    has = signs.__contains__
    rule = first_fit(read_rules("training.toml"), has)
    if rule is None or not isinstance(rule.value, Training):
        return None
    return Found(
        reading=Reading(sentence, start, end, "train"),
        rule=rule,
        value=rule.value,
        is_certain=rule.is_certain(has),
        condition=_condition(rule.condition, signs),
        data=_data(signs),
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
