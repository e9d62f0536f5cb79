"""What a report costs for 100 and 1,000 providers, beside reading the same rows alone.

    make bench

The catalogs are made of the recorded captures' own, each copy with ids of its own. Times are of the processor, the
least of some runs, for a busy machine makes them only longer; what counts is how they grow.
"""

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

from many_providers import compare

from pipeline.catalog.reader import Catalog
from pipeline.use.report import write_report
from pipeline.use.report.facts import read_facts

NOW = datetime(2026, 8, 1, tzinfo=UTC)


def _measure(catalog: Path, folder: Path, count: int, runs: int) -> float:
    target = folder / "report"
    reading, writing, unchanged = [], [], []
    for _ in range(runs):
        shutil.rmtree(target, ignore_errors=True)
        with Catalog.open(catalog) as opened:
            started = time.process_time()
            read_facts(opened)
            reading.append(time.process_time() - started)
            started = time.process_time()
            written = write_report(opened, target, NOW)
            writing.append(time.process_time() - started)
            started = time.process_time()
            assert not write_report(opened, target, NOW).is_new
            unchanged.append(time.process_time() - started)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file()) / 1e6
    print(
        f"{count:5} providers: {min(writing):.2f} s, {min(writing) / count * 1e3:.1f} ms each, "
        f"{written.page_count} pages, {size:.1f} MB; reading alone {min(reading):.2f} s, "
        f"unchanged {min(unchanged):.2f} s"
    )
    return min(writing)


if __name__ == "__main__":
    compare(__doc__, 3, _measure)
