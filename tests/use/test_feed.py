"""Feeds: names that last, rules kept, the same bytes for the same catalog, and foreign text that stays text."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup, Tag
from feed_rules import entries, find_faults, text
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_news import HOSTILE, HOSTILE_NEWS, news
from markdown_it import MarkdownIt
from markdown_it.token import Token
from shipped_catalog import shipped_data

from pipeline.catalog.reader import Catalog
from pipeline.errors import NotFoundError
from pipeline.model import Tier
from pipeline.use.change_text import WEAK, News, as_markdown, from_to, in_short, read_news, split_news, what
from pipeline.use.feed import Feed, FeedFormat, read_feed, read_feeds, write_feed
from pipeline.use.marked_up import in_markdown, one_line, web_url

UNTIL = datetime(2026, 8, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog.open(shipped_data(tmp_path_factory) / "catalog" / "current") as opened:
        yield opened


def feed_of(*told: News, upgrades: int = 0) -> Feed:
    return Feed(
        name="changes", title="Changes", path="changes", news=told, total=len(told), upgrades=upgrades, as_of=UNTIL
    )


def atom(*told: News) -> bytes:
    return write_feed(feed_of(*told), FeedFormat.ATOM, None)


def items(feed: Feed) -> list[dict[str, object]]:
    found = json.loads(write_feed(feed, FeedFormat.JSON, None))["items"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("form", FeedFormat)
def test_one_catalog_makes_the_same_bytes_every_time(catalog: Catalog, form: FeedFormat) -> None:
    first, second = ([write_feed(one, form, "https://x.test/f") for one in read_feeds(catalog, 100)] for _ in range(2))
    assert first == second
    assert len(first) > 90


def test_every_feed_of_the_catalog_keeps_the_rules(catalog: Catalog) -> None:
    feeds = list(read_feeds(catalog, 200))
    assert [] == [fault for one in feeds for fault in find_faults(write_feed(one, FeedFormat.ATOM, None))]
    assert 111 == len(feeds[0].news) == sum(len(one.news) for one in feeds[1:])
    assert len(feeds) == len({one.urn for one in feeds}) == len({one.path for one in feeds})


def test_an_entry_keeps_its_id_in_every_feed_and_format_whatever_stands_beside_it() -> None:
    alone, among = atom(news(1)), atom(news(0), news(1), news(2))
    assert text(entries(alone)[0], "id") == text(entries(among)[1], "id") == news(1, name="Renamed").urn
    assert items(feed_of(news(1)))[0]["id"] == text(entries(alone)[0], "id")
    assert news(1).urn != news(2).urn


def test_ids_are_of_the_change_and_lasting() -> None:
    """Show the ids themselves: whoever changes how they are made makes every subscriber read everything again."""
    assert "urn:uuid:da1bc033-e78a-5e40-bb31-32cf9b104642" == news(1).urn
    assert "urn:uuid:128fd4ac-ba2a-5214-b7a6-c44722fd5fcb" == feed_of().urn


def test_what_was_read_better_is_no_news_and_is_counted() -> None:
    told = [news(0), news(1, cause="technical_upgrade"), news(2)]
    assert ([told[0], told[2]], 1) == split_news(told)
    assert "2 changes, newest first; 1 technical upgrade left out." == feed_of(news(0), news(2), upgrades=1).about
    assert "1 technical upgrade" in as_markdown([news(0)], 1, None, UNTIL)


def test_a_feed_says_how_many_of_all_it_holds(catalog: Catalog) -> None:
    assert "The newest 5 of 111 changes, newest first." == read_feed(catalog, 5).about
    assert [one.change for one in read_feed(catalog, 5).news] == catalog.changes()[:5]
    assert "No changes yet." == read_feed(catalog, 5, "groq").about


def test_a_feed_of_one_provider_is_found_by_any_name_and_holds_every_tier(catalog: Catalog) -> None:
    feed = read_feed(catalog, 100, "Google AI Studio (free)")
    assert feed == read_feed(catalog, 100, "google-ai-studio")
    assert {"google-ai-studio:free"} == {one.change.offering_id for one in feed.news}
    with pytest.raises(NotFoundError):
        read_feed(catalog, 100, "nobody")


def test_a_change_of_the_gateway_is_told_with_the_words_that_the_policy_rested_on(catalog: Catalog) -> None:
    (one,) = [one for one in read_news(catalog) if one.change.offering_id == "azure" and "2026-07-04" in one.when]
    assert ("Azure: retention changed 30 days → none (weak)", "Retained for 30 days", "Zero retention") == (
        one.title,
        one.old_quote,
        one.new_quote,
    )
    (entry,) = [entry for entry in entries(atom(one)) if "Azure" in text(entry, "title")]
    words = BeautifulSoup(text(entry, "content"), "lxml").get_text()
    for part in ("30 days → none (weak)", "Retained for 30 days", "Zero retention", one.when, "openrouter-docs", WEAK):
        assert part in words
    assert "https://openrouter.ai/" in text(entry, "content")


@pytest.mark.fault("Q03", "E05")
def test_q03_e05_hostile_text_stays_text_in_both_feeds() -> None:
    feed = feed_of(*HOSTILE_NEWS)
    body = write_feed(feed, FeedFormat.ATOM, "https://x.test/feeds/changes.atom")
    assert [] == find_faults(body)
    assert b"\\x00\\x1b[31m \\u202e \\ud800 \\ufffe" in body
    first = entries(body)[0]
    assert text(first, "title").startswith(one_line(HOSTILE))
    contents = [text(one, "content") for one in entries(body)] + [str(one["content_html"]) for one in items(feed)]
    for content in contents:
        marks = [one for one in BeautifulSoup(content, "lxml").descendants if isinstance(one, Tag)]
        assert {"html", "body", "div", "p", "blockquote", "a"} >= {one.name for one in marks}
        assert {("href", "https://acme.example/terms?a=1&b=2")} >= {pair for one in marks for pair in one.attrs.items()}
    facts = items(feed)[0]["_provider_terms"]
    assert isinstance(facts, dict)
    assert HOSTILE == facts["new_quote"]  # as it was, for a program


@settings(max_examples=60)
@given(name=st.text(min_size=1, max_size=40), words=st.text(max_size=40))
def test_any_text_at_all_makes_a_feed_that_keeps_the_rules(name: str, words: str) -> None:
    body = atom(news(name=name, words=words))
    assert [] == find_faults(body)
    assert text(entries(body)[0], "title").startswith(one_line(name))


def test_a_feed_names_its_own_address_only_where_one_is_known() -> None:
    url = "https://x.test/feeds/changes.atom"
    link = f'<link rel="self" type="application/atom+xml" href="{url}" />'
    assert b'rel="self"' not in atom(news())
    assert link in write_feed(feed_of(news()), FeedFormat.ATOM, url).decode()
    assert url == json.loads(write_feed(feed_of(), FeedFormat.JSON, url))["feed_url"]
    assert "feed_url" not in json.loads(write_feed(feed_of(), FeedFormat.JSON, None))


@pytest.mark.parametrize(
    ("kind", "old", "new", "expected"),
    [
        ("retention_changed", "none", "30 days", "retention changed none → 30 days"),
        ("headquarters_changed", None, "US", "headquarters changed not known → US"),
        ("datacenters_changed", "US", "", "datacenters changed US → none"),
        ("claim_appeared", None, "30 days", "claim appeared: retention 30 days"),
        ("claim_removed", "30 days", None, "claim removed: retention 30 days"),
        ("delisted", None, None, "delisted"),
    ],
)
def test_a_change_reads_in_short(kind: str, old: str | None, new: str | None, expected: str) -> None:
    assert expected == in_short(kind, "retention", old, new)
    assert expected == f"{what(kind, 'retention')} {from_to(kind, old, new)}".strip()


def test_the_words_of_another_value_are_not_told_for_this_one(catalog: Catalog) -> None:
    """Show that a quote is there only where the history holds the very value: here it would say something else."""
    told = read_news(catalog)
    assert all(one.old_quote and one.new_quote for one in told if one.change.topic in {"retention", "training"})
    assert not any(one.old_quote or one.new_quote for one in told if one.change.topic is None)


def rendered(markdown: str) -> list[Token]:
    return MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown)


@pytest.mark.fault("Q05")
def test_q05_markdown_is_a_table_whose_cells_no_text_breaks() -> None:
    tokens = rendered(as_markdown(HOSTILE_NEWS, 0, None, UNTIL))
    cells = [token for token in tokens if token.type == "inline"][1:]
    assert 6 * (1 + len(HOSTILE_NEWS)) == len(cells)
    marks = {child.type for cell in cells for child in cell.children or []}
    assert {"text", "link_open", "link_close", "text_special"} >= marks
    links = [dict(child.attrs) for cell in cells for child in cell.children or [] if child.type == "link_open"]
    assert {"https://acme.example/terms?a=1&b=2"} == {str(link["href"]) for link in links}
    shown = ["".join(child.content for child in cell.children or []) for cell in cells]
    assert one_line(HOSTILE) == shown[7]
    assert f"30 days: “{one_line(HOSTILE)}”" == shown[10]


@pytest.mark.fault("Q05")
@settings(max_examples=100)
@given(name=st.text(alphabet="|`\\\n\r[]()<>*_&#!:/w.h tps@~{}x", max_size=30))
def test_q05_any_marks_at_all_show_as_they_are_in_one_cell(name: str) -> None:
    tokens = rendered(f"| a |\n|---|\n| x{in_markdown(name)}x |\n")
    (cell,) = [token for token in tokens if token.type == "inline"][1:]
    assert f"x{one_line(name)}x" == "".join(child.content for child in cell.children or [])
    assert "://" not in in_markdown(name)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.test/a?b=c#d", "https://x.test/a?b=c#d"),
        ("https://x.test/ä|b>c d)", "https://x.test/%C3%A4%7Cb%3Ec%20d%29"),
        ("HTTPS://x.test/", "HTTPS://x.test/"),
        ("https://x.test:8443/%41?q=%C3%A4", "https://x.test:8443/%41?q=%C3%A4"),
        ("https://x.test/a%zz%4", "https://x.test/a%25zz%254"),
        ("https://x.test/#a#b#c", "https://x.test/#a%23b%23c"),
        ("https://x.test/a@b?c=@d", "https://x.test/a@b?c=@d"),
        ("javascript:alert(1)", None),
        ("http:foo", None),
        ("http:/foo", None),
        ("https://", None),
        ("https:///path", None),
        ("https://:80/", None),
        ("http://user:pw@x/", None),
        ("http://user@x.test/", None),
        ("ht\ntps://x.test/", None),
        (" https://x.test/", None),
        ("//x.test/", None),
        ("http://[", None),
        ("", None),
        (None, None),
    ],
)
def test_only_addresses_of_the_web_are_linked(url: str | None, expected: str | None) -> None:
    assert expected == web_url(url)


def test_changes_of_two_tiers_are_told_apart() -> None:
    assert "Acme (free): retention changed none → 30 days" == replace(news(), tier=Tier.FREE).title
