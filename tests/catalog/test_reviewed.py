"""What a reader of the published catalog relies on, on the real recordings and on small feeds of our own."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.catalog.reader import Catalog
from pipeline.cli import main
from pipeline.declarations import shipped_dir
from pipeline.errors import DeclarationError
from pipeline.model import Cause, Moment, Observation, Outcome, Training
from pipeline.refresh import add_capture, build
from pipeline.workplace import Workplace

LATER = datetime(2026, 9, 1, tzinfo=UTC)


def bring(folder: Path, source_id: str, records: list[dict[str, object]], at: datetime) -> None:
    look = Observation(source_id=source_id, moment=Moment.instant(at), outcome=Outcome.OK, origin="import")
    add_capture(Workplace(folder), look, json.dumps({"data": records}).encode())


def feed(**policy: object) -> list[dict[str, object]]:
    told = {"training": False, "retainsPrompts": False, "canPublish": False}
    return [
        {"name": f"P{number}", "displayName": f"P{number}", "slug": f"p{number}", "dataPolicy": told | policy}
        for number in range(45)
    ]


def published(folder: Path, *, with_recorded: bool = False) -> Catalog:
    build(Workplace(folder, with_recorded=with_recorded))
    return Catalog.open(folder / "catalog" / "current")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with published(tmp_path_factory.mktemp("recorded"), with_recorded=True) as catalog:
        yield catalog


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """A folder with the real feeds and list, published without the recorded captures."""
    folder = tmp_path_factory.mktemp("real")
    for name, source_id in (
        ("all-providers_2025-05-20.json", "openrouter-feed"),
        ("v1-providers_2026-05-22.json", "openrouter-providers"),
        ("all-providers_2026-07-04.json", "openrouter-feed"),
    ):
        path, day = shared / "data" / "upstream" / name, name.removesuffix(".json")[-10:]
        assert main(["import", str(path), "--source", source_id, "--captured-at", day, "--data", str(folder)]) == 0
    assert main(["build", "--no-recorded", "--data", str(folder)]) == 0
    return folder


@pytest.mark.parametrize("command", ["history", "show"])
@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_a_provider_known_by_its_identity_only_can_be_asked_for(
    real: Path, command: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "modular", "--data", str(real), "--format", form]) == 0
    assert main([command, "modular", "--data", str(real), "--format", form, "--as-of", "2026-06-01"]) == 0
    assert "delisted" not in capsys.readouterr().out.replace("delisted_at", "")


def test_an_offering_without_a_policy_is_there_at_every_day_since_it_was_seen(real: Path) -> None:
    with Catalog.open(real / "catalog" / "current") as catalog:
        now = {one.offering_id for one in catalog.offerings(listed_only=False)}
        then = {one.offering_id for one in catalog.offerings(date(2026, 7, 3), listed_only=False)}
        assert {"modular"} & then & now == {"modular"}
        assert (False, None, "unknown") == (
            catalog.get("modular").is_listed,
            catalog.get("modular").delisted_at,
            catalog.get("modular", date(2026, 6, 1)).retention_kind,
        )


def test_a_day_after_the_newest_observation_is_now(recorded: Catalog) -> None:
    today = datetime.now(UTC).date()
    assert recorded.offerings() == recorded.offerings(today)


@pytest.mark.parametrize("day", [date(2025, 6, 1), date(2025, 12, 1), date(2026, 7, 10), date(2026, 7, 14)])
def test_a_row_was_observed_at_a_capture_that_holds_it(recorded: Catalog, day: date) -> None:
    partial = datetime(2026, 7, 13, tzinfo=UTC)
    rows = recorded.offerings(day, listed_only=False)
    assert {one.offering_id for one in rows if one.observed_at == partial} <= {"open-inference"}
    assert all(one.observed_at.date() <= day for one in rows)
    gone = [one for one in rows if one.delisted_at is not None]
    assert [one.offering_id for one in gone if one.delisted_at and one.observed_at >= one.delisted_at] == []


@pytest.mark.parametrize("word", ["✓", "✕", "yes", "no", "", "-", "Does not train"])
def test_a_mark_or_a_word_under_a_feeds_key_is_never_a_statement(word: str, tmp_path: Path) -> None:
    bring(tmp_path, "openrouter-feed", [*feed(), *_one_more(training=word)], LATER)
    with published(tmp_path) as catalog:
        one = catalog.get("odd")
        assert (Training.UNKNOWN, "unreadable", word) == (one.training, one.training_basis, one.training_text)


def _one_more(**policy: object) -> list[dict[str, object]]:
    told = {"training": False, "retainsPrompts": False} | policy
    return [{"name": "Odd", "displayName": "Odd", "slug": "odd", "dataPolicy": told}]


def test_a_flag_that_a_feed_no_longer_states_does_not_hold_on(tmp_path: Path) -> None:
    bring(tmp_path, "openrouter-feed", feed(), LATER)
    fewer = feed()
    del fewer[7]["dataPolicy"]["canPublish"]  # type: ignore[attr-defined]
    bring(tmp_path, "openrouter-feed", fewer, LATER + timedelta(days=1))
    with published(tmp_path) as catalog:
        assert {"p7": None, "p8": False} == {name: catalog.get(name).can_publish for name in ("p7", "p8")}
        assert [("p7", "false", None, Cause.SOURCE_CHANGE)] == [
            (one.offering_id, one.old_value, one.new_value, one.cause) for one in catalog.changes()
        ]


def test_the_same_new_value_in_most_rows_is_one_reporting_change_whatever_held_before(tmp_path: Path) -> None:
    before = feed()
    for number, record in enumerate(before[:30]):
        record["dataPolicy"] = {"training": False, "retainsPrompts": True, "retentionDays": 30 + number % 2}
    bring(tmp_path, "openrouter-feed", before, LATER)
    bring(tmp_path, "openrouter-feed", feed(), LATER + timedelta(days=1))
    with published(tmp_path) as catalog:
        found = [one for one in catalog.changes() if one.topic == "retention"]
        assert [("reporting_change", "30 days or 31 days", "none", 30)] == [
            (one.change_kind, one.old_value, one.new_value, one.offering_count) for one in found
        ]


def test_a_provider_met_first_in_the_list_of_endpoints_is_published_and_reported_as_new(tmp_path: Path) -> None:
    bring(tmp_path, "openrouter-feed", feed(), LATER)
    endpoints: list[dict[str, object]] = [
        {"provider_name": "P1", "tag": "p1", "model_id": f"m{number}"} for number in range(30)
    ]
    newcomer: dict[str, object] = {"provider_name": "Brand New Co", "tag": "brand-new/fp8", "model_id": "m"}
    bring(tmp_path, "openrouter-zdr", [*endpoints, newcomer], LATER)
    with published(tmp_path) as catalog:
        one = catalog.get("brand new co")
        assert ("brand-new", False, "unknown") == (one.offering_id, one.is_listed, one.retention_kind)
        assert 45 == len(catalog.offerings())
        assert [{"is_reviewed": False}] == catalog.rows(
            "SELECT is_reviewed FROM providers WHERE offering_id = 'brand-new'"
        )


@pytest.mark.parametrize(
    ("file", "was", "becomes"),
    [
        ("sources/openrouter-docs.toml", "rank = 2", 'rank = "x"'),
        ("providers/mancer.toml", 'id = "mancer"', 'id = "mancer'),
    ],
)
def test_a_declaration_that_breaks_publishes_nothing_rather_than_news(
    file: str, was: str, becomes: str, tmp_path: Path
) -> None:
    kind = file.partition("/")[0]
    (tmp_path / kind).mkdir()
    for path in (shipped_dir() / kind).glob("*.toml"):
        (tmp_path / kind / path.name).write_bytes(path.read_bytes())
    text = (tmp_path / file).read_text()
    (tmp_path / file).write_text(text.replace(was, becomes))
    with pytest.raises(DeclarationError, match=f"nothing is published without {file}"):
        build(Workplace(tmp_path))


def test_a_providers_file_with_a_fault_elsewhere_still_says_who_it_is(tmp_path: Path) -> None:
    before = {one.offering_id for one in published(tmp_path, with_recorded=True).offerings(listed_only=False)}
    (tmp_path / "providers").mkdir()
    for path in (shipped_dir() / "providers").glob("*.toml"):
        (tmp_path / "providers" / path.name).write_bytes(path.read_bytes())
    mancer = tmp_path / "providers" / "mancer.toml"
    mancer.write_text(f"bogus = 1\n{mancer.read_text()}")
    work = Workplace(tmp_path)
    assert ("providers/mancer.toml: bogus: Extra inputs are not permitted",) == work.declarations.problems
    build(work)
    with Catalog.open(tmp_path / "catalog" / "current") as catalog:
        assert before == {one.offering_id for one in catalog.offerings(listed_only=False)}


REVIEWED = """\
id = "p7"
name = "P7"

[names]
api = ["P7"]

[slugs]
openrouter = ["p7"]

[headquarters]
country = "US"
seen_on = 2026-09-05
seen_in = "its register entry"
"""


@pytest.mark.fault("D15")
def test_d15_a_reviewed_fact_that_a_newer_source_contradicts_gives_way_and_that_is_told(tmp_path: Path) -> None:
    (tmp_path / "providers").mkdir()
    (tmp_path / "providers" / "p7.toml").write_text(REVIEWED)
    records = feed()
    bring(tmp_path, "openrouter-feed", records, LATER)
    with published(tmp_path) as catalog:
        assert "US" == catalog.get("p7").headquarters
        assert [] == [one for one in catalog.changes() if one.changed_at > LATER + timedelta(days=5)]
    records[7]["headquarters"] = "SE"
    bring(tmp_path, "openrouter-feed", records, LATER + timedelta(days=9))
    with published(tmp_path) as catalog:
        assert "SE" == catalog.get("p7").headquarters
        told = [one for one in catalog.changes() if one.topic == "headquarters" and one.new_value == "SE"]
        assert [("p7", "US", "openrouter-feed")] == [(one.offering_id, one.old_value, one.source_id) for one in told]
