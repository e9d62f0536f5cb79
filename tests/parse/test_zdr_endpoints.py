import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ParseError, SelectorError
from pipeline.model import Json, RawEndpoint
from pipeline.parse.zdr_endpoints import parse

KEPT: dict[str, Json] = {
    "model_id": "acme/large",
    "model_name": "Acme: Large",
    "provider_name": "Acme Inc",
    "tag": "acme/global",
    "quantization": "fp8",
    "context_length": 131072,
}
UNREAD: dict[str, Json] = {
    "name": "Acme Inc | acme/large",
    "pricing": {"prompt": "0.00003", "completion": "0.00006"},
    "latency_last_30m": None,
    "max_completion_tokens": None,
    "max_prompt_tokens": 8192,
    "status": 0,
    "supported_parameters": ["temperature"],
    "supports_implicit_caching": True,
    "supports_voice_cloning": False,
    "throughput_last_30m": {"p50": 45.2},
    "uptime_last_5m": 100,
    "uptime_last_30m": 99.5,
    "uptime_last_1d": None,
}


def body_of(*endpoints: Json) -> bytes:
    return json.dumps({"data": list(endpoints)}).encode()


def endpoint(**fields: Json) -> dict[str, Json]:
    return {**KEPT, **UNREAD, **fields}


def test_an_endpoint_is_read_and_its_measurements_are_not_kept() -> None:
    parsed = parse(body_of(endpoint()))
    assert parsed.endpoints == (
        RawEndpoint(
            provider_name="Acme Inc",
            tag="acme/global",
            model_id="acme/large",
            model_name="Acme: Large",
            quantization="fp8",
            context_length=131072,
            locator="/data/0",
            raw=KEPT,
        ),
    )
    assert (parsed.row_count, parsed.rows, parsed.refusals, parsed.signals) == (1, (), (), ())


@pytest.mark.parametrize("field", ["model_name", "quantization", "context_length"])
def test_an_optional_field_may_be_null_or_absent(field: str) -> None:
    without = {key: value for key, value in endpoint().items() if key != field}
    for record in (endpoint(**{field: None}), without):
        (read,) = parse(body_of(record)).endpoints
        assert getattr(read, field) is None


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (7, "the record is integer, expected object"),
        (endpoint(provider_name=None), "provider_name is null, expected string"),
        (endpoint(tag=""), "tag is a blank string"),
        (endpoint(model_id=["a"]), "model_id is list of strings, expected string"),
        (endpoint(model_name=1), "model_name is integer, expected string or null"),
        (endpoint(quantization=8), "quantization is integer, expected string or null"),
        (endpoint(context_length="131072"), "context_length is string, expected integer or null"),
        (endpoint(context_length=True), "context_length is boolean, expected integer or null"),
        (endpoint(context_length=8192.5), "context_length is number, expected integer or null"),
        (endpoint(context_length=-1), "context_length is out of range"),
        (endpoint(context_length=2**63), "context_length is out of range"),
    ],
)
def test_an_endpoint_that_cannot_be_read_is_refused_and_the_others_stand(record: Json, reason: str) -> None:
    parsed = parse(body_of(record, endpoint(tag="other")))
    (refusal,) = parsed.refusals
    assert (refusal.reason, refusal.stage, refusal.locator) == (reason, "parse", "/data/0")
    assert ([kept.tag for kept in parsed.endpoints], parsed.row_count) == (["other"], 2)


@pytest.mark.fault("C08")
def test_c08_a_repeated_endpoint_is_kept_once_and_its_repetitions_are_refused() -> None:
    parsed = parse(body_of(endpoint(), endpoint(tag="acme/eu"), endpoint(), endpoint(quantization="int4")))
    assert [kept.locator for kept in parsed.endpoints] == ["/data/0", "/data/1"]
    assert [(refusal.reason, refusal.locator, refusal.name) for refusal in parsed.refusals] == [
        ("duplicate of /data/0", "/data/2", "Acme Inc"),
        ("duplicate of /data/0", "/data/3", "Acme Inc"),
    ]
    assert parsed.row_count == 4


def test_an_unknown_field_is_one_signal_and_is_not_kept() -> None:
    parsed = parse(body_of(endpoint(owner="secret"), endpoint(tag="b", owner="secret")))
    assert parsed.signals == ("unknown field owner in 2 of 2 rows",)
    assert "secret" not in repr(parsed)


@pytest.mark.fault("C13")
def test_c13_a_page_in_place_of_the_list_is_named() -> None:
    with pytest.raises(ParseError, match="expected JSON, found an HTML page"):
        parse(b"<!doctype html><html></html>")


def test_a_list_without_endpoints_is_a_failure() -> None:
    with pytest.raises(SelectorError, match="no rows"):
        parse(b'{"data": []}')


@pytest.mark.fault("D08")
@pytest.mark.parametrize("name", ["NA", "null", "None", "TRUE", "007", "1e5"])
def test_d08_a_provider_named_like_a_missing_value_keeps_its_name(name: str) -> None:
    (read,) = parse(body_of(endpoint(provider_name=name, tag=name, model_id=name, quantization=name))).endpoints
    assert (read.provider_name, read.tag, read.model_id, read.quantization) == (name, name, name, name)


VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3)
)


@given(st.lists(st.dictionaries(st.sampled_from([*KEPT, "new"]), VALUES | st.lists(VALUES)), min_size=1, max_size=5))
def test_any_records_are_read_or_refused(overrides: list[dict[str, Json]]) -> None:
    parsed = parse(body_of(*({**endpoint(), **fields} for fields in overrides)))
    assert parsed.row_count == len(overrides) == len(parsed.endpoints) + len(parsed.refusals)


def test_the_documented_example_is_read_without_a_signal(shared: Path) -> None:
    document = json.loads((shared / "data" / "upstream" / "openapi-extract_2026-08-22.json").read_bytes())
    content = document["paths"]["/endpoints/zdr"]
    example = content["responses"]["200"]["content"]["application/json"]["example"]
    parsed = parse(json.dumps(example).encode())
    assert [read.provider_name for read in parsed.endpoints] == ["OpenAI"]
    assert (parsed.refusals, parsed.signals) == ((), ())
