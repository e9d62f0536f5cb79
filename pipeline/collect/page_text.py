"""The visible words of a page, roughly and in linear time: enough to judge it, not to read it. Pure."""

import html
import re
from dataclasses import dataclass, field

from pipeline.parse.charset import to_utf_8

_MAX_BYTES = 2_000_000  # of a page; what stands behind does not change what kind of page it is
_MAX_TAGS = 100_000  # half a second of work; the largest real terms page has 8,000
_MAX_TEXT_BYTES = 500_000  # likewise; the longest real one has 90,000 characters
_CUT_SHORT = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{0,2}$")  # a character of UTF-8 that the cap may have cut
_LONG_NUMBER = re.compile(r"&#[0-9]{8,}")  # names no character, and Python refuses to read 5,000 digits
_UNSEEN = frozenset({b"script", b"style", b"noscript", b"template", b"svg"})
_TAG = re.compile(rb"<(?:!--|([!?]|/?[a-zA-Z][a-zA-Z0-9]{0,15}))")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """Folded text of a page: what is seen, its title and first-level headings, its noscript; what it is made with."""

    text: str
    title: str
    hidden: str
    has_scripts: bool
    has_password: bool
    has_user_field: bool  # a field that a name or an address of a person goes into


@dataclass(slots=True)
class _Parts:
    """What has been read so far; `heading` is the place in `seen` where the open heading began."""

    seen: list[bytes] = field(default_factory=list)
    title: list[bytes] = field(default_factory=list)
    hidden: list[bytes] = field(default_factory=list)
    heading: int | None = None
    scripts: bool = False
    password: bool = False
    user_field: bool = False


def read_page_text(body: bytes, content_type: str | None = None) -> PageText:
    """Return the words of a page; tags that never close end at the page's end."""
    if len(body) > _MAX_BYTES:
        body = _CUT_SHORT.sub(b"", body[:_MAX_BYTES])
    body = to_utf_8(body, content_type)
    lower, at, parts = body.lower(), 0, _Parts()
    for _ in range(_MAX_TAGS):
        tag = _TAG.search(lower, at)
        if tag is None:
            break
        parts.seen.append(body[at : tag.start()])
        if tag[1] is None:
            at = _after(body, b"-->", tag.start() + len(b"<!"))
            continue
        name, at = tag[1], _after(body, b">", tag.start())
        _note(parts, name, lower[tag.start() : at])
        if name in _UNSEEN or name == b"title":
            end = lower.find(b"</" + name, at)
            inside = body[at : end if end >= 0 else len(body)]
            (parts.title if name == b"title" else parts.hidden if name == b"noscript" else []).append(inside)
            at = _after(body, b">", end) if end >= 0 else len(body)
        parts.seen.append(b" ")
    else:
        at = len(body)  # what stands behind so many tags is left unread
    parts.seen.append(body[at:])
    return PageText(
        text=_fold_bytes(b"".join(parts.seen)),
        title=_fold_bytes(b" ".join(parts.title)),
        hidden=_fold_bytes(b" ".join(parts.hidden)),
        has_scripts=parts.scripts,
        has_password=parts.password,
        has_user_field=parts.user_field,
    )


def fold(text: str) -> str:
    """Return text in lower case with single spaces and straight apostrophes, so that spellings compare."""
    return " ".join(text.split()).casefold().replace("\u2019", "'")


def _note(parts: _Parts, name: bytes, tag: bytes) -> None:
    """Keep what one tag says about the page."""
    if name == b"h1":
        parts.heading = len(parts.seen)
    elif name == b"/h1" and parts.heading is not None:
        parts.title.append(b"".join(parts.seen[parts.heading :]))
        parts.heading = None
    elif name == b"script":
        parts.scripts = True
    elif name == b"input":
        parts.password = parts.password or b"password" in tag
        parts.user_field = parts.user_field or b"mail" in tag or b"user" in tag


def _after(body: bytes, mark: bytes, start: int) -> int:
    end = body.find(mark, start)
    return len(body) if end < 0 else end + len(mark)


def _fold_bytes(part: bytes) -> str:
    return fold(html.unescape(_LONG_NUMBER.sub("", part[:_MAX_TEXT_BYTES].decode("utf-8", "replace"))))
