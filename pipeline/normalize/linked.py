"""Links that a gateway gives for providers without a reviewed file: their terms pages, to be read as well. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final, TypeAlias

from pydantic import ValidationError

from pipeline.declarations import Page, Provider
from pipeline.model import Reading, TermsType, Topic

_TERMS_TYPES: Final = MappingProxyType(
    {
        Topic.TERMS_URL: TermsType.TERMS_OF_SERVICE,
        Topic.PRIVACY_URL: TermsType.PRIVACY_POLICY,
        Topic.DATA_USAGE_URL: TermsType.DATA_USAGE_DOCS,
    }
)


_Place: TypeAlias = tuple[str, TermsType]  # where a link stands: at a gateway's source, for a kind of terms


def find_linked(readings: Iterable[tuple[str, date, Reading]]) -> tuple[tuple[Provider, ...], tuple[str, ...]]:
    """Return the providers that only gateways know, each with the pages that are linked for it, sorted by id.

    `readings` are those of gateways' captures, each with its source and day, oldest first. A link that another took
    the place of is where its page was before; one that went is where the page still is. The second part has a line for
    each link that cannot be a source.
    """
    places: defaultdict[str, dict[_Place, dict[str, Page]]] = defaultdict(dict)
    names: dict[str, str] = {}
    problems: dict[str, None] = {}
    for source_id, day, reading in readings:
        for provider_id, name, terms_type, url in _links(reading):
            names[provider_id] = name
            try:
                page = Page(terms_type=terms_type, url=url, seen_on=day, seen_in=source_id)
            except ValidationError as error:
                reason = error.errors()[0]["msg"].removeprefix("Value error, ")
                problems[f"{provider_id}: {terms_type} link is not read: {reason}"] = None
            else:
                linked = places[provider_id].setdefault((source_id, terms_type), {})
                linked[url] = linked.pop(url, page)  # the newest stands last
    providers = (
        # The id was minted from a slug or a name, and may be longer than a file's may be.
        Provider.model_construct(id=provider_id, name=names[provider_id], pages=tuple(_pages(places[provider_id])))
        for provider_id in sorted(places)
    )
    return tuple(providers), tuple(problems)


def _pages(places: Mapping[_Place, dict[str, Page]]) -> Iterator[Page]:
    """Yield each page that some source links now, once for a kind of terms, with where those sources linked before."""
    newest = {place: next(reversed(linked.values())) for place, linked in places.items()}
    current = {(page.terms_type, page.url) for page in newest.values()}
    for key in dict.fromkeys((page.terms_type, page.url) for page in newest.values()):
        linked = [places[place] for place, page in newest.items() if (page.terms_type, page.url) == key]
        page = min((urls[key[1]] for urls in linked), key=lambda one: one.seen_on)
        former = dict.fromkeys(url for urls in linked for url in urls if (key[0], url) not in current)
        yield page.model_copy(update={"former_urls": tuple(former)})


def _links(reading: Reading) -> Iterator[tuple[str, str, TermsType, str]]:
    unreviewed = {listing.offering_id: listing for listing in reading.listings if listing.is_new}
    for claim in reading.claims:
        listing, terms_type = unreviewed.get(claim.offering_id), _TERMS_TYPES.get(claim.topic)
        if listing is not None and terms_type is not None and isinstance(claim.value, str):
            yield listing.provider_id, next(iter(listing.names), listing.provider_id), terms_type, claim.value
