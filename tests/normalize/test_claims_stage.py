"""One parsed capture to one reading: every row and every claim is typed, refused or excluded, never lost."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.declarations import Envelope, Exclusion, Names, Page, Provider, Source
from pipeline.errors import ParseError
from pipeline.model import (
    POLICY_TOPICS,
    Basis,
    Claim,
    ClaimValue,
    Format,
    Json,
    Parsed,
    RawClaim,
    RawEndpoint,
    RawRow,
    Reading,
    Refusal,
    Retention,
    RetentionKind,
    TermsType,
    Tier,
    Topic,
    Training,
)
from pipeline.normalize.claims import normalize_capture
from pipeline.normalize.identity import Identities
from pipeline.parse import policy_table, provider_feed, provider_list

FLAGS = (Topic.CAN_PUBLISH, Topic.REQUIRES_USER_IDS)
UNKNOWN = Retention(kind=RetentionKind.UNKNOWN)
HONOURED = (*POLICY_TOPICS, Topic.CAN_PUBLISH, Topic.REQUIRES_USER_IDS)
MISSING = object()

ACME = Provider(
    id="acme",
    name="Acme",
    slugs={"gate": ("acme",)},
    names=Names(table=("Acme Labs",)),
    pages=(
        Page.model_validate(
            {
                "terms_type": TermsType.TERMS_OF_SERVICE,
                "url": "https://acme.test/terms",
                "seen_on": "2026-03-01",
                "seen_in": "x",
            },
            strict=False,
        ),
    ),
)
IDENTITIES = Identities([ACME], "gate")
FORMATS = sorted(set(Format) - {Format.DOCUMENT})  # prose has no rows


def _source(of_format: Format) -> Source:
    return Source(
        id="made-up",
        gateway_id="gate",
        title="Made up",
        terms_type=TermsType.GATEWAY_FEED,
        format=of_format,
        url="https://gate.test/",
        content_types=("text/plain",),
        rank=1,
        stale_after_days=7,
        envelope=Envelope(min_rows=1, max_rows=9),
        exclude=(Exclusion(names=("FakeProvider",), reason="a test row"),),
    )


def _read_feed(*records: Json) -> Reading:
    parsed = provider_feed.parse(json.dumps({"data": list(records)}).encode())
    return normalize_capture(parsed, _source(Format.PROVIDER_FEED), IDENTITIES)


def _read_list(*records: Json) -> Reading:
    parsed = provider_list.parse(json.dumps({"data": list(records)}).encode())
    return normalize_capture(parsed, _source(Format.PROVIDER_LIST), IDENTITIES)


def _read_table(*rows: tuple[str, str, str]) -> Reading:
    lines = [
        "| Provider | Data Retention | Train on Prompts |",
        "| --- | --- | --- |",
        *("| {} | {} | {} |".format(*row) for row in rows),
    ]
    parsed = policy_table.parse("\n".join(lines).encode())
    return normalize_capture(parsed, _source(Format.POLICY_TABLE), IDENTITIES)


def _record(slug: str = "acme", name: str = "Acme", /, **policy: object) -> dict[str, Json]:
    given = {key: value for key, value in policy.items() if value is not MISSING}
    record: dict[str, Json] = {"slug": slug, "name": name, "displayName": name}
    return record | {"dataPolicy": json.loads(json.dumps(given))}


def _claim(reading: Reading, topic: Topic, offering_id: str = "acme") -> Claim:
    [found] = [claim for claim in reading.claims if (claim.offering_id, claim.topic) == (offering_id, topic)]
    return found


def _listed(reading: Reading) -> list[str]:
    return [listing.offering_id for listing in reading.listings]


C15_TRAINING = [
    (True, Training.MAY, Basis.STATED, None),
    ("true", Training.MAY, Basis.STATED, None),
    (1, Training.UNKNOWN, Basis.UNREADABLE, 1),
    (None, Training.UNKNOWN, Basis.NULL, None),
    (MISSING, Training.UNKNOWN, Basis.ABSENT, None),
    (False, Training.NO, Basis.STATED, None),
    ("false", Training.NO, Basis.STATED, None),
    (0, Training.UNKNOWN, Basis.UNREADABLE, 0),
]


@pytest.mark.fault("C15")
@pytest.mark.parametrize(("raw", "value", "basis", "refused"), C15_TRAINING)
def test_c15_a_flag_that_changes_its_type_is_typed_or_refused_and_never_guessed(
    raw: object, value: Training, basis: Basis, refused: Json
) -> None:
    reading = _read_feed(_record(training=raw))
    claim = _claim(reading, Topic.TRAINING)
    assert (value, basis) == (claim.value, claim.basis)
    expected = [] if refused is None else [(Topic.TRAINING, refused, "acme", "normalize")]
    assert expected == [(one.topic, one.raw, one.offering_id, one.stage) for one in reading.refusals]
    assert ["acme"] == _listed(reading)


@pytest.mark.fault("C15")
@pytest.mark.parametrize(
    ("raw", "value", "basis"),
    [
        (True, Retention(kind=RetentionKind.UNSTATED), Basis.STATED),
        ("true", Retention(kind=RetentionKind.UNSTATED), Basis.STATED),
        (1, UNKNOWN, Basis.UNREADABLE),
        (None, UNKNOWN, Basis.NULL),
        (MISSING, UNKNOWN, Basis.ABSENT),
        (False, Retention(kind=RetentionKind.NONE), Basis.STATED),
        (0, UNKNOWN, Basis.UNREADABLE),
    ],
)
def test_c15_null_false_zero_and_absent_retention_are_told_apart(raw: object, value: Retention, basis: Basis) -> None:
    claim = _claim(_read_feed(_record(retainsPrompts=raw)), Topic.RETENTION)
    assert (value, basis) == (claim.value, claim.basis)


@pytest.mark.fault("C15")
@pytest.mark.parametrize("topic", [Topic.CAN_PUBLISH, Topic.REQUIRES_USER_IDS])
@pytest.mark.parametrize(
    ("raw", "value", "basis"),
    [
        (True, True, Basis.STATED),
        ("true", True, Basis.STATED),
        (1, None, Basis.UNREADABLE),
        (None, None, Basis.NULL),
        (False, False, Basis.STATED),
    ],
)
def test_c15_a_flag_to_honour_is_empty_where_no_rule_reads_it(
    topic: Topic, raw: Json, value: ClaimValue, basis: Basis
) -> None:
    key = "canPublish" if topic is Topic.CAN_PUBLISH else "requiresUserIDs"
    claim = _claim(_read_feed(_record(**{key: raw})), topic)
    assert (value, basis) == (claim.value, claim.basis)


@pytest.mark.fault("C15")
@pytest.mark.parametrize("topic", [Topic.CAN_PUBLISH, Topic.REQUIRES_USER_IDS])
def test_c15_a_flag_that_is_left_out_is_absent_and_has_no_value(topic: Topic) -> None:
    claim = _claim(_read_feed(_record(training=False)), topic)
    assert (None, Basis.ABSENT, None) == (claim.value, claim.basis, claim.text)


@pytest.mark.fault("C16")
@pytest.mark.parametrize("raw", ["sometimes", "opted_out", "TRAINS_V2", "{}", "0"])
def test_c16_a_new_value_is_refused_with_its_text_and_the_policy_is_unknown(raw: str) -> None:
    reading = _read_feed(_record(training=raw, retainsPrompts=raw))
    training, retention = _claim(reading, Topic.TRAINING), _claim(reading, Topic.RETENTION)
    assert (Training.UNKNOWN, Basis.UNREADABLE, raw) == (training.value, training.basis, training.text)
    assert (UNKNOWN, Basis.UNREADABLE) == (retention.value, retention.basis)
    assert {(Topic.TRAINING, json.dumps(raw)), (Topic.RETENTION, json.dumps({"retainsPrompts": raw}))} == {
        (one.topic, json.dumps(one.raw)) for one in reading.refusals
    }


@pytest.mark.fault("C16")
@pytest.mark.parametrize("words", ["Retained until account deletion, mostly", "Retained for 0 days", "None", "null"])
def test_c16_new_words_in_the_table_are_refused_with_their_text_and_the_policy_is_unknown(words: str) -> None:
    reading = _read_table(("Acme", words, "✓ Does not train"))
    claim = _claim(reading, Topic.RETENTION)
    assert (UNKNOWN, Basis.UNREADABLE, words, None) == (claim.value, claim.basis, claim.text, claim.printed)
    assert [(Topic.RETENTION, words)] == [(one.topic, one.raw) for one in reading.refusals]


@pytest.mark.fault("D02")
@pytest.mark.parametrize(
    ("words", "value", "basis"),
    [
        ("Unknown retention policy", UNKNOWN, Basis.ABSENT),
        ("Prompts are retained for unknown period", Retention(kind=RetentionKind.UNSTATED), Basis.STATED),
        ("Zero retention", Retention(kind=RetentionKind.NONE), Basis.RENDERED),
        ("Retained for 30 days", Retention.of_days(30), Basis.STATED),
    ],
)
def test_d02_the_words_of_the_table_carry_what_they_can(words: str, value: Retention, basis: Basis) -> None:
    claim = _claim(_read_table(("Acme", words, "✕ May train")), Topic.RETENTION)
    assert (value, basis, words.casefold()) == (claim.value, claim.basis, claim.printed)


@pytest.mark.fault("D06")
@pytest.mark.parametrize(
    ("one", "other"),
    [("Acme", "Acme"), ("Acme", "ACME"), ("Acme", "Acme Labs"), ("Newco", "newco"), ("X (free)", "x(FREE)")],
)
def test_d06_two_rows_for_one_offering_fail_the_page(one: str, other: str) -> None:
    words = ("Zero retention", "✓ Does not train")
    with pytest.raises(ParseError, match="stands twice"):
        _read_table((one, *words), (other, *words))


@pytest.mark.fault("D06")
def test_d06_a_free_variant_is_a_tier_beside_its_provider() -> None:
    reading = _read_table(
        ("Acme", "Zero retention", "✓ Does not train"), ("Acme Labs (free)", "Unknown retention policy", "✕ May train")
    )
    tiers = [(one.offering_id, one.provider_id, one.tier) for one in reading.listings]
    assert [("acme", "acme", Tier.DEFAULT), ("acme:free", "acme", Tier.FREE)] == tiers
    assert "Acme Labs" == _claim(reading, Topic.DISPLAY_NAME, "acme:free").value
    assert Training.MAY is _claim(reading, Topic.TRAINING, "acme:free").value


@pytest.mark.fault("D07")
def test_d07_a_reused_slug_waits_for_review_and_nothing_of_the_old_company_is_claimed() -> None:
    policy = {"training": False, "retainsPrompts": False, "canPublish": False, "requiresUserIDs": False}
    reading = _read_feed(
        _record("acme", "Newco", **policy, termsOfServiceURL="https://newco.test/terms"),
        _record("other", "Other", **policy),
    )
    assert ["other", "acme"] == _listed(reading)
    mine = [(one.topic, one.value, one.basis) for one in reading.claims if one.offering_id == "acme"]
    expected: list[tuple[Topic, ClaimValue, Basis]] = [
        (Topic.RETENTION, UNKNOWN, Basis.UNREADABLE),
        (Topic.TRAINING, Training.UNKNOWN, Basis.UNREADABLE),
        (Topic.CAN_PUBLISH, None, Basis.UNREADABLE),
        (Topic.REQUIRES_USER_IDS, None, Basis.UNREADABLE),
    ]
    assert expected == mine
    [refusal] = reading.refusals
    assert ("acme", "acme", "Newco", "Newco") == (refusal.offering_id, refusal.slug, refusal.name, refusal.label)
    assert () == next(one.names for one in reading.listings if one.offering_id == "acme")


@pytest.mark.fault("D07")
def test_d07_the_free_tier_of_a_reused_slug_is_held_too() -> None:
    nested = {"paidModels": {"training": False}, "freeModels": {"training": False}}
    reading = _read_feed(_record("acme", "Newco", **nested))
    assert ["acme", "acme:free"] == _listed(reading)
    assert ["acme", "acme:free"] == [one.offering_id for one in reading.refusals]
    assert {Training.UNKNOWN} == {one.value for one in reading.claims if one.topic is Topic.TRAINING}


@pytest.mark.fault("D07")
@pytest.mark.parametrize("is_reused_first", [True, False])
def test_d07_the_old_company_under_a_new_slug_keeps_its_own_words(*, is_reused_first: bool) -> None:
    rows = [_record("acme", "Newco", training=True), _record("acme-2", "Acme", training=False)]
    reading = _read_feed(*(rows if is_reused_first else rows[::-1]))
    assert ["acme"] == _listed(reading)
    assert Training.NO is _claim(reading, Topic.TRAINING).value
    assert [("acme", None)] == [(one.slug, one.offering_id) for one in reading.refusals]


def test_an_unreadable_link_beside_a_new_name_does_not_break_the_reading() -> None:
    reading = _read_feed(_record("acme", "Newco", training=False, termsOfServiceURL="https://[acme.test"))
    assert ["acme"] == _listed(reading)
    assert Basis.UNREADABLE is _claim(reading, Topic.TRAINING).basis


@pytest.mark.fault("D08")
@pytest.mark.parametrize("name", ["NA", "null", "None", "TRUE", "007", "1e5", "nan"])
def test_d08_a_name_that_looks_like_a_value_stays_that_name(name: str) -> None:
    feed = _read_feed(_record(name.lower(), name, training=False))
    table = _read_table((name, "Zero retention", "✓ Does not train"))
    for reading in (feed, table):
        assert [(name.lower(), (name,))] == [(one.offering_id, one.names) for one in reading.listings]
        assert name == _claim(reading, Topic.DISPLAY_NAME, name.lower()).value


@pytest.mark.parametrize(
    ("broken", "offering_id"),
    [
        ({"slug": "acme", "name": "Acme", "dataPolicy": []}, "acme"),
        ({"slug": "acme-2", "name": "Acme", "dataPolicy": []}, "acme"),
        ({"slug": "acme", "name": "Newco", "dataPolicy": []}, "acme"),
        ({"name": "Acme", "dataPolicy": {}}, "acme"),
        ({"slug": 7, "displayName": "Acme Labs", "dataPolicy": {}}, "acme"),
        ({"slug": "newco", "name": "Newco", "dataPolicy": []}, "newco"),
        ({"dataPolicy": {}}, None),
        (["acme"], None),
    ],
    ids=str,
)
def test_a_refused_row_holds_its_offering_with_an_unknown_policy(broken: Json, offering_id: str | None) -> None:
    reading = _read_feed(_record("other", "Other", training=False), broken)
    assert [offering_id] == [one.offering_id for one in reading.refusals]
    held = [one for one in reading.claims if one.offering_id == offering_id]
    expected = [] if offering_id is None else [(topic, Basis.UNREADABLE) for topic in (*POLICY_TOPICS, *FLAGS)]
    assert expected == [(one.topic, one.basis) for one in held]
    assert ["other", *([offering_id] if offering_id else [])] == _listed(reading)


def test_a_refused_row_of_a_list_of_identities_is_held_without_a_policy() -> None:
    reading = _read_list({"slug": "acme", "name": "Newco"}, {"slug": "other", "name": "Other"})
    assert ["other", "acme"] == _listed(reading)
    assert {Topic.API_NAME} == {one.topic for one in reading.claims}


@pytest.mark.parametrize("names", [("fake-provider", "FakeProvider"), ("x", "FAKEPROVIDER"), ("fakeprovider", "Y")])
def test_an_excluded_row_is_counted_and_leaves_nothing_else(names: tuple[str, str]) -> None:
    reading = _read_feed(_record(*names, training=1), _record(training=False))
    assert (2, ["acme"], 1, ()) == (reading.row_count, _listed(reading), len(reading.excluded), reading.refusals)


@pytest.mark.parametrize(
    ("topic", "key", "raw", "value"),
    [
        (Topic.HEADQUARTERS, "headquarters", "NO", "NO"),
        (Topic.HEADQUARTERS, "headquarters", "no", None),
        (Topic.HEADQUARTERS, "headquarters", "Norway", None),
        (Topic.HEADQUARTERS, "headquarters", "ＮＯ", None),
        (Topic.DATACENTERS, "datacenters", ["US", "NO", "US"], ("NO", "US")),
        (Topic.DATACENTERS, "datacenters", [], ()),
        (Topic.DATACENTERS, "datacenters", ["US", "Mars"], None),
        (Topic.TERMS_URL, "terms_of_service_url", "http://acme.test/#terms", "http://acme.test/#terms"),
        (Topic.TERMS_URL, "terms_of_service_url", "javascript:alert(1)", None),
        (Topic.TERMS_URL, "terms_of_service_url", "https://acme.test\\@evil.test/", None),
        (Topic.TERMS_URL, "terms_of_service_url", "", None),
        (Topic.TERMS_URL, "terms_of_service_url", "https://" + "a" * 3000, None),
    ],
)
def test_an_attribute_is_typed_or_refused_with_its_value(topic: Topic, key: str, raw: Json, value: ClaimValue) -> None:
    reading = _read_list({"slug": "acme", "name": "Acme", key: raw})
    found = [one.value for one in reading.claims if one.topic is topic]
    assert ([] if value is None else [value]) == found
    assert ([(topic, raw)] if value is None else []) == [(one.topic, one.raw) for one in reading.refusals]


def test_an_attribute_that_is_null_has_no_value() -> None:
    claim = _claim(_read_list({"slug": "acme", "name": "Acme", "headquarters": None}), Topic.HEADQUARTERS)
    assert (None, Basis.NULL) == (claim.value, claim.basis)


def test_a_refusal_shows_a_long_value_shortened_and_keeps_it_whole() -> None:
    long = "sometimes " * 100
    [refusal] = _read_feed(_record(training=long)).refusals
    assert refusal.raw == long
    assert len(refusal.reason) < 300


# What no parser would hand on, and the rules must bear all the same.

_JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 99) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
_POLICY: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {}, optional={"retainsPrompts": _JSON, "retentionDays": _JSON | st.just(30)}
)
_WORDS = st.sampled_from(
    ["Zero retention", "Retained for 30 days", "✓ Does not train", "✕ May train", "https://[", "US"]
)
_CLAIMS = st.builds(
    RawClaim,
    topic=st.sampled_from(Topic),
    raw=_JSON | _POLICY | _WORDS,
    quote=st.text(max_size=5),
    locator=st.just("here"),
    is_present=st.booleans(),
)
_NAME = st.none() | st.text(max_size=4) | st.sampled_from(["acme", "Acme", "Newco", "x (free)", "FakeProvider"])
_ROWS = st.builds(
    RawRow,
    slug=_NAME,
    name=_NAME,
    label=_NAME,
    tier=st.sampled_from([None, *Tier]),
    locator=st.just("row"),
    raw=_JSON,
    claims=st.lists(_CLAIMS, max_size=3).map(tuple),
)
_REFUSED = st.builds(
    Refusal,
    stage=st.just("parse"),
    reason=st.text(max_size=3),
    raw=_JSON,
    locator=st.just("row"),
    slug=_NAME,
    name=_NAME,
    label=_NAME,
)
_ENDPOINTS = st.builds(
    RawEndpoint,
    provider_name=st.text(max_size=4) | st.just("Acme"),
    tag=st.text(max_size=4) | st.sampled_from(["acme/eu", "/x", ""]),
    model_id=st.text(max_size=3),
    model_name=st.none(),
    quantization=st.none(),
    context_length=st.none(),
    locator=st.just("endpoint"),
    raw=_JSON,
)


@st.composite
def _captures(draw: st.DrawFn) -> Parsed:
    rows = tuple(draw(st.lists(_ROWS, max_size=4)))
    refusals = tuple(draw(st.lists(_REFUSED, max_size=3)))
    endpoints = tuple(draw(st.lists(_ENDPOINTS, max_size=3)))
    rows = () if endpoints else rows  # no format has both
    count = len(rows) + len(refusals) + len(endpoints)
    return Parsed(row_count=count, rows=rows, refusals=refusals, endpoints=endpoints)


@given(_captures(), st.sampled_from(FORMATS))
def test_every_row_and_every_claim_is_conserved_and_nothing_but_a_parse_error_is_raised(
    parsed: Parsed, of_format: Format
) -> None:
    try:
        reading = normalize_capture(parsed, _source(of_format), IDENTITIES)
    except ParseError:
        return
    row_refusals = [one for one in reading.refusals if one.topic is None]
    held = {one.offering_id for one in row_refusals} - {None}
    from_endpoints = {one.offering_id for one in reading.endpoints}
    read = [one for one in reading.listings if one.offering_id not in held and not from_endpoints]
    assert parsed.row_count == len(read) + len(row_refusals) + len(reading.endpoints) + len(reading.excluded)

    said = [one for one in reading.claims if one.offering_id not in held]
    refused = [one for one in reading.refusals if one.topic is not None]
    unread = [one for one in said if one.basis is Basis.UNREADABLE]
    claims_in = Counter(
        claim.topic for row in parsed.rows if row.locator and not _is_out(row, reading) for claim in row.claims
    )
    claims_out = Counter(one.topic for one in said) + Counter(one.topic for one in refused)
    claims_out.subtract(one.topic for one in unread)
    assert claims_in == +claims_out
    assert Counter(one.topic for one in unread) == Counter(one.topic for one in refused if one.topic in HONOURED)


def _is_out(row: RawRow, reading: Reading) -> bool:
    """Whether a row was refused or excluded as a whole."""
    whole = [one for one in reading.refusals if one.topic is None and one.stage == "normalize"]
    is_refused = any((one.slug, one.name, one.label) == (row.slug, row.name, row.label) for one in whole)
    return is_refused or any(name and name.casefold() == "fakeprovider" for name in (row.slug, row.name, row.label))


@given(_captures(), st.sampled_from(FORMATS))
def test_no_policy_is_zero_or_does_not_train_unless_the_capture_says_so(parsed: Parsed, of_format: Format) -> None:
    try:
        reading = normalize_capture(parsed, _source(of_format), IDENTITIES)
    except ParseError:
        return
    raws = [claim.raw for row in parsed.rows for claim in row.claims]
    says_zero = any(
        raw == "Zero retention" or (isinstance(raw, dict) and _says_no(raw.get("retainsPrompts"))) for raw in raws
    )
    says_no = any(_says_no(raw) or raw in ("✓ Does not train", "no", "No", "✓") for raw in raws)
    values = [one.value for one in reading.claims]
    assert says_zero or not any(isinstance(one, Retention) and one.kind is RetentionKind.NONE for one in values)
    assert says_no or Training.NO not in values


def _says_no(raw: Json) -> bool:
    return raw is False or raw == "false"
