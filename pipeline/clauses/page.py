"""Gives the sentences of a document that may hold a statement, each with what stands around it."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from pipeline.clauses.lexicon import stems
from pipeline.clauses.names import find_own_names, own_actor, own_product
from pipeline.clauses.outsiders import find_upstream
from pipeline.clauses.parts import find_parts
from pipeline.clauses.scope import service_of_page
from pipeline.clauses.sentence import Page, Sentence, first_cell
from pipeline.clauses.strangers import find_hosts
from pipeline.clauses.terms import find_terms
from pipeline.clauses.text import fold, split_sentences
from pipeline.clauses.training_collected import collects_content, opts_out_of_training
from pipeline.model import Block, BlockKind, Document

_QUESTION: Final = ("?", "?_", "?)")
_POINTS_BACK: Final = (
    " not",
    "n't",
    " do so",
    " never",
    " never does",
    " never do",
    " never is",
    " never are",
    " never will",
    " never have",
    "n't be",
    " not be",
)
_POINTING: Final = re.compile(
    r"^\W*(?:a: ?)?(?:yes|no\b|never|not (?:on|for|without|unless|by)\b|only (?:if|with|when|on (?:those|what"
    r"|the))|nobody)\b"
    r"|\b(?:do(?:es)? so|(?:this|that) (?:does not|doesn't) apply|not used|never used)\b"
    r"|\bused (?:for|in) (?:this|that|such|it)\b"
    r"|\b(?:(?:switch|turn|toggle)\w* (?:(?:it|this|that|them) )?o(?:ff|n)|to be (?:excluded|left out)"
    r"|may (?:refuse|object)|object to (?:it|this|that)|untick\w*|uncheck\w*|disabl\w+|withdraw\w*|rather not"
    r"|not (?:wish|want|agree)|don't (?:wish|want|agree))\b"
    r"|\b(?:part|role) in (?:it|this|that|them)\b"
)
_NO_MARK: Final = re.compile(r"\W*(?:no|x)\W*|\s*[\u2717\u2718\u2715\u2716\u274c\u00d7]\ufe0f?\s*")
_LONGEST: Final = 2_500  # no sentence of prose is longer; what is longer is cut
_MOST_CONTEXT: Final = 1_200
_MOST_WHOLE: Final = 60_000
_FIRST_BLOCKS: Final = 12  # in which a page tells whom it is for
_SHORT: Final = 240  # of a cell, an item or an answer that leans on what stands above it


def read_page(document: Document) -> Page:
    """Return what the whole document tells each of its sentences."""
    by_group: dict[str, list[str]] = {}
    for term, group in find_terms(document.blocks).items():
        by_group.setdefault(group, []).append(re.escape(term))
    title = fold(document.title)
    start = fold(" ".join(block.text for block in document.blocks[:_FIRST_BLOCKS]))[:_MOST_CONTEXT]
    whole = fold(" ".join(block.text for block in document.blocks))[:_MOST_WHOLE]
    terms = {group: _any_of(terms) for group, terms in by_group.items()}
    names = find_own_names(title, document.blocks)
    own = {"own_name": own_actor(names), "product": own_product(names), "our_side": _reaching(names)}
    terms |= {group: found for group, found in own.items() if found is not None}
    parts = find_parts(document.blocks)
    return Page(
        title=title,
        terms=terms,
        service=service_of_page(title, start, whole),
        parts=parts,
        names=names,
        upstream=find_upstream(whole),
        hosts=find_hosts(document.blocks),
        collects_content=collects_content(document.blocks, terms),
        opts_out_of_training=opts_out_of_training(document.blocks, terms),
    )


def _reaching(names: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds the provider by name where a thing comes to it ("received by Acme"), or None."""
    any_name = "|".join(map(re.escape, names))
    return re.compile(rf"\b(?:by|to|into|reach|reaches) (?:{any_name})(?![\w-])") if any_name else None


def _any_of(terms: list[str]) -> re.Pattern[str]:
    ordered = sorted(terms, key=lambda term: (-len(term), term))
    return re.compile(r"(?<![\w-])(?:" + "|".join(ordered) + r")(?![\w-])")


def read_sentences(document: Document, page: Page) -> Iterator[Sentence]:
    """Give the sentences worth reading, in the order of the document, the same words in the same place once."""
    seen: set[tuple[str, str, int]] = set()
    previous = ""
    for block, earlier, following in zip(
        document.blocks, (None, *document.blocks), (*document.blocks[1:], None), strict=False
    ):
        folded = fold(block.text)
        if _is_header(block, following):
            continue
        yield from _sentences_of(
            block, folded, (previous, _listed(following), _beside(block, earlier, following)), page, seen
        )
        previous = folded


def _is_header(block: Block, following: Block | None) -> bool:
    """Tell whether a row only names the columns of the rows below it."""
    cells = tuple(block.text[start:end] for start, end in block.cells)
    return block.kind is BlockKind.ROW and following is not None and bool(cells) and following.header == cells


def _listed(following: Block | None) -> str:
    """Return what a block introduces: the first item of the list after it."""
    return fold(following.text)[:_MOST_CONTEXT] if following is not None and following.kind is BlockKind.ITEM else ""


def _beside(block: Block, *others: Block | None) -> str:
    """Return the items of the same list right before and after an item."""
    if block.kind is not BlockKind.ITEM:
        return ""
    return " ".join(
        fold(one.text)[:_MOST_CONTEXT]
        for one in others
        if one is not None and one.kind is BlockKind.ITEM and one.lead_in == block.lead_in
    )


def _sentences_of(
    block: Block, folded: str, around: tuple[str, str, str], page: Page, seen: set[tuple[str, str, int]]
) -> Iterator[Sentence]:
    previous, listed, beside = around
    headings = fold(" / ".join(block.headings))
    asked = previous[-_MOST_CONTEXT:] if previous.endswith(_QUESTION) else ""
    heads = (headings, asked, fold(block.lead_in), fold(" ".join(block.header)), fold(first_cell(block)))
    is_headed = any(map(stems("page").search, heads))
    first_end, is_denied = (block.cells[0][1], _is_denied_in_marks(block)) if block.cells else (0, False)
    if not (is_headed or stems("page").search(folded) or _points_back(folded)):
        return
    for start, end, lead in _parts(block):
        if end <= first_end and is_denied:
            continue
        for at in range(start, end, _LONGEST):
            to = min(end, at + _LONGEST)
            text = folded[at:to]
            key = (text, lead, block.number if block.cells else 0)  # "No" in two rows says two things
            if key in seen:
                continue
            seen.add(key)
            is_answer = folded[:at].rstrip(" *_\"')").endswith("?")
            if ((is_headed or is_answer) and len(text) < _SHORT) or stems("page").search(text) or _points_back(text):
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
                    beside=beside,
                    asked=asked,
                )


def _is_denied_in_marks(block: Block) -> bool:
    """Tell whether a cell of a row only says no to what its first cell names: "No logging | \u2717 | \u2713"."""
    return any(_NO_MARK.fullmatch(fold(block.text[start:end])) for start, end in block.cells[1:])


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
