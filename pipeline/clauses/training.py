"""Finds what a sentence says on the use of content to train or improve."""

from collections.abc import Iterator

from pipeline.clauses.found import Found
from pipeline.clauses.grammar import find_readings
from pipeline.clauses.rules import first_fit, read_rules
from pipeline.clauses.sentence import Sentence
from pipeline.model import Training


def find_training(sentence: Sentence) -> Iterator[Found]:
    """Give each statement on training in the order of the sentence."""
    rules = read_rules("training.toml")
    for reading in find_readings(sentence, "train"):
        rule = first_fit(rules, reading.has)
        if rule is not None and isinstance(rule.value, Training):
            yield Found(
                reading=reading,
                rule=rule,
                value=rule.value,
                is_certain=rule.is_certain(reading.has),
                condition=rule.condition,
            )
