"""The published rows on sources: looks, states, refusals, endpoints. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from pipeline.catalog.looks import Looks
from pipeline.catalog.rows import Row, Rows, as_json, naive
from pipeline.catalog.state import Readings, SourceStatus, find_reading
from pipeline.model import Observation, Reading, Significance, mint_id

Significances = Mapping[tuple[str, datetime], Significance]


def build_source_rows(
    statuses: Iterable[SourceStatus], looks: Looks, readings: Readings, as_of: datetime, significances: Significances
) -> Rows:
    """Return the rows of every table that speaks of sources, each sorted by its key.

    `significances` tell what each new capture of a terms page meant, by source and moment.
    """
    statuses = tuple(statuses)
    seen = [(status, looks.by_source.get(status.source.id, ())) for status in statuses]
    return {
        "zdr_endpoints": [row for status in statuses for row in _endpoints(status)],
        "sources": [_source(status, as_of) for status in sorted(statuses, key=lambda one: one.source.id)],
        "observations": sorted(
            (row for _, mine in seen for row in _observations(mine, readings, significances)), key=_look_key
        ),
        "quarantine": [row for status, mine in seen for row in _quarantine(status, mine, readings)],
    }


def _look_key(row: Row) -> tuple[str, str, str]:
    return (str(row["source_id"]), str(row["observed_at"]), str(row["observation_id"]))


def _source(status: SourceStatus, as_of: datetime) -> Row:
    source, good, reading = status.source, status.good, status.reading
    return {
        "source_id": source.id,
        "gateway_id": source.gateway_id,
        "provider_ids": list(source.provider_ids),
        "title": source.title,
        "terms_type": source.terms_type.value,
        "format": source.format.value,
        "url": source.url,
        "former_urls": list(source.former_urls),
        "answer_url": good.url if good and good.origin == "fetch" else None,
        "rank": source.rank,
        "is_enabled": source.is_enabled,
        "is_required": source.is_required,
        "stale_after_days": source.stale_after_days,
        "state": status.state.value,
        "detail": status.detail,
        "last_observed_at": naive(status.last.moment.at) if status.last else None,
        "last_good_at": naive(good.moment.at) if good else None,
        "staleness_days": max(0, (as_of.date() - good.moment.at.date()).days) if good else None,
        "capture_id": good.capture_id if good else None,
        "capture_count": status.capture_count,
        "row_count": reading.row_count if reading else None,
        "refused_count": len(reading.refusals) if reading else None,
    }


def _observations(looks: Sequence[Observation], readings: Readings, significances: Significances) -> Iterator[Row]:
    for number, look in enumerate(looks):
        reading = find_reading(look, readings)
        significance = significances.get((look.source_id, look.moment.at)) if reading else None
        at = look.moment.at.isoformat()
        yield {
            "observation_id": mint_id(look.source_id, at, look.origin, look.capture_id, str(number)),
            "source_id": look.source_id,
            "observed_at": naive(look.moment.at),
            "observed_since": naive(look.moment.since),
            "precision": look.moment.precision.value,
            "outcome": look.outcome.value,
            "origin": look.origin,
            "url": look.url,
            "status": look.status,
            "detail": look.detail or _failure(look, readings),
            "capture_id": look.capture_id,
            "size_bytes": look.size_bytes,
            "is_partial": look.is_partial,
            "is_readable": None if look.capture_id is None else reading is not None,
            "row_count": reading.row_count if reading else None,
            "refused_count": len(reading.refusals) if reading else None,
            "excluded_count": len(reading.excluded) if reading else None,
            "signals": list(reading.signals) if reading else None,
            "statement_count": len(reading.statements) if reading and reading.text_key is not None else None,
            "significance": significance.value if significance else None,
        }


def _failure(look: Observation, readings: Readings) -> str | None:
    reading = readings.get((look.source_id, look.capture_id or ""))
    return reading if isinstance(reading, str) else None


def _endpoints(status: SourceStatus) -> Iterator[Row]:
    if status.reading is None or status.good is None:
        return
    for endpoint in sorted(status.reading.endpoints, key=lambda one: (one.tag, one.model_id)):
        yield {
            "gateway_id": status.source.gateway_id,
            "tag": endpoint.tag,
            "model_id": endpoint.model_id,
            "offering_id": endpoint.offering_id,
            "provider_name": endpoint.provider_name,
            "model_name": endpoint.model_name,
            "quantization": endpoint.quantization,
            "context_length": endpoint.context_length,
            "source_id": status.source.id,
            "capture_id": status.good.capture_id,
            "locator": endpoint.locator,
            "observed_at": naive(status.good.moment.at),
        }


def _quarantine(status: SourceStatus, looks: Sequence[Observation], readings: Readings) -> Iterator[Row]:
    source, in_force = status.source, status.good.capture_id if status.good else None
    seen: set[str | None] = set()
    for look in looks:
        reading: Reading | None = find_reading(look, readings)
        if reading is None or look.capture_id in seen:
            continue
        seen.add(look.capture_id)
        for number, refusal in enumerate(reading.refusals):
            yield {
                "quarantine_id": mint_id(source.id, look.capture_id, refusal.locator, refusal.reason, str(number)),
                "gateway_id": source.gateway_id,
                "source_id": source.id,
                "capture_id": look.capture_id,
                "observed_at": naive(look.moment.at),
                "stage": refusal.stage,
                "reason": refusal.reason,
                "topic": refusal.topic.value if refusal.topic else None,
                "offering_id": refusal.offering_id,
                "raw": as_json(refusal.raw),
                "locator": refusal.locator,
                "is_current": look.capture_id == in_force,
            }
