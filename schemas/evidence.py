"""Tables on what is said, by whom, in which words; what changed, and what does not go together."""

from pipeline.model import (
    Basis,
    Cause,
    ChangeKind,
    Condition,
    ConflictReason,
    DataKind,
    Grade,
    RetentionKind,
    Service,
    Topic,
    Training,
    Verification,
)
from schemas.columns import HEX_PATTERN, ID_PATTERN, LINK_PATTERN, choice, count, flag, moment, table, text, verbatim
from schemas.common import BASIS_NOTE, CAPTURE, GATEWAY, OFFERING

CLAIMS = table(
    "One row per statement that a source makes now, or that a policy still rests on.",
    ["claim_id"],
    {
        "claim_id": text("The key.", pattern=HEX_PATTERN),
        "gateway_id": GATEWAY,
        "offering_id": OFFERING,
        "topic": choice(Topic, "What the claim speaks of."),
        "source_id": text("Who says it; `provider-files` for reviewed facts.", pattern=ID_PATTERN),
        "value_text": text("The typed value in words.", nullable=True),
        "retention_kind": choice(RetentionKind, "For a claim on retention.", nullable=True),
        "retention_days": count("For a claim on retention, as in `policies`.", unit="calendar days", nullable=True),
        "training": choice(Training, "For a claim on training.", nullable=True),
        "basis": choice(Basis, f"How strongly the source carries it. {BASIS_NOTE}"),
        "text": verbatim("The source's words."),
        "quote": verbatim("The words, or for JSON the fragment, in which it stands."),
        "locator": text("Where in the capture: a table row, a JSON pointer, a file's key."),
        "capture_id": CAPTURE,
        "first_observed_at": moment("Since when the source says this without a break."),
        "observed_at": moment("When the source was last seen to say it."),
        "is_current": flag(
            "Whether the source's newest whole capture says it; for a terms page, whether it was not seen gone."
        ),
        "data": choice(DataKind, "What a statement of a terms page speaks of; empty for a gateway's.", nullable=True),
        "condition": choice(Condition, "When it holds; empty for a gateway's.", nullable=True),
        "service": choice(Service, "Of which service it is said; empty for a gateway's.", nullable=True),
        "grade": choice(
            Grade,
            "How sure the reading is; empty for a gateway's. Only certain ones reach policies and conflicts.",
            nullable=True,
        ),
        "rule_id": text("The rule that read it; empty for a gateway's.", nullable=True),
        "verification": choice(
            Verification,
            "What became of it by the newest look; empty for a gateway's. `observed_at` is when the quoted words were "
            "last seen.",
            nullable=True,
        ),
        "ended_at": moment("When it was first seen gone or changed, if it was.", nullable=True),
        "url": text("The page that says it; empty for a gateway's.", nullable=True, pattern=LINK_PATTERN),
    },
)

CHANGES = table(
    "One row per typed event between two observations.",
    ["change_id"],
    {
        "change_id": text("The key, the same in every build.", pattern=HEX_PATTERN),
        "gateway_id": GATEWAY,
        "offering_id": text("Whom it concerns; empty for a reporting change.", nullable=True, pattern=ID_PATTERN),
        "changed_at": moment("The observation that first showed it."),
        "not_before_at": moment("The last observation that showed the old value.", nullable=True),
        "change_kind": choice(ChangeKind, "What kind of thing changed."),
        "topic": choice(Topic, "What exactly.", nullable=True),
        "old_value": verbatim("The value before."),
        "new_value": verbatim("The value since."),
        "cause": choice(Cause, "Why. Only `source_change` says that the source's statement itself changed."),
        "source_id": text("The source that showed it.", pattern=ID_PATTERN),
        "old_capture_id": CAPTURE,
        "new_capture_id": CAPTURE,
        "offering_count": count("How many offerings it concerns.", unit="offerings", least=1),
        "old_quote": verbatim("The words before, where a terms page changed."),
        "new_quote": verbatim("The words since, where a terms page changed."),
    },
)

CONFLICTS = table(
    "One row per pair of current claims that cannot both hold.",
    ["conflict_id"],
    {
        "conflict_id": text("The key.", pattern=HEX_PATTERN),
        "gateway_id": GATEWAY,
        "offering_id": OFFERING,
        "topic": choice(Topic, "What they disagree on."),
        "reason": choice(ConflictReason, "Why they differ."),
        "ruling_source_id": text("The source that the gateway's side of the policy follows.", pattern=ID_PATTERN),
        "ruling_value": verbatim("What it says, typed."),
        "ruling_quote": verbatim("What it says."),
        "ruling_observed_at": moment("When it was last seen to say so."),
        "other_source_id": text(
            "The source that disagrees: another of the gateway, or a provider's own page.", pattern=ID_PATTERN
        ),
        "other_value": verbatim("What it says, typed."),
        "other_quote": verbatim("What it says."),
        "other_observed_at": moment("When it was last seen to say so."),
        "other_url": text("The provider's page that says it.", nullable=True, pattern=LINK_PATTERN),
        "other_verification": choice(Verification, "Whether the provider's words still stand.", nullable=True),
    },
)
