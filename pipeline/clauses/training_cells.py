"""Reads table cells that answer a header, or a first cell, on training: "No", "Yes, can be switched off"."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pipeline.clauses.lexicon import groups
from pipeline.clauses.sentence import Sentence
from pipeline.clauses.text import fold
from pipeline.clauses.training_purposes import pattern
from pipeline.clauses.training_words import kinds_in
from pipeline.model import BlockKind

_LONGEST: Final = 90
# What "on" and "off" are in a column of defaults, and what "yes" and "no" are of a way out or in.
_AS_DEFAULT: Final = {"may": "opt_out", "no": "opt_in"}
_OF_WAY_OUT: Final = {"may": "opt_out", "opt_out": "opt_out", "no": "may"}
_OF_WAY_IN: Final = {"may": "opt_in", "opt_in": "opt_in"}


def find_cells(sentence: Sentence) -> Iterator[tuple[Sentence, frozenset[str]]]:
    """Give the row up to a cell that answers whether content is used for training, with the sign of the answer."""
    block = sentence.block
    at = next((one for one in block.cells if one[0] <= sentence.start < one[1]), None)
    if at is None or at[1] - at[0] > _LONGEST or block.kind is not BlockKind.ROW:
        return
    answer = pattern("cell").match(fold(block.text[at[0] : at[1]]))
    asked = _asked(sentence, at) if answer else ""
    if answer is None or not asked or _is_of_others(sentence):
        return
    value = _value(answer.lastgroup or "", asked, sentence)
    if value:
        start = block.cells[0][0]
        yield replace(sentence, start=start, end=at[1], text=fold(block.text[start : at[1]])), frozenset({value})


def _is_of_others(sentence: Sentence) -> bool:
    """Tell whether a row is on one of those whom prompts are sent to: a table of providers, the page's own left out."""
    block = sentence.block
    if not block.header or not pattern("names_others").search(fold(block.header[0])):
        return False
    first = fold(block.text[block.cells[0][0] : block.cells[0][1]])
    return groups()["model_makers"].search(first) is not None and not any(name in first for name in sentence.page.names)


def _asked(sentence: Sentence, at: tuple[int, int]) -> str:
    """Return the header of a cell, or else the first cell of its row, where that asks for training on content."""
    block = sentence.block
    first = fold(block.text[block.cells[0][0] : block.cells[0][1]])
    asked = sentence.lead if _asks(sentence.lead) else first if at != block.cells[0] else ""
    if not _asks(asked) or (asked is first and "usage" in kinds_in(sentence.lead, sentence.page.terms)):
        return ""
    return asked


def _asks(text: str) -> bool:
    return pattern("cell_asks").search(text) is not None and pattern("cell_asks_other").search(text) is None


def _value(answer: str, asked: str, sentence: Sentence) -> str | None:
    """Return the sign of an answer, turned where the header asks for the contrary, for a way out, or for a default."""
    kinds = kinds_in(asked, sentence.page.terms)
    value: str | None = answer
    if "optout" in kinds:
        value = _OF_WAY_OUT.get(answer)
    elif "optin" in kinds:
        value = _OF_WAY_IN.get(answer)
    elif pattern("asks_default").search(f"{sentence.lead} | {asked}"):
        value = _AS_DEFAULT.get(answer, answer)
    elif re.search(r"\b(?:no|not|never|exclu\w+|without)\b", asked):
        return f"denied.cell.{answer}"
    return f"cell.{value}" if value else None
