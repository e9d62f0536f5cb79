import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from patience import wait_for
from published_catalog import build_recorded, check_whole, copy_of, days_of, hashes, import_newer_table, litter
from table_rows import plain_row

from pipeline.catalog.publish import KEPT_BUILDS, publish
from pipeline.catalog.reader import Catalog
from pipeline.catalog.ready import READY
from pipeline.catalog.validate import check_tables
from pipeline.errors import CatalogError
from schemas import TABLES, view
from schemas.columns import key_of, type_of

START = datetime(2026, 7, 1, tzinfo=UTC)
Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the recorded captures published; tests that write use a copy."""
    folder = tmp_path_factory.mktemp("recorded")
    build_recorded(folder)
    return folder


@pytest.fixture(scope="module")
def frames() -> Frames:
    return check_tables({name: [plain_row(name)] for name in TABLES})


def put(catalog: Path, frames: Frames, number: int = 0, *, keep: int = KEPT_BUILDS) -> Path:
    """Publish a build that differs from others by its number."""
    as_of = START + timedelta(days=number)
    return publish(catalog, frames, build_key=f"{number:064x}", as_of=as_of, keep=keep)


def builds(catalog: Path) -> list[str]:
    return sorted(path.name for path in (catalog / "builds").iterdir())


@contextmanager
def open_database(catalog: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str((catalog / "current" / "catalog.duckdb").resolve()), read_only=True) as connection:
        yield connection


def test_current_is_a_relative_link_to_a_whole_build(data: Path) -> None:
    link = data / "catalog" / "current"
    assert not link.readlink().is_absolute()
    assert (data / "catalog" / "builds").resolve() == link.resolve().parent
    assert check_whole(data / "catalog") in builds(data / "catalog")
    assert 2 * len(TABLES) + len(READY) + 2 == len(hashes(link.resolve()))


def test_a_data_folder_that_was_moved_is_still_whole(data: Path, tmp_path: Path) -> None:
    check_whole(copy_of(data, tmp_path / "elsewhere") / "catalog")


def test_a_build_leaves_no_temporary_file_and_no_write_ahead_log(data: Path) -> None:
    assert [] == litter(data)


@pytest.mark.parametrize("name", ['it\'s a "folder"', "space ünïcode", "semi;colon -- DROP"])
@pytest.mark.fault("W10")
def test_w10_a_folder_may_have_any_name(frames: Frames, tmp_path: Path, name: str) -> None:
    put(tmp_path / name, frames)
    check_whole(tmp_path / name)


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077, 0o002], ids=oct)
def test_permissions_are_what_the_umask_leaves(frames: Frames, tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        build = put(tmp_path / "catalog", frames)
    finally:
        os.umask(before)
    paths = [tmp_path / "catalog", build.parent, build, *build.rglob("*")]
    expected = {path: (0o777 if path.is_dir() else 0o666) & ~mask for path in paths}
    assert 2 * len(TABLES) + len(READY) + 2 == len([path for path in paths if path.is_file()])
    assert expected == {path: stat.S_IMODE(path.stat().st_mode) for path in paths}


def test_only_the_last_builds_are_kept_and_the_newest_is_current(frames: Frames, tmp_path: Path) -> None:
    made = [put(tmp_path, frames, number, keep=2).name for number in range(4)]
    assert made[-2:] == builds(tmp_path)
    assert made[-1] == check_whole(tmp_path)


def test_ten_builds_are_kept_unless_told_otherwise(frames: Frames, tmp_path: Path) -> None:
    made = [f"20260601T000000Z-{number:012d}" for number in range(10)]
    for age, name in enumerate(reversed(made)):
        (tmp_path / "builds" / name).mkdir(parents=True)
        os.utime(tmp_path / "builds" / name, (1_700_000_000 - age, 1_700_000_000 - age))
    newest = put(tmp_path, frames).name
    assert [*made[1:], newest] == builds(tmp_path)
    assert 10 == len(builds(tmp_path)) == KEPT_BUILDS


def test_one_kept_build_is_the_current_one(frames: Frames, tmp_path: Path) -> None:
    put(tmp_path, frames, 0)
    newest = put(tmp_path, frames, 1, keep=1).name
    assert [newest] == builds(tmp_path)
    assert newest == check_whole(tmp_path)


def test_an_older_build_published_anew_is_not_dropped_for_its_age(frames: Frames, tmp_path: Path) -> None:
    put(tmp_path, frames, 5)
    older = put(tmp_path, frames, 1, keep=1).name
    assert older == check_whole(tmp_path)


def _broken(frames: Frames) -> Frames:
    return {**frames, "quarantine": pd.concat([frames["quarantine"]] * 2)}


def test_a_table_that_duckdb_refuses_leaves_the_published_catalog_and_no_litter(frames: Frames, tmp_path: Path) -> None:
    name = put(tmp_path, frames).name
    before = hashes(tmp_path)
    with pytest.raises(CatalogError, match="the catalog cannot be written: Constraint Error") as caught:
        put(tmp_path, _broken(frames), 1)
    assert "\n" not in str(caught.value)
    assert (name, before, []) == (check_whole(tmp_path), hashes(tmp_path), litter(tmp_path))


def test_a_table_that_is_missing_leaves_the_published_catalog_and_no_litter(frames: Frames, tmp_path: Path) -> None:
    name = put(tmp_path, frames).name
    before = hashes(tmp_path)
    with pytest.raises(CatalogError, match="claims does not exist"):
        put(tmp_path, {table: frame for table, frame in frames.items() if table != "claims"}, 1)
    assert (name, before, []) == (check_whole(tmp_path), hashes(tmp_path), litter(tmp_path))


def test_a_first_build_that_fails_publishes_nothing(frames: Frames, tmp_path: Path) -> None:
    with pytest.raises(CatalogError):
        put(tmp_path, _broken(frames))
    assert not (tmp_path / "current").is_symlink()
    assert [] == builds(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes into read-only folders")
def test_a_read_only_folder_leaves_the_published_catalog(frames: Frames, tmp_path: Path) -> None:
    name = put(tmp_path, frames).name
    (tmp_path / "builds").chmod(0o555)
    try:
        with pytest.raises(PermissionError):
            put(tmp_path, frames, 1)
    finally:
        (tmp_path / "builds").chmod(0o755)
    assert name == check_whole(tmp_path)


def test_a_flip_that_fails_leaves_the_published_catalog(frames: Frames, tmp_path: Path) -> None:
    name = put(tmp_path, frames).name
    shutil.copytree(tmp_path / "builds", tmp_path / "aside")
    (tmp_path / "current").unlink()
    (tmp_path / "current").mkdir()  # a link cannot replace a folder
    with pytest.raises(OSError, match="current"):
        put(tmp_path, frames, 1)
    assert hashes(tmp_path / "aside" / name) == hashes(tmp_path / "builds" / name)
    (tmp_path / "current").rmdir()
    assert put(tmp_path, frames, 1).name == check_whole(tmp_path)
    assert [] == litter(tmp_path)


def test_litter_of_a_killed_build_is_cleared_by_the_next(frames: Frames, tmp_path: Path) -> None:
    put(tmp_path, frames)
    (tmp_path / "builds" / ".tmp-20260701T000000Z-abc-1" / "csv").mkdir(parents=True)
    (tmp_path / "builds" / ".tmp-20260701T000000Z-abc-1" / "csv" / "claims.csv").write_text("half")
    (tmp_path / ".tmp-current-1").symlink_to("builds/gone")
    put(tmp_path, frames, 1)
    assert [] == litter(tmp_path)
    assert 2 == len(builds(tmp_path))


def test_a_build_that_was_renamed_but_never_published_is_replaced(frames: Frames, tmp_path: Path) -> None:
    orphan = put(tmp_path / "other", frames, 1)
    put(tmp_path / "catalog", frames)
    shutil.copytree(orphan, tmp_path / "catalog" / "builds" / orphan.name)
    (tmp_path / "catalog" / "builds" / orphan.name / "stray").write_text("x")
    assert orphan.name == put(tmp_path / "catalog", frames, 1).name
    check_whole(tmp_path / "catalog")


@pytest.mark.fault("W13")
def test_w13_a_published_build_is_never_taken_away_to_make_room_for_itself(frames: Frames, tmp_path: Path) -> None:
    first = put(tmp_path, frames)
    (first / "datapackage.json").write_text("{")  # so that the next build is made, from the same inputs
    second = put(tmp_path, frames)
    assert first != second
    assert first.is_dir()
    assert second.name == check_whole(tmp_path)
    third = put(tmp_path, frames)
    assert (first, first.name) == (third, check_whole(tmp_path))


@pytest.mark.fault("W07")
def test_w07_an_open_catalog_goes_on_and_a_new_one_sees_the_new_build(data: Path, tmp_path: Path) -> None:
    copy = copy_of(data, tmp_path / "data")
    current = copy / "catalog" / "current"
    with Catalog.open(current) as old:
        assert 55 == old.get("google-ai-studio").retention_days
        import_newer_table(copy, days=60)
        build_recorded(copy)
        assert 55 == old.get("google-ai-studio").retention_days
        with Catalog.open(current) as new:
            assert 60 == new.get("google-ai-studio").retention_days
    assert 60 == days_of(copy / "catalog")


@pytest.mark.fault("W07")
def test_w07_a_reader_outlives_the_build_that_it_reads(frames: Frames, tmp_path: Path) -> None:
    put(tmp_path, frames)
    with open_database(tmp_path) as connection:
        put(tmp_path, frames, 1, keep=1)
        assert 1 == len(builds(tmp_path))
        for name in TABLES:
            assert 1 == len(connection.execute(f"SELECT * FROM {name}").fetchall())


@pytest.mark.fault("W07")
def test_w07_current_leads_to_a_catalog_at_every_moment(frames: Frames, tmp_path: Path) -> None:
    put(tmp_path, frames)
    looks: list[OSError | None] = []
    is_over = threading.Event()

    def look() -> None:
        while not is_over.is_set():
            try:
                (tmp_path / "current" / "datapackage.json").read_bytes()
                looks.append(None)
            except OSError as error:
                looks.append(error)

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        for number in range(1, 4):
            seen = len(looks)
            put(tmp_path, frames, number)
            wait_for(lambda enough=seen + 100: looking.done() or len(looks) > enough)  # type: ignore[misc]
        is_over.set()
        looking.result()
    assert [] == [error for error in looks if error is not None]


@pytest.mark.fault("W07")
def test_w07_another_process_that_opens_the_link_sees_the_new_build(data: Path, tmp_path: Path) -> None:
    copy = copy_of(data, tmp_path / "data")
    code = (
        "import duckdb, sys; connection = duckdb.connect(sys.argv[1], read_only=True); "
        "print(connection.execute('SELECT max(retention_days) FROM policies').fetchall())"
    )
    command = [sys.executable, "-c", code, str(copy / "catalog" / "current" / "catalog.duckdb")]
    assert "[(55,)]\n" == subprocess.run(command, check=True, capture_output=True, text=True).stdout
    import_newer_table(copy, days=60)
    build_recorded(copy)
    assert "[(60,)]\n" == subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.fault("Q09")
def test_q09_the_database_is_written_in_the_oldest_format_that_duckdb_1_reads(data: Path) -> None:
    path = data / "catalog" / "current" / "catalog.duckdb"
    header = path.read_bytes()[:20]
    assert b"DUCK" == header[8:12]
    assert 64 == int.from_bytes(header[12:20], "little")  # the storage version of DuckDB 0.9 to 1.1
    with open_database(data / "catalog") as connection:
        sql = "SELECT tags['storage_version'] FROM duckdb_databases() WHERE NOT internal"
        ((version,),) = connection.execute(sql).fetchall()
    assert str(version).startswith("v1.0.0")


def test_every_column_of_the_database_has_its_type_and_comment_in_order(data: Path) -> None:
    sql = (
        "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = ? AND NOT internal "
        "ORDER BY column_index"
    )
    with open_database(data / "catalog") as connection:
        for name, schema in TABLES.items():
            expected = [
                (column, type_of(schema, column).sql, str(declared.description))
                for column, declared in schema.columns.items()
            ]
            assert expected == connection.execute(sql, [name]).fetchall()
        terms = [
            (column, type_of(TABLES[table], column).sql, str(TABLES[table].columns[column].description))
            for column, table in view.TABLE_OF.items()
        ]
        assert terms == connection.execute(sql, [view.VIEW]).fetchall()


def test_every_table_and_the_view_have_a_comment(data: Path) -> None:
    with open_database(data / "catalog") as connection:
        tables = connection.execute("SELECT table_name, comment FROM duckdb_tables()").fetchall()
        views = connection.execute("SELECT view_name, comment FROM duckdb_views() WHERE NOT internal").fetchall()
    assert {name: str(schema.description) for name, schema in TABLES.items()} == dict(tables)
    assert [(view.VIEW, view.DESCRIPTION)] == views


def test_every_table_has_the_primary_key_of_its_contract(data: Path) -> None:
    sql = "SELECT table_name, constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'"
    with open_database(data / "catalog") as connection:
        found = {name: tuple(columns) for name, columns in connection.execute(sql).fetchall()}
    assert {name: key_of(schema) for name, schema in TABLES.items()} == found


def test_parquet_holds_what_the_database_holds_in_the_same_types_and_order(data: Path) -> None:
    build = (data / "catalog" / "current").resolve()
    with open_database(data / "catalog") as connection:
        for name in TABLES:
            parquet = f"read_parquet('{build}/parquet/{name}.parquet')"
            database = connection.execute(f"SELECT * FROM {name}")
            types, rows = [column[:2] for column in database.description], database.fetchall()
            file = connection.execute(f"SELECT * FROM {parquet}")
            assert (types, rows) == ([column[:2] for column in file.description], file.fetchall())


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("signals", [[]] * 2501 + [["x", 'it\'s "q"']] + [[]] * 2500),
        ("signals", [None] * 2501 + [["x"]] + [[]] * 2500),
        ("signals", [None] * 20),
        ("detail", [None] * 2501 + ["NA"] + [None] * 2500),
        ("size_bytes", [None] * 2501 + [2**40] + [None] * 2500),
        ("is_readable", [None] * 2501 + [True] + [None] * 2500),
    ],
    ids=["one list among empty ones", "one list among none", "no list", "one text", "one number", "one flag"],
)
def test_a_rare_value_in_a_long_table_is_written(
    frames: Frames, tmp_path: Path, column: str, values: list[object]
) -> None:
    rows = [
        plain_row("observations", observation_id=f"{number:08x}", **{column: value})
        for number, value in enumerate(values)
    ]
    looks = check_tables({name: rows if name == "observations" else [] for name in TABLES})["observations"]
    put(tmp_path, {**frames, "observations": looks})
    with open_database(tmp_path) as connection:
        found = connection.execute(f"SELECT {column} FROM observations ORDER BY observation_id").fetchall()
    assert [(value,) for value in values] == found
