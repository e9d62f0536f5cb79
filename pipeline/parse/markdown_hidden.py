"""Which elements that are written into Markdown as HTML, or as MDX, its renderer would not show. Pure and linear."""

import re
from typing import Final

from pipeline.parse.html_hidden import has_size, is_hidden
from pipeline.parse.markup import EVERY

_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9.:-]{0,60})(?:\s[^<>]{0,2000})?>")
_ATTRIBUTE: Final = re.compile(
    r"""([A-Za-z][A-Za-z-]*)(?:\s?=\s?("[^"]*"|'[^']*'|\{\{[^{}]*\}\}|\{[^{}]*\}|[^\s"'<>=]+))?"""
)
_NO_QUOTES: Final = str.maketrans("", "", "\"'")
_SHOWS: Final = frozenset({"{false}", "until-found"})


def hides_its_text(tag: str) -> bool:
    """Whether the opening tag of an element of HTML says that what it holds is not shown."""
    name = tag[1:].partition(">")[0].split()[0].rstrip("/").lower()
    if name not in EVERY or " " not in " ".join(tag.split()):
        return False
    attributes = {found[1].lower(): (found[2] or "").strip("\"'") for found in _ATTRIBUTE.finditer(tag, len(name) + 1)}
    if attributes.get("hidden") in _SHOWS:
        return False
    style = attributes.get("style", "")
    if style.startswith("{{"):  # style={{display: "none", fontSize: 0}}, as MDX writes it
        style = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", style.strip("{}")).replace(",", ";").translate(_NO_QUOTES)
        attributes["style"] = style
    return is_hidden(attributes) or has_size(style) is False


def find_ends(source: str) -> dict[int, int]:
    """Return where each element that is closed ends, behind its closing tag, by where its content begins."""
    opened: dict[str, list[int]] = {}
    ends: dict[int, int] = {}
    for tag in _TAG.finditer(source):
        starts = opened.setdefault(tag[2].lower(), [])
        if not tag[1]:
            starts.append(tag.end())
        elif starts:
            ends[starts.pop()] = tag.end()
    return ends
