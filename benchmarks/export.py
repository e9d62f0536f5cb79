"""What handing a catalog over costs, for 100 and for 1,000 providers: `make bench` runs this, or by hand

    python benchmarks/export.py [--runs N]

The catalogs are the recorded captures' own and ten times that, each copy with ids of its own. Peers get the same rows
in the same run: pandas writes them as plain sheets and plain tables, without links, formats, keys or words to search.
Times are medians of the processor's, for on a busy machine the clock's say little.
"""

import argparse
import hashlib
import io
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from pipeline.catalog.publish import write_build
from pipeline.catalog.reader import Catalog
from pipeline.catalog.validate import check_tables
from pipeline.use.export.dpv import make_dpv
from pipeline.use.export.extract import Extract, read_extract
from pipeline.use.export.folders import make_csv, make_jsonl, make_parquet
from pipeline.use.export.ropa import make_ropa
from pipeline.use.export.sqlite_file import make_sqlite
from pipeline.use.export.workbook import make_xlsx
from pipeline.use.selection import Selection
from schemas import TABLES

EVERYTHING = Selection(with_delisted=True)
COPIES = (1, 10)
MAKERS = {
    "xlsx": make_xlsx,
    "sqlite": make_sqlite,
    "csv": make_csv,
    "jsonl": make_jsonl,
    "parquet": make_parquet,
    "ropa": make_ropa,
    "dpv": make_dpv,
}


def main() -> None:
    """Build both catalogs, measure every format and the peers in turns, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="of each")
    runs = parser.parse_args().runs
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}\n")
    with tempfile.TemporaryDirectory() as folder:
        figures = [_measure(build, runs) for build in _builds(Path(folder))]
    print(f"{'processor seconds, median':26} {'100':>9} {'1,000':>9} {'1,000 / 100':>12}")
    for name, few in figures[0].items():
        many = figures[1][name]
        print(f"{name:26} {few:9.3f} {many:9.3f} {many / few:12.1f}")


def _builds(folder: Path) -> list[Path]:
    subprocess.run(
        [sys.executable, "-m", "pipeline", "build", "--data", str(folder / "data")], check=True, capture_output=True
    )
    with Catalog.open(folder / "data" / "catalog" / "current") as catalog:
        rows = {name: [_plain(row) for row in catalog.rows(f"SELECT * FROM {name}")] for name in TABLES}  # noqa: S608
        as_of = catalog.as_of
    builds = []
    for copies in COPIES:
        build = folder / f"build-{copies}"
        many = {name: [_copy(row, copy) for copy in range(copies) for row in rows[name]] for name in TABLES}
        many |= {name: rows[name] for name in ("sources", "observations")}
        write_build(build, check_tables(many), build_key="0" * 64, as_of=as_of)
        builds.append(build)
    return builds


def _plain(row: dict[str, object]) -> dict[str, object]:
    return {
        name: value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def _copy(row: dict[str, object], copy: int) -> dict[str, object]:
    return {name: _renamed(name, value, copy) for name, value in row.items()}


def _renamed(name: str, value: object, copy: int) -> object:
    if value is None or copy == 0:
        return value
    if name in {"offering_id", "provider_id"}:
        return f"c{copy}-{value}"
    if name.endswith(("claim_id", "change_id", "conflict_id", "quarantine_id")):
        return hashlib.sha256(f"{copy} {value}".encode()).hexdigest()[:16]
    return value


def _measure(build: Path, runs: int) -> dict[str, float]:
    with Catalog.open(build) as catalog:
        extract = read_extract(catalog, EVERYTHING)
        frames = {
            table.name: pd.DataFrame(table.rows, columns=list(table.names)).map(_flat) for table in extract.tables
        }
        calls = {"read the tables": lambda: read_extract(catalog, EVERYTHING)}
        for name, make in MAKERS.items():
            calls[f"make {name}"] = lambda make=make: _made(make, catalog, extract)
        calls["pandas, to_excel"] = lambda: _pandas_excel(frames)
        calls["pandas, to_sql"] = lambda: _pandas_sql(frames)
        taken: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(runs):  # in turns, so that a busy moment hits all of them
            for name, call in calls.items():
                started = time.process_time()
                call()
                taken[name].append(time.process_time() - started)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def _made(make, catalog: Catalog, extract: Extract) -> None:
    assert any(body for _, body in make(catalog, extract).files)


def _flat(value: object) -> object:
    return str(value) if isinstance(value, list) else value


def _pandas_excel(frames: dict[str, pd.DataFrame]) -> None:
    options = {"options": {"strings_to_urls": False, "strings_to_formulas": False}}
    with pd.ExcelWriter(io.BytesIO(), engine="xlsxwriter", engine_kwargs=options) as writer:
        for name, frame in frames.items():
            frame.to_excel(writer, sheet_name=name, index=False)


def _pandas_sql(frames: dict[str, pd.DataFrame]) -> None:
    connection = sqlite3.connect(":memory:")
    for name, frame in frames.items():
        frame.to_sql(name, connection, index=False)
    connection.close()


if __name__ == "__main__":
    main()
