"""Finds what a sentence says on keeping and deleting."""

import re
from collections.abc import Iterator
from typing import Final

from pipeline.clauses.durations import find_length
from pipeline.clauses.found import Found
from pipeline.clauses.grammar import Reading, find_readings
from pipeline.clauses.retention_lists import find_named
from pipeline.clauses.rules import Has, first_fit, read_rules
from pipeline.clauses.sentence import Sentence
from pipeline.model import BlockKind, Retention, RetentionKind

_ANCHORS: Final = ("zero_retention", "in_memory", "keep", "write", "delete", "keep_noun", "delete_noun")
# No verb or noun of the lexicon's groups on keeping lacks all of these.
_STEM: Final = re.compile(
    r"ret(?:ain|en)|stor|ke(?:ep|pt)|log|sav(?:e|i)|persist|h(?:old|eld|ang)|cach|record|archiv|preserv|delet|eras|purg|remov"
    r"|destr|wip(?:e|i)|discard|dispos|expir|anonymi|memor|maintain|writ|commit|left|remain|stay|gone|expung|thr[eo]w|shred"
    r"|fetch|download|retriev|access|available|liv(?:e|i)|taken|lifetime|ttl|time[- ]to[- ]live|drop|vanish|disappear|forg[eo]t"
    r"|overwr|return|zdr|zero|ram\b|transient|ephemer|real[- ]time|pass(?:es)? through|trace|sits?\b|exist|backed|capt|linger"
    r"|scrub|flush|clear|evict|roll|aged?|rota|rid of|garbage|recycl|trash|bin|default|maximum|auto|transit|put|hits?\b|touch"
    r"|reach|sent|spill|land|dump|copie|stateless|footprint"
)
_THEN: Final = re.compile(r"[\s,;]*(?:and )?(?:after which|thereafter|at which point|after that|and then|then)\b")


def find_retention(sentence: Sentence) -> Iterator[Found]:
    """Give each statement on retention in the order of the sentence, the same value once."""
    if sentence.block.kind is BlockKind.HEADING or sentence.text.endswith("?"):
        return
    named = find_named(sentence)
    if named is not None:
        yield named
        return
    if _STEM.search(sentence.text) is None:
        return
    rules = read_rules("retention.toml")
    for reading in find_readings(sentence, *_ANCHORS):
        length = _length_of(reading)
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


def _length_of(reading: Reading) -> tuple[Retention, str] | None:
    """Return the length of time in a verb's clause, or before it where the clause begins with "after which"."""
    text = reading.sentence.text
    places = (text,) if reading.has("noun") else (reading.own, reading.unit)
    length = next((found for place in places if (found := find_length(place, text))), None)
    if length is None and _THEN.match(reading.own.lstrip()):
        return find_length(text[: reading.start], text)
    return length


def _with_length(has: Has, *, is_there: bool) -> Has:
    """Add the sign `duration`; writing counts as keeping where the words say to what ("to disk")."""

    def has_more(sign: str) -> bool:
        match sign:
            case "duration":
                return is_there
            case "keep":
                return has("keep") or (has("write") and has("own.to_disk"))
            case _:
                return has(sign)

    return has_more
