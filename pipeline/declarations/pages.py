"""The pages of providers as sources: one for each address that is read in one way, shared by who names it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from pipeline.declarations.records import Asked, Page, Provider, Source
from pipeline.model import Format

RANK = 5  # of no weight: what a provider says of itself is never ranked against what a gateway says


# What may differ between two declarations of one address without its being read in another way. The kind of terms is
# that of the first: the same words are of one kind.
_OF_NO_MATTER: Final = frozenset(
    {"id", "provider_ids", "terms_id", "title", "terms_type", "former_urls", "is_required", "stale_after_days"}
    | {"check_every_hours"}
)
_Sharing: TypeAlias = tuple[object, ...]


def page_sources(providers: Iterable[Provider], linked: Iterable[Provider] = ()) -> tuple[Source, ...]:
    """Return the pages of all providers as sources, sorted by id.

    A source's id is its first provider's id and the kind of terms, with a number from the second of a kind on; so a
    page that is added goes behind those of its kind. Providers that declare the same address to be read in the same
    way, as the same document, share its source, whose id is that of the first of them in the order given. `linked` are
    providers of which only addresses are known: such a page is read as a file declares it, where one does.
    """
    found: dict[_Sharing, Source] = {}
    owners: defaultdict[_Sharing, list[str]] = defaultdict(list)
    by_url: dict[str, _Sharing] = {}
    for provider in providers:
        for source, document in _sources_of(provider):
            key = (document, *(part for name, part in source if name not in _OF_NO_MATTER))
            found.setdefault(key, source)
            owners[key].append(provider.id)
            if len(document) == 1:
                by_url.setdefault(source.url, key)
    for provider in linked:
        for source, document in _sources_of(provider):
            key = by_url.setdefault(source.url, (document,))
            found.setdefault(key, source)
            owners[key].append(provider.id)
    sources = (
        source.model_copy(update={"provider_ids": tuple(dict.fromkeys(owners[key]))}) for key, source in found.items()
    )
    return tuple(sorted(sources, key=lambda source: source.id))


def _sources_of(provider: Provider) -> Iterator[tuple[Source, tuple[str, ...]]]:
    """Yield each page of a provider as a source, with the addresses of the document that it is a part of."""
    count: defaultdict[str, int] = defaultdict(int)
    for page in provider.pages:
        kind = f"{provider.id}--{page.terms_type.replace('_', '-')}"
        terms_id: str | None = None
        for url in (page.url, *page.parts):
            count[kind] += 1
            source_id = kind if count[kind] == 1 else f"{kind}-{count[kind]}"
            terms_id = terms_id or source_id
            yield _source(provider, page, url, source_id, terms_id), (page.url, *page.parts)


def _source(provider: Provider, page: Page, url: str, source_id: str, terms_id: str) -> Source:
    asked = {name: getattr(page, name) for name in Asked.model_fields}
    if url != page.url:
        asked["former_urls"] = ()
    return Source(
        **asked,
        id=source_id,
        provider_ids=(provider.id,),
        terms_id=terms_id,
        title=f"{provider.name}: {page.terms_type.replace('_', ' ')}",
        terms_type=page.terms_type,
        format=Format.DOCUMENT,
        url=url,
        content_types=page.content_types,
        rank=RANK,
        stale_after_days=page.stale_after_days,
        check_every_hours=page.check_every_hours,
        valid_until=page.valid_until,
    )
