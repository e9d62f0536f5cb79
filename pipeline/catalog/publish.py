"""Checked frames to a published catalog: built aside, flipped in one rename, the last few builds kept."""

import csv
import errno
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipeline.catalog.current import CURRENT, current_build
from pipeline.catalog.datapackage import describe
from pipeline.catalog.ready import FOLDER, READY, as_ready
from pipeline.catalog.spreadsheet import cell
from pipeline.catalog.views import BOTH_SIDES, PROVIDER_TERMS, PROVIDER_TERMS_AS_OF
from pipeline.collect.files import (
    TEMPORARY_PREFIX,
    clear_litter,
    make_folder,
    remove,
    sync_file,
    sync_folder,
    write_whole,
)
from pipeline.errors import CatalogError
from schemas import TABLES, view
from schemas.columns import key_of, type_of

# Written in the oldest storage format, so that DuckDB 1.2 and later open the file; 2.0's own format shuts 1.x out.
_STORAGE_VERSION = "v1.0.0"
# The tables are small: the default blocks of 256 KiB would make a catalog of 1 MB five times as large.
_BLOCK_BYTES = 16_384
KEPT_BUILDS = 10
_BUILD_NAME = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{12}(-2)?")


def publish(
    folder: Path, frames: Mapping[str, pd.DataFrame], *, build_key: str, as_of: datetime, keep: int = KEPT_BUILDS
) -> Path:
    """Publish a build under `folder` and return where it lies; a reader sees the old catalog or the new one, whole.

    `build_key` is what the build was made from. At any failure `current` still points at the build before; raise
    CatalogError where DuckDB cannot write.
    """
    builds = folder / "builds"
    if builds.is_symlink():
        raise CatalogError(f"{builds} is a link: builds are written and removed there only where it is a folder")
    make_folder(builds)
    clear_litter(folder)
    target = _free_target(folder, builds, f"{as_of:%Y%m%dT%H%M%SZ}-{build_key[:12]}")
    aside = builds / f"{TEMPORARY_PREFIX}{target.name}-{os.getpid()}"
    try:
        write_build(aside, frames, build_key=build_key, as_of=as_of)
        _remove_build(target)  # the same build once more, which `current` does not point at
        aside.replace(target)
        sync_folder(builds)
        _flip(folder, target)
    except BaseException:
        remove(aside)
        raise
    _drop_old(builds, target, keep)
    return target


def _free_target(folder: Path, builds: Path, name: str) -> Path:
    """Return where the build will lie: never where `current` points, though what lies there be damaged."""
    published = current_build(folder)
    return next(path for path in (builds / name, builds / f"{name}-2") if path.resolve() != published)


def write_build(target: Path, frames: Mapping[str, pd.DataFrame], *, build_key: str, as_of: datetime) -> None:
    """Write all files of a build into a folder that does not exist yet, and sync them."""
    for part in ("parquet", "csv", FOLDER):
        (target / part).mkdir(parents=True)
    for name, frame in frames.items():
        _write_csv(target / "csv" / f"{name}.csv", frame)
    _write_duckdb(target, frames)
    files = sorted(path for path in target.rglob("*") if path.is_file())
    facts = {str(path.relative_to(target)): _fingerprint(path) for path in files}
    rows = {name: len(frame) for name, frame in frames.items()}
    package = describe(TABLES, rows=rows, files=facts, build_key=build_key, as_of=as_of)
    body = json.dumps(package, ensure_ascii=False, indent=2) + "\n"
    write_whole(target / "datapackage.json", body.encode())
    for path in files:
        sync_file(path)
    for folder in (target / "parquet", target / "csv", target / FOLDER, target):
        sync_folder(folder)


def _write_csv(path: Path, frame: pd.DataFrame) -> None:
    columns = list(frame.columns)
    with path.open("w", encoding="utf-8", newline="") as file:
        # RFC 4180: CRLF between records; the module then quotes a bare CR or LF inside a cell, which pandas does not.
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows([cell(value) for value in row] for row in _values(frame))


def _values(frame: pd.DataFrame) -> Iterable[tuple[Any, ...]]:
    # Column by column: a frame of objects that is masked as a whole takes five times as long.
    columns = [
        [
            None if is_missing else value
            for value, is_missing in zip(frame[name].astype(object), frame[name].isna(), strict=True)
        ]
        for name in frame.columns
    ]
    return zip(*columns, strict=True)


def _write_duckdb(target: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    try:
        _write_tables(target, frames)
    except duckdb.Error as error:
        raise CatalogError(f"the catalog cannot be written: {str(error).splitlines()[0]}") from error


def _write_tables(target: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    path = target / "catalog.duckdb"
    # Without a folder for temporary files, nothing is ever written beside the build.
    with duckdb.connect(config={"threads": 1, "temp_directory": ""}) as connection:
        connection.execute(
            f"ATTACH '{_quoted(path)}' AS catalog (STORAGE_VERSION '{_STORAGE_VERSION}', BLOCK_SIZE {_BLOCK_BYTES})"
        )
        connection.execute("USE catalog")
        connection.execute("BEGIN TRANSACTION")  # one commit: each costs a sync, and there are hundreds of comments
        for name, frame in frames.items():
            _write_table(connection, name, frame)
            parquet = _quoted(target / "parquet" / f"{name}.parquet")
            connection.execute(f"COPY {name} TO '{parquet}' (FORMAT parquet, COMPRESSION zstd)")
        _write_view(connection)
        connection.execute(BOTH_SIDES)
        connection.execute(PROVIDER_TERMS_AS_OF)
        connection.execute("COMMIT")
        for name, sql in READY.items():
            found = connection.execute(sql)
            columns = [column[0] for column in found.description or []]
            (target / FOLDER / f"{name}.json").write_bytes(as_ready(columns, found.fetchall()))
        connection.execute("CHECKPOINT catalog")
        connection.execute("USE memory")
        connection.execute("DETACH catalog")


def _write_table(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    schema = TABLES[name]
    columns = ", ".join(f"{column} {type_of(schema, column).sql}" for column in schema.columns)
    connection.execute(f"CREATE TABLE {name} ({columns}, PRIMARY KEY ({', '.join(key_of(schema))}))")
    connection.execute(f"COMMENT ON TABLE {name} IS '{_quoted(str(schema.description))}'")
    for column, declared in schema.columns.items():
        connection.execute(f"COMMENT ON COLUMN {name}.{column} IS '{_quoted(str(declared.description))}'")
    if len(frame):
        # DuckDB looks at a sample to tell what lists hold: were all of it empty, it would fail at the first full one.
        connection.execute(f"SET pandas_analyze_sample = {len(frame)}")
        connection.register("frame_to_write", frame)
        connection.execute(f"INSERT INTO {name} SELECT * FROM frame_to_write")  # noqa: S608 - a name of TABLES
        connection.unregister("frame_to_write")


def _write_view(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(PROVIDER_TERMS)
    connection.execute(f"COMMENT ON VIEW {view.VIEW} IS '{_quoted(view.DESCRIPTION)}'")
    for column, table in view.TABLE_OF.items():
        description = _quoted(str(TABLES[table].columns[column].description))
        connection.execute(f"COMMENT ON COLUMN {view.VIEW}.{column} IS '{description}'")


def _quoted(value: object) -> str:
    return str(value).replace("'", "''")


def _fingerprint(path: Path) -> tuple[int, str]:
    body = path.read_bytes()
    return len(body), hashlib.sha256(body).hexdigest()


def _flip(folder: Path, target: Path) -> None:
    link = folder / f"{TEMPORARY_PREFIX}{CURRENT}-{os.getpid()}"
    link.symlink_to(target.relative_to(folder), target_is_directory=True)
    try:
        link.replace(folder / CURRENT)
    except IsADirectoryError as error:
        where = str(folder / CURRENT)
        raise IsADirectoryError(errno.EISDIR, "a folder where a link belongs: move it away", where) from error
    finally:
        link.unlink(missing_ok=True)
    sync_folder(folder)


def _drop_old(builds: Path, target: Path, keep: int) -> None:
    """Remove the oldest builds but for so many; what does not bear the name of a build is somebody else's."""
    others = [path for path in builds.iterdir() if path != target and _BUILD_NAME.fullmatch(path.name)]
    others.sort(key=lambda path: path.lstat().st_mtime_ns)
    for path in others[: max(0, len(others) - (keep - 1))]:
        _remove_build(path)


def _remove_build(build: Path) -> None:
    """Remove a build that may be there; one that was half removed lies under a name that the next run clears."""
    doomed = build.with_name(f"{TEMPORARY_PREFIX}{build.name}")
    with suppress(OSError):
        build.replace(doomed)
        remove(doomed)
