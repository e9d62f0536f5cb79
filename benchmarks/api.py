"""What the static JSON API costs for 100 and 1,000 providers, beside DuckDB writing the same tables as JSON.

    make bench

Both write the same rows in the same run; what counts are the ratios, for a busy machine slows both.
"""

import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from many_providers import compare

from pipeline.catalog.reader import Catalog
from pipeline.collect.files import replace_folder
from pipeline.use.api.documents import make_api
from pipeline.use.api.shapes import ROWS
from pipeline.use.export.extract import read_extract
from pipeline.use.selection import Selection


def _measure(catalog: Path, folder: Path, count: int, runs: int) -> float:
    out = folder / "out"
    ours = _least(runs, lambda: _ours(catalog, out))
    plain = _least(runs, lambda: _plain(catalog, out.with_name("plain")))
    files = list(out.rglob("*.json"))
    size = sum(path.stat().st_size for path in files) / 1e6
    print(
        f"{count:5} providers: {ours * 1e3:.0f} ms, {ours / count * 1e3:.2f} each, {len(files)} files, {size:.1f} MB; "
        f"DuckDB's JSON of the same tables {plain * 1e3:.0f} ms ({ours / plain:.1f} x)"
    )
    return ours


def _least(runs: int, work: Callable[[], None]) -> float:
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def _ours(catalog: Path, out: Path) -> None:
    with Catalog.open(catalog) as opened:
        replace_folder(out, make_api(opened, read_extract(opened, Selection(with_delisted=True))).files, kind="api")


def _plain(catalog: Path, out: Path) -> None:
    out.mkdir(exist_ok=True)
    with duckdb.connect(str(catalog / "catalog.duckdb"), read_only=True) as connection:
        for table in ("providers", "policies", *ROWS.values()):
            connection.execute(f"COPY {table} TO '{out / table}.json' (FORMAT json)")


if __name__ == "__main__":
    compare(__doc__, 5, _measure)
