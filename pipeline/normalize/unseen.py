"""Characters that act or hide where they should show, written out. Pure: text in, text out, no I/O."""

import unicodedata
from typing import Final

_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# Letters and marks that show nothing, though their category does not say so.
_BLANKS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")


def plain(text: str) -> str:
    """Return text with control, bidi and other invisible characters written out, so that it cannot act."""
    if text.isprintable() and text.isascii():
        return text
    return "".join(_shown(mark) if is_unseen(mark) else mark for mark in text)


def is_unseen(mark: str) -> bool:
    """Whether a character shows nothing, or changes how those beside it show."""
    return unicodedata.category(mark) in _CATEGORIES or mark in _BLANKS


def _shown(mark: str) -> str:
    return mark.encode("unicode_escape").decode("ascii")
