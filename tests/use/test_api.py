"""The static JSON API: whole, the same bytes each time, as its schemas declare, and safe to put in any file system."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from shipped_catalog import shipped_data

from pipeline import Catalog
from pipeline.cli import main
from pipeline.use.api.documents import make_api
from pipeline.use.api.shapes import MEMBERS, ROWS, read_shapes
from pipeline.use.export.extract import read_extract
from pipeline.use.selection import Selection
from schemas import TABLES

EVERY = Selection(with_delisted=True)
DAYS: dict[str, date | None] = {"now": None, "an earlier day": date(2025, 7, 31)}
Files = Mapping[str, Any]


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog.open(shipped_data(tmp_path_factory) / "catalog" / "current") as opened:
        yield opened


def made(catalog: Catalog, selection: Selection = EVERY, as_of: date | None = None) -> dict[str, bytes]:
    return dict(make_api(catalog, read_extract(catalog, selection, as_of)).files)


@pytest.fixture(scope="session", params=list(DAYS.values()), ids=list(DAYS))
def api(catalog: Catalog, request: pytest.FixtureRequest) -> Files:
    """Every document of the shipped catalog, by its path."""
    return {path: json.loads(body) for path, body in made(catalog, as_of=request.param).items()}


@pytest.fixture(scope="session")
def now(catalog: Catalog) -> Files:
    return {path: json.loads(body) for path, body in made(catalog).items()}


def parts(documents: Files) -> Iterator[tuple[str, object, Mapping[str, Any]]]:
    """Yield every value in the documents with where it stands and the schema that was declared for it."""
    for path, document in documents.items():
        kind = path.split("/")[1].removesuffix(".json").removesuffix("s")
        if kind in {"index", "provider", "change"}:
            schema = {"change": "changes"}.get(kind, kind)
            yield from _below(documents, path, document, {"$ref": f"{schema}.json"})


def _below(documents: Files, at: str, value: Any, schema: Mapping[str, Any]) -> Iterator[tuple[str, object, Any]]:  # noqa: ANN401
    if "$ref" in schema:
        schema = documents[f"v1/schemas/{schema['$ref']}"]
    yield at, value, schema
    if isinstance(value, dict):
        for name in value.keys() & schema["properties"].keys():
            yield from _below(documents, f"{at}/{name}", value[name], schema["properties"][name])
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _below(documents, f"{at}/{number}", one, schema["items"])


JSON_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", type(None): "null"}


def test_every_value_is_as_its_schema_declares_it(api: Files) -> None:
    wrong, seen = [], 0
    for at, value, schema in parts(api):
        seen += 1
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        is_right = JSON_TYPES[type(value)] in types and ("enum" not in schema or value in schema["enum"])
        if isinstance(value, dict):
            is_right &= list(value) == list(schema["properties"]) == schema["required"]
        wrong += [] if is_right else [at]
    assert [] == wrong[:5]
    assert seen > 10_000


def test_every_property_has_a_description_and_every_reference_a_file(now: Files) -> None:
    schemas = {path: one for path, one in now.items() if path.startswith("v1/schemas/")}
    assert len(schemas) > 15
    for schema in schemas.values():
        assert schema["description"]
        for name, declared in schema["properties"].items():
            assert declared["description"], name
            reference = declared.get("$ref") or declared.get("items", {}).get("$ref")
            assert reference is None or f"v1/schemas/{reference}" in schemas


def test_the_shapes_are_those_of_the_contract(now: Files, catalog: Catalog) -> None:
    shapes = read_shapes(read_extract(catalog, EVERY).package)
    for kind, table in ROWS.items():
        assert list(TABLES[table].columns) == list(shapes[kind].properties)
        for name, column in TABLES[table].columns.items():
            declared = now[f"v1/schemas/{kind}.json"]["properties"][name]
            assert str(column.description) in declared["description"]
            assert "null" in declared["type"] or not column.nullable


def test_a_closed_list_is_spelled_out_wherever_the_contract_has_one() -> None:
    seen = 0
    for name, schema in TABLES.items():
        for column, declared in schema.columns.items():
            listed = [set(check.statistics["allowed_values"]) for check in declared.checks if check.name == "isin"]
            if listed and (name in {*ROWS.values(), "providers", "policies"} or column == "terms_type"):
                assert listed == [{member.value for member in MEMBERS[column]}], f"{name}.{column}"
                seen += 1
    assert seen > 30


def test_nothing_is_lost_between_the_catalog_and_the_documents(catalog: Catalog, now: Files) -> None:
    index, documents = now["v1/index.json"], [one for path, one in now.items() if path.startswith("v1/providers/")]
    counted = {table: catalog.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in ROWS.values()}
    assert index["counts"] == {
        "providers": len(documents),
        "offerings": len(catalog.offerings(listed_only=False)),
        "offerings_in_catalog": len(catalog.offerings(listed_only=False)),
        **{table: counted[table] for table in ("claims", "conflicts", "changes")},
    }
    held = {name: sum(len(one[name]) for one in documents) for name in ("claims", "conflicts", "attribute_history")}
    assert held == {name: counted[name] for name in held}
    assert counted["policy_history"] == sum(len(one["gateway_history"]) for one in documents)
    assert counted["changes"] == len(now["v1/changes.json"]["changes"])
    assert [one["provider_id"] for one in index["providers"]] == sorted(one["provider_id"] for one in documents)
    assert {f"v1/{one['href']}" for one in index["providers"]} == {p for p in now if p.startswith("v1/providers/")}


def test_a_policy_in_short_says_how_its_values_are_carried(catalog: Catalog, now: Files) -> None:
    short = {one["offering_id"]: one for entry in now["v1/index.json"]["providers"] for one in entry["offerings"]}
    for one in catalog.offerings(listed_only=False):
        told = short[one.offering_id]
        assert (one.retention_basis, one.training_basis) == (told["retention_basis"], told["training_basis"])


def test_a_provider_says_what_the_catalog_says_with_the_words(catalog: Catalog, now: Files) -> None:
    one, document = catalog.get("openai"), now["v1/providers/openai.json"]
    (offering,) = document["offerings"]
    said = {basis: offering[basis]["retention_kind"] for basis in ("gateway", "provider", "strictest")}
    assert {
        "gateway": one.retention_kind,
        "provider": one.provider_retention_kind,
        "strictest": one.strictest_retention_kind,
    } == said
    claim = next(c for c in document["claims"] if c["claim_id"] == offering["gateway"]["retention_claim_id"])
    assert (one.retention_text, 64, True) == (claim["quote"], len(claim["capture_id"]), bool(claim["locator"]))
    assert claim["source_id"] in {source["source_id"] for source in document["sources"]}
    moments = [change["changed_at"] for change in document["changes"]]
    assert sorted(moments, reverse=True) == moments


def test_an_earlier_day_knows_nothing_of_later(catalog: Catalog) -> None:
    then = {path: json.loads(body) for path, body in made(catalog, as_of=date(2025, 7, 31)).items()}
    assert "2025-07-31T23:59:59.999999Z" == then["v1/index.json"]["as_of"]
    assert then["v1/index.json"]["counts"]["conflicts"] is None
    assert then["v1/index.json"]["remarks"]
    openai = then["v1/providers/openai.json"]
    assert (None, None) == (openai["conflicts"], openai["offerings"][0]["names"])
    moments = [
        value
        for at, value, schema in parts(then)
        if value is not None and schema.get("format") == "date-time" and at.startswith("v1/providers/")
    ]
    assert "2025-08" > max(map(str, moments)) > "2025-07"


def test_a_selection_is_said_and_kept(catalog: Catalog) -> None:
    chosen = Selection(max_retention_days=0)
    files = {path: json.loads(body) for path, body in made(catalog, chosen).items()}
    index = files["v1/index.json"]
    days = [one["retention_days"] for entry in index["providers"] for one in entry["offerings"]]
    assert {0} == set(days)
    assert (len(days), len(catalog.offerings(listed_only=False))) == (
        index["counts"]["offerings"],
        index["counts"]["offerings_in_catalog"],
    )
    assert list(chosen.as_words()) == index["filters"]
    assert "v1/providers/openai.json" not in files


def test_the_same_catalog_gives_the_same_bytes(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    data = shipped_data(tmp_path_factory)
    seen = []
    for target in (tmp_path / "a", tmp_path / "b", tmp_path / "a"):
        assert 0 == main(["export", "--format", "api", str(target), "--data", str(data)])
        seen.append({p.relative_to(target): p.read_bytes() for p in sorted(target.rglob("*")) if p.is_file()})
    assert seen[0] == seen[1] == seen[2]
    assert b"v1" == str(next(path for path in seen[0] if path.name == "index.json").parent).encode()


@pytest.mark.fault("Q11")
def test_q11_a_crafted_catalog_writes_nothing_outside_the_folder(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import duckdb  # noqa: PLC0415 - the package is slow to load
    from published_catalog import copy_of  # noqa: PLC0415 - so is pandas

    data = copy_of(shipped_data(tmp_path_factory), tmp_path / "data")
    current = (data / "catalog" / "current").resolve()
    with duckdb.connect(str(current / "catalog.duckdb")) as connection:
        for number, hostile in enumerate(("../../../../x", "CON", "y" * 300)):
            found = connection.execute("SELECT offering_id FROM providers ORDER BY 1 LIMIT 1 OFFSET ?", [number * 3])
            ((offering_id,),) = found.fetchall()
            connection.execute("UPDATE providers SET provider_id = ? WHERE offering_id = ?", [hostile, offering_id])
    package = json.loads((current / "datapackage.json").read_bytes())
    package["files"] = [one for one in package["files"] if one["path"] != "catalog.duckdb"]
    package["files"].append({"path": "catalog.duckdb", "hash": f"sha256:{_sha256(current / 'catalog.duckdb')}"})
    (current / "datapackage.json").write_text(json.dumps(package))
    before = {path for path in tmp_path.rglob("*") if "data" not in path.parts}
    assert 0 == main(["export", "--format", "api", str(tmp_path / "out" / "api"), "--all", "--data", str(data)])
    index = json.loads((tmp_path / "out" / "api" / "v1" / "index.json").read_bytes())
    hrefs = {entry["provider_id"]: entry["href"] for entry in index["providers"]}
    for hostile in ("../../../../x", "CON", "y" * 300):
        assert hrefs[hostile].startswith("providers/sha256-")
        document = json.loads((tmp_path / "out" / "api" / "v1" / hrefs[hostile]).read_bytes())
        assert hostile == document["provider_id"]
    assert before | {tmp_path / "out"} == {path for path in tmp_path.iterdir() if path.name != "data"}


def _sha256(path: Path) -> str:
    import hashlib  # noqa: PLC0415

    return hashlib.sha256(path.read_bytes()).hexdigest()
