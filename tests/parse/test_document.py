import pytest

from pipeline.errors import ParseError
from pipeline.parse.document import parse_document


def test_a_page_is_read_in_each_format():
    html = parse_document(b"<html><body><h1>Privacy</h1><p>We keep prompts.</p></body></html>")
    markdown = parse_document(b"# Privacy\n\nWe keep prompts.\n")
    plain = parse_document(b"PRIVACY\n\nWe keep prompts.\n", "text/plain")
    for document in (html, markdown, plain):
        assert ["heading", "paragraph"] == [block.kind for block in document.blocks]
        assert "We keep prompts." == document.blocks[1].text


def test_a_page_without_text_is_refused():
    with pytest.raises(ParseError, match="holds no text"):
        parse_document(b"<html><body></body></html>")
