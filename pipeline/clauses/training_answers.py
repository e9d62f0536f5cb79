"""Finds statements on training whose words stand apart: answers to questions, table cells, "those are not"."""

import re
from collections.abc import Iterator
from typing import Final

from pipeline.clauses.sentence import Sentence
from pipeline.clauses.text import first_sentence, split_sentences
from pipeline.clauses.training_cells import find_cells
from pipeline.clauses.training_purposes import pattern
from pipeline.clauses.training_words import kinds_in, mark, mentions_training, mentions_way_out
from pipeline.model import BlockKind

_SHORT: Final = 60
_BARE_ANSWER: Final = 20  # characters of an answer that says no more than "No, we do not"
_SHORT_STEP: Final = 40  # characters of a step that only names a button
_NEXT: Final = 2  # sentences after a bare answer in which it is said in full
_CLOUDING: Final = frozenset(
    {"third", "hedge", "optin", "optout", "default", "setting"}
)  # an answer is none that is plain
_CHOICES: Final = frozenset({"default", "optout", "optin"})


def find_answers(sentence: Sentence) -> Iterator[tuple[Sentence, frozenset[str]]]:
    """Give the sentence, or the table row, that answers a question on training, with the signs of the answer."""
    if sentence.block.cells:
        yield from find_cells(sentence)
        return
    if sentence.block.kind is BlockKind.ITEM and _lists_sources(sentence):
        yield from _source(sentence)
        return
    for name, stem in (("own_only", "model"), ("no_training_terms", "-train")):
        if stem in sentence.text and pattern(name).search(sentence.text):
            yield sentence, frozenset({f"answer.{name}"})
            return
    asked = _asked(sentence)
    is_turned = pattern("turned_answer").match(sentence.text)
    answer = pattern("answer").match(sentence.text) if asked and not is_turned else None
    has_scope = answer is not None and answer.lastgroup == "no" and len(sentence.text) > _BARE_ANSWER
    choices = _kinds(sentence.text, sentence) & _CHOICES if answer else frozenset()
    is_yes = answer is not None and answer.lastgroup == "yes"
    if is_yes and _offers(first_sentence(sentence.after), _kinds(sentence.after, sentence)):
        choices |= {"optout"}
    is_told = any(_is_on_training(one, sentence) for one in _parts(sentence.after)[:_NEXT])
    if answer and ("default" in choices or has_scope or not is_told):
        named = {"asked_content"} if "content" in _kinds(asked, sentence) else set()
        clouded = _kinds(sentence.text, sentence) & _CLOUDING
        plain = {"plain"} if not clouded and not pattern("not_all").search(sentence.text) else set()
        yield sentence, frozenset({f"answer.{answer.lastgroup}", *choices, *named, *plain})
    elif _is_on_training(_last_said(sentence), sentence):
        yield from _pointing_back(sentence)
    elif sentence.page.opts_out_of_training and _tells_way_out(sentence):
        yield sentence, frozenset({"answer.way_out"})
    elif not sentence.block.text[: sentence.start].strip() and _is_on_training(_heading(sentence), sentence):
        yield from _switched(sentence)


def _pointing_back(sentence: Sentence) -> Iterator[tuple[Sentence, frozenset[str]]]:
    """Read "those are not", "we will not do so", "only if you agree" after a sentence on training."""
    text = sentence.text
    kinds = _kinds(text, sentence)
    if pattern("general").search(text):
        return
    if pattern("switched").match(text):
        yield from _switched(sentence)
    elif pattern("inapplicable").match(text):
        yield sentence, frozenset({_of_taken_back(kinds, _last_said(sentence))})
    elif pattern("ellipsis").search(text) and (len(text) <= _SHORT or kinds & {"content", "point"}):
        yield sentence, frozenset({"answer.same"})
    elif _is_control(sentence, kinds, "optout"):
        yield sentence, frozenset({"answer.way_out"})
    elif _is_control(sentence, kinds, "optin"):
        yield sentence, frozenset({"answer.way_in"})
    elif pattern("same").search(text):
        if "optin" in kinds and pattern("bound").search(text):
            yield sentence, frozenset({"answer.only"})
        elif pattern("denied").search(text):
            yield sentence, frozenset({"answer.same"})


def _of_taken_back(kinds: frozenset[str], said: str) -> str:
    """Return the sign of "this does not apply where ...": what it takes back may have been a denial."""
    if pattern("denied").search(said) is None:
        return "answer.same"
    return "answer.way_in" if "optin" in kinds else "answer.yes"


def _switched(sentence: Sentence) -> Iterator[tuple[Sentence, frozenset[str]]]:
    """Read "this is off until you turn it on", and "it is on by default, and can be switched off"."""
    switched = pattern("switched").match(sentence.text)
    if switched and switched.lastgroup == "off":
        yield sentence, frozenset({"answer.only"})
    elif switched and "optout" in _kinds(sentence.text, sentence):
        yield sentence, frozenset({"answer.yes", "optout"})


def _is_control(sentence: Sentence, kinds: frozenset[str], kind: str) -> bool:
    """Tell whether a sentence offers a choice on the training spoken of before: "You can switch this off"."""
    text = sentence.text
    said = next((one for one in (_last_said(sentence), _heading(sentence)) if "train" in _kinds(one, sentence)), "")
    if not said or (kind == "optout" and pattern("denied").search(said) and not said.endswith("?")):
        return False
    if kind not in kinds or any(pattern(name).search(text) for name in ("other_choice", "region", "not_kept")):
        return False
    return (
        _offers(text, kinds) if kind == "optout" else all(pattern(name).search(text) for name in ("offers", "way_in"))
    )


def _tells_way_out(sentence: Sentence) -> bool:
    """Tell whether a sentence goes on from a heading or a lead-in on how to opt out, where a page has but that one."""
    asked = next((one for one in (sentence.lead, _heading(sentence)) if pattern("heading_opts_out").search(one)), "")
    if not asked or any(pattern("other_choice").search(one) for one in (asked, sentence.text)):
        return False
    is_step = asked == sentence.lead and len(sentence.text) < _SHORT_STEP
    is_way_out = "optout" in _kinds(sentence.text, sentence) and not is_step
    return is_way_out and pattern("offers").search(sentence.text) is not None


def _offers(text: str, kinds: frozenset[str]) -> bool:
    """Tell whether a text offers a way out of what was spoken of before."""
    return "optout" in kinds and all(pattern(name).search(text) for name in ("offers", "of_this"))


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
    last = _last(sentence.before) or _heading(sentence)
    if sentence.asked and pattern("answer").match(last):  # "Not on business plans. On personal plans it is."
        last = _last(sentence.asked)
    is_question = last.rstrip(" *_\"')").endswith("?") and not pattern("asked_against").search(last)
    return last if is_question and _is_on_training(last, sentence) else ""


def _last(text: str) -> str:
    return next(reversed(_parts(text)), "")


def _parts(text: str) -> list[str]:
    """Return the sentences of folded text, which has no capitals for the splitter: the marks alone count."""
    cuts = list(split_sentences(text))
    last = text[cuts[-1][0] : cuts[-1][1]] if cuts else ""
    return [part for part in re.split(r"(?<=[.!?:])\s+", last) if part.strip()]


def _last_said(sentence: Sentence) -> str:
    """Return the sentence before, or the one before that where it only offers a way out or tells of a switch."""
    said = _parts(sentence.before)
    is_aside = len(said) > 1 and (mentions_way_out(said[-1]) or pattern("switched").match(said[-1]))
    if is_aside and not _is_on_training(said[-1], sentence):
        return said[-2]
    return said[-1] if said else ""


def _heading(sentence: Sentence) -> str:
    return sentence.headings.rpartition(" / ")[2]


def _is_on_training(text: str, sentence: Sentence) -> bool:
    kinds = _kinds(text, sentence) if mentions_training(text) else frozenset()
    # Whoever asks after "your models" means those of the provider.
    is_asked = "own" in kinds and text.rstrip(" *_\"')").endswith("?") and "your" in text
    return is_asked or "train" in kinds or {"improve", "content"} <= kinds


def _kinds(text: str, sentence: Sentence) -> frozenset[str]:
    return kinds_in(text, sentence.page.terms)
