"""A terms page (HTML, Markdown, PDF, plain text) to clean text blocks. Pure: bytes in, a document out, no I/O."""

import re
from typing import Final

from pipeline.errors import ParseError, SelectorError
from pipeline.model import BlockKind, Document
from pipeline.parse.blocks import Blocks
from pipeline.parse.charset import to_utf_8
from pipeline.parse.html_blocks import read_html
from pipeline.parse.markdown_blocks import read_markdown
from pipeline.parse.selection import Selection
from pipeline.parse.text_blocks import read_text

__all__ = ["MAX_BYTES", "Selection", "parse_document"]

MAX_BYTES: Final = 16_000_000
_SNIFFED_BYTES: Final = 4096
_HTML_TYPES: Final = frozenset({"text/html", "application/xhtml+xml"})
_MARKDOWN_TYPES: Final = frozenset({"text/markdown", "text/x-markdown", "text/mdx", "text/x-mdx"})
_OTHER_FORMATS: Final = (  # the first bytes, and what they begin
    (b"PK\x03\x04", "a zip archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1f\x8b", "a gzip stream"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
)
_HTML_PAGE: Final = re.compile(rb"\s*(?:<!--[^>]*-->\s*){0,9}<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_HTML_PART: Final = re.compile(rb"\s*<(?:div|main|article|section|table|p|h[1-6]|meta|title|script)\b", re.IGNORECASE)
_JSON_START: Final = re.compile(rb'\s*(?:\{\s*["}]|\[\s*\{)')
_MARKDOWN: Final = re.compile(
    r"^#{1,6}[ \t]+\S|^={3,}[ \t]*$|^ {0,3}```|\]\([^()\s]+\)|\*\*[^*\n]+\*\*|^\|?[ :]*-{3,}[ :]*\||^---\n\w+:|"
    r"^</?[A-Z]\w+[ >]|^[^\n]{1,200}\n-{4,}[ \t]*$",
    re.MULTILINE,
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\ufffd]")
_ODD_SHARE: Final = 0.02
_NOT_IN_SLUG: Final = re.compile(r"[^\w\- ]")


def parse_document(body: bytes, content_type: str | None = None, selection: Selection | None = None) -> Document:
    """Return a terms page as text blocks, each with its headings and the place of every character in `source`.

    The bytes decide between HTML, PDF and text; between Markdown and plain text the media type does where it is
    specific, else the marks in the text. Raises SelectorError where the selection does not match, or matches twice;
    ParseError where the bytes are none of these, are too many, or say nothing.
    """
    wanted = selection or Selection()
    if len(body) > MAX_BYTES:
        raise ParseError(f"the document has more than {MAX_BYTES} bytes")
    start = body[:_SNIFFED_BYTES].removeprefix(b"\xef\xbb\xbf")
    for mark, what in _OTHER_FORMATS:
        if start.startswith(mark):
            raise ParseError(f"the document is {what}, not HTML, Markdown, text or PDF")
    if b"%PDF-" in start[:1024]:
        from pipeline.parse.pdf_text import extract_text  # noqa: PLC0415 - few pages are PDFs, and pypdf is slow to load

        return _from_text(extract_text(body), wanted, is_markdown=False)
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if _is_html(start, media_type):
        return read_html(body, content_type, wanted)
    if media_type == "application/pdf":
        raise ParseError("the document is called a PDF and is none")
    if _JSON_START.match(start):
        raise ParseError("the document is JSON, not HTML, Markdown, text or PDF")
    text = to_utf_8(body, content_type).decode("utf-8", "replace").removeprefix("\ufeff")
    if len(_CONTROL.findall(text)) > _ODD_SHARE * len(text):
        raise ParseError("the document is neither HTML nor text nor PDF: too many of its characters are unreadable")
    is_markdown = media_type in _MARKDOWN_TYPES or _MARKDOWN.search(text) is not None
    return _from_text(text, wanted, is_markdown=is_markdown)


def _is_html(start: bytes, media_type: str) -> bool:
    probe = start[2:].replace(b"\x00", b"") if start.startswith((b"\xff\xfe", b"\xfe\xff")) else start
    if _HTML_PAGE.match(probe):
        return True
    if media_type in _MARKDOWN_TYPES:
        return False
    return media_type in _HTML_TYPES or _HTML_PART.match(probe) is not None


def _from_text(source: str, selection: Selection, *, is_markdown: bool) -> Document:
    if selection.select or selection.remove or selection.start_after or selection.end_before:
        raise SelectorError("CSS selectors apply to HTML only, and the page is Markdown, text or PDF")
    blocks, title = read_markdown(source) if is_markdown else (read_text(source), "")
    if not blocks.found:
        raise ParseError("the document holds no text")
    heading = next((block.text for block in blocks.found if block.kind is BlockKind.HEADING), "")
    found = tuple(blocks.found)
    if selection.fragment:
        first, last = _section(blocks, selection.fragment)
        found = found[first:last]
    return Document(source=source, blocks=found, title=title or heading)


def _section(blocks: Blocks, fragment: str) -> tuple[int, int]:
    """Return the range of blocks that the heading with a name begins, up to the next heading as high."""
    named = [block for block in blocks.found if block.number in blocks.levels and _slug(block.text) == fragment.lower()]
    if len(named) != 1:
        raise SelectorError(f"expected 1 heading that #{fragment} names, found {len(named)}")
    first = named[0].number
    level = blocks.levels[first]
    ends = (number for number, other in blocks.levels.items() if number > first and other <= level)
    return first - 1, next(ends, len(blocks.found) + 1) - 1


def _slug(heading: str) -> str:
    """Return the name that Markdown renderers give a heading."""
    return "-".join(_NOT_IN_SLUG.sub("", heading.lower()).split())
