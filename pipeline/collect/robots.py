"""What a host's robots.txt allows (RFC 9309), read by Protego. No network: the text is handed in."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from protego import Protego

    from pipeline.collect.failure import Failure

MAX_BYTES = 512_000  # RFC 9309, 2.5: at least 500 KiB are read; what stands behind is not
FRESH_FOR = timedelta(hours=24)  # RFC 9309, 2.4
AGENT = "provider-terms"
_TOO_MANY = 429
_MAX_DELAY_SECONDS = 30.0
_NOBODY = "nobody"
# The ways in which Protego reads a line as the name of an agent: with a colon, or as words of which none starts one.
_AGENT_LINE = re.compile(r"(?:user[- ]?agent\s*+:|(?:user-?agent|user\s++agent)\s++(?=[^:]*+(?:$|:\S)))\s*+(\S.*)")
_PRODUCT = re.compile(r"[a-z_-]*")  # RFC 9309, 2.2.1: what follows, a version say, is no part of the name


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """The rules of one origin. `text` is empty where everything is allowed; `refusal` says why nothing is.

    `failure` is what kept robots.txt from being read, where something did; a later try may find it, after
    `retry_after_seconds` where the host asked for that. `agent` is whom the rules are asked for.
    """

    origin: str
    fetched_at: datetime
    text: str = ""
    refusal: str | None = None
    failure: "Failure | None" = None
    retry_after_seconds: float | None = None
    agent: str = AGENT

    @classmethod
    def of_answer(
        cls, origin: str, fetched_at: datetime, *, status: int, body: bytes, retry_after_seconds: float | None = None
    ) -> Self:
        """Return the rules of an answer: 2xx are read, 4xx allow everything, 5xx and 429 nothing (RFC 9309, 2.3.1)."""
        if status >= 500 or status == _TOO_MANY:  # noqa: PLR2004 - the classes of HTTP status codes
            refusal = f"robots.txt answers {status}"
            return cls(origin=origin, fetched_at=fetched_at, refusal=refusal, retry_after_seconds=retry_after_seconds)
        if status >= 300:  # noqa: PLR2004 - a redirect that was not followed to its end is "unavailable", as 4xx is
            return cls(origin=origin, fetched_at=fetched_at)
        text = body[:MAX_BYTES].decode("utf-8-sig", "replace")
        return cls(origin=origin, fetched_at=fetched_at, text=text)

    @classmethod
    def unreachable(cls, origin: str, fetched_at: datetime, failure: "Failure") -> Self:
        """Return the rules of an origin whose robots.txt could not be had: nothing is allowed (RFC 9309, 2.3.1.4)."""
        refusal = f"robots.txt could not be read: {failure.detail}"
        return cls(origin=origin, fetched_at=fetched_at, refusal=refusal, failure=failure)

    def is_fresh(self, now: datetime) -> bool:
        """Whether these rules may still be used without asking again; a refusal is asked again at the next run."""
        return self.refusal is None and timedelta(0) <= now - self.fetched_at < FRESH_FOR

    def find_refusal(self, url: str) -> str | None:
        """Return why a page must not be fetched, or None where it may."""
        if self.refusal is not None:
            return self.refusal
        try:
            is_allowed = self._rules().can_fetch(_as_read(url), self.agent)
        except ValueError:
            return "no rule can be found for what is no address"
        return None if is_allowed else "robots.txt disallows it"

    def delay_seconds(self, default: float) -> float:
        """Return the seconds between two requests: the host's Crawl-delay up to a cap, or the default if longer."""
        asked = self._rules().crawl_delay(self.agent) if self.text else None
        return max(default, min(asked or 0.0, _MAX_DELAY_SECONDS))

    def _rules(self) -> "Protego":
        return _parse(self.text, self.agent)


@lru_cache(maxsize=256)
def _parse(text: str, agent: str) -> "Protego":
    from protego import Protego  # noqa: PLC0415 - what only keeps rules does not read them

    return Protego.parse("\n".join(_renamed(line, agent) for line in text.splitlines()))


def _renamed(line: str, agent: str) -> str:
    """Return the line; where it names an agent, with this one's name, `*`, or one name for all others.

    Protego keeps every rule once for every name above it, so 50 KB of names and rules take 9 s and 280 MB; and it takes
    a name that the agent's starts with for the agent's.
    """
    match = _AGENT_LINE.fullmatch(line.partition("#")[0].strip().lower())
    if match is None:
        return line
    name = match[1].split()[0]
    if name != "*":
        product = _PRODUCT.match(name)
        name = agent if product is not None and product[0] == agent.lower() else _NOBODY
    return f"User-agent: {name}"


def _as_read(url: str) -> str:
    """Return an address as its host reads it: without `/../`, however escaped, which would hide what is asked for.

    Raise ValueError where it is none.
    """
    parts = urlsplit(url)
    segments = parts.path.replace("%2e", ".").replace("%2E", ".").split("/")
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            del kept[max(1, len(kept) - 1) :]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return urlunsplit(parts._replace(path="/".join(kept)))
