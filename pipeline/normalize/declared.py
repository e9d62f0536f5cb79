"""Provider files to dated claims: reviewed links and places, the weakest of all sources. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from pipeline.declarations import RESERVED_SOURCE_ID, Provider
from pipeline.model import Basis, Claim, Reading, TermsType, Tier, Topic

SOURCE_ID = RESERVED_SOURCE_ID
RANK = 9

_PAGE_TOPICS = {
    TermsType.TERMS_OF_SERVICE: Topic.TERMS_URL,
    TermsType.COMMERCIAL_TERMS: Topic.TERMS_URL,
    TermsType.DEVELOPER_TERMS: Topic.TERMS_URL,
    TermsType.PRIVACY_POLICY: Topic.PRIVACY_URL,
    TermsType.DATA_USAGE_DOCS: Topic.DATA_USAGE_URL,
}


def read_declared(providers: Iterable[Provider]) -> dict[date, Reading]:
    """Return what the provider files say, by the day on which each fact was seen, oldest first."""
    by_day: defaultdict[date, list[Claim]] = defaultdict(list)
    for provider in providers:
        for seen_on, topic, value, key in _facts(provider):
            by_day[seen_on].extend(_claims(provider.id, topic, value, key))
    return {day: Reading(row_count=0, claims=tuple(by_day[day])) for day in sorted(by_day)}


def _facts(provider: Provider) -> Iterator[tuple[date, Topic, str, str]]:
    if provider.headquarters is not None:
        yield provider.headquarters.seen_on, Topic.HEADQUARTERS, provider.headquarters.country, "headquarters.country"
    if provider.status_url is not None and provider.status_seen_on is not None:
        yield provider.status_seen_on, Topic.STATUS_URL, provider.status_url, "status_url"
    told: set[Topic] = set()
    for index, page in enumerate(provider.pages):
        topic = _PAGE_TOPICS.get(page.terms_type)
        if topic is not None and topic not in told:  # the first page of a kind is the one to link
            told.add(topic)
            yield page.seen_on, topic, page.url, f"pages[{index}].url"


def _claims(provider_id: str, topic: Topic, value: str, key: str) -> Iterator[Claim]:
    for offering_id in (provider_id, f"{provider_id}:{Tier.FREE}"):
        yield Claim(
            offering_id=offering_id,
            topic=topic,
            value=value,
            basis=Basis.STATED,
            text=value,
            quote=value,
            locator=f"providers/{provider_id}.toml: {key}",
        )
