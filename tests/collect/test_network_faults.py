"""What a connection does that is no whole answer: one typed outcome each, in bounded time and memory."""

import gzip
import os
import resource
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import repeat
from pathlib import Path

import pytest
from network_site import (
    ENDLESS,
    HEAD,
    HTML,
    NOW,
    PATIENT,
    SILENT,
    Talk,
    Wire,
    allowed,
    crowded,
    fetcher,
    keeps,
    look_at,
    page_at,
    says,
    streams,
    whole,
)
from patience import PATIENCE, wait_for
from scripted_site import Site, page, raw

from pipeline.collect.addresses import Gate
from pipeline.collect.body import BodyError, read_body
from pipeline.collect.connection import Deadline
from pipeline.collect.robots import Robots
from pipeline.model import Outcome

ROOT = Path(__file__).parent.parent.parent


# No connection.


def _not_there(_host: str, _port: int) -> list[str]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def _servfail(_host: str, _port: int) -> list[str]:
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def _too_late(_host: str, _port: int) -> list[str]:
    raise TimeoutError("timed out")


def _nothing(_host: str, _port: int) -> list[str]:
    return []


@pytest.mark.fault("N01")
@pytest.mark.parametrize(
    ("resolver", "is_transient", "detail"),
    [
        (_not_there, False, "Name or service not known"),
        (_servfail, True, "Temporary failure in name resolution"),
        (_too_late, True, "timed out"),
        (_nothing, False, "no address"),
    ],
)
def test_n01_a_name_without_an_address_is_told_apart_from_one_that_may_come_back(
    resolver: Callable[[str, int], list[str]],
    is_transient: bool,  # noqa: FBT001
    detail: str,
) -> None:
    asking = fetcher("http://terms.example/", gate=Gate(resolver=resolver))
    look = asking.look(page_at("http://terms.example/"))
    asking.close()
    assert (Outcome.DNS_FAILED, f"terms.example: {detail}") == (look.observation.outcome, look.observation.detail)
    assert is_transient is look.is_transient


@pytest.mark.fault("N01")
def test_n01_a_resolver_that_never_answers_is_left_at_the_deadline_and_robots_txt_too() -> None:
    released = threading.Event()

    def hang(_host: str, _port: int) -> list[str]:
        released.wait(PATIENCE)
        return ["127.0.0.1"]

    asking = fetcher(gate=Gate(resolver=hang), limits=replace(PATIENT, whole=0.3), robots={})
    started = time.monotonic()
    look = asking.look(page_at("http://terms.example/"))
    took = time.monotonic() - started
    released.set()
    asking.close()
    assert look.observation.outcome is Outcome.DNS_FAILED
    assert look.is_transient
    assert 0.3 <= took < 60


@pytest.mark.fault("N02")
def test_n02_a_refused_connection_is_an_outcome() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listens: nobody else can take the port meanwhile
        look = look_at(f"http://127.0.0.1:{taken.getsockname()[1]}/page")
    assert (Outcome.CONNECTION_FAILED, "Connection refused") == (look.observation.outcome, look.observation.detail)
    assert look.is_transient


@pytest.mark.fault("N05")
def test_n05_a_host_that_never_accepts_is_a_timeout() -> None:
    with Wire(says(), listens_only=True) as wire, crowded(wire):
        look = look_at(wire.url(), limits=SILENT)
    assert look.observation.outcome is Outcome.TIMEOUT
    assert look.is_transient


# No whole answer.

GZIPPED = gzip.compress(HTML * 50)
DEFLATED = zlib.compress(HTML * 50)
GZIP = HEAD + b"Content-Encoding: gzip\r\n"


def _sized(head: bytes, body: bytes) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


CUT: list[tuple[str, str, Talk, Outcome]] = [
    ("N02", "reset before the answer", says(resets=True), Outcome.CONNECTION_RESET),
    ("N02", "reset mid-header", says(HEAD, b"X-More: ", pause=0.05, resets=True), Outcome.CONNECTION_RESET),
    (
        "N02",
        "reset mid-body",
        says(HEAD + b"Content-Length: 900\r\n\r\n<p>", pause=0.05, resets=True),
        Outcome.CONNECTION_RESET,
    ),
    (
        "N02",
        "reset mid-body without a length",
        says(HEAD + b"\r\n" + HTML, pause=0.05, resets=True),
        Outcome.CONNECTION_RESET,
    ),
    ("N02", "closed before the answer", says(), Outcome.CONNECTION_RESET),
    ("N05", "silence", says(holds=True), Outcome.TIMEOUT),
    ("N05", "silence in the body", says(HEAD + b"Content-Length: 900\r\n\r\n<p>", holds=True), Outcome.TIMEOUT),
    ("N06", "shorter than its length", says(HEAD + b"Content-Length: 900\r\n\r\n" + HTML), Outcome.TRUNCATED),
    (
        "N06",
        "two lengths",
        says(HEAD + b"Content-Length: 5\r\nContent-Length: 900\r\n\r\n" + HTML),
        Outcome.PROTOCOL_ERROR,
    ),
    (
        "N07",
        "chunks without the last",
        says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\n<p>\r\n"),
        Outcome.TRUNCATED,
    ),
    ("N07", "a chunk cut short", says(HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\n<p>"), Outcome.TRUNCATED),
    ("N07", "no chunk at all", says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n"), Outcome.TRUNCATED),
    (
        "N07",
        "a chunk of no length",
        says(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n<p>"),
        Outcome.PROTOCOL_ERROR,
    ),
    (
        "N07",
        "a chunk of negative length",
        says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + HTML),
        Outcome.PROTOCOL_ERROR,
    ),
    ("N08", "half a page, closed", says(HEAD + b"\r\n" + HTML[:40]), Outcome.TRUNCATED),
    (
        "N08",
        "half a page, its length no number",
        says(HEAD + b"Content-Length: x\r\n\r\n" + HTML[:40]),
        Outcome.TRUNCATED,
    ),
    (
        "N08",
        "half a page, closed, in what is called no chunks",
        says(HEAD + b"Transfer-Encoding: xchunked\r\n\r\n" + HTML[:40]),
        Outcome.TRUNCATED,
    ),
    ("N08", "half a page with a mark", says(HEAD + b"\r\n\xef\xbb\xbf" + HTML[:40]), Outcome.TRUNCATED),
    ("N08", "half a page in UTF-16", says(HEAD + b"\r\n" + HTML[:40].decode().encode("utf-16")), Outcome.TRUNCATED),
    ("N08", "half a fragment", says(HEAD + b"\r\n<div><p>We keep nothing but thin"), Outcome.TRUNCATED),
    (
        "N08",
        "half a page behind a long comment",
        says(HEAD + b"\r\n<!--" + b"x" * 5_000 + b"-->" + HTML[:40]),
        Outcome.TRUNCATED,
    ),
    ("N09", "gzip cut", says(_sized(GZIP, GZIPPED[:60])), Outcome.TRUNCATED),
    ("N09", "gzip without its check", says(_sized(GZIP, GZIPPED[:-8])), Outcome.TRUNCATED),
    ("N09", "deflate cut", says(_sized(HEAD + b"Content-Encoding: deflate\r\n", DEFLATED[:30])), Outcome.TRUNCATED),
    ("N09", "gzip damaged", says(_sized(GZIP, GZIPPED[:-8] + b"12345678")), Outcome.BAD_ENCODING),
    ("N10", "gzip that is text", says(_sized(GZIP, HTML)), Outcome.BAD_ENCODING),
    ("N10", "deflate that is text", says(_sized(HEAD + b"Content-Encoding: deflate\r\n", HTML)), Outcome.BAD_ENCODING),
    (
        "N10",
        "six encodings",
        says(_sized(HEAD + b"Content-Encoding: gzip, br, deflate, gzip, zstd, gzip\r\n", GZIPPED)),
        Outcome.BAD_ENCODING,
    ),
    ("N11", "br, not asked for", says(_sized(HEAD + b"Content-Encoding: br\r\n", HTML)), Outcome.BAD_ENCODING),
    ("N11", "zstd, not asked for", says(_sized(HEAD + b"Content-Encoding: zstd\r\n", HTML)), Outcome.BAD_ENCODING),
    ("N12", "a body without an end", streams(lambda: _endless(HEAD + b"\r\n")), Outcome.TOO_LARGE),
    (
        "N12",
        "chunks without an end",
        streams(lambda: _endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b"x" * 1024 + b"\r\n")),
        Outcome.TOO_LARGE,
    ),
    (
        "N12",
        "a length of 400 MB",
        streams(lambda: _endless(HEAD + b"Content-Length: 400000000\r\n\r\n")),
        Outcome.TOO_LARGE,
    ),
    (
        "N12",
        "a redirect without an end",
        streams(lambda: _endless(b"HTTP/1.1 302 Found\r\nLocation: file:///x\r\n\r\n")),
        Outcome.ADDRESS_REFUSED,
    ),
    ("N13", "a header of 70 KB", says(HEAD + b"X: " + b"x" * 70_000 + b"\r\n\r\n" + HTML), Outcome.PROTOCOL_ERROR),
    ("N13", "500 headers", says(HEAD + b"X: x\r\n" * 500 + b"\r\n" + HTML), Outcome.PROTOCOL_ERROR),
    ("N13", "headers without an end", streams(lambda: _endless(HEAD, b"X: x\r\n")), Outcome.PROTOCOL_ERROR),
    ("N13", "HTTP/0.9", says(HTML), Outcome.PROTOCOL_ERROR),
    ("N13", "another protocol", says(b"SSH-2.0-OpenSSH_9.2\r\n"), Outcome.PROTOCOL_ERROR),
    (
        "N13",
        "a chunk line of 70 KB",
        says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 70_000),
        Outcome.PROTOCOL_ERROR,
    ),
    ("N24", "gzip of nothing", says(_sized(GZIP, b"")), Outcome.EMPTY),
]
TRANSIENT = {Outcome.CONNECTION_RESET, Outcome.TIMEOUT, Outcome.TRUNCATED}


def _endless(head: bytes, piece: bytes = b"x" * 65_536) -> Iterator[bytes]:
    yield head
    yield from repeat(piece)


@pytest.mark.fault("N02", "N05", "N06", "N07", "N08", "N09", "N10", "N11", "N12", "N13", "N24")
@pytest.mark.parametrize(("talk", "outcome"), [case[2:] for case in CUT], ids=[f"{case[0]} {case[1]}" for case in CUT])
def test_n06_n07_n10_n13_an_answer_that_is_not_whole_is_an_outcome_and_no_bytes(talk: Talk, outcome: Outcome) -> None:
    with Wire(talk) as wire:
        look = look_at(wire.url(), limits=SILENT if outcome is Outcome.TIMEOUT else PATIENT)
        count = wire.connection_count
    found = look.observation
    assert (outcome, None, False) == (found.outcome, look.body, found.is_good)
    assert (outcome in TRANSIENT) is look.is_transient
    assert found.detail
    assert len(found.detail) <= 200
    assert 1 == count


WHOLE: list[tuple[str, bytes, bytes]] = [
    ("with its length", whole(), HTML),
    ("closed at its end", HEAD + b"\r\n" + HTML, HTML),
    (
        "closed at its end, long",
        HEAD + b"\r\n" + HTML[:30] + b"x" * 9000 + HTML[30:],
        HTML[:30] + b"x" * 9000 + HTML[30:],
    ),
    ("a fragment, closed", HEAD + b"\r\n<p>All there is.</p>", b"<p>All there is.</p>"),
    ("JSON that speaks of HTML", HEAD.replace(b"text/html", b"application/json") + b'\r\n["<html>"]', b'["<html>"]'),
    ("in chunks", HEAD + b"Transfer-Encoding: chunked\r\n\r\n3;x=y\r\n<p>\r\n0\r\nX: y\r\n\r\n", b"<p>"),
    ("gzip", _sized(GZIP, GZIPPED), HTML * 50),
    ("gzip in two members", _sized(GZIP, GZIPPED + gzip.compress(HTML)), HTML * 51),
    ("gzip with padding", _sized(GZIP, GZIPPED + bytes(512)), HTML * 50),
    ("x-gzip, closed at its end", HEAD + b"Content-Encoding: X-GZIP\r\n\r\n" + GZIPPED, HTML * 50),
    ("deflate", _sized(HEAD + b"Content-Encoding: deflate\r\n", DEFLATED), HTML * 50),
    ("bare deflate", _sized(HEAD + b"Content-Encoding: deflate\r\n", DEFLATED[2:-4]), HTML * 50),
    ("not encoded, and says so", _sized(HEAD + b"Content-Encoding: identity\r\n", HTML), HTML),
    ("as long as it may be", _sized(HEAD, b"x" * 100_000), b"x" * 100_000),
    ("after an interim answer", b"HTTP/1.1 100 Continue\r\n\r\n" + whole(), HTML),
    ("after early hints", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 2 + whole(), HTML),
]


@pytest.mark.fault("N08", "N09")
@pytest.mark.parametrize(("answer", "body"), [case[1:] for case in WHOLE], ids=[case[0] for case in WHOLE])
def test_n08_n09_a_whole_answer_passes_however_its_end_is_told(answer: bytes, body: bytes) -> None:
    with Wire(says(answer)) as wire:
        look = look_at(wire.url())
    assert (Outcome.OK, body) == (look.observation.outcome, look.body)


@pytest.mark.fault("N09")
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_n09_a_compressed_body_is_whole_wherever_the_network_cuts_it(size: int) -> None:
    body = gzip.compress(b"a" * 70_000) + gzip.compress(HTML) + gzip.compress(b"b" * 65_536)
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    assert read_body(parts, {"Content-Encoding": "gzip"}, 1_000_000) == b"a" * 70_000 + HTML + b"b" * 65_536


@pytest.mark.fault("N09")
@pytest.mark.parametrize("length", range(65_536 - 3, 65_536 + 300, 37))
def test_n09_a_bare_deflate_stream_whose_last_step_is_full_is_whole(length: int) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zlib.Z_FIXED)
    body = packer.compress(b"a" * length) + packer.flush()
    assert length == len(read_body([body], {"Content-Encoding": "deflate"}, 1_000_000))


# Slow answers.

DRIPS: list[tuple[str, str, Talk]] = [
    ("N03", "body with a length", says(HEAD + b"Content-Length: 200\r\n\r\n", *[b"x"] * 999, pause=0.05)),
    ("N03", "body without a length", says(HEAD + b"\r\n", *[b"x"] * 999, pause=0.05)),
    ("N03", "chunks", says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 999, pause=0.05)),
    ("N03", "trailers", says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", *[b"X: x\r\n"] * 999, pause=0.05)),
    ("N04", "status line", says(*[b"H"] * 999, pause=0.05)),
    ("N04", "headers", says(HEAD + b"X: ", *[b"x"] * 999, pause=0.05)),
    ("N04", "interim answers", says(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 999, pause=0.05)),
]


@pytest.mark.fault("N03", "N04")
@pytest.mark.parametrize("talk", [case[2] for case in DRIPS], ids=[f"{case[0]} {case[1]}" for case in DRIPS])
def test_n03_n04_a_dripping_answer_ends_at_the_deadline(talk: Talk) -> None:
    with Wire(talk) as wire:
        look = look_at(wire.url(), limits=ENDLESS)
    assert (Outcome.TIMEOUT, "not whole by its deadline") == (look.observation.outcome, look.observation.detail)
    assert look.is_transient


@pytest.mark.fault("N03")
def test_n03_the_deadline_holds_on_a_connection_that_was_kept() -> None:
    slow = whole(HTML, b"X: y")

    def talk(wire: Wire, connection: socket.socket) -> None:
        wire.hear(connection)
        connection.sendall(whole())
        wire.hear(connection)
        for index in range(len(slow)):
            connection.sendall(slow[index : index + 1])
            if wire.stopped.wait(0.05):
                return

    with Wire(talk) as wire:
        asking = fetcher(wire.url())
        outcomes = []
        for limits in (PATIENT, ENDLESS):
            asking.limits = limits
            outcomes.append(asking.look(page_at(wire.url())).observation.outcome)
        asking.close()
        assert 1 == wire.connection_count
    assert [Outcome.OK, Outcome.TIMEOUT] == outcomes


@pytest.mark.fault("N03")
def test_n03_one_deadline_stands_for_all_redirects_that_lead_to_an_answer(site: Site) -> None:
    for number in range(5):
        head = f"HTTP/1.1 302 Found\r\nLocation: /{number + 1}\r\nContent-Length: 0\r\n".encode()
        site.serve(f"/{number}", raw(head, b"\r\n", pause=0.5))
    look = look_at(site.url("/0"), limits=ENDLESS)
    assert look.observation.outcome is Outcome.TIMEOUT
    assert len(site.requests) < 6


@pytest.mark.fault("N03")
def test_n03_a_robots_txt_that_drips_ends_at_the_deadline_and_nothing_is_asked_after_it(site: Site) -> None:
    site.serve("/robots.txt", raw(HEAD + b"\r\n", *[b"x"] * 999, pause=0.05))
    asking = fetcher(limits=ENDLESS)
    look = asking.look(page_at(site.serve("/page", page(HTML))))
    asking.close()
    assert look.observation.outcome is Outcome.TIMEOUT
    assert look.observation.detail == "robots.txt could not be read: not whole by its deadline"
    assert look.is_transient
    assert [] == site.seen("/page")


@pytest.mark.fault("N03")
def test_n03_what_a_missing_robots_txt_says_is_not_waited_for(site: Site) -> None:
    head = b"HTTP/1.1 404 Not Found\r\nContent-Encoding: br\r\n\r\n"
    site.serve("/robots.txt", raw(head, *[b"x"] * 999, pause=0.05))
    asking = fetcher()
    look = asking.look(page_at(site.serve("/page", page(HTML))))
    asking.close()
    assert look.observation.outcome is Outcome.OK


# Large answers, in a process of their own.

BOMB = """
import resource, sys
from network_site import look_at
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
look = look_at(sys.argv[1], max_bytes=10_000_000)
print(look.observation.outcome, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.fixture(scope="module")
def bombs() -> dict[str, bytes]:
    """A gigabyte of nothing, in about one megabyte."""
    piece, made = bytes(2**20), {}
    for name, bits in (("gzip", zlib.MAX_WBITS | 16), ("deflate", zlib.MAX_WBITS)):
        packer = zlib.compressobj(1, zlib.DEFLATED, bits)
        packed = [packer.compress(piece) for _ in range(24)]
        # A flushed block of one megabyte, again and again: no need to pack a gigabyte for it.
        block = packer.flush(zlib.Z_FULL_FLUSH) and packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
        made[name] = b"".join(packed) + packer.flush(zlib.Z_FULL_FLUSH) + block * 1000
    return made


@pytest.mark.fault("N11")
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_n11_a_bomb_is_stopped_at_the_cap_and_costs_little_memory(bombs: dict[str, bytes], encoding: str) -> None:
    bomb = bombs[encoding]
    assert 1_000_000 < len(bomb) < 6_000_000
    head = HEAD + f"Content-Encoding: {encoding}\r\n".encode()
    with Wire(says(_sized(head, bomb))) as wire:
        path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        ran = subprocess.run(
            [sys.executable, "-P", "-c", BOMB, wire.url()],
            env=os.environ | {"PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        )
    outcome, grown_kib = ran.stdout.split()
    assert Outcome.TOO_LARGE == outcome
    assert int(grown_kib) < 20 * 1024


def test_the_measure_of_memory_would_see_a_bomb_that_goes_off() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    filled = b"x" * (before * 1024 + 50_000_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before > 40_000
    assert filled


@pytest.mark.fault("N11", "N12")
def test_n12_a_body_is_given_up_at_its_cap_and_not_after_it() -> None:
    taken = 0

    def chunks() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield b"x" * 1000

    with pytest.raises(BodyError) as caught:
        read_body(chunks(), {}, 10_000)
    assert (Outcome.TOO_LARGE, 11) == (caught.value.outcome, taken)


# Connections that were kept.


@pytest.mark.fault("N30")
@pytest.mark.parametrize(
    ("talk", "connections"),
    [
        (keeps(whole()), 1),
        (says(whole()), 3),
        (says(whole(HTML, b"Connection: close")), 3),
        (keeps(whole() + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\njunk"), 1),
        (keeps(whole() + b"junk" * 20_000), 3),
    ],
    ids=["kept", "closed after each", "closed and said so", "a second answer in the pipe", "much junk in the pipe"],
)
def test_n30_the_pool_recovers_from_what_a_server_does_to_kept_connections(talk: Talk, connections: int) -> None:
    with Wire(talk) as wire:
        asking = fetcher(wire.url())
        looks = [asking.look(page_at(wire.url())) for _ in range(3)]
        asking.close()
        assert connections == wire.connection_count
        assert 3 == len(wire.requests)
    assert [(Outcome.OK, HTML)] * 3 == [(look.observation.outcome, look.body) for look in looks]


@pytest.mark.fault("N30")
@pytest.mark.parametrize("resets", [False, True], ids=["closed", "reset"])
def test_n30_a_kept_connection_that_dies_under_the_next_request_is_no_failure_of_the_source(resets: bool) -> None:  # noqa: FBT001
    def talk(wire: Wire, connection: socket.socket) -> None:
        wire.hear(connection)
        connection.sendall(whole())
        says(resets=resets)(wire, connection)  # hears the next request, and goes without a byte

    with Wire(talk) as wire:
        asking = fetcher(wire.url())
        looks = [asking.look(page_at(wire.url())) for _ in range(3)]
        asking.close()
        # The second look meets the dead connection and asks anew; so does the third.
        assert (3, 5) == (wire.connection_count, len(wire.requests))
    assert [(Outcome.OK, HTML)] * 3 == [(look.observation.outcome, look.body) for look in looks]


# What the environment says.


@pytest.mark.fault("N32")
@pytest.mark.parametrize("is_trusted", [False, True], ids=["ignored", "asked for"])
def test_n32_proxies_are_used_only_where_that_is_asked_for_and_netrc_never(
    site: Site,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_trusted: bool,  # noqa: FBT001
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Wire(says(whole(b"from the proxy"))) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, proxy.url(""))
        url = site.serve("/page", page(HTML, Content_Type="text/html"))
        asking = fetcher(url, trusts_environment=is_trusted)
        look = asking.look(page_at(url))
        asking.close()
        told = b"".join(proxy.requests)
    assert look.body == (b"from the proxy" if is_trusted else HTML)
    assert bool(told) is is_trusted
    assert b"Authorization" not in told
    assert [] == [headers for headers in site.seen("/page") if "authorization" in headers]


@pytest.mark.fault("N32", "N03")
def test_n32_a_proxy_that_drips_meets_the_deadline_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Wire(DRIPS[0][2]) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url(""))
        asking = fetcher(
            "http://terms.example/",
            trusts_environment=True,
            limits=ENDLESS,
            gate=Gate(resolver=lambda *_: ["127.0.0.1"]),
        )
        look = asking.look(page_at("http://terms.example/"))
        asking.close()
    assert look.observation.outcome is Outcome.TIMEOUT


def _proxied(monkeypatch: pytest.MonkeyPatch, proxy: Wire, no_proxy: str = "") -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", proxy.url(""))
    monkeypatch.setenv("https_proxy", proxy.url(""))
    monkeypatch.setenv("no_proxy", no_proxy)


INSIDE = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://localhost/",
    "http://intranet/",
    "http://169.254.169.254/latest/meta-data/",
    "https://10.0.0.1/",
    "http://terms.example:6379/",
    "http://user@terms.example/",
    "file:///etc/passwd",
]


@pytest.mark.fault("N32", "S01", "S09")
@pytest.mark.parametrize("url", INSIDE)
def test_n32_a_proxy_is_asked_for_no_address_that_leads_inside_by_its_form(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    with Wire(says(whole())) as proxy:
        _proxied(monkeypatch, proxy)
        asking = fetcher(trusts_environment=True, gate=Gate(resolver=_only_the_proxy))
        look = asking.look(page_at(url))
        asking.close()
        assert (Outcome.ADDRESS_REFUSED, 0) == (look.observation.outcome, proxy.connection_count)


@pytest.mark.fault("N32", "S07")
def test_n32_nor_is_it_asked_for_one_where_a_page_behind_it_redirects_there(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = whole(b"", b"Location: http://169.254.169.254/", status=b"302 Found")
    with Wire(says(moved)) as proxy:
        _proxied(monkeypatch, proxy)
        asking = fetcher("http://terms.example/", trusts_environment=True, gate=Gate(resolver=_only_the_proxy))
        look = asking.look(page_at("http://terms.example/"))
        asking.close()
        assert (Outcome.ADDRESS_REFUSED, 1) == (look.observation.outcome, len(proxy.requests))


@pytest.mark.fault("N32")
def test_n32_a_proxy_resolves_the_names_that_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with Wire(says(whole(b"from the proxy"))) as proxy:
        _proxied(monkeypatch, proxy)
        asking = fetcher("http://terms.example/", trusts_environment=True, gate=Gate(resolver=_only_the_proxy))
        look = asking.look(page_at("http://terms.example/"))
        asking.close()
        assert (b"from the proxy", 1) == (look.body, proxy.connection_count)


@pytest.mark.fault("N32", "S03")
@pytest.mark.parametrize("no_proxy", ["terms.example", ".example", "*"])
def test_n32_a_host_that_is_asked_past_the_proxy_is_checked_by_where_it_leads(
    monkeypatch: pytest.MonkeyPatch, no_proxy: str
) -> None:
    with Wire(says(whole())) as proxy:
        _proxied(monkeypatch, proxy, no_proxy)
        gate = Gate(resolver=lambda *_: ["127.0.0.1"])
        asking = fetcher("http://terms.example/", trusts_environment=True, gate=gate)
        look = asking.look(page_at("http://terms.example/"))
        asking.close()
        assert (Outcome.ADDRESS_REFUSED, 0) == (look.observation.outcome, proxy.connection_count)
    assert "terms.example resolves to 127.0.0.1, which is in 127.0.0.0/8" == look.observation.detail


def _only_the_proxy(host: str, _port: int) -> list[str]:
    """Resolve the address of the proxy, and no name of a page."""
    if host != "127.0.0.1":
        raise AssertionError(host)
    return [host]


# Nothing is left behind.


def test_looks_leave_no_thread_and_no_open_file_behind() -> None:
    with Wire(says(whole())) as wire:
        look_at(wire.url())
        before = _threads_and_files()
        for _ in range(5):
            look_at(wire.url())
        wait_for(lambda: all(now <= then for now, then in zip(_threads_and_files(), before, strict=True)))


def _threads_and_files() -> tuple[int, int]:
    return threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))


def test_a_deadline_that_has_passed_ends_at_once_what_is_held_under_it() -> None:
    ended: list[str] = []
    with Deadline(PATIENCE) as deadline:
        deadline.hold(lambda: ended.append("first"))
        deadline.release()
        deadline.expire()
        assert [] == ended
        deadline.hold(lambda: ended.append("second"))
    assert ["second"] == ended
    assert deadline.is_expired


def test_robots_txt_rules_of_today_are_not_asked_for_again(site: Site) -> None:
    url = site.serve("/page", page(HTML))
    rules = allowed(url)
    asking = fetcher(robots=rules)
    asking.look(page_at(url))
    asking.close()
    assert [] == site.seen("/robots.txt")
    assert [Robots(origin=origin, fetched_at=NOW) for origin in rules] == list(rules.values())
