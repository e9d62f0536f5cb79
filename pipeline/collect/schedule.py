"""Many hosts at once, one request in flight at each, a late second try for what may pass."""

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from pipeline.collect.answer import Look
from pipeline.collect.fetch import Fetcher, Page
from pipeline.model import Moment, Observation, Outcome

_log = logging.getLogger(__name__)

MAX_WAIT_SECONDS = 60.0  # a host that asks for more is left for the next run
_LATE_SECONDS = 1.0
_POLL_SECONDS = 0.2
_PARTING_SECONDS = 1.0  # for all workers together, once the run is over
_MAX_DETAIL = 200
_MOST_WAITING = 16  # looks that nobody took yet; their bodies are held, and more are not asked for

Keep = Callable[[bytes], object]
"""Takes the body of a look in the worker that brought it, so that a slow disk is not waited for one by one."""


@dataclass(slots=True, kw_only=True)
class _Host:
    """The pages that wait at one host, and from when it may be asked."""

    name: str
    pages: deque[Page]
    ready_at: float = 0.0


@dataclass(slots=True, kw_only=True)
class _Line:
    """The hosts that wait for a worker, in the order in which they came: none is asked twice before all were once."""

    hosts: deque[_Host] = field(default_factory=deque)
    changed: threading.Condition = field(default_factory=threading.Condition)
    open_pages: int = 0
    is_closed: bool = False
    fault: Exception | None = None  # what ended a worker, which then ends the run
    done: "queue.Queue[tuple[Page, Look]]" = field(default_factory=lambda: queue.Queue(_MOST_WAITING))

    def take(self, fetcher: Fetcher) -> _Host | None:
        """Wait for a host that may be asked, which after a stop is any; None where there is nothing more to do."""
        with self.changed:
            while not self.is_closed and self.open_pages:
                now = time.monotonic()
                ready = next((host for host in self.hosts if host.ready_at <= now or fetcher.is_stopped), None)
                if ready is not None:
                    self.hosts.remove(ready)
                    return ready
                soonest = min((host.ready_at for host in self.hosts), default=now + _POLL_SECONDS)
                self.changed.wait(min(max(soonest - now, 0.001), _POLL_SECONDS))
            return None

    def give_back(self, host: _Host, ready_at: float, *, done: int) -> None:
        """Put a host, of which so many pages are done, at the end of the line where it has more."""
        with self.changed:
            self.open_pages -= done
            if host.pages:
                host.ready_at = ready_at
                self.hosts.append(host)
            self.changed.notify_all()

    def hand_over(self, page: Page, look: Look) -> None:
        """Wait until the look is taken over, or nobody takes any more."""
        while not self.is_closed:
            with suppress(queue.Full):
                self.done.put((page, look), timeout=_POLL_SECONDS)
                return

    def next_done(self, fetcher: Fetcher) -> tuple[Page, Look]:
        """Wait for the next look that a worker hands over; raise what ended a worker."""
        while True:
            try:
                return self.done.get(timeout=_POLL_SECONDS)  # a wait without an end would not hear an interrupt
            except queue.Empty:
                if self.fault is not None:
                    raise self.fault from None
                if fetcher.is_stopped:
                    fetcher.stop()  # who says so by a signal can do no more than to say so

    def close(self) -> None:
        """Send every worker home."""
        with self.changed:
            self.is_closed = True
            self.changed.notify_all()


def _no_keep(_: bytes) -> None:
    """Keep nothing."""


def fetch_all(
    pages: Iterable[Page],
    known: Mapping[str, Observation],
    fetcher: Fetcher,
    *,
    workers: int = 64,
    keep: Keep = _no_keep,
) -> Iterator[Look]:
    """Look at every page and yield each look as it ends; what failed in passing is tried once more at the end.

    `known` holds the last good observation by source. Each page is yielded once. An interrupt ends all looks at once.
    Whoever takes the looks keeps their bodies where `keep` failed to.
    """
    fetcher.is_asking = True
    try:
        yield from _fetch_all(list(pages), known, fetcher, workers, keep)
    finally:
        fetcher.is_asking = False


def _fetch_all(
    pages: list[Page], known: Mapping[str, Observation], fetcher: Fetcher, workers: int, keep: Keep
) -> Iterator[Look]:
    late: list[tuple[float, Page, Look]] = []
    for page, look in _look_at(pages, known, fetcher, workers, keep):
        wait = _late_wait(look)
        if wait is None:
            yield look
        else:
            late.append((time.monotonic() + wait, page, look))
    # What was not asked for the silence of its host comes before the pages that may be the cause of it.
    late.sort(key=lambda one: one[2].is_asked)
    if late:
        if not fetcher.is_offline:
            _wait_until(max(moment for moment, _, _ in late), fetcher)
        if fetcher.is_stopped or fetcher.is_offline:
            yield from (look for _, _, look in late)
            return
        fetcher.forget_failures()
        yield from (look for _, look in _look_at([page for _, page, _ in late], known, fetcher, workers, keep))


def _late_wait(look: Look) -> float | None:
    """Return the seconds after which a second try is worth it in this run, or None where it is not."""
    if not look.is_transient or (look.retry_after_seconds or 0.0) > MAX_WAIT_SECONDS:
        return None
    return max(look.retry_after_seconds or 0.0, _LATE_SECONDS)


def _wait_until(moment: float, fetcher: Fetcher) -> None:
    while (left := moment - time.monotonic()) > 0 and not fetcher.is_stopped:
        time.sleep(min(left, _POLL_SECONDS))


def _look_at(
    pages: list[Page], known: Mapping[str, Observation], fetcher: Fetcher, workers: int, keep: Keep
) -> Iterator[tuple[Page, Look]]:
    fetcher.begin_round()
    line = _Line(open_pages=len(pages))
    hosts: dict[str, _Host] = {}
    for page in pages:
        hosts.setdefault(page.host, _Host(name=page.host, pages=deque())).pages.append(page)
    line.hosts.extend(hosts.values())
    work = partial(_work, line, known, fetcher, keep)
    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(workers, len(hosts)))]
    for thread in threads:
        thread.start()
    is_whole = False
    try:
        for _ in pages:
            yield line.next_done(fetcher)
        is_whole = True
    finally:
        line.close()
        if not is_whole:
            fetcher.stop()
        ends = time.monotonic() + _PARTING_SECONDS
        for thread in threads:
            thread.join(timeout=max(0.0, ends - time.monotonic()))


def _work(line: _Line, known: Mapping[str, Observation], fetcher: Fetcher, keep: Keep) -> None:
    try:
        while (host := line.take(fetcher)) is not None:
            page = host.pages.popleft()
            look = _look(fetcher, page, known.get(page.source_id))
            if look.body is not None:
                with suppress(Exception):  # whoever takes the look keeps it too, and hears what went wrong
                    keep(look.body)
            left_out = _leave_out(host, look, fetcher)
            for one in ((page, look), *left_out):
                line.hand_over(*one)
            line.give_back(host, fetcher.free_at(host.name), done=1 + len(left_out))
    except Exception as error:  # noqa: BLE001 - raised again where the looks are taken, and waited for in vain
        line.fault = error


def _look(fetcher: Fetcher, page: Page, known: Observation | None) -> Look:
    try:
        return fetcher.look(page, known)
    except Exception as error:  # noqa: BLE001 - a fault of ours over one page costs that page, and not the run
        _log.exception("%s: cannot be looked at", page.source_id)
        detail = " ".join(f"a fault of the fetcher: {type(error).__name__}: {error}".split())[:_MAX_DETAIL]
        return Look(observation=_unasked(fetcher, page, Outcome.CONNECTION_FAILED, detail))


def _leave_out(host: _Host, look: Look, fetcher: Fetcher) -> list[tuple[Page, Look]]:
    """Take the other pages of a host that says when to come again, each with a look that says so."""
    outcome, detail = look.observation.outcome, look.observation.detail or ""
    if not look.is_transient or look.retry_after_seconds is None:
        return []
    if outcome is not Outcome.ROBOTS_DISALLOWED:  # which speaks of them all
        detail = f"not asked: {host.name} answers {detail}"
    left_out = list(host.pages)
    host.pages.clear()
    rest = look.observation.fresh_seconds
    unasked = replace(look, is_asked=False)
    return [(page, replace(unasked, observation=_unasked(fetcher, page, outcome, detail, rest))) for page in left_out]


def _unasked(fetcher: Fetcher, page: Page, outcome: Outcome, detail: str, rest: int | None = None) -> Observation:
    return Observation(
        source_id=page.source_id,
        moment=Moment.instant(fetcher.now()),
        outcome=outcome,
        origin="fetch",
        url=page.url,
        detail=detail,
        fresh_seconds=rest,
    )
