"""The names of HTML's elements, by what they do to a text, and how much markup a page may have. Pure."""

from typing import Final

from pipeline.errors import ParseError

_MOST_REFERENCES: Final = 500_000
_MOST_SEPARATORS: Final = 150_000  # within one tag, between its attributes
_SEPARATORS: Final = b" \t\n\r\f/\"'"


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


HEADINGS: Final = _names("h1 h2 h3 h4 h5 h6")
BOLD: Final = _names("b strong")
STRUCK: Final = _names("del s strike")  # what is struck out is not said any more
LISTS: Final = _names("ul ol menu dl")
ITEMS: Final = _names("li dt")
# What is not read: not text, or a choice in a form.
UNSEEN: Final = STRUCK | _names(
    "script style template noscript head svg math iframe object embed video audio canvas select option datalist "
    "textarea input"
)
# What a line break parts from the text around it.
BLOCKS: Final = _names(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody td tfoot th "
    "thead title tr ul"
)
INLINE: Final = _names(
    "a abbr b big br button cite code col colgroup dfn em font i img ins kbd label mark path picture q s samp small "
    "source span strong sub sup svg time tt u var wbr"
)
EVERY: Final = BLOCKS | INLINE | UNSEEN


def check_work(markup: bytes, most_tags: int) -> None:
    """Raise ParseError for a page that is more work than a page of terms can be."""
    if markup.count(b"<") > most_tags:
        raise ParseError(f"the page has more than {most_tags} tags")
    if markup.count(b"&") > _MOST_REFERENCES:
        raise ParseError(f"the page has more than {_MOST_REFERENCES} character references")
    for part in markup.split(b"<"):
        if len(part) > _MOST_SEPARATORS:
            tag = part.partition(b">")[0]
            if len(tag) - len(tag.translate(None, _SEPARATORS)) > _MOST_SEPARATORS:
                raise ParseError(f"a tag has more than {_MOST_SEPARATORS} attributes or words in them")
