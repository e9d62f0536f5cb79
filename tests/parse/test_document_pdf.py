import io

import pytest
from pypdf import PdfReader, PdfWriter

from pipeline.errors import ParseError
from pipeline.model import Document
from pipeline.parse.document import parse_document


def pdf(*pages: str) -> bytes:
    """Return a PDF of one font; each page is its lines, from the top."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        shown = "".join(f"({line.strip()}) Tj T*\n" if line.strip() else "T*\n" for line in page.splitlines())
        stream = f"BT /F1 10 Tf 12 TL 72 720 Td\n{shown}ET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    body = "%PDF-1.4\n"
    places = []
    for number, written in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{written}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    body += f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}"
    return body.encode("cp1252")


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
    return parse_document(pdf(*PAGES), "application/pdf")


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
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Secret"))))
    writer.encrypt("key", algorithm="RC4-128")
    locked = io.BytesIO()
    writer.write(locked)
    with pytest.raises(ParseError, match="encrypted"):
        parse_document(locked.getvalue())


def test_a_pdf_of_pictures_is_refused() -> None:
    with pytest.raises(ParseError, match="its pages are pictures"):
        parse_document(pdf("", ""))


@pytest.mark.parametrize("body", [b"%PDF-1.4\n", b"%PDF-1.7" + bytes(range(256)) * 20, pdf("a")[:300]])
def test_a_broken_pdf_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError, match=r"cannot be read|holds no text"):
        parse_document(body)
