"""What stands on the page of one provider: the policy of each tier, every statement, both sides over time. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipeline.catalog.records import DECIDING
from pipeline.model import POLICY_TOPICS, ChangeKind
from pipeline.normalize.lookalike import find_confusable
from pipeline.use.report.facts import Facts, Row, is_on_policy
from pipeline.use.statements import why_not


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One claim, and for a provider's own one that does not decide the policy, why."""

    claim: Row
    is_deciding: bool
    why_not: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """The claims on one topic: those of gateways, those of the provider that decide, and all others."""

    topic: str
    gateway: Sequence[Statement]
    deciding: Sequence[Statement]
    others: Sequence[Statement]

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why the others do not decide, the most frequent reason first."""
        return Counter(one.why_not for one in self.others if one.why_not is not None).most_common()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One entry of a timeline: an interval of what one side states, or the day on which it was delisted."""

    at: datetime
    lane: str  # gateway, own, or delisted
    row: Row
    words: Mapping[str, Row] = field(default_factory=dict)  # of the own lane: the claims on record with its quotes

    @property
    def bound(self) -> str | None:
        """How the days of the own lane are meant."""
        bound: str | None = self.row.get("provider_retention_bound")
        return bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One tier of a provider at one gateway."""

    row: Row
    claims: Mapping[str, Row]  # what the policy rests on, by the name of the policy's column
    endpoints: int
    timeline: Sequence[Moment]
    other_statements: int


_RESTS_ON = {column.removesuffix("_claim_id"): column for column in DECIDING}


def provider_context(facts: Facts, provider_id: str) -> dict[str, Any]:
    """Return what the page of a provider is drawn with."""
    rows = facts.providers[provider_id]
    claims = _distinct(claim for one in rows for claim in facts.of("claims", one))
    by_id = {claim["claim_id"]: claim for claim in claims}
    decided = {topic for topic in POLICY_TOPICS if any(one[f"provider_{topic}_claim_id"] for one in rows)}
    on_policy = [_statement(claim, facts, rows[0], decided) for claim in claims if is_on_policy(claim)]
    return {
        "provider": rows[0],
        "doubts": [] if rows[0]["is_reviewed"] else list(_doubts(rows, facts)),
        "offers": [_offer(one, facts, by_id) for one in rows],
        "topics": [_statements(topic, on_policy) for topic in POLICY_TOPICS],
        "attributes": [claim for claim in claims if not is_on_policy(claim)],
        "conflicts": [row for one in rows for row in facts.of("conflicts", one)],
        "changes": sorted(
            (row for one in rows for row in facts.of("changes", one)), key=lambda row: row["changed_at"], reverse=True
        ),
        "sources": _sources(facts, provider_id, claims),
    }


def _doubts(rows: Sequence[Row], facts: Facts) -> Iterator[str]:
    """Yield what is doubtful about the names of a provider that no file knows."""
    for name in dict.fromkeys(name for one in rows for name in one["names"]):
        if (doubt := find_confusable(name, facts.looks)) is not None:
            yield f"the name '{name}' {doubt}"


def _distinct(claims: Iterable[Row]) -> list[Row]:
    return list({claim["claim_id"]: claim for claim in claims}.values())


def _offer(one: Row, facts: Facts, claims: Mapping[str, Row]) -> Offer:
    # A free tier may rest on what its provider says of all its services; every claim is of one of the page's offerings.
    rests_on = {name: claims[one[column]] for name, column in _RESTS_ON.items() if one[column] in claims}
    mine = [claim for claim in facts.of("claims", one) if is_on_policy(claim) and claim["url"] is not None]
    return Offer(
        row=one,
        claims=rests_on,
        endpoints=facts.endpoints.get((one["gateway_id"], one["offering_id"]), 0),
        timeline=_timeline(one, facts, claims.values()),
        other_statements=len(mine),
    )


def _timeline(one: Row, facts: Facts, claims: Iterable[Row]) -> list[Moment]:
    """Return what both sides stated over time, the newest first."""
    own = sorted((claim for claim in claims if claim["url"] is not None), key=lambda claim: claim["first_observed_at"])
    found = [Moment(at=part["valid_from"], lane="gateway", row=part) for part in facts.of("history", one)]
    found += [
        Moment(at=part["valid_from"], lane="own", row=part, words=_words(part, one, own))
        for part in facts.of("own_history", one)
    ]
    gone = [row for row in facts.of("changes", one) if row["change_kind"] == ChangeKind.DELISTED]
    found += [Moment(at=row["changed_at"], lane="delisted", row=row) for row in gone]
    return sorted(found, key=lambda moment: (moment.at, moment.lane), reverse=True)


def _words(part: Row, one: Row, own: Sequence[Row]) -> dict[str, Row]:
    """Return the provider's claims, oldest first, whose quotes an interval has: of several the newest of its time."""
    found: dict[str, Row] = {}
    for claim in own:
        topic = claim["topic"]
        is_of_it = claim["quote"] is not None and claim["quote"] == part.get(f"{topic}_quote")
        is_before = topic not in found or claim["first_observed_at"] <= part["valid_from"]
        if is_of_it and is_before and claim["offering_id"] in {one["offering_id"], one["provider_id"]}:
            found[topic] = claim
    return found


def _statement(claim: Row, facts: Facts, provider: Row, decided: Collection[str]) -> Statement:
    decides = claim["claim_id"] in facts.deciding
    if decides or claim["url"] is None:
        return Statement(claim=claim, is_deciding=decides, why_not=None)
    reason = why_not(claim, provider["provider_name"], is_outdone=claim["topic"] in decided)
    return Statement(claim=claim, is_deciding=False, why_not=reason)


def _statements(topic: str, statements: Iterable[Statement]) -> Statements:
    mine = [one for one in statements if one.claim["topic"] == topic]
    own = [one for one in mine if one.claim["url"] is not None]
    return Statements(
        topic=topic,
        gateway=[one for one in mine if one.claim["url"] is None],
        deciding=[one for one in own if one.is_deciding],
        others=[one for one in own if not one.is_deciding],
    )


def _sources(facts: Facts, provider_id: str, claims: Iterable[Row]) -> list[Row]:
    """Return the sources that speak of a provider: its own pages, and those of gateways that state its policy."""
    stating = {claim["source_id"] for claim in claims if is_on_policy(claim) and claim["url"] is None}
    gateways = [source for source in facts.sources if source["source_id"] in stating]
    return [*gateways, *facts.sources_of(provider_id)]
