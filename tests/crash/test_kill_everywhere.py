"""A refresh that is killed anywhere leaves a whole catalog, and the next one needs no help."""

import signal
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from shutil import rmtree

import pytest
from changed_source import Scene, check_old_or_new, check_recovers
from published_catalog import copy_of
from traced import TRIES, Call, refresh_with_fault

pytestmark = pytest.mark.heavy

_SHARES = 8
_SAMPLE = 3  # kill points of a refresh from the command line; the one in forks has them all


def check_survives(scene: Scene, calls: Iterable[Call], folder: Path) -> int:
    """Kill a refresh at each call and see what is left, and what the next one makes of it; return how many died."""
    return sum(_dies(scene, call, folder / str(number)) for number, call in enumerate(calls))


def _dies(scene: Scene, call: Call, folder: Path) -> bool:
    """Return whether the refresh was killed; where threads write, the call may be another's, and it is tried again."""
    for number in range(TRIES):
        data = copy_of(scene.data, folder / str(number))
        ran = refresh_with_fault(scene.run, data, call, "signal=KILL")
        check_old_or_new(scene, data, call)
        check_recovers(scene, data)
        rmtree(data)  # hundreds of copies would fill a small disk
        if ran.returncode == -signal.SIGKILL:
            return True
    return False


def test_a_refresh_makes_calls_of_every_kind_that_is_cut_off(scene: Scene) -> None:
    assert {"openat", "write", "pwrite64", "fsync", "rename", "symlink", "mkdir"} <= {call.name for call in scene.calls}
    assert 100 < len(scene.calls) < 500


def test_a_refresh_in_a_fork_makes_the_calls_of_one_from_the_command_line(scene: Scene, warm_scene: Scene) -> None:
    assert Counter(call.name for call in scene.calls) == Counter(call.name for call in warm_scene.calls)


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


@pytest.mark.fault("W01", "W08")
@pytest.mark.parametrize("share", range(_SHARES))
def test_w01_a_refresh_killed_at_every_call_leaves_a_whole_catalog_and_the_next_one_succeeds(
    warm_scene: Scene, tmp_path: Path, share: int
) -> None:
    calls = warm_scene.calls[share::_SHARES]
    # Where DuckDB writes from several threads, a call may be another thread's each time, and not be met.
    assert 0.8 * len(calls) <= check_survives(warm_scene, calls, tmp_path)
