"""How long tests wait: for a state and never for a time, up to a limit that only a program that hangs would meet."""

import time
from collections.abc import Callable

PATIENCE = 600  # seconds; a machine under load may take a hundred times as long as a quiet one


def wait_for(is_reached: Callable[[], bool]) -> None:
    """Return as soon as something is so; fail where it never becomes so."""
    deadline = time.monotonic() + PATIENCE
    while not is_reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)
