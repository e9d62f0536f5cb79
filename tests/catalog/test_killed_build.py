import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from published_catalog import build_recorded, check_whole, copy_of, days_of, hashes, import_newer_table, litter

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
    folder = tmp_path_factory.mktemp("killed")
    build_recorded(folder)
    import_newer_table(folder, days=60)
    return folder


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
            pass
        process.send_signal(signal.SIGKILL)
    assert -signal.SIGKILL == process.returncode
    check_whole(catalog)
    assert kept == hashes(catalog / old)
    is_old = (catalog / "current").readlink() == old
    if litter(copy):  # what is still aside cannot be current
        assert is_old
    assert (55 if is_old else 60) == days_of(catalog)
    assert is_old == build_recorded(copy).is_new_build
    check_whole(catalog)
    assert (60, []) == (days_of(catalog), litter(catalog))
    assert 2 == len(list((catalog / "builds").iterdir()))
