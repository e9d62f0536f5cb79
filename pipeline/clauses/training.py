"""Finds what a sentence says on the use of content to train or improve."""

import re
from collections.abc import Iterator
from typing import Final

from pipeline.clauses.found import Found
from pipeline.clauses.grammar import Reading
from pipeline.clauses.rules import first_fit, read_rules
from pipeline.clauses.sentence import Sentence
from pipeline.clauses.training_signs import find_purposes
from pipeline.clauses.training_words import mentions_training
from pipeline.model import BlockKind, Condition, DataKind, Training

_PROTECTION: Final = (Training.NO, Training.OPT_IN, Training.OPT_OUT, Training.MAY)


def find_training(sentence: Sentence) -> Iterator[Found]:
    """Give each statement on training in the order of the sentence, each value once."""
    if not mentions_training(sentence.text) or _is_title(sentence):
        return
    rules = read_rules("training.toml")
    found: dict[Training, Found] = {}
    for purpose in find_purposes(sentence):
        reading = Reading(sentence, purpose.start, purpose.end, "train")
        has = purpose.signs.__contains__
        rule = first_fit(rules, has)
        if rule is None or not isinstance(rule.value, Training):
            continue
        one = Found(
            reading=reading,
            rule=rule,
            value=rule.value,
            is_certain=rule.is_certain(has),
            condition=_condition(rule.condition, purpose.signs),
            data=_data(purpose.signs),
        )
        if rule.value not in found or (one.is_certain and not found[rule.value].is_certain):
            found[rule.value] = one
    yield from found.values()


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
