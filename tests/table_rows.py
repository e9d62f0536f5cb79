"""Rows that keep the contract, made from the contract itself, for tests that then break one thing."""

from datetime import datetime
from typing import Any

import pandera.pandas as pa

from schemas import TABLES
from schemas.columns import BOOLEAN, INTEGER, LINK_PATTERN, TEXT, TEXT_LIST, TIMESTAMP, ColumnType, type_of

Row = dict[str, Any]

# "ab12" is an id, hex digits and a name at once.
_VALUES: dict[ColumnType, object] = {
    TEXT: "ab12",
    INTEGER: 1,
    BOOLEAN: True,
    TIMESTAMP: datetime(2026, 7, 1),  # noqa: DTZ001 - published times are UTC without a zone
    TEXT_LIST: [],
}
_FITTING: dict[str, Row] = {
    "policies": {"retention_days": 0, "provider_retention_days": 0, "strictest_retention_days": 0},
    "policy_history": {"retention_days": 0},
    "provider_policy_history": {"provider_retention_days": 0},
}


def plain_row(table: str, **changes: object) -> Row:
    """Return a row of a table that holds as little as its contract allows, with some values changed."""
    schema = TABLES[table]
    row = {name: _value(schema, name) for name in schema.columns}
    return row | _FITTING.get(table, {}) | changes


def _value(schema: pa.DataFrameSchema, name: str) -> object:
    declared = schema.columns[name]
    if declared.nullable:
        return None
    allowed = [check.statistics.get("allowed_values") for check in declared.checks if check.name == "isin"]
    patterns = [check.statistics.get("pattern") for check in declared.checks if check.name == "str_matches"]
    if any(getattr(pattern, "pattern", pattern) == LINK_PATTERN for pattern in patterns):
        return "https://example.com/"
    return allowed[0][0] if allowed else _VALUES[type_of(schema, name)]
