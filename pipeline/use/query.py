"""A person's own SQL over a published catalog: one SELECT, read-only, shut off from files, network and settings."""

import json
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import CatalogError, UsageError

TIMEOUT_SECONDS = 30.0
MAX_ROWS = 100_000
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "memory_limit": "512MB",
    "threads": "2",
    "temp_directory": "",
    "lock_configuration": "true",
}
# Functions and system views that tell of the machine, or that hide SQL in a string from the check below.
_REFUSED_PREFIXES = ("duckdb_", "pragma_", "read_", "parquet_", "pg_settings")
_REFUSED_NAMES = frozenset(
    {
        "current_setting",
        "getenv",
        "getvariable",
        "glob",
        "query",
        "query_table",
        "sniff_csv",
        "which_secret",
        "write_log",
    }
)


def run_query(
    path: Path,
    sql: str,
    *,
    as_of: datetime | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
    max_rows: int = MAX_ROWS,
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the column names and rows of one SELECT over the catalog file at `path`.

    With `as_of` (UTC, without a zone), `provider_terms` shows what held at that moment.
    Raise UsageError, in one line, for anything but one SELECT, for what is shut off, for SQL that is wrong, and where
    the time, the memory or the number of rows runs out.
    """
    _check_select(sql)
    try:
        connection = duckdb.connect(str(path.resolve()), read_only=True, config=_SETTINGS)
    except duckdb.Error as error:
        raise CatalogError(f"{path} cannot be opened: {_first_line(error)}") from error
    timer = threading.Timer(timeout_seconds, connection.interrupt)
    try:
        timer.start()
        if as_of is not None:
            moment = f"TIMESTAMP '{as_of.isoformat(sep=' ')}'"
            connection.execute(f"CREATE TEMP VIEW provider_terms AS SELECT * FROM provider_terms_as_of({moment})")  # noqa: S608 - a moment of ours
        cursor = connection.execute(sql)
        rows = cursor.fetchmany(max_rows + 1)
        columns = [column[0] for column in cursor.description or []]
    except duckdb.InterruptException as error:
        raise UsageError(f"query: not done after {timeout_seconds:g} s, stopped: narrow it down") from error
    except duckdb.OutOfMemoryException as error:
        raise UsageError(f"query: needs more than {_SETTINGS['memory_limit']} of memory: narrow it down") from error
    except duckdb.Error as error:
        raise UsageError(f"query: {_first_line(error)}") from error
    finally:
        timer.cancel()
        connection.close()
    if len(rows) > max_rows:
        raise UsageError(f"query: more than {max_rows} rows: add a LIMIT, or read the Parquet files")
    return columns, rows


def _check_select(sql: str) -> None:
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise UsageError(f"query: {_first_line(error)}") from error
    if len(statements) != 1 or statements[0].type is not duckdb.StatementType.SELECT:
        raise UsageError("query: expected one SELECT (or FROM, WITH, DESCRIBE, SHOW TABLES, SUMMARIZE)")
    with duckdb.connect() as parser:
        row = parser.execute("SELECT json_serialize_sql(?)", [statements[0].query]).fetchone()
    for name in _names(json.loads(row[0] if row else "null")):
        if name.startswith(_REFUSED_PREFIXES) or name in _REFUSED_NAMES:
            raise UsageError(f"query: '{name}' is shut off; the catalog's own tables are listed by SHOW TABLES")


def _names(node: object) -> Iterator[str]:
    """Yield every function and table name in a serialized statement, in lower case."""
    waiting = [node]
    while waiting:
        match waiting.pop():
            case dict() as mapping:
                yield from (
                    str(mapping[key]).lower()
                    for key in ("function_name", "table_name")
                    if isinstance(mapping.get(key), str)
                )
                waiting.extend(mapping.values())
            case list() as items:
                waiting.extend(items)
            case _:
                pass


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
