"""Tables on what holds, and held, of each offering."""

from pipeline.model import Agreement, Basis, Bound, Cause, RetentionKind, Tier, Topic, Training, ZdrAvailability
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
from schemas.common import BASIS_NOTE, BOUND, CAPTURE, DAYS, GATEWAY, KIND, OFFERING, TRAINING
from schemas.rules import (
    BOUND_FITS_KIND,
    DAYS_FIT_KIND,
    INTERVAL_IS_FORWARD,
    LISTING_FITS_DATE,
    bound_fits,
    days_fit,
    no_overlap,
)

PROVIDERS = table(
    "One row per offering: identity, names, links, places, listed or delisted.",
    ["gateway_id", "offering_id"],
    {
        "gateway_id": GATEWAY,
        "offering_id": OFFERING,
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
    "One row per offering: what holds now, or held last where it is delisted, as the gateway states it, as the "
    "provider's own terms state it, and the strictest reading of both.",
    ["gateway_id", "offering_id"],
    {
        "gateway_id": GATEWAY,
        "offering_id": OFFERING,
        "is_listed": flag("Whether the gateway's newest source of policies lists it."),
        "delisted_at": moment("When it was first found missing, if it still is.", nullable=True),
        "retention_kind": KIND,
        "retention_days": DAYS,
        "retention_bound": BOUND,
        "retention_text": verbatim("The words on retention."),
        "retention_basis": choice(Basis, f"How strongly the retention is carried. {BASIS_NOTE}", nullable=True),
        "training": TRAINING,
        "training_text": verbatim("The words on training."),
        "training_basis": choice(Basis, f"How strongly the training use is carried. {BASIS_NOTE}", nullable=True),
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
        "provider_retention_kind": choice(
            RetentionKind, "How long prompts are kept by the provider's own terms, for the service that a gateway uses."
        ),
        "provider_retention_days": count("Days of that, as in `retention_days`.", unit="calendar days", nullable=True),
        "provider_retention_bound": choice(
            Bound, "What that number is of the true period, as in `retention_bound`.", nullable=True
        ),
        "provider_training": choice(Training, "Whether prompts are used for training by the provider's own terms."),
        "strictest_retention_kind": choice(
            RetentionKind, "The less protective of both statements on retention; the only one where one is unknown."
        ),
        "strictest_retention_days": count("Days of that, as in `retention_days`.", unit="calendar days", nullable=True),
        "strictest_retention_bound": choice(
            Bound, "What that number is of the true period, as in `retention_bound`.", nullable=True
        ),
        "strictest_training": choice(
            Training, "The less protective of both statements on training; the only one where one is unknown."
        ),
        "agreement": choice(
            Agreement,
            "How the gateway's statements and the provider's own stand to each other, over both topics. A conflict has "
            "its rows in `conflicts`; as of an earlier day the defaults are weighed, and no carve-outs.",
        ),
        "retention_agreement": choice(Agreement, "The same on retention alone."),
        "training_agreement": choice(Agreement, "The same on training alone."),
        "zdr_available": choice(ZdrAvailability, "How zero retention is had, by the provider's own terms."),
        "evidence_count": count(
            "How many statements of either side the row was made of; one that leaves all open is none. As of an "
            "earlier day, as `last_verified_at`, told where the provider's own terms said nothing, else empty.",
            unit="statements",
        ),
        "last_verified_at": moment(
            "When the words behind the row were last seen; of several, the longest ago.", nullable=True
        ),
        "provider_retention_claim_id": text(
            "The provider's claim behind its retention.", nullable=True, pattern=HEX_PATTERN
        ),
        "provider_training_claim_id": text(
            "The provider's claim behind its training use.", nullable=True, pattern=HEX_PATTERN
        ),
        "zdr_claim_id": text("The provider's claim behind `zdr_available`.", nullable=True, pattern=HEX_PATTERN),
    },
    [
        *(rule(side) for rule in (days_fit, bound_fits) for side in ("", "provider_", "strictest_")),
        LISTING_FITS_DATE,
    ],
)

POLICY_HISTORY = table(
    "One row per interval of an offering's policy while it is listed, half-open.",
    ["gateway_id", "offering_id", "valid_from"],
    {
        "gateway_id": GATEWAY,
        "offering_id": OFFERING,
        "valid_from": moment("The observation at which it was first seen; belongs to the interval."),
        "valid_to": moment(
            "Where the next one starts or the offering is delisted; does not belong to it.", nullable=True
        ),
        "retention_kind": KIND,
        "retention_days": DAYS,
        "retention_bound": BOUND,
        "retention_text": verbatim("The words on retention."),
        "retention_basis": choice(Basis, f"How strongly the retention is carried. {BASIS_NOTE}", nullable=True),
        "retention_source_id": text("The source of the retention.", nullable=True, pattern=ID_PATTERN),
        "retention_capture_id": CAPTURE,
        "retention_locator": text("Where in that capture.", nullable=True),
        "training": TRAINING,
        "training_text": verbatim("The words on training."),
        "training_basis": choice(Basis, f"How strongly the training use is carried. {BASIS_NOTE}", nullable=True),
        "training_source_id": text("The source of the training use.", nullable=True, pattern=ID_PATTERN),
        "training_capture_id": CAPTURE,
        "training_locator": text("Where in that capture.", nullable=True),
        "cause": choice(Cause, "Why the interval starts."),
    },
    [DAYS_FIT_KIND, BOUND_FITS_KIND, INTERVAL_IS_FORWARD, no_overlap(["gateway_id", "offering_id"])],
)

ATTRIBUTE_HISTORY = table(
    "One row per interval of any other attribute of an offering (a name, a link, a place, a flag), half-open.",
    ["gateway_id", "offering_id", "attribute", "valid_from"],
    {
        "gateway_id": GATEWAY,
        "offering_id": OFFERING,
        "attribute": choice(Topic, "What the value is of."),
        "valid_from": moment("The observation at which it was first seen; belongs to the interval."),
        "valid_to": moment("Where the next one starts; does not belong to it.", nullable=True),
        "value": verbatim("The value as text; lists are joined by a comma."),
        "source_id": text("Who says it.", pattern=ID_PATTERN),
        "capture_id": CAPTURE,
        "locator": text("Where in that capture."),
    },
    [INTERVAL_IS_FORWARD, no_overlap(["gateway_id", "offering_id", "attribute"])],
)


PROVIDER_POLICY_HISTORY = table(
    "One row per interval of what a provider's own terms say of an offering, half-open, from their first capture on.",
    ["gateway_id", "offering_id", "valid_from"],
    {
        "gateway_id": GATEWAY,
        "offering_id": OFFERING,
        "valid_from": moment("The capture at which it was first seen; belongs to the interval."),
        "valid_to": moment("Where the next one starts; does not belong to it.", nullable=True),
        "provider_retention_kind": choice(RetentionKind, "How long prompts are kept by the provider's own terms."),
        "provider_retention_days": count("Days of that, as in `retention_days`.", unit="calendar days", nullable=True),
        "provider_retention_bound": choice(
            Bound, "What that number is of the true period, as in `retention_bound`.", nullable=True
        ),
        "provider_training": choice(Training, "Whether prompts are used for training by the provider's own terms."),
        "zdr_available": choice(ZdrAvailability, "How zero retention is had, by the provider's own terms."),
        "retention_quote": verbatim("The provider's words on retention."),
        "training_quote": verbatim("The provider's words on training."),
    },
    [days_fit("provider_"), bound_fits("provider_"), INTERVAL_IS_FORWARD, no_overlap(["gateway_id", "offering_id"])],
)
