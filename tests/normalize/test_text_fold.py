"""What folding does to text: every pair is one text and the form that matching sees."""

import pytest
from effort import cut_off
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalize.text import MAX_PHRASE_LENGTH, MAX_RAW_LENGTH, fold, fold_phrase

WILD = [
    ("Zero retention", "zero retention"),
    ("  Retained\n\tfor  30 days ", "retained for 30 days"),
    ("30\u00a0days", "30 days"),
    ("30\u2009days", "30 days"),
    ("30\u202fdays", "30 days"),
    ("30\u3000days", "30 days"),
    ("３０ ｄａｙｓ", "30 days"),
    ("𝟑𝟎 days", "30 days"),
    ("30–60 days", "30-60 days"),
    ("30—60 days", "30-60 days"),
    ("30\u201160 days", "30-60 days"),
    ("30－60 days", "30-60 days"),
    ("\u22125 days", "-5 days"),
    ("doesn’t train", "doesn't train"),
    ("doesn´t train", "doesn't train"),
    ("doesn`t train", "doesn't train"),
    ("“zero” retention", '"zero" retention'),
    ("re\u00adtained", "retained"),
    ("\ufeffzero\u200b retention", "zero retention"),
    ("✔\ufe0f", "✔"),
    ("Straße", "strasse"),
    ("ÉTÉ", "été"),
    ("", ""),
    (" \u00a0\n", ""),
]
BUGS_CAUGHT = [
    ("30² days", "30^2 days"),  # a footnote mark made 302 days
    ("30 days¹", "30 days^1"),
    ("30① days", "30^1 days"),
    ("e\u0301", "é"),
    ("\u2034", "'''"),  # a triple prime became three primes, which a second folding changed again
]
DISTINCT = [
    ("٣٠ days", "30 days"),
    ("30\u202e days", "30 days"),  # a direction override reorders what is seen
    ("30½ days", "301/2 days"),
]


@pytest.mark.parametrize(("text", "expected"), WILD + BUGS_CAUGHT)
def test_text_folds_to_the_form_that_matching_sees(text: str, expected: str) -> None:
    assert expected == fold(text)


@pytest.mark.parametrize(("text", "other"), DISTINCT)
def test_folding_does_not_confuse_texts_that_mean_different_things(text: str, other: str) -> None:
    assert fold(text) != fold(other)


@pytest.mark.fault("E06")
@pytest.mark.parametrize("space", [" ", "\u00a0", "\u2009", "\u202f", "\u2007", "\u3000"], ids=ascii)
def test_e06_every_kind_of_space_folds_to_a_space(space: str) -> None:
    assert fold(f"30{space}days") == "30 days"


def test_a_phrase_is_folded_up_to_its_limit_and_not_beyond() -> None:
    assert fold_phrase("A" * MAX_PHRASE_LENGTH) == "a" * MAX_PHRASE_LENGTH
    assert fold_phrase("A" * (MAX_PHRASE_LENGTH + 1)) is None


def test_white_space_counts_against_the_raw_limit_only() -> None:
    assert fold_phrase("30" + " " * (MAX_RAW_LENGTH - 6) + "days") == "30 days"
    assert fold_phrase("30" + " " * (MAX_RAW_LENGTH - 5) + "days") is None


@pytest.mark.fault("P04")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 10_000_000, id="one word"),
        pytest.param("30 days " * 250_000, id="many words"),
        pytest.param("é " * 500_000, id="many words outside ASCII"),
        pytest.param("a" + "\u0315\u0300" * 100_000, id="combining marks in the wrong order"),
    ],
)
def test_p04_folding_is_linear(text: str) -> None:
    with cut_off():
        assert fold(text)


@given(st.text(max_size=100))
def test_folding_a_folded_text_changes_nothing(text: str) -> None:
    assert fold(text) == fold(fold(text))


@given(st.text())
def test_folded_text_has_single_spaces_inside_only(text: str) -> None:
    assert " ".join(fold(text).split()) == fold(text)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_case_never_matters_in_ascii(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower())
