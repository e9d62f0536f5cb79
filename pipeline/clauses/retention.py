"""Finds what a sentence says on keeping and deleting."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from pipeline.clauses.found import Found
from pipeline.clauses.grammar import Reading, find_readings
from pipeline.clauses.leads import joined_to_lead
from pipeline.clauses.lexicon import stems
from pipeline.clauses.objects import lacks_subject
from pipeline.clauses.retention_lengths import apart, is_event_or, is_for_backups, is_of_other_data, lengths_of
from pipeline.clauses.retention_lists import find_named, find_told_how
from pipeline.clauses.rules import ANCHORS, Has, Rule, first_fit, read_rules, rule_of
from pipeline.clauses.sentence import Sentence
from pipeline.clauses.strangers import is_of_stranger
from pipeline.model import BlockKind, Condition, Retention, RetentionKind

_ANCHORS: Final = (
    *("zero_retention", "no_keeping", "kept_out", "in_memory"),
    *("keep", "write", "delete", "keep_noun", "delete_noun"),
)
# A heading that tells of a keeping by itself, and does not only name it.
_STATES: Final = re.compile(
    r"\b(?:(?:is|are|do|does|will|never) (?:not |never |only )?(?:log|stor|keep|kept|retain|sav|delet|record)\w*"
    r"|(?:don't|doesn't|aren't|isn't|won't|no longer) (?:log|stor|keep|kept|retain|sav|record)\w*"
    r"|[0-9]+[ -](?:hours?|days?|weeks?|months?|years?))\b"
)
_ENDS: Final = frozenset({RetentionKind.PERIOD, RetentionKind.UNTIL_EVENT, RetentionKind.INDEFINITE})
_END_NEXT: Final = re.compile(
    r"\s*(?:these|those|they|it|this|that|the|such)(?: (?:stored |cached |logged )?(?:logs?|data|records?|files?"
    r"|copies|information|contents?|recordings|prompts|messages))?"
    r" (?:(?:will|is|are|get|gets|only|be|then|automatically) ){1,4}(?:stored|kept|retained|held"
    r"|deleted|removed|purged|erased)\b[^.;]{0,40}?\b(?:for|after|within) (?:up to |a maximum of |at most )?"
    r"[0-9]+[ -](?:hours?|days?|weeks?|months?|years?)\b"
)


def find_retention(sentence: Sentence) -> Iterator[Found]:
    """Give each statement on retention in the order of the sentence, the same value once."""
    if sentence.text.endswith("?"):
        return
    is_heading = sentence.block.kind is BlockKind.HEADING
    named = () if is_heading else find_named(sentence)
    if named:
        yield from named
        return
    if is_heading and _STATES.search(sentence.text) is None:
        return
    sentence = joined_to_lead(sentence)
    found: list[Found] = []
    if stems("retention").search(sentence.text) is not None:
        found = [one for reading in find_readings(sentence, *_ANCHORS) for one in _read(reading)]
    if not found:
        yield from find_told_how(sentence)
    yield from (one for one in found if not (_is_told_again(one, found) or _is_ended_next(one)))


def _is_told_again(one: Found, found: Iterable[Found]) -> bool:
    """Tell whether an unstated keeping gets its end in the same breath: "are saved, and they stay until you leave"."""
    return _kind(one) is RetentionKind.UNSTATED and any(
        (_kind(other) in _ENDS or other.reading.group == "delete")
        and other.reading.start > one.reading.start
        and (_goes_on(other.reading) or ":" in one.reading.sentence.text[one.reading.end : other.reading.start])
        for other in found
    )


def _is_ended_next(one: Found) -> bool:
    """Tell whether the next sentence gives its length to an unstated keeping."""
    is_open = _kind(one) is RetentionKind.UNSTATED and one.condition is Condition.DEFAULT
    return is_open and _END_NEXT.match(one.reading.sentence.after) is not None


def _goes_on(reading: Reading) -> bool:
    """Tell whether a verb acts on what was named before: "and they are", "and are"."""
    return reading.has("object.pronoun") or lacks_subject(reading.left) or reading.has("before_verb.yours")


def _kind(found: Found) -> RetentionKind | None:
    return found.value.kind if isinstance(found.value, Retention) else None


def _read(reading: Reading) -> Iterator[Found]:
    lengths = lengths_of(reading)
    has = _with_length(reading.has, is_there=bool(lengths))
    rule = first_fit(_rules_for(reading.group), has)
    if rule is None or not isinstance(rule.value, RetentionKind):
        return
    if rule.value is not RetentionKind.PERIOD:
        yield _found(reading, rule, has, Retention(kind=rule.value))
        return
    if lengths and reading.group == "keep" and is_event_or(reading, lengths[0]):
        until = rule_of("retention.toml", "retention-until-kept")
        yield _found(reading, until, has, Retention(kind=RetentionKind.UNTIL_EVENT))
    each = apart(reading.sentence, [one for one in lengths if not is_of_other_data(reading.sentence, one)])
    for one in each:
        is_plain = len(each) > 1 and not is_for_backups(reading.sentence, one)
        yield _found(reading, _beyond_backups(rule) if is_plain else rule, has, one.value, one.trigger)


def _found(reading: Reading, rule: Rule, has: Has, value: Retention, trigger: str = "") -> Found:
    return Found(
        reading=reading,
        rule=rule,
        value=value,
        is_certain=rule.is_certain(has) and not is_of_stranger(reading),
        condition=rule.condition,
        trigger=trigger or None,
    )


def _beyond_backups(rule: Rule) -> Rule:
    """Return the rule for a length that stands beside one for backups, and is none of theirs."""
    return rule_of("retention.toml", "retention-period-kept") if rule.id == "retention-period-exception" else rule


@cache
def _rules_for(group: str) -> tuple[Rule, ...]:
    kinds = ("keep", "write") if group == "write" else (group,)
    return tuple(rule for rule in read_rules("retention.toml") if any(rule.can_fit(kind, ANCHORS) for kind in kinds))


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
