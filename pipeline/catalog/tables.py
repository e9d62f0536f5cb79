"""The published rows, as plain mappings in the order of their keys. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from pipeline.catalog.changes import Change
from pipeline.catalog.history import iter_attribute_history, iter_policy_history
from pipeline.catalog.reconcile import (
    Conflict,
    Policy,
    find_conflicts,
    find_span,
    iter_current_claims,
    reconcile_policies,
)
from pipeline.catalog.rows import Row, Rows, naive
from pipeline.catalog.spans import Evidence, Timelines
from pipeline.catalog.terms import Terms, hold_together
from pipeline.catalog.terms_tables import TermsRows, typed_value
from pipeline.model import ClaimValue, ConflictReason, Retention, RetentionKind, Topic, as_text, mint_id

_OF_PAGES = ("data", "condition", "service", "grade", "rule_id", "verification", "ended_at", "url")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayFacts:
    """All that is known of one gateway: timelines, changes, providers' own terms, and all names of reviewed ones."""

    gateway_id: str
    lines: Timelines
    terms: Terms
    changes: tuple[Change, ...]
    known_names: Mapping[str, tuple[str, ...]]
    known_slugs: Mapping[str, tuple[str, ...]]


def build_gateway_rows(facts: GatewayFacts, as_of: datetime) -> Rows:
    """Return the rows of every table that speaks of offerings, each sorted by its key."""
    policies = reconcile_policies(facts.lines)
    sides = [(policy, hold_together(policy, facts.terms)) for policy in policies]
    own = TermsRows(gateway_id=facts.gateway_id, lines=facts.lines, terms=facts.terms)
    claims = (*_claims(facts, policies), *own.iter_claims())
    changes = (*(_change(facts.gateway_id, change) for change in facts.changes), *own.iter_changes())
    conflicts = (*_conflicts(facts), *own.iter_conflicts(sides))
    return {
        "providers": [_provider(facts, policy) for policy in policies],
        "policies": [_policy(facts, policy, as_of) | own.policy_columns(policy, both) for policy, both in sides],
        "claims": sorted(claims, key=lambda row: str(row["claim_id"])),
        "policy_history": list(_policy_history(facts)),
        "provider_policy_history": list(own.iter_history()),
        "attribute_history": list(_attribute_history(facts)),
        "changes": sorted(changes, key=_change_order),
        "conflicts": sorted(conflicts, key=lambda row: str(row["conflict_id"])),
    }


def _change_order(row: Row) -> tuple[str, ...]:
    return tuple(str(row[name] or "") for name in ("changed_at", "offering_id", "change_kind", "change_id"))


def claim_id(evidence: Evidence) -> str:
    """Return the key of a claim: who says it, where, of whom and on what."""
    claim, run = evidence.claim, evidence.run
    return mint_id(run.source_id, run.capture_id, claim.offering_id, claim.topic, claim.locator)


def _provider(facts: GatewayFacts, policy: Policy) -> Row:
    offering = policy.offering
    found = {topic: find_span(facts.lines, offering.offering_id, topic) for topic in Topic}
    values: dict[Topic, ClaimValue] = {topic: span.value if span else None for topic, span in found.items()}
    headquarters, known = found[Topic.HEADQUARTERS], facts.known_names.get(offering.provider_id, ())
    # The newest label is the name to print; a free tier that is no longer listed keeps the label it had.
    name = values[Topic.DISPLAY_NAME] or (known[0] if known else None) or values[Topic.API_NAME]
    datacenters = values[Topic.DATACENTERS]
    return {
        "gateway_id": facts.gateway_id,
        "offering_id": offering.offering_id,
        "provider_id": offering.provider_id,
        "provider_name": str(name or offering.provider_id),
        "tier": offering.tier.value,
        "names": sorted({*offering.names, *known}),
        "slugs": sorted({*offering.slugs, *facts.known_slugs.get(offering.provider_id, ())}),
        "is_reviewed": not offering.is_new,
        "is_listed": policy.is_listed,
        "first_seen_at": naive(offering.first_seen.at),
        "last_seen_at": naive(offering.last_seen.at),
        "delisted_at": naive(policy.delisted_at),
        "terms_url": values[Topic.TERMS_URL],
        "privacy_url": values[Topic.PRIVACY_URL],
        "data_usage_url": values[Topic.DATA_USAGE_URL],
        "status_url": values[Topic.STATUS_URL],
        "headquarters": values[Topic.HEADQUARTERS],
        "headquarters_at": naive(headquarters.last.run.last.at) if headquarters and headquarters.value else None,
        "datacenters": list(datacenters) if isinstance(datacenters, tuple) else None,
    }


def _policy(facts: GatewayFacts, policy: Policy, as_of: datetime) -> Row:
    lines, offering_id = facts.lines, policy.offering.offering_id
    publish, user_ids = (find_span(lines, offering_id, topic) for topic in (Topic.CAN_PUBLISH, Topic.REQUIRES_USER_IDS))
    evidence = policy.retention_evidence
    observed = evidence.run.last.at if evidence else policy.offering.last_seen.at
    return {
        "gateway_id": facts.gateway_id,
        "offering_id": offering_id,
        "is_listed": policy.is_listed,
        "delisted_at": naive(policy.delisted_at),
        **_retention(policy.retention),
        **_words("retention", evidence),
        "training": policy.training.value,
        **_words("training", policy.training_evidence),
        "can_publish": publish.value if publish else None,
        "requires_user_ids": user_ids.value if user_ids else None,
        "source_id": evidence.run.source_id if evidence else None,
        "observed_at": naive(observed),
        "staleness_days": max(0, (as_of.date() - observed.date()).days),
        "as_of_at": naive(as_of),
        "retention_claim_id": claim_id(evidence) if evidence else None,
        "training_claim_id": claim_id(policy.training_evidence) if policy.training_evidence else None,
    }


def _retention(retention: Retention) -> Row:
    return {
        "retention_kind": retention.kind.value,
        "retention_days": retention.stored_days,
        "retention_bound": retention.bound.value if retention.bound else None,
    }


def _words(topic: str, evidence: Evidence | None) -> Row:
    return {
        f"{topic}_text": evidence.claim.text if evidence else None,
        f"{topic}_basis": evidence.claim.basis.value if evidence else None,
    }


def _source_of(topic: str, evidence: Evidence | None) -> Row:
    return {
        f"{topic}_source_id": evidence.run.source_id if evidence else None,
        f"{topic}_capture_id": evidence.run.capture_id if evidence else None,
        f"{topic}_locator": evidence.claim.locator if evidence else None,
    }


def _claims(facts: GatewayFacts, policies: Iterable[Policy]) -> Iterator[Row]:
    current: dict[str, tuple[Evidence, Evidence]] = {}
    for _, first, last in iter_current_claims(facts.lines):
        current[claim_id(last)] = (first, last)
    for key, (first, last) in current.items():
        yield _claim(facts.gateway_id, key, first, last, is_current=True)
    resting = (one for policy in policies for one in (policy.retention_evidence, policy.training_evidence) if one)
    for evidence in {claim_id(one): one for one in resting}.values():
        if claim_id(evidence) not in current:
            yield _claim(facts.gateway_id, claim_id(evidence), evidence, evidence, is_current=False)


def _claim(gateway_id: str, key: str, first: Evidence, last: Evidence, *, is_current: bool) -> Row:
    claim, value = last.claim, last.claim.value
    return {
        "claim_id": key,
        "gateway_id": gateway_id,
        "offering_id": claim.offering_id,
        "topic": claim.topic.value,
        "source_id": last.run.source_id,
        **typed_value(value),
        "basis": claim.basis.value,
        "text": claim.text,
        "quote": claim.quote,
        "locator": claim.locator,
        "capture_id": last.run.capture_id,
        "first_observed_at": naive(first.run.first.at),
        "observed_at": naive(last.run.last.at),
        "is_current": is_current,
        **dict.fromkeys(_OF_PAGES),
    }


def _policy_history(facts: GatewayFacts) -> Iterator[Row]:
    for interval in iter_policy_history(facts.lines):
        yield {
            "gateway_id": facts.gateway_id,
            "offering_id": interval.offering_id,
            "valid_from": naive(interval.valid_from),
            "valid_to": naive(interval.valid_to),
            **_retention(interval.retention),
            **_words("retention", interval.retention_evidence),
            **_source_of("retention", interval.retention_evidence),
            "training": interval.training.value,
            **_words("training", interval.training_evidence),
            **_source_of("training", interval.training_evidence),
            "cause": interval.cause.value,
        }


def _attribute_history(facts: GatewayFacts) -> Iterator[Row]:
    for one in iter_attribute_history(facts.lines):
        evidence = one.span.first
        yield {
            "gateway_id": facts.gateway_id,
            "offering_id": one.offering_id,
            "attribute": one.topic.value,
            "valid_from": naive(one.span.valid_from),
            "valid_to": naive(one.valid_to),
            "value": as_text(one.span.value),
            "source_id": evidence.run.source_id,
            "capture_id": evidence.run.capture_id,
            "locator": evidence.claim.locator,
        }


def _change(gateway_id: str, change: Change) -> Row:
    return {
        "change_id": change.change_id,
        "gateway_id": gateway_id,
        "offering_id": change.offering_id,
        "changed_at": naive(change.changed_at),
        "not_before_at": naive(change.not_before_at),
        "change_kind": change.kind.value,
        "topic": change.topic.value if change.topic else None,
        "old_value": change.old_value,
        "new_value": change.new_value,
        "cause": change.cause.value,
        "source_id": change.source_id,
        "old_capture_id": change.old_capture_id,
        "new_capture_id": change.new_capture_id,
        "offering_count": change.offering_count,
        "old_quote": None,
        "new_quote": None,
    }


def _conflicts(facts: GatewayFacts) -> Iterator[Row]:
    for conflict in find_conflicts(facts.lines):
        yield {
            "conflict_id": conflict.conflict_id,
            "gateway_id": facts.gateway_id,
            "offering_id": conflict.offering_id,
            "topic": conflict.topic.value,
            "reason": _reason(conflict).value,
            **_side("ruling", conflict.ruling),
            **_side("other", conflict.other),
            "other_url": None,
            "other_verification": None,
        }


def _reason(conflict: Conflict) -> ConflictReason:
    values = (conflict.ruling.claim.value, conflict.other.claim.value)
    are_periods = all(isinstance(one, Retention) and one.kind is RetentionKind.PERIOD for one in values)
    return ConflictReason.DAYS if are_periods else ConflictReason.VALUE


def _side(name: str, evidence: Evidence) -> Row:
    return {
        f"{name}_source_id": evidence.run.source_id,
        f"{name}_value": as_text(evidence.claim.value),
        f"{name}_quote": evidence.claim.quote,
        f"{name}_observed_at": naive(evidence.run.last.at),
    }
