import pytest
from effort import takes_less
from hypothesis import given
from hypothesis import strategies as st

from pipeline.collect.page_text import PageText, fold, read_page_text

TEN_MILLION = 10_000_000

TEXTS = [
    (b"<p>Zero <b>retention</b></p>", "zero retention"),
    (b"a&nbsp;b&amp;c&#39;d&#x2019;e", "a b&c'd'e"),
    (b"1 < 2 and <3 hearts", "1 < 2 and <3 hearts"),
    (b"<!doctype html><?php x ?><![CDATA[y]]>a", "a"),
    (b"a<!-- <p>hidden</p> -->b", "ab"),
    (b"a<!-->b", "ab"),
    (b"a<!-- open", "a"),
    (b"a<script>if (1 < 2) alert('<p>x</p>')</script>b", "a b"),
    (b"a<STYLE>p {}</style >b", "a b"),
    (b"a<svg><title>logo</title></svg>b<template>c</template>", "a b"),
    (b"a<p class='x", "a"),
    (b"a</p>b<br/>c", "a b c"),
    (b"a<script>never closed", "a"),
    (b"\xef\xbb\xbfa", "\ufeffa"),
    ("\N{CHECK MARK} für".encode(), "✓ für"),
    ("<p>\N{CHECK MARK} für".encode("utf-16"), "✓ für"),
    ("<meta charset=windows-1252><p>für".encode("cp1252"), "für"),
    (b"a\x00b\xff", "a\x00bÿ"),
    (b"&#" + b"1" * 5_000 + b";ok", ";ok"),
    (b"&#x" + b"f" * 5_000 + b";ok", "\ufffdok"),
    (b"&#55555555;&#xD800;ok", ";\ufffdok"),
    (b"", ""),
]


@pytest.mark.parametrize(("body", "text"), TEXTS)
def test_what_is_seen_of_a_page_is_its_text(body: bytes, text: str) -> None:
    assert text == read_page_text(body).text


def test_the_title_and_first_level_headings_tell_what_a_page_is() -> None:
    page = read_page_text(
        b"<title>Not&nbsp;Found</title><svg><title>logo</title></svg><h1>This <em>page</em></h1><h2>x"
    )
    assert page.title == "not found this page"
    assert page.text == "this page x"


def test_a_page_tells_what_it_is_made_with() -> None:
    hidden = b"<script src=x></script><noscript>Enable <b>it</b></noscript>"
    rich = read_page_text(hidden + b"<INPUT Type=PASSWORD><input name=user>")
    assert rich == PageText(
        text="", title="", hidden="enable <b>it</b>", has_scripts=True, has_password=True, has_user_field=True
    )
    assert read_page_text(b"script password user mail") == PageText(
        text="script password user mail",
        title="",
        hidden="",
        has_scripts=False,
        has_password=False,
        has_user_field=False,
    )


def test_folded_texts_compare_whatever_their_case_space_and_apostrophes() -> None:
    assert "the provider's own" == fold(" The\u00a0provider\u2019s \n OWN")


@pytest.mark.parametrize("before", [0, 1, 2, 3])
def test_a_long_page_is_read_up_to_its_cap_and_a_character_cut_there_makes_no_other_encoding(before: int) -> None:
    text = read_page_text(b"a" * before + "€".encode() * 700_000 + b"<title>behind</title>")
    assert "â" not in text.text
    assert 166_660 < len(text.text) < 166_670
    assert text.title == ""


SHAPES = {
    "less-than signs": b"<",
    "tags": b"<a>",
    "open tags": b"<a ",
    "open attributes": b'<a href="',
    "comments": b"<!-->",
    "open comments": b"<!--",
    "declarations": b"<!x>",
    "titles": b"<title></title>",
    "open titles": b"<title>",
    "headings": b"<h1>",
    "headings closed": b"<h1>x</h1>",
    "hidden parts": b"<svg></svg>",
    "open scripts": b"<script>",
    "inputs": b"<input>",
    "ampersands": b"&",
    "numbers": b"&#1",
    "long numbers": b"&#" + b"1" * 9_000,
    "long names": b"&" + b"a" * 32,
    "spaces": b" ",
    "zeros": b"\x00",
    "invalid bytes": b"\xc3",
    "mixed": b"<p>&amp;\xc3<!--x--></p>",
}


@pytest.mark.fault("P01", "P02")
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_p01_ten_million_bytes_of_any_shape_are_read_within_a_second(shape: bytes) -> None:
    body = b"<html>" + shape * (TEN_MILLION // len(shape))
    assert takes_less(1, lambda: read_page_text(body))


@given(st.one_of(st.binary(), st.lists(st.sampled_from(list(SHAPES.values()))).map(b"".join)))
def test_any_bytes_have_a_text(body: bytes) -> None:
    page = read_page_text(body)
    assert page.text == fold(page.text)
    assert read_page_text(body) == page
