"""The descriptor of a folder that is handed over, made from that of the published catalog. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.use.export.extract import Extract, Table

_MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}


def describe(extract: Extract, form: str, bodies: Mapping[str, bytes]) -> tuple[str, bytes]:
    """Return `datapackage.json` for a folder with one file of a form per table, whose bytes are given by its name."""
    package = {name: extract.package[name] for name in ("name", "title", "version", "licenses", "build_key")}
    resources = [_resource(extract, table, form, bodies[table.name]) for table in extract.tables]
    found = {
        "profile": "tabular-data-package" if form == "csv" else "data-package",
        **package,
        "as_of": extract.moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "offering_count": len(extract.offerings),
        "filters": list(extract.filters),
        "left_out": list(extract.remarks),
        "resources": resources,
        "files": [{name: one[name] for name in ("path", "bytes", "hash")} for one in resources],
    }
    return "datapackage.json", f"{json.dumps(found, ensure_ascii=False, indent=2)}\n".encode()


def table_path(table: Table, form: str) -> str:
    """Return the relative path of a table's file."""
    return f"{table.name}.{form}"


def _resource(extract: Extract, table: Table, form: str, body: bytes) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource" if form == "csv" else "data-resource",
        "name": table.name.replace("_", "-"),
        "title": table.name,
        "description": table.description,
        "path": table_path(table, form),
        "format": form,
        "mediatype": _MEDIA_TYPES[form],
        **({} if form == "parquet" else {"encoding": "utf-8"}),
        "bytes": len(body),
        "hash": f"sha256:{hashlib.sha256(body).hexdigest()}",
        "row_count": len(table.rows),
        **({"dialect": extract.package["resources"][0]["dialect"]} if form == "csv" else {}),
        "schema": {
            "fields": [dict(column.field) for column in table.columns],
            "primaryKey": list(table.key),
            "missingValues": [""],
        },
    }


def described(extract: Extract, form: str, files: Iterable[tuple[Table, bytes]]) -> tuple[tuple[str, bytes], ...]:
    """Return the files of a folder with a descriptor of them."""
    bodies = tuple(files)
    descriptor = describe(extract, form, {table.name: body for table, body in bodies})
    return (*((table_path(table, form), body) for table, body in bodies), descriptor)
