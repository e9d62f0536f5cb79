"""A clock that goes back, leaps, or stands in an odd zone. The clock is passed in; only zones need a process."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from network_site import fetcher
from published_catalog import check_whole, days_of, read_package
from scripted_site import Site, page
from tiny_refresh import feed, make_folder, run, serve

from pipeline.catalog.reader import Catalog
from pipeline.model import SourceState
from pipeline.refresh import Outcomes, refresh
from pipeline.workplace import Workplace

START = datetime(2026, 11, 1, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def data(tmp_path: Path, site: Site) -> Iterator[Path]:
    folder = make_folder(tmp_path / "data")
    serve(site, folder, page(feed(), Cache_Control="max-age=7200"))
    yield folder
    check_whole(folder / "catalog")


def refresh_at(data: Path, at: datetime) -> Outcomes:
    return refresh(Workplace(data), fetcher(now=lambda: at))


@pytest.mark.fault("W09")
@pytest.mark.parametrize(
    ("later", "asked"),
    [(HOUR, 1), (2 * HOUR - timedelta(seconds=1), 1), (2 * HOUR, 2), (-HOUR, 2), (365 * DAY, 2), (-365 * DAY, 2)],
    ids=["an hour on", "a second before the end", "at the end", "an hour back", "a year on", "a year back"],
)
def test_w09_what_is_fresh_is_not_asked_again_and_a_clock_set_back_makes_nothing_fresh_for_long(
    site: Site, data: Path, later: timedelta, asked: int
) -> None:
    refresh_at(data, START)
    outcomes = refresh_at(data, START + later)
    assert asked == len(site.seen("/feed"))
    assert [SourceState.OK] == [status.state for status in outcomes.statuses]


@pytest.mark.fault("W09")
def test_w09_a_clock_set_back_an_hour_loses_no_look_and_no_robots_rule_lasts_for_ever(site: Site, data: Path) -> None:
    refresh_at(data, START)
    refresh_at(data, START - HOUR)
    looks = Workplace(data).observations()
    assert [START, START - HOUR] == [look.moment.at for look in looks]  # the log keeps the order in which they were
    assert all(0 <= (look.duration_ms or 0) < 600_000 for look in looks)
    assert 2 == len(site.seen("/robots.txt"))  # rules from the future are asked for again


@pytest.mark.fault("W09")
@pytest.mark.parametrize(
    "day", [datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)], ids=str
)
def test_w09_a_leap_day_and_the_hour_that_comes_twice_are_moments_like_any_other(data: Path, day: datetime) -> None:
    outcomes = refresh_at(data, day)
    assert (day, True) == (outcomes.as_of, outcomes.is_new_build)
    assert [day] == [look.moment.at for look in Workplace(data).observations()]
    assert f"{day:%Y%m%dT%H%M%SZ}" == (data / "catalog" / "current").readlink().name.partition("-")[0]


@pytest.mark.fault("W09")
@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Pacific/Kiritimati"])
def test_w09_every_time_is_utc_wherever_the_machine_stands(data: Path, zone: str) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    assert 0 == run(data, "refresh", TZ=zone).returncode
    line = json.loads((data / "archive" / "observations.jsonl").read_text())
    assert line["observed_at"].endswith("+00:00")
    assert before < datetime.fromisoformat(line["observed_at"]) <= datetime.now(UTC)
    assert "+00:00" not in read_package(data / "catalog")["build_key"]
    listed = json.loads(run(data, "list", "--format", "json", TZ=zone).stdout)
    observed = {one["observed_at"] for one in listed}
    assert {datetime.fromisoformat(line["observed_at"])} == {datetime.fromisoformat(one) for one in observed}


def _intervals(data: Path) -> list[tuple[datetime, datetime | None, int | None]]:
    with Catalog.open(data / "catalog" / "current") as catalog:
        return [(one.valid_from, one.valid_to, one.retention_days) for one in catalog.history("p0")]


STORIES = [
    # Moments of four runs, and the intervals of what they show in turn: 30, 30, 55 and 90 days.
    ([0, 1, 2, 3], [(0, 2, 30), (2, 3, 55), (3, None, 90)]),
    ([0, 1, -400, 3], [(0, 3, 30), (3, None, 90)]),
    ([0, 1, 2, -400], [(0, 2, 30), (2, None, 90)]),
    ([0, 400, 2, 3], [(0, 2, 30), (2, 3, 55), (3, None, 90)]),
    ([0, 3, 2, 3], [(0, 2, 30), (2, 3, 55), (3, None, 90)]),
    ([0, 1, 400, 3], [(0, 3, 30), (3, None, 90)]),
    ([3, 2, 1, 0], [(0, None, 90)]),
]


@pytest.mark.fault("W09", "D10")
@pytest.mark.parametrize(("days", "expected"), STORIES, ids=[str(days) for days, _ in STORIES])
def test_w09_the_newest_words_hold_whatever_the_clock_says_and_no_interval_runs_backwards(
    site: Site, data: Path, days: list[int], expected: list[tuple[int, int | None, int]]
) -> None:
    for day, shown in zip(days, (30, 30, 55, 90), strict=True):
        site.serve("/feed", page(feed(shown)))
        outcomes = refresh_at(data, START + day * DAY)
        assert [SourceState.OK] == [status.state for status in outcomes.statuses]
        assert shown == days_of(data / "catalog", "p0")
        assert all(valid_to is None or valid_from < valid_to for valid_from, valid_to, _ in _intervals(data))
    assert expected == [(_day(since), _day(until), kept) for since, until, kept in _intervals(data)]


def _day(at: datetime | None) -> int | None:
    return None if at is None else (at - START).days


@pytest.mark.fault("W09")
@pytest.mark.parametrize("back", [HOUR, 365 * DAY], ids=["an hour", "a year"])
def test_w09_a_failure_is_told_though_the_clock_was_set_back_before_it(site: Site, data: Path, back: timedelta) -> None:
    refresh_at(data, START)
    site.serve("/feed", page(status="404 Not Found"))
    outcomes = refresh_at(data, START - back)
    assert [(SourceState.FAILING, "not_found: HTTP 404")] == [(one.state, one.detail) for one in outcomes.statuses]
    site.serve("/feed", page(feed()))
    assert [SourceState.OK] == [status.state for status in refresh_at(data, START + DAY).statuses]


@pytest.mark.fault("W08", "W09")
def test_w08_of_runs_that_fall_in_one_second_the_latest_holds(site: Site, data: Path) -> None:
    for shown in (30, 55, 90, 7, 55, 60):
        site.serve("/feed", page(feed(shown)))
        assert refresh_at(data, START).is_new_build
        assert shown == days_of(data / "catalog", "p0")
        assert [(START, None, shown)] == _intervals(data)
