"""What is handed over of a catalog, as the documents of the API: their paths and their bytes."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from pipeline.catalog.reader import Catalog
from pipeline.use.api.description import as_openapi, as_schema, schema_version
from pipeline.use.api.shapes import ROWS, VERSION, read_shapes
from pipeline.use.export.extract import VIEW, Extract, Made
from pipeline.use.file_names import file_name

_ABOUT: Final = (
    "What providers of language models do with prompts, as their gateway and their own terms state it: facts with "
    "their words, dates and sources. Null is unknown, and unknown is never a promise. Nothing here is legal advice."
)
_Row = Mapping[str, Any]
_Part = tuple[Any, dict[str, object]]  # the id of the offering that it is of, if of one, and the object


def make_api(catalog: Catalog, extract: Extract) -> Made:
    """Return the files of the API, the same bytes for the same catalog, selection and day."""
    api = _Api(catalog, extract)
    files = tuple((f"{VERSION}/{path}", _bytes(document)) for path, document in api.files())
    return Made(files=files, remarks=extract.remarks)


def provider_path(provider_id: str) -> str:
    """Return where the document of a provider lies, below the version."""
    return f"providers/{file_name(provider_id)}.json"


def _bytes(document: object) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


class _Api:
    """The documents of one extract."""

    def __init__(self, catalog: Catalog, extract: Extract) -> None:
        self._extract = extract
        self._shapes = read_shapes(extract.package)
        self._sources = catalog.rows("SELECT * FROM sources ORDER BY source_id")
        self._version = schema_version(self._shapes)
        self._head = {
            "as_of": self._shapes["gateway_policy"].fill({"observed_at": extract.moment})["observed_at"],
            "build_key": str(extract.package.get("build_key")),
            "schema_version": self._version,
        }

    def files(self) -> Iterator[tuple[str, object]]:
        """Yield every document by its path below the version."""
        yield "index.json", self._index()
        yield (
            "changes.json",
            self._shapes["changes"].fill({}, **self._head, changes=[one for _, one in self._parts["change"] or ()]),
        )
        for provider_id, offerings in self._providers.items():
            yield provider_path(provider_id), self._provider(provider_id, offerings)
        for name, shape in self._shapes.items():
            yield f"schemas/{name}.json", as_schema(shape)
        yield "openapi.json", as_openapi(self._shapes, self._version)

    @cached_property
    def _providers(self) -> dict[str, list[_Row]]:
        """The offerings of each provider, by gateway and id; a row has all that any table tells of an offering."""
        rows: defaultdict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
        for name in (VIEW, "providers", "policies"):
            for row in _rows(self._extract, name) or ():
                rows[row["gateway_id"], row["offering_id"]].update(row)
        found: defaultdict[str, list[_Row]] = defaultdict(list)
        for _, row in sorted(rows.items()):
            found[row["provider_id"]].append(row)
        return dict(sorted(found.items()))

    @cached_property
    def _parts(self) -> dict[str, list[_Part] | None]:
        """The objects of each kind with the offering that each is of; None of a kind that cannot be told of the day."""
        parts: dict[str, list[_Part] | None] = {}
        for kind, table in ROWS.items():
            rows = _rows(self._extract, table)
            if rows is not None and kind == "change":
                rows.sort(key=lambda row: (row["changed_at"], row["change_id"]), reverse=True)
            fill = self._shapes[kind].fill
            parts[kind] = None if rows is None else [(row["offering_id"], fill(row)) for row in rows]
        return parts

    @cached_property
    def _parts_of(self) -> Mapping[tuple[str, str], list[dict[str, object]]]:
        """The same by kind and provider; a change that concerns no single offering is nobody's."""
        provider_of = {row["offering_id"]: one for one, rows in self._providers.items() for row in rows}
        found: defaultdict[tuple[str, str], list[dict[str, object]]] = defaultdict(list)
        for kind, parts in self._parts.items():
            for offering_id, part in parts or ():
                # What a provider's pages say goes by the provider's id, though only a tier of it be chosen.
                found[kind, provider_of.get(offering_id, str(offering_id))].append(part)
        return found

    def _index(self) -> dict[str, object]:
        extract, shapes = self._extract, self._shapes
        entries = [
            shapes["provider_entry"].fill(
                {},
                provider_id=provider_id,
                provider_name=_name(rows),
                href=provider_path(provider_id),
                offerings=[shapes["short_policy"].fill(row) for row in rows],
            )
            for provider_id, rows in self._providers.items()
        ]
        counts = {
            "providers": len(entries),
            "offerings": len(extract.offerings),
            "offerings_in_catalog": extract.of_offerings,
            **{f"{kind}s": _count(self._parts[kind]) for kind in ("claim", "conflict", "change")},
        }
        return shapes["index"].fill(
            {},
            **self._head,
            description=_ABOUT,
            filters=list(extract.filters),
            remarks=list(extract.remarks),
            counts=shapes["counts"].fill({}, **counts),
            links=shapes["links"].fill({}, changes="changes.json", openapi="openapi.json"),
            providers=entries,
        )

    def _provider(self, provider_id: str, rows: Sequence[_Row]) -> dict[str, object]:
        shapes = self._shapes
        parts = {
            kind: None if every is None else self._parts_of[kind, provider_id] for kind, every in self._parts.items()
        }
        cited = set(_cited(parts, rows))
        return shapes["provider"].fill(
            {},
            **self._head,
            provider_id=provider_id,
            provider_name=_name(rows),
            offerings=[self._offering(row) for row in rows],
            sources=[shapes["source"].fill(row) for row in self._sources if row["source_id"] in cited],
            claims=parts["claim"],
            conflicts=parts["conflict"],
            gateway_history=parts["gateway_interval"],
            provider_history=parts["provider_interval"],
            attribute_history=parts["attribute_interval"],
            changes=parts["change"],
            zdr_endpoints=parts["zdr_endpoint"],
        )

    def _offering(self, row: _Row) -> dict[str, object]:
        policies = {one: self._shapes[f"{one}_policy"].fill(row) for one in ("gateway", "provider", "strictest")}
        return self._shapes["offering"].fill(row, **policies)


def _rows(extract: Extract, name: str) -> list[dict[str, Any]] | None:
    """Return the rows of a table by column, or None where it cannot be told as of the day."""
    table = extract.find(name)
    return None if table is None else [dict(zip(table.names, row, strict=True)) for row in table.rows]


def _count(parts: Sequence[_Part] | None) -> int | None:
    return None if parts is None else len(parts)


def _name(rows: Sequence[_Row]) -> str:
    """Return the name to print: that of the default tier, which goes by the shortest id."""
    return str(min(rows, key=lambda row: (len(row["offering_id"]), row["offering_id"]))["provider_name"])


def _cited(parts: Mapping[str, Iterable[Mapping[str, object]] | None], rows: Iterable[_Row]) -> Iterator[object]:
    for one in (*rows, *(one for found in parts.values() for one in found or ())):
        yield from (value for name, value in one.items() if name.endswith("source_id"))
