"""Catalog, the Python API: typed, as of any day, and never half of a build."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest
from shipped_catalog import shipped_data

from pipeline import Catalog
from pipeline.catalog import engine
from pipeline.catalog.reader import ChangeRecord, OfferingTerms, PolicyInterval
from pipeline.cli import main
from pipeline.errors import CatalogError, NotFoundError
from pipeline.model import Basis, RetentionKind, Tier, Training
from pipeline.use.export.extract import read_extract
from pipeline.use.report.facts import read_facts
from pipeline.use.selection import Selection

FIRST_TABLE = date(2025, 7, 31)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_data(tmp_path_factory) / "catalog" / "current"


@pytest.fixture
def catalog(folder: Path) -> Iterator[Catalog]:
    with Catalog.open(folder) as opened:
        yield opened


def test_offerings_are_typed_and_sorted(catalog: Catalog) -> None:
    offerings = catalog.offerings()
    assert 76 == len(offerings)
    assert sorted(one.offering_id for one in offerings) == [one.offering_id for one in offerings]
    assert {OfferingTerms} == {type(one) for one in offerings}
    one = next(one for one in offerings if one.offering_id == "openai")
    assert (RetentionKind.UNSTATED, None) == (one.retention_kind, one.retention_days)
    assert (Training.NO, Basis.RENDERED, Tier.DEFAULT) == (one.training, one.training_basis, one.tier)
    assert datetime(2026, 7, 21, tzinfo=UTC) == one.observed_at
    assert [RetentionKind, Training, Tier, Basis] == [
        type(value) for value in (one.retention_kind, one.training, one.tier, one.retention_basis)
    ]


MOMENTS = [
    FIRST_TABLE,
    datetime(2025, 7, 31, tzinfo=UTC),
    datetime(2025, 7, 31, 23, 59, tzinfo=UTC),
    datetime(2025, 7, 31, 12),  # noqa: DTZ001 - without a zone it is UTC
    datetime(2025, 7, 31, 5, 45, tzinfo=timezone(timedelta(hours=5, minutes=45))),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_as_of_takes_a_date_and_a_moment_of_any_zone(catalog: Catalog, moment: date) -> None:
    days = Counter(one.retention_days for one in catalog.offerings(moment))
    assert {0: 21, None: 29, 30: 6, 55: 2, 1: 1} == dict(days)


def test_a_moment_before_midnight_utc_is_the_day_before(catalog: Catalog) -> None:
    before = datetime(2025, 7, 31, 5, 44, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    assert 30 == catalog.get("openai", before).retention_days
    assert catalog.get("openai", FIRST_TABLE).retention_days is None


def test_nothing_is_known_before_the_first_capture(catalog: Catalog) -> None:
    assert catalog.offerings(date(2025, 5, 20))
    with pytest.raises(NotFoundError, match=r"nothing is known before 2025-05-20\Z"):
        catalog.offerings(date(2025, 5, 19), listed_only=False)


NAMES = [
    ("openai", "openai"),
    ("OPENAI", "openai"),
    ("  OpenAI ", "openai"),
    ("Google Vertex (free)", "google-vertex:free"),
    ("google-vertex:free", "google-vertex:free"),
    ("GOOGLE VERTEX", "google-vertex"),
    ("Weights & Biases", "wandb"),
    ("Nebius Token Factory", "nebius"),
    ("z.ai", "z-ai"),
]


@pytest.mark.parametrize(("name", "expected"), NAMES)
def test_get_takes_any_name_in_any_case(catalog: Catalog, name: str, expected: str) -> None:
    assert expected == catalog.get(name).offering_id


@pytest.mark.fault("Q07", "Q11", "Q12")
@pytest.mark.parametrize("name", ["", "nobody at all", "' OR '1'='1", "../../x", "CON", "x" * 300, "\x00", "%", "*"])
def test_q12_an_unknown_name_is_not_found_and_never_means_no_retention(catalog: Catalog, name: str) -> None:
    for ask in (catalog.get, catalog.find, catalog.history, catalog.resolve):
        with pytest.raises(NotFoundError, match="is not in the catalog"):
            ask(name)


def test_not_found_names_the_nearest_ones(catalog: Catalog) -> None:
    with pytest.raises(NotFoundError, match=r"^'opneai' is not in the catalog; nearest: openai"):
        catalog.get("opneai")


def test_what_was_first_seen_later_is_not_found_on_a_day_before(catalog: Catalog) -> None:
    with pytest.raises(NotFoundError, match=r"^'akashml' was not known on 2025-07-31: it was first seen later$"):
        catalog.get("akashml", FIRST_TABLE)


def test_history_is_half_open_without_gaps_and_the_last_interval_holds(catalog: Catalog) -> None:
    intervals = catalog.history("azure")
    assert {PolicyInterval} == {type(one) for one in intervals}
    assert [one.valid_from for one in intervals[1:]] == [one.valid_to for one in intervals[:-1]]
    assert intervals[-1].valid_to is None
    assert [0, 30, 0] == [one.retention_days for one in intervals]


def test_history_as_of_a_day_knows_no_later_end(catalog: Catalog) -> None:
    (only,) = catalog.history("openai", date(2025, 7, 30))
    assert (30, None) == (only.retention_days, only.valid_to)
    first, second = catalog.history("openai", date(2025, 7, 31))
    assert (second.valid_from, None) == (first.valid_to, second.valid_to)


def test_changes_are_typed_newest_first_and_bounded_by_both_days(catalog: Catalog) -> None:
    changes = catalog.changes(since=date(2026, 7, 13), until=date(2026, 7, 15))
    assert {ChangeRecord} == {type(one) for one in changes}
    assert [date(2026, 7, 15)] * 4 + [date(2026, 7, 13)] * 2 == [one.changed_at.date() for one in changes]
    assert len(catalog.changes()) == len(catalog.changes(date.min, date.max))
    assert [] == catalog.changes(since=date(2027, 1, 1))


def test_values_are_bound_and_never_part_of_the_sql(catalog: Catalog) -> None:
    hostile = "x'); DROP TABLE providers; --"
    assert [{"text": hostile}] == catalog.rows("SELECT ? AS text", [hostile])
    assert 76 == len(catalog.offerings())


def test_a_folder_without_a_catalog_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="run `provider-terms refresh` or `provider-terms build` first"):
        Catalog.open(tmp_path)


@pytest.mark.parametrize("body", [b"", b"not a database", b"\0" * 100_000], ids=["empty", "text", "zeros"])
def test_a_damaged_file_is_a_catalog_error_that_names_it(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "catalog.duckdb").write_bytes(body)
    with pytest.raises(CatalogError, match=r"catalog\.duckdb"), Catalog.open(tmp_path) as opened:
        opened.offerings()


def test_a_file_that_lost_its_second_half_is_a_catalog_error(tmp_path: Path, folder: Path) -> None:
    whole = (folder / "catalog.duckdb").read_bytes()
    (tmp_path / "catalog.duckdb").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CatalogError, match="remove its folder"):
        _read_all(tmp_path)


def _read_all(folder: Path) -> None:
    with Catalog.open(folder) as opened:
        opened.offerings()
        opened.changes()
        opened.rows("SELECT * FROM claims")
        opened.rows("SELECT * FROM policy_history")


def test_a_catalog_of_another_version_says_to_build_anew(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "catalog.duckdb")) as connection:
        connection.execute("CREATE VIEW provider_terms AS SELECT 'x' AS offering_id, true AS is_listed")
    with (
        Catalog.open(tmp_path) as opened,
        pytest.raises(CatalogError, match=r"does not hold what this version reads .*: run `provider-terms build`"),
    ):
        opened.offerings()


@pytest.mark.parametrize("hand_over", [read_facts, lambda opened: read_extract(opened, Selection())])
def test_what_is_handed_over_whole_is_not_taken_from_a_catalog_that_lacks_columns(
    tmp_path: Path, folder: Path, hand_over: Callable[[Catalog], object]
) -> None:
    shutil.copy(folder / "catalog.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "catalog.duckdb")) as connection:
        connection.execute("CREATE OR REPLACE VIEW provider_terms AS SELECT 'x' AS offering_id, now() AS as_of_at")
    with Catalog.open(tmp_path) as opened, pytest.raises(CatalogError, match=r"this version reads .*training"):
        hand_over(opened)


def test_the_reader_writes_nothing_and_reaches_no_file(catalog: Catalog) -> None:
    for sql in (
        "CREATE TABLE t (a INT)",
        "DELETE FROM providers",
        "FROM read_text('/etc/hostname')",
        "SET threads = 1",
    ):
        with pytest.raises(CatalogError, match="cannot be read"):
            catalog.rows(sql)


HOSTILE_NAMES = [
    'O\'Reilly "AI"',
    "'; DROP TABLE providers; --",
    "x\x1b[31m",
    "Robert');",
    "NA",
    "null",
    "[red]x[/red]",
]


@pytest.mark.fault("Q07", "D08")
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_q07_a_hostile_provider_name_is_found_by_its_name(tmp_path: Path, folder: Path, name: str) -> None:
    target = tmp_path / "catalog.duckdb"
    target.write_bytes((folder / "catalog.duckdb").read_bytes())
    with duckdb.connect(str(target)) as connection:
        connection.execute(
            "UPDATE providers SET provider_name = ?, names = [?] WHERE offering_id = 'openai'", [name] * 2
        )
    with Catalog.open(tmp_path) as opened:
        assert ("openai", name) == (opened.get(name).offering_id, opened.get(name).provider_name)
        assert 2 == len(opened.history(name))


def test_an_open_handle_keeps_its_build_and_a_new_one_sees_the_new(tmp_path: Path, folder: Path) -> None:
    older, newer = (tmp_path / "builds" / name for name in ("a", "b"))
    for build in (older, newer):
        build.mkdir(parents=True)
        (build / "catalog.duckdb").write_bytes((folder / "catalog.duckdb").read_bytes())
    with duckdb.connect(str(newer / "catalog.duckdb")) as connection:
        connection.execute("UPDATE providers SET provider_name = 'Renamed' WHERE offering_id = 'openai'")
    current = tmp_path / "current"
    current.symlink_to(older)
    with Catalog.open(current) as before:
        (tmp_path / "next").symlink_to(newer)
        (tmp_path / "next").replace(current)
        with Catalog.open(current) as after:
            assert ["OpenAI", "Renamed"] == [one.get("openai").provider_name for one in (before, after)]


def test_a_rebuild_from_fewer_captures_leaves_an_open_handle_alone(tmp_path: Path) -> None:
    assert 0 == main(["build", "--data", str(tmp_path)])
    with Catalog.open(tmp_path / "catalog" / "current") as before:
        (tmp_path / "providers").mkdir()
        (tmp_path / "providers" / "openai.toml").write_text('id = "openai"\nname = "OpenAI"\n', encoding="utf-8")
        assert 0 == main(["build", "--data", str(tmp_path)])
        with Catalog.open(tmp_path / "catalog" / "current") as after:
            assert [True, False] == [one.get("openai").headquarters == "US" for one in (before, after)]
            assert before.path != after.path


def test_the_engine_that_reads_is_that_of_the_package() -> None:
    assert (duckdb.connect, duckdb.Error, duckdb.DuckDBPyConnection) == (
        engine.connect,
        engine.Error,
        engine.Connection,
    )
