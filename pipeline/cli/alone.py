"""One run at a time in a data folder, which ends as Ctrl-C does where it is told to stop."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from pipeline.collect.files import clear_litter
from pipeline.collect.lock import only_run


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Be the only one at work in a data folder, after clearing what a run that died left there."""
    with _stoppable(), only_run(data) as ended_well:
        for room in ("archive", "catalog") if not ended_well else ():  # a walk over every capture there is
            clear_litter(data / room)
        yield


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM end the work as Ctrl-C does: what came is kept, the lock is released."""
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Answer a signal as Ctrl-C is answered."""
    raise KeyboardInterrupt
