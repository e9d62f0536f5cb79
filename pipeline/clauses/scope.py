"""Settles what data a statement speaks of, when it holds and for which service."""

from typing import Final

from pipeline.clauses.found import Found
from pipeline.clauses.grammar import Reading
from pipeline.clauses.lexicon import groups
from pipeline.model import Condition, DataKind, Retention, RetentionKind, Service, Training

_DATA: Final = (
    ("fine_tuning", DataKind.FINE_TUNING),
    ("feedback", DataKind.FEEDBACK),
    ("content", DataKind.PROMPTS_OUTPUTS),
    ("files", DataKind.FILES),
    ("personal", DataKind.PERSONAL_DATA),
)

_SERVICES: Final = tuple(service for service in Service if service is not Service.UNSPECIFIED)


def data_of(found: Found) -> DataKind:
    """Return what data a statement speaks of."""
    has = found.reading.has
    for place in ("object.", "", "sentence.", "near."):
        for group, kind in _DATA:
            if has(place + group):
                return kind
    return DataKind.PROMPTS_OUTPUTS


def service_of(reading: Reading) -> Service:
    """Return the part of the services that a statement speaks of: from its sentence, headings or page."""
    for place in ("sentence", "headings"):
        for service in _SERVICES:
            if reading.has(f"{place}.service_{service.value}"):
                return service
    return reading.sentence.page.service


def service_of_page(title: str, start: str) -> Service:
    """Return the part of the services that a whole page is about, from its folded title and its first words."""
    named = groups()
    for text in (title, start):
        for service in (Service.CONSUMER, Service.BUSINESS, Service.API):
            if named[f"page_{service.value}"].search(text):
                return service
    return Service.UNSPECIFIED


def condition_of(found: Found) -> Condition:
    """Return when a statement holds: its rule tells, else words of choice or of a carve-out in its clause.

    What protects most, and only under a condition that somebody has to bring about, is an option.
    """
    if found.condition is Condition.DEFAULT and _protects_most(found) and found.reading.has("enabling"):
        return Condition.OPTION
    if found.condition is not Condition.DEFAULT or not isinstance(found.value, Retention):
        return found.condition
    if found.reading.has("by_choice") and not found.reading.has("negated"):
        return Condition.OPTION
    return found.condition


def _protects_most(found: Found) -> bool:
    return found.value is Training.NO or (isinstance(found.value, Retention) and found.value.kind is RetentionKind.NONE)
