"""Plain, bounded, conditional HTTP: bytes and facts, nothing parsed."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

import requests

from pipeline.declarations import Source
from pipeline.model import Moment, Observation, Outcome

USER_AGENT = "provider-terms/0.1 (catalog of LLM data policies; +https://github.com/provider-terms/provider-terms)"
_TIMEOUTS = (10, 20)  # seconds to connect, seconds between two reads
_DEADLINE_SECONDS = 60  # for the whole answer, whatever the server drips
_CHUNK_BYTES = 65_536
_WORKERS = 4
_FIRST_ERROR_STATUS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look brought: the observation, and the bytes where new ones came."""

    observation: Observation
    body: bytes | None = None


def fetch_all(
    sources: Iterable[Source],
    known: Mapping[str, Observation],
    now: Callable[[], datetime],
) -> Iterator[Look]:
    """Look at every source once, a few at a time, and yield each look as it ends, in the order given.

    `known` holds the last good observation of a source, whose validators make the request conditional.
    """
    with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
        yield from pool.map(lambda source: fetch_source(source, known.get(source.id), now), sources)


def fetch_source(source: Source, known: Observation | None, now: Callable[[], datetime]) -> Look:
    """Look at one source; every failure is an outcome of the look, none is raised."""
    started, clock = now(), time.monotonic()
    blank = Observation(
        source_id=source.id,
        moment=Moment.instant(started),
        outcome=Outcome.CONNECTION_FAILED,
        origin="fetch",
        url=source.url,
    )
    try:
        look = _request(source, known, blank, clock + _DEADLINE_SECONDS)
    except requests.Timeout:
        look = Look(observation=replace(blank, outcome=Outcome.TIMEOUT, detail="no answer in time"))
    except requests.RequestException as error:
        look = Look(observation=replace(blank, detail=_reason(error)))
    elapsed = round((time.monotonic() - clock) * 1000)
    return replace(look, observation=replace(look.observation, duration_ms=elapsed))


def _request(source: Source, known: Observation | None, blank: Observation, deadline: float) -> Look:
    headers = {"User-Agent": USER_AGENT, "Accept": ", ".join(source.content_types)}
    if known is not None and known.etag:
        headers["If-None-Match"] = known.etag
    if known is not None and known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    with requests.Session() as session:
        session.trust_env = False
        with session.get(source.url, headers=headers, timeout=_TIMEOUTS, stream=True) as response:
            return _answer(source, known, blank, response, deadline)


def _answer(
    source: Source, known: Observation | None, blank: Observation, response: requests.Response, deadline: float
) -> Look:
    content_type = response.headers.get("Content-Type")
    seen = replace(blank, status=response.status_code, url=response.url, content_type=content_type)
    if response.status_code == requests.codes.not_modified:
        if known is None:
            return _failed(seen, Outcome.HTTP_ERROR, "304 to a request without a condition")
        confirmed = replace(seen, outcome=Outcome.NOT_MODIFIED, capture_id=known.capture_id)
        return Look(observation=replace(confirmed, etag=known.etag, last_modified=known.last_modified))
    if response.status_code >= _FIRST_ERROR_STATUS:
        return _failed(seen, Outcome.HTTP_ERROR, f"HTTP {response.status_code}")
    if content_type and content_type.partition(";")[0].strip().lower() not in source.content_types:
        return _failed(seen, Outcome.WRONG_CONTENT_TYPE, f"expected {source.content_types[0]}, got {content_type}")
    return _download(source, seen, response, deadline)


def _download(source: Source, seen: Observation, response: requests.Response, deadline: float) -> Look:
    body = bytearray()
    for chunk in response.iter_content(_CHUNK_BYTES):
        body += chunk
        if len(body) > source.max_bytes:
            return _failed(seen, Outcome.TOO_LARGE, f"more than {source.max_bytes} bytes")
        if time.monotonic() > deadline:
            return _failed(seen, Outcome.TIMEOUT, f"not whole after {_DEADLINE_SECONDS} s")
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


def _failed(seen: Observation, outcome: Outcome, detail: str) -> Look:
    return Look(observation=replace(seen, outcome=outcome, detail=detail))


def _reason(error: requests.RequestException) -> str:
    """Return the innermost cause in one line: the outer ones repeat the address and name library classes."""
    cause: BaseException = error
    while (inner := cause.__cause__ or cause.__context__) is not None:
        cause = inner
    text = " ".join(str(cause).split()) or type(cause).__name__
    return text[:200]
