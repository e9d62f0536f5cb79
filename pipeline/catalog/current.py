"""Where the published catalog lies and what it was made of. Reads only; imports nothing heavy."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CURRENT = "current"
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
    return tuple(str(file.get("path")) for file in files if not _is_whole(build, file))


def _is_whole(build: Path, file: Mapping[str, str]) -> bool:
    try:
        body = (build / file["path"]).read_bytes()
    except (OSError, KeyError, TypeError, ValueError):
        return False
    return file.get("hash") == f"sha256:{hashlib.sha256(body).hexdigest()}"


def builder_fingerprint() -> str:
    """Return a hash over the code that turns readings into a catalog."""
    root = Path(__file__).parent.parent.parent
    digest = hashlib.sha256()
    for room in _BUILDER_ROOMS:
        for path in sorted((root / room).glob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
