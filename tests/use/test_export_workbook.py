"""The workbook, as its own XML says it: text is text, links are links of the web, and what does not fit is counted.

What spreadsheet programs read of it is in tests/clients.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from handed_over import extract_of, hostile_catalog
from lxml import etree  # type: ignore[import-untyped]
from shipped_catalog import shipped_data

from pipeline.catalog.reader import Catalog
from pipeline.model import POLICY_TOPICS, RetentionKind, Training
from pipeline.use.export.extract import Extract, Table, read_extract
from pipeline.use.export.workbook import Limits, make_xlsx
from pipeline.use.selection import Selection

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog.open(shipped_data(tmp_path_factory) / "catalog" / "current") as opened:
        yield opened


@pytest.fixture(scope="module")
def listed(catalog: Catalog) -> Extract:
    return read_extract(catalog, Selection())


@pytest.fixture(scope="module")
def book(catalog: Catalog, listed: Extract) -> zipfile.ZipFile:
    return opened(make_xlsx(catalog, listed).files[0][1])


def opened(body: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(body))


def sheet_names(book: zipfile.ZipFile) -> list[str]:
    tree = etree.fromstring(book.read("xl/workbook.xml"))
    return [one.get("name") for one in tree.iter(f"{_MAIN}sheet")]


def sheet(book: zipfile.ZipFile, name: str) -> Any:  # noqa: ANN401 - lxml has no stubs here
    return etree.fromstring(book.read(f"xl/worksheets/sheet{sheet_names(book).index(name) + 1}.xml"))


def texts(tree: Any) -> list[list[str]]:  # noqa: ANN401
    """Return the text cells of a sheet by row."""
    return [
        ["".join(cell.itertext()) for cell in row if cell.get("t") in {"inlineStr", "s"}]
        for row in tree.iter(f"{_MAIN}row")
    ]


def links(book: zipfile.ZipFile) -> list[str]:
    parts = [name for name in book.namelist() if name.startswith("xl/worksheets/_rels/")]
    return [one.get("Target") for part in parts for one in etree.fromstring(book.read(part))]


def of_rows(extract: Extract, name: str, count: int) -> Extract:
    """Return an extract of one table that has its first row so many times."""
    table = extract.find(name)
    assert table is not None
    return replace(extract, tables=(replace(table, rows=table.rows[:1] * count),))


def table_of(extract: Extract, name: str) -> Table:
    table = extract.find(name)
    assert table is not None
    return table


def test_there_is_a_page_on_how_to_read_it_a_sheet_per_table_and_a_dictionary(
    book: zipfile.ZipFile, listed: Extract
) -> None:
    assert ["About", *(table.name for table in listed.tables), "Data dictionary"] == sheet_names(book)


def test_every_table_has_its_rows_a_frozen_header_and_a_filter(book: zipfile.ZipFile, listed: Extract) -> None:
    for table in listed.tables:
        tree = sheet(book, table.name)
        assert list(table.names) == texts(tree)[0]
        assert len(table.rows) + 1 == len(list(tree.iter(f"{_MAIN}row")))
        (pane,) = tree.iter(f"{_MAIN}pane")
        assert ("1", "frozen") == (pane.get("ySplit"), pane.get("state"))
        (filtered,) = tree.iter(f"{_MAIN}autoFilter")
        assert filtered.get("ref").endswith(str(len(table.rows) + 1))


def test_the_first_page_tells_the_day_the_filters_and_what_every_kind_means(catalog: Catalog) -> None:
    extract = read_extract(catalog, Selection(max_retention_days=30), date(2025, 7, 31))
    said = texts(sheet(opened(make_xlsx(catalog, extract).files[0][1]), "About"))
    lines = [" | ".join(line) for line in said]
    assert "Chosen by | retention, by the gateway: stated, and at most 30 days" in lines
    assert any(line.startswith("Not in here | left out: sources") for line in lines)
    assert f"Offerings | {len(extract.offerings)} of 61" in lines
    weak = [sum(getattr(one, f"{topic}_basis") == "rendered" for one in extract.offerings) for topic in POLICY_TOPICS]
    assert any(f"retention of {weak[0]} and the training of {weak[1]}" in line for line in lines if "Weak" in line)
    heads = {line[0] for line in said if line}
    assert {"What this is", "As of (UTC)", "How it was made", "Licence", *RetentionKind, *Training} <= heads


def test_the_last_page_describes_every_column(book: zipfile.ZipFile, listed: Extract) -> None:
    lines = texts(sheet(book, "Data dictionary"))[1:]
    assert [(table.name, column.name) for table in listed.tables for column in table.columns] == [
        (line[0], line[1]) for line in lines
    ]
    assert all(line[-1].endswith(".") for line in lines)


def test_times_numbers_and_truth_are_typed(book: zipfile.ZipFile, listed: Extract) -> None:
    names = table_of(listed, "provider_terms").names
    row = list(sheet(book, "provider_terms").iter(f"{_MAIN}row"))[1]
    kinds = {re.sub("[0-9]", "", cell.get("r")): cell.get("t") for cell in row}
    letters = {name: chr(ord("A") + place) for place, name in enumerate(names[:26])}
    assert ("b", None, "inlineStr") == (
        kinds[letters["is_listed"]],
        kinds[letters["observed_at"]],
        kinds[letters["offering_id"]],
    )


@pytest.mark.fault("Q01")
def test_q01_no_cell_is_a_formula_and_every_link_leads_to_the_web(tmp_path_factory: pytest.TempPathFactory) -> None:
    catalog, extract = extract_of(hostile_catalog(tmp_path_factory))
    with catalog:
        hostile = opened(make_xlsx(catalog, extract).files[0][1])
    sheets = [sheet(hostile, name) for name in sheet_names(hostile)]
    assert [] == [one for tree in sheets for one in tree.iter(f"{_MAIN}f")]
    assert {"https://example.com/"} >= set(links(hostile))
    found = [line[3] for line in texts(sheet(hostile, "providers"))[1:]]
    assert all(text in found for text in ("javascript:alert(1)", "<r><t>no markup</t></r>", "{{7*7}}"))
    styles = etree.fromstring(hostile.read("xl/styles.xml"))
    assert [one for one in styles.iter(f"{_MAIN}xf") if one.get("quotePrefix") == "1"]


def test_every_sheet_prints_one_page_wide_across_with_its_header(book: zipfile.ZipFile) -> None:
    for name in sheet_names(book):
        tree = sheet(book, name)
        (setup,), (fit,) = tree.iter(f"{_MAIN}pageSetup"), tree.iter(f"{_MAIN}pageSetUpPr")
        assert ("9", "landscape", "0", "1") == (
            setup.get("paperSize"),
            setup.get("orientation"),
            setup.get("fitToHeight"),
            fit.get("fitToPage"),
        )
    titles = etree.fromstring(book.read("xl/workbook.xml")).iter(f"{_MAIN}definedName")
    repeated = [one for one in titles if one.get("name") == "_xlnm.Print_Titles"]
    assert len(sheet_names(book)) - 1 == len(repeated)  # the first page has no header
    assert all("$1:$1" in str(one.text) for one in repeated)


def test_links_are_addresses_and_their_text_is_the_address(book: zipfile.ZipFile, listed: Extract) -> None:
    found = links(book)
    assert len(found) > 500
    assert all(one.startswith(("https://", "http://")) for one in found)
    terms = {row[table_of(listed, "providers").names.index("terms_url")] for row in table_of(listed, "providers").rows}
    assert {one.partition("#")[0] for one in terms if one} <= set(found)  # an anchor stands beside its link


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("HTTPS://X.test/a", "HTTPS://X.test/a"),
        ("https://x.test/ä b", "https://x.test/%C3%A4%20b"),
        ("http://user:pw@x.test/", None),
        ("http:foo", None),
        ("https://", None),
        (" https://x.test/", None),
    ],
)
def test_what_is_an_address_of_the_web_is_decided_as_everywhere(
    catalog: Catalog, listed: Extract, address: str, link: str | None
) -> None:
    table = table_of(of_rows(listed, "providers", 1), "providers")
    row = [address if name == "terms_url" else None for name in table.names]
    made = opened(make_xlsx(catalog, replace(listed, tables=(replace(table, rows=(tuple(row),)),))).files[0][1])
    assert [link] * bool(link) == links(made)
    assert address in texts(sheet(made, "providers"))[1]


def test_the_same_catalog_gives_the_same_bytes(catalog: Catalog, listed: Extract, book: zipfile.ZipFile) -> None:
    small = of_rows(listed, "providers", 3)
    assert make_xlsx(catalog, small) == make_xlsx(catalog, small)
    assert {(1980, 1, 31, 0, 0, 0)} == {one.date_time for one in book.infolist()}
    assert b"2026-07-21T" in book.read("docProps/core.xml")


def test_what_a_sheet_cannot_hold_is_counted_and_said(catalog: Catalog, listed: Extract) -> None:
    many = of_rows(listed, "providers", 12)
    made = make_xlsx(catalog, many, Limits(rows=10, cell=20, links=4, link=2079))
    small = opened(made.files[0][1])
    lines = texts(sheet(small, "providers"))
    assert 10 == len(lines)
    assert "providers: 3 rows are left out" in made.remarks[0]
    assert any("cells are cut after 20 characters" in one for one in made.remarks)
    assert any("addresses are text and no links" in one for one in made.remarks)
    assert 4 == len(links(small))
    assert all(len(text) <= 20 for line in lines[1:] for text in line if not text.startswith("http"))
    assert any("left out" in text or text.endswith("…") for line in texts(sheet(small, "About")) for text in line)


def test_a_cell_is_cut_between_characters_and_never_inside_one(catalog: Catalog, listed: Extract) -> None:
    table = table_of(listed, "providers")
    place = table.names.index("provider_name")
    row = (*table.rows[0][:place], "\U0001f600" * 11, *table.rows[0][place + 1 :])
    made = make_xlsx(catalog, replace(listed, tables=(replace(table, rows=(row,)),)), Limits(cell=20))
    assert "\U0001f600" * 9 + "…" in texts(sheet(opened(made.files[0][1]), "providers"))[1]
