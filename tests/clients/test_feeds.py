"""Feed readers of others take the feeds: feedparser the Atom, and JSON Feed's own rules the JSON."""

import importlib
import json
from typing import Any, Final

import pytest
from feed_rules import find_faults
from made_up_news import HOSTILE_NEWS, news
from official_schemas import official_schema
from shipped_catalog import shipped_data

from pipeline.catalog.reader import Catalog
from pipeline.use.feed import Feed, FeedFormat, read_feeds, write_feed
from pipeline.use.marked_up import one_line

pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("ignore")]  # theirs, on import

# https://www.jsonfeed.org/version/1.1/, as far as it is used here; nothing else may stand there.
_AUTHORS: Final = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "minProperties": 1,
        "properties": {"name": {"type": "string", "minLength": 1}},
        "additionalProperties": False,
    },
}
_URL: Final = {"type": "string", "pattern": r"^https?://[!-~]+$"}
_MOMENT: Final = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}
_ITEM: Final = {
    "type": "object",
    "required": ["id", "title", "content_html", "content_text", "date_published", "date_modified"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "title": {"type": "string", "minLength": 1},
        "external_url": _URL,
        "content_html": {"type": "string"},
        "content_text": {"type": "string"},
        "date_published": _MOMENT,
        "date_modified": _MOMENT,
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "patternProperties": {r"^_[^.]+$": {"type": "object"}},
    "additionalProperties": False,
}
_JSON_FEED: Final = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": {"type": "string", "minLength": 1},
        "description": {"type": "string"},
        "language": {"const": "en"},
        "authors": _AUTHORS,
        "feed_url": _URL,
        "items": {"type": "array", "items": _ITEM},
    },
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> list[Feed]:
    with Catalog.open(shipped_data(tmp_path_factory) / "catalog" / "current") as catalog:
        shipped = list(read_feeds(catalog, 200))
    hostile = Feed(
        name="hostile",
        title=HOSTILE_NEWS[0].subject,
        path="hostile",
        news=HOSTILE_NEWS,
        total=len(HOSTILE_NEWS),
        upgrades=1,
        as_of=HOSTILE_NEWS[0].change.changed_at,
    )
    return [*shipped, hostile]


def _self(feed: Feed, form: FeedFormat) -> str:
    return f"https://x.test/feeds/{feed.path}.{form}"


def test_feedparser_reads_every_atom_feed_without_a_complaint(feeds: list[Feed]) -> None:
    feedparser: Any = importlib.import_module("feedparser")
    assert len(feeds) > 90
    for feed in feeds:
        body = write_feed(feed, FeedFormat.ATOM, _self(feed, FeedFormat.ATOM))
        assert [] == find_faults(body)
        read = feedparser.parse(body)
        assert (False, "atom10", feed.urn) == (bool(read.bozo), read.version, read.feed.id)
        assert [one.urn for one in feed.news] == [entry.id for entry in read.entries]
        assert [one_line(one.title) for one in feed.news] == [entry.title for entry in read.entries]
        assert [one.source_url or one.urn for one in feed.news] == [entry.link for entry in read.entries]
        assert [one.change.changed_at.timetuple()[:6] for one in feed.news] == [
            entry.updated_parsed[:6] for entry in read.entries
        ]
        assert not any("<script" in entry.content[0].value for entry in read.entries)


def _without_references(schema: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """Leave out what leads to the schema of version 1, which the package does not carry; our own rules hold that."""
    if isinstance(schema, dict):
        return {name: _without_references(part) for name, part in schema.items() if name != "$ref" or part[0] == "#"}
    return [_without_references(part) for part in schema] if isinstance(schema, list) else schema


def test_json_feeds_hold_to_the_official_schema(feeds: list[Feed]) -> None:
    schema = _without_references(official_schema("https://json.schemastore.org/feed.json"))
    jsonschema: Any = importlib.import_module("jsonschema")
    checked = jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())
    for feed in feeds:
        for self_url in (None, _self(feed, FeedFormat.JSON)):
            body = json.loads(write_feed(feed, FeedFormat.JSON, self_url))
            assert [] == [one.message for one in checked.iter_errors(body)], feed.name
            assert [one.message for one in checked.iter_errors(body | {"items": 7})]


def test_json_feeds_hold_to_their_rules(feeds: list[Feed]) -> None:
    jsonschema: Any = importlib.import_module("jsonschema")
    jsonschema.Draft202012Validator.check_schema(_JSON_FEED)
    validator = jsonschema.Draft202012Validator(_JSON_FEED)
    for feed in feeds:
        body = json.loads(write_feed(feed, FeedFormat.JSON, _self(feed, FeedFormat.JSON)))
        assert [] == [error.message for error in validator.iter_errors(body)]
        ids = [item["id"] for item in body["items"]]
        assert len(ids) == len(set(ids)) == len(feed.news)


@pytest.mark.parametrize(
    ("was", "is_now", "expected"),
    [
        (b"<updated>2026-08-01T10:00:00Z</updated>", b"<updated>1 August</updated>", "Invalid isoformat"),
        (b"<name>provider-terms</name>", b"", "no author"),
        (b"https://acme.example", b"javascript://acme.example", "a link to javascript"),
        (news(1).urn.encode(), news(0).urn.encode(), "2 times"),
    ],
)
def test_the_rules_find_what_is_wrong(was: bytes, is_now: bytes, expected: str) -> None:
    told = (news(0), news(1))
    feed = Feed(name="a", title="A", path="a", news=told, total=2, upgrades=0, as_of=HOSTILE_NEWS[0].change.changed_at)
    body = write_feed(feed, FeedFormat.ATOM, None)
    assert was in body
    try:
        found = "; ".join(find_faults(body.replace(was, is_now)))
    except ValueError as error:
        found = str(error)
    assert expected in found
