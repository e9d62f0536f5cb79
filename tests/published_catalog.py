"""A catalog built from the captures that ship with the project, and what a test asks of a published folder."""

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline.declarations import shipped_dir
from pipeline.model import Moment, Observation, Outcome
from pipeline.refresh import Outcomes, add_capture, build
from pipeline.workplace import Workplace
from schemas import TABLES

NEWEST = shipped_dir() / "recorded" / "openrouter-docs" / "2026-07-21.md"
NEWEST_AT = datetime(2026, 8, 1, 10, tzinfo=UTC)


def build_recorded(data: Path) -> Outcomes:
    """Build the shipped captures, and what the folder's archive holds beside them."""
    return build(Workplace(data))


def import_newer_table(data: Path, *, days: int = 60, at: datetime = NEWEST_AT) -> Observation:
    """Archive a table newer than the recorded ones, in which Google AI Studio keeps prompts for `days`."""
    body = NEWEST.read_text().replace("Retained for 55 days", f"Retained for {days} days")
    look = Observation(
        source_id="openrouter-docs",
        moment=Moment.instant(at),
        outcome=Outcome.OK,
        origin="import",
        url="https://x.test",
    )
    return add_capture(Workplace(data), look, body.encode())


def copy_of(data: Path, target: Path) -> Path:
    """Return a copy of a data folder, links kept."""
    return Path(shutil.copytree(data, target, symlinks=True))


def hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file under a folder by its path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def read_package(catalog: Path) -> dict[str, Any]:
    """Return the descriptor of the current build."""
    package: dict[str, Any] = json.loads((catalog / "current" / "datapackage.json").read_bytes())
    return package


def check_whole(catalog: Path) -> str:
    """Return the current build's name; fail unless every file has the described hash and DuckDB reads every table."""
    link = catalog / "current"
    assert link.is_symlink()
    found = hashes(link.resolve())
    found.pop("datapackage.json")
    package = read_package(catalog)
    assert {file["path"]: file["hash"].removeprefix("sha256:") for file in package["files"]} == found
    with duckdb.connect(str((link / "catalog.duckdb").resolve()), read_only=True) as connection:
        counts = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in TABLES}
    assert {one["title"]: one["row_count"] for one in package["resources"]} == counts
    return link.readlink().name


def days_of(catalog: Path, offering_id: str = "google-ai-studio") -> int | None:
    """Return the retention in days that the current build states of an offering."""
    path = (catalog / "current" / "catalog.duckdb").resolve()
    with duckdb.connect(str(path), read_only=True) as connection:
        sql = "SELECT retention_days FROM provider_terms WHERE offering_id = ?"
        ((days,),) = connection.execute(sql, [offering_id]).fetchall()
    return None if days is None else int(days)


def litter(folder: Path) -> list[str]:
    """Return what no finished run leaves behind: temporary files and folders, and write-ahead logs."""
    paths = (path for pattern in (".tmp-*", "*.wal", "*.tmp") for path in folder.rglob(pattern))
    return sorted(str(path.relative_to(folder)) for path in paths)


def failing(look: Observation) -> Observation:
    """Return a look that brought nothing, otherwise the same."""
    return replace(look, outcome=Outcome.TIMEOUT, capture_id=None)
