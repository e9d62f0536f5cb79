from dataclasses import replace
from random import Random

import pytest
from effort import calls_in, cut_off
from hypothesis import given
from hypothesis import strategies as st
from made_up_looks import day
from made_up_terms import (
    DAYS_30,
    DAYS_60,
    KEPT_30,
    KEPT_60,
    MANY_DOCUMENTS,
    NONE,
    NOT_TRAINED,
    ONE_DOCUMENT,
    ONE_PAGE,
    UNTIL,
    bad,
    look,
    said,
)

from pipeline.catalog.statements import PageLook, TermsChange, TermsClaim, TermsHistory, follow_terms
from pipeline.model import (
    Bound,
    ChangeKind,
    Condition,
    Grade,
    Moment,
    Retention,
    Service,
    Significance,
    Statement,
    Training,
    Verification,
)

THIRTY = said(DAYS_30, KEPT_30)
SIXTY = said(DAYS_60, KEPT_60)
NO_TRAINING = said(Training.NO, NOT_TRAINED)
FIRST, SECOND = "acme/1", "acme/2"


def told(history: TermsHistory) -> list[tuple[str, str | None, str | None]]:
    """The changes as kind, old quote and new quote."""
    return [
        (one.kind.value, one.old.quote if one.old else None, one.new.quote if one.new else None)
        for one in history.changes
    ]


def meant(history: TermsHistory) -> list[str | None]:
    return [one.significance.value if one.significance else None for one in history.versions]


def standing(history: TermsHistory) -> list[tuple[str, str]]:
    """The standing claims as quote and state."""
    return [(one.statement.quote, one.state.value) for one in history.claims if one.is_standing]


def only_claim(history: TermsHistory) -> TermsClaim:
    (found,) = history.claims
    return found


def test_the_first_capture_makes_claims_and_no_changes() -> None:
    history = follow_terms([look(0, THIRTY, NO_TRAINING)])
    assert [] == told(history)
    assert [None] == meant(history)
    assert {(KEPT_30, "supported"), (NOT_TRAINED, "supported")} == set(standing(history))


def test_a_look_at_the_same_capture_moves_the_day_of_verification_alone() -> None:
    once, twice = follow_terms([look(0, THIRTY)]), follow_terms([look(0, THIRTY), look(3, THIRTY)])
    assert Moment.instant(day(3)) == only_claim(twice).last_seen
    assert Moment.instant(day(0)) == only_claim(twice).first_seen
    assert only_claim(once).claim_id == only_claim(twice).claim_id
    assert once.versions == twice.versions


@pytest.mark.parametrize(
    "quote",
    [
        "Prompts  are kept for 30 days, and are then deleted.",
        "Prompts are [kept](https://acme.test/new) for 30 days and are then deleted",
        "PROMPTS are kept for **30 days** and are then deleted.",
    ],
)
def test_links_white_space_punctuation_and_case_are_no_other_wording(quote: str) -> None:
    history = follow_terms([look(0, THIRTY), look(1, said(DAYS_30, quote), text="a")])
    assert [(quote, "supported")] == standing(history)
    assert [] == told(history)
    assert Moment.instant(day(0)) == only_claim(history).worded_since


def test_other_words_of_the_same_value_are_a_rewording_and_no_change() -> None:
    other = "We delete all prompts after a storage period of thirty (30) days."
    history = follow_terms([look(0, THIRTY), look(1, said(DAYS_30, other))])
    assert [(other, "reworded")] == standing(history)
    assert [] == told(history)
    assert [None, "textual"] == meant(history)
    claim = only_claim(history)
    assert (Moment.instant(day(0)), Moment.instant(day(1))) == (claim.first_seen, claim.worded_since)
    assert [KEPT_30, other] == [wording.statement.quote for wording in claim.wordings]


def test_a_claim_keeps_its_id_through_rewordings_and_a_new_value_has_another() -> None:
    other = said(DAYS_30, "Thirty days after they came, prompts go.")
    looks = [look(0, THIRTY), look(1, other), look(2, SIXTY)]
    ids = [{claim.claim_id for claim in follow_terms(looks[:count]).claims} for count in (1, 2, 3)]
    assert ids[0] == ids[1]
    assert 2 == len(ids[2] | ids[0])


def test_another_number_in_the_same_sentence_is_a_change_with_both_quotes() -> None:
    history = follow_terms([look(0, THIRTY), look(1, THIRTY, text="b"), look(2, SIXTY)])
    assert [("claim_changed", KEPT_30, KEPT_60)] == told(history)
    assert [None, "textual", "substantive"] == meant(history)
    (change,) = history.changes
    assert (Moment.instant(day(1)), Moment.instant(day(2))) == (change.not_before, change.changed_at)
    old, new = history.claims
    assert (Verification.CHANGED, Moment.instant(day(2))) == (old.state, old.ended_at)
    assert (Verification.CHANGED, None) == (new.state, new.ended_at)
    assert new.claim_id == change.claim_id


def test_a_period_compares_by_days_and_bound_and_not_by_how_it_is_written() -> None:
    month = Retention(kind=DAYS_30.kind, days=30, bound=Bound.EXACT, amount=1, unit="month")
    up_to = Retention(kind=DAYS_30.kind, days=30, bound=Bound.UP_TO, amount=30, unit="day")
    assert [] == told(follow_terms([look(0, THIRTY), look(1, said(month, KEPT_30.replace("30 days", "one month")))]))
    assert ["claim_changed"] == [
        kind for kind, *_ in told(follow_terms([look(0, THIRTY), look(1, said(up_to, f"Up to: {KEPT_30}"))]))
    ]


def test_the_same_words_under_another_condition_are_a_change() -> None:
    history = follow_terms([look(0, THIRTY), look(1, replace(THIRTY, condition=Condition.OPTION))])
    assert [("claim_changed", KEPT_30, KEPT_30)] == told(history)


@pytest.mark.parametrize("service", [Service.API, Service.CONSUMER])
def test_a_service_that_comes_to_be_named_is_no_change(service: Service) -> None:
    history = follow_terms([look(0, THIRTY), look(1, said(DAYS_30, f"{KEPT_30[:-1]} here.", service=service))])
    assert [] == told(history)
    assert 1 == len(history.claims)


def test_another_service_is_another_claim_unless_the_words_are_nearly_the_same() -> None:
    api = said(DAYS_30, KEPT_30, service=Service.API)
    consumer = said(DAYS_30, "In the app, chats vanish after one month.", service=Service.CONSUMER)
    history = follow_terms([look(0, api), look(1, consumer)])
    assert {"claim_removed", "claim_appeared"} == {kind for kind, *_ in told(history)}
    assert [] == told(follow_terms([look(0, api), look(1, replace(api, service=Service.BUSINESS))]))


def test_a_sentence_that_turns_round_is_a_change_even_beside_one_of_the_value_it_takes() -> None:
    trains = said(Training.MAY, "We may use your content to train models.")
    turned = said(Training.NO, "We may not use your content to train models.")
    history = follow_terms([look(0, trains, NO_TRAINING), look(1, turned)])
    assert {
        ("claim_changed", trains.quote, turned.quote),
        ("claim_removed", NOT_TRAINED, None),
    } == set(told(history))


def test_another_value_under_the_same_heading_is_a_change_of_what_stood_there() -> None:
    old = said(Training.NO, "We will not use your inputs or outputs to train our models", heading="Use of data")
    new = said(
        Training.OPT_OUT, "We may use inputs and outputs to improve models unless you opt out", heading="Use of data"
    )
    elsewhere = replace(new, locator="block 1, characters 0-9 under Licence")
    assert ["claim_changed"] == [kind for kind, *_ in told(follow_terms([look(0, old), look(1, new)]))]
    assert ["claim_appeared", "claim_removed"] == [
        kind for kind, *_ in told(follow_terms([look(0, old), look(1, elsewhere)]))
    ]


def test_of_two_sentences_that_came_the_one_that_begins_alike_took_the_place_of_a_long_one() -> None:
    flagged = "your conversations are flagged for review to detect harmful content or you reported the materials to us"
    old = said(Training.OPT_IN, f"We will not use your inputs to train our models unless {flagged}", heading="Uses")
    new = said(Training.OPT_OUT, "We may use your inputs to train our models unless you opt out", heading="Uses")
    besides = said(Training.MAY, f"Even if you opt out we use inputs when {flagged}", heading="Uses")
    history = follow_terms([look(0, old), look(1, besides, new)])
    assert {("claim_changed", old.quote, new.quote), ("claim_appeared", None, besides.quote)} == set(told(history))


def test_a_claim_that_goes_and_comes_back_is_a_new_one_with_a_new_beginning() -> None:
    history = follow_terms([look(0, THIRTY), look(1), look(2, THIRTY)])
    assert [("claim_removed", KEPT_30, None), ("claim_appeared", None, KEPT_30)] == told(history)
    gone, back = history.claims
    assert (Verification.REMOVED, Moment.instant(day(0))) == (gone.state, gone.last_seen)
    assert Moment.instant(day(2)) == back.first_seen
    assert gone.claim_id != back.claim_id


def test_an_old_capture_that_comes_back_is_an_ordinary_version() -> None:
    history = follow_terms([look(0, THIRTY), look(1, SIXTY), look(2, THIRTY)])
    assert [("claim_changed", KEPT_30, KEPT_60), ("claim_changed", KEPT_60, KEPT_30)] == told(history)
    assert [None, "substantive", "substantive"] == meant(history)


def test_the_same_text_in_other_bytes_is_cosmetic() -> None:
    relinked = replace(look(1, THIRTY), capture_id="other bytes")
    assert [None, "cosmetic"] == meant(follow_terms([look(0, THIRTY), relinked]))
    reread = replace(relinked, text_key=None)
    assert [None, "textual"] == meant(follow_terms([replace(look(0, THIRTY), text_key=None), reread]))


def test_what_is_only_likely_comes_changes_and_goes_without_a_change() -> None:
    thirty, sixty = replace(THIRTY, grade=Grade.LIKELY), replace(SIXTY, grade=Grade.LIKELY)
    history = follow_terms([look(0), look(1, thirty), look(2, sixty), look(3)])
    assert [] == told(history)
    assert [None, "textual", "textual", "textual"] == meant(history)
    assert 2 == len(history.claims)


def test_a_certain_claim_that_becomes_likely_in_the_same_words_is_no_change_and_both_readings_are_kept() -> None:
    history = follow_terms([look(0, THIRTY), look(1, replace(THIRTY, grade=Grade.LIKELY))])
    assert [] == told(history)
    claim = only_claim(history)
    assert [Grade.CERTAIN, Grade.LIKELY] == [one.statement.grade for one in claim.wordings]
    assert Moment.instant(day(0)) == claim.worded_since


def test_where_one_side_is_certain_the_event_is_a_change() -> None:
    history = follow_terms([look(0, THIRTY), look(1, replace(SIXTY, grade=Grade.LIKELY))])
    assert [("claim_changed", KEPT_30, KEPT_60)] == told(history)


def test_a_page_that_cannot_be_had_removes_nothing_and_its_claims_keep_their_age() -> None:
    history = follow_terms([look(0, THIRTY), look(1, THIRTY), bad(2), bad(3)])
    assert [(KEPT_30, "unverifiable")] == standing(history)
    assert Moment.instant(day(1)) == only_claim(history).last_seen
    assert [] == told(history)


def test_a_page_that_is_back_is_held_against_its_last_good_capture() -> None:
    looks = [look(0, THIRTY), look(1, said(DAYS_30, "Prompts are kept for 30 days, then deleted.")), bad(2)]
    same, other = (
        follow_terms([*looks, replace(looks[1], moment=bad(3).moment)]),
        follow_terms([*looks, look(3, SIXTY)]),
    )
    assert Verification.REWORDED is only_claim(same).state
    (change,) = other.changes
    assert Moment.instant(day(1)) == change.not_before
    assert looks[1].capture_id == change.old_capture_id


def test_a_page_that_flaps_is_unverifiable_and_changes_nothing() -> None:
    flapping = [look(number, (THIRTY, SIXTY)[number % 2], is_flapping=True) for number in (1, 2, 3)]
    history = follow_terms([look(0, THIRTY), *flapping])
    assert [(KEPT_30, "unverifiable")] == standing(history)
    assert ([], [None]) == (told(history), meant(history))


def test_a_page_that_was_never_had_has_no_claims() -> None:
    assert TermsHistory(claims=(), changes=(), versions=()) == follow_terms([bad(0), bad(1)])


def test_no_statement_of_a_document_is_called_removed_while_one_of_its_parts_is_missing() -> None:
    before = [look(0, THIRTY, page=FIRST), look(0.01, NO_TRAINING, page=SECOND)]
    held = [look(1, page=FIRST), bad(1.01, page=SECOND)]
    assert [] == told(follow_terms([*before, *held]))
    assert {"unverifiable"} == {state for _, state in standing(follow_terms([*before, *held]))}
    history = follow_terms([*before, *held, look(2, page=FIRST), look(2.01, NO_TRAINING, page=SECOND)])
    assert [("claim_removed", KEPT_30, None)] == told(history)
    (change,) = history.changes
    assert look(2.01).moment == change.changed_at
    assert look(0).moment == change.not_before
    assert [Significance.SUBSTANTIVE] == [one.significance for one in history.versions if one.significance]


def test_a_statement_that_moves_between_the_parts_of_a_document_still_stands() -> None:
    before = [look(0, THIRTY, page=FIRST), look(0.01, NO_TRAINING, page=SECOND)]
    moved = [look(1, page=FIRST), look(1.01, NO_TRAINING, THIRTY, page=SECOND)]
    for looks in ([*before, *moved], [*before, *reversed(moved)]):
        history = follow_terms(looks)
        assert [] == told(history)
        assert {(KEPT_30, "supported"), (NOT_TRAINED, "supported")} == set(standing(history))
        assert {SECOND} == {claim.source_id for claim in history.claims}
        assert {look(0).moment} == {claim.worded_since for claim in history.claims if claim.statement == THIRTY}


def test_a_statement_that_moves_while_one_part_is_missing_still_stands_when_it_is_back() -> None:
    before = [look(0, THIRTY, page=FIRST), look(0.01, NO_TRAINING, page=SECOND)]
    during = [look(1, page=FIRST), bad(1.01, page=SECOND), look(2, page=FIRST), bad(2.01, page=SECOND)]
    after = [look(3, page=FIRST), look(3.01, NO_TRAINING, said(DAYS_30, "Thirty days we keep prompts."), page=SECOND)]
    history = follow_terms([*before, *during, *after])
    assert [] == told(history)
    assert ("Thirty days we keep prompts.", "reworded") in standing(history)


def test_a_removal_waits_until_the_other_parts_were_seen_since() -> None:
    before = [look(0, THIRTY, page=FIRST), look(0.01, NO_TRAINING, page=SECOND)]
    assert [] == told(follow_terms([*before, look(1, page=FIRST)]))
    seen = follow_terms([*before, look(1, page=FIRST), look(1.01, NO_TRAINING, page=SECOND)])
    assert [("claim_removed", KEPT_30, None)] == told(seen)


def test_what_came_and_went_while_a_part_was_missing_is_told_once_all_are_there() -> None:
    before = [look(0, page=FIRST), look(0.01, NO_TRAINING, page=SECOND)]
    during = [look(1, THIRTY, page=FIRST), bad(1.01, page=SECOND), look(2, page=FIRST), bad(2.01, page=SECOND)]
    after = [look(3, page=FIRST), look(3.01, NO_TRAINING, page=SECOND)]
    assert [("claim_appeared", None, KEPT_30), ("claim_removed", KEPT_30, None)] == told(
        follow_terms([*before, *during, *after])
    )


def test_duplicates_are_counted_one_by_one() -> None:
    history = follow_terms([look(0, THIRTY, THIRTY), look(1, THIRTY)])
    assert [("claim_removed", KEPT_30, None)] == told(history)
    assert 2 == len({claim.claim_id for claim in history.claims})


def test_what_stood_on_a_day_is_told_in_the_words_of_that_day() -> None:
    other = said(DAYS_30, "Thirty days after they came, prompts go.")
    history = follow_terms([look(0, THIRTY), look(5, other), look(9, SIXTY)])
    quotes = [[claim.statement.quote for claim in history.claims_at(day(at))] for at in (0, 4, 5, 8, 9)]
    assert [[KEPT_30], [KEPT_30], [other.quote], [other.quote], [KEPT_60]] == quotes
    assert () == history.claims_at(day(0, 11))


def test_following_is_linear_in_looks_and_statements() -> None:
    def effort(looks: int, statements: int) -> int:
        def page(number: int) -> PageLook:
            lines = [said(UNTIL, f"Item {line} is kept until deleted.") for line in range(statements)]
            return look(number, *lines, text=str(number))

        story = [page(number) for number in range(looks)]
        return calls_in(lambda: follow_terms(story))

    assert effort(40, 100) < 4.5 * effort(10, 100)
    assert effort(4, 2000) < 4.5 * effort(4, 500)


def test_two_pages_of_thousands_of_other_statements_are_compared_in_bounded_time() -> None:
    old = [said(UNTIL, f"Thing {number} is kept until you delete it.") for number in range(3000)]
    new = [said(DAYS_30, f"Object {number} goes after thirty days.") for number in range(3000)]
    with cut_off():
        history = follow_terms([look(0, *old), look(1, *new)])
    assert 6000 == len(history.changes)


@given(MANY_DOCUMENTS, st.randoms())
def test_documents_do_not_touch_each_other(looks: list[PageLook], random: Random) -> None:
    left = {key: [one for one in looks if one.terms_id == key] for key in ("acme", "bolt", "core")}
    alone = [follow_terms(own) for own in left.values()]
    mixed = []
    while any(left.values()):
        mixed.append(random.choice([own for own in left.values() if own]).pop(0))
    history = follow_terms(looks)
    assert history == follow_terms(mixed)
    assert sorted(map(repr, history.claims)) == sorted(repr(one) for part in alone for one in part.claims)
    assert sorted(map(repr, history.changes)) == sorted(repr(one) for part in alone for one in part.changes)


@given(MANY_DOCUMENTS)
def test_ids_are_distinct_and_the_same_in_every_build(looks: list[PageLook]) -> None:
    history = follow_terms(looks)
    assert history == follow_terms(list(looks))
    ids = [claim.claim_id for claim in history.claims]
    assert len(set(ids)) == len(ids)


@given(ONE_DOCUMENT)
def test_the_ids_of_what_stood_do_not_change_when_more_looks_come(looks: list[PageLook]) -> None:
    whole = {claim.claim_id for claim in follow_terms([one for one in looks if one.source_id == FIRST]).claims}
    part = follow_terms([one for one in looks[: len(looks) // 2] if one.source_id == FIRST])
    assert {claim.claim_id for claim in part.claims} <= whole


@given(ONE_DOCUMENT)
def test_a_look_repeated_changes_nothing_but_the_day_of_verification(looks: list[PageLook]) -> None:
    last = looks[-1]
    again = replace(last, moment=Moment.instant(last.moment.at.replace(microsecond=1)))
    once, twice = follow_terms(looks), follow_terms([*looks, again])
    assert once.changes == twice.changes
    assert once.versions == twice.versions

    def facts(claim: TermsClaim) -> tuple[object, ...]:
        return (claim.claim_id, claim.statement, claim.first_seen, claim.worded_since, claim.state, claim.ended_at)

    assert list(map(facts, once.claims)) == list(map(facts, twice.claims))


@given(ONE_DOCUMENT)
def test_nothing_is_removed_while_a_part_is_not_good(looks: list[PageLook]) -> None:
    newest: dict[str, PageLook] = {}
    removed = 0
    for count, one in enumerate(looks, 1):
        newest[one.source_id] = one
        found = sum(change.kind is ChangeKind.CLAIM_REMOVED for change in follow_terms(looks[:count]).changes)
        if not all(page.is_good and not page.is_flapping for page in newest.values()):
            assert removed == found
        removed = found


@given(MANY_DOCUMENTS)
def test_every_change_quotes_what_stands_in_its_captures(looks: list[PageLook]) -> None:
    def holds(capture_id: str | None, statement: Statement | None) -> bool:
        return any(one.capture_id == capture_id and statement in one.statements for one in looks)

    history = follow_terms(looks)
    for change in history.changes:
        assert change.not_before <= change.changed_at
        assert change.old is None or holds(change.old_capture_id, change.old)
        assert change.new is None or holds(change.new_capture_id, change.new)
        assert _is_worth_a_change(change)
    for claim in history.claims:
        assert holds(claim.capture_id, claim.statement)
        assert claim.first_seen <= claim.worded_since <= claim.last_seen


def _is_worth_a_change(change: TermsChange) -> bool:
    return any(side is not None and side.grade is Grade.CERTAIN for side in (change.old, change.new))


@given(ONE_PAGE)
def test_there_is_one_standing_claim_for_each_statement_of_the_newest_good_capture(looks: list[PageLook]) -> None:
    good: PageLook | None = None
    for count, one in enumerate(looks, 1):
        good = one if one.is_good and not one.is_flapping else good
        history = follow_terms(looks[:count])
        expected = sorted(map(repr, good.statements)) if good else []
        assert expected == sorted(repr(claim.statement) for claim in history.claims if claim.is_standing)
        states = {claim.state for claim in history.claims if claim.is_standing}
        assert (one is good) or states <= {Verification.UNVERIFIABLE}


@given(ONE_DOCUMENT)
def test_a_document_of_parts_keeps_all_its_statements_and_what_is_not_yet_judged(looks: list[PageLook]) -> None:
    good = {one.source_id: one for one in looks if one.is_good and not one.is_flapping}
    shown = [repr(statement) for one in good.values() for statement in one.statements]
    claims = [claim for claim in follow_terms(looks).claims if claim.is_standing]
    kept = [repr(claim.statement) for claim in claims]
    assert all(kept.count(one) >= shown.count(one) for one in shown)
    verifiable = [claim for claim in claims if claim.state is not Verification.UNVERIFIABLE]
    assert all(repr(claim.statement) in shown for claim in verifiable)


def test_zero_retention_that_goes_from_a_page_is_a_removal() -> None:
    zero = said(NONE, "We never store prompts.", service=Service.API)
    assert [("claim_removed", zero.quote, None)] == told(follow_terms([look(0, zero, THIRTY), look(1, THIRTY)]))
