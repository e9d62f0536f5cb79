"""A web server for the report: on the loopback interface only, for its files only, and only for who asks it by name."""

import sys
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, cast

from pipeline.errors import UsageError
from pipeline.use.report import FOLDER

_HOST: Final = "127.0.0.1"
_HEADERS: Final = {
    # As the pages say themselves, and what only a header can say.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


class ReportServer(ThreadingHTTPServer):
    """Serves the report of the catalog that a folder such as `data/catalog/current` leads to, whichever that is."""

    daemon_threads = True

    def __init__(self, current: Path, port: int) -> None:
        """Listen on a port of the loopback interface, 0 being any that is free; raise UsageError where it is taken."""
        try:
            super().__init__((_HOST, port), partial(_Handler, directory=str(current / FOLDER)))
        except OSError as error:
            raise UsageError(f"port {port}: {error.strerror}: name another, or 0 for any that is free") from error

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the base class has it
        """Say nothing where a browser hung up; what else goes wrong is told as ever."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{_HOST}:{self.server_port}/"


class _Handler(SimpleHTTPRequestHandler):
    """Answers for files; never lists a folder, and says nothing on the terminal."""

    server_version = "provider-terms"
    sys_version = ""

    def send_head(self) -> Any:  # noqa: ANN401 - as the base class has it
        """Refuse whoever came by another name: a page elsewhere whose name was bound to this machine."""
        port = cast("ReportServer", self.server).server_port
        names = {f"{name}:{port}" for name in (_HOST, "localhost")}
        if self.headers.get("Host") not in names:
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return None
        if "\0" in self.translate_path(self.path):  # no file has such a name, and asking for one raises
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def list_directory(self, path: Any) -> None:  # noqa: ANN401, ARG002 - as the base class has it
        """Refuse to list a folder."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """Add what every answer says."""
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 - as the base class has it
        """Say nothing."""
