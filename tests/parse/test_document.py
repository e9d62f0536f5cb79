import pytest

from pipeline.errors import ParseError, SelectorError
from pipeline.model import BlockKind
from pipeline.parse.document import MAX_BYTES, Selection, parse_document

MARKDOWN = b"# Terms\n\nHello.\n\n## Data Use\n\nWe keep prompts.\n\n### Logs\n\n30 days.\n\n## Other\n\nBye.\n"
READABLE = {
    "an HTML page": (b"<!doctype html><h1>Privacy</h1><p>We keep prompts.</p>", None),
    "a part of one": (b"<div><h1>Privacy</h1><p>We keep prompts.</p></div>", None),
    "HTML by its media type": (b"<h1>Privacy</h1>We keep prompts.", "text/html; charset=utf-8"),
    "HTML in UTF-16": ("\ufeff<html><h1>Privacy</h1><p>We keep prompts.</p></html>".encode("utf-16-le"), None),
    "Markdown": (b"# Privacy\n\nWe keep prompts.\n", None),
    "underlined Markdown": (b"Privacy\n=======\n\nWe keep prompts.\n", "text/plain"),
    "Markdown by its media type": (b"Privacy\n--\n---\n# Privacy\nWe keep prompts.", "text/markdown"),
    "a byte order mark": (b"\xef\xbb\xbf# Privacy\n\nWe keep prompts.\n", None),
    "Windows line ends": (b"# Privacy\r\n\r\nWe keep\r\nprompts.\r\n", None),
    "plain text": (b"PRIVACY POLICY\n\nWe keep prompts.\n", "text/plain"),
}
UNREADABLE = {
    "nothing": (b"", "holds no text"),
    "an empty page": (b"<html><body></body></html>", "holds no text"),
    "a page drawn in the browser": (
        b"<html><body><div id=root></div><script>x()</script></body></html>",
        "in the browser",
    ),
    "JSON": (b'{"a": 1}', "is JSON"),
    "a zip archive": (b"PK\x03\x04....", "is a zip archive"),
    "a picture": (b"\x89PNG....", "is a PNG image"),
    "bytes": (bytes(range(32)) * 9, "unreadable"),
    "a huge file": (b"a" * (MAX_BYTES + 1), "more than"),
    "front matter alone": (b"---\ntitle: A\n---\n", "holds no text"),
}


@pytest.mark.parametrize("case", READABLE)
def test_a_page_is_read_in_the_format_that_it_is_in(case: str) -> None:
    document = parse_document(*READABLE[case])
    assert "We keep prompts." == document.blocks[-1].text


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_refused(case: str) -> None:
    body, why = UNREADABLE[case]
    with pytest.raises(ParseError, match=why):
        parse_document(body)


def test_a_pdf_that_is_none_is_refused() -> None:
    with pytest.raises(ParseError, match="called a PDF and is none"):
        parse_document(b"We keep prompts.", "application/pdf")


def test_a_quote_is_the_run_of_the_source_between_its_ends() -> None:
    document = parse_document(b"# T\n\nWe keep **your\n[prompts](https://x.example)** &amp; outputs.\n")
    block = document.blocks[1]
    assert "We keep your prompts & outputs." == block.text
    start, end = block.text.index("your"), block.text.index(" & ")
    assert "your [prompts" == document.quote(block, start, end)
    assert "prompts](https://x.example)** &amp; outputs." == document.quote(block, start + 5, len(block.text))


def test_a_locator_names_the_block_its_place_and_the_headings_above() -> None:
    document = parse_document(MARKDOWN)
    block = document.blocks[3]
    assert "block 4, characters 30-46 under Terms > Data Use" == document.locator(block, 0, len(block.text))
    assert "We keep prompts." == document.source[30:46]


def test_a_fragment_selects_a_section_of_markdown() -> None:
    document = parse_document(MARKDOWN, None, Selection(fragment="data-use"))
    assert ["Data Use", "We keep prompts.", "Logs", "30 days."] == [block.text for block in document.blocks]
    assert 3 == document.blocks[0].number


@pytest.mark.parametrize("body", [MARKDOWN, MARKDOWN + b"\n## Nowhere\n\n## Nowhere\n"])
def test_a_fragment_that_names_no_heading_or_two_is_refused(body: bytes) -> None:
    with pytest.raises(SelectorError, match=r"expected 1 heading that #nowhere names, found [02]"):
        parse_document(body, None, Selection(fragment="nowhere"))


def test_css_selectors_are_refused_where_the_page_is_no_html() -> None:
    with pytest.raises(SelectorError, match="apply to HTML only"):
        parse_document(MARKDOWN, None, Selection(select=("main",)))


def test_the_title_is_that_of_the_front_matter_or_the_first_heading() -> None:
    assert "Terms" == parse_document(MARKDOWN).title
    assert "Data: use" == parse_document(b"---\ntitle: 'Data: use'\n---\n# Other\n\nText.\n").title
    assert "A" == parse_document(b"---\ntitle: A\ntags:\n  - b\n---\nText.\n").title


def test_blocks_are_numbered_in_the_order_of_the_page() -> None:
    document = parse_document(MARKDOWN)
    assert list(range(1, len(document.blocks) + 1)) == [block.number for block in document.blocks]
    assert BlockKind.HEADING == document.blocks[0].kind
