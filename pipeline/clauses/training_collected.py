"""Tells what a page says of content and training as a whole: whether it collects content, and offers a way out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from pipeline.clauses.text import fold, split_sentences
from pipeline.clauses.training_purposes import pattern
from pipeline.clauses.training_words import mark, mentions_training, mentions_way_out
from pipeline.model import Block

_MOST: Final = 120  # blocks on what is collected; no page takes more
_LONGEST: Final = 1_200


def collects_content(blocks: Iterable[Block], terms: Mapping[str, re.Pattern[str]]) -> bool:
    """Return whether a list or section on what is collected names prompts, uploads or the like."""
    told = (fold(block.text[:_LONGEST]) for block in blocks if _is_on_collecting(block))
    return any(
        tag.kind == "content" and not pattern("generic_content").fullmatch(tag.text)
        for text in islice(told, _MOST)
        for tag in mark(text, terms)
    )


def opts_out_of_training(blocks: Sequence[Block], terms: Mapping[str, re.Pattern[str]]) -> bool:
    """Return whether a sentence offers to keep out of training, so that "how to opt out" below is told of that."""
    above = {text for block in blocks for text in (*block.headings[-1:], block.lead_in[-_LONGEST:])}
    if not any(pattern("heading_opts_out").search(fold(text)) for text in above):  # nothing asks for the answer
        return False
    near = (fold(block.text[:_LONGEST]) for block in blocks if "train" in block.text or "improv" in block.text)
    told = (text for text in near if mentions_way_out(text))
    on_training = (text for text in islice(told, _MOST) if mentions_training(text))
    return any(
        {"optout", "train"} <= {tag.kind for tag in mark(text[start:end], terms)}
        for text in on_training
        for start, end in split_sentences(text)
    )


def _is_on_collecting(block: Block) -> bool:
    above = block.headings[-1:] if block.headings else ()
    return any(pattern("collecting").search(fold(text[-_LONGEST:])) for text in (*above, block.lead_in))
