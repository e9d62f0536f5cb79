"""What a report is made of: each table of a catalog read once, then sorted to whom it concerns."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from pipeline.catalog.reader import Catalog
from pipeline.catalog.records import DECIDING
from pipeline.model import POLICY_TOPICS
from pipeline.normalize.lookalike import index_looks
from pipeline.use.change_text import basis_in, sides_of
from pipeline.use.conflicts import read_conflicts

Row = Mapping[str, Any]

_OFFERINGS = """
SELECT t.*, p.names, p.slugs, p.first_seen_at, p.last_seen_at, q.provider_retention_claim_id,
       q.provider_training_claim_id, q.zdr_claim_id
FROM provider_terms AS t
JOIN providers AS p USING (gateway_id, offering_id)
JOIN policies AS q USING (gateway_id, offering_id)
ORDER BY t.gateway_id, t.offering_id
"""
_CLAIMS = """
SELECT * FROM claims
ORDER BY topic, url IS NOT NULL, is_current DESC, grade NULLS FIRST, condition NULLS FIRST, source_id, locator, claim_id
"""
_HISTORY = "SELECT * FROM policy_history ORDER BY gateway_id, offering_id, valid_from"
_OWN_HISTORY = "SELECT * FROM provider_policy_history ORDER BY gateway_id, offering_id, valid_from"
_CHANGES = "SELECT * FROM changes ORDER BY changed_at DESC, offering_id, change_kind, change_id"
_SOURCES = "SELECT * FROM sources ORDER BY gateway_id IS NULL, gateway_id, source_id"
_ENDPOINTS = "SELECT gateway_id, offering_id, count(*) AS endpoints FROM zdr_endpoints GROUP BY ALL ORDER BY ALL"
_QUARANTINE = "SELECT * FROM quarantine WHERE is_current ORDER BY source_id, observed_at, locator, quarantine_id"

# The claims that a policy rests on.


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All rows of a catalog that a report shows, as of its newest observation."""

    as_of: datetime
    offerings: Sequence[Row]
    claims: Sequence[Row]
    history: Sequence[Row]
    own_history: Sequence[Row]
    changes: Sequence[Row]
    conflicts: Sequence[Row]
    sources: Sequence[Row]
    quarantine: Sequence[Row]
    endpoints: Mapping[tuple[str, str], int]

    @cached_property
    def listed(self) -> Sequence[Row]:
        """The offerings that a gateway lists now."""
        return [one for one in self.offerings if one["is_listed"]]

    @cached_property
    def gateways_seen_at(self) -> datetime:
        """The newest good look at a source of any gateway: what gateways state is known up to then."""
        looks = (one["last_good_at"] for one in self.sources if one["gateway_id"] is not None)
        return max((at for at in looks if at is not None), default=self.as_of)

    @cached_property
    def stating(self) -> frozenset[str]:
        """The sources whose words on retention hold of what is listed."""
        return frozenset(one["source_id"] for one in self.listed if one["source_id"])

    @cached_property
    def providers(self) -> Mapping[str, Sequence[Row]]:
        """The offerings of each provider, of all gateways and tiers, the default tier first."""
        found = _by(("provider_id",), self.offerings)
        return {
            str(provider_id): sorted(rows, key=lambda one: (one["gateway_id"], one["tier"] != "default", one["tier"]))
            for (provider_id,), rows in sorted(found.items())
        }

    @cached_property
    def sources_by_id(self) -> Mapping[str, Row]:
        """Every source by its id."""
        return {one["source_id"]: one for one in self.sources}

    @cached_property
    def offerings_by_key(self) -> Mapping[tuple[str, str], Row]:
        """Every offering by its gateway and its id."""
        return {(one["gateway_id"], one["offering_id"]): one for one in self.offerings}

    @cached_property
    def deciding(self) -> frozenset[str]:
        """The ids of the claims that a policy rests on."""
        return frozenset(one[name] for one in self.offerings for name in DECIDING if one[name])

    @cached_property
    def looks(self) -> Mapping[str, str]:
        """Every name of a reviewed provider, by what it looks like."""
        return index_looks(name for one in self.offerings if one["is_reviewed"] for name in one["names"])

    @cached_property
    def claims_by_id(self) -> Mapping[str, Row]:
        """Every claim by its id."""
        return {claim["claim_id"]: claim for claim in self.claims}

    def of(self, table: str, one: Row) -> Sequence[Row]:
        """Return the rows of a table that concern an offering, in their order."""
        return self._by_key[table].get((one["gateway_id"], one["offering_id"]), ())

    def sources_of(self, provider_id: str) -> Sequence[Row]:
        """Return the sources that hold a provider's own terms."""
        return self._own_sources.get(provider_id, ())

    @cached_property
    def _by_key(self) -> Mapping[str, Mapping[tuple[Any, ...], Sequence[Row]]]:
        tables = ("claims", "history", "own_history", "changes", "conflicts")
        return {table: _by(("gateway_id", "offering_id"), getattr(self, table)) for table in tables}

    @cached_property
    def _own_sources(self) -> Mapping[str, Sequence[Row]]:
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for source in self.sources:
            for provider_id in source["provider_ids"]:
                found[provider_id].append(source)
        return found


def read_facts(catalog: Catalog) -> Facts:
    """Return the rows of an open catalog, each table read once."""
    catalog.check_columns()
    history = catalog.rows(_HISTORY)
    return Facts(
        as_of=catalog.as_of,
        offerings=catalog.rows(_OFFERINGS),
        claims=catalog.rows(_CLAIMS),
        history=history,
        own_history=catalog.rows(_OWN_HISTORY),
        changes=_with_bases(catalog.rows(_CHANGES), history),
        conflicts=read_conflicts(catalog),
        sources=catalog.rows(_SOURCES),
        quarantine=catalog.rows(_QUARANTINE),
        endpoints={(row["gateway_id"], row["offering_id"]): row["endpoints"] for row in catalog.rows(_ENDPOINTS)},
    )


def _with_bases(changes: Iterable[Row], history: Iterable[Row]) -> list[Row]:
    """Return changes with how the gateway carries the values before and since."""
    names = ("gateway_id", "offering_id")
    by_key, found = _by(names, history), list[Row]()
    for row in changes:
        before, since = sides_of(row, by_key.get(tuple(row[name] for name in names), ()))
        bases = {"old_basis": basis_in(before, row["topic"]), "new_basis": basis_in(since, row["topic"])}
        found.append({**row, **bases})
    return found


def is_on_policy(claim: Row) -> bool:
    """Whether a claim speaks of retention or training, and not of who an offering is."""
    return claim["topic"] in POLICY_TOPICS


def _by(names: Sequence[str], rows: Iterable[Row]) -> dict[tuple[Any, ...], list[Row]]:
    found: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in names)].append(row)
    return dict(found)
