import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ParseError, SelectorError
from pipeline.model import Json, RawClaim, Tier, Topic
from pipeline.parse.provider_list import parse


def body_of(*providers: Json) -> bytes:
    return json.dumps({"data": list(providers)}).encode()


def provider(**fields: Json) -> dict[str, Json]:
    return {
        "name": "Acme Inc",
        "slug": "acme",
        "privacy_policy_url": "https://acme.example/privacy",
        "terms_of_service_url": None,
        "status_page_url": None,
        "headquarters": "US",
        "datacenters": ["US", "IE"],
        **fields,
    }


def test_a_provider_is_one_row_with_a_claim_for_each_field() -> None:
    (row,) = parse(body_of(provider())).rows
    assert (row.slug, row.name, row.label, row.tier) == ("acme", "Acme Inc", None, Tier.DEFAULT)
    assert (row.locator, row.raw) == ("/data/0", provider())
    assert {claim.topic: claim.raw for claim in row.claims} == {
        Topic.API_NAME: "Acme Inc",
        Topic.PRIVACY_URL: "https://acme.example/privacy",
        Topic.TERMS_URL: None,
        Topic.STATUS_URL: None,
        Topic.HEADQUARTERS: "US",
        Topic.DATACENTERS: ["US", "IE"],
    }
    assert row.claims[1] == RawClaim(
        topic=Topic.TERMS_URL,
        raw=None,
        quote='"terms_of_service_url": null',
        locator="/data/0/terms_of_service_url",
    )


def test_an_absent_field_makes_no_claim() -> None:
    (row,) = parse(body_of({"name": "Acme", "slug": "acme"})).rows
    assert [claim.topic for claim in row.claims] == [Topic.API_NAME]


def test_an_unknown_field_is_one_signal_and_is_not_kept() -> None:
    parsed = parse(body_of(provider(owner="secret"), provider(slug="b", owner="secret")))
    assert parsed.signals == ("unknown field owner in 2 of 2 rows",)
    assert "secret" not in repr(parsed)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("acme", "the record is string, expected object"),
        (provider(slug=None), "slug is null, expected string"),
        ({"slug": "acme"}, "name is absent, expected string"),
        (provider(privacy_policy_url=["https://acme.example"]), "privacy_policy_url is list of strings"),
        (provider(headquarters=1), "headquarters is integer, expected string or null"),
        (provider(datacenters={"US": 1}), "datacenters is object, expected list of strings or null"),
    ],
)
def test_a_record_that_cannot_be_read_is_refused_and_the_others_stand(record: Json, reason: str) -> None:
    parsed = parse(body_of(record, provider(slug="other")))
    (refusal,) = parsed.refusals
    assert refusal.reason.startswith(reason)
    assert (refusal.stage, refusal.locator) == ("parse", "/data/0")
    assert ([row.slug for row in parsed.rows], parsed.row_count) == (["other"], 2)


def test_a_refusal_says_whom_it_speaks_of() -> None:
    (refusal,) = parse(body_of(provider(headquarters=1))).refusals
    assert (refusal.slug, refusal.name, refusal.label) == ("acme", "Acme Inc", None)


@pytest.mark.fault("C08")
def test_c08_a_provider_that_stands_twice_fails_the_list() -> None:
    with pytest.raises(ParseError, match="provider 'acme' stands twice: /data/0 and /data/1"):
        parse(body_of(provider(), provider()))


@pytest.mark.fault("C13")
def test_c13_a_page_in_place_of_the_list_is_named() -> None:
    with pytest.raises(ParseError, match="expected JSON, found an HTML page"):
        parse(b"<html></html>")


def test_a_list_without_providers_is_a_failure() -> None:
    with pytest.raises(SelectorError, match="no rows"):
        parse(b'{"data": []}')


@pytest.mark.fault("D08")
@pytest.mark.parametrize("name", ["NA", "null", "None", "TRUE", "007", "1e5"])
def test_d08_a_provider_named_like_a_missing_value_keeps_its_name(name: str) -> None:
    (row,) = parse(body_of(provider(slug=name, name=name))).rows
    assert (row.slug, row.name, row.claims[0].raw) == (name, name, name)


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.none() | st.text(max_size=2))


@given(st.lists(st.dictionaries(st.sampled_from([*provider(), "new"]), VALUES), min_size=1, max_size=5))
def test_any_records_are_read_or_refused(overrides: list[dict[str, Json]]) -> None:
    records: list[Json] = [{**provider(), **fields, "slug": f"p{index}"} for index, fields in enumerate(overrides)]
    parsed = parse(body_of(*records))
    assert parsed.row_count == len(records) == len(parsed.rows) + len(parsed.refusals)


def test_the_real_list_is_read_whole(shared: Path) -> None:
    parsed = parse((shared / "data" / "upstream" / "v1-providers_2026-05-22.json").read_bytes())
    assert (parsed.row_count, len(parsed.rows)) == (82, 82)
    assert (parsed.refusals, parsed.signals) == ((), ())
