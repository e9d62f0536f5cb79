"""Tables on where the facts come from: sources, looks at them, what was refused, and endpoints."""

from pipeline.model import Format, Outcome, Precision, Significance, SourceState, TermsType, Topic
from schemas.columns import (
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

_SOURCE = text("A declared source.", pattern=ID_PATTERN)
_CAPTURE = text("SHA-256 of the bytes.", nullable=True, pattern=HEX_PATTERN)

ZDR_ENDPOINTS = table(
    "One row per endpoint that the gateway lists as zero-retention; the only statement that it makes per endpoint.",
    ["gateway_id", "tag", "model_id"],
    {
        "gateway_id": text("The gateway.", pattern=ID_PATTERN),
        "tag": text("The endpoint's tag; its head is the provider's slug."),
        "model_id": text("The model."),
        "offering_id": text("Whose endpoint it is.", pattern=ID_PATTERN),
        "provider_name": text("The provider's name as the list has it."),
        "model_name": verbatim("The model's name."),
        "quantization": verbatim("The quantization."),
        "context_length": count("The context length.", unit="tokens", nullable=True),
        "source_id": _SOURCE,
        "capture_id": text("SHA-256 of the capture that lists it.", pattern=HEX_PATTERN),
        "locator": text("Where in the capture."),
        "observed_at": moment("When it was last seen in the list."),
    },
)

SOURCES = table(
    "One row per declared source: when it was last looked at, what is in force, and its state.",
    ["source_id"],
    {
        "source_id": _SOURCE,
        "gateway_id": text(
            "The gateway it speaks for; empty for a provider's page.", nullable=True, pattern=ID_PATTERN
        ),
        "provider_ids": texts("The providers whose terms it holds; empty for a gateway's source."),
        "title": text("What it is."),
        "terms_type": choice(TermsType, "What kind of document."),
        "format": choice(Format, "How it is read."),
        "url": text("Where it is.", pattern=LINK_PATTERN),
        "former_urls": texts("Where it was before."),
        "answer_url": text(
            "Where the capture in force came from, redirects followed; empty where it was not fetched.",
            nullable=True,
            pattern=LINK_PATTERN,
        ),
        "rank": count("1 outranks 2 where both speak of the same time.", unit="order", least=1),
        "is_enabled": flag("Whether it is fetched."),
        "is_required": flag("Whether a strict refresh fails where it is stale."),
        "stale_after_days": count("The age at which its last good capture is stale.", unit="calendar days", least=1),
        "state": choice(SourceState, "How it stands."),
        "detail": verbatim("Why it stands so."),
        "last_observed_at": moment("The last look, whatever came of it.", nullable=True),
        "last_good_at": moment("The last look that left a readable capture in force.", nullable=True),
        "staleness_days": count(
            "Age of `last_good_at` at the newest observation of any source.", unit="calendar days", nullable=True
        ),
        "capture_id": _CAPTURE,
        "capture_count": count("Different readable captures.", unit="captures"),
        "row_count": count("Rows in the capture in force.", unit="rows", nullable=True),
        "refused_count": count("Rows and values of it that wait in the quarantine.", unit="rows", nullable=True),
    },
)

OBSERVATIONS = table(
    "One row per look at a source, whatever came of it.",
    ["observation_id"],
    {
        "observation_id": text("The key.", pattern=HEX_PATTERN),
        "source_id": _SOURCE,
        "observed_at": moment(
            "When; an inexact date counts as the last day it can mean, a look whose clock was wrong as the next one."
        ),
        "observed_since": moment("The first instant that it can mean."),
        "precision": choice(Precision, "How exactly the time is known."),
        "outcome": choice(Outcome, "What came."),
        "origin": text("fetch, import or recorded."),
        "url": verbatim("The address that answered."),
        "status": count("The HTTP status.", unit="code", nullable=True),
        "detail": verbatim("Why it failed, or a note on the capture."),
        "capture_id": _CAPTURE,
        "size_bytes": count("The size of the bytes.", unit="bytes", nullable=True),
        "is_partial": flag("Whether it holds some of the source's rows only."),
        "is_readable": flag("Whether a reader made claims of it; empty where no capture came.", nullable=True),
        "row_count": count("Rows found in the capture.", unit="rows", nullable=True),
        "refused_count": count("Rows and values refused.", unit="rows", nullable=True),
        "excluded_count": count("Rows left out by a declared rule.", unit="rows", nullable=True),
        "signals": texts(
            "Remarks of the reader: unknown extra fields, types mapped by rule, new names.", nullable=True
        ),
        "statement_count": count(
            "Statements read in a terms page; empty for other sources.", unit="statements", nullable=True
        ),
        "significance": choice(
            Significance,
            "What a new capture of a terms page means against the one before; empty for the first, and where nothing "
            "new came. Only substantive ones make rows in `changes`.",
            nullable=True,
        ),
    },
)

QUARANTINE = table(
    "One row per row or value that was refused: visible, counted, kept.",
    ["quarantine_id"],
    {
        "quarantine_id": text("The key.", pattern=HEX_PATTERN),
        "gateway_id": text("The gateway.", pattern=ID_PATTERN),
        "source_id": _SOURCE,
        "capture_id": text("SHA-256 of the capture that holds it.", nullable=True, pattern=HEX_PATTERN),
        "observed_at": moment("When that capture was first seen."),
        "stage": text("Where it was refused: parse, normalize or validate."),
        "reason": text("Why."),
        "topic": choice(Topic, "What it spoke of, if one topic only.", nullable=True),
        "offering_id": text("Whom it concerns, as far as that is known.", nullable=True, pattern=ID_PATTERN),
        "raw": verbatim("The refused row or value, as JSON."),
        "locator": text("Where in the capture."),
        "is_current": flag("Whether it stands in the capture that is in force."),
    },
)
