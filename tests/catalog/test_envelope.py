"""What a healthy source yields, and what is half a page."""

import json

import pytest
from made_up_looks import source

from pipeline.catalog.envelope import check_envelope
from pipeline.declarations import Envelope, Source
from pipeline.errors import EnvelopeError, ParseError
from pipeline.model import Format, Json, Reading, Topic
from pipeline.normalize.identity import Identities
from pipeline.reading import read_capture

WORDS = ("Retained for 30 days", "✓ Does not train")
IDENTITIES = {"gate": Identities([], "gate")}


def _table(rows: list[tuple[str, str, str]]) -> bytes:
    lines = ["| Provider | Data Retention | Train on Prompts |", "| --- | --- | --- |"]
    return "\n".join([*lines, *("| {} | {} | {} |".format(*row) for row in rows)]).encode()


def _rows(count: int, unknown: int = 0) -> list[tuple[str, str, str]]:
    words = [("Unknown retention policy", WORDS[1])] * unknown + [WORDS] * (count - unknown)
    return [(f"Provider {number}", *one) for number, one in enumerate(words)]


def _read(rows: list[tuple[str, str, str]], of_source: Source, *, is_partial: bool = False) -> Reading:
    return read_capture(_table(rows), of_source, IDENTITIES, is_partial=is_partial)


TABLE = source(Format.POLICY_TABLE, 2, Envelope(min_rows=30, max_rows=100, min_fill={Topic.RETENTION: 0.8}))


@pytest.mark.fault("C06")
@pytest.mark.parametrize("count", [1, 3, 29])
def test_c06_too_few_rows_are_no_news(count: int) -> None:
    with pytest.raises(EnvelopeError, match=f"expected at least 30 rows, found {count}$"):
        _read(_rows(count), TABLE)


@pytest.mark.fault("C07")
@pytest.mark.parametrize("count", [30, 58, 59, 100])
def test_c07_a_row_more_or_less_is_healthy(count: int) -> None:
    reading = _read(_rows(count), TABLE)
    assert (count, ()) == (len(reading.listings), reading.signals)


@pytest.mark.fault("C08")
def test_c08_more_rows_than_ever_are_a_signal_and_are_read() -> None:
    reading = _read(_rows(120), TABLE)
    assert (120, ("expected at most 100 rows, found 120",)) == (len(reading.listings), reading.signals)


@pytest.mark.fault("C08", "D06")
def test_c08_a_duplicate_key_fails_the_page() -> None:
    with pytest.raises(ParseError, match="'provider-7' stands twice"):
        _read([*_rows(120), ("PROVIDER 7", *WORDS)], TABLE)


@pytest.mark.fault("D14")
def test_d14_a_topic_that_most_rows_no_longer_state_is_half_a_page() -> None:
    assert _read(_rows(100, unknown=5), TABLE).signals == ()
    with pytest.raises(EnvelopeError, match="expected retention in at least 80% of the rows, found it in 40%"):
        _read(_rows(100, unknown=60), TABLE)


@pytest.mark.fault("D14")
@pytest.mark.parametrize(("unknown", "is_healthy"), [(20, True), (21, False)])
def test_d14_the_declared_share_itself_is_enough(unknown: int, *, is_healthy: bool) -> None:
    if is_healthy:
        assert 100 == len(_read(_rows(100, unknown), TABLE).listings)
    else:
        with pytest.raises(EnvelopeError, match="retention"):
            _read(_rows(100, unknown), TABLE)


def test_words_that_no_rule_reads_fill_nothing() -> None:
    rows = [(name, "Gone fishing", training) for name, _, training in _rows(50)]
    with pytest.raises(EnvelopeError, match="found it in 0%"):
        _read(rows, TABLE)


def test_rows_that_name_nobody_are_not_rows_that_can_be_used() -> None:
    good: list[Json] = [
        {"slug": f"provider-{number}", "name": f"Provider {number}", "dataPolicy": {"training": False}}
        for number in range(3)
    ]
    nameless: list[Json] = [{"id": number, "dataPolicy": {"training": False}} for number in range(56)]
    body = json.dumps({"data": [*good, *nameless]}).encode()
    of_source = source(envelope=Envelope(min_rows=40, max_rows=100, min_fill={Topic.TRAINING: 0.8}))
    with pytest.raises(EnvelopeError, match="expected at least 40 rows, found 3 that can be used among 59"):
        read_capture(body, of_source, IDENTITIES, is_partial=False)
    assert 56 == len(read_capture(body, of_source, IDENTITIES, is_partial=True).refusals)


def test_endpoints_count_as_rows_of_a_list_of_endpoints() -> None:
    endpoints: list[Json] = [
        {"provider_name": "Acme", "tag": "acme/eu", "model_id": f"model-{number}", "context_length": 1}
        for number in range(30)
    ]
    of_source = source(Format.ZDR_ENDPOINTS, 4, Envelope(min_rows=30, max_rows=100))
    body = json.dumps({"data": endpoints}).encode()
    assert 30 == len(read_capture(body, of_source, IDENTITIES, is_partial=False).endpoints)
    with pytest.raises(EnvelopeError, match="found 29"):
        read_capture(json.dumps({"data": endpoints[1:]}).encode(), of_source, IDENTITIES, is_partial=False)


def test_the_envelope_does_not_speak_of_a_partial_capture() -> None:
    assert 3 == len(_read(_rows(3, unknown=3), TABLE, is_partial=True).listings)


def test_an_empty_reading_raises() -> None:
    with pytest.raises(EnvelopeError, match="found 0"):
        check_envelope(source(), Reading(row_count=0))
