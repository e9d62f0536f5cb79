"""Finds statements on training whose words stand apart: answers to questions, table cells, "those are not"."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pipeline.clauses.sentence import Sentence
from pipeline.clauses.text import fold, split_sentences
from pipeline.clauses.training_words import mark
from pipeline.model import BlockKind

_ANSWER: Final = re.compile(r"\W*(?:a(?:nswer)?: ?)?(?:(?P<no>no|never|nope|nobody|no one|not at all|absolutely not|(?:we|they|it) (?:do not|don't|does not|doesn't|will not|won't|never|are not|aren't|is not|isn't)|not by us)|(?P<only>only (?:if|with|when)|not (?:unless|without|by default))|(?P<yes>yes|by default,? yes))\b")
_SAME: Final = re.compile(r"\b(?:do(?:es)? (?:so|this|that)|(?:this|that|which) (?:does not|doesn't|do not|will not) apply|(?:left|excluded|exempt(?:ed)?|kept) (?:out of|from) (?:this|that|it|such)|(?:is|are) (?:excluded|exempt(?:ed)?|left out)|(?:content|data|prompts|chats|conversations|inputs|outputs|files|code|those|they|it) (?:is|are) (?:not|never) used)\b")
_DENIED: Final = re.compile(r"\b(?:not|never|excluded|exempt(?:ed)?|left out|kept out|\w+n't)\b")
_ELLIPSIS: Final = re.compile(r"\b(?:are|is|do|does|will|may|can|has|have)(?: not|n't)(?: be)?\W*$")
_CELL: Final = re.compile(
    r"\W*(?:(?P<no>no|never|not used(?: for training)?|none|false|no training|excluded|✗|✘|❌|✖)|(?P<opt_in>opt[- ]?in(?: only)?|no,? (?:unless|by default).{0,40}|(?:off|disabled|no|not) (?:\()?by default.{0,40}|only with (?:\w+ )?consent.{0,20})"
    r"|(?P<opt_out>opt[- ]?out(?: available)?|yes,? (?:unless|but|with|\(?opt).{0,40}|(?:on|enabled|yes) (?:\()?by default.{0,60})|(?P<may>yes|used|may be used|true|allowed|✓|✔|✅))\W*$"
)
_HEADER: Final = re.compile(r"\b(?:train\w*|model improvement|improve (?:our )?(?:ai )?models?|learn(?:s|ing) from)\b")
_LONGEST_CELL: Final = 90


def find_answers(sentence: Sentence) -> Iterator[tuple[Sentence, frozenset[str]]]:
    """Give the sentence, or the table row, that answers a question on training, with the signs of the answer."""
    if sentence.block.cells:
        yield from _cell(sentence)
        return
    asked = _asked(sentence)
    answer = _ANSWER.match(sentence.text) if asked else None
    if answer and not _is_on_training(_first(sentence.after), sentence):
        signs = {f"answer.{answer.lastgroup}"} | {tag.kind for tag in mark(sentence.text, sentence.page.terms) if tag.kind in {"default", "optout", "optin"}}
        yield sentence, frozenset(signs)
    elif _ELLIPSIS.search(sentence.text) and _names_content(sentence.text, sentence) and _is_on_training(_last(sentence.before), sentence):
        yield sentence, frozenset({"answer.same"})
    elif _SAME.search(sentence.text) and _is_on_training(_last(sentence.before), sentence):
        consent = any(tag.kind == "optin" for tag in mark(sentence.text, sentence.page.terms))
        if consent and re.search(r"\bonly\b|\bunless\b|\bwithout\b", sentence.text):
            yield sentence, frozenset({"answer.only"})
        elif _DENIED.search(sentence.text):
            yield sentence, frozenset({"answer.same"})


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
    kinds = {tag.kind for tag in mark(text, sentence.page.terms)}
    return "train" in kinds or ("improve" in kinds and "content" in kinds)


def _names_content(text: str, sentence: Sentence) -> bool:
    return any(tag.kind in {"content", "point"} for tag in mark(text, sentence.page.terms))


def _cell(sentence: Sentence) -> Iterator[tuple[Sentence, frozenset[str]]]:
    """Read a cell such as "No" under "Used for training", or beside it."""
    block = sentence.block
    at = next((one for one in block.cells if one[0] <= sentence.start < one[1]), None)
    if at is None or at[1] - at[0] > _LONGEST_CELL or block.kind is not BlockKind.ROW:
        return
    answer = _CELL.match(fold(block.text[at[0] : at[1]]))
    first = fold(block.text[block.cells[0][0] : block.cells[0][1]])
    asked = sentence.lead if _HEADER.search(sentence.lead) else first if at != block.cells[0] else ""
    if answer and _HEADER.search(asked):
        start = block.cells[0][0]
        row = replace(sentence, start=start, end=at[1], text=fold(block.text[start : at[1]]))
        denied = "denied." if re.search(r"\b(?:no|not|never)\b", asked) else ""
        yield row, frozenset({f"{denied}cell.{answer.lastgroup}"})
