"""Raw claims to typed claims, and what cannot be typed to refusals. Pure: one parsed capture in, one reading out."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pipeline.declarations import Source
from pipeline.errors import ParseError
from pipeline.model import (
    LINK_TOPICS,
    POLICY_TOPICS,
    Claim,
    Format,
    Json,
    Listing,
    Parsed,
    RawClaim,
    RawEndpoint,
    RawRow,
    Reading,
    Refusal,
    ZdrEndpoint,
)
from pipeline.normalize.identity import Identities, Identity, split_tier
from pipeline.normalize.text import fold
from pipeline.normalize.values import Typed, normalize_value, unreadable

_MAX_SHOWN = 200


@dataclass(slots=True, kw_only=True)
class _Draft:
    """What a reading is gathered in."""

    listings: dict[str, Listing] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    endpoints: list[ZdrEndpoint] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    signals: list[str] = field(default_factory=list)


def normalize_capture(parsed: Parsed, source: Source, identities: Identities) -> Reading:
    """Return the reading of one parsed capture; every row ends in it as a listing, a refusal or an exclusion.

    A value that no rule reads becomes a refusal beside an `unreadable` claim of unknown value, so that what the
    source said before is not taken for what it says now. Raise ParseError where two rows mean one offering.
    """
    excluded = {fold(name) for exclusion in source.exclude for name in exclusion.names}
    draft = _Draft(signals=list(parsed.signals))
    speaks_of_policies = any(claim.topic in POLICY_TOPICS for row in parsed.rows for claim in row.claims)
    for row in parsed.rows:
        if not _is_excluded(draft, excluded, (row.slug, row.name, row.label)):
            _read_row(draft, row, identities, is_table=source.format is Format.POLICY_TABLE)
    for refusal in parsed.refusals:
        if not _is_excluded(draft, excluded, (refusal.slug, refusal.name, refusal.label)):
            # A list of endpoints lists no offerings, so its refusals hold none.
            held = _hold(draft, refusal, identities, speaks_of_policies=speaks_of_policies) if parsed.rows else refusal
            draft.refusals.append(held)
    for endpoint in parsed.endpoints:
        if not _is_excluded(draft, excluded, (endpoint.provider_name, endpoint.tag.partition("/")[0])):
            _read_endpoint(draft, endpoint, identities)
    return Reading(
        row_count=parsed.row_count,
        listings=tuple(draft.listings.values()),
        claims=tuple(draft.claims),
        endpoints=tuple(draft.endpoints),
        refusals=tuple(draft.refusals),
        excluded=tuple(draft.excluded),
        signals=tuple(dict.fromkeys(draft.signals)),
    )


def _is_excluded(draft: _Draft, excluded: set[str], names: Iterable[str | None]) -> bool:
    hit = next((name for name in names if name and fold(name) in excluded), None)
    if hit is not None:
        draft.excluded.append(hit)
    return hit is not None


def _read_row(draft: _Draft, row: RawRow, identities: Identities, *, is_table: bool) -> None:
    links = tuple(claim.raw for claim in row.claims if claim.topic in LINK_TOPICS and isinstance(claim.raw, str))
    found = identities.find(slug=row.slug, name=row.name, label=row.label, tier=row.tier, links=links)
    if isinstance(found, str):
        refusal = Refusal(
            stage="normalize", reason=found, raw=row.raw, locator=row.locator, slug=row.slug, label=row.label
        )
        draft.refusals.append(_hold(draft, refusal, identities, speaks_of_policies=_has_policy(row.claims)))
        return
    _enlist(draft, found, row.slug, (row.label, row.name), row.locator)
    for raw in row.claims:
        typed = normalize_value(raw, is_table=is_table)
        if typed is None:
            reason = f"no rule reads this {raw.topic}: {_shown(raw.raw)}"
            draft.refusals.append(
                Refusal(
                    stage="normalize",
                    reason=reason,
                    raw=raw.raw,
                    locator=raw.locator,
                    topic=raw.topic,
                    offering_id=found.offering_id,
                )
            )
        if typed is not None or raw.topic in POLICY_TOPICS:
            draft.claims.append(_claim(found.offering_id, raw, typed or unreadable(raw.topic)))


def _enlist(draft: _Draft, found: Identity, slug: str | None, names: Iterable[str | None], locator: str) -> None:
    known = draft.listings.get(found.offering_id)
    if known is not None:
        raise ParseError(f"offering '{found.offering_id}' stands twice: {' / '.join(known.names)} and {locator}")
    if found.signal:
        draft.signals.append(found.signal)
    draft.listings[found.offering_id] = Listing(
        offering_id=found.offering_id,
        provider_id=found.provider_id,
        tier=found.tier,
        slug=slug,
        names=tuple(dict.fromkeys(name for name in names if name)),
        is_new=found.is_new,
    )


def _hold(draft: _Draft, refusal: Refusal, identities: Identities, *, speaks_of_policies: bool) -> Refusal:
    """Keep the offering of a refused row listed, with a policy that nobody can read; return the refusal with its id."""
    if not (refusal.slug or refusal.label):
        return refusal
    # Names are left out: they are what is in doubt. The slug, or else the label, says whose row it would be.
    label = None if refusal.slug else refusal.label
    tier = split_tier(refusal.label)[1] if refusal.slug and refusal.label else None
    found = identities.find(slug=refusal.slug, name=None, label=label, tier=tier)
    if isinstance(found, str) or found.offering_id in draft.listings:
        return refusal
    _enlist(draft, found, refusal.slug, (), refusal.locator)
    for topic in POLICY_TOPICS if speaks_of_policies else ():
        raw = RawClaim(topic=topic, raw=None, quote="", locator=refusal.locator, is_present=False)
        draft.claims.append(_claim(found.offering_id, raw, unreadable(topic)))
    return replace(refusal, offering_id=found.offering_id)


def _read_endpoint(draft: _Draft, endpoint: RawEndpoint, identities: Identities) -> None:
    slug = endpoint.tag.partition("/")[0]
    found = identities.find(slug=slug, name=endpoint.provider_name, label=None)
    if isinstance(found, str):
        refusal = Refusal(stage="normalize", reason=found, raw=endpoint.raw, locator=endpoint.locator, slug=slug)
        draft.refusals.append(refusal)
        return
    draft.endpoints.append(
        ZdrEndpoint(
            offering_id=found.offering_id,
            provider_name=endpoint.provider_name,
            tag=endpoint.tag,
            model_id=endpoint.model_id,
            model_name=endpoint.model_name,
            quantization=endpoint.quantization,
            context_length=endpoint.context_length,
            locator=endpoint.locator,
        )
    )


def _has_policy(claims: Iterable[RawClaim]) -> bool:
    return any(claim.topic in POLICY_TOPICS for claim in claims)


def _claim(offering_id: str, raw: RawClaim, typed: Typed) -> Claim:
    return Claim(
        offering_id=offering_id,
        topic=raw.topic,
        value=typed.value,
        basis=typed.basis,
        text=_verbatim(raw) if raw.is_present else None,
        quote=raw.quote,
        locator=raw.locator,
        printed=typed.printed,
    )


def _verbatim(raw: RawClaim) -> str:
    return raw.raw if isinstance(raw.raw, str) else raw.quote


def _shown(raw: Json) -> str:
    text = str(raw)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}… ({len(text)} characters)"
