"""Half-open intervals: what held when, replayed from the timelines."""

import itertools
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from made_up_looks import DAYS_30, DAYS_55, MANY_LOOKS, SILENT, UNREADABLE, ZERO, day, feed, names

from pipeline.catalog.history import Interval, iter_attribute_history, iter_policy_history
from pipeline.catalog.spans import Timelines
from pipeline.catalog.timeline import Sighting, build_timelines
from pipeline.model import POLICY_TOPICS, ClaimValue, Json, Retention, RetentionKind, Topic, Training, as_text

BLINK = timedelta(microseconds=1)


def _told(lines: Timelines, offering_id: str) -> list[tuple[datetime, datetime | None, str | None, str, str]]:
    return [
        (one.valid_from, one.valid_to, as_text(one.retention), one.training.value, one.cause.value)
        for one in iter_policy_history(lines)
        if one.offering_id == offering_id
    ]


@pytest.mark.fault("D10")
def test_d10_the_history_of_a_flip_keeps_all_three_intervals() -> None:
    looks = [feed(day(0, 0), {"acme": ZERO}), feed(day(0, 9), {"acme": DAYS_55}), feed(day(0, 20), {"acme": ZERO})]
    expected = [
        (day(0, 0), day(0, 9), "none", "no", "first_observation"),
        (day(0, 9), day(0, 20), "55 days", "no", "source_change"),
        (day(0, 20), None, "none", "no", "reverted"),
    ]
    assert expected == _told(build_timelines(looks), "acme")


@pytest.mark.fault("C07")
def test_c07_the_interval_of_a_lost_offering_ends_where_it_was_first_missing_and_a_return_opens_another() -> None:
    looks = [feed(day(n), {"bolt": ZERO, **({"acme": DAYS_30} if n != 3 else {})}) for n in (0, 3, 6)]
    expected = [
        (day(0), day(3), "30 days", "no", "first_observation"),
        (day(6), None, "30 days", "no", "source_change"),
    ]
    assert expected == _told(build_timelines(looks), "acme")


@pytest.mark.fault("D11")
def test_d11_an_older_capture_imported_later_opens_an_interval_before_the_others() -> None:
    looks = [feed(day(9), {"acme": DAYS_55}), feed(day(0), {"acme": DAYS_30})]
    found = [(start, end, days) for start, end, days, *_ in _told(build_timelines(looks), "acme")]
    assert [(day(0), day(9), "30 days"), (day(9), None, "55 days")] == found


def test_a_confirmed_policy_is_one_interval() -> None:
    looks = [feed(day(n), {"acme": ZERO, **({"bolt": ZERO} if n else {})}) for n in range(4)]
    assert [(day(0), None, "none", "no", "first_observation")] == _told(build_timelines(looks), "acme")


def test_an_offering_of_which_no_source_of_policies_spoke_is_listed_with_an_unknown_policy() -> None:
    lines = build_timelines([names(day(0), ["acme"])])
    assert [(day(0), None, "unknown", "unknown", "first_observation")] == _told(lines, "acme")


def test_an_offering_that_is_named_and_never_listed_has_no_interval() -> None:
    assert [] == _told(build_timelines([feed(day(0), {"acme": ZERO}), names(day(0), ["bolt"])]), "bolt")


def test_a_real_change_is_not_hidden_behind_words_that_no_rule_reads_at_the_same_moment() -> None:
    looks = [feed(day(0), {"acme": ZERO}), feed(day(1), {"acme": {**UNREADABLE, "training": True}})]
    assert (day(1), None, "unknown", "may", "source_change") == _told(build_timelines(looks), "acme")[-1]


def test_an_attribute_has_half_open_intervals_and_no_policy_is_among_them() -> None:
    places: list[dict[str, Json]] = [{"headquarters": "NO"}, {"headquarters": "SE"}, {}]
    lines = build_timelines([feed(day(n), {"acme": SILENT}, more=place) for n, place in enumerate(places)])
    history = list(iter_attribute_history(lines))
    found = [(one.span.valid_from, one.valid_to, one.span.value) for one in history if one.topic is Topic.HEADQUARTERS]
    assert [(day(0), day(1), "NO"), (day(1), None, "SE")] == found
    assert not {one.topic for one in history} & set(POLICY_TOPICS)


@given(MANY_LOOKS)
def test_intervals_never_overlap_are_half_open_and_replay_to_what_held(looks: list[Sighting]) -> None:
    lines = build_timelines(looks)
    history = list(iter_policy_history(lines))
    assert history == sorted(history, key=lambda one: (one.offering_id, one.valid_from))
    starts = {look.moment.at for look in looks}
    moments = sorted({at + shift for at in starts for shift in (-BLINK, timedelta(), BLINK)})
    for offering_id in lines.offerings:
        mine = [one for one in history if one.offering_id == offering_id]
        for one in mine:
            assert one.valid_to is None or one.valid_from < one.valid_to
        for before, after in itertools.pairwise(mine):
            assert before.valid_to is not None
            assert before.valid_to <= after.valid_from
        for moment in moments:
            holding = [one for one in mine if _holds(one, moment)]
            assert _expected(lines, offering_id, moment) == [(one.retention, one.training) for one in holding]


def _holds(interval: Interval, moment: datetime) -> bool:
    return interval.valid_from <= moment and (interval.valid_to is None or moment < interval.valid_to)


def _expected(lines: Timelines, offering_id: str, moment: datetime) -> list[tuple[ClaimValue, ClaimValue]]:
    """Return the policy at a moment as the timelines have it: one where the offering is listed, else none."""
    presences = [one for one in lines.presences.get(offering_id, []) if one.valid_from <= moment]
    if not presences or not presences[-1].is_listed:
        return []
    values: dict[Topic, ClaimValue] = {
        Topic.RETENTION: Retention(kind=RetentionKind.UNKNOWN),
        Topic.TRAINING: Training.UNKNOWN,
    }
    for topic in POLICY_TOPICS:
        for span in lines.spans.get((offering_id, topic), []):
            if span.valid_from <= moment:
                values[topic] = span.value
    return [(values[Topic.RETENTION], values[Topic.TRAINING])]
