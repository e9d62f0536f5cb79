import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from published_catalog import build_recorded, check_whole, copy_of, days_of, hashes, litter
from tiny_refresh import declare, feed, make_folder

from pipeline.model import Moment, Observation, Outcome
from pipeline.refresh import add_capture
from pipeline.workplace import Workplace

_FIRST = datetime(2026, 8, 1, 10, tzinfo=UTC)
_PATIENCE = 120  # seconds until a build that never comes to the point is a failure


def _asides(catalog: Path, pattern: str) -> bool:
    return any((catalog / "builds").glob(f".tmp-*{pattern}"))


KILL_POINTS: dict[str, Callable[[Path, Path], bool]] = {
    "the folder is there": lambda catalog, _: _asides(catalog, ""),
    "a CSV file is there": lambda catalog, _: _asides(catalog, "/csv/*.csv"),
    "the database is there": lambda catalog, _: _asides(catalog, "/catalog.duckdb"),
    "the first Parquet file is there": lambda catalog, _: _asides(catalog, "/parquet/*.parquet"),
    "the descriptor is being written": lambda catalog, _: _asides(catalog, "/*.json") or _asides(catalog, "/.tmp-*"),
    "the build has its name": lambda catalog, _: len(list((catalog / "builds").glob("2*"))) > 1,
    "the link was flipped": lambda catalog, before: (catalog / "current").readlink() != before,
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a published catalog and a capture that it does not know yet."""
    folder = make_folder(tmp_path_factory.mktemp("killed") / "data")
    declare(folder, "https://x.test/feed")
    _bring(folder, days=55, at=_FIRST)
    build_recorded(folder)
    _bring(folder, days=60, at=_FIRST + timedelta(days=1))
    return folder


def _bring(folder: Path, *, days: int, at: datetime) -> None:
    look = Observation(source_id="feed", moment=Moment.instant(at), outcome=Outcome.OK, origin="import")
    add_capture(Workplace(folder), look, feed(days))


@pytest.mark.heavy
@pytest.mark.fault("W01", "W08")
@pytest.mark.parametrize("is_reached", KILL_POINTS.values(), ids=KILL_POINTS)
def test_w01_a_build_killed_at_any_point_leaves_a_whole_catalog_and_the_next_one_succeeds(
    data: Path, tmp_path: Path, is_reached: Callable[[Path, Path], bool]
) -> None:
    copy = copy_of(data, tmp_path / "data")
    catalog = copy / "catalog"
    old, kept = (catalog / "current").readlink(), hashes((catalog / "current").resolve())
    command = [sys.executable, "-m", "pipeline", "build", "--data", str(copy)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + _PATIENCE
        while not is_reached(catalog, old) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.0005)  # a moment lasts longer, and the build needs the processor too
        process.send_signal(signal.SIGKILL)
    assert -signal.SIGKILL == process.returncode
    check_whole(catalog)
    assert kept == hashes(catalog / old)
    is_old = (catalog / "current").readlink() == old
    if _asides(catalog, ""):  # a build that is still aside cannot be current; other files are written after the flip
        assert is_old
    assert (55 if is_old else 60) == days_of(catalog, "p0")
    assert is_old == build_recorded(copy).is_new_build
    check_whole(catalog)
    assert (60, []) == (days_of(catalog, "p0"), litter(catalog))
    assert 2 == len(list((catalog / "builds").iterdir()))
