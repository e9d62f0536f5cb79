"""A folder with a file per table and a descriptor: CSV, JSON Lines, Parquet."""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from pipeline.catalog import engine
from pipeline.catalog.reader import Catalog
from pipeline.catalog.spreadsheet import cell
from pipeline.errors import CatalogError
from pipeline.use.export.descriptor import described
from pipeline.use.export.extract import Extract, Made, Table


def make_csv(_catalog: Catalog, extract: Extract) -> Made:
    """Return the tables as CSV files like the published ones: a spreadsheet that opens them runs no cell."""
    return _folder(extract, "csv", _csv)


def make_jsonl(_catalog: Catalog, extract: Extract) -> Made:
    """Return the tables as JSON Lines: an object per row, lists as arrays, times as ISO 8601, text unchanged."""
    return _folder(extract, "jsonl", _json_lines)


def make_parquet(_catalog: Catalog, extract: Extract) -> Made:
    """Return the tables as Parquet files with the types and the order of the published ones, text unchanged.

    Raise CatalogError where DuckDB cannot write them.
    """
    try:
        with tempfile.TemporaryDirectory() as folder:
            files = described(extract, "parquet", _parquet(extract, Path(folder)))
    except engine.Error as error:
        raise CatalogError(f"Parquet cannot be written: {str(error).splitlines()[0]}") from error
    return Made(files=files, remarks=extract.remarks)


def _folder(extract: Extract, form: str, write: Callable[[Table], str]) -> Made:
    files = described(extract, form, ((table, write(table).encode()) for table in extract.tables))
    return Made(files=files, remarks=extract.remarks)


def _csv(table: Table) -> str:
    buffer = io.StringIO(newline="")
    # RFC 4180, as published: CRLF between records, and whatever holds a bare CR, an LF or a comma is quoted.
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(table.names)
    writer.writerows([cell(value) for value in row] for row in table.rows)
    return buffer.getvalue()


def _json_lines(table: Table) -> str:
    names = table.names
    return "".join(
        f"{json.dumps(dict(zip(names, map(_json, row), strict=True)), ensure_ascii=False)}\n" for row in table.rows
    )


def _json(value: object) -> object:
    return cell(value) if isinstance(value, datetime) else value


def _parquet(extract: Extract, folder: Path) -> Iterator[tuple[Table, bytes]]:
    """Yield the tables' files, written by an engine that has never seen the catalog: it may write, and reads nothing.

    The catalog is open without access to files, so that no view in it reads one; its rows come over as values.
    """
    quoted = str(folder).replace("'", "''")
    with engine.connect(config={"threads": 1, "temp_directory": ""}) as connection:
        for table in extract.tables:
            declared = ", ".join(f"{column.name} {column.sql}" for column in table.columns)
            connection.execute(f"CREATE TABLE {table.name} ({declared})")
            if table.rows:
                columns = [list(values) for values in zip(*table.rows, strict=True)]
                values = ", ".join(f"unnest(?::{column.sql}[])" for column in table.columns)
                connection.execute(f"INSERT INTO {table.name} SELECT {values}", columns)
            connection.execute(f"COPY {table.name} TO '{quoted}/{table.name}' (FORMAT parquet, COMPRESSION zstd)")
            yield table, (folder / table.name).read_bytes()
