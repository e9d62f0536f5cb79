"""What obeying the catalog costs: `route`, `show` and `list` as processes, loading, and a decision, each beside peers.

    make bench

The peers answer the same question, who stores nothing and does not train, over the same rows in the same run: plain
DuckDB on the published file, sqlite3 on a file made here, and a dict of rows. Times are medians; what counts are the
ratios, for a busy machine slows all of them.
"""

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipeline.catalog.decide import Index, decide
from pipeline.catalog.reader import Catalog
from pipeline.catalog.requirement import Requirement

ASKED = Requirement(max_retention_days=0, no_training=True)
WHERE = "strictest_retention_days <= 0 AND strictest_training IN ('no', 'opt_in') AND is_listed"
SQL = f"SELECT offering_id FROM provider_terms WHERE {WHERE} ORDER BY offering_id"  # noqa: S608 - words of ours
OFFERINGS = 100
_COLUMNS = ("offering_id", "strictest_retention_days", "strictest_training", "is_listed")


def main() -> None:
    """Build a catalog where none is given, measure everything, print the tables."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        data = options.data or Path(folder) / "data"
        if options.data is None:
            subprocess.run(
                [sys.executable, "-m", "pipeline", "build", "--data", str(data)], check=True, capture_output=True
            )
        path = (data / "catalog" / "current" / "catalog.duckdb").resolve()
        _check_same_answer(path)
        load = os.getloadavg()[0]
        print(
            f"{os.cpu_count()} cores, load {load:.1f}, Python {sys.version.split()[0]}, DuckDB {duckdb.__version__}\n"
        )
        _print("as a process", "ms", 1e3, _processes(data, path, Path(folder), options.runs))
        _print("loading", "ms", 1e3, _loading(path, Path(folder), options.runs))
        _print(f"a decision over {OFFERINGS} offerings", "µs", 1e6, _deciding(path, options.runs))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, help="a data folder with a catalog (default: built from the recorded captures)"
    )
    parser.add_argument("--runs", type=int, default=15, help="of each process")
    return parser.parse_args()


def _print(title: str, unit: str, factor: float, figures: dict[str, float]) -> None:
    (_, ours), *_ = figures.items()
    print(f"{title}, median in {unit}")
    for name, seconds in figures.items():
        print(f"  {name:44} {seconds * factor:9.1f}   first / this {ours / seconds:6.2f}")
    print()


def _check_same_answer(path: Path) -> None:
    with Catalog.open(path.parent) as catalog:
        ours = [one.offering_id for one in catalog.route(ASKED).allowed]
    with duckdb.connect(str(path), read_only=True) as plain:
        assert ours == [row[0] for row in plain.execute(SQL).fetchall()] != []


def _processes(data: Path, path: Path, folder: Path, runs: int) -> dict[str, float]:
    lite, rows = _write_sqlite(path, folder), _write_rows(path, folder)
    ours = [sys.executable, "-m", "pipeline"]
    loop = "one['strictest_retention_days'] == 0 and one['strictest_training'] in ('no', 'opt_in') and one['is_listed']"
    commands = {
        "route --zdr --no-training": [*ours, "route", "--zdr", "--no-training", "--data", str(data)],
        "route …, --format json": [*ours, "route", "--zdr", "--no-training", "--format", "json", "--data", str(data)],
        "list --max-retention-days 0": [*ours, "list", "--max-retention-days", "0", "--data", str(data)],
        "show openai": [*ours, "show", "openai", "--data", str(data)],
        "plain DuckDB, one query": [
            sys.executable,
            "-c",
            f"import duckdb; print(duckdb.connect({str(path)!r}, read_only=True).execute({SQL!r}).fetchall())",
        ],
        "sqlite3, one query": [
            sys.executable,
            "-c",
            f"import sqlite3; print(sqlite3.connect({str(lite)!r}).execute({SQL!r}).fetchall())",
        ],
        "a dict read from JSON": [
            sys.executable,
            "-c",
            f"import json; print([one['offering_id'] for one in json.load(open({str(rows)!r})) if {loop}])",
        ],
        "Python alone": [sys.executable, "-c", "pass"],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    # Byte code is kept, as an installed package keeps it, whatever this shell says; the first round only writes it.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for _ in range(runs + 1):  # in turns, so that a busy moment hits all of them
        for name, command in commands.items():
            started = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
            taken[name].append(time.perf_counter() - started)
    return {name: statistics.median(seconds[1:]) for name, seconds in taken.items()}


def _write_sqlite(path: Path, folder: Path) -> Path:
    target = folder / "rows.sqlite"
    with sqlite3.connect(target) as lite:
        lite.execute(f"CREATE TABLE provider_terms ({', '.join(_COLUMNS)})")
        rows = [tuple(row[name] for name in _COLUMNS) for row in _rows(path)]
        lite.executemany("INSERT INTO provider_terms VALUES (?, ?, ?, ?)", rows)
    lite.close()
    return target


def _write_rows(path: Path, folder: Path) -> Path:
    target = folder / "rows.json"
    target.write_text(json.dumps(_rows(path), default=str), encoding="utf-8")
    return target


def _rows(path: Path) -> list[dict[str, object]]:
    with Catalog.open(path.parent) as catalog:
        return [asdict(one) for one in catalog.offerings(listed_only=False)]


def _loading(path: Path, folder: Path, runs: int) -> dict[str, float]:
    lite, rows = folder / "rows.sqlite", folder / "rows.json"

    def ours() -> None:
        with Catalog.open(path.parent) as catalog:
            catalog.index()

    def plain() -> None:
        with duckdb.connect(str(path), read_only=True) as connection:
            connection.execute("SELECT * FROM provider_terms").fetchall()

    def small() -> None:
        connection = sqlite3.connect(lite)
        connection.execute("SELECT * FROM provider_terms").fetchall()
        connection.close()

    calls = {
        "open, read and index": ours,
        "plain DuckDB, open and read": plain,
        "sqlite3, open and read": small,
        "JSON, open and read": lambda: json.loads(rows.read_bytes()),
    }
    return {name: _median(call, runs * 4, 1) for name, call in calls.items()}


def _deciding(path: Path, runs: int) -> dict[str, float]:
    with Catalog.open(path.parent) as catalog:
        known = catalog.offerings(listed_only=False)
    many = [replace(known[number % len(known)], offering_id=f"o{number}") for number in range(OFFERINGS)]
    index, now = Index(many), datetime.now(UTC)
    aged = replace(ASKED, max_age_days=3650, not_headquarters=frozenset({"CN"}))
    rows = [asdict(one) for one in many]
    memory = duckdb.connect()
    types = ("TEXT", "INTEGER", "TEXT", "BOOLEAN")
    typed = ", ".join(f"{name} {kind}" for name, kind in zip(_COLUMNS, types, strict=True))
    memory.execute(f"CREATE TABLE provider_terms ({typed})")
    lite = sqlite3.connect(":memory:")
    lite.execute(f"CREATE TABLE provider_terms ({', '.join(_COLUMNS)})")
    values = [
        (row["offering_id"], row["strictest_retention_days"], str(row["strictest_training"]), row["is_listed"])
        for row in rows
    ]
    for connection in (memory, lite):
        connection.executemany("INSERT INTO provider_terms VALUES (?, ?, ?, ?)", values)

    def loop() -> list[object]:
        return [
            row["offering_id"]
            for row in rows
            if row["strictest_retention_days"] == 0
            and row["strictest_training"] in ("no", "opt_in")
            and row["is_listed"]
        ]

    calls = {
        "decide, two rules": lambda: decide(index, ASKED).allowed,
        "decide, with age and headquarters": lambda: decide(index, aged, now).allowed,
        "decide, with every reason": lambda: decide(index, ASKED).refused,
        "plain DuckDB in memory": lambda: memory.execute(SQL).fetchall(),
        "sqlite3 in memory": lambda: lite.execute(SQL).fetchall(),
        "a loop over dicts": loop,
    }
    figures = {name: _median(call, runs * 4, 50) for name, call in calls.items()}
    memory.close()
    lite.close()
    return figures


def _median(call: Callable[[], object], runs: int, times: int) -> float:
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        for _ in range(times):
            call()
        taken.append((time.perf_counter() - started) / times)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
