"""The row rules that every typed claim and every endpoint must keep before anything is made of it."""

import pandera.pandas as pa

from pipeline.model import Topic
from schemas.columns import ID_PATTERN, INTEGER, TEXT, column

# Nothing that a gateway prints in a table or a feed is longer; what is longer is not a statement but a page.
_LONGEST_TEXT = 2000
_MOST_DAYS = 9999
_CONTROL_FREE = pa.Check.str_matches(r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*\Z", error="holds a control character")
_NOT_LONG = pa.Check.str_length(0, _LONGEST_TEXT, error=f"is longer than {_LONGEST_TEXT} characters")
_NOT_EMPTY = pa.Check.str_length(min_value=1, error="is empty")


def _name(description: str) -> pa.Column:
    return column(TEXT, description, checks=[_NOT_EMPTY, _NOT_LONG, _CONTROL_FREE])


def _words(description: str, *more: pa.Check) -> pa.Column:
    return column(TEXT, description, nullable=True, checks=[_NOT_LONG, *more])


CLAIM_RULES = pa.DataFrameSchema(
    {
        "offering_id": column(TEXT, "Whom it speaks of.", checks=[pa.Check.str_matches(ID_PATTERN)]),
        "topic": column(TEXT, "What it speaks of.", checks=[pa.Check.isin([topic.value for topic in Topic])]),
        "value_text": _words("The typed value in words.", _NOT_EMPTY, _CONTROL_FREE),
        "retention_days": column(
            INTEGER,
            "Its length.",
            unit="calendar days",
            nullable=True,
            checks=[pa.Check.in_range(0, _MOST_DAYS, error=f"is not a number of days from 0 to {_MOST_DAYS}")],
        ),
        "text": _words("The source's words."),
    },
    strict=True,
)

ENDPOINT_RULES = pa.DataFrameSchema(
    {
        "tag": _name("The endpoint's tag."),
        "model_id": _name("The model."),
        "provider_name": _name("The provider's name as the list has it."),
        "model_name": _words("The model's name.", _CONTROL_FREE),
        "quantization": _words("The quantization.", _CONTROL_FREE),
    },
    strict=True,
)
