"""Finds what a sentence says on keeping and deleting."""

from collections.abc import Iterator

from pipeline.clauses.durations import find_length
from pipeline.clauses.found import Found
from pipeline.clauses.grammar import Reading, find_readings
from pipeline.clauses.rules import first_fit, read_rules
from pipeline.clauses.sentence import Sentence
from pipeline.model import Retention, RetentionKind


def find_retention(sentence: Sentence) -> Iterator[Found]:
    """Give each statement on retention in the order of the sentence."""
    rules = read_rules("retention.toml")
    for reading in find_readings(sentence, "keep", "delete"):
        length = find_length(reading)
        has = _with(reading, duration=length is not None)
        rule = first_fit(rules, has)
        if rule is None or not isinstance(rule.value, RetentionKind):
            continue
        is_period = rule.value is RetentionKind.PERIOD
        value = length if is_period else Retention(kind=rule.value)
        if value is not None:
            yield Found(
                reading=reading, rule=rule, value=value, is_certain=rule.is_certain(has), condition=rule.condition
            )


def _with(reading: Reading, **more: bool):  # noqa: ANN202
    return lambda sign: more[sign] if sign in more else reading.has(sign)
