"""What each statement on training use means: the specification of the room."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Json, Training
from pipeline.normalize.training import normalize_training, render_training

SEED = [
    ("✓ Does not train", Training.NO),
    ("✕ May train", Training.MAY),
]
WILD = [
    ("✓", Training.NO),
    ("✔", Training.NO),
    ("✔\ufe0f", Training.NO),
    ("✔\ufe0e", Training.NO),
    ("✅", Training.NO),
    ("✕", Training.MAY),
    ("✖", Training.MAY),
    ("✖\ufe0f", Training.MAY),
    ("✗", Training.MAY),
    ("✘", Training.MAY),
    ("❌", Training.MAY),
    ("×", Training.MAY),
    ("✅ Does not train", Training.NO),
    ("✔️ No training", Training.NO),
    ("✓Does not train", Training.NO),
    ("✓\u00a0Does\u00a0not\u00a0train", Training.NO),
    ("❌ May train", Training.MAY),
    ("× May train", Training.MAY),
    ("✕ yes", Training.MAY),
    ("does not train", Training.NO),
    ("DOES NOT TRAIN", Training.NO),
    ("Does not train on prompts.", Training.NO),
    ("doesn't train", Training.NO),
    ("doesn’t train", Training.NO),
    ("No training", Training.NO),
    ("Not used for training", Training.NO),
    ("Never trains", Training.NO),
    ("No", Training.NO),
    ("false", Training.NO),
    ("May train", Training.MAY),
    ("Trains", Training.MAY),
    ("May be used for training", Training.MAY),
    ("Yes", Training.MAY),
    ("TRUE", Training.MAY),
    ("opt-in", Training.OPT_IN),
    ("Opt in only", Training.OPT_IN),
    ("opt‑in", Training.OPT_IN),
    ("trains only with opt-in", Training.OPT_IN),
    ("opt-out", Training.OPT_OUT),
    ("trains unless opted out", Training.OPT_OUT),
    ("Unknown", Training.UNKNOWN),
    ("N/A", Training.UNKNOWN),
    ("-", Training.UNKNOWN),
    ("—", Training.UNKNOWN),
    ("", Training.UNKNOWN),
    (" ", Training.UNKNOWN),
]
UNRECOGNIZED = [
    "✓ May train",
    "✕ Does not train",
    "✓ yes",
    "✕ no",
    "✓ unknown",
    "✓ opt-in",
    "✕ opt-out",
    "✓ Does not train (except on the free tier)",
    "Does not train ✕",
    "✓✕",
    "✓ ✓",
    "☑",
    "☒",
    "●",
    "does not train*",
    "does not train unless opted in",
    "may not train",
    "not trained",
    "trains sometimes",
    "opted out",
    "none",
    "null",
    "undefined",
    "0",
    "1",
    "x",
    "y",
    ".",
]
UNREADABLE_VALUES: list[Json] = [None, 0, 1, -1, 0.0, 1.0, float("nan"), [], [True], {}, {"training": False}]
BUGS_CAUGHT: list[tuple[Json, Training | None]] = [
    (True, Training.MAY),  # a boolean is an integer in Python; an integer is not a boolean here
    (False, Training.NO),
    (1, None),
    (0, None),
]


@pytest.mark.parametrize(("text", "expected"), SEED + WILD, ids=[text for text, _ in SEED + WILD])
def test_the_whole_text_is_read(text: str, expected: Training) -> None:
    assert expected is normalize_training(text)


@pytest.mark.parametrize("text", UNRECOGNIZED)
def test_any_other_text_is_not_read(text: str) -> None:
    assert normalize_training(text) is None


@pytest.mark.parametrize(("raw", "expected"), BUGS_CAUGHT)
def test_json_booleans_are_read_and_numbers_are_not(raw: Json, expected: Training | None) -> None:
    assert expected is normalize_training(raw)


@pytest.mark.parametrize("raw", UNREADABLE_VALUES, ids=repr)
def test_any_other_json_value_is_not_read(raw: Json) -> None:
    assert normalize_training(raw) is None


@pytest.mark.fault("E07")
@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        *((mark, Training.NO) for mark in ("✓", "✔", "✔\ufe0f", "✅")),
        *((mark, Training.MAY) for mark in ("✕", "✖", "✗", "✘", "❌", "×")),
        *((mark, None) for mark in ("☑", "☒", "●", "🟢", "👍", "+")),
    ],
    ids=ascii,
)
def test_e07_a_mark_is_read_from_an_explicit_map_or_not_at_all(mark: str, expected: Training | None) -> None:
    assert expected is normalize_training(mark)


@pytest.mark.parametrize("value", [Training.NO, Training.MAY])
def test_what_the_gateway_prints_is_read_back(value: Training) -> None:
    printed = render_training(value)
    assert printed is not None
    assert value is normalize_training(printed)


def test_the_gateway_prints_two_forms_and_no_other() -> None:
    printed = {value: render_training(value) for value in Training}
    assert printed == {
        Training.NO: "✓ Does not train",
        Training.MAY: "✕ May train",
        Training.OPT_IN: None,
        Training.OPT_OUT: None,
        Training.UNKNOWN: None,
    }


_JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(_JSON)
def test_no_json_value_raises(raw: Json) -> None:
    training = normalize_training(raw)
    assert training is None or isinstance(raw, bool | str)


@given(st.text(min_size=1), st.sampled_from(["✓ Does not train", "Does not train", "No"]))
def test_an_addition_in_words_takes_the_reading_away(addition: str, text: str) -> None:
    assert normalize_training(f"{text} x{addition}") is None
