"""Many hosts at once: one request in flight at each, pauses kept, second tries late, an end when it is asked for."""

import itertools
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from network_site import (
    HEAD,
    HTML,
    NOW,
    SILENT,
    Talk,
    Wire,
    allowed,
    crowded,
    cut_short,
    fetcher,
    page_at,
    says,
    streams,
    whole,
)
from patience import PATIENCE, wait_for
from scripted_site import Answer, Request, Site, page, raw
from zstandard import ZstdError

from pipeline.collect import schedule
from pipeline.collect.addresses import Gate
from pipeline.collect.answer import Look
from pipeline.collect.fetch import Fetcher, Page
from pipeline.collect.robots import Robots
from pipeline.collect.schedule import fetch_all
from pipeline.model import Outcome

_AT_ONCE = 40  # seconds; what is not waited for here would take longer, and no machine is as slow


def _pages(*urls: str) -> list[Page]:
    return [page_at(url, source_id=f"page-{number}") for number, url in enumerate(urls)]


@contextmanager
def _hosts(talk: Talk, count: int, first: int = 1) -> Iterator[list[Wire]]:
    """Servers of one kind at 127.0.0.<first> and the addresses after it."""
    with ExitStack() as stack:
        yield [stack.enter_context(Wire(talk, host=f"127.0.0.{first + number}")) for number in range(count)]


def _ok(body: bytes = HTML) -> Answer:
    return page(body, Content_Type="text/html")


@pytest.fixture
def asking(site: Site) -> Iterator[Fetcher]:
    """A fetcher that may ask the site past its robots.txt."""
    made = fetcher(site.url("/"))
    yield made
    made.close()


# Manners.


class _Gauge:
    """Counts how many requests of one host and of all are in flight at once; so many hosts wait for one another."""

    def __init__(self, hosts: int = 1) -> None:
        self._first_ones = threading.Barrier(hosts, timeout=PATIENCE)
        self._lock = threading.Lock()
        self._now: defaultdict[str, int] = defaultdict(int)
        self.most: defaultdict[str, int] = defaultdict(int)
        self.begun: defaultdict[str, list[float]] = defaultdict(list)

    def __call__(self, wire: Wire, connection: object) -> None:
        host = wire.place[0]
        with self._lock:
            self.begun[host].append(time.monotonic())
        self._count(host, 1)
        if 1 == len(self.begun[host]):
            self._first_ones.wait()
        streams(lambda: self._answer(host))(wire, connection)  # type: ignore[arg-type]

    def _answer(self, host: str) -> Iterator[bytes]:
        time.sleep(0.05)
        self._count(host, -1)  # Once the answer is out the next request may come, before this thread goes on.
        yield whole(HTML, b"Connection: close")

    def _count(self, host: str, step: int) -> None:
        with self._lock:
            for name in (host, "all"):
                self._now[name] += step
                self.most[name] = max(self.most[name], self._now[name])


@pytest.mark.fault("R06")
def test_r06_one_request_is_in_flight_at_a_host_the_pause_is_kept_and_hosts_are_asked_at_once() -> None:
    gauge = _Gauge(hosts=5)
    with _hosts(gauge, 5) as wires:
        urls = [wire.url(f"/{number}") for number in range(4) for wire in wires]
        asking = fetcher(*urls, pause_seconds=0.2)
        looks = list(fetch_all(_pages(*urls), {}, asking))
        asking.close()
    assert [Outcome.OK] * 20 == [look.observation.outcome for look in looks]
    assert {"all": 5} | dict.fromkeys((f"127.0.0.{number}" for number in range(1, 6)), 1) == dict(gauge.most)
    gaps = [later - sooner for begun in gauge.begun.values() for sooner, later in itertools.pairwise(begun)]
    assert 15 == len(gaps)
    assert min(gaps) >= 0.2


@pytest.mark.fault("R06")
def test_r06_redirects_from_many_hosts_to_one_take_turns_there() -> None:
    gauge = _Gauge()
    with Wire(gauge, host="127.0.0.99") as there:
        moved = whole(b"", b"Location: " + there.url().encode(), status=b"302 Found")
        with _hosts(says(moved), 4) as wires:
            urls = [wire.url() for wire in wires]
            asking = fetcher(*urls, there.url(), pause_seconds=0.05)
            looks = list(fetch_all(_pages(*urls), {}, asking))
            asking.close()
    assert [Outcome.OK] * 4 == [look.observation.outcome for look in looks]
    assert 1 == gauge.most["127.0.0.99"]


@pytest.mark.fault("R06")
def test_r06_the_delay_that_robots_txt_asks_for_is_kept(site: Site) -> None:
    site.serve("/robots.txt", page(b"User-agent: *\nCrawl-delay: 0.3\n", Content_Type="text/plain"))
    begun: list[float] = []

    def serve(_: Request) -> Answer:
        begun.append(time.monotonic())
        return _ok()

    urls = [site.serve(f"/{number}", serve) for number in range(3)]
    asking = fetcher()
    looks = list(fetch_all(_pages(*urls), {}, asking))
    asking.close()
    assert [Outcome.OK] * 3 == [look.observation.outcome for look in looks]
    assert [True, True] == [later - sooner >= 0.3 for sooner, later in itertools.pairwise(begun)]
    assert 1 == len(site.seen("/robots.txt"))


def test_no_host_is_asked_twice_before_every_other_was_asked_once() -> None:
    order: list[str] = []

    def talk(wire: Wire, connection: object) -> None:
        order.append(wire.place[0])
        says(whole(HTML, b"Connection: close"))(wire, connection)  # type: ignore[arg-type]

    with _hosts(talk, 3) as wires:
        urls = [wire.url(f"/{number}") for wire in wires for number in range(2)]
        asking = fetcher(*urls)
        list(fetch_all(_pages(*urls), {}, asking, workers=1))
        asking.close()
    assert [f"127.0.0.{number}" for number in (1, 2, 3, 1, 2, 3)] == order


# Second tries.


@pytest.mark.fault("N21")
@pytest.mark.parametrize("given", ["0", "1", "abc", "Sun, 01 Nov 2026 00:00:00 GMT"])
def test_n21_a_503_is_asked_once_more_at_the_end_and_makes_one_look(
    site: Site, asking: Fetcher, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setattr(schedule, "_LATE_SECONDS", 0.05)
    url = site.serve("/page", page(b"", "503 Service Unavailable", Retry_After=given), _ok())
    (look,) = fetch_all(_pages(url), {}, asking)
    assert (Outcome.OK, HTML) == (look.observation.outcome, look.body)
    assert 2 == len(site.seen("/page"))


@pytest.mark.fault("N20")
def test_n20_the_time_that_a_host_asks_for_is_waited_once_for_all_its_pages(site: Site, asking: Fetcher) -> None:
    def serve(request: Request) -> Answer:
        begun.append((request.path, time.monotonic()))
        return page(b"", "429 Too Many Requests", Retry_After="1") if len(begun) == 1 else _ok()

    begun: list[tuple[str, float]] = []
    urls = [site.serve(f"/{number}", serve) for number in range(3)]
    looks = list(fetch_all(_pages(*urls), {}, asking))
    assert [Outcome.OK] * 3 == [look.observation.outcome for look in looks]
    assert 4 == len(begun)  # the first twice, and the others not before the time was over
    assert begun[1][1] - begun[0][1] >= 1


@pytest.mark.fault("N20")
def test_n20_a_host_that_asks_for_too_long_is_left_for_the_next_run_with_all_its_pages(
    site: Site, asking: Fetcher
) -> None:
    urls = [site.serve(f"/{number}", page(b"", "429 Too Many Requests", Retry_After="999999")) for number in range(3)]
    started = time.monotonic()
    looks = list(fetch_all(_pages(*urls), {}, asking))
    assert time.monotonic() - started < _AT_ONCE
    assert [(Outcome.RATE_LIMITED, url) for url in urls] == [
        (look.observation.outcome, look.observation.url) for look in sorted(looks, key=_source_id)
    ]
    asked = "HTTP 429, asks to wait 999999 s"
    unasked = f"not asked: 127.0.0.1 answers {asked}"
    assert {asked, unasked} == {look.observation.detail for look in looks}
    assert 1 == len([request for request in site.requests if request.path != "/robots.txt"])


def _source_id(look: Look) -> str:
    return look.observation.source_id


@pytest.mark.fault("N20", "N22")
@pytest.mark.parametrize(
    ("status", "count"),
    [("429 Too Many Requests", 2), ("503 x", 2), ("403 x", 1), ("406 x", 1), ("404 x", 1), ("410 x", 1)],
)
def test_n22_what_keeps_failing_is_asked_at_most_twice_in_a_run(
    site: Site, asking: Fetcher, monkeypatch: pytest.MonkeyPatch, status: str, count: int
) -> None:
    monkeypatch.setattr(schedule, "_LATE_SECONDS", 0.05)
    url = site.serve("/page", page(b"no", status))
    (look,) = fetch_all(_pages(url), {}, asking)
    assert not look.observation.is_good
    assert count == len(site.seen("/page"))


@pytest.mark.fault("N01", "N02")
def test_n02_a_robots_txt_that_failed_in_passing_is_asked_for_again_at_the_end(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "_LATE_SECONDS", 0.05)
    site.serve("/robots.txt", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"), page(b""))
    urls = [site.serve(f"/{number}", _ok()) for number in range(2)]
    asking = fetcher()
    looks = list(fetch_all(_pages(*urls), {}, asking))
    asking.close()
    assert [Outcome.OK] * 2 == [look.observation.outcome for look in looks]
    assert 2 == len(site.seen("/robots.txt"))


TROUBLES = [
    page(b"", "503 Service Unavailable"),
    page(b"", "500 Internal Server Error", Retry_After="0"),
    page(b"", "429 Too Many Requests", Retry_After="abc"),
    raw(),
    raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"),
    raw(holds=True),
]


@pytest.mark.fault("R02", "N21")
@pytest.mark.parametrize("trouble", TROUBLES, ids=["503", "500", "429", "no answer", "cut", "silence"])
def test_r02_a_robots_txt_in_trouble_disallows_until_it_answers_at_the_end_of_the_run(
    site: Site, monkeypatch: pytest.MonkeyPatch, trouble: Answer
) -> None:
    monkeypatch.setattr(schedule, "_LATE_SECONDS", 0.05)
    asking = fetcher()

    def answer(_: Request) -> Answer:
        if trouble.holds:
            cut_short(asking)
        return trouble

    site.serve("/robots.txt", answer, page(b"User-agent: *\nDisallow: /1\n", Content_Type="text/plain"))
    urls = [site.serve(f"/{number}", _ok()) for number in range(3)]
    looks = sorted(fetch_all(_pages(*urls), {}, asking), key=_source_id)
    asking.close()
    assert [Outcome.OK, Outcome.ROBOTS_DISALLOWED, Outcome.OK] == [look.observation.outcome for look in looks]
    assert "robots.txt disallows it" == looks[1].observation.detail
    assert ["/robots.txt"] * 2 == [request.path for request in site.requests][:2]  # no page before it has answered
    assert {"/robots.txt": 2, "/0": 1, "/2": 1} == Counter(request.path for request in site.requests)


@pytest.mark.fault("R02")
@pytest.mark.parametrize("status", ["503 Service Unavailable", "429 Too Many Requests"])
def test_r02_a_robots_txt_that_stays_in_trouble_is_asked_twice_in_a_run_and_its_pages_never(
    site: Site, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    monkeypatch.setattr(schedule, "_LATE_SECONDS", 0.05)
    site.serve("/robots.txt", page(b"", status))
    asking = fetcher()
    looks = list(fetch_all(_pages(*(site.serve(f"/{number}", _ok()) for number in range(3))), {}, asking))
    asking.close()
    told = f"robots.txt answers {status[:3]}"
    assert [(Outcome.ROBOTS_DISALLOWED, told)] * 3 == [
        (look.observation.outcome, look.observation.detail) for look in looks
    ]
    assert ["/robots.txt"] * 2 == [request.path for request in site.requests]


@pytest.mark.fault("N05", "N31")
def test_n05_n31_a_host_that_is_silent_twice_is_left_and_its_other_pages_come_first_in_the_second_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(schedule, "_LATE_SECONDS", 0.05)
    asking: Fetcher
    asked: list[str] = []

    def talk(wire: Wire, connection: socket.socket) -> None:
        path = wire.hear(connection).split()[1].decode()
        asked.append(path)
        if path < "/2":
            cut_short(asking)
        else:
            connection.sendall(whole(HTML, b"Connection: close"))

    with Wire(talk) as wire:
        urls = [wire.url(f"/{number}") for number in range(6)]
        asking = fetcher(*urls)
        looks = {look.observation.url: look.observation for look in fetch_all(_pages(*urls), {}, asking)}
        asking.close()
    assert ["/0", "/1", "/2", "/3", "/4", "/5", "/0", "/1"] == asked
    assert [Outcome.TIMEOUT] * 2 + [Outcome.OK] * 4 == [looks[url].outcome for url in urls]


@pytest.mark.fault("N05")
def test_n05_the_pages_of_a_silent_host_cost_two_deadlines_in_each_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "_LATE_SECONDS", 0.05)
    with Wire(says(holds=True)) as wire:
        urls = [wire.url(f"/{number}") for number in range(9)]
        asking = fetcher(*urls, limits=SILENT)
        looks = [look.observation for look in fetch_all(_pages(*urls), {}, asking)]
        asking.close()
        assert 4 == wire.connection_count
    assert [Outcome.TIMEOUT] * 9 == [look.outcome for look in looks]
    assert 7 == sum((look.detail or "").startswith("not asked: 127.0.0.1 gave no answer 2 times") for look in looks)


@pytest.mark.fault("N03", "N31")
@pytest.mark.parametrize("path", ["/page", "/robots.txt"])
def test_n03_a_silent_host_that_many_redirect_to_costs_two_deadlines_in_each_round_and_is_found_again(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(schedule, "_LATE_SECONDS", 0.05)
    asking: Fetcher
    moved: list[Wire] = []

    def drip(wire: Wire, connection: socket.socket) -> None:
        wire.hear(connection)
        connection.sendall(HEAD + b"\r\nx")
        # All nine were sent here, and the others wait for their turn: what is cut short is this look alone.
        wait_for(lambda: len(moved) % 9 == 0 and len(asking._under_way) == 1)  # noqa: SLF001 - told by nothing else
        cut_short(asking)

    with Wire(drip, host="127.0.0.99") as there:

        def talk(wire: Wire, connection: socket.socket) -> None:
            while request := wire.hear(connection):
                if request.split()[1].decode() == path:
                    moved.append(wire)
                    connection.sendall(whole(b"", b"Location: " + there.url().encode(), status=b"302 Found"))
                else:
                    connection.sendall(whole())

        with _hosts(talk, 9) as wires:
            urls = [wire.url() for wire in wires]
            known = allowed(*urls, there.url()) if path == "/page" else {}
            asking = fetcher(robots=known)
            looks = [look.observation for look in fetch_all(_pages(*urls), {}, asking)]
            rounds = there.connection_count
            asking.close()
    assert 4 == rounds
    assert [Outcome.TIMEOUT] * 9 == [look.outcome for look in looks]
    assert 7 == sum("not asked: 127.0.0.99 gave no answer 2 times in a row" in str(look.detail) for look in looks)


def test_a_host_that_was_silent_in_one_call_is_asked_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "_LATE_SECONDS", 0.05)
    with Wire(says(holds=True)) as wire:
        asking = fetcher(wire.url(), limits=SILENT)
        for count in (4, 8):
            list(fetch_all(_pages(*(wire.url(f"/{number}") for number in range(3))), {}, asking))
            assert count == wire.connection_count
        asking.close()


@pytest.mark.fault("N20", "R02")
def test_n20_the_time_that_a_robots_txt_asks_for_is_waited_or_left_for_the_next_run(site: Site) -> None:
    for given, seconds, outcome in (("1", 1, Outcome.OK), ("999999", 0, Outcome.ROBOTS_DISALLOWED)):
        site.serve("/robots.txt", page(b"", "503 Service Unavailable", Retry_After=given), page(b""))
        urls = [site.serve(f"/{number}", _ok()) for number in range(2)]
        asking, started = fetcher(), time.monotonic()
        looks = list(fetch_all(_pages(*urls), {}, asking))
        took = time.monotonic() - started
        asking.close()
        told = None if outcome is Outcome.OK else "robots.txt answers 503"
        assert [(outcome, told)] * 2 == [(look.observation.outcome, look.observation.detail) for look in looks]
        assert seconds <= took < seconds + _AT_ONCE
    assert 3 == len(site.seen("/robots.txt"))


# Faults of many, and of our own.


@pytest.mark.fault("N31")
def test_n31_where_59_of_60_hosts_are_down_the_run_ends_soon_and_the_good_one_is_fetched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(schedule, "_LATE_SECONDS", 0.05)
    drips = says(*[b"x"] * 99, pause=0.1)
    with (
        _hosts(says(holds=True), 20, first=1) as silent,
        _hosts(drips, 20, first=21) as dripping,
        _hosts(says(whole()), 20, first=41) as (*refusing, good),
    ):
        urls = [wire.url() for wire in (*silent, *dripping, *refusing, good)]
        for wire in refusing:
            wire.__exit__()
        asking = fetcher(*urls, limits=replace(SILENT, connect=PATIENCE, read=6, whole=6))
        started = time.monotonic()
        looks = {look.observation.url: look for look in fetch_all(_pages(*urls), {}, asking)}
        took = time.monotonic() - started
        asking.close()
        outcomes = [looks[url].observation.outcome for url in urls]
    assert [Outcome.TIMEOUT] * 40 + [Outcome.CONNECTION_FAILED] * 19 + [Outcome.OK] == outcomes
    assert looks[urls[-1]].body == HTML
    assert took < 200  # one after the other, those that say nothing whole cost 240 s in each round


def test_a_fault_of_our_own_costs_its_page_and_not_the_run(
    site: Site, asking: Fetcher, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    find_refusal = Robots.find_refusal

    def explode(robots: Robots, url: str) -> str | None:
        if url.endswith("/0"):
            raise ZeroDivisionError("division\nby zero")
        return find_refusal(robots, url)

    monkeypatch.setattr(Robots, "find_refusal", explode)
    urls = [site.serve(f"/{number}", _ok()) for number in range(2)]
    looks = sorted(fetch_all(_pages(*urls), {}, asking), key=_source_id)
    assert [Outcome.CONNECTION_FAILED, Outcome.OK] == [look.observation.outcome for look in looks]
    assert "a fault of the fetcher: ZeroDivisionError: division by zero" == looks[0].observation.detail
    assert "page-0: cannot be looked at" in caplog.text


def test_an_address_that_is_none_makes_a_look_among_the_others(site: Site, asking: Fetcher) -> None:
    urls = ["http://[::1", site.serve("/page", _ok())]
    looks = sorted(fetch_all(_pages(*urls), {}, asking), key=_source_id)
    assert [Outcome.ADDRESS_REFUSED, Outcome.OK] == [look.observation.outcome for look in looks]


def test_no_page_makes_no_look(asking: Fetcher) -> None:
    assert [] == list(fetch_all([], {}, asking))


# The end, when it is asked for.


STOPS: list[tuple[str, Talk, int]] = [
    ("silent", says(holds=True), 3),
    ("dripping", says(*[b"x"] * 9999, pause=0.1), 3),
    ("waiting for its pause", says(whole()), 1),
]


@pytest.mark.parametrize(("talk", "count"), [case[1:] for case in STOPS], ids=[case[0] for case in STOPS])
def test_a_stop_from_another_thread_ends_everything_at_once(talk: Talk, count: int) -> None:
    with _hosts(talk, count) as wires:
        urls = [wire.url(f"/{number}") for wire in wires for number in range(4)]
        asking = fetcher(*urls, pause_seconds=PATIENCE)
        timer, stopped_at = _stopping(asking, lambda: all(wire.requests for wire in wires))
        looks = list(fetch_all(_pages(*urls), {}, asking))
        took = time.monotonic() - stopped_at[0]
        timer.join()
        asking.close()
    assert len(urls) == len(looks)
    assert {Outcome.STOPPED} == {look.observation.outcome for look in looks if look.body is None}
    assert took < _AT_ONCE


def _stopping(asking: Fetcher, is_reached: Callable[[], object]) -> tuple[threading.Thread, list[float]]:
    """Stop it a moment after something is so: whether what follows has begun by then or not, it ends."""
    stopped_at: list[float] = []

    def stop() -> None:
        wait_for(lambda: bool(is_reached()))
        time.sleep(0.4)
        stopped_at.append(time.monotonic())
        asking.stop()

    thread = threading.Thread(target=stop)
    thread.start()
    return thread, stopped_at


def test_a_stop_ends_a_look_that_waits_for_a_connection() -> None:
    with Wire(says(), listens_only=True) as wire, crowded(wire):
        asking = fetcher(wire.url())
        timer, stopped_at = _stopping(asking, lambda: asking._under_way)  # noqa: SLF001 - told by nothing else
        (look,) = fetch_all(_pages(wire.url()), {}, asking)
        took = time.monotonic() - stopped_at[0]
        timer.join()
        asking.close()
    assert Outcome.STOPPED is look.observation.outcome
    assert took < _AT_ONCE


def test_a_stop_ends_a_look_that_waits_for_a_name() -> None:
    is_asked, is_over = threading.Event(), threading.Event()

    def hang(_host: str, _port: int) -> list[str]:
        is_asked.set()
        is_over.wait(PATIENCE)
        return []

    asking = fetcher("http://terms.example/", gate=Gate(resolver=hang))
    timer, stopped_at = _stopping(asking, is_asked.is_set)
    (look,) = fetch_all(_pages("http://terms.example/"), {}, asking)
    took = time.monotonic() - stopped_at[0]
    is_over.set()
    timer.join()
    asking.close()
    assert Outcome.STOPPED is look.observation.outcome
    assert took < _AT_ONCE


def test_a_stop_ends_the_wait_for_second_tries_and_keeps_what_the_first_ones_brought(
    site: Site, asking: Fetcher
) -> None:
    url = site.serve("/page", page(b"", "503 Service Unavailable", Retry_After="60"))
    timer, stopped_at = _stopping(asking, lambda: asking.free_at("127.0.0.1"))  # since the first try is over
    (look,) = fetch_all(_pages(url), {}, asking)
    assert time.monotonic() - stopped_at[0] < _AT_ONCE
    timer.join()
    assert (Outcome.SERVER_ERROR, 1) == (look.observation.outcome, len(site.seen("/page")))


def test_a_fetcher_that_was_stopped_asks_nothing_more(site: Site) -> None:
    asking = fetcher()
    asking.stop()
    look = asking.look(page_at(site.serve("/page", _ok())))
    asking.close()
    assert look.observation.outcome is Outcome.STOPPED
    assert [] == site.requests


def test_whoever_takes_no_more_looks_ends_the_run(site: Site) -> None:
    with Wire(says(holds=True), host="127.0.0.2") as silent:
        urls = [site.serve("/page", _ok()), silent.url()]
        asking = fetcher(*urls)
        looks = fetch_all(_pages(*urls), {}, asking)
        first = next(looks)
        started = time.monotonic()
        looks.close()  # type: ignore[attr-defined]
        took = time.monotonic() - started
        asking.close()
    assert first.observation.outcome is Outcome.OK
    assert asking.is_stopped
    assert took < _AT_ONCE


def test_rules_known_from_an_earlier_run_are_handed_back_with_those_of_this_one(site: Site) -> None:
    earlier = allowed("http://elsewhere.example/")
    asking = fetcher(robots=dict(earlier))
    list(fetch_all(_pages(site.serve("/page", _ok())), {}, asking))
    asking.close()
    assert {*earlier, site.url("")} == set(asking.robots)
    assert NOW == asking.robots[site.url("")].fetched_at


# Bodies: kept by the workers, and few of them held.


def test_a_body_is_kept_by_the_worker_that_brought_it_before_its_look_is_taken(site: Site, asking: Fetcher) -> None:
    kept: list[tuple[bytes, str]] = []
    looks = fetch_all(
        _pages(site.serve("/page", _ok()), site.serve("/gone", page(status="410 Gone"))),
        {},
        asking,
        keep=lambda body: kept.append((body, threading.current_thread().name)),
    )
    assert {Outcome.OK, Outcome.GONE} == {look.observation.outcome for look in looks}
    ((body, worker),) = kept
    assert (HTML, True) == (body, worker != threading.current_thread().name)


FAULTS = [OSError(28, "No space left on device"), MemoryError(), ZstdError("cannot compress: Allocation error")]


@pytest.mark.fault("W02")
@pytest.mark.parametrize("fault", FAULTS, ids=[type(fault).__name__ for fault in FAULTS])
def test_w02_a_body_that_cannot_be_kept_is_left_to_whoever_takes_the_look(
    site: Site, asking: Fetcher, fault: Exception
) -> None:
    def fail(_: bytes) -> None:
        raise fault

    urls = [site.serve(f"/{number}", _ok()) for number in range(3)]
    looks = _taken(fetch_all(_pages(*urls), {}, asking, keep=fail))
    assert [(Outcome.OK, HTML)] * 3 == [(look.observation.outcome, look.body) for look in looks]


def _taken(looks: Iterator[Look]) -> list[Look]:
    """Return the looks, or raise what ended them; fail where nothing does."""
    found: Future[list[Look]] = Future()

    def take() -> None:
        try:
            found.set_result(list(looks))
        except ZeroDivisionError as error:
            found.set_exception(error)

    threading.Thread(target=take, daemon=True).start()
    return found.result(PATIENCE)


@pytest.mark.fault("W03")
def test_w03_a_worker_that_dies_ends_the_run_with_what_killed_it(
    site: Site, asking: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fetcher, "free_at", lambda _asking, _host: 1 / 0)
    urls = [site.serve(f"/{number}", _ok()) for number in range(3)]
    with pytest.raises(ZeroDivisionError):
        _taken(fetch_all(_pages(*urls), {}, asking))
    assert 1 == len(site.requests)


def test_no_more_is_asked_for_while_nobody_takes_what_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "_MOST_WAITING", 1)
    with _hosts(says(whole(HTML, b"Connection: close")), 3) as wires:
        urls = [wire.url(f"/{number}") for number in range(5) for wire in wires]
        asking = fetcher(*urls)
        looks = fetch_all(_pages(*urls), {}, asking)
        next(looks)
        time.sleep(0.5)
        asked = sum(len(wire.requests) for wire in wires)
        rest = list(looks)
        asking.close()
    assert asked <= 1 + 1 + 3  # taken, waiting, and one in the hands of each worker
    assert 14 == len(rest)
