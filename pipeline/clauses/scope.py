"""Settles what data a statement speaks of, when it holds and for which service."""

import re
from typing import Final

from pipeline.clauses.found import Found
from pipeline.clauses.grammar import Reading
from pipeline.clauses.lexicon import groups
from pipeline.clauses.outsiders import is_of_outsider
from pipeline.clauses.parts import is_about_part
from pipeline.clauses.strangers import is_of_named_upstream
from pipeline.model import Condition, DataKind, Retention, RetentionKind, Service, Training

_DATA: Final = (
    ("fine_tuning", DataKind.FINE_TUNING),
    ("feedback", DataKind.FEEDBACK),
    ("content", DataKind.PROMPTS_OUTPUTS),
    ("files", DataKind.FILES),
    ("personal", DataKind.PERSONAL_DATA),
)

# What begins so is of persons, whatever examples follow: "personal data you gave us, your photo among it".
_OF_PERSONS: Final = re.compile(r"(?:[\W\d]|any |all |the |your |such )*personal (?:data|information)\b")

# Those that are named more narrowly come first.
_SERVICES: Final = (
    *(Service.BATCH, Service.FINE_TUNING, Service.FREE, Service.PAID, Service.API, Service.BUSINESS, Service.CONSUMER),
)
_ENABLING: Final = ("enabling", "lead.enabling", "lead.option_head", "headings.option_head")
_TECHNICAL: Final = 0.043  # of the words of a page about an API; where it only uses one, they are a third as many
_FEWEST_WORDS: Final = 60


def data_of(found: Found) -> DataKind:
    """Return what data a statement speaks of."""
    has = found.reading.has
    if _OF_PERSONS.match(found.reading.object_text.strip()) and not has("object.content_in_logs"):
        return DataKind.PERSONAL_DATA
    for place in ("object.", "", "sentence.", "near."):
        for group, kind in _DATA:
            if has(place + group):
                return kind
    return DataKind.PROMPTS_OUTPUTS


def service_of(reading: Reading) -> Service:
    """Return the part of the services that a statement speaks of: from its sentence, headings or page."""
    for place in ("sentence", "headings"):
        named = [service for service in _SERVICES if reading.has(f"{place}.service_{service.value}")]
        if Service.BUSINESS in named and Service.API in named:  # the commercial offering, the API with it
            return Service.BUSINESS
        if named:
            return named[0]
    return reading.sentence.page.service


def service_of_page(title: str, start: str, whole: str) -> Service:
    """Return the part of the services that a whole page is about: from its folded title, its first words, its text.

    A page that leaves out what is for businesses is for consumers; one that speaks of requests, endpoints and payloads
    all the time is about an API.
    """
    named = groups()
    if named["leaves_out_business"].search(whole):
        return Service.CONSUMER
    for text, place in ((title, "page"), (start, "start")):
        for service in (Service.CONSUMER, Service.BUSINESS, Service.API):
            if named[f"{place}_{service.value}"].search(text):
                return service
    words = whole.count(" ") + 1
    is_technical = words >= _FEWEST_WORDS and sum(1 for _ in named["technical"].finditer(whole)) > _TECHNICAL * words
    return Service.API if is_technical else Service.UNSPECIFIED


def condition_of(found: Found) -> Condition:
    """Return when a statement holds: its rule tells, else words of choice or of a carve-out in its clause.

    What protects most, and only under a condition that somebody has to bring about, is an option. What is said of one
    product among many, or of one endpoint, is an exception: it is not what the others do.
    """
    if found.condition is Condition.DEFAULT and _protects_most(found) and _is_brought_about(found.reading):
        return Condition.OPTION
    if found.condition is not Condition.DEFAULT:
        return found.condition
    is_kept = isinstance(found.value, Retention)
    if is_kept and found.reading.has("by_choice") and not found.reading.has("negated"):
        return Condition.OPTION
    is_part = any(tells(found.reading) for tells in (is_about_part, is_of_outsider, is_of_named_upstream))
    return Condition.EXCEPTION if is_part else Condition.DEFAULT


def _is_brought_about(reading: Reading) -> bool:
    """Tell whether somebody has to do something first: "when you opt out", "set the flag and nothing is kept"."""
    return any(map(reading.has, _ENABLING)) or (not reading.has("noun") and reading.has("sentence.told_to_switch"))


def _protects_most(found: Found) -> bool:
    return found.value is Training.NO or (isinstance(found.value, Retention) and found.value.kind is RetentionKind.NONE)
