"""The published tables as a Frictionless data package: schemas, descriptions, hashes, as-of. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandera.pandas as pa

from schemas.columns import key_of, type_of, unit_of

_VERSION = "0.1"  # of the columns; it grows when one is taken away or changes its meaning


def describe(
    tables: Mapping[str, pa.DataFrameSchema],
    *,
    rows: Mapping[str, int],
    files: Mapping[str, tuple[int, str]],
    build_key: str,
    as_of: datetime,
) -> dict[str, Any]:
    """Return the descriptor; `files` gives size in bytes and SHA-256 by path, `rows` the row count by table."""
    return {
        "profile": "tabular-data-package",
        "name": "provider-terms",
        "title": "What LLM providers do with prompts",
        "version": _VERSION,
        "licenses": [{"name": "Apache-2.0", "path": "https://www.apache.org/licenses/LICENSE-2.0"}],
        "as_of": as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "build_key": build_key,
        "resources": [_resource(name, schema, rows[name], files) for name, schema in tables.items()],
        "files": [{"path": path, "bytes": size, "hash": f"sha256:{digest}"} for path, (size, digest) in files.items()],
    }


def _resource(
    name: str, schema: pa.DataFrameSchema, row_count: int, files: Mapping[str, tuple[int, str]]
) -> dict[str, Any]:
    path = f"csv/{name}.csv"
    size, digest = files[path]
    return {
        "profile": "tabular-data-resource",
        "name": name.replace("_", "-"),
        "title": name,
        "description": schema.description,
        "path": path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{digest}",
        "row_count": row_count,
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True},
        "schema": {
            "fields": [_field(schema, column) for column in schema.columns],
            "primaryKey": list(key_of(schema)),
            "missingValues": [""],
        },
    }


def _field(schema: pa.DataFrameSchema, name: str) -> dict[str, Any]:
    declared, unit = schema.columns[name], unit_of(schema, name)
    field: dict[str, Any] = {
        "name": name,
        "type": type_of(schema, name).frictionless,
        "description": declared.description,
    }
    if unit is not None:
        field["unit"] = unit
    if not declared.nullable:
        field["constraints"] = {"required": True}
    return field
