"""Looks at sources: when, and what came."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

from pipeline.model.words import Outcome, Precision


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
    asked_with: tuple[str, ...] = ()  # the request headers by which a server may choose what it sends, "Accept: …"
    vary: str | None = None  # by which of them this one says that it chose
    size_bytes: int | None = None
    duration_ms: int | None = None
    redirects: tuple[str, ...] = ()  # every address that was asked before the one that answered
    fresh_seconds: int | None = None  # how long the server says that its answer may be used without asking again
    is_partial: bool = False  # holds some of the source's rows only; absence from it means nothing

    @property
    def is_good(self) -> bool:
        """Whether the look left a capture in force, new or confirmed."""
        return self.capture_id is not None and self.outcome in {Outcome.OK, Outcome.NOT_MODIFIED}
