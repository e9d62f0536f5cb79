"""Whether an answer is the page it claims to be: challenge, consent, login, parked, empty, half. Pure."""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from pipeline.collect.page_text import PageText, fold, read_page_text
from pipeline.declarations import Source
from pipeline.model import Outcome

# Characters: a page that stands in for another says little, and a terms page says much. A title or a heading tells what
# a page is; its text may mention a thing, as a page of documentation does in its banner or its footer.
_SHORT_BY_TITLE = 3_000
_SHORT_BY_TEXT = 1_000
_HARDLY_ANY = 200
_MIN_COMPARABLE = 1_000  # characters of the last good page, below which a share of it means nothing
_ENOUGH_CHARACTERS = 50_000  # of a page, to tell its language from
_MIN_WORDS = 60  # of a page, to tell its language from
_MIN_DIFFERENT_WORDS = 5  # of a language, which a table that says "no" in every row does not have
_TAIL_BYTES = 4_096
_END = b"</html>"
_BINARY = (b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0", b"{\\rtf")
# What a page of HTML starts with, as the WHATWG MIME Sniffing Standard lists it, and a little more.
_HTML = re.compile(
    rb"<(?:!--|!doctype\s{1,9}html|(?:html|head|body|meta|link|base|title|style|script|iframe|main|div|h1|p|a|b|br|font|table)"
    rb"[\s/>])",
    re.IGNORECASE,
)
_XHTML = re.compile(rb"<\?xml[^>]{0,200}>\s{0,9}(?:<!--[^>]{0,200}-->\s{0,9})?<(?:!doctype\s{1,9})?html", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the source declares its page to be. `good` is its last good capture, None where there is none yet."""

    content_types: tuple[str, ...]
    language: str = "en"
    min_share: float = 0.5
    anchors: tuple[str, ...] = ()
    good: bytes | None = None

    @classmethod
    def of(cls, source: Source, good: bytes | None) -> Self:
        """Return what a source declares, beside its last good capture."""
        return cls(
            content_types=source.content_types,
            language=source.language,
            min_share=source.min_share,
            anchors=source.anchors,
            good=good,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why an answer is not believed."""

    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phrases:
    """The contents of `phrases.toml`."""

    stand_ins: tuple[tuple[Outcome, tuple[str, ...]], ...]
    login: tuple[str, ...]
    needs_script: tuple[str, ...]
    stop_words: Mapping[str, frozenset[str]]


@cache
def _phrases() -> _Phrases:
    data = tomllib.loads((Path(__file__).parent / "phrases.toml").read_text(encoding="utf-8"))
    return _Phrases(
        stand_ins=tuple((Outcome(name), tuple(part["phrases"])) for name, part in data["stand_ins"].items()),
        login=tuple(data["login"]["phrases"]),
        needs_script=tuple(data["needs_script"]["phrases"]),
        stop_words={language: frozenset(words.split()) for language, words in data["stop_words"].items()},
    )


def find_doubt(body: bytes, expected: Expected) -> Doubt | None:
    """Return why an answer is not believed to be the page, or None where nothing speaks against it."""
    kind = sniff(body)
    is_wrong = kind not in _kinds(expected.content_types)
    if kind not in {"html", "text"} or (is_wrong and kind == "text"):
        return _wrong_kind(kind, expected) if is_wrong else None
    page = read_page_text(body)
    found = _find_stand_in(page, expected)
    if found is not None or is_wrong:
        return found or _wrong_kind(kind, expected)
    if kind == "text":
        return _find_other_language(page, expected) or _find_missing_anchor(page, expected)
    return (
        _find_drawn_in_browser(page)
        or _find_other_language(page, expected)
        or _find_missing_anchor(page, expected)
        or _find_shrunken(page, body, expected)
    )


def sniff(body: bytes) -> str:
    """Return what the bytes seem to be: pdf, json, html, binary or text."""
    start = body[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start[2:].replace(b"\x00", b"").lstrip()
    if start.startswith(b"%PDF-"):
        return "pdf"
    if start.startswith(_BINARY):
        return "binary"
    if start[:1] in {b"{", b"["}:
        return "json"
    if _HTML.match(start) or _XHTML.match(start):
        return "html"
    return "binary" if b"\x00" in start else "text"


def _kinds(content_types: tuple[str, ...]) -> set[str]:
    kinds = {"application/json": "json", "application/pdf": "pdf", "text/html": "html", "application/xhtml+xml": "html"}
    # Markdown may start with anything, a table in HTML included.
    return {kind for one in content_types for kind in ({kinds[one]} if one in kinds else {"text", "html", "json"})}


def _wrong_kind(kind: str, expected: Expected) -> Doubt:
    return Doubt(
        outcome=Outcome.WRONG_CONTENT_TYPE, detail=f"expected {expected.content_types[0]}, the bytes look like {kind}"
    )


def _find_stand_in(page: PageText, expected: Expected) -> Doubt | None:
    if len(page.text) > _SHORT_BY_TITLE:
        return None
    phrases = _phrases()
    said = page.text if len(page.text) <= _SHORT_BY_TEXT else ""
    for outcome, sought in phrases.stand_ins:
        for phrase in sought:
            if (phrase in page.title or phrase in said) and not _is_usual(phrase, expected):
                return Doubt(outcome=outcome, detail=f"a short page that says '{phrase}'")
    return _find_login(page, said, phrases.login)


def _is_usual(phrase: str, expected: Expected) -> bool:
    """Whether the last good capture says it too, so that it tells nothing."""
    good = read_page_text(expected.good) if expected.good is not None else None
    return good is not None and (phrase in good.text or phrase in good.title)


def _find_login(page: PageText, said: str, phrases: tuple[str, ...]) -> Doubt | None:
    if page.has_password and any(word in page.title or word in said for word in phrases):
        return Doubt(outcome=Outcome.LOGIN, detail="a short page that asks for a password")
    if page.has_user_field and said and page.title.startswith(phrases):
        return Doubt(outcome=Outcome.LOGIN, detail="a short page that asks who is there")
    return None


def _find_drawn_in_browser(page: PageText) -> Doubt | None:
    if len(page.text) >= _HARDLY_ANY:
        return None
    if page.has_scripts or any(phrase in page.hidden for phrase in _phrases().needs_script):
        return Doubt(
            outcome=Outcome.DRAWN_IN_BROWSER, detail=f"{len(page.text)} characters of text, the rest is scripts"
        )
    if not page.text:
        return Doubt(outcome=Outcome.EMPTY, detail="a page without a word")
    return None


def _find_other_language(page: PageText, expected: Expected) -> Doubt | None:
    words = Counter(page.text[:_ENOUGH_CHARACTERS].split())
    stop_words = _phrases().stop_words
    if words.total() < _MIN_WORDS or expected.language not in stop_words:
        return None
    counts = {language: sum(words[stop] for stop in stops) for language, stops in stop_words.items()}
    likely = max(counts, key=lambda language: counts[language])
    if len(stop_words[likely].intersection(words)) < _MIN_DIFFERENT_WORDS:
        return None
    # Twice as many, because languages share words and a page may quote another.
    if likely != expected.language and counts[likely] > 2 * counts[expected.language]:
        return Doubt(
            outcome=Outcome.WRONG_LANGUAGE, detail=f"expected '{expected.language}', the words look like '{likely}'"
        )
    return None


def _find_missing_anchor(page: PageText, expected: Expected) -> Doubt | None:
    for anchor in expected.anchors:
        if fold(anchor) not in page.text:
            return Doubt(outcome=Outcome.SHRUNKEN, detail=f"the declared words '{anchor}' are missing")
    return None


def _find_shrunken(page: PageText, body: bytes, expected: Expected) -> Doubt | None:
    if expected.good is None or sniff(expected.good) != "html":
        return None
    before = len(read_page_text(expected.good).text)
    if len(page.text) < before and _has_end(expected.good) and not _has_end(body):
        return Doubt(outcome=Outcome.SHRUNKEN, detail="it ends before </html>, which the last good capture has")
    if before < _MIN_COMPARABLE or len(page.text) >= expected.min_share * before:
        return None
    return Doubt(
        outcome=Outcome.SHRUNKEN, detail=f"{len(page.text)} characters of text, {before} in the last good capture"
    )


def _has_end(body: bytes) -> bool:
    """Whether a page has its last tag; in UTF-16, every other byte of it is a zero."""
    return _END in body[-_TAIL_BYTES:].replace(b"\x00", b"").lower()
