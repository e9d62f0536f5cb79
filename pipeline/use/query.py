"""A person's own SQL over a published catalog: one SELECT, read-only, shut off from files, network and settings."""

import itertools
import json
import os
import resource
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline.catalog.current import check_unaltered
from pipeline.catalog.reader import SETTINGS
from pipeline.errors import CatalogError, UsageError

TIMEOUT_SECONDS = 30.0
MAX_ROWS = 100_000
# How long a query may go on after it was told to stop: some functions look up from their work too rarely.
GRACE_SECONDS = 5.0
_INTERRUPT_EVERY_SECONDS = 0.1
# DuckDB's own memory limit does not count every string, so the process may not grow by more than this either.
_MAX_GROWTH_BYTES = 768 * 1024 * 1024

_QUERY_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_TABLE_FUNCTIONS = frozenset(
    {"generate_series", "json_each", "json_tree", "provider_terms_as_of", "range", "repeat", "repeat_row", "unnest"}
)
# Functions and views that tell of the machine, hide SQL in a string from the check below, or take raw memory.
_REFUSED_PREFIXES = ("__internal_", "duckdb_", "parquet_", "pg_settings", "pragma_", "read_")
_REFUSED_NAMES = frozenset(
    {
        "combine",
        "current_setting",
        "finalize",
        "getenv",
        "getvariable",
        "glob",
        "json_execute_serialized_sql",
        "json_serialize_plan",
        "query",
        "query_table",
        "sniff_csv",
        "to_aggregate_state",
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
    give_up: Callable[[str], None] | None = None,
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the column names and rows of one SELECT over the catalog file at `path`.

    With `as_of` (UTC, without a zone), `provider_terms` shows what held at that moment.
    Raise UsageError, in one line, for anything but one SELECT, for what is shut off, for SQL that is wrong, and where
    the time, the memory or the number of rows runs out. A query that cannot be stopped is reported to `give_up`, from
    another thread, some seconds after its time ran out.
    """
    _check_select(sql)
    database = path.resolve()
    check_unaltered(database)
    try:
        connection = duckdb.connect(str(database), read_only=True, config=SETTINGS)
    except duckdb.Error as error:
        raise CatalogError(f"{path} cannot be opened: {_message(error)}") from error
    too_slow = f"query: not done after {timeout_seconds:g} s, stopped: narrow it down"
    watch = _time_limit(connection, timeout_seconds, lambda: give_up and give_up(too_slow))
    with _failures(too_slow), _memory_limit(), watch:
        try:
            columns, rows = _fetch(connection, sql, as_of, max_rows + 1)
        finally:
            connection.interrupt()  # what is still being computed of a longer answer
            connection.close()
    if len(rows) > max_rows:
        raise UsageError(f"query: more than {max_rows} rows: add a LIMIT, or read the Parquet files")
    return columns, rows


@contextmanager
def _failures(too_slow: str) -> Iterator[None]:
    """Turn what DuckDB raises into what to do about it."""
    try:
        yield
    except duckdb.InterruptException as error:
        raise UsageError(too_slow) from error
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        raise UsageError(f"query: needs more than {SETTINGS['memory_limit']} of memory: narrow it down") from error
    except duckdb.Error as error:
        raise UsageError(f"query: {_message(error)}") from error


def _fetch(
    connection: duckdb.DuckDBPyConnection, sql: str, as_of: datetime | None, count: int
) -> tuple[list[str], list[tuple[Any, ...]]]:
    if as_of is not None:
        moment = f"TIMESTAMP '{as_of.isoformat(sep=' ')}'"
        connection.execute(f"CREATE TEMP VIEW provider_terms AS SELECT * FROM provider_terms_as_of({moment})")  # noqa: S608 - a moment of ours
    cursor = connection.execute(sql)
    rows = cursor.fetchmany(count)
    return [column[0] for column in cursor.description or []], rows


@contextmanager
def _time_limit(connection: duckdb.DuckDBPyConnection, seconds: float, give_up: Callable[[], object]) -> Iterator[None]:
    """Interrupt what the connection does after some seconds, or once the process is told to stop, until it stops.

    DuckDB does not always ask whether a signal came while its threads are at work, so it is told by another thread.
    """
    done = threading.Event()
    woken, wakes = os.pipe()  # a byte comes with a signal, and with the end

    def watch() -> None:
        is_too_slow = not select.select([woken], [], [], seconds)[0]
        for number in itertools.count():
            if done.is_set():
                return
            if is_too_slow and number == round(GRACE_SECONDS / _INTERRUPT_EVERY_SECONDS):
                give_up()  # and go on: on a machine that stands still, the query may not even have begun
            with suppress(duckdb.Error):  # it may have been closed by now
                connection.interrupt()
            done.wait(_INTERRUPT_EVERY_SECONDS)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        with _signals_write_to(wakes):
            yield
    finally:
        done.set()
        os.write(wakes, b"\0")
        watcher.join()
        os.close(wakes)
        os.close(woken)


@contextmanager
def _signals_write_to(pipe: int) -> Iterator[None]:
    """Have each signal that Python hears write a byte; in a thread that hears none, nothing is changed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    os.set_blocking(pipe, False)
    before = signal.set_wakeup_fd(pipe, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)


@contextmanager
def _memory_limit() -> Iterator[None]:
    """Let the process grow by so much and no more, where the system tells how large it is."""
    try:
        data_pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
    except (OSError, IndexError, ValueError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = data_pages * resource.getpagesize() + _MAX_GROWTH_BYTES
    known = [limit for limit in (soft, hard, wanted) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(known), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _check_select(sql: str) -> None:
    """Raise UsageError for anything but one SELECT that names nothing that is shut off."""
    try:
        sql.encode()
        statements = duckdb.extract_statements(sql)
        if len(statements) != 1 or not _is_select(statements[0]):
            raise UsageError("query: expected one SELECT (or FROM, WITH, DESCRIBE, SHOW TABLES, SUMMARIZE)")
        with duckdb.connect() as parser:
            row = parser.execute("SELECT json_serialize_sql(?)", [statements[0].query]).fetchone()
        tree = json.loads(row[0] if row else "null")
    except UnicodeEncodeError as error:
        raise UsageError("query: the SQL is not valid UTF-8") from error
    except duckdb.Error as error:
        raise UsageError(f"query: {_message(error)}") from error
    except RecursionError as error:
        raise UsageError("query: nested too deeply to be checked: write it flatter") from error
    if not isinstance(tree, dict) or tree.get("error") is not False:
        raise UsageError("query: this statement cannot be checked, so it is not run: write it as a plain SELECT")
    for node in _nodes(tree):
        _check_node(node)


def _is_select(statement: duckdb.Statement) -> bool:
    try:
        return statement.type is duckdb.StatementType.SELECT
    except ValueError:  # a kind of statement that DuckDB knows and its Python module does not
        return False


def _check_node(node: dict[str, Any]) -> None:
    if "cte_map" in node and node.get("type") not in _QUERY_NODES:
        raise UsageError("query: expected one SELECT that changes nothing")
    match node:
        case {"type": "TABLE_FUNCTION"}:
            name = str((node.get("function") or {}).get("function_name"))
            is_refused = name.lower() not in _TABLE_FUNCTIONS
        case {"function_name": str(name)} | {"table_name": str(name)}:
            is_refused = name.lower() in _REFUSED_NAMES or name.lower().startswith(_REFUSED_PREFIXES)
        case _:
            return
    if is_refused:
        raise UsageError(f"query: '{name}' is shut off; the catalog's own tables are listed by SHOW TABLES")


def _nodes(tree: object) -> Iterator[dict[str, Any]]:
    """Yield every mapping in a serialized statement."""
    waiting = [tree]
    while waiting:
        match waiting.pop():
            case dict() as mapping:
                yield mapping
                waiting.extend(mapping.values())
            case list() as items:
                waiting.extend(items)
            case _:
                pass


def _message(error: Exception) -> str:
    """Return what DuckDB says, in one line, without the drawing of where in the SQL it was."""
    lines = itertools.takewhile(lambda line: not line.startswith("LINE "), str(error).splitlines())
    return " ".join(" ".join(lines).split()) or type(error).__name__
