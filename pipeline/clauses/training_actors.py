"""Finds who acts, and the forms of speech in which nobody does: orders, definitions, titles, pointers."""

from collections.abc import Iterator
from typing import Final

from pipeline.clauses.training_marked import Marked
from pipeline.clauses.training_purposes import pattern
from pipeline.clauses.training_words import Tag

_EARLY: Final = 40  # characters before a purpose that begins a line
_BLANKED: Final = frozenset({"content", "idle", "usage", "personal"})


def actor_signs(marked: Marked, purpose: Tag) -> Iterator[str]:
    """Give who acts: `by_user`, `forbidden` (customers must not), lists for customers, `we`, `our`."""
    left = _without_content(marked, purpose)
    if _is_by_user(marked, purpose, left):
        yield "by_user"
    if pattern("duty_not").match(left) and not pattern("because_we").search(left):
        yield "forbidden"
    if pattern("forbidden").search(left) and not pattern("grant").search(left):
        yield "forbidden"
    if pattern("wish").search(left):
        yield "forbidden"
    if any(tag.kind == "third" and tag.start < purpose.start for tag in marked.tags):
        yield "by_third"
    yield from _subject_signs(marked)


def _subject_signs(marked: Marked) -> Iterator[str]:
    subjects = {tag.text for tag in marked.tags if tag.kind == "we"}
    if "we" not in subjects:
        if pattern("list_of_bans").search(marked.lead):
            yield "listed_ban"
        if pattern("list_for_user").search(marked.lead):
            yield "listed_for_user"
    if subjects & {"we", "us", "our"}:
        yield "us"
    is_agreed = any(tag.kind == "idle" and tag.text.endswith(("agrees that", "agree that")) for tag in marked.tags)
    if subjects - {"our"} or is_agreed:
        yield "we"
    if "our" in subjects:
        yield "our"


def _is_by_user(marked: Marked, purpose: Tag, left: str) -> bool:
    """Tell whether customers act, and nobody of the provider after them."""
    if pattern("for_customers").match(marked.text, purpose.end):
        return True
    ours = [tag.start for tag in marked.tags if tag.kind in {"we", "licence"} and tag.text != "our"]
    acts = [
        match.start()
        for match in pattern("user_acts").finditer(left)
        if not pattern("owned_by").search(left[: match.start() + 1])
        and not _is_condition(marked, match.end() - 1, purpose)
    ]
    return bool(acts) and not any(acts[-1] <= start < purpose.start for start in ours)


def _is_condition(marked: Marked, place: int, purpose: Tag) -> bool:
    """Tell whether customers act in a clause before the one of a purpose only: "when you use it, we never train"."""
    segment = marked.segment_at(place)
    own = marked.segment_of(purpose)
    return segment.is_sub and not own.is_sub and segment.start < own.start


def _without_content(marked: Marked, purpose: Tag) -> str:
    """Return what stands left of a purpose, without words such as "content you submit"."""
    left = list(pattern("should_you").sub(lambda match: "#" * len(match[0]), marked.text[: purpose.start]))
    for tag in marked.tags:
        if tag.kind in _BLANKED and tag.end <= purpose.start:
            left[tag.start : tag.end] = "#" * (tag.end - tag.start)
    return "".join(left)


_UP_TO: Final = ("supposed", "says_nothing")  # what the words up to a purpose may tell


def form_signs(marked: Marked, purpose: Tag) -> Iterator[str]:
    """Give the forms of speech: those of the whole sentence, pointers to an explanation, orders, and early purposes."""
    yield from marked.mentions
    segment = marked.segment_of(purpose)
    has_we = any(tag.text in {"we", "us"} for tag in marked.tags if tag.kind == "we")
    left = marked.text[: purpose.start]
    if pattern("how").search(left, segment.start) or pattern("inquiry").match(left):
        yield "how"
    yield from (name for name in _UP_TO if pattern(name).search(marked.text[: purpose.start]))
    if pattern("duty").match(marked.text) and not has_we:
        yield "duty"
    if purpose.start < _EARLY:
        yield "early"
    if pattern("opted_out_before").search(marked.text[: purpose.start]) and pattern("kept_or_not").search(marked.text):
        yield "opted_out_of"
    rest = marked.sentence.block.text[marked.sentence.end :]
    if pattern("label_sentence").match(marked.text) and rest.strip(" *_"):
        yield "label"
    if marked.sentence.block.cells and pattern("column_head").match(marked.text):
        yield "head"
    if not marked.text[purpose.end :].strip(" .!*_") and not any(tag.kind == "use" for tag in marked.tags):
        yield "bare"
    if pattern("models_offered").match(marked.text, purpose.end):
        yield "offered"
