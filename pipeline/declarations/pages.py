"""The pages of providers as sources: one for each address, shared by the providers that name it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pipeline.declarations.records import Asked, Page, Provider, Source
from pipeline.model import Format

RANK = 5  # of no weight: what a provider says of itself is never ranked against what a gateway says


def page_sources(providers: Iterable[Provider]) -> tuple[Source, ...]:
    """Return the pages of all providers as sources, sorted by id.

    A source's id is its first provider's id and the kind of terms, with a number from the second of a kind on; so a
    page that is added goes behind those of its kind. Providers that name the same address share its source, whose id
    is that of the first of them in the order given.
    """
    found: dict[str, Source] = {}
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for provider in providers:
        for source in _sources_of(provider):
            found.setdefault(source.url, source)
            owners[source.url].append(provider.id)
    sources = (
        source.model_copy(update={"provider_ids": tuple(dict.fromkeys(owners[url]))}) for url, source in found.items()
    )
    return tuple(sorted(sources, key=lambda source: source.id))


def _sources_of(provider: Provider) -> Iterator[Source]:
    count: defaultdict[str, int] = defaultdict(int)
    for page in provider.pages:
        kind = f"{provider.id}--{page.terms_type.replace('_', '-')}"
        terms_id: str | None = None
        for url in (page.url, *page.parts):
            count[kind] += 1
            source_id = kind if count[kind] == 1 else f"{kind}-{count[kind]}"
            terms_id = terms_id or source_id
            yield _source(provider, page, url, source_id, terms_id)


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
