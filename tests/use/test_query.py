"""A person's own SQL: one SELECT over the catalog, and nothing else, whatever is tried."""

import re
import resource
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from patience import PATIENCE
from shipped_catalog import shipped_data

from pipeline import Catalog
from pipeline.errors import CatalogError, UsageError
from pipeline.use.query import run_query
from schemas import TABLES


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_data(tmp_path_factory) / "catalog" / "current" / "catalog.duckdb"


def refusal(path: Path, sql: str, timeout_seconds: float = PATIENCE, max_rows: int = 1000) -> str:
    with pytest.raises(UsageError) as caught:
        run_query(path, sql, timeout_seconds=timeout_seconds, max_rows=max_rows)
    return str(caught.value)


ANSWERED = [
    ("SELECT 1", 1),
    ("FROM provider_terms", 100),
    ("SELECT * FROM provider_terms WHERE retention_days <= 30 AND is_listed", 54),
    ("WITH a AS (FROM provider_terms WHERE is_listed) SELECT count(*) FROM a", 1),
    ("WITH RECURSIVE t AS (SELECT 1 a UNION ALL SELECT a + 1 FROM t WHERE a < 9) FROM t", 9),
    ("SELECT tier FROM providers UNION SELECT tier FROM providers", 2),
    ("FROM provider_terms_as_of(TIMESTAMP '2025-07-31') WHERE is_listed", 59),
    ("DESCRIBE sources", len(TABLES["sources"].columns)),
    ("SUMMARIZE sources", len(TABLES["sources"].columns)),
    ("VALUES (1), (2)", 2),
    ("SELECT unnest([1, 2, 3])", 3),
    ("FROM range(5)", 5),
    ("FROM json_each('[1, 2]')", 2),
    ("SELECT table_name FROM information_schema.tables WHERE table_name = 'providers'", 1),
    ("SELECT row_number() OVER w FROM sources WHERE gateway_id IS NOT NULL WINDOW w AS (ORDER BY source_id)", 4),
    ("SELECT 'read_csv(1); DROP TABLE x -- duckdb_settings()' AS text", 1),
    ("SELECT 1 -- ; SELECT 2", 1),
    ("SELECT 1;", 1),
]


@pytest.mark.parametrize(("sql", "count"), ANSWERED)
def test_one_select_is_answered(path: Path, sql: str, count: int) -> None:
    _, rows = run_query(path, sql)
    assert count == len(rows)


def test_column_names_and_values_come_back(path: Path) -> None:
    answer = run_query(path, "SELECT offering_id, retention_days FROM provider_terms WHERE offering_id = 'aion-labs'")
    assert (["offering_id", "retention_days"], [("aion-labs", 30)]) == answer


def test_shown_tables_are_those_of_the_catalog(path: Path) -> None:
    _, rows = run_query(path, "SHOW TABLES")
    with Catalog.open(path.parent) as catalog:
        named = catalog.rows("SELECT table_name FROM information_schema.tables ORDER BY ALL")
    assert [row["table_name"] for row in named] == sorted(name for (name,) in rows)


FILES = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM read_parquet('x.parquet')",
    "SELECT * FROM parquet_scan('x.parquet')",
    "SELECT * FROM parquet_metadata('x.parquet')",
    "SELECT * FROM read_duckdb('x.duckdb')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM \"READ_TEXT\"('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "FROM '/etc/passwd.csv'",
    'FROM "/etc/passwd.csv"',
    "FROM 'x.parquet'",
    "FROM 'x.json'",
    "DESCRIBE '/etc/passwd.csv'",
    "DESCRIBE SELECT * FROM '/etc/passwd.csv'",
    "SUMMARIZE '/etc/passwd.csv'",
    "SELECT * FROM 'https://example.org/x.parquet'",
    "SELECT * FROM read_csv('https://example.org/x.csv')",
    "SELECT * FROM 's3://bucket/x.parquet'",
    "SELECT * FROM sql_auto_complete('FROM ''/etc/')",
    "COPY providers TO 'out/x.csv'",
    "COPY (SELECT 1) TO '/dev/stdout'",
    "COPY providers FROM '/etc/passwd'",
    "EXPORT DATABASE 'out/x'",
    "IMPORT DATABASE 'out/x'",
    "ATTACH 'out/x.duckdb'",
    "ATTACH ':memory:' AS m",
    "DETACH catalog",
    "USE memory",
]
SETTINGS = [
    "INSTALL httpfs",
    "LOAD httpfs",
    "FORCE INSTALL httpfs FROM community",
    "UPDATE EXTENSIONS",
    "SET enable_external_access = true",
    "SET memory_limit = '100GB'",
    "RESET memory_limit",
    "PRAGMA database_list",
    "PRAGMA enable_profiling",
    "CALL pragma_version()",
    "CREATE SECRET s (TYPE s3)",
    "FROM duckdb_secrets()",
    "FROM which_secret('s3://x', 's3')",
    "SELECT * FROM duckdb_settings()",
    'SELECT * FROM "duckdb_settings"()',
    'SELECT * FROM "DuckDB_Settings"()',
    "SELECT * FROM main.duckdb_settings()",
    "SELECT * FROM system.main.duckdb_settings()",
    "SELECT * FROM duckdb_databases",
    "SELECT * FROM system.main.duckdb_databases",
    "TABLE duckdb_databases",
    "SHOW duckdb_databases",
    "DESCRIBE duckdb_databases",
    "SUMMARIZE duckdb_databases",
    "FROM (SHOW duckdb_databases)",
    "SELECT * FROM pragma_database_list",
    "SELECT * FROM pg_catalog.pg_settings",
    "SELECT * FROM pg_settings",
    "SELECT * FROM duckdb_logs_parsed('http')",
    "FROM pragma_user_agent()",
    "SELECT current_setting('memory_limit')",
    "SELECT main.current_setting('memory_limit')",
    "SELECT system.main.current_setting('memory_limit')",
    "SELECT 'memory_limit'.current_setting()",
    "SELECT getvariable('x')",
    "SELECT getenv('HOME')",
    "SELECT write_log('x')",
    "SELECT list_transform(['threads'], lambda x: current_setting(x))",
    "SELECT [current_setting(x) FOR x IN ['threads']]",
    "SELECT * REPLACE (current_setting('threads') AS tier) FROM providers",
    "SELECT COLUMNS(c -> current_setting(c) = 'x') FROM providers",
    "SELECT 1 ORDER BY current_setting('threads')",
    "SELECT 1 LIMIT (SELECT current_setting('threads')::INT)",
    "SELECT count(*) FILTER (WHERE current_setting('threads') = '2') FROM providers",
    "SELECT sum(1) OVER w FROM range(2) WINDOW w AS (PARTITION BY current_setting('threads'))",
    "SELECT CASE WHEN true THEN current_setting('threads') END",
    "SELECT (SELECT value FROM duckdb_settings() LIMIT 1)",
    "SELECT 1 WHERE EXISTS (FROM duckdb_settings())",
    "SELECT 1 UNION ALL SELECT value FROM duckdb_settings()",
    "WITH a AS MATERIALIZED (FROM duckdb_settings()) FROM a",
    "FROM providers, LATERAL (FROM duckdb_settings())",
    "FROM providers POSITIONAL JOIN duckdb_settings()",
]
HIDDEN = [
    "FROM query('SELECT * FROM duckdb_settings()')",
    "FROM query_table('duckdb_databases')",
    "FROM query_table(['providers'])",
    "FROM json_execute_serialized_sql(json_serialize_sql('FROM duckdb_settings()'))",
    "SELECT json_serialize_plan('SELECT current_setting(''threads'')', optimize := true)",
    "FROM python_map_function()",
    "FROM pandas_scan(1)",
    "FROM arrow_scan(1, 2, 3)",
    "FROM seq_scan()",
    "FROM checkpoint()",
    "FROM enable_logging()",
    "FROM test_all_types()",
    "FROM nothing_of_this_name()",
    "SELECT finalize('x'::BLOB)",
    "SELECT __internal_decompress_string(1)",
    "EXECUTE p",
    "PREPARE p AS SELECT 1",
    "SELECT $1",
    "SELECT ?",
    "EXPLAIN SELECT 1",
    "EXPLAIN ANALYZE SELECT 1",
]
WRITES = [
    "CREATE TABLE t (a INT)",
    "CREATE TEMP TABLE t AS SELECT 1",
    "CREATE VIEW v AS SELECT 1",
    "CREATE TEMP VIEW v AS FROM duckdb_settings()",
    "CREATE TEMP MACRO f() AS TABLE FROM duckdb_settings()",
    "INSERT INTO providers SELECT * FROM providers",
    "UPDATE providers SET tier = 'free'",
    "DELETE FROM providers",
    "TRUNCATE providers",
    "DROP TABLE providers",
    "ALTER TABLE providers ADD COLUMN x INT",
    "MERGE INTO providers USING sources ON true WHEN MATCHED THEN DELETE",
    "WITH x AS (INSERT INTO providers SELECT * FROM providers RETURNING *) FROM x",
    "WITH x AS (DELETE FROM providers RETURNING *) FROM x",
    "WITH x AS (UPDATE providers SET tier = 'free' RETURNING *) FROM x",
    "BEGIN",
    "COMMIT",
    "CHECKPOINT",
    "FORCE CHECKPOINT",
    "VACUUM",
    "ANALYZE",
    "COMMENT ON TABLE providers IS 'x'",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE providers",
    "SELECT 1; -- \n COPY providers TO 'out/x'",
    "",
    "   ",
    ";",
    "-- nothing",
    "not sql at all",
    "SELECT * FROM no_such_table",
    "SELECT \x00",
    "SELECT 'open",
    "SELECT \udcff",
]


@pytest.mark.fault("Q06")
@pytest.mark.parametrize("sql", [*FILES, *SETTINGS, *HIDDEN, *WRITES])
def test_q06_anything_but_one_select_over_the_catalog_is_refused_in_one_line(path: Path, sql: str) -> None:
    before = path.stat()
    message = refusal(path, sql)
    assert message.startswith("query: ")
    assert [message] == message.splitlines()
    assert "root:" not in message
    assert (before.st_mtime_ns, before.st_size) == (path.stat().st_mtime_ns, path.stat().st_size)


@pytest.mark.fault("Q06")
@pytest.mark.parametrize("sql", [sql for sql in WRITES if sql.startswith("WITH")])
def test_q06_a_change_inside_a_select_is_seen_before_it_is_run(path: Path, sql: str) -> None:
    assert "query: expected one SELECT that changes nothing" == refusal(path, sql)


@pytest.mark.fault("Q06")
def test_q06_no_refused_query_leaves_a_file(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for sql in ("COPY providers TO 'x.csv'", "EXPORT DATABASE 'x'", "ATTACH 'x.duckdb'", "FROM 'x.duckdb'"):
        refusal(path, sql)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.fault("Q06")
def test_q06_python_variables_are_no_tables(path: Path) -> None:
    frame = [{"secret": 1}]
    assert "frame does not exist" in refusal(path, "SELECT * FROM frame")
    assert 1 == len(frame)


@pytest.mark.fault("Q06")
@pytest.mark.parametrize("depth", [990, 3_000, 30_000])
def test_q06_a_query_nested_too_deeply_is_refused(path: Path, depth: int) -> None:
    assert re.search("depth|deeply", refusal(path, f"SELECT {'+'.join(['1'] * depth)}"))
    assert re.search("depth|deeply", refusal(path, f"SELECT {'-' * 2}\n{'NOT ' * depth}true"))


ENDLESS = [
    "SELECT count(*) FROM range(100000) a, range(100000) b WHERE hash(a.range, b.range) = 1",
    "WITH RECURSIVE t AS (SELECT 1 a UNION ALL SELECT a + 1 FROM t) SELECT count(*) FROM t",
    "SELECT levenshtein(repeat('a', 1000000), repeat('b', 1000000))",
    "SELECT pg_sleep(600)",
]


@pytest.mark.fault("Q06")
@pytest.mark.parametrize("sql", ENDLESS)
def test_q06_a_query_that_does_not_end_is_stopped(path: Path, sql: str) -> None:
    assert "query: not done after 0.3 s, stopped: narrow it down" == refusal(path, sql, timeout_seconds=0.3)


HOGS = [
    "SELECT list(range) FROM range(1000000000)",
    "SELECT length(repeat('x', 2000000000))",
    "SELECT damerau_levenshtein(repeat('a', 1000000), repeat('b', 1000000))",
    "SELECT repeat('x', 100000) FROM range(50000)",
]


@pytest.mark.fault("Q06")
@pytest.mark.parametrize("sql", HOGS)
def test_q06_a_query_that_wants_too_much_memory_is_refused(path: Path, sql: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "query: needs more than 512MB of memory: narrow it down" == refusal(path, sql, max_rows=100_000)
    assert 1_500_000 > resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (["1"], [(1,)]) == run_query(path, "SELECT 1")


@pytest.mark.fault("Q06")
def test_q06_the_limits_of_the_process_are_as_before(path: Path) -> None:
    limit, threads = resource.getrlimit(resource.RLIMIT_DATA), {*threading.enumerate()}
    run_query(path, "SELECT 1")
    refusal(path, "SELECT pg_sleep(600)", timeout_seconds=0.1)
    assert (limit, set()) == (resource.getrlimit(resource.RLIMIT_DATA), {*threading.enumerate()} - threads)


@pytest.mark.fault("Q06")
def test_q06_a_query_that_cannot_be_stopped_is_reported_from_outside(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.use.query.GRACE_SECONDS", 0.2)
    heard: list[str] = []
    for length in (300_000, 600_000, 1_200_000, 2_400_000):  # the first will do, unless what watches it stood still
        stubborn = f"SELECT jaro_similarity(repeat('ab', {length}), repeat('ba', {length}))"
        with suppress(UsageError):
            run_query(path, stubborn, timeout_seconds=0.1, give_up=heard.append)
        if heard:
            break
    assert ["query: not done after 0.1 s, stopped: narrow it down"] == heard


@pytest.mark.fault("Q06")
def test_q06_more_rows_than_a_person_reads_are_refused(path: Path) -> None:
    assert 10 == len(run_query(path, "FROM range(10)", max_rows=10)[1])
    expected = "query: more than 10 rows: add a LIMIT, or read the Parquet files"
    assert expected == refusal(path, "FROM range(11)", max_rows=10)


@pytest.mark.fault("Q06")
@pytest.mark.parametrize("attempt", range(20))
def test_q06_an_endless_answer_ends_with_its_last_row_that_is_wanted(path: Path, attempt: int) -> None:
    sql = f"WITH RECURSIVE t AS (SELECT {attempt} a UNION ALL SELECT a + 1 FROM t) FROM t"
    assert "query: more than 10 rows: add a LIMIT, or read the Parquet files" == refusal(path, sql, max_rows=10)


@pytest.mark.fault("Q07")
def test_q07_quotes_in_a_value_are_the_business_of_who_writes_the_sql(path: Path) -> None:
    assert [("O'Reilly",)] == run_query(path, "SELECT 'O''Reilly'")[1]
    assert refusal(path, "SELECT * FROM providers WHERE provider_name = 'O'Reilly'").startswith("query: ")


DAYS = [(datetime(2025, 7, 31), 59), (datetime(2025, 5, 20), 58), (datetime(2020, 1, 1), 0), (None, 76)]  # noqa: DTZ001


@pytest.mark.parametrize(("as_of", "count"), DAYS, ids=str)
def test_as_of_changes_what_provider_terms_means(path: Path, as_of: datetime | None, count: int) -> None:
    _, rows = run_query(path, "SELECT count(*) FROM provider_terms WHERE is_listed", as_of=as_of)
    assert [(count,)] == rows


def test_an_error_says_what_there_is_instead(path: Path) -> None:
    assert "retention_days" in refusal(path, "SELECT retention_day FROM provider_terms")


def test_a_catalog_that_is_open_in_python_can_be_asked_too(path: Path) -> None:
    with Catalog.open(path.parent) as catalog:
        assert [(76,)] == run_query(path, "SELECT count(*) FROM provider_terms WHERE is_listed")[1]
        assert 76 == len(catalog.offerings())


def test_a_damaged_catalog_is_a_catalog_error(tmp_path: Path) -> None:
    (tmp_path / "catalog.duckdb").write_bytes(b"damaged")
    with pytest.raises(CatalogError, match="cannot be opened"):
        run_query(tmp_path / "catalog.duckdb", "SELECT 1")


@pytest.mark.fault("Q06")
def test_q06_a_statement_that_cannot_be_checked_is_not_run(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.use.query.json.loads", lambda _: {"error": True})
    assert "cannot be checked, so it is not run" in refusal(path, "SELECT 1")
