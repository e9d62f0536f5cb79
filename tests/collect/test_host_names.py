"""A run without a network ends soon: where no name is resolved, names are given up for the round."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest
from network_site import PATIENT, Wire, allowed, fetcher, keeps, page_at, whole
from patience import PATIENCE, wait_for

from pipeline.collect import schedule
from pipeline.collect.addresses import Gate
from pipeline.collect.names import Names
from pipeline.collect.schedule import fetch_all
from pipeline.model import Outcome

AGAIN = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
NO_NAME = socket.gaierror(socket.EAI_NONAME, "Name or service not known")


class Answers:
    """A resolver that answers as told, `None` for silence, and remembers what it was asked."""

    def __init__(self, given: Mapping[str, list[str] | OSError | None], otherwise: OSError | None = None) -> None:
        self.given, self.otherwise = dict(given), otherwise
        self.asked: list[str] = []
        self.ended = threading.Event()

    def __call__(self, host: str, _port: int) -> list[str]:
        self.asked.append(host)
        found = self.given.get(host, self.otherwise)
        if found is None:
            self.ended.wait(PATIENCE)
            return []
        if isinstance(found, OSError):
            raise found
        return found


@pytest.fixture
def answers() -> Iterator[Callable[..., Answers]]:
    """Make resolvers that end with the test."""
    made: list[Answers] = []

    def make(*arguments: object) -> Answers:
        made.append(Answers(*arguments))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.ended.set()


@pytest.mark.fault("N01", "N31")
@pytest.mark.parametrize("otherwise", [None, AGAIN], ids=["silence", "failure"])
def test_n01_where_no_name_is_resolved_the_rest_of_the_round_is_not_asked_and_there_is_no_second(
    answers: Callable[..., Answers], monkeypatch: pytest.MonkeyPatch, otherwise: OSError | None
) -> None:
    monkeypatch.setattr(schedule, "_LATE_SECONDS", PATIENCE)
    resolver = answers({}, otherwise)
    pages = [page_at(f"http://host-{n}.example/", source_id=f"s{n}") for n in range(40)]
    asking = fetcher(*(page.url for page in pages), gate=Gate(resolver=resolver), limits=replace(PATIENT, name=0.2))
    started = time.monotonic()
    looks = [look.observation for look in fetch_all(pages, {}, asking, workers=3)]
    assert time.monotonic() - started < PATIENCE
    asking.close()
    assert [Outcome.DNS_FAILED] * 40 == [look.outcome for look in looks]
    wait_for(lambda: len(resolver.asked) >= 3)  # by threads that nobody waits for any more
    assert len(resolver.asked) <= 5
    assert 35 <= sum("not asked: no name could be resolved" in str(look.detail) for look in looks)


@pytest.mark.fault("N01", "N31")
@pytest.mark.parametrize("answered", ["127.0.0.1", None], ids=["an address", "no such name"])
def test_n01_where_one_name_is_answered_the_others_are_asked_for_twice(
    answers: Callable[..., Answers], monkeypatch: pytest.MonkeyPatch, answered: str | None
) -> None:
    monkeypatch.setattr(schedule, "_LATE_SECONDS", 0.05)
    with Wire(keeps(whole())) as wire:
        resolver = answers({"good.example": [answered] if answered else NO_NAME}, AGAIN)
        hosts = ["good.example", *(f"host-{n}.example" for n in range(9))]
        pages = [page_at(wire.url(host=host), source_id=host) for host in hosts]
        gate = Gate(resolver=resolver, allows_private=True)
        asking = fetcher(gate=gate, robots=allowed(*(page.url for page in pages)))
        looks = {look.observation.source_id: look.observation for look in fetch_all(pages, {}, asking, workers=1)}
        asking.close()
    assert (Outcome.OK if answered else Outcome.DNS_FAILED) is looks["good.example"].outcome
    assert [2] * 9 == [resolver.asked.count(host) for host in hosts[1:]]


@pytest.mark.fault("N01")
def test_n01_one_name_that_is_silent_is_asked_for_again_and_an_answer_that_comes_late_is_one(
    answers: Callable[..., Answers],
) -> None:
    resolver = answers({"slow.example": None}, AGAIN)
    names = Names(resolver, 0.2)
    for host in ("slow.example", "slow.example", "b.example"):
        with pytest.raises(socket.gaierror):
            names(host, 80)
    is_silent = [names.is_silent]
    with pytest.raises(socket.gaierror):
        names("c.example", 80)
    assert [False, True] == [*is_silent, names.is_silent]
    resolver.ended.set()
    wait_for(lambda: not names.is_silent)  # its threads go on
    resolver.given["d.example"] = ["192.0.2.1"]
    assert ["192.0.2.1"] == names("d.example", 80)


@pytest.mark.fault("N01")
def test_n01_no_pause_is_kept_at_a_host_that_nothing_reached(answers: Callable[..., Answers]) -> None:
    asking = fetcher(gate=Gate(resolver=answers({}, AGAIN)), pause_seconds=30)
    asking.look(page_at("http://a.example/"))
    assert asking.free_at("a.example") <= time.monotonic()
    asking.close()


def test_a_new_round_asks_for_names_again(answers: Callable[..., Answers]) -> None:
    names = Names(answers({}, AGAIN), PATIENCE)
    for host in ("a.example", "b.example", "c.example"):
        with pytest.raises(socket.gaierror):
            names(host, 80)
    is_silent = [names.is_silent]
    names.begin_round()
    assert [True, False] == [*is_silent, names.is_silent]
