"""What held of each offering and topic, from when, and on what evidence: the records that timelines are made of."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.model import Cause, Claim, ClaimValue, Moment, Tier, Topic


@dataclass(slots=True, kw_only=True, eq=False)
class CaptureRun:
    """The looks in a row at which one source showed one capture."""

    source_id: str
    rank: int
    capture_id: str | None
    first: Moment
    last: Moment
    is_displaced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A claim and the run of looks that showed it."""

    claim: Claim
    run: CaptureRun


@dataclass(slots=True, kw_only=True)
class Span:
    """One value of one topic of one offering, from `valid_from` until the next span."""

    valid_from: datetime
    not_before: datetime | None  # when the value before was last seen
    first: Evidence
    last: Evidence
    cause: Cause

    @property
    def value(self) -> ClaimValue:
        """The value that holds."""
        return self.first.claim.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Whether an offering is listed, from `valid_from` until the next presence."""

    valid_from: datetime
    not_before: datetime | None
    is_listed: bool
    run: CaptureRun
    cause: Cause


@dataclass(slots=True, kw_only=True)
class Offering:
    """One offering as all captures together name it."""

    offering_id: str
    provider_id: str
    tier: Tier
    is_new: bool
    first_seen: Moment
    last_seen: Moment
    names: dict[str, None] = field(default_factory=dict)
    slugs: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Timelines:
    """All that the captures of one gateway say over time.

    `claims` holds, for each source, offering and topic, the first and the newest evidence of what that source says
    now; `latest` the newest whole capture of each source; `common` how many of a look's rows were known before it.
    """

    offerings: dict[str, Offering] = field(default_factory=dict)
    presences: defaultdict[str, list[Presence]] = field(default_factory=lambda: defaultdict(list))
    spans: defaultdict[tuple[str, Topic], list[Span]] = field(default_factory=lambda: defaultdict(list))
    claims: dict[tuple[str, str, Topic], list[Evidence]] = field(default_factory=dict)
    latest: dict[str, CaptureRun] = field(default_factory=dict)
    common: Counter[tuple[str, datetime]] = field(default_factory=Counter)
