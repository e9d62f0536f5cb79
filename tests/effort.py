"""What work costs, told without a clock: calls are counted, and what would never end is cut off."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

# Far above what bounded work takes on a loaded machine, and far below what a pattern that backtracks would.
_PATIENCE = 60.0


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
