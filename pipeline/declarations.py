"""Declarations: `sources/*.toml` and `providers/*.toml` to checked records, with dotted paths in every complaint."""

import hashlib
import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Self, TypeVar
from urllib.parse import SplitResult, parse_qsl, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.errors import DeclarationError
from pipeline.model import Format, TermsType, Topic

_PACKAGED = Path(__file__).parent / "_shipped"


def shipped_dir() -> Path:
    """Return the folder of the declarations and recorded captures that ship with the project."""
    return _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parent.parent / "data"


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
RESERVED_SOURCE_ID = "provider-files"  # whom claims name that come from reviewed provider files
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
MediaType = Annotated[str, Field(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$")]
HostName = Annotated[str, Field(pattern=r"^[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9_])?$")]
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


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


class Source(_Record):
    """One page or feed of a gateway. `rank` 1 outranks 2 where both speak of the same time."""

    id: Annotated[Id, AfterValidator(_unreserved)]
    gateway_id: Id
    title: str = Field(min_length=1)
    terms_type: TermsType = Field(strict=False)
    format: Format = Field(strict=False)
    url: HttpUrl
    former_urls: tuple[HttpUrl, ...] = Field(default=(), strict=False)
    content_types: tuple[MediaType, ...] = Field(min_length=1, strict=False)
    rank: int = Field(ge=1, le=9)
    is_enabled: bool = True
    is_required: bool = False
    stale_after_days: int = Field(ge=1, le=3650)
    max_bytes: int = Field(default=10_000_000, ge=1, le=1_000_000_000)
    ports: tuple[Annotated[int, Field(ge=1, le=65_535)], ...] = Field(default=(), strict=False)
    redirect_hosts: tuple[HostName, ...] = Field(default=(), strict=False)
    check_every_hours: int = Field(default=0, ge=0, le=24 * 365)
    language: str = Field(default="en", pattern=r"^[a-z]{2}$")
    min_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    anchors: tuple[str, ...] = Field(default=(), strict=False)
    envelope: Envelope
    exclude: tuple[Exclusion, ...] = Field(default=(), strict=False)


class Headquarters(_Record):
    """The country of a provider's headquarters (ISO 3166-1 alpha-2), and when and where it was seen."""

    country: CountryCode
    seen_on: date
    seen_in: str


class Page(_Record):
    """One page of a provider's own terms, and when and where its address was seen."""

    terms_type: TermsType = Field(strict=False)
    url: HttpUrl
    seen_on: date
    seen_in: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """All declarations that can be used, and a line for each that cannot.

    `fingerprint` is a hash over the files' bytes: other declarations, other fingerprint.
    """

    sources: tuple[Source, ...]
    providers: tuple[Provider, ...]
    problems: tuple[str, ...]
    fingerprint: str
    broken_sources: frozenset[str] = frozenset()  # declared, and not usable
    broken_providers: frozenset[str] = frozenset()  # whose names are not known for that

    def source(self, source_id: str) -> Source:
        """Return the source of that id; raise DeclarationError naming those there are."""
        for source in self.sources:
            if source.id == source_id:
                return source
        for problem in self.problems:
            if problem.startswith(f"sources/{source_id}.toml: "):
                raise DeclarationError(problem)
        known = ", ".join(source.id for source in self.sources)
        raise DeclarationError(f"source '{source_id}' is not declared: declared are {known or 'none'}")


def read_declarations(data_dir: Path) -> Declarations:
    """Read the declarations of a data folder, `sources` and `providers` each from there or else from the shipped ones.

    A file that cannot be used becomes a problem and nothing else: the others are read all the same. Of a provider's
    file with a fault elsewhere, the id, the names and the slugs are kept, so that its rows do not change hands.
    """
    problems: list[str] = []
    digest = hashlib.sha256()
    source_files, provider_files = _files(data_dir, "sources"), _files(data_dir, "providers")
    sources = _read_files(source_files, Source, problems, digest.update)
    providers = _without_clashes(_read_files(provider_files, Provider, problems, digest.update), problems)
    return Declarations(
        broken_sources=frozenset(path.stem for path in source_files) - {source.id for source in sources},
        broken_providers=frozenset(path.stem for path in provider_files) - {provider.id for provider in providers},
        sources=tuple(sorted(sources, key=lambda source: (source.gateway_id, source.rank, source.id))),
        providers=providers,
        problems=tuple(problems),
        fingerprint=digest.hexdigest(),
    )


def recorded_dir(data_dir: Path) -> Path:
    """Return the folder of recorded captures of a data folder, or else of the shipped ones."""
    return _folder(data_dir, "recorded")


def _folder(data_dir: Path, name: str) -> Path:
    own = data_dir / name
    return own if own.is_dir() else shipped_dir() / name


_R = TypeVar("_R", Source, Provider)


def _files(data_dir: Path, name: str) -> tuple[Path, ...]:
    return tuple(sorted(_folder(data_dir, name).glob("*.toml")))


def _read_files(
    paths: Iterable[Path], record: type[_R], problems: list[str], update: Callable[[bytes], None]
) -> tuple[_R, ...]:
    found: dict[str, _R] = {}
    for path in paths:
        where, fields = f"{path.parent.name}/{path.name}", {}
        try:
            body = path.read_bytes()
            update(path.name.encode() + b"\0" + body + b"\0")
            fields = tomllib.loads(body.decode())
            item = record.model_validate(fields)
        except ValidationError as error:
            problems.extend(f"{where}: {_told(entry['loc'], entry['msg'])}" for entry in error.errors())
            found |= {one.id: one for one in _identity_only(record, fields) if one.id == path.stem}
        except OSError as error:
            problems.append(f"{where}: cannot be read: {error.strerror}")
        except (ValueError, RecursionError) as error:  # Also bytes that are no UTF-8, a number of 5,000 digits.
            problems.append(f"{where}: not valid TOML: {error}")
        else:
            if item.id != path.stem:
                problems.append(f"{where}: id: expected the file's name '{path.stem}', found '{item.id}'")
            else:
                found[item.id] = item
    return tuple(found.values())


def _identity_only(record: type[_R], fields: Mapping[str, object]) -> Iterator[_R]:
    """Yield what a provider's file says of who it is, where that much is sound."""
    if record is Provider:
        with suppress(ValidationError):
            yield record.model_validate({key: fields[key] for key in ("id", "name", "names", "slugs") if key in fields})


def _told(location: tuple[int | str, ...], message: str) -> str:
    """Return the dotted path and what is wrong there, in one line whatever a file calls its keys."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return " ".join(f"{path.removeprefix('.') or '(file)'}: {message.removeprefix('Value error, ')}".split())


def _without_clashes(providers: tuple[Provider, ...], problems: list[str]) -> tuple[Provider, ...]:
    """Keep the providers whose slugs and names are theirs alone; two that share one cannot be told apart."""
    owners: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for provider in providers:
        for path, value in _identifiers(provider):
            owners[path, value].append(provider.id)
    clashing: set[str] = set()
    for (path, value), ids in owners.items():
        if len(set(ids)) > 1:
            clashing.update(ids)
            problems.extend(f"providers/{one}.toml: {path}: '{value}' is also in {_others(ids, one)}" for one in ids)
    return tuple(provider for provider in providers if provider.id not in clashing)


def _identifiers(provider: Provider) -> set[tuple[str, str]]:
    slugs = {(f"slugs.{gateway}", slug) for gateway, given in provider.slugs.items() for slug in given}
    tables = {("names.table", _alike(name)) for name in (provider.name, *provider.names.table)}
    return slugs | tables | {("names.api", _alike(name)) for name in provider.names.api}


def _alike(name: str) -> str:
    """Return what the spellings of a name have in common: case, white space and width do not tell two apart."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _others(ids: list[str], one: str) -> str:
    return ", ".join(f"providers/{other}.toml" for other in sorted(set(ids) - {one}))
