"""What each document and part of one holds: the one description that documents and their schemas are made by. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from pipeline.model import (
    Agreement,
    Basis,
    Bound,
    Cause,
    ChangeKind,
    Condition,
    ConflictReason,
    DataKind,
    Grade,
    RetentionKind,
    Service,
    TermsType,
    Tier,
    Topic,
    Training,
    Verification,
    ZdrAvailability,
)
from pipeline.use.export.as_of import TOLD

VERSION: Final = "v1"  # of the paths and of what the documents hold; another one where either changes its meaning
Schema = dict[str, Any]

# The closed lists, by the columns that hold one of their words.
MEMBERS: Final[Mapping[str, type[StrEnum]]] = {
    "tier": Tier,
    "topic": Topic,
    "attribute": Topic,
    "terms_type": TermsType,
    "cause": Cause,
    "change_kind": ChangeKind,
    "reason": ConflictReason,
    "data": DataKind,
    "condition": Condition,
    "service": Service,
    "grade": Grade,
    "zdr_available": ZdrAvailability,
    **dict.fromkeys(("retention_bound", "provider_retention_bound", "strictest_retention_bound"), Bound),
    **dict.fromkeys(("basis", "retention_basis", "training_basis"), Basis),
    **dict.fromkeys(("retention_kind", "provider_retention_kind", "strictest_retention_kind"), RetentionKind),
    **dict.fromkeys(("training", "provider_training", "strictest_training"), Training),
    **dict.fromkeys(("agreement", "retention_agreement", "training_agreement"), Agreement),
    **dict.fromkeys(("verification", "other_verification"), Verification),
}
_TYPES: Final[Mapping[str, Schema]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "datetime": {"type": "string", "format": "date-time"},
    "array": {"type": "array", "items": {"type": "string"}},
}
# What no earlier day can be told of: then it is null, as what is unknown always is.
_NOW_ONLY: Final = "names slugs is_reviewed first_seen_at last_seen_at headquarters_at staleness_days evidence_count"
_IDENTITY: Final = (
    "gateway_id offering_id tier is_listed delisted_at is_reviewed names slugs first_seen_at last_seen_at headquarters "
    "headquarters_at datacenters terms_url privacy_url data_usage_url status_url"
)
_GATEWAY: Final = (
    "retention_kind retention_days retention_bound retention_text retention_basis training training_text "
    "training_basis can_publish requires_user_ids source_id observed_at staleness_days retention_claim_id "
    "training_claim_id"
)
_PROVIDER: Final = (
    "provider_retention_kind provider_retention_days provider_retention_bound provider_training zdr_available "
    "provider_retention_claim_id provider_training_claim_id zdr_claim_id"
)
_STRICTEST: Final = "strictest_retention_kind strictest_retention_days strictest_retention_bound strictest_training"
_AGREEMENT: Final = "agreement retention_agreement training_agreement evidence_count last_verified_at"
_SHORT: Final = (
    "gateway_id offering_id tier is_listed retention_kind retention_days retention_bound retention_basis training "
    "training_basis provider_retention_kind provider_retention_days provider_retention_bound provider_training "
    "strictest_retention_kind strictest_retention_days strictest_retention_bound strictest_training agreement "
    "zdr_available observed_at terms_url privacy_url data_usage_url status_url"
)
# The parts that hold the rows of a table as they are, and what they are of one provider.
ROWS: Final[Mapping[str, str]] = {
    "claim": "claims",
    "conflict": "conflicts",
    "change": "changes",
    "gateway_interval": "policy_history",
    "provider_interval": "provider_policy_history",
    "attribute_interval": "attribute_history",
    "zdr_endpoint": "zdr_endpoints",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One kind of object: its properties in order, each with its schema, and the column that fills it if one does."""

    name: str
    description: str
    properties: Mapping[str, Schema]
    columns: Mapping[str, str]

    def fill(self, row: Mapping[str, object], **parts: object) -> dict[str, object]:
        """Return the object of a row: every declared property, null where nothing is known, and no other."""
        return {name: parts[name] if name in parts else _json(row.get(self.columns[name])) for name in self.properties}


def read_shapes(package: Mapping[str, Any]) -> dict[str, Shape]:
    """Return every shape by its name; types and descriptions are those of the catalog's own descriptor."""
    tables = {one["title"]: one for one in package["resources"]}
    offerings, sources = _fields(tables["policies"], tables["providers"]), _fields(tables["sources"])
    shapes = [_of_table(name, tables[table]) for name, table in ROWS.items()]
    shapes += [
        _of_columns("gateway_policy", "What the gateway states.", offerings, _GATEWAY),
        _of_columns("provider_policy", "What the provider's own terms state.", offerings, _PROVIDER, "provider_"),
        _of_columns("strictest_policy", "The strictest reading of both.", offerings, _STRICTEST, "strictest_"),
        _of_columns("short_policy", "One offering in short, on all three bases, and its links.", offerings, _SHORT),
        _of_columns("source", "A source that is cited.", sources, "source_id gateway_id title terms_type url"),
        _offering(offerings),
        *_documents(),
    ]
    return {shape.name: shape for shape in shapes}


def _of_table(name: str, resource: Mapping[str, Any]) -> Shape:
    told = TOLD.get(resource["title"])
    hidden = {*told.without, *told.shown} if told else set()
    fields = {field["name"]: _column(field, hidden) for field in resource["schema"]["fields"]}
    return Shape(
        name=name, description=resource["description"], properties=fields, columns={one: one for one in fields}
    )


def _fields(*resources: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the columns of some tables by name; what two have means the same in both."""
    return {field["name"]: field for resource in resources for field in resource["schema"]["fields"]}


def _of_columns(
    name: str, description: str, fields: Mapping[str, Mapping[str, Any]], columns: str, prefix: str = ""
) -> Shape:
    """Return a shape of some columns, called without the prefix that the name of the shape makes needless."""
    called = {column.removeprefix(prefix): column for column in columns.split()}
    properties = {one: _column(fields[column], _NOW_ONLY.split()) for one, column in called.items()}
    return Shape(name=name, description=description, properties=properties, columns=called)


def _column(field: Mapping[str, Any], hidden: Iterable[str]) -> Schema:
    """Return the schema of a column; null is allowed where it may be empty, or cannot be told as of an earlier day."""
    name = field["name"]
    is_nullable = not field.get("constraints", {}).get("required") or name in hidden
    schema = dict(_TYPES[field["type"]])
    if name in MEMBERS:
        schema["enum"] = [member.value for member in MEMBERS[name]] + [None] * is_nullable
    if is_nullable:
        schema["type"] = [schema["type"], "null"]
    unit = f" In {field['unit']}." if "unit" in field else ""
    return schema | {"description": f"{field['description']}{unit}"}


def _offering(fields: Mapping[str, Mapping[str, Any]]) -> Shape:
    identity = _of_columns("offering", "One offering: who it is, and what holds of it.", fields, _IDENTITY)
    agreement = _of_columns("agreement", "", fields, _AGREEMENT)
    policies: Mapping[str, Schema] = {
        "gateway": _ref("gateway_policy", "As the gateway states it."),
        "provider": _ref("provider_policy", "As the provider's own terms state it."),
        "strictest": _ref("strictest_policy", "The less protective of both statements, on each topic."),
    }
    return Shape(
        name="offering",
        description=identity.description,
        properties={**identity.properties, **policies, **agreement.properties},
        columns={**identity.columns, **agreement.columns},
    )


def _documents() -> Iterable[Shape]:
    now = "Null as of an earlier day: only the newest state of these is kept."
    head = {
        "as_of": _own("string", "The newest observation that it rests on, or the day that was asked for.", "date-time"),
        "build_key": _own("string", "What the catalog was built from: the same key, the same catalog."),
        "schema_version": _own("string", "Of the schemas beside it: another one where any property is another."),
    }
    yield _shape(
        "index",
        "The first document to read: who is in it, each in short, and where the rest is.",
        **head,
        description=_own("string", "What it is, and what it is not."),
        filters=_list_of({"type": "string"}, "What was asked of the offerings that are in it, a sentence each."),
        remarks=_list_of({"type": "string"}, "What could not be told, a sentence each."),
        counts=_ref("counts", "How much there is."),
        links=_ref("links", "Where the rest is."),
        providers=_many("provider_entry", "Every provider, by id."),
    )
    counts = {one: _own("integer", f"How many {one.replace('_', ' ')} there are.") for one in _COUNTED}
    counts["conflicts"] |= {"type": ["integer", "null"]}  # as of an earlier day
    yield _shape("counts", "How much there is; `offerings_in_catalog` are those before any filter.", **counts)
    links = {"changes": "The changes of all.", "openapi": "A description of these addresses (OpenAPI 3.1)."}
    yield _shape(
        "links", "Addresses relative to this document.", **{one: _own("string", said) for one, said in links.items()}
    )
    yield _shape(
        "provider_entry",
        "One provider in short.",
        **_NAMED,
        href=_own("string", "Its document, relative to this one."),
        offerings=_many("short_policy", "Its offerings, by gateway and id."),
    )
    yield _shape(
        "provider",
        "All that is known of one provider: its offerings, the statements behind them, and how they came about.",
        **head,
        **_NAMED,
        offerings=_many("offering", "Its offerings, by gateway and id."),
        sources=_many("source", "The sources that its claims and history cite."),
        claims=_many("claim", "Every statement that a source makes, or that a policy rests on."),
        conflicts=_many("conflict", f"Pairs of claims that cannot both hold. {now}", is_nullable=True),
        gateway_history=_many("gateway_interval", "What the gateway stated, over time."),
        provider_history=_many("provider_interval", "What the provider's own terms stated, over time."),
        attribute_history=_many("attribute_interval", "Names, links, places and flags over time."),
        changes=_many("change", "Its changes, newest first."),
        zdr_endpoints=_many("zdr_endpoint", f"Endpoints listed as zero-retention. {now}", is_nullable=True),
    )
    yield _shape("changes", "The changes of all, newest first.", **head, changes=_many("change", "Typed events."))


_COUNTED: Final = ("providers", "offerings", "offerings_in_catalog", "claims", "conflicts", "changes")
DOCUMENTS: Final = ("index", "provider", "changes")
_NAMED: Final[Mapping[str, Schema]] = {
    "provider_id": {"type": "string", "description": "The company."},
    "provider_name": {"type": "string", "description": "The name to print."},
}


def _shape(name: str, description: str, /, **properties: Schema) -> Shape:
    return Shape(name=name, description=description, properties=properties, columns={})


def _own(type_: str, description: str, form: str | None = None) -> Schema:
    return {"type": type_, **({"format": form} if form else {}), "description": description}


def _ref(shape: str, description: str) -> Schema:
    return {"$ref": f"{shape}.json", "description": description}


def _many(shape: str, description: str, *, is_nullable: bool = False) -> Schema:
    found = _list_of({"$ref": f"{shape}.json"}, description)
    return found | {"type": ["array", "null"]} if is_nullable else found


def _list_of(items: Schema, description: str) -> Schema:
    return {"type": "array", "items": items, "description": description}


def _json(value: object) -> object:
    """Return what JSON has for a value of a column; times are UTC, in ISO 8601."""
    match value:
        case datetime():
            return f"{value.replace(tzinfo=None).isoformat()}Z"
        case list() | tuple():
            return list(value)
        case _:
            return value
