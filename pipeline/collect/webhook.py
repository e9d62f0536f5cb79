"""Messages to a webhook: bounded tries, no redirects, the same guard of addresses as for pages."""

import http.client
import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from pipeline.collect.addresses import Gate, RefusedAddressError
from pipeline.collect.connection import Deadline, open_session
from pipeline.collect.failure import explain
from pipeline.collect.headers import retry_after_seconds, user_agent
from pipeline.errors import DeliveryError, TermsError, UsageError

_ERRORS = (
    *(requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException),
    *(TermsError, OSError, ValueError),
)
_NEXT: Final = "the next `provider-terms notify` tells what is left"
_PRIVATE: Final = "for an intranet, give --allow-private-network"
_PATH: Final = re.compile(r"[^/?#]*//[^/?#]*")  # what stands before it
_REDIRECTS: Final = range(300, 400)
_LATER: Final = frozenset({408, 425, 429, *range(500, 600)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long is waited, in seconds: for one answer, before the second try (doubled for each further), and at most."""

    answer: float = 10.0
    pause: float = 1.0
    most: float = 30.0
    tries: int = 3


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a message was not taken, whether one more try may help, and the seconds that the server asks to wait."""

    why: str
    is_passing: bool
    retry_after: float | None = None


@dataclass(slots=True, kw_only=True)
class Webhook:
    """An address that takes messages. Its path is a secret: it is in no log and in no error.

    The clock is passed in; it tells how far off a `Retry-After` that is a date is.
    """

    url: str
    now: Callable[[], datetime]
    gate: Gate = field(default_factory=Gate)
    patience: Patience = field(default_factory=Patience)
    contact: str | None = None
    ca_file: str | None = None
    trusts_environment: bool = False

    @property
    def name(self) -> str:
        """The address as it may be shown: no more than its host."""
        with suppress(ValueError):
            parts = urlsplit(self.url)
            if parts.scheme and parts.hostname:
                return f"{parts.scheme}://{parts.hostname}/…"
        return "the webhook"

    def check(self) -> None:
        """Raise UsageError where the address is none that may be asked; nothing is asked."""
        try:
            target = self.gate.check_url(self.url)
        except RefusedAddressError as error:
            raise UsageError(f"{self.name} is not told anything: {self._why(error)}") from None
        if target.scheme == "http" and not self.gate.allows_private:
            why = "without https its address is no secret on the way"
            raise UsageError(f"{self.name} is not told anything: {why}; {_PRIVATE}")

    def _why(self, error: RefusedAddressError) -> str:
        """Return why an address is refused: a webhook has no declaration in which more could be allowed."""
        try:
            replace(self.gate, allows_private=True).check_url(self.url)
        except RefusedAddressError:
            return str(error)
        return f"only a full host name and the usual port are asked; {_PRIVATE}"

    def post(self, body: bytes) -> None:
        """Deliver one message, JSON as bytes; raise DeliveryError unless the server answered it with a 2xx.

        Raise UsageError for an address that may not be asked.

        A server that took it and whose answer was lost gets it twice.
        """
        self.check()
        tries = self.patience.tries
        for number in range(1, tries + 1):
            refusal = self._try(body)
            if refusal is None:
                return
            wait = self.patience.pause * 2 ** (number - 1) if refusal.retry_after is None else refusal.retry_after
            if not refusal.is_passing or number == tries or wait > self.patience.most:
                tried = f" in {number} tries" if number > 1 else ""
                raise DeliveryError(f"{self.name} took no message{tried}: {refusal.why}; {_NEXT}")
            time.sleep(wait)

    def _try(self, body: bytes) -> _Refusal | None:
        headers = {"Content-Type": "application/json", "Accept": "*/*", "User-Agent": user_agent(self.contact)}
        with (
            _unlogged(),
            open_session(
                self.gate, headers, pools=1, ca_file=self.ca_file, trusts_environment=self.trusts_environment
            ) as session,
            Deadline(self.patience.answer) as deadline,
        ):
            try:
                # The status is the receipt; what else the answer says is not read.
                with session.post(
                    self.url, data=body, timeout=self.patience.answer, stream=True, allow_redirects=False
                ) as response:
                    if deadline.is_expired:  # then the answer may be half of one, whatever it says
                        raise TimeoutError
                    return self._judge(response)
            except _ERRORS as error:  # it has the whole address in it, so nothing is raised from it
                failure = explain(error, is_expired=deadline.is_expired, is_stopped=False)
                return _Refusal(self._without_secret(failure.detail), failure.is_transient)

    def _judge(self, response: requests.Response) -> _Refusal | None:
        status = response.status_code
        if status in range(200, 300):
            return None
        retry_after = retry_after_seconds(response.headers, self.now())
        asked = "" if retry_after is None else f", asks to wait {retry_after:.0f} s"
        moved = ", and redirects are not followed" if status in _REDIRECTS else ""
        return _Refusal(f"HTTP {status}{asked}{moved}", status in _LATER, retry_after)

    def _without_secret(self, text: str) -> str:
        """Return what a library says, without the path of the address in it."""
        path = _PATH.sub("", self.url, count=1)
        return text.replace(path, "…") if len(path) > 1 else text


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep the library, which logs the path of each request, from doing so."""
    log = logging.getLogger("urllib3")
    before = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(before)
