"""How a column is declared: one type for pandas, SQL and Frictionless, a unit where it has one, a description."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa


@dataclass(frozen=True, slots=True)
class ColumnType:
    """One column type in the four places where it has a name."""

    python: type
    pandas: Any  # what pandas takes for a dtype
    sql: str
    frictionless: str


# Text is kept by Python also where pyarrow is installed, which fails at a lone surrogate before a rule can refuse it.
TEXT = ColumnType(str, pd.StringDtype("python", na_value=np.nan), "VARCHAR", "string")
INTEGER = ColumnType(int, "Int64", "BIGINT", "integer")
BOOLEAN = ColumnType(bool, "boolean", "BOOLEAN", "boolean")
TIMESTAMP = ColumnType(datetime, "datetime64[us]", "TIMESTAMP", "datetime")  # UTC, without a zone in the type
TEXT_LIST = ColumnType(list, "object", "VARCHAR[]", "array")

ID_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,99}(:[a-z]+)?\Z"
HEX_PATTERN = r"^[0-9a-f]+\Z"
LINK_PATTERN = r"^https?://\S+\Z"
COUNTRY_PATTERN = r"^[A-Z]{2}\Z"


def _is_writable(value: object) -> bool:
    """Whether a value is text that UTF-8 can hold, which a lone surrogate is not."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _are_writable(values: pd.Series) -> pd.Series:
    return values.map(_is_writable).astype(bool)


def _are_lists_of_text(values: pd.Series) -> pd.Series:
    return values.map(lambda value: all(_is_writable(item) for item in value)).astype(bool)


IS_WRITABLE = pa.Check(_are_writable, name="is_writable", error="is no text that UTF-8 can hold")
ARE_LISTS_OF_TEXT = pa.Check(
    _are_lists_of_text, name="are_lists_of_text", error="is no list of text that UTF-8 can hold"
)


def column(
    type_: ColumnType,
    description: str,
    *,
    unit: str | None = None,
    nullable: bool = False,
    checks: Sequence[pa.Check] = (),
) -> pa.Column:
    """Return a pandera column that carries its type, unit and description."""
    of_type = {TEXT: [IS_WRITABLE], TEXT_LIST: [ARE_LISTS_OF_TEXT]}.get(type_, [])
    return pa.Column(
        type_.pandas,
        checks=[*of_type, *checks],
        nullable=nullable,
        description=description,
        metadata={"type": type_, "unit": unit},
    )


def text(description: str, *, nullable: bool = False, pattern: str | None = None, most: int = 5000) -> pa.Column:
    """Return a text column of at most `most` characters."""
    checks = [pa.Check.str_length(1, most)]
    if pattern is not None:
        checks.append(pa.Check.str_matches(pattern))
    return column(TEXT, description, nullable=nullable, checks=checks)


def verbatim(description: str) -> pa.Column:
    """Return a nullable column for the words of a source, which may be empty."""
    return column(TEXT, f"{description} Verbatim; empty where the source leaves it out.", nullable=True)


def choice(members: type[StrEnum], description: str, *, nullable: bool = False) -> pa.Column:
    """Return a text column that holds one of an enum's values."""
    values = [member.value for member in members]
    return column(
        TEXT, f"{description} One of: {', '.join(values)}.", nullable=nullable, checks=[pa.Check.isin(values)]
    )


def count(description: str, *, unit: str, nullable: bool = False, least: int = 0) -> pa.Column:
    """Return an integer column with a unit."""
    return column(INTEGER, description, unit=unit, nullable=nullable, checks=[pa.Check.ge(least)])


def flag(description: str, *, nullable: bool = False) -> pa.Column:
    """Return a boolean column."""
    return column(BOOLEAN, description, nullable=nullable)


def moment(description: str, *, nullable: bool = False) -> pa.Column:
    """Return a timestamp column."""
    return column(TIMESTAMP, description, unit="UTC", nullable=nullable)


def texts(description: str, *, nullable: bool = False) -> pa.Column:
    """Return a column of lists of text."""
    return column(TEXT_LIST, description, nullable=nullable)


def table(
    description: str, key: Sequence[str], columns: dict[str, pa.Column], checks: Sequence[pa.Check] = ()
) -> pa.DataFrameSchema:
    """Return a published table: these columns in this order, nothing else, `key` unique."""
    return pa.DataFrameSchema(
        columns,
        checks=list(checks),
        strict=True,
        ordered=True,
        unique=list(key),
        description=description,
        metadata={"key": tuple(key)},
    )


def type_of(schema: pa.DataFrameSchema, name: str) -> ColumnType:
    """Return a column's type."""
    found: ColumnType = _metadata(schema, name)["type"]
    return found


def unit_of(schema: pa.DataFrameSchema, name: str) -> str | None:
    """Return a column's unit, or None where it has none."""
    unit: str | None = _metadata(schema, name)["unit"]
    return unit


def key_of(schema: pa.DataFrameSchema) -> tuple[str, ...]:
    """Return a table's key columns."""
    key: tuple[str, ...] = (schema.metadata or {})["key"]
    return key


def _metadata(schema: pa.DataFrameSchema, name: str) -> dict[str, Any]:
    return schema.columns[name].metadata or {}
