import contextlib
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ParseError
from pipeline.model import Document
from pipeline.parse.document import parse_document

MARKS = [
    *"#*_`[]()<>|\\-=~!&:;.\"'{}\n\n\n \t",
    *(
        "a",
        "Data",
        "We keep it.",
        "1. ",
        "(a) ",
        "\n- ",
        "\n    * ",
        "\n> ",
        "\n\n",
        "\n---\n",
        "| a | b |\n|---|---|\n| c ",
    ),
    *("**", "](x)", "![", "&amp;", "&#8203;", "\u200b", "\u00ad", "\u00a0", "\u3000", "\r\n", "<br>", "<!--", "-->"),
    *(
        '<Note title="x">',
        "</Note>",
        "<p hidden>",
        "</p>",
        "<i hidden>",
        "</i>",
        "<table>",
        "<tr><td>",
        "</table>",
        "<del>",
        "</del>",
        "```\n",
        "~~",
        "[^1]",
        "\ufeff",
    ),
    *('!!! note "x"\n', ":::", "\n===\n", "---\ntitle: a\n---\n", "\x00", "\x1c", "\x85", "\u2028", "é", "終", "🗓"),
]
TAGS = [
    *(
        "<p>",
        "<div>",
        "<ul>",
        "<li>",
        "</ul>",
        "<ol>",
        "<dl><dt>",
        "<dd>",
        "<h1>",
        "<h3>",
        "</h3>",
        "<b>",
        "</b>",
        "<br>",
    ),
    *(
        "<table>",
        "<tr>",
        "<td>",
        "<td rowspan=3>",
        "<td colspan=2>",
        "<th>",
        "</table>",
        "<thead>",
        "<details>",
        "<summary>",
    ),
    *(
        "<p hidden>",
        "</p>",
        "<main>",
        "</main>",
        "<nav>",
        "<a href=x>",
        "</a>",
        "<button aria-expanded>",
        "</button>",
        "<script>",
    ),
    *(
        "a",
        "B",
        "Data use",
        " ",
        "\n",
        "&nbsp;",
        "\u200b",
        "&amp;",
        "(a) x",
        "• ",
        "<pre>",
        "<del>",
        "</del>",
        "<!-- x -->",
    ),
]


def folded(text: str) -> str:
    return " ".join(text.split())


def check(document: Document, spans: list[tuple[float, float]]) -> None:
    source = folded(document.source)
    numbers = [block.number for block in document.blocks]
    assert numbers == sorted(set(numbers))
    for block in document.blocks:
        size = len(block.text)
        assert size == len(block.places) > 0
        assert folded(block.text) == block.text
        assert all(one <= other for one, other in pairwise(block.places))
        assert 0 <= block.places[0] <= block.places[-1] < len(document.source)
        assert document.quote(block, 0, size) in source
        for one, other in spans:
            start, end = sorted((int(one * size), int(other * size)))
            assert document.quote(block, start, max(end, start + 1)) in source
        assert all(0 <= start < end <= size for start, end in block.cells)
        assert len(block.header) in {0, len(block.cells)}
    for above, below in pairwise(document.blocks):
        assert above.places[-1] <= below.places[0]


SPANS = st.lists(st.tuples(st.floats(0, 0.99), st.floats(0, 0.99)), max_size=3)


def joined(pieces: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(st.sampled_from(pieces), st.text(max_size=3)), max_size=40).map("".join)


@given(joined(MARKS), SPANS, st.sampled_from(["text/markdown", "text/plain", None]))
def test_every_quote_of_markdown_and_text_stands_in_the_file(
    text: str, spans: list[tuple[float, float]], kind: str | None
) -> None:
    with contextlib.suppress(ParseError):
        document = parse_document(text.encode(errors="replace"), kind)
        check(document, spans)


@given(joined(TAGS), SPANS)
def test_every_quote_of_a_page_stands_in_its_extracted_text(markup: str, spans: list[tuple[float, float]]) -> None:
    with contextlib.suppress(ParseError):
        check(parse_document(f"<html><body>{markup}".encode(errors="replace")), spans)


@given(st.binary(max_size=300), st.sampled_from([b"", b"<html>", b"# a\n\n", b"%PDF-1.7\n", b"\xff\xfe"]))
def test_random_bytes_are_read_or_refused(body: bytes, start: bytes) -> None:
    with contextlib.suppress(ParseError):
        check(parse_document(start + body), [])


@given(st.lists(st.text("abc XYZ.", min_size=1), min_size=1, max_size=5))
def test_plain_words_are_all_kept(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    markup = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    for body in (text, f"<html><body>{markup}"):
        try:
            document = parse_document(body.encode())
        except ParseError:
            assert not text.strip()
        else:
            assert text.split() == " ".join(block.text for block in document.blocks).split()


SHAPES: dict[str, Callable[[int], str]] = {
    "paragraphs": lambda count: "# T\n\n" + ("We keep your prompts for 30 days. " * 9 + "\n\n") * count,
    "open brackets": lambda count: "# T\n\n" + "[" * count,
    "open emphasis": lambda count: "# T\n\n" + "**a _b " * count,
    "open code": lambda count: "# T\n\n" + "`` a ` " * count,
    "open comments": lambda count: "# T\n\n" + "<!-- a\n\n" * count,
    "open tables": lambda count: "# T\n\n" + "<table>\n" * count,
    "tags on a line": lambda count: "# T\n\n" + "<div>" * count,
    "open fences": lambda count: "# T\n\n" + "```\na\n~~~\n" * count,
    "nested items": lambda count: "# T\n\n" + "".join(" " * (number % 50) + "- a\n" for number in range(count)),
    "marks of items": lambda count: "# T\n\n" + "(a) x:\n\n" * count,
    "rows": lambda count: "# T\n\n| a | b |\n|---|---|\n" + "| c | d |\n" * count,
    "elements": lambda count: "<html><body>" + "<div><p>We keep it.</p>" * count,
    "lists": lambda count: "<html><body>" + "<ul><li>a" * count,
    "tables": lambda count: "<html><body>" + "<table><tr><td>a<td>b" * count,
    "bold": lambda count: "<html><body>" + "<b><p>a" * count,
    "accordions": lambda count: "<html><body>" + "<details><summary>a</summary>" * count,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_blocks_and_their_paths_grow_with_the_page_and_no_faster(shape: str) -> None:
    def work(count: int) -> int:
        document = parse_document(SHAPES[shape](count).encode())
        return sum(
            len(block.text) + sum(map(len, block.headings)) + len(block.lead_in) + 1 for block in document.blocks
        )

    assert work(4_000) <= 4.5 * work(1_000)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_page_of_ten_megabytes_is_read_or_refused_and_does_not_hang(shape: str) -> None:
    size = len(SHAPES[shape](1_000)) / 1_000
    body = SHAPES[shape](int(10_000_000 / size)).encode()
    with contextlib.suppress(ParseError):
        assert parse_document(body).blocks
