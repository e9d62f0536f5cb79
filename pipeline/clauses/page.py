"""Gives the sentences of a document that may hold a statement, each with what stands around it."""

import re
from collections.abc import Iterator
from typing import Final

from pipeline.clauses.scope import service_of_page
from pipeline.clauses.sentence import Page, Sentence
from pipeline.clauses.terms import find_terms
from pipeline.clauses.text import fold, split_sentences
from pipeline.model import Block, BlockKind, Document

# Sentences without one of these stems are never looked at again. No rule may fire without one.
_STEM: Final = re.compile(
    r"ret(?:ain|en)|stor|ke(?:ep|pt)|logg|logs?\b|sav(?:e|i)|persist|h(?:old|eld)|cach|record|archiv|preserv"
    r"|delet|eras|purg"
    r"|remov|destr|wip(?:e|ing)|discard|dispos|expir|train|tun(?:e|ing)|improv|develop|enhanc|learn|refin"
    r"|optimi|zdr|anonymi"
    r"|memor|remember|in-memory|opt|maintain|better|writ|disk|memory|left|remain|stay|gone|record|until|expung"
    r"|throw|shred|fetch|downloaded|retrieved|available|access|live|land|taken|lifetime|ttl|time to live|drop"
    r"|disappear|gone|model|overwr|forget|forgot|backed|return|teach|in this (?:way|manner)|described above"
)
_QUESTION: Final = ("?", "?_", "?)")
_POINTS_BACK: Final = (" not", "n't", " do so", " never")
_POINTING: Final = re.compile(
    r"^\W*(?:a: ?)?(?:yes|only (?:if|with|when|on (?:those|what|the))|nobody)\b"
    r"|\b(?:do(?:es)? so|(?:this|that) (?:does not|doesn't) apply|not used|never used)\b"
)
_LONGEST: Final = 2_500  # no sentence of prose is longer; what is longer is cut
_MOST_CONTEXT: Final = 1_200
_FIRST_BLOCKS: Final = 12  # in which a page tells whom it is for
_SHORT: Final = 240  # of a cell, an item or an answer that leans on what stands above it


def read_page(document: Document) -> Page:
    """Return what the whole document tells each of its sentences."""
    by_group: dict[str, list[str]] = {}
    for term, group in find_terms(document.blocks).items():
        by_group.setdefault(group, []).append(re.escape(term))
    title = fold(document.title)
    start = fold(" ".join(block.text for block in document.blocks[:_FIRST_BLOCKS]))[:_MOST_CONTEXT]
    terms = {group: _any_of(terms) for group, terms in by_group.items()}
    return Page(title=title, terms=terms, service=service_of_page(title, start))


def _any_of(terms: list[str]) -> re.Pattern[str]:
    ordered = sorted(terms, key=lambda term: (-len(term), term))
    return re.compile(r"(?<![\w-])(?:" + "|".join(ordered) + r")(?![\w-])")


def read_sentences(document: Document, page: Page) -> Iterator[Sentence]:
    """Give the sentences worth reading, in the order of the document, the same words in the same place once."""
    seen: set[tuple[str, str, int]] = set()
    previous = ""
    for block, following in zip(document.blocks, (*document.blocks[1:], None), strict=False):
        folded = fold(block.text)
        yield from _sentences_of(block, folded, (previous, _listed(following)), page, seen)
        previous = folded


def _listed(following: Block | None) -> str:
    """Return what a block introduces: the first item of the list after it."""
    return fold(following.text)[:_MOST_CONTEXT] if following is not None and following.kind is BlockKind.ITEM else ""


def _sentences_of(
    block: Block, folded: str, around: tuple[str, str], page: Page, seen: set[tuple[str, str, int]]
) -> Iterator[Sentence]:
    previous, listed = around
    headings = fold(" / ".join(block.headings))
    asked = previous[-_MOST_CONTEXT:] if previous.endswith(_QUESTION) else ""
    is_headed = any(_STEM.search(text) for text in (headings, asked, fold(block.lead_in), fold(" ".join(block.header))))
    if not (is_headed or _STEM.search(folded) or _points_back(folded)):
        return
    for start, end, lead in _parts(block):
        for at in range(start, end, _LONGEST):
            to = min(end, at + _LONGEST)
            text = folded[at:to]
            key = (text, lead, block.number if block.cells else 0)  # "No" in two rows says two things
            if key in seen:
                continue
            seen.add(key)
            if (is_headed and len(text) < _SHORT) or _STEM.search(text) or _points_back(text):
                yield Sentence(
                    block=block,
                    start=at,
                    end=to,
                    text=text,
                    page=page,
                    before=folded[max(0, at - _MOST_CONTEXT) : at] or previous[-_MOST_CONTEXT:],
                    after=folded[to : to + _MOST_CONTEXT] or listed,
                    lead=lead,
                    headings=headings,
                )


def _points_back(text: str) -> bool:
    """Tell whether words deny or bind what the sentence before says; such need no stem of theirs."""
    return text.rstrip(" .\"')").endswith(_POINTS_BACK) or _POINTING.search(text) is not None


def _parts(block: Block) -> Iterator[tuple[int, int, str]]:
    """Give the sentences of a block, each with the words that introduce it."""
    if block.kind is BlockKind.ROW and block.cells:
        for number, (start, end) in enumerate(block.cells):
            header = block.header[number] if number < len(block.header) else ""
            for at, to in split_sentences(block.text[start:end]):
                yield start + at, start + to, fold(header)
        return
    lead = fold(block.lead_in)
    for start, end in split_sentences(block.text):
        yield start, end, lead
