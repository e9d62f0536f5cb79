"""A page of HTML as elements and text, no more than its tables need. Pure: bytes in, a tree out, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree  # type: ignore[import-untyped]

from pipeline.errors import ParseError

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


@dataclass(slots=True, eq=False)
class Element:
    """One element with what stands in it, in order; comments and processing instructions are left out."""

    name: str
    attributes: Mapping[str, str]
    children: "list[Element | str]" = field(default_factory=list)


class _Builder:
    """What lxml tells of elements as they open and close. Without a method for comments, it tells of none."""

    def __init__(self) -> None:
        self._open = [Element("", {})]

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        element = Element(name, dict(attributes))
        self._open[-1].children.append(element)
        self._open.append(element)

    def end(self, _: str) -> None:
        self._open.pop()  # libxml2 closes what it opened, in order

    def data(self, text: str) -> None:
        self._open[-1].children.append(text)

    def close(self) -> Element:
        return self._open[0]


def read_tree(markup: bytes) -> Element:
    """Return the root, without a name, of a page in UTF-8; raise ParseError where it cannot be read as HTML."""
    # libxml2 tells of elements one by one, from bytes: linear on hostile markup where html.parser and html5lib are
    # quadratic, and whole at any depth where the tree of lxml.html drops what lies deeper than 254. Parsers disagree
    # about broken tables, so a change of parser is a change of what the catalog says.
    parser = etree.HTMLParser(target=_Builder(), recover=True, encoding="utf-8")
    try:
        parser.feed(markup.removeprefix(_BYTE_ORDER_MARK))
        root: Element = parser.close()
    except etree.LxmlError as error:
        raise ParseError("the page cannot be read as HTML") from error
    return root
