"""Tables on what holds, and held, of each offering."""

from pipeline.model import Basis, Bound, Cause, ChangeKind, RetentionKind, Tier, Topic, Training
from schemas.columns import (
    COUNTRY_PATTERN,
    HEX_PATTERN,
    ID_PATTERN,
    LINK_PATTERN,
    choice,
    count,
    flag,
    moment,
    table,
    text,
    texts,
    verbatim,
)
from schemas.rules import BOUND_FITS_KIND, DAYS_FIT_KIND, INTERVAL_IS_FORWARD, LISTING_FITS_DATE, no_overlap

_GATEWAY = text("The gateway that lists the offering.", pattern=ID_PATTERN)
_OFFERING = text(
    "A provider, or a provider and tier that has terms of its own: `groq`, `groq:free`.", pattern=ID_PATTERN
)
_KIND = choice(RetentionKind, "How long prompts are kept, as the gateway states it.")
_DAYS = count(
    "Days of retention: 0 for none, the number for a period (the longest that the words allow), empty for all others, "
    "so that a comparison never admits an unknown policy.",
    unit="calendar days",
    nullable=True,
)
_BOUND = choice(Bound, "What the number is of the true period.", nullable=True)
_TRAINING = choice(Training, "Whether prompts are used for training, as the gateway states it.")
_BASIS_NOTE = "`rendered`: a table that prints the same words where its own data is missing."
_CAPTURE = text("SHA-256 of the capture that holds the words.", nullable=True, pattern=HEX_PATTERN)

PROVIDERS = table(
    "One row per offering: identity, names, links, places, listed or delisted.",
    ["gateway_id", "offering_id"],
    {
        "gateway_id": _GATEWAY,
        "offering_id": _OFFERING,
        "provider_id": text("The company.", pattern=ID_PATTERN),
        "provider_name": text("The name to print.", most=200),
        "tier": choice(Tier, "The part of the provider's service."),
        "names": texts("Every name that the provider goes by, in any name space."),
        "slugs": texts("Every slug that the gateway has for it."),
        "is_reviewed": flag(
            "Whether a reviewed provider file knows it; otherwise its id is made from its slug or name."
        ),
        "is_listed": flag("Whether the gateway's newest source of policies lists it."),
        "first_seen_at": moment("When any source first named it."),
        "last_seen_at": moment("When any source last named it."),
        "delisted_at": moment("When it was first found missing, if it still is.", nullable=True),
        "terms_url": text("Terms of service.", nullable=True, pattern=LINK_PATTERN),
        "privacy_url": text("Privacy policy.", nullable=True, pattern=LINK_PATTERN),
        "data_usage_url": text("Documentation on the use of data.", nullable=True, pattern=LINK_PATTERN),
        "status_url": text("Status page.", nullable=True, pattern=LINK_PATTERN),
        "headquarters": text(
            "Country of the headquarters, ISO 3166-1 alpha-2.", nullable=True, pattern=COUNTRY_PATTERN
        ),
        "headquarters_at": moment("When the headquarters were last stated.", nullable=True),
        "datacenters": texts(
            "Countries of the datacenters, ISO 3166-1 alpha-2; an empty list where the source states none.",
            nullable=True,
        ),
    },
    [LISTING_FITS_DATE],
)

POLICIES = table(
    "One row per offering: what holds now, or held last where it is delisted, as the gateway states it.",
    ["gateway_id", "offering_id"],
    {
        "gateway_id": _GATEWAY,
        "offering_id": _OFFERING,
        "is_listed": flag("Whether the gateway's newest source of policies lists it."),
        "delisted_at": moment("When it was first found missing, if it still is.", nullable=True),
        "retention_kind": _KIND,
        "retention_days": _DAYS,
        "retention_bound": _BOUND,
        "retention_text": verbatim("The words on retention."),
        "retention_basis": choice(Basis, f"How strongly the retention is carried. {_BASIS_NOTE}", nullable=True),
        "training": _TRAINING,
        "training_text": verbatim("The words on training."),
        "training_basis": choice(Basis, f"How strongly the training use is carried. {_BASIS_NOTE}", nullable=True),
        "can_publish": flag("Whether the provider may publish prompts; empty where no source says.", nullable=True),
        "requires_user_ids": flag(
            "Whether it is always sent a user identifier; empty where no source says.", nullable=True
        ),
        "source_id": text("The source whose words on retention hold.", nullable=True, pattern=ID_PATTERN),
        "observed_at": moment("When the words on retention were last seen."),
        "staleness_days": count("Age of `observed_at` at `as_of_at`.", unit="calendar days"),
        "as_of_at": moment("The newest observation of any source in this build."),
        "retention_claim_id": text("The claim behind the retention.", nullable=True, pattern=HEX_PATTERN),
        "training_claim_id": text("The claim behind the training use.", nullable=True, pattern=HEX_PATTERN),
    },
    [DAYS_FIT_KIND, BOUND_FITS_KIND, LISTING_FITS_DATE],
)

CLAIMS = table(
    "One row per statement that a source makes now, or that a policy still rests on.",
    ["claim_id"],
    {
        "claim_id": text("The key.", pattern=HEX_PATTERN),
        "gateway_id": _GATEWAY,
        "offering_id": _OFFERING,
        "topic": choice(Topic, "What the claim speaks of."),
        "source_id": text("Who says it; `provider-files` for reviewed facts.", pattern=ID_PATTERN),
        "value_text": text("The typed value in words.", nullable=True),
        "retention_kind": choice(RetentionKind, "For a claim on retention.", nullable=True),
        "retention_days": count("For a claim on retention, as in `policies`.", unit="calendar days", nullable=True),
        "training": choice(Training, "For a claim on training.", nullable=True),
        "basis": choice(Basis, f"How strongly the source carries it. {_BASIS_NOTE}"),
        "text": verbatim("The source's words."),
        "quote": verbatim("The words, or for JSON the fragment, in which it stands."),
        "locator": text("Where in the capture: a table row, a JSON pointer, a file's key."),
        "capture_id": _CAPTURE,
        "first_observed_at": moment("Since when the source says this without a break."),
        "observed_at": moment("When the source was last seen to say it."),
        "is_current": flag("Whether the source's newest whole capture says it."),
    },
)

POLICY_HISTORY = table(
    "One row per interval of an offering's policy while it is listed, half-open.",
    ["gateway_id", "offering_id", "valid_from"],
    {
        "gateway_id": _GATEWAY,
        "offering_id": _OFFERING,
        "valid_from": moment("The observation at which it was first seen; belongs to the interval."),
        "valid_to": moment(
            "Where the next one starts or the offering is delisted; does not belong to it.", nullable=True
        ),
        "retention_kind": _KIND,
        "retention_days": _DAYS,
        "retention_bound": _BOUND,
        "retention_text": verbatim("The words on retention."),
        "retention_basis": choice(Basis, f"How strongly the retention is carried. {_BASIS_NOTE}", nullable=True),
        "retention_source_id": text("The source of the retention.", nullable=True, pattern=ID_PATTERN),
        "retention_capture_id": _CAPTURE,
        "retention_locator": text("Where in that capture.", nullable=True),
        "training": _TRAINING,
        "training_text": verbatim("The words on training."),
        "training_basis": choice(Basis, f"How strongly the training use is carried. {_BASIS_NOTE}", nullable=True),
        "training_source_id": text("The source of the training use.", nullable=True, pattern=ID_PATTERN),
        "training_capture_id": _CAPTURE,
        "training_locator": text("Where in that capture.", nullable=True),
        "cause": choice(Cause, "Why the interval starts."),
    },
    [DAYS_FIT_KIND, BOUND_FITS_KIND, INTERVAL_IS_FORWARD, no_overlap(["gateway_id", "offering_id"])],
)

ATTRIBUTE_HISTORY = table(
    "One row per interval of any other attribute of an offering (a name, a link, a place, a flag), half-open.",
    ["gateway_id", "offering_id", "attribute", "valid_from"],
    {
        "gateway_id": _GATEWAY,
        "offering_id": _OFFERING,
        "attribute": choice(Topic, "What the value is of."),
        "valid_from": moment("The observation at which it was first seen; belongs to the interval."),
        "valid_to": moment("Where the next one starts; does not belong to it.", nullable=True),
        "value": verbatim("The value as text; lists are joined by a comma."),
        "source_id": text("Who says it.", pattern=ID_PATTERN),
        "capture_id": _CAPTURE,
        "locator": text("Where in that capture."),
    },
    [INTERVAL_IS_FORWARD, no_overlap(["gateway_id", "offering_id", "attribute"])],
)

CHANGES = table(
    "One row per typed event between two observations.",
    ["change_id"],
    {
        "change_id": text("The key, the same in every build.", pattern=HEX_PATTERN),
        "gateway_id": _GATEWAY,
        "offering_id": text("Whom it concerns; empty for a reporting change.", nullable=True, pattern=ID_PATTERN),
        "changed_at": moment("The observation that first showed it."),
        "not_before_at": moment("The last observation that showed the old value.", nullable=True),
        "change_kind": choice(ChangeKind, "What kind of thing changed."),
        "topic": choice(Topic, "What exactly.", nullable=True),
        "old_value": verbatim("The value before."),
        "new_value": verbatim("The value since."),
        "cause": choice(Cause, "Why. Only `source_change` says that the source's statement itself changed."),
        "source_id": text("The source that showed it.", pattern=ID_PATTERN),
        "old_capture_id": _CAPTURE,
        "new_capture_id": _CAPTURE,
        "offering_count": count("How many offerings it concerns.", unit="offerings", least=1),
    },
)

CONFLICTS = table(
    "One row per pair of current claims that cannot both hold.",
    ["conflict_id"],
    {
        "conflict_id": text("The key.", pattern=HEX_PATTERN),
        "gateway_id": _GATEWAY,
        "offering_id": _OFFERING,
        "topic": choice(Topic, "What they disagree on."),
        "ruling_source_id": text("The source that the policy follows.", pattern=ID_PATTERN),
        "ruling_value": verbatim("What it says, typed."),
        "ruling_quote": verbatim("What it says."),
        "ruling_observed_at": moment("When it was last seen to say so."),
        "other_source_id": text("The source that disagrees.", pattern=ID_PATTERN),
        "other_value": verbatim("What it says, typed."),
        "other_quote": verbatim("What it says."),
        "other_observed_at": moment("When it was last seen to say so."),
    },
)
