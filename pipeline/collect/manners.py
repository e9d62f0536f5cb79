"""One request in flight per host, with a pause between two. No network."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Manners:
    """Gives out turns at hosts; many threads may ask."""

    def __init__(self) -> None:
        """Start with no host asked yet."""
        self._guard = threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._free_at: dict[str, float] = {}
        self._is_stopped = threading.Event()

    @contextmanager
    def turn(self, host: str, pause_seconds: float) -> Iterator[bool]:
        """Wait for the host to be free and its last pause to be over; then keep it, and pause after the request.

        Yields False where the run was stopped while waiting: then nothing is to be asked.
        """
        with self._guard:
            lock = self._locks[host]
        with lock:
            wait = self._free_at.get(host, 0.0) - time.monotonic()
            stopped = self._is_stopped.wait(wait) if wait > 0 else self._is_stopped.is_set()
            try:
                yield not stopped
            finally:
                self._free_at[host] = time.monotonic() + pause_seconds

    def free_at(self, host: str) -> float:
        """Return the monotonic time from which the host may be asked again."""
        return self._free_at.get(host, 0.0)

    def stop(self) -> None:
        """End every wait."""
        self._is_stopped.set()
