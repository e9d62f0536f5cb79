"""What the feed's policy fields state, field by field and type by type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Basis, Json, Retention, RetentionKind, Training
from pipeline.normalize.feed_policy import normalize_feed_retention, normalize_feed_training, normalize_flag
from pipeline.normalize.retention import normalize_retention
from pipeline.normalize.training import normalize_training

NONE, UNSTATED, UNKNOWN = (
    Retention(kind=kind) for kind in (RetentionKind.NONE, RetentionKind.UNSTATED, RetentionKind.UNKNOWN)
)
RETENTIONS: list[tuple[dict[str, Json], Retention, Basis, str]] = [
    ({}, UNKNOWN, Basis.ABSENT, "Unknown retention policy"),
    ({"retainsPrompts": False}, NONE, Basis.STATED, "Zero retention"),
    ({"retainsPrompts": "false"}, NONE, Basis.STATED, "Zero retention"),
    ({"retainsPrompts": True}, UNSTATED, Basis.STATED, "Prompts are retained for unknown period"),
    ({"retainsPrompts": "true"}, UNSTATED, Basis.STATED, "Prompts are retained for unknown period"),
    ({"retainsPrompts": None}, UNKNOWN, Basis.NULL, "Zero retention"),
    ({"retentionDays": None}, UNKNOWN, Basis.NULL, "Zero retention"),
    ({"retainsPrompts": None, "retentionDays": None}, UNKNOWN, Basis.NULL, "Zero retention"),
    ({"retainsPrompts": True, "retentionDays": None}, UNSTATED, Basis.STATED, "Retained for null days"),
    ({"retainsPrompts": True, "retentionDays": 30}, Retention.of_days(30), Basis.STATED, "Retained for 30 days"),
    ({"retainsPrompts": True, "retentionDays": 1}, Retention.of_days(1), Basis.STATED, "Retained for 1 days"),
    ({"retainsPrompts": True, "retentionDays": "30"}, Retention.of_days(30), Basis.STATED, "Retained for 30 days"),
    ({"retainsPrompts": True, "retentionDays": 30.0}, Retention.of_days(30), Basis.STATED, "Retained for 30.0 days"),
    ({"retainsPrompts": True, "retentionDays": 9999}, Retention.of_days(9999), Basis.STATED, "Retained for 9999 days"),
    ({"retentionDays": 30}, Retention.of_days(30), Basis.STATED, "Zero retention"),
    ({"retainsPrompts": None, "retentionDays": 30}, Retention.of_days(30), Basis.STATED, "Zero retention"),
    ({"retainsPrompts": False, "retentionDays": None}, NONE, Basis.STATED, "Zero retention"),
]
NOT_DAYS: list[Json] = [
    *(0, -1, 10_000, 10**20, 30.5, 0.0, -0.0, -30.0, 1e300, float("inf"), float("nan"), True, False),
    *("", "0", "-30", "30 days", "٣٠", "³", "３０", "+30", " 30", "1e2", "10000", "00000", "true", "unlimited"),
    [],
    [30],
    {},
    {"days": 30},
]
NOT_FLAGS: list[Json] = [
    0,
    1,
    -1,
    0.0,
    1.0,
    "",
    "0",
    "1",
    "yes",
    "no",
    "True",
    "FALSE",
    " true",
    "null",
    [],
    [True],
    {},
]


@pytest.mark.parametrize(("fields", "value", "basis", "printed"), RETENTIONS, ids=repr)
def test_the_fields_state_a_retention_and_print_one(
    fields: dict[str, Json], value: Retention, basis: Basis, printed: str
) -> None:
    assert (value, basis, printed) == normalize_feed_retention(fields)


@pytest.mark.parametrize("days", NOT_DAYS, ids=repr)
@pytest.mark.parametrize("retains", [True, False, None])
def test_a_number_of_days_that_no_rule_reads_leaves_nothing(days: Json, *, retains: bool | None) -> None:
    assert normalize_feed_retention({"retainsPrompts": retains, "retentionDays": days}) is None


@pytest.mark.parametrize("days", [1, 30, "30", 30.0])
def test_days_beside_a_no_contradict_it(days: Json) -> None:
    assert normalize_feed_retention({"retainsPrompts": False, "retentionDays": days}) is None


@pytest.mark.parametrize("flag", NOT_FLAGS, ids=repr)
@pytest.mark.parametrize("days", [None, 30])
def test_a_flag_that_no_rule_reads_leaves_nothing_whatever_the_days(flag: Json, days: Json) -> None:
    assert normalize_flag(flag) is None
    assert normalize_feed_retention({"retainsPrompts": flag, "retentionDays": days}) is None


@pytest.mark.fault("C15")
@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (True, (Training.MAY, Basis.STATED, "✕ May train")),
        ("true", (Training.MAY, Basis.STATED, "✕ May train")),
        (1, None),
        (0, None),
        (False, (Training.NO, Basis.STATED, "✓ Does not train")),
        (None, (Training.UNKNOWN, Basis.NULL, "✓ Does not train")),
    ],
    ids=repr,
)
def test_c15_a_training_flag_of_another_type_is_typed_or_not_read(
    raw: Json, expected: tuple[Training, Basis, str] | None
) -> None:
    assert expected == normalize_feed_training(raw, is_present=True)


def test_a_training_flag_that_is_left_out_is_unknown_though_the_table_prints_that_it_does_not_train() -> None:
    expected = (Training.UNKNOWN, Basis.ABSENT, "✓ Does not train")
    assert expected == normalize_feed_training(None, is_present=False)


@pytest.mark.fault("D02")
def test_d02_unknown_policy_unknown_period_and_absence_are_three_values() -> None:
    found = [
        normalize_feed_retention({"retainsPrompts": None}),
        normalize_feed_retention({"retainsPrompts": True}),
        normalize_feed_retention({}),
    ]
    expected = [(UNKNOWN, Basis.NULL), (UNSTATED, Basis.STATED), (UNKNOWN, Basis.ABSENT)]
    assert expected == [(one[0], one[1]) for one in found if one is not None]
    words = [normalize_retention(text) for text in ("Unknown retention policy", "Retained for unknown period")]
    assert [UNKNOWN, UNSTATED] == words


@pytest.mark.fault("D03")
def test_d03_zero_retention_zero_days_and_null_are_told_apart() -> None:
    zero = normalize_feed_retention({"retainsPrompts": False})
    null = normalize_feed_retention({"retainsPrompts": True, "retentionDays": None})
    assert zero is not None
    assert null is not None
    assert (0, None) == (zero[0].stored_days, null[0].stored_days)
    assert normalize_feed_retention({"retainsPrompts": True, "retentionDays": 0}) is None


_JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["true", "30"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


@given(st.fixed_dictionaries({}, optional={"retainsPrompts": _JSON, "retentionDays": _JSON}))
def test_zero_retention_is_stated_by_a_no_and_by_nothing_else(fields: dict[str, Json]) -> None:
    found = normalize_feed_retention(fields)
    is_zero = found is not None and found[0].kind is RetentionKind.NONE
    retains, days = fields.get("retainsPrompts"), fields.get("retentionDays")
    assert is_zero is ((retains is False or retains == "false") and days is None)


@given(_JSON)
def test_does_not_train_is_stated_by_a_no_and_by_nothing_else(raw: Json) -> None:
    found = normalize_feed_training(raw, is_present=True)
    is_no = found is not None and found[0] is Training.NO
    assert is_no is (raw is False or (isinstance(raw, str) and normalize_training(raw) is Training.NO))
