"""Polite, bounded, conditional looks at pages: bytes and facts, nothing parsed."""

import http.client
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import Self

import requests
import urllib3.exceptions

from pipeline.collect.addresses import Gate, RefusedAddressError, Target, without_user
from pipeline.collect.answer import Answer, Look, describe, read_answer
from pipeline.collect.body import read_start
from pipeline.collect.connection import Deadline, GuardedAdapter, PlainSession
from pipeline.collect.failure import Failure, explain
from pipeline.collect.headers import retry_after_seconds
from pipeline.collect.manners import Manners
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
    """How long may be waited, in seconds; `whole` is for one answer with all redirects that lead to it."""

    connect: float = 10.0
    read: float = 20.0
    whole: float = 30.0


def user_agent(contact: str | None = None) -> str:
    """Return how requests name themselves: the project, its version, and whom to write to."""
    return f"provider-terms/{version('provider-terms')} ({contact or 'catalog of LLM data policies; contact not set'})"


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
    _under_way: set[Deadline] = field(default_factory=set)
    _asked_robots: set[str] = field(default_factory=set)
    _session: requests.Session = field(default_factory=PlainSession)
    is_stopped: bool = False
    is_asking: bool = False  # whether somebody waits for looks, and hears of a stop by `is_stopped`

    def __post_init__(self) -> None:
        """Make the session: no cookies, no redirects of its own, every connection through the gate."""
        self._session.trust_env = self.trusts_environment
        self._session.verify = self.ca_file or True
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.auth = lambda request: request  # or else requests looks for a password in ~/.netrc
        self._session.headers.clear()
        headers = {"Accept-Language": "en", "Accept-Encoding": "gzip, deflate", "User-Agent": user_agent(self.contact)}
        self._session.headers.update(headers)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, GuardedAdapter(self.gate, pools=256))

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def stop(self) -> None:
        """End every look that is under way or waits for its turn, from any thread."""
        self.is_stopped = True
        self._manners.stop()
        for deadline in tuple(self._under_way):
            deadline.expire()

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
        answer = self._take_turn(trip, target, _condition(trip.known, url), pause)
        # A 304 for another version than the one at hand confirms nothing: ask once more, without a condition.
        return self._take_turn(trip, target, None, pause) if answer.is_mismatched else answer

    def _take_turn(self, trip: _Trip, target: Target, condition: Observation | None, pause: float) -> Answer:
        page, seen = trip.page, trip.seen
        with self._turn(target.host, pause, trip.seconds_left) as deadline:
            try:
                if deadline.is_expired:  # stopped while it waited
                    raise TimeoutError
                with self._get(target.url, page.content_types, deadline, condition) as response:
                    seen = describe(response, seen)
                    types, most = page.content_types, page.max_bytes
                    answer = read_answer(response, condition, seen, max_bytes=most, types=types, now=self.now())
                if deadline.is_expired:  # A body of unknown length looks whole when its connection is shut down.
                    raise TimeoutError
            except _ERRORS as error:
                answer = Answer(look=_failed(seen, self._explain(error, deadline)))
            trip.seconds_left = deadline.remaining()
        return answer

    @contextmanager
    def _turn(self, host: str, pause: float, seconds: float) -> Iterator[Deadline]:
        """Wait for a host's turn and give the deadline of the request; it has passed where the run was stopped."""
        with self._manners.turn(host.strip("[]"), pause), Deadline(seconds) as deadline:
            self._under_way.add(deadline)
            try:
                if self.is_stopped:
                    deadline.expire()
                yield deadline
            finally:
                self._under_way.discard(deadline)

    def _explain(self, error: Exception, deadline: Deadline) -> Failure:
        return explain(error, is_expired=deadline.is_expired, is_stopped=self.is_stopped)

    def _get(
        self, url: str, types: Iterable[str], deadline: Deadline, condition: Observation | None = None
    ) -> requests.Response:
        headers = {"Accept": ", ".join(types)}
        if condition is not None and condition.etag:
            headers["If-None-Match"] = condition.etag
        if condition is not None and condition.last_modified:
            headers["If-Modified-Since"] = condition.last_modified
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
            with self._turn(host_of(asked), 0, seconds_left) as deadline:
                try:
                    if deadline.is_expired:  # stopped while it waited
                        raise TimeoutError
                    self.gate.check_url(asked, (*page.ports, target.port))
                    with self._get(asked, ("text/plain",), deadline) as response:
                        location = response.headers.get("Location") if response.is_redirect else None
                        rules = None if location else self._read_robots(target, response)
                    if deadline.is_expired:  # half a robots.txt, which would allow what the whole one does not
                        raise TimeoutError
                    if rules is not None:
                        return rules
                except _ERRORS as error:
                    return Robots.unreachable(target.origin, self.now(), self._explain(error, deadline))
                seconds_left = deadline.remaining()
            asked, refusal = resolve_redirect(asked, location or "", page.host, page.hosts)
            if refusal is not None:
                break
        return Robots.of_answer(target.origin, self.now(), status=requests.codes.not_found, body=b"")

    def _read_robots(self, target: Target, response: requests.Response) -> Robots:
        body = b""
        if response.status_code == requests.codes.ok:  # what any other answer says is not read
            chunks = response.raw.stream(_CHUNK_BYTES, decode_content=False)
            body = read_start(chunks, response.headers, MAX_BYTES)
        status, wait = response.status_code, retry_after_seconds(response.headers, self.now())
        return Robots.of_answer(target.origin, self.now(), status=status, body=body, retry_after_seconds=wait)


def _condition(known: Observation | None, url: str) -> Observation | None:
    """Return the look whose validators belong to this very address, None where there is none."""
    if known is None or known.url != url or not (known.etag or known.last_modified):
        return None
    return known


def _failed(seen: Observation, failure: Failure) -> Look:
    observation = replace(seen, outcome=failure.outcome, detail=failure.detail)
    return Look(observation=observation, is_transient=failure.is_transient)
