"""Names to addresses through a resolver, given up for a round where none is resolved. Asks only the resolver."""

import socket
import threading
from concurrent.futures import Future, wait

from pipeline.collect.addresses import Resolver, is_address

_MOST_SILENT = 3  # names; one alone may be the fault of its own servers


class Names:
    """A resolver that is not waited for long, nor asked for ever, as long as it has answered nothing at all.

    Where the network is down, every name would cost the patience of the system's resolver, often 20 s, twice a round.
    """

    def __init__(self, resolver: Resolver, seconds: float) -> None:
        """Wait so many seconds for a name while none has been resolved."""
        self._resolver, self._seconds = resolver, seconds
        self._silent: set[str] = set()
        self._has_answered = False

    def __call__(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host; raise OSError where there are none, or it is not asked for."""
        if self.is_silent:
            raise socket.gaierror(socket.EAI_AGAIN, "not asked: no name could be resolved")
        try:
            is_prompt = self._has_answered or is_address(host)
            return self._ask(host, port) if is_prompt else self._ask_shortly(host, port)
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                self._silent.add(host)
            raise

    @property
    def is_silent(self) -> bool:
        """Whether several names were asked for in this round, and none was ever answered."""
        return not self._has_answered and len(self._silent) >= _MOST_SILENT

    def begin_round(self) -> None:
        """Let every name be asked for again."""
        self._silent.clear()

    def _ask(self, host: str, port: int) -> list[str]:
        try:
            found = self._resolver(host, port)
        except socket.gaierror as error:
            self._has_answered = self._has_answered or error.errno != socket.EAI_AGAIN  # "no such name" is an answer
            raise
        self._has_answered = True
        return found

    def _ask_shortly(self, host: str, port: int) -> list[str]:
        answer: Future[list[str]] = Future()

        def ask() -> None:  # goes on when nobody waits any more: an answer that comes late is one all the same
            try:
                answer.set_result(self._ask(host, port))
            except Exception as error:  # noqa: BLE001 - raised again where the answer is waited for
                answer.set_exception(error)

        threading.Thread(target=ask, daemon=True).start()
        if not wait((answer,), timeout=self._seconds).done:
            raise socket.gaierror(socket.EAI_AGAIN, f"not resolved in {self._seconds:g} s")
        return answer.result()
