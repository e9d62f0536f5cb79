"""Reads the statements of a terms page: blocks to sentences, sentences to statements."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from pipeline.clauses.found import Found
from pipeline.clauses.page import read_page, read_sentences
from pipeline.clauses.retention import find_retention
from pipeline.clauses.scope import condition_of, data_of, service_of
from pipeline.clauses.training import find_training
from pipeline.model import Document, Grade, Retention, Statement, Topic


def read_statements(document: Document) -> tuple[Statement, ...]:
    """Return the statements on retention and training that stand in a document, in its order; never raises.

    A sentence that occurs again in the same words is read once.
    """
    page = read_page(document)
    found: dict[tuple[object, ...], Statement] = {}
    for sentence in read_sentences(document, page):
        for one in chain(find_retention(sentence), find_training(sentence)):
            statement = _statement(document, one)
            key = (statement.topic, statement.value, statement.quote)
            if key not in found or (found[key].grade is Grade.LIKELY and statement.grade is Grade.CERTAIN):
                found[key] = statement
    return tuple(found.values())


def _statement(document: Document, found: Found) -> Statement:
    sentence = found.reading.sentence
    place = (sentence.block, sentence.start, sentence.end)
    return Statement(
        topic=Topic.RETENTION if isinstance(found.value, Retention) else Topic.TRAINING,
        value=found.value,
        data=found.data or data_of(found),
        condition=condition_of(found),
        service=service_of(found.reading),
        grade=Grade.CERTAIN if found.is_certain else Grade.LIKELY,
        quote=document.quote(*place),
        locator=document.locator(*place),
        rule_id=found.rule.id,
        trigger=found.trigger,
    )
