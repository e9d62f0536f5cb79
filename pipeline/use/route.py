"""What a router takes from a decision: what is nearest where nobody is left, who is named how, what is old."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import combinations
from typing import Any, Final, TypeAlias

from pipeline.catalog.decide import Decision, Index, decide
from pipeline.catalog.reader import Catalog
from pipeline.catalog.reasons import rests_on_terms, seen_at
from pipeline.catalog.records import OfferingTerms
from pipeline.catalog.requirement import PolicyBasis, Requirement

Slugs: TypeAlias = Mapping[tuple[str, str], tuple[str, ...]]  # by gateway and offering
ZdrOfferings: TypeAlias = frozenset[tuple[str, str]]  # by gateway and offering
_Step: TypeAlias = tuple[str, Callable[[Requirement], Requirement]]

_MOST_RELAXATIONS = 3
_MOST_AGE = 9999  # days that the command line takes
_OPTIONS: Final[Mapping[str, str]] = {
    "max_retention_days": "--max-retention-days",
    "no_training": "--no-training",
    "no_publishing": "--no-publishing",
    "tiers": "--tier",
    "headquarters": "--headquarters",
    "not_headquarters": "--not-headquarters",
    "datacenters": "--datacenter",
    "requires_terms_url": "--require-terms-url",
    "max_age_days": "--max-age",
    "providers": "--providers",
    "ignored": "--ignore",
    "allows_paid_training": "--no-paid-training",
    "allows_free_training": "--no-free-training",
    "allows_free_publishing": "--no-free-publishing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """A requirement that asks a little less, what was changed for it as options, and how many pass it."""

    change: str
    requirement: Requirement
    allowed_count: int

    @property
    def text(self) -> str:
        """The relaxation as a sentence."""
        count = self.allowed_count
        return f"{count} offering{' passes' if count == 1 else 's pass'} {self.change}"


def find_slugs(catalog: Catalog) -> Slugs:
    """Return the slugs of every offering at its gateway; a free tier has those of its provider."""
    return {(row["gateway_id"], row["offering_id"]): tuple(row["slugs"] or ()) for row in catalog.table("providers")}


def find_zdr(catalog: Catalog) -> ZdrOfferings | None:
    """Return the offerings of which the gateway lists zero-retention endpoints; None where no list was ever read."""
    rows = catalog.rows("SELECT DISTINCT gateway_id, offering_id FROM zdr_endpoints")
    return frozenset((row["gateway_id"], row["offering_id"]) for row in rows) or None


def find_stale(catalog: Catalog, offerings: Iterable[OfferingTerms], now: datetime) -> tuple[str, ...]:
    """Return a line for each source of these offerings that is older than its declaration allows.

    A provider's own page counts where words of its own are in force, and it was last seen no earlier than the oldest
    words behind the policy: an older page is behind none of them.
    """
    used = tuple(offerings)
    rows = [row for row in catalog.table("sources") if row["last_good_at"] is not None and _is_used(row, used)]
    late = [(row, now - row["last_good_at"]) for row in rows]
    return tuple(
        f"{row['source_id']} was last seen {row['last_good_at']:%Y-%m-%d}, {age.days} days ago; it is stale after "
        f"{row['stale_after_days']}"
        for row, age in late
        if age > timedelta(days=row["stale_after_days"])
    )


def _is_used(source: Mapping[str, object], offerings: Iterable[OfferingTerms]) -> bool:
    return any(
        source["source_id"] == one.source_id or (rests_on_terms(one) and _is_page_of(source, one)) for one in offerings
    )


def _is_page_of(source: Any, one: OfferingTerms) -> bool:  # noqa: ANN401 - a row of any columns
    oldest = one.last_verified_at
    is_of_provider = source["gateway_id"] is None and one.provider_id in (source["provider_ids"] or ())
    return is_of_provider and (oldest is None or source["last_good_at"] >= oldest)


def find_relaxations(decision: Decision) -> tuple[Relaxation, ...]:
    """Return the nearest requirements that somebody passes: one or two changes, and whoever lets in fewest first.

    Where no two changes are enough, one set of changes is returned of which none can be spared; where nobody is
    listed, nothing.
    """
    steps = tuple(_steps(decision))
    if _relax(decision, steps) is None:
        return ()
    for size in (1, 2):
        found = {one.change: one for chosen in combinations(steps, size) if (one := _relax(decision, chosen))}
        if found:
            ranked = sorted(enumerate(found.values()), key=lambda one: (one[1].allowed_count, one[0]))
            return tuple(one for _, one in ranked[:_MOST_RELAXATIONS])
    needed = steps
    for step in reversed(steps):  # what asks least of all comes last and is spared first
        fewer = tuple(one for one in needed if one is not step)
        needed = fewer if _relax(decision, fewer) else needed
    last = _relax(decision, needed)
    return () if last is None else (last,)


def _relax(decision: Decision, steps: tuple[_Step, ...]) -> Relaxation | None:
    requirement = decision.requirement
    for _, change in steps:
        requirement = change(requirement)
    count = len(decide(decision.index, requirement, decision.now).allowed)
    if not count:
        return None
    return Relaxation(change=" and ".join(told for told, _ in steps), requirement=requirement, allowed_count=count)


def _steps(decision: Decision) -> Iterator[_Step]:
    """Yield what may be asked a little less: a longer time, a rule left out, the unknown, another reading."""
    asked = decision.requirement
    if asked.max_retention_days is not None:
        yield from _longer(decision.index, asked, decision.now)
    if asked.max_age_days is not None:
        yield from _older(decision.index, asked, decision.now)
    for name in asked.asked:
        if name not in {"max_retention_days", "max_age_days"}:
            yield f"without {_OPTIONS[name]}", partial(_leave_out, name)
    if not asked.allows_unknown and {"max_retention_days", "no_training", "no_publishing"} & {*asked.asked}:
        yield "with --allow-unknown", partial(_set, "allows_unknown", True)  # noqa: FBT003
    for basis in PolicyBasis:
        if basis is not asked.reading:
            yield f"with --basis {basis}", partial(_set, "reading", basis)


def _longer(index: Index, asked: Requirement, now: datetime | None) -> Iterator[_Step]:
    """Yield the shortest longer time that somebody meets, or that somebody states, and no limit at all."""
    longer = [days for days in index.days_stated(asked.reading) if days > (asked.max_retention_days or 0)]
    met = [days for days in longer if decide(index, replace(asked, max_retention_days=days), now).allowed]
    for days in (met or longer)[:1]:
        yield f"with --max-retention-days {days}", partial(_set, "max_retention_days", days)
    yield "without --max-retention-days", partial(_leave_out, "max_retention_days")


def _older(index: Index, asked: Requirement, now: datetime | None) -> Iterator[_Step]:
    """Yield the least age that somebody meets, where that would do, or no age at all."""
    moment = now if now is None or now.tzinfo else now.replace(tzinfo=UTC)
    seen = [seen_at(one) for one in decide(index, asked.without("max_age_days"), now).allowed]
    ages = [-((one - moment) // timedelta(days=1)) for one in seen if one is not None and moment is not None]
    if ages and min(ages) <= _MOST_AGE:
        yield f"with --max-age {min(ages)}d", partial(_set, "max_age_days", min(ages))
    else:
        yield "without --max-age", partial(_leave_out, "max_age_days")


def _set(name: str, value: object, one: Requirement) -> Requirement:
    return replace(one, **{name: value})  # type: ignore[arg-type] # of that field


def _leave_out(name: str, one: Requirement) -> Requirement:
    return one.without(name)
