"""What manifest.json of an evidence file holds; it is written by these records and read by them. Pure."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from pipeline.model import Format

MANIFEST, SUMMARY, README, SUMS = "manifest.json", "SUMMARY.txt", "README.txt", "SHA256SUMS"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
# What an evidence file says is used to read its captures again, so it is bounded as a declaration is.
Selector = Annotated[str, Field(min_length=1, max_length=500)]


def names_of(offering: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names, then the slugs, that an offering goes by: by them its rows are told."""
    parts = (offering.get("names"), offering.get("slugs"))
    return tuple(str(name) for part in parts if isinstance(part, list) for name in part)


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Claim(_Record):
    """One statement of one source on one offering.

    `capture_id` is None where it rests on a reviewed file of this project. `is_deciding` tells whether the policy of
    the offering rests on it, `is_current` whether its source still says it, `url` where that is read.
    """

    claim_id: str
    gateway_id: str
    offering_id: str
    topic: str
    value_text: str | None
    quote: str | None
    locator: str
    source_id: str
    url: str | None
    capture_id: Sha256 | None
    first_observed_at: AwareDatetime
    observed_at: AwareDatetime
    ended_at: AwareDatetime | None
    is_current: bool
    is_deciding: bool
    basis: str
    verification: str | None
    grade: str | None
    data: str | None
    condition: str | None
    service: str | None
    rule_id: str | None


class Capture(_Record):
    """The bytes that a source showed, and the look that brought them.

    `path` is the file beside the manifest, None where `missing` says why there is none. `content_type` is the header
    that they came with, where one is known.
    """

    sha256: Sha256
    path: str | None
    size_bytes: int | None
    source_id: str
    observed_at: AwareDatetime | None
    origin: str | None
    url: str | None
    content_type: str | None
    missing: str | None


class CitedSource(_Record):
    """A source, and how its captures are read: as which format, and for a page which part of it."""

    source_id: str
    title: str
    terms_type: str
    url: str
    format: Format
    select: Annotated[tuple[Selector, ...], Field(max_length=50)] = ()
    remove: Annotated[tuple[Selector, ...], Field(max_length=50)] = ()
    fragment: str | None = None


class Evidence(_Record):
    """The manifest: whom it is on, what holds by which catalog, and what that rests on."""

    format: Literal["provider-terms evidence"] = "provider-terms evidence"
    format_version: Literal[1] = 1
    tool: str
    as_of: AwareDatetime
    build_key: str | None
    asked: str
    provider_id: str
    provider_name: str
    offerings: tuple[dict[str, JsonValue], ...]
    claims: Annotated[tuple[Claim, ...], Field(max_length=50_000)]
    captures: Annotated[tuple[Capture, ...], Field(max_length=5000)]
    sources: Annotated[tuple[CitedSource, ...], Field(max_length=5000)]
