"""Settles what data a statement speaks of, when it holds and for which service."""

from typing import Final

from pipeline.clauses.found import Found
from pipeline.clauses.grammar import Reading
from pipeline.model import Condition, DataKind, Service

_DATA: Final = (
    ("fine_tuning", DataKind.FINE_TUNING),
    ("feedback", DataKind.FEEDBACK),
    ("content", DataKind.PROMPTS_OUTPUTS),
    ("files", DataKind.FILES),
    ("personal", DataKind.PERSONAL_DATA),
)


def data_of(found: Found) -> DataKind:
    """Return what data a statement speaks of."""
    has = found.reading.has
    for place in ("object.", "", "sentence.", "near."):
        for group, kind in _DATA:
            if has(place + group):
                return kind
    return DataKind.PROMPTS_OUTPUTS


def service_of(reading: Reading) -> Service:
    """Return the part of the services that a statement speaks of."""
    for place in ("sentence", "headings", "title"):
        for service in Service:
            if service is not Service.UNSPECIFIED and reading.has(f"{place}.service_{service.value}"):
                return service
    return Service.UNSPECIFIED


def condition_of(found: Found) -> Condition:
    """Return when a statement holds."""
    return found.condition
