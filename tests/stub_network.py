"""Names and gates for tests: no name is ever asked for outside, and one loopback address may pass for a public one."""

import ipaddress
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from network_site import PATIENT

from pipeline.collect.addresses import REFUSED_NETWORKS, Gate, Network
from pipeline.collect.fetch import Fetcher, Page

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
_LOOPBACK, _STAND_IN = ipaddress.IPv4Network("127.0.0.0/8"), ipaddress.IPv4Network("127.0.0.1/32")
_ALL_BUT_ONE: tuple[Network, ...] = (
    *(network for network in REFUSED_NETWORKS if network != _LOOPBACK),
    *_LOOPBACK.address_exclude(_STAND_IN),
)


class Names:
    """A resolver that knows these names, answers `otherwise` to every other, and remembers what it was asked."""

    def __init__(self, known: Mapping[str, list[str]] | None = None, otherwise: str = "10.0.0.1") -> None:
        self.asked: list[str] = []
        self._known, self._otherwise = dict(known or {}), otherwise

    def __call__(self, host: str, _port: int) -> list[str]:
        self.asked.append(host)
        return self._known.get(host, [self._otherwise])


def guarded(names: Callable[[str, int], list[str]]) -> Gate:
    """The gate as it is in earnest, but that 127.0.0.1, and no other loopback address, passes for a public one."""
    return Gate(resolver=names, refused=_ALL_BUT_ONE)


@contextmanager
def fetcher(gate: Gate | None = None, **changes: Any) -> Iterator[Fetcher]:  # noqa: ANN401
    """A fetcher without pauses; without a gate, one that lets private networks in."""
    given: dict[str, Any] = {"now": lambda: NOW, "limits": PATIENT, "pause_seconds": 0}
    with closing(Fetcher(gate=gate or Gate(allows_private=True), **(given | changes))) as asking:
        yield asking


def a_page(url: str, **changes: Any) -> Page:  # noqa: ANN401
    given: dict[str, Any] = {"content_types": ("application/json", "text/html"), "max_bytes": 10_000}
    return Page(source_id="a-source", url=url, **(given | changes))


def allow_connections(monkeypatch: pytest.MonkeyPatch, *allowed: str) -> list[str]:
    """Fail the test at a connection to any address but these; return the list that they are noted in."""
    connected: list[str] = []
    connect = socket.socket.connect

    def checked(self: socket.socket, address: tuple[str, int]) -> None:
        assert address[0] in allowed, f"connected to {address}"
        connected.append(address[0])
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", checked)
    return connected
