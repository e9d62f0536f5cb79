"""What went wrong in a request, as an outcome and one line. Pure."""

import http.client
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import requests
import urllib3.exceptions

from pipeline.collect.addresses import RefusedAddressError, UnresolvedError
from pipeline.collect.body import BodyError
from pipeline.errors import TermsError
from pipeline.model import Outcome

_MAX_DETAIL = 200
_CERTIFICATE_EXPIRED = 10  # X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL
_CUT_CHUNKS = ("Response ended prematurely",)  # what urllib3 says where the last chunk is missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An outcome, why, whether one more try at the end of the run may help, and whether anything was asked."""

    outcome: Outcome
    detail: str
    is_transient: bool
    is_asked: bool = True


class FailedError(TermsError):
    """A request that brought no answer; `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        """Take what went wrong."""
        super().__init__(failure.detail)
        self.failure = failure


def explain(error: Exception, *, is_expired: bool, is_stopped: bool) -> Failure:
    """Return what an error of a request means; `is_expired` and `is_stopped` say that its connection was shut down."""
    if is_stopped:
        return Failure(outcome=Outcome.STOPPED, detail="stopped before it was whole", is_transient=False)
    if isinstance(error, RefusedAddressError):
        return Failure(outcome=Outcome.ADDRESS_REFUSED, detail=str(error), is_transient=False)
    if isinstance(error, UnresolvedError):
        return Failure(outcome=Outcome.DNS_FAILED, detail=str(error), is_transient=error.is_transient)
    if is_expired:
        return Failure(outcome=Outcome.TIMEOUT, detail="not whole by its deadline", is_transient=True)
    if isinstance(error, BodyError):
        is_transient = error.outcome is Outcome.TRUNCATED
        return Failure(outcome=error.outcome, detail=str(error), is_transient=is_transient)
    causes = tuple(_causes(error))
    outcome = _outcome(causes)
    is_transient = outcome not in {Outcome.SSL_INVALID, Outcome.SSL_EXPIRED, Outcome.PROTOCOL_ERROR}
    return Failure(outcome=outcome, detail=_told(causes), is_transient=is_transient)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and all that it was raised from or wraps, outermost first."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:  # the `reason` of an SSLError is text
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]


_BY_TYPE: tuple[tuple[tuple[type[BaseException], ...], Outcome], ...] = (
    # In this order: a reset inside a cut body is a cut body, a time-out while connecting is a time-out.
    # urllib3 counts every connection that fails among its time-outs, hence none of its wider classes here.
    ((requests.Timeout, urllib3.exceptions.ReadTimeoutError, TimeoutError), Outcome.TIMEOUT),
    ((urllib3.exceptions.InvalidChunkLength,), Outcome.PROTOCOL_ERROR),
    ((urllib3.exceptions.IncompleteRead, http.client.IncompleteRead), Outcome.TRUNCATED),
    (
        (ConnectionResetError, ConnectionAbortedError, BrokenPipeError, ssl.SSLEOFError, ssl.SSLZeroReturnError),
        Outcome.CONNECTION_RESET,
    ),
    ((ssl.SSLError, requests.exceptions.SSLError, urllib3.exceptions.SSLError), Outcome.SSL_INVALID),
    ((http.client.HTTPException, urllib3.exceptions.HeaderParsingError), Outcome.PROTOCOL_ERROR),
    ((urllib3.exceptions.NewConnectionError,), Outcome.CONNECTION_FAILED),
    ((urllib3.exceptions.ProtocolError, urllib3.exceptions.LocationParseError, ValueError), Outcome.PROTOCOL_ERROR),
)


def _outcome(causes: tuple[BaseException, ...]) -> Outcome:
    codes = [cause.verify_code for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)]
    if _CERTIFICATE_EXPIRED in codes:
        return Outcome.SSL_EXPIRED
    if any(type(cause) is urllib3.exceptions.ProtocolError and cause.args == _CUT_CHUNKS for cause in causes):
        return Outcome.TRUNCATED
    for types, outcome in _BY_TYPE:
        if any(isinstance(cause, types) for cause in causes):
            return outcome
    return Outcome.CONNECTION_FAILED


def _told(causes: tuple[BaseException, ...]) -> str:
    """Return the innermost cause in one line: the outer ones repeat the address and name classes of libraries."""
    innermost = causes[-1]
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror:
            innermost = cause
    text = getattr(innermost, "strerror", None) or str(innermost) or type(innermost).__name__
    return " ".join(str(text).split())[:_MAX_DETAIL]
