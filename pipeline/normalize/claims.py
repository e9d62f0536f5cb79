"""Raw claims to typed claims, and what cannot be typed to refusals. Pure: one parsed capture in, one reading out."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pipeline.declarations import Source
from pipeline.errors import ParseError
from pipeline.model import (
    LINK_TOPICS,
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
    Tier,
    Topic,
    ZdrEndpoint,
)
from pipeline.normalize.identity import Identities, Identity, split_tier
from pipeline.normalize.text import fold
from pipeline.normalize.values import TOPICS_TO_HONOUR, Typed, normalize_value, unreadable

_MAX_SHOWN = 200


@dataclass(slots=True, kw_only=True)
class _Draft:
    """What a reading is gathered in; `refused` holds whole rows, each with the tier that its format names."""

    listings: dict[str, Listing] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    endpoints: list[ZdrEndpoint] = field(default_factory=list)
    refused: list[tuple[Refusal, Tier | None]] = field(default_factory=list)
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
    for row in parsed.rows:
        if not _is_excluded(draft, excluded, (row.slug, row.name, row.label)):
            _read_row(draft, row, identities, is_table=source.format is Format.POLICY_TABLE)
    for refusal in parsed.refusals:
        if not _is_excluded(draft, excluded, (refusal.slug, refusal.name, refusal.label)):
            draft.refused.append((refusal, None))
    spoken = {claim.topic for row in parsed.rows for claim in row.claims}
    topics = tuple(topic for topic in TOPICS_TO_HONOUR if topic in spoken)
    for refusal, tier in draft.refused:  # after all rows, because a row that can be read has the better right
        # A list of endpoints lists no offerings, so its refusals hold none.
        draft.refusals.append(_hold(draft, refusal, tier, topics, identities) if parsed.rows else refusal)
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
            stage="normalize",
            reason=found,
            raw=row.raw,
            locator=row.locator,
            slug=row.slug,
            name=row.name,
            label=row.label,
        )
        draft.refused.append((refusal, row.tier))
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
        if typed is not None or raw.topic in TOPICS_TO_HONOUR:
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


def _hold(
    draft: _Draft, refusal: Refusal, tier: Tier | None, topics: Iterable[Topic], identities: Identities
) -> Refusal:
    """Keep the offering of a refused row listed, with `topics` that nobody can read; return the refusal with its id."""
    found = identities.find(slug=refusal.slug, name=refusal.name, label=refusal.label, tier=tier)
    if isinstance(found, str):
        # The names are what is in doubt; the slug says whose row it would be.
        tier = tier or split_tier(refusal.label or "")[1]
        found = identities.find(slug=refusal.slug, name=None, label=None, tier=tier)
    if isinstance(found, str) or found.offering_id in draft.listings:
        return refusal
    _enlist(draft, found, refusal.slug, (), refusal.locator)
    for topic in topics:
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
    if found.offering_id not in draft.listings:
        _enlist(draft, found, slug, (endpoint.provider_name,), endpoint.locator)
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
