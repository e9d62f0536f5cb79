"""Fixtures that every room's tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from changed_source import Scene, changed_source, warmed
from hypothesis import HealthCheck, settings
from scripted_site import Site
from traced import NAMES, OPENS, SYNCS, WRITES

ROOT = Path(__file__).parent.parent
CHANGING = (*WRITES, *SYNCS, *NAMES, *OPENS)

# How long an example takes is the machine's affair: on a loaded one a sound property must not fail.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are processors: tests wait for sockets and processes a fifth of their time."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real recordings, or a skip that says where it was looked for."""
    folder = Path(os.environ.get("PROVIDER_TERMS_SHARED") or ROOT.parent / "shared")
    if not (folder / "data").is_dir():
        pytest.skip(f"no real recordings in {folder}: set PROVIDER_TERMS_SHARED")
    return folder


@pytest.fixture
def site() -> Iterator[Site]:
    """A web server on the loopback interface, to be scripted."""
    with Site() as running:
        yield running


@pytest.fixture(scope="module")
def lasting_site() -> Iterator[Site]:
    """A web server for all tests of a module, so that a folder that was published from it once can be copied."""
    with Site() as running:
        yield running


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """What crashes of a refresh from the command line begin with; only its copies are ever touched."""
    with changed_source(tmp_path_factory.mktemp("scene"), CHANGING) as made:
        yield made


@pytest.fixture(scope="session")
def warm_scene(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The same for a refresh in forks of a process, which takes a third of the time."""
    with warmed(scene, tmp_path_factory.mktemp("warm"), CHANGING) as made:
        yield made
