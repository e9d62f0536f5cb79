"""Finds what a sentence says on keeping and deleting."""

from collections.abc import Iterator
from typing import Final

from pipeline.clauses.durations import find_length
from pipeline.clauses.found import Found
from pipeline.clauses.grammar import find_readings
from pipeline.clauses.rules import Has, first_fit, read_rules
from pipeline.clauses.sentence import Sentence
from pipeline.model import BlockKind, Retention, RetentionKind

_ANCHORS: Final = ("zero_retention", "in_memory", "keep", "delete", "keep_noun", "delete_noun")


def find_retention(sentence: Sentence) -> Iterator[Found]:
    """Give each statement on retention in the order of the sentence, the same value once."""
    if sentence.block.kind is BlockKind.HEADING or sentence.text.endswith("?"):
        return
    rules = read_rules("retention.toml")
    for reading in find_readings(sentence, *_ANCHORS):
        length = find_length(reading.unit, sentence.text)
        has = _with_length(reading.has, is_there=length is not None)
        rule = first_fit(rules, has)
        if rule is None or not isinstance(rule.value, RetentionKind):
            continue
        is_period = rule.value is RetentionKind.PERIOD
        if is_period and length is None:
            continue
        value, trigger = length if is_period and length else (Retention(kind=rule.value), "")
        yield Found(
            reading=reading,
            rule=rule,
            value=value,
            is_certain=rule.is_certain(has),
            condition=rule.condition,
            trigger=trigger or None,
        )


def _with_length(has: Has, *, is_there: bool) -> Has:
    return lambda sign: is_there if sign == "duration" else has(sign)
