"""Rows to checked frames: bad claims to the quarantine, a broken contract to an error. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pandera.errors
import pandera.pandas as pa

from pipeline.catalog.tables import Row, Rows
from pipeline.errors import ContractError
from pipeline.model import POLICY_TOPICS, Claim, Reading, Refusal, Retention, as_text
from pipeline.normalize.values import unreadable
from schemas import TABLES
from schemas.claims import CLAIM_RULES
from schemas.columns import type_of

_SHOWN_FAILURES = 3


def split_claims(readings: Mapping[tuple[str, str], Reading]) -> dict[tuple[str, str], Reading]:
    """Return the readings with every claim that breaks a row rule moved to its refusals; claims are conserved.

    A refused claim on a policy leaves an `unreadable` one of unknown value in its place, as an unread one does.
    Raise ContractError where a rule itself fails, because then nothing was checked.
    """
    keys = list(readings)
    rows = [(key, index, claim) for key in keys for index, claim in enumerate(readings[key].claims)]
    refused = _find_refused([claim for _, _, claim in rows])
    by_key: dict[tuple[str, str], dict[int, str]] = {}
    for position, reason in refused.items():
        key, index, _ = rows[position]
        by_key.setdefault(key, {})[index] = reason
    return {key: _without(readings[key], by_key.get(key, {})) for key in keys}


def _find_refused(claims: list[Claim]) -> dict[int, str]:
    if not claims:
        return {}
    frame = pd.DataFrame(
        {
            "offering_id": pd.array([claim.offering_id for claim in claims], dtype="str"),
            "topic": pd.array([claim.topic.value for claim in claims], dtype="str"),
            "value_text": pd.array([as_text(claim.value) or None for claim in claims], dtype="str"),
            "retention_days": pd.array([_days(claim) for claim in claims], dtype="Int64"),
            "text": pd.array([claim.text for claim in claims], dtype="str"),
        }
    )
    try:
        CLAIM_RULES.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        _check_rules_ran(errors, "claims")
        cases = errors.failure_cases.dropna(subset=["index"])
        if len(cases) < len(errors.failure_cases):
            raise ContractError(f"claims: {_told(errors)}") from errors
        return {int(case["index"]): f"{case['column']}: {case['check']}" for case in cases.to_dict("records")}
    return {}


def _days(claim: Claim) -> int | None:
    return claim.value.stored_days if isinstance(claim.value, Retention) else None


def _without(reading: Reading, refused: Mapping[int, str]) -> Reading:
    if not refused:
        return reading
    claims = [claim for index, claim in enumerate(reading.claims) if index not in refused]
    refusals = list(reading.refusals)
    for index, reason in sorted(refused.items()):
        claim = reading.claims[index]
        refusals.append(
            Refusal(
                stage="validate",
                reason=reason,
                raw=claim.text,
                locator=claim.locator,
                topic=claim.topic,
                offering_id=claim.offering_id,
            )
        )
        if claim.topic in POLICY_TOPICS:
            typed = unreadable(claim.topic)
            claims.append(replace(claim, value=typed.value, basis=typed.basis, printed=None, text=None))
    return replace(reading, claims=tuple(claims), refusals=tuple(refusals))


def check_tables(rows: Rows) -> dict[str, pd.DataFrame]:
    """Return every published table as a frame that keeps its contract; raise ContractError naming what does not."""
    return {name: check_table(name, schema, rows[name]) for name, schema in TABLES.items()}


def check_table(name: str, schema: pa.DataFrameSchema, rows: list[Row]) -> pd.DataFrame:
    """Return one table as a frame of its declared types; raise ContractError where it breaks its schema."""
    frame = pd.DataFrame({column: _series(schema, column, rows) for column in schema.columns})
    unknown = {column for row in rows for column in row} - set(schema.columns)
    if unknown:
        raise ContractError(f"{name}: columns without a declaration: {', '.join(sorted(unknown))}")
    try:
        return schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        _check_rules_ran(errors, name)
        raise ContractError(f"{name}: {_told(errors)}") from errors


def _series(schema: pa.DataFrameSchema, column: str, rows: Iterable[Row]) -> pd.Series:
    dtype: Any = type_of(schema, column).pandas
    series: pd.Series = pd.Series([row[column] for row in rows], dtype=dtype)
    return series


def _check_rules_ran(errors: pandera.errors.SchemaErrors, name: str) -> None:
    for error in errors.schema_errors:
        if error.reason_code is pandera.errors.SchemaErrorReason.CHECK_ERROR:
            raise ContractError(f"{name}: a rule could not be run, so nothing is published: {error}") from errors


def _told(errors: pandera.errors.SchemaErrors) -> str:
    cases = errors.failure_cases.to_dict("records")
    told = [f"{case['column']}: {case['check']} (found {case['failure_case']!r})" for case in cases[:_SHOWN_FAILURES]]
    more = len(cases) - len(told)
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")
