"""The report in Debian's Chromium: it is used, printed and searched for what acts, leaks or keeps people out."""

import importlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from made_up_report import NOW, make_report, publish_words
from patience import PATIENCE
from pypdf import PdfReader
from shipped_catalog import shipped_data

from pipeline.cli.report_server import ReportServer
from pipeline.normalize.unseen import plain

pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("ignore")]  # theirs, on import
CHROMIUM = "/usr/bin/chromium"
KINDS = ("index", "changes", "conflicts", "sources", "method", "providers/p0")
HOSTILE = (
    "<script>window.acted = 1</script>",
    '"onmouseover="window.acted = 1',
    "<img src=x onerror='window.acted = 1'>",
    "javascript:window.acted=1",
    "</title></main><svg onload='window.acted = 1'>",
    "a\u202egnp.exe",
)
Page: TypeAlias = Any  # of Playwright, which is not installed where types are checked


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no {CHROMIUM}")
    with importlib.import_module("playwright.sync_api").sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"], timeout=PATIENCE * 1000)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the shipped captures."""
    current = shipped_data(tmp_path_factory) / "catalog" / "current"
    return make_report(current, tmp_path_factory.mktemp("real") / "report", NOW).folder


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a catalog that has a row of everything, of hostile words."""
    folder = tmp_path_factory.mktemp("made-up")
    return make_report(publish_words(folder / "catalog", HOSTILE, HOSTILE), folder / "report").folder


@contextmanager
def opened(browser: Any, address: str, **options: Any) -> Iterator[Page]:  # noqa: ANN401
    """Open a page; fail where it leaves its own place, or where the console tells of anything."""
    told: list[str] = []
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    page.on("console", lambda message: told.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: told.append(f"error: {error}"))
    page.on("dialog", lambda dialog: told.append(f"dialog: {dialog.message}"))
    own = address[: address.find("/report/")] if address.startswith("file:") else address[: address.index("/", 8)]
    page.on("request", lambda request: told.append(f"asked {request.url}") if not _is_own(request.url, own) else None)
    page.goto(address)
    yield page
    assert [] == told
    context.close()


def _is_own(url: str, own: str) -> bool:
    return url.startswith((own, "data:image/svg+xml,"))


def at(report: Path, name: str) -> str:
    return (report / f"{name}.html").as_uri()


def shown(page: Page) -> list[str]:
    """Return the names of the offerings that are shown, in their order."""
    names: list[str] = page.locator("#offerings tbody tr:visible th a").all_inner_texts()
    return names


def counted(page: Page) -> str:
    return str(page.locator("[data-count]").inner_text())


def test_a_search_shows_what_has_the_words_and_tells_how_many(browser: Any, real: Path) -> None:  # noqa: ANN401
    with opened(browser, at(real, "index")) as page:
        assert "All 76 offerings" == counted(page)
        page.get_by_label("Search").fill("OPENAI")
        assert ["OpenAI"] == shown(page)
        assert "1 of 76 offerings" == counted(page)
        page.get_by_label("Search").fill("no such provider")
        assert [] == shown(page)
        assert "0 of 76 offerings" == counted(page)
        page.get_by_role("button", name="Reset").click()
        assert 76 == len(shown(page))


def test_filters_go_together_and_unknown_passes_none_of_them(browser: Any, real: Path) -> None:  # noqa: ANN401
    with opened(browser, at(real, "index")) as page:
        page.locator("[data-filter=retention]").select_option("within")
        within = shown(page)
        page.locator("[data-filter=training]").select_option("no")
        assert 0 < len(shown(page)) <= len(within) < 76
        for row in page.locator("#offerings tbody tr:visible").all():
            assert row.locator("td").first.locator(".badge").inner_text() in {"Not stored", "30 days"}
        page.locator("[data-of-filter]").select_option("own")
        assert [] == shown(page)  # nothing of their own terms is known here
        page.get_by_role("button", name="Reset").click()
        page.get_by_label("Also not listed").check()
        assert "All 100 offerings" == counted(page)


def test_a_view_has_an_address_that_can_be_sent_on(browser: Any, real: Path) -> None:  # noqa: ANN401
    with opened(browser, at(real, "index")) as page:
        page.locator("[data-filter=retention]").select_option("none")
        page.get_by_label("Search").fill("azure")
        page.wait_for_url("**azure**")  # the address follows when typing pauses
        address, names = page.url, shown(page)
    with opened(browser, address) as page:
        assert names == shown(page) != []
        page.locator(".skip").focus()
        page.keyboard.press("Enter")
        assert (names, "none") == (shown(page), page.locator("[data-filter=retention]").input_value())


def test_a_heading_sorts_by_protection_and_says_so(browser: Any, real: Path) -> None:  # noqa: ANN401
    with opened(browser, at(real, "index")) as page:
        heading = page.locator("#offerings thead tr:last-child th").nth(1)
        heading.get_by_role("button").focus()
        page.keyboard.press("Enter")
        assert "ascending" == heading.get_attribute("aria-sort")
        kinds = page.locator("#offerings tbody tr:visible td:nth-of-type(1) .badge").all_inner_texts()
        order = ["Not stored", "30 days", "55 days", "Time not stated"]
        assert kinds == sorted(kinds, key=order.index)
        page.keyboard.press("Enter")
        assert "descending" == heading.get_attribute("aria-sort")
        kinds = page.locator("#offerings tbody tr:visible td:nth-of-type(1) .badge").all_inner_texts()
        assert kinds == sorted(kinds, key=order.index, reverse=True)
        assert 1 == page.locator("[aria-sort]").count()


def test_a_provider_opens_by_keyboard_alone(browser: Any, real: Path) -> None:  # noqa: ANN401
    with opened(browser, at(real, "index")) as page:
        page.get_by_role("link", name="OpenAI", exact=True).focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/providers/openai.html")
        assert "OpenAI" == page.get_by_role("heading", level=1).inner_text()
        page.keyboard.press("Tab")
        assert "Skip to the content" == page.evaluate("document.activeElement.textContent")
        assert page.locator(".skip").bounding_box()["y"] >= 0


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("width", [320, 360])
def test_a_narrow_screen_is_never_scrolled_sideways(browser: Any, made_up: Path, name: str, width: int) -> None:  # noqa: ANN401
    with opened(browser, at(made_up, name), viewport={"width": width, "height": 740}) as page:
        assert width >= page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.parametrize("name", ["index", "providers/openai", "providers/google-vertex", "changes", "sources"])
def test_a_real_page_is_never_scrolled_sideways(browser: Any, real: Path, name: str) -> None:  # noqa: ANN401
    with opened(browser, at(real, name), viewport={"width": 360, "height": 740}) as page:
        assert 360 >= page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", KINDS)
def test_axe_finds_nothing_serious(browser: Any, made_up: Path, name: str, scheme: str) -> None:  # noqa: ANN401
    with opened(browser, at(made_up, name), color_scheme=scheme) as page:
        _check_axe(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "providers/openai", "providers/google-vertex", "sources"])
def test_axe_finds_nothing_serious_on_real_pages(browser: Any, real: Path, name: str, scheme: str) -> None:  # noqa: ANN401
    with opened(browser, at(real, name), color_scheme=scheme, viewport={"width": 360, "height": 740}) as page:
        _check_axe(page)


def _check_axe(page: Page) -> None:
    axe = importlib.import_module("axe_playwright_python.sync_playwright").Axe()
    violations = axe.run(page, options={"preload": False}).response["violations"]
    named = {"region", "landmark-unique"}  # moderate, and a page has no excuse for them
    bad = [one for one in violations if one["impact"] in {"serious", "critical"} or one["id"] in named]
    assert [] == [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in bad]


def test_the_dark_page_is_dark_and_the_light_one_light(browser: Any, real: Path) -> None:  # noqa: ANN401
    colours = []
    for scheme in ("light", "dark"):
        with opened(browser, at(real, "index"), color_scheme=scheme) as page:
            found = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
            colours.append(sum(found))
    assert colours[0] > 600
    assert colours[1] < 120


def test_a_provider_is_printed_whole_with_day_source_and_hash(browser: Any, made_up: Path, tmp_path: Path) -> None:  # noqa: ANN401
    with opened(browser, at(made_up, "providers/p1")) as page:
        page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    printed = PdfReader(tmp_path / "page.pdf")
    assert (595, 842) == tuple(round(side) for side in printed.pages[0].mediabox[2:])
    text = "".join("".join(one.extract_text() for one in printed.pages).split())
    for part in ("Asof2026-07-01", "2026-07-01", f"{1:064x}", "ab" * 32, plain(HOSTILE[1]).replace(" ", "")):
        assert part in text
    assert "Changes" not in printed.pages[0].extract_text()[:60]  # the navigation is left out


def test_what_is_folded_away_is_printed_too(browser: Any, made_up: Path) -> None:  # noqa: ANN401
    with opened(browser, at(made_up, "index")) as page:
        table = page.locator("details table")
        assert not table.is_visible()
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert table.is_visible()
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert not table.is_visible()


def test_without_scripts_the_tables_are_plain_and_whole(browser: Any, real: Path) -> None:  # noqa: ANN401
    with opened(browser, at(real, "index"), java_script_enabled=False) as page:
        assert 100 == page.locator("#offerings tbody tr:visible").count()
        assert (0, 0) == (page.locator("[data-tools]:visible").count(), page.locator("#offerings button").count())


def test_ages_are_those_of_the_day_of_reading(browser: Any, real: Path) -> None:  # noqa: ANN401
    with opened(browser, at(real, "method")) as page:
        page.clock.install(time="2026-12-31T12:00:00Z")
        page.goto(at(real, "index"))
        assert "163 days ago" == page.locator(".asof .age").inner_text()


@pytest.mark.parametrize("name", KINDS)
def test_hostile_words_are_text_and_nothing_acts(browser: Any, made_up: Path, name: str) -> None:  # noqa: ANN401
    with opened(browser, at(made_up, name)) as page:
        page.mouse.move(200, 300)
        assert page.evaluate("window.acted === undefined")
        assert 0 == page.locator("a[href^='javascript:' i], main script, main img, iframe, [onmouseover]").count()
    with opened(browser, at(made_up, "index")) as page:
        assert sorted(map(plain, HOSTILE)) == sorted(shown(page))


def test_naughty_strings_are_shown_as_they_are(browser: Any, shared: Path, tmp_path: Path) -> None:  # noqa: ANN401
    strings = json.loads((shared / "data" / "suites" / "blns" / "blns.json").read_text(encoding="utf-8"))
    assert 515 == len(strings)
    report = make_report(publish_words(tmp_path / "catalog", strings, strings), tmp_path / "report").folder
    with opened(browser, at(report, "index")) as page:
        names = page.eval_on_selector_all("#offerings tbody th a", "found => found.map(one => one.textContent)")
        assert sorted(map(plain, strings)) == sorted(names)
    with opened(browser, at(report, "changes")) as page:
        before = page.eval_on_selector_all("td:nth-of-type(3) q", "found => found.map(one => one.textContent)")
        assert sorted(map(plain, strings)) == sorted(before)
    for number in range(0, 515, 20):
        with opened(browser, at(report, f"providers/p{number}")) as page:
            assert plain(strings[number]) == page.eval_on_selector("h1", "one => one.textContent")


def test_it_is_the_same_when_served(browser: Any, real: Path, tmp_path: Path) -> None:  # noqa: ANN401
    (tmp_path / "report").symlink_to(real)
    with ReportServer(tmp_path, 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            with opened(browser, f"{server.url}index.html") as page:
                page.get_by_label("Search").fill("openai")
                page.get_by_role("link", name="OpenAI", exact=True).click()
                page.wait_for_url("**/providers/openai.html")
                assert "OpenAI" == page.get_by_role("heading", level=1).inner_text()
        finally:
            server.shutdown()
            thread.join()


LONG = ("N" * 190, "m" * 190)


@pytest.fixture(scope="module")
def long_named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a catalog whose names are as long as a name may be, without a space."""
    folder = tmp_path_factory.mktemp("long")
    return make_report(publish_words(folder / "catalog", LONG, LONG), folder / "report").folder


_TOO_WIDE = """found => found.filter(one => one.scrollWidth > one.parentElement.clientWidth + 1)
    .map(one => [one.className, one.scrollWidth, one.parentElement.clientWidth])"""


@pytest.mark.parametrize("medium", ["screen", "print"])
@pytest.mark.parametrize("name", ["index", "changes", "sources", "providers/p0"])
def test_a_long_name_makes_no_table_wider_than_its_place(
    browser: Any,  # noqa: ANN401
    long_named: Path,
    name: str,
    medium: str,
) -> None:
    width = {"screen": 1280, "print": 1020 if name in {"changes", "sources"} else 680}[medium]
    with opened(browser, at(long_named, name), viewport={"width": width, "height": 900}) as page:
        page.emulate_media(media=medium)
        assert [] == page.eval_on_selector_all("table.lines", _TOO_WIDE)


def test_the_overview_fits_on_paper(browser: Any, real: Path) -> None:  # noqa: ANN401
    with opened(browser, at(real, "index"), viewport={"width": 680, "height": 900}) as page:
        page.emulate_media(media="print")
        assert [] == page.eval_on_selector_all("table.lines", _TOO_WIDE)


def test_a_caption_is_as_wide_as_the_screen_and_not_as_its_table(browser: Any, real: Path) -> None:  # noqa: ANN401
    with opened(browser, at(real, "index"), viewport={"width": 360, "height": 740}) as page:
        assert page.locator("#offerings-caption").bounding_box()["width"] <= 328


def test_on_paper_a_heading_parts_what_does_not_decide_from_what_does(browser: Any, made_up: Path) -> None:  # noqa: ANN401
    with opened(browser, at(made_up, "providers/p0")) as page:
        folded = "<details><summary>24 more statements that do not decide</summary><p>one</p></details>"
        page.evaluate("folded => document.querySelector('#statements').insertAdjacentHTML('afterend', folded)", folded)
        page.emulate_media(media="print")
        assert page.get_by_text("24 more statements").is_visible()
        assert page.get_by_text("one", exact=True).is_visible()
