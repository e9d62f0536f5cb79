"""A webhook is told over a real connection: what counts as told, what is tried again, and what gives nothing away."""

import logging
import socket
import ssl
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import trustme
from network_site import Wire, whole
from patience import PATIENCE
from scripted_site import Answer, Site, page, raw

from pipeline.collect.addresses import Gate
from pipeline.collect.webhook import Patience, Webhook
from pipeline.errors import DeliveryError, UsageError

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
SECRET = "T000-secret"  # noqa: S105 - of nobody
KEEN = Patience(answer=PATIENCE, pause=0.01, most=1, tries=3)
NO_BYTE = raw(b"", holds=True)


def webhook(url: str, **other: object) -> Webhook:
    hook = Webhook(url=url, now=lambda: NOW, gate=Gate(allows_private=True), patience=KEEN)
    return replace(hook, **other)  # type: ignore[arg-type]


@pytest.fixture
def url(site: Site) -> str:
    return site.url(f"/{SECRET}?token={SECRET}")


def script(site: Site, *answers: Answer) -> None:
    site.serve(f"/{SECRET}?token={SECRET}", *answers)


def refusal(url: str, **other: object) -> str:
    """Return why a message was not taken, after looking that it gives nothing away."""
    with pytest.raises(DeliveryError) as caught:
        webhook(url, **other).post(b"{}")
    assert SECRET not in "".join(traceback.format_exception(caught.value))  # which --debug shows
    return str(caught.value)


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted", "204 No Content"])
def test_a_message_that_was_answered_with_a_2xx_is_told(site: Site, url: str, status: str) -> None:
    script(site, page(status=status))
    webhook(url, contact="me@x.test").post(b'{"a": 1}')
    (request,) = site.requests
    assert ("POST", b'{"a": 1}', "application/json") == (request.method, request.body, request.headers["content-type"])
    assert "me@x.test" in request.headers["user-agent"]
    assert {"cookie", "authorization"}.isdisjoint(request.headers)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (page(status="500 Internal Server Error"), "in 3 tries: HTTP 500"),
        (page(status="503 Service Unavailable", Retry_After="0"), "in 3 tries: HTTP 503, asks to wait 0 s"),
        (page(status="429 Too Many Requests"), "in 3 tries: HTTP 429"),
        (raw(b""), "in 3 tries: Remote end closed connection without response"),
        (raw(b"HTTP/1.1 500 Oh no\r\nContent-Le"), "in 3 tries: HTTP 500"),
    ],
    ids=["500", "503", "429", "no answer", "half a header"],
)
def test_trouble_that_may_pass_is_tried_so_often_and_no_more(site: Site, url: str, answer: Answer, why: str) -> None:
    script(site, answer)
    assert why in refusal(url)
    assert 3 == len(site.requests)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (page(status="302 Found", Location="/elsewhere"), "HTTP 302, and redirects are not followed"),
        (page(status="307 Temporary Redirect", Location="/elsewhere"), "HTTP 307, and redirects"),
        (page(status="400 Bad Request"), "HTTP 400"),
        (page(status="404 Not Found"), "HTTP 404"),
        (page(status="410 Gone"), "HTTP 410"),
        (raw(b"HTTP/1.1 2"), "HTTP/1.1 2"),
        (raw(b"hello\r\n\r\n"), "hello"),
        (page(status="429 Too Many Requests", Retry_After="3600"), "HTTP 429, asks to wait 3600 s"),
        (page(status="503 Oh", Retry_After="Tue, 03 Nov 2026 13:00:00 GMT"), "HTTP 503, asks to wait 3600 s"),
    ],
)
def test_what_does_not_pass_or_passes_too_late_is_tried_once(site: Site, url: str, answer: Answer, why: str) -> None:
    script(site, answer)
    assert f"took no message: {why}" in refusal(url)
    assert 1 == len(site.requests)


def test_a_try_that_succeeds_after_others_failed_is_told(site: Site, url: str) -> None:
    script(site, page(status="500 Oh"), page(status="429 Oh", Retry_After="0"), page(b"ok"))
    webhook(url).post(b"{}")
    assert 3 == len(site.requests)


def test_a_wait_that_is_asked_for_is_kept_up_to_a_limit(site: Site, url: str) -> None:
    script(site, page(status="429 Oh", Retry_After="1"), page(b"ok"))
    began = time.monotonic()
    webhook(url).post(b"{}")
    assert 1 <= time.monotonic() - began
    assert 2 == len(site.requests)


def test_a_2xx_is_the_receipt_though_the_answer_ends_or_never_does(site: Site, url: str) -> None:
    script(site, page(b"half", length=100), raw(b"HTTP/1.1 200 OK\r\n\r\n", holds=True))
    for _ in range(2):
        webhook(url).post(b"{}")
    assert 2 == len(site.requests)


@pytest.mark.parametrize(
    "answer", [NO_BYTE, raw(*([b"HTTP/1.1 200 OK\r\nX: "] + [b"x"] * 9999), pause=0.05)], ids=["silent", "dripping"]
)
def test_an_endpoint_that_is_slow_ends_at_the_deadline(site: Site, url: str, answer: Answer) -> None:
    script(site, answer)
    began = time.monotonic()
    told = refusal(url, patience=replace(KEEN, answer=0.3, tries=2))
    assert time.monotonic() - began < 60  # it would go on for minutes
    assert "in 2 tries" in told


def test_an_endpoint_that_is_dead_is_told_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listens: nobody else can take the port meanwhile
        told = refusal(f"http://127.0.0.1:{taken.getsockname()[1]}/{SECRET}")
    assert (True, 0) == (
        told.startswith("http://127.0.0.1/… took no message in 3 tries: Connection refused"),
        told.count("\n"),
    )


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (
            f"https://127.0.0.1/{SECRET}",
            "only a full host name and the usual port are asked; for an intranet, give --allow",
        ),
        (f"https://localhost/{SECRET}", "give --allow-private-network"),
        (f"https://hooks.example:8443/{SECRET}", "give --allow-private-network"),
        (
            f"http://hooks.example/{SECRET}",
            "without https its address is no secret on the way; for an intranet, give --allow",
        ),
        (f"https://hooks.example:99999/{SECRET}", "port 99999: there is none of that number"),
        (f"//hooks.example/{SECRET}", "the webhook is not told anything: scheme 'none'"),
        (f"https://me:{SECRET}@hooks.example/", "with a user name"),
        (f"ftp://hooks.example/{SECRET}", "only http and https"),
        (f"https://hooks.example/{SECRET} x", "white space"),
        (f"/{SECRET}", "only http and https"),
        (f"https://[{SECRET}/", "not an address"),
        ("", "only http and https"),
    ],
)
def test_an_address_that_may_not_be_asked_is_refused_before_anything_is(url: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        webhook(url, gate=Gate()).post(b"{}")
    assert why in str(caught.value)
    assert "source" not in str(caught.value)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_name_that_leads_into_a_private_network_is_refused(site: Site) -> None:
    script(site, page(b"ok"))
    gate = Gate(resolver=lambda _host, _port: ["127.0.0.1"])
    assert "resolves to 127.0.0.1" in refusal(f"https://hooks.example/{SECRET}", gate=gate)
    assert [] == site.requests


@pytest.fixture
def debug_log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        yield caplog


def test_no_log_has_the_address_even_where_everything_is_logged(
    site: Site, url: str, debug_log: pytest.LogCaptureFixture
) -> None:
    script(site, page(status="500 Oh"), page(b"ok", X_Bad="a\r\nbroken header"))
    before = logging.getLogger("urllib3").level
    webhook(url).post(b"{}")
    assert 2 == len(site.requests)
    assert SECRET not in debug_log.text
    assert before == logging.getLogger("urllib3").level


def takes(_: Wire, connection: socket.socket) -> None:
    """Answer a message once it is whole: else it would meet a closed line."""
    heard = b""
    while not heard.endswith(b"\r\n\r\n{}"):
        heard += connection.recv(4096)
    connection.sendall(whole())


def test_a_certificate_has_to_prove_who_it_is(tmp_path_factory: pytest.TempPathFactory) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    ca_file = str(tmp_path_factory.mktemp("ca") / "ca.pem")
    authority.cert_pem.write_to_path(ca_file)
    for issuer in (authority, stranger):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issuer.issue_cert("127.0.0.1").configure_cert(tls)
        with Wire(takes, tls=tls) as wire:
            hook = webhook(f"{wire.url(scheme='https')}{SECRET}", ca_file=ca_file)
            if issuer is authority:
                hook.post(b"{}")
            else:
                with pytest.raises(DeliveryError, match=r"took no message: .*certificate") as caught:
                    hook.post(b"{}")
                assert SECRET not in str(caught.value)
