"""Every command, every format, every filter and every exit code, over the shipped captures."""

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from called import Run, Said, caller
from shipped_catalog import shipped_data

from pipeline.cli import main

FIRST_TABLE = "2025-07-31"
READ_COMMANDS = (
    ("status",),
    ("list",),
    ("show", "openai"),
    ("history", "openai"),
    ("changes",),
    ("quarantine",),
    ("query", "SELECT offering_id FROM provider_terms"),
)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_data(tmp_path_factory)


@pytest.fixture
def run(data: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return caller(data, capsys)


def _words(value: object) -> str | None:
    """Return the id of a test case: the words of a call, in ASCII."""
    return " ".join(value).encode("ascii", "backslashreplace").decode()[:60] if isinstance(value, tuple) else None


def counted(rows: list[dict[str, Any]], name: str) -> dict[object, int]:
    return dict(Counter(row[name] for row in rows))


@pytest.mark.parametrize("command", READ_COMMANDS, ids=_words)
@pytest.mark.parametrize("day", [(), ("--as-of", FIRST_TABLE)], ids=["now", "as-of"])
def test_every_read_command_speaks_three_formats_now_and_as_of_a_day(
    run: Run, command: tuple[str, ...], day: tuple[str, ...]
) -> None:
    as_json, as_csv, as_table = (run(*command, *day, "--format", form) for form in ("json", "csv", "table"))
    assert [0, 0, 0] == [as_json.code, as_csv.code, as_table.code]
    assert ["", ""] == [as_json.err, as_csv.err]
    assert len(as_json.rows) == len(as_csv.cells)
    assert as_table.out or as_table.err


def test_the_first_table_is_read_as_it_was(run: Run) -> None:
    rows = run("list", "--as-of", FIRST_TABLE, "--format", "json").rows
    assert 59 == len(rows)
    assert {"none": 21, "unknown": 20, "unstated": 9, "period": 9} == counted(rows, "retention_kind")
    assert {0: 21, None: 29, 30: 6, 55: 2, 1: 1} == counted(rows, "retention_days")
    assert {"no": 52, "may": 7} == counted(rows, "training")


FILTERS = [
    (("--max-retention-days", "30"), 28),
    (("--max-retention-days", "0"), 21),
    (("--max-retention-days", "1"), 22),
    (("--max-retention-days", "9999"), 30),
    (("--retention-kind", "unknown"), 20),
    (("--retention-kind", "unknown", "--retention-kind", "unstated"), 29),
    (("--retention-kind", "period", "--max-retention-days", "30"), 7),
    (("--retention-kind", "unknown", "--max-retention-days", "9999"), 0),
    (("--retention-kind", "indefinite"), 0),
    (("--training", "may"), 7),
    (("--training", "may", "--training", "no"), 59),
    (("--training", "opt_in"), 0),
    (("--tier", "free"), 2),
    (("--tier", "default"), 57),
    (("--listed",), 59),
    (("--all",), 61),
]


@pytest.mark.parametrize(("arguments", "expected"), FILTERS, ids=_words)
def test_each_filter_lets_so_many_pass(run: Run, arguments: tuple[str, ...], expected: int) -> None:
    said = run("list", "--as-of", FIRST_TABLE, "--format", "csv", *arguments)
    assert (0, expected) == (said.code, len(said.cells))


def test_unknown_passes_no_limit_on_days(run: Run) -> None:
    rows = run("list", "--as-of", FIRST_TABLE, "--max-retention-days", "9999", "--format", "json").rows
    assert {"none": 21, "period": 9} == counted(rows, "retention_kind")


def test_what_is_no_longer_listed_is_shown_on_request_and_marked(run: Run) -> None:
    listed, everything = (run("list", *which, "--format", "json").rows for which in ((), ("--all",)))
    gone = [row["offering_id"] for row in everything if not row["is_listed"]]
    assert {True: len(listed), False: len(gone)} == counted(everything, "is_listed")
    assert "google-vertex:free" in gone
    assert "Google Vertex (delisted)" in run("list", "--all", "--tier", "free").out


HISTORIES = [
    ("OpenAI", [("period", 30), ("unstated", None)]),
    ("google-vertex", [("period", 30), ("period", 1), ("none", 0)]),
    ("Azure", [("none", 0), ("period", 30), ("none", 0)]),
]


@pytest.mark.parametrize(("name", "expected"), HISTORIES, ids=_words)
def test_histories_hold_every_retention_in_its_order(
    run: Run, name: str, expected: list[tuple[str, int | None]]
) -> None:
    rows = run("history", name, "--format", "json").rows
    default = [
        (row["retention_kind"], row["retention_days"]) for row in rows if not row["offering_id"].endswith(":free")
    ]
    told = [policy for place, policy in enumerate(default) if place == 0 or default[place - 1] != policy]
    assert expected == told


def test_an_offering_that_came_to_keep_nothing_has_the_day_on_record(run: Run) -> None:
    *_, before, after = run("history", "OpenInference", "--format", "json").rows
    assert ("unstated", "may") == (before["retention_kind"], before["training"])
    assert ("none", "no") == (after["retention_kind"], after["training"])
    assert ["2026-07-13T00:00:00Z"] * 2 == [before["valid_to"], after["valid_from"]]
    changes = run("changes", "--since", "2026-07-13", "--as-of", "2026-07-13", "--format", "json").rows
    assert [("unstated", "none"), ("may", "no")] == [(one["old_value"], one["new_value"]) for one in changes]


def test_a_history_as_of_a_day_does_not_tell_what_came_later(run: Run) -> None:
    rows = run("history", "openai", "--as-of", "2025-06-30", "--format", "json").rows
    assert [("period", None)] == [(row["retention_kind"], row["valid_to"]) for row in rows]


@pytest.mark.parametrize("name", ["openai", "OPENAI", "OpenAI", " openai ", "ＯｐｅｎＡＩ"])
def test_a_name_is_found_in_any_case_and_width(run: Run, name: str) -> None:
    said = run("show", name, "--format", "json")
    assert (0, ["openai"]) == (said.code, [row["offering_id"] for row in said.rows])


def test_a_name_in_brackets_means_one_tier_and_without_them_all(run: Run) -> None:
    one, both = (run("show", name, "--format", "json").rows for name in ("google vertex (FREE)", "google vertex"))
    assert ["google-vertex:free"] == [row["offering_id"] for row in one]
    assert ["google-vertex", "google-vertex:free"] == [row["offering_id"] for row in both]


def test_show_as_json_keeps_everything(run: Run) -> None:
    (row,) = run("show", "openai", "--format", "json").rows
    assert ["OpenAI"] == row["names"]
    assert "slugs" in row
    quotes = {claim["topic"]: (claim["quote"], len(claim["capture"] or "")) for claim in row["evidence"]}
    assert ("Prompts are retained for unknown period", 64) == quotes["retention"]
    assert ("✓ Does not train", 64) == quotes["training"]


def test_show_tells_the_policy_first_and_in_words(run: Run) -> None:
    lines = run("show", "openai").out.splitlines()
    assert "OpenAI (openai), listed at openrouter" == lines[0]
    assert "  retention  prompts are stored; for how long is not stated" == lines[2]
    assert "  training   no: prompts are not used to train models" == lines[3]
    places = [lines.index(title) for title in ("evidence", "links", "provider")]
    assert sorted(places) == places
    assert '  retention  unstated: "Prompts are retained for unknown period"' in lines
    assert [] == [line for line in lines if any(len(word) == 64 for word in line.split())]


def test_show_as_of_a_day_quotes_what_was_read_then(run: Run) -> None:
    said = run("show", "openai", "--as-of", "2025-06-30")
    assert "  retention  prompts are stored for 30 days" in said.out.splitlines()
    assert '  retention  30 days: "Retained for 30 days"' in said.out.splitlines()


def test_changes_are_newest_first_and_since_counts_its_day(run: Run) -> None:
    times = [row["changed_at"] for row in run("changes", "--format", "json").rows]
    assert sorted(times, reverse=True) == times
    since = run("changes", "--since", "2026-07-21", "--format", "json").rows
    assert {"2026-07-21T00:00:00Z": times.count("2026-07-21T00:00:00Z")} == counted(since, "changed_at")


def test_status_leaves_the_shipped_captures_out_on_request(run: Run) -> None:
    with_them, without = (run("status", *how, "--format", "json").rows for how in ((), ("--no-recorded",)))
    assert ("ok", 76) == next((row["state"], row["rows"]) for row in with_them if row["source"] == "openrouter-docs")
    assert {"never_seen": len(without)} == counted(without, "state")


def test_status_as_of_a_day_stands_as_it_did(run: Run) -> None:
    rows = run("status", "--as-of", FIRST_TABLE, "--format", "json").rows
    (docs,) = (row for row in rows if row["source"] == "openrouter-docs")
    assert ("2025-07-31T00:00:00Z", "23 hours") == (docs["last_good"], docs["age"])


def test_query_as_of_a_day_asks_the_terms_of_that_day(run: Run) -> None:
    sql = "SELECT count(*) AS listed FROM provider_terms WHERE is_listed"
    assert [{"listed": 59}] == run("query", sql, "--as-of", FIRST_TABLE, "--format", "json").rows
    assert [{"listed": 76}] == run("query", sql, "--format", "json").rows


def test_columns_of_one_name_are_told_apart(run: Run) -> None:
    said = run("query", "SELECT 1 AS a, 2 AS a, 3 AS a", "--format", "json")
    assert [{"a": 1, "a_2": 2, "a_3": 3}] == said.rows


ODD_VALUES = [
    ("1.50::DECIMAL(5, 2)", 1.5),
    ("12345678901234567890.123456789::DECIMAL(38, 9)", "12345678901234567890.123456789"),
    ("'nan'::DOUBLE", "nan"),
    ("'-inf'::DOUBLE", "-inf"),
    ("DATE '2025-07-31'", "2025-07-31"),
    ("TIMESTAMPTZ '2025-07-31 02:00:00+02'", "2025-07-31T00:00:00Z"),
    ("TIMESTAMP '2025-07-31 00:00:00.5'", "2025-07-31T00:00:00.500000Z"),
    ("{'a': [DATE '2025-07-31']}", {"a": ["2025-07-31"]}),
    ("'ab'::BLOB", "6162"),
    ("INTERVAL 1 HOUR", "1:00:00"),
    ("NULL", None),
    ("true", True),
]


@pytest.mark.parametrize(("sql", "expected"), ODD_VALUES, ids=str)
def test_every_type_of_value_can_be_shown(run: Run, sql: str, expected: object) -> None:
    said = run("query", f"SELECT {sql} AS x", "--format", "json")
    assert (0, [{"x": expected}]) == (said.code, said.rows)
    assert [0, 0] == [run("query", f"SELECT {sql} AS x", "--format", form).code for form in ("csv", "table")]


@pytest.mark.fault("D08")
@pytest.mark.parametrize("name", ["NA", "null", "None", "TRUE", "007", "1e5", "nan", ""])
def test_d08_text_that_looks_like_something_else_stays_text(run: Run, name: str) -> None:
    sql = f"SELECT '{name}' AS provider_name"
    assert [{"provider_name": name}] == run("query", sql, "--format", "json").rows
    assert [{"provider_name": name, "b": "1"}] == run("query", f"{sql}, 1 AS b", "--format", "csv").cells


EMPTY = [
    (("list", "--as-of", FIRST_TABLE, "--training", "opt_in"), "none of 59 offerings, as of 2025-07-31"),
    (("changes", "--since", "2027-01-01"), "no change is on record since 2027-01-01"),
    (("changes", "--as-of", "2020-01-01"), "no change is on record up to 2020-01-01"),
    (("history", "openai", "--as-of", "2020-01-01"), "no policy of 'openai' was known on 2020-01-01"),
    (("quarantine",), "nothing is refused, of 0 ever"),
    (("query", "SELECT 1 AS a WHERE false"), "no rows"),
]


@pytest.mark.parametrize(("arguments", "expected"), EMPTY, ids=_words)
def test_a_table_without_rows_says_so_in_words_and_keeps_the_pipe_clean(
    run: Run, arguments: tuple[str, ...], expected: str
) -> None:
    assert Said(0, "", f"{expected}\n") == run(*arguments)


@pytest.mark.parametrize(("command", "nothing"), [("list", "--training=opt_in"), ("changes", "--since=2027-01-01")])
def test_a_csv_without_rows_has_the_header_of_one_with_rows(run: Run, command: str, nothing: str) -> None:
    empty = run(command, nothing, "--format", "csv").out.splitlines()
    assert [run(command, "--format", "csv").out.splitlines()[0]] == empty


def test_a_csv_without_refused_rows_has_the_header_of_the_table(run: Run, data: Path) -> None:
    expected = (data / "catalog" / "current" / "csv" / "quarantine.csv").read_text(encoding="utf-8").splitlines()
    assert expected == run("quarantine", "--format", "csv").out.splitlines()


@pytest.mark.parametrize("command", [("list", "--training", "opt_in"), ("quarantine",)], ids=_words)
def test_an_empty_answer_is_an_empty_list_in_json(run: Run, command: tuple[str, ...]) -> None:
    assert Said(0, "[]\n", "") == run(*command, "--format", "json")


BLIND = [("list",), ("list", "--format", "json"), ("show", "openai"), ("route", "--no-training")]


@pytest.mark.parametrize("command", BLIND, ids=_words)
def test_a_day_before_anything_is_known_is_no_day_without_offerings(run: Run, command: tuple[str, ...]) -> None:
    expected = Said(4, "", "provider-terms: nothing is known before 2025-05-20\n")
    assert expected == run(*command, "--as-of", "2025-05-19")
    assert expected != run(*command, "--as-of", "2025-05-20")


def test_the_count_after_a_list_names_its_day(run: Run) -> None:
    assert "59 of 59 offerings, as of 2025-07-31\n" == run("list", "--as-of", FIRST_TABLE).err
    assert "76 of 76 offerings, as of 2026-07-21\n" == run("list").err
    assert "76 of 76 offerings, as of 2026-07-21\n" == run("list", "--as-of", "2099-01-01").err


UNKNOWN_NAMES = ["opneai", "Goggle Vertex", "", "' OR 1=1 --", "../../etc/passwd", "CON", "x" * 300, "%"]


@pytest.mark.fault("Q07", "Q11", "Q12")
@pytest.mark.parametrize("command", ["show", "history"])
@pytest.mark.parametrize("name", UNKNOWN_NAMES)
def test_q12_an_unknown_name_is_answered_with_no(run: Run, command: str, name: str) -> None:
    said = run(command, name)
    assert (4, "", 1) == (said.code, said.out, said.err.count("\n"))
    assert f"provider-terms: '{' '.join(name.split())}' is not in the catalog; " in said.err


@pytest.mark.parametrize(("name", "nearest"), [("opneai", "openai"), ("Goggle Vertex", "google-vertex")])
def test_an_unknown_name_is_answered_with_the_nearest_ones(run: Run, name: str, nearest: str) -> None:
    assert f"; nearest: {nearest}" in run("show", name).err


def test_a_name_that_was_not_known_yet_is_answered_with_no(run: Run) -> None:
    expected = "provider-terms: 'wandb' was not known on 2025-06-30: it was first seen later\n"
    assert Said(4, "", expected) == run("show", "wandb", "--as-of", "2025-06-30")


WRONG = [
    (("list", "--as-of", "tomorrow"), "'tomorrow' is not a date"),
    (("list", "--as-of", "2025-02-30"), "'2025-02-30' is not a date"),
    (("list", "--as-of", "0001-01-01T00:00+02:00"), "is not a date"),
    (("changes", "--since", "٢٠٢٥"), "is not a date"),
    (("list", "--max-retention-days", "-1"), "is not a number of days"),
    (("list", "--max-retention-days", "٣٠"), "is not a number of days"),
    (("list", "--max-retention-days", "10000"), "is not a number of days"),
    (("list", "--retention-kind", "zero"), "invalid choice"),
    (("list", "--listed", "--all"), "not allowed with"),
    (("list", "--format", "xml"), "invalid choice"),
    (("show",), "the following arguments are required: ID"),
    (("lst",), "invalid choice"),
    (("query", ""), "expected one SELECT"),
    (("query", "SELECT * FROM nope"), "nope does not exist"),
    (("query", "SELECT retention FROM provider_terms"), "retention"),
    (("query", "SELECT \udcff"), "not valid UTF-8"),
    (("import", "nothing-here.md", "--source", "openrouter-docs"), "nothing-here.md: no such file"),
    (("import", "nothing-here.md", "--source", "nobody"), "declared are"),
]


@pytest.mark.parametrize(("arguments", "expected"), WRONG, ids=_words)
def test_wrong_usage_is_one_line_and_exit_code_2(run: Run, arguments: tuple[str, ...], expected: str) -> None:
    said = run(*arguments)
    assert (2, "", 1) == (said.code, said.out, said.err.count("\n"))
    assert said.err.startswith("provider-terms")
    assert expected in said.err


@pytest.mark.parametrize("command", [command for command in READ_COMMANDS if command[0] != "status"], ids=_words)
def test_without_a_catalog_a_reader_fails_and_says_what_to_do(
    run: Run, command: tuple[str, ...], tmp_path: Path
) -> None:
    said = run(*command, at=tmp_path)
    assert (1, "", 1) == (said.code, said.out, said.err.count("\n"))
    assert f"no catalog in {tmp_path}" in said.err
    assert "run `provider-terms refresh` or `provider-terms build` first" in said.err


def test_a_build_without_captures_fails_and_says_what_to_do(run: Run, tmp_path: Path) -> None:
    said = run("build", "--no-recorded", at=tmp_path)
    assert (1, "", 1) == (said.code, said.out, said.err.count("\n"))
    assert "import a capture" in said.err


def test_a_path_that_cannot_be_written_fails_in_one_line_that_names_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = run("build", at=tmp_path / "file")
    assert (1, "", 1) == (said.code, said.out, said.err.count("\n"))
    assert str(tmp_path / "file") in said.err


def test_debug_shows_the_traceback_and_nothing_else_does(run: Run, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no catalog in"):
        run("list", "--debug", at=tmp_path)
    assert "Traceback" not in run("list", at=tmp_path).err


def test_a_fault_of_the_program_is_one_line_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of\nours")

    monkeypatch.setattr("pipeline.catalog.reader.Catalog.changes", fail)
    expected = "provider-terms: a fault of this program: ZeroDivisionError: of ours; --debug shows where\n"
    assert Said(1, "", expected) == run("changes")


def test_a_damaged_catalog_does_not_keep_a_changed_archive_from_being_built(run: Run, tmp_path: Path) -> None:
    assert 0 == run("build", at=tmp_path).code
    (tmp_path / "catalog" / "current" / "catalog.duckdb").write_bytes(b"damaged")
    assert 1 == run("list", at=tmp_path).code
    page = "| Provider | Data Retention | Train on Prompts |\n| --- | --- | --- |\n| OpenAI | 30 days | no |\n"
    (tmp_path / "page.md").write_text(page, encoding="utf-8")
    imported = run(
        *("import", str(tmp_path / "page.md"), "--source", "openrouter-docs", "--captured-at", "2026-07-22"),
        at=tmp_path,
    )
    assert imported.code in {0, 1}
    assert 0 == run("build", at=tmp_path).code
    assert 0 == run("list", at=tmp_path).code


def test_a_build_tells_the_split_and_a_second_one_rewrites_nothing(run: Run, tmp_path: Path) -> None:
    first, second = run("build", at=tmp_path), run("build", at=tmp_path)
    assert "Catalog as of 2026-07-21: 76 offerings listed (published)" == first.out.splitlines()[0]
    assert "76 offerings listed (unchanged, nothing rewritten)" in second.out.splitlines()[0]
    assert "  changes    none new in the history" in second.out.splitlines()


def test_a_stale_required_source_is_exit_code_3_under_strict_only(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.collect.schedule.fetch_all", lambda *_, **__: [])
    assert 0 == run("refresh", at=tmp_path).code
    said = run("refresh", "--strict", at=tmp_path)
    assert 3 == said.code
    assert "stale beyond its declared age: openrouter-feed; `provider-terms status` tells why\n" in said.err


def test_validate_tells_what_is_wrong_with_its_path(run: Run, tmp_path: Path) -> None:
    assert (0, "4 sources, 114 providers and 216 of their pages are valid\n") == run("validate", at=tmp_path)[:2]
    (tmp_path / "providers").mkdir()
    (tmp_path / "providers" / "x.toml").write_text('id = "x"\nname = "a\\u001b[31m"\ncolour = 1\n')
    said = run("validate", at=tmp_path)
    assert 1 == said.code
    assert "providers/x.toml: colour: " in said.out
    assert "\x1b" not in said.out


def test_an_import_of_a_page_from_the_future_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("x")
    day = f"{datetime.now(UTC).year + 2}-01-01"
    said = run(*("import", str(tmp_path / "page.md"), "--source", "openrouter-docs", "--captured-at", day), at=tmp_path)
    assert Said(2, "", f"provider-terms: --captured-at {day} is in the future\n") == said


def test_a_month_that_is_not_over_dates_an_import_no_later_than_today(run: Run, tmp_path: Path) -> None:
    table = "| Provider | Data Retention | Train on Prompts |\n|---|---|---|\n"
    rows = "".join(f"| P{number} | Zero retention | ✓ Does not train |\n" for number in range(40))
    (tmp_path / "page.md").write_text(table + rows)
    before = datetime.now(UTC)
    month = f"{before:%Y-%m}"
    said = run(
        *("import", str(tmp_path / "page.md"), "--source", "openrouter-docs", "--captured-at", month), at=tmp_path
    )
    days = {f"{day:%Y-%m-%d}" for day in (before, datetime.now(UTC))}  # two where it is midnight in between
    assert (0, True) == (
        said.code,
        said.out.splitlines()[0] in {f"archived as openrouter-docs of {day}: 40 rows, 0 refused" for day in days},
    )


def test_the_folder_is_taken_from_the_environment(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVIDER_TERMS_DATA", str(data))
    assert 0 == main(["show", "openai"])
    assert capsys.readouterr().out.startswith("OpenAI (openai)")


@pytest.mark.parametrize(
    "command", ["refresh", "build", "import", "validate", "route", "check", *(command[0] for command in READ_COMMANDS)]
)
def test_help_teaches_by_example_within_80_columns(run: Run, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for said in (run("--help"), run(command, "--help")):
        assert 0 == said.code
        assert 80 >= max(map(len, said.out.splitlines()))
    assert f"\nexamples:\n  provider-terms {command}" in said.out


def test_main_help_tells_the_exit_codes(run: Run) -> None:
    assert "exit codes: 0 done; 1 failed" in run("--help").out


def test_an_empty_archive_is_told_by_the_gateways_sources_and_a_count_of_the_rest(run: Run, tmp_path: Path) -> None:
    said = run("build", "--no-recorded", at=tmp_path / "empty")
    assert (1, "") == (said.code, said.out)
    line = said.err.splitlines()[-1]
    assert "openrouter-docs never_seen" in line
    assert re.search(r"[0-9]+ more sources \(provider-terms status --pages\)", line)
    assert len(line) < 400
