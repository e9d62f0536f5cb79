"""Whether an answer is the page it claims to be: challenge, consent, login, parked, empty, half. Pure."""

import re

from pipeline.collect.expected import Doubt, Expected
from pipeline.collect.language import find_other_language
from pipeline.collect.page_text import PageText, fold, read_page_text
from pipeline.collect.redirects import find_detour
from pipeline.collect.stand_ins import find_drawn_in_browser, find_stand_in
from pipeline.declarations import Source
from pipeline.errors import ParseError
from pipeline.model import Observation, Outcome
from pipeline.parse.charset import has_undecodable

_MIN_COMPARABLE = 1_000  # characters of the last good page, below which a share of it means nothing
_TAIL_BYTES = 4_096
_ENDS = (b"</html>", b"</body>")
_NEWLINE = frozenset(b"\r\n")
_BINARY = (b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\xd0\xcf\x11\xe0", b"{\\rtf")
# What a page of HTML starts with, as the WHATWG MIME Sniffing Standard lists it, and a little more.
_HTML = re.compile(
    rb"<(?:!--|!doctype\s{1,9}html|(?:html|head|body|meta|link|base|title|style|script|iframe|main|div|h1|p|a|b|br|font|table)"
    rb"[\s/>])",
    re.IGNORECASE,
)
_XHTML = re.compile(rb"<\?xml[^>]{0,200}>\s{0,9}(?:<!--[^>]{0,200}-->\s{0,9})?<(?:!doctype\s{1,9})?html", re.IGNORECASE)


def judge(
    seen: Observation, body: bytes, source: Source, good: Observation | None = None, before: bytes | None = None
) -> Doubt | None:
    """Return why a look is not believed to have found its source's page, or None where nothing speaks against it.

    `good` is the last good look at the source, `before` the capture that this left, where it is at hand.
    """
    return find_detour(seen, good) or find_doubt(body, Expected.of(source, before, good), seen.content_type)


def find_doubt(body: bytes, expected: Expected, content_type: str | None = None) -> Doubt | None:
    """Return why an answer is not believed to be the page, or None where nothing speaks against it.

    `content_type` is what the answer says of itself.
    """
    kind = sniff(body)
    kinds = _kinds(expected.content_types)
    is_wrong = kind not in kinds
    if kind == "json" and "text" in kinds:
        kind = "text"  # Markdown may start with a bracket, and a service in trouble answers with JSON
    if kind not in {"html", "text"} or (is_wrong and kind == "text"):
        if is_wrong:
            return _wrong_kind(kind, expected)
        return _find_mislabelled(kind, content_type) or _find_unlike(kind, _text(body, content_type), expected)
    page = read_page_text(body, content_type)
    found = find_stand_in(page, expected)
    if found is not None or is_wrong:
        return found or _wrong_kind(kind, expected)
    before = _good_text(expected)
    return (
        (find_drawn_in_browser(page) if kind == "html" else None)
        or find_other_language(page.text, before, expected)
        or _find_missing_anchor(page.text, expected)
        or _find_undecodable(body, expected, content_type)
        or _find_cut(page, body, before, expected)
        or _find_shrunken(page.text, before, expected)
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


def _find_unlike(kind: str, text: str | None, expected: Expected) -> Doubt | None:
    """Doubt a PDF or JSON by its text, None where it has none to read; the language of JSON is nobody's."""
    if text is None:
        return None
    if kind != "pdf":
        return _find_missing_anchor(text, expected)
    before = _good_text(expected)
    return (
        find_other_language(text, before, expected)
        or _find_missing_anchor(text, expected)
        or _find_shrunken(text, before, expected)
    )


def _find_missing_anchor(text: str, expected: Expected) -> Doubt | None:
    for anchor in expected.anchors:
        if fold(anchor) not in text:
            return Doubt(outcome=Outcome.SHRUNKEN, detail=f"the declared words '{anchor}' are missing")
    return None


def _find_mislabelled(kind: str, content_type: str | None) -> Doubt | None:
    told = (content_type or "").partition(";")[0].strip().lower()
    if kind == "pdf" and "html" in told:
        return Doubt(outcome=Outcome.WRONG_CONTENT_TYPE, detail=f"the answer says {told}, the bytes look like {kind}")
    return None


def _find_undecodable(body: bytes, expected: Expected, content_type: str | None) -> Doubt | None:
    """Doubt bytes that are not in the encoding they say: a lost apostrophe turns "don't" into "do"."""
    if expected.good is None or not has_undecodable(body, content_type):
        return None
    if has_undecodable(expected.good, expected.good_type):
        return None
    detail = "bytes that its encoding cannot decode, which the last good capture does not have"
    return Doubt(outcome=Outcome.BAD_ENCODING, detail=detail)


def _find_cut(page: PageText, body: bytes, before: str | None, expected: Expected) -> Doubt | None:
    """Doubt a page that lacks the end which the last good one had, however long, or stops within a line of it."""
    if expected.good is None or page.text == before:
        return None
    if _has_end(expected.good) and not _has_end(body):
        return Doubt(outcome=Outcome.SHRUNKEN, detail="it ends before </html>, which the last good capture has")
    # A last row or section that was taken out leaves whole lines; what was cut off on its way ends anywhere.
    if expected.good.startswith(body) and _NEWLINE.isdisjoint(expected.good[len(body) - 1 : len(body) + 1]):
        return Doubt(outcome=Outcome.SHRUNKEN, detail="it ends within a line of the last good capture")
    return None


def _find_shrunken(text: str | None, before: str | None, expected: Expected) -> Doubt | None:
    if text is None or before is None or len(before) < _MIN_COMPARABLE:
        return None
    if len(text) >= expected.min_share * len(before):
        return None
    detail = f"{len(text)} characters of text, {len(before)} in the last good capture"
    return Doubt(outcome=Outcome.SHRUNKEN, detail=detail)


def _good_text(expected: Expected) -> str | None:
    return None if expected.good is None else _text(expected.good, expected.good_type)


def _text(body: bytes, content_type: str | None) -> str | None:
    """Return the folded text of an answer, None where it is none to read."""
    kind = sniff(body)
    if kind != "pdf":
        return None if kind == "binary" else read_page_text(body, content_type).text
    from pipeline.parse.pdf_text import extract_text  # noqa: PLC0415 - few pages are PDFs

    try:
        return fold(extract_text(body))
    except ParseError:
        return None  # whoever reads it says why


def _has_end(body: bytes) -> bool:
    """Whether a page has one of its last tags; in UTF-16, every other byte of it is a zero."""
    end = body[-_TAIL_BYTES:].replace(b"\x00", b"").lower()
    return any(mark in end for mark in _ENDS)
