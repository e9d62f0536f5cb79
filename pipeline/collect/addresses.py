"""Where a request may go: one parser for the address, an explicit list for what it resolves to."""

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipeline.errors import TermsError

Resolver = Callable[[str, int], list[str]]
"""A host and port to the addresses it has, as text; raises OSError where it has none."""

_WEB_PORTS = {"http": 80, "https": 443}
_RESOLVE_SECONDS = 10
_MAX_URL = 2_000
_MAX_HOST = 253
_MAX_PORT = 65_535
_MAX_SHOWN = 80
# What stands between "//" and the path, and nothing else: where a reader of addresses mends what is odd, two differ.
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:@]*)(?::([0-9]{0,5}))?")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\.?")
_USER = re.compile(r"(?<=//)[^/?#\\]*@")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# The special-purpose registries of IANA for IPv4 and IPv6, shared address space (100.64/10), multicast, the anycast and
# translation prefixes through which another address is reached (6to4, NAT64), the host agents of clouds, and last the
# rest of the block that holds every way to write an IPv4 address as one of IPv6. It is a list of its own because
# `ipaddress.is_global` of the standard library passes 15 of these.
REFUSED_NETWORKS: tuple[Network, ...] = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
        *("192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        *("::/128", "::1/128", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16"),
        *("fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "::/8"),
    )
)


class RefusedAddressError(TermsError):
    """An address that must not be asked, or that resolves to one."""


class UnresolvedError(TermsError):
    """A host name that has no address; `is_transient` where a later try may find one."""

    def __init__(self, message: str, *, is_transient: bool) -> None:
        """Take one line and whether a later try may help."""
        super().__init__(message)
        self.is_transient = is_transient


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A checked address, in the parts that a request needs; an IPv6 address as host keeps its brackets."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Scheme, host and port: what robots.txt speaks for."""
        return f"{self.scheme}://{self.host}:{self.port}"


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host by the system's resolver; raise OSError where it has none or answers too late.

    A name that no resolver could be asked for raises UnicodeError.
    """
    found: list[str] = []
    failed: list[OSError | UnicodeError] = []

    def ask() -> None:
        try:
            found.extend(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:  # the latter for a label that is empty or too long
            failed.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_RESOLVE_SECONDS)
    if asking.is_alive():
        raise socket.gaierror(socket.EAI_AGAIN, f"no answer in {_RESOLVE_SECONDS} s")
    if failed:
        raise failed[0]
    return list(dict.fromkeys(found))


def without_user(url: str) -> str:
    """Return an address as it may be kept: without the user name and the password that may stand in it."""
    return _USER.sub("", url, count=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Decides where requests may go; `allows_private` opens private networks and every port (tests, intranets).

    Without it, no connection goes into one of the networks of `refused`.
    """

    allows_private: bool = False
    resolver: Resolver = resolve
    refused: tuple[Network, ...] = REFUSED_NETWORKS

    def check_url(self, url: str, ports: Collection[int] = ()) -> Target:
        """Return the parts of an address; raise RefusedAddressError for any but a plain http(s) one.

        `ports` are declared beside 80 and 443. An address with a backslash, a control character, white space, anything
        outside ASCII, or a user name is refused rather than mended: two parsers would read it in two ways.
        """
        if len(url) > _MAX_URL:
            raise RefusedAddressError(f"address longer than {_MAX_URL} characters")
        if not url.isascii() or any(mark <= " " or mark in "\\\x7f" for mark in url):
            raise RefusedAddressError("address with white space, a control character, a backslash or beyond ASCII")
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise RefusedAddressError("not an address that can be read") from error
        scheme = parts.scheme.lower()
        if scheme not in _WEB_PORTS:
            raise RefusedAddressError(f"scheme '{scheme[:_MAX_SHOWN] or 'none'}': only http and https are asked")
        if "@" in parts.netloc:
            raise RefusedAddressError("address with a user name")
        authority = _AUTHORITY.fullmatch(parts.netloc.lower())
        if authority is None:  # what stands there is not shown: it may be a password that lost its host
            raise RefusedAddressError("address without a host name, or with a port that is no number")
        host, port = authority[1], int(authority[2] or _WEB_PORTS[scheme])
        self._check_port(port, _WEB_PORTS[scheme], ports)
        self._check_host(host)
        return Target(url=url, scheme=scheme, host=host, port=port)

    def _check_port(self, port: int, usual: int, declared: Collection[int]) -> None:
        if not 0 < port <= _MAX_PORT:
            raise RefusedAddressError(f"port {port}: there is none of that number")
        if port != usual and port not in declared and not self.allows_private:
            what = f"only {usual} is asked unless the source declares another"
            raise RefusedAddressError(f"port {port}: {what}")

    def _check_host(self, host: str) -> None:
        shown, name = host[:_MAX_SHOWN], host.rstrip(".")
        if host.startswith("[") or _NUMBER.fullmatch(name.rpartition(".")[2]):
            if not self.allows_private or not is_address(host.strip("[]")):
                raise RefusedAddressError(f"host '{shown}' is a number: a source is named by its host name")
        elif not _HOST.fullmatch(host) or len(name) > _MAX_HOST or not (self.allows_private or "." in name):
            raise RefusedAddressError(f"host '{shown}' is not a full host name")

    def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses to connect to; raise RefusedAddressError if any of them is not public.

        The connection must go to one of these very addresses: a name that is asked twice may answer twice.
        """
        try:
            found = self.resolver(host, port)
        except socket.gaierror as error:
            is_transient = error.errno == socket.EAI_AGAIN
            raise UnresolvedError(f"{host}: {error.strerror or error}", is_transient=is_transient) from error
        except (OSError, UnicodeError) as error:
            raise UnresolvedError(f"{host}: {error}", is_transient=True) from error
        if not found:
            raise UnresolvedError(f"{host}: no address", is_transient=False)
        for address in found if not self.allows_private else ():
            self._check_address(host, address)
        return found

    def _check_address(self, host: str, address: str) -> None:
        try:
            parsed = ipaddress.ip_address(address)  # a zone id ("fe80::1%eth0") stays part of it and is refused below
        except ValueError as error:
            raise RefusedAddressError(f"{host} resolves to '{address}', which is no address") from error
        if getattr(parsed, "scope_id", None) is not None:
            raise RefusedAddressError(f"{host} resolves to {address}, which is local to a network")
        for network in self.refused:
            if parsed.version == network.version and parsed in network:
                raise RefusedAddressError(f"{host} resolves to {address}, which is in {network}")


def is_address(text: str) -> bool:
    """Return whether a host is an address by itself, for which nobody has to be asked."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
