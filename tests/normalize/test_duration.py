"""Which texts are one duration, and which duration: the specification of the room."""

import math

import pytest
from effort import cut_off
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Bound
from pipeline.normalize.duration import MAX_DAYS, Duration, find_duration


def exact(amount: int, unit: str, days: int) -> Duration:
    return Duration(amount=amount, unit=unit, days=days, bound=Bound.EXACT)


def up_to(amount: int, unit: str, days: int) -> Duration:
    return Duration(amount=amount, unit=unit, days=days, bound=Bound.UP_TO)


def range_to(amount: int, unit: str, days: int) -> Duration:
    return Duration(amount=amount, unit=unit, days=days, bound=Bound.RANGE)


SEED = [
    ("1 days", exact(1, "day", 1)),
    ("30 days", exact(30, "day", 30)),
    ("55 days", exact(55, "day", 55)),
]
WILD = [
    ("1 day", exact(1, "day", 1)),
    ("30 DAYS", exact(30, "day", 30)),
    ("30 calendar days", exact(30, "day", 30)),
    ("30 day(s)", exact(30, "day", 30)),
    ("30-day", exact(30, "day", 30)),
    ("30days", exact(30, "day", 30)),
    ("30d", exact(30, "day", 30)),
    ("9999 days", exact(9999, "day", 9999)),
    ("30 seconds", exact(30, "second", 1)),
    ("5 minutes", exact(5, "minute", 1)),
    ("1441 minutes", exact(1441, "minute", 2)),
    ("1 hour", exact(1, "hour", 1)),
    ("an hour", exact(1, "hour", 1)),
    ("24 hours", exact(24, "hour", 1)),
    ("24h", exact(24, "hour", 1)),
    ("24 hrs", exact(24, "hour", 1)),
    ("25 hours", exact(25, "hour", 2)),
    ("72 hours", exact(72, "hour", 3)),
    ("a week", exact(1, "week", 7)),
    ("6 weeks", exact(6, "week", 42)),
    ("one month", exact(1, "month", 30)),
    ("1 month", exact(1, "month", 30)),
    ("6 months", exact(6, "month", 180)),
    ("1 year", exact(1, "year", 365)),
    ("27 years", exact(27, "year", 9855)),
    ("thirty days", exact(30, "day", 30)),
    ("thirty-one days", exact(31, "day", 31)),
    ("thirty one days", exact(31, "day", 31)),
    ("Ninety-Nine Days", exact(99, "day", 99)),
    ("a hundred days", exact(100, "day", 100)),
    ("one hundred eighty days", exact(180, "day", 180)),
    ("thirty (30) days", exact(30, "day", 30)),
    ("30 (thirty) days", exact(30, "day", 30)),
    ("one hundred and eighty (180) days", exact(180, "day", 180)),
    ("one (1) year", exact(1, "year", 365)),
    ("1 business day", exact(1, "business day", 2)),
    ("a business day", exact(1, "business day", 2)),
    ("5 business days", exact(5, "business day", 7)),
    ("10 working days", exact(10, "business day", 14)),
    ("30 business days", exact(30, "business day", 42)),
    ("up to 30 days", up_to(30, "day", 30)),
    ("up to thirty (30) days", up_to(30, "day", 30)),
    ("no more than 30 days", up_to(30, "day", 30)),
    ("not more than 30 days", up_to(30, "day", 30)),
    ("no longer than 30 days", up_to(30, "day", 30)),
    ("not to exceed 30 days", up_to(30, "day", 30)),
    ("at most 30 days", up_to(30, "day", 30)),
    ("a maximum of 30 days", up_to(30, "day", 30)),
    ("max. 30 days", up_to(30, "day", 30)),
    ("less than 30 days", up_to(30, "day", 30)),
    ("fewer than 30 days", up_to(30, "day", 30)),
    ("within 30 days", up_to(30, "day", 30)),
    ("within 24 hours", up_to(24, "hour", 1)),
    ("up to 30 business days", up_to(30, "business day", 42)),
    ("30 days or less", up_to(30, "day", 30)),
    ("30 days max", up_to(30, "day", 30)),
    ("30-60 days", range_to(60, "day", 60)),
    ("30 - 60 days", range_to(60, "day", 60)),
    ("30–60 days", range_to(60, "day", 60)),
    ("30 to 60 days", range_to(60, "day", 60)),
    ("from 30 to 60 days", range_to(60, "day", 60)),
    ("between 30 and 60 days", range_to(60, "day", 60)),
    ("between one and three months", range_to(3, "month", 90)),
    ("1-2 weeks", range_to(2, "week", 14)),
    ("30\u00a0days", exact(30, "day", 30)),
    ("30\u2009days", exact(30, "day", 30)),
    ("３０ days", exact(30, "day", 30)),
    ("  30\n days ", exact(30, "day", 30)),
]
UNRECOGNIZED = [
    "",
    "days",
    "30",
    "30 moons",
    "30 m",
    "null days",
    "0 days",
    "0000 days",
    "zero days",
    "0 hours",
    "-5 days",
    "−5 days",
    "- 5 days",
    "up to -5 days",
    "+5 days",
    "1.5 years",
    "1,000 days",
    "10000 days",
    "1000000 days",
    "28 years",
    "334 months",
    "1e3 days",
    "0x1e days",
    "٣٠ days",
    "३० days",
    "XXX days",
    "½ year",
    "half a year",
    "thirty (31) days",
    "thirty (0) days",
    "thirty (many) days",
    "thirty days (30)",
    "thirty thirty days",
    "ad",
    "today",
    "about 30 days",
    "at least 30 days",
    "more than 30 days",
    "longer than 30 days",
    "30 or 60 days",
    "30 days or 60 days",
    "30 days, 60 days",
    "30 days and 12 hours",
    "60-30 days",
    "30-30 days",
    "0-0 days",
    "between 60 and 30 days",
    "between 30 to 60 days",
    "up to 30-60 days",
    "10-20-30 days",
    "30 days after deletion",
    "retained for 30 days",
    "30 days*",
]
BUGS_CAUGHT = [
    "30² days",  # read as 302 days, the footnote mark included
    "and",  # "an" and "d", read as one day
]


@pytest.mark.parametrize(("text", "expected"), SEED + WILD, ids=[text for text, _ in SEED + WILD])
def test_the_whole_text_is_read_as_one_duration(text: str, expected: Duration) -> None:
    assert expected == find_duration(text)


@pytest.mark.parametrize("text", UNRECOGNIZED + BUGS_CAUGHT)
def test_what_is_not_one_duration_is_not_read(text: str) -> None:
    assert find_duration(text) is None


@pytest.mark.fault("D05")
@pytest.mark.parametrize("text", ["0 days", "-5 days", f"{10**6} days", f"{10**20} days", "٣٠ days"])
def test_d05_a_number_out_of_range_is_not_read(text: str) -> None:
    assert find_duration(text) is None


@pytest.mark.fault("P09")
@pytest.mark.parametrize("digits", [5, 99, 5_000, 1_000_000])
def test_p09_a_number_of_many_digits_is_not_read(digits: int) -> None:
    assert find_duration("9" * digits + " days") is None


@pytest.mark.fault("P04")
@pytest.mark.parametrize("unit", ["1", "one ", "between ", "30-", "(", " ", "a" + "\u0315\u0300"], ids=ascii)
def test_p04_ten_megabytes_on_one_line_are_refused_at_once(unit: str) -> None:
    text = unit * (10_000_000 // len(unit)) + " days"
    with cut_off():
        assert find_duration(text) is None


@given(st.text())
def test_no_text_raises(text: str) -> None:
    duration = find_duration(text)
    assert duration is None or 1 <= duration.days <= MAX_DAYS


_WORDS = "up to|between|and|from|30|60|0|-|(|)|thirty|one|a|days|hours|month|business"


@given(st.lists(st.sampled_from(_WORDS.split("|"))))
def test_no_order_of_known_words_raises(words: list[str]) -> None:
    duration = find_duration(" ".join(words))
    assert duration is None or (duration.amount >= 1 and 1 <= duration.days <= MAX_DAYS)


@given(st.integers(min_value=1, max_value=9999))
def test_days_are_read_as_written(days: int) -> None:
    assert find_duration(f"{days} days") == exact(days, "day", days)


@given(st.integers(min_value=1, max_value=7142))
def test_business_days_never_count_as_fewer_calendar_days(days: int) -> None:
    duration = find_duration(f"{days} business days")
    assert duration == exact(days, "business day", math.ceil(days * 7 / 5))
    assert duration.days > days


@given(st.integers(min_value=1, max_value=9999), st.integers(min_value=1, max_value=9999))
def test_a_range_keeps_its_upper_end_and_only_in_order(low: int, high: int) -> None:
    expected = range_to(high, "day", high) if low < high else None
    assert expected == find_duration(f"{low}-{high} days")
