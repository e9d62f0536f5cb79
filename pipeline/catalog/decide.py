"""Which offerings meet a requirement. Pure: rows in, a decision out; no clock, no disk.

An index holds, for each thing that may be asked, the set of offerings that pass it, as the bits of a whole number: bit
i stands for the i-th offering. So a decision is a few `&`, and its reasons are read off the same numbers when they are
asked for: whoever is refused fails at least one of them.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from operator import or_
from typing import Final, TypeAlias

from pipeline.catalog.places import expand
from pipeline.catalog.protection import NOT_USED_UNASKED
from pipeline.catalog.reasons import Reason, find_reason, read_retention, read_training, seen_at
from pipeline.catalog.records import OfferingTerms
from pipeline.catalog.requirement import Check, PolicyBasis, Requirement
from pipeline.errors import UsageError
from pipeline.model import Agreement, RetentionKind, Tier, Training

_Bits: TypeAlias = int

_expand = lru_cache(expand)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedOffering:
    """An offering that does not meet a requirement, with every reason, of which there is at least one."""

    offering: OfferingTerms
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Sides:
    """What passes by one reading: by the longest time in days, not knowing, not training, not saying."""

    days: tuple[int, ...]
    within: tuple[_Bits, ...]  # those that store no longer than the first n of `days`
    retention_unknown: _Bits
    untrained: _Bits
    training_unknown: _Bits


class Index:
    """Offerings made ready for decisions; the order in which they are given does not matter."""

    __slots__ = (
        "_agree",
        "_by_datacenter",
        "_by_headquarters",
        "_by_id",
        "_by_tier",
        "_everybody",
        "_listed",
        "_placed",
        "_publishing_unknown",
        "_seen",
        "_seen_since",
        "_sides",
        "_tiers",
        "_unpublished",
        "_with_terms",
        "offerings",
    )

    def __init__(self, offerings: Iterable[OfferingTerms]) -> None:
        """Sort the offerings by their key and note who passes what."""
        self.offerings = tuple(sorted(offerings, key=lambda one: one.key))
        self._everybody = (1 << len(self.offerings)) - 1
        self._listed = self._bits(lambda one: one.is_listed)
        self._sides = {basis: self._read(basis) for basis in PolicyBasis}
        self._agree = (
            self._bits(lambda one: one.retention_agreement is not Agreement.CONFLICT),
            self._bits(lambda one: one.training_agreement is not Agreement.CONFLICT),
        )
        self._unpublished = self._bits(lambda one: one.can_publish is False)
        self._publishing_unknown = self._bits(lambda one: one.can_publish is None)
        self._with_terms = self._bits(lambda one: bool(one.terms_url))
        self._by_id = self._group(lambda one: {one.provider_id, one.offering_id, _key_of_tier(one)})
        tiers: defaultdict[str, set[str]] = defaultdict(set)
        for one in self.offerings:
            tiers[one.provider_id].add(one.offering_id)
        self._tiers = dict(tiers)
        self._by_tier = self._group(lambda one: (one.tier,))
        self._by_headquarters = self._group(lambda one: (one.headquarters,) if one.headquarters else ())
        self._by_datacenter = self._group(lambda one: one.datacenters or ())
        self._placed = self._bits(lambda one: bool(one.datacenters))
        seen = sorted((moment, bit) for bit, one in enumerate(self.offerings) if (moment := seen_at(one)) is not None)
        self._seen = tuple(moment for moment, _ in seen)
        self._seen_since = (*reversed(tuple(accumulate((1 << bit for _, bit in reversed(seen)), or_))), 0)

    def _bits(self, passes: Callable[[OfferingTerms], bool]) -> _Bits:
        return sum(1 << bit for bit, one in enumerate(self.offerings) if passes(one))

    def _group(self, keys: Callable[[OfferingTerms], Iterable[str]]) -> Mapping[str, _Bits]:
        found: defaultdict[str, _Bits] = defaultdict(int)
        for bit, one in enumerate(self.offerings):
            for key in keys(one):
                found[key] |= 1 << bit
        return dict(found)

    def _read(self, basis: PolicyBasis) -> _Sides:
        stored = [(read_retention(one, basis), 1 << bit) for bit, one in enumerate(self.offerings)]
        limits = sorted((retention.days, bit) for retention, bit in stored if retention.days is not None)
        return _Sides(
            days=tuple(days for days, _ in limits),
            within=(0, *accumulate((bit for _, bit in limits), or_)),
            retention_unknown=sum(bit for retention, bit in stored if retention.kind is RetentionKind.UNKNOWN),
            untrained=self._bits(lambda one: read_training(one, basis) in NOT_USED_UNASKED),
            training_unknown=self._bits(lambda one: read_training(one, basis) is Training.UNKNOWN),
        )

    def keys_of(self, offering_ids: Iterable[str]) -> frozenset[str]:
        """Return what a requirement names these offerings by, and no others.

        A provider whose every tier is meant is named by its id; elsewhere each tier by its own, `acme:default` too,
        since `acme` means all of them. An id that is not in the index is kept, and names nobody.
        """
        wanted = frozenset(offering_ids)
        found = set()
        for one in wanted:
            provider_id = one.partition(":")[0]
            is_whole = provider_id in self._tiers and self._tiers[provider_id] <= wanted
            found.add(provider_id if is_whole else one if ":" in one else f"{one}:{Tier.DEFAULT}")
        return frozenset(found)

    def days_stated(self, basis: PolicyBasis) -> tuple[int, ...]:
        """Return every retention in days that a listed offering states, 0 for none, the shortest first."""
        return tuple(sorted(set(self._sides[basis].days)))

    def check(self, asked: Requirement, now: datetime | None) -> "tuple[dict[Check, _Bits], dict[Check, _Bits]]":
        """Return who passes each check, and who passes it only because the unknown is let in."""
        everybody, side = self._everybody, self._sides[asked.reading]
        passing: dict[Check, _Bits] = {Check.LISTED: self._listed}
        unknown: dict[Check, _Bits] = {}
        if asked.providers is not None:
            passing[Check.PROVIDERS] = _any(self._by_id, asked.providers)
        if asked.ignored:
            passing[Check.IGNORED] = everybody & ~_any(self._by_id, asked.ignored)
        if asked.tiers is not None:
            passing[Check.TIER] = _any(self._by_tier, asked.tiers)
        if asked.max_retention_days is not None:
            passing[Check.RETENTION] = side.within[bisect_right(side.days, asked.max_retention_days)]
            unknown[Check.RETENTION] = side.retention_unknown
            if asked.reading is PolicyBasis.STRICTEST:
                passing[Check.RETENTION_CONFLICT] = self._agree[0]
        self._check_use(asked, passing, unknown)
        self._check_places(asked, passing)
        if asked.requires_terms_url:
            passing[Check.TERMS_URL] = self._with_terms
        if asked.max_age_days is not None:
            passing[Check.AGE] = self._seen_since[bisect_left(self._seen, _oldest(now, asked.max_age_days))]
        return passing, unknown

    def _check_use(self, asked: Requirement, passing: dict[Check, _Bits], unknown: dict[Check, _Bits]) -> None:
        """Note who passes on training and publishing; a switch of the account speaks of one tier and lets others by."""
        everybody, side = self._everybody, self._sides[asked.reading]
        paid, free = (self._by_tier.get(tier, 0) for tier in (Tier.DEFAULT, Tier.FREE))
        switched = (0 if asked.allows_paid_training else paid) | (0 if asked.allows_free_training else free)
        if subject := everybody if asked.no_training else switched:
            passing[Check.TRAINING] = side.untrained | everybody & ~subject
            unknown[Check.TRAINING] = side.training_unknown
            if asked.reading is PolicyBasis.STRICTEST:
                passing[Check.TRAINING_CONFLICT] = self._agree[1] | everybody & ~subject
        if subject := everybody if asked.no_publishing else 0 if asked.allows_free_publishing else free:
            passing[Check.PUBLISHING] = self._unpublished | everybody & ~subject
            unknown[Check.PUBLISHING] = self._publishing_unknown

    def _check_places(self, asked: Requirement, passing: dict[Check, _Bits]) -> None:
        """Note who passes by place; who has none on record passes no rule on places."""
        if asked.headquarters is not None or asked.not_headquarters is not None:
            wanted = self._by_headquarters if asked.headquarters is None else _expand(asked.headquarters)
            unwanted = _expand(asked.not_headquarters or frozenset())
            passing[Check.HEADQUARTERS] = _any(self._by_headquarters, [one for one in wanted if one not in unwanted])
        if asked.datacenters is not None:
            wanted = _expand(asked.datacenters)
            outside = _any(self._by_datacenter, [one for one in self._by_datacenter if one not in wanted])
            passing[Check.DATACENTERS] = self._placed & ~outside


def _key_of_tier(one: OfferingTerms) -> str:
    return f"{one.provider_id}:{one.tier}"


def _any(groups: Mapping[str, _Bits], keys: Iterable[str]) -> _Bits:
    found = 0
    for key in keys:
        found |= groups.get(key, 0)
    return found


def _oldest(now: datetime | None, days: int) -> datetime:
    """Return the moment since which words have to have been seen."""
    if now is None:
        raise UsageError("max_age_days needs to be told the time: pass `now`")
    try:
        return (now if now.tzinfo else now.replace(tzinfo=UTC)) - timedelta(days=days)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Decision:
    """Who meets a requirement and who does not: `allowed` and `refused` hold every offering once, each sorted by id."""

    requirement: Requirement
    index: Index
    now: datetime | None
    allowed: tuple[OfferingTerms, ...]
    _passing: Mapping[Check, _Bits]
    _unknown: Mapping[Check, _Bits]
    _admitted: _Bits
    _surely: _Bits

    @property
    def refused(self) -> tuple[RefusedOffering, ...]:
        """The offerings that do not meet it, each with its reasons; worked out when asked for."""
        return tuple(
            RefusedOffering(offering=one, reasons=self._reasons(one, 1 << bit))
            for bit, one in enumerate(self.index.offerings)
            if not self._admitted & 1 << bit
        )

    def _reasons(self, one: OfferingTerms, bit: _Bits) -> tuple[Reason, ...]:
        allowed = self._unknown if self.requirement.allows_unknown else {}
        failed = [check for check, bits in self._passing.items() if not (bits | allowed.get(check, 0)) & bit]
        return tuple(
            find_reason(check, one, self.requirement, self.now) for check in sorted(failed, key=_RANK.__getitem__)
        )

    @property
    def checks(self) -> tuple[Check, ...]:
        """What was asked, in the order in which reasons are told."""
        return tuple(sorted(self._passing, key=_RANK.__getitem__))

    @property
    def ignored(self) -> tuple[OfferingTerms, ...]:
        """The offerings that the requirement's list of those to ignore names."""
        others = self._passing.get(Check.IGNORED)
        everybody = (1 << len(self.index.offerings)) - 1
        return () if others is None else _chosen(self.index.offerings, everybody & ~others)

    @property
    def let_in_unknown(self) -> tuple[OfferingTerms, ...]:
        """Those of the allowed that are there only because `allows_unknown` lets in what is unknown."""
        return _chosen(self.index.offerings, self._admitted & ~self._surely)

    def explain(self) -> str:
        """Return the decision as lines of text: who is allowed, and why each of the others is not."""
        unknown = {one.offering_id for one in self.let_in_unknown}
        lines = [f"{one.offering_id}: allowed{', as unknown' * (one.offering_id in unknown)}" for one in self.allowed]
        told = ((one.offering.offering_id, "; ".join(reason.text for reason in one.reasons)) for one in self.refused)
        return "\n".join((*lines, *(f"{name}: {reasons}" for name, reasons in told)))


_RANK: Final = {check: number for number, check in enumerate(Check)}


def decide(
    offerings: Index | Iterable[OfferingTerms], requirement: Requirement, now: datetime | None = None
) -> Decision:
    """Return who meets a requirement. `now` is needed for `max_age_days` only; raises UsageError where it is missing.

    An index that is made once answers in microseconds; other offerings are made into one first.
    """
    index = offerings if isinstance(offerings, Index) else Index(offerings)
    passing, unknown = index.check(requirement, now)
    surely = admitted = (1 << len(index.offerings)) - 1
    for check, bits in passing.items():
        surely &= bits
        admitted &= bits | unknown.get(check, 0)
    if not requirement.allows_unknown:
        admitted = surely
    return Decision(requirement, index, now, _chosen(index.offerings, admitted), passing, unknown, admitted, surely)


def _chosen(offerings: tuple[OfferingTerms, ...], bits: _Bits) -> tuple[OfferingTerms, ...]:
    # The lowest bit stands first in `offerings` and last in the written number.
    return tuple(
        one for one, mark in zip(offerings, reversed(f"{bits:0{len(offerings)}b}"), strict=False) if mark == "1"
    )
