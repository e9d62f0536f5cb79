import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ParseError, SelectorError
from pipeline.model import Json, Parsed, RawClaim, RawRow, Tier, Topic
from pipeline.parse.provider_feed import parse

ABSENT = object()


def body_of(*providers: Json) -> bytes:
    return json.dumps({"data": list(providers)}).encode()


def provider(policy: object = ABSENT, **fields: Json) -> dict[str, Json]:
    base: dict[str, Json] = {"name": "Acme Inc", "displayName": "Acme", "slug": "acme", **fields}
    return base if policy is ABSENT else {**base, "dataPolicy": policy}  # type: ignore[dict-item]


def read(*providers: Json) -> Parsed:
    parsed = parse(body_of(*providers))
    assert parsed.row_count == len(parsed.rows) + len(parsed.refusals)
    return parsed


def row_of(policy: object = ABSENT, **fields: Json) -> RawRow:
    (row,) = read(provider(policy, **fields)).rows
    return row


def claim_of(row: RawRow, topic: Topic) -> RawClaim:
    (claim,) = [claim for claim in row.claims if claim.topic is topic]
    return claim


# The shapes of the feed, oldest first


def test_spring_2025_states_training_and_leaves_retention_out() -> None:
    row = row_of({"termsOfServiceURL": "https://acme.example/terms", "training": True})
    assert row.tier is Tier.DEFAULT
    assert claim_of(row, Topic.TRAINING) == RawClaim(
        topic=Topic.TRAINING, raw=True, quote='"training": true', locator="/data/0/dataPolicy/training"
    )
    assert claim_of(row, Topic.RETENTION) == RawClaim(
        topic=Topic.RETENTION, raw={}, quote='{"training": true}', locator="/data/0/dataPolicy", is_present=False
    )
    assert claim_of(row, Topic.TERMS_URL).raw == "https://acme.example/terms"


def test_may_2025_nests_the_policy_of_each_tier() -> None:
    policy = {
        "privacyPolicyURL": "https://acme.example/privacy",
        "dataPolicyUrl": "https://acme.example/data",
        "requiresUserIDs": True,
        "paidModels": {"training": False, "retainsPrompts": True, "retentionDays": 30},
        "freeModels": {"training": True, "retainsPrompts": True},
    }
    default, free = read(provider(policy)).rows
    assert (default.tier, free.tier) == (Tier.DEFAULT, Tier.FREE)
    assert (default.slug, default.name, default.label) == (free.slug, free.name, free.label)
    assert claim_of(default, Topic.RETENTION) == RawClaim(
        topic=Topic.RETENTION,
        raw={"retainsPrompts": True, "retentionDays": 30},
        quote='{"retainsPrompts": true, "retentionDays": 30}',
        locator="/data/0/dataPolicy/paidModels",
    )
    assert claim_of(free, Topic.RETENTION).raw == {"retainsPrompts": True}
    assert claim_of(default, Topic.TRAINING).raw is False
    assert claim_of(free, Topic.TRAINING).locator == "/data/0/dataPolicy/freeModels/training"
    for topic in (Topic.PRIVACY_URL, Topic.DATA_USAGE_URL, Topic.REQUIRES_USER_IDS, Topic.API_NAME):
        assert claim_of(default, topic) == claim_of(free, topic)


def test_august_2025_says_who_may_publish_within_each_tier() -> None:
    policy = {
        "paidModels": {"training": False, "canPublish": False},
        "freeModels": {"training": True, "canPublish": True},
    }
    default, free = read(provider(policy)).rows
    assert claim_of(default, Topic.CAN_PUBLISH).raw is False
    assert claim_of(free, Topic.CAN_PUBLISH).raw is True
    assert claim_of(free, Topic.CAN_PUBLISH).locator == "/data/0/dataPolicy/freeModels/canPublish"


def test_since_november_2025_the_policy_is_flat() -> None:
    policy = {
        "training": False,
        "trainingOpenRouter": False,
        "retainsPrompts": True,
        "retentionDays": 55,
        "canPublish": False,
        "requiresUserIDs": True,
        "termsOfServiceURL": "https://acme.example/terms",
    }
    parsed = read(provider(policy, headquarters="US", datacenters=["US", "IE"], statusPageUrl=None))
    (row,) = parsed.rows
    assert parsed.signals == ()
    assert (row.slug, row.name, row.label, row.locator) == ("acme", "Acme Inc", "Acme", "/data/0")
    assert {claim.topic: claim.raw for claim in row.claims} == {
        Topic.RETENTION: {"retainsPrompts": True, "retentionDays": 55},
        Topic.TRAINING: False,
        Topic.CAN_PUBLISH: False,
        Topic.REQUIRES_USER_IDS: True,
        Topic.TERMS_URL: "https://acme.example/terms",
        Topic.API_NAME: "Acme Inc",
        Topic.DISPLAY_NAME: "Acme",
        Topic.STATUS_URL: None,
        Topic.HEADQUARTERS: "US",
        Topic.DATACENTERS: ["US", "IE"],
    }
    assert claim_of(row, Topic.DATACENTERS).quote == '"datacenters": ["US", "IE"]'
    assert claim_of(row, Topic.RETENTION).locator == "/data/0/dataPolicy"


@pytest.mark.parametrize(
    ("policy", "quote", "locator"),
    [
        (ABSENT, '{"name": "Acme Inc", "displayName": "Acme", "slug": "acme"}', "/data/0"),
        (None, '"dataPolicy": null', "/data/0/dataPolicy"),
        ({}, "{}", "/data/0/dataPolicy"),
        ({"freeModels": None}, "{}", "/data/0/dataPolicy"),
        ({"paidModels": {}}, "{}", "/data/0/dataPolicy/paidModels"),
    ],
    ids=["missing", "null", "empty", "null free tier", "empty paid tier"],
)
def test_no_policy_is_a_row_whose_policy_is_absent(policy: object, quote: str, locator: str) -> None:
    row = row_of(policy)
    for topic in (Topic.RETENTION, Topic.TRAINING):
        claim = claim_of(row, topic)
        assert (claim.is_present, claim.quote, claim.locator) == (False, quote, locator)


def test_a_null_in_the_place_of_the_free_tier_is_no_tier_and_is_signalled() -> None:
    parsed = read(provider({"training": False, "freeModels": None}))
    assert [row.tier for row in parsed.rows] == [Tier.DEFAULT]
    assert parsed.signals == ("dataPolicy.freeModels is null in 1 of 1 rows",)


def test_the_quote_of_an_absent_field_shows_what_was_there_instead() -> None:
    row = row_of({"trainingOpenRouter": False, "retainsPrompts": False, "privacyPolicyURL": "https://acme.example/p"})
    assert claim_of(row, Topic.TRAINING).quote == '{"retainsPrompts": false, "trainingOpenRouter": false}'
    assert claim_of(row, Topic.TRAINING).locator == "/data/0/dataPolicy"


def test_a_free_tier_beside_a_flat_policy_is_a_row_of_its_own() -> None:
    default, free = read(provider({"training": False, "freeModels": {"training": True}})).rows
    assert (claim_of(default, Topic.TRAINING).raw, claim_of(free, Topic.TRAINING).raw) == (False, True)


def test_a_policy_stated_twice_in_one_record_is_refused() -> None:
    parsed = read(provider({"training": True, "paidModels": {"training": False}}))
    (refusal,) = parsed.refusals
    assert refusal.reason == "dataPolicy.training stands beside dataPolicy.paidModels, expected one of them"


# Types


@pytest.mark.fault("C15")
def test_c15_true_text_one_null_and_absent_are_told_apart() -> None:
    values: list[object] = [True, False, "true", 1, 0, None, ABSENT]
    claims = [claim_of(row_of({} if value is ABSENT else {"training": value}), Topic.TRAINING) for value in values]
    seen = [(type(claim.raw), claim.raw, claim.is_present) for claim in claims]
    assert seen == [
        (bool, True, True),
        (bool, False, True),
        (str, "true", True),
        (int, 1, True),
        (int, 0, True),
        (type(None), None, True),
        (type(None), None, False),
    ]
    assert len({claim.quote for claim in claims}) == len(values)


@pytest.mark.fault("C15")
def test_c15_a_null_day_count_is_not_a_missing_one() -> None:
    assert claim_of(row_of({"retainsPrompts": True, "retentionDays": None}), Topic.RETENTION).raw == {
        "retainsPrompts": True,
        "retentionDays": None,
    }
    assert claim_of(row_of({"retainsPrompts": None}), Topic.RETENTION).raw == {"retainsPrompts": None}
    assert claim_of(row_of({"retentionDays": "30"}), Topic.RETENTION).raw == {"retentionDays": "30"}


@pytest.mark.fault("C15")
@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("training", "true", "string"),
        ("training", 1, "integer"),
        ("training", None, "null"),
        ("retainsPrompts", "yes", "string"),
        ("retentionDays", "30", "string"),
        ("retentionDays", 30.5, "number"),
        ("retentionDays", True, "boolean"),
        ("canPublish", 0, "integer"),
        ("requiresUserIDs", None, "null"),
    ],
)
def test_c15_an_unexpected_type_is_signalled_once_and_passed_on(field: str, value: Json, kind: str) -> None:
    parsed = read(provider({field: value}), provider({}, slug="other"))
    assert parsed.signals == (f"dataPolicy.{field} is {kind} in 1 of 2 rows",)
    assert len(parsed.rows) == 2


@pytest.mark.fault("C16")
def test_c16_a_value_never_seen_stays_in_the_claim_and_is_signalled() -> None:
    parsed = read(provider({"paidModels": {"training": "sometimes"}}))
    (row,) = parsed.rows
    assert claim_of(row, Topic.TRAINING).raw == "sometimes"
    assert claim_of(row, Topic.TRAINING).quote == '"training": "sometimes"'
    assert parsed.signals == ("dataPolicy.paidModels.training is string in 1 of 1 rows",)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (None, "the record is null, expected object"),
        (["acme"], "the record is list of strings, expected object"),
        (provider(slug=None), "slug is null, expected string"),
        (provider(slug=7), "slug is integer, expected string"),
        (provider(slug=" "), "slug is a blank string"),
        (provider(name=["Acme"]), "name is list of strings, expected string"),
        ({"slug": "acme"}, "name is absent, expected string"),
        (provider(displayName=7), "displayName is integer, expected string or null"),
        (provider([]), "dataPolicy is list of strings, expected object"),
        (provider("none"), "dataPolicy is string, expected object"),
        (provider({"training": [False]}), "dataPolicy.training is list"),
        (provider({"retentionDays": {"max": 30}}), "dataPolicy.retentionDays is object"),
        (provider({"canPublish": []}), "dataPolicy.canPublish is list of strings"),
        (provider({"termsOfServiceURL": 1}), "dataPolicy.termsOfServiceURL is integer, expected string or null"),
        (provider({"privacyPolicyURL": ["x"]}), "dataPolicy.privacyPolicyURL is list of strings"),
        (provider({"paidModels": None}), "dataPolicy.paidModels is null, expected object"),
        (provider({"paidModels": [1]}), "dataPolicy.paidModels is list, expected object"),
        (provider(statusPageUrl=False), "statusPageUrl is boolean, expected string or null"),
        (provider(headquarters=["US"]), "headquarters is list of strings, expected string or null"),
        (provider(datacenters="US"), "datacenters is string, expected list of strings or null"),
        (provider(datacenters=["US", 1]), "datacenters is list, expected list of strings or null"),
    ],
)
def test_a_record_that_cannot_be_read_is_refused_and_the_others_stand(record: Json, reason: str) -> None:
    parsed = read(record, provider({"training": False}, slug="other"))
    (refusal,) = parsed.refusals
    assert refusal.reason.startswith(reason)
    assert (refusal.stage, refusal.locator) == ("parse", "/data/0")
    assert [row.slug for row in parsed.rows] == ["other"]


def test_a_refusal_says_whom_it_speaks_of() -> None:
    (refusal,) = read(provider({"training": []})).refusals
    assert (refusal.slug, refusal.name, refusal.label) == ("acme", "Acme Inc", "Acme")
    assert refusal.raw == {"name": "Acme Inc", "displayName": "Acme", "slug": "acme", "dataPolicy": {"training": []}}


def test_a_bad_free_tier_leaves_the_default_tier_standing() -> None:
    parsed = read(provider({"paidModels": {"training": False}, "freeModels": {"training": []}}))
    assert [row.tier for row in parsed.rows] == [Tier.DEFAULT]
    assert [refusal.label for refusal in parsed.refusals] == ["Acme (free)"]


def test_a_bad_shared_field_refuses_both_tiers() -> None:
    parsed = read(provider({"paidModels": {}, "freeModels": {}}, headquarters=1))
    assert (parsed.row_count, len(parsed.refusals)) == (2, 2)


def test_an_explicit_null_is_a_claim_without_a_value() -> None:
    row = row_of({"dataPolicyUrl": None}, displayName=None, headquarters=None, datacenters=None)
    assert row.label is None
    for topic in (Topic.DATA_USAGE_URL, Topic.DISPLAY_NAME, Topic.HEADQUARTERS, Topic.DATACENTERS):
        claim = claim_of(row, topic)
        assert (claim.raw, claim.is_present) == (None, True)


@pytest.mark.fault("D08")
@pytest.mark.parametrize("name", ["NA", "null", "None", "TRUE", "007", "1e5", "nan", "-"])
def test_d08_a_provider_named_like_a_missing_value_keeps_its_name(name: str) -> None:
    row = row_of(None, slug=name, name=name, displayName=name, headquarters=name, datacenters=[name])
    assert (row.slug, row.name, row.label) == (name, name, name)
    assert claim_of(row, Topic.HEADQUARTERS).raw == name
    assert claim_of(row, Topic.DATACENTERS).raw == [name]


# What is not read


def test_an_unknown_field_is_one_signal_for_all_rows() -> None:
    records = [provider({"fooBar": 1}, slug=f"p{index}", tier="gold") for index in range(3)]
    assert read(*records).signals == (
        "unknown field dataPolicy.fooBar in 3 of 3 rows",
        "unknown field tier in 3 of 3 rows",
    )


def test_unknown_fields_of_a_tier_are_counted_where_they_stand() -> None:
    parsed = read(provider({"newLink": "x", "paidModels": {"zdr": True}, "freeModels": {"ads": True, "zdr": False}}))
    assert parsed.signals == (
        "unknown field dataPolicy.freeModels.ads in 1 of 2 rows",
        "unknown field dataPolicy.freeModels.zdr in 1 of 2 rows",
        "unknown field dataPolicy.newLink in 2 of 2 rows",
        "unknown field dataPolicy.paidModels.zdr in 1 of 2 rows",
    )


def test_an_unknown_field_cannot_break_the_line_of_its_signal() -> None:
    (signal,) = read(provider({"a\nb": 1})).signals
    assert signal == 'unknown field dataPolicy."a\\nb" in 1 of 1 rows'


def test_internal_fields_are_neither_signalled_nor_kept() -> None:
    internals: dict[str, Json] = {
        "adapterName": "SecretAdapter",
        "baseUrl": "https://secret.example",
        "byokEnabled": True,
        "editors": ["secret"],
        "hasChatCompletions": True,
        "hasCompletions": True,
        "icon": {"url": "secret"},
        "isAbortable": True,
        "isMultipartSupported": True,
        "moderationRequired": False,
        "owners": ["secret"],
        "pricingStrategy": "secret",
        "sendClientIp": False,
    }
    parsed = read(provider({"trainingOpenRouter": True, "paidModels": {"trainingOpenRouter": True}}, **internals))
    assert parsed.signals == ()
    assert parsed.rows[0].raw == {
        "name": "Acme Inc",
        "displayName": "Acme",
        "slug": "acme",
        "dataPolicy": {"paidModels": {}},
    }
    assert "ecret" not in repr(parsed)


def test_unknown_fields_reach_neither_the_copy_nor_a_quote() -> None:
    policy = {"ownerId": "org_secret", "paidModels": {"keyId": "secret"}, "freeModels": {"keyId": "secret"}}
    refused = provider({"training": [], "ownerId": "secret"}, slug="other", ownerId="secret")
    assert "secret" not in repr(read(provider(policy, ownerId="secret"), refused))


# The feed as a whole


@pytest.mark.fault("C08")
def test_c08_a_provider_that_stands_twice_fails_the_feed() -> None:
    records = [provider({"training": False}), provider(slug="b"), provider({"training": True})]
    with pytest.raises(ParseError, match="provider 'acme' stands twice: /data/0 and /data/2"):
        parse(body_of(*records))


@pytest.mark.fault("C08")
def test_c08_a_twin_that_could_not_be_read_fails_the_feed_too() -> None:
    with pytest.raises(ParseError, match="stands twice"):
        parse(body_of(provider({"training": False}), provider({"training": []})))


@pytest.mark.fault("C13")
def test_c13_a_page_in_place_of_the_feed_is_named() -> None:
    with pytest.raises(ParseError, match="expected JSON, found an HTML page"):
        parse(b"<!doctype html><html><head><title>Not found</title></head></html>")


def test_a_feed_without_providers_is_a_failure() -> None:
    with pytest.raises(SelectorError, match="no rows"):
        parse(b'{"data": []}')


def test_the_order_of_keys_changes_nothing_but_the_copy() -> None:
    policy = {"training": False, "retentionDays": 30, "retainsPrompts": True}
    shuffled = {"retainsPrompts": True, "retentionDays": 30, "training": False}
    assert row_of(policy).claims == row_of(shuffled).claims


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
POLICY_KEYS = [
    "training",
    "retainsPrompts",
    "retentionDays",
    "canPublish",
    "requiresUserIDs",
    "termsOfServiceURL",
    "new",
]
TIERS = st.dictionaries(st.sampled_from(POLICY_KEYS), JSON_VALUES)
POLICIES = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(POLICY_KEYS, JSON_VALUES)
    | {"paidModels": TIERS | JSON_VALUES, "freeModels": TIERS | JSON_VALUES},
)


@given(st.lists(JSON_VALUES | POLICIES, min_size=1, max_size=4))
def test_any_policy_yields_as_many_rows_as_it_has_tiers(policies: list[Json]) -> None:
    records = [provider(policy, slug=f"p{index}") for index, policy in enumerate(policies)]
    free = [policy for policy in policies if isinstance(policy, dict) and policy.get("freeModels") is not None]
    parsed = read(*records)
    assert parsed.row_count == len(policies) + len(free)
    for row in parsed.rows:
        assert {Topic.RETENTION, Topic.TRAINING} <= {claim.topic for claim in row.claims}
        assert max(Counter(claim.topic for claim in row.claims).values()) == 1
    assert {row.slug for row in parsed.rows} | {refusal.slug for refusal in parsed.refusals} == {
        f"p{index}" for index in range(len(policies))
    }


@given(
    st.lists(
        JSON_VALUES | st.dictionaries(st.sampled_from(["slug", "name", "displayName", "dataPolicy"]), JSON_VALUES),
        min_size=1,
    )
)
def test_any_records_are_read_or_refused(records: list[Json]) -> None:
    try:
        parsed = read(*records)
    except ParseError as error:
        assert "stands twice" in str(error)  # noqa: PT017 - two records may draw the same slug
        return
    assert parsed.row_count >= len(records)


# Real recordings


@pytest.mark.parametrize(
    ("name", "row_count", "free"),
    [
        ("all-providers_2025-05-20.json", 58, ["google-ai-studio", "google-vertex"]),
        ("all-providers_2026-07-04.json", 75, []),
    ],
)
def test_a_real_feed_is_read_whole(shared: Path, name: str, row_count: int, free: list[str]) -> None:
    parsed = parse((shared / "data" / "upstream" / name).read_bytes())
    assert (parsed.row_count, len(parsed.rows)) == (row_count, row_count)
    assert (parsed.refusals, parsed.signals) == ((), ())
    assert sorted(row.slug or "" for row in parsed.rows if row.tier is Tier.FREE) == free
    assert "baseUrl" not in repr(parsed)
