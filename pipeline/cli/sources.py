"""How a source stands, as rows for a person and for a program."""

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.cli.render import Row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.catalog.state import SourceStatus


def status_row(one: "SourceStatus", now: datetime) -> Row:
    """Return a source as the table shows it."""
    state = f"{one.state}, stale" if one.state == "ok" and one.is_stale(now) else str(one.state).replace("_", " ")
    required = "required" if one.source.is_required else None
    return {
        "source": one.source.id,
        "state": state,
        "last_good": one.good.moment.at.date() if one.good else None,
        "age": age(one.good.moment.at, now) if one.good else None,
        "rows": row_counts(one),
        "detail": "; ".join(part for part in (required, one.detail) if part) or None,
    }


def page_states(pages: "Iterable[SourceStatus]") -> str:
    """Return how many terms pages are in each state, the most frequent first."""
    counts = Counter(str(one.state).replace("_", " ") for one in pages)
    return ", ".join(
        f"{count} {state}" for state, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def row_counts(one: "SourceStatus") -> str | None:
    """Return how many rows are in force, and how many of them were refused."""
    if one.reading is None:
        return None
    refused = len(one.reading.refusals)
    return f"{one.reading.row_count}, {refused} refused" if refused else str(one.reading.row_count)


def status_facts(one: "SourceStatus", now: datetime) -> Row:
    """Return all that is told of a source."""
    return {
        "source": one.source.id,
        "state": one.state.value,
        "last_good": one.good.moment.at if one.good else None,
        "age": age(one.good.moment.at, now) if one.good else None,
        "rows": one.reading.row_count if one.reading else None,
        "refused": len(one.reading.refusals) if one.reading else None,
        "required": one.source.is_required,
        "detail": one.detail,
        "signals": one.reading.signals if one.reading else (),
        "is_stale": one.is_stale(now),
        "stale_after_days": one.source.stale_after_days,
        "last_observed": one.last.moment.at if one.last else None,
        "capture_id": one.good.capture_id if one.good else None,
        "capture_count": one.capture_count,
        "url": one.source.url,
    }


def age(moment: datetime, now: datetime) -> str:
    """Return how long ago a moment was, in its largest unit."""
    seconds = int((now - moment).total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "now"
