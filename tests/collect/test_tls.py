"""Certificates and versions: what does not prove who it is, is not believed, and nothing switches that off."""

import socket
import ssl
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from network_site import HTML, Wire, fetcher, page_at, says, whole

from pipeline.collect.answer import Look
from pipeline.model import Outcome

DAY = timedelta(days=1)
TODAY = datetime.now(UTC)
LEGACY = "DEFAULT@SECLEVEL=0"  # OpenSSL speaks the old versions at no other level


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority of this test's own."""
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def _server(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def _look(wire: Wire, ca_file: str | None) -> Look:
    url = wire.url(scheme="https")
    asking = fetcher(url, ca_file=ca_file)
    try:
        return asking.look(page_at(url))
    finally:
        asking.close()


def test_a_certificate_of_the_authority_at_hand_is_believed(authority: trustme.CA, ca_file: str) -> None:
    with Wire(says(whole()), tls=_server(authority.issue_cert("127.0.0.1"))) as wire:
        looks = [_look(wire, ca_file) for _ in range(2)]
    assert [(Outcome.OK, HTML)] * 2 == [(look.observation.outcome, look.body) for look in looks]


@pytest.mark.fault("N19")
@pytest.mark.parametrize(
    ("kind", "outcome", "detail"),
    [
        ("expired", Outcome.SSL_EXPIRED, "certificate has expired"),
        ("not yet valid", Outcome.SSL_INVALID, "certificate is not yet valid"),
        ("self-signed", Outcome.SSL_INVALID, "self-signed certificate"),
        ("of an authority unknown here", Outcome.SSL_INVALID, "unable to get local issuer certificate"),
        ("of another host", Outcome.SSL_INVALID, "IP address mismatch"),
        ("of the same name by another kind", Outcome.SSL_INVALID, "IP address mismatch"),
    ],
)
def test_n19_a_certificate_that_proves_nothing_is_refused_and_says_why(
    authority: trustme.CA, ca_file: str, kind: str, outcome: Outcome, detail: str
) -> None:
    with Wire(says(whole()), tls=_server(_certificate(authority, kind))) as wire:
        look = _look(wire, ca_file)
        assert [] == wire.requests
    found = look.observation
    assert (outcome, None, False) == (found.outcome, look.body, look.is_transient)
    assert detail in (found.detail or "")


def _certificate(authority: trustme.CA, kind: str) -> trustme.LeafCert:
    match kind:
        case "expired":
            return authority.issue_cert("127.0.0.1", not_before=TODAY - 9 * DAY, not_after=TODAY - DAY)
        case "not yet valid":
            return authority.issue_cert("127.0.0.1", not_before=TODAY + DAY, not_after=TODAY + 9 * DAY)
        case "of another host":
            return authority.issue_cert("127.0.0.2")
        case "of the same name by another kind":
            return authority.issue_cert("terms.example")
        case "self-signed":
            lone = trustme.CA()
            key, chain = lone.private_key_pem, [lone.cert_pem]
            return trustme.LeafCert(key.bytes(), chain[0].bytes(), [])
        case _:
            return trustme.CA().issue_cert("127.0.0.1")


@pytest.mark.fault("N19")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=["TLS 1.0", "TLS 1.1"])
def test_n19_a_server_that_only_speaks_an_old_version_is_refused(
    authority: trustme.CA, ca_file: str, version: ssl.TLSVersion
) -> None:
    context = _server(authority.issue_cert("127.0.0.1"))
    context.set_ciphers(LEGACY)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
        context.minimum_version = context.maximum_version = version
    assert version.name.replace("_", ".") == _agreed(context).replace("TLSv1.0", "TLSv1")
    with Wire(says(whole()), tls=context) as wire:
        look = _look(wire, ca_file)
        assert [] == wire.requests
    assert (Outcome.SSL_INVALID, None, False) == (look.observation.outcome, look.body, look.is_transient)


def _agreed(context: ssl.SSLContext) -> str:
    """Return the version that a client without scruples gets from this server."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.set_ciphers(LEGACY)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client.minimum_version = ssl.TLSVersion.TLSv1
    with (
        Wire(says(), tls=context) as wire,
        socket.create_connection(wire.place, 5) as plain,
        client.wrap_socket(plain) as secured,
    ):
        return secured.version() or ""


@pytest.mark.fault("N19")
@pytest.mark.skip(reason="trustme signs with SHA-256 only; OpenSSL's default security level refuses SHA-1 by itself")
def test_n19_a_certificate_signed_with_sha_1_is_refused() -> None:
    """Not run."""


@pytest.mark.fault("N19", "N32")
def test_n19_nothing_in_the_environment_makes_a_stranger_trusted(
    authority: trustme.CA, ca_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, ca_file)
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")
    with Wire(says(whole()), tls=_server(authority.issue_cert("127.0.0.1"))) as wire:
        look = _look(wire, None)
    assert look.observation.outcome is Outcome.SSL_INVALID


@pytest.mark.fault("N15")
def test_n15_a_redirect_from_https_to_http_is_refused_and_recorded(authority: trustme.CA, ca_file: str) -> None:
    with Wire(says(whole())) as plain:
        moved = whole(b"", b"Location: " + plain.url().encode(), status=b"302 Found")
        with Wire(says(moved), tls=_server(authority.issue_cert("127.0.0.1"))) as wire:
            look = _look(wire, ca_file)
            asked, leads = wire.url(scheme="https"), plain.url()
        assert [] == plain.requests
    found = look.observation
    assert (Outcome.REDIRECT_REFUSED, "the redirect leads from https to http") == (found.outcome, found.detail)
    assert ((asked,), leads, 302) == (found.redirects, found.url, found.status)


@pytest.mark.fault("N15", "R04")
def test_n15_rules_that_stand_behind_a_redirect_from_https_to_http_disallow(
    authority: trustme.CA, ca_file: str
) -> None:
    with Wire(says(whole())) as plain:
        moved = whole(b"", b"Location: " + plain.url().encode(), status=b"302 Found")
        with Wire(says(moved), tls=_server(authority.issue_cert("127.0.0.1"))) as wire:
            asking = fetcher(ca_file=ca_file)
            found = asking.look(page_at(wire.url(scheme="https"))).observation
            asking.close()
        assert ([], 1) == (plain.requests, len(wire.requests))
    told = "robots.txt could not be read: the redirect leads from https to http"
    assert (Outcome.ROBOTS_DISALLOWED, told) == (found.outcome, found.detail)


def test_a_redirect_from_http_to_https_is_followed(authority: trustme.CA, ca_file: str) -> None:
    with Wire(says(whole()), tls=_server(authority.issue_cert("127.0.0.1"))) as wire:
        secure = wire.url(scheme="https")
        moved = whole(b"", b"Location: " + secure.encode(), status=b"301 Moved Permanently")
        with Wire(says(moved)) as plain:
            asking = fetcher(plain.url(), secure, ca_file=ca_file)
            look = asking.look(page_at(plain.url()))
            asking.close()
    assert (Outcome.OK, secure) == (look.observation.outcome, look.observation.url)


@pytest.mark.fault("N02")
def test_n02_a_connection_that_ends_inside_the_handshake_is_a_reset_and_not_a_bad_certificate(ca_file: str) -> None:
    def go(_wire: Wire, connection: socket.socket) -> None:
        connection.recv(65_536)

    with Wire(go) as wire:
        look = _look(wire, ca_file)
    assert (Outcome.CONNECTION_RESET, True) == (look.observation.outcome, look.is_transient)


def test_the_authority_is_a_file_that_must_be_there(authority: trustme.CA, tmp_path: Path) -> None:
    with Wire(says(whole()), tls=_server(authority.issue_cert("127.0.0.1"))) as wire:
        look = _look(wire, str(tmp_path / "nothing.pem"))
    assert (False, None) == (look.observation.is_good, look.body)
    assert "nothing.pem" in (look.observation.detail or "")
