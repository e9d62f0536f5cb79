import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pandera.config
import pandera.pandas as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published_catalog import build_recorded, hashes, import_newer_table
from table_rows import plain_row

from pipeline.catalog import validate
from pipeline.catalog.validate import check_table, check_tables, split_claims
from pipeline.errors import ContractError
from pipeline.model import (
    POLICY_TOPICS,
    Basis,
    Claim,
    ClaimValue,
    Moment,
    Observation,
    Outcome,
    Reading,
    Refusal,
    Retention,
    RetentionKind,
    Topic,
    Training,
    ZdrEndpoint,
)
from pipeline.refresh import add_capture, build
from pipeline.workplace import Workplace
from schemas import TABLES
from schemas.claims import CLAIM_RULES
from schemas.columns import key_of, table

KEY = ("openrouter-docs", "ab12")


def test_a_switch_in_the_environment_does_not_turn_the_contract_off() -> None:
    row = {**plain_row("sources"), "rank": 0}
    with pandera.config.config_context(validation_enabled=False), pytest.raises(ContractError, match="rank"):
        check_table("sources", TABLES["sources"], [row])


UNKNOWN = {Topic.RETENTION: Retention(kind=RetentionKind.UNKNOWN), Topic.TRAINING: Training.UNKNOWN}


def claim(topic: Topic = Topic.RETENTION, value: ClaimValue = None, text: str | None = "30 days") -> Claim:
    value = Retention.of_days(30) if topic is Topic.RETENTION and value is None else value
    return Claim(
        offering_id="groq", topic=topic, value=value, basis=Basis.STATED, text=text, quote="the row", locator="row 1"
    )


def endpoint(**changes: str | None) -> ZdrEndpoint:
    fields: dict[str, str | None] = {
        "tag": "groq/fp8",
        "model_id": "a/b",
        "provider_name": "Groq",
        "model_name": "B",
        "quantization": None,
    } | changes
    return ZdrEndpoint(offering_id="groq", context_length=1, locator="/data/0", **fields)  # type: ignore[arg-type]


def split(*claims: Claim, endpoints: tuple[ZdrEndpoint, ...] = ()) -> Reading:
    return split_claims({KEY: Reading(row_count=1, claims=claims, endpoints=endpoints)})[KEY]


@pytest.mark.parametrize(
    "good",
    [
        claim(),
        claim(text=None),
        claim(text=""),
        claim(text="x" * 2000),
        claim(text="two\nlines\tand a \x00 that the source has"),
        claim(value=Retention.of_days(9999)),
        claim(Topic.DISPLAY_NAME, "Groq\r\n"),
        claim(Topic.DISPLAY_NAME, "x" * 2000, text=None),
        claim(Topic.HEADQUARTERS, None),
        claim(Topic.DATACENTERS, ()),
        claim(Topic.CAN_PUBLISH, value=False),
    ],
    ids=lambda one: f"{one.topic} {str(one.text)[:20]!r}",
)
def test_a_claim_that_keeps_the_rules_stays_as_it_is(good: Claim) -> None:
    assert Reading(row_count=1, claims=(good,)) == split(good)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (claim(text="x" * 2001), "text: is longer than 2000 characters"),
        (claim(Topic.TRAINING, Training.NO, text="x" * 2001), "text: is longer than 2000 characters"),
        (claim(text="\ud800"), "text: is no text that UTF-8 can hold"),
        (claim(value=Retention.of_days(10_000)), "retention_days: is not a number of days from 0 to 9999"),
        (claim(value=Retention.of_days(10**20)), "retention_days: is not a number of days from 0 to 9999"),
        (claim(Topic.DISPLAY_NAME, "x" * 2001), "value_text: is longer than 2000 characters"),
        *(
            (claim(Topic.DISPLAY_NAME, f"Groq{mark}"), "value_text: holds a control character")
            for mark in "\0\b\v\f\x1b\x1f"
        ),
        (claim(Topic.DISPLAY_NAME, "\udfff"), "value_text: is no text that UTF-8 can hold"),
        (claim(Topic.DATACENTERS, ("US", "\x1b")), "value_text: holds a control character"),
    ],
    ids=lambda one: one if isinstance(one, str) else str(one.topic),
)
def test_a_claim_that_breaks_a_rule_is_refused_with_its_reason(bad: Claim, reason: str) -> None:
    good = claim(Topic.API_NAME, "Groq")
    reading = split(bad, good)
    (refusal,) = reading.refusals
    assert ("validate", reason) == (refusal.stage, refusal.reason)
    assert (bad.topic, bad.offering_id, bad.locator) == (refusal.topic, refusal.offering_id, refusal.locator)
    assert str(bad.text).encode("utf-8", "backslashreplace").decode() == refusal.raw
    assert good == reading.claims[0]
    left = [(one.value, one.basis, one.text, one.printed, one.quote) for one in reading.claims[1:]]
    unread = [(UNKNOWN[bad.topic], Basis.UNREADABLE, None, None, "the row")] if bad.topic in POLICY_TOPICS else []
    assert unread == left


@pytest.mark.parametrize(
    "changes", [{}, {"model_name": ""}, {"quantization": ""}, {"model_name": None}, {"tag": "=1+1\r\n"}], ids=str
)
def test_an_endpoint_that_keeps_the_rules_stays_as_it_is(changes: dict[str, str | None]) -> None:
    good = endpoint(**changes)
    assert Reading(row_count=1, endpoints=(good,)) == split(endpoints=(good,))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("model_id", "x" * 2001),
        ("model_name", "x" * 2001),
        ("quantization", "\x1b[0m"),
        ("tag", ""),
        ("tag", "\0"),
        ("provider_name", "\ud800"),
    ],
)
def test_an_endpoint_that_breaks_a_rule_is_refused_alone(column: str, value: str) -> None:
    good, bad = endpoint(), endpoint(**{column: value})
    reading = split(endpoints=(good, bad, good))
    assert (good, good) == reading.endpoints
    (refusal,) = reading.refusals
    assert "validate" == refusal.stage
    assert refusal.reason.startswith(f"{column}: ")
    json.dumps(refusal.raw, ensure_ascii=False).encode()


_TEXTS = st.none() | st.text(max_size=8) | st.sampled_from(["x" * 2000, "x" * 2001, "\ud800", "\x1b", "a\0"])
_CLAIMS = st.one_of(
    st.builds(claim, st.just(Topic.RETENTION), st.integers(1, 10**20).map(Retention.of_days), _TEXTS),
    st.builds(claim, st.just(Topic.TRAINING), st.sampled_from(Training), _TEXTS),
    st.builds(claim, st.just(Topic.DISPLAY_NAME), _TEXTS, _TEXTS),
)
_ENDPOINTS = st.builds(
    lambda name, model: endpoint(provider_name=name, model_name=model), _TEXTS.map(lambda text: text or ""), _TEXTS
)
_READINGS = st.builds(
    lambda claims, endpoints: Reading(
        row_count=1,
        claims=tuple(claims),
        endpoints=tuple(endpoints),
        refusals=(Refusal(stage="parse", reason="earlier", raw=None, locator="x"),),
    ),
    st.lists(_CLAIMS, max_size=6),
    st.lists(_ENDPOINTS, max_size=3),
)


@settings(max_examples=25)  # each costs 60 ms: pandera goes over ten columns twice
@given(st.lists(_READINGS, max_size=4))
def test_claims_and_endpoints_are_conserved(readings: list[Reading]) -> None:
    before = {("source", str(number)): reading for number, reading in enumerate(readings)}
    after = split_claims(before)
    assert list(before) == list(after)
    for key, old in before.items():
        new = after[key]
        refused = new.refusals[len(old.refusals) :]
        of_claims = [one for one in refused if one.topic is not None]
        kept = new.claims[: len(old.claims) - len(of_claims)]
        left = new.claims[len(kept) :]
        assert old.refusals == new.refusals[: len(old.refusals)]
        assert [one for one in old.claims if one in kept] == list(kept)
        assert [one.topic for one in of_claims if one.topic in POLICY_TOPICS] == [one.topic for one in left]
        assert all(UNKNOWN[one.topic] == one.value for one in left)
        assert len(old.endpoints) == len(new.endpoints) + len(refused) - len(of_claims)
    again = split_claims(after)
    assert after == again


# A validation that cannot be run has checked nothing.


def _raise(error: Exception) -> Callable[[pd.DataFrame], bool]:
    def rule(_: pd.DataFrame) -> bool:
        raise error

    return rule


BROKEN_RULES = {
    "raises ValueError": _raise(ValueError("two\nlines")),
    "raises KeyError": _raise(KeyError("retention_days")),
    "raises AssertionError": _raise(AssertionError()),
    "answers with nothing": lambda _: None,
}


def _with_rule(name: str, rule: Callable[[pd.DataFrame], bool]) -> pa.DataFrameSchema:
    schema = TABLES[name]
    return table(str(schema.description), key_of(schema), dict(schema.columns), [pa.Check(rule, name="broken")])


@pytest.mark.fault("D12")
@pytest.mark.parametrize("rule", BROKEN_RULES.values(), ids=BROKEN_RULES)
def test_d12_a_table_rule_that_raises_breaks_the_contract(rule: Callable[[pd.DataFrame], bool]) -> None:
    with pytest.raises(ContractError, match="policies: a rule could not be run, so nothing is published") as caught:
        check_table("policies", _with_rule("policies", rule), [plain_row("policies")])
    assert "\n" not in str(caught.value)


@pytest.mark.fault("D12")
@pytest.mark.parametrize("rule", BROKEN_RULES.values(), ids=BROKEN_RULES)
def test_d12_a_row_rule_that_raises_lets_no_claim_pass(
    rule: Callable[[pd.DataFrame], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = pa.DataFrameSchema(dict(CLAIM_RULES.columns), checks=[pa.Check(rule)], strict=True)
    monkeypatch.setattr(validate, "CLAIM_RULES", broken)
    with pytest.raises(ContractError, match="claims: a rule could not be run, so nothing is published"):
        split(claim())


@pytest.mark.fault("D12")
def test_d12_a_row_rule_that_fails_as_a_whole_lets_no_claim_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = pa.DataFrameSchema(dict(CLAIM_RULES.columns), checks=[pa.Check(lambda _: False)], strict=True)
    monkeypatch.setattr(validate, "CLAIM_RULES", broken)
    with pytest.raises(ContractError, match="claims: "):
        split(claim())


@pytest.mark.fault("D12")
def test_d12_a_build_with_a_rule_that_raises_leaves_the_published_catalog_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_recorded(tmp_path)
    catalog = tmp_path / "catalog"
    before = (catalog / "current").readlink(), hashes(catalog)
    import_newer_table(tmp_path)
    monkeypatch.setitem(TABLES, "policies", _with_rule("policies", _raise(ZeroDivisionError())))
    with pytest.raises(ContractError, match="policies: a rule could not be run"):
        build_recorded(tmp_path)
    assert before == ((catalog / "current").readlink(), hashes(catalog))


# A catalog without a single offering is never published.


def _import_endpoints(data: Path) -> None:
    row = {"provider_name": "Groq", "tag": "groq", "quantization": None, "context_length": 1, "model_name": "x"}
    body = json.dumps({"data": [row | {"model_id": f"a/{number}"} for number in range(30)]})
    look = Observation(
        source_id="openrouter-zdr",
        moment=Moment.instant(datetime(2026, 8, 1, tzinfo=UTC)),
        outcome=Outcome.OK,
        origin="import",
    )
    add_capture(Workplace(data), look, body.encode())


@pytest.mark.fault("D13")
def test_d13_a_build_without_a_single_offering_fails_though_every_rule_is_kept(tmp_path: Path) -> None:
    _import_endpoints(tmp_path)
    with pytest.raises(ContractError, match="no source lists a single offering, so nothing is published"):
        build(Workplace(tmp_path, with_recorded=False))
    assert not (tmp_path / "catalog").exists()


@pytest.mark.fault("D13")
def test_d13_a_build_without_a_single_offering_leaves_the_published_catalog_as_it_was(tmp_path: Path) -> None:
    build_recorded(tmp_path)
    before = (tmp_path / "catalog" / "current").readlink(), hashes(tmp_path / "catalog")
    _import_endpoints(tmp_path)
    with pytest.raises(ContractError, match="nothing is published"):
        build(Workplace(tmp_path, with_recorded=False))
    assert before == ((tmp_path / "catalog" / "current").readlink(), hashes(tmp_path / "catalog"))


def test_every_table_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {name: [plain_row(name)] for name in TABLES}
    assert list(TABLES) == list(check_tables(rows))
    for name in list(TABLES):
        monkeypatch.setattr(validate, "TABLES", {name: TABLES[name]})  # one at a time: each takes its tenth of a second
        with pytest.raises(ContractError, match=f"^{name}: "):
            check_tables(rows | {name: [plain_row(name)] * 2})
