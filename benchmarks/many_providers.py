"""A catalog of as many providers as are asked for: those of a real one, again and again under other ids."""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb

_COPIED_IDS = ("claim_id", "change_id", "conflict_id", "quarantine_id", "tag")


COUNTS = (100, 1000)


def compare(about: str, runs: int, measure: Callable[[Path, Path, int, int], float]) -> None:
    """Measure a catalog of each of `COUNTS` providers, as a command with options, and tell how the time grows.

    `measure` takes the catalog, a folder to write to, the count and the runs, prints its line and returns seconds.
    Where no data folder is given, the catalogs are made of the recorded captures.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a data folder with a catalog (default: the recorded captures)")
    parser.add_argument("--runs", type=int, default=runs)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = options.data or folder / "data"
        if options.data is None:
            command = [sys.executable, "-m", "pipeline", "build", "--data", str(data)]
            subprocess.run(command, check=True, capture_output=True)
        seconds: list[float] = []
        for count in COUNTS:
            catalog = grow(data / "catalog" / "current", folder / str(count), count)
            seconds.append(measure(catalog, folder, count, options.runs))
        print(f"ten times the providers, {seconds[1] / seconds[0]:.1f} times the time")


def grow(catalog: Path, folder: Path, count: int) -> Path:
    """Put a catalog of so many providers, made of the one in the folder `catalog`, into `folder`, and return that."""
    folder.mkdir(parents=True)
    database = folder / "catalog.duckdb"
    shutil.copy(catalog / "catalog.duckdb", database)
    with duckdb.connect(str(database)) as connection:
        known = connection.execute("SELECT count(DISTINCT provider_id) FROM providers").fetchall()[0][0]
        connection.execute("CREATE TEMP TABLE copy AS SELECT range AS number FROM range(?)", [-(-count // known)])
        connection.execute(
            "CREATE TEMP TABLE kept AS SELECT DISTINCT number, offering_id, dense_rank() OVER "
            "(ORDER BY number, provider_id) AS rank FROM providers, copy QUALIFY rank <= ?",
            [count],
        )
        tables = connection.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()
        for (table,) in tables:
            _multiply(connection, table)
        connection.execute("CHECKPOINT")
    package = json.loads((catalog / "datapackage.json").read_bytes())
    digest = hashlib.sha256(database.read_bytes()).hexdigest()
    package["files"] = [{"path": database.name, "bytes": database.stat().st_size, "hash": f"sha256:{digest}"}]
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    return folder


def _multiply(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    columns = [row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall()]
    if "offering_id" not in columns:
        return
    shown = ", ".join(f"{_shown(column)} AS {column}" for column in columns)
    connection.execute(
        f"CREATE TEMP TABLE grown AS SELECT {shown} FROM {table} AS t JOIN kept USING (offering_id) ORDER BY t.rowid"  # noqa: S608 - names of ours
    )
    connection.execute(f"CREATE OR REPLACE TABLE {table} AS FROM grown ORDER BY offering_id, rowid")
    connection.execute("DROP TABLE grown")


def _shown(column: str) -> str:
    mark = "lpad(number::VARCHAR, 4, '0')"
    if column in {"provider_id", "provider_name"}:
        return f"t.{column} || '-' || {mark}"
    if column == "offering_id":  # a tier stays a tier of the same provider
        return f"regexp_replace(t.offering_id, '^[^:]*', '\\0-' || {mark})"
    return f"t.{column} || {mark}" if column.endswith(_COPIED_IDS) else f"t.{column}"
