"""One HTTP answer to a look or a redirect, and the condition of a request. Reads from the connection it is handed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import requests

from pipeline.collect.body import read_body
from pipeline.collect.headers import MOST_FRESH_SECONDS, fresh_seconds, retry_after_seconds, unfolded
from pipeline.model import Observation, Outcome

_CHUNK_BYTES = 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REFUSING = {
    401: Outcome.BLOCKED,
    403: Outcome.BLOCKED,
    404: Outcome.NOT_FOUND,
    406: Outcome.BLOCKED,
    410: Outcome.GONE,
    429: Outcome.RATE_LIMITED,
    451: Outcome.BLOCKED,
}
# What a server may choose a representation by, and what is the same at every look: RFC 9110, 12.5 and 10.1.5.
_CHOOSING = frozenset({"Accept", "Accept-Encoding", "Accept-Language", "User-Agent"})
# What stands in for a page, a challenge or a login, comes as prose whatever was asked for: its words tell what it is.
_PROSE = ("text/", "application/xhtml+xml")
_OK, _NO_CONTENT, _PARTIAL, _NOT_MODIFIED, _SERVER_ERROR = 200, 204, 206, 304, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look brought: the observation, the bytes where some came, and whether and when to come again.

    `is_asked` is false where the host of the page, or one that it redirects to, was left alone.
    """

    observation: Observation
    body: bytes | None = None
    retry_after_seconds: float | None = None
    is_transient: bool = False
    is_asked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A look, or where to look instead; `is_mismatched` where a 304 confirms another version than the one at hand."""

    look: Look
    location: str | None = None
    is_mismatched: bool = False


def find_condition(known: Observation | None, url: str) -> Observation | None:
    """Return the look whose validators belong to this very address, None where there is none."""
    if known is None or known.url != url or not (known.etag or known.last_modified):
        return None
    return known


def condition_headers(condition: Observation | None) -> dict[str, str]:
    """Return the headers that ask only for what differs from what that look brought."""
    given = {} if condition is None else {"If-None-Match": condition.etag, "If-Modified-Since": condition.last_modified}
    return {name: value for name, value in given.items() if value}


def read_answer(
    response: requests.Response,
    known: Observation | None,
    seen: Observation,
    *,
    max_bytes: int,
    types: Collection[str],
    now: datetime,
) -> Answer:
    """Return what an answer brings; raise BodyError, or an error of the transport, where its body is not whole.

    `seen` is what `describe` made of it, `known` what the request was conditional on, None where it was not.
    """
    status, headers = response.status_code, response.headers
    if status in _REDIRECTS:
        return _redirect(seen, response)
    if status == _NOT_MODIFIED:
        return _confirmed(seen, known, headers)
    if status != _OK:
        return Answer(look=_refused(seen, status, retry_after_seconds(headers, now)))
    kind = (seen.content_type or "").partition(";")[0].strip().lower()
    wrong = None
    if kind and kind not in types:
        detail = f"expected {' or '.join(types)}, got {kind[:80]}"
        wrong = Look(observation=replace(seen, outcome=Outcome.WRONG_CONTENT_TYPE, detail=detail))
        if not kind.startswith(_PROSE):
            return Answer(look=wrong)
    body = read_body(response.raw.stream(_CHUNK_BYTES, decode_content=False), headers, max_bytes)
    if wrong is not None:
        return Answer(look=replace(wrong, body=body, observation=replace(wrong.observation, size_bytes=len(body))))
    good = replace(
        seen,
        outcome=Outcome.OK,
        fresh_seconds=fresh_seconds(headers),  # only of what is believed to be the page: no failure is fresh
        etag=unfolded(headers.get("ETag")),
        last_modified=unfolded(headers.get("Last-Modified")),
        asked_with=tuple(f"{name}: {value}" for name, value in _sent(response) if name in _CHOOSING),
        vary=unfolded(headers.get("Vary")),
        size_bytes=len(body),
    )
    return Answer(look=Look(observation=good, body=body))


def describe(response: requests.Response, seen: Observation) -> Observation:
    """Return the observation with what the status line and the headers tell."""
    return replace(seen, status=response.status_code, content_type=unfolded(response.headers.get("Content-Type")))


def _redirect(seen: Observation, response: requests.Response) -> Answer:
    location = response.headers.get("Location")
    look = Look(observation=replace(seen, outcome=Outcome.HTTP_ERROR, detail="a redirect that does not say where to"))
    return Answer(look=look, location=location or None)


def _confirmed(seen: Observation, known: Observation | None, headers: Mapping[str, str]) -> Answer:
    if known is None:
        detail = "304 to a request without a condition"
        return Answer(look=Look(observation=replace(seen, outcome=Outcome.PROTOCOL_ERROR, detail=detail)))
    confirmed = replace(
        seen,
        outcome=Outcome.NOT_MODIFIED,
        fresh_seconds=fresh_seconds(headers),
        capture_id=known.capture_id,
        etag=known.etag,
        last_modified=known.last_modified,
        content_type=known.content_type,
    )
    etag = unfolded(headers.get("ETag"))
    is_mismatched = etag is not None and known.etag is not None and _opaque(etag) != _opaque(known.etag)
    return Answer(look=Look(observation=confirmed), is_mismatched=is_mismatched)


def _sent(response: requests.Response) -> list[tuple[str, str]]:
    """Return the headers of the request by name, as they went out."""
    return sorted((name, str(value)) for name, value in response.request.headers.items())


def _opaque(etag: str) -> str:
    return etag.removeprefix("W/")  # a 304 is matched weakly: RFC 9110, 8.8.3.2


def _refused(seen: Observation, status: int, retry_after: float | None) -> Look:
    is_server_error = status >= _SERVER_ERROR
    outcome = _REFUSING.get(status, Outcome.SERVER_ERROR if is_server_error else Outcome.HTTP_ERROR)
    if status == _NO_CONTENT:
        outcome = Outcome.EMPTY
    if status == _PARTIAL:
        outcome = Outcome.TRUNCATED
    detail = f"HTTP {status}" + ("" if retry_after is None else f", asks to wait {retry_after:.0f} s")
    rest = None if retry_after is None else min(round(retry_after), MOST_FRESH_SECONDS)
    return Look(
        observation=replace(seen, outcome=outcome, detail=detail, fresh_seconds=rest),
        retry_after_seconds=retry_after,
        is_transient=is_server_error or outcome is Outcome.RATE_LIMITED,
    )
