"""Reads the statements of a terms page: blocks to sentences, sentences to statements."""

import re
from collections.abc import Container
from dataclasses import replace
from itertools import chain
from typing import Final

from pipeline.clauses.found import Found
from pipeline.clauses.leads import held_under_lead
from pipeline.clauses.lexicon import groups
from pipeline.clauses.page import read_page, read_sentences
from pipeline.clauses.retention import find_retention
from pipeline.clauses.scope import condition_of, data_of, service_of
from pipeline.clauses.sentence import Sentence
from pipeline.clauses.training import find_training
from pipeline.model import Block, BlockKind, Document, Grade, Retention, RetentionKind, Statement, Topic, Training

# "6.3 Training.", "No training.": a number or a "no", and no verb that says when or by whom.
_RUN_IN: Final = re.compile(
    r"(?!.*\b(?:is|are|was|were|be|been|do|does|will|shall|may|can|must|has|have|we|you|they|it|if|unless|except|only"
    r"|until|default|not)\b)(?!.*[0-9] ?(?:hours?|days?|weeks?|months?|years?)\b)"
    r"(?:[0-9]{1,2}(?:\.[0-9]{1,2}){1,3}\.? .{2,60}|(?:\(?[a-z0-9]{1,2}[.)] )?(?:no|zero)\b.{0,60})"
)
_LOST = "\ufffd"  # a character that could not be decoded: it may have been the apostrophe of a "don't"


def read_statements(document: Document) -> tuple[Statement, ...]:
    """Return the statements on retention and training that stand in a document, in its order; never raises.

    A sentence that occurs again in the same words is read once.
    """
    page = read_page(document)
    found: dict[tuple[object, ...], tuple[Statement, Sentence]] = {}
    for sentence in map(held_under_lead, read_sentences(document, page)):
        for one in chain(find_retention(sentence), find_training(sentence)):
            statement = _statement(document, one)
            key = (statement.topic, statement.value, statement.quote)
            if key not in found or (found[key][0].grade is Grade.LIKELY and statement.grade is Grade.CERTAIN):
                found[key] = statement, sentence
    said: set[object] = set()
    for statement, place in found.values():
        above = place.block.headings
        if above:
            said |= {_said(statement, above[-1]), *((heading, statement.topic) for heading in above)}
    told = {(id(place.block), one.topic) for one, place in found.values() if not _runs_in(place)}
    return tuple(
        one
        for one, place in found.values()
        if not _is_repeated(one, place.block, said) and not (_runs_in(place) and (id(place.block), one.topic) in told)
    )


def _runs_in(sentence: Sentence) -> bool:
    """Tell whether a sentence only heads the text that goes on after it: "6.3 **No training.** We shall not ..."."""
    if _RUN_IN.fullmatch(sentence.text) is None:
        return False
    text = sentence.block.text
    return not text[: sentence.start].strip(" *") and text[sentence.end :].strip(" *") != ""


def _said(statement: Statement, heading: str) -> tuple[object, ...]:
    return heading, statement.topic, statement.value, statement.grade


def _is_repeated(statement: Statement, block: Block, said: Container[object]) -> bool:
    """Tell whether a heading states what the text right below it states as well, and as surely.

    On keeping, the text below has the word, whatever it says.
    """
    if block.kind is not BlockKind.HEADING:
        return False
    if statement.topic is Topic.RETENTION:
        return (block.text, statement.topic) in said
    sure = replace(statement, grade=Grade.CERTAIN)
    return _said(statement, block.text) in said or _said(sure, block.text) in said


def _statement(document: Document, found: Found) -> Statement:
    sentence = found.reading.sentence
    place = (sentence.block, sentence.start, sentence.end)
    quote = document.quote(*place)
    is_heading = isinstance(found.value, Retention) and sentence.block.kind is BlockKind.HEADING
    is_doubtful = is_heading or _LOST in quote or (_protects(found) and _is_doubtful(sentence))
    is_certain = found.is_certain and not is_doubtful
    return Statement(
        topic=Topic.RETENTION if isinstance(found.value, Retention) else Topic.TRAINING,
        value=found.value,
        data=found.data or data_of(found),
        condition=condition_of(found),
        service=service_of(found.reading),
        grade=Grade.CERTAIN if is_certain else Grade.LIKELY,
        quote=quote,
        locator=document.locator(*place),
        rule_id=found.rule.id,
        trigger=found.trigger,
    )


def _protects(found: Found) -> bool:
    """Tell whether a value promises something that a customer would rely on."""
    if isinstance(found.value, Retention):
        return found.value.kind in {RetentionKind.NONE, RetentionKind.PERIOD}
    return found.value in {Training.NO, Training.OPT_IN}


def _is_doubtful(sentence: Sentence) -> bool:
    """Tell whether words around a promise may take it back, which no rule is sure to follow."""
    return groups()["casts_doubt"].search(sentence.text) is not None or (
        groups()["false_list"].search(sentence.lead) is not None
    )
