"""An HTML page to the part that is read: what is hidden or page furniture is marked, selectors are matched. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bs4 import BeautifulSoup, ParserRejectedMarkup
from bs4.element import NavigableString, PreformattedString, Tag
from soupsieve import SelectorSyntaxError

from pipeline.errors import ParseError, SelectorError
from pipeline.parse.charset import to_utf_8
from pipeline.parse.html_hidden import has_size, is_hidden
from pipeline.parse.markup import HEADINGS, UNSEEN, check_work
from pipeline.parse.selection import Selection

MAX_TAGS: Final = 60_000  # some seconds of work; the largest real terms page has 8,000
_ALWAYS_FURNITURE: Final = frozenset({"nav", "dialog"})
_ALWAYS_FURNITURE_ROLES: Final = frozenset({"navigation", "search", "dialog", "alertdialog", "menu", "menubar"})
_FRAME: Final = frozenset({"footer", "header", "aside", "form"})
_FRAME_ROLES: Final = frozenset({"banner", "contentinfo", "complementary", "form"})
_FURNITURE_ROLES: Final = _ALWAYS_FURNITURE_ROLES | _FRAME_ROLES
_PANEL_ROLES: Final = frozenset({"region", "tabpanel"})
_CONSENT: Final = re.compile(
    r"(?:cookie|consent|gdpr|ccpa)[-_]{0,2}(?:banner|bar|popup|pop-up|modal|dialog|overlay|toast|consent|wall|prompt|"
    r"notice-banner|message|confirm)|onetrust-(?:consent|banner|pc)|cybotcookiebot|usercentrics|osano-cm|didomi|cky-consent|"
    r"cc-window|truste-consent|fs-cc-banner",
    re.IGNORECASE,
)
_FRAME_NAME: Final = re.compile(
    r"(?:^|\s)(?:(?:site|page|global|main)-?)?(?:footer|navbar|nav-?menu|breadcrumbs?|announcement)(?![a-z])",
    re.IGNORECASE,
)
_MAIN_SHARE: Final = 0.5
_FURNITURE_SHARE: Final = 0.4  # what holds more of the page than this is its content, whatever it is called


@dataclass(frozen=True, slots=True)
class Content:
    """What is read of a page: the elements, in order, within a range where one is wanted; hidden ones have `hidden`."""

    roots: list[Tag]
    title: str
    language: str | None
    begin: Tag | None = None  # reading begins with this element, or behind it
    is_behind: bool = False
    end: Tag | None = None  # and ends before this one


def read_page(body: bytes, content_type: str | None, selection: Selection) -> Content:
    """Return the part of a page that holds its content.

    Raises SelectorError where a selector does not match exactly once; ParseError for an unreadable or huge page.
    """
    soup = _parse(to_utf_8(body, content_type))
    page = soup.body or soup
    _mark_hidden(page)
    for selector in selection.remove:
        for tag in _matches(soup, selector):
            tag["hidden"] = ""
    roots = [_only(soup, selector) for selector in selection.select]
    sizes = _measure(page)
    if not roots:
        main = _find_main(page, sizes)
        roots = [page if main is None else main]
    _mark_furniture(roots, sizes, is_whole=roots[0] is page)
    begin, is_behind, end = _find_range(soup, roots, selection)
    return Content(roots, _title(soup), _language(soup), begin, is_behind, end)


def walk(root: Tag) -> Iterator[Tag | NavigableString | None]:
    """Yield what is visible of an element in document order: elements as they open, text, None as one ends."""
    if root.has_attr("hidden"):
        return
    yield root
    stack = [iter(root.contents)]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
            yield None
        elif isinstance(node, Tag):
            if node.name not in UNSEEN and not node.has_attr("hidden"):
                yield node
                stack.append(iter(node.contents))
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            yield node


def heading_level(tag: Tag) -> int:
    """Return the level of the heading that an element is, 0 where it is none."""
    if tag.name in HEADINGS:
        return int(tag.name[1])
    if tag.get("role") == "heading":
        level = tag.get("aria-level")
        return int(level) if isinstance(level, str) and re.fullmatch("[1-6]", level) else 2
    return 0


def _parse(markup: bytes) -> BeautifulSoup:
    """Return the tree of a page, for a bounded amount of work."""
    check_work(markup, MAX_TAGS)
    try:
        return BeautifulSoup(markup, "lxml", from_encoding="utf-8")
    except ParserRejectedMarkup as error:
        raise ParseError("the page cannot be read as HTML") from error


def _elements(root: Tag) -> Iterator[Tag]:
    return (node for node in walk(root) if isinstance(node, Tag))


def _words(tag: Tag, name: str) -> list[str]:
    value = tag.get(name)
    return value.split() if isinstance(value, str) else [str(word) for word in value or ()]


def _mark_hidden(page: Tag) -> None:
    """Give `hidden` to what is not shown, and take it from panels that a click opens: their text is on the page."""
    panels: set[str] = set()
    hidden = _without_size(page)
    for node in page.descendants:
        if isinstance(node, Tag):
            if node.has_attr("aria-controls") and node.get("aria-haspopup") in {None, "false"}:
                panels.update(_words(node, "aria-controls"))
            if _is_hidden(node):
                hidden.append(node)
    for tag in hidden:
        is_panel = tag.get("id") in panels or tag.get("role") in _PANEL_ROLES
        if (is_panel or tag.get("hidden") == "until-found") and tag.get("role") not in _FURNITURE_ROLES:
            del tag["hidden"]
        else:
            tag["hidden"] = ""


def _without_size(page: Tag) -> list[Tag]:
    """Return the elements whose letters have no size, those aside in which another has one again."""
    styled = [tag for tag in page.descendants if isinstance(tag, Tag) and "font-size" in str(tag.get("style", ""))]
    found: list[Tag] = []
    shown: set[int] = set()
    for tag in reversed(styled):
        if has_size(str(tag["style"])) and id(tag) not in shown:
            for outer in (tag, *tag.parents):
                if id(outer) in shown:
                    break
                shown.add(id(outer))
        elif has_size(str(tag["style"])) is False and id(tag) not in shown:
            found.append(tag)
    return found


def _is_hidden(tag: Tag) -> bool:
    attributes = {name: " ".join(_words(tag, name)) for name in tag.attrs}
    return is_hidden(attributes) or (tag.name == "button" and not _says_something(tag))


def _says_something(button: Tag) -> bool:
    """Whether a button is the title of a part of the page, and not something to press."""
    return button.has_attr("aria-expanded") or (button.parent is not None and heading_level(button.parent) > 0)


def _measure(page: Tag) -> dict[int, int]:
    """Return how many visible characters each element holds, by its identity: those of links and white space aside."""
    sizes: dict[int, int] = {}
    opened: list[Tag] = []
    totals = [0]
    links = 0
    for node in walk(page):
        if isinstance(node, Tag):
            opened.append(node)
            totals.append(0)
            links += node.name == "a"
        elif node is None:
            total = totals.pop()
            links -= opened[-1].name == "a"
            sizes[id(opened.pop())] = total
            totals[-1] += total
        elif not links:
            totals[-1] += sum(map(len, node.split()))
    return sizes


def _find_main(page: Tag, sizes: dict[int, int]) -> Tag | None:
    """Return the element that is marked as the main content, if it holds most of what is no furniture."""
    furniture = sum(sizes.get(id(tag), 0) for tag in _furniture(page, sizes, is_whole=True))
    least = _MAIN_SHARE * (sizes.get(id(page), 0) - furniture)
    marked: list[list[Tag]] = [[], []]
    for tag in _elements(page):
        if tag.name == "main" or tag.get("role") == "main":
            marked[0].append(tag)
        elif tag.name == "article":
            marked[1].append(tag)
    for tags in marked:
        largest = max(tags, key=lambda tag: sizes.get(id(tag), 0), default=None)
        if largest is not None and sizes.get(id(largest), 0) > least:
            return largest
    return None


def _furniture(root: Tag, sizes: dict[int, int], *, is_whole: bool) -> Iterator[Tag]:
    """Yield the outermost elements that frame the content; within a main element headers and the like belong to it."""
    most = _FURNITURE_SHARE * sizes.get(id(root), 0)
    depth = 0  # within furniture
    for node in walk(root):
        if isinstance(node, Tag):
            if depth:
                depth += 1
            elif node is not root and _is_furniture(node, is_whole=is_whole) and sizes.get(id(node), 0) <= most:
                depth = 1
                yield node
        elif node is None and depth:
            depth -= 1


def _is_furniture(tag: Tag, *, is_whole: bool) -> bool:
    role = tag.get("role")
    if tag.name in _ALWAYS_FURNITURE or role in _ALWAYS_FURNITURE_ROLES:
        return True
    if is_whole and (tag.name in _FRAME or role in _FRAME_ROLES):
        return tag.name != "header" or tag.h1 is None
    names = " ".join([*_words(tag, "id"), *_words(tag, "class")])
    if not names or heading_level(tag):
        return False
    return _CONSENT.search(names) is not None or (is_whole and _FRAME_NAME.search(names) is not None)


def _mark_furniture(roots: list[Tag], sizes: dict[int, int], *, is_whole: bool) -> None:
    for root in roots:
        for tag in list(_furniture(root, sizes, is_whole=is_whole)):
            tag["hidden"] = ""


def _matches(soup: BeautifulSoup, selector: str) -> list[Tag]:
    try:
        return list(soup.select(selector))
    except (SelectorSyntaxError, NotImplementedError) as error:
        raise SelectorError(f"{selector!r} is no CSS selector: {str(error).splitlines()[0]}") from error


def _only(soup: BeautifulSoup, selector: str) -> Tag:
    found = _matches(soup, selector)
    if len(found) != 1:
        raise SelectorError(f"expected 1 element that {selector!r} selects, found {len(found)}")
    return found[0]


def _find_range(soup: BeautifulSoup, roots: list[Tag], selection: Selection) -> tuple[Tag | None, bool, Tag | None]:
    """Return where reading begins, whether behind that element, and where it ends."""
    begin = _only(soup, selection.start_after) if selection.start_after else None
    end = _only(soup, selection.end_before) if selection.end_before else None
    if selection.fragment is None:
        return begin, begin is not None, end
    named = [tag for tag in _elements(soup) if selection.fragment in {tag.get("id"), tag.get("name")}]
    if len(named) != 1:
        raise SelectorError(f"expected 1 element that #{selection.fragment} names, found {len(named)}")
    return _section(roots, named[0])


def _section(roots: list[Tag], named: Tag) -> tuple[Tag | None, bool, Tag | None]:
    """Return the range of the section that an element begins: to the next heading as high, or the element itself."""
    heading = next((tag for tag in [named, *named.parents] if heading_level(tag)), None)
    is_empty = heading is None and not named.get_text(strip=True)
    started = False
    begin: Tag | None = None
    for tag in (tag for root in roots for tag in _elements(root)):
        level = heading_level(tag)
        started = started or tag is named or tag is heading
        if begin is not None and level and level <= heading_level(begin):
            return begin, False, tag
        if started and begin is None and level and (heading is not None or is_empty):
            begin = tag
    if begin is not None:
        return begin, False, None
    roots[:] = [named]
    return None, False, None


def _title(soup: BeautifulSoup) -> str:
    return " ".join(soup.title.get_text().split()) if soup.title else ""


def _language(soup: BeautifulSoup) -> str | None:
    root = soup.html
    value = root.get("lang") if root else None
    found = re.match(r"[A-Za-z]{2}(?![A-Za-z])", value) if isinstance(value, str) else None
    return found[0].lower() if found else None
