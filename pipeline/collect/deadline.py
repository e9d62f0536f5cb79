"""One deadline for a whole look: a session whose connections are cut when it has passed."""

import socket
import threading
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import ConnectionPool


class Deadline:
    """Cuts all that it watches when the time is up, be it in the handshake, in the headers or in the body.

    A read timeout does not do that: it starts anew with every byte that drips in.
    """

    def __init__(self, seconds: float) -> None:
        """Let the time run from `with` on."""
        self.seconds = seconds
        self.is_over = False
        self._watched: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        for watched in self._watched:
            watched.close()

    def watch(self, connected: socket.socket) -> None:
        """Cut the connection when the time is up, or now if it is."""
        with self._lock:
            # A duplicate, because TLS takes the socket's own descriptor away.
            self._watched.append(connected.dup())
            if self.is_over:
                _cut(self._watched[-1])

    def _end(self) -> None:
        with self._lock:
            self.is_over = True
            for watched in self._watched:
                _cut(watched)


def _cut(connected: socket.socket) -> None:
    try:
        connected.shutdown(socket.SHUT_RDWR)
    except OSError:  # The other side was faster.
        return


def open_session(deadline: Deadline) -> requests.Session:
    """Return a session that ends with the deadline and takes nothing from the environment: no proxy, no .netrc."""
    session = requests.Session()
    session.trust_env = False
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter(deadline))
    return session


class _Watched(HTTPConnection):
    """A connection that a deadline watches from its first byte on."""

    def __init__(self, *args: Any, deadline: Deadline, **kwargs: Any) -> None:  # noqa: ANN401 - urllib3's to define
        super().__init__(*args, **kwargs)
        self._deadline = deadline

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        self._deadline.watch(connected)
        return connected


class _WatchedTls(_Watched, HTTPSConnection):
    """The same under TLS."""


class _Adapter(HTTPAdapter):
    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        super().__init__()

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> ConnectionPool:  # noqa: ANN401
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        if isinstance(pool, HTTPConnectionPool):
            pool.ConnectionCls = _WatchedTls if isinstance(pool, HTTPSConnectionPool) else _Watched
            pool.conn_kw["deadline"] = self._deadline
        return pool
