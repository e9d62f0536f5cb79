"""Rows to checked frames: bad claims and endpoints to the quarantine, a broken contract to an error. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

import pandas as pd
import pandera.errors
import pandera.pandas as pa
from pandera.config import ValidationDepth, config_context

from pipeline.catalog.rows import Row, Rows
from pipeline.errors import ContractError
from pipeline.model import POLICY_TOPICS, Claim, Reading, Refusal, Retention, ZdrEndpoint, as_text
from pipeline.normalize.values import unreadable
from schemas import TABLES
from schemas.claims import CLAIM_RULES, ENDPOINT_RULES
from schemas.columns import key_of, type_of

_SHOWN_FAILURES = 3
_SHOWN_CHARACTERS = 80
_TOO_MANY_DAYS = 10**9  # what is longer counts as this long: it is refused all the same, and fits the column

_Item = TypeVar("_Item", Claim, ZdrEndpoint)
_Key = tuple[str, str]


def split_claims(readings: Mapping[_Key, Reading]) -> dict[_Key, Reading]:
    """Return the readings with every claim and endpoint that breaks a row rule moved to its refusals; none is lost.

    A refused claim on a policy leaves an `unreadable` one of unknown value in its place, as an unread one does.
    Raise ContractError where a rule itself fails, because then nothing was checked.
    """
    claims = {key: reading.claims for key, reading in readings.items()}
    endpoints = {key: reading.endpoints for key, reading in readings.items()}
    bad_claims = _find_refused("claims", CLAIM_RULES, claims, _claim_row)
    bad_endpoints = _find_refused("zdr_endpoints", ENDPOINT_RULES, endpoints, _endpoint_row)
    return {
        key: _without_endpoints(_without_claims(reading, bad_claims.get(key, {})), bad_endpoints.get(key, {}))
        for key, reading in readings.items()
    }


@contextmanager
def _always_on() -> Iterator[None]:
    """Keep pandera's switches in the environment from turning the contract off, and pyarrow from failing in its place.

    Where pyarrow is installed, pandas keeps text by it, and a lone surrogate fails as a whole what one rule refuses.
    """
    on = config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA)
    with on, pd.option_context("mode.string_storage", "python"):
        yield


def _find_refused(
    name: str,
    rules: pa.DataFrameSchema,
    items: Mapping[_Key, tuple[_Item, ...]],
    as_row: Callable[[_Item], Row],
) -> dict[_Key, dict[int, str]]:
    """Return the reason for each refused item by its place within its reading."""
    placed = [(key, index, item) for key, several in items.items() for index, item in enumerate(several)]
    frame = _frame(name, rules, [as_row(item) for _, _, item in placed])
    refused: dict[_Key, dict[int, str]] = {}
    try:
        with _always_on():
            rules.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        _check_rules_ran(errors, name)
        if errors.failure_cases["index"].isna().any():
            raise ContractError(f"{name}: {_told(errors, frame, rules)}") from errors
        for case in errors.failure_cases.to_dict("records"):
            key, index, _ = placed[int(case["index"])]
            refused.setdefault(key, {}).setdefault(index, f"{case['column']}: {case['check']}")
    return refused


def _claim_row(claim: Claim) -> Row:
    days = claim.value.stored_days if isinstance(claim.value, Retention) else None
    return {
        "offering_id": claim.offering_id,
        "topic": claim.topic.value,
        "value_text": as_text(claim.value) or None,
        "retention_days": None if days is None else min(days, _TOO_MANY_DAYS),
        "text": claim.text,
    }


def _endpoint_row(endpoint: ZdrEndpoint) -> Row:
    return {column: getattr(endpoint, column) for column in ENDPOINT_RULES.columns}


def _without_claims(reading: Reading, refused: Mapping[int, str]) -> Reading:
    claims = [claim for index, claim in enumerate(reading.claims) if index not in refused]
    refusals = list(reading.refusals)
    for index, reason in sorted(refused.items()):
        claim = reading.claims[index]
        refusals.append(
            Refusal(
                stage="validate",
                reason=reason,
                raw=_writable(claim.text),
                locator=claim.locator,
                topic=claim.topic,
                offering_id=claim.offering_id,
            )
        )
        if claim.topic in POLICY_TOPICS:
            typed = unreadable(claim.topic)
            quote = _writable(claim.quote) or ""
            claims.append(replace(claim, value=typed.value, basis=typed.basis, quote=quote, printed=None, text=None))
    return replace(reading, claims=tuple(claims), refusals=tuple(refusals))


def _without_endpoints(reading: Reading, refused: Mapping[int, str]) -> Reading:
    endpoints = [endpoint for index, endpoint in enumerate(reading.endpoints) if index not in refused]
    refusals = [
        Refusal(
            stage="validate",
            reason=reason,
            raw={name: _writable(value) for name, value in _endpoint_row(reading.endpoints[index]).items()},
            locator=reading.endpoints[index].locator,
            offering_id=reading.endpoints[index].offering_id,
        )
        for index, reason in sorted(refused.items())
    ]
    return replace(reading, endpoints=tuple(endpoints), refusals=(*reading.refusals, *refusals))


def _writable(text: str | None) -> str | None:
    """Return words with what UTF-8 cannot hold written as an escape, so that the quarantine can hold them."""
    return None if text is None else text.encode("utf-8", "backslashreplace").decode()


def check_tables(rows: Rows) -> dict[str, pd.DataFrame]:
    """Return every published table as a frame that keeps its contract; raise ContractError naming what does not."""
    return {name: check_table(name, schema, rows[name]) for name, schema in TABLES.items()}


def check_table(name: str, schema: pa.DataFrameSchema, rows: list[Row]) -> pd.DataFrame:
    """Return one table as a frame of its declared types; raise ContractError where it breaks its schema."""
    frame = _frame(name, schema, rows)
    try:
        with _always_on():
            return schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        _check_rules_ran(errors, name)
        raise ContractError(f"{name}: {_told(errors, frame, schema)}") from errors


def _frame(name: str, schema: pa.DataFrameSchema, rows: Sequence[Row]) -> pd.DataFrame:
    unknown = {column for row in rows for column in row} - set(schema.columns)
    if unknown:
        raise ContractError(f"{name}: columns without a declaration: {', '.join(sorted(unknown))}")
    missing = [column for column in schema.columns if any(column not in row for row in rows)]
    if missing:
        raise ContractError(f"{name}: columns are missing: {', '.join(missing)}")
    return pd.DataFrame({column: _series(name, schema, column, rows) for column in schema.columns})


def _series(name: str, schema: pa.DataFrameSchema, column: str, rows: Sequence[Row]) -> pd.Series:
    """Return one column; raise ContractError for a value of another type, which pandas would convert in silence."""
    type_ = type_of(schema, column)
    values = [row[column] for row in rows]
    odd = next((value for value in values if value is not None and not _is_a(value, type_.python)), None)
    if odd is not None:
        raise ContractError(f"{name}: {column}: expected {type_.python.__name__} (found {_shown(odd)})")
    try:
        series: pd.Series = pd.Series(values, dtype=type_.pandas)
    except (TypeError, ValueError, OverflowError) as error:
        raise ContractError(f"{name}: {column}: not {type_.pandas}: {' '.join(str(error).split())}") from error
    return series


def _is_a(value: object, type_: type) -> bool:
    return isinstance(value, type_) and not (isinstance(value, bool) and type_ is int)


def _check_rules_ran(errors: pandera.errors.SchemaErrors, name: str) -> None:
    for error in errors.schema_errors:
        if error.reason_code is pandera.errors.SchemaErrorReason.CHECK_ERROR:
            told = " ".join(str(error).split())
            raise ContractError(f"{name}: a rule could not be run, so nothing is published: {told}") from errors


def _told(errors: pandera.errors.SchemaErrors, frame: pd.DataFrame, schema: pa.DataFrameSchema) -> str:
    told = list(dict.fromkeys(_failures(errors, frame, schema)))
    more = len(told) - _SHOWN_FAILURES
    return "; ".join(told[:_SHOWN_FAILURES]) + (f"; and {more} more" if more > 0 else "")


def _failures(errors: pandera.errors.SchemaErrors, frame: pd.DataFrame, schema: pa.DataFrameSchema) -> Iterator[str]:
    """Give what failed, a line each: of one column with the value, of a whole row with its key."""
    for case in errors.failure_cases.to_dict("records"):
        if case["schema_context"] == "DataFrameSchema" and not pd.isna(case["index"]):
            key = key_of(schema)
            rule = case["check"]
            if rule == "multiple_fields_uniqueness":
                rule = f"{' and '.join(key)} stand in one row only"
            yield f"{rule} (found {_shown(' '.join(str(frame[column][case['index']]) for column in key))})"
        else:
            yield f"{case['column']}: {case['check']} (found {_shown(case['failure_case'])})"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
