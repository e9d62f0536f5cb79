"""Words of a table that deny or qualify a length: neither zero nor that length."""

import pytest

from pipeline.normalize.retention import normalize_retention


@pytest.mark.fault("C21")
@pytest.mark.parametrize(
    "words",
    [
        "not retained for 30 days",
        "Prompts are not retained for 30 days",
        "Zero retention except abuse logs 30 days",
        "Zero retention, except abuse logs, which are kept for 30 days",
        "Not zero retention",
        "Retained for 30 days unless flagged",
    ],
)
def test_c21_a_length_that_is_denied_or_qualified_is_not_read(words: str) -> None:
    assert normalize_retention(words) is None
