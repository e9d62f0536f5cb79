"""Where the published catalog lies and what it was made of. Reads only; imports nothing heavy."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CURRENT = "current"
_BUILDER_ROOMS = ("pipeline", "pipeline/catalog", "schemas")


def read_package(folder: Path) -> dict[str, Any] | None:
    """Return the descriptor of the catalog published under `folder`, or None where there is none to be read."""
    try:
        package = json.loads((folder / CURRENT / "datapackage.json").read_bytes())
    except (OSError, ValueError):
        return None
    return package if isinstance(package, dict) else None


def current_build_key(folder: Path) -> str | None:
    """Return the key of the published catalog, or None where there is none, or where a file of it is damaged."""
    package = read_package(folder) or {}
    key, files = package.get("build_key"), package.get("files")
    if not isinstance(key, str) or not isinstance(files, list):
        return None
    return key if files and all(_is_whole(folder / CURRENT, file) for file in files) else None


def _is_whole(build: Path, file: Mapping[str, str]) -> bool:
    try:
        body = (build / file["path"]).read_bytes()
    except (OSError, KeyError, TypeError):
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
