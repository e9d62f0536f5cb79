"""Connections that go to the checked address and end at a deadline: urllib3's, with both put in."""

import contextlib
import http.client
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future, InvalidStateError
from dataclasses import replace
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Self

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from pipeline.collect.addresses import Gate, UnresolvedError, is_address

_current = threading.local()


class Deadline:
    """A wall-clock limit on one answer, from the first connection to the last byte.

    A timeout of a socket bounds each read, so a server that drips one byte at a time never meets it. At the deadline
    the connection is shut down, and whoever waits on it wakes with an error. `is_reused` tells that the request
    went out on a kept connection.
    """

    def __init__(self, seconds: float) -> None:
        """Start with `with Deadline(30):` in the thread that makes the request."""
        self._ends = time.monotonic() + seconds
        self._timer = threading.Timer(seconds, self.expire)
        self._timer.daemon = True
        self._end: Callable[[], object] | None = None
        self._kept: list[socket.socket] = []
        self._lock = threading.Lock()
        self.is_expired = False
        self.is_reused = False

    def __enter__(self) -> Self:
        _current.deadline = self
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self.release()
        _current.deadline = None
        for lifeline in self._kept:
            lifeline.close()

    def remaining(self) -> float:
        """Return the seconds left, at least a moment."""
        return max(0.01, self._ends - time.monotonic())

    def hold(self, end: Callable[[], object]) -> None:
        """Do this at the deadline, or now if it has passed: it ends what the request waits on."""
        with self._lock:
            self._end = end
        if self.is_expired:
            self.expire()

    def keep(self, lifeline: socket.socket) -> None:
        """Close this with the request: http.client closes a connection whose answer may still be read."""
        self._kept.append(lifeline)

    def release(self) -> None:
        """Let be what was waited on, because it came or its answer is whole."""
        with self._lock:
            self._end = None

    def expire(self) -> None:
        """End what the request waits on now."""
        with self._lock:
            self.is_expired = True
            if self._end is not None:
                with contextlib.suppress(OSError):  # the other side was faster
                    self._end()


class _Answer(http.client.HTTPResponse):
    """An answer that is never read to an end that only the server knows, nor taken for done before it is."""

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        # Early hints and the like come before the real answer (RFC 9110, 15.2); http.client knows it of 100 only.
        is_interim = 100 <= status < 200 and status != http.client.SWITCHING_PROTOCOLS  # noqa: PLR2004 - the class
        return version, http.client.CONTINUE if is_interim else status, reason

    def _safe_read(self, amt: int) -> bytes:
        if amt < 0:  # urllib3 takes "-1" for the length of a chunk, and io takes -1 for all there is
            raise http.client.HTTPException("a chunk of negative length")
        return super()._safe_read(amt)  # type: ignore[misc, no-any-return]


class _Guarded:
    """Connecting by checked address, mixed into both kinds of urllib3's connections."""

    response_class = _Answer
    gate: Gate = Gate()
    host: str
    port: int
    timeout: Any
    socket_options: Any
    sock: Any
    _lifeline: socket.socket | None = None
    _has_answered = False

    def _new_conn(self) -> socket.socket:
        deadline = _deadline()
        failed: OSError | None = None
        for address in _addresses(self.gate, self.host, self.port, deadline):
            try:
                return self._connect(address, deadline)
            except OSError as error:
                failed = error
                if deadline.is_expired:
                    break
        raise NewConnectionError(self, f"{self.host}: {failed}") from failed  # type: ignore[arg-type]

    def _connect(self, address: str, deadline: Deadline) -> socket.socket:
        # The address is a number: nothing is looked up here, so it stays the one that was checked.
        known = socket.getaddrinfo(address, self.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        family, kind, protocol, _, place = known[0]
        sock = socket.socket(family, kind, protocol)
        # A second handle on the connection: TLS wraps, and thereby empties, the first one.
        lifeline = socket.socket(fileno=os.dup(sock.fileno()))
        try:
            for option in self.socket_options or ():
                sock.setsockopt(*option)
            deadline.hold(partial(lifeline.shutdown, socket.SHUT_RDWR))
            sock.settimeout(0.01 if deadline.is_expired else min(self.timeout, deadline.remaining()))
            sock.connect(place)
        except BaseException:
            deadline.release()
            lifeline.close()
            sock.close()
            raise
        self._lifeline, self._has_answered = lifeline, False
        return sock

    def putrequest(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - urllib3's own signature
        """Put a kept connection under the deadline of the request that uses it."""
        deadline = _deadline()
        deadline.is_reused = self._lifeline is not None and self._has_answered
        if self._lifeline is not None:
            deadline.hold(partial(self._lifeline.shutdown, socket.SHUT_RDWR))
        super().putrequest(*arguments, **options)  # type: ignore[misc]

    def getresponse(self) -> Any:  # noqa: ANN401 - urllib3's own answer
        """Remember that this connection has brought an answer."""
        answer = super().getresponse()  # type: ignore[misc]
        self._has_answered = True
        return answer

    def close(self) -> None:
        """Close both handles."""
        lifeline, self._lifeline = self._lifeline, None
        deadline: Deadline | None = getattr(_current, "deadline", None)
        if lifeline is not None and deadline is not None:
            deadline.keep(lifeline)
        elif lifeline is not None:
            lifeline.close()
        super().close()  # type: ignore[misc]


def _deadline() -> Deadline:
    """Return the deadline of the request that this thread makes, or one that never comes where it makes none."""
    deadline: Deadline | None = getattr(_current, "deadline", None)
    return deadline or Deadline(threading.TIMEOUT_MAX)


def _addresses(gate: Gate, host: str, port: int, deadline: Deadline) -> list[str]:
    """Return the checked addresses of a host; a resolver that gives none by the deadline is left to itself."""
    if is_address(host):
        return gate.addresses(host, port)
    answer: Future[list[str]] = Future()

    def ask() -> None:
        with contextlib.suppress(InvalidStateError):  # nobody waits any more
            try:
                answer.set_result(gate.addresses(host, port))
            except InvalidStateError:
                raise
            except Exception as error:  # noqa: BLE001 - raised again where the answer is waited for
                answer.set_exception(error)

    deadline.hold(answer.cancel)
    threading.Thread(target=ask, daemon=True).start()
    try:
        return answer.result()
    except CancelledError:
        raise UnresolvedError(f"{host}: not resolved by the deadline", is_transient=True) from None
    finally:
        deadline.release()


def _pool_classes(gate: Gate) -> dict[str, Any]:
    plain = type("GuardedHTTPConnection", (_Guarded, HTTPConnection), {"gate": gate})
    secure = type("GuardedHTTPSConnection", (_Guarded, HTTPSConnection), {"gate": gate})
    return {
        "http": type("GuardedHTTPConnectionPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("GuardedHTTPSConnectionPool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }


class GuardedAdapter(HTTPAdapter):
    """An adapter for requests whose every connection passes the gate; it follows and retries nothing by itself."""

    def __init__(self, gate: Gate, *, pools: int) -> None:
        """Keep connections to as many as `pools` hosts."""
        self._gate = gate
        super().__init__(pool_connections=pools, pool_maxsize=1, max_retries=0, pool_block=False)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:  # noqa: ANN401, FBT001, FBT002 - requests' own signature
        """Make the pool manager, with guarded pools."""
        self.poolmanager = urllib3.PoolManager(num_pools=connections, maxsize=maxsize, block=block, **options)
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._gate)

    def close(self) -> None:
        """Close every connection now: urllib3 leaves that to the collection of a pool, which an error may put off."""
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in manager.pools.keys():  # noqa: SIM118 - a container that cannot be iterated over
                if (pool := manager.pools.get(key)) is not None:
                    pool.close()
        super().close()

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:  # noqa: ANN401 - requests' own signature
        """Make the manager of a proxy, which may stand in a private network: whoever names one means it."""
        manager = super().proxy_manager_for(proxy, **options)
        if proxy.lower().startswith("http"):
            manager.pool_classes_by_scheme = _pool_classes(replace(self._gate, allows_private=True))
        return manager


class PlainSession(requests.Session):
    """A session that leaves redirects alone: requests reads the whole body of one, even where it is not to follow."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - as requests has it
        """Return None for every answer."""
        return None


def open_session(
    gate: Gate, headers: Mapping[str, str], *, pools: int, ca_file: str | None = None, trusts_environment: bool = False
) -> requests.Session:
    """Return a session whose every connection passes the gate: no cookies, no passwords, no redirects of its own."""
    session = PlainSession()
    session.trust_env = trusts_environment
    session.verify = ca_file or True
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.auth = lambda request: request  # or else requests looks for a password in ~/.netrc
    session.headers.clear()
    session.headers.update(headers)
    for scheme in ("http://", "https://"):
        session.mount(scheme, GuardedAdapter(gate, pools=pools))
    return session
