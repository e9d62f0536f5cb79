"""The row rules that every typed claim must keep before anything is reconciled from it."""

import pandera.pandas as pa

from pipeline.model import Topic
from schemas.columns import ID_PATTERN

# Nothing that a gateway prints in a table or a feed is longer; what is longer is not a statement but a page.
_LONGEST_TEXT = 2000
_MOST_DAYS = 9999
_CONTROL_FREE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*\Z"

CLAIM_RULES = pa.DataFrameSchema(
    {
        "offering_id": pa.Column("str", pa.Check.str_matches(ID_PATTERN), description="Whom it speaks of."),
        "topic": pa.Column("str", pa.Check.isin([topic.value for topic in Topic]), description="What it speaks of."),
        "value_text": pa.Column(
            "str",
            [pa.Check.str_length(1, _LONGEST_TEXT), pa.Check.str_matches(_CONTROL_FREE)],
            nullable=True,
            description="The typed value in words.",
        ),
        "retention_days": pa.Column(
            "Int64", pa.Check.in_range(0, _MOST_DAYS), nullable=True, description="Calendar days."
        ),
        "text": pa.Column(
            "str", pa.Check.str_length(0, _LONGEST_TEXT), nullable=True, description="The source's words."
        ),
    },
    strict=True,
)
