"""Folds text so that one spelling is matched. Pure: text in, text out, no I/O."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# The longest phrase that any rule reads has about 60 characters. Longer text cannot match, and an upper limit keeps
# every later expression cheap whatever comes. The raw limit is wider because runs of white space shrink in folding.
MAX_RAW_LENGTH: Final = 2_000
MAX_PHRASE_LENGTH: Final = 200

# Normalizing sorts each run of combining marks in quadratic time, so text is normalized in pieces, cut before white
# space where there is some and anywhere in a word that is longer than a piece.
_PIECE: Final = re.compile(r"(?s).{1,128}(?!\S)|.{1,128}")

_DASHES: Final = "\u2010\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u2e3b"
_SINGLE_QUOTES: Final = "`\u2018\u2019\u201a\u201b\u2032\u2039\u203a\u02bc"
_DOUBLE_QUOTES: Final = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"

# Soft hyphen, grapheme joiner, zero-width spaces and joiners, direction marks, word joiner, byte order mark and
# variation selectors. Direction overrides stay: they reorder what is seen, so text that holds one is not recognized.
_INVISIBLE: Final = (
    0x00AD,
    0x034F,
    0x180E,
    *range(0x200B, 0x2010),
    0x2060,
    0xFEFF,
    *range(0xFE00, 0xFE10),
    *range(0xE0100, 0xE01F0),
)

# Raised, lowered and circled numbers: mostly footnote marks, which NFKC would glue to the number before them.
_MARKED_NUMBERS: Final = (
    *(0x00B2, 0x00B3, 0x00B9, 0x2070, 0x24EA),
    *range(0x2074, 0x207A),
    *range(0x2080, 0x208A),
    *range(0x2460, 0x249C),
    *range(0x3251, 0x3260),
    *range(0x32B1, 0x32C0),
)


def fold(text: str) -> str:
    """Return the text in the one form that all matching uses; linear in its length.

    Compatibility forms become plain (full-width digits too), every space, quote and dash becomes the ASCII one,
    invisible characters go, white space is collapsed and stripped, case is folded. Footnote numbers get a "^" before
    them, so that "30" with a raised 2 does not become 302. Folding a folded text changes nothing.
    """
    if not text.isascii():
        text = _PIECE.sub(_fold_piece, text.translate(_BEFORE_NORMALIZING))
    return " ".join(text.translate(_AFTER_NORMALIZING).casefold().split())


def fold_phrase(text: str) -> str | None:
    """Return the folded text, or None where it is longer than any phrase that a rule reads."""
    if len(text) > MAX_RAW_LENGTH:
        return None
    phrase = fold(text)
    return phrase if len(phrase) <= MAX_PHRASE_LENGTH else None


def _fold_piece(match: re.Match[str]) -> str:
    """Fold one piece as Unicode's compatibility caseless matching does (definition D146)."""
    folded = unicodedata.normalize("NFD", match[0]).casefold()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", folded).casefold())


_BEFORE_NORMALIZING: Final[Mapping[int, str]] = MappingProxyType(
    {
        0x00B4: "'",  # the acute accent, typed for an apostrophe; NFKC would make a space of it
        **dict.fromkeys(_INVISIBLE, ""),
        **{number: f"^{unicodedata.normalize('NFKC', chr(number))}" for number in _MARKED_NUMBERS},
    }
)
# The compatibility forms of dashes and quotes are these characters by then.
_AFTER_NORMALIZING: Final[Mapping[int, str]] = MappingProxyType(
    {
        **{ord(dash): "-" for dash in _DASHES},
        **{ord(quote): "'" for quote in _SINGLE_QUOTES},
        **{ord(quote): '"' for quote in _DOUBLE_QUOTES},
    }
)
