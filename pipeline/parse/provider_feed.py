"""OpenRouter's provider feed, in every shape it has had, to raw rows. Pure: bytes in, rows out, no I/O.

The policy of a provider stood in `dataPolicy` itself until spring 2025, then in `dataPolicy.paidModels` with an
optional `dataPolicy.freeModels`, and stands in `dataPolicy` again since autumn 2025.
"""

from pipeline.model import Json, Parsed, RawClaim, RawRow, Refusal, Tier, Topic
from pipeline.parse.json_document import (
    SCALAR,
    TEXT,
    TEXTS,
    Audit,
    FieldError,
    Kind,
    Record,
    check_unique,
    find_name,
    kind_of,
    load_records,
    quote_field,
    quote_json,
)

_NAMES = {"name": Topic.API_NAME, "displayName": Topic.DISPLAY_NAME}
_PLACES = {"statusPageUrl": Topic.STATUS_URL, "headquarters": Topic.HEADQUARTERS}
_LINKS = {
    "termsOfServiceURL": Topic.TERMS_URL,
    "privacyPolicyURL": Topic.PRIVACY_URL,
    "dataPolicyUrl": Topic.DATA_USAGE_URL,
}
_RETENTION = ("retainsPrompts", "retentionDays")
_FLAGS = (Topic.TRAINING, Topic.CAN_PUBLISH, Topic.REQUIRES_USER_IDS)
_EXPECTED: dict[str, Kind] = {
    "training": "boolean",
    "retainsPrompts": "boolean",
    "retentionDays": "integer",
    "canPublish": "boolean",
    "requiresUserIDs": "boolean",
}

_TIER_READ = frozenset({"training", "canPublish", *_RETENTION})
_POLICY_READ = _TIER_READ | {"requiresUserIDs", "paidModels", "freeModels", *_LINKS}
_PROVIDER_READ = frozenset({"slug", "datacenters", "dataPolicy", *_NAMES, *_PLACES})

_POLICY_IGNORED = frozenset({"trainingOpenRouter"})  # the gateway's own training, not the provider's
_PROVIDER_IGNORED = frozenset(
    {
        "adapterName",
        "baseUrl",
        "byokEnabled",
        "editors",
        "hasChatCompletions",
        "hasCompletions",
        "icon",
        "isAbortable",
        "isMultipartSupported",
        "moderationRequired",
        "owners",
        "pricingStrategy",
        "sendClientIp",
    }
)


def parse(body: bytes, _content_type: str | None = None) -> Parsed:
    """Return one row for each provider, and one more where its free tier has a policy of its own.

    Raises ParseError for bytes that are not the feed or name a provider twice, SelectorError for an empty feed.
    """
    audit = Audit()
    records = load_records(body, audit)
    check_unique(records, "slug")
    rows: list[RawRow] = []
    refusals: list[Refusal] = []
    for index, value in enumerate(records):
        for tier in _tiers_of(value):
            try:
                rows.append(_read_row(value, f"/data/{index}", tier, audit))
            except FieldError as error:
                refusals.append(_refuse(value, f"/data/{index}", tier, error))
    row_count = sum(len(_tiers_of(value)) for value in records)
    return Parsed(row_count=row_count, rows=tuple(rows), refusals=tuple(refusals), signals=audit.signals(row_count))


def _tiers_of(value: Json) -> tuple[Tier, ...]:
    """Return the tiers that a record speaks of; a null in the place of the free tier's policy is no free tier."""
    policy = value.get("dataPolicy") if isinstance(value, dict) else None
    has_free = isinstance(policy, dict) and policy.get("freeModels") is not None
    return (Tier.DEFAULT, Tier.FREE) if has_free else (Tier.DEFAULT,)


def _read_row(value: Json, locator: str, tier: Tier, audit: Audit) -> RawRow:
    """Return the row of one tier; raise FieldError if a field that is read has an impossible type."""
    provider = Record.of(value, locator)
    policy = _read_policy(provider, tier, audit)
    slug, name = provider.pop_name("slug"), provider.pop_name("name")
    identity = [provider.claim("name", Topic.API_NAME, name)]
    identity += provider.pop_claims({"displayName": Topic.DISPLAY_NAME}, TEXT)
    places = provider.pop_claims(_PLACES, TEXT) + provider.pop_claims({"datacenters": Topic.DATACENTERS}, TEXTS)
    audit.note_unknown(provider, _PROVIDER_IGNORED)
    return RawRow(
        slug=slug,
        name=name,
        label=find_name(value, "displayName"),
        tier=tier,
        locator=locator,
        raw=_whitelisted(value),
        claims=(*policy, *identity, *places),
    )


def _read_policy(provider: Record, tier: Tier, audit: Audit) -> list[RawClaim]:
    """Return the claims under `dataPolicy`: retention, training and flags always, links where they are stated."""
    if not provider.has("dataPolicy"):
        return _absent(provider.locator, quote_json(provider.only({"slug", *_NAMES})))
    if provider.is_null("dataPolicy"):
        provider.drop(["dataPolicy"])
        return _absent(f"{provider.locator}/dataPolicy", quote_field("dataPolicy", None))
    policy = provider.pop_record("dataPolicy")
    whole = _searched(policy)
    part = _pop_part(policy, tier, audit)
    searched = _searched(part)
    claims = [_retention(part, searched, audit), _training(part, searched, audit)]
    claims.append(_flag(part, "canPublish", Topic.CAN_PUBLISH, searched, audit))
    claims.append(_flag(policy, "requiresUserIDs", Topic.REQUIRES_USER_IDS, whole, audit))
    claims += policy.pop_claims(_LINKS, TEXT)
    audit.note_unknown(policy, _POLICY_IGNORED)
    if part is not policy:
        audit.note_unknown(part, _POLICY_IGNORED)
    return claims


def _searched(record: Record) -> str:
    """Return what stands where a field is left out: the fields of policies, without links, in a fixed order."""
    return quote_json(dict(sorted(record.only(_TIER_READ | _POLICY_IGNORED).items())))


def _pop_part(policy: Record, tier: Tier, audit: Audit) -> Record:
    """Return the part of the policy that speaks of the tier: a nested object, or the policy itself.

    Raises FieldError if a policy is stated both in `dataPolicy` and in `paidModels`: the two might disagree.
    """
    if tier is Tier.FREE:
        policy.drop(["paidModels", *_TIER_READ])
        return policy.pop_record("freeModels")
    if policy.is_null("freeModels"):
        audit.note(f"{policy.dotted('freeModels')} is null")
    policy.drop(["freeModels"])
    if not policy.has("paidModels"):
        return policy
    if beside := sorted(policy.only(_TIER_READ)):
        raise FieldError(
            f"{policy.dotted(beside[0])} stands beside {policy.dotted('paidModels')}, expected one of them"
        )
    return policy.pop_record("paidModels")


def _absent(locator: str, quote: str) -> list[RawClaim]:
    return [
        RawClaim(topic=Topic.RETENTION, raw={}, quote=quote, locator=locator, is_present=False),
        *(RawClaim(topic=topic, raw=None, quote=quote, locator=locator, is_present=False) for topic in _FLAGS),
    ]


def _retention(part: Record, searched: str, audit: Audit) -> RawClaim:
    """Return the two retention fields as one claim, which holds the keys that are there and no others."""
    raw: dict[str, Json] = {key: _pop_scalar(part, key, audit) for key in _RETENTION if part.has(key)}
    quote = quote_json(raw) if raw else searched
    return RawClaim(topic=Topic.RETENTION, raw=raw, quote=quote, locator=part.locator, is_present=bool(raw))


def _training(part: Record, searched: str, audit: Audit) -> RawClaim:
    if not part.has("training"):
        return RawClaim(topic=Topic.TRAINING, raw=None, quote=searched, locator=part.locator, is_present=False)
    return part.claim("training", Topic.TRAINING, _pop_scalar(part, "training", audit))


def _flag(record: Record, key: str, topic: Topic, searched: str, audit: Audit) -> RawClaim:
    """Return a flag, absent where it is left out: what was said before does not hold on without being said."""
    if not record.has(key):
        return RawClaim(topic=topic, raw=None, quote=searched, locator=record.locator, is_present=False)
    return record.claim(key, topic, _pop_scalar(record, key, audit))


def _pop_scalar(record: Record, key: str, audit: Audit) -> Json:
    """Return the value as it is; another type than the field has had so far is noted, not changed."""
    value = record.pop(key, SCALAR)
    if kind_of(value) != _EXPECTED[key]:
        audit.note(f"{record.dotted(key)} is {kind_of(value)}")
    return value


def _refuse(value: Json, locator: str, tier: Tier, error: FieldError) -> Refusal:
    """Return the refused row; the label of a free tier is marked as the gateway's table marks it."""
    label = find_name(value, "displayName")
    return Refusal(
        stage="parse",
        reason=str(error),
        raw=_whitelisted(value),
        locator=locator,
        slug=find_name(value, "slug"),
        name=find_name(value, "name"),
        label=f"{label} (free)" if label and tier is Tier.FREE else label,
    )


def _whitelisted(value: Json) -> Json:
    """Return a copy with the fields that are read: the feed has carried internal ids that are not to be published."""
    if not isinstance(value, dict):
        return value
    kept = {key: item for key, item in value.items() if key in _PROVIDER_READ}
    if isinstance(policy := kept.get("dataPolicy"), dict):
        kept["dataPolicy"] = {key: _tier_part(key, item) for key, item in policy.items() if key in _POLICY_READ}
    return kept


def _tier_part(key: str, value: Json) -> Json:
    if key not in {"paidModels", "freeModels"} or not isinstance(value, dict):
        return value
    return {key: item for key, item in value.items() if key in _TIER_READ}
