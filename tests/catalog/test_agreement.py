from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_terms import (
    DAYS_30,
    DAYS_60,
    INDEFINITE,
    NONE,
    RETENTIONS,
    TRAININGS,
    UNKNOWN,
    UNSTATED,
    UNTIL,
    claim,
    said,
)

from pipeline.catalog.agreement import (
    Disagreement,
    agreement_on,
    find_agreement,
    find_disagreements,
)
from pipeline.catalog.protection import (
    is_conflict,
    rank_retention,
    rank_training,
    strictest_retention,
    strictest_training,
)
from pipeline.catalog.provider_policy import find_provider_policy
from pipeline.catalog.statements import TermsClaim
from pipeline.model import (
    Agreement,
    Bound,
    Condition,
    Grade,
    Retention,
    Service,
    TermsType,
    Tier,
    Training,
)

ALL_RETENTIONS = st.sampled_from([*RETENTIONS, UNKNOWN])
ALL_TRAININGS = st.sampled_from(Training)
UP_TO_30 = replace(DAYS_30, bound=Bound.UP_TO)

# Pairs that can both hold, beside equal ones; every other pair is a conflict.
COMPATIBLE = [
    {Training.NO, Training.OPT_IN},  # not used unless asked
    {Training.OPT_OUT, Training.MAY},  # used, if nobody does anything
    {UNSTATED, UNTIL},  # stored, without a length
]


@pytest.mark.parametrize("values", [RETENTIONS, TRAININGS])
def test_two_values_conflict_unless_they_are_the_same_or_known_to_go_together(
    values: tuple[Retention | Training, ...],
) -> None:
    for gateway in values:
        for provider in values:
            goes = gateway == provider or {gateway, provider} in COMPATIBLE
            assert goes != is_conflict(gateway, provider)


def test_the_bound_of_a_period_makes_no_conflict() -> None:
    assert not is_conflict(DAYS_30, UP_TO_30)
    assert is_conflict(DAYS_60, UP_TO_30)


@given(st.sampled_from(RETENTIONS), st.sampled_from(TRAININGS))
def test_unknown_never_conflicts(retention: Retention, training: Training) -> None:
    assert Agreement.GATEWAY_ONLY == agreement_on(retention, UNKNOWN) == agreement_on(training, Training.UNKNOWN)
    assert Agreement.PROVIDER_ONLY == agreement_on(UNKNOWN, retention) == agreement_on(Training.UNKNOWN, training)
    assert Agreement.UNKNOWN == agreement_on(UNKNOWN, UNKNOWN) == agreement_on(Training.UNKNOWN, Training.UNKNOWN)


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        (Agreement.AGREE, Agreement.AGREE, Agreement.AGREE),
        (Agreement.AGREE, Agreement.UNKNOWN, Agreement.AGREE),
        (Agreement.AGREE, Agreement.CONFLICT, Agreement.CONFLICT),
        (Agreement.AGREE, Agreement.GATEWAY_ONLY, Agreement.GATEWAY_ONLY),
        (Agreement.AGREE, Agreement.PROVIDER_ONLY, Agreement.PROVIDER_ONLY),
        (Agreement.GATEWAY_ONLY, Agreement.PROVIDER_ONLY, Agreement.GATEWAY_ONLY),
        (Agreement.GATEWAY_ONLY, Agreement.UNKNOWN, Agreement.GATEWAY_ONLY),
        (Agreement.CONFLICT, Agreement.PROVIDER_ONLY, Agreement.CONFLICT),
        (Agreement.UNKNOWN, Agreement.UNKNOWN, Agreement.UNKNOWN),
    ],
)
def test_a_row_agrees_only_where_both_sides_state_all_that_is_stated(
    one: Agreement, two: Agreement, expected: Agreement
) -> None:
    assert expected == find_agreement((one, two)) == find_agreement((two, one))


def test_no_topic_at_all_is_unknown() -> None:
    assert Agreement.UNKNOWN == find_agreement(())


@given(ALL_RETENTIONS, ALL_RETENTIONS)
def test_the_strictest_retention_is_one_of_both_and_never_more_protective_than_either(
    gateway: Retention, provider: Retention
) -> None:
    found = strictest_retention(gateway, provider)
    assert found in {gateway, provider}
    assert found == strictest_retention(provider, gateway)
    known = [one for one in (gateway, provider) if one != UNKNOWN]
    assert (found == UNKNOWN) == (not known)
    assert all(rank_retention(found) >= rank_retention(one) for one in known)


@given(ALL_TRAININGS, ALL_TRAININGS)
def test_the_strictest_training_is_one_of_both_and_never_more_protective_than_either(
    gateway: Training, provider: Training
) -> None:
    found = strictest_training(gateway, provider)
    assert found in {gateway, provider}
    assert found == strictest_training(provider, gateway)
    known = [one for one in (gateway, provider) if one is not Training.UNKNOWN]
    assert (found is Training.UNKNOWN) == (not known)
    assert all(rank_training(found) >= rank_training(one) for one in known)


def test_of_two_bounds_of_the_same_days_either_may_stand_but_always_the_same() -> None:
    assert strictest_retention(DAYS_30, UP_TO_30).days == strictest_retention(UP_TO_30, DAYS_30).days


@pytest.mark.parametrize("value", [UNKNOWN, Training.UNKNOWN])
def test_unknown_has_no_rank(value: Retention | Training) -> None:
    with pytest.raises(KeyError):
        _ = rank_training(value) if isinstance(value, Training) else rank_retention(value)


def api(
    value: Retention | Training,
    quote: str = "So it is.",
    *,
    condition: Condition = Condition.DEFAULT,
    service: Service = Service.API,
    heading: str = "",
    grade: Grade = Grade.CERTAIN,
) -> TermsClaim:
    return claim(said(value, quote, condition=condition, service=service, heading=heading, grade=grade))


def disagreements(
    retention: Retention, *claims: TermsClaim, training: Training = Training.UNKNOWN, tier: Tier = Tier.DEFAULT
) -> tuple[Disagreement, ...]:
    return find_disagreements(retention, training, find_provider_policy(claims, tier), claims, tier)


OPTION_NONE = api(NONE, "With approval nothing is kept.", condition=Condition.OPTION)
ZERO = api(NONE, "We keep nothing.")


@pytest.mark.parametrize(
    ("gateway", "claims", "reason"),
    [
        (DAYS_60, [api(DAYS_30)], "days"),
        (DAYS_60, [api(DAYS_30), api(DAYS_60, condition=Condition.OPTION)], "days"),
        (UNSTATED, [api(DAYS_30)], "value"),
        (NONE, [api(UNSTATED)], "value"),
        (NONE, [api(DAYS_30), OPTION_NONE], "condition"),
        (
            NONE,
            [api(DAYS_30), replace(OPTION_NONE, statement=replace(OPTION_NONE.statement, grade=Grade.LIKELY))],
            "value",
        ),
        (NONE, [api(DAYS_30), api(NONE, condition=Condition.EXCEPTION)], "condition"),
        (NONE, [api(DAYS_30), api(NONE, condition=Condition.OPTION, service=Service.CONSUMER)], "value"),
        (NONE, [api(DAYS_30, service=Service.CONSUMER)], "scope"),
        (NONE, [api(DAYS_30), ZERO], "scope"),
        (NONE, [api(DAYS_30), api(NONE, service=Service.FREE)], "scope"),
        (NONE, [api(DAYS_30, "The Responses API keeps 30 days.")], "scope"),
        (NONE, [api(DAYS_30, heading="Data > Files API")], "scope"),
        (NONE, [api(DAYS_30, heading="Data > Files API"), OPTION_NONE], "scope"),
        (UNSTATED, [api(DAYS_30), api(UNTIL, service=Service.BUSINESS)], "value"),
        (UNSTATED, [api(DAYS_30), api(UNSTATED, service=Service.CONSUMER)], "value"),
        (Training.NO, [api(Training.MAY)], "value"),
        (Training.NO, [api(Training.MAY), api(Training.OPT_IN, service=Service.BUSINESS)], "scope"),
        (Training.NO, [api(Training.OPT_OUT), api(Training.NO, condition=Condition.OPTION)], "condition"),
        (Training.MAY, [api(Training.OPT_IN)], "value"),
    ],
)
def test_a_conflict_says_why(gateway: Retention | Training, claims: list[TermsClaim], reason: str) -> None:
    if isinstance(gateway, Training):
        found = disagreements(UNKNOWN, *claims, training=gateway)
    else:
        found = disagreements(gateway, *claims)
    assert [(claims[0], gateway, reason)] == [(one.claim, one.gateway, one.reason.value) for one in found]


def test_a_period_after_an_end_conflicts_as_what_it_means() -> None:
    deleted = api(DAYS_30, "Deleted conversations go within 30 days.")
    assert ["value"] == [one.reason.value for one in disagreements(DAYS_30, deleted)]
    assert () == disagreements(UNSTATED, deleted)
    assert () == disagreements(NONE, api(DAYS_30, "Upon termination content goes within 30 days."))


def test_values_that_go_together_and_unknown_ones_are_no_disagreement() -> None:
    claims = [api(UNTIL), api(Training.OPT_IN)]
    assert () == disagreements(UNSTATED, *claims, training=Training.NO)
    assert () == disagreements(UNKNOWN, *claims)
    assert () == disagreements(NONE, training=Training.NO)


RESPONSES = api(
    DAYS_30, "All stored conversation data goes after 30 days.", condition=Condition.EXCEPTION, heading="Response API"
)


def test_a_carve_out_for_a_feature_contradicts_the_gateway_in_scope() -> None:
    found = disagreements(NONE, ZERO, RESPONSES)
    assert [(RESPONSES, "scope")] == [(one.claim, one.reason.value) for one in found]


@pytest.mark.parametrize(
    ("terms_type", "count"), [(TermsType.DATA_USAGE_DOCS, 1), (TermsType.PRIVACY_POLICY, 0), (None, 0)]
)
def test_a_carve_out_that_names_no_service_is_of_the_api_in_a_document_for_those_who_call_it(
    terms_type: TermsType | None, count: int
) -> None:
    words = replace(RESPONSES.statement, service=Service.UNSPECIFIED)
    assert count == len(disagreements(NONE, ZERO, replace(RESPONSES, statement=words, terms_type=terms_type)))


def test_what_is_kept_for_certain_models_contradicts_a_promise_for_all() -> None:
    quote = "For certain models, Acme stores inputs and outputs for up to 30 days solely to detect abuse."
    models = api(DAYS_30, quote, condition=Condition.EXCEPTION, service=Service.BUSINESS)
    assert [(models, "scope")] == [(one.claim, one.reason.value) for one in disagreements(NONE, models)]


def test_a_rule_of_its_own_for_a_feature_contradicts_the_gateway_in_scope_too() -> None:
    own = replace(RESPONSES, statement=replace(RESPONSES.statement, condition=Condition.DEFAULT))
    models = api(UNSTATED, "For our proprietary models prompts may be logged.")
    found = disagreements(NONE, ZERO, own, models)
    assert [models, own] == [one.claim for one in found]  # the least protective is the default of all
    assert {"scope"} == {one.reason.value for one in found}
    other = api(DAYS_30, "Prompts are deleted after 30 days.")
    assert [models] == [one.claim for one in disagreements(NONE, ZERO, other, models)]


@pytest.mark.parametrize(
    "claims",
    [
        [ZERO, api(UNSTATED, "Unless the law makes us keep it.", condition=Condition.EXCEPTION)],
        [ZERO, replace(RESPONSES, statement=replace(RESPONSES.statement, grade=Grade.LIKELY))],
        [ZERO, replace(RESPONSES, statement=replace(RESPONSES.statement, service=Service.CONSUMER))],
        [ZERO, replace(RESPONSES, statement=replace(RESPONSES.statement, service=Service.FREE))],
        [ZERO, replace(RESPONSES, statement=replace(RESPONSES.statement, condition=Condition.OPTION))],
    ],
)
def test_a_carve_out_for_courts_or_elsewhere_or_that_is_not_certain_contradicts_nothing(
    claims: list[TermsClaim],
) -> None:
    assert () == disagreements(NONE, *claims)


def test_a_carve_out_that_is_more_protective_than_the_gateway_contradicts_nothing() -> None:
    assert () == disagreements(UNSTATED, api(UNSTATED), RESPONSES)
    assert () == disagreements(INDEFINITE, api(INDEFINITE), RESPONSES)


def test_disagreements_come_with_the_default_first_and_by_topic() -> None:
    kept, trained = api(UNSTATED, "Kept."), api(Training.MAY, "Trained on.")
    found = disagreements(NONE, RESPONSES, trained, kept, training=Training.NO)
    assert [kept, RESPONSES, trained] == [one.claim for one in found]


@given(st.sampled_from(RETENTIONS), st.sampled_from(RETENTIONS))
def test_the_default_disagrees_exactly_where_the_values_conflict(gateway: Retention, provider: Retention) -> None:
    assert is_conflict(gateway, provider) == bool(disagreements(gateway, api(provider)))
