"""The text of a PDF, page after page, as paragraphs that read on. Pure: bytes in, text out, no I/O."""

import io
import logging
import re
from collections import Counter
from typing import Final

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from pipeline.errors import ParseError
from pipeline.parse.text_blocks import begins_item, heading_level

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it remarks on broken files is said in the ParseError

MAX_PAGES: Final = 400
_MAX_CHARACTERS: Final = 5_000_000
# What pypdf lets through where the bytes of a PDF are not what they say.
_BROKEN: Final = (
    PyPdfError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
_NUMBER: Final = re.compile(r"[0-9]+")
_PAGE_NUMBER: Final = re.compile(r"(?:page\s+)?[-\u2013]?\s*#\s*[-\u2013]?(?:\s*(?:/|of)\s*#)?", re.IGNORECASE)
_EDGE_LINES: Final = 3  # at the head and the foot of a page, where headers and footers stand
_REPEATED_SHARE: Final = 0.5
_FULL_SHARE: Final = 0.8  # of the usual width: a shorter line ends its paragraph
_ENDS_SENTENCE: Final = re.compile(r"[.:;?!][\"\u201d)]?$")
_LONGEST_WORD: Final = 60
_LONGEST_MENDED: Final = 5000
_BROKEN_WORD: Final = re.compile(r"(\w+)-$")
_REST_OF_WORD: Final = re.compile(r"[a-z]+")


def extract_text(body: bytes) -> str:
    """Return the text of a PDF as paragraphs with blank lines between, without its page headers and footers.

    Words that are hyphenated at the end of a line are mended. Raises ParseError for a PDF that is encrypted, has no
    text (its pages are pictures), is too long or cannot be read.
    """
    pages = _drop_edges(_read_pages(body))
    lines = [line for page in pages for line in page]
    if not any(lines):
        raise ParseError("the PDF holds no text: its pages are pictures")
    return "\n".join(_mend(_part_paragraphs(lines)))


def _read_pages(body: bytes) -> list[list[str]]:
    try:
        reader = PdfReader(io.BytesIO(body), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ParseError("the PDF is encrypted: it opens with a password only")
        if len(reader.pages) > MAX_PAGES:
            raise ParseError(f"the PDF has more than {MAX_PAGES} pages")
        pages: list[list[str]] = []
        left = _MAX_CHARACTERS
        for page in reader.pages:
            text = page.extract_text()
            left -= len(text)
            if left < 0:
                raise ParseError(f"the PDF holds more than {_MAX_CHARACTERS} characters")
            pages.append([" ".join(line.replace("\x00", "").split()) for line in text.splitlines()])
    except _BROKEN as error:
        raise ParseError(f"the PDF cannot be read: {type(error).__name__}") from error
    return pages


def _drop_edges(pages: list[list[str]]) -> list[list[str]]:
    """Return the pages without the lines at their head and foot that most of them share, and without page numbers."""
    seen: Counter[str] = Counter()
    for page in pages:
        seen.update({_NUMBER.sub("#", page[place]) for place in _edges(page)})
    least = max(2, _REPEATED_SHARE * len(pages))
    kept: list[list[str]] = []
    for page in pages:
        edges = {place for place in _edges(page) if _is_edge(_NUMBER.sub("#", page[place]), seen, least)}
        kept.append([line for place, line in enumerate(page) if place not in edges])
    return kept


def _edges(page: list[str]) -> set[int]:
    """Return the places of the first and last lines of a page that say something."""
    filled = [place for place, line in enumerate(page) if line]
    return {*filled[:_EDGE_LINES], *filled[-_EDGE_LINES:]}


def _is_edge(line: str, seen: "Counter[str]", least: float) -> bool:
    return bool(line) and (seen[line] >= least or _PAGE_NUMBER.fullmatch(line) is not None)


def _part_paragraphs(lines: list[str]) -> list[str]:
    """Return the lines with a blank one where a paragraph ends, which a PDF does not say."""
    lengths = sorted(len(line) for line in lines if line)
    width = lengths[len(lengths) * 9 // 10]
    parted: list[str] = []
    for line in lines:
        before = parted[-1] if parted else ""
        if before and _is_parted(before, line, width):
            parted.append("")
        parted.append(line)
    return parted


def _is_parted(before: str, line: str, width: int) -> bool:
    is_short = len(before) < _FULL_SHARE * width
    if begins_item(line) or not line:
        return True
    if heading_level(line) and len(line) < _FULL_SHARE * width and _ENDS_SENTENCE.search(before):
        return True
    return is_short and (_ENDS_SENTENCE.search(before) is not None or heading_level(before) > 0)


def _mend(lines: list[str]) -> list[str]:
    """Return the lines with words that a hyphen breaks at their end made whole.

    A compound keeps its hyphen: one that is written with it elsewhere, and not without.
    """
    words = Counter(word for line in lines for word in re.findall(r"[\w-]+", line.lower()))
    mended: list[str] = []
    for line in lines:
        is_open = bool(mended) and len(mended[-1]) < _LONGEST_MENDED
        broken = _BROKEN_WORD.search(mended[-1][-_LONGEST_WORD:]) if is_open else None
        rest = _REST_OF_WORD.match(line)
        if broken is None or rest is None:
            mended.append(line)
            continue
        whole, compound = (broken[1] + rest[0]).lower(), f"{broken[1]}-{rest[0]}".lower()
        is_compound = words[compound] > 0 and not words[whole]
        mended[-1] = mended[-1] + line if is_compound else mended[-1][:-1] + line
    return mended
