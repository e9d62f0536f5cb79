"""Finds the names that a page calls its own provider by: "Acme does not train on your files"."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from pipeline.clauses.lexicon import groups
from pipeline.clauses.text import fold
from pipeline.model import Block

NAME: Final = r"[A-Z][\w-]{1,24}(?:[. ][A-Z0-9][\w-]{0,24}){0,2}"
# What an actor does. Plural nouns ("Prompts do not") and what is done ("Content is") have no part in it.
_DOES: Final = (
    r"(?:(?:also |itself |will |may |does |can )?(?:never|not|doesn't|won't|cannot|uses?|stores?|retains?|trains?"
    r"|collects?|process(?:es)?|keeps?|deletes?|logs|shares?|sells?|reads|sends|offers|provides|operates|runs|has)"
    r"|doesn\u2019t|won\u2019t|can\u2019t|can't|shall)\b"
)
_SUBJECT: Final = re.compile(rf"(?<![\w.'-])({NAME}) (?={_DOES})")
_ANY_NAME: Final = re.compile(rf"(?<![\w.'-]){NAME}")
_MEANS_US: Final = re.compile(
    r"\((?:the |also )?(?:[\"\u201c]\w[\w .-]{0,24},?[\"\u201d],? (?:or |and )?){0,2}[\"\u201c]?(?:we|us|our)\b"
)
_QUOTED: Final = re.compile(rf"[\"\u201c]({NAME}),?[\"\u201d]")
_LEGAL_FORM: Final = re.compile(r"[ .,]+(?:inc|llc|ltd|gmbh|corp|sas|pbc|ab|oy|bv|limited)\.?$")
_NEAR: Final = 70  # characters before such brackets
_FEWEST: Final = 2  # times that a name acts, where the title lacks it
_FEWEST_OF_MAKERS: Final = 4
_MOST: Final = 4
_MOST_MATCHES: Final = 400


def find_own_names(title: str, blocks: Sequence[Block]) -> tuple[str, ...]:
    """Return the folded names, as they stand, that a page speaks of its provider by; the most frequent first.

    A name is its own where it acts and stands in the title, where the page says that it means "we", or where it acts
    most often of all names and more than once.
    """
    acting: Counter[str] = Counter()
    defined: dict[str, None] = {}
    for block in blocks:
        acting.update(_named(_SUBJECT, block.text))
        if "(" in block.text:
            defined |= dict.fromkeys(_defined(block.text))
    titled = [name for name, _ in acting.most_common() if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", title)]
    found = [*defined, *titled]
    if not found:
        often = [name for name, count in acting.most_common(1) if count >= _fewest(name)]
        found = [name for name in often if any(_stands_within(name, block.text) for block in blocks)]
    return tuple(dict.fromkeys(found))[:_MOST]


def _named(names: re.Pattern[str], text: str) -> Iterator[str]:
    for match in islice(names.finditer(text), _MOST_MATCHES):
        name = _LEGAL_FORM.sub("", fold(match[match.lastindex or 0]))
        first, last = name.split(" ")[0].split("'")[0], name.split(" ")[-1]
        if not any(map(groups()["no_name"].fullmatch, (first, last))):
            yield name


def _fewest(name: str) -> int:
    """Return how often a name has to act: more often where it is one that others build on."""
    return _FEWEST_OF_MAKERS if groups()["model_makers"].fullmatch(name) else _FEWEST


def _defined(text: str) -> Iterator[str]:
    """Give the name that stands last before each "(we", and those in its brackets: "Acme Labs Inc. ("Acme", "we")"."""
    for match in islice(_MEANS_US.finditer(text), _MOST):
        names = list(_named(_ANY_NAME, text[max(0, match.start() - _NEAR) : match.start()]))
        yield from names[-1:]
        yield from _named(_QUOTED, text[match.start() : match.end() + _NEAR].split(")", maxsplit=1)[0])


def _stands_within(name: str, text: str) -> bool:
    """Tell whether a name has its capital within a sentence too, where no other word would."""
    written = re.search(rf"[a-z,] ({re.escape(name)})\b", text, re.IGNORECASE)
    return written is not None and written[1][0].isupper()


def own_product(names: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds one of the names right after a verb in folded text, as a thing, or None if there is no name."""
    escaped = [re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name))]
    return re.compile(rf" (?:{'|'.join(escaped)})(?!'s|[\w-])") if escaped else None


def own_actor(names: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds one of the names in folded text where it acts or owns, or None where there is no name."""
    escaped = [re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name))]
    if not escaped:
        return None
    return re.compile(rf"(?<![\w-])(?:{'|'.join(escaped)})(?= (?:inc\.? |llc )?{_DOES}|'s\b| and (?:its|our)\b)")
