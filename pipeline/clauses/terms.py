"""Finds the terms that a document defines, and what kind of data each of them covers."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

from pipeline.clauses.lexicon import groups
from pipeline.clauses.text import fold, split_sentences
from pipeline.model import Block

# A quoted term, the longest 60 characters: "Input", \u201cCustomer Content\u201d.
_QUOTED: Final = re.compile(r"[\"\u201c]((?:Your |the )?[A-Z][\w'\u2019 -]{2,60})[,.]?[\"\u201d]")
# "Acme Widget Content": a service's own name for what customers put in.
_NAMED: Final = re.compile(r"(?:[A-Z][\w.-]{1,20} ){1,5}Content\b")
_CUE: Final = re.compile(
    r"\b(?:means?|includes?|refers? to|defined|collectively|together|we call|referred to as|is any|are any)\b|\("
)
_KINDS: Final = ("telemetry", "fine_tuning", "content", "files", "personal")
_MOST_TERMS: Final = 200
_LONGEST: Final = 4_000  # no definition is longer


def find_terms(blocks: Iterable[Block]) -> Mapping[str, str]:
    """Return the folded terms that the blocks define, each with the lexicon group that it belongs to."""
    found: dict[str, str] = {}
    for block in blocks:
        text = block.text
        if ('"' in text or "\u201c" in text) and len(found) < _MOST_TERMS:
            for start, end in split_sentences(text):
                _add_defined(text[start:end], found)
        if "Content" in text and len(found) < _MOST_TERMS:
            named = islice(_NAMED.finditer(text), _MOST_TERMS)
            found |= {fold(match[0]): "content" for match in named if fold(match[0]) not in found}
    return found


def _add_defined(sentence: str, found: dict[str, str]) -> None:
    terms = {fold(match[1]).strip(): None for match in _QUOTED.finditer(sentence[:_LONGEST])}
    if not terms or not _CUE.search(sentence):
        return
    folded = fold(sentence)
    for term in terms:
        kind = _kind_of(folded, term)
        if kind and term not in found and term not in _TOO_COMMON and _DATA_NOUN.search(term):
            found[term] = kind


def _kind_of(definition: str, term: str) -> str | None:
    """Return what a definition covers, its own term left out."""
    rest = definition.replace(f'"{term}"', " ")
    named = groups()
    if "personal" in term:
        return "personal"
    if term.endswith("content"):
        return "content" if named["content"].search(rest) else None
    if re.search(
        r"\b(?:usage|engagement|telemetry|analytics|diagnostic|technical|device|log|statistical|account"
        r"|registration|aggregat\w*)\b",
        term,
    ):
        return "telemetry"
    return next((kind for kind in ("content", "files", "personal") if named[kind].search(rest)), None)


# What a term for data ends in. Others ("Company", "As Is", "Model") name a party or a thing, whatever defines them.
_DATA_NOUN: Final = re.compile(
    r"(?:content|contents|data|information|inputs?|outputs?|prompts?|quer(?:y|ies)|materials?|files?|conversations?"
    r"|messages?|dialogues?|interactions?|submissions?|recordings?|transcripts?|documents?|code|texts?|images?|videos?"
    r"|audio|responses?|generations?|completions?|creations?|contributions?|property|assets|works?|posts?|uploads?"
    r"|projects?|records?|datasets?|requests?|repositor(?:y|ies)|chats?|metadata|statistics|details|logs"
    r"|items|results|samples?|signals|artifacts|sessions?)$"
)
_TOO_COMMON: Final = frozenset(
    {"service", "services", "agreement", "terms", "data", "user", "users", "customer", "you", "we", "site", "website"}
)
