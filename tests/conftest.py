"""Fixtures that every room's tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripted_site import Site

ROOT = Path(__file__).parent.parent


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
