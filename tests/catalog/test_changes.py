"""What is told as a change, how often, and why."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from made_up_looks import DAYS_30, DAYS_55, KEPT, MANY_LOOKS, SILENT, UNREADABLE, ZERO, day, feed, names

from pipeline import building
from pipeline.catalog.changes import Change, Upgrade, find_changes
from pipeline.catalog.looks import Looks
from pipeline.catalog.timeline import Sighting, build_timelines
from pipeline.declarations import Names, Provider
from pipeline.model import (
    Basis,
    Claim,
    Json,
    Moment,
    Observation,
    Outcome,
    Reading,
    Retention,
    RetentionKind,
    Topic,
)
from pipeline.workplace import Workplace

SIX = [f"p{number}" for number in range(6)]


def _changes(looks: list[Sighting], upgrades: list[Upgrade] | None = None) -> tuple[Change, ...]:
    return find_changes(build_timelines(looks), upgrades or [])


def _told(changes: tuple[Change, ...]) -> list[tuple[str | None, str, str | None, str | None, str]]:
    return [(one.offering_id, one.kind.value, one.old_value, one.new_value, one.cause.value) for one in changes]


def test_what_is_seen_first_is_no_change() -> None:
    assert () == _changes([feed(day(0), {"acme": DAYS_30}), feed(day(1), {"acme": DAYS_30})])


def test_a_changed_policy_is_told_once_with_both_observations() -> None:
    before, after = feed(day(0), {"acme": DAYS_30}), feed(day(5), {"acme": {**DAYS_55, "training": True}})
    changes = _changes(
        [before, feed(day(3), {"acme": DAYS_30}), after, feed(day(6), {"acme": {**DAYS_55, "training": True}})]
    )
    expected = [
        ("acme", "retention_changed", "30 days", "55 days", "source_change"),
        ("acme", "training_changed", "no", "may", "source_change"),
    ]
    assert expected == _told(changes)
    captures = {(one.not_before_at, one.changed_at, one.old_capture_id, one.new_capture_id) for one in changes}
    assert {(day(3), day(5), before.capture_id, after.capture_id)} == captures


@pytest.mark.fault("D10")
def test_d10_a_flip_and_its_return_are_one_source_change_and_one_reversal() -> None:
    looks = [feed(day(0, 0), {"acme": ZERO}), feed(day(0, 9), {"acme": DAYS_55}), feed(day(0, 20), {"acme": ZERO})]
    expected = [
        ("acme", "retention_changed", "none", "55 days", "source_change"),
        ("acme", "retention_changed", "55 days", "none", "reverted"),
    ]
    assert expected == _told(_changes(looks))


@pytest.mark.fault("D06")
def test_d06_a_renamed_provider_keeps_its_id_and_the_new_name_is_a_change() -> None:
    acme = Provider(id="acme", name="Acme", names=Names(table=("Acme Labs",)), slugs={"gate": ("acme",)})
    looks = [
        feed(day(0), {"acme": ZERO, "bolt": ZERO}, providers=[acme]),
        feed(day(5), {"acme": ZERO, "bolt": ZERO}, names={"acme": "Acme Labs"}, providers=[acme]),
    ]
    lines = build_timelines(looks)
    assert ["acme", "bolt"] == sorted(lines.offerings)
    assert ["Acme", "Acme Labs"] == sorted(lines.offerings["acme"].names)
    changes = find_changes(lines, [])
    assert {("acme", "renamed", "Acme", "Acme Labs", "source_change")} == set(_told(changes))
    assert {Topic.DISPLAY_NAME, Topic.API_NAME} == {one.topic for one in changes}


@pytest.mark.fault("D07")
def test_d07_a_reused_slug_is_told_as_words_that_cannot_be_read() -> None:
    acme = Provider(id="acme", name="Acme", slugs={"gate": ("acme",)})
    looks = [
        feed(day(0), {"acme": {**ZERO, "canPublish": False}, "bolt": {**ZERO, "canPublish": False}}, providers=[acme]),
        feed(
            day(5),
            {"acme": {**KEPT, "canPublish": True}, "bolt": {**ZERO, "canPublish": False}},
            names={"acme": "Newco"},
            providers=[acme],
        ),
    ]
    expected = [
        ("acme", "publishing_changed", "false", None, "unreadable"),
        ("acme", "retention_changed", "none", "unknown", "unreadable"),
        ("acme", "training_changed", "no", "unknown", "unreadable"),
    ]
    assert expected == _told(_changes(looks))


def test_a_flag_that_is_read_after_words_that_no_rule_reads_is_told() -> None:
    flags: list[Json] = [False, "sometimes", True]
    looks = [feed(day(n), {"acme": {**ZERO, "canPublish": flag}}) for n, flag in enumerate(flags)]
    expected = [
        ("acme", "publishing_changed", "false", None, "unreadable"),
        ("acme", "publishing_changed", None, "true", "source_change"),
    ]
    assert expected == _told(_changes(looks))


def test_words_that_no_rule_reads_are_told_as_such() -> None:
    looks = [feed(day(n), {"acme": policy}) for n, policy in enumerate([DAYS_30, UNREADABLE])]
    assert [("acme", "retention_changed", "30 days", "unknown", "unreadable")] == _told(_changes(looks))


@pytest.mark.fault("C07")
def test_c07_an_offering_that_goes_and_returns_is_told_as_delisted_and_listed() -> None:
    looks = [feed(day(n), {"bolt": ZERO, **({"acme": ZERO} if n != 3 else {})}) for n in (0, 3, 6)]
    expected = [("acme", "delisted", None, None, "source_change"), ("acme", "listed", None, None, "source_change")]
    assert expected == _told(_changes(looks))


def test_the_same_edit_in_most_rows_is_one_reporting_change() -> None:
    looks = [feed(day(0), dict.fromkeys(SIX, KEPT)), feed(day(5), dict.fromkeys(SIX[:5], ZERO) | {"p5": DAYS_30})]
    changes = _changes(looks)
    expected = [
        (None, "reporting_change", "unstated", "none", "reporting_change"),
        ("p5", "retention_changed", "unstated", "30 days", "source_change"),
    ]
    assert expected == _told(changes)
    assert [5, 1] == [one.offering_count for one in changes]


@pytest.mark.parametrize(
    ("edited", "rows", "is_reporting"), [(4, 4, False), (5, 5, True), (5, 9, True), (5, 10, False), (5, 11, False)]
)
def test_most_rows_are_more_than_half_of_them_and_at_least_five(edited: int, rows: int, *, is_reporting: bool) -> None:
    slugs = [f"p{number}" for number in range(rows)]
    looks = [
        feed(day(0), dict.fromkeys(slugs, KEPT)),
        feed(day(5), dict.fromkeys(slugs, KEPT) | dict.fromkeys(slugs[:edited], ZERO)),
    ]
    assert (1 if is_reporting else edited) == len(_changes(looks))


def test_rows_that_are_new_do_not_make_an_edit_rarer() -> None:
    looks = [feed(day(0), dict.fromkeys(SIX, KEPT)), feed(day(5), dict.fromkeys([f"p{n}" for n in range(20)], ZERO))]
    kinds = [one.kind.value for one in _changes(looks)]
    assert ["reporting_change", *["listed"] * 14] == sorted(kinds, reverse=True)


@pytest.mark.parametrize("field", ["requiresUserIDs", "canPublish"])
def test_a_field_that_is_added_for_everybody_is_no_change(field: str) -> None:
    added = {slug: {**ZERO, field: number % 2 == 0} for number, slug in enumerate(SIX)}
    assert () == _changes([feed(day(0), dict.fromkeys(SIX, ZERO)), feed(day(5), added)])


def test_an_unknown_field_and_another_order_of_rows_are_no_change() -> None:
    looks = [
        feed(day(0), dict.fromkeys(SIX, ZERO)),
        feed(day(5), {slug: {**ZERO, "brandNew": 1} for slug in SIX[::-1]}, more={"alsoNew": {}}),
    ]
    assert () == _changes(looks)


def test_a_link_that_is_given_for_the_first_time_is_no_change_and_one_that_is_taken_away_is() -> None:
    links: list[Json] = [None, "https://status.acme.test/", None]
    looks = [feed(day(5 * n), {"acme": SILENT}, more={"statusPageUrl": link}) for n, link in enumerate(links)]
    expected = [("acme", "link_changed", "https://status.acme.test/", None, "source_change")]
    assert expected == _told(_changes(looks))


def test_an_attribute_of_somebody_who_was_never_named_is_no_change() -> None:
    looks = [feed(day(0), {"acme": ZERO}), names(day(0), ["bolt"])]
    assert () == _changes(looks)


# The same bytes, read better.


def _upgrade(old: str | None, new: str | None, at: datetime | None = None, capture_id: str = "cc") -> Upgrade:
    return Upgrade(
        source_id="provider-feed",
        capture_id=capture_id,
        captured_at=at or day(0),
        before={"acme": {"retention": old, "training": "no"}, "gone": {"retention": "none"}},
        after={"acme": {"retention": new, "training": "no"}, "new": {"retention": "none"}},
    )


def test_a_better_reader_is_a_technical_upgrade_and_no_source_change() -> None:
    changes = _changes([feed(day(0), {"acme": DAYS_30})], [_upgrade("unknown", "30 days")])
    assert [("acme", "retention_changed", "unknown", "30 days", "technical_upgrade")] == _told(changes)
    assert [("cc", "cc", day(0))] == [(one.old_capture_id, one.new_capture_id, one.changed_at) for one in changes]


def test_readers_that_differ_to_and_fro_tell_each_event_once() -> None:
    there, back = _upgrade("unknown", "30 days"), _upgrade("30 days", "unknown")
    changes = _changes([feed(day(0), {"acme": DAYS_30})], [there, back, there])
    assert {("unknown", "30 days"), ("30 days", "unknown")} == {(one.old_value, one.new_value) for one in changes}
    assert 2 == len(changes)


def test_two_captures_of_one_moment_that_are_read_better_tell_one_event() -> None:
    upgrades = [_upgrade("unknown", "30 days", capture_id=one) for one in ("aa", "bb")]
    assert 1 == len(_changes([feed(day(0), {"acme": DAYS_30})], upgrades))


def _reading(kind: RetentionKind) -> Reading:
    claim = Claim(
        offering_id="acme",
        topic=Topic.RETENTION,
        value=Retention(kind=kind),
        basis=Basis.STATED,
        text="until the moon is full",
        quote="until the moon is full",
        locator="table row 1",
    )
    return Reading(row_count=1, claims=(claim,))


def _find_upgrades(work: Workplace, *kinds: RetentionKind) -> list[Upgrade]:
    """Return the upgrades that the last of some readers finds; each reads the one capture as the kind given."""
    look = Observation(
        source_id="openrouter-feed",
        moment=Moment.instant(day(0)),
        outcome=Outcome.OK,
        origin="import",
        capture_id="c" * 64,
    )
    found: list[Upgrade] = []
    for number, kind in enumerate(kinds):
        readings = {(look.source_id, "c" * 64): _reading(kind)}
        found = building._find_upgrades(work, Looks.of([look, look]), readings, f"reader {number}")  # noqa: SLF001
    return found


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([RetentionKind.UNKNOWN], []),
        ([RetentionKind.UNKNOWN, RetentionKind.UNKNOWN], []),
        ([RetentionKind.UNKNOWN, RetentionKind.UNTIL_EVENT], [("unknown", "until_event")]),
        ([RetentionKind.UNKNOWN, RetentionKind.UNTIL_EVENT, RetentionKind.UNTIL_EVENT], [("unknown", "until_event")]),
        (
            [RetentionKind.UNKNOWN, RetentionKind.UNTIL_EVENT, RetentionKind.UNKNOWN],
            [("until_event", "unknown"), ("unknown", "until_event")],
        ),
    ],
)
def test_the_archive_remembers_what_each_reader_made_of_a_capture(
    tmp_path: Path, kinds: list[RetentionKind], expected: list[tuple[str, str]]
) -> None:
    upgrades = _find_upgrades(Workplace(tmp_path, with_recorded=False), *kinds)
    changes = _changes([feed(day(0), {"acme": DAYS_30})], upgrades)
    assert sorted(expected) == sorted((one.old_value, one.new_value) for one in changes)
    assert {"technical_upgrade"} >= {one.cause.value for one in changes}


@given(MANY_LOOKS)
def test_every_change_has_a_key_of_its_own_and_differs(looks: list[Sighting]) -> None:
    changes = _changes(looks)
    assert len({one.change_id for one in changes}) == len(changes)
    assert list(changes) == sorted(changes, key=lambda one: one.changed_at)
    assert all(one.topic is None or one.old_value != one.new_value for one in changes)
