"""The tables as one SQLite file for Datasette and for any program that knows SQLite, with what it needs to show them.

Lists are JSON, times ISO 8601 in UTC, truth values 0 and 1; text is unchanged.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, Final

from pipeline.catalog.reader import Catalog
from pipeline.catalog.spreadsheet import cell
from pipeline.errors import CatalogError
from pipeline.use.export.extract import VIEW, Extract, Made, Table

_FILE: Final = "catalog.sqlite"
_TYPES: Final[Mapping[str, str]] = {"BIGINT": "INTEGER", "BOOLEAN": "INTEGER"}
_OFFERING: Final = ("gateway_id", "offering_id")
# Columns of a table that name a row of another one.
_REFERENCES: Final[tuple[tuple[str, tuple[str, ...], str, tuple[str, ...]], ...]] = (
    *(
        (table, _OFFERING, "providers", _OFFERING)
        for table in (
            *("policies", "claims", "policy_history", "provider_policy_history", "attribute_history"),
            *("conflicts", "zdr_endpoints", "changes", "quarantine"),
        )
    ),
    *(
        ("policies", (column,), "claims", ("claim_id",))
        for column in (
            *("retention_claim_id", "training_claim_id", "zdr_claim_id"),
            *("provider_retention_claim_id", "provider_training_claim_id"),
        )
    ),
    *(
        (table, ("source_id",), "sources", ("source_id",))
        for table in ("policies", "claims", "attribute_history", "changes", "zdr_endpoints", "observations")
    ),
    ("conflicts", ("ruling_source_id",), "sources", ("source_id",)),
    ("conflicts", ("other_source_id",), "sources", ("source_id",)),
    ("quarantine", ("source_id",), "sources", ("source_id",)),
)
# What people look for by day or by kind.
_SEARCHED: Final[Mapping[str, tuple[str, ...]]] = {
    "changes": ("changed_at",),
    "claims": ("topic",),
    "observations": ("observed_at",),
    "policy_history": ("valid_from",),
    "providers": ("provider_id",),
}
# Words that people search; of a table whose rows hold one of them at least.
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "claims": ("quote", "text", "value_text"),
    "changes": ("old_quote", "new_quote", "old_value", "new_value"),
    "policy_history": ("retention_text", "training_text"),
    "providers": ("provider_name", "names", "slugs"),
}
_LABELS: Final = {"providers": "provider_name", "sources": "title"}


def make_sqlite(_catalog: Catalog, extract: Extract) -> Made:
    """Return `catalog.sqlite`, and `metadata.json` that describes its tables and columns to Datasette.

    The same catalog gives the same bytes with the same SQLite. Raise CatalogError where SQLite cannot write it.
    """
    try:
        with closing(sqlite3.connect(":memory:")) as connection:
            remarks = _write(connection, extract)
            body = connection.serialize()
    except sqlite3.Error as error:
        raise CatalogError(f"{_FILE} cannot be written: {error}") from error
    metadata = f"{json.dumps(_metadata(extract), ensure_ascii=False, indent=2)}\n".encode()
    return Made(files=((_FILE, body), ("metadata.json", metadata)), remarks=(*extract.remarks, *remarks))


def _write(connection: sqlite3.Connection, extract: Extract) -> tuple[str, ...]:
    """Write all of it into an empty database and return what it could not hold."""
    tables = {table.name: table for table in extract.tables}
    is_view = {"providers", "policies"} <= tables.keys()
    if is_view:
        view = tables.pop(VIEW)
    connection.execute("PRAGMA page_size = 4096")
    with connection:
        for table in tables.values():
            references = [one for one in _REFERENCES if one[0] == table.name and _holds(tables, *one)]
            _write_table(connection, table, references)
        if is_view:
            connection.execute(_view(view, tables))
    searched = {name: words for name, words in _WORDS.items() if name in tables}
    if not connection.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0]:
        return ("SQLite is built without full-text search here, so the file has no index of words",)
    for name, words in searched.items():
        _write_index_of_words(connection, name, words)
    return ()


def _holds(
    tables: Mapping[str, Table], name: str, columns: Sequence[str], other: str, other_columns: Sequence[str]
) -> bool:
    """Whether every row that names another one finds it.

    A choice of offerings leaves rows out, and as of a day whole tables: what leads nowhere is no foreign key.
    """
    if other not in tables:
        return False
    here, there = tables[name].places(columns), tables[other].places(other_columns)
    known = {tuple(row[place] for place in there) for row in tables[other].rows}
    named = (tuple(row[place] for place in here) for row in tables[name].rows)
    return all(None in one or one in known for one in named)


def _write_table(
    connection: sqlite3.Connection,
    table: Table,
    references: Iterable[tuple[str, tuple[str, ...], str, tuple[str, ...]]],
) -> None:
    lines = [_declared(column.name, column.sql, is_required=_is_required(column.field)) for column in table.columns]
    lines.append(f"PRIMARY KEY ({', '.join(table.key)})")
    indexes: list[tuple[str, ...]] = [(name,) for name in _SEARCHED.get(table.name, ())]
    for _, columns, other, other_columns in references:
        lines.append(f"FOREIGN KEY ({', '.join(columns)}) REFERENCES {other} ({', '.join(other_columns)})")
        if table.key[: len(columns)] != columns:
            indexes.append(columns)
    connection.execute(f"CREATE TABLE {table.name} ({', '.join(lines)})")
    marks = ", ".join("?" * len(table.columns))
    rows = (tuple(map(_value, row)) for row in table.rows)
    connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", rows)  # noqa: S608 - a name of the contract
    for columns in dict.fromkeys(indexes):
        connection.execute(f"CREATE INDEX {table.name}_{'_'.join(columns)} ON {table.name} ({', '.join(columns)})")


def _declared(name: str, sql: str, *, is_required: bool) -> str:
    return f"{name} {_TYPES.get(sql, 'TEXT')}{' NOT NULL' if is_required else ''}"


def _is_required(field: Mapping[str, Any]) -> bool:
    return bool(field.get("constraints", {}).get("required"))


def _value(value: object) -> object:
    return cell(value) if isinstance(value, datetime | list) else value


def _view(view: Table, tables: Mapping[str, Table]) -> str:
    """Return the SQL of the view: every column from the table that has it, as in the published catalog."""
    policies = set(tables["policies"].names)
    columns = (f"{'policies' if name in policies else 'providers'}.{name}" for name in view.names)
    return (
        f"CREATE VIEW {VIEW} AS SELECT {', '.join(columns)} "  # noqa: S608 - names of the contract
        "FROM providers JOIN policies USING (gateway_id, offering_id) "
        "ORDER BY providers.gateway_id, providers.offering_id"
    )


def _write_index_of_words(connection: sqlite3.Connection, name: str, words: Sequence[str]) -> None:
    with connection:
        # Datasette finds the index of a table by this very spelling.
        connection.execute(f'CREATE VIRTUAL TABLE {name}_fts USING fts5({", ".join(words)}, content="{name}")')
        connection.execute(f"INSERT INTO {name}_fts ({name}_fts) VALUES ('rebuild')")  # noqa: S608 - names of ours


def _metadata(extract: Extract) -> dict[str, Any]:
    (licence, *_) = extract.package["licenses"]
    asked = "; ".join(extract.filters)
    return {
        "title": extract.package["title"],
        "description": f"As of {extract.moment:%Y-%m-%d}: {asked}. Unknown is a value, and passes no limit.",
        "license": licence["name"],
        "license_url": licence["path"],
        "source": "provider-terms, from the documentation and feeds of gateways and the terms pages of providers",
        "databases": {_FILE.removesuffix(".sqlite"): {"tables": {one.name: _described(one) for one in extract.tables}}},
    }


def _described(table: Table) -> dict[str, Any]:
    columns = {column.name: column.description for column in table.columns}
    found: dict[str, Any] = {"description": table.description, "columns": columns}
    units = {column.name: column.field["unit"] for column in table.columns if "unit" in column.field}
    if units:
        found["columns"] |= {name: f"{columns[name]} Unit: {unit}." for name, unit in units.items()}
    if table.name in _LABELS:
        found["label_column"] = _LABELS[table.name]
    return found
