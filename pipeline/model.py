"""The vocabulary of the catalog: enums and frozen records. Imports nothing of this project."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self, TypeAlias


class RetentionKind(StrEnum):
    """How long prompts are kept; the W3C Data Privacy Vocabulary term is named where there is one."""

    NONE = "none"
    PERIOD = "period"  # dpv:TemporalDuration
    UNTIL_EVENT = "until_event"  # dpv:UntilEventDuration
    INDEFINITE = "indefinite"  # dpv:EndlessDuration
    UNSTATED = "unstated"  # stored, the period is not given; dpv:IndeterminateDuration
    UNKNOWN = "unknown"  # the source does not say whether anything is stored


class Bound(StrEnum):
    """What a number of days is of the true period."""

    EXACT = "exact"
    UP_TO = "up_to"
    RANGE = "range"  # the upper end is kept; the words keep both


class Training(StrEnum):
    """Whether prompts are used to train models."""

    NO = "no"
    OPT_IN = "opt_in"
    OPT_OUT = "opt_out"
    MAY = "may"
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """How strongly a source carries a claim."""

    STATED = "stated"  # the source says it
    RENDERED = "rendered"  # printed by a table that prints the same words where its own data is missing
    ABSENT = "absent"  # the source has a place for it and leaves it out
    NULL = "null"  # the source holds an explicit null
    UNREADABLE = "unreadable"  # the source says something that no rule reads; the words are in the quarantine


class Tier(StrEnum):
    """The part of a provider's service that has terms of its own."""

    DEFAULT = "default"
    FREE = "free"


class TermsType(StrEnum):
    """What kind of document a source is; a closed list."""

    PRIVACY_POLICY = "privacy_policy"
    TERMS_OF_SERVICE = "terms_of_service"
    COMMERCIAL_TERMS = "commercial_terms"
    DEVELOPER_TERMS = "developer_terms"
    DATA_PROCESSING_ADDENDUM = "data_processing_addendum"
    DATA_USAGE_DOCS = "data_usage_docs"
    GATEWAY_TABLE = "gateway_table"
    GATEWAY_FEED = "gateway_feed"
    GATEWAY_API = "gateway_api"


class Topic(StrEnum):
    """What a claim speaks of. Retention and training make a policy; the others describe the offering."""

    RETENTION = "retention"
    TRAINING = "training"
    CAN_PUBLISH = "can_publish"
    REQUIRES_USER_IDS = "requires_user_ids"
    DISPLAY_NAME = "display_name"
    API_NAME = "api_name"
    TERMS_URL = "terms_url"
    PRIVACY_URL = "privacy_url"
    DATA_USAGE_URL = "data_usage_url"
    STATUS_URL = "status_url"
    HEADQUARTERS = "headquarters"
    DATACENTERS = "datacenters"


LINK_TOPICS = (Topic.TERMS_URL, Topic.PRIVACY_URL, Topic.DATA_USAGE_URL, Topic.STATUS_URL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """A typed retention statement. `days` counts calendar days and is the longest that the words allow."""

    kind: RetentionKind
    days: int | None = None
    bound: Bound | None = None
    amount: int | None = None  # the number as written: 24 in "24 hours"
    unit: str | None = None  # the unit as written, singular: "hour", "business day"

    def __post_init__(self) -> None:
        """Raise ValueError for a state that means nothing, such as days beside `none`."""
        detail = (self.days, self.bound, self.amount, self.unit)
        if self.kind is RetentionKind.PERIOD:
            if self.days is None or self.days < 1 or None in detail:
                msg = f"a period needs days of at least 1, a bound, an amount and a unit, not {detail}"
                raise ValueError(msg)
        elif detail != (None, None, None, None):
            msg = f"retention '{self.kind}' carries no length, not {detail}"
            raise ValueError(msg)

    @property
    def stored_days(self) -> int | None:
        """The column `retention_days`: 0 for none, N for a period, None for all others."""
        return 0 if self.kind is RetentionKind.NONE else self.days

    @classmethod
    def of_days(cls, days: int) -> Self:
        """Return an exact period of calendar days."""
        return cls(kind=RetentionKind.PERIOD, days=days, bound=Bound.EXACT, amount=days, unit="day")


Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
ClaimValue: TypeAlias = "Retention | Training | bool | str | tuple[str, ...] | None"


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


class Precision(StrEnum):
    """How exactly the time of an observation is known."""

    INSTANT = "instant"
    DAY = "day"
    MONTH = "month"
    SEASON = "season"  # three months
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Moment:
    """A time known to some precision, UTC.

    An inexact date counts as the last day it can mean (`at`), so that nothing is asserted before it was certainly
    seen; `since` is the first instant it can mean.
    """

    at: datetime
    since: datetime
    precision: Precision = field(compare=False)

    @classmethod
    def instant(cls, at: datetime) -> Self:
        """Return an exactly known moment."""
        return cls(at=at.astimezone(UTC), since=at.astimezone(UTC), precision=Precision.INSTANT)

    @property
    def until(self) -> datetime:
        """The end of the last day it can mean."""
        return self.at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


class Outcome(StrEnum):
    """What came of one look at a source."""

    OK = "ok"  # bytes came
    NOT_MODIFIED = "not_modified"  # the server says that nothing changed
    HTTP_ERROR = "http_error"
    TIMEOUT = "timeout"
    CONNECTION_FAILED = "connection_failed"
    TOO_LARGE = "too_large"
    EMPTY = "empty"
    WRONG_CONTENT_TYPE = "wrong_content_type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One look at a source at one time, whatever came of it."""

    source_id: str
    moment: Moment
    outcome: Outcome
    origin: str  # "fetch", "import" or "recorded"
    url: str | None = None
    capture_id: str | None = None  # the SHA-256 of the bytes, in hex
    status: int | None = None
    detail: str | None = None  # why it failed, or a note on where the capture came from
    etag: str | None = None
    last_modified: str | None = None
    content_type: str | None = None
    size_bytes: int | None = None
    duration_ms: int | None = None
    is_partial: bool = False  # holds some of the source's rows only; absence from it means nothing

    @property
    def is_good(self) -> bool:
        """Whether the look left a capture in force, new or confirmed."""
        return self.capture_id is not None and self.outcome in {Outcome.OK, Outcome.NOT_MODIFIED}


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
    refusals: tuple[Refusal, ...] = ()
    excluded: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()


def mint_id(*parts: str | None) -> str:
    """Return a stable key of 16 hex digits for the given parts; the same parts give the same key everywhere."""
    joined = "\x1f".join("\x00" if part is None else part for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def as_text(value: ClaimValue) -> str | None:
    """Return a claim's value as the one line that changes and histories show, or None for no value."""
    match value:
        case None:
            return None
        case Retention(kind=RetentionKind.PERIOD, days=days, bound=bound):
            prefix = "" if bound is Bound.EXACT else "up to "
            return f"{prefix}{days} day{'' if days == 1 else 's'}"
        case Retention(kind=kind):
            return kind.value
        case bool():
            return "true" if value else "false"
        case tuple():
            return ", ".join(value)
        case _:
            return str(value)
