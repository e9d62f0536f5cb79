"""Plain, bounded, conditional HTTP: bytes and facts, nothing parsed."""

import http.client
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin

import requests
import urllib3

from pipeline.collect.deadline import Deadline, open_session
from pipeline.declarations import Source
from pipeline.model import Moment, Observation, Outcome

USER_AGENT = "provider-terms/0.1 (catalog of LLM data policies; +https://github.com/provider-terms/provider-terms)"
_CHUNK_BYTES = 65_536
_WORKERS = 4
_MAX_REDIRECTS = 10
_MAX_DETAIL = 200  # characters
_NOT_MODIFIED = 304
_READ = (200, 204)  # no other status promises a whole answer
# What requests and what is below it raise; a malformed Location passes through requests as a bare ValueError.
_FAILURES = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    ValueError,
    OSError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many seconds a look may take: to connect, between two reads, and in all, whatever the server drips."""

    connect_seconds: float = 10
    read_seconds: float = 20
    total_seconds: float = 60


_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look brought: the observation, and the bytes where new ones came."""

    observation: Observation
    body: bytes | None = None


def fetch_all(
    sources: Iterable[Source],
    known: Mapping[str, Observation],
    now: Callable[[], datetime],
    limits: Limits = _LIMITS,
) -> Iterator[Look]:
    """Look at every source once, a few at a time, and yield each look as it ends, in the order given.

    `known` holds the last good observation of a source, whose validators make the request conditional.
    """
    with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
        yield from pool.map(lambda source: fetch_source(source, known.get(source.id), now, limits), sources)


def fetch_source(
    source: Source, known: Observation | None, now: Callable[[], datetime], limits: Limits = _LIMITS
) -> Look:
    """Look at one source; every failure is an outcome of the look, none is raised."""
    started, clock = now(), time.monotonic()
    blank = Observation(
        source_id=source.id,
        moment=Moment.instant(started),
        outcome=Outcome.CONNECTION_FAILED,
        origin="fetch",
        url=source.url,
    )
    with Deadline(limits.total_seconds) as deadline:
        try:
            look = _request(source, known, blank, limits, deadline)
        except _FAILURES as error:
            look = _broken(blank, error, deadline)
    elapsed = round((time.monotonic() - clock) * 1000)
    return replace(look, observation=replace(look.observation, duration_ms=elapsed))


def _request(source: Source, known: Observation | None, blank: Observation, limits: Limits, deadline: Deadline) -> Look:
    with open_session(deadline) as session:
        response = _get(session, source, known, limits)
        if _is_304(response) and not _confirms(response, known):
            response.close()
            response = _get(session, source, None, limits)
        with response:
            content_type = response.headers.get("Content-Type")
            seen = replace(blank, status=response.status_code, url=response.url, content_type=content_type)
            try:
                return _answer(source, known, seen, response, deadline)
            except _FAILURES as error:
                return _broken(seen, error, deadline)


def _get(session: requests.Session, source: Source, known: Observation | None, limits: Limits) -> requests.Response:
    """Return the answer at the end of all redirects, its body unread. No body of a redirect is read either."""
    url = source.url
    for _ in range(_MAX_REDIRECTS + 1):
        request = session.prepare_request(requests.Request("GET", url))
        request.headers.update({"User-Agent": USER_AGENT, "Accept": ", ".join(source.content_types)})
        if known is not None and known.url == request.url:  # Validators speak of one address only.
            request.headers.update(_conditions(known))
        timeouts = (limits.connect_seconds, limits.read_seconds)
        # The adapter itself: a session reads the body of a redirect, however long it is.
        response = session.get_adapter(str(request.url)).send(request, timeout=timeouts, stream=True)
        try:
            target = session.get_redirect_target(response)
        except BaseException:
            response.close()
            raise
        if not target:
            return response
        response.close()
        url = urljoin(response.url, target)
    raise requests.TooManyRedirects(f"more than {_MAX_REDIRECTS} redirects, the last to {url}")


def _conditions(known: Observation) -> dict[str, str]:
    validators = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in validators.items() if value}


def _is_304(response: requests.Response) -> bool:
    return response.status_code == _NOT_MODIFIED


def _confirms(response: requests.Response, known: Observation | None) -> bool:
    """Whether a 304 speaks of the known capture: a condition was sent, and no other ETag came back."""
    sent = response.request.headers
    if known is None or not ("If-None-Match" in sent or "If-Modified-Since" in sent):
        return False
    tags = {tag.removeprefix("W/") for tag in (known.etag, response.headers.get("ETag")) if tag}
    return len(tags) <= 1


def _answer(
    source: Source, known: Observation | None, seen: Observation, response: requests.Response, deadline: Deadline
) -> Look:
    if _is_304(response):
        if known is None or not _confirms(response, known):
            return _failed(seen, Outcome.HTTP_ERROR, "HTTP 304 to a request without a condition")
        confirmed = replace(seen, outcome=Outcome.NOT_MODIFIED, capture_id=known.capture_id)
        return Look(observation=replace(confirmed, etag=known.etag, last_modified=known.last_modified))
    if response.status_code not in _READ:
        return _failed(seen, Outcome.HTTP_ERROR, f"HTTP {response.status_code}")
    content_type = seen.content_type
    if content_type and content_type.partition(";")[0].strip().lower() not in source.content_types:
        expected = " or ".join(source.content_types)
        return _failed(seen, Outcome.WRONG_CONTENT_TYPE, f"expected {expected}, got {content_type}")
    return _download(source, seen, response, deadline)


def _download(source: Source, seen: Observation, response: requests.Response, deadline: Deadline) -> Look:
    body = bytearray()
    for chunk in response.iter_content(_CHUNK_BYTES):
        body += chunk
        if len(body) > source.max_bytes:
            return _failed(seen, Outcome.TOO_LARGE, f"more than {source.max_bytes} bytes")
    if deadline.is_over:  # A body without a length ends where it is cut, and looks whole.
        return _late(seen, deadline)
    if not body.strip():
        return _failed(seen, Outcome.EMPTY, "the body is empty")
    observation = replace(
        seen,
        outcome=Outcome.OK,
        etag=response.headers.get("ETag"),
        last_modified=response.headers.get("Last-Modified"),
        size_bytes=len(body),
    )
    return Look(observation=observation, body=bytes(body))


def _broken(seen: Observation, error: Exception, deadline: Deadline) -> Look:
    if deadline.is_over:
        return _late(seen, deadline)
    causes = _causes(error)
    if any(isinstance(cause, (TimeoutError, requests.Timeout)) for cause in causes):
        return _failed(seen, Outcome.TIMEOUT, "no answer in time")
    # The innermost cause tells it: the outer ones repeat the address and name library classes.
    return _failed(seen, Outcome.CONNECTION_FAILED, str(causes[-1]) or type(causes[-1]).__name__)


def _causes(error: BaseException) -> list[BaseException]:
    causes = [error]
    while (inner := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(inner)
    return causes


def _late(seen: Observation, deadline: Deadline) -> Look:
    return _failed(seen, Outcome.TIMEOUT, f"not whole after {deadline.seconds:g} s")


def _failed(seen: Observation, outcome: Outcome, detail: str) -> Look:
    return Look(observation=replace(seen, outcome=outcome, detail=" ".join(detail.split())[:_MAX_DETAIL]))
