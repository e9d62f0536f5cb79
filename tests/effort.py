"""What work costs, on a machine of any speed: calls are counted, and what would never end is cut off."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

# Far above what bounded work takes on a loaded machine, and far below what a pattern that backtracks would.
_PATIENCE = 600.0
_USUAL = 0.05  # seconds for `_count` on the machine on which limits are set


def calls_in(work: Callable[[], object]) -> int:
    """Return how many functions are called while work runs, Python's and C's; the same at every run."""
    count = 0

    def hear(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(hear)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def takes_less(seconds: float, work: Callable[[], object]) -> bool:
    """Return whether work takes less time on the processor, on a machine as fast as the one on which limits are set.

    Other programs do not stretch that time; but a machine that is a guest may itself stand still, so work that was too
    slow is done again.
    """
    for _ in range(5):
        before = _processor_seconds(_count)
        took = _processor_seconds(work)
        if took < seconds * max(1.0, before / _USUAL):
            return True
    return False


def _processor_seconds(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


def _count() -> int:
    return sum(range(3_000_000))


@contextmanager
def cut_off() -> Iterator[None]:
    """Fail where the work inside stands still or grows out of all bounds; regular expressions hear it too."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"no end after {_PATIENCE:g} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, _PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
