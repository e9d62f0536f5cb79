import gzip
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from scripted_site import Answer, Request, Site, page, raw

from pipeline.collect.archive import capture_id
from pipeline.collect.fetch import USER_AGENT, Limits, Look, fetch_all, fetch_source
from pipeline.declarations import Source
from pipeline.model import Moment, Observation, Outcome

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
SHORT = Limits(connect_seconds=0.5, read_seconds=0.3, total_seconds=5)
BODY = b'{"data": [{"name": "\xe2\x9c\x93"}]}'


def _source(url: str, **changes: object) -> Source:
    fields: dict[str, Any] = {
        "id": "a-feed",
        "gateway_id": "a-gateway",
        "title": "A feed",
        "terms_type": "gateway_feed",
        "format": "provider_feed",
        "url": url,
        "content_types": ["application/json", "text/html"],
        "rank": 1,
        "stale_after_days": 7,
        "envelope": {"min_rows": 1, "max_rows": 9},
    }
    return Source.model_validate(fields | changes)


def _fetch(source: Source, known: Observation | None = None, limits: Limits = SHORT) -> Look:
    return fetch_source(source, known, lambda: NOW, limits)


def _known(url: str, etag: str | None = None, last_modified: str | None = None) -> Observation:
    return Observation(
        source_id="a-feed",
        moment=Moment.instant(datetime(2026, 11, 1, tzinfo=UTC)),
        outcome=Outcome.OK,
        origin="fetch",
        url=url,
        capture_id=capture_id(BODY),
        etag=etag,
        last_modified=last_modified,
    )


def test_a_200_brings_the_bytes_as_they_came_and_the_facts(site: Site) -> None:
    url = site.serve("/feed", page(BODY, ETag='"v1"', Last_Modified="Mon, 02 Nov 2026 10:00:00 GMT"))
    look = _fetch(_source(url))
    assert look.observation.duration_ms is not None
    assert look == Look(
        body=BODY,
        observation=Observation(
            source_id="a-feed",
            moment=Moment.instant(NOW),
            outcome=Outcome.OK,
            origin="fetch",
            url=url,
            status=200,
            etag='"v1"',
            last_modified="Mon, 02 Nov 2026 10:00:00 GMT",
            content_type="application/json",
            size_bytes=len(BODY),
            duration_ms=look.observation.duration_ms,
        ),
    )


@pytest.mark.fault("R07")
def test_r07_a_request_names_project_and_contact_and_what_it_accepts(site: Site) -> None:
    _fetch(_source(site.serve("/feed", page(BODY))))
    headers = site.seen("/feed")[0]
    assert headers["user-agent"] == USER_AGENT
    assert USER_AGENT.startswith("provider-terms/")
    assert "+https://" in USER_AGENT
    assert headers["accept"] == "application/json, text/html"
    assert {"if-none-match", "if-modified-since"} & set(headers) == set()


@pytest.mark.fault("N28")
@pytest.mark.parametrize(
    ("etag", "last_modified"),
    [
        ('"plain"', None),
        ('W/"weak"', "Mon, 02 Nov 2026 10:00:00 GMT"),
        ('W/"a, b", "c"', None),
        ("unquoted", None),
        ('"caf\xe9"', None),
        (None, "Fri, 01 Jan 2100 00:00:00 GMT"),
        (None, "not a date"),
    ],
)
def test_n28_validators_are_kept_and_sent_back_verbatim(
    site: Site, etag: str | None, last_modified: str | None
) -> None:
    first = page(BODY, ETag=etag or "", Last_Modified=last_modified or "")
    source = _source(site.serve("/feed", first, page(status="304 Not Modified")))
    known = replace(_fetch(source).observation, capture_id=capture_id(BODY))
    assert (known.etag, known.last_modified) == (etag, last_modified)
    look = _fetch(source, known)
    sent = site.seen("/feed")[1]
    assert (sent.get("if-none-match"), sent.get("if-modified-since")) == (etag, last_modified)
    assert look.body is None
    found = look.observation
    assert (found.outcome, found.status, found.capture_id) == (Outcome.NOT_MODIFIED, 304, capture_id(BODY))
    assert (found.etag, found.last_modified) == (etag, last_modified)
    assert found.is_good


@pytest.mark.fault("N26")
@pytest.mark.parametrize("known_etag", [None, '"v1"'])
def test_n26_a_304_to_an_unconditional_request_confirms_nothing(site: Site, known_etag: str | None) -> None:
    url = site.serve("/feed", page(status="304 Not Modified"))
    known = None if known_etag is None else _known("https://elsewhere.example/feed", known_etag)
    found = _fetch(_source(url), known).observation
    assert (found.outcome, found.status, found.capture_id) == (Outcome.HTTP_ERROR, 304, None)
    assert found.detail == "HTTP 304 to a request without a condition"


@pytest.mark.fault("N26")
def test_n26_a_304_with_another_etag_is_asked_again_without_a_condition(site: Site) -> None:
    url = site.serve("/feed", page(status="304 Not Modified", ETag='"v2"'), page(BODY, ETag='"v2"'))
    look = _fetch(_source(url), _known(url, '"v1"'))
    assert (look.observation.outcome, look.observation.etag, look.body) == (Outcome.OK, '"v2"', BODY)
    assert [headers.get("if-none-match") for headers in site.seen("/feed")] == ['"v1"', None]


def test_a_304_with_the_weak_form_of_the_known_etag_confirms_it(site: Site) -> None:
    url = site.serve("/feed", page(status="304 Not Modified", ETag='W/"v1"'))
    found = _fetch(_source(url), _known(url, '"v1"')).observation
    assert (found.outcome, found.etag) == (Outcome.NOT_MODIFIED, '"v1"')


def test_validators_of_another_address_are_not_sent(site: Site) -> None:
    url = site.serve("/new", page(BODY))
    _fetch(_source(url), _known(site.url("/old"), '"v1"', "Mon, 02 Nov 2026 10:00:00 GMT"))
    assert {"if-none-match", "if-modified-since"} & set(site.seen("/new")[0]) == set()


def test_an_etag_on_two_lines_can_be_sent_back(site: Site) -> None:
    head = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nETag: "a"\r\n b\r\nContent-Length: 3\r\n\r\n'
    source = _source(site.serve("/feed", raw(head + b"[1]")))
    first = _fetch(source).observation
    assert (first.outcome, _fetch(source, first).observation.outcome) == (Outcome.OK, Outcome.OK)
    assert site.seen("/feed")[1]["if-none-match"] == '"a" b'


FAILURES: list[tuple[str, Answer, Outcome, str]] = [
    ("not found", page(b"gone", "404 Not Found"), Outcome.HTTP_ERROR, "HTTP 404"),
    ("gone", page(b"gone", "410 Gone"), Outcome.HTTP_ERROR, "HTTP 410"),
    ("server error", page(BODY, "500 Internal Server Error"), Outcome.HTTP_ERROR, "HTTP 500"),
    ("half an answer", page(BODY, "206 Partial Content"), Outcome.HTTP_ERROR, "HTTP 206"),
    ("a choice", page(BODY, "300 Multiple Choices"), Outcome.HTTP_ERROR, "HTTP 300"),
    ("redirect to nowhere", page(BODY, "302 Found"), Outcome.HTTP_ERROR, "HTTP 302"),
    (
        "wrong content type",
        page(b"%PDF-1.7", Content_Type="application/pdf"),
        Outcome.WRONG_CONTENT_TYPE,
        "expected application/json or text/html, got application/pdf",
    ),
    (
        "content type on two lines",
        page(BODY, Content_Type="text/plain;\r\n charset=utf-8"),
        Outcome.WRONG_CONTENT_TYPE,
        "expected application/json or text/html, got text/plain; charset=utf-8",
    ),
    ("empty body", page(b""), Outcome.EMPTY, "the body is empty"),
    ("blank body", page(b" \r\n\t"), Outcome.EMPTY, "the body is empty"),
    ("no content", raw(b"HTTP/1.1 204 No Content\r\n\r\n"), Outcome.EMPTY, "the body is empty"),
    ("too large", page(b"x" * 2001), Outcome.TOO_LARGE, "more than 2000 bytes"),
    (
        "too large once unpacked",
        page(gzip.compress(bytes(5_000_000)), Content_Encoding="gzip"),
        Outcome.TOO_LARGE,
        "more than 2000 bytes",
    ),
    (
        "shorter than its Content-Length",
        page(BODY, length=100),
        Outcome.CONNECTION_FAILED,
        f"IncompleteRead({len(BODY)} bytes read, {100 - len(BODY)} more expected)",
    ),
    (
        "chunked without the last chunk",
        page(b"3\r\n[1,\r\n", length=None, Content_Length="", Transfer_Encoding="chunked"),
        Outcome.CONNECTION_FAILED,
        "",
    ),
    ("no answer at all", raw(), Outcome.CONNECTION_FAILED, "Remote end closed connection without response"),
    ("no HTTP", raw(b"SSH-2.0-OpenSSH_9.2\r\n"), Outcome.CONNECTION_FAILED, "SSH-2.0-OpenSSH_9.2"),
    (
        "gzip that is none",
        page(BODY, Content_Encoding="gzip"),
        Outcome.CONNECTION_FAILED,
        "Error -3 while decompressing data: incorrect header check",
    ),
    (
        "redirect to a file",
        page(status="302 Found", Location="file:///etc/passwd"),
        Outcome.CONNECTION_FAILED,
        "No connection adapters were found for 'file:///etc/passwd'",
    ),
    ("redirect to half an address", page(status="302 Found", Location="http://[::1"), Outcome.CONNECTION_FAILED, ""),
    ("redirect to bytes", page(status="302 Found", Location="/\xff\xfe"), Outcome.CONNECTION_FAILED, ""),
    (
        "redirect to itself",
        page(status="302 Found", Location="?again"),
        Outcome.CONNECTION_FAILED,
        "",
    ),
]


@pytest.mark.fault("N06", "N07", "N14", "N17", "N23", "N24", "C19")
@pytest.mark.parametrize(
    ("answer", "outcome", "detail"), [case[1:] for case in FAILURES], ids=[case[0] for case in FAILURES]
)
def test_a_failure_is_an_outcome_with_one_line_and_no_bytes(
    site: Site, answer: Answer, outcome: Outcome, detail: str
) -> None:
    url = site.serve("/feed", answer)
    site.serve("/feed?again", answer)
    look = _fetch(_source(url, max_bytes=2000))
    found = look.observation
    assert (found.outcome, look.body, found.capture_id, found.is_good) == (outcome, None, None, False)
    assert found.detail == (detail or found.detail)
    assert found.detail
    assert found.detail.splitlines() == [found.detail]
    assert len(found.detail) <= 200


def test_a_body_of_exactly_max_bytes_is_not_too_large(site: Site) -> None:
    look = _fetch(_source(site.serve("/feed", page(b"x" * 2000)), max_bytes=2000))
    assert (look.observation.outcome, look.observation.size_bytes) == (Outcome.OK, 2000)


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON ;x", "text/html", ""])
def test_a_content_type_is_compared_without_its_parameters_and_case(site: Site, content_type: str) -> None:
    look = _fetch(_source(site.serve("/feed", page(BODY, Content_Type=content_type))))
    assert (look.observation.outcome, look.body) == (Outcome.OK, BODY)


def test_a_truncated_body_tells_where_it_came_from(site: Site) -> None:
    site.serve("/feed", page(status="301 Moved Permanently", Location="/moved"))
    site.serve("/moved", page(BODY, length=100))
    found = _fetch(_source(site.url("/feed"))).observation
    assert (found.outcome, found.status, found.url) == (Outcome.CONNECTION_FAILED, 200, site.url("/moved"))


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SLOW: list[tuple[str, Answer]] = [
    ("silent at once", raw(holds=True)),
    ("silent in the headers", raw(HEAD, holds=True)),
    ("silent in the body", raw(HEAD + b"Content-Length: 100\r\n\r\n[1, ", holds=True)),
    ("silent in a chunk", raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n64\r\n[1, ", holds=True)),
]


@pytest.mark.fault("N05")
@pytest.mark.parametrize("answer", [case[1] for case in SLOW], ids=[case[0] for case in SLOW])
def test_n05_a_silent_server_is_a_timeout(site: Site, answer: Answer) -> None:
    started = time.monotonic()
    look = _fetch(_source(site.serve("/feed", answer)))
    assert (look.observation.outcome, look.observation.detail) == (Outcome.TIMEOUT, "no answer in time")
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (raw(holds=True), Outcome.TIMEOUT),
        (raw(b"\x16\x03\x03\x3f\xff", *[b"\2"] * 200, pause=0.05), Outcome.TIMEOUT),
        (page(BODY), Outcome.CONNECTION_FAILED),
    ],
    ids=["silent", "dripping", "no TLS"],
)
def test_a_handshake_that_never_ends_is_an_outcome(answer: Answer, outcome: Outcome) -> None:
    with Site(answers_at_once=answer) as site:
        url = site.url("/feed").replace("http:", "https:")
        found = _fetch(_source(url), limits=replace(SHORT, total_seconds=0.4)).observation
    assert (found.outcome, bool(found.detail)) == (outcome, True)


DRIPS: list[tuple[str, Answer]] = [
    ("status line", raw(*[b"H"] * 200, pause=0.05)),
    ("headers", raw(b"HTTP/1.1 200 OK\r\nX: ", *[b"x"] * 200, pause=0.05)),
    ("body with a length", raw(HEAD + b"Content-Length: 200\r\n\r\n", *[b"x"] * 200, pause=0.05)),
    ("body without a length", raw(HEAD + b"\r\n", *[b"x"] * 200, pause=0.05)),
    ("chunks", raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 200, pause=0.05)),
]


@pytest.mark.fault("N03", "N04")
@pytest.mark.parametrize("answer", [case[1] for case in DRIPS], ids=[case[0] for case in DRIPS])
def test_n03_n04_a_dripping_server_hits_the_deadline(site: Site, answer: Answer) -> None:
    limits = replace(SHORT, total_seconds=0.4)
    started = time.monotonic()
    look = _fetch(_source(site.serve("/feed", answer)), limits=limits)
    assert (look.observation.outcome, look.observation.detail) == (Outcome.TIMEOUT, "not whole after 0.4 s")
    assert look.body is None
    assert 0.4 <= time.monotonic() - started < 2


def test_the_body_of_a_redirect_is_not_read(site: Site) -> None:
    site.serve("/old", raw(b"HTTP/1.1 302 Found\r\nLocation: /feed\r\n\r\n", *[b"x"] * 200, pause=0.05))
    site.serve("/feed", page(BODY))
    started = time.monotonic()
    assert _fetch(_source(site.url("/old"))).observation.outcome is Outcome.OK
    assert time.monotonic() - started < 2


@pytest.mark.fault("C12")
@pytest.mark.parametrize("location", ["/guides/logging", "guides/logging", "../guides/logging"])
def test_c12_a_redirect_is_followed_and_the_final_address_recorded(site: Site, location: str) -> None:
    site.serve("/feed", page(status="301 Moved Permanently", Location=location))
    moved = site.serve("/guides/logging", page(BODY, ETag='"v1"'), page(status="304 Not Modified"))
    source = _source(site.url("/feed"))
    look = _fetch(source)
    assert (look.observation.outcome, look.observation.status, look.observation.url) == (Outcome.OK, 200, moved)
    again = _fetch(source, replace(look.observation, capture_id=capture_id(BODY))).observation
    assert (again.outcome, again.url) == (Outcome.NOT_MODIFIED, moved)
    assert [headers.get("if-none-match") for headers in site.seen("/feed")] == [None, None]


@pytest.mark.fault("N02")
def test_n02_a_refused_connection_is_an_outcome() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    found = _fetch(_source(f"http://127.0.0.1:{port}/feed")).observation
    assert (found.outcome, found.detail) == (Outcome.CONNECTION_FAILED, "[Errno 111] Connection refused")


@pytest.mark.parametrize("url", ["http://[::1", "http://.", "http://a..b/", "http://" + "a" * 70 + "/"])
def test_an_address_that_cannot_be_asked_is_an_outcome(url: str) -> None:
    source = _source("http://127.0.0.1/").model_copy(update={"url": url})
    found = _fetch(source).observation
    assert (found.outcome, bool(found.detail)) == (Outcome.CONNECTION_FAILED, True)


@pytest.mark.fault("N32")
def test_n32_proxies_and_netrc_of_the_environment_are_ignored(
    site: Site, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    look = _fetch(_source(site.serve("/feed", page(BODY))))
    assert look.observation.outcome is Outcome.OK
    assert "authorization" not in site.seen("/feed")[0]


def test_a_cookie_is_not_carried_from_one_look_to_the_next(site: Site) -> None:
    source = _source(site.serve("/feed", page(BODY, Set_Cookie="a=b")))
    _fetch(source)
    _fetch(source)
    assert ["cookie" in headers for headers in site.seen("/feed")] == [False, False]


def test_looks_come_in_the_order_of_the_sources_and_one_failure_touches_no_other(site: Site) -> None:
    def wait_a_little(_: Request) -> Answer:
        return raw(HEAD + b"Content-Length: 3\r\n\r\n", b"[1]", pause=0.2)

    site.serve("/slow", wait_a_little)
    site.serve("/bad", page(status="302 Found", Location="http://[::1"))
    site.serve("/fast", page(BODY))
    sources = [_source(site.url(f"/{name}"), id=name) for name in ("slow", "bad", "fast")]
    known = {"fast": replace(_known(site.url("/fast"), '"v1"'), source_id="fast")}
    looks = [look.observation for look in fetch_all(sources, known, lambda: NOW, SHORT)]
    assert [(look.source_id, look.outcome) for look in looks] == [
        ("slow", Outcome.OK),
        ("bad", Outcome.CONNECTION_FAILED),
        ("fast", Outcome.OK),
    ]
    assert site.seen("/fast")[0]["if-none-match"] == '"v1"'
    assert site.seen("/slow")[0].get("if-none-match") is None


def test_the_clock_that_is_passed_in_dates_the_look(site: Site) -> None:
    ticks: list[datetime] = []

    def now() -> datetime:
        ticks.append(NOW)
        return NOW

    look = fetch_source(_source(site.serve("/feed", page(BODY))), None, now, SHORT)
    assert (look.observation.moment, ticks) == (Moment.instant(NOW), [NOW])
