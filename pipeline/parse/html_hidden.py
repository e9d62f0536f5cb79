"""Which elements a page does not show, by the attributes that they carry themselves. Pure."""

import re
from collections.abc import Mapping
from typing import Final

_HIDING_STYLE: Final = re.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|content-visibility:hidden"
    r"|text-decoration(?:-line)?:[^;]*line-through"
    r"|text-indent:-(?:999|[0-9]{4})"
    r"|clip:rect\((?:[01](?:px)?,?){4}\)|clip-path:inset\((?:50|100)%\))"
)
_PLACED: Final = re.compile(r"(?:^|;)position:(?:absolute|fixed)")
_OFF_SCREEN: Final = re.compile(r"(?:^|;)(?:left|right|top|bottom):-(?:999|[0-9]{4})")
_TINY: Final = re.compile(r"(?:^|;)(?:width|height):[01](?:px)?(?:;|!|$)")
_CLIPPED: Final = re.compile(r"(?:^|;)overflow:(?:hidden|clip)")
_TRANSPARENT: Final = re.compile(r"(?:^|;)color:transparent")
_REMARK: Final = re.compile(r"/\*(?:[^*]|\*(?!/))*(?:\*/|$)")
_ESCAPED: Final = re.compile(r"\\(?:0{0,4}([0-9a-f]{2})\s?|([^0-9a-f\n]))")  # a letter by its number, or itself
_CLEAR: Final = re.compile(r"(?:^|;)opacity:(?:0?\.0+|0)%?(?:;|!|$)")
_MOVES: Final = re.compile(r"(?:^|;)(?:-webkit-)?(?:transform|transition|animation|will-change)[-:]")
_SIZE: Final = re.compile(r"(?:^|;)font-size:(?P<none>(?:0?\.0+|0)(?:[a-z]+|%)?(?:;|!|$))?")
_SKIPPED_CLASSES: Final = re.compile(
    r"(?:^| )(?:sr-only|visually-?hidden|screen-reader-(?:text|only)|a11y-hidden|skip-?link|skip-to-content|"
    r"headerlink|header-anchor|anchor-link|heading-anchor)(?: |$)"
)


def hides(style: str) -> bool:
    """Whether a `style` keeps an element from being seen, or strikes it out; the size of its letters aside."""
    rules = _rules(style)
    if _HIDING_STYLE.search(rules) is not None:
        return True
    if _TRANSPARENT.search(rules) is not None and "background-clip:text" not in rules:  # else a picture fills them
        return True
    if _PLACED.search(rules) is not None and (
        _OFF_SCREEN.search(rules) is not None
        or (_CLIPPED.search(rules) is not None and _TINY.search(rules) is not None)
    ):
        return True
    # What is clear and moves fades in as a reader scrolls: whole pages are written so.
    return _CLEAR.search(rules) is not None and _MOVES.search(rules) is None


def has_size(style: str) -> bool | None:
    """Whether a `style` gives letters a size that can be seen, None where it gives none; what stands within may too."""
    size = _SIZE.search(_rules(style))
    return None if size is None else size["none"] is None


def is_hidden(attributes: Mapping[str, str]) -> bool:
    """Whether an element is not shown to those who see the page, by the attributes of its tag."""
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or attributes.get("data-sr-only") == "true"
        or hides(attributes.get("style", ""))
        or _SKIPPED_CLASSES.search(" ".join(attributes.get("class", "").split())) is not None
    )


def _rules(style: str) -> str:
    """Return the declarations of a `style` as a browser reads them: no remarks, no white space, no escapes."""
    lower = style.lower()
    if "/*" in lower:
        lower = _REMARK.sub("", lower)
    if "\\" in lower:
        lower = _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], lower)
    return "".join(lower.split())
