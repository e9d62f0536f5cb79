"""Who meets a requirement: what never passes, and what holds of every decision."""

import math
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_offerings import NOW, demands, draw_always_the_same, offering, offerings, requirements

from pipeline.catalog.decide import Decision, Index, decide
from pipeline.catalog.places import expand
from pipeline.catalog.records import OfferingTerms
from pipeline.catalog.requirement import Check, PolicyBasis, Requirement
from pipeline.errors import UsageError
from pipeline.model import Agreement, Retention, RetentionKind, Tier, Training

NONE, UNKNOWN = Retention(kind=RetentionKind.NONE), Retention(kind=RetentionKind.UNKNOWN)
DAYS_7, DAYS_30, DAYS_55 = (Retention.of_days(days) for days in (7, 30, 55))
OTHERS = [Retention(kind=RetentionKind(kind)) for kind in ("until_event", "indefinite", "unstated")]


def failed(one: OfferingTerms, requirement: Requirement) -> set[Check]:
    """Return what an offering fails; nothing where it passes."""
    decision = decide([one], requirement, NOW)
    return {reason.check for refused in decision.refused for reason in refused.reasons}


@pytest.mark.parametrize("retention", [NONE, DAYS_7, DAYS_30], ids=str)
def test_a_stated_time_within_the_limit_passes(retention: Retention) -> None:
    assert set() == failed(offering(retention), Requirement(max_retention_days=30))


@pytest.mark.parametrize("retention", [DAYS_55, UNKNOWN, *OTHERS], ids=str)
def test_no_other_retention_passes_a_limit_however_long(retention: Retention) -> None:
    limits = [0, 30, 54] if retention is DAYS_55 else [0, 30, 36500]
    found = [failed(offering(retention), Requirement(max_retention_days=limit)) for limit in limits]
    assert [{Check.RETENTION}] * 3 == found


@pytest.mark.parametrize(
    ("training", "is_met"),
    [
        (Training.NO, True),
        (Training.OPT_IN, True),
        (Training.OPT_OUT, False),
        (Training.MAY, False),
        (Training.UNKNOWN, False),
    ],
)
def test_only_who_does_not_train_unasked_passes_no_training(training: Training, is_met: bool) -> None:  # noqa: FBT001
    assert is_met == (failed(offering(training=training), Requirement(no_training=True)) == set())


@pytest.mark.parametrize("retention", OTHERS, ids=str)
def test_what_is_stored_for_a_time_that_is_not_stated_is_not_unknown(retention: Retention) -> None:
    asked = Requirement(max_retention_days=30, allows_unknown=True)
    assert {Check.RETENTION} == failed(offering(retention), asked)


def test_the_unknown_is_let_in_where_it_is_allowed_and_told() -> None:
    asked = Requirement(max_retention_days=30, no_training=True, no_publishing=True, allows_unknown=True)
    known = offering(offering_id="known")
    unknown = [
        offering(UNKNOWN, offering_id="a"),
        offering(training=Training.UNKNOWN, offering_id="b"),
        offering(can_publish=None, offering_id="c"),
    ]
    decision = decide([known, *unknown], asked)
    assert ["a", "b", "c", "known"] == [one.offering_id for one in decision.allowed]
    assert ["a", "b", "c"] == [one.offering_id for one in decision.let_in_unknown]
    assert "a: allowed, as unknown\n" in decision.explain()


READINGS = [
    (PolicyBasis.GATEWAY, set()),
    (PolicyBasis.PROVIDER, {Check.RETENTION, Check.TRAINING}),
    (
        PolicyBasis.STRICTEST,
        {Check.RETENTION, Check.RETENTION_CONFLICT, Check.TRAINING, Check.TRAINING_CONFLICT},
    ),
]


@pytest.mark.parametrize(("basis", "expected"), READINGS)
def test_a_reading_is_whose_statements_count(basis: PolicyBasis, expected: set[Check]) -> None:
    one = offering(NONE, Training.NO, own_retention=DAYS_55, own_training=Training.MAY)
    assert expected == failed(one, Requirement(max_retention_days=30, no_training=True, reading=basis))


def test_sources_that_contradict_each_other_never_pass_by_the_strictest_reading_though_both_are_within() -> None:
    one = offering(NONE, own_retention=DAYS_7)
    asked = Requirement(max_retention_days=30, allows_unknown=True)
    assert {Check.RETENTION_CONFLICT} == failed(one, asked)
    assert set() == failed(one, replace(asked, reading=PolicyBasis.GATEWAY))
    assert set() == failed(one, Requirement(no_training=True))


def test_by_the_strictest_reading_the_gateway_counts_where_the_provider_says_nothing() -> None:
    assert set() == failed(offering(DAYS_7), Requirement(max_retention_days=7))
    assert {Check.RETENTION} == failed(
        offering(DAYS_7), Requirement(max_retention_days=7, reading=PolicyBasis.PROVIDER)
    )


PLACES = [
    ({"headquarters": "DE"}, Requirement(headquarters=frozenset({"EU"})), set()),
    ({"headquarters": "NO"}, Requirement(headquarters=frozenset({"EEA"})), set()),
    ({"headquarters": "NO"}, Requirement(headquarters=frozenset({"EU"})), {Check.HEADQUARTERS}),
    ({"headquarters": None}, Requirement(headquarters=frozenset({"US"})), {Check.HEADQUARTERS}),
    ({"headquarters": None}, Requirement(not_headquarters=frozenset({"CN"})), {Check.HEADQUARTERS}),
    ({"headquarters": ""}, Requirement(not_headquarters=frozenset({"CN"})), {Check.HEADQUARTERS}),
    ({"headquarters": "CN"}, Requirement(not_headquarters=frozenset({"CN"})), {Check.HEADQUARTERS}),
    ({"headquarters": "SG"}, Requirement(not_headquarters=frozenset({"CN"})), set()),
    (
        {"headquarters": "FR"},
        Requirement(headquarters=frozenset({"EU"}), not_headquarters=frozenset({"FR"})),
        {Check.HEADQUARTERS},
    ),
    ({"datacenters": ("DE", "FR")}, Requirement(datacenters=frozenset({"EU"})), set()),
    ({"datacenters": ("DE", "US")}, Requirement(datacenters=frozenset({"EU"})), {Check.DATACENTERS}),
    ({"datacenters": None}, Requirement(datacenters=frozenset({"US"})), {Check.DATACENTERS}),
    ({"datacenters": ()}, Requirement(datacenters=frozenset({"US"})), {Check.DATACENTERS}),
]


@pytest.mark.parametrize(("facts", "asked", "expected"), PLACES, ids=str)
def test_a_place_that_is_not_on_record_passes_no_rule_on_places(
    facts: dict[str, Any], asked: Requirement, expected: set[Check]
) -> None:
    assert expected == failed(offering(**facts), asked)
    assert expected == failed(offering(**facts), replace(asked, allows_unknown=True))


OTHER_CHECKS = [
    ({"is_listed": False}, Requirement(), {Check.LISTED}),
    ({"can_publish": None}, Requirement(no_publishing=True), {Check.PUBLISHING}),
    ({"can_publish": True}, Requirement(no_publishing=True), {Check.PUBLISHING}),
    ({"terms_url": None}, Requirement(requires_terms_url=True), {Check.TERMS_URL}),
    ({"tier": Tier.FREE}, Requirement(tiers=frozenset({Tier.DEFAULT})), {Check.TIER}),
    ({}, Requirement(providers=frozenset({"borealis"})), {Check.PROVIDERS}),
    ({}, Requirement(ignored=frozenset({"acme"})), {Check.IGNORED}),
    ({}, Requirement(max_age_days=10), set()),
    ({}, Requirement(max_age_days=9), {Check.AGE}),
    ({"last_verified_at": None}, Requirement(max_age_days=10), set()),
    ({"last_verified_at": None, "own_training": Training.NO}, Requirement(max_age_days=999), {Check.AGE}),
    ({"last_verified_at": None, "source_id": None}, Requirement(max_age_days=999), {Check.AGE}),
    ({"last_verified_at": NOW - timedelta(days=11)}, Requirement(max_age_days=10), {Check.AGE}),
]


@pytest.mark.parametrize(("facts", "asked", "expected"), OTHER_CHECKS, ids=str)
def test_what_else_keeps_an_offering_out(facts: dict[str, Any], asked: Requirement, expected: set[Check]) -> None:
    assert expected == failed(offering(**facts), asked)


SWITCHES = [
    (Requirement(allows_paid_training=False), [("acme", {Check.TRAINING}), ("acme:free", set())]),
    (Requirement(allows_free_training=False), [("acme", set()), ("acme:free", {Check.TRAINING})]),
    (Requirement(no_training=True), [("acme", {Check.TRAINING}), ("acme:free", {Check.TRAINING})]),
    (Requirement(allows_free_publishing=False), [("acme", set()), ("acme:free", {Check.PUBLISHING})]),
]


@pytest.mark.parametrize(("asked", "expected"), SWITCHES, ids=str)
def test_the_switches_of_an_account_speak_of_one_tier_each(
    asked: Requirement, expected: list[tuple[str, set[Check]]]
) -> None:
    tiers = [
        offering(training=Training.MAY, can_publish=True),
        offering(training=Training.MAY, can_publish=True, tier=Tier.FREE, offering_id="acme:free"),
    ]
    assert expected == [(one.offering_id, failed(one, asked)) for one in tiers]


@pytest.mark.fault("Q13")
def test_q13_an_age_needs_the_time_and_is_never_counted_without_it() -> None:
    with pytest.raises(UsageError, match="pass `now`"):
        decide([offering()], Requirement(max_age_days=30))
    naive = decide([offering()], Requirement(max_age_days=10), datetime(2026, 8, 1, 12))  # noqa: DTZ001 - UTC then
    assert 1 == len(naive.allowed)
    assert 1 == len(decide([offering()], Requirement(max_age_days=10**9), NOW).allowed)


def test_a_reason_holds_the_words_it_rests_on() -> None:
    by_gateway = decide([offering(DAYS_55, retention_text="Retained for 55 days")], Requirement(max_retention_days=30))
    ((reason,),) = (one.reasons for one in by_gateway.refused)
    assert ("stored for 55 days, more than 30 days", "Retained for 55 days", "openrouter-docs") == (
        reason.text,
        reason.words,
        reason.source_id,
    )
    by_terms = decide([offering(UNKNOWN, own_retention=DAYS_55)], Requirement(max_retention_days=0))
    ((reason,),) = (one.reasons for one in by_terms.refused)
    assert ("stored for 55 days, where nothing may be stored", None) == (reason.text, reason.words)


MEANINGLESS = [
    ({"max_retention_days": -1}, "max_retention_days: expected a whole number"),
    ({"max_retention_days": True}, "max_retention_days: expected a whole number"),
    ({"max_age_days": 1.5}, "max_age_days: expected a whole number"),
    ({"max_age_days": math.nan}, "max_age_days: expected a whole number"),
    ({"providers": frozenset()}, "providers: an empty list allows nobody"),
    ({"tiers": frozenset()}, "tiers: an empty list allows nobody"),
    ({"headquarters": "US"}, "headquarters: expected a set"),
    ({"headquarters": frozenset({"USA"})}, "'USA' is not a country.*write US"),
    ({"not_headquarters": frozenset({"UK"})}, "'UK' is not a country.*write GB"),
    ({"not_headquarters": frozenset({"cn"})}, "'cn' is not a country.*write CN"),
    ({"datacenters": frozenset({"Europe"})}, "'Europe' is not a country"),
    ({"headquarters": frozenset({None})}, "headquarters: expected a set of texts, found None"),
    ({"ignored": "deepseek"}, "ignored: expected a set of values, found the text 'deepseek'"),
    ({"ignored": None}, "ignored: expected a set of values, found None"),
    ({"ignored": b"ab"}, "ignored: expected a set of texts, found 97"),
    ({"providers": 3}, "providers: expected a set of values, found 3"),
    ({"providers": [""]}, "providers: expected a set of texts, found ''"),
    ({"providers": ()}, "providers: an empty list allows nobody"),
    ({"tiers": {"gold"}}, "tiers: expected one of default, free, found 'gold'"),
    ({"reading": "nonsense"}, "reading: expected one of gateway, provider, strictest, found 'nonsense'"),
    ({"reading": None}, "reading: expected one of"),
    ({"no_training": "no"}, "no_training: expected True or False, found 'no'"),
    ({"no_publishing": 0}, "no_publishing: expected True or False, found 0"),
    ({"allows_unknown": None}, "allows_unknown: expected True or False, found None"),
    ({"allows_free_training": 1}, "allows_free_training: expected True or False, found 1"),
]


@pytest.mark.parametrize(("facts", "message"), MEANINGLESS, ids=str)
def test_a_requirement_that_means_nothing_is_refused(facts: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Requirement(**facts)  # type: ignore[arg-type] # wrong on purpose


SPELLED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"reading": "strictest"}, {"reading": PolicyBasis.STRICTEST}),
    ({"tiers": ["free"]}, {"tiers": frozenset({Tier.FREE})}),
    ({"not_headquarters": iter(["CN"])}, {"not_headquarters": frozenset({"CN"})}),
    ({"headquarters": {"US": 1}}, {"headquarters": frozenset({"US"})}),
    ({"providers": (one for one in ("acme", "acme"))}, {"providers": frozenset({"acme"})}),
    ({"ignored": ["acme"]}, {"ignored": frozenset({"acme"})}),
]


@pytest.mark.parametrize(("given_as", "expected"), SPELLED, ids=[str(sorted(one)) for one, _ in SPELLED])
def test_a_field_asks_the_same_whatever_it_is_given_as(given_as: dict[str, Any], expected: dict[str, Any]) -> None:
    asked = Requirement(**given_as)
    assert Requirement(**expected) == asked == replace(asked)
    assert all(type(getattr(asked, name)) is type(value) for name, value in expected.items())


def test_a_reading_given_as_text_refuses_what_sources_contradict_each_other_on() -> None:
    one = offering(NONE, own_retention=DAYS_7)
    assert {Check.RETENTION_CONFLICT} == failed(one, Requirement(max_retention_days=30, reading="strictest"))  # type: ignore[arg-type]


NAMED = [
    ({"acme"}, ["acme", "acme:free"]),
    ({"acme:default"}, ["acme"]),
    ({"acme:free"}, ["acme:free"]),
    ({"acme:default", "b"}, ["acme", "b"]),
]


@pytest.mark.parametrize(("names", "meant"), NAMED, ids=[str(sorted(names)) for names, _ in NAMED])
def test_the_id_of_a_provider_means_all_its_tiers_and_that_of_a_tier_this_one(
    names: set[str], meant: list[str]
) -> None:
    some = [offering(), offering(tier=Tier.FREE, offering_id="acme:free"), offering(offering_id="b", provider_id="b")]
    assert meant == [one.offering_id for one in decide(some, Requirement(providers=frozenset(names))).allowed]
    decision = decide(some, Requirement(ignored=frozenset(names)))
    assert meant == [one.offering_id for one in decision.ignored]
    assert not {*meant} & {one.offering_id for one in decision.allowed}
    assert names == Index(some).keys_of(meant)
    assert {"gone:default", "b"} == Index(some).keys_of(["gone", "b"])


def test_a_union_is_its_countries_and_its_own_name() -> None:
    assert 28 == len(expand(["EU"]))
    assert {"EU", "EEA", "CH"} < expand(["EU", "EEA", "CH"])
    assert frozenset() == expand([])


# What holds of every decision.


def test_made_up_requirements_let_somebody_in_and_keep_somebody_out() -> None:
    drawn = draw_always_the_same(st.tuples(offerings(), requirements()), 300)
    decisions = [decide(some, asked, NOW) for some, asked in drawn]
    assert 120 < sum(bool(one.allowed) for one in decisions)
    assert 90 < sum(bool(one.allowed and one.refused) for one in decisions)


def test_each_check_is_all_that_keeps_out_some_made_up_offering() -> None:
    """A rule that is lost shows only in an offering that nothing else keeps out."""
    drawn = draw_always_the_same(st.tuples(offerings(), demands()), 200)
    decisions = [decide(index, asked, NOW) for some, many in drawn for index in [Index(some)] for asked in many]
    assert set(Check) == {one.reasons[0].check for each in decisions for one in each.refused if len(one.reasons) == 1}
    assert 20 < sum(bool(one.let_in_unknown) for one in decisions)


@given(offerings(), requirements())
def test_allowed_and_refused_hold_every_offering_once_and_each_refusal_has_a_reason(
    some: list[OfferingTerms], asked: Requirement
) -> None:
    decision = decide(some, asked, NOW)
    ids = [one.offering_id for one in decision.allowed] + [one.offering.offering_id for one in decision.refused]
    assert sorted(one.offering_id for one in some) == sorted(ids)
    assert all(one.reasons and all(reason.text for reason in one.reasons) for one in decision.refused)
    assert len(some) == len(decision.explain().splitlines())


@given(st.data())
def test_a_decision_is_the_same_whatever_the_order_of_the_offerings(data: st.DataObject) -> None:
    some, asked = data.draw(offerings()), data.draw(requirements())
    shuffled = data.draw(st.permutations(some))
    assert _answer(decide(some, asked, NOW)) == _answer(decide(shuffled, asked, NOW))
    assert _answer(decide(some, asked, NOW)) == _answer(decide(Index(iter(shuffled)), asked, NOW))


def _answer(decision: Decision) -> tuple[object, ...]:
    return (decision.allowed, decision.refused, decision.let_in_unknown)


@given(offerings(), requirements(), demands())
def test_a_further_requirement_never_admits_more(
    some: list[OfferingTerms], asked: Requirement, many: list[Requirement]
) -> None:
    index = Index(some)
    more = decide(index, asked, NOW)
    for further in many:
        fewer = decide(index, _both(asked, further), NOW)
        assert set(fewer.allowed) <= set(more.allowed)


def _both(one: Requirement, other: Requirement) -> Requirement:
    """Return a requirement that asks what the first does, and of the second what makes it stricter."""
    return replace(
        one,
        max_retention_days=_least(one.max_retention_days, other.max_retention_days),
        max_age_days=_least(one.max_age_days, other.max_age_days),
        no_training=one.no_training or other.no_training,
        no_publishing=one.no_publishing or other.no_publishing,
        requires_terms_url=one.requires_terms_url or other.requires_terms_url,
        tiers=one.tiers or other.tiers,
        headquarters=one.headquarters or other.headquarters,
        datacenters=one.datacenters or other.datacenters,
        providers=one.providers or other.providers,
        not_headquarters=(one.not_headquarters or frozenset()) | (other.not_headquarters or frozenset()) or None,
        ignored=one.ignored | other.ignored,
        allows_unknown=one.allows_unknown and other.allows_unknown,
        allows_paid_training=one.allows_paid_training and other.allows_paid_training,
        allows_free_training=one.allows_free_training and other.allows_free_training,
        allows_free_publishing=one.allows_free_publishing and other.allows_free_publishing,
    )


def _least(one: int | None, other: int | None) -> int | None:
    return min((days for days in (one, other) if days is not None), default=None)


@given(offerings(), requirements(), demands())
def test_the_unknown_never_passes(some: list[OfferingTerms], asked: Requirement, many: list[Requirement]) -> None:
    index = Index(some)
    for sure in (replace(one, allows_unknown=False) for one in (asked, *many)):
        for one in decide(index, sure, NOW).allowed:
            _, days, training = _read(one, sure.reading)
            assert one.is_listed
            assert sure.max_retention_days is None or (days is not None and days <= sure.max_retention_days)
            assert not sure.no_training or training in {Training.NO, Training.OPT_IN}
            assert not sure.no_publishing or one.can_publish is False
            assert not (sure.headquarters or sure.not_headquarters) or one.headquarters
            assert sure.datacenters is None or one.datacenters
            assert not sure.requires_terms_url or one.terms_url
            assert sure.max_age_days is None or _is_seen_since(one, NOW - timedelta(days=sure.max_age_days))


@given(offerings(), requirements(), demands())
def test_an_offering_is_refused_for_all_that_it_fails_and_for_nothing_else(
    some: list[OfferingTerms], asked: Requirement, many: list[Requirement]
) -> None:
    index = Index(some)
    for each in (asked, *many):
        decision = decide(index, each, NOW)
        refused = {one.offering.offering_id: {reason.check for reason in one.reasons} for one in decision.refused}
        expected = {one.offering_id: failures for one in some if (failures := _failures(one, each))}
        assert expected == refused
        sure = replace(each, allows_unknown=False)
        unsure = {one.offering_id for one in some if one.offering_id not in expected and _failures(one, sure)}
        assert unsure == {one.offering_id for one in decision.let_in_unknown}


def _failures(one: OfferingTerms, asked: Requirement) -> set[Check]:
    """Return what an offering fails, each check told for itself and by the words of the requirement."""
    kind, days, training = _read(one, asked.reading)
    names = {one.provider_id, one.offering_id, f"{one.provider_id}:{one.tier}"}
    limit, is_free, lets_in, is_strictest = (
        asked.max_retention_days,
        one.tier is Tier.FREE,
        asked.allows_unknown,
        asked.reading is PolicyBasis.STRICTEST,
    )
    may_train = not asked.no_training and (asked.allows_free_training if is_free else asked.allows_paid_training)
    may_publish = not asked.no_publishing and (asked.allows_free_publishing or not is_free)
    allowed = expand(asked.headquarters) if asked.headquarters else None
    is_met = {
        Check.LISTED: one.is_listed,
        Check.PROVIDERS: asked.providers is None or bool(names & asked.providers),
        Check.IGNORED: not names & asked.ignored,
        Check.TIER: asked.tiers is None or one.tier in asked.tiers,
        Check.RETENTION: limit is None
        or (lets_in if kind is RetentionKind.UNKNOWN else days is not None and days <= limit),
        Check.RETENTION_CONFLICT: limit is None or not is_strictest or one.retention_agreement != Agreement.CONFLICT,
        Check.TRAINING: may_train
        or (lets_in if training is Training.UNKNOWN else training in {Training.NO, Training.OPT_IN}),
        Check.TRAINING_CONFLICT: may_train or not is_strictest or one.training_agreement != Agreement.CONFLICT,
        Check.PUBLISHING: may_publish or (lets_in if one.can_publish is None else not one.can_publish),
        Check.HEADQUARTERS: (asked.headquarters is None and asked.not_headquarters is None)
        or (
            one.headquarters is not None
            and (allowed is None or one.headquarters in allowed)
            and one.headquarters not in expand(asked.not_headquarters or ())
        ),
        Check.DATACENTERS: asked.datacenters is None
        or (bool(one.datacenters) and {*(one.datacenters or ())} <= expand(asked.datacenters)),
        Check.TERMS_URL: not asked.requires_terms_url or one.terms_url is not None,
        Check.AGE: asked.max_age_days is None or _is_seen_since(one, NOW - timedelta(days=asked.max_age_days)),
    }
    return {check for check, passes in is_met.items() if not passes}


def _read(one: OfferingTerms, reading: PolicyBasis) -> tuple[RetentionKind, int | None, Training]:
    """Return the kind of retention, its days and the training use that a reading counts."""
    gateway = (one.retention_kind, one.retention_days, one.training)
    own = (one.provider_retention_kind, one.provider_retention_days, one.provider_training)
    strictest = (one.strictest_retention_kind, one.strictest_retention_days, one.strictest_training)
    return {PolicyBasis.GATEWAY: gateway, PolicyBasis.PROVIDER: own, PolicyBasis.STRICTEST: strictest}[reading]


def _is_seen_since(one: OfferingTerms, oldest: datetime) -> bool:
    """Whether all words behind an offering were seen since; when the provider's own were is told in one place only."""
    own_words = {one.provider_retention_kind, one.provider_training} - {RetentionKind.UNKNOWN, Training.UNKNOWN}
    seen = one.last_verified_at or (None if own_words else one.observed_at)
    return seen is not None and seen >= oldest


@given(offerings(), requirements(), demands())
def test_letting_in_the_unknown_adds_nobody_but_those_it_names(
    some: list[OfferingTerms], asked: Requirement, many: list[Requirement]
) -> None:
    index = Index(some)
    for each in (asked, *many):
        with_unknown = decide(index, replace(each, allows_unknown=True), NOW)
        without = decide(index, replace(each, allows_unknown=False), NOW)
        assert () == without.let_in_unknown
        assert set(with_unknown.allowed) - set(without.allowed) == set(with_unknown.let_in_unknown)
        assert set(without.allowed) <= set(with_unknown.allowed)
