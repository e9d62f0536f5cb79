"""What RFC 4287 and the W3C's feed checker ask of an Atom feed, as a list of what is wrong with one."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

NAMESPACE = "{http://www.w3.org/2005/Atom}"
_ONCE = {"feed": ("id", "title", "updated"), "entry": ("id", "title", "updated", "content")}
_AT_MOST_ONCE = ("subtitle", "generator", "published", "rights", "logo", "icon", "summary")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def find_faults(body: bytes) -> list[str]:
    """Return what is wrong with a feed, in words; nothing where all is well."""
    return list(_faults(ET.fromstring(body)))  # noqa: S314 - of our own making


def entries(body: bytes) -> list[ET.Element]:
    return ET.fromstring(body).findall(f"{NAMESPACE}entry")  # noqa: S314


def text(element: ET.Element, name: str) -> str:
    return element.findtext(f"{NAMESPACE}{name}") or ""


def _faults(feed: ET.Element) -> Iterator[str]:
    if feed.tag != f"{NAMESPACE}feed":
        yield f"the root is {feed.tag}"
    if not feed.findtext(f"{NAMESPACE}author/{NAMESPACE}name"):
        yield "no author"
    for part in (feed, *feed.iter(f"{NAMESPACE}entry")):
        yield from _part_faults(part)
    found = feed.findall(f"{NAMESPACE}entry")
    ids = Counter(text(one, "id") for one in (feed, *found))
    yield from (f"{name} is there {count} times" for name, count in ids.items() if count > 1)
    times = [datetime.fromisoformat(text(one, "updated")) for one in found]
    if times != sorted(times, reverse=True):
        yield "not the newest first"
    if times and datetime.fromisoformat(text(feed, "updated")) != times[0]:
        yield "the feed is not as new as its newest entry"
    links = [link.get("rel") for link in feed.findall(f"{NAMESPACE}link")]
    if links.count("self") > 1:
        yield "more than one address of its own"


def _part_faults(part: ET.Element) -> Iterator[str]:
    kind = part.tag.removeprefix(NAMESPACE)
    counts = Counter(child.tag.removeprefix(NAMESPACE) for child in part)
    yield from (f"{kind} has {counts[name]} of {name}" for name in _ONCE[kind] if counts[name] != 1)
    yield from (f"{kind} has {counts[name]} of {name}" for name in _AT_MOST_ONCE if counts[name] > 1)
    if not urlsplit(text(part, "id")).scheme:
        yield f"the id {text(part, 'id')} is no IRI"
    yield from (f"{kind} has an empty {name}" for name in ("title",) if not text(part, name).strip())
    for name in ("updated", "published"):
        if counts[name] and not _MOMENT.fullmatch(text(part, name)):
            yield f"{name} is no moment: {text(part, name)}"
    alternates = Counter(
        (link.get("type"), link.get("hreflang"))
        for link in part.findall(f"{NAMESPACE}link")
        if link.get("rel", "alternate") == "alternate"
    )
    if any(count > 1 for count in alternates.values()):
        yield "two alternate links of one type"
    for link in part.findall(f"{NAMESPACE}link"):
        if urlsplit(link.get("href", "")).scheme not in {"http", "https"} or not link.get("href", "").isascii():
            yield f"a link to {link.get('href')}"
    yield from ("a category without a term" for one in part.findall(f"{NAMESPACE}category") if not one.get("term"))
    content = part.find(f"{NAMESPACE}content")
    if content is not None and (content.get("type") != "html" or len(content) or not content.text):
        yield "content that is not HTML as text"
