"""What each retention statement means: the specification of the room."""

import pytest
from effort import cut_off
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Bound, Retention, RetentionKind
from pipeline.normalize.retention import normalize_retention, render_retention
from pipeline.normalize.text import fold

NONE = Retention(kind=RetentionKind.NONE)
UNTIL_EVENT = Retention(kind=RetentionKind.UNTIL_EVENT)
INDEFINITE = Retention(kind=RetentionKind.INDEFINITE)
UNSTATED = Retention(kind=RetentionKind.UNSTATED)
UNKNOWN = Retention(kind=RetentionKind.UNKNOWN)


def period(days: int, bound: Bound = Bound.EXACT, *, amount: int | None = None, unit: str = "day") -> Retention:
    return Retention(kind=RetentionKind.PERIOD, days=days, bound=bound, amount=amount or days, unit=unit)


SEED = [
    ("Zero retention", NONE),
    ("Unknown retention policy", UNKNOWN),
    ("Prompts are retained for unknown period", UNSTATED),
    ("Retained for 1 days", period(1)),
    ("Retained for 30 days", period(30)),
    ("Retained for 55 days", period(55)),
]
WILD = [
    ("ZERO RETENTION", NONE),
    ("zero retention.", NONE),
    ("Zero\u00a0retention", NONE),
    ("Ｚｅｒｏ retention", NONE),
    ("zero data retention", NONE),
    ("Zero Data Retention (ZDR)", NONE),
    ("zero–data–retention", NONE),
    ("ZDR", NONE),
    ("no retention", NONE),
    ("no data retention", NONE),
    ("not retained", NONE),
    ("not stored", NONE),
    ("not kept", NONE),
    ("never retained", NONE),
    ("never stored", NONE),
    ("never kept", NONE),
    ("not retained or stored", NONE),
    ("not stored or retained", NONE),
    ("immediately deleted", NONE),
    ("zero-retention", NONE),
    ("deleted immediately", NONE),
    ("Prompts are not retained", NONE),
    ("Prompts are not stored.", NONE),
    ("Retained for 1 day", period(1)),
    ("retained for 60 days", period(60)),
    ("Retained for 90 days.", period(90)),
    ("30 days", period(30)),
    ("30-day retention", period(30)),
    ("for 30 days", period(30)),
    ("Prompts are retained for 30 days", period(30)),
    ("Prompts and completions are stored for 30 days", period(30)),
    ("stored for 30 days", period(30)),
    ("kept for 30 days", period(30)),
    ("held for 30 days", period(30)),
    ("deleted after 30 days", period(30)),
    ("Prompts are deleted after 30 days", period(30)),
    ("automatically deleted after 30 days", period(30)),
    ("deleted within 30 days", period(30, Bound.UP_TO)),
    ("Retained for up to 30 days", period(30, Bound.UP_TO)),
    ("retained up to 30 days", period(30, Bound.UP_TO)),
    ("up to 30 days", period(30, Bound.UP_TO)),
    ("kept for no more than 30 days", period(30, Bound.UP_TO)),
    ("Retained for 30–60 days", period(60, Bound.RANGE)),
    ("retained for between 30 and 60 days", period(60, Bound.RANGE)),
    ("Retained for 24 hours", period(1, amount=24, unit="hour")),
    ("Retained for one month", period(30, amount=1, unit="month")),
    ("retained for thirty (30) days", period(30)),
    ("Retained for 6 weeks", period(42, amount=6, unit="week")),
    ("Retained for 1 year", period(365, amount=1, unit="year")),
    ("Retained for 30 business days", period(42, amount=30, unit="business day")),
    ("Retained\u00a0for\u00a030\u2009days", period(30)),
    ("Retained for ３０ days", period(30)),
    ("retained indefinitely", INDEFINITE),
    ("stored indefinitely", INDEFINITE),
    ("Indefinitely", INDEFINITE),
    ("retained forever", INDEFINITE),
    ("never deleted", INDEFINITE),
    ("no expiration", INDEFINITE),
    ("Prompts are retained indefinitely.", INDEFINITE),
    ("until deleted", UNTIL_EVENT),
    ("Until deleted by the user", UNTIL_EVENT),
    ("Retained until account deletion", UNTIL_EVENT),
    ("until account closure", UNTIL_EVENT),
    ("as long as necessary", UNTIL_EVENT),
    ("Retained for as long as needed", UNTIL_EVENT),
    ("Prompts are stored until deleted", UNTIL_EVENT),
    ("retained", UNSTATED),
    ("stored", UNSTATED),
    ("Prompts are retained", UNSTATED),
    ("retained for an unknown period", UNSTATED),
    ("Unknown", UNKNOWN),
    ("N/A", UNKNOWN),
    ("-", UNKNOWN),
    ("–", UNKNOWN),
    ("—", UNKNOWN),
    ("?", UNKNOWN),
    ("", UNKNOWN),
    (" \n", UNKNOWN),
    ("not specified", UNKNOWN),
    ("unspecified", UNKNOWN),
]
BUGS_CAUGHT = [
    ("Unknown retention policy.", UNKNOWN),  # "retention" at the end, and still no duration
    ("Retained for 30 day(s)", period(30)),
    ("deleted within 24 hours", period(1, Bound.UP_TO, amount=24, unit="hour")),  # not exactly a day
]
UNRECOGNIZED = [
    "0 days",
    "Retained for 0 days",
    "Retained for zero days",
    "Retained for null days",
    "Retained for undefined days",
    "Retained for NaN days",
    "Retained for  days",
    "Retained for days",
    "Retained for",
    "-5 days",
    "Retained for -5 days",
    "Retained for −5 days",
    "Retained for ٣٠ days",
    "Retained for 30² days",
    "Retained for 1.5 days",
    "Retained for 1,000 days",
    "Retained for 10000 days",
    "Retained for 30 days or 60 days",
    "Retained for 30 days, then 60 days",
    "Retained for 30 days after account closure",
    "Retained for 30 days*",
    "Retained for at least 30 days",
    "Retained for 30 days..",
    "not retained for 30 days",
    "Prompts are not retained for 30 days",
    "stored within 30 days",
    "deleted 30 days",
    "zero retention except abuse logs 30 days",
    "Zero retention*",
    "Zero retention (paid tier)",
    "not zero retention",
    "Zero",
    "0",
    "30",
    "None",
    "null",
    "nan",
    "false",
    "true",
    "no",
    "not logged",
    "not retained by default",
    "outputs are not retained",
    "metadata is retained for 30 days",
    "Prompts are zero retention",
    "prompts are unknown",
    "prompts are ",
    "varies",
    "see terms",
    "until 2030",
    "retained until further notice",
    ".",
    "Zero reten\u202etion",
    "Zеro retention",  # a Cyrillic letter
]
NONE_TEXTS = {fold(text).removesuffix(".") for text, value in SEED + WILD if value == NONE}


@pytest.mark.parametrize(
    ("text", "expected"), SEED + WILD + BUGS_CAUGHT, ids=[text for text, _ in SEED + WILD + BUGS_CAUGHT]
)
def test_the_whole_text_is_read(text: str, expected: Retention) -> None:
    assert expected == normalize_retention(text)


@pytest.mark.parametrize("text", UNRECOGNIZED)
def test_any_other_text_is_not_read(text: str) -> None:
    assert normalize_retention(text) is None


@pytest.mark.fault("D01")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Retained until account deletion", UNTIL_EVENT),
        ("Retained until the next full moon", None),
        ("Retained for 30 days unless flagged", None),
        ("Zero retention for some models", None),
    ],
)
def test_d01_a_new_phrase_is_typed_by_a_rule_or_not_at_all(text: str, expected: Retention | None) -> None:
    assert expected == normalize_retention(text)


@pytest.mark.fault("D02")
def test_d02_an_unknown_policy_and_an_unknown_period_are_two_values() -> None:
    policy = normalize_retention("Unknown retention policy")
    length = normalize_retention("Prompts are retained for unknown period")
    assert (policy, length) == (UNKNOWN, UNSTATED)


@pytest.mark.fault("D03")
def test_d03_zero_retention_zero_days_and_null_days_are_told_apart() -> None:
    zero = normalize_retention("Zero retention")
    assert zero is not None
    assert (zero.kind, zero.stored_days) == (RetentionKind.NONE, 0)
    assert normalize_retention("Retained for 0 days") is None
    assert normalize_retention("Retained for null days") is None


@pytest.mark.fault("D03")
@pytest.mark.parametrize(
    "text", ["Unknown", "", "Prompts are retained for unknown period", "Indefinitely", "until deleted"]
)
def test_d03_no_number_of_days_is_made_up(text: str) -> None:
    retention = normalize_retention(text)
    assert retention is not None
    assert retention.stored_days is None


@pytest.mark.fault("D04")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Retained for 1 days", period(1)),
        ("Retained for 24 hours", period(1, amount=24, unit="hour")),
        ("Retained for 1 month", period(30, amount=1, unit="month")),
        ("Retained for 6 weeks", period(42, amount=6, unit="week")),
        ("Retained for up to 30 days", period(30, Bound.UP_TO)),
        ("Retained for 30–60 days", period(60, Bound.RANGE)),
        ("Retained for 30 business days", period(42, amount=30, unit="business day")),
        ("Retained for thirty days", period(30)),
        ("Retained for up to 30", None),
        ("Retained for thirty", None),
    ],
)
def test_d04_a_period_keeps_its_unit_and_bound_or_is_not_read(text: str, expected: Retention | None) -> None:
    assert expected == normalize_retention(text)


@pytest.mark.fault("D05")
@pytest.mark.parametrize("amount", ["-5", "0", str(10**6), str(10**20), "٣٠"])
def test_d05_a_number_out_of_range_is_not_read(amount: str) -> None:
    assert normalize_retention(f"{amount} days") is None
    assert normalize_retention(f"Retained for {amount} days") is None


@pytest.mark.fault("E06")
@pytest.mark.parametrize("text", ["30\u00a0days", "30\u2009days", "Retained for\u202f30\u00a0days"], ids=ascii)
def test_e06_odd_spaces_do_not_matter(text: str) -> None:
    assert normalize_retention(text) == period(30)


@pytest.mark.fault("P04")
@pytest.mark.parametrize("unit", ["x", "1", " ", "prompts are ", "é "])
def test_p04_ten_megabytes_on_one_line_are_refused_at_once(unit: str) -> None:
    text = "Retained for " + unit * (10_000_000 // len(unit)) + " days"
    with cut_off():
        assert normalize_retention(text) is None


@pytest.mark.fault("P05")
@pytest.mark.parametrize("lead", ["retained ", "retained for ", "not retained ", "prompts are retained for "])
def test_p05_a_lead_repeated_is_refused_at_once(lead: str) -> None:
    text = lead * 50_000 + "30 day"
    with cut_off():
        assert normalize_retention(text) is None


@pytest.mark.fault("P09")
@pytest.mark.parametrize("digits", [5, 99, 5_000])
def test_p09_a_number_of_many_digits_is_not_read(digits: int) -> None:
    assert normalize_retention("Retained for " + "9" * digits + " days") is None


@pytest.mark.parametrize(("text", "value"), SEED, ids=[text for text, _ in SEED])
def test_the_gateways_own_words_are_printed_again(text: str, value: Retention) -> None:
    assert text == render_retention(value)


@pytest.mark.parametrize(
    "value",
    [
        UNTIL_EVENT,
        INDEFINITE,
        period(30, Bound.UP_TO),
        period(60, Bound.RANGE),
        period(30, amount=1, unit="month"),
        period(1, amount=24, unit="hour"),
    ],
)
def test_the_gateway_has_no_words_for_other_values(value: Retention) -> None:
    assert render_retention(value) is None


_PRINTABLE = st.sampled_from([NONE, UNKNOWN, UNSTATED]) | st.integers(min_value=1, max_value=9999).map(
    Retention.of_days
)


@given(_PRINTABLE)
def test_what_the_gateway_prints_is_read_back(value: Retention) -> None:
    printed = render_retention(value)
    assert printed is not None
    assert value == normalize_retention(printed)


@given(st.text())
def test_no_text_raises_and_only_the_listed_ones_are_zero_retention(text: str) -> None:
    retention = normalize_retention(text)
    assert retention is None or retention != NONE or fold(text).removesuffix(".") in NONE_TEXTS


@given(st.text(), st.characters(categories=["Nd", "Nl", "No"]), st.text())
def test_a_text_that_holds_a_number_is_never_zero_retention(before: str, number: str, after: str) -> None:
    assert normalize_retention(before + number + after) != NONE


@given(st.sampled_from(sorted(NONE_TEXTS)), st.text(min_size=1))
def test_an_addition_takes_zero_retention_away(text: str, addition: str) -> None:
    for changed in (f"{text} x{addition}", f"{addition}x {text}"):
        assert normalize_retention(changed) != NONE


_WORDS = "prompts are|retained|not|stored|deleted|for|after|within|up to|0|30|null|days|zero|retention|no|until|unknown"


@given(st.lists(st.sampled_from(_WORDS.split("|")), max_size=8))
def test_no_order_of_known_words_makes_zero_retention_of_a_number(words: list[str]) -> None:
    retention = normalize_retention(" ".join(words))
    if {"0", "30", "days", "null"} & set(words):
        assert retention != NONE
    if retention is not None and retention.kind is RetentionKind.PERIOD:
        assert retention.days == 30
