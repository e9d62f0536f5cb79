"""A refresh that is killed anywhere leaves a whole catalog, and the next one needs no help."""

import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from changed_source import Scene, changed_source, check_recovers, retention_days
from published_catalog import check_whole, copy_of, hashes
from tiny_refresh import command
from traced import NAMES, OPENS, SYNCS, WRITES, Call, run_with_fault

pytestmark = pytest.mark.slow

_SHARES = 8
_SAMPLE = 3  # kill points in the everyday run; the heavy one has them all


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    names = (*WRITES, *SYNCS, *NAMES, *OPENS)
    with changed_source(tmp_path_factory.mktemp("killed"), names) as made:
        yield made


def check_survives(scene: Scene, calls: Iterable[Call], folder: Path) -> int:
    """Kill a refresh at each call and see what is left, and what the next one makes of it; return how many died."""
    died = 0
    for number, call in enumerate(calls):
        data = copy_of(scene.data, folder / str(number))
        ran = run_with_fault(command(data, "refresh"), call, "signal=KILL")
        died += ran.returncode == -signal.SIGKILL
        current = check_whole(data / "catalog")
        assert (30 if current == scene.old else 40) == retention_days(data), call
        assert scene.files == hashes(data / "catalog" / "builds" / scene.old), call
        check_recovers(data)
    return died


def test_a_refresh_makes_calls_of_every_kind_that_is_cut_off(scene: Scene) -> None:
    assert {"openat", "write", "pwrite64", "fsync", "rename", "symlink", "mkdir"} <= {call.name for call in scene.calls}
    assert 100 < len(scene.calls) < 500


@pytest.mark.fault("W01", "W08")
def test_w01_a_refresh_killed_here_and_there_leaves_a_whole_catalog_and_the_next_one_succeeds(
    scene: Scene, tmp_path: Path
) -> None:
    step = len(scene.calls) // _SAMPLE
    calls = scene.calls[step // 2 :: step]
    assert len(calls) - 1 <= check_survives(scene, calls, tmp_path)


@pytest.mark.fault("W01", "W05")
def test_w01_a_refresh_killed_at_the_flip_leaves_a_whole_catalog(scene: Scene, tmp_path: Path) -> None:
    (flip,) = (call for call in scene.calls if call.name == "rename" and call.arguments.count("current") == 2)
    assert 1 == check_survives(scene, [flip], tmp_path)


@pytest.mark.heavy
@pytest.mark.fault("W01", "W08")
@pytest.mark.parametrize("share", range(_SHARES))
def test_w01_a_refresh_killed_at_every_call_leaves_a_whole_catalog_and_the_next_one_succeeds(
    scene: Scene, tmp_path: Path, share: int
) -> None:
    calls = scene.calls[share::_SHARES]
    # Where DuckDB writes from several threads, a call may be another thread's the next time, and not be met.
    assert 0.8 * len(calls) < check_survives(scene, calls, tmp_path)
