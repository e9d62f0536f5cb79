"""What a server says: redirects, refusals, validators, and when to come again."""

from dataclasses import replace

import pytest
from network_site import HTML, NOW, fetcher, known_at, look_at, page_at
from scripted_site import Answer, Request, Site, page, raw

from pipeline.collect.headers import fresh_seconds, retry_after_seconds, user_agent
from pipeline.model import Outcome

ETAG = '"v1"'


def _page(body: bytes = HTML, status: str = "200 OK", **headers: str) -> Answer:
    return page(body, status, length=None, **({"Content_Type": "text/html"} | headers))


def _to(location: str) -> Answer:
    return page(b"", "302 Found", Location=location)


# Redirects.


@pytest.mark.fault("N14")
def test_n14_two_pages_that_lead_to_each_other_end_at_the_limit_with_the_chain_recorded(site: Site) -> None:
    here, there = site.serve("/a", _to("/b")), site.serve("/b", _to("/a"))
    found = look_at(here).observation
    assert (Outcome.TOO_MANY_REDIRECTS, "more than 5 redirects", 302) == (found.outcome, found.detail, found.status)
    assert (here, there) * 3 == found.redirects
    assert 6 == len(site.requests)


@pytest.mark.fault("N14")
@pytest.mark.parametrize(
    ("hops", "outcome"), [(5, Outcome.OK), (6, Outcome.TOO_MANY_REDIRECTS), (31, Outcome.TOO_MANY_REDIRECTS)]
)
def test_n14_five_redirects_are_followed_and_a_sixth_is_not(site: Site, hops: int, outcome: Outcome) -> None:
    for number in range(hops):
        site.serve(f"/{number}", _to(f"/{number + 1}"))
    site.serve(f"/{hops}", _page())
    found = look_at(site.url("/0")).observation
    assert outcome is found.outcome
    assert tuple(site.url(f"/{number}") for number in range(min(hops, 6))) == found.redirects
    assert 6 == len(site.requests)


@pytest.mark.fault("N14")
def test_n14_a_page_that_leads_to_itself_with_a_new_query_each_time_ends_at_the_limit(site: Site) -> None:
    for number in range(9):
        site.serve("/p" + (f"?{number}" if number else ""), _to(f"?{number + 1}"))
    found = look_at(site.url("/p")).observation
    assert Outcome.TOO_MANY_REDIRECTS is found.outcome
    assert site.url("/p?5") == found.redirects[-1]
    assert 6 == len(site.requests)


@pytest.mark.fault("N16")
@pytest.mark.parametrize(
    ("hosts", "outcome"),
    [((), Outcome.OK), (("localhost",), Outcome.OK), (("terms.example",), Outcome.REDIRECT_REFUSED)],
    ids=["none declared", "declared", "another declared"],
)
def test_n16_a_redirect_to_another_host_is_recorded_or_refused_by_declaration(
    site: Site, hosts: tuple[str, ...], outcome: Outcome
) -> None:
    there = site.serve("/there", _page()).replace("127.0.0.1", "localhost")
    here = site.serve("/here", _to(there))
    asking = fetcher(here, there)
    found = asking.look(page_at(here, hosts=hosts)).observation
    asking.close()
    assert (outcome, there, (here,)) == (found.outcome, found.url, found.redirects)
    assert len(site.seen("/there")) == (outcome is Outcome.OK)


@pytest.mark.fault("N16")
def test_n16_validators_of_one_address_are_not_sent_to_another(site: Site) -> None:
    there = site.serve("/there", _page()).replace("127.0.0.1", "localhost")
    here = site.serve("/here", _to(there))
    asking = fetcher(here, there)
    looks = [asking.look(page_at(here), known_at(url, ETAG)).observation.outcome for url in (here, there)]
    asking.close()
    assert [Outcome.OK] * 2 == looks
    assert [ETAG, None] == [headers.get("if-none-match") for headers in site.seen("/here")]
    assert [None, ETAG] == [headers.get("if-none-match") for headers in site.seen("/there")]


@pytest.mark.fault("N17")
@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/html,x", "gopher://127.0.0.1/x", "JavaScript:x"]
)
def test_n17_a_redirect_to_what_is_no_web_page_is_refused(site: Site, location: str) -> None:
    here = site.serve("/here", _to(location))
    look = look_at(here)
    found = look.observation
    assert (Outcome.ADDRESS_REFUSED, None, (here,)) == (found.outcome, look.body, found.redirects)
    assert "only http and https are asked" in (found.detail or "")
    assert 1 == len(site.requests)


LOCATIONS: list[tuple[str, str, Outcome, str]] = [
    ("relative", "next", Outcome.OK, "/a/next"),
    ("from above", "../next", Outcome.OK, "/next"),
    ("beyond the root", "../../../next", Outcome.OK, "/next"),
    ("query only", "?x=y", Outcome.OK, "/a/here?x=y"),
    ("without a scheme", "//{place}/next", Outcome.OK, "/next"),
    ("in capitals", "HTTP://{place}/next", Outcome.OK, "/next"),
    ("with a fragment", "/next#part", Outcome.OK, "/next"),
    ("empty", "", Outcome.HTTP_ERROR, ""),
    ("beyond ASCII", "/n\xe9xt", Outcome.REDIRECT_REFUSED, ""),
    ("bytes", "/\xff\xfe", Outcome.REDIRECT_REFUSED, ""),
    ("with backslashes", "\\\\{place}\\next", Outcome.REDIRECT_REFUSED, ""),
    ("with a backslash before the host", "http:\\\\{place}/next", Outcome.REDIRECT_REFUSED, ""),
    ("with a tab", "/ne\txt", Outcome.REDIRECT_REFUSED, ""),
    ("on two lines", "/ne\r\n xt", Outcome.ADDRESS_REFUSED, ""),
    ("with a space", "/ne xt", Outcome.ADDRESS_REFUSED, ""),
    ("half an address", "http://[::1", Outcome.REDIRECT_REFUSED, ""),
    ("with a user", "http://a:b@{place}/next", Outcome.ADDRESS_REFUSED, ""),
    ("with a port that is none", "http://127.0.0.1:x/", Outcome.ADDRESS_REFUSED, ""),
    ("without a host", "http:///next", Outcome.REDIRECT_REFUSED, ""),
    ("without scheme and host", "///next", Outcome.REDIRECT_REFUSED, ""),
]


@pytest.mark.fault("N18")
@pytest.mark.parametrize(
    ("location", "outcome", "path"), [case[1:] for case in LOCATIONS], ids=[case[0] for case in LOCATIONS]
)
def test_n18_a_location_is_read_in_one_way_or_refused(site: Site, location: str, outcome: Outcome, path: str) -> None:
    for served in ("/a/next", "/next", "/a/here?x=y"):
        site.serve(served, _page())
    place = site.url("").removeprefix("http://")
    head = f"HTTP/1.1 302 Found\r\nLocation: {location.format(place=place)}\r\nContent-Length: 0\r\n\r\n"
    look = look_at(site.serve("/a/here", raw(head.encode("latin-1"))))
    assert outcome is look.observation.outcome
    assert (outcome is not Outcome.OK) is bool(look.observation.detail)
    assert ["/a/here", *([path] if path else [])] == [request.path for request in site.requests]


# Refusals.

REFUSALS: list[tuple[str, Answer, Outcome, str, bool]] = [
    ("N20", _page(status="429 Too Many Requests"), Outcome.RATE_LIMITED, "HTTP 429", True),
    ("N21", _page(status="503 Service Unavailable"), Outcome.SERVER_ERROR, "HTTP 503", True),
    ("N22", _page(status="403 Forbidden"), Outcome.BLOCKED, "HTTP 403", False),
    ("N22", _page(status="406 Not Acceptable"), Outcome.BLOCKED, "HTTP 406", False),
    ("N22", _page(status="451 Unavailable For Legal Reasons"), Outcome.BLOCKED, "HTTP 451", False),
    ("N23", _page(status="404 Not Found"), Outcome.NOT_FOUND, "HTTP 404", False),
    ("N23", _page(status="410 Gone"), Outcome.GONE, "HTTP 410", False),
    ("N24", _page(b""), Outcome.EMPTY, "the body is empty", False),
    ("N24", raw(b"HTTP/1.1 204 No Content\r\n\r\n"), Outcome.EMPTY, "HTTP 204", False),
    ("N24", _page(status="206 Partial Content"), Outcome.TRUNCATED, "HTTP 206", False),
]


@pytest.mark.fault("N20", "N21", "N22", "N23", "N24")
@pytest.mark.parametrize(
    ("answer", "outcome", "detail", "is_transient"),
    [case[1:] for case in REFUSALS],
    ids=[f"{case[0]} {case[3]}" for case in REFUSALS],
)
def test_n23_n24_an_answer_that_says_no_is_asked_for_once_and_brings_no_bytes(
    site: Site,
    answer: Answer,
    outcome: Outcome,
    detail: str,
    is_transient: bool,  # noqa: FBT001
) -> None:
    look = look_at(site.serve("/page", answer), known_at(site.url("/page"), ETAG))
    assert (outcome, detail) == (look.observation.outcome, look.observation.detail)
    assert (is_transient, None, False) == (look.is_transient, look.body, look.observation.is_good)
    assert 1 == len(site.seen("/page"))


@pytest.mark.fault("N20")
@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("5", 5),
        ("0", 0),
        ("999999", 999_999),
        ("99999999999", 99_999_999_999),
        ("Tue, 03 Nov 2026 12:00:30 GMT", 30),
        ("Tue Nov  3 12:00:30 2026", 30),
        ("Sun, 01 Nov 2026 00:00:00 GMT", 0),
        ("abc", None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("5 seconds", None),
        ("Tue, 03 Nov 99999999999999999999 12:00:30 GMT", None),
    ],
)
def test_n20_retry_after_is_read_as_seconds_or_a_date_and_nonsense_as_nothing(
    given: str, seconds: float | None
) -> None:
    assert seconds == retry_after_seconds({"Retry-After": given}, NOW)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache-Control": "max-age=600"}, 600),
        ({"Cache-Control": "public, Max-Age = 600"}, 600),
        ({"Cache-Control": 'max-age="600"'}, 600),
        ({"Cache-Control": "max-age=600", "Age": "100"}, 500),
        ({"Cache-Control": "max-age=600", "Age": "900"}, 0),
        ({"Cache-Control": "max-age=600", "Age": "old"}, 600),
        ({"Cache-Control": "max-age=31536000"}, 7 * 86_400),
        ({"Cache-Control": "no-cache, max-age=600"}, None),
        ({"Cache-Control": "max-age=600, no-store"}, None),
        ({"Cache-Control": "s-maxage=600"}, None),
        ({"Cache-Control": "max-age=soon"}, None),
    ],
)
def test_how_long_an_answer_stays_fresh(headers: dict[str, str], seconds: int | None) -> None:
    assert seconds == fresh_seconds(headers)


# Validators.


@pytest.mark.fault("N26")
def test_n26_a_304_with_another_etag_is_asked_once_more_and_not_twice(site: Site) -> None:
    url = site.serve("/page", page(status="304 Not Modified", ETag='"v2"'))
    look = look_at(url, known_at(url, ETAG))
    assert (Outcome.PROTOCOL_ERROR, None) == (look.observation.outcome, look.observation.capture_id)
    assert [ETAG, None] == [headers.get("if-none-match") for headers in site.seen("/page")]


@pytest.mark.fault("N27")
@pytest.mark.parametrize(("etag", "body"), [(ETAG, b"<p>New.</p>"), ('"v2"', HTML)], ids=["same tag", "same body"])
def test_n27_a_200_brings_its_bytes_whatever_its_etag_says(site: Site, etag: str, body: bytes) -> None:
    url = site.serve("/page", _page(body, ETag=etag))
    look = look_at(url, known_at(url, ETAG))
    assert (Outcome.OK, etag, body) == (look.observation.outcome, look.observation.etag, look.body)


@pytest.mark.fault("N28")
@pytest.mark.parametrize("etag", ["\xa0odd", '"a"\x0b', '"\x85"'])
def test_n28_an_etag_that_no_request_can_carry_does_not_end_the_looks_at_its_page(site: Site, etag: str) -> None:
    url = site.serve("/page", _page(ETag=etag))
    first = look_at(url).observation
    again = look_at(url, replace(first, capture_id="0" * 64))
    assert [Outcome.OK] * 2 == [first.outcome, again.observation.outcome]


@pytest.mark.fault("N29")
def test_n29_a_page_that_varies_is_asked_for_in_the_same_words_every_time(site: Site) -> None:
    def by_language(request: Request) -> Answer:
        return _page(request.headers["accept-language"].encode() + b" " + request.headers["user-agent"].encode())

    url = site.serve("/page", by_language)
    bodies = {look_at(url).body for _ in range(3)}
    assert 1 == len(bodies)


@pytest.mark.fault("N29")
@pytest.mark.parametrize("vary", [None, "Accept-Language, User-Agent", "*"])
def test_n29_what_was_asked_with_and_what_the_answer_varies_by_are_recorded_with_its_capture(
    site: Site, vary: str | None
) -> None:
    site.serve("/old", page(status="302 Found", Location="/page", Vary="Cookie"))
    url = site.serve("/page", _page(Vary=vary or ""))
    asking = fetcher(site.url("/"), contact="bot@catalog.example")
    seen = asking.look(page_at(site.url("/old"), content_types=("text/html", "text/plain"))).observation
    asking.close()
    (sent,) = site.seen("/page")
    assert (url, vary) == (seen.url, seen.vary)
    assert seen.asked_with == (
        "Accept: text/html, text/plain",
        "Accept-Encoding: gzip, deflate",
        "Accept-Language: en",
        f"User-Agent: {user_agent('bot@catalog.example')}",
    )
    assert set(seen.asked_with) <= {f"{name.title()}: {value}" for name, value in sent.items()}


@pytest.mark.fault("N29")
def test_n29_a_look_that_brings_no_bytes_records_nothing_of_that(site: Site) -> None:
    url = site.serve("/page", page(status="404 Not Found", Vary="Cookie"))
    seen = look_at(url).observation
    assert (None, ()) == (seen.vary, seen.asked_with)
