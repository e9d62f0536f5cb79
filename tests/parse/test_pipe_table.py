import pytest

from pipeline.errors import ParseError
from pipeline.parse.pipe_table import MAX_LINES, find_pipe_tables, plain_text

TABLE = "| A | B |\n| --- | --- |\n| 1 | 2 |\n"


def tables_of(text: str) -> list[list[list[str]]]:
    return [[row.texts for row in table()] for table in find_pipe_tables(text)]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (r"A\|B", "A|B"),
        (r"`A\|B`", "A|B"),
        ("``a ` b``", "``a ` b``"),
        (r"\*not\* italic", "*not* italic"),
        ("`*code*` and *italics*", "*code* and italics"),
        ("***both***", "both"),
        ("__bold__ in_word_here", "bold in_word_here"),
        ("[**Groq**](https://example.org/a_(b)) (free)", "Groq (free)"),
        ("[Groq][1] and [brackets]", "Groq and [brackets]"),
        ("![check](c.png)", "check"),
        ("![check](c.png) yes", "yes"),
        ("&lt;b&gt; &amp;amp; &#42;x&#42;", "<b> &amp; *x*"),
        ("<https://example.org>", "https://example.org"),
        ("yes<!-- no -->", "yes"),
        ("2 < 3 * 4", "2 < 3 * 4"),
        ("AT&T", "AT&T"),
    ],
)
def test_markdown_marks_are_read_as_the_text_that_they_show(cell: str, expected: str) -> None:
    assert plain_text(cell) == expected


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("| a | b |", ["a", "b"]),
        ("a | b", ["a", "b"]),
        ("|a|b", ["a", "b"]),
        ("| | b |", ["", "b"]),
        (r"| a \| b | c |", ["a | b", "c"]),
        (r"| a \\| c |", ["a \\", "c"]),
        ("| a | b | c |", ["a", "b", "c"]),
        ("| a |", ["a"]),
        ("no pipe", ["no pipe"]),
        ("| - | - |", ["-", "-"]),
        ("| x\u2028y | \u00a0z |", ["x\u2028y", "\u00a0z"]),
    ],
)
def test_a_line_is_cut_at_the_pipes_that_are_not_escaped(line: str, cells: list[str]) -> None:
    assert tables_of(TABLE + line + "\n| last | row |\n") == [[["A", "B"], ["1", "2"], cells, ["last", "row"]]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_ends_a_row(end: str) -> None:
    assert tables_of(TABLE.replace("\n", end)) == [[["A", "B"], ["1", "2"]]]


@pytest.mark.parametrize(
    "text",
    [
        "| A | B |\n",
        "| A | B |\n| --- |\n",
        "| A | B |\n| --- | x |\n",
        "| A | B |\n\n| --- | --- |\n",
        "A\n---\n",
        "```\n" + TABLE + "```\n",
        "~~~~\n" + TABLE + "~~~\n" + TABLE,
        "<!-- hidden\n" + TABLE + "-->\n",
        "{/*\n" + TABLE + "*/}\n",
    ],
)
def test_what_is_no_table_or_not_shown_is_left_out(text: str) -> None:
    assert tables_of(text) == []


def test_a_table_after_code_and_comments_is_found() -> None:
    assert len(tables_of("```md\ncode\n```\n<!-- one line -->\n" + TABLE + "\n<!--\n-->\n" + TABLE)) == 2


@pytest.mark.parametrize(
    "block", ["\nText | with a pipe\n", "## Heading\n", "> quote\n", "```\ncode\n```\n", "<br />\n", "- item\n"]
)
def test_a_table_ends_where_another_block_begins(block: str) -> None:
    assert tables_of(TABLE + block) == [[["A", "B"], ["1", "2"]]]


def test_rows_after_a_gap_are_kept_with_their_problem() -> None:
    (table,) = find_pipe_tables(TABLE + "\n\n| 3 | 4 |\n| 5 | 6 |\nText.\n| 7 | 8 |\n")
    assert [(row.texts, row.problem) for row in table()] == [
        (["A", "B"], None),
        (["1", "2"], None),
        (["3", "4"], "the row stands apart from its table"),
        (["5", "6"], "the row stands apart from its table"),
    ]


def test_a_header_that_comes_again_begins_a_table() -> None:
    assert tables_of(TABLE + TABLE) == [[["A", "B"], ["1", "2"]]] * 2


def test_a_row_of_too_many_cells_is_a_problem() -> None:
    (table,) = find_pipe_tables(TABLE + "| x " * 65 + "|\n")
    assert [row.problem for row in table()] == [None, None, "more than 64 columns"]


def test_a_document_of_too_many_lines_is_refused() -> None:
    with pytest.raises(ParseError, match=f"more than {MAX_LINES} lines"):
        find_pipe_tables("\n" * MAX_LINES)


@pytest.mark.fault("P04")
@pytest.mark.parametrize("shape", ["`", "[", "[a](", "![", "**a ", "_a ", "<!--", "&a", "\\|", "a`b``", "~~ a~"])
def test_p04_cells_of_many_marks_are_read_in_linear_time(shape: str) -> None:
    long, longest = shape * 1_000_000, shape * (2000 // len(shape))
    rows = tables_of(TABLE + f"| {long} | 2 |\n" + f"| {longest} | 2 |\n" * 200)[0]
    assert len(rows) == 203
    assert len(rows[2][0]) >= 1_000_000
