import io

import pytest
from made_up_pdf import make_pdf
from pypdf import PdfReader, PdfWriter

from pipeline.errors import ParseError
from pipeline.model import Document
from pipeline.parse.document import parse_document

PAGES = [
    f"""Larch Terms of Service
    {text}
    Page {number} of 3"""
    for number, text in enumerate(
        (
            """PRIVACY POLICY
            This policy says how Larch handles the content that its customers send to its ser-
            vices, and how long that content is kept before it is deleted for good.
            1. Data Retention
            We keep prompts and outputs for 30 days. Customers may opt-
            out of this. To opt-out they write to us, and we will delete their content and""",
            """the logs that hold it within one day of their request to us.
            We keep these for longer than that:
            • invoices
            • contracts""",
            """2. Training
            We do not train models on content that customers send to us, unless they ask us.""",
        ),
        start=1,
    )
]


@pytest.fixture(scope="module")
def document() -> Document:
    return parse_document(make_pdf(*PAGES), "application/pdf")


def test_paragraphs_read_on_over_lines_and_pages(document: Document) -> None:
    assert [
        ("heading", "PRIVACY POLICY"),
        (
            "paragraph",
            (
                "This policy says how Larch handles the content that its customers send to its services, "
                "and how long that content is kept before it is deleted for good."
            ),
        ),
        ("heading", "1. Data Retention"),
        (
            "paragraph",
            (
                "We keep prompts and outputs for 30 days. Customers may opt-out of this. To opt-out they write to us, "
                "and we will delete their content and the logs that hold it within one day of their request to us."
            ),
        ),
        ("paragraph", "We keep these for longer than that:"),
        ("item", "invoices"),
        ("item", "contracts"),
        ("heading", "2. Training"),
        ("paragraph", "We do not train models on content that customers send to us, unless they ask us."),
    ] == [(block.kind.value, block.text) for block in document.blocks]


def test_headers_and_footers_of_pages_are_left_out(document: Document) -> None:
    assert "Larch Terms" not in document.source
    assert "Page" not in document.source


def test_items_carry_what_introduces_them_and_headings_stand_above(document: Document) -> None:
    assert "We keep these for longer than that:" == document.blocks[6].lead_in
    assert ("PRIVACY POLICY", "1. Data Retention") == document.blocks[6].headings


def test_quotes_are_runs_of_the_extracted_text(document: Document) -> None:
    block = document.blocks[1]
    assert "to its services, and" == document.quote(block, block.text.index("to its"), block.text.index(" how long"))


def test_an_encrypted_pdf_is_refused() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(make_pdf("Secret"))))
    writer.encrypt("key", algorithm="RC4-128")
    locked = io.BytesIO()
    writer.write(locked)
    with pytest.raises(ParseError, match="encrypted"):
        parse_document(locked.getvalue())


def test_a_pdf_of_pictures_is_refused() -> None:
    with pytest.raises(ParseError, match="its pages are pictures"):
        parse_document(make_pdf("", ""))


@pytest.mark.parametrize("body", [b"%PDF-1.4\n", b"%PDF-1.7" + bytes(range(256)) * 20, make_pdf("a")[:300]])
def test_a_broken_pdf_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError, match=r"cannot be read|holds no text"):
        parse_document(body)
