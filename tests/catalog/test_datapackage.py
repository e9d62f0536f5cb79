import csv
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from table_rows import plain_row

from pipeline.catalog.publish import write_build
from pipeline.catalog.ready import READY
from pipeline.catalog.validate import check_tables
from schemas import TABLES
from schemas.columns import key_of, type_of, unit_of

AS_OF = datetime(2026, 7, 21, 12, 30, 5, tzinfo=UTC)
FRICTIONLESS_TYPES = {str: "string", int: "integer", bool: "boolean", datetime: "datetime", list: "array"}


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package") / "build"
    frames = check_tables({name: [plain_row(name)] if name != "conflicts" else [] for name in TABLES})
    write_build(folder, frames, build_key="ab" * 32, as_of=AS_OF)
    return folder


@pytest.fixture(scope="module")
def package(build: Path) -> dict[str, Any]:
    descriptor: dict[str, Any] = json.loads((build / "datapackage.json").read_bytes())
    return descriptor


def test_the_descriptor_says_as_of_when_and_from_what_it_was_built(package: dict[str, Any]) -> None:
    assert ("2026-07-21T12:30:05Z", "ab" * 32) == (package["as_of"], package["build_key"])
    assert "tabular-data-package" == package["profile"]


def test_the_descriptor_is_json_that_round_trips_and_ends_in_a_newline(build: Path, package: dict[str, Any]) -> None:
    text = (build / "datapackage.json").read_text(encoding="utf-8")
    assert f"{json.dumps(package, ensure_ascii=False, indent=2)}\n" == text


def test_every_table_is_a_resource_in_the_order_of_the_contract(package: dict[str, Any]) -> None:
    assert list(TABLES) == [one["title"] for one in package["resources"]]


def test_every_file_of_the_build_is_listed_with_its_size_and_hash(build: Path, package: dict[str, Any]) -> None:
    paths = sorted(path for path in build.rglob("*") if path.is_file() and path.name != "datapackage.json")
    assert 2 * len(TABLES) + len(READY) + 1 == len(paths)
    expected = [
        {
            "path": path.relative_to(build).as_posix(),
            "bytes": path.stat().st_size,
            "hash": f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}",
        }
        for path in paths
    ]
    assert expected == package["files"]


def test_every_path_is_relative_and_stays_within_the_build(package: dict[str, Any]) -> None:
    paths = [PurePosixPath(one["path"]) for one in [*package["files"], *package["resources"]]]
    assert [] == [path for path in paths if path.is_absolute() or ".." in path.parts]


@pytest.mark.parametrize("table", TABLES)
def test_a_resource_describes_its_csv_file(build: Path, package: dict[str, Any], table: str) -> None:
    (resource,) = [one for one in package["resources"] if one["title"] == table]
    schema, path = TABLES[table], build / resource["path"]
    assert f"csv/{table}.csv" == resource["path"]
    assert (path.stat().st_size, f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}") == (
        resource["bytes"],
        resource["hash"],
    )
    assert str(schema.description) == resource["description"]
    assert list(key_of(schema)) == resource["schema"]["primaryKey"]
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, strict=True)
    assert header == [field["name"] for field in resource["schema"]["fields"]]
    assert len(rows) == resource["row_count"]


@pytest.mark.parametrize("table", TABLES)
def test_a_field_has_the_type_unit_and_description_of_its_column(package: dict[str, Any], table: str) -> None:
    (resource,) = [one for one in package["resources"] if one["title"] == table]
    for field in resource["schema"]["fields"]:
        column = TABLES[table].columns[field["name"]]
        assert FRICTIONLESS_TYPES[type_of(TABLES[table], field["name"]).python] == field["type"]
        assert str(column.description) == field["description"]
        assert unit_of(TABLES[table], field["name"]) == field.get("unit")
        assert (None if column.nullable else {"required": True}) == field.get("constraints")
