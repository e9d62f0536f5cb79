"""Readings to a published catalog: validate, reconcile, history, publish. Imports what is heavy."""

import itertools
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, time

from pipeline.catalog.changes import Upgrade, find_changes
from pipeline.catalog.looks import Looks
from pipeline.catalog.publish import publish
from pipeline.catalog.rows import Row, Rows
from pipeline.catalog.source_tables import build_source_rows
from pipeline.catalog.state import Readings, find_reading, find_statuses
from pipeline.catalog.tables import GatewayFacts, build_gateway_rows
from pipeline.catalog.terms import Terms, follow_pages
from pipeline.catalog.timeline import Sighting, build_timelines
from pipeline.catalog.validate import check_tables, split_claims
from pipeline.errors import ContractError
from pipeline.model import POLICY_TOPICS, Format, Moment, Precision, Reading, as_text
from pipeline.normalize import declared
from pipeline.workplace import Workplace


def publish_catalog(
    work: Workplace, looks: Looks, readings: Readings, *, fingerprint: str, key: str, as_of: datetime
) -> None:
    """Build every table and publish them all; raise ContractError where one breaks its contract."""
    readable = {at: reading for at, reading in readings.items() if isinstance(reading, Reading)}
    readings = {**readings, **split_claims(readable)}
    statuses = find_statuses(work.declarations.sources, looks, readings)
    upgrades = _find_upgrades(work, looks, readings, fingerprint)
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    terms = follow_pages(work.sources, work.declarations.providers, looks, readings)
    _add(rows, build_source_rows(statuses, looks, readings, as_of, terms.significances))
    for gateway_id in work.declarations.gateway_ids:
        facts = _gateway_facts(work, gateway_id, looks, readings, upgrades, terms)
        _add(rows, build_gateway_rows(facts, as_of))
    if not any(row["is_listed"] for row in rows["policies"]):
        raise ContractError("policies: no source lists a single offering, so nothing is published")
    publish(work.catalog_dir, check_tables(rows), build_key=key, as_of=as_of)


def _add(rows: defaultdict[str, list[Row]], found: Rows) -> None:
    for name, more in found.items():
        rows[name] += more


def _gateway_facts(
    work: Workplace, gateway_id: str, looks: Looks, readings: Readings, upgrades: list[Upgrade], terms: Terms
) -> GatewayFacts:
    sightings = [*_sightings(work, gateway_id, looks, readings), *_declared_sightings(work)]
    lines = build_timelines(sightings)
    mine = {source.id for source in work.sources if source.gateway_id == gateway_id}
    identities = work.identities[gateway_id]
    providers = {offering.provider_id for offering in lines.offerings.values()}
    return GatewayFacts(
        gateway_id=gateway_id,
        lines=lines,
        terms=terms,
        changes=find_changes(lines, [upgrade for upgrade in upgrades if upgrade.source_id in mine]),
        known_names={provider_id: identities.known_names(provider_id) for provider_id in providers},
        known_slugs={provider_id: identities.known_slugs(provider_id) for provider_id in providers},
    )


def _sightings(work: Workplace, gateway_id: str, looks: Looks, readings: Readings) -> Iterator[Sighting]:
    sources = [source for source in work.sources if source.gateway_id == gateway_id]
    seen = ((source, *one) for source in sources for one in enumerate(looks.settled.get(source.id, ())))
    for source, place, look in seen:
        reading = find_reading(look, readings)
        if reading is not None:
            yield Sighting(
                source_id=source.id,
                rank=source.rank,
                moment=look.moment,
                capture_id=look.capture_id,
                reading=reading,
                place=place,
                is_partial=look.is_partial,
                is_listing=source.format is not Format.ZDR_ENDPOINTS,
            )


def _declared_sightings(work: Workplace) -> Iterator[Sighting]:
    for day, reading in declared.read_declared(work.declarations.providers).items():
        midnight = datetime.combine(day, time(tzinfo=UTC))
        yield Sighting(
            source_id=declared.SOURCE_ID,
            rank=declared.RANK,
            moment=Moment(at=midnight, since=midnight, precision=Precision.DAY),
            capture_id=None,
            reading=reading,
            is_partial=True,
            is_listing=False,
        )


def _find_upgrades(work: Workplace, looks: Looks, readings: Readings, fingerprint: str) -> list[Upgrade]:
    """Return where this reader, or one before it, reads the same bytes otherwise than its predecessor did.

    The archive remembers what each reader made of a capture; what this one makes of it is added where it differs.
    """
    upgrades: list[Upgrade] = []
    done: set[tuple[str, str | None]] = set()
    for look in itertools.chain.from_iterable(looks.settled.values()):
        reading = find_reading(look, readings)
        if reading is None or look.capture_id is None or (look.source_id, look.capture_id) in done:
            continue
        done.add((look.source_id, look.capture_id))
        entries = work.archive.read_reading_log(look.source_id, look.capture_id)
        policies = _policies(reading)
        if policies and (not entries or entries[-1]["policies"] != policies):
            entries.append({"fingerprint": fingerprint, "policies": policies})
            work.archive.write_reading_log(look.source_id, look.capture_id, entries)
        upgrades += [
            Upgrade(
                source_id=look.source_id,
                capture_id=look.capture_id,
                captured_at=look.moment.at,
                before=before["policies"],
                after=after["policies"],
            )
            for before, after in itertools.pairwise(entries)
        ]
    return upgrades


def _policies(reading: Reading) -> dict[str, dict[str, str | None]]:
    policies: defaultdict[str, dict[str, str | None]] = defaultdict(dict)
    for claim in reading.claims:
        if claim.topic in POLICY_TOPICS:
            policies[claim.offering_id][claim.topic.value] = as_text(claim.value)
    return dict(policies)
