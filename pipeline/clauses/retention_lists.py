"""Reads tables and lists that set times beside kinds of data: "Prompts: 30 days" under "How long data is kept"."""

import re
from typing import Final

from pipeline.clauses.durations import find_lengths, longest
from pipeline.clauses.found import Found
from pipeline.clauses.grammar import Reading
from pipeline.clauses.lexicon import groups
from pipeline.clauses.rules import read_rules
from pipeline.clauses.sentence import Sentence
from pipeline.clauses.text import fold
from pipeline.model import BlockKind, Retention, RetentionKind

_DATA: Final = ("content", "files", "fine_tuning", "feedback", "personal")
_LABELLED: Final = re.compile(r"[^:\u2013]{2,80}(?::| \u2013 | - )\s*(?P<time>[^:]{1,60})$")
_LONGEST_TIME: Final = 80
_LONGEST_ANSWER: Final = 40
_HOW_LONG: Final = re.compile(
    r"\bhow long [^.?]{0,80}\b(?:keep|kept|store[ds]?|retain(?:ed)?|sav(?:e|ed)|held|hold)\b[^.?]{0,80}\?\W*$"
)


def find_named(sentence: Sentence) -> Found | None:
    """Return the time that a cell or an item names under a head on keeping, or None."""
    kind = sentence.block.kind
    if kind is BlockKind.ROW:
        return _of_cell(sentence)
    if kind is BlockKind.ITEM or sentence.lead:
        return _of_item(sentence)
    return _of_answer(sentence)


def _of_answer(sentence: Sentence) -> Found | None:
    """Read a short answer, "Up to 30 days.", to a question that asks how long content is kept."""
    question = _HOW_LONG.search(sentence.before)
    if question is None or len(sentence.text) > _LONGEST_ANSWER:
        return None
    return _found(sentence, sentence.text, question[0])


def _of_cell(sentence: Sentence) -> Found | None:
    """Read a cell under a header on keeping; the other cells of the row tell of what."""
    if len(sentence.text) > _LONGEST_TIME or not sentence.around("lead", "retention_head"):
        return None
    row = fold(sentence.block.text)
    return _found(sentence, sentence.text, f"{row} / {fold(' / '.join(sentence.block.header))} / {sentence.headings}")


def _of_item(sentence: Sentence) -> Found | None:
    """Read "kind of data: time" under a lead-in or heading on keeping."""
    match = _LABELLED.fullmatch(sentence.text.rstrip("."))
    if match is None or not any(sentence.around(place, "retention_head") for place in ("lead", "headings")):
        return None
    return _found(sentence, match["time"], sentence.text)


def _found(sentence: Sentence, time: str, about: str) -> Found | None:
    named = groups()
    is_named = any(named[group].search(about) for group in _DATA)
    if not is_named or any(named[group].search(about) for group in ("foreign_section", "foreign", "telemetry")):
        return None
    value, trigger = _value_of(time)
    if value is None:
        return None
    rule = next(rule for rule in read_rules("retention.toml") if rule.id == f"retention-{value.kind.value}-listed")
    return Found(
        reading=Reading(sentence, 0, len(sentence.text), "keep_noun"),
        rule=rule,
        value=value,
        is_certain=named["content"].search(about) is not None,
        condition=rule.condition,
        trigger=trigger or None,
    )


def _value_of(time: str) -> tuple[Retention | None, str]:
    named = groups()
    text = time.strip(" .*|()")
    if named["nothing_kept"].fullmatch(text):
        return Retention(kind=RetentionKind.NONE), ""
    length = longest(find_lengths(text, text))
    if length is not None:
        return length.value, length.trigger
    for group, kind in (("indefinite", RetentionKind.INDEFINITE), ("until", RetentionKind.UNTIL_EVENT)):
        if named[group].match(text):
            return Retention(kind=kind), ""
    return None, ""
