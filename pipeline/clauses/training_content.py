"""Finds what is used for a purpose: content, personal data, data on the use, or what was named before."""

from collections.abc import Iterator
from typing import Final

from pipeline.clauses.text import fold
from pipeline.clauses.training_marked import Marked
from pipeline.clauses.training_purposes import pattern
from pipeline.clauses.training_words import Tag, mark

_THINGS: Final = ("content", "vague", "usage", "personal", "feedback", "public", "point", "data")
_NAMED: Final = (
    "content",
    "vague",
    "personal",
    "usage",
    "feedback",
    "public",
    "data",
    "third",
    "licence",
    "use",
    "helps",
)
# Where one of these is there too, it is not clear that content alone is meant.
_CLOUDING: Final = frozenset({"third", "personal", "usage", "feedback", "public", "hedge", "vague"})
_HEDGING: Final = frozenset({"hedge", "public"})
_LONGEST_CELL: Final = 800
_KEEPING: Final = ("retain", "stor", "keep", "kept", "sav", "log")
_TAKING: Final = (" from", " on", " with")


def content_signs(marked: Marked, purpose: Tag) -> Iterator[str]:
    """Give the kinds of data in the sentence, and those used for the purpose as `used_x`."""
    kinds = {tag.kind for tag in marked.tags}
    yield from (kind for kind in _NAMED if kind in kinds)
    if any(tag.kind == "not" and tag.text == "nothing" for tag in marked.tags):
        yield "data"
    used = _used(marked, purpose)
    yield from (f"used_{kind}" for kind in used)
    if pattern("except_part").search(marked.text):
        yield "parted"
        kinds.add("hedge")
    yield from _sure_signs(kinds, used)
    named = [tag.text for tag in marked.tags if tag.kind in {"content", "vague"}]
    if named and all(map(pattern("files_only").fullmatch, named)):
        yield "files"
    if "point" in used:
        yield "pointed"
        if pattern("this_data").search(marked.text[: purpose.start]):
            yield "pointed_data"
    if any(tag.kind == "use" and tag.text.startswith(_KEEPING) and tag.end <= purpose.start for tag in marked.tags):
        yield "kept"


def _sure_signs(kinds: set[str], used: frozenset[str]) -> Iterator[str]:
    """Give `used` where content is the thing used, and how clear it is that it alone is, and that nothing hedges."""
    if "content" in used:
        yield "used"
        if not kinds & _CLOUDING:
            yield "clear"
        if not kinds & _HEDGING:
            yield "sure"
    if not kinds & (_HEDGING | {"third"}):
        yield "alone"


def _used(marked: Marked, purpose: Tag) -> frozenset[str]:
    """Return the kinds of data that the order of words makes the thing used for the purpose."""
    limbs = (match.start() for match in pattern("contrast").finditer(marked.text, purpose.end))
    contrast = next(limbs, len(marked.text))
    things = [tag for tag in marked.tags if tag.kind in _THINGS and tag.start < contrast]
    if purpose.text == "trained" and pattern("trained_on_else").match(marked.text, purpose.end):
        after = [tag for tag in things if tag.start >= purpose.end]
        if not after:
            return frozenset()
    return _taken(marked, things, purpose) or _before(marked, things, purpose) or _after_use(marked, things, purpose)


def _taken(marked: Marked, things: list[Tag], purpose: Tag) -> frozenset[str]:
    """Read "train our models on your prompts"."""
    after = [tag for tag in things if tag.start >= purpose.end and marked.is_same_unit(tag, purpose)]
    # "our training data includes ...", "we train it on ..."
    if after and after[0].kind in {"data", "point"} and after[0].start == purpose.end + 1:
        after = after[1:]
    between = marked.text[purpose.end : after[0].start] if after else ""
    is_taken = pattern("takes").match(between) or (purpose.text.endswith(_TAKING) and not between.strip())
    if after and (is_taken if purpose.kind == "train" else pattern("takes_closely").match(between)):
        return _kinds(after)
    return frozenset()


def _before(marked: Marked, things: list[Tag], purpose: Tag) -> frozenset[str]:
    """Read "use your prompts to train", "prompts are used to train" and "prompts for training"."""
    earlier = [tag for tag in things if tag.end <= purpose.start]
    uses = [tag for tag in _uses(marked) if tag.end <= purpose.start]
    if not uses:
        return _kinds(_told(marked, earlier, purpose)) if purpose.kind == "train" else frozenset()
    last = uses[-1]
    objects = [tag for tag in earlier if tag.start >= last.start]
    subjects = [tag for tag in earlier if tag.start < last.start]
    near = [tag for tag in subjects if marked.is_same_unit(tag, last)]
    if near and pattern("be_before").search(marked.text[: last.start]):
        return _kinds(near)
    if _kinds(objects) == {"data"}:  # often but a part of a name: "content processed by our data agent"
        return _kinds(objects + near)
    return _kinds(objects or near or subjects[-1:])


def _told(marked: Marked, earlier: list[Tag], purpose: Tag) -> list[Tag]:
    """Return what stands before a training that no verb of use leads to; pointing words only in the same clause."""
    clause = marked.segment_of(purpose)
    return [tag for tag in earlier if tag.kind != "point" or marked.segment_of(tag) == clause]


def _after_use(marked: Marked, things: list[Tag], purpose: Tag) -> frozenset[str]:
    """Read "to train our models, we use your prompts"."""
    uses = (tag for tag in _uses(marked) if tag.start >= purpose.end)
    later = next((tag for tag in uses if not pattern("told_to_use").search(marked.text[: tag.start])), None)
    return _kinds([tag for tag in things if later and tag.start >= later.start])


def _uses(marked: Marked) -> list[Tag]:
    return [tag for tag in marked.tags if tag.kind in {"use", "helps", "licence"}]


def _kinds(tags: list[Tag]) -> frozenset[str]:
    return frozenset(tag.kind for tag in tags)


def row_signs(marked: Marked) -> Iterator[str]:
    """Give what the other cells of a table row name, those on law and keeping left out."""
    sentence, block = marked.sentence, marked.sentence.block
    for number, (start, end) in enumerate(block.cells):
        header = fold(block.header[number]) if number < len(block.header) else ""
        if start <= sentence.start < end:
            is_purpose = pattern("purpose_cell").match(marked.text) or pattern("purpose_header").search(header)
            if end - start <= _LONGEST_CELL and is_purpose:
                yield "cell.purpose"
        elif pattern("agreed_cell").match(fold(block.text[start:end])):
            yield "row.agreed"
        elif not pattern("basis_header").search(header):
            cell = fold(block.text[start:end])
            # "User Data" beside "Usage Data" is what an account holds.
            accounts = {"user data"} if "usage data" in cell else set()
            tags = mark(cell, sentence.page.terms)
            yield from (f"row.{'personal' if tag.text in accounts else tag.kind}" for tag in tags)
