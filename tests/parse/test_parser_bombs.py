import contextlib
from collections.abc import Callable

import pytest
from effort import takes_less

from pipeline.collect.expected import Expected
from pipeline.collect.guard import find_doubt
from pipeline.errors import ParseError
from pipeline.parse.policy_table import parse
from pipeline.parse.table_grid import MAX_TAGS

TABLE = b"<table><tr><th>Provider<th>Data Retention<th>Train on Prompts<tr><td>Larch<td>Zero retention<td>No</table>"
PIPES = b"| Provider | Data Retention | Train on Prompts |\n|-|-|-|\n| Larch | Zero retention | No |\n\n"
SMALL, CAP = 200_000, 10_000_000
HTML = Expected(content_types=("text/html",), anchors=("larch",), good=b"<html>" + b"word " * 9_000 + b"</html>")


def filled(piece: bytes, size: int) -> bytes:
    return piece * (size // len(piece))


def attributes(size: int) -> bytes:
    return b"<p " + b"".join(b"a%d=1 " % number for number in range(size // 10)) + b">"


def deep_table(size: int) -> bytes:
    return filled(b"<table><tr><td>", size)


def of(piece: bytes) -> Callable[[int], bytes]:
    return lambda size: filled(piece, size)


SHAPES: dict[str, Callable[[int], bytes]] = {
    "tags that never end": of(b"<a "),
    "attributes that never end": of(b"<a x="),
    "quotes that never end": of(b'<a href="'),
    "nested elements": of(b"<div>"),
    "misnested elements": of(b"<b><p>"),
    "links in links": of(b"<a><a>"),
    "open comments": of(b"<!--"),
    "comments": of(b"<!-- -->"),
    "attributes": attributes,
    "entities": of(b"&amp;"),
    "entities that never end": of(b"&a"),
    "open scripts": of(b"<script>"),
    "open styles": of(b"<style>"),
    "open titles": of(b"<title>"),
    "open text areas": of(b"<textarea>"),
    "doctypes": of(b"<!DOCTYPE html <"),
    "deep tables": deep_table,
    "lists in lists": of(b"<ul><li>"),
    "less-than signs": of(b"<"),
    "declarations": of(b"<![CDATA["),
    "end tags": of(b"</p>"),
    "open frames": of(b"<frameset>"),
    "pipes": of(b"|"),
    "charsets": of(b"<meta charset="),
}
MARKDOWN = {
    "pipes": b"|",
    "tables": b"| a | b |\n| - | - |\n",
    "lines": b"\n",
    "returns": b"\r",
    "fences": b"```\n",
    "comments": b"<!--\n",
    "backslashes": b"\\",
    "emphasis": b"*a",
    "links": b"[a](",
    "long rows": b"| a" * 60 + b"\n",
    "few long rows": b"| a" * 60 + b"x" * 12_500 + b"\n",
    "HTML": b"<table>\n",
}


def within_a_second(what: Callable[[], object]) -> None:
    """Run it; a typed refusal is as good as an answer."""

    def run() -> None:
        with contextlib.suppress(ParseError):
            what()

    assert takes_less(1, run)


@pytest.mark.fault("P01")
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("size", [SMALL, CAP], ids=["200 KB", "10 MB"])
def test_p01_hostile_markup_is_judged_and_read_or_refused_within_a_second(
    shape: Callable[[int], bytes], size: int
) -> None:
    body = b"<!doctype html>" + TABLE + shape(size)
    within_a_second(lambda: find_doubt(body, HTML))
    within_a_second(lambda: parse(body))


@pytest.mark.fault("P01")
@pytest.mark.parametrize("piece", MARKDOWN.values(), ids=MARKDOWN)
def test_p01_hostile_markdown_is_read_or_refused_within_a_second(piece: bytes) -> None:
    body = PIPES + filled(piece, CAP)
    within_a_second(lambda: parse(body))
    within_a_second(lambda: find_doubt(body, Expected(content_types=("text/markdown",), anchors=("larch",))))


@pytest.mark.fault("P01")
@pytest.mark.parametrize("piece", [b"<p>", b"<div>", b"<b><p>", b"<table><tr><td>", b"<p a=1 b=2 c=3 d=4>"])
def test_p01_a_page_of_as_many_tags_as_may_be_is_read_within_two_seconds(piece: bytes) -> None:
    body = b"<!doctype html>" + TABLE + piece * ((MAX_TAGS - 20) // piece.count(b"<"))
    assert ["Larch"] == [row.label for row in parse(body).rows]
    assert takes_less(2, lambda: parse(body))


@pytest.mark.fault("P02")
@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 100_000 + TABLE,
        b"<br>" * 1_000_000 + TABLE,
        b"<p></p>" * 1_000_000 + TABLE,
    ],
    ids=["100,000 nested", "a million siblings", "a million closed siblings"],
)
def test_p02_more_tags_than_may_be_are_refused_at_once_and_never_cut_silently(body: bytes) -> None:
    with pytest.raises(ParseError, match=f"the page has more than {MAX_TAGS} tags"):
        parse(b"<!doctype html>" + body)
    within_a_second(lambda: parse(b"<!doctype html>" + body))
    within_a_second(lambda: find_doubt(body, HTML))


@pytest.mark.fault("P02")
def test_p02_a_tag_with_100_000_attributes_does_not_hide_the_table_behind_it() -> None:
    body = b"<!doctype html>" + attributes(1_000_000) + TABLE
    expected = Expected(content_types=("text/html",), anchors=("larch zero retention",))
    assert body.count(b"=") == 100_000
    assert ["Larch"] == [row.label for row in parse(body).rows]
    assert find_doubt(body, expected) is None
    within_a_second(lambda: parse(body))
    within_a_second(lambda: find_doubt(body, expected))


@pytest.mark.fault("P03")
@pytest.mark.parametrize("depth", [300, 5_000, MAX_TAGS - 50])
def test_p03_a_table_below_many_nested_elements_is_found(depth: int) -> None:
    body = b"<!doctype html>" + b"<div>" * depth + TABLE + b"</div>" * 10
    assert ["Larch"] == [row.label for row in parse(body).rows]
