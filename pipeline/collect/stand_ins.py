"""Pages that stand in for the one that was asked for, told by their words: challenge, login, parked. Pure."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.collect.expected import Doubt, Expected
from pipeline.collect.page_text import PageText, fold, read_page_text
from pipeline.model import Outcome

# Characters: a page that stands in for another says little, and a terms page says much. A title or a heading tells what
# a page is; its text may mention a thing, as a page of documentation does in its banner or its footer.
_SHORT_BY_TITLE = 3_000
_SHORT_BY_TEXT = 1_000
_VERY_SHORT = 300
_HARDLY_ANY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phrases:
    """The contents of `phrases.toml`."""

    stand_ins: tuple[tuple[Outcome, tuple[str, ...]], ...]
    hints: tuple[tuple[Outcome, tuple[str, ...]], ...]
    login: tuple[str, ...]
    needs_script: tuple[str, ...]
    in_passing: tuple[str, ...]


@cache
def _phrases() -> _Phrases:
    data = tomllib.loads((Path(__file__).parent / "phrases.toml").read_text(encoding="utf-8"))
    return _Phrases(
        stand_ins=tuple((Outcome(name), tuple(part["phrases"])) for name, part in data["stand_ins"].items()),
        hints=tuple((Outcome(name), tuple(part["phrases"])) for name, part in data["hints"].items()),
        login=tuple(data["login"]["phrases"]),
        needs_script=tuple(data["needs_script"]["phrases"]),
        in_passing=tuple(data["in_passing"]["phrases"]),
    )


def find_stand_in(page: PageText, expected: Expected) -> Doubt | None:
    """Return which stand-in a short page is by its words, None where it says nothing of the kind."""
    if len(page.text) > _SHORT_BY_TITLE:
        return None
    phrases = _phrases()
    said = page.text if len(page.text) <= _SHORT_BY_TEXT else ""
    for mention in phrases.in_passing:
        said = said.replace(mention, "")
    stand_ins = phrases.stand_ins + (phrases.hints if len(page.text) <= _VERY_SHORT else ())
    # A page that says all that its source declares of it is the page, whatever else it says.
    for outcome, sought in () if _has_all_anchors(page.text, expected) else stand_ins:
        for phrase in sought:
            if (phrase in page.title or phrase in said) and not _is_usual(phrase, expected):
                return Doubt(outcome=outcome, detail=f"a short page that says '{phrase}'")
    return _find_login(page, said, phrases.login)


def _has_all_anchors(text: str, expected: Expected) -> bool:
    return bool(expected.anchors) and all(fold(anchor) in text for anchor in expected.anchors)


def _is_usual(phrase: str, expected: Expected) -> bool:
    """Whether the last good capture says it too, so that it tells nothing."""
    good = read_page_text(expected.good, expected.good_type) if expected.good is not None else None
    return good is not None and (phrase in good.text or phrase in good.title)


def _find_login(page: PageText, said: str, phrases: tuple[str, ...]) -> Doubt | None:
    if page.has_password and any(word in page.title or word in said for word in phrases):
        return Doubt(outcome=Outcome.LOGIN, detail="a short page that asks for a password")
    if page.has_user_field and said and page.title.startswith(phrases):
        return Doubt(outcome=Outcome.LOGIN, detail="a short page that asks who is there")
    return None


def find_drawn_in_browser(page: PageText) -> Doubt | None:
    """Return why a page that says hardly anything is not believed, None where it says more."""
    if len(page.text) >= _HARDLY_ANY:
        return None
    if page.has_scripts or any(phrase in page.hidden for phrase in _phrases().needs_script):
        return Doubt(
            outcome=Outcome.DRAWN_IN_BROWSER, detail=f"{len(page.text)} characters of text, the rest is scripts"
        )
    if not page.text:
        return Doubt(outcome=Outcome.EMPTY, detail="a page without a word")
    return None
