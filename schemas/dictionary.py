"""The contract as a page to read: `python -m schemas.dictionary` prints `docs/data-dictionary.md`."""

import sys
from collections.abc import Iterable, Iterator, Sequence

import pandera.pandas as pa

from schemas import view
from schemas.columns import key_of, type_of, unit_of
from schemas.registry import TABLES

_INTRODUCTION = (
    "Every table of the published catalog with its key and columns, generated from `schemas/` by "
    "`python -m schemas.dictionary`; the types are those of DuckDB and Parquet."
)


def render() -> str:
    """Return the data dictionary in Markdown: the view first, then each table."""
    parts = ["# Data dictionary", _INTRODUCTION, *_view()]
    for name, schema in TABLES.items():
        parts += _table(name, schema)
    return "\n\n".join(parts) + "\n"


def _view() -> Iterator[str]:
    yield f"## {view.VIEW}"
    yield f"{view.DESCRIPTION} A view: each column means what it means in the table that it comes from."
    yield f"Key: {_codes(key_of(TABLES['policies']))}."
    yield _grid(
        ("column", "table", "type", "unit", "may be empty", "description"),
        ((_code(name), _code(table), *_facts(TABLES[table], name)) for name, table in view.TABLE_OF.items()),
    )


def _table(name: str, schema: pa.DataFrameSchema) -> Iterator[str]:
    yield f"## {name}"
    yield str(schema.description)
    yield f"Key: {_codes(key_of(schema))}."
    yield _grid(
        ("column", "type", "unit", "may be empty", "description"),
        ((_code(column), *_facts(schema, column)) for column in schema.columns),
    )


def _facts(schema: pa.DataFrameSchema, name: str) -> tuple[str, ...]:
    column = schema.columns[name]
    unit = unit_of(schema, name) or "-"
    return type_of(schema, name).sql, unit, "yes" if column.nullable else "no", str(column.description)


def _grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _codes(names: Iterable[str]) -> str:
    return ", ".join(_code(name) for name in names)


def _code(name: str) -> str:
    return f"`{name}`"


if __name__ == "__main__":
    sys.stdout.write(render())
