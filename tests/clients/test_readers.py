"""Programs of others read what is published and what is handed over: data frames, databases, spreadsheets, graphs."""

import asyncio
import csv
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from handed_over import EVERYTHING, WORDS, extract_of, naughty_strings, write_words
from patience import PATIENCE
from scripted_site import Site
from shipped_catalog import shipped_data
from terms_lab import KEPT_90, NOT_TRAINED, TermsLab, html, kept

from pipeline.catalog.reader import Catalog
from pipeline.cli import main
from pipeline.collect.files import replace_folder
from pipeline.use.export.dpv import make_dpv
from pipeline.use.export.extract import VIEW, read_extract
from pipeline.use.export.folders import make_csv
from pipeline.use.export.workbook import make_xlsx
from pipeline.use.selection import Selection
from schemas import TABLES

pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("ignore")]  # theirs, on import

OLD_DUCKDB = Path(sys.executable).parent.parent / "duckdb-1.2"
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Tables:
    """Where a catalog lies, and what was exported of it, by format."""

    current: Path
    exported: dict[str, Path]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tables]:
    """A catalog in which a provider's own pages speak too, so that no table of claims or history is one-sided."""
    folder = tmp_path_factory.mktemp("readers")
    with Site() as site:
        lab = TermsLab(folder / "data", site)
        lab.list_providers(acme=kept(30), quiet=kept(None, training=None))
        lab.provider("acme", lab.a_page("/acme"))
        site.serve("/acme", html(KEPT_90, NOT_TRAINED))
        lab.refresh()
        exported = {}
        for form in ("csv", "jsonl", "parquet", "sqlite", "xlsx", "dpv"):
            exported[form] = folder / form
            assert 0 == lab.main("export", "--format", form, str(exported[form]), "--all")
        yield Tables((lab.folder / "catalog" / "current").resolve(), exported)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_data(tmp_path_factory) / "catalog" / "current"


def rows_of(current: Path, name: str) -> Rows:
    with Catalog.open(current) as catalog:
        found = catalog.rows(f"SELECT * FROM {name}")
    return [{key: without_zone(value) for key, value in row.items()} for row in found]


def without_zone(value: object) -> object:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def valid(path: Path) -> bool:
    frictionless = importlib.import_module("frictionless")
    report = frictionless.Package(str(path)).validate()
    return bool(report.valid)


def test_frictionless_finds_the_published_package_valid(tables: Tables, shipped: Path) -> None:
    assert valid(tables.current / "datapackage.json")
    assert valid(shipped / "datapackage.json")


def test_frictionless_finds_a_folder_that_is_handed_over_valid(tables: Tables) -> None:
    assert valid(tables.exported["csv"] / "datapackage.json")


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_frictionless_finds_every_descriptor_well_formed(tables: Tables, form: str) -> None:
    frictionless = importlib.import_module("frictionless")
    descriptor = json.loads((tables.exported[form] / "datapackage.json").read_bytes())
    assert [] == list(frictionless.Package.metadata_validate(descriptor))
    assert len(TABLES) + 1 == len(frictionless.Package.from_descriptor(descriptor).resources)


def test_pandas_and_duckdb_read_json_lines(tables: Tables) -> None:
    pandas, duckdb = importlib.import_module("pandas"), importlib.import_module("duckdb")
    for name in (VIEW, "providers", "policies", "claims"):
        path, rows = tables.exported["jsonl"] / f"{name}.jsonl", rows_of(tables.current, name)
        assert [row["offering_id"] for row in rows] == list(pandas.read_json(path, lines=True)["offering_id"])
        with duckdb.connect() as memory:
            found = memory.execute("SELECT offering_id FROM read_json(?)", [str(path)]).fetchall()
        assert [row["offering_id"] for row in rows] == [offering_id for (offering_id,) in found]


def test_frictionless_finds_what_was_told_as_of_a_day_valid(shipped: Path, tmp_path: Path) -> None:
    with Catalog.open(shipped) as catalog:
        replace_folder(
            tmp_path / "out", make_csv(catalog, read_extract(catalog, Selection(), date(2025, 7, 31))).files, kind="csv"
        )
    assert valid(tmp_path / "out" / "datapackage.json")


def test_frictionless_finds_hostile_text_valid_and_an_altered_file_not(tmp_path: Path) -> None:
    catalog, extract = extract_of(write_words(tmp_path / "build", list(WORDS)))
    with catalog:
        replace_folder(tmp_path / "out", make_csv(catalog, extract).files, kind="csv")
    assert valid(tmp_path / "out" / "datapackage.json")
    with (tmp_path / "out" / "providers.csv").open("ab") as file:
        file.write(b"one,more\r\n")
    assert not valid(tmp_path / "out" / "datapackage.json")


def with_polars(path: Path) -> Rows:
    found: Rows = importlib.import_module("polars").read_parquet(path).to_dicts()
    return found


def with_pyarrow(path: Path) -> Rows:
    found: Rows = importlib.import_module("pyarrow.parquet").read_table(path).to_pylist()
    return found


def with_duckdb(path: Path) -> Rows:
    duckdb = importlib.import_module("duckdb")
    with duckdb.connect() as memory:
        cursor = memory.execute("SELECT * FROM read_parquet(?)", [str(path)])
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.mark.fault("Q09")
@pytest.mark.parametrize("read", [with_polars, with_pyarrow, with_duckdb])
@pytest.mark.parametrize("place", ["published", "exported"])
def test_q09_parquet_is_read_to_the_same_rows(tables: Tables, read: Any, place: str) -> None:  # noqa: ANN401
    folder = tables.current / "parquet" if place == "published" else tables.exported["parquet"]
    names = [*TABLES] if place == "published" else [VIEW, *TABLES]
    assert {f"{name}.parquet" for name in names} == {path.name for path in folder.glob("*.parquet")}
    for name in names:
        assert rows_of(tables.current, name) == read(folder / f"{name}.parquet"), name


@pytest.mark.fault("Q09")
@pytest.mark.parametrize("place", ["published", "exported"])
def test_q09_pandas_reads_parquet_with_its_types(tables: Tables, place: str) -> None:
    pandas = importlib.import_module("pandas")
    folder = tables.current / "parquet" if place == "published" else tables.exported["parquet"]
    for name, schema in TABLES.items():
        frame, rows = pandas.read_parquet(folder / f"{name}.parquet"), rows_of(tables.current, name)
        assert (len(rows), list(schema.columns)) == (len(frame), list(frame.columns))
        times = [column for column, declared in schema.columns.items() if str(declared.dtype).startswith("datetime")]
        assert all(str(frame[column].dtype).startswith("datetime64") for column in times)
        for key in (schema.metadata or {})["key"]:
            assert [row[key] for row in rows] == list(frame[key])


_OLD = """
import json, sys, duckdb
def rows(connection, sql):
    return [list(map(str, row)) for row in connection.execute(sql).fetchall()]
database, parquet, tables = sys.argv[1], sys.argv[2], sys.argv[3].split(",")
with duckdb.connect(database, read_only=True) as catalog:
    found = {name: rows(catalog, f"SELECT * FROM {name}") for name in tables}
    found["then"] = rows(catalog, "SELECT * FROM provider_terms_as_of(TIMESTAMP '2026-07-15 23:59:59')")
    found["now"] = rows(catalog, "SELECT * FROM provider_terms_as_of(TIMESTAMP '2031-01-01 00:00:00')")
with duckdb.connect() as memory:
    for name in tables:
        found["parquet " + name] = rows(memory, f"SELECT * FROM read_parquet('{parquet}/{name}.parquet')")
print(json.dumps([duckdb.__version__, found]))
"""


def ask_duckdb(where: Path | None, database: Path, parquet: Path) -> tuple[str, dict[str, list[list[str]]]]:
    """Return the version of a DuckDB and all that it reads, in a process of its own."""
    environment = os.environ | ({"PYTHONPATH": str(where)} if where else {})
    names = ",".join([VIEW, *TABLES])
    command = [sys.executable, "-c", _OLD, str(database), str(parquet), names]
    ran = subprocess.run(command, env=environment, capture_output=True, check=True, encoding="utf-8", timeout=PATIENCE)
    version, found = json.loads(ran.stdout)
    return version, found


@pytest.mark.fault("Q09")
@pytest.mark.parametrize("catalog", ["lab", "shipped"])
def test_q09_an_old_and_a_new_duckdb_read_the_same_of_database_macro_and_parquet(
    tables: Tables, shipped: Path, tmp_path: Path, catalog: str
) -> None:
    if catalog == "lab":
        current, parquet = tables.current, tables.exported["parquet"]
    else:
        current, parquet = shipped.resolve(), tmp_path / "parquet"
        data = shipped.parent.parent
        assert 0 == main(["export", "--format", "parquet", str(parquet), "--all", "--data", str(data)])
    version, old = ask_duckdb(OLD_DUCKDB, current / "catalog.duckdb", parquet)
    newest, new = ask_duckdb(None, current / "catalog.duckdb", parquet)
    assert (["1", "2"], "2") == (version.split(".")[:2], newest.split(".")[0])
    assert old == new
    assert all(new[name] == new[f"parquet {name}"] for name in (VIEW, *TABLES))
    assert len(new["now"]) == len(new[VIEW]) > 0


@dataclass(frozen=True, slots=True)
class Pages:
    """What Datasette answers, by path."""

    found: dict[str, Any]


PATHS = (
    f"/catalog/{VIEW}.json?_shape=array&_size=max",
    "/catalog/claims.json?_shape=objects&_search=train&_size=max",
    "/catalog/policies.json?_shape=objects&_labels=on",
    "/catalog/providers.json?_shape=array&names__arraycontains=Acme",
    "/catalog.json",
    "/-/metadata.json",
)


@pytest.fixture(scope="module")
def pages(tables: Tables) -> Pages:
    return Pages(datasette_answers(tables.exported["sqlite"], PATHS))


def datasette_answers(folder: Path, paths: tuple[str, ...]) -> dict[str, Any]:
    datasette = importlib.import_module("datasette.app")
    app = datasette.Datasette(
        [str(folder / "catalog.sqlite")], metadata=json.loads((folder / "metadata.json").read_bytes())
    )

    async def ask() -> dict[str, Any]:
        answers = {path: await app.client.get(path) for path in paths}
        assert {200} == {answer.status_code for answer in answers.values()}
        pages = [f"/catalog/{name}" for name in (VIEW, *TABLES)]
        assert {200} == {(await app.client.get(page)).status_code for page in pages}
        return {path: answer.json() for path, answer in answers.items()}

    return asyncio.run(ask())


def test_datasette_shows_the_view_the_words_and_the_lists(tables: Tables, pages: Pages) -> None:
    view, searched, _, listed, *_ = (pages.found[path] for path in PATHS)
    assert [row["offering_id"] for row in rows_of(tables.current, VIEW)] == [row["offering_id"] for row in view]
    quotes = [row["quote"] or "" for row in searched["rows"]]
    assert NOT_TRAINED in quotes
    assert not any("retained for 90 days" in quote for quote in quotes)
    assert ["acme"] == [row["offering_id"] for row in listed]


def test_datasette_knows_keys_references_and_descriptions(pages: Pages) -> None:
    database, metadata = pages.found["/catalog.json"], pages.found["/-/metadata.json"]
    tables = {one["name"]: one for one in database["tables"]}
    assert ["gateway_id", "offering_id"] == tables["providers"]["primary_keys"]
    assert {"claims", "sources"} <= {one["other_table"] for one in tables["policies"]["foreign_keys"]["outgoing"]}
    assert "claims_fts" == tables["claims"]["fts_table"]
    described = metadata["databases"]["catalog"]["tables"]
    assert {VIEW, *TABLES} == described.keys()
    assert "Apache-2.0" == metadata["license"]


def test_openpyxl_opens_the_workbook_with_types_links_and_a_frozen_header(tables: Tables) -> None:
    openpyxl = importlib.import_module("openpyxl")
    # Its name says nothing of its kind, so that it is opened as a stream.
    with tables.exported["xlsx"].open("rb") as file:
        book = openpyxl.load_workbook(file)
    assert ["About", VIEW, *TABLES, "Data dictionary"] == book.sheetnames
    for name in (VIEW, *TABLES):
        sheet, rows = book[name], rows_of(tables.current, name)
        header, *lines = sheet.iter_rows(values_only=True)
        assert (len(rows), list(rows[0]) if rows else list(header)) == (len(lines), list(header))
        assert (True, True) == (sheet.freeze_panes.endswith("2"), sheet.auto_filter.ref.startswith("A1"))
        for row, line in zip(rows, lines, strict=True):
            assert [shown_by_a_sheet(value) for value in row.values()] == list(line)
    claims = book["claims"]
    place = next(cell.column for cell in claims[1] if cell.value == "url")
    found = [claims.cell(row, place) for row in range(2, claims.max_row + 1)]
    assert any(cell.hyperlink and cell.hyperlink.target == cell.value for cell in found)


def shown_by_a_sheet(value: object) -> object:
    match value:
        case datetime():
            return value.replace(microsecond=0)
        case list():
            return json.dumps(value, ensure_ascii=False)
        case "":
            return None
        case _:
            return value


def unescaped(text: str | None) -> str:
    """Return a cell's text as Office reads it: what no XML may hold is written as `_xHHHH_`, and so is its escape."""
    return re.sub("_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), text or "")


def workbook_of(words: list[str], folder: Path) -> Path:
    catalog, extract = extract_of(write_words(folder / "build", words))
    path = folder / "hostile.xlsx"
    with catalog:
        path.write_bytes(make_xlsx(catalog, extract).files[0][1])
    return path


def read_with_openpyxl(path: Path) -> tuple[list[str], list[str], set[str]]:
    """Return the names, the quotes and the kinds of all cells that hold something."""
    book = importlib.import_module("openpyxl").load_workbook(path)
    names, quotes = (
        [unescaped(cell.value) for cell in book[sheet][letter][1:]]
        for sheet, letter in (("providers", "D"), ("claims", "L"))
    )
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    return names, quotes, kinds


def in_a_name(words: list[str]) -> list[str]:
    return [text if len(text) <= 200 else f"too long for a name {number}" for number, text in enumerate(words)]


@pytest.mark.fault("Q01", "Q02", "E05", "E06", "E07")
def test_q01_openpyxl_reads_hostile_text_unchanged_and_no_formula(tmp_path: Path) -> None:
    names, quotes, kinds = read_with_openpyxl(workbook_of(list(WORDS), tmp_path))
    assert (in_a_name(list(WORDS)), list(WORDS)) == (names, quotes)
    assert "f" not in kinds


@pytest.mark.fault("E08")
def test_e08_naughty_strings_round_trip_in_a_workbook_and_in_datasette(shared: Path, tmp_path: Path) -> None:
    words = naughty_strings(shared)
    names, quotes, kinds = read_with_openpyxl(workbook_of(words, tmp_path))
    assert (in_a_name(words), words) == (names, quotes)
    assert "f" not in kinds
    data = tmp_path / "data" / "catalog"
    data.mkdir(parents=True)
    (data / "current").symlink_to(tmp_path / "build")
    assert 0 == main(["export", "--format", "sqlite", str(tmp_path / "lite"), "--all", "--data", str(data.parent)])
    path = "/catalog/providers.json?_shape=array&_size=max"
    assert in_a_name(words) == [row["provider_name"] for row in datasette_answers(tmp_path / "lite", (path,))[path]]


_EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


def convert(book: Path, folder: Path) -> dict[str, list[list[str]]]:
    """Return every sheet of a workbook as LibreOffice shows it."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [
        office,
        profile,
        "--headless",
        "--convert-to",
        _EVERY_SHEET,
        "--outdir",
        str(folder / "sheets"),
        str(book),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    found = {}
    for path in (folder / "sheets").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem.removeprefix(f"{book.stem}-")] = list(csv.reader(file))
    return found


def test_libreoffice_opens_every_sheet_of_the_workbook(tables: Tables, tmp_path: Path) -> None:
    book = tmp_path / "catalog.xlsx"
    book.write_bytes(tables.exported["xlsx"].read_bytes())
    sheets = convert(book, tmp_path)
    assert {"About", VIEW, *TABLES, "Data dictionary"} == sheets.keys()
    rows = rows_of(tables.current, VIEW)
    header, *lines = sheets[VIEW]
    found = [dict(zip(header, line, strict=True)) for line in lines]
    assert [row["provider_name"] for row in rows] == [row["provider_name"] for row in found]
    assert [str(row["retention_days"] or "") for row in rows] == [row["retention_days"] for row in found]
    assert [row["observed_at"].strftime("%Y-%m-%d %H:%M:%S") for row in rows] == [row["observed_at"] for row in found]


@pytest.mark.fault("Q01", "E05", "E07")
def test_q01_libreoffice_shows_hostile_text_as_text(tmp_path: Path) -> None:
    # What a cell cannot show stays in the file, where openpyxl finds it.
    shown = [text for text in WORDS if not set(text) & set("\0\r\n\t\ufeff")]
    assert len(shown) > 20
    sheets = convert(workbook_of(shown, tmp_path), tmp_path)
    header, *lines = sheets["providers"]
    assert shown == [line[header.index("provider_name")] for line in lines]


def ask_graph(path: Path, query: str) -> list[tuple[str, ...]]:
    rdflib = importlib.import_module("rdflib")
    graph = rdflib.Graph()
    graph.parse(path, format="json-ld")
    names = {
        "dct": "http://purl.org/dc/terms/",
        "dpv": "https://w3id.org/dpv#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "schema": "https://schema.org/",
    }
    return [tuple(str(value) for value in row) for row in graph.query(query, initNs=names)]


def test_rdflib_reads_durations_recipients_and_words(tables: Tables) -> None:
    found = ask_graph(
        tables.exported["dpv"],
        "SELECT ?name ?kind ?length ?quote WHERE { ?process dct:identifier 'acme'; dpv:hasRecipient ?to; "
        "dpv:hasStorageCondition ?condition . ?to dpv:hasName ?name . ?condition a dpv:StorageDuration; "
        "dpv:hasDuration ?duration; dct:source/schema:text ?quote . ?duration a ?kind; rdf:value ?length }",
    )
    ((name, kind, length, quote),) = found
    assert ("Acme", "https://w3id.org/dpv#TemporalDuration", "P90D") == (name, kind, length)
    assert "retained for 90 days" in quote


def test_rdflib_finds_no_condition_where_nothing_is_known_and_no_context_elsewhere(tables: Tables) -> None:
    without = ask_graph(
        tables.exported["dpv"],
        "SELECT ?id WHERE { ?process a dpv:Process; dct:identifier ?id "
        "FILTER NOT EXISTS { ?process dpv:hasStorageCondition ?any } }",
    )
    assert [("quiet",)] == without
    context = json.loads(tables.exported["dpv"].read_bytes())["@context"]
    assert all(isinstance(value, str) and value.endswith(("#", "/")) for value in context.values())


TERMS = (
    *("EndlessDuration", "IndeterminateDuration", "Process", "Recipient", "StorageDuration", "TemporalDuration"),
    *("UntilEventDuration", "hasDuration", "hasLocation", "hasName", "hasRecipient", "hasStorageCondition"),
)


@pytest.mark.fault("E08")
def test_e08_rdflib_reads_naughty_strings_and_only_words_of_the_vocabulary(shared: Path, tmp_path: Path) -> None:
    words = naughty_strings(shared)
    catalog, extract = extract_of(write_words(tmp_path / "build", words), EVERYTHING)
    path = tmp_path / "naughty.jsonld"
    with catalog:
        path.write_bytes(make_dpv(catalog, extract).files[0][1])
    found = ask_graph(path, "SELECT ?name WHERE { ?to a dpv:Recipient; dpv:hasName ?name }")
    assert sorted(in_a_name(words)) == sorted(name for (name,) in found)
    used = set(re.findall(r'"dpv:(\w+)"', path.read_text(encoding="utf-8")))
    assert used <= set(TERMS)


def test_the_old_duckdb_is_there() -> None:
    assert (OLD_DUCKDB / "duckdb").is_dir(), "make test-clients installs it"
