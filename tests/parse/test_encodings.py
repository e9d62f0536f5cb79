import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.collect.archive import Archive
from pipeline.errors import ParseError, SelectorError
from pipeline.parse.charset import find_encoding, to_utf_8
from pipeline.parse.policy_table import parse

HEADER = "<table><tr><th>Provider<th>Data Retention<th>Train on Prompts"
ROW = HEADER + "<tr><td>{}<td>Zero retention<td>✓ Does not train</table>"
CYRILLIC = "Жёлудь".encode("koi8-r")  # bytes that are not valid UTF-8
PRAGMA = b'<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">'

# What a page declares, in bytes of another encoding than UTF-8, and the encoding that it is read in.
DECLARED = [
    (b"<meta charset=koi8-r>", "koi8-r"),
    (b"<meta charset='koi8-r'>", "koi8-r"),
    (b'<META  CHARSET = "KOI8-R" />', "koi8-r"),
    (b'<meta charset=" koi8-r\n">', "koi8-r"),
    (b"<meta/charset=koi8-r>", "koi8-r"),
    (b"<meta\x0ccharset=koi8-r>", "koi8-r"),
    (b"<meta name=x data-y='charset=koi8-u' charset=koi8-r>", "koi8-r"),
    (b"<meta charset=koi8-r charset=koi8-u>", "koi8-r"),
    (PRAGMA, "koi8-r"),
    (b"<meta content='text/html;charset = koi8-r' http-equiv=content-type>", "koi8-r"),
    (b"<meta http-equiv=content-type content='text/html; charset=\"koi8-r\"'>", "koi8-r"),
    (b"<meta http-equiv=content-type content=text/html;charset=koi8-r>", "koi8-r"),
    (b"<meta content='text/html; charset=koi8-r'>", "cp1252"),
    (b"<meta http-equiv=refresh content='text/html; charset=koi8-r'>", "cp1252"),
    (b"<meta http-equiv=content-type content='text/html; charset'>" + b"<meta charset=koi8-r>", "koi8-r"),
    (b"<meta charset=no-such><meta charset=koi8-r>", "koi8-r"),
    (b"<meta charset=koi8-r><meta charset=koi8-u>", "koi8-r"),
    (b"<!-- <meta charset=koi8-u> --><meta charset=koi8-r>", "koi8-r"),
    (b"<!--><meta charset=koi8-r>-->", "koi8-r"),
    (b"<!-- <meta charset=koi8-r>", "cp1252"),
    (b"<title a='<meta charset=koi8-u>'><meta charset=koi8-r>", "koi8-r"),
    (b"<!x <meta charset=koi8-u><meta charset=koi8-r>", "koi8-r"),
    (b"</p charset=koi8-u><p charset=koi8-u><meta charset=koi8-r>", "koi8-r"),
    (b"<metadata charset=koi8-r>", "cp1252"),
    (b"<meta charset=>", "cp1252"),
    (b"<meta charset", "cp1252"),
    (b"1 < 2 <meta charset=koi8-r>", "koi8-r"),
    (b'<?xml version="1.0" encoding="koi8-r"?>', "koi8-r"),
    (b" " * 3_000 + b"<meta charset=koi8-r>", "cp1252"),
    (b"<meta charset=utf-16>", "utf-8"),
    (b"<meta charset=utf-8>", "utf-8"),
    (b"<meta charset=utf-7>", "cp1252"),
    (b"<meta charset=punycode>", "cp1252"),
    (b"<meta charset=iso-8859-1>", "cp1252"),
    (b"<meta charset=iso-8859-99>", "cp1252"),
    (b"<meta charset=windows-9999>", "cp1252"),
    (b"<meta charset=gb2312>", "gb18030"),
    (b"<meta charset=shift_jis>", "cp932"),
    (b"<meta charset=iso-8859-9>", "cp1254"),
    (b"", "cp1252"),
]


def page(label: str = "Larch", head: str = "") -> str:
    return f"<!doctype html><head>{head}</head>{ROW.format(label)}"


def labels(body: bytes, content_type: str | None = None) -> list[str | None]:
    return [row.label for row in parse(body, content_type).rows]


@pytest.mark.fault("E01")
@pytest.mark.parametrize(("head", "encoding"), DECLARED)
def test_e01_a_page_is_read_in_the_encoding_that_it_declares(head: bytes, encoding: str) -> None:
    assert encoding == find_encoding(head + CYRILLIC)
    assert (head + CYRILLIC).decode(encoding, "replace") == to_utf_8(head + CYRILLIC).decode()


# In the order that decides: byte order mark, what only UTF-8 looks like, header, what the page declares.
ORDER = [
    (codecs.BOM_UTF8 + CYRILLIC, "text/html; charset=koi8-r", "utf-8"),
    ("Ж".encode("utf-16"), "text/html; charset=koi8-r", "utf-16-le"),
    (b"\xfe\xff" + "Ж".encode("utf-16-be"), "text/html; charset=koi8-r", "utf-16-be"),
    (CYRILLIC, "text/html; charset=koi8-r", "koi8-r"),
    (CYRILLIC, 'text/html; Charset="KOI8-R"; x=y', "koi8-r"),
    (PRAGMA + CYRILLIC, "text/html; charset=windows-1251", "cp1251"),
    (PRAGMA + CYRILLIC, "text/html; charset=no-such", "koi8-r"),
    (PRAGMA + CYRILLIC, "text/html", "koi8-r"),
    (PRAGMA + CYRILLIC, None, "koi8-r"),
    (CYRILLIC, "text/html; charset=utf-8", "utf-8"),
    (b"<meta charset=latin1>" + "✓".encode(), "text/html; charset=utf-16", "utf-8"),
    (b"<meta charset=latin1>" + "✓".encode(), "text/html; charset=iso-8859-1", "utf-8"),
    (PRAGMA + b"plain", "text/html; charset=utf-16", "utf-8"),
    ("plain".encode("utf-16-le"), "text/html; charset=utf-16le", "utf-16-le"),
    ("日".encode("iso2022-jp"), "text/html; charset=iso-2022-jp", "iso2022-jp"),
    (b"<meta charset=iso-2022-jp>" + "日".encode("iso2022-jp"), None, "iso2022-jp"),
    (b"plain\x1b", None, "utf-8"),
]


@pytest.mark.fault("E02")
@pytest.mark.parametrize(("body", "content_type", "encoding"), ORDER)
def test_e02_the_byte_order_mark_outranks_the_header_and_the_header_the_page(
    body: bytes, content_type: str | None, encoding: str
) -> None:
    assert encoding == find_encoding(body, content_type)


@pytest.mark.fault("E02")
def test_e02_the_reader_of_tables_follows_the_header_where_it_is_given() -> None:
    body = page("Жёлудь", "<meta charset=windows-1251>").replace("✓ ", "").encode("koi8-r")
    assert ["Жёлудь"] == labels(body, "text/html; charset=koi8-r")
    assert [CYRILLIC.decode("windows-1251")] == labels(body)


@pytest.mark.fault("E02")
@pytest.mark.parametrize("head", ["", "<meta charset=utf-8>"])
def test_e02_a_row_with_characters_that_cannot_be_decoded_waits_in_the_quarantine(head: str) -> None:
    rows = page("Caf�", head).replace("</table>", "<tr><td>Larch<td>None<td>No</table>").encode()
    parsed = parse(rows)
    assert ["Larch"] == [row.label for row in parsed.rows]
    assert ["a cell has a character that cannot be decoded"] == [one.reason for one in parsed.refusals]
    assert [None] == [one.label for one in parsed.refusals]


@pytest.mark.fault("E02")
def test_e02_bytes_that_are_not_what_they_are_declared_to_be_give_no_name() -> None:
    with pytest.raises(SelectorError, match="1 refused, the first: a cell has a character that cannot be decoded"):
        parse(page("Café", "<meta charset=utf-8>").replace("✓ ", "").encode("cp1252"))


@pytest.mark.fault("E03")
@pytest.mark.parametrize("head", ["", "<meta charset=latin1>", "<meta charset=utf-16>", "<meta charset=no-such>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_e03_a_check_mark_survives_without_a_right_word_on_its_encoding(head: str, encoding: str) -> None:
    (row,) = parse(page(head=head).encode(encoding)).rows
    assert ["Larch", "Zero retention", "✓ Does not train"] == [claim.raw for claim in row.claims]


@pytest.mark.fault("E03")
def test_e03_a_check_mark_survives_in_markdown() -> None:
    (row,) = parse("| Provider | Data Retention | Train on Prompts |\n|-|-|-|\n| Larch | None | ✓ |".encode()).rows
    assert "✓" == row.claims[2].raw


HOSTILE = [
    ("a lone surrogate", b"\xed\xa0\x80"),
    ("an overlong slash", b"\xc0\xaf"),
    ("a byte that is never valid", b"\xff"),
    ("a cut character", b"\xe2\x9c"),
    ("beyond Unicode", b"\xf4\x90\x80\x80"),
    ("a zero", b"\x00"),
    ("a numbered zero", b"&#0;"),
    ("a numbered surrogate", b"&#xD800;"),
    ("a numbered noncharacter", b"&#xFFFF;"),
    ("too large a number", b"&#99999999999999999999;"),
    ("5,000 digits", b"&#" + b"1" * 5_000 + b";"),
]


@pytest.mark.fault("E04")
@pytest.mark.parametrize("hostile", [case[1] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
@pytest.mark.parametrize("form", ["html", "declared html", "markdown"])
def test_e04_bytes_that_are_no_text_are_read_or_refused_and_never_crash(hostile: bytes, form: str) -> None:
    if form == "markdown":
        body = b"| Provider | Data Retention | Train on Prompts |\n|-|-|-|\n| A | None | No |\n| B%s | None | No |"
    else:
        meta = "<meta charset=utf-8>" if form == "declared html" else ""
        body = page("A", meta).replace("</table>", "<tr><td>B%s<td>None<td>No</table>").replace("✓ ", "").encode()
    try:
        parsed = parse(body.replace(b"%s", hostile))
    except ParseError:
        return
    assert "A" == parsed.rows[0].label
    assert 2 == parsed.row_count == len(parsed.rows) + len(parsed.refusals)
    for row in parsed.rows:
        assert row.label is not None
        assert row.label == row.label.encode().decode()
        assert "\ufffd" not in row.label


@pytest.mark.fault("E04")
@pytest.mark.parametrize("hostile", [case[1] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_e04_raw_bytes_are_kept_as_they_came(hostile: bytes, tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert hostile == archive.read_capture(archive.write_capture(hostile))


@given(
    st.sampled_from([head for head, _ in DECLARED]),
    st.binary(),
    st.one_of(st.none(), st.text(), st.sampled_from(["text/html; charset=utf-16", "text/html; charset=gbk"])),
)
def test_any_bytes_become_valid_utf_8(head: bytes, tail: bytes, content_type: str | None) -> None:
    for body in (head + tail, tail + head):
        assert "\ud800" not in to_utf_8(body, content_type).decode()


@given(st.text())
def test_utf_8_comes_back_as_it_is(text: str) -> None:
    body = (text.replace("\x00", "").replace("\x1b", "") + "✓").encode()
    assert body == to_utf_8(b"<meta charset=koi8-r>" + body, "text/html; charset=koi8-r").removeprefix(
        b"<meta charset=koi8-r>"
    )
