"""Which statement holds when: the newest one, and of those of one time the one of better rank."""

import itertools
import random
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_looks import (
    DAYS_30,
    DAYS_55,
    KEPT,
    MANY_LOOKS,
    PRINTS_30,
    PRINTS_55,
    PRINTS_MAY,
    PRINTS_UNKNOWN,
    PRINTS_ZERO,
    SILENT,
    UNREADABLE,
    ZERO,
    day,
    feed,
    listed,
    names,
    table,
    told,
)

from pipeline.catalog.spans import CaptureRun, Timelines
from pipeline.catalog.timeline import Sighting, build_timelines
from pipeline.model import Basis, Claim, Json, Moment, Reading, Topic
from pipeline.normalize.moment import find_moment


def _month(text: str) -> Moment:
    moment = find_moment(text)
    assert moment is not None
    return moment


def test_the_newest_statement_of_one_source_holds_from_the_look_that_first_shows_it() -> None:
    looks = [feed(day(0), {"acme": DAYS_30}), feed(day(3), {"acme": DAYS_30}), feed(day(5), {"acme": DAYS_55})]
    lines = build_timelines(looks)
    assert [(day(0), "30 days", "first_observation"), (day(5), "55 days", "source_change")] == told(lines, "acme")
    assert day(3) == lines.spans["acme", Topic.RETENTION][1].not_before


@pytest.mark.fault("D09")
@pytest.mark.parametrize("hour", [0, 23])
def test_d09_of_two_sources_on_one_day_the_feed_holds_whichever_was_seen_first(hour: int) -> None:
    looks = [table(day(0, hour), {"Acme": PRINTS_30}), feed(day(0), {"acme": DAYS_55})]
    lines = build_timelines(looks)
    assert [(day(0), "55 days", "first_observation")] == told(lines, "acme")
    sources = {key[0] for key in lines.claims if key[1:] == ("acme", Topic.RETENTION)}
    assert {"provider-feed", "policy-table"} == sources


@pytest.mark.fault("D11")
@pytest.mark.parametrize("import_last", [True, False])
def test_d11_an_older_capture_imported_later_is_history_and_not_what_holds(*, import_last: bool) -> None:
    looks = [feed(day(9), {"acme": DAYS_55}), feed(day(0), {"acme": DAYS_30})]
    lines = build_timelines(looks if import_last else looks[::-1])
    assert [(day(0), "30 days", "first_observation"), (day(9), "55 days", "source_change")] == told(lines, "acme")
    assert day(9) == lines.latest["provider-feed"].last.at
    assert (day(0), day(9)) == (lines.offerings["acme"].first_seen.at, lines.offerings["acme"].last_seen.at)


@pytest.mark.fault("D10")
def test_d10_a_value_that_flips_and_returns_within_a_day_keeps_all_three_and_one_real_change() -> None:
    looks = [feed(day(0, 0), {"acme": ZERO}), feed(day(0, 9), {"acme": DAYS_55}), feed(day(0, 20), {"acme": ZERO})]
    expected = [
        (day(0, 0), "none", "first_observation"),
        (day(0, 9), "55 days", "source_change"),
        (day(0, 20), "none", "reverted"),
    ]
    assert expected == told(build_timelines(looks), "acme")


@pytest.mark.parametrize(("hours", "cause"), [(24, "reverted"), (25, "source_change")])
def test_a_return_is_a_reversal_within_a_day_and_a_change_after_it(hours: int, cause: str) -> None:
    looks = [feed(day(0, 0), {"acme": ZERO}), feed(day(1, 0), {"acme": KEPT}), feed(day(1, hours), {"acme": ZERO})]
    assert (day(1, hours), "none", cause) == told(build_timelines(looks), "acme")[-1]


@pytest.mark.parametrize("policy", [SILENT, None, {"training": None}, {"retainsPrompts": False}])
def test_a_table_that_prints_what_the_feed_leaves_out_changes_nothing(policy: Json) -> None:
    words = (
        "Zero retention" if policy == {"retainsPrompts": False} else "Unknown retention policy",
        "✓ Does not train",
    )
    lines = build_timelines([feed(day(0), {"acme": policy}), table(day(9), {"Acme": words})])
    assert [(day(0), "unknown", "first_observation")] == told(lines, "acme", Topic.TRAINING)
    assert len(told(lines, "acme")) == 1


def test_a_feed_that_says_more_than_the_table_printed_is_another_source_and_no_change() -> None:
    lines = build_timelines([table(day(0), {"Acme": PRINTS_ZERO}), feed(day(9), {"acme": {"retentionDays": 30}})])
    assert [(day(0), "none", "first_observation"), (day(9), "30 days", "other_source")] == told(lines, "acme")
    expected = [(day(0), "no", "first_observation"), (day(9), "unknown", "other_source")]
    assert expected == told(lines, "acme", Topic.TRAINING)


def test_a_newer_table_that_differs_displaces_the_feed() -> None:
    lines = build_timelines([feed(day(0), {"acme": SILENT}), table(day(9), {"Acme": PRINTS_MAY})])
    expected = [(day(0), "unknown", "first_observation"), (day(9), "may", "source_change")]
    assert expected == told(lines, "acme", Topic.TRAINING)


def test_a_table_of_a_month_does_not_beat_a_feed_seen_within_that_month() -> None:
    at = datetime(2026, 3, 10, tzinfo=UTC)
    lines = build_timelines([table(_month("2026-03"), {"Acme": PRINTS_30}), feed(at, {"acme": DAYS_55})])
    assert [(at, "55 days", "first_observation")] == told(lines, "acme")


def test_a_table_of_a_month_beats_a_feed_last_seen_before_that_month_from_its_last_day() -> None:
    lines = build_timelines([feed(day(27), {"acme": DAYS_55}), table(_month("2026-04"), {"Acme": PRINTS_30})])
    assert (datetime(2026, 4, 30, tzinfo=UTC), "30 days", "source_change") == told(lines, "acme")[-1]
    again = [feed(day(27), {"acme": DAYS_55}), feed(day(31), {"acme": DAYS_55})]
    lines = build_timelines([*again, table(_month("2026-04"), {"Acme": PRINTS_30})])
    assert [(day(27), "55 days", "first_observation")] == told(lines, "acme")


def test_an_unchanged_look_at_a_weaker_source_does_not_displace_a_stronger_one() -> None:
    looks = [
        table(day(0), {"Acme": PRINTS_30}),
        feed(day(5), {"acme": DAYS_55}),
        table(day(9), {"Acme": PRINTS_30}),
    ]
    lines = build_timelines(looks)
    assert [(day(0), "30 days", "first_observation"), (day(5), "55 days", "source_change")] == told(lines, "acme")
    assert day(9) == lines.latest["policy-table"].last.at


def test_an_unchanged_weaker_source_does_not_displace_even_where_a_part_of_it_spoke_since() -> None:
    looks = [
        table(day(0), {"Acme": PRINTS_30, "Bolt": PRINTS_30}),
        table(day(2), {"Bolt": PRINTS_ZERO}, is_partial=True),
        feed(day(5), {"acme": DAYS_55, "bolt": DAYS_55}),
        table(day(9), {"Acme": PRINTS_30, "Bolt": PRINTS_30}),
    ]
    assert [(day(0), "30 days"), (day(5), "55 days")] == [one[:2] for one in told(build_timelines(looks), "acme")]


def test_a_stronger_source_that_was_displaced_takes_over_when_it_is_seen_again() -> None:
    looks = [
        feed(day(0), {"acme": DAYS_30}),
        table(day(5), {"Acme": PRINTS_55}),
        feed(day(9), {"acme": DAYS_30}),
        table(day(12), {"Acme": PRINTS_55}),
    ]
    expected = [
        (day(0), "30 days", "first_observation"),
        (day(5), "55 days", "source_change"),
        (day(9), "30 days", "other_source"),  # the feed's own statement never changed
    ]
    assert expected == told(build_timelines(looks), "acme")


def test_a_stronger_source_that_changed_meanwhile_is_a_source_change() -> None:
    looks = [
        feed(day(0), {"acme": DAYS_30}),
        table(day(5), {"Acme": PRINTS_55}),
        feed(day(9), {"acme": ZERO}),
    ]
    assert (day(9), "none", "source_change") == told(build_timelines(looks), "acme")[-1]


def test_a_whole_look_ends_what_a_part_of_the_same_source_said_in_between() -> None:
    looks = [
        feed(day(0), {"acme": DAYS_30, "bolt": ZERO}),
        feed(day(5), {"acme": DAYS_55}, is_partial=True),
        feed(day(9), {"acme": DAYS_30, "bolt": ZERO}),
    ]
    lines = build_timelines(looks)
    assert ["30 days", "55 days", "30 days"] == [value for _, value, _ in told(lines, "acme")]
    assert [(day(0), True)] == listed(lines, "bolt")


def test_two_captures_of_one_moment_leave_no_empty_span() -> None:
    looks = [feed(day(0), {"acme": ZERO}), feed(day(1), {"acme": DAYS_30}), feed(day(1), {"acme": DAYS_55})]
    lines = build_timelines(looks)
    starts = [start for start, *_ in told(lines, "acme")]
    assert [day(0), day(1)] == starts
    lines = build_timelines([*looks[:2], feed(day(1), {"acme": ZERO, "bolt": ZERO})])
    assert sorted(set(starts)) == starts
    assert len({start for start, *_ in told(lines, "acme")}) == len(told(lines, "acme"))


def test_words_that_no_rule_reads_make_the_policy_unknown_and_are_not_a_source_change() -> None:
    looks = [feed(day(n), {"acme": policy}) for n, policy in enumerate([DAYS_30, UNREADABLE, DAYS_30])]
    expected = [
        (day(0), "30 days", "first_observation"),
        (day(1), "unknown", "unreadable"),
        (day(2), "30 days", "unreadable"),
    ]
    assert expected == told(build_timelines(looks), "acme")


@pytest.mark.parametrize(
    ("policies", "cause"),
    [
        ([DAYS_30, UNREADABLE, DAYS_55], "source_change"),
        ([SILENT, UNREADABLE, DAYS_55], "source_change"),
        ([UNREADABLE, DAYS_55], "unreadable"),
        ([DAYS_30, UNREADABLE, {"retainsPrompts": "other"}, DAYS_30], "unreadable"),
        ([DAYS_30, DAYS_55, UNREADABLE, DAYS_30], "source_change"),
    ],
)
def test_another_value_after_words_that_no_rule_reads_is_a_source_change(policies: list[Json], cause: str) -> None:
    looks = [feed(day(number), {"acme": policy}) for number, policy in enumerate(policies)]
    assert cause == told(build_timelines(looks), "acme")[-1][2]


@pytest.mark.fault("C07")
def test_c07_an_offering_that_is_missing_is_delisted_from_that_look_and_kept() -> None:
    lines = build_timelines([feed(day(0), {"acme": DAYS_30, "bolt": ZERO}), feed(day(5), {"bolt": ZERO})])
    assert [(day(0), True), (day(5), False)] == listed(lines, "acme")
    assert [(day(0), True)] == listed(lines, "bolt")
    assert [(day(0), "30 days", "first_observation")] == told(lines, "acme")


def test_an_offering_that_returns_is_listed_anew() -> None:
    with_acme, without = {"acme": ZERO, "bolt": ZERO}, {"bolt": ZERO}
    looks = [feed(day(0), with_acme), feed(day(3), without), feed(day(6), with_acme)]
    assert [(day(0), True), (day(3), False), (day(6), True)] == listed(build_timelines(looks), "acme")


def test_a_partial_capture_never_delists_and_may_list() -> None:
    looks = [
        feed(day(0), {"acme": DAYS_30, "bolt": ZERO}),
        feed(day(5), {"bolt": DAYS_55, "core": ZERO}, is_partial=True),
    ]
    lines = build_timelines(looks)
    found = [listed(lines, one) for one in ("acme", "bolt", "core")]
    assert [[(day(0), True)], [(day(0), True)], [(day(5), True)]] == found
    assert [(day(0), "none"), (day(5), "55 days")] == [one[:2] for one in told(lines, "bolt")]


def test_a_free_tier_is_an_offering_of_its_own() -> None:
    words = {"Acme": PRINTS_ZERO, "Acme (free)": PRINTS_MAY}
    lines = build_timelines([table(day(0), words), table(day(5), {"Acme": PRINTS_ZERO})])
    assert ["acme", "acme:free"] == sorted(lines.offerings)
    assert {"acme"} == {one.provider_id for one in lines.offerings.values()}
    assert [(day(0), True), (day(5), False)] == listed(lines, "acme:free")
    assert [(day(0), True)] == listed(lines, "acme")


def test_identities_list_only_where_no_source_of_policies_spoke() -> None:
    lines = build_timelines([names(day(0), ["acme", "bolt"]), names(day(1), ["bolt"])])
    assert [(day(0), True), (day(1), False)] == listed(lines, "acme")
    looks = [feed(day(0), {"acme": ZERO}), names(day(1), ["bolt"])]
    lines = build_timelines(looks)
    assert [(day(0), True)] == listed(lines, "acme")
    assert [] == listed(lines, "bolt")
    assert ["acme", "bolt"] == sorted(lines.offerings)


def test_the_first_source_of_policies_takes_the_listing_over_and_that_is_no_change() -> None:
    lines = build_timelines([names(day(0), ["acme", "bolt"]), feed(day(5), {"acme": ZERO, "core": ZERO})])
    found = {one: [(p.is_listed, p.cause.value) for p in lines.presences[one]] for one in ("acme", "bolt", "core")}
    expected = {
        "acme": [(True, "first_observation")],
        "bolt": [(True, "first_observation"), (False, "first_observation")],
        "core": [(True, "first_observation")],
    }
    assert expected == found


def test_a_stronger_source_seen_again_lists_what_a_weaker_one_had_delisted() -> None:
    both = {"acme": DAYS_30, "bolt": ZERO}
    looks = [feed(day(0), both), table(day(5), {"Bolt": PRINTS_ZERO}), feed(day(9), both)]
    assert [(day(0), True), (day(5), False), (day(9), True)] == listed(build_timelines(looks), "acme")


def test_a_whole_look_delists_what_only_a_part_of_the_same_source_had() -> None:
    looks = [
        feed(day(0), {"acme": ZERO}),
        feed(day(5), {"bolt": ZERO}, is_partial=True),
        feed(day(9), {"acme": ZERO}),
    ]
    assert [(day(5), True), (day(9), False)] == listed(build_timelines(looks), "bolt")


def test_a_weaker_source_of_the_same_day_neither_lists_nor_delists() -> None:
    lines = build_timelines([feed(day(0), {"acme": ZERO}), table(day(0, 23), {"Bolt": PRINTS_30})])
    assert ([(day(0), True)], []) == (listed(lines, "acme"), listed(lines, "bolt"))


def test_an_offering_is_first_seen_at_the_earliest_look_of_any_source() -> None:
    lines = build_timelines([feed(day(0, 20), {"acme": ZERO}), names(day(0, 8), ["acme"])])
    assert day(0, 8) == lines.offerings["acme"].first_seen.at
    assert day(0, 20) == lines.offerings["acme"].last_seen.at


def test_a_provider_file_lists_nobody_and_gives_way_to_a_feed_of_its_day() -> None:
    def file(when: datetime, country: str) -> Sighting:
        claim = Claim(
            offering_id="acme",
            topic=Topic.HEADQUARTERS,
            value=country,
            basis=Basis.STATED,
            text=country,
            quote=country,
            locator="providers/acme.toml: headquarters.country",
        )
        return Sighting(
            source_id="provider-files",
            rank=9,
            moment=Moment.instant(when),
            capture_id=None,
            reading=Reading(row_count=0, claims=(claim,)),
            is_partial=True,
            is_listing=False,
        )

    looks = [file(day(0), "NO"), feed(day(3), {"acme": ZERO}, more={"headquarters": "SE"}), file(day(3, 23), "DK")]
    lines = build_timelines(looks)
    assert [(day(0), "NO"), (day(3), "SE")] == [one[:2] for one in told(lines, "acme", Topic.HEADQUARTERS)]
    assert [(day(3), True)] == listed(lines, "acme")


def test_nothing_seen_is_nothing_held() -> None:
    assert not build_timelines([]).offerings


def test_a_month_known_twice_to_the_same_last_day_is_told_in_one_order() -> None:
    last = datetime(2026, 3, 31, tzinfo=UTC)
    exact, month = (
        table(Moment.instant(last), {"Acme": PRINTS_UNKNOWN}),
        table(_month("2026-03"), {"Acme": PRINTS_UNKNOWN}),
    )
    other = feed(datetime(2026, 3, 15, tzinfo=UTC), {"acme": DAYS_30})
    assert _dump(build_timelines([exact, month, other])) == _dump(build_timelines([month, exact, other]))
    assert date(2026, 3, 31) == build_timelines([exact, month]).latest["policy-table"].last.at.date()


def _dump(lines: Timelines) -> list[object]:
    def run(one: CaptureRun) -> tuple[object, ...]:
        return (one.source_id, one.capture_id, one.first, one.first.since, one.last, one.last.since, one.is_displaced)

    spans = {
        key: [(s.valid_from, s.not_before, s.value, s.cause, run(s.first.run), run(s.last.run)) for s in line]
        for key, line in lines.spans.items()
    }
    presences = {
        key: [(p.valid_from, p.not_before, p.is_listed, p.cause, run(p.run)) for p in line]
        for key, line in lines.presences.items()
    }
    claims = {key: [(e.claim, run(e.run)) for e in kept] for key, kept in lines.claims.items()}
    offerings = {
        key: (one.first_seen, one.last_seen, one.is_new, sorted(one.names), sorted(one.slugs))
        for key, one in lines.offerings.items()
    }
    return [spans, presences, claims, offerings, {key: run(one) for key, one in lines.latest.items()}, lines.common]


@given(MANY_LOOKS, st.randoms(use_true_random=False))
def test_the_order_of_the_looks_does_not_matter(looks: list[Sighting], rng: random.Random) -> None:
    shuffled = list(looks)
    rng.shuffle(shuffled)
    assert _dump(build_timelines(looks)) == _dump(build_timelines(shuffled))


@given(MANY_LOOKS)
def test_spans_and_presences_follow_each_other_and_each_differs_from_the_one_before(looks: list[Sighting]) -> None:
    lines = build_timelines(looks)
    starts = {look.moment.at for look in looks}
    for line in lines.spans.values():
        assert [one.valid_from for one in line] == sorted({one.valid_from for one in line})
        assert all(before.value != after.value for before, after in itertools.pairwise(line))
        assert all(one.valid_from in starts for one in line)
        assert all(one.not_before is None or one.not_before <= one.valid_from for one in line)
    for presences in lines.presences.values():
        assert [one.valid_from for one in presences] == sorted({one.valid_from for one in presences})
        flags = [one.is_listed for one in presences]
        assert [index % 2 == 0 for index in range(len(flags))] == flags


@given(MANY_LOOKS)
def test_a_look_twice_says_no_more_than_once(looks: list[Sighting]) -> None:
    once, twice = build_timelines(looks), build_timelines([*looks, looks[0]])
    for key, line in once.spans.items():
        assert [(one.valid_from, one.value) for one in line] == [
            (one.valid_from, one.value) for one in twice.spans[key]
        ]
    for offering_id in once.offerings:
        assert listed(once, offering_id) == listed(twice, offering_id)


@pytest.mark.fault("W09")
@given(st.permutations([DAYS_30, DAYS_55, ZERO, KEPT]))
def test_w09_of_looks_of_one_moment_the_later_one_in_order_holds_whatever_its_capture(policies: list[Json]) -> None:
    looks = [replace(feed(day(1), {"acme": policy}), place=place) for place, policy in enumerate(policies)]
    lines = build_timelines(reversed(looks))
    (alone,) = told(build_timelines(looks[-1:]), "acme")
    assert [alone] == told(lines, "acme")
