"""Which offerings a person means: the filters that listing and handing over share. Pure."""

from dataclasses import dataclass

from pipeline.catalog.reasons import read_retention, read_training
from pipeline.catalog.records import OfferingTerms
from pipeline.catalog.requirement import PolicyBasis
from pipeline.model import RetentionKind, Tier, Training

_BY = {
    PolicyBasis.GATEWAY: "by the gateway",
    PolicyBasis.PROVIDER: "by the provider's own terms",
    PolicyBasis.STRICTEST: "by the strictest reading",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What an offering must be to be meant; what is left out asks nothing.

    Unknown, unstated and endless retention have no days, and never pass `max_retention_days`. Without `with_delisted`,
    only what the gateway lists is meant.
    """

    retention_kinds: frozenset[RetentionKind] | None = None
    max_retention_days: int | None = None
    training: frozenset[Training] | None = None
    tier: Tier | None = None
    with_delisted: bool = False

    def means(self, one: OfferingTerms, basis: PolicyBasis = PolicyBasis.GATEWAY) -> bool:
        """Whether an offering is meant, by what one side states or by the strictest reading of both."""
        stored = read_retention(one, basis)
        return (
            (self.with_delisted or one.is_listed)
            and (self.retention_kinds is None or stored.kind in self.retention_kinds)
            and (self.training is None or read_training(one, basis) in self.training)
            and (self.tier is None or one.tier == self.tier)
            and (self.max_retention_days is None or _is_at_most(stored.days, self.max_retention_days))
        )

    def as_words(self, basis: PolicyBasis = PolicyBasis.GATEWAY) -> tuple[str, ...]:
        """Return what is asked, a sentence each, for a reader of what was handed over."""
        found = ["also those that are no longer listed" if self.with_delisted else "only what the gateway lists"]
        if self.retention_kinds is not None:
            found.append(f"retention, {_BY[basis]}: {' or '.join(sorted(self.retention_kinds))}")
        if self.max_retention_days is not None:
            found.append(f"retention, {_BY[basis]}: stated, and at most {self.max_retention_days} days")
        if self.training is not None:
            found.append(f"training, {_BY[basis]}: {' or '.join(sorted(self.training))}")
        if self.tier is not None:
            found.append(f"tier: {self.tier}")
        return tuple(found)


def _is_at_most(days: int | None, most: int) -> bool:
    return days is not None and days <= most
