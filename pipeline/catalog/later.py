"""The tables that lie ready, dated by looks since the build: what `seen` does in SQL, row by row. Pure.

A row that was seen at the last good look at its source by the time of the build was seen at each good look since, for
another capture would have made another build.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Later:
    """When sources were last seen since the build, and by the time of the build; only those that were seen since."""

    seen: Mapping[str, datetime]
    before: Mapping[str, datetime]

    @classmethod
    def of(cls, seen: Mapping[str, datetime], sources: Iterable[Row]) -> "Later":
        """Return what is later than the rows of `sources` tell."""
        before = {row["source_id"]: row["last_good_at"] for row in sources if row["last_good_at"] is not None}
        return cls({name: at for name, at in seen.items() if name in before and before[name] < at}, before)

    def date(self, source_id: str | None, observed_at: datetime) -> datetime:
        """Return when what was seen at a source at a time was last seen."""
        seen = self.seen.get(source_id or "")
        return observed_at if seen is None or observed_at < self.before[source_id or ""] else seen


def date_sources(rows: Iterable[Row], later: Later) -> list[Row]:
    """Return the rows of `sources`, each with its later last good look."""
    return [row | {"last_good_at": later.seen.get(row["source_id"], row["last_good_at"])} for row in rows]


def date_policies(rows: Iterable[Row], evidence: Iterable[Row], later: Later) -> list[Row]:
    """Return the rows of `provider_terms`, dated by the claims that they rest on (`evidence`) and by their source."""
    behind: defaultdict[tuple[str, str], list[datetime | None]] = defaultdict(list)
    for one in evidence:
        at = one["observed_at"]
        if at is not None and one["is_standing"]:
            at = later.date(one["source_id"], at)
        behind[one["gateway_id"], one["offering_id"]].append(at)
    newest = max(later.seen.values())
    return [
        row
        | {
            "as_of_at": max(row["as_of_at"], newest),
            "observed_at": later.date(row["source_id"], row["observed_at"]),
            "last_verified_at": _verified(row["last_verified_at"], behind[row["gateway_id"], row["offering_id"]]),
        }
        for row in rows
    ]


def _verified(before: datetime | None, dates: Sequence[datetime | None]) -> datetime | None:
    known = [at for at in dates if at is not None]
    return max(before, min(known)) if before is not None and known and len(known) == len(dates) else before
