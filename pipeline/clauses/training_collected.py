"""Tells whether what a page says it collects includes content, so that "this information" is content too."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

from pipeline.clauses.text import fold
from pipeline.clauses.training_purposes import pattern
from pipeline.clauses.training_words import mark
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


def _is_on_collecting(block: Block) -> bool:
    above = block.headings[-1:] if block.headings else ()
    return any(pattern("collecting").search(fold(text[-_LONGEST:])) for text in (*above, block.lead_in))
