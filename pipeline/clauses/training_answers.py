"""Finds statements on training whose words stand apart: answers to questions, table cells, "those are not"."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pipeline.clauses.sentence import Sentence
from pipeline.clauses.text import fold, split_sentences
from pipeline.clauses.training_purposes import pattern
from pipeline.clauses.training_words import mark, mentions_training
from pipeline.model import BlockKind

_SHORT: Final = 60
_CHOICES: Final = frozenset({"default", "optout", "optin"})
_LONGEST_CELL: Final = 90


def find_answers(sentence: Sentence) -> Iterator[tuple[Sentence, frozenset[str]]]:
    """Give the sentence, or the table row, that answers a question on training, with the signs of the answer."""
    if sentence.block.cells:
        yield from _cell(sentence)
        return
    if sentence.block.kind is BlockKind.ITEM and _lists_sources(sentence):
        yield from _source(sentence)
        return
    asked = _asked(sentence)
    answer = pattern("answer").match(sentence.text) if asked else None
    choices = _kinds(sentence.text, sentence) & _CHOICES if answer else frozenset()
    if answer and ("default" in choices or not _is_on_training(_first(sentence.after), sentence)):
        yield sentence, frozenset({f"answer.{answer.lastgroup}", *choices})
    elif _is_on_training(_last(sentence.before), sentence):
        yield from _pointing_back(sentence)


def _pointing_back(sentence: Sentence) -> Iterator[tuple[Sentence, frozenset[str]]]:
    """Read "those are not", "we will not do so", "only if you agree" after a sentence on training."""
    text = sentence.text
    kinds = _kinds(text, sentence)
    if pattern("ellipsis").search(text) and (len(text) <= _SHORT or kinds & {"content", "point"}):
        yield sentence, frozenset({"answer.same"})
    elif pattern("same").search(text):
        if "optin" in kinds and pattern("bound").search(text):
            yield sentence, frozenset({"answer.only"})
        elif pattern("denied").search(text):
            yield sentence, frozenset({"answer.same"})


def _lists_sources(sentence: Sentence) -> bool:
    """Tell whether the lead-in of a list introduces what models are trained on."""
    return bool(pattern("source_list").search(sentence.lead)) and not pattern("denied").search(_last(sentence.lead))


def _source(sentence: Sentence) -> Iterator[tuple[Sentence, frozenset[str]]]:
    """Read an item that names what models are trained on; what follows its first sentence only explains it."""
    tags = mark(sentence.text, sentence.page.terms)
    named = {tag.kind for tag in tags if not pattern("generic_content").fullmatch(tag.text)}
    if not sentence.block.text[: sentence.start].strip(" -*\u2022"):
        yield sentence, frozenset({*named, "source"})


def _asked(sentence: Sentence) -> str:
    """Return the question on training that stands right before a sentence, or nothing."""
    last = _last(sentence.before) or sentence.headings.rpartition(" / ")[2]
    is_question = last.rstrip(" *_\"')").endswith("?")
    return last if is_question and _is_on_training(last, sentence) else ""


def _last(text: str) -> str:
    cuts = list(split_sentences(text))
    # Folded text has no capitals for the splitter, so the marks alone count.
    last = text[cuts[-1][0] : cuts[-1][1]] if cuts else ""
    parts = [part for part in re.split(r"(?<=[.!?:])\s+", last) if part.strip()]
    return parts[-1] if parts else ""


def _first(text: str) -> str:
    return re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0]


def _is_on_training(text: str, sentence: Sentence) -> bool:
    kinds = _kinds(text, sentence) if mentions_training(text) else frozenset()
    return "train" in kinds or {"improve", "content"} <= kinds


def _kinds(text: str, sentence: Sentence) -> frozenset[str]:
    return frozenset(tag.kind for tag in mark(text, sentence.page.terms))


def _cell(sentence: Sentence) -> Iterator[tuple[Sentence, frozenset[str]]]:
    """Read a cell such as "No" under "Used for training", or beside it."""
    block = sentence.block
    at = next((one for one in block.cells if one[0] <= sentence.start < one[1]), None)
    if at is None or at[1] - at[0] > _LONGEST_CELL or block.kind is not BlockKind.ROW:
        return
    answer = pattern("cell").match(fold(block.text[at[0] : at[1]]))
    first = fold(block.text[block.cells[0][0] : block.cells[0][1]])
    asked = sentence.lead if pattern("asks_training").search(sentence.lead) else first if at != block.cells[0] else ""
    is_on_usage = asked is first and "usage" in _kinds(sentence.lead, sentence)
    if answer and pattern("asks_training").search(asked) and not is_on_usage:
        start = block.cells[0][0]
        row = replace(sentence, start=start, end=at[1], text=fold(block.text[start : at[1]]))
        denied = "denied." if re.search(r"\b(?:no|not|never)\b", asked) else ""
        yield row, frozenset({f"{denied}cell.{answer.lastgroup}"})
