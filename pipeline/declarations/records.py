"""The records that declarations are checked against. Pure."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Self
from urllib.parse import SplitResult, parse_qsl, urldefrag, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from pipeline.model import Format, TermsType, Topic

# Names of parameters whose value is a secret. A declared address is published with its query, so it must hold none.
_SECRET_NAMES = re.compile(
    r"(?:.*[_.-])?(?:key|api-?key|token|secret|password|passwd|pwd|auth|authorization|credentials?|sig|signature)",
    re.IGNORECASE,
)


def _http_url(url: str) -> str:
    if not url.startswith(("https://", "http://")) or any(not mark.isprintable() or mark in " \\" for mark in url):
        raise ValueError("expected an http or https address without white space or backslash")
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ValueError("expected an address without a user name or password")
    if not parts.hostname or not _has_port(parts):
        raise ValueError("expected an address with a host, and a port only as a number from 1 to 65535")
    for name, _ in (*parse_qsl(parts.query), *parse_qsl(parts.fragment)):
        if _SECRET_NAMES.fullmatch(name):
            raise ValueError(f"parameter '{name}' looks like a secret, and declared addresses are published")
    return url


def _has_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:  # its message would show what stands there, which may be a password that lost its host
        return False


HttpUrl = Annotated[str, AfterValidator(_http_url)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
SourceId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]  # a page's holds its provider's id
RESERVED_SOURCE_ID = "provider-files"  # whom claims name that come from reviewed provider files
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
MediaType = Annotated[str, Field(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$")]
HostName = Annotated[str, Field(pattern=r"^[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9_])?$")]
Selector = Annotated[str, Field(min_length=1, max_length=500)]  # CSS
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/markdown", "text/plain", "application/pdf")


def _unreserved(source_id: str) -> str:
    if source_id == RESERVED_SOURCE_ID:
        raise ValueError("this id is kept for what provider files say")
    return source_id


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Envelope(_Record):
    """The smallest and largest yield of a healthy source; `min_fill` is the least share of rows stating a topic."""

    min_rows: int = Field(ge=1)
    max_rows: int = Field(ge=1)
    min_fill: Mapping[Annotated[Topic, Field(strict=False)], Annotated[float, Field(ge=0, le=1)]] = {}

    @model_validator(mode="after")
    def _is_open(self) -> Self:
        if self.max_rows < self.min_rows:
            raise ValueError(f"max_rows {self.max_rows} is smaller than min_rows {self.min_rows}")
        return self


class Exclusion(_Record):
    """Rows to leave out, named by slug or by any name, and why."""

    names: tuple[Name, ...] = Field(min_length=1, strict=False)
    reason: str = Field(min_length=1)


class Asked(_Record):
    """How one address is asked, and what is believed of it; the same for a gateway's source and a provider's page."""

    former_urls: tuple[HttpUrl, ...] = Field(default=(), strict=False)
    is_enabled: bool = True
    is_required: bool = False
    max_bytes: int = Field(default=10_000_000, ge=1, le=1_000_000_000)
    ports: tuple[Annotated[int, Field(ge=1, le=65_535)], ...] = Field(default=(), strict=False)
    redirect_hosts: tuple[HostName, ...] = Field(default=(), strict=False)
    language: str = Field(default="en", pattern=r"^[a-z]{2}$")
    min_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    anchors: tuple[str, ...] = Field(default=(), strict=False)
    select: tuple[Selector, ...] = Field(default=(), strict=False)
    remove: tuple[Selector, ...] = Field(default=(), strict=False)


class Source(Asked):
    """One page or feed: of a gateway, or of the providers whose terms it holds.

    `rank` 1 outranks 2 where two of a gateway speak of the same time. `terms_id` is shared by the pages that make up
    one document. A page is not asked after `valid_until`; what it said is kept.
    """

    id: Annotated[SourceId, AfterValidator(_unreserved)]
    gateway_id: Id | None = None
    provider_ids: tuple[SourceId, ...] = ()
    terms_id: SourceId | None = None
    title: str = Field(min_length=1)
    terms_type: TermsType = Field(strict=False)
    format: Format = Field(strict=False)
    url: HttpUrl
    content_types: tuple[MediaType, ...] = Field(min_length=1, strict=False)
    rank: int = Field(ge=1, le=9)
    stale_after_days: int = Field(ge=1, le=3650)
    check_every_hours: int = Field(default=0, ge=0, le=24 * 365)
    valid_until: date | None = None
    envelope: Envelope | None = None
    exclude: tuple[Exclusion, ...] = Field(default=(), strict=False)

    @property
    def page_url(self) -> str:
        """The address that is asked: without the fragment, which names a section of the page."""
        return urldefrag(self.url).url

    @property
    def fragment(self) -> str | None:
        """The section of the page that is read, None for all of it."""
        return urldefrag(self.url).fragment or None

    @property
    def page_urls(self) -> frozenset[str]:
        """The addresses that are or were asked for it."""
        return frozenset(urldefrag(url).url for url in (self.url, *self.former_urls))

    def is_valid_on(self, day: date) -> bool:
        """Whether it is to be asked on a day."""
        return self.is_enabled and (self.valid_until is None or day <= self.valid_until)


def _of_rows(format_: Format) -> Format:
    if format_ is Format.DOCUMENT:
        raise ValueError("a terms page is declared as a page of its provider, in providers/*.toml")
    return format_


class GatewaySource(Source):
    """A page or feed of a gateway, as a file in `sources/` declares it."""

    gateway_id: Id
    format: Annotated[Format, Field(strict=False), AfterValidator(_of_rows)]
    envelope: Envelope


class Headquarters(_Record):
    """The country of a provider's headquarters (ISO 3166-1 alpha-2), and when and where it was seen."""

    country: CountryCode
    seen_on: date
    seen_in: str


class Page(Asked):
    """One page of a provider's own terms, and when and where its address was seen.

    `parts` are further addresses whose text belongs to the same document.
    """

    terms_type: TermsType = Field(strict=False)
    url: HttpUrl
    parts: tuple[HttpUrl, ...] = Field(default=(), strict=False)
    seen_on: date
    seen_in: str
    content_types: tuple[MediaType, ...] = Field(default=PAGE_TYPES, min_length=1, strict=False)
    stale_after_days: int = Field(default=30, ge=1, le=3650)
    check_every_hours: int = Field(default=20, ge=0, le=24 * 365)  # a daily run asks each page once, an hourly one too
    valid_until: date | None = None


class Names(_Record):
    """What a provider is called in each name space, table labels without a tier in brackets."""

    table: tuple[Name, ...] = Field(default=(), strict=False)
    api: tuple[Name, ...] = Field(default=(), strict=False)


class Provider(_Record):
    """One provider: its id, every name it goes by, its slug at each gateway, its links."""

    id: Id
    name: Name
    names: Names = Names()
    slugs: Mapping[Id, Annotated[tuple[Slug, ...], Field(strict=False)]] = {}
    headquarters: Headquarters | None = None
    status_url: HttpUrl | None = None
    status_seen_on: date | None = None
    note: str | None = None
    pages: tuple[Page, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _is_dated(self) -> Self:
        if (self.status_url is None) != (self.status_seen_on is None):
            raise ValueError("status_url and status_seen_on go together: a fact without a date is not used")
        return self
