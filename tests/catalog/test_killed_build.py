import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from patience import PATIENCE
from published_catalog import build_recorded, check_whole, copy_of, days_of, hashes, litter
from tiny_refresh import declare, environment, feed, make_folder

from pipeline.model import Moment, Observation, Outcome
from pipeline.refresh import add_capture
from pipeline.workplace import Workplace

_FIRST = datetime(2026, 8, 1, 10, tzinfo=UTC)
_FLIPPED = "the link was flipped"
# The build looks by itself whether it has come to the point, and kills itself there: who looks from outside may look
# late, and find that it has ended.
_DYING = """
import sys
from pathlib import Path
from test_killed_build import KILL_POINTS, die_where
from pipeline.cli import main
die_where(KILL_POINTS[sys.argv.pop(1)], Path(sys.argv[-1]) / "catalog")
sys.exit(main())
"""
_STEPS = frozenset({"open", "os.mkdir", "os.rename", "os.symlink"})  # of what Python tells before it does it


def _asides(catalog: Path, pattern: str) -> bool:
    return any((catalog / "builds").glob(f".tmp-*{pattern}"))


KILL_POINTS: dict[str, Callable[[Path, Path], bool]] = {
    "the folder is there": lambda catalog, _: _asides(catalog, ""),
    "a CSV file is there": lambda catalog, _: _asides(catalog, "/csv/*.csv"),
    "the database is there": lambda catalog, _: _asides(catalog, "/catalog.duckdb"),
    "the first Parquet file is there": lambda catalog, _: _asides(catalog, "/parquet/*.parquet"),
    "the descriptor is being written": lambda catalog, _: _asides(catalog, "/*.json") or _asides(catalog, "/.tmp-*"),
    "the build has its name": lambda catalog, _: len(list((catalog / "builds").glob("2*"))) > 1,
    _FLIPPED: lambda catalog, before: (catalog / "current").readlink() != before,
}


def die_where(is_reached: Callable[[Path, Path], bool], catalog: Path) -> None:
    """Kill this process at its first step after something was reached."""
    before, is_looking = (catalog / "current").readlink(), False

    def look(event: str, _: object) -> None:
        nonlocal is_looking
        if event not in _STEPS or is_looking:  # to look is a step too
            return
        is_looking = True
        if is_reached(catalog, before):
            os.kill(os.getpid(), signal.SIGKILL)
        is_looking = False

    sys.addaudithook(look)


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
@pytest.mark.parametrize("point", KILL_POINTS)
def test_w01_a_build_killed_at_any_point_leaves_a_whole_catalog_and_the_next_one_succeeds(
    data: Path, tmp_path: Path, point: str
) -> None:
    copy = copy_of(data, tmp_path / "data")
    catalog = copy / "catalog"
    old, kept = (catalog / "current").readlink(), hashes((catalog / "current").resolve())
    found = os.pathsep.join(path for path in (str(Path(__file__).parent), *sys.path) if path)
    ran = subprocess.run(
        [sys.executable, "-c", _DYING, point, "build", "--data", str(copy)],
        capture_output=True,
        check=False,
        env=environment(PYTHONPATH=found),
        timeout=PATIENCE,
    )
    assert -signal.SIGKILL == ran.returncode, ran.stderr
    assert KILL_POINTS[point](catalog, old)
    check_whole(catalog)
    assert kept == hashes(catalog / old)
    is_old = (catalog / "current").readlink() == old
    assert is_old == (point != _FLIPPED)
    assert (55 if is_old else 60) == days_of(catalog, "p0")
    assert is_old == build_recorded(copy).is_new_build
    check_whole(catalog)
    assert (60, []) == (days_of(catalog, "p0"), litter(catalog))
    assert 2 == len(list((catalog / "builds").iterdir()))
