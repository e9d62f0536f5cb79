"""The JSON API against its own schemas and description, as validators of others read them."""

import importlib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from shipped_catalog import shipped_data

from pipeline import Catalog
from pipeline.collect.files import replace_folder
from pipeline.use.api.documents import make_api
from pipeline.use.export.extract import read_extract
from pipeline.use.selection import Selection

pytestmark = pytest.mark.clients
HOST = "https://host.test/any/folder/v1/"
DAYS: dict[str, date | None] = {"now": None, "an earlier day": date(2025, 7, 31)}
Files = Mapping[str, Any]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog.open(shipped_data(tmp_path_factory) / "catalog" / "current") as opened:
        yield opened


@pytest.fixture(scope="module", params=list(DAYS.values()), ids=list(DAYS))
def folder(catalog: Catalog, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The API as it lies on a file host."""
    target = tmp_path_factory.mktemp("host") / "api"
    extract = read_extract(catalog, Selection(with_delisted=True), request.param)
    replace_folder(target, make_api(catalog, extract).files, kind="api")
    return target / "v1"


def validator(folder: Path, name: str) -> Any:  # noqa: ANN401 - of a package that only these tests have
    """Return a validator that reads the schemas at their addresses on the host."""
    jsonschema, referencing = importlib.import_module("jsonschema"), importlib.import_module("referencing")

    def retrieve(uri: str) -> object:
        return referencing.Resource.from_contents(json.loads((folder / uri.removeprefix(HOST)).read_bytes()))

    return jsonschema.Draft202012Validator(
        {"$ref": f"{HOST}schemas/{name}.json"},
        registry=referencing.Registry(retrieve=retrieve),
        format_checker=jsonschema.FormatChecker(["date-time"]),
    )


def test_the_schemas_are_schemas(folder: Path) -> None:
    jsonschema = importlib.import_module("jsonschema")
    schemas = sorted((folder / "schemas").iterdir())
    assert len(schemas) > 15
    for path in schemas:
        jsonschema.Draft202012Validator.check_schema(json.loads(path.read_bytes()))


def test_every_document_is_valid_by_its_schema(folder: Path) -> None:
    documents = [("index", folder / "index.json"), ("changes", folder / "changes.json")]
    documents += [("provider", path) for path in sorted((folder / "providers").iterdir())]
    assert len(documents) > 60
    validators = {name: validator(folder, name) for name in ("index", "changes", "provider")}
    for name, path in documents:
        assert [] == [error.message for error in validators[name].iter_errors(json.loads(path.read_bytes()))]


WRONG = [("training", "never"), ("retention_days", "30"), ("observed_at", "yesterday"), ("is_listed", None)]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_found(folder: Path, name: str, value: object) -> None:
    index = json.loads((folder / "index.json").read_bytes())
    index["providers"][0]["offerings"][0][name] = value
    assert 1 == len(list(validator(folder, "index").iter_errors(index)))


def test_the_description_is_openapi_3_1_and_leads_to_the_schemas(folder: Path) -> None:
    description = json.loads((folder / "openapi.json").read_bytes())
    openapi = importlib.import_module("openapi_spec_validator")
    openapi.OpenAPIV31SpecValidator(description, base_uri=(folder / "openapi.json").as_uri()).validate()
    for path, item in description["paths"].items():
        schema = item["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        assert (folder / schema).is_file(), path
    index = json.loads((folder / "index.json").read_bytes())
    named = [*index["links"].values(), *(entry["href"] for entry in index["providers"])]
    assert [] == [address for address in named if not (folder / address).is_file()]
