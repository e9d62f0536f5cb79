"""Where the published catalog lies and what it was made of. Reads only; imports nothing heavy."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import CatalogError

CURRENT = "current"
_ALTERED = "it was changed since it was published: remove its folder and run `provider-terms build`"
_BUILDER_ROOMS = ("pipeline", "pipeline/catalog", "schemas")


def read_package(folder: Path) -> dict[str, Any] | None:
    """Return the descriptor of the catalog published under `folder`, or None where there is none to be read."""
    return _read_package(folder / CURRENT)


def _read_package(build: Path) -> dict[str, Any] | None:
    try:
        package = json.loads((build / "datapackage.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return package if isinstance(package, dict) else None


def current_build(folder: Path) -> Path:
    """Return the folder that `current` leads to, whether or not anything is there."""
    return Path(os.path.realpath(folder / CURRENT))  # `Path.resolve` raises where a link leads to itself


def current_build_key(folder: Path) -> str | None:
    """Return the key of the published catalog, or None where there is none, or where a file of it is damaged."""
    key = (read_package(folder) or {}).get("build_key")
    return key if isinstance(key, str) and not find_damaged_files(folder) else None


def find_damaged_files(folder: Path) -> tuple[str, ...]:
    """Return the path of every file of the published catalog that is not as its descriptor says; none where none is."""
    build = current_build(folder)  # followed once: what is published meanwhile is another build
    package = _read_package(build)
    if package is None:
        return ("datapackage.json",) if build.exists() or (folder / CURRENT).is_symlink() else ()
    files = package.get("files")
    if not isinstance(files, list) or not files or not all(isinstance(file, dict) for file in files):
        return ("datapackage.json",)
    return tuple(str(file.get("path")) for file in files if _read_whole(build, file) is None)


def check_unaltered(database: Path) -> dict[str, Any] | None:
    """Return the descriptor beside a catalog's file, or None where none lies there, before anything opens the file.

    Raise CatalogError where the file is not the one that the descriptor names by its SHA-256, and where a log of
    writes lies beside it: DuckDB would read that log as if it were part of the file.
    """
    if os.path.lexists(f"{database}.wal"):
        raise CatalogError(f"{database}.wal lies beside a catalog that nothing writes to; {_ALTERED}")
    if not os.path.lexists(database.with_name("datapackage.json")):
        return None
    package = _read_package(database.parent) or {}
    if read_listed(database.parent, package, database.name) is None:
        raise CatalogError(f"{database} is not as datapackage.json beside it says; {_ALTERED}")
    return package


def read_listed(build: Path, package: Mapping[str, Any], path: str) -> bytes | None:
    """Return a file that the descriptor of a build lists, or None where it lists none of that path.

    Raise CatalogError where the file is not the one that the descriptor names by its SHA-256.
    """
    files = package.get("files")
    mine = [file for file in files if isinstance(file, dict)] if isinstance(files, list) else []
    file = next((file for file in mine if file.get("path") == path), None)
    if file is None:
        return None
    body = _read_whole(build, file)
    if body is None:
        raise CatalogError(f"{build / path} is not as datapackage.json beside it says; {_ALTERED}")
    return body


def _read_whole(build: Path, file: Mapping[str, str]) -> bytes | None:
    """Return a file of a build where it is as the descriptor says."""
    try:
        body = (build / file["path"]).read_bytes()
    except (OSError, KeyError, TypeError, ValueError):
        return None
    return body if file.get("hash") == f"sha256:{hashlib.sha256(body).hexdigest()}" else None


def builder_fingerprint() -> str:
    """Return a hash over the code that turns readings into a catalog."""
    root = Path(__file__).parent.parent.parent
    digest = hashlib.sha256()
    for room in _BUILDER_ROOMS:
        for path in sorted((root / room).glob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
