"""Polite, bounded, conditional looks at pages: bytes and facts, nothing parsed."""

import http.client
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

import requests
import urllib3.exceptions

from pipeline.collect.addresses import Gate, RefusedAddressError, Target, without_user
from pipeline.collect.answer import Answer, Look, condition_headers, describe, find_condition, read_answer
from pipeline.collect.body import read_start
from pipeline.collect.connection import Deadline, open_session
from pipeline.collect.failure import FailedError, Failure, explain
from pipeline.collect.headers import retry_after_seconds, user_agent
from pipeline.collect.manners import Manners
from pipeline.collect.names import Names
from pipeline.collect.redirects import host_of, resolve_redirect
from pipeline.collect.robots import MAX_BYTES, Robots
from pipeline.declarations import Source
from pipeline.errors import TermsError
from pipeline.model import Moment, Observation, Outcome

MAX_REDIRECTS = 5
_ERRORS = (
    *(requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException),
    *(TermsError, OSError, ValueError),
)
_CHUNK_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is looked at, and how. `ports` are declared beside 80 and 443; `hosts` are where redirects may lead.

    Without `hosts`, a redirect may lead to any public host; where it leads is recorded.
    """

    source_id: str
    url: str
    content_types: tuple[str, ...]
    max_bytes: int
    ports: tuple[int, ...] = ()
    hosts: tuple[str, ...] = ()

    @classmethod
    def of(cls, source: Source) -> Self:
        """Return the page that a source declares."""
        return cls(
            source_id=source.id,
            url=source.page_url,
            content_types=source.content_types,
            max_bytes=source.max_bytes,
            ports=source.ports,
            hosts=source.redirect_hosts,
        )

    @property
    def host(self) -> str:
        """The host as written, which is what one worker at a time looks at."""
        return host_of(self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long may be waited, in seconds: `whole` for one answer with all redirects, `name` for the first of names."""

    connect: float = 10.0
    read: float = 20.0
    whole: float = 30.0
    name: float = 1.5


@dataclass(slots=True, kw_only=True)
class _Trip:
    """One look under way: where it stands, and the seconds that are left for its requests."""

    page: Page
    known: Observation | None
    seen: Observation
    seconds_left: float


@dataclass(slots=True, kw_only=True)
class Fetcher:
    """Looks at pages over one session; many threads may use it at once. The clock is passed in."""

    now: Callable[[], datetime]
    gate: Gate = field(default_factory=Gate)
    limits: Limits = field(default_factory=Limits)
    pause_seconds: float = 1.0
    contact: str | None = None
    ca_file: str | None = None
    trusts_environment: bool = False
    robots: dict[str, Robots] = field(default_factory=dict)
    _manners: Manners = field(default_factory=Manners)
    _names: Names = field(init=False)
    _under_way: set[Deadline] = field(default_factory=set)
    _asked_robots: set[str] = field(default_factory=set)
    _session: requests.Session = field(init=False)
    is_stopped: bool = False
    is_asking: bool = False  # whether somebody waits for looks, and hears of a stop by `is_stopped`

    def __post_init__(self) -> None:
        """Make the session."""
        headers = {"Accept-Language": "en", "Accept-Encoding": "gzip, deflate", "User-Agent": user_agent(self.contact)}
        self._names = Names(self.gate.resolver, self.limits.name)
        gate, ca_file = replace(self.gate, resolver=self._names), self.ca_file
        self._session = open_session(
            gate, headers, pools=256, ca_file=ca_file, trusts_environment=self.trusts_environment
        )

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def stop(self) -> None:
        """End every look that is under way or waits for its turn, from any thread."""
        self.is_stopped = True
        self._manners.stop()
        for deadline in tuple(self._under_way):
            deadline.expire()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Do something that may take long and may be left at any moment, so that a stop need not wait for it."""
        self.is_asking = False
        try:
            yield
        finally:
            self.is_asking = True

    def begin_round(self) -> None:
        """Ask again the hosts, and for the names, that were silent."""
        self._manners.forget_silences()
        self._names.begin_round()

    @property
    def is_offline(self) -> bool:
        """Whether no name could be resolved in this round, nor ever before."""
        return self._names.is_silent

    def forget_failures(self) -> None:
        """Ask again for the robots.txt files that could not be had in this run."""
        self._asked_robots -= {origin for origin, robots in self.robots.items() if robots.refusal is not None}

    def free_at(self, host: str) -> float:
        """Return the monotonic time from which a host may be asked again."""
        return self._manners.free_at(host)

    def look(self, page: Page, known: Observation | None = None) -> Look:
        """Look at one page; every failure is the outcome of the look, none is raised.

        `known` is the last good observation, whose validators make the request conditional.
        """
        clock = time.monotonic()
        seen = Observation(
            source_id=page.source_id,
            moment=Moment.instant(self.now()),
            outcome=Outcome.CONNECTION_FAILED,
            origin="fetch",
            url=page.url,
        )
        look = self._follow(_Trip(page=page, known=known, seen=seen, seconds_left=self.limits.whole))
        duration = round((time.monotonic() - clock) * 1000)
        return replace(look, observation=replace(look.observation, duration_ms=duration))

    def _follow(self, trip: _Trip) -> Look:
        """Ask, and follow redirects one by one, each checked as the first address was."""
        asked, status = trip.page.url, None
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._ask(trip, asked)
            if answer.location is None:
                return answer.look
            status = answer.look.observation.status
            location, refusal = resolve_redirect(asked, answer.location, trip.page.host, trip.page.hosts)
            trip.seen = replace(trip.seen, url=without_user(location), redirects=(*trip.seen.redirects, asked))
            if refusal is not None:
                refused = replace(trip.seen, outcome=Outcome.REDIRECT_REFUSED, detail=refusal, status=status)
                return Look(observation=refused)
            asked = location
        detail = f"more than {MAX_REDIRECTS} redirects"
        return Look(observation=replace(trip.seen, outcome=Outcome.TOO_MANY_REDIRECTS, detail=detail, status=status))

    def _ask(self, trip: _Trip, url: str) -> Answer:
        """Ask one address, if it may be asked and when it may."""
        try:
            target = self.gate.check_url(url, trip.page.ports)
        except RefusedAddressError as error:
            return Answer(look=_failed(trip.seen, explain(error, is_expired=False, is_stopped=False)))
        robots = self._find_robots(target, trip.page)
        refusal = robots.find_refusal(url)
        if refusal is not None:
            # A host that is down is told as down; only one that answers can disallow, or be in trouble that may pass.
            is_passing = robots.refusal is not None
            failure = Failure(outcome=Outcome.ROBOTS_DISALLOWED, detail=refusal, is_transient=is_passing)
            look = _failed(trip.seen, replace(robots.failure or failure, detail=refusal))
            return Answer(look=replace(look, retry_after_seconds=robots.retry_after_seconds))
        pause = robots.delay_seconds(self.pause_seconds)
        answer = self._take_turn(trip, target, find_condition(trip.known, url), pause)
        # A 304 for another version than the one at hand confirms nothing: ask once more, without a condition.
        return self._take_turn(trip, target, None, pause) if answer.is_mismatched else answer

    def _take_turn(self, trip: _Trip, target: Target, condition: Observation | None, pause: float) -> Answer:
        page, seen = trip.page, trip.seen
        try:
            with self._turn(target.host.strip("[]"), pause, trip.seconds_left) as deadline:
                with self._get(target.url, page.content_types, deadline, condition) as response:
                    seen = describe(response, seen)
                    types, most = page.content_types, page.max_bytes
                    answer = read_answer(response, condition, seen, max_bytes=most, types=types, now=self.now())
                trip.seconds_left = deadline.remaining()
        except FailedError as error:
            return Answer(look=_failed(seen, error.failure))
        return answer

    @contextmanager
    def _turn(self, host: str, pause: float, seconds: float) -> Iterator[Deadline]:
        """Wait for a host's turn and give the deadline of the request.

        Raise FailedError where the request fails, the run was stopped, or the host was silent too often to be asked.
        """
        with self._manners.turn(host, pause), Deadline(seconds) as deadline:
            self._under_way.add(deadline)
            try:
                if self.is_stopped:
                    raise TimeoutError
                yield deadline
                if deadline.is_expired:  # A body of unknown length looks whole when its connection is shut down.
                    raise TimeoutError
            except _ERRORS as error:
                failure = explain(error, is_expired=deadline.is_expired, is_stopped=self.is_stopped)
                raise FailedError(failure) from error
            finally:
                self._under_way.discard(deadline)

    def _get(
        self, url: str, types: Iterable[str], deadline: Deadline, condition: Observation | None = None
    ) -> requests.Response:
        headers = {"Accept": ", ".join(types)} | condition_headers(condition)
        timeouts = (self.limits.connect, self.limits.read)
        try:
            return self._session.get(url, headers=headers, timeout=timeouts, stream=True, allow_redirects=False)
        except requests.ConnectionError:
            if not deadline.is_reused or deadline.is_expired:
                raise
            # The server closed a kept connection while the request was on its way: RFC 9112, 9.3.1. Ask on a new one.
            return self._session.get(url, headers=headers, timeout=timeouts, stream=True, allow_redirects=False)

    def _find_robots(self, target: Target, page: Page) -> Robots:
        """Return the rules of an origin; they are asked for once a run, and not where they are known from today."""
        with self._manners.turn(f"robots of {target.origin}", 0):
            known = self.robots.get(target.origin)
            if known is None or not (known.is_fresh(self.now()) or target.origin in self._asked_robots):
                known = self.robots[target.origin] = self._fetch_robots(target, page)
                self._asked_robots.add(target.origin)
        return known

    def _fetch_robots(self, target: Target, page: Page) -> Robots:
        asked, seconds_left = f"{target.origin}/robots.txt", self.limits.whole
        for _ in range(MAX_REDIRECTS + 1):
            try:
                with self._turn(host_of(asked), self.pause_seconds, seconds_left) as deadline:
                    self.gate.check_url(asked, (*page.ports, target.port))
                    with self._get(asked, ("text/plain",), deadline) as response:
                        location = response.headers.get("Location") if response.is_redirect else None
                        rules = None if location else self._read_robots(target, response)
                    seconds_left = deadline.remaining()
            except FailedError as error:
                return Robots.unreachable(target.origin, self.now(), error.failure)
            if rules is not None:
                return rules
            # Rules may stand anywhere (RFC 9309, 2.3.1.2): where redirects of the page may lead does not bind them.
            asked, refusal = resolve_redirect(asked, location or "", page.host, ())
            if refusal is not None:
                failure = Failure(outcome=Outcome.ROBOTS_DISALLOWED, detail=refusal, is_transient=False)
                return Robots.unreachable(target.origin, self.now(), failure)
        return Robots.of_answer(target.origin, self.now(), status=requests.codes.not_found, body=b"")

    def _read_robots(self, target: Target, response: requests.Response) -> Robots:
        body = b""
        if 200 <= response.status_code < 300:  # noqa: PLR2004 - what an answer of another class says is not read
            chunks = response.raw.stream(_CHUNK_BYTES, decode_content=False)
            body = read_start(chunks, response.headers, MAX_BYTES)
        status, wait = response.status_code, retry_after_seconds(response.headers, self.now())
        return Robots.of_answer(target.origin, self.now(), status=status, body=body, retry_after_seconds=wait)


def _failed(seen: Observation, failure: Failure) -> Look:
    observation = replace(seen, outcome=failure.outcome, detail=failure.detail)
    return Look(observation=observation, is_transient=failure.is_transient, is_asked=failure.is_asked)
