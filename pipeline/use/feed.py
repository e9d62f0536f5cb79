"""Feeds of what changed: Atom (RFC 4287) and JSON Feed 1.1, the same bytes for the same catalog. Pure."""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from xml.etree import ElementTree as ET

from pipeline.catalog.reader import Catalog
from pipeline.catalog.reasons import counted
from pipeline.use.change_text import NAMESPACE, WEAK, News, facts_of, read_news, split_news, utc_text
from pipeline.use.file_names import file_name
from pipeline.use.marked_up import one_line

_ATOM: Final = "http://www.w3.org/2005/Atom"
_AUTHOR: Final = "provider-terms"
_JSON_FEED: Final = "https://jsonfeed.org/version/1.1"


class FeedFormat(StrEnum):
    """What a feed is written in; the value is also the ending of its file."""

    ATOM = "atom"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """The newest news of all providers, or of one, newest first. `path` is where it lies among all feeds.

    `total` counts what `news` is the newest part of, `upgrades` the changes that are no news: pages read better.
    """

    name: str
    title: str
    path: str
    news: tuple[News, ...]
    total: int
    upgrades: int
    as_of: datetime

    @property
    def urn(self) -> str:
        """The name of the feed, the same in every build."""
        return uuid.uuid5(NAMESPACE, self.name).urn

    @property
    def about(self) -> str:
        """How much of what is known it holds."""
        is_whole = self.total == len(self.news)
        held = counted(self.total, "change") if is_whole else f"the newest {len(self.news)} of {self.total} changes"
        order = ", newest first" if self.news else " yet"
        left_out = f"; {counted(self.upgrades, 'technical upgrade')} left out" if self.upgrades else ""
        return f"{held[0].upper()}{held[1:]}{order}{left_out}."

    @property
    def updated_at(self) -> datetime:
        """When the newest change was seen; of a feed without any, what the catalog knows."""
        return max((one.change.changed_at for one in self.news), default=self.as_of)


def read_feed(catalog: Catalog, limit: int, name: str | None = None) -> Feed:
    """Return the feed of all changes, or of the provider that a name means; raise NotFoundError for an unknown one."""
    ids = () if name is None else (catalog.get(name).provider_id,)
    *_, asked = _feeds(catalog, limit, ids)
    return asked


def read_feeds(catalog: Catalog, limit: int) -> Iterator[Feed]:
    """Yield the feed of all changes, then that of each provider, with or without any change."""
    ids = [row["provider_id"] for row in catalog.rows("SELECT DISTINCT provider_id FROM providers ORDER BY ALL")]
    return _feeds(catalog, limit, ids)


def _feeds(catalog: Catalog, limit: int, provider_ids: Iterable[str]) -> Iterator[Feed]:
    as_of, told = catalog.as_of, read_news(catalog)
    names = catalog.rows("SELECT provider_id, provider_name FROM providers ORDER BY tier <> 'default', offering_id")
    labels = {row["provider_id"]: row["provider_name"] for row in reversed(names)}
    yield _feed("changes", "Changes of LLM providers' data policies", "changes", told, limit, as_of)
    by_provider: defaultdict[str | None, list[News]] = defaultdict(list)
    for one in told:
        by_provider[one.provider_id].append(one)
    for provider_id in provider_ids:
        title, path = f"Changes of {labels[provider_id]}'s data policies", f"providers/{file_name(provider_id)}"
        yield _feed(f"changes of {provider_id}", title, path, by_provider[provider_id], limit, as_of)


def _feed(name: str, title: str, path: str, told: Iterable[News], limit: int, as_of: datetime) -> Feed:
    news, upgrades = split_news(told)
    return Feed(
        name=name, title=title, path=path, news=tuple(news[:limit]), total=len(news), upgrades=upgrades, as_of=as_of
    )


def write_feed(feed: Feed, form: FeedFormat, self_url: str | None) -> bytes:
    """Return a feed as the bytes of its file; `self_url` is where it will be read, if that is known."""
    match form:
        case FeedFormat.ATOM:
            return _atom(feed, self_url)
        case FeedFormat.JSON:
            return _json(feed, self_url)


def _atom(feed: Feed, self_url: str | None) -> bytes:
    root = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _put(root, "id", feed.urn)
    _put(root, "title", feed.title)
    _put(root, "subtitle", feed.about)
    _put(root, "updated", utc_text(feed.updated_at))
    _put(ET.SubElement(root, "author"), "name", _AUTHOR)
    _put(root, "generator", "provider-terms")
    if self_url is not None:
        ET.SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": self_url})
    for one in feed.news:
        _entry(root, one)
    ET.indent(root)
    # In ASCII, all else as references: so it is the same document whatever a terminal or a pipe is set to.
    body: bytes = ET.tostring(root, encoding="us-ascii")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body + b"\n"


def _entry(root: ET.Element, one: News) -> None:
    entry, at = ET.SubElement(root, "entry"), utc_text(one.change.changed_at)
    _put(entry, "id", one.urn)
    _put(entry, "title", one.title)
    _put(entry, "updated", at)
    _put(entry, "published", at)
    if one.source_url is not None:  # the page that changed, for there is none about the change
        ET.SubElement(entry, "link", {"rel": "alternate", "href": one.source_url})
    for term in _tags(one):
        ET.SubElement(entry, "category", {"term": one_line(term)})
    content = _put(entry, "content", _html(one))
    content.set("type", "html")


def _put(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = one_line(text)
    return element


def _json(feed: Feed, self_url: str | None) -> bytes:
    body: dict[str, object] = {
        "version": _JSON_FEED,
        "title": one_line(feed.title),
        "description": one_line(feed.about),
        "language": "en",
        "authors": [{"name": _AUTHOR}],
    }
    if self_url is not None:
        body["feed_url"] = self_url
    body["items"] = [_item(one) for one in feed.news]
    return f"{json.dumps(body, ensure_ascii=True, indent=2)}\n".encode()


def _item(one: News) -> dict[str, object]:
    at = utc_text(one.change.changed_at)
    item: dict[str, object] = {
        "id": one.urn,
        "title": one_line(one.title),
        "content_html": _html(one),
        "content_text": _text(one),
        "date_published": at,
        "date_modified": at,
        "tags": [one_line(term) for term in _tags(one)],
    }
    if one.source_url is not None:
        item["external_url"] = one.source_url
    # Extensions begin with an underscore; in this one, every value is as the catalog has it.
    return item | {"_provider_terms": facts_of(one)}


def _tags(one: News) -> tuple[str, ...]:
    return tuple(tag for tag in (one.change.change_kind, one.change.topic, one.provider_id) if tag is not None)


def _said(one: News) -> tuple[tuple[str, str], ...]:
    """Return the words before and since, as far as they are on record."""
    both = (("Before", one.old_quote), ("Since", one.new_quote))
    return tuple((name, one_line(words)) for name, words in both if words is not None)


def _notes(one: News) -> str:
    weak = f" {WEAK}" if one.is_weak else ""
    return one_line(f"Cause: {one.change.cause.replace('_', ' ')}; {one.when}.{weak}")


def _html(one: News) -> str:
    """Return a change as a piece of HTML, made by a library, so that no text in it can be a mark."""
    body = ET.Element("div")
    ET.SubElement(body, "p").text = one_line(one.title)
    for name, words in _said(one):
        ET.SubElement(body, "p").text = f"{name}:"
        ET.SubElement(body, "blockquote").text = words
    last = ET.SubElement(body, "p")
    last.text = f"{_notes(one)} Source: "
    source = last
    if one.source_url is not None:
        source = ET.SubElement(last, "a", {"href": one.source_url})
        source.text = ""
    source.text = f"{source.text}{one_line(one.change.source_id)}"
    return ET.tostring(body, encoding="unicode", method="html")


def _text(one: News) -> str:
    said = (f"{name}: “{words}”" for name, words in _said(one))
    source = " ".join(part for part in (one_line(one.change.source_id), one.source_url) if part)
    return "\n".join((one_line(one.title), *said, _notes(one), f"Source: {source}"))
