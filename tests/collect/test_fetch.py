import gzip
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import pytest
from network_site import ENDLESS, PATIENT, SILENT
from scripted_site import Answer, Request, Site, page, raw

from pipeline.collect.addresses import Gate
from pipeline.collect.answer import Look
from pipeline.collect.archive import capture_id
from pipeline.collect.fetch import Fetcher, Limits, Page
from pipeline.collect.headers import user_agent
from pipeline.collect.schedule import fetch_all
from pipeline.declarations import Source
from pipeline.model import Moment, Observation, Outcome

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
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


def _fetcher(limits: Limits = PATIENT, **options: Any) -> Fetcher:  # noqa: ANN401
    return Fetcher(
        **{"now": lambda: NOW, "gate": Gate(allows_private=True), "pause_seconds": 0, **options}, limits=limits
    )


def _fetch(source: Source, known: Observation | None = None, limits: Limits = PATIENT, **options: Any) -> Look:  # noqa: ANN401
    asking = _fetcher(limits, **options)
    try:
        return asking.look(Page.of(source), known)
    finally:
        asking.close()


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
            asked_with=look.observation.asked_with,
            size_bytes=len(BODY),
            duration_ms=look.observation.duration_ms,
        ),
    )


@pytest.mark.fault("R07")
def test_r07_a_request_names_project_and_contact_and_what_it_accepts(site: Site) -> None:
    contact = "https://catalog.example/bot"
    _fetch(_source(site.serve("/feed", page(BODY))), contact=contact)
    headers = site.seen("/feed")[0]
    assert {
        "host": site.url("").removeprefix("http://"),
        "user-agent": user_agent(contact),
        "accept": "application/json, text/html",
        "accept-language": "en",
        "accept-encoding": "gzip, deflate",
    } == headers
    assert user_agent(contact) == f"provider-terms/{version('provider-terms')} ({contact})"
    assert user_agent(None).endswith("; contact not set)")


@pytest.mark.fault("R07", "N29")
def test_r07_n29_every_request_of_a_run_names_itself_alike_and_asks_for_the_same_language(site: Site) -> None:
    site.serve("/robots.txt", page(b"", Content_Type="text/plain"))
    site.serve("/old", page(status="302 Found", Location="/feed"))
    url = site.serve("/feed", page(BODY, ETag='"v1"', Vary="Accept-Language, User-Agent"))
    asking = _fetcher(contact="bot@catalog.example")
    looks = [asking.look(Page.of(_source(one)), _known(url, '"v1"')) for one in (url, site.url("/old"), url)]
    asking.close()
    assert [Outcome.OK] * 3 == [look.observation.outcome for look in looks]
    assert ["/robots.txt", "/feed", "/old", "/feed", "/feed"] == [request.path for request in site.requests]
    fixed = [
        tuple(request.headers[name] for name in ("user-agent", "accept-language", "accept-encoding"))
        for request in site.requests
    ]
    assert [(user_agent("bot@catalog.example"), "en", "gzip, deflate")] * 5 == fixed


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
@pytest.mark.parametrize("known_etag", [None, "", '"v1"'], ids=["nothing known", "no validator", "of elsewhere"])
def test_n26_a_304_to_an_unconditional_request_confirms_nothing(site: Site, known_etag: str | None) -> None:
    url = site.serve("/feed", page(status="304 Not Modified"))
    known = None if known_etag is None else _known("https://elsewhere.example/feed" if known_etag else url, known_etag)
    found = _fetch(_source(url), known).observation
    assert (found.outcome, found.status, found.capture_id) == (Outcome.PROTOCOL_ERROR, 304, None)
    assert found.detail == "304 to a request without a condition"


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
    ("unauthorized", page(b"no", "401 Unauthorized"), Outcome.BLOCKED, "HTTP 401"),
    ("server error", page(BODY, "500 Internal Server Error"), Outcome.SERVER_ERROR, "HTTP 500"),
    ("a choice", page(BODY, "300 Multiple Choices"), Outcome.HTTP_ERROR, "HTTP 300"),
    (
        "redirect to nowhere",
        page(BODY, "302 Found"),
        Outcome.HTTP_ERROR,
        "a redirect that does not say where to",
    ),
    (
        "wrong content type",
        page(b"%PDF-1.7", Content_Type="application/pdf"),
        Outcome.WRONG_CONTENT_TYPE,
        "expected application/json or text/html, got application/pdf",
    ),
    ("blank body", page(b" \r\n\t"), Outcome.EMPTY, "the body is empty"),
    ("too large", page(b"x" * 2001), Outcome.TOO_LARGE, "more than 2000 bytes"),
    (
        "too large once unpacked",
        page(gzip.compress(bytes(100_000)), Content_Encoding="gzip"),
        Outcome.TOO_LARGE,
        "more than 2000 bytes when decoded",
    ),
    ("no answer at all", raw(), Outcome.CONNECTION_RESET, "Remote end closed connection without response"),
]


@pytest.mark.fault("C19")
@pytest.mark.parametrize(
    ("answer", "outcome", "detail"), [case[1:] for case in FAILURES], ids=[case[0] for case in FAILURES]
)
def test_a_failure_is_an_outcome_with_one_line_and_no_bytes(
    site: Site, answer: Answer, outcome: Outcome, detail: str
) -> None:
    url = site.serve("/feed", answer)
    look = _fetch(_source(url, max_bytes=2000))
    found = look.observation
    assert (outcome, detail) == (found.outcome, found.detail)
    assert (None, None, False) == (look.body, found.capture_id, found.is_good)


@pytest.mark.fault("C01", "C19")
@pytest.mark.parametrize("kind", ["text/plain", "text/plain;\r\n charset=utf-8", "Application/XHTML+xml"])
def test_prose_of_another_type_than_asked_for_is_refused_and_kept_to_tell_what_it_is(site: Site, kind: str) -> None:
    look = _fetch(_source(site.serve("/feed", page(BODY, Content_Type=kind))))
    assert (Outcome.WRONG_CONTENT_TYPE, BODY) == (look.observation.outcome, look.body)
    assert f"got {kind.partition(';')[0].lower()}" in (look.observation.detail or "")
    assert not look.observation.is_good


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
    assert (found.outcome, found.status, found.url) == (Outcome.TRUNCATED, 200, site.url("/moved"))


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
    look = _fetch(_source(site.serve("/feed", answer)), limits=SILENT)
    assert (look.observation.outcome, look.is_transient) == (Outcome.TIMEOUT, True)
    assert "not whole by its deadline" != look.observation.detail


@pytest.mark.parametrize(
    ("answer", "limits", "outcome"),
    [
        (raw(holds=True), SILENT, Outcome.TIMEOUT),
        (raw(b"\x16\x03\x03\x3f\xff", *[b"\2"] * 200, pause=0.05), ENDLESS, Outcome.TIMEOUT),
        (page(BODY), PATIENT, Outcome.SSL_INVALID),
        (raw(), PATIENT, Outcome.CONNECTION_RESET),
    ],
    ids=["silent", "dripping", "no TLS", "closed"],
)
def test_a_handshake_that_never_ends_is_an_outcome(answer: Answer, limits: Limits, outcome: Outcome) -> None:
    with Site(answers_at_once=answer) as site:
        url = site.url("/feed").replace("http:", "https:")
        found = _fetch(_source(url), limits=limits).observation
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
    look = _fetch(_source(site.serve("/feed", answer)), limits=ENDLESS)
    assert (look.observation.outcome, look.observation.detail) == (Outcome.TIMEOUT, "not whole by its deadline")
    assert look.body is None


def test_the_body_of_a_redirect_is_not_read(site: Site) -> None:
    site.serve("/old", raw(b"HTTP/1.1 302 Found\r\nLocation: /feed\r\n\r\n", *[b"x"] * 999, pause=0.05))
    site.serve("/feed", page(BODY))
    assert _fetch(_source(site.url("/old"))).observation.outcome is Outcome.OK


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


@pytest.mark.parametrize(
    ("url", "outcome"),
    [
        ("http://[::1", Outcome.ADDRESS_REFUSED),
        ("http://.", Outcome.ADDRESS_REFUSED),
        ("http://a..b/", Outcome.ADDRESS_REFUSED),
        ("http://" + "a" * 70 + "/", Outcome.ADDRESS_REFUSED),
        ("nothing", Outcome.ADDRESS_REFUSED),
    ],
)
def test_an_address_that_cannot_be_asked_is_an_outcome(url: str, outcome: Outcome) -> None:
    source = _source("http://127.0.0.1/").model_copy(update={"url": url})
    found = _fetch(source).observation
    assert (outcome, True) == (found.outcome, bool(found.detail))


def test_a_cookie_is_not_carried_from_one_look_to_the_next(site: Site) -> None:
    source = _source(site.serve("/feed", page(BODY, Set_Cookie="a=b")))
    _fetch(source)
    _fetch(source)
    assert ["cookie" in headers for headers in site.seen("/feed")] == [False, False]


def test_every_source_has_its_look_and_one_failure_touches_no_other(site: Site) -> None:
    def wait_a_little(_: Request) -> Answer:
        return raw(HEAD + b"Content-Length: 3\r\n\r\n", b"[1]", pause=0.2)

    site.serve("/slow", wait_a_little)
    site.serve("/bad", page(status="302 Found", Location="http://[::1"))
    site.serve("/fast", page(BODY))
    pages = [Page.of(_source(site.url(f"/{name}"), id=name)) for name in ("slow", "bad", "fast")]
    known = {"fast": replace(_known(site.url("/fast"), '"v1"'), source_id="fast")}
    asking = _fetcher()
    looks = [look.observation for look in fetch_all(pages, known, asking)]
    asking.close()
    assert {
        "slow": Outcome.OK,
        "bad": Outcome.REDIRECT_REFUSED,
        "fast": Outcome.OK,
    } == {look.source_id: look.outcome for look in looks}
    assert len(looks) == 3
    assert site.seen("/fast")[0]["if-none-match"] == '"v1"'
    assert site.seen("/slow")[0].get("if-none-match") is None


def test_the_clock_that_is_passed_in_dates_the_look(site: Site) -> None:
    look = _fetch(_source(site.serve("/feed", page(BODY))), now=lambda: NOW.replace(year=2031))
    assert look.observation.moment == Moment.instant(NOW.replace(year=2031))
