"""A report of hostile words: all of it is shown, none of it acts."""

import itertools
import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from made_up_report import LINK, NOW, facts_of_words, find_acting, make_report, publish_words, read_pages

from pipeline.normalize.unseen import plain
from pipeline.use.report.drawing import is_link
from pipeline.use.report.pages import Making, build_pages, provider_path

WORDS = (
    "<script>alert(1)</script>",
    '"onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "</title><script>alert(1)</script>",
    "</table></main><img src=x onerror=alert(1)>",
    "--><svg/onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &amp;",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "a\u202egnp.exe \u2066b\u2069 \u200bc",
    "ОpenAI \uff21 \x00\x1b[31m\r\n\t",
    "<b style='position:fixed'>",
    "]]>*/;alert(1)//",
)
LINKS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " https://space.example/",
    "\x01javascript:alert(1)",
    'https://x.example/"onmouseover="alert(1)',
    "https://x.example/<script>alert(1)</script>",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "//x.example/",
    "https://",
    "https://x.example/\u202egnp.exe",
    "https://[x/",
    "https://x.example/é",
)

PLAIN_LINK = "https://x.example/?a=1&b=2"
Pages = dict[str, BeautifulSoup]
CSP = "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    folder = tmp_path_factory.mktemp("hostile")
    written = make_report(
        publish_words(folder / "catalog", (*WORDS, "Acme & Sons"), (*LINKS, PLAIN_LINK)), folder / "report"
    )
    return read_pages(written.folder)


@pytest.mark.fault("Q03")
def test_q03_nothing_on_any_page_acts(pages: Pages) -> None:
    assert len(LINKS) == len(WORDS)
    assert len(WORDS) + 1 + 5 == len(pages)
    assert {} == {name: found for name, page in pages.items() if (found := find_acting(page))}


@pytest.mark.fault("Q03")
@pytest.mark.parametrize("number", range(len(WORDS)), ids=lambda number: ascii(WORDS[number]))
def test_q03_names_quotes_and_links_are_shown_as_they_are(pages: Pages, number: int) -> None:
    page, words, link = pages[f"providers/p{number}.html"], plain(WORDS[number]), plain(LINKS[number])
    assert page.h1 is not None
    assert words == page.h1.get_text()
    assert f"{words} · Provider terms" == page.title.get_text() if page.title else False
    assert words in {quote.get_text().strip() for quote in page.select(".statement blockquote")}
    assert {link} == {dd.get_text() for dd in page.select(".facts .long dd")}
    assert [] == [a for a in page.find_all("a") if str(a["href"]).startswith(("http", "java", "data", "file", "//"))]


@pytest.mark.fault("Q03")
def test_q03_every_page_forbids_what_is_not_its_own(pages: Pages) -> None:
    for page in pages.values():
        policies = page.select('meta[http-equiv="Content-Security-Policy"]')
        assert [CSP] == [one["content"] for one in policies]
        scripts = page.find_all("script")
        assert ([True], [None]) == ([one.has_attr("src") for one in scripts], [one.string for one in scripts])


@pytest.mark.parametrize("link", LINKS)
def test_what_is_no_plain_address_becomes_no_link(link: str) -> None:
    assert not is_link(link)


@pytest.mark.parametrize("link", [LINK, "http://x.example", "HTTPS://x.example/a?b=c&d#e", "https://x.example/%22"])
def test_a_plain_address_becomes_a_link(link: str) -> None:
    assert is_link(link.format(1))


def test_a_plain_address_is_a_link_that_tells_nobody_where_it_was_followed_from(pages: Pages) -> None:
    page = pages[f"providers/p{len(WORDS)}.html"]
    found = {(a["href"], tuple(a["rel"])) for a in page.find_all("a") if str(a["href"]).startswith("http")}
    assert {(PLAIN_LINK, ("noopener", "noreferrer"))} == found


@pytest.mark.fault("E08")
def test_e08_naughty_strings_are_shown_in_every_place(shared: Path) -> None:
    strings = json.loads((shared / "data" / "suites" / "blns" / "blns.json").read_text(encoding="utf-8"))
    assert 515 == len(strings)
    making = Making(build_key="ab", made_on=NOW.date(), maker="")
    # The pages of providers come last; the first of them has all statements.
    drawn = itertools.islice(build_pages(facts_of_words(strings), making), 8)
    pages = {name: BeautifulSoup(body, "lxml") for name, body in drawn if name.endswith(".html")}
    assert {} == {name: found for name, page in pages.items() if (found := find_acting(page))}
    wanted = sorted(map(plain, strings))
    for name, place in (
        ("index.html", "#offerings tbody th a"),
        ("changes.html", "#all-changes tbody th a"),
        ("changes.html", "#all-changes tbody td:nth-of-type(4) q"),
        ("conflicts.html", ".sides > div:first-child blockquote"),
        ("sources.html", "#all-sources .detail"),
        ("providers/p0.html", ".statement blockquote"),
    ):
        assert wanted == sorted(_inner(tag) for tag in pages[name].select(place)), (name, place)


def _inner(tag: Tag) -> str:
    return (tag.p or tag).get_text()


@pytest.mark.parametrize("provider_id", ["groq", "fish-audio", "z_ai", "a" * 100])
def test_a_page_of_a_provider_bears_its_id(provider_id: str) -> None:
    assert f"providers/{provider_id}.html" == provider_path(provider_id)


@pytest.mark.parametrize("provider_id", ["../../x", "con", "NUL", "com1", "a" * 300, "", ".", "a.", "a/b", "a:b", "é"])
def test_an_id_that_is_no_safe_name_of_a_file_becomes_its_hash(provider_id: str) -> None:
    folder, _, name = provider_path(provider_id).partition("/")
    assert ("providers", True) == (folder, re.fullmatch(r"sha256-[0-9a-f]{64}\.html", name) is not None)
