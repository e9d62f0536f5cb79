import codecs
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ParseError, SelectorError
from pipeline.model import Json, Topic
from pipeline.parse.json_document import Audit, FieldError, Record, check_unique, kind_of, load_records, shown

MALFORMED = [
    ("nothing", b"", "found an empty body"),
    ("white space", b" \n\t ", "found an empty body"),
    ("only a byte order mark", codecs.BOM_UTF8, "found an empty body"),
    ("truncated in a list", b'{"data": [{"slug": "a"}', "seems cut off"),
    ("truncated in a string", b'{"data": [{"slug": "gro', "seems cut off"),
    ("truncated in a string of brackets", b'{"data": ["' + b"[" * 100, "seems cut off"),
    ("truncated in an escape", b'{"data": ["a\\', "seems cut off"),
    ("truncated in a literal", b'{"data": [tru', "seems cut off"),
    ("trailing comma in a list", b'{"data": [1,]}', "malformed JSON"),
    ("trailing comma in an object", b'{"data": [1],}', "malformed JSON"),
    ("single quotes", b"{'data': [1]}", "malformed JSON"),
    ("bare key", b"{data: [1]}", "malformed JSON"),
    ("comment", b'{"data": [1]} // ok', "malformed JSON"),
    ("two documents", b'{"data": [1]}{"data": [1]}', "malformed JSON"),
    ("mismatched brackets", b'{"data": [1}]', "malformed JSON"),
    ("leading zero", b'{"data": [007]}', "malformed JSON"),
    ("hexadecimal", b'{"data": [0x1e]}', "malformed JSON"),
    ("plus sign", b'{"data": [+1]}', "malformed JSON"),
    ("bare point", b'{"data": [.5]}', "malformed JSON"),
    ("Python's True", b'{"data": [True]}', "malformed JSON"),
    ("undefined", b'{"data": [undefined]}', "malformed JSON"),
    ("raw newline in a string", b'{"data": ["a\nb"]}', "malformed JSON"),
    ("unknown escape", b'{"data": ["\\x41"]}', "malformed JSON"),
    ("NaN", b'{"data": [NaN]}', "NaN is not JSON"),
    ("infinity", b'{"data": [Infinity]}', "Infinity is not JSON"),
    ("negative infinity", b'{"data": [-Infinity]}', "-Infinity is not JSON"),
    ("float that becomes infinite", b'{"data": [1e999]}', "the number 1e999 is out of range"),
    ("float that becomes minus infinity", b'{"data": [-1E999]}', "the number -1E999 is out of range"),
    ("float that becomes zero", b'{"data": [1e-999]}', "the number 1e-999 is out of range"),
    ("integer of 5,000 digits", b'{"data": [' + b"9" * 5000 + b"]}", "an integer of 5000 digits is out of range"),
    ("lists 100,000 deep", b"[" * 10**5 + b"]" * 10**5, "deeper than 64 levels"),
    ("objects 100,000 deep", b'{"a":' * 10**5 + b"1" + b"}" * 10**5, "deeper than 64 levels"),
    ("unclosed lists 100,000 deep", b"[" * 10**5, "deeper than 64 levels"),
    ("duplicate key at the top", b'{"data": [1], "data": [2]}', "the key 'data' stands twice"),
    ("duplicate key below", b'{"data": [{"training": true, "training": false}]}', "the key 'training' stands twice"),
    ("duplicate key by escape", b'{"data": [{"a": 1, "\\u0061": 2}]}', "the key 'a' stands twice"),
    ("high surrogate alone", b'{"data": ["\\ud800"]}', r"the lone surrogate \\ud800"),
    ("low surrogate alone in a key", b'{"data": [{"\\udc00": 1}]}', r"the lone surrogate \\udc00"),
    ("NUL after the document", b'{"data": [1]}\x00', "NUL bytes"),
    ("NUL in a string", b'{"data": ["a\x00b"]}', "NUL bytes"),
    ("UTF-16 with a mark", '{"data": [1]}'.encode("utf-16"), "found UTF-16"),
    ("UTF-16 without a mark", '{"data": [1]}'.encode("utf-16-le"), "NUL bytes"),
    ("Latin-1", '{"data": ["Société"]}'.encode("latin-1"), "expected JSON in UTF-8"),
    ("overlong UTF-8", b'{"data": ["\xc0\xaf"]}', "expected JSON in UTF-8"),
    ("gzip", b"\x1f\x8b\x08\x00\x00", "expected JSON in UTF-8"),
]

NOT_JSON = [
    ("a page", b"<!DOCTYPE html>\n<html><body>Just a moment...</body></html>", "expected JSON, found an HTML page"),
    ("a page in capitals", b"\n\n<HTML><TABLE></TABLE></HTML>", "expected JSON, found an HTML page"),
    ("a feed", b'<?xml version="1.0"?><rss/>', "expected JSON, found markup"),
    ("a Markdown page", b"# Provider logging\n\n| Provider |", "expected JSON, found plain text"),
    ("an error in words", b"Internal Server Error", "expected JSON, found plain text"),
]

NO_RECORDS = [
    ("an empty list", b'{"data": []}', "no rows"),
    ("an empty object", b"{}", "found the keys: none"),
    ("an error object", b'{"error": {"code": 500}}', "found the keys: error"),
    ("data is null", b'{"data": null}', "found null"),
    ("data is an object", b'{"data": {"slug": "a"}}', "found object"),
    ("data is text", b'{"data": "[]"}', "found string"),
    ("a bare list", b'[{"slug": "a"}]', "found list"),
    ("a bare null", b"null", "found null"),
]


@pytest.mark.fault("C14")
@pytest.mark.parametrize(("body", "reason"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED])
def test_c14_malformed_json_is_refused_by_type(body: bytes, reason: str) -> None:
    with pytest.raises(ParseError, match=reason) as caught:
        load_records(body)
    assert not isinstance(caught.value, SelectorError)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.fault("C13")
@pytest.mark.parametrize(("body", "reason"), [case[1:] for case in NOT_JSON], ids=[case[0] for case in NOT_JSON])
def test_c13_another_format_in_place_of_json_is_named(body: bytes, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        load_records(body)


@pytest.mark.parametrize(("body", "reason"), [case[1:] for case in NO_RECORDS], ids=[case[0] for case in NO_RECORDS])
def test_sound_json_without_records_is_a_selector_error(body: bytes, reason: str) -> None:
    with pytest.raises(SelectorError, match=reason):
        load_records(body)


def test_records_come_back_as_they_are() -> None:
    body = '{"data": [{"slug": "é😀", "days": 30, "share": 0.0, "tiny": 1e-5}, null, "NA"]}'
    assert load_records(body.encode()) == [{"slug": "é😀", "days": 30, "share": 0.0, "tiny": 1e-5}, None, "NA"]


def test_a_byte_order_mark_is_no_part_of_the_document() -> None:
    assert load_records(codecs.BOM_UTF8 + b'{"data": [1]}') == [1]


def test_an_escaped_surrogate_pair_is_one_character() -> None:
    assert load_records(b'{"data": ["\\ud83d\\ude00"]}') == ["😀"]


def test_brackets_in_strings_do_not_count_as_depth() -> None:
    text = "[{" * 1000 + '\\"'
    assert load_records(b'{"data": ["' + text.encode() + b'"]}') == ["[{" * 1000 + '"']


def test_64_levels_are_read_and_65_are_not() -> None:
    def nested(levels: int) -> bytes:
        return b'{"data": ' + b"[" * (levels - 1) + b"1" + b"]" * (levels - 1) + b"}"

    assert len(load_records(nested(64))) == 1
    with pytest.raises(ParseError, match="deeper than 64"):
        load_records(nested(65))


def test_a_key_beside_the_list_is_a_signal() -> None:
    audit = Audit()
    assert load_records(b'{"data": [1], "next": "?page=2"}', audit) == [1]
    assert audit.signals(1) == ('unknown field next beside "data"',)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        records = load_records(body)
    except ParseError:
        return
    assert records


@given(st.text(alphabet='{}[]",:\\ud80ata1e9-.N \n', max_size=60))
def test_any_text_made_of_json_pieces_is_read_or_refused(text: str) -> None:
    try:
        records = load_records(b'{"data": [' + text.encode() + b"]}")
    except ParseError:
        return
    assert json.loads(f'{{"data": [{text}]}}')["data"] == records


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "null"),
        (True, "boolean"),
        (1, "integer"),
        (1.5, "number"),
        (math.pi, "number"),
        ("1", "string"),
        ([], "list of strings"),
        (["a"], "list of strings"),
        (["a", None], "list"),
        ({}, "object"),
    ],
)
def test_every_value_has_a_kind(value: Json, kind: str) -> None:
    assert kind_of(value) == kind


def test_a_record_tells_what_was_not_read() -> None:
    record = Record.of({"b": 1, "a": None, "c": 2}, "/data/0")
    assert record.has("a")
    assert record.is_null("a")
    assert record.pop("a", ("null",)) is None
    assert not record.has("a")
    assert record.rest() == ["b", "c"]


def test_a_record_is_read_without_changing_its_source() -> None:
    source: dict[str, Json] = {"a": 1}
    Record.of(source, "/data/0").pop("a", ("integer",))
    assert source == {"a": 1}


def test_a_nested_record_names_its_whole_path() -> None:
    inner = Record.of({"dataPolicy": {"training": []}}, "/data/3").pop_record("dataPolicy")
    assert inner.locator == "/data/3/dataPolicy"
    with pytest.raises(FieldError, match=r"^dataPolicy\.training is list of strings, expected boolean or null$"):
        inner.pop("training", ("boolean", "null"))


def test_a_claim_quotes_its_field_and_points_at_it() -> None:
    (claim,) = Record.of({"url": "https://é/"}, "/data/3").pop_claims({"url": Topic.TERMS_URL}, ("string",))
    assert (claim.quote, claim.locator) == ('"url": "https://é/"', "/data/3/url")


@pytest.mark.parametrize("value", [None, 1, "x", ["x"], True])
def test_what_is_not_an_object_is_no_record(value: Json) -> None:
    with pytest.raises(FieldError, match=r"the record is .*, expected object"):
        Record.of(value, "/data/0")


@pytest.mark.parametrize("value", [{}, {"slug": None}, {"slug": 7}, {"slug": ""}, {"slug": "  "}, {"slug": ["a"]}])
def test_a_name_has_to_say_something(value: dict[str, Json]) -> None:
    with pytest.raises(FieldError, match=r"^slug is "):
        Record.of(value, "/data/0").pop_name("slug")


def test_remarks_are_counted_and_sorted() -> None:
    audit = Audit()
    for fields in ({"b": 1, "a": 1}, {"b": 1, "known": 1}):
        audit.note_unknown(Record.of(dict.fromkeys(fields), "/data/0"), {"known"})
    assert audit.signals(2) == ("unknown field a in 1 of 2 rows", "unknown field b in 2 of 2 rows")


def test_foreign_text_stays_on_one_line_and_short() -> None:
    assert shown("data_usage-url") == "data_usage-url"
    assert shown("a\nb\u2028c") == '"a\\nb\\u2028c"'
    assert len(shown("x" * 10_000)) < 100


@pytest.mark.fault("C08")
def test_c08_a_key_that_stands_twice_fails_the_document() -> None:
    with pytest.raises(ParseError, match="provider 'x' stands twice: /data/0 and /data/2"):
        check_unique([{"slug": "x"}, {"slug": "y"}, {"slug": "x"}], "slug")


def test_records_without_a_key_are_not_taken_for_duplicates() -> None:
    check_unique([{}, {}, None, None, {"slug": None}, {"slug": None}, {"slug": "x"}], "slug")
