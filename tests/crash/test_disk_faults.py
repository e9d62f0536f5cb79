"""A disk that is full or broken: the published catalog stays whole, and the next run needs no help."""

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from changed_source import Scene, check_old_or_new, check_recovers, retention_days
from published_catalog import copy_of, import_newer_table, litter
from tiny_refresh import environment, feed, run, said
from traced import NAMES, OPENS, SYNCS, TRIES, WRITES, Call, find_calls, refresh_with_fault, run_cold

pytestmark = pytest.mark.heavy

_SHARES = 4


def check_fails_whole(scene: Scene, calls: Iterable[Call], error: str, folder: Path) -> list[int]:
    """Let each call fail in a refresh of its own, see what is left and what the next one makes of it; return codes."""
    return [_code(scene, call, error, folder / str(number)) for number, call in enumerate(calls)]


def _code(scene: Scene, call: Call, error: str, folder: Path) -> int:
    """Return 1, or 0 where the call never failed: it may be another thread's, and is tried again; or it may be lost."""
    for number in range(TRIES):
        data = copy_of(scene.data, folder / str(number))
        ran = refresh_with_fault(scene.run, data, call, f"error={error}")
        check_old_or_new(scene, data, call)
        lines = [line for line in said(ran) if "new, without a reviewed" not in line]
        if ran.returncode:
            assert (1, 1) == (ran.returncode, len(lines)), (call, lines)
            assert lines[0].startswith("provider-terms: "), call
            assert "a fault of this program" not in lines[0], call
        else:
            assert 40 == retention_days(data), call
        check_recovers(scene, data)
        shutil.rmtree(data)  # hundreds of copies would fill a small disk
        if ran.returncode:
            return ran.returncode
    return 0


def _calls(scene: Scene, names: Iterable[str]) -> list[Call]:
    return [call for call in scene.calls if call.name in names]


@pytest.mark.fault("W02")
@pytest.mark.parametrize(
    ("error", "names", "start", "step"),
    [("ENOSPC", WRITES, 1, 70), ("EIO", WRITES, 20, 100), ("EDQUOT", WRITES, 40, 100), ("EIO", SYNCS, 3, 100)],
    ids=["full", "broken", "beyond the quota", "not synced"],
)
def test_w02_a_write_that_fails_here_and_there_leaves_the_old_catalog_and_the_next_run_needs_no_help(
    scene: Scene, tmp_path: Path, error: str, names: tuple[str, ...], start: int, step: int
) -> None:
    calls = _calls(scene, names)[start::step]
    codes = check_fails_whole(scene, calls, error, tmp_path)
    assert 1 in codes
    assert set(codes) <= {0, 1}


@pytest.mark.fault("W02")
@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.parametrize("share", range(_SHARES))
def test_w02_every_write_that_fails_leaves_the_old_catalog_and_the_next_run_needs_no_help(
    warm_scene: Scene, tmp_path: Path, error: str, share: int
) -> None:
    calls = _calls(warm_scene, WRITES)[share::_SHARES]
    codes = check_fails_whole(warm_scene, calls, error, tmp_path)
    # The lock's note on who holds it may be lost; and where DuckDB writes from several threads, a call is not met.
    assert 0.8 * len(calls) <= codes.count(1)


@pytest.mark.fault("W02")
@pytest.mark.parametrize("share", range(_SHARES // 2))
def test_w02_every_sync_that_fails_leaves_a_whole_catalog_and_the_next_run_needs_no_help(
    warm_scene: Scene, tmp_path: Path, share: int
) -> None:
    calls = _calls(warm_scene, SYNCS)[share :: _SHARES // 2]
    assert 0.8 * len(calls) <= check_fails_whole(warm_scene, calls, "EIO", tmp_path).count(1)


# A build on a disk that is too small fails; where the disk grows, it succeeds.
_TOO_SMALL = """
set -e
mount -t tmpfs -o size=64m tmpfs "$1"
cp -r "$2" "$1/data"
used=$(df --output=used -k "$1" | tail -1)
mount -o remount,size=$((used + $3))k "$1"
code=0; "$4" -m pipeline build --data "$1/data" || code=$?
echo "then $code"
"$4" -m pipeline verify --data "$1/data"
mount -o remount,size=64m "$1"
"$4" -m pipeline build --data "$1/data" > /dev/null
"$4" -m pipeline verify --data "$1/data"
find "$1/data" -name '.tmp-*' -o -name '*.wal'
"""


@pytest.mark.fault("W02")
def test_w02_a_disk_that_is_really_full_leaves_the_old_catalog_and_the_next_run_needs_no_help(
    scene: Scene, tmp_path: Path
) -> None:
    inside = ["unshare", "--user", "--map-root-user", "--mount"]
    mounting = [*inside, "mount", "-t", "tmpfs", "x", str(tmp_path)]
    if shutil.which("unshare") is None or subprocess.run(mounting, check=False, capture_output=True).returncode:
        pytest.skip("no file system of a size of its own can be mounted here")
    data = copy_of(scene.data, tmp_path / "before")
    assert 0 == run(data, "import", str(_newer(tmp_path)), "--source", "feed", "--captured-at", "2026-01-01").returncode
    (tmp_path / "disk").mkdir()
    script = ["sh", "-c", _TOO_SMALL, "sh", str(tmp_path / "disk"), str(data), "400", sys.executable]
    ran = subprocess.run([*inside, *script], check=False, capture_output=True, text=True, env=environment())
    assert 0 == ran.returncode, ran.stderr
    assert ["then 1", "nothing is damaged", "nothing is damaged"] == ran.stdout.splitlines()
    lines = [line for line in ran.stderr.splitlines() if "new, without a reviewed" not in line]
    assert 1 == len(lines), lines
    assert lines[0].startswith("provider-terms: ")
    assert lines[0].endswith("No space left on device")


def _newer(folder: Path) -> Path:
    path = folder / "feed.json"
    path.write_bytes(feed(50))
    return path


@pytest.mark.fault("W05")
def test_w05_every_file_and_folder_of_a_build_is_synced_before_current_points_at_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    import_newer_table(data)
    calls = find_calls(run_cold, data, "build", (*SYNCS, *NAMES, *OPENS, *WRITES))
    build = (data / "catalog" / "current").resolve()
    renames = {_paths(call): at for at, call in enumerate(calls) if call.name == "rename"}
    (named,) = (at for (_, after), at in renames.items() if after == str(build))
    (flip,) = (at for (_, after), at in renames.items() if after == str(data / "catalog" / "current"))
    (aside,) = (before for (before, after) in renames if after == str(build))
    (descriptor,) = (before for (before, after) in renames if after == f"{aside}/datapackage.json")
    last_write = {_handle(call): at for at, call in enumerate(calls) if call.name in WRITES}
    last_sync = {_handle(call): at for at, call in enumerate(calls[:named]) if call.name in SYNCS}
    for path in (build, *build.rglob("*")):
        where = descriptor if path.name == "datapackage.json" else str(Path(aside) / path.relative_to(build))
        assert last_write.get(where, -1) < last_sync.get(where, -1), path
    assert len(last_sync) > 20
    assert {str(data / "catalog" / "builds")} == {_handle(call) for call in calls[named:flip] if call.name in SYNCS}
    (seen,) = (before for (before, after) in renames if after == str(data / "catalog" / "seen.json"))
    assert {str(data / "catalog"), seen} == {_handle(call) for call in calls[flip:] if call.name in SYNCS}
    assert [] == litter(data)


def _paths(call: Call) -> tuple[str, str]:
    _, before, _, after, _ = call.arguments.split('"')
    return before, after


def _handle(call: Call) -> str:
    """Return the path that a call's file descriptor stands for."""
    return call.arguments.partition("<")[2].partition(">")[0]
