import csv
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SelectorError
from pipeline.model import Parsed, Topic
from pipeline.parse.policy_table import MAX_ROWS, parse

PAGES = Path(__file__).resolve().parent.parent / "pages" / "policy_table"
HEADER = ("Provider", "Data Retention", "Train on Prompts")
Row = tuple[str, ...]
WANTED = "Provider, Data Retention, Train on Prompts"

GOLDEN = [
    "as_printed.html",
    "as_printed.md",
    "pictures.html",
    "reader_service.md",
    "reordered_columns.html",
    "spans.html",
]

REFUSED = [
    ("column_twice.html", "expected exactly 1 column 'Data Retention', found 2"),
    ("component.md", "no rows: no table with the columns"),
    ("header_only.md", "no rows: expected at least 1 row, found 0 in the policy table (the page is drawn"),
    ("lost_column.md", f"no rows: no table with the columns {WANTED}; found the columns Provider, Data Retention"),
    ("nested_table.html", "a table stands inside a cell of the policy table"),
    ("renamed_column.html", f"columns {WANTED}; found the columns Provider, Retention, Train on Prompts"),
    ("rowless_shell.html", "no rows: expected at least 1 row, found 0 in the policy table (the page is drawn"),
    ("skeleton_rows.html", "no rows: expected at least 1 row, found 0 in the policy table, 2 refused"),
    ("table_twice.html", f"expected exactly 1 table with the columns {WANTED}, found 2"),
    ("table_twice.md", f"expected exactly 1 table with the columns {WANTED}, found 2"),
]


def claims_of(parsed: Parsed) -> list[Row]:
    """The texts of name, retention and training of each row."""
    return [tuple(str(claim.raw) for claim in row.claims) for row in parsed.rows]


def golden_claims(stem: str) -> list[Row]:
    with (PAGES / f"{stem}.expected.csv").open(encoding="utf-8", newline="") as file:
        return [(row["label"], row["retention"], row["training"]) for row in csv.DictReader(file)]


def read_page(name: str) -> Parsed:
    return parse((PAGES / name).read_bytes())


def as_html(rows: list[Row], header: Row = HEADER) -> bytes:
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in (header, *rows))
    return f"<!doctype html>\n<table>\n{lines}</table>\n".encode()


def as_markdown(rows: list[Row], header: Row = HEADER) -> bytes:
    def write(row: Row) -> str:
        return "| " + " | ".join(escape_markdown(cell) for cell in row) + " |\n"

    return (write(header) + write(("---",) * len(header)).replace("\\", "") + "".join(map(write, rows))).encode()


def escape_markdown(cell: str) -> str:
    return "".join("\\" + mark if mark in "\\|`*_[]<>~&!" else mark for mark in cell)


def page_with(rows: str) -> bytes:
    return f"<!doctype html><table><tr><th>{'<th>'.join(HEADER)}{rows}</table>".encode()


@pytest.mark.parametrize("name", GOLDEN)
def test_a_page_gives_its_golden_claims(name: str) -> None:
    assert claims_of(read_page(name)) == golden_claims(name.partition(".")[0])


def test_every_page_is_listed_here() -> None:
    pages = {path.relative_to(PAGES).as_posix() for path in PAGES.rglob("*") if path.suffix in {".html", ".md"}}
    assert pages == {*GOLDEN, *(f"refused/{name}" for name, _ in REFUSED)}


@pytest.mark.parametrize(("name", "message"), REFUSED)
def test_a_page_without_exactly_one_readable_table_raises(name: str, message: str) -> None:
    with pytest.raises(SelectorError) as caught:
        read_page(f"refused/{name}")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_row_carries_its_words_and_where_they_stand() -> None:
    row = parse(as_html([("Juniper (free)", "Zero  retention ", "✓ Does not train")])).rows[0]
    assert (row.label, row.slug, row.name, row.tier) == ("Juniper (free)", None, None, None)
    assert row.locator == "table row 1"
    assert row.raw == {
        "Provider": "Juniper (free)",
        "Data Retention": "Zero retention",
        "Train on Prompts": "✓ Does not train",
    }
    assert [(claim.topic, claim.quote, claim.locator) for claim in row.claims] == [
        (Topic.DISPLAY_NAME, "Juniper (free)", "table row 1, Provider"),
        (Topic.RETENTION, "Zero retention", "table row 1, Data Retention"),
        (Topic.TRAINING, "✓ Does not train", "table row 1, Train on Prompts"),
    ]


@pytest.mark.parametrize("write", [as_html, as_markdown])
def test_a_row_that_cannot_be_read_is_refused_and_counted(write: Callable[[list[Row]], bytes]) -> None:
    parsed = parse(
        write(
            [
                ("Juniper", "Zero retention", "✓ Does not train"),
                ("", "Zero retention", "✓ Does not train"),
                ("Larch", "Zero retention"),
                ("Osier", "or", "Zero retention", "✕ May train"),
                HEADER,
                ("Reed", "x" * 2001, "✕ May train"),
            ]
        )
    )
    assert [(refusal.locator, refusal.reason, refusal.label) for refusal in parsed.refusals] == [
        ("table row 2", "the provider's cell is empty", None),
        ("table row 3", "cells: 2, columns in the header: 3", "Larch"),
        ("table row 4", "cells: 4, columns in the header: 3", "Osier"),
        ("table row 5", "the header again", None),
        ("table row 6", "a cell is longer than 2000 characters", "Reed"),
    ]
    assert {refusal.stage for refusal in parsed.refusals} == {"parse"}
    assert parsed.refusals[2].raw == ["Osier", "or", "Zero retention", "✕ May train"]
    assert parsed.row_count == len(parsed.rows) + len(parsed.refusals) == 6


@pytest.mark.fault("C05")
@pytest.mark.parametrize("name", ["rowless_shell.html", "skeleton_rows.html", "component.md", "header_only.md"])
def test_c05_a_shell_without_rows_is_an_error_and_never_an_empty_catalog(name: str) -> None:
    with pytest.raises(SelectorError, match=r"^no rows: "):
        read_page(f"refused/{name}")


@pytest.mark.fault("C05")
@pytest.mark.parametrize("body", [b"", b" \n", b"\xef\xbb\xbf", b"text", b"<!doctype html><p>Please wait</p>"])
def test_c05_a_document_without_any_table_is_an_error(body: bytes) -> None:
    with pytest.raises(SelectorError, match=r"^no rows: "):
        parse(body)


@pytest.mark.fault("C09")
@pytest.mark.parametrize("name", ["renamed_column.html", "lost_column.md"])
def test_c09_a_renamed_or_dropped_column_raises_and_both_headers_are_named(name: str) -> None:
    with pytest.raises(SelectorError, match=f"columns {WANTED}; found the columns Provider, "):
        read_page(f"refused/{name}")


@pytest.mark.fault("C09")
def test_c09_columns_in_another_order_and_case_are_read_by_name() -> None:
    parsed = read_page("reordered_columns.html")
    assert claims_of(parsed) == golden_claims("reordered_columns")
    assert parsed.rows[0].claims[1].locator == "table row 1, Data Retention"


@pytest.mark.fault("C09")
@pytest.mark.parametrize("write", [as_html, as_markdown])
def test_c09_an_added_column_is_a_signal_and_stays_in_the_raw_row(write: Callable[[list[Row], Row], bytes]) -> None:
    rows: list[Row] = [("Juniper", "EU", "Zero retention", "No", "a", ""), ("Larch", "US", "Zero retention", "No")]
    parsed = parse(write(rows, ("Provider", "Region", "Data Retention", "Train on Prompts", "Note", "Note")))
    assert parsed.signals == (
        "unknown column 'Region' left unread in 2 rows",
        "unknown column 'Note' left unread in 2 rows",
        "unknown column 'Note (column 6)' left unread in 2 rows",
    )
    assert parsed.rows[0].raw == {
        "Provider": "Juniper",
        "Region": "EU",
        "Data Retention": "Zero retention",
        "Train on Prompts": "No",
        "Note": "a",
        "Note (column 6)": "",
    }


@pytest.mark.fault("C10")
@pytest.mark.parametrize("name", ["table_twice.html", "table_twice.md"])
def test_c10_a_table_that_stands_twice_raises(name: str) -> None:
    with pytest.raises(SelectorError, match=r"expected exactly 1 table .*, found 2"):
        read_page(f"refused/{name}")


@pytest.mark.fault("C11")
def test_c11_spans_row_headers_and_missing_end_tags_give_the_right_grid() -> None:
    parsed = read_page("spans.html")
    assert claims_of(parsed) == golden_claims("spans")
    assert [(refusal.locator, refusal.reason, refusal.label) for refusal in parsed.refusals] == [
        ("table row 4", "one cell spans the provider and its policy", None),
        ("table row 7", "cells: 2, columns in the header: 3", "Tansy"),
    ]


@pytest.mark.fault("C11")
def test_c11_cells_that_overlap_are_refused() -> None:
    parsed = parse(page_with("<tr><td>A<td rowspan=2>Zero<td>No<tr><td colspan=2>B<td>No<tr><td>C<td>Zero<td>No"))
    assert [row.label for row in parsed.rows] == ["A", "C"]
    assert [refusal.reason for refusal in parsed.refusals] == ["two cells claim the same place"]


@pytest.mark.fault("C11")
@pytest.mark.parametrize("span", ["colspan=1000", "colspan=999999999999", "colspan=65"])
def test_c11_an_absurd_span_is_refused(span: str) -> None:
    parsed = parse(page_with(f"<tr><td>A<td>Zero<td {span}>No<tr><td>B<td rowspan=99999999999>Zero<td colspan=x>No"))
    assert [row.label for row in parsed.rows] == ["B"]
    assert [refusal.reason for refusal in parsed.refusals] == ["more than 64 columns"]


@pytest.mark.fault("C11")
def test_c11_a_table_inside_a_cell_is_refused() -> None:
    with pytest.raises(SelectorError, match="a table stands inside a cell"):
        read_page("refused/nested_table.html")


@pytest.mark.fault("C11")
def test_c11_a_table_inside_a_layout_table_is_read() -> None:
    table = as_html([("Juniper", "Zero retention", "No")]).removeprefix(b"<!doctype html>")
    parsed = parse(b"<!doctype html><table><tr><td>menu<td>" + table + b"</table>")
    assert [row.label for row in parsed.rows] == ["Juniper"]


@pytest.mark.fault("C13")
def test_c13_the_same_data_as_html_and_markdown_gives_the_same_claims() -> None:
    html, markdown = read_page("as_printed.html"), read_page("as_printed.md")
    assert html.rows[0].claims[1].raw == "Retained for 30 days"
    assert [row.claims for row in html.rows] == [row.claims for row in markdown.rows]


@pytest.mark.fault("E07")
def test_e07_a_cell_without_text_is_read_by_the_names_of_its_pictures_or_stays_empty() -> None:
    assert claims_of(read_page("pictures.html")) == golden_claims("pictures")


@pytest.mark.fault("C22")
def test_c22_hidden_rows_struck_out_text_and_comments_are_not_read() -> None:
    parsed = read_page("pictures.html")
    assert parsed.row_count == len(parsed.rows) == 4
    assert "old name" not in str(parsed)
    assert "at most" not in str(parsed)


def test_a_table_of_too_many_rows_is_refused() -> None:
    row = ("Juniper", "Zero retention", "No")
    assert parse(as_markdown([row] * MAX_ROWS)).row_count == MAX_ROWS
    with pytest.raises(SelectorError, match=f"more than {MAX_ROWS} rows"):
        parse(as_markdown([row] * (MAX_ROWS + 1)))


CELLS = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=["C", "Z"], exclude_characters="\ufffd"),
        st.sampled_from(r"|&<>\`*_[]()~!#-✓✕"),
    ),
    min_size=1,
    max_size=30,
)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS).map(lambda row: (*row[:2], f"{row[2]} end")), min_size=1, max_size=6)


@given(ROWS)
def test_rows_written_as_html_come_back(rows: list[Row]) -> None:
    assert claims_of(parse(as_html(rows))) == rows


@given(ROWS)
def test_rows_written_as_markdown_come_back(rows: list[Row]) -> None:
    assert claims_of(parse(as_markdown(rows))) == rows


def test_the_seed_document_gives_its_59_rows(shared: Path) -> None:
    parsed = parse((shared / "data/seed/privacy-and-logging.md").read_bytes())
    assert (parsed.row_count, len(parsed.rows), parsed.refusals, parsed.signals) == (59, 59, (), ())
    assert len({row.label for row in parsed.rows}) == 59
    assert claims_of(parsed)[34] == ("Google Vertex", "Retained for 1 days", "✓ Does not train")
    assert sum(row.claims[1].raw == "Zero retention" for row in parsed.rows) == 21
    assert sum(row.claims[2].raw == "✕ May train" for row in parsed.rows) == 7


def test_the_rowless_page_of_2026_has_no_rows(shared: Path) -> None:
    with pytest.raises(SelectorError, match=r"^no rows: "):
        parse((shared / "data/upstream/docs-provider-logging_2026-08-22.mdx").read_bytes())
