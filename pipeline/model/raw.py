"""What a parser finds in one capture, untyped."""

from dataclasses import dataclass

from pipeline.model.values import Json
from pipeline.model.words import Tier, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class RawClaim:
    """One statement as its source has it, untyped.

    `raw` is the cell's text or the JSON value; `is_present` is False where the source has a place for the statement
    and leaves it out. `quote` holds the exact words (for JSON: the fragment at the locator, reserialized).
    """

    topic: Topic
    raw: Json
    quote: str
    locator: str
    is_present: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRow:
    """One provider, or one tier of it, in one capture, with all that the capture says of it.

    `slug`, `name` and `label` are the names in the three name spaces (slug, API name, table label) as far as given.
    `tier` is None where the format does not separate tiers and the name may still carry one, as in "X (free)".
    """

    slug: str | None = None
    name: str | None = None
    label: str | None = None
    tier: Tier | None = None
    locator: str
    raw: Json
    claims: tuple[RawClaim, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEndpoint:
    """One endpoint that a gateway lists as zero-retention."""

    provider_name: str
    tag: str
    model_id: str
    model_name: str | None
    quantization: str | None
    context_length: int | None
    locator: str
    raw: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Something that could not be used, with the reason and the thing itself. It waits in the quarantine.

    `stage` is where it was refused: parse, normalize or validate. `slug`, `name` and `label` are what is known of
    whom it speaks, so that its offering is held to be listed with an unknown policy, never taken for delisted.
    """

    stage: str
    reason: str
    raw: Json
    locator: str
    topic: Topic | None = None
    slug: str | None = None
    name: str | None = None
    label: str | None = None
    offering_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """All that one capture yielded: `row_count == len(rows) + len(refusals) + len(endpoints)`.

    `signals` are remarks for the log (an unknown extra field, a type mapped by rule), one line each, none an error.
    """

    row_count: int
    rows: tuple[RawRow, ...] = ()
    endpoints: tuple[RawEndpoint, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    signals: tuple[str, ...] = ()
