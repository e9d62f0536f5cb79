"""The vocabulary of the catalog: enums and frozen records. Imports nothing of this project."""

from pipeline.model.claims import Claim, Listing, Reading, ZdrEndpoint
from pipeline.model.looks import Moment, Observation
from pipeline.model.raw import Parsed, RawClaim, RawEndpoint, RawRow, Refusal
from pipeline.model.values import ClaimValue, Json, Retention, as_text, mint_id
from pipeline.model.words import (
    LINK_TOPICS,
    POLICY_TOPICS,
    Basis,
    Bound,
    Cause,
    ChangeKind,
    Format,
    Outcome,
    Precision,
    RetentionKind,
    SourceState,
    TermsType,
    Tier,
    Topic,
    Training,
)

__all__ = [
    "LINK_TOPICS",
    "POLICY_TOPICS",
    "Basis",
    "Bound",
    "Cause",
    "ChangeKind",
    "Claim",
    "ClaimValue",
    "Format",
    "Json",
    "Listing",
    "Moment",
    "Observation",
    "Outcome",
    "Parsed",
    "Precision",
    "RawClaim",
    "RawEndpoint",
    "RawRow",
    "Reading",
    "Refusal",
    "Retention",
    "RetentionKind",
    "SourceState",
    "TermsType",
    "Tier",
    "Topic",
    "Training",
    "ZdrEndpoint",
    "as_text",
    "mint_id",
]
