import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ParseError
from pipeline.parse.policy_table import parse

HTML = b"""<table>
<tr><th>Provider</th><th>Data Retention</th><th>Train on Prompts</th></tr>
<tr><td>Juniper</td><td>Zero retention</td><td>No</td></tr>
</table>
"""
MARKDOWN = b"""| Provider | Data Retention | Train on Prompts |
| --- | --- | --- |
| Juniper | Zero retention | No |
"""


@pytest.mark.fault("C13")
def test_c13_markdown_may_hold_its_table_as_html() -> None:
    parsed = parse(b"# Logging\n\n| a | b |\n| - | - |\n\n" + HTML)
    assert [row.label for row in parsed.rows] == ["Juniper"]


@pytest.mark.fault("C13", "C19")
@pytest.mark.parametrize(
    ("body", "format_name"),
    [
        (b'{"data": []}', "JSON"),
        (b'\xef\xbb\xbf[\n {"slug": "juniper"}]', "JSON"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a PDF"),
        (b"PK\x03\x04\x14\x00", "a zip archive or an office document"),
        (b"\x1f\x8b\x08\x00", "a gzip stream"),
        (b"\x89PNG\r\n", "a PNG image"),
        (b'<?xml version="1.0"?><rss></rss>', "XML"),
        (b"abc\x00\x01", "binary data"),
    ],
)
def test_c13_another_format_is_an_error_that_names_it(body: bytes, format_name: str) -> None:
    with pytest.raises(ParseError, match=f"found what seems to be {format_name}$"):
        parse(body)


def test_markdown_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(ParseError, match="neither HTML nor Markdown in UTF-8"):
        parse(MARKDOWN.replace(b"Juniper", b"Caf\xe9"))


@pytest.mark.fault("E02", "E03")
@pytest.mark.parametrize(
    ("meta", "encoding"),
    [
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ("", "utf-16"),
        ('<meta charset="iso-8859-1">', "utf-8"),
        ('<meta charset="koi8-r">', "koi8-r"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=shift_jis">', "shift_jis"),
    ],
)
def test_e02_a_page_is_read_in_its_own_encoding(meta: str, encoding: str) -> None:
    page = f"<!doctype html><head>{meta}</head>" + HTML.decode().replace("Juniper", "Жё")
    assert parse(page.encode(encoding)).rows[0].label == "Жё"


@pytest.mark.fault("E04")
@pytest.mark.parametrize("meta", ["", "<meta charset=punycode>", "<meta charset=iso-8859-99>"])
def test_e04_a_page_in_no_encoding_that_is_known_is_read_as_windows_1252(meta: str) -> None:
    page = b"<!doctype html>" + meta.encode() + HTML.replace(b"Juniper", b"Caf\xe9")
    assert [row.label for row in parse(page).rows] == ["Café"]


@pytest.mark.fault("P02", "P03")
@pytest.mark.parametrize("depth", [300, 20_000])
def test_p03_a_table_below_many_nested_elements_is_found(depth: int) -> None:
    parsed = parse(b"<!doctype html>" + b"<div>" * depth + HTML)
    assert [row.label for row in parsed.rows] == ["Juniper"]


@pytest.mark.fault("P01", "P02")
@pytest.mark.parametrize("shape", ["<a ", "<div>", "<table><tr><td>", "<b><p>", "<!--", "<td colspan=1000 rowspan=0>"])
def test_p01_a_page_of_hostile_markup_is_refused_soon(shape: str) -> None:
    with pytest.raises(ParseError):
        parse(HTML + shape.encode() * (10_000_000 // len(shape)))


@given(st.one_of(st.binary(), st.text(alphabet="|-: \n\\`ab<>/").map(str.encode)))
def test_any_bytes_give_rows_or_a_parse_error(tail: bytes) -> None:
    for start in (b"", HTML, MARKDOWN):
        try:
            parsed = parse(start + tail)
        except ParseError:
            continue
        assert parsed.row_count == len(parsed.rows) + len(parsed.refusals) > 0
