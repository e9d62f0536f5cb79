"""Storage durations as JSON-LD in the W3C Data Privacy Vocabulary, version 2. The context is inline.

A policy that is unknown asserts no storage condition: a note says so, and nothing can be concluded from its absence.
Where a source speaks of it in words that no rule reads, the note says that, and the words are quoted.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pipeline.catalog.reader import Catalog
from pipeline.model import RetentionKind
from pipeline.use.export.extract import Extract, Made
from pipeline.use.export.storage import Said, Storage, find_storage
from pipeline.use.wording import UNREAD

_CONTEXT: Final = {
    "dpv": "https://w3id.org/dpv#",
    "loc": "https://w3id.org/dpv/loc#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_DURATIONS: Final[Mapping[RetentionKind, str]] = {
    RetentionKind.NONE: "dpv:TemporalDuration",
    RetentionKind.PERIOD: "dpv:TemporalDuration",
    RetentionKind.UNTIL_EVENT: "dpv:UntilEventDuration",
    RetentionKind.INDEFINITE: "dpv:EndlessDuration",
    RetentionKind.UNSTATED: "dpv:IndeterminateDuration",
}
_NO_CONDITION: Final = "No storage condition is asserted: no source says whether prompts are stored."
_UNREAD_CONDITION: Final = f"No storage condition is asserted: whether prompts are stored is {UNREAD}."
_IDS: Final = "urn:provider-terms"  # of which each id is a name: RFC 8141 asks for one after the namespace
_DATASET: Final = f"{_IDS}:catalog"


def make_dpv(catalog: Catalog, extract: Extract) -> Made:
    """Return one JSON-LD document: a process and a recipient per offering, with the storage duration that is stated."""
    found = find_storage(catalog, extract)
    graph = [_dataset(extract), *(node for one in found for node in _nodes(one))]
    recipients = {node["@id"]: node for node in graph if node["@type"] == "dpv:Recipient"}
    others = [node for node in graph if node["@type"] != "dpv:Recipient"]
    document = {"@context": _CONTEXT, "@graph": [*others, *(recipients[name] for name in sorted(recipients))]}
    body = f"{json.dumps(document, ensure_ascii=False, indent=2)}\n".encode()
    return Made(files=(("provider-terms.jsonld", body),), remarks=())


def _dataset(extract: Extract) -> dict[str, Any]:
    (licence, *_) = extract.package["licenses"]
    return {
        "@id": _DATASET,
        "@type": "dcat:Dataset",
        "dct:title": extract.package["title"],
        "dct:issued": _typed(f"{extract.moment:%Y-%m-%dT%H:%M:%SZ}", "dateTime"),
        "dct:license": {"@id": licence["path"]},
        "dct:description": "; ".join((*extract.filters, f"whose statements count: {extract.basis}")),
    }


def _nodes(one: Storage) -> Iterable[dict[str, Any]]:
    offering = one.offering
    process: dict[str, Any] = {
        "@id": f"{_IDS}:process:{offering.gateway_id}:{offering.offering_id}",
        "@type": "dpv:Process",
        "dct:isPartOf": {"@id": _DATASET},
        "dct:identifier": offering.offering_id,
        "dct:title": f"Prompts to {offering.provider_name}, tier {offering.tier}, through {offering.gateway_id}",
        "dpv:hasRecipient": {"@id": f"{_IDS}:recipient:{offering.provider_id}"},
    }
    notes = [*one.on_storing.remarks]
    if one.stored.kind is not RetentionKind.UNKNOWN:
        process["dpv:hasStorageCondition"] = _condition(one)
    elif one.on_storing.side is None:
        notes.insert(0, _NO_CONDITION)
    else:
        notes.insert(0, _UNREAD_CONDITION)
        process["dct:source"] = _quotation(one.on_storing)
    process["skos:note"] = notes
    yield process
    recipient: dict[str, Any] = {
        "@id": f"{_IDS}:recipient:{offering.provider_id}",
        "@type": "dpv:Recipient",
        "dpv:hasName": offering.provider_name,
    }
    if offering.headquarters is not None:
        recipient["dpv:hasLocation"] = {"@id": f"loc:{offering.headquarters}"}
    yield recipient


def _condition(one: Storage) -> dict[str, Any]:
    duration: dict[str, Any] = {"@type": _DURATIONS[one.stored.kind]}
    if one.stored.days is not None:
        duration["rdf:value"] = _typed(f"P{one.stored.days}D", "duration")
    return {
        "@type": "dpv:StorageDuration",
        "dpv:hasDuration": duration,
        "dct:description": f"{one.words}; stated by: {one.on_storing.side}",
        "dct:source": _quotation(one.on_storing),
    }


def _quotation(one: Said) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": "schema:Quotation"}
    if one.quote is not None:
        found["schema:text"] = one.quote
    if one.url is not None:
        # A page of somebody else: its address stays a value, for it may hold what no identifier may.
        found["schema:url"] = _typed(one.url, "anyURI")
    if one.seen_at is not None:
        found["dct:date"] = _typed(f"{one.seen_at:%Y-%m-%d}", "date")
    return found


def _typed(value: str, kind: str) -> dict[str, str]:
    return {"@type": f"xsd:{kind}", "@value": value}
