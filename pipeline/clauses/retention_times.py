"""Reads the times that a cell, an item or a short answer names: "30 days", "none; 30 days with logging on"."""

import re
from collections.abc import Sequence
from typing import Final

from pipeline.clauses.durations import find_lengths, longest
from pipeline.clauses.lexicon import groups
from pipeline.model import Retention, RetentionKind

Time = tuple[Retention, str]  # with the event that the time counts from, as written, or nothing

_YES: Final = re.compile(r"yes\b[ ,:\u2013-]+(?=\w)")
KEPT: Final = "kept"  # what stands for a mere yes
_ENDS: Final = (
    *(("indefinite", RetentionKind.INDEFINITE), ("until", RetentionKind.UNTIL_EVENT)),
    ("until_named", RetentionKind.UNTIL_EVENT),
)
_LONGEST: Final = 80
_LONGEST_CELL: Final = 240  # that may begin with a time and go on with what it is for
_MOST: Final = 6  # times of one cell
_LIMB: Final = re.compile(r"\s*(?:;|/|, (?=(?:and )?(?:[0-9]|up to |zero|none|until|not |never)))\s*")
_FIRST_LIMB: Final = re.compile(r"[^,;(.]{3,80}(?=[,;(.])")
# What may stand after a word that says that nothing is kept, without taking it back.
_FOR_WHOM: Final = re.compile(
    r"(.{2,40}?)[ ,]*"
    r"(?:\(.{2,40}\)|(?:for|on|with|by default|in|under) (?!(?:long|more|less)\b)[^;:]{2,50}"
    r"|unless (?:you|the customer|an? \w+) [^;:]{3,50}|by default)?"
)
_BARE: Final = frozenset({"no", "0", "n/a", "na", "not applicable", "never"})
_LEAST: Final = re.compile(r"[>\u2265]|\b(?:down to|at least|from(?= [0-9])|min(?:imum|\.)?(?: of)?) ")


def times_in(text: str) -> Sequence[Time]:
    """Return the times that a folded text names, each of its own limb; none where it is no mere time."""
    stripped = text.strip(" .*|()")
    if len(stripped) > _LONGEST:
        first = _FIRST_LIMB.match(stripped) if len(stripped) <= _LONGEST_CELL else None
        found = _time_of(first[0]) if first and groups()["begins_time"].match(first[0]) else None
        return (found,) if found else ()
    limbs = _LIMB.split(stripped)[:_MOST]
    times = [_time_of(limb) for limb in limbs]
    if len(limbs) > 1 and all(times):
        return [one for one in times if one]
    found = _time_of(stripped)
    return (found,) if found else ()


def _time_of(limb: str) -> Time | None:
    text = _YES.sub("", limb.strip(" .*|()"))
    kind = _kind_of(text)
    if kind is not None:
        return Retention(kind=kind), ""
    length = None if _LEAST.search(text) else longest(find_lengths(text, text))
    if length is not None:
        return length.value, length.trigger
    return next(((Retention(kind=kind), "") for group, kind in _ENDS if groups()[group].match(text)), None)


def _kind_of(text: str) -> RetentionKind | None:
    """Return what a text of a word or two says by itself."""
    if groups()["nothing_kept"].fullmatch(text) or _is_nothing_for_some(text):
        return RetentionKind.NONE
    return RetentionKind.UNSTATED if text == KEPT else None


def _is_nothing_for_some(text: str) -> bool:
    """Tell whether nothing is kept, with words after it on whom that is for: "zero for teams", "none by default"."""
    match = _FOR_WHOM.fullmatch(text)
    return match is not None and match[1] not in _BARE and groups()["nothing_kept"].fullmatch(match[1]) is not None
