"""What a reader makes of one capture, typed, with the evidence."""

from dataclasses import dataclass

from pipeline.model.prose import Statement
from pipeline.model.raw import Refusal
from pipeline.model.values import ClaimValue
from pipeline.model.words import Basis, Tier, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One typed statement by one source about one offering and topic, with its evidence.

    `printed` is what the gateway's table prints for this statement; a table that prints the same adds nothing to it.
    """

    offering_id: str
    topic: Topic
    value: ClaimValue
    basis: Basis
    text: str | None  # verbatim; None where the source leaves it out
    quote: str
    locator: str
    printed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One offering as one capture names it."""

    offering_id: str
    provider_id: str
    tier: Tier
    slug: str | None
    names: tuple[str, ...]
    is_new: bool  # no provider file knows it


@dataclass(frozen=True, slots=True, kw_only=True)
class ZdrEndpoint:
    """One zero-retention endpoint, joined to its offering."""

    offering_id: str
    provider_name: str
    tag: str
    model_id: str
    model_name: str | None
    quantization: str | None
    context_length: int | None
    locator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the reader made of one capture: typed claims, and all that it could not use."""

    row_count: int
    listings: tuple[Listing, ...] = ()
    claims: tuple[Claim, ...] = ()
    endpoints: tuple[ZdrEndpoint, ...] = ()
    statements: tuple[Statement, ...] = ()  # of a terms page
    text_key: str | None = None  # of a terms page: a hash over its words, blind to links, white space and punctuation
    sketch: tuple[int, ...] = ()  # of a terms page: a short print that pages with mostly the same blocks share
    refusals: tuple[Refusal, ...] = ()
    excluded: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
