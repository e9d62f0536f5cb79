"""Finds the length of time that a clause names."""

import re
from typing import Final

from pipeline.clauses.grammar import Reading
from pipeline.model import Retention, RetentionKind
from pipeline.normalize.duration import find_duration

_CANDIDATE: Final = re.compile(
    r"(?:(?:up to|within|at most|no more than|no longer than|not to exceed|maximum of) )?(?:a |an |one |[a-z-]{2,20} \([0-9]{1,4}\)|[0-9]{1,4}|[a-z-]{2,20})[ -]"
    r"(?:(?:calendar|business) )?(?:second|minute|hour|day|week|month|year)s?(?!\w)"
)


def find_length(reading: Reading) -> Retention | None:
    """Return the longest time that stands in the clause of a verb, or None."""
    best = None
    for match in _CANDIDATE.finditer(reading.unit):
        one = find_duration(match[0])
        if one is not None and (best is None or one.days > best.days):
            best = one
    if best is None:
        return None
    return Retention(
        kind=RetentionKind.PERIOD, days=best.days, bound=best.bound, amount=best.amount, unit=best.unit
    )
