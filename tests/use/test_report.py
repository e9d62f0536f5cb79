"""A report over a published catalog: whole, the same each time, and true to the rows."""

import hashlib
import itertools
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from made_up_report import NOW, facts_of_words, find_acting, make_report, publish_words, read_pages
from published_catalog import copy_of, hashes, litter
from shipped_catalog import shipped_data
from table_rows import plain_row

from pipeline.catalog.current import find_damaged_files
from pipeline.catalog.publish import publish
from pipeline.catalog.reader import Catalog
from pipeline.catalog.validate import check_tables
from pipeline.errors import UsageError
from pipeline.model import Basis, RetentionKind, Topic
from pipeline.use.report.facts import read_facts
from pipeline.use.report.pages import Making, build_pages, provider_path
from pipeline.use.report.plots import draw_over_time, split_ages, split_retention, split_training
from pipeline.use.report.provider_page import provider_context
from schemas import TABLES

MADE = datetime(2026, 8, 20, 9, tzinfo=UTC)
Pages = dict[str, BeautifulSoup]


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_data(tmp_path_factory) / "catalog" / "current"


@pytest.fixture(scope="module")
def report(current: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_report(current, tmp_path_factory.mktemp("made") / "report", MADE).folder


@pytest.fixture(scope="module")
def pages(report: Path) -> Pages:
    return read_pages(report)


def test_there_is_a_page_for_each_provider_and_for_each_subject(current: Path, pages: Pages) -> None:
    with Catalog.open(current) as catalog:
        ids = {one.provider_id for one in catalog.offerings(listed_only=False)}
    assert len(ids) > 90
    subjects = {f"{name}.html" for name in ("index", "changes", "conflicts", "sources", "method")}
    assert subjects | {f"providers/{one}.html" for one in ids} == set(pages)


def test_every_page_tells_its_day_its_age_and_what_it_is_not(pages: Pages) -> None:
    for name, page in pages.items():
        told = page.select_one(".asof")
        assert told is not None, name
        assert (
            "As of 2026-07-21, the newest look at any source, 30 days ago. Report made on 2026-08-20."
            == told.text.strip()
        )
        foot = page.select_one(".foot")
        assert foot is not None
        assert "no legal advice" in foot.text


def test_every_link_within_the_report_leads_to_a_page_or_a_place_in_it(pages: Pages) -> None:
    seen = 0
    for name, page in pages.items():
        assert [] == find_acting(page)
        for a in page.find_all("a"):
            path, _, place = str(a["href"]).partition("#")
            if path.startswith("http"):
                continue
            target = str((Path("/") / Path(name).parent / path).as_posix()).removeprefix("/") if path else name
            target = target.replace("providers/../", "")
            assert target in pages, (name, a)
            assert not place or pages[target].find(id=place) is not None, (name, a)
            seen += 1
    assert seen > 500


def test_ids_are_unique_and_headings_go_one_level_at_a_time(pages: Pages) -> None:
    for name, page in pages.items():
        ids = [tag["id"] for tag in page.find_all(id=True)]
        assert len(set(ids)) == len(ids), name
        levels = [int(tag.name[1]) for tag in page.find_all(["h1", "h2", "h3", "h4"])]
        assert 1 == levels[0], name
        assert 1 == levels.count(1), name
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), name


def test_every_table_has_a_caption_and_scopes(pages: Pages) -> None:
    tables = [table for page in pages.values() for table in page.find_all("table")]
    assert len(tables) > 300
    for table in tables:
        assert table.caption is not None
        assert table.caption.get_text().strip()
        assert all(th.get("scope") in {"col", "row", "colgroup"} for th in table.find_all("th"))


def test_the_table_shows_each_offering_once_and_unknown_as_unknown(current: Path, pages: Pages) -> None:
    with Catalog.open(current) as catalog:
        offerings = catalog.offerings(listed_only=False)
    rows = pages["index.html"].select("#offerings tbody tr")
    assert len(offerings) == len(rows)
    assert sum(not one.is_listed for one in offerings) == sum(row.has_attr("data-delisted") for row in rows)
    for row in rows:
        is_within = "within" in str(row["data-retention-strictest"])
        assert not (is_within and str(row["data-retention-strictest"]).startswith(("unknown", "unstated", "until")))
    unknown = sum(one.provider_retention_kind is RetentionKind.UNKNOWN for one in offerings)
    shown = sum(row["data-retention-own"] == "unknown" and "Unknown" in row.select("td")[4].get_text() for row in rows)
    assert unknown == shown > 50


def test_the_page_of_a_provider_shows_the_words_the_day_the_source_and_the_hash(pages: Pages) -> None:
    page = pages["providers/google-ai-studio.html"]
    first = page.select_one(".statements .statement")
    assert first is not None
    told = " ".join(first.get_text(" ").split())
    for part in (
        "55 days",
        "The policy rests on it",
        "Retained for 55 days",
        "openrouter-docs",
        "2026-07-21",
        "30 days ago",
        "table row",
        "0accce96cd2ff988a49ba03e1e318147197d019afb37c4403674ee23076ea015",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (1, "It rests on 1 statement, whose words had last been seen on"),
        (2, "It rests on 2 statements; the words of all of them had last been seen on"),
    ],
)
def test_a_policy_tells_on_how_many_statements_it_rests(count: int, told: str) -> None:
    facts = facts_of_words(["Acme"])
    one = dict(facts.offerings[0]) | {"evidence_count": count, "last_verified_at": facts.as_of}
    making = Making(build_key=None, made_on=NOW.date(), maker="")
    page = dict(build_pages(replace(facts, offerings=[one]), making))[provider_path("p0")]
    assert told in page.decode()


def test_the_tiers_of_a_provider_share_a_page(pages: Pages) -> None:
    titles = [heading.get_text() for heading in pages["providers/google-vertex.html"].find_all("h2")]
    assert [
        "Policy of the default tier at openrouter Gateway only",
        "Policy of the free tier at openrouter Gateway only",
    ] == [" ".join(title.split()) for title in titles[:2]]


WEAK = "weak: the source prints the same words where it has no data"


def test_a_weak_value_is_called_weak_wherever_it_stands(current: Path, pages: Pages) -> None:
    with Catalog.open(current) as catalog:
        offerings = catalog.offerings()
    weak = {Topic.RETENTION: 0, Topic.TRAINING: 0}
    rows = {
        str(row.select("th a")[0]["href"]): row
        for row in pages["index.html"].select("#offerings tbody tr")
        if not row.select("th .tier")  # a tier shares its provider's page
    }
    for one in offerings:
        row = rows.get(f"providers/{one.offering_id}.html")
        for topic, basis, cell in ((Topic.RETENTION, one.retention_basis, 2), (Topic.TRAINING, one.training_basis, 3)):
            is_weak = basis is Basis.RENDERED
            weak[topic] += is_weak
            if row is not None:
                assert is_weak == row.select("td")[cell].get_text().endswith("* weak")
    assert min(weak.values()) > 40
    captions = [caption.get_text() for caption in pages["index.html"].select(".plots figcaption")]
    for caption, count in zip(captions, weak.values(), strict=False):
        assert f"Of those listed, {count} by the gateway and {count} by the strictest reading are {WEAK}." in caption
    cells = pages["providers/google-vertex.html"].select(".policy .matrix td")[1:7]
    assert [True, False, True] * 2 == [WEAK in cell.get_text().lower() for cell in cells]
    assert "Weak values" in pages["method.html"].get_text()


def test_what_no_rule_reads_is_not_called_silence_on_the_page_of_a_provider(current: Path) -> None:
    with Catalog.open(current) as catalog:
        facts = read_facts(catalog)
    kinds = {f"{side}retention_{part}" for side in ("", "provider_", "strictest_") for part in ("kind", "days")}
    unread = {name: "unknown" if name.endswith("kind") else None for name in kinds}
    unread |= {"retention_basis": "unreadable", "retention_bound": None, "retention_agreement": "unknown"}
    rows = [{**one, **unread} for one in facts.offerings if one["offering_id"] == "azure"]
    making = Making(build_key=None, made_on=MADE.date(), maker="test")
    made = dict(build_pages(replace(facts, offerings=rows), making))[provider_path("azure")]
    gateway, own, strictest = BeautifulSoup(made, "html.parser").select(".matrix tbody tr")[0].select("td")
    for cell in (gateway, strictest):
        assert "Unknown: stated in words that no rule reads." in cell.get_text()
        assert "The source says something that no rule reads" in cell.get_text()
    assert "Unknown: nothing says" in own.get_text()
    assert "Neither the gateway nor" not in strictest.get_text()


def test_a_change_to_a_weak_value_is_marked_as_the_value_is(pages: Pages) -> None:
    for name in ("changes.html", "providers/open-inference.html"):
        rows = [row for row in pages[name].select("tr") if "training changed" in row.get_text()]
        cells = [[cell.get_text().strip() for cell in row.select("td")] for row in rows]
        assert any("May be used" in row and "Not used* weak" in row for row in cells)
        assert WEAK in " ".join(caption.get_text() for caption in pages[name].select("caption"))


@pytest.mark.parametrize(("decides", "expected"), [(True, "less directly"), (False, "tells what follows on feedback")])
def test_a_statement_that_does_not_decide_says_why_as_explain_does(*, decides: bool, expected: str) -> None:
    facts = facts_of_words(["Acme"])
    (claim,) = facts.claims
    facts = replace(facts, claims=[claim, dict(claim) | {"claim_id": "another"}])
    if not decides:
        facts = replace(facts, offerings=[dict(facts.offerings[0]) | {"provider_retention_claim_id": None}])
    page = provider_context(facts, "p0")
    reasons = [one.why_not for topic in page["topics"] for one in topic.others]
    assert len(reasons) == (1 if decides else 2)
    assert all(expected in str(reason) for reason in reasons)


def test_splits_count_every_listed_offering_on_both_bases(current: Path) -> None:
    with Catalog.open(current) as catalog:
        facts = read_facts(catalog)
    for bars in (split_retention(facts.listed), split_training(facts.listed)):
        assert [len(facts.listed)] * 2 == [sum(bar.counts[series] for bar in bars) for series in range(2)]
        assert 100 == max(length for bar in bars for length in bar.lengths)
    ages = split_ages(facts.sources, date(2026, 8, 20))
    assert len(facts.sources) == sum(sum(bar.counts) for bar in ages)


def test_each_card_counts_the_conflicts_on_its_own_topic() -> None:
    facts = facts_of_words(["Acme", "Beta"])
    stand = {"agreement": "conflict", "retention_agreement": "conflict", "training_agreement": "agree"}
    facts = replace(facts, offerings=[one | {"is_listed": True} | stand for one in map(dict, facts.offerings)])
    making = Making(build_key=None, made_on=MADE.date(), maker="test")
    page = BeautifulSoup(dict(build_pages(facts, making))["index.html"], "html.parser")
    retention, training, _ = (card.text for card in page.select(".plot:has(.split) figcaption"))
    assert "2 have a statement on retention of the provider's own" in retention
    assert "0 have a statement on training of the provider's own" in training


def test_the_plot_over_time_ends_with_what_is_listed_now(current: Path) -> None:
    with Catalog.open(current) as catalog:
        facts = read_facts(catalog)
    drawn = draw_over_time(facts.history, facts.gateways_seen_at)
    assert drawn is not None
    assert facts.gateways_seen_at == drawn.until
    assert len(facts.listed) == sum(band.count for band in drawn.bands)
    assert sorted(moment for moment, _ in drawn.moments) == [moment for moment, _ in drawn.moments]
    for band in drawn.bands:
        points = [tuple(map(float, point.split(","))) for point in band.points.split()]
        assert all(0 <= x <= 720 and 0 <= y <= 200 for x, y in points)


def test_the_plot_over_time_ends_with_the_last_look_at_a_gateway(current: Path) -> None:
    with Catalog.open(current) as catalog:
        facts = read_facts(catalog)
    later = replace(facts, as_of=facts.as_of + timedelta(days=30))  # a page of a provider was seen since
    making = Making(build_key=None, made_on=MADE.date(), maker="test")
    page = BeautifulSoup(dict(build_pages(later, making))["index.html"], "html.parser")
    start, end = (one.text for one in page.select(".axis span"))
    assert ("2025-05-20", f"{facts.as_of:%Y-%m-%d}") == (start, end)
    assert later.as_of == replace(later, sources=[]).gateways_seen_at


def test_a_source_that_was_never_seen_is_not_sorted_as_one_without_rows(pages: Pages) -> None:
    cells = [cell for row in pages["sources.html"].select("#all-sources tbody tr") for cell in row.find_all("td")[4:6]]
    assert {"–"} == {cell.text for cell in cells if cell["data-sort"] == ""}
    assert all(cell["data-sort"] == cell.text for cell in cells if cell.text != "–")
    assert len({cell.text for cell in cells}) > 1


def test_landmarks_of_a_page_have_names_of_their_own(pages: Pages) -> None:
    for name, page in pages.items():
        found = [
            str(one.get("aria-label") or one.get("aria-labelledby"))
            for one in page.select("section, [role=region], [role=search], nav")
        ]
        assert sorted(set(found)) == sorted(found), name


def test_a_catalog_without_a_row_has_a_report() -> None:
    assert draw_over_time([], NOW) is None
    assert all(0 == count for bar in split_retention([]) for count in bar.counts)


def test_the_same_build_on_the_same_day_is_the_same_report_and_is_not_rewritten(current: Path, report: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in report.rglob("*")}
    again = make_report(current, report, MADE + timedelta(hours=9))
    assert (False, 103) == (again.is_new, again.page_count)
    assert before == {path: path.stat().st_mtime_ns for path in report.rglob("*")}


def test_the_stamp_holds_the_hash_of_every_other_file(report: Path) -> None:
    stamp = json.loads((report / "report.json").read_bytes())
    files = {str(path.relative_to(report)): path for path in report.rglob("*") if path.is_file()}
    for name in ("report.json", ".provider-terms"):
        files.pop(name)
    assert stamp["files"] == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a catalog of one provider is; tests only read it."""
    return publish_words(tmp_path_factory.mktemp("small") / "catalog", ["Acme"])


@pytest.mark.parametrize("harm", ["a later day", "a damaged page", "a missing page", "a broken stamp"])
def test_a_report_that_is_not_as_it_would_be_is_written_anew(small: Path, tmp_path: Path, harm: str) -> None:
    target = tmp_path / "report"
    first = make_report(small, target)
    wanted = hashes(target)
    now = NOW
    match harm:
        case "a later day":
            now, wanted = NOW + timedelta(days=1), {}
        case "a damaged page":
            (target / "index.html").write_text("damaged")
        case "a missing page":
            (target / "providers" / "p0.html").unlink()
        case _:
            (target / "report.json").write_text("[]")
    second = make_report(small, target, now)
    assert (True, True) == (first.is_new, second.is_new)
    assert not wanted or wanted == hashes(target)
    assert [] == litter(tmp_path)


def test_a_folder_of_somebody_else_is_left_as_it_is(small: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.mkdir()
    (target / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="holds something else"):
        make_report(small, target)
    assert ["thesis.txt"] == [path.name for path in target.iterdir()]


def test_a_report_beside_the_tables_is_no_damage_and_goes_with_its_build(small: Path, tmp_path: Path) -> None:
    catalog = copy_of(small.parent, tmp_path / "catalog")
    build = (catalog / "current").resolve()
    make_report(catalog / "current", build / "report")
    assert () == find_damaged_files(catalog)
    frames = check_tables({name: [plain_row(name)] for name in TABLES})
    newer = publish(catalog, frames, build_key="cd" * 32, as_of=NOW + timedelta(days=1), keep=1)
    assert [newer] == list((catalog / "builds").iterdir())
    assert [] == litter(catalog)
    make_report(catalog / "current", tmp_path / "report")
    assert make_report(small, tmp_path / "report").is_new  # of another build
