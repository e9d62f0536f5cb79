"""What reads starts fast: neither pandas nor pandera is imported by it, and no parser where a catalog is asked."""

import subprocess
import sys
from pathlib import Path

import pytest
from patience import PATIENCE
from shipped_catalog import shipped_data

_SCRIPT = """
import sys
from pipeline.cli import main
code = main(sys.argv[1:])
heavy = {"_duckdb", "bs4", "duckdb", "lxml", "markdown_it", "pandas", "pandera", "pypdf", "requests"}
heavy |= {"pipeline.clauses"}
print("CODE", code, "SAW", *sorted(heavy & set(sys.modules)))
"""
COMMANDS = [
    ("list",),
    ("show", "openai"),
    ("history", "openai"),
    ("changes",),
    ("changes", "--format", "markdown"),
    ("feed",),
    ("diff", "2025-07-31", "current"),
    ("query", "SELECT 1"),
    ("quarantine",),
    ("claims", "openai"),
    ("conflicts",),
    ("explain", "openai"),
    ("route", "--zdr"),
    ("check", str(Path(__file__).parent.parent.parent / "examples" / "policy.toml"), "--as-of", "2026-07-31"),
    ("status",),
    ("build",),
]


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_data(tmp_path_factory)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_reading_command_and_an_unchanged_build_import_nothing_heavy(data: Path, command: tuple[str, ...]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *command, "--data", str(data)],
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )
    # What holds now lies ready without an engine. The past and the evidence are read by DuckDB's engine alone; its
    # package is needed for a person's own SQL.
    needed = {"query": " _duckdb duckdb"} | dict.fromkeys(("list", "route", "check", "status"), "")
    assert f"CODE 0 SAW{needed.get(command[0], ' _duckdb')}" == ran.stdout.splitlines()[-1]


def test_a_report_imports_nothing_heavy(data: Path, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _SCRIPT, "report", "--out", str(tmp_path / "site"), "--data", str(data)],
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )
    assert "CODE 0 SAW _duckdb" == ran.stdout.splitlines()[-1]


@pytest.mark.parametrize("command", ["extract", "eval"])
def test_what_reads_files_needs_no_catalog_and_no_network(tmp_path: Path, command: str) -> None:
    page, labels = tmp_path / "page.txt", tmp_path / "labels.jsonl"
    page.write_text("Prompts and outputs sent to the API are never stored.\n")
    labels.write_text('{"doc": "page.txt", "topic": "none"}\n')
    arguments = [str(page)] if command == "extract" else [str(labels), "--doc-root", str(tmp_path)]
    ran = subprocess.run(
        [sys.executable, "-c", _SCRIPT, command, *arguments],
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=PATIENCE,
    )
    saw = set(ran.stdout.splitlines()[-1].removeprefix("CODE 0 SAW").split())
    assert (True, set()) == ("pipeline.clauses" in saw, {"duckdb", "pandas", "pandera", "requests", "pypdf"} & saw)


def test_a_build_that_publishes_does_import_them(data: Path) -> None:
    heavy = {"duckdb", "pandas", "pandera"}
    assert (True, heavy) == (data.exists(), heavy & set(sys.modules))


def test_the_version_is_told_and_read_only_then() -> None:
    lines = [
        "import sys; from pipeline.cli.options import parse_arguments; parse_arguments(['list'], {})",
        "print('importlib.metadata' in sys.modules); parse_arguments(['--version'], {})",
    ]
    ran = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, check=True, encoding="utf-8")
    told = ran.stdout.split()
    assert ("False", "provider-terms", True) == (told[0], told[1], told[2][0].isdigit())
