"""Routing by the recorded captures: the figures of a known day, the nearest relaxations, a request's own object."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from made_up_offerings import NOW, offerings, requirements
from shipped_catalog import shipped_data

from pipeline import Catalog, Decision, PolicyBasis, Requirement
from pipeline.catalog.decide import decide
from pipeline.catalog.records import OfferingTerms
from pipeline.errors import NotFoundError, UsageError
from pipeline.model import RetentionKind, Tier, Training
from pipeline.use.route import find_relaxations, find_slugs, find_stale
from pipeline.use.words_behind import find_words

FIRST_TABLE = date(2025, 7, 31)
ZDR, DAYS_30 = Requirement(max_retention_days=0), Requirement(max_retention_days=30)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog.open(shipped_data(tmp_path_factory) / "catalog" / "current") as opened:
        yield opened


def ids(decision: Decision) -> set[str]:
    return {one.offering_id for one in decision.allowed}


def test_the_figures_of_the_first_table_are_as_counted_by_hand(catalog: Catalog) -> None:
    decided = [catalog.route(asked, as_of=FIRST_TABLE) for asked in (ZDR, DAYS_30)]
    assert [21, 28] == [len(one.allowed) for one in decided]
    assert ids(decided[0]) < ids(decided[1])
    listed = {one.offering_id for one in catalog.offerings(FIRST_TABLE)}
    assert 59 == len(listed)
    assert [38, 31] == [len(listed & {one.offering.offering_id for one in two.refused}) for two in decided]


def test_no_training_leaves_those_28_less_the_ones_that_may_train(catalog: Catalog) -> None:
    both = catalog.route(Requirement(max_retention_days=30, no_training=True), as_of=FIRST_TABLE)
    within = catalog.route(DAYS_30, as_of=FIRST_TABLE).allowed
    assert {one.offering_id for one in within if one.training is not Training.MAY} == ids(both)
    assert 28 == len(both.allowed)
    no_training = catalog.route(Requirement(no_training=True), as_of=FIRST_TABLE)
    assert 52 == len(no_training.allowed)


def test_allowing_the_unknown_adds_the_20_unknown_ones_and_names_them(catalog: Catalog) -> None:
    sure = catalog.route(DAYS_30, as_of=FIRST_TABLE)
    decision = catalog.route(Requirement(max_retention_days=30, allows_unknown=True), as_of=FIRST_TABLE)
    assert 20 == len(decision.let_in_unknown)
    assert {RetentionKind.UNKNOWN} == {one.retention_kind for one in decision.let_in_unknown}
    assert ids(decision) == ids(sure) | {one.offering_id for one in decision.let_in_unknown}


@pytest.mark.parametrize("name", ["Google Vertex", "google-vertex", "GOOGLE VERTEX"])
def test_a_provider_may_be_named_in_any_way(catalog: Catalog, name: str) -> None:
    decision = catalog.route(Requirement(providers=frozenset({name})), as_of=FIRST_TABLE)
    assert {"google-vertex", "google-vertex:free"} == ids(decision)
    only_free = catalog.route(Requirement(providers=frozenset({"google-vertex:free"})), as_of=FIRST_TABLE)
    assert {"google-vertex:free"} == ids(only_free)
    only_paid = catalog.route(Requirement(providers=frozenset({f"{name}:default"})), as_of=FIRST_TABLE)
    assert {"google-vertex"} == ids(only_paid)
    without = catalog.route(Requirement(ignored=frozenset({name})), as_of=FIRST_TABLE)
    assert not ids(without) & ids(decision)
    assert 57 == len(without.allowed)


@pytest.mark.fault("Q12")
@pytest.mark.parametrize("field", ["providers", "ignored"])
def test_q12_a_provider_that_is_not_in_the_catalog_is_an_error_and_never_passes(catalog: Catalog, field: str) -> None:
    asked = Requirement(**{field: frozenset({"openai", "no-such-provider"})})  # type: ignore[arg-type]
    with pytest.raises(NotFoundError, match="'no-such-provider' is not in the catalog"):
        catalog.route(asked)


@pytest.mark.fault("Q07", "Q06")
@pytest.mark.parametrize("name", ["' OR '1'='1", "x'; DROP TABLE providers; --", "read_csv('/etc/passwd')", "${HOME}"])
def test_q07_a_hostile_name_in_a_requirement_is_a_name_and_nothing_else(catalog: Catalog, name: str) -> None:
    with pytest.raises(NotFoundError, match="is not in the catalog"):
        catalog.route(Requirement(providers=frozenset({name})))
    with pytest.raises(NotFoundError, match="is not in the catalog"):
        catalog.route(Requirement.from_openrouter({"ignore": ["openai"]} | {"only": ["x or 1.1"]}))
    assert 76 == len(catalog.route(Requirement()).allowed)


@pytest.mark.fault("Q13")
def test_q13_what_is_older_than_asked_is_refused_and_the_catalog_tells_its_age(catalog: Catalog) -> None:
    day = datetime(2026, 7, 31, tzinfo=UTC)
    assert datetime(2026, 7, 21, tzinfo=UTC) == catalog.as_of
    fresh = catalog.route(Requirement(max_retention_days=0, max_age_days=10), now=day)
    stale = catalog.route(Requirement(max_retention_days=0, max_age_days=9), now=day)
    assert (43, 0) == (len(fresh.allowed), len(stale.allowed))
    texts = {reason.text for one in stale.refused for reason in one.reasons if reason.check == "age"}
    assert "words last seen 2026-07-21, 10 days ago, more than 9 days" in texts
    assert "with --max-age 10d" == find_relaxations(stale)[0].change
    assert () == find_stale(catalog, fresh.allowed, day)
    (line,) = find_stale(catalog, fresh.allowed, day + timedelta(days=180))
    assert line.startswith("openrouter-docs was last seen 2026-07-21, 190 days ago; it is stale after 180")


def test_an_age_as_of_a_day_is_counted_from_that_day(catalog: Catalog) -> None:
    assert 59 == len(catalog.route(Requirement(max_age_days=1), as_of=FIRST_TABLE).allowed)


def test_who_is_gone_is_refused_for_that(catalog: Catalog) -> None:
    decision = catalog.route(Requirement(providers=frozenset({"lambda"})))
    (reason,) = next(one.reasons for one in decision.refused if one.offering.offering_id == "lambda")
    assert reason.text.startswith("not listed at openrouter since 20")


def test_every_policy_in_force_has_its_words(catalog: Catalog) -> None:
    words = find_words(catalog)
    for one in catalog.route(ZDR).allowed:
        quotes = {row["topic"]: row["quote"] for row in words[one.gateway_id, one.offering_id]}
        assert "Zero retention" in str(quotes["retention"])
    then = find_words(catalog, FIRST_TABLE)
    for one in catalog.route(ZDR, as_of=FIRST_TABLE).allowed:
        (said,) = (row for row in then[one.gateway_id, one.offering_id] if row["topic"] == "retention")
        assert ("Zero retention", "openrouter-docs", True) == (
            said["quote"],
            said["source_id"],
            bool(said["capture_id"]),
        )
        assert datetime(2025, 7, 31, tzinfo=UTC) == said["observed_at"]
    assert words == find_words(catalog, date(2030, 1, 1))


def test_a_free_tier_has_the_slugs_of_its_provider(catalog: Catalog) -> None:
    slugs = find_slugs(catalog)
    assert slugs["openrouter", "google-vertex"] == slugs["openrouter", "google-vertex:free"] == ("google-vertex",)


def test_where_nobody_is_left_the_nearest_relaxations_are_told(catalog: Catalog) -> None:
    asked = Requirement(max_retention_days=0, providers=frozenset({"anthropic", "openai"}))
    told = [one.text for one in find_relaxations(catalog.route(asked))]
    assert [
        "1 offering passes with --max-retention-days 30",
        "2 offerings pass without --max-retention-days",
        "43 offerings pass without --providers",
    ] == told


@given(offerings(), requirements(counts=(4, 5, 6, 7)))
def test_a_relaxation_is_kept_by_as_many_as_it_says_and_one_is_found_where_anybody_is_listed(
    some: list[OfferingTerms], asked: Requirement
) -> None:
    decision = decide(some, asked, NOW)
    if decision.allowed:
        return
    found = find_relaxations(decision)
    assert any(one.is_listed for one in some) == bool(found)
    for one in found:
        assert one.allowed_count == len(decide(some, one.requirement, NOW).allowed) > 0
        assert one.change


OBJECTS: list[tuple[dict[str, object], Requirement]] = [
    ({}, Requirement()),
    ({"only": [], "ignore": [], "order": []}, Requirement()),
    ({"zdr": True}, Requirement(max_retention_days=0)),
    ({"zdr": False, "data_collection": "allow"}, Requirement()),
    ({"zdr": None, "data_collection": None, "only": None}, Requirement()),
    ({"data_collection": "deny"}, Requirement(no_training=True)),
    ({"only": ["openai", "google-vertex/us-east5"]}, Requirement(providers=frozenset({"openai", "google-vertex"}))),
    ({"ignore": ["openai", "google-vertex/us-east5"]}, Requirement(ignored=frozenset({"openai"}))),
    ({"order": ["openai"]}, Requirement()),
    ({"order": ["openai"], "allow_fallbacks": True}, Requirement()),
    ({"order": ["openai"], "allow_fallbacks": False}, Requirement(providers=frozenset({"openai"}))),
    (
        {"order": ["openai", "groq"], "only": ["groq", "xai"], "allow_fallbacks": False, "sort": "price"},
        Requirement(providers=frozenset({"groq"})),
    ),
    (
        {"sort": {"by": "price"}, "max_price": {"prompt": 1.5}, "quantizations": ["fp8"], "require_parameters": None}
        | {"preferred_max_latency": {"p50": 1}, "preferred_min_throughput": 20, "options": {}},
        Requirement(),
    ),
]


@pytest.mark.parametrize(("preferences", "expected"), OBJECTS, ids=[str(given) for given, _ in OBJECTS])
def test_a_requests_own_object_is_read_as_the_gateway_reads_it(
    preferences: dict[str, object], expected: Requirement
) -> None:
    found = Requirement.from_openrouter(preferences)
    assert PolicyBasis.GATEWAY is found.reading
    assert expected.asked == found.asked
    assert [getattr(expected, name) for name in expected.asked] == [getattr(found, name) for name in found.asked]


BAD_OBJECTS: list[tuple[dict[str, object], str]] = [
    ({"zdr": "true"}, "provider.zdr: expected true or false"),
    ({"zdr": 1}, "provider.zdr: expected true or false"),
    ({"allow_fallbacks": []}, "provider.allow_fallbacks: expected true or false"),
    ({"data_collection": "none"}, "provider.data_collection: expected"),
    ({"data_collection": []}, "provider.data_collection: expected"),
    ({"only": "openai"}, "provider.only: expected a list"),
    ({"only": ["openai", 3]}, "provider.only: 3 is not a provider slug"),
    ({"ignore": [""]}, "provider.ignore: '' is not a provider slug"),
    ({"max_retention_days": 30}, "'max_retention_days' is not a key that OpenRouter knows"),
    ({"only": ["groq"], "order": ["xai"], "allow_fallbacks": False}, "no provider in common"),
    ({"only": 0}, "provider.only: expected a list"),
    ({"ignore": {}}, "provider.ignore: expected a list"),
    ({"sort": 3}, "provider.sort: expected a text or an object, found 3"),
    ({"max_price": 3}, "provider.max_price: expected an object of prices, found 3"),
    ({"max_price": {"prompt": []}}, "provider.max_price: expected an object of prices"),
    ({"quantizations": "fp8"}, "provider.quantizations: expected a list of texts"),
    ({"quantizations": [8]}, "provider.quantizations: expected a list of texts"),
    ({"require_parameters": "yes"}, "provider.require_parameters: expected true or false"),
    ({"enforce_distillable_text": 1}, "provider.enforce_distillable_text: expected true or false"),
    ({"preferred_max_latency": True}, "provider.preferred_max_latency: expected a number"),
    ({"options": []}, "provider.options: expected an object"),
    ([], r"provider: expected an object, found \[\]"),  # type: ignore[list-item] # wrong on purpose, as those below
    (None, "provider: expected an object, found None"),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("preferences", "message"), BAD_OBJECTS, ids=str)
def test_an_object_that_the_gateway_would_refuse_is_refused(preferences: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Requirement.from_openrouter(preferences)


def test_data_collection_lets_through_who_keeps_prompts(catalog: Catalog) -> None:
    denied = catalog.route(Requirement.from_openrouter({"data_collection": "deny"}))
    assert "anthropic" in ids(denied)
    assert {Training.NO} == {one.training for one in denied.allowed}
    assert {None, 0, 30} <= {one.retention_days for one in denied.allowed}
    tiers = {one.tier for one in catalog.route(Requirement(), as_of=FIRST_TABLE).allowed}
    assert {Tier.DEFAULT, Tier.FREE} == tiers


def test_a_build_is_read_once_for_all_decisions(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog.route(ZDR)
    monkeypatch.setattr(Catalog, "rows", lambda *_: pytest.fail("the catalog was read again"))
    catalog.route(DAYS_30)
    assert Path("catalog.duckdb").name == catalog.path.name
