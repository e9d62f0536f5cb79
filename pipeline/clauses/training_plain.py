"""Tells a plain denial, of which every word is known, from one that an unknown word may turn or narrow."""

import re
from itertools import pairwise
from typing import Final

from pipeline.clauses.training_marked import Marked
from pipeline.clauses.training_purposes import pattern
from pipeline.clauses.training_words import Tag

_WORD: Final = re.compile(r"[a-z0-9][\w'/-]*")


def is_plain(marked: Marked, purpose: Tag) -> bool:
    """Tell whether a denial and what stands after it, up to the end of its clauses, hold only words of plain denials.

    "We do not train on your prompts" is plain; "we are not obliged to ...", "... on your first prompts" are not.
    """
    parts = [one for one in marked.segments if one.unit == marked.segment_of(purpose).unit]
    denials = [tag for tag in marked.tags if tag.kind == "not" and tag.start < purpose.start]
    start, end = parts[0].start, parts[-1].end
    if denials and denials[-1].start < start:  # a denial that the clause before lends
        start = 0
    first = denials[-1].end if denials else start
    if pattern("narrowed").search(marked.text, start, first) or _is_denied_again(marked, start, end):
        return False
    known = [(tag.start, tag.end) for tag in marked.tags if tag.kind != "idle"]
    known += [phrase.span() for phrase in pattern("plain_phrase").finditer(marked.text, first, end)]
    return all(
        any(at <= word.start() < to for at, to in known)
        or any(pattern(name).fullmatch(word[0]) for name in ("plain_word", "plain_noun"))
        or _is_name(marked, word)
        for word in _WORD.finditer(marked.text, first, end)
    )


def _is_denied_again(marked: Marked, start: int, end: int) -> bool:
    """Tell whether two denials stand together that no "and" joins, or a choice is what is denied.

    "Excluded from" tells how it stands, and is no choice, with a form of "to be".
    """
    within = [tag for tag in marked.tags if start <= tag.start < end]
    denials = [tag for tag in within if tag.kind == "not"]
    pairs = (marked.text[one.end : other.start] for one, other in pairwise(denials))
    is_double = any(pattern("joined").search(between) is None for between in pairs)
    choices = (tag for tag in within if tag.kind in {"optin", "optout"} and not tag.text.startswith("be "))
    return is_double or any(not pattern("is_before").search(marked.text[: tag.start]) for tag in choices)


def _is_name(marked: Marked, word: re.Match[str]) -> bool:
    """Tell whether a word is written as a name, and not of a place."""
    at = marked.sentence.start + word.start()
    written = marked.sentence.block.text[at : at + 1]
    return written.isupper() and not pattern("in_place").search(marked.text[: word.start()])
