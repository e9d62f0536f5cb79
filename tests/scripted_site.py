"""A web server on the loopback interface that answers as a test scripts it, hostile answers included."""

import socket
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, TypeAlias

from patience import PATIENCE

_PARTING = 10  # seconds for a thread whose client does not go


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request as it came: the path, the headers, their names in lower case, and the body."""

    path: str
    headers: dict[str, str]
    method: str = "GET"
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Bytes to send piece by piece, `pause` seconds between two; `holds` keeps the line open after the last."""

    pieces: tuple[bytes, ...]
    pause: float = 0
    holds: bool = False


Script: TypeAlias = Answer | Callable[[Request], Answer]


def page(body: bytes = b"", status: str = "200 OK", *, length: int | None = None, **headers: str) -> Answer:
    """An ordinary answer; a header's underscores stand for dashes. `length` is what Content-Length claims."""
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body) if length is None else length)}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return Answer(pieces=(f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body,))


def raw(*pieces: bytes, pause: float = 0, holds: bool = False) -> Answer:
    """An answer byte by byte as given."""
    return Answer(pieces=pieces, pause=pause, holds=holds)


# Keeps a client waiting until it is ended, however long the test takes till then: no byte of it is ever late.
UNENDING = raw(b"HTTP/1.1 200 OK\r\nX: ", *[b"x"] * 2 * PATIENCE, pause=1)


class Site:
    """Answers each path as scripted, one answer a request; the last one stands for good.

    `answers_at_once` is sent to whatever comes, without waiting for a request that can be read.
    """

    def __init__(self, answers_at_once: Answer | None = None) -> None:
        self._answers_at_once = answers_at_once
        self.requests: list[Request] = []
        self._scripts: defaultdict[str, list[Script]] = defaultdict(lambda: [page(status="404 Not Found")])
        self._taking = threading.Lock()
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_PARTING)
        self._listener.close()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}{path}"

    def serve(self, path: str, *scripts: Script) -> str:
        """Answer a path with these, and return its address."""
        self._scripts[path] = list(scripts)
        return self.url(path)

    def seen(self, path: str) -> list[dict[str, str]]:
        """Return the headers of every request for a path."""
        return [request.headers for request in self.requests if request.path == path]

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._answer, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(PATIENCE)
            try:
                if self._answers_at_once is not None:
                    connection.recv(65_536)
                    self._send(connection, self._answers_at_once)
                    return
                request = _read_request(connection)
                if request is None:
                    return
                script = self._take(request)
                self._send(connection, script(request) if callable(script) else script)
            except OSError:  # The client went: that is what some tests are about.
                return

    def _take(self, request: Request) -> Script:
        """Return the answer to a request, which is seen only once its answer is nobody else's any more."""
        with self._taking:
            scripts = self._scripts[request.path]
            script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
            self.requests.append(request)
        return script

    def _send(self, connection: socket.socket, answer: Answer) -> None:
        for piece in answer.pieces:
            connection.sendall(piece)
            if self._stop.wait(answer.pause):
                return
        while answer.holds and not self._stop.is_set():
            connection.settimeout(0.05)
            try:
                if not connection.recv(1024):
                    return
            except TimeoutError:
                continue


def _read_request(connection: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65_536)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (line.partition(": ")[::2] for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        piece = connection.recv(65_536)
        if not piece:
            return None
        body += piece
    method, path, *_ = first.split(" ")
    return Request(path=path, headers=headers, method=method, body=body)
