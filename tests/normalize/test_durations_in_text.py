"""Which lengths of time running English names: the specification of the finder."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from effort import cut_off
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Bound
from pipeline.normalize.duration import MAX_DAYS, Duration, find_duration
from pipeline.normalize.durations_in_text import FoundDuration, find_durations

SUITE = "data/suites/recognizers-text/Specs/DateTime/English"

# Each row: a text with the length in brackets, its number, unit, days, and whether it is an upper limit or a range.
CASES = [
    ("for [thirty (30) days] after", 30, "day", 30, Bound.EXACT),
    ("for [30 (thirty) days].", 30, "day", 30, Bound.EXACT),
    ("a [30-day] window", 30, "day", 30, Bound.EXACT),
    ("a [90-day] rolling log", 90, "day", 90, Bound.EXACT),
    ("after [30 days], they go", 30, "day", 30, Bound.EXACT),
    ("[within 30 minutes] of it", 30, "minute", 1, Bound.UP_TO),
    ("cached for [24h] only", 24, "hour", 1, Bound.EXACT),
    ("cached for [30d].", 30, "day", 30, Bound.EXACT),
    ("for [twenty-four hours]", 24, "hour", 1, Bound.EXACT),
    ("for [twenty and four hours]", 24, "hour", 1, Bound.EXACT),
    ("for [3.5 years]", 42, "month", 1278, Bound.EXACT),
    ("for [1.5 months]", 45, "day", 45, Bound.EXACT),
    ("for [an hour and a half]", 90, "minute", 1, Bound.EXACT),
    ("for [two and a half hours]", 150, "minute", 1, Bound.EXACT),
    ("for [a year and a half]", 18, "month", 548, Bound.EXACT),
    ("for [half a year]", 6, "month", 183, Bound.EXACT),
    ("for [1 year 1 month 21 days]", 416, "day", 416, Bound.EXACT),
    ("for [one week three days]", 10, "day", 10, Bound.EXACT),
    ("for [one year and six months]", 18, "month", 545, Bound.EXACT),
    ("for [2 years, 6 months] in all", 30, "month", 910, Bound.EXACT),
    ("for [a fortnight]", 2, "week", 14, Bound.EXACT),
    ("for [two decades]", 20, "year", 7300, Bound.EXACT),
    ("for [a couple of weeks]", 2, "week", 14, Bound.EXACT),
    ("for [another week]", 1, "week", 7, Bound.EXACT),
    ("for [a full year]", 1, "year", 365, Bound.EXACT),
    ("[all-day]", 1, "day", 1, Bound.EXACT),
    ("for [60 consecutive days]", 60, "day", 60, Bound.EXACT),
    ("for [sixty (60) consecutive calendar days]", 60, "day", 60, Bound.EXACT),
    ("in [5 business days]", 5, "business day", 7, Bound.EXACT),
    ("a [12-month] period", 12, "month", 360, Bound.EXACT),
    ("the later of [30 days] and the end", 30, "day", 30, Bound.EXACT),
    ("for [1,095 days]", 1095, "day", 1095, Bound.EXACT),
    ("for [one hundred and eighty (180) days]", 180, "day", 180, Bound.EXACT),
    ("for [2ys]", 2, "year", 730, Bound.EXACT),
    ("a [3-min] wait", 3, "minute", 1, Bound.EXACT),
    ("for [30\u00a0days]", 30, "day", 30, Bound.EXACT),
    ("for [\uff13\uff10 days]", 30, "day", 30, Bound.EXACT),
    ("\u0130\u0130 for [30 DAYS]", 30, "day", 30, Bound.EXACT),
    ("logs\u2014[30 days]", 30, "day", 30, Bound.EXACT),
    ("kept [up to 30 days]", 30, "day", 30, Bound.UP_TO),
    ("for [no longer than ninety days]", 90, "day", 90, Bound.UP_TO),
    ("for [not more than thirty (30) days]", 30, "day", 30, Bound.UP_TO),
    ("for [a maximum period of 30 days]", 30, "day", 30, Bound.UP_TO),
    ("for a period [not exceeding 30 days]", 30, "day", 30, Bound.UP_TO),
    ("for a period [not to exceed six months]", 6, "month", 180, Bound.UP_TO),
    ("[within a period of 30 days]", 30, "day", 30, Bound.UP_TO),
    ("for [30 days or less]", 30, "day", 30, Bound.UP_TO),
    ("for [30 days max].", 30, "day", 30, Bound.UP_TO),
    ("[between 30 and 90 days]", 90, "day", 90, Bound.RANGE),
    ("[between one and three months]", 3, "month", 90, Bound.RANGE),
    ("[30 to 90 days]", 90, "day", 90, Bound.RANGE),
    ("[30\u201390 days]", 90, "day", 90, Bound.RANGE),
    ("[from 30 days to six months]", 6, "month", 180, Bound.RANGE),
    ("[between a week and a month]", 1, "month", 30, Bound.RANGE),
]
SEVERAL = [
    ("[30 days] for logs and [90 days] for files", (30, 90)),
    ("[30 days] and [90 days] respectively", (30, 90)),
    ("[30 days] and [12 months]", (30, 360)),
    ("inputs: [1 hour]; outputs: [7 days]", (1, 7)),
]
MINIMA = [
    "kept for [at least 30 days]",
    "kept for [more than 30 days]",
    "kept for [a minimum of 30 days]",
    "kept for [not less than 30 days]",
    "kept for [no less than thirty (30) days]",
    "kept for [30 days or longer]",
]
WITHOUT_VALUE = ["for [several days]", "for [few hours]", "for [a few minutes]", "for [some days]", "[3.5 seconds]"]
NOTHING = [
    "",
    "230 daylight",
    "30 daylight hours",
    "today, Monday, monthly, yearly, daily",
    "0 days",
    "zero days",
    "-5 days",
    "a \u22125 days offset",
    "10-20-30 days",
    "60-30 days",
    "1000000 days",
    "10,000 days",
    "28 years",
    "thirty (31) days",
    "30\u00b2 days",
    "30 m",
    "3D models",
    "a second copy",
    "another second",
    "24 hours a day, 7 days a week",
    "30 requests per day",
    "twice a day",
    "30 minutes per day",
    "children under 13 years of age",
    "you must be 18 years or older",
    "16 years old",
    "some day",
    "\u0663\u0660 days",
    "v30days",
    "id 1f0c-842d-9b1e",
]


def _marked(text: str) -> tuple[str, list[str]]:
    return text.replace("[", "").replace("]", ""), [part.split("]")[0] for part in text.split("[")[1:]]


def _words(text: str, found: tuple[FoundDuration, ...]) -> list[str]:
    return [text[one.start : one.end] for one in found]


@pytest.mark.parametrize(("text", "amount", "unit", "days", "bound"), CASES, ids=[case[0] for case in CASES])
def test_a_length_in_a_text_is_found_with_its_limits(
    text: str, amount: int, unit: str, days: int, bound: Bound
) -> None:
    plain, words = _marked(text)
    found = find_durations(plain)
    assert words == _words(plain, found)
    assert [Duration(amount=amount, unit=unit, days=days, bound=bound)] == [one.duration for one in found]
    assert not found[0].is_minimum


@pytest.mark.parametrize(("text", "days"), SEVERAL, ids=[text for text, _ in SEVERAL])
def test_several_lengths_are_kept_apart(text: str, days: tuple[int, ...]) -> None:
    plain, words = _marked(text)
    found = find_durations(plain)
    assert words == _words(plain, found)
    assert list(days) == [one.duration and one.duration.days for one in found]


@pytest.mark.parametrize("text", MINIMA)
def test_a_lower_limit_is_marked_as_one(text: str) -> None:
    plain, words = _marked(text)
    found = find_durations(plain)
    assert words == _words(plain, found)
    assert [(True, 30)] == [(one.is_minimum, one.duration and one.duration.days) for one in found]


@pytest.mark.parametrize("text", WITHOUT_VALUE)
def test_a_length_without_a_number_is_found_without_a_value(text: str) -> None:
    plain, words = _marked(text)
    found = find_durations(plain)
    assert words == _words(plain, found)
    assert [None] == [one.duration for one in found]


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_length_of_time_is_not_found(text: str) -> None:
    assert find_durations(text) == ()


def _suite_cases(shared: Path, name: str) -> list[tuple[str, list[dict[str, Any]]]]:
    path = shared / SUITE / f"{name}.json"
    cases = json.loads(path.read_text(encoding="utf-8-sig"))
    return [(case["Input"], case["Results"]) for case in cases]


def _says_seconds(found: FoundDuration, seconds: str) -> bool:
    """Whether a found length is this many seconds: in whole days for days and longer, to the second below that."""
    if found.duration is None:
        return False
    in_days = math.ceil(float(seconds) / 86_400) == found.duration.days
    factor = {"second": 1, "minute": 60, "hour": 3_600}.get(found.duration.unit)
    return in_days and (factor is None or found.duration.amount * factor == float(seconds))


# Two lengths that are no whole number of seconds, and a business day, which counts as 1.4 calendar days here.
SUITE_MISSES = ["3.5 second", "123.45 sec", "another business day"]


def test_at_least_95_in_100_durations_of_a_suite_of_others_are_found(shared: Path) -> None:
    cases = [*_suite_cases(shared, "DurationExtractor"), *_suite_cases(shared, "DurationParser")]
    misses = [words for text, results in cases for words in _missed(text, results)]
    assert len(cases) == 120
    assert SUITE_MISSES == misses
    assert 1 - len(misses) / len(cases) >= 0.95


def _missed(text: str, results: list[dict[str, Any]]) -> list[str]:
    """Return the words that were not found as a length of their own, or with other seconds than the suite says."""
    found = {(one.start, text[one.start : one.end]): one for one in find_durations(text)}
    right = {
        (result["Start"], result["Text"])
        for result in results
        if (one := found.get((result["Start"], result["Text"])))
        and ("Value" not in result or _says_seconds(one, result["Value"]["FutureResolution"]["duration"]))
    }
    wanted = [(result["Start"], result["Text"]) for result in results]
    return [words for start, words in (*wanted, *(found.keys() - set(wanted))) if (start, words) not in right]


@given(st.text())
def test_no_text_raises(text: str) -> None:
    _check_order(text, find_durations(text))


_PIECES = "up to|between|and|from|to|or|30|0|-|(|)|thirty|one|a|half|an|days|hours|month|business|couple of|,|few|old"


@given(st.lists(st.sampled_from(_PIECES.split("|"))), st.sampled_from(["", " "]))
def test_no_order_of_known_words_raises(words: list[str], space: str) -> None:
    text = space.join(words)
    _check_order(text, find_durations(text))


def _check_order(text: str, found: tuple[FoundDuration, ...]) -> None:
    ends = [0, *[place for one in found for place in (one.start, one.end)], len(text)]
    assert ends == sorted(ends)
    assert all(one.duration is None or 1 <= one.duration.days <= MAX_DAYS for one in found)


_FILLERS = ["", "We keep prompts for ", "Deleted after ", "(", "logs: ", "Then, \u2014 "]


@given(
    st.integers(min_value=1, max_value=300),
    st.sampled_from(["second", "minute", "hour", "day", "business day", "week", "month"]),
    st.sampled_from(["", "up to ", "no more than ", "within ", "a maximum of "]),
    st.sampled_from(_FILLERS),
    st.sampled_from(["", ".", " after the end", ", then gone", ")", "; and"]),
)
def test_a_duration_inside_other_text_is_found_back(
    amount: int, unit: str, limit: str, before: str, after: str
) -> None:
    words = f"{limit}{amount} {unit}s"
    text = f"{before}{words}{after}"
    found = find_durations(text)
    assert [words] == _words(text, found)
    assert [find_duration(words)] == [one.duration for one in found]


@given(st.integers(min_value=1, max_value=9), st.integers(min_value=10, max_value=99))
def test_a_number_is_never_read_in_part(head: int, tail: int) -> None:
    text = f"for {head}{tail} days"
    assert [(head * 100 + tail)] == [one.duration and one.duration.amount for one in find_durations(text)]


@given(st.integers(min_value=1, max_value=9999), st.sampled_from(["daylight", "monthly", "yearling", "day2"]))
def test_a_unit_is_never_read_in_part(number: int, word: str) -> None:
    assert find_durations(f"{number} {word}") == ()


NEAR_MISSES = ["thirty ", "30 ", "a couple ", "between 30 and ", "30-", "up to ", "half a ", " days", "1 and a half "]


@pytest.mark.parametrize("unit", NEAR_MISSES)
def test_a_near_miss_repeated_for_a_megabyte_takes_linear_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit)) + "weeks"
    with cut_off():
        find_durations(text)


@pytest.mark.parametrize(
    "unit", ["30 days ", "a day and ", "0 days ", "thirty (31) days ", "between 1 day and 2 weeks "]
)
def test_many_lengths_on_one_line_take_linear_time(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    with cut_off():
        find_durations(text)
