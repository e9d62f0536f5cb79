"""The names that a page calls its provider by, and what hangs on them."""

import pytest

from pipeline.clauses import read_statements
from pipeline.clauses.page import read_page
from pipeline.model import Grade
from pipeline.parse.document import parse_document

NAMES = [
    ("# Privacy at Lumenpad\n\nLumenpad keeps drafts for 30 days.", ("lumenpad",)),
    ('# Privacy\n\nLast changed on March 8. Acme Labs, Inc. ("we", "us") runs this site.', ("acme labs",)),
    ("# Privacy\n\nKestrel stores drafts. When you leave Kestrel, they go. Kestrel never sells them.", ("kestrel",)),
    ("# Privacy\n\nContent does not leave us. Training does not happen. This does not cost anything.", ()),
    ("# Privacy\n\nWe keep drafts. OpenAI never sees them.", ()),
]


@pytest.mark.parametrize(("text", "names"), NAMES)
def test_the_provider_is_known_by_its_title_its_definition_or_how_often_it_acts(
    text: str, names: tuple[str, ...]
) -> None:
    assert read_page(parse_document(text.encode(), "text/markdown")).names == names


def test_a_named_provider_is_one_that_acts() -> None:
    text = (
        "# Lumenpad\n\nThe drafts are yours, you own them all, and Lumenpad never uses your files to train its models."
    )
    [one] = read_statements(parse_document(text.encode(), "text/markdown"))
    assert one.grade is Grade.CERTAIN


def test_a_heading_that_the_text_below_repeats_is_read_once() -> None:
    text = "## We never train on your files\n\nWe do not use your files to train models."
    [one] = read_statements(parse_document(text.encode(), "text/markdown"))
    assert one.quote.startswith("We do not")


def test_a_heading_that_stands_alone_is_read() -> None:
    text = "## We never train on your files\n\nFiles are encrypted."
    [one] = read_statements(parse_document(text.encode(), "text/markdown"))
    assert one.quote == "We never train on your files"
