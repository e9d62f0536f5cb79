"""What reads starts fast: neither pandas nor pandera is imported by it."""

import subprocess
import sys
from pathlib import Path

import pytest
from shipped_catalog import shipped_data

_SCRIPT = """
import sys
from pipeline.cli import main
code = main(sys.argv[1:])
print("CODE", code, "SAW", *sorted({"duckdb", "pandas", "pandera", "requests"} & set(sys.modules)))
"""
COMMANDS = [
    ("list",),
    ("show", "openai"),
    ("history", "openai"),
    ("changes",),
    ("query", "SELECT 1"),
    ("quarantine",),
    ("status",),
    ("build",),
]


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_data(tmp_path_factory)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_reading_command_and_an_unchanged_build_import_nothing_heavy(data: Path, command: tuple[str, ...]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *command, "--data", str(data)],
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=60,
    )
    expected = "CODE 0 SAW" if command == ("status",) else "CODE 0 SAW duckdb"
    assert expected == ran.stdout.splitlines()[-1]


def test_a_build_that_publishes_does_import_them(data: Path) -> None:
    heavy = {"duckdb", "pandas", "pandera"}
    assert (True, heavy) == (data.exists(), heavy & set(sys.modules))
