"""Finds what a sentence says on keeping and deleting."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Final

from pipeline.clauses.durations import Length, find_lengths, longest
from pipeline.clauses.found import Found
from pipeline.clauses.grammar import ANCHORS, Reading, find_readings
from pipeline.clauses.retention_lists import find_named
from pipeline.clauses.rules import Has, Rule, first_fit, read_rules
from pipeline.clauses.sentence import Sentence
from pipeline.clauses.text import split_sentences
from pipeline.model import BlockKind, Retention, RetentionKind

_ANCHORS: Final = ("zero_retention", "in_memory", "keep", "write", "delete", "keep_noun", "delete_noun")
# No verb or noun of the lexicon's groups on keeping lacks all of these.
_STEM: Final = re.compile(
    r"ret(?:ain|en)|stor|ke(?:ep|pt)|log|sav(?:e|i)|persist|h(?:old|eld|ang)|cach|record|archiv|preserv|delet"
    r"|eras|purg|remov"
    r"|destr|wip(?:e|i)|discard|dispos|expir|anonymi|memor|maintain|writ|commit|left|remain|stay|gone|expung"
    r"|thr[eo]w|shred"
    r"|fetch|download|retriev|access|available|liv(?:e|i)|taken|lifetime|ttl|time[- ]to[- ]live|drop|vanish"
    r"|disappear|forg[eo]t"
    r"|overwr|return|zdr|zero|ram\b|transient|ephemer|real[- ]time|pass(?:es)? through|trace|sits?\b|exist"
    r"|backed|capt|linger"
    r"|scrub|flush|clear|evict|roll|aged?|rota|rid of|garbage|recycl|trash|bin|default|maximum|auto|transit|put"
    r"|hits?\b|touch"
    r"|reach|sent|spill|land|dump|copie|stateless|footprint"
)
# "Data kept after the 30 day period ... is deleted within 10 days after the end of such period": 40 days.
_ONE_AFTER_THE_OTHER: Final = re.compile(
    r"\bafter (?:the|an?) [^,;.]{1,30}\bperiod\b[^;.]{0,120}\bwithin\b[^;.]{0,60}\bafter the (?:expiry|expiration|end)"
    r" of (?:such|this|that|the)\b[^;.]{0,30}\bperiod\b"
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
    for reading in find_readings(sentence, *_ANCHORS):
        yield from _read(reading)


def _read(reading: Reading) -> Iterator[Found]:
    lengths = _lengths_of(reading)
    has = _with_length(reading.has, is_there=bool(lengths))
    rule = first_fit(_rules_for(reading.group), has)
    if rule is None or not isinstance(rule.value, RetentionKind):
        return
    if rule.value is RetentionKind.PERIOD:
        values = [(one.value, one.trigger) for one in _apart(reading.sentence, lengths)]
    else:
        values = [(Retention(kind=rule.value), "")]
    for value, trigger in values:
        yield Found(
            reading=reading,
            rule=rule,
            value=value,
            is_certain=rule.is_certain(has),
            condition=rule.condition,
            trigger=trigger or None,
        )


def _apart(sentence: Sentence, lengths: Sequence[Length]) -> Sequence[Length]:
    """Return the lengths if each belongs to data of its own, "prompts for a day and files for a week"; or the longest.

    Never empty where there are lengths.
    """
    if len(lengths) > 1 and _ONE_AFTER_THE_OTHER.search(sentence.text):
        return [_sum(lengths[0], lengths[1])]
    are_apart = all(
        any(one.end <= at < other.start for group in ("content", "files") for at, _ in sentence.spans(group))
        for one, other in pairwise(lengths)
    )
    return lengths if are_apart else [best for best in (longest(lengths),) if best]


def _sum(first: Length, second: Length) -> Length:
    """Return two lengths in the same unit that follow each other as one; the longer where the units differ."""
    one, other = first.value, second.value
    if one.unit != other.unit or one.amount is None or other.amount is None:
        return max(first, second, key=lambda length: length.days)
    days = first.days + second.days
    return replace(first, value=replace(one, days=days, amount=one.amount + other.amount), days=days, end=second.end)


@cache
def _rules_for(group: str) -> tuple[Rule, ...]:
    kind = "keep" if group == "write" else group
    return tuple(rule for rule in read_rules("retention.toml") if rule.can_fit(kind, ANCHORS))


def _lengths_of(reading: Reading) -> Sequence[Length]:
    """Return the lengths of time in a verb's clause, or before it where the clause begins with "after which"."""
    text = reading.sentence.text
    behind = " " * reading.start + reading.unit[reading.start :]
    places = (text,) if reading.has("noun") else (reading.own, behind, reading.unit)
    found = next((lengths for place in places if (lengths := find_lengths(place, text))), ())
    if found:
        return found
    if _THEN.match(reading.own.lstrip()):
        return find_lengths(text[: reading.start], text)
    if reading.group == "delete" and reading.has("past_period"):
        return find_lengths(*[_last_sentence(reading.sentence.before)] * 2)
    if reading.group == "delete" and reading.has("bare") and reading.has("lead.lead_promise"):
        return find_lengths(reading.sentence.lead, reading.sentence.lead)
    return ()


def _last_sentence(text: str) -> str:
    start, end = max(split_sentences(text), default=(0, 0))
    return text[start:end]


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
