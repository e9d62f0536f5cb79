import json
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pipeline.collect import readings
from pipeline.collect.readings import ReadingCache
from pipeline.model import (
    Basis,
    Bound,
    Claim,
    Condition,
    DataKind,
    Grade,
    Listing,
    Reading,
    Refusal,
    Retention,
    RetentionKind,
    Service,
    Statement,
    Tier,
    Topic,
    Training,
    ZdrEndpoint,
)

KEY, OTHER = "a" * 64, "b" * 64
TEXT = st.text(max_size=20)
MAYBE_TEXT = st.none() | TEXT
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
NUMBER = st.integers(0, 10**6)
PERIODS = st.builds(
    Retention,
    kind=st.just(RetentionKind.PERIOD),
    days=st.integers(1, 9999),
    bound=st.sampled_from(Bound),
    amount=NUMBER,
    unit=TEXT,
)
OTHER_KINDS = [kind for kind in RetentionKind if kind is not RetentionKind.PERIOD]
RETENTIONS = PERIODS | st.sampled_from(OTHER_KINDS).map(lambda kind: Retention(kind=kind))
VALUES = (
    RETENTIONS | st.sampled_from(Training) | st.booleans() | TEXT | TEXTS | st.none() | st.sampled_from(["no", "may"])
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


def several(one: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(one, max_size=3).map(tuple)


CLAIMS = st.builds(
    Claim,
    offering_id=TEXT,
    topic=st.sampled_from(Topic),
    value=VALUES,
    basis=st.sampled_from(Basis),
    text=MAYBE_TEXT,
    quote=TEXT,
    locator=TEXT,
    printed=MAYBE_TEXT,
)
STATEMENTS = st.builds(
    Statement,
    topic=st.sampled_from(Topic),
    value=RETENTIONS | st.sampled_from(Training),
    data=st.sampled_from(DataKind),
    condition=st.sampled_from(Condition),
    service=st.sampled_from(Service),
    grade=st.sampled_from(Grade),
    quote=TEXT,
    locator=TEXT,
    rule_id=TEXT,
    trigger=MAYBE_TEXT,
)
REFUSALS = st.builds(
    Refusal,
    stage=TEXT,
    reason=TEXT,
    raw=JSON,
    locator=TEXT,
    topic=st.none() | st.sampled_from(Topic),
    slug=MAYBE_TEXT,
    name=MAYBE_TEXT,
    label=MAYBE_TEXT,
    offering_id=MAYBE_TEXT,
)
LISTINGS = st.builds(
    Listing,
    offering_id=TEXT,
    provider_id=TEXT,
    tier=st.sampled_from(Tier),
    slug=MAYBE_TEXT,
    names=TEXTS,
    is_new=st.booleans(),
)
ENDPOINTS = st.builds(
    ZdrEndpoint,
    offering_id=TEXT,
    provider_name=TEXT,
    tag=TEXT,
    model_id=TEXT,
    model_name=MAYBE_TEXT,
    quantization=MAYBE_TEXT,
    context_length=st.none() | NUMBER,
    locator=TEXT,
)
READINGS = st.builds(
    Reading,
    row_count=NUMBER,
    listings=several(LISTINGS),
    claims=several(CLAIMS),
    endpoints=several(ENDPOINTS),
    statements=several(STATEMENTS),
    text_key=MAYBE_TEXT,
    sketch=several(NUMBER),
    refusals=several(REFUSALS),
    excluded=TEXTS,
    signals=TEXTS,
)
ONE = Reading(
    row_count=2,
    listings=(Listing(offering_id="a", provider_id="a", tier=Tier.FREE, slug="a", names=("A",), is_new=False),),
    claims=(
        Claim(
            offering_id="a",
            topic=Topic.RETENTION,
            value=Retention.of_days(30),
            basis=Basis.STATED,
            text="30 days",
            quote="30 days",
            locator="table row 1",
        ),
    ),
    refusals=(Refusal(stage="parse", reason="no rule", raw={"a": [1, None]}, locator="table row 2"),),
)


@pytest.fixture
def cache(tmp_path: Path) -> ReadingCache:
    return ReadingCache(tmp_path / "cache")


def entry(tmp_path: Path) -> Path:
    (path,) = (path for path in (tmp_path / "cache").rglob("*") if path.is_file())
    return path


@given(READINGS | TEXT)
def test_what_is_kept_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, read: Reading | str) -> None:
    cache = ReadingCache(tmp_path_factory.getbasetemp() / "kept")
    cache.write("a-feed", KEY, "reader", read)
    found = cache.find("a-feed", KEY, "reader")
    assert read == found
    assert repr(read) == repr(found)  # an enumeration equals its text, and True equals 1


@pytest.mark.parametrize("type_", readings._FIELDS)  # noqa: SLF001 - a field that is added has to be kept, too
def test_every_field_of_a_reading_is_kept(type_: type) -> None:
    assert {field.name for field in fields(type_)} == set(readings._FIELDS[type_])  # noqa: SLF001


def test_nothing_is_known_of_another_source_capture_or_reader(cache: ReadingCache) -> None:
    assert cache.find("a-feed", KEY, "reader") is None
    cache.write("a-feed", KEY, "reader", ONE)
    assert ONE == cache.find("a-feed", KEY, "reader")
    others = [("b-feed", KEY, "reader"), ("a-feed", OTHER, "reader"), ("a-feed", KEY, "another reader")]
    assert [None] * 3 == [cache.find(*other) for other in others]


def test_what_another_reader_made_of_a_capture_gives_way(cache: ReadingCache, tmp_path: Path) -> None:
    cache.write("a-feed", KEY, "reader", ONE)
    cache.write("a-feed", KEY, "a better reader", "no rows")
    assert "no rows" == cache.find("a-feed", KEY, "a better reader")
    assert entry(tmp_path).is_file()


def test_what_was_read_of_sources_that_are_gone_is_removed(cache: ReadingCache) -> None:
    cache.keep_only({"a-feed"})
    cache.write("a-feed", KEY, "reader", ONE)
    cache.write("b-feed", KEY, "reader", ONE)
    cache.keep_only({"a-feed", "c-feed"})
    assert (ONE, None) == (cache.find("a-feed", KEY, "reader"), cache.find("b-feed", KEY, "reader"))


@pytest.mark.fault("W12")
def test_w12_an_entry_that_is_damaged_anywhere_is_none(cache: ReadingCache, tmp_path: Path) -> None:
    cache.write("a-feed", KEY, "reader", ONE)
    path = entry(tmp_path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        for damaged in (whole[:place], whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]):
            path.write_bytes(damaged)
            assert cache.find("a-feed", KEY, "reader") in (None, ONE)  # a bit of the frame's head may mean nothing
    path.write_bytes(whole)
    assert ONE == cache.find("a-feed", KEY, "reader")


def _forged(change: Callable[[dict[str, object]], object]) -> bytes:
    read = json.loads(json.dumps(ONE, default=readings._to_json))  # noqa: SLF001
    change(read)
    return json.dumps(["a-feed", KEY, "reader", read]).encode()


def _set(place: tuple[str | int, ...], value: object, read: dict[str, object]) -> None:
    at: object = read
    for step in place[:-1]:
        at = at[step]  # type: ignore[index]
    at[place[-1]] = value  # type: ignore[index]


FORGED: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"garbage",
    "no list": b"{}",
    "null": b"null",
    "deep": b"[" * 100_000,
    "no reading": json.dumps(["a-feed", KEY, "reader", [1]]).encode(),
    "a field less": _forged(lambda read: read.pop("signals")),
    "a field more": _forged(lambda read: read.update(more=1)),
} | {
    f"{'.'.join(map(str, place))} is {value!r}": _forged(partial(_set, place, value))
    for place, value in [
        (("row_count",), True),
        (("row_count",), "2"),
        (("signals",), "text"),
        (("signals",), [1]),
        (("claims", 0, "topic"), "weather"),
        (("claims", 0, "offering_id"), 5),
        (("claims", 0, "value"), "30 days"),
        (("claims", 0, "value"), ["mood", "good"]),
        (("claims", 0, "value"), ["training", "perhaps"]),
        (("claims", 0, "value", 1, "days"), 0),
        (("claims", 0, "value", 1, "days"), 1.5),
        (("listings", 0, "is_new"), 0),
        (("listings",), [None]),
    ]
}


@pytest.mark.fault("W12")
@pytest.mark.parametrize("body", FORGED.values(), ids=FORGED)
def test_w12_an_entry_that_is_something_else_is_none(cache: ReadingCache, tmp_path: Path, body: bytes) -> None:
    cache.write("a-feed", KEY, "reader", ONE)
    entry(tmp_path).write_bytes(zstandard.ZstdCompressor(write_checksum=True).compress(body))
    assert cache.find("a-feed", KEY, "reader") is None


def test_an_entry_that_claims_to_be_huge_is_none(cache: ReadingCache, tmp_path: Path) -> None:
    cache.write("a-feed", KEY, "reader", ONE)
    entry(tmp_path).write_bytes(zstandard.ZstdCompressor().compress(b" " * 200_000_000))
    assert cache.find("a-feed", KEY, "reader") is None
