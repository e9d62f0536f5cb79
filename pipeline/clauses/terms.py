"""Finds the terms that a document defines, and what kind of data each of them covers."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from pipeline.clauses.lexicon import groups
from pipeline.clauses.text import fold, split_sentences
from pipeline.model import Block

# A quoted term, the longest 60 characters: "Input", “Customer Content”.
_QUOTED: Final = re.compile(r"[\"“]((?:Your |the )?[A-Z][\w'’ -]{2,60})[,.]?[\"”]")
# "Acme Widget Content": a service's own name for what customers put in.
_NAMED: Final = re.compile(r"(?:[A-Z][\w.-]{1,20} ){1,5}Content\b")
_CUE: Final = re.compile(
    r"\b(?:means?|includes?|refers? to|defined|collectively|together|we call|referred to as|is any|are any)\b|\("
)
_KINDS: Final = ("telemetry", "fine_tuning", "content", "files", "personal")
_MOST_TERMS: Final = 200


def find_terms(blocks: Iterable[Block]) -> Mapping[str, str]:
    """Return the folded terms that the blocks define, each with the lexicon group that it belongs to."""
    found: dict[str, str] = {}
    for block in blocks:
        text = block.text
        if ('"' in text or "“" in text) and len(found) < _MOST_TERMS:
            for start, end in split_sentences(text):
                _add_defined(text[start:end], found)
        if "Content" in text and len(found) < _MOST_TERMS:
            found |= {fold(match[0]): "content" for match in _NAMED.finditer(text) if fold(match[0]) not in found}
    return found


def _add_defined(sentence: str, found: dict[str, str]) -> None:
    terms = [fold(match[1]).strip() for match in _QUOTED.finditer(sentence)]
    if not terms or not _CUE.search(sentence):
        return
    folded = fold(sentence)
    for term in terms:
        kind = _kind_of(folded, term)
        if kind and term not in found and term not in _TOO_COMMON:
            found[term] = kind


def _kind_of(definition: str, term: str) -> str | None:
    """Return what a definition covers, its own term left out."""
    rest = definition.replace(f'"{term}"', " ")
    named = groups()
    if "personal" in term:
        return "personal"
    if term.endswith("content"):
        return "content" if named["content"].search(rest) else None
    if re.search(r"\b(?:usage|technical|device|log|statistical|account|registration|aggregat\w*)\b", term):
        return "telemetry"
    return next((kind for kind in ("content", "files", "personal") if named[kind].search(rest)), None)


_TOO_COMMON: Final = frozenset(
    {"service", "services", "agreement", "terms", "data", "user", "users", "customer", "you", "we", "site", "website"}
)
