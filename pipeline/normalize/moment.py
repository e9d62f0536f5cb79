"""Dates as written to moments of known precision. Pure: text in, value out, no clock."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

from pipeline.model import Moment, Precision

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", re.ASCII)
_SEASON_MONTHS = 3


def find_moment(text: str, precision: Precision | None = None) -> Moment | None:
    """Return the moment that an ISO 8601 date or time names, or None if it names none.

    `2025`, `2025-07` and `2025-07-04` have the precision that they show; `precision` may only make a month the last
    one of a season (three months). A time without an offset is UTC.
    """
    match = _DATE.fullmatch(text.strip())
    try:
        return _of_date(match, precision) if match else _of_instant(text.strip(), precision)
    except (ValueError, OverflowError):
        return None


def _of_instant(text: str, precision: Precision | None) -> Moment | None:
    if precision not in {None, Precision.INSTANT} or "T" not in text.upper().replace(" ", "T"):
        return None
    at = datetime.fromisoformat(text)
    return Moment.instant(at if at.tzinfo else at.replace(tzinfo=UTC))


def _of_date(match: re.Match[str], precision: Precision | None) -> Moment | None:
    year, month, day = (int(part) if part else None for part in match.groups())
    if year is None:
        return None
    if month is None:
        return _span(date(year, 1, 1), date(year, 12, 31), Precision.YEAR, precision)
    if day is not None:
        return _span(date(year, month, day), date(year, month, day), Precision.DAY, precision)
    first, last = date(year, month, 1), date(year, month, monthrange(year, month)[1])
    if precision is Precision.SEASON:
        for _ in range(_SEASON_MONTHS - 1):
            first = (first - timedelta(days=1)).replace(day=1)
        return _span(first, last, Precision.SEASON, precision)
    return _span(first, last, Precision.MONTH, precision)


def _span(first: date, last: date, shown: Precision, asked: Precision | None) -> Moment | None:
    if asked not in {None, shown}:
        return None
    return Moment(at=_midnight(last), since=_midnight(first), precision=shown)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
