"""What differs between two states: rows, fields, nothing else, and foreign text that stays text in every form."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from made_up_news import HOSTILE
from made_up_offerings import ONE
from markdown_it import MarkdownIt
from published_catalog import copy_of, import_newer_table
from shipped_catalog import shipped_data

from pipeline.catalog.reader import Catalog
from pipeline.catalog.records import OfferingTerms
from pipeline.cli import main
from pipeline.model import RetentionKind
from pipeline.use.diff import OBSERVED, Side, as_cells, as_facts, as_html, as_markdown, as_rows, find_differences
from pipeline.use.marked_up import in_markdown, one_line

AT = datetime(2026, 8, 1, tzinfo=UTC)


def offering(name: str, **other: object) -> OfferingTerms:
    return replace(ONE, offering_id=name, **other)  # type: ignore[arg-type]


def side(*offerings: OfferingTerms, label: str = "2026-08-01") -> Side:
    return Side(label=label, as_of=AT, offerings=offerings)


BEFORE = side(offering("a"), offering("b"), offering("c"), label="2026-07-01")
AFTER = side(
    offering("a", retention_kind=RetentionKind.PERIOD, retention_days=30, provider_name=HOSTILE),
    replace(offering("b"), observed_at=datetime(2027, 1, 1, tzinfo=UTC)),
    offering("d"),
)


def test_rows_that_came_and_went_and_fields_that_differ_are_told_and_nothing_else() -> None:
    found = find_differences(BEFORE, AFTER)
    told = [(row["offering"], row["what"], row["field"]) for row in as_rows(found)]
    expected = [("a", "changed", name) for name in ("provider_name", "retention_kind", "retention_days")]
    assert [("d", "added", None), ("c", "removed", None), *expected] == told


def test_when_a_row_was_observed_is_a_difference_only_where_it_is_asked_for() -> None:
    assert {"observed_at", "last_verified_at"} == OBSERVED
    found = find_differences(BEFORE, AFTER, with_all=True)
    assert ["observed_at"] == [row["field"] for row in as_rows(found) if row["offering"] == "b"]


def test_the_same_on_both_sides_says_so() -> None:
    found = find_differences(BEFORE, BEFORE)
    assert (True, "no differences between 2026-07-01 (as of 2026-08-01) and 2026-07-01 (as of 2026-08-01)") == (
        found.is_none,
        found.text,
    )
    assert as_markdown(found).startswith("### No differences between")
    assert "<table>" not in as_html(found)


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (side(*BEFORE.offerings, offering("d")), "1 added between"),
        (side(*BEFORE.offerings[1:]), "1 removed between"),
        (side(offering("a", can_publish=True), *BEFORE.offerings[1:]), "1 offering changed in 1 field between"),
        (AFTER, "1 added, 1 removed, 1 offering changed in 3 fields between"),
    ],
    ids=["added", "removed", "changed", "all"],
)
def test_only_what_differs_is_counted(after: Side, told: str) -> None:
    assert find_differences(BEFORE, after).text.startswith(told)


def test_links_and_places_that_one_side_does_not_know_are_counted_and_told_only_where_asked() -> None:
    places = {"terms_url": "https://a.test/terms", "headquarters": "DE"}
    before = side(offering("a", terms_url=None, headquarters=None), offering("b", headquarters="US"))
    after = side(offering("a", retention_kind="unstated", **places), offering("b", headquarters="DE"))
    found = find_differences(before, after)
    assert [("a", "retention_kind"), ("b", "headquarters")] == [
        (row["offering"], row["field"]) for row in as_rows(found)
    ]
    line = "left out: 2 values on links and places that one side does not know (--all-fields)"
    assert (line, 2) == (found.left_out, as_facts(found)["one_sided"])
    assert as_markdown(found).rstrip("\n").endswith(in_markdown(line))
    assert line in as_html(found)
    every = find_differences(before, after, with_all=True)
    assert (4, "") == (len(as_rows(every)), every.left_out)
    assert ["retention_kind", "headquarters", "terms_url"] == [one.name for one in every.changed[0].fields]


def test_back_and_forth_differ_by_the_same() -> None:
    there, back = find_differences(BEFORE, AFTER), find_differences(AFTER, BEFORE)
    assert (there.added, there.removed) == (back.removed, back.added)
    assert [(one.name, one.old, one.new) for one in there.changed[0].fields] == [
        (one.name, one.new, one.old) for one in back.changed[0].fields
    ]


@pytest.mark.fault("Q03")
def test_q03_the_page_shows_hostile_text_runs_nothing_and_asks_for_nothing() -> None:
    page = as_html(find_differences(BEFORE, AFTER))
    root = BeautifulSoup(page, "lxml")
    assert {"script", "img", "link", "a", "iframe"}.isdisjoint(
        one.name for one in root.descendants if isinstance(one, Tag)
    )
    assert one_line(HOSTILE) in [cell.get_text() for cell in root.find_all("td")]
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    policy = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'"
    assert [policy] == [one["content"] for one in root.select('meta[http-equiv="Content-Security-Policy"]')]


@pytest.mark.fault("Q05")
def test_q05_markdown_has_a_cell_for_each_value_whatever_is_in_it() -> None:
    found = find_differences(BEFORE, AFTER)
    tokens = MarkdownIt("commonmark").enable("table").parse(as_markdown(found))
    cells = [token for token in tokens if token.type == "inline"][1:]
    assert 5 * (1 + len(as_rows(found))) == len(cells)
    assert one_line(HOSTILE) in ["".join(child.content for child in cell.children or []) for cell in cells]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped catalog, and a build after it in which one provider keeps prompts for longer.

    Links of reviewed files are known from the day on which they were looked up, so they too differ between days.
    """
    folder = copy_of(shipped_data(tmp_path_factory), tmp_path_factory.mktemp("diff") / "data")
    import_newer_table(folder, days=60)
    assert 0 == main(["build", "--data", str(folder)])
    return folder


def run(data: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["diff", *arguments, "--data", str(data)])
    return (code, *capsys.readouterr())


def test_two_builds_two_days_and_a_mixture_differ_by_the_same(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = sorted(path.name for path in (data / "catalog" / "builds").iterdir())
    expected = [("google-ai-studio", "retention_days", 55, 60)]
    for sides in ((old, new), (old, "current"), ("2026-07-31", "2026-08-01"), ("2026-07-31", "current")):
        code, out, _ = run(data, capsys, *sides, "--format", "json")
        facts = json.loads(out)
        told = [
            (one["offering_id"], name, field["before"], field["since"])
            for one in facts["changed"]
            for name, field in one["fields"].items()
            if not name.endswith(("_text", "_url")) and not name.startswith("strictest_")
        ]
        assert (0, [], [], expected) == (code, facts["added"], facts["removed"], told), sides
    folder = str(data / "catalog" / "builds" / old)
    assert run(data, capsys, folder, new)[1] == run(data, capsys, old, new)[1] != ""


def test_what_is_the_same_has_no_row_and_says_so(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(data, capsys, "current", "2030-01-01")
    assert (0, "") == (code, out)
    assert err.startswith("no differences between current (as of 2026-08-01) and 2030-01-01 (as of 2026-08-01)")


def test_all_that_was_added_since_an_early_day_is_told_whole(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = json.loads(run(data, capsys, "2025-05-20", "current", "--format", "json")[1])
    with Catalog.open(data / "catalog" / "current") as catalog:
        known = {one.offering_id for one in catalog.offerings(date(2025, 5, 20), listed_only=False)}
        now = [one.offering_id for one in catalog.offerings(listed_only=False)]
    assert [one for one in now if one not in known] == [one["offering_id"] for one in facts["added"]]
    assert len(known) == facts["before"]["offering_count"] > 0


@pytest.mark.parametrize("sides", [("1999-01-01", "current"), ("current", "2025-05-19")])
def test_a_day_before_anything_is_known_is_no_state_to_differ_from(
    data: Path, capsys: pytest.CaptureFixture[str], sides: tuple[str, str]
) -> None:
    assert (4, "", "provider-terms: nothing is known before 2025-05-20\n") == run(data, capsys, *sides)


@pytest.mark.parametrize("text", ["soon", "../../etc", "20260101T000000Z-0123456789ab", "", "2026-13-01"])
def test_what_is_neither_a_day_nor_a_build_is_told(data: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    code, out, err = run(data, capsys, text, "current")
    assert (2, "", 1) == (code, out, err.count("\n"))
    assert f"'{text}' is neither a day such as 2026-07-21, nor a build, nor `current`" in err


def test_a_value_that_is_not_there_is_not_known_and_what_came_or_went_has_none() -> None:
    found = find_differences(BEFORE, side(offering("a", retention_text=None), offering("b"), offering("d")))
    assert [["d", "added", "", "", ""], ["c", "removed", "", "", ""]] == as_cells(found)[:2]
    assert [["a", "changed", "retention_text", str(ONE.retention_text), "not known"]] == as_cells(found)[2:]


NOTHING = [
    ("delisted_at", datetime(2026, 7, 4, tzinfo=UTC), "-"),
    ("retention_days", 30, "-"),
    ("strictest_retention_days", 30, "-"),
    ("retention_bound", "exact", "-"),
    ("can_publish", True, "not known"),
    ("retention_text", "Kept", "not known"),
]


@pytest.mark.parametrize(("field", "value", "expected"), NOTHING)
def test_what_does_not_apply_is_not_called_unknown(field: str, value: object, expected: str) -> None:
    found = find_differences(side(offering("a", **{field: None})), side(offering("a", **{field: value})))
    ((_, _, name, before, since),) = as_cells(found)
    assert (field, expected) == (name, before)
    assert since not in {"-", "not known"}
    assert f"| {in_markdown(expected)} |" in as_markdown(found)


def test_facts_hold_every_value_unchanged() -> None:
    changed = as_facts(find_differences(BEFORE, AFTER))["changed"]
    assert isinstance(changed, list)
    assert HOSTILE == changed[0]["fields"]["provider_name"]["since"]
