"""A server of which a test scripts every byte and every connection, over TLS too, and fetchers that may ask it."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Self, TypeAlias

from patience import PATIENCE

from pipeline.collect.addresses import Gate
from pipeline.collect.answer import Look
from pipeline.collect.fetch import Fetcher, Limits, Page
from pipeline.collect.robots import Robots
from pipeline.model import Moment, Observation, Outcome

_PARTING = 10  # seconds for a thread whose client does not go

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
# No server that answers meets this, on a loaded machine either; one that is silent or never ends meets the others.
PATIENT = Limits(connect=PATIENCE, read=PATIENCE, whole=PATIENCE, name=PATIENCE)
SILENT = replace(PATIENT, connect=0.4, read=0.4)
ENDLESS = replace(PATIENT, whole=1.5)
TYPES = ("text/html", "application/json")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
HTML = b"<!doctype html><html><body><p>We keep nothing.</p></body></html>\n"


class Wire:
    """Hands every connection to `talk`, and closes it when that returns; `listens_only` accepts none."""

    def __init__(
        self,
        talk: "Talk",
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        listens_only: bool = False,
    ) -> None:
        self._talk, self._tls, self._listens_only = talk, tls, listens_only
        self._listener = socket.create_server((host, port), backlog=0 if listens_only else 128)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self.stopped = threading.Event()
        self.requests: list[bytes] = []
        self._accepted = 0
        self._own: set[Any] = set()  # the addresses of connections that only count the others

    def __enter__(self) -> Self:
        if not self._listens_only:
            self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        with contextlib.suppress(OSError):  # a test closed it before
            self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(_PARTING)
        self._listener.close()

    @property
    def place(self) -> tuple[str, int]:
        return self._listener.getsockname()[:2]  # type: ignore[no-any-return]

    def url(self, path: str = "/page", *, scheme: str = "http", host: str | None = None) -> str:
        return f"{scheme}://{host or self.place[0]}:{self.place[1]}{path}"

    @property
    def connection_count(self) -> int:
        """How many connections came so far: they are accepted in their order, so one more is made and waited for."""
        with socket.socket() as last:
            last.bind((self.place[0], 0))
            self._own.add(last.getsockname())
            last.settimeout(PATIENCE)
            last.connect(self.place)
            last.recv(1)
        return self._accepted

    def hear(self, connection: socket.socket) -> bytes:
        """Return the next request as it came, empty where the other side is gone."""
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            piece = connection.recv(65_536)
            if not piece:
                return b""
            data += piece
        self.requests.append(data)
        return data

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, place = self._listener.accept()
            except OSError:
                return
            if place in self._own:
                connection.close()
                continue
            self._accepted += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._talk(self, connection)
        except OSError:  # the client went: that is what some tests are about
            pass
        finally:
            connection.close()


Talk: TypeAlias = Callable[[Wire, socket.socket], None]


def says(*pieces: bytes, pause: float = 0, holds: bool = False, resets: bool = False) -> Talk:
    """Answer one request piece by piece, then close; or hold the line open, or reset it."""
    return streams(lambda: pieces, pause=pause, holds=holds, resets=resets)


def streams(
    pieces: Callable[[], Iterable[bytes]], *, pause: float = 0, holds: bool = False, resets: bool = False
) -> Talk:
    """Answer one request with pieces that are made as they are sent."""

    def talk(wire: Wire, connection: socket.socket) -> None:
        wire.hear(connection)
        for piece in pieces():
            connection.sendall(piece)
            if wire.stopped.wait(pause):
                return
        if resets:
            reset(connection)
        if holds:
            connection.recv(1)

    return talk


def keeps(*answers: bytes) -> Talk:
    """Answer one request after the other on the same connection; the last answer stands for good."""

    def talk(wire: Wire, connection: socket.socket) -> None:
        left = list(answers)
        while wire.hear(connection):
            connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    return talk


@contextlib.contextmanager
def crowded(wire: Wire) -> Iterator[None]:
    """Fill the queue of a server that accepts nobody, so that the next who knocks hears nothing."""
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            knocking = stack.enter_context(socket.socket())
            knocking.settimeout(0)
            knocking.connect_ex(wire.place)
        yield


def reset(connection: socket.socket) -> None:
    """Close with a reset instead of an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def whole(body: bytes = HTML, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """An answer that says how long it is."""
    lines = [b"HTTP/1.1 " + status, b"Content-Type: text/html", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def page_at(url: str, **changes: Any) -> Page:  # noqa: ANN401
    """A page to look at, with small caps."""
    fields: dict[str, Any] = {"source_id": "a-page", "url": url, "content_types": TYPES, "max_bytes": 100_000}
    return Page(**(fields | changes))


def allowed(*urls: str) -> dict[str, Robots]:
    """Rules that allow everything at the origins of these addresses, so that no robots.txt is asked for."""
    origins = [Gate(allows_private=True).check_url(url).origin for url in urls]
    return {origin: Robots(origin=origin, fetched_at=NOW) for origin in origins}


def fetcher(*urls: str, **changes: Any) -> Fetcher:  # noqa: ANN401
    """A fetcher that may ask loopback, without pauses; at these addresses it asks for no robots.txt."""
    options: dict[str, Any] = {
        "now": lambda: NOW,
        "gate": Gate(allows_private=True),
        "limits": PATIENT,
        "pause_seconds": 0,
        "robots": allowed(*urls),
    }
    return Fetcher(**(options | changes))


def look_at(url: str, known: Observation | None = None, *, limits: Limits = PATIENT, **changes: Any) -> Look:  # noqa: ANN401
    """Look once at an address, past robots.txt, with a fetcher of its own."""
    asking = fetcher(url, limits=limits)
    try:
        return asking.look(page_at(url, **changes), known)
    finally:
        asking.close()


def cut_short(asking: Fetcher) -> None:
    """End what is being asked for, as its deadline would: then no answer has to be faster than a limit that is met."""
    for deadline in tuple(asking._under_way):  # noqa: SLF001 - whose timers do just this
        deadline.expire()


def known_at(url: str | None, etag: str | None = None, last_modified: str | None = None) -> Observation:
    """The last good look at a page."""
    return Observation(
        source_id="a-page",
        moment=Moment.instant(datetime(2026, 11, 1, tzinfo=UTC)),
        outcome=Outcome.OK,
        origin="fetch",
        url=url,
        capture_id="0" * 64,
        etag=etag,
        last_modified=last_modified,
    )
