"""OpenRouter's documented list of providers to raw rows: identity, links and places, no policy. Pure: no I/O."""

from pipeline.model import Json, Parsed, RawRow, Refusal, Tier, Topic
from pipeline.parse.json_document import (
    TEXT,
    TEXTS,
    Audit,
    FieldError,
    Record,
    check_unique,
    find_name,
    load_records,
)

_TEXTS = {
    "terms_of_service_url": Topic.TERMS_URL,
    "privacy_policy_url": Topic.PRIVACY_URL,
    "status_page_url": Topic.STATUS_URL,
    "headquarters": Topic.HEADQUARTERS,
}
_READ = frozenset({"slug", "name", "datacenters", *_TEXTS})
_IGNORED: frozenset[str] = frozenset()  # every documented field is read


def parse(body: bytes, _content_type: str | None = None) -> Parsed:
    """Return one row for each provider.

    Raises ParseError for bytes that are not the list or name a provider twice, SelectorError for an empty list.
    """
    audit = Audit()
    records = load_records(body, audit)
    check_unique(records, "slug")
    rows: list[RawRow] = []
    refusals: list[Refusal] = []
    for index, value in enumerate(records):
        try:
            rows.append(_read_row(value, f"/data/{index}", audit))
        except FieldError as error:
            refusals.append(_refuse(value, f"/data/{index}", error))
    signals = audit.signals(len(records))
    return Parsed(row_count=len(records), rows=tuple(rows), refusals=tuple(refusals), signals=signals)


def _read_row(value: Json, locator: str, audit: Audit) -> RawRow:
    """Return the provider's row; raise FieldError if a field has an impossible type."""
    provider = Record.of(value, locator)
    slug, name = provider.pop_name("slug"), provider.pop_name("name")
    claims = (
        provider.claim("name", Topic.API_NAME, name),
        *provider.pop_claims(_TEXTS, TEXT),
        *provider.pop_claims({"datacenters": Topic.DATACENTERS}, TEXTS),
    )
    audit.note_unknown(provider, _IGNORED)
    return RawRow(slug=slug, name=name, tier=Tier.DEFAULT, locator=locator, raw=_whitelisted(value), claims=claims)


def _refuse(value: Json, locator: str, error: FieldError) -> Refusal:
    slug, name = find_name(value, "slug"), find_name(value, "name")
    return Refusal(stage="parse", reason=str(error), raw=_whitelisted(value), locator=locator, slug=slug, name=name)


def _whitelisted(value: Json) -> Json:
    """Return a copy with the fields that are read and no others."""
    return {key: item for key, item in value.items() if key in _READ} if isinstance(value, dict) else value
