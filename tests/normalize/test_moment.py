"""Which moment a written date means, and how exactly."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Moment, Precision
from pipeline.normalize.moment import find_moment

DATES = [  # text, asked precision, first instant, last day, precision
    ("2025", None, (2025, 1, 1), (2025, 12, 31), Precision.YEAR),
    ("2025", Precision.YEAR, (2025, 1, 1), (2025, 12, 31), Precision.YEAR),
    ("2025-07", None, (2025, 7, 1), (2025, 7, 31), Precision.MONTH),
    ("2024-02", Precision.MONTH, (2024, 2, 1), (2024, 2, 29), Precision.MONTH),
    ("2025-02", None, (2025, 2, 1), (2025, 2, 28), Precision.MONTH),
    ("2025-11", Precision.SEASON, (2025, 9, 1), (2025, 11, 30), Precision.SEASON),
    ("2025-01", Precision.SEASON, (2024, 11, 1), (2025, 1, 31), Precision.SEASON),
    ("2024-02-29", None, (2024, 2, 29), (2024, 2, 29), Precision.DAY),
    (" 2025-07-04\n", Precision.DAY, (2025, 7, 4), (2025, 7, 4), Precision.DAY),
]
INSTANTS = [
    ("2025-07-04T12:30", datetime(2025, 7, 4, 12, 30, tzinfo=UTC)),
    ("2025-07-04 12:30:00", datetime(2025, 7, 4, 12, 30, tzinfo=UTC)),
    ("2025-07-04t12:30:00Z", datetime(2025, 7, 4, 12, 30, tzinfo=UTC)),
    ("2025-07-04T00:30:00+05:45", datetime(2025, 7, 3, 18, 45, tzinfo=UTC)),
    ("2025-12-31T23:30:00-01:00", datetime(2026, 1, 1, 0, 30, tzinfo=UTC)),
]
NO_MOMENTS = [
    "",
    "yesterday",
    "T",
    "0000",
    "0000-01-01",
    "2025-13",
    "2025-00",
    "2025-02-29",
    "2025-7-4",
    "20250704",
    "٢٠٢٥",
    "２０２５",
    "2025-07-04T25:00",
    "0001-01-01T00:00+05:00",
    "9999-12-31T23:59-05:00",
    "2025-07-04T12:30 and later",
    "\ud800",
]
REFUSED_PRECISIONS = [
    ("2025", Precision.MONTH),
    ("2025-07", Precision.DAY),
    ("2025-07-04", Precision.MONTH),
    ("2025-07-04", Precision.SEASON),
    ("2025-07-04", Precision.INSTANT),
    ("2025-07-04T12:30", Precision.DAY),
    ("0001-01", Precision.SEASON),
]


@pytest.mark.parametrize(("text", "asked", "first", "last", "precision"), DATES)
def test_a_date_counts_as_the_last_day_it_can_mean_and_keeps_the_first(
    text: str, asked: Precision | None, first: tuple[int, int, int], last: tuple[int, int, int], precision: Precision
) -> None:
    moment = find_moment(text, asked)
    assert moment is not None
    expected = (datetime(*last, tzinfo=UTC), datetime(*first, tzinfo=UTC), precision)
    assert expected == (moment.at, moment.since, moment.precision)


@pytest.mark.parametrize(("text", "expected"), INSTANTS)
def test_a_time_is_an_instant_in_utc(text: str, expected: datetime) -> None:
    moment = find_moment(text)
    assert moment is not None
    assert (expected, expected, Precision.INSTANT) == (moment.at, moment.since, moment.precision)
    assert moment.at.tzinfo is UTC


@pytest.mark.parametrize("text", NO_MOMENTS, ids=ascii)
def test_what_is_no_date_is_no_moment(text: str) -> None:
    assert find_moment(text) is None


@pytest.mark.parametrize(("text", "precision"), REFUSED_PRECISIONS)
def test_no_date_is_taken_for_more_or_less_exact_than_it_is(text: str, precision: Precision) -> None:
    assert find_moment(text, precision) is None


@given(st.text(), st.sampled_from([None, *Precision]))
def test_no_text_raises(text: str, precision: Precision | None) -> None:
    moment = find_moment(text, precision)
    assert moment is None or moment.since <= moment.at


@given(st.datetimes(timezones=st.timezones()))
def test_every_time_with_an_offset_is_read_back(at: datetime) -> None:
    try:
        expected = Moment.instant(at)
    except OverflowError:
        return
    offset = at.utcoffset() or timedelta()
    if offset.total_seconds() % 60 == 0:
        assert expected == find_moment(at.isoformat())


@given(st.dates())
def test_every_day_is_read_back(day: object) -> None:
    moment = find_moment(f"{day}")
    assert moment is not None
    assert (f"{day}", f"{day}") == (moment.at.date().isoformat(), moment.since.date().isoformat())
