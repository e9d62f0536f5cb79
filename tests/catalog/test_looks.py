"""Looks in the order in which they were, whatever their clocks said."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_looks import FEED, TABLE, day

from pipeline.catalog.looks import Looks, find_bringers
from pipeline.catalog.state import find_statuses
from pipeline.model import Moment, Observation, Outcome, Precision, SourceState


def look(number: int, capture: str = "A", origin: str = "fetch", source_id: str = TABLE.id) -> Observation:
    """A look on a day; a capture named "." is a failure that left none."""
    return Observation(
        source_id=source_id,
        moment=Moment.instant(day(number)),
        outcome=Outcome.TIMEOUT if capture == "." else Outcome.OK,
        origin=origin,
        capture_id=None if capture == "." else capture,
    )


def days(looks: Sequence[Observation]) -> list[int]:
    return [(one.moment.at - day(0)).days for one in looks]


def captures(looks: Sequence[Observation]) -> str:
    return "".join(one.capture_id or "." for one in looks)


# The days that the clock named, look by look, and the days that the looks count as.
CLOCKS = [
    ([], []),
    ([3], [3]),
    ([1, 2, 2, 3], [1, 2, 2, 3]),
    ([9, 8], [8, 8]),
    ([1, 2, 99, 3, 4], [1, 2, 3, 3, 4]),
    ([1, 2, 3, -999], [1, 2, 3, 3]),
    ([1, 2, 3, -999, 4], [1, 2, 3, 4, 4]),
    ([1, 2, 3, -999, -998, 4], [1, 2, 3, 4, 4, 4]),
    ([99, 1], [1, 1]),
    ([99, 1, 2], [1, 1, 2]),
    ([99, 98, 1, 2], [1, 1, 1, 2]),
    ([5, 4, 3, 2], [2, 2, 2, 2]),
    ([5, 6, 4, 7], [5, 6, 7, 7]),
    ([1, 5, 6, 7, 4, 4, 4], [1, 4, 4, 4, 4, 4, 4]),
    ([1, 5, 6, 7, 4, 8], [1, 5, 6, 7, 8, 8]),
]


@pytest.mark.fault("W09")
@pytest.mark.parametrize(("told", "counted"), CLOCKS, ids=str)
def test_w09_a_clock_that_went_wrong_gives_way_to_the_looks_around_it(told: list[int], counted: list[int]) -> None:
    letters = "ABCDEFGH"[: len(told)]
    looks = Looks.of(look(number, letter) for number, letter in zip(told, letters, strict=True))
    found = looks.by_source.get(TABLE.id, ())
    assert letters == captures(found)
    assert counted == days(found)
    assert all(one.moment.since == one.moment.at for one in found)


@pytest.mark.fault("W09")
@pytest.mark.parametrize("back", [9, 1, -900])
def test_w09_a_clock_set_back_hides_no_failure_and_lets_no_old_capture_hold(back: int) -> None:
    readings = {(TABLE.id, letter): "cannot be read" for letter in "AB"}
    (found,) = find_statuses([TABLE], Looks.of([look(8), look(9), look(back, ".")]), readings)
    assert SourceState.FAILING == found.state
    looks = Looks.of([look(8), look(9), look(back, "B")])
    assert "AAB" == captures(looks.settled[TABLE.id])


@pytest.mark.fault("W09", "D11")
def test_w09_what_was_obtained_elsewhere_takes_its_place_by_its_date() -> None:
    given = [look(5, "R", "recorded"), look(9, "A"), look(3, "I", "import"), look(8, "B"), look(8, "J", "import")]
    found = Looks.of(given).by_source[TABLE.id]
    assert ("IRABJ", [3, 5, 8, 8, 8]) == (captures(found), days(found))


def test_the_looks_as_they_were_at_a_moment_are_settled_by_what_was_known_then() -> None:
    given = [look(number, letter) for number, letter in enumerate("ABABABBB")]
    then = Looks.of(given, day(4))
    assert ("ABABA", "ABAA") == (captures(then.by_source[TABLE.id]), captures(then.settled[TABLE.id]))
    assert [TABLE.id] == [*then.flapping]
    assert {} == Looks.of(given).flapping


def test_a_capture_is_read_as_the_first_good_look_at_it_found_it() -> None:
    first = replace(look(2, "A"), content_type="text/html; charset=koi8-r")
    refused = replace(look(1, "A"), outcome=Outcome.CHALLENGE, content_type="text/plain")
    again = replace(look(0, "A", "import"), content_type=None)
    other = replace(look(3, "A", source_id=FEED.id), content_type="text/html")
    found = find_bringers([refused, first, look(3, "."), again, other])
    assert {(TABLE.id, "A"): first, (FEED.id, "A"): other} == found


SOURCES = st.sampled_from([FEED.id, TABLE.id])
CAPTURES = st.sampled_from("ABC.")
FETCHES = st.lists(st.builds(look, st.integers(-400, 400), CAPTURES, st.just("fetch"), SOURCES), max_size=30)
OTHERS = st.lists(
    st.builds(look, st.integers(0, 40), st.sampled_from("ABC"), st.sampled_from(["import", "recorded"]), SOURCES),
    max_size=8,
)


def _of(source_id: str, looks: Sequence[Observation]) -> list[Observation]:
    return [one for one in looks if one.source_id == source_id]


@given(FETCHES, OTHERS, st.randoms())
def test_the_order_of_sources_that_have_nothing_to_do_with_each_other_does_not_matter(
    fetches: list[Observation], others: list[Observation], random: Random
) -> None:
    log = [*fetches, *others]
    random.shuffle(log)
    interleaved = Looks.of(log)
    assert Looks.of([*_of(FEED.id, log), *_of(TABLE.id, log)]) == interleaved
    assert Looks.of([*_of(TABLE.id, log), *_of(FEED.id, log)]) == interleaved
    alone = Looks.of(_of(TABLE.id, log))
    assert alone.by_source.get(TABLE.id) == interleaved.by_source.get(TABLE.id)
    assert alone.settled.get(TABLE.id) == interleaved.settled.get(TABLE.id)


@pytest.mark.fault("W09")
@given(FETCHES, OTHERS)
def test_w09_whatever_the_clock_says_fetches_keep_the_order_of_the_log_and_moments_never_go_back(
    fetches: list[Observation], others: list[Observation]
) -> None:
    looks = Looks.of([*others, *fetches])
    for source_id, found in looks.by_source.items():
        fetched = [one for one in found if one.origin == "fetch"]
        given_ = _of(source_id, fetches)
        assert captures(given_) == captures(fetched)
        assert all(before.moment.at <= after.moment.at for before, after in pairwise(found))
        if fetched and not _of(source_id, others):
            # The last look is the last of the log.
            assert given_[-1] == replace(found[-1], moment=given_[-1].moment)
        told = {one.moment.at for one in given_}
        assert {one.moment.at for one in fetched} <= told


@pytest.mark.fault("W09")
@given(FETCHES, OTHERS)
def test_w09_with_a_sane_clock_the_looks_stand_as_they_are_by_their_time(
    fetches: list[Observation], others: list[Observation]
) -> None:
    log = [*others, *sorted(fetches, key=_at)]
    found = Looks.of(log)
    by_time = sorted(log, key=_at)
    assert {
        source_id: tuple(_of(source_id, by_time)) for source_id in {one.source_id for one in log}
    } == found.by_source
    kept = {id(one) for one in log}
    assert all(id(one) in kept for one in chain.from_iterable(found.by_source.values()))


def _at(one: Observation) -> datetime:
    return one.moment.at


@given(OTHERS, st.randoms())
def test_what_was_obtained_elsewhere_is_known_by_its_date_and_not_by_its_place_in_the_log(
    others: list[Observation], random: Random
) -> None:
    one_a_day = list({(one.source_id, one.moment): one for one in others}.values())
    shuffled = list(one_a_day)
    random.shuffle(shuffled)
    assert Looks.of(one_a_day) == Looks.of(shuffled)


def test_an_inexact_date_that_stands_keeps_its_span() -> None:
    span = Moment(at=day(4), since=day(1), precision=Precision.MONTH)
    (found,) = Looks.of([replace(look(4, origin="import"), moment=span)]).by_source[TABLE.id]
    assert (span, Precision.MONTH) == (found.moment, found.moment.precision)
