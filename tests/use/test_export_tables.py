"""Tables handed over: the published bytes where all is asked for, less where less is, and never more than was known."""

import csv
import hashlib
import io
import json
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from handed_over import (
    CLAIMS,
    EVERYTHING,
    LATER,
    MOMENT,
    SEEN,
    WORDS,
    extract_of,
    hostile_catalog,
    naughty_strings,
    offering,
    tiered_catalog,
    write_catalog,
    write_words,
)
from shipped_catalog import shipped_data
from table_rows import plain_row

from pipeline.catalog.reader import Catalog
from pipeline.catalog.spreadsheet import cell
from pipeline.errors import CatalogError
from pipeline.model import RetentionKind, Tier, Training
from pipeline.use.export.extract import VIEW, Extract, Made, read_extract
from pipeline.use.export.folders import make_csv, make_jsonl, make_parquet
from pipeline.use.export.ropa import make_ropa
from pipeline.use.export.sqlite_file import make_sqlite
from pipeline.use.selection import Selection
from schemas import TABLES

EARLIER = date(2025, 7, 31)
MAKERS = {"csv": make_csv, "jsonl": make_jsonl, "parquet": make_parquet}


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_data(tmp_path_factory) / "catalog" / "current"


@pytest.fixture(scope="module")
def catalog(current: Path) -> Iterator[Catalog]:
    with Catalog.open(current) as opened:
        yield opened


@pytest.fixture(scope="module")
def whole(catalog: Catalog) -> Extract:
    return read_extract(catalog, EVERYTHING)


@pytest.fixture(scope="module")
def then(catalog: Catalog) -> Extract:
    return read_extract(catalog, EVERYTHING, EARLIER)


def rows_of(extract: Extract, name: str) -> list[dict[str, Any]]:
    table = extract.find(name)
    assert table is not None
    return [dict(zip(table.names, row, strict=True)) for row in table.rows]


def read_csv(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(), newline=""), strict=True))


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_everything_handed_over_is_what_was_published_byte_for_byte(
    catalog: Catalog, whole: Extract, current: Path, form: str
) -> None:
    files = dict(MAKERS[form](catalog, whole).files)
    published = {f"{name}.{form}": (current / form / f"{name}.{form}").read_bytes() for name in TABLES}
    assert published == {name: body for name, body in files.items() if name in published}
    assert {*published, f"{VIEW}.{form}", "datapackage.json"} == files.keys()


@pytest.mark.parametrize("form", MAKERS)
def test_the_descriptor_tells_every_file_with_its_hash_its_rows_and_its_columns(
    catalog: Catalog, then: Extract, form: str
) -> None:
    files = dict(MAKERS[form](catalog, then).files)
    package = json.loads(files.pop("datapackage.json"))
    assert sorted(files) == sorted(one["path"] for one in package["resources"])
    assert "2025-07-31T23:59:59Z" == package["as_of"]
    for one in package["resources"]:
        body, rows = files[one["path"]], rows_of(then, one["title"])
        assert (len(body), len(rows)) == (one["bytes"], one["row_count"])
        assert f"sha256:{hashlib.sha256(body).hexdigest()}" == one["hash"]
        names = [field["name"] for field in one["schema"]["fields"]]
        assert set(one["schema"]["primaryKey"]) <= set(names)
        assert all(list(row) == names for row in rows)
        assert all(field["description"] for field in one["schema"]["fields"])


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_the_same_catalog_gives_the_same_bytes(catalog: Catalog, whole: Extract, form: str) -> None:
    assert MAKERS[form](catalog, whole) == MAKERS[form](catalog, whole)


def test_the_view_comes_first_and_is_the_one_of_the_catalog(catalog: Catalog, whole: Extract) -> None:
    assert [VIEW, *TABLES] == [table.name for table in whole.tables]
    assert [one.offering_id for one in catalog.offerings(listed_only=False)] == [
        row["offering_id"] for row in rows_of(whole, VIEW)
    ]


SELECTIONS = [
    Selection(),
    Selection(retention_kinds=frozenset({RetentionKind.UNKNOWN, RetentionKind.UNSTATED})),
    Selection(training=frozenset({Training.NO}), with_delisted=True),
]
_KEYED = [name for name in TABLES if name not in {"sources", "observations"}]


@pytest.mark.parametrize("selection", SELECTIONS, ids=lambda one: "; ".join(one.as_words()))
@pytest.mark.parametrize("day", [None, EARLIER], ids=["now", "then"])
def test_every_table_holds_the_chosen_offerings_and_no_other(
    catalog: Catalog, selection: Selection, day: date | None
) -> None:
    chosen = {one.offering_id for one in catalog.offerings(day, listed_only=False) if selection.means(one)}
    extract = read_extract(catalog, selection, day)
    assert chosen == {row["offering_id"] for row in rows_of(extract, VIEW)} != set()
    for table in extract.tables:
        if table.name in _KEYED:
            assert {row["offering_id"] for row in rows_of(extract, table.name)} - {None} <= chosen
    sources = {row["source_id"] for row in rows_of(extract, "observations")}
    assert {row["source_id"] for row in rows_of(extract, "changes")} <= sources


def test_a_tier_comes_with_what_is_said_of_its_provider(tmp_path_factory: pytest.TempPathFactory) -> None:
    catalog, extract = extract_of(tiered_catalog(tmp_path_factory), Selection(tier=Tier.FREE))
    with catalog:
        assert ["a1"] == [row["claim_id"] for row in rows_of(extract, "claims")]
        assert ["p0000:free"] == [row["offering_id"] for row in rows_of(extract, "providers")]


def test_as_of_a_day_the_view_is_the_one_of_that_day(catalog: Catalog, then: Extract) -> None:
    known = {one.offering_id: one for one in catalog.offerings(EARLIER, listed_only=False)}
    rows = rows_of(then, VIEW)
    assert known.keys() == {row["offering_id"] for row in rows}
    for row in rows:
        one = known[row["offering_id"]]
        assert (one.retention_kind, one.retention_days, one.training, one.is_listed) == (
            *(row["retention_kind"], row["retention_days"]),
            *(row["training"], row["is_listed"]),
        )


def test_as_of_a_day_nothing_is_told_that_was_seen_later(then: Extract) -> None:
    moment = datetime.combine(EARLIER, datetime.max.time())
    times = [
        value
        for table in then.tables
        for row in table.rows
        for column, value in zip(table.columns, row, strict=True)
        if column.sql == "TIMESTAMP" and value is not None
    ]
    assert len(times) > 300
    assert max(times) <= moment


def test_as_of_a_day_a_claim_points_at_no_capture_that_came_later(catalog: Catalog, then: Extract) -> None:
    moment = datetime.combine(EARLIER, datetime.max.time())
    by_then = {
        row["capture_id"]
        for row in catalog.rows(
            "SELECT capture_id FROM observations WHERE observed_at <= $moment::TIMESTAMP", {"moment": moment}
        )
    }
    rows, published = rows_of(then, "claims"), {row["claim_id"]: row for row in catalog.rows("SELECT * FROM claims")}
    counts, wording = {True: 0, False: 0}, ("text", "quote", "locator", "capture_id")
    for row in rows:
        one = published[row["claim_id"]]
        is_known = one["capture_id"] is None or one["capture_id"] in by_then
        assert [one[name] if is_known else None for name in wording] == [row[name] for name in wording]
        counts[is_known] += 1
    assert min(counts.values()) > 10
    told = f"claims: {counts[False]} without text, quote, locator, capture_id: those on record are later"
    assert told in then.remarks


def test_as_of_a_day_a_rewording_that_came_later_is_not_told(tmp_path: Path) -> None:
    said = {"gateway_id": "openrouter", "offering_id": "p0000", "topic": "retention", "first_observed_at": SEEN}
    words = {"text": "kept", "quote": "kept", "locator": "block 1", "url": "https://p.test/terms", "rule_id": "rule"}
    claims = [
        plain_row("claims", **said, **words, claim_id=claim, capture_id=capture * 64, observed_at=LATER)
        for claim, capture in (("a1", "a"), ("b2", "b"))
    ]
    looks = [
        plain_row("observations", observation_id=capture * 8, capture_id=capture * 64, observed_at=at)
        for capture, at in (("a", SEEN), ("b", LATER))
    ]
    provider, policy = offering(0, as_of_at=LATER, first_seen_at=SEEN)
    folder = write_catalog(
        tmp_path / "build", providers=[provider], policies=[policy], claims=claims, observations=looks
    )
    catalog, extract = extract_of(folder, as_of=MOMENT)
    with catalog:
        names = ("claim_id", "text", "quote", "locator", "capture_id")
        assert [("a1", "kept", "kept", "block 1", "a" * 64), ("b2", None, None, None, None)] == [
            tuple(row[name] for name in names) for row in rows_of(extract, "claims")
        ]
        make_sqlite(catalog, extract)  # which refuses nothing where a column says that it is never empty


def test_as_of_a_day_an_interval_that_ended_later_still_holds(catalog: Catalog, then: Extract) -> None:
    held = {
        (one.offering_id, one.valid_from.replace(tzinfo=None)): one.valid_to
        for offering_id in {row["offering_id"] for row in rows_of(then, "policy_history")}
        for one in catalog.history(offering_id, EARLIER)
        if one.offering_id == offering_id
    }
    found = {(row["offering_id"], row["valid_from"]): row["valid_to"] for row in rows_of(then, "policy_history")}
    assert {key: value and value.replace(tzinfo=None) for key, value in held.items()} == found


def test_as_of_a_day_what_cannot_be_told_is_left_out_and_counted(catalog: Catalog, then: Extract) -> None:
    left = {"providers", "policies", "conflicts", "zdr_endpoints", "sources"}
    assert left == TABLES.keys() - {table.name for table in then.tables}
    for name in left:
        count = catalog.rows(f"SELECT count(*) AS rows FROM {name}")[0]["rows"]
        assert any(remark.startswith(f"left out: {name} ({count} row") for remark in then.remarks)
    assert {"is_current", "observed_at", "ended_at"} & set((then.find("claims") or then.tables[0]).names) == set()


def test_as_of_a_day_a_claim_is_told_where_it_stood_then(tmp_path_factory: pytest.TempPathFactory) -> None:
    catalog, extract = extract_of(tiered_catalog(tmp_path_factory), as_of=MOMENT)
    with catalog:
        assert [f"{number:02}" for number, one in enumerate(CLAIMS) if one[-1]] == [
            row["claim_id"] for row in rows_of(extract, "claims")
        ]
        assert "left out of claims: 1 whose end is not on record; policy_history tells what held" in extract.remarks


def test_a_day_after_the_newest_look_is_now(catalog: Catalog, whole: Extract) -> None:
    assert whole == read_extract(catalog, EVERYTHING, date(2031, 1, 1))


def test_a_catalog_without_its_descriptor_is_not_handed_over(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    build = Path(shutil.copytree(tiered_catalog(tmp_path_factory), tmp_path / "build"))
    (build / "datapackage.json").unlink()
    with Catalog.open(build) as opened, pytest.raises(CatalogError, match="no descriptor"):
        read_extract(opened, EVERYTHING)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_catalog(tmp_path_factory)


def from_csv(made: Made) -> list[tuple[str, str]]:
    files = dict(made.files)
    names = [row["provider_name"] for row in read_csv(files["providers.csv"])]
    return list(zip(names, [row["quote"] for row in read_csv(files["claims.csv"])], strict=True))


def from_jsonl(made: Made) -> list[tuple[str, str]]:
    files = dict(made.files)
    names = [json.loads(line)["provider_name"] for line in files["providers.jsonl"].decode().split("\n")[:-1]]
    quotes = [json.loads(line)["quote"] for line in files["claims.jsonl"].decode().split("\n")[:-1]]
    return list(zip(names, quotes, strict=True))


def from_parquet(made: Made, folder: Path) -> list[tuple[str, str]]:
    for name, body in made.files:
        (folder / name).write_bytes(body)
    with duckdb.connect() as memory:
        sql = "SELECT p.provider_name, c.quote FROM read_parquet(?) AS p JOIN read_parquet(?) AS c USING (offering_id)"
        paths = [str(folder / f"{name}.parquet") for name in ("providers", "claims")]
        return [
            (str(name), str(quote)) for name, quote in memory.execute(f"{sql} ORDER BY offering_id", paths).fetchall()
        ]


def from_ropa(made: Made) -> list[tuple[str, str]]:
    ((_, body),) = made.files
    return [(row["recipient_art_30_1_d"], row["time_limit_quote"]) for row in read_csv(body)]


def from_sqlite(made: Made) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(made.files[0][1])
        sql = "SELECT provider_name, quote FROM providers JOIN claims USING (offering_id) ORDER BY offering_id"
        return connection.execute(sql).fetchall()


def named(words: Sequence[str]) -> list[tuple[str, str]]:
    return [(text if len(text) <= 200 else f"too long for a name {number}", text) for number, text in enumerate(words)]


@pytest.mark.fault("Q01", "Q02")
def test_q01_q02_csv_is_safe_in_a_spreadsheet_and_reads_back(hostile: Path) -> None:
    catalog, extract = extract_of(hostile)
    with catalog:
        found = from_csv(make_csv(catalog, extract))
    assert [(cell(name), cell(quote)) for name, quote in named(WORDS)] == found
    assert not any(text.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\0")) for pair in found for text in pair)


@pytest.mark.fault("Q01", "Q02", "E05", "E06", "E07")
def test_e05_e06_e07_marks_and_lookalikes_are_handed_over_as_they_are(hostile: Path, tmp_path: Path) -> None:
    catalog, extract = extract_of(hostile)
    with catalog:
        assert named(WORDS) == from_jsonl(make_jsonl(catalog, extract))
        assert named(WORDS) == from_parquet(make_parquet(catalog, extract), tmp_path)


@pytest.mark.fault("E08")
def test_e08_naughty_strings_round_trip_in_every_table(shared: Path, tmp_path: Path) -> None:
    words = naughty_strings(shared)
    assert len(words) > 500
    catalog, extract = extract_of(write_words(tmp_path / "build", words))
    (tmp_path / "out").mkdir()
    with catalog:
        assert [(cell(name), cell(quote)) for name, quote in named(words)] == from_csv(make_csv(catalog, extract))
        assert named(words) == from_jsonl(make_jsonl(catalog, extract))
        assert named(words) == from_parquet(make_parquet(catalog, extract), tmp_path / "out")
        assert [(cell(name), cell(quote)) for name, quote in named(words)] == from_ropa(make_ropa(catalog, extract))
        assert named(words) == from_sqlite(make_sqlite(catalog, extract))
