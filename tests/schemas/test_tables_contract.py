import re
from datetime import datetime, timedelta

import pytest
from table_rows import Row, plain_row

from pipeline.catalog.validate import check_table
from pipeline.errors import ContractError
from schemas import TABLES
from schemas.columns import INTEGER, TEXT, TEXT_LIST, TIMESTAMP, key_of, type_of, unit_of

JULY = datetime(2026, 7, 1)  # noqa: DTZ001 - published times are UTC without a zone
AUGUST, SEPTEMBER = JULY + timedelta(days=31), JULY + timedelta(days=62)
COLUMNS = [(table, column) for table, schema in TABLES.items() for column in schema.columns]
PERIOD = {"retention_kind": "period", "retention_days": 30, "retention_bound": "exact"}
OTHER_KINDS = ("until_event", "indefinite", "unstated", "unknown")


def refused(table: str, *rows: Row) -> str:
    """Return the one line on which a broken contract is told."""
    with pytest.raises(ContractError) as caught:
        check_table(table, TABLES[table], list(rows))
    line = str(caught.value)
    assert line.startswith(f"{table}: ")
    assert [line] == line.splitlines()
    return line


@pytest.mark.parametrize("table", TABLES)
def test_a_plain_row_keeps_its_contract(table: str) -> None:
    assert 1 == len(check_table(table, TABLES[table], [plain_row(table)]))


@pytest.mark.parametrize("table", TABLES)
def test_an_empty_table_keeps_its_contract_and_its_types(table: str) -> None:
    frame = check_table(table, TABLES[table], [])
    assert [type_of(TABLES[table], name).pandas for name in TABLES[table].columns] == list(frame.dtypes)


@pytest.mark.parametrize("table", ["policies", "policy_history"])
@pytest.mark.parametrize(
    "retention",
    [{"retention_kind": "none", "retention_days": 0}, PERIOD, PERIOD | {"retention_days": 1}]
    + [{"retention_kind": kind, "retention_days": None} for kind in OTHER_KINDS],
    ids=str,
)
def test_days_are_zero_for_none_a_number_for_a_period_and_empty_for_all_others(table: str, retention: Row) -> None:
    assert 1 == len(check_table(table, TABLES[table], [plain_row(table, **retention)]))


@pytest.mark.parametrize("table", ["policies", "policy_history"])
@pytest.mark.parametrize(
    "retention",
    [
        {"retention_kind": "none", "retention_days": None},
        {"retention_kind": "none", "retention_days": 30},
        PERIOD | {"retention_days": None},
        PERIOD | {"retention_days": 0},
        *({"retention_kind": kind, "retention_days": days} for kind in OTHER_KINDS for days in (0, 30)),
    ],
    ids=str,
)
def test_days_that_do_not_fit_their_kind_break_the_contract(table: str, retention: Row) -> None:
    line = refused(table, plain_row(table, offering_id="groq", **retention))
    assert f"{table}: retention_days is 0 for none, N for period, empty for all others (found 'ab12 groq" in line


@pytest.mark.parametrize("table", ["policies", "policy_history"])
@pytest.mark.parametrize("change", [PERIOD | {"retention_bound": None}, {"retention_bound": "exact"}], ids=str)
def test_a_bound_is_given_for_a_period_only(table: str, change: Row) -> None:
    assert "retention_bound is given for a period only" in refused(table, plain_row(table, **change))


@pytest.mark.parametrize("table", ["providers", "policies"])
def test_a_listed_offering_has_no_date_of_delisting(table: str) -> None:
    line = refused(table, plain_row(table, is_listed=True, delisted_at=JULY))
    assert "a listed offering has no date of delisting" in line
    assert 1 == len(check_table(table, TABLES[table], [plain_row(table, is_listed=False, delisted_at=JULY)]))


HISTORIES = ["policy_history", "attribute_history"]


@pytest.mark.parametrize("table", HISTORIES)
@pytest.mark.parametrize("valid_to", [JULY, JULY - timedelta(seconds=1)], ids=["equal", "earlier"])
def test_an_interval_that_does_not_go_forward_breaks_the_contract(table: str, valid_to: datetime) -> None:
    line = refused(table, plain_row(table, valid_from=JULY, valid_to=valid_to))
    assert f"{table}: valid_to is later than valid_from" in line


@pytest.mark.parametrize("table", HISTORIES)
@pytest.mark.parametrize(
    "intervals",
    [
        [(JULY, SEPTEMBER), (AUGUST, None)],
        [(AUGUST, None), (JULY, SEPTEMBER)],
        [(JULY, None), (AUGUST, None)],
        [(JULY, None), (AUGUST, SEPTEMBER)],
        [(JULY, SEPTEMBER), (JULY + timedelta(days=1), AUGUST)],
    ],
    ids=["overlap", "unsorted", "two open", "open before closed", "within"],
)
def test_intervals_of_one_key_that_overlap_break_the_contract(
    table: str, intervals: list[tuple[datetime, datetime | None]]
) -> None:
    rows = [plain_row(table, valid_from=start, valid_to=end) for start, end in intervals]
    assert re.search(r"intervals of one gateway_id and offering_id.* do not overlap", refused(table, *rows))


@pytest.mark.parametrize("table", HISTORIES)
def test_intervals_that_touch_or_leave_a_gap_or_belong_to_others_keep_the_contract(table: str) -> None:
    rows = [
        plain_row(table, valid_from=JULY, valid_to=AUGUST),
        plain_row(table, valid_from=AUGUST, valid_to=AUGUST + timedelta(days=1)),
        plain_row(table, valid_from=SEPTEMBER, valid_to=None),
        plain_row(table, offering_id="other", valid_from=JULY, valid_to=None),
        plain_row(table, gateway_id="other", valid_from=JULY, valid_to=None),
    ]
    assert len(rows) == len(check_table(table, TABLES[table], rows))


@pytest.mark.fault("C08")
@pytest.mark.parametrize("table", TABLES)
def test_c08_a_key_that_stands_twice_breaks_the_contract(table: str) -> None:
    key = " and ".join(key_of(TABLES[table]))
    assert f"{table}: {key} stand in one row only" in refused(table, plain_row(table), plain_row(table))


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_missing_column_breaks_the_contract(table: str, column: str) -> None:
    row = plain_row(table)
    del row[column]
    assert f"{table}: columns are missing: {column}" == refused(table, plain_row(table), row)


@pytest.mark.parametrize("table", TABLES)
def test_a_column_without_a_declaration_breaks_the_contract(table: str) -> None:
    line = refused(table, plain_row(table), plain_row(table, note="x", added=1))
    assert f"{table}: columns without a declaration: added, note" == line


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, column in COLUMNS if not TABLES[table].columns[column].nullable]
)
def test_an_empty_value_where_one_is_required_breaks_the_contract(table: str, column: str) -> None:
    assert f"{column}: not_nullable" in refused(table, plain_row(table, **{column: None}))


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_value_of_another_type_breaks_the_contract_and_is_not_converted(table: str, column: str) -> None:
    type_ = type_of(TABLES[table], column)
    for other in ("1", True, 1.5, 1, ["x"], {"a": 1}, b"x"):
        if isinstance(other, type_.python) and not (type_ == INTEGER and other is True):
            continue
        line = refused(table, plain_row(table, **{column: other}))
        assert f"{table}: {column}: expected {type_.python.__name__} (found " in line


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, column in COLUMNS if type_of(TABLES[table], column) == TEXT]
)
def test_text_that_utf_8_cannot_hold_breaks_the_contract(table: str, column: str) -> None:
    assert f"{column}: is no text that UTF-8 can hold" in refused(table, plain_row(table, **{column: "a\ud800"}))


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table, column in COLUMNS if type_of(TABLES[table], column) == TEXT_LIST]
)
@pytest.mark.parametrize("items", [[1], [None], ["a", ["b"]], ["\ud800"]], ids=repr)
def test_a_list_of_anything_but_text_breaks_the_contract(table: str, column: str, items: list[object]) -> None:
    line = refused(table, plain_row(table, **{column: items}))
    assert f"{column}: is no list of text that UTF-8 can hold" in line


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("policies", "retention_kind", "forever"),
        ("policies", "training", "No"),
        ("policies", "training", ""),
        ("policies", "retention_basis", "guessed"),
        ("policy_history", "cause", "whim"),
        ("providers", "tier", "paid"),
        ("claims", "topic", "price"),
        ("changes", "change_kind", "moved"),
        ("sources", "state", "fine"),
        ("observations", "outcome", "OK"),
        ("quarantine", "topic", "price"),
        ("providers", "terms_url", "javascript:alert(1)"),
        ("providers", "privacy_url", "https://a b"),
        ("providers", "status_url", "https://a\n"),
        ("providers", "data_usage_url", "//a"),
        ("sources", "url", "file:///etc/passwd"),
        ("providers", "headquarters", "us"),
        ("providers", "headquarters", "US\n"),
        ("providers", "offering_id", "Groq"),
        ("providers", "offering_id", "../groq"),
        ("providers", "offering_id", "groq\n"),
        ("providers", "provider_name", ""),
        ("providers", "provider_name", "x" * 201),
        ("claims", "claim_id", "xyz"),
        ("claims", "capture_id", "ABC"),
        ("policies", "staleness_days", -1),
        ("sources", "rank", 0),
        ("sources", "stale_after_days", 0),
        ("changes", "offering_count", 0),
        ("policies", "staleness_days", 10**20),
        ("quarantine", "reason", ""),
    ],
)
def test_a_value_that_its_column_does_not_allow_breaks_the_contract(table: str, column: str, value: object) -> None:
    assert re.search(rf"[:;] {column}: ", refused(table, plain_row(table, **{column: value})))


def test_a_number_of_64_bits_keeps_the_contract() -> None:
    frame = check_table(
        "zdr_endpoints", TABLES["zdr_endpoints"], [plain_row("zdr_endpoints", context_length=2**63 - 1)]
    )
    assert [2**63 - 1] == frame["context_length"].tolist()


def test_a_time_with_a_zone_breaks_the_contract() -> None:
    aware = JULY.astimezone()
    assert "policies: observed_at: not datetime64[us]" in refused("policies", plain_row("policies", observed_at=aware))


def test_only_the_first_failures_are_told_and_long_values_are_cut() -> None:
    rows = [plain_row("policies", offering_id=f"p{number}", training=f"{number}" * 500) for number in range(9)]
    line = refused("policies", *rows)
    assert line.endswith("; and 6 more")
    assert 3 == line.count("training: ")
    assert 250 > max(map(len, line.split("; ")))


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_every_column_has_a_description_that_is_a_sentence(table: str, column: str) -> None:
    assert re.fullmatch(r"[A-Z`0-9a-z][^\n]*[^.\s]\.", str(TABLES[table].columns[column].description))


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_a_description_that_is_a_sentence(table: str) -> None:
    assert re.fullmatch(r"One row per [^\n]*\.", str(TABLES[table].description))


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, column) for table, column in COLUMNS if type_of(TABLES[table], column) in {INTEGER, TIMESTAMP}],
)
def test_every_number_and_time_has_a_unit(table: str, column: str) -> None:
    assert unit_of(TABLES[table], column)


@pytest.mark.parametrize("table", TABLES)
def test_a_key_is_made_of_columns_that_are_never_empty(table: str) -> None:
    key = key_of(TABLES[table])
    assert key
    assert not any(TABLES[table].columns[column].nullable for column in key)
