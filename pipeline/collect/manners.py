"""One request in flight per host, with a pause between two, and none at a host that stays silent. No network."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from pipeline.collect.failure import FailedError, Failure
from pipeline.model import Outcome

_SILENT = frozenset({Outcome.TIMEOUT, Outcome.CONNECTION_FAILED, Outcome.CONNECTION_RESET, Outcome.DNS_FAILED})
_MOST_SILENCES = 2  # of one host, in a row; each may cost the whole deadline


class Manners:
    """Gives out turns at hosts; many threads may ask."""

    def __init__(self) -> None:
        """Start with no host asked yet."""
        self._guard = threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._free_at: dict[str, float] = {}
        self._silences: defaultdict[str, list[Failure]] = defaultdict(list)
        self._is_stopped = threading.Event()

    @contextmanager
    def turn(self, host: str, pause_seconds: float) -> Iterator[None]:
        """Wait for the host to be free and its last pause to be over, or a stop; keep it, and pause after the request.

        Raise FailedError where the host was silent too often: then nothing is to be asked. What is raised of a request
        as FailedError is counted, and passes.
        """
        with self._guard:
            lock = self._locks[host]
        with lock:
            self._check_silence(host)
            wait = self._free_at.get(host, 0.0) - time.monotonic()
            if wait > 0:
                self._is_stopped.wait(wait)
            try:
                yield
                self._silences.pop(host, None)
            except FailedError as error:
                self._count(host, error.failure)
                if error.failure.outcome is Outcome.DNS_FAILED:
                    pause_seconds = 0  # nothing reached the host
                raise
            finally:
                self._free_at[host] = time.monotonic() + pause_seconds

    def forget_silences(self) -> None:
        """Let every host be asked again."""
        self._silences.clear()

    def _count(self, host: str, failure: Failure) -> None:
        if failure.outcome in _SILENT:
            self._silences[host].append(failure)
        else:
            self._silences.pop(host, None)

    def _check_silence(self, host: str) -> None:
        silences = self._silences.get(host, [])
        if len(silences) >= _MOST_SILENCES:
            last = silences[-1]
            detail = f"not asked: {host} gave no answer {len(silences)} times in a row ({last.detail})"
            raise FailedError(replace(last, detail=detail, is_asked=False))

    def free_at(self, host: str) -> float:
        """Return the monotonic time from which the host may be asked again."""
        return self._free_at.get(host, 0.0)

    def stop(self) -> None:
        """End every wait."""
        self._is_stopped.set()
