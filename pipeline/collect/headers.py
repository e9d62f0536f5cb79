"""Headers: who asks, how long an answer says to wait, how long it stays fresh. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version

_SECONDS = re.compile(r"[0-9]{1,15}")
_FOLD = re.compile(r"[\r\n]{1,9}[ \t]{0,99}")
_MAX_AGE = re.compile(r"(?:^|,)\s{0,9}max-age\s{0,9}=\s{0,9}\"?([0-9]{1,9})")
MOST_FRESH_SECONDS = 7 * 86_400  # a terms page that claims to be fresh for a year is looked at weekly all the same


def user_agent(contact: str | None = None) -> str:
    """Return how requests name themselves: the project, its version, and whom to write to."""
    return f"provider-terms/{version('provider-terms')} ({contact or 'catalog of LLM data policies; contact not set'})"


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that Retry-After asks to wait, 0 for a date that has passed, None where it says nothing."""
    given = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(given):
        return float(given)
    try:
        at = parsedate_to_datetime(given)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)  # the old form of a date names no zone, and means this one
        return max(0.0, (at - now).total_seconds())
    except (ValueError, IndexError, TypeError, OverflowError):
        return None


def unfolded(value: str | None) -> str | None:
    """Return a header's value on one line, else verbatim, so that it can be sent back; None where it says nothing."""
    return None if value is None else _FOLD.sub(" ", value).strip() or None


def fresh_seconds(headers: Mapping[str, str]) -> int | None:
    """Return how long the answer may be used without asking again by its Cache-Control, less its Age, or None."""
    control = headers.get("Cache-Control", "").lower()
    match = _MAX_AGE.search(control)
    if match is None or "no-cache" in control or "no-store" in control:
        return None
    age = headers.get("Age", "").strip()
    spent = int(age) if _SECONDS.fullmatch(age) else 0
    return min(max(0, int(match[1]) - spent), MOST_FRESH_SECONDS)
