"""A catalog built from the recorded captures that ship with the project, once per session and process."""

from pathlib import Path

import pytest

from pipeline.cli import main


def shipped_data(factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with the shipped captures built and published; tests only read it."""
    folder = factory.getbasetemp() / "shipped"
    if not folder.exists():
        assert main(["build", "--data", str(folder)]) == 0
    return folder
