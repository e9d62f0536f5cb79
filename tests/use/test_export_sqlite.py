"""The SQLite file: keys, references, a view, words to search, and a description of all of it."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any

import pytest
from handed_over import EVERYTHING, WORDS, extract_of, hostile_catalog, tiered_catalog
from shipped_catalog import shipped_data

from pipeline.catalog.reader import Catalog
from pipeline.model import Tier
from pipeline.use.export.extract import VIEW, read_extract
from pipeline.use.export.sqlite_file import make_sqlite
from pipeline.use.selection import Selection
from schemas import TABLES

CHOICES = {
    "everything": (EVERYTHING, None),
    "listed": (Selection(), None),
    "few": (Selection(max_retention_days=0), None),
    "then": (Selection(), date(2025, 7, 31)),
}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog.open(shipped_data(tmp_path_factory) / "catalog" / "current") as opened:
        yield opened


def open_file(body: bytes) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.deserialize(body)
    return connection


def ask(connection: sqlite3.Connection, sql: str, *values: object) -> list[tuple[Any, ...]]:
    return connection.execute(sql, values).fetchall()


@pytest.mark.parametrize("choice", CHOICES)
def test_the_file_is_sound_and_every_reference_leads_to_a_row(catalog: Catalog, choice: str) -> None:
    extract = read_extract(catalog, *CHOICES[choice])
    made = make_sqlite(catalog, extract)
    assert ["catalog.sqlite", "metadata.json"] == [name for name, _ in made.files]
    with closing(open_file(made.files[0][1])) as connection:
        assert [("ok",)] == ask(connection, "PRAGMA integrity_check")
        assert [] == ask(connection, "PRAGMA foreign_key_check")
        for table in extract.tables:
            assert [(len(table.rows),)] == ask(connection, f"SELECT count(*) FROM {table.name}")


def test_tables_have_their_keys_references_and_indexes(catalog: Catalog) -> None:
    made = make_sqlite(catalog, read_extract(catalog, EVERYTHING))
    with closing(open_file(made.files[0][1])) as connection:
        kinds = dict(ask(connection, "SELECT name, type FROM sqlite_master WHERE name NOT LIKE '%\\_fts%' ESCAPE '\\'"))
        assert {VIEW: "view"} | dict.fromkeys(TABLES, "table") == {
            name: kind for name, kind in kinds.items() if kind != "index"
        }
        keys = [name for _, name, *_, place in ask(connection, "PRAGMA table_info(policy_history)") if place]
        assert ["gateway_id", "offering_id", "valid_from"] == keys
        targets = {row[2] for row in ask(connection, "PRAGMA foreign_key_list(policies)")}
        assert {"providers", "claims", "sources"} == targets
        # Reviewed facts are no declared source, so what a claim says of its source is no reference.
        assert {"providers"} == {row[2] for row in ask(connection, "PRAGMA foreign_key_list(claims)")}
        plan = ask(connection, "EXPLAIN QUERY PLAN SELECT * FROM claims WHERE gateway_id = 'x' AND offering_id = 'y'")
        assert any("USING INDEX claims_gateway_id_offering_id" in str(row) for row in plan)


def test_the_view_says_what_the_catalog_says(catalog: Catalog) -> None:
    made = make_sqlite(catalog, read_extract(catalog, Selection()))
    columns = "offering_id, provider_name, retention_kind, retention_days, strictest_training, agreement"
    with closing(open_file(made.files[0][1])) as connection:
        found = ask(connection, f"SELECT {columns} FROM {VIEW}")
    expected = catalog.rows(f"SELECT {columns} FROM {VIEW} WHERE is_listed")
    assert [tuple(row.values()) for row in expected] == found


def test_lists_are_json_times_are_utc_and_truth_is_a_number(catalog: Catalog) -> None:
    made = make_sqlite(catalog, read_extract(catalog, Selection()))
    with closing(open_file(made.files[0][1])) as connection:
        ((names, seen, is_listed),) = ask(
            connection, "SELECT names, first_seen_at, is_listed FROM providers WHERE offering_id = 'openai'"
        )
        assert "OpenAI" in json.loads(names)
        assert (True, 1) == (seen.endswith("Z"), is_listed)
        sql = "SELECT count(*) FROM providers, json_each(providers.names) WHERE json_each.value = 'OpenAI'"
        assert [(1,)] == ask(connection, sql)


def test_words_are_found(catalog: Catalog) -> None:
    made = make_sqlite(catalog, read_extract(catalog, Selection()))
    with closing(open_file(made.files[0][1])) as connection:
        inner = "SELECT rowid FROM policy_history_fts WHERE policy_history_fts MATCH ?"
        sql = f"SELECT DISTINCT offering_id FROM policy_history WHERE rowid IN ({inner})"
        assert ("google-ai-studio",) in ask(connection, sql, '"55 days"')


def test_every_table_and_column_is_described(catalog: Catalog) -> None:
    for selection, day in CHOICES.values():
        extract = read_extract(catalog, selection, day)
        metadata = json.loads(make_sqlite(catalog, extract).files[1][1])
        tables = metadata["databases"]["catalog"]["tables"]
        assert {table.name: set(table.names) for table in extract.tables} == {
            name: set(one["columns"]) for name, one in tables.items()
        }
        assert all(one["description"] and all(one["columns"].values()) for one in tables.values())
        assert ("Apache-2.0", True) == (metadata["license"], "source" in metadata)


def test_the_same_catalog_gives_the_same_bytes(catalog: Catalog) -> None:
    extract = read_extract(catalog, EVERYTHING)
    assert make_sqlite(catalog, extract) == make_sqlite(catalog, extract)


@pytest.mark.fault("Q01", "Q02", "E05", "E07")
def test_hostile_text_is_unchanged(tmp_path_factory: pytest.TempPathFactory) -> None:
    catalog, extract = extract_of(hostile_catalog(tmp_path_factory))
    with catalog, closing(open_file(make_sqlite(catalog, extract).files[0][1])) as connection:
        sql = f"SELECT provider_name, retention_text FROM {VIEW} ORDER BY offering_id"
        assert [(text, text) for text in WORDS] == ask(connection, sql)


def test_what_a_provider_says_of_another_tier_is_no_broken_reference(tmp_path_factory: pytest.TempPathFactory) -> None:
    catalog, extract = extract_of(tiered_catalog(tmp_path_factory), Selection(tier=Tier.FREE))
    with catalog, closing(open_file(make_sqlite(catalog, extract).files[0][1])) as connection:
        assert [("a1", "p0000")] == ask(connection, "SELECT claim_id, offering_id FROM claims")
        assert [] == ask(connection, "PRAGMA foreign_key_check")
        assert [] == ask(connection, "PRAGMA foreign_key_list(claims)")
