"""Declarations: `sources/*.toml` and `providers/*.toml` to checked records, with dotted paths in every complaint."""

import difflib
import hashlib
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from pipeline.declarations.pages import page_sources
from pipeline.declarations.records import GatewaySource, Provider, Source
from pipeline.errors import DeclarationError

_MANY = 8  # ids that one line can name
_PACKAGE = Path(__file__).parent.parent


def shipped_dir() -> Path:
    """Return the folder of the declarations and recorded captures that ship with the project."""
    packaged = _PACKAGE / "_shipped"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """All declarations that can be used, and a line for each that cannot.

    `fingerprint` is a hash over the files' bytes: other declarations, other fingerprint.
    """

    sources: tuple[Source, ...]  # the gateways' first, then the pages of providers
    providers: tuple[Provider, ...]
    problems: tuple[str, ...]
    fingerprint: str
    broken_sources: frozenset[str] = frozenset()  # declared, and not usable
    broken_providers: frozenset[str] = frozenset()  # whose names are not known for that
    pageless_providers: frozenset[str] = frozenset()  # of whose files only names and slugs can be used

    def with_linked(self, providers: Iterable[Provider]) -> "Declarations":
        """Return the declarations with the pages of providers that no file declares, as sources beside the declared."""
        return replace(self, sources=(*self.gateway_sources, *page_sources(_by_id(self.providers), _by_id(providers))))

    @property
    def gateway_sources(self) -> tuple[Source, ...]:
        """The sources that speak for a gateway."""
        return tuple(source for source in self.sources if source.gateway_id is not None)

    @property
    def page_sources(self) -> tuple[Source, ...]:
        """The pages of providers."""
        return tuple(source for source in self.sources if source.gateway_id is None)

    @property
    def gateway_ids(self) -> tuple[str, ...]:
        """The gateways that any source speaks for, sorted."""
        return tuple(sorted({source.gateway_id for source in self.sources if source.gateway_id is not None}))

    def source(self, source_id: str) -> Source:
        """Return the source of that id; raise DeclarationError naming those there are."""
        for source in self.sources:
            if source.id == source_id:
                return source
        for problem in self.problems:
            if problem.startswith(f"sources/{source_id}.toml: "):
                raise DeclarationError(problem)
        known = [source.id for source in self.sources]
        near = difflib.get_close_matches(source_id, known, n=3, cutoff=0.5)
        told = f"nearest: {', '.join(near)}" if near else f"declared are {_some(known)}"
        raise DeclarationError(f"source '{source_id}' is not declared: {told}")


def _some(ids: list[str]) -> str:
    more = f" and {len(ids) - _MANY} more" if len(ids) > _MANY else ""
    return ", ".join(ids[:_MANY]) + more if ids else "none"


def read_declarations(data_dir: Path) -> Declarations:
    """Read the declarations of a data folder, `sources` and `providers` each from there or else from the shipped ones.

    A file that cannot be used becomes a problem and nothing else: the others are read all the same. Of a provider's
    file with a fault elsewhere, the id, the names and the slugs are kept, so that its rows do not change hands.
    """
    problems: list[str] = []
    digest = hashlib.sha256()
    source_files, provider_files = _files(data_dir, "sources"), _files(data_dir, "providers")
    sources = _read_files(source_files, GatewaySource, problems, digest.update)
    providers = _without_clashes(_read_files(provider_files, Provider, problems, digest.update), problems)
    faulty = {line.partition(": ")[0] for line in problems}
    return Declarations(
        broken_sources=frozenset(path.stem for path in source_files) - {source.id for source in sources},
        broken_providers=frozenset(path.stem for path in provider_files) - {provider.id for provider in providers},
        pageless_providers=frozenset(one.id for one in providers if f"providers/{one.id}.toml" in faulty),
        sources=(
            *sorted(sources, key=lambda source: (source.gateway_id, source.rank, source.id)),
            *page_sources(_by_id(providers)),
        ),
        providers=providers,
        problems=tuple(problems),
        fingerprint=digest.hexdigest(),
    )


def _by_id(providers: Iterable[Provider]) -> list[Provider]:
    return sorted(providers, key=lambda provider: provider.id)


def recorded_dir(data_dir: Path) -> Path:
    """Return the folder of recorded captures of a data folder, or else of the shipped ones."""
    return _folder(data_dir, "recorded")


def _folder(data_dir: Path, name: str) -> Path:
    own = data_dir / name
    return own if own.is_dir() else shipped_dir() / name


_R = TypeVar("_R", GatewaySource, Provider)


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
