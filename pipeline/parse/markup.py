"""The names of HTML's elements, by what they do to a text. Data only."""

from typing import Final


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
