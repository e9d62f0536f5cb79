import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import zstandard

from pipeline.collect.archive import Archive, capture_id
from pipeline.errors import ArchiveError
from pipeline.model import Moment, Observation, Outcome, Precision

BODY = "✓ Does not train\n".encode() * 50
AT = datetime(2026, 11, 3, 12, 30, 15, 250_000, tzinfo=UTC)
LOOK = Observation(
    source_id="a-feed",
    moment=Moment(at=AT, since=AT - timedelta(days=30), precision=Precision.MONTH),
    outcome=Outcome.NOT_MODIFIED,
    origin="fetch",
    url="https://example.org/a?b=c#d",
    capture_id=capture_id(BODY),
    status=304,
    detail='two\nlines, a "quote", ✕ and \u2028',
    etag='W/"a, b"',
    last_modified="Mon, 02 Nov 2026 10:00:00 GMT",
    content_type="text/html; charset=utf-8",
    asked_with=("Accept: text/html", "Accept-Language: en"),
    vary="Accept-Language, ✓",
    size_bytes=7,
    duration_ms=12,
    redirects=("https://example.org/", "https://example.org/a"),
    fresh_seconds=3600,
    is_partial=True,
)
PLAIN = Observation(source_id="a-page", moment=Moment.instant(AT), outcome=Outcome.TIMEOUT, origin="fetch")


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "a folder, ✓" / "archive")


def _log(archive: Archive) -> Path:
    return archive.folder / "observations.jsonl"


def _capture(archive: Archive) -> Path:
    (found,) = (archive.folder / "captures").glob("*/*.zst")
    return found


def test_an_archive_that_does_not_exist_yet_is_empty(archive: Archive) -> None:
    assert archive.observations() == ()
    assert archive.read_reading_log("a-feed", "0" * 64) == []
    assert not archive.folder.exists()


@pytest.mark.parametrize(
    "body", [b"", BODY, bytes(range(256)), b"\0" * 1_000_000], ids=["empty", "text", "all", "long"]
)
def test_a_capture_is_named_by_its_hash_and_read_back_byte_by_byte(archive: Archive, body: bytes) -> None:
    key = archive.write_capture(body)
    assert key == hashlib.sha256(body).hexdigest()
    assert archive.read_capture(key) == body


def test_the_same_bytes_are_kept_once_and_not_written_again(archive: Archive) -> None:
    first = archive.write_capture(BODY)
    path = _capture(archive)
    os.utime(path, (1, 1))
    assert archive.write_capture(BODY) == first
    assert (_capture(archive), path.stat().st_mtime) == (path, 1)


def test_captures_lie_in_folders_of_two_letters_and_leave_no_temporary_file(archive: Archive) -> None:
    key = archive.write_capture(BODY)
    found = [path.relative_to(archive.folder).as_posix() for path in archive.folder.rglob("*") if path.is_file()]
    assert found == [f"captures/{key[:2]}/{key}.zst"]


@pytest.mark.fault("W12")
def test_w12_a_missing_capture_is_named(archive: Archive) -> None:
    key = archive.write_capture(BODY)
    _capture(archive).unlink()
    with pytest.raises(ArchiveError, match=f"capture {key[:12]} is missing: .*{key}"):
        archive.read_capture(key)


def _flip(body: bytes, place: int) -> bytes:
    return body[:place] + bytes([body[place] ^ 0x80]) + body[place + 1 :]


FRAME = zstandard.ZstdCompressor(level=10).compress(BODY)
DAMAGES: list[tuple[str, bytes]] = [
    ("emptied", b""),
    ("other bytes", zstandard.ZstdCompressor().compress(b"other bytes")),
    ("not compressed", BODY),
    *[(f"truncated to {length}", FRAME[:length]) for length in range(1, len(FRAME))],
    *[(f"bit flipped in byte {place}", _flip(FRAME, place)) for place in range(len(FRAME))],
    ("claims a huge size", b"\x28\xb5\x2f\xfd\xe0" + (2**40).to_bytes(8, "little") + FRAME[6:]),
]


@pytest.mark.fault("W12")
@pytest.mark.parametrize("damaged", [case[1] for case in DAMAGES], ids=[case[0] for case in DAMAGES])
def test_w12_a_damaged_capture_is_named_and_made_whole_by_the_same_bytes(archive: Archive, damaged: bytes) -> None:
    key = archive.write_capture(BODY)
    _capture(archive).write_bytes(damaged)
    with pytest.raises(ArchiveError, match=f"capture {key[:12]} is damaged: .*{key}"):
        archive.read_capture(key)
    assert archive.write_capture(BODY) == key
    assert archive.read_capture(key) == BODY


def test_a_capture_that_cannot_be_opened_is_named(archive: Archive) -> None:
    key = archive.write_capture(BODY)
    path = _capture(archive)
    path.unlink()
    path.mkdir()
    with pytest.raises(ArchiveError, match=f"capture {key[:12]} cannot be read: .*{key}.zst: Is a directory"):
        archive.read_capture(key)


def test_every_field_of_an_observation_comes_back(archive: Archive) -> None:
    blank = [field.name for field in fields(LOOK) if getattr(LOOK, field.name) in (None, False, ())]
    assert blank == []
    archive.append(LOOK)
    archive.append(PLAIN)
    assert archive.observations() == (LOOK, PLAIN)
    assert archive.observations()[0].moment.precision is Precision.MONTH
    assert len(_log(archive).read_bytes().splitlines()) == 2


def test_looks_that_are_added_together_can_be_read_one_by_one(archive: Archive) -> None:
    with archive.appending() as append:
        append(LOOK)
        assert archive.observations() == (LOOK,)
        append(PLAIN)
        assert archive.observations() == (LOOK, PLAIN)
    assert archive.observations() == (LOOK, PLAIN)


def test_what_was_added_before_a_fault_is_kept(archive: Archive) -> None:
    with suppress(KeyboardInterrupt), archive.appending() as append:
        append(LOOK)
        raise KeyboardInterrupt
    assert archive.observations() == (LOOK,)


def test_a_log_to_which_nothing_is_added_is_not_made(archive: Archive) -> None:
    with archive.appending():
        pass
    assert not archive.folder.exists()


def test_many_threads_keep_captures_at_once(archive: Archive) -> None:
    bodies = [BODY + str(number % 20).encode() for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(archive.write_capture, bodies))
    assert bodies == [archive.read_capture(key) for key in keys]
    assert 20 == len([path for path in archive.folder.rglob("*") if path.is_file()])


def test_looks_come_in_the_order_of_the_log_whatever_their_dates_say(archive: Archive) -> None:
    looks = tuple(replace(PLAIN, moment=Moment.instant(AT - timedelta(days=day % 3))) for day in range(7))
    for look in looks:
        archive.append(look)
    assert archive.observations() == looks


def test_a_moment_of_another_zone_comes_back_in_utc(archive: Archive) -> None:
    archive.append(PLAIN)
    line = json.loads(_log(archive).read_bytes())
    there = AT.astimezone(timezone(timedelta(hours=5, minutes=45)))
    _log(archive).write_text(json.dumps(line | {"observed_at": there.isoformat()}) + "\n")
    (found,) = archive.observations()
    assert (found.moment.at, found.moment.at.tzinfo) == (AT, UTC)


def test_text_that_no_encoding_holds_is_logged_with_a_question_mark(archive: Archive) -> None:
    archive.append(replace(PLAIN, detail="from \udcff"))
    assert archive.observations() == (replace(PLAIN, detail="from ?"),)


@pytest.mark.fault("W01")
def test_w01_a_line_cut_off_anywhere_is_skipped_and_later_looks_survive(archive: Archive) -> None:
    archive.append(PLAIN)
    archive.append(LOOK)
    whole = _log(archive).read_bytes()
    start = whole.index(b"\n") + 1
    assert len(whole) - start > 300
    for end in (*range(start, len(whole), 9), *range(len(whole) - 3, len(whole))):
        torn = whole[:end]
        _log(archive).write_bytes(torn)
        is_cut = end < len(whole) - 1  # only the line end is missing: the look is all there
        kept = (PLAIN,) if is_cut else (PLAIN, LOOK)
        assert archive.observations() == kept
        archive.append(PLAIN)
        archive.append(LOOK)
        assert archive.observations() == (*kept, PLAIN, LOOK)
        assert _log(archive).read_bytes().startswith(torn)


@pytest.mark.fault("W01", "W13")
def test_w13_a_line_that_was_cut_off_is_no_part_of_the_log_that_has_to_stay(archive: Archive) -> None:
    assert (0, True, False) == (archive.log_bytes, archive.has_whole(0), archive.has_whole(1))
    archive.append(PLAIN)
    first = _log(archive).read_bytes()
    for torn in (b"", b"\0", bytes(2_000), first[:-2]):
        _log(archive).write_bytes(first + torn)
        assert (len(first), True) == (archive.log_bytes, archive.has_whole(len(first)))
        archive.append(LOOK)
        assert archive.log_bytes == len(_log(archive).read_bytes())
        assert archive.has_whole(len(first))
    _log(archive).write_bytes(first[:-1])  # all of the look, without its line end
    assert len(first) - 1 == archive.log_bytes
    archive.append(LOOK)
    assert archive.has_whole(len(first) - 1)


@pytest.mark.fault("W01")
def test_w01_a_repair_that_is_cut_off_itself_is_repaired(archive: Archive) -> None:
    archive.append(PLAIN)
    torn = _log(archive).read_bytes() + b'{"detail": "}'
    _log(archive).write_bytes(torn)
    archive.append(LOOK)
    repaired = _log(archive).read_bytes()
    repair = len(torn) + len(b" <cut off>\n")
    for end in (*range(len(torn), repair + 2), *range(repair + 2, len(repaired) - 1, 40)):
        _log(archive).write_bytes(repaired[:end])
        assert archive.observations() == (PLAIN,)
        archive.append(LOOK)
        assert archive.observations() == (PLAIN, LOOK)


def _with(**changes: object) -> bytes:
    line = {
        "source_id": "a-feed",
        "observed_at": "2026-11-03T12:00:00+00:00",
        "observed_since": "2026-11-03T12:00:00+00:00",
        "precision": "instant",
        "outcome": "ok",
        "origin": "fetch",
    }
    changed = {key: value for key, value in (line | changes).items() if value is not None}
    return json.dumps(changed).encode()


BAD_LINES: list[tuple[bytes, str]] = [
    (b"{}", "observed_at is missing"),
    (b"garbage", "Expecting value"),
    (b'{"a": 1', "Expecting ',' delimiter"),
    (b"\xff\xfe{}", "can't decode"),
    (b"\0\0\0\0", "Expecting value"),
    (b"null", "expected an object"),
    (b"5", "expected an object"),
    (b"[]", "expected an object"),
    (b'"observed_at"', "expected an object"),
    (_with() + _with(), "Extra data"),
    (_with(outcome="exploded"), "'exploded' is not a valid Outcome"),
    (_with(precision=None), "precision is missing"),
    (_with(precision="hour"), "'hour' is not a valid Precision"),
    (_with(source_id=None), "missing 1 required keyword-only argument: 'source_id'"),
    (_with(from_a_later_version=1), "unexpected keyword argument 'from_a_later_version'"),
    (_with(observed_at="yesterday"), "Invalid isoformat string: 'yesterday'"),
    (_with(observed_at="2026-11-03T12:00:00"), "2026-11-03T12:00:00 has no offset from UTC"),
    (_with(observed_at=1), "must be str"),
    (_with(status="200"), "status: unexpected value '200'"),
    (_with(fresh_seconds="3600"), "fresh_seconds: unexpected value '3600'"),
    (_with(redirects="abc"), "redirects: unexpected value 'abc'"),
    (_with(redirects=[1]), "redirects: expected a list of texts"),
    (_with(asked_with="Accept: */*"), "asked_with: unexpected value 'Accept: */*'"),
    (_with(asked_with=["a", None]), "asked_with: expected a list of texts"),
    (_with(vary=["Accept"]), "vary: unexpected value ['Accept']"),
    (_with(is_partial=1), "is_partial: unexpected value 1"),
    (_with(capture_id="../../../../etc/passwd"), "capture_id: not the name of a capture: '../../../../etc/passwd'"),
    (b"[" * 100_000, "nested too deeply"),
]


@pytest.mark.fault("W13")
@pytest.mark.parametrize("is_last", [False, True], ids=["in the middle", "at the end"])
@pytest.mark.parametrize(("line", "reason"), BAD_LINES, ids=[reason for _, reason in BAD_LINES])
def test_w13_a_bad_line_is_named_and_never_skipped(
    archive: Archive, line: bytes, reason: str, *, is_last: bool
) -> None:
    archive.append(PLAIN)
    with _log(archive).open("ab") as log:
        log.write(line + b"\n")
    if not is_last:
        archive.append(LOOK)
    with pytest.raises(ArchiveError, match=r"observations\.jsonl:2: not an observation: ") as caught:
        archive.observations()
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_line_says_nothing(archive: Archive) -> None:
    archive.append(PLAIN)
    with _log(archive).open("ab") as log:
        log.write(b"\n  \n")
    archive.append(LOOK)
    assert archive.observations() == (PLAIN, LOOK)


def test_a_reading_log_comes_back_and_is_replaced_as_a_whole(archive: Archive) -> None:
    first = [{"fingerprint": "a", "policies": {"x": {"retention": "30 ✓", "training": None}}}]
    archive.write_reading_log("a-feed", "0" * 64, first)
    assert archive.read_reading_log("a-feed", "0" * 64) == first
    assert archive.read_reading_log("a-page", "0" * 64) == []
    archive.write_reading_log("a-feed", "0" * 64, [])
    assert archive.read_reading_log("a-feed", "0" * 64) == []


DAMAGED_READINGS = [
    b"",
    b"[{",
    b"null",
    b"{}",
    b"[1]",
    b'[{"fingerprint": "a", "policies": 1}]',
    b'[{"fingerprint": "a", "policies": {"x": 1}}]',
    b'[{"fingerprint": "a", "policies": {"x": {"retention": 30}}}]',
    b'[{"policies": {}}]',
    b"\xff",
    b"[" * 100_000,
]


@pytest.mark.fault("W13")
@pytest.mark.parametrize("body", DAMAGED_READINGS)
def test_w13_a_damaged_reading_log_is_begun_anew(archive: Archive, body: bytes) -> None:
    archive.write_reading_log("a-feed", "0" * 64, [{"fingerprint": "a", "policies": {}}])
    (path,) = (archive.folder / "readings").rglob("*.json")
    path.write_bytes(body)
    assert archive.read_reading_log("a-feed", "0" * 64) == []
