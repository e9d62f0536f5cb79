import csv
import hashlib
import shutil
import socket
from pathlib import Path

import duckdb
import pytest
from published_catalog import build_recorded, check_whole, copy_of, days_of, hashes, import_newer_table, litter

from pipeline.declarations import shipped_dir
from pipeline.errors import CatalogError
from pipeline.refresh import add_capture, build
from pipeline.workplace import Workplace
from schemas import TABLES, view


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the recorded captures and an imported one published; tests that write use a copy."""
    folder = tmp_path_factory.mktemp("whole")
    import_newer_table(folder, days=60)
    assert build_recorded(folder).is_new_build
    return folder


@pytest.fixture(scope="module")
def connection(data: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str((data / "catalog" / "current" / "catalog.duckdb").resolve()), read_only=True)


def outputs(data: Path) -> dict[str, str]:
    """Return the hashes of the Parquet and CSV files of the current build."""
    found = hashes((data / "catalog" / "current").resolve())
    return {path: digest for path, digest in found.items() if path.startswith(("parquet/", "csv/"))}


def stats(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Return inode, time and size of all that lies in a folder, links themselves."""
    paths = (folder, *folder.rglob("*"))
    return {str(path): (facts.st_ino, facts.st_mtime_ns, facts.st_size) for path in paths for facts in [path.lstat()]}


def without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a build needs no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.fault("W15")
def test_w15_a_rebuild_from_captures_alone_is_the_same_to_the_byte(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_network(monkeypatch)
    elsewhere = tmp_path / "other place"
    (elsewhere / "archive").mkdir(parents=True)
    shutil.copytree(data / "archive" / "captures", elsewhere / "archive" / "captures")
    shutil.copy(data / "archive" / "observations.jsonl", elsewhere / "archive")
    assert build_recorded(elsewhere).is_new_build
    assert 2 * len(TABLES) == len(outputs(data))
    assert outputs(data) == outputs(elsewhere)
    assert (data / "catalog" / "current").readlink() == (elsewhere / "catalog" / "current").readlink()


@pytest.mark.fault("W15")
def test_w15_a_catalog_that_was_lost_is_rebuilt_the_same_to_the_byte(data: Path, tmp_path: Path) -> None:
    copy = copy_of(data, tmp_path / "data")
    shutil.rmtree(copy / "catalog")
    assert build_recorded(copy).is_new_build
    assert outputs(data) == outputs(copy)


@pytest.mark.fault("W16")
def test_w16_a_build_of_the_same_archive_rewrites_nothing(data: Path) -> None:
    before = stats(data)
    outcomes = build_recorded(data)
    assert not outcomes.is_new_build
    assert data / "catalog" / "current" == outcomes.catalog
    assert before == stats(data)


@pytest.mark.fault("W16")
def test_w16_a_further_look_at_the_same_bytes_publishes_nothing(data: Path, tmp_path: Path) -> None:
    copy = copy_of(data, tmp_path / "data")
    before = stats(copy / "catalog")
    (look,) = Workplace(copy).archive.observations()
    add_capture(Workplace(copy), look, Workplace(copy).read_body(str(look.capture_id)))
    assert not build_recorded(copy).is_new_build
    assert before == stats(copy / "catalog")


def test_a_new_capture_makes_a_new_build_beside_the_old(data: Path, tmp_path: Path) -> None:
    copy = copy_of(data, tmp_path / "data")
    before = (copy / "catalog" / "current").resolve()
    kept = hashes(before)
    import_newer_table(copy, days=45)
    assert build_recorded(copy).is_new_build
    assert (copy / "catalog" / "current").resolve() != before
    assert (kept, 45, []) == (hashes(before), days_of(copy / "catalog"), litter(copy))
    check_whole(copy / "catalog")


def test_a_folder_without_a_capture_publishes_nothing_and_says_why(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="nothing to publish: openrouter-feed never_seen"):
        build(Workplace(tmp_path, with_recorded=False))
    assert not (tmp_path / "catalog").exists()


def test_every_table_but_those_without_a_source_holds_rows(connection: duckdb.DuckDBPyConnection) -> None:
    counts = {name: len(connection.execute(f"SELECT * FROM {name}").fetchall()) for name in TABLES}
    without = {"zdr_endpoints", "conflicts", "quarantine", "provider_policy_history"}  # no terms page is recorded
    assert without >= {name for name, count in counts.items() if not count}
    assert 76 <= counts["policies"] == counts["providers"]
    assert 8 == counts["observations"]


@pytest.mark.parametrize("topic", ["retention", "training"])
def test_every_policy_reaches_a_capture_through_its_evidence(
    data: Path, connection: duckdb.DuckDBPyConnection, topic: str
) -> None:
    recorded = {
        hashlib.sha256(path.read_bytes()).hexdigest(): path.read_text(encoding="utf-8")
        for path in (shipped_dir() / "recorded").rglob("*.md")
    }
    work = Workplace(data)
    sql = (
        f"SELECT p.offering_id, c.offering_id, c.topic, c.capture_id, c.quote, c.text, c.locator, c.source_id "
        f"FROM policies AS p LEFT JOIN claims AS c ON c.claim_id = p.{topic}_claim_id"
    )
    rows = connection.execute(sql).fetchall()
    assert len(rows) >= 76
    seen = set()
    for offering_id, owner, found, capture_id, quote, text, locator, source_id in rows:
        assert (offering_id, topic) == (owner, found)
        if capture_id not in recorded:
            assert [capture_id] == [look.capture_id for look in work.archive.observations()]
        body = recorded.get(capture_id) or work.read_body(capture_id).decode()
        assert quote
        assert text in quote
        number = int(locator.removeprefix("table row ").partition(",")[0])
        lines = [line for line in body.splitlines() if line.startswith("| ")][2:]
        assert quote in lines[number - 1]
        assert "openrouter-docs" == source_id
        seen.add(capture_id in recorded)
    assert {True, False} == seen


def test_every_recorded_capture_is_an_observation_with_its_hash(connection: duckdb.DuckDBPyConnection) -> None:
    bodies = [path.read_bytes() for path in (shipped_dir() / "recorded").rglob("*.md")]
    found = connection.execute("SELECT capture_id FROM observations WHERE origin = 'recorded'").fetchall()
    assert bodies
    assert sorted(hashlib.sha256(body).hexdigest() for body in bodies) == sorted(capture for (capture,) in found)


def test_the_last_interval_of_history_is_the_policy(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    sql = """
        SELECT p.offering_id FROM policies AS p
        LEFT JOIN policy_history AS h USING (gateway_id, offering_id)
        WHERE p.is_listed AND h.valid_to IS NULL
          AND (h.retention_kind, h.training, h.retention_text) = (p.retention_kind, p.training, p.retention_text)
          AND h.retention_days IS NOT DISTINCT FROM p.retention_days
    """
    listed = connection.execute("SELECT offering_id FROM policies WHERE is_listed ORDER BY 1").fetchall()
    assert len(listed) >= 76
    assert listed == sorted(connection.execute(sql).fetchall())


def test_the_view_as_of_a_later_moment_is_the_view(connection: duckdb.DuckDBPyConnection) -> None:
    of_now = {"staleness_days", "as_of_at", "is_reviewed", "retention_claim_id", "training_claim_id"}
    of_now |= {"evidence_count", "last_verified_at"}
    shared = [column for column in view.TABLE_OF if column not in of_now]
    now = connection.execute(f"SELECT {', '.join(shared)} FROM provider_terms WHERE is_listed").fetchall()
    as_of = connection.execute(
        f"SELECT {', '.join(shared)} FROM provider_terms_as_of(TIMESTAMP '2099-01-01') WHERE is_listed"
    ).fetchall()
    assert len(now) >= 76
    assert now == as_of


def test_as_of_a_moment_evidence_is_told_where_the_providers_pages_said_nothing_and_as_the_view_tells_it(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    sql = """
        SELECT t.provider_retention_kind = 'unknown' AND t.provider_training = 'unknown'
               AND t.zdr_available = 'none_stated' AS is_silent,
            now.evidence_count, now.last_verified_at, t.evidence_count, t.last_verified_at
        FROM provider_terms_as_of(TIMESTAMP '2099-01-01') AS t
        JOIN provider_terms AS now USING (gateway_id, offering_id)
    """
    rows = connection.execute(sql).fetchall()
    assert len([row for row in rows if row[0] and row[1]]) >= 70
    assert all(row[1:3] == row[3:] for row in rows if row[0])


def test_the_view_as_of_an_earlier_moment_shows_what_held_then(connection: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT retention_days FROM provider_terms_as_of(?) WHERE offering_id = 'google-ai-studio'"
    moments = {"2026-07-31 23:59:59": 55, "2026-08-01 09:59:59": 55, "2026-08-01 10:00:00": 60}
    assert moments == {at: connection.execute(sql, [at]).fetchall()[0][0] for at in moments}
    assert [] == connection.execute(sql, ["2025-05-19 23:59:59"]).fetchall()


def test_rows_are_sorted_by_key_in_every_output(data: Path) -> None:
    for name in ("policies", "providers", "claims", "policy_history", "attribute_history", "sources"):
        keys = list((TABLES[name].metadata or {})["key"])
        with (data / "catalog" / "current" / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            found = [tuple(row[key] for key in keys) for row in csv.DictReader(file)]
        assert found
        assert sorted(found) == found


def test_a_damaged_catalog_is_built_anew_though_the_archive_is_unchanged(data: Path, tmp_path: Path) -> None:
    folder = copy_of(data, tmp_path / "data")
    assert not build_recorded(folder).is_new_build
    database = folder / "catalog" / "current" / "catalog.duckdb"
    database.write_bytes(database.read_bytes()[:-1])
    assert build_recorded(folder).is_new_build
    check_whole(folder / "catalog")
    assert not build_recorded(folder).is_new_build
