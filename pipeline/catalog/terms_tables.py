"""The published rows that come from providers' own pages. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from pipeline.catalog.agreement import Disagreement
from pipeline.catalog.protection import is_known
from pipeline.catalog.reconcile import Policy
from pipeline.catalog.rows import Row, naive
from pipeline.catalog.spans import Evidence, Timelines
from pipeline.catalog.statements import TermsChange, TermsClaim
from pipeline.catalog.terms import BothSides, Terms
from pipeline.model import (
    Basis,
    Cause,
    ClaimValue,
    Retention,
    Service,
    Statement,
    Tier,
    Topic,
    Training,
    as_text,
    mint_id,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsRows:
    """Makes the rows of one gateway's offerings: `lines` tell which there are."""

    gateway_id: str
    lines: Timelines
    terms: Terms

    def claim_id(self, claim: TermsClaim, offering_id: str) -> str:
        """Return the key of a claim as one of an offering; a page may speak for several."""
        return mint_id(self.gateway_id, offering_id, claim.claim_id)

    def policy_columns(self, policy: Policy, both: BothSides) -> Row:
        """Return what a row of `policies` holds beside the gateway's statements."""
        provider = both.provider
        sides = ((policy.retention, policy.retention_evidence), (policy.training, policy.training_evidence))
        gateway = [one for value, one in sides if one is not None and is_known(value)]
        return {
            **_retention("provider_", provider.retention),
            "provider_training": provider.training.value,
            **_retention("strictest_", both.strictest_retention),
            "strictest_training": both.strictest_training.value,
            "agreement": both.agreement.value,
            "retention_agreement": both.retention_agreement.value,
            "training_agreement": both.training_agreement.value,
            "zdr_available": provider.zdr_available.value,
            "evidence_count": len(gateway) + provider.evidence_count,
            "last_verified_at": naive(_last_verified(gateway, both)),
            "provider_retention_claim_id": self._key(provider.retention_claim, policy),
            "provider_training_claim_id": self._key(provider.training_claim, policy),
            "zdr_claim_id": self._key(provider.zdr_claim, policy),
        }

    def iter_claims(self) -> Iterator[Row]:
        """Yield every claim that a page makes or made of a provider that the gateway lists or listed."""
        for provider_id in self._providers():
            for claim in self.terms.claims_of(provider_id):
                yield self._claim(claim, self._offering_of(provider_id, claim.statement))

    def iter_changes(self) -> Iterator[Row]:
        """Yield every substantive change of a page."""
        for provider_id in self._providers():
            for change in self.terms.changes_of(provider_id):
                statement = change.new or change.old
                if statement is not None:
                    yield self._change(change, statement, self._offering_of(provider_id, statement))

    def iter_conflicts(self, sides: Iterable[tuple[Policy, BothSides]]) -> Iterator[Row]:
        """Yield every statement of a provider that does not go with what the gateway states."""
        for policy, both in sides:
            for one in both.disagreements:
                evidence = policy.retention_evidence if one.topic is Topic.RETENTION else policy.training_evidence
                if evidence is not None:
                    yield self._conflict(policy.offering.offering_id, one, evidence)

    def iter_history(self) -> Iterator[Row]:
        """Yield the intervals of what each provider's pages say of each offering."""
        for offering_id, offering in sorted(self.lines.offerings.items()):
            for interval in self.terms.intervals_of(offering.provider_id, offering.tier):
                policy = interval.policy
                yield {
                    "gateway_id": self.gateway_id,
                    "offering_id": offering_id,
                    "valid_from": naive(interval.valid_from),
                    "valid_to": naive(interval.valid_to),
                    **_retention("provider_", policy.retention),
                    "provider_training": policy.training.value,
                    "zdr_available": policy.zdr_available.value,
                    "retention_quote": policy.retention_claim.statement.quote if policy.retention_claim else None,
                    "training_quote": policy.training_claim.statement.quote if policy.training_claim else None,
                }

    def _providers(self) -> list[str]:
        return sorted({offering.provider_id for offering in self.lines.offerings.values()} & set(self.terms.terms_ids))

    def _offering_of(self, provider_id: str, statement: Statement) -> str:
        """Return whom a statement is filed under: the free tier where it is on that and there is one."""
        free = f"{provider_id}:{Tier.FREE}"
        is_free = statement.service is Service.FREE or provider_id not in self.lines.offerings
        return free if is_free and free in self.lines.offerings else provider_id

    def _key(self, claim: TermsClaim | None, policy: Policy) -> str | None:
        if claim is None:
            return None
        return self.claim_id(claim, self._offering_of(policy.offering.provider_id, claim.statement))

    def _claim(self, claim: TermsClaim, offering_id: str) -> Row:
        statement = claim.statement
        return {
            "claim_id": self.claim_id(claim, offering_id),
            "gateway_id": self.gateway_id,
            "offering_id": offering_id,
            "topic": statement.topic.value,
            "source_id": claim.source_id,
            **typed_value(statement.value),
            "basis": Basis.STATED.value,
            "text": statement.quote,
            "quote": statement.quote,
            "locator": statement.locator,
            "capture_id": claim.capture_id,
            "first_observed_at": naive(claim.first_seen.at),
            "observed_at": naive(claim.last_seen.at),
            "is_current": claim.is_standing,
            "data": statement.data.value,
            "condition": statement.condition.value,
            "service": statement.service.value,
            "grade": statement.grade.value,
            "rule_id": statement.rule_id,
            "verification": claim.state.value,
            "ended_at": naive(claim.ended_at.at) if claim.ended_at else None,
            "url": self.terms.urls.get(claim.source_id),
        }

    def _change(self, change: TermsChange, statement: Statement, offering_id: str) -> Row:
        return {
            "change_id": mint_id(self.gateway_id, offering_id, change.claim_id, change.kind, str(change.changed_at.at)),
            "gateway_id": self.gateway_id,
            "offering_id": offering_id,
            "changed_at": naive(change.changed_at.at),
            "not_before_at": naive(change.not_before.at),
            "change_kind": change.kind.value,
            "topic": statement.topic.value,
            "old_value": as_text(change.old.value) if change.old else None,
            "new_value": as_text(change.new.value) if change.new else None,
            "cause": Cause.SOURCE_CHANGE.value,
            "source_id": change.source_id,
            "old_capture_id": change.old_capture_id,
            "new_capture_id": change.new_capture_id,
            "offering_count": 1,
            "old_quote": change.old.quote if change.old else None,
            "new_quote": change.new.quote if change.new else None,
        }

    def _conflict(self, offering_id: str, one: Disagreement, evidence: Evidence) -> Row:
        claim = one.claim
        return {
            "conflict_id": mint_id(self.gateway_id, offering_id, one.topic, evidence.run.source_id, claim.claim_id),
            "gateway_id": self.gateway_id,
            "offering_id": offering_id,
            "topic": one.topic.value,
            "reason": one.reason.value,
            "ruling_source_id": evidence.run.source_id,
            "ruling_value": as_text(evidence.claim.value),
            "ruling_quote": evidence.claim.quote,
            "ruling_observed_at": naive(evidence.run.last.at),
            "other_source_id": claim.source_id,
            "other_value": as_text(claim.statement.value),
            "other_quote": claim.statement.quote,
            "other_observed_at": naive(claim.last_seen.at),
            "other_url": self.terms.urls.get(claim.source_id),
            "other_verification": claim.state.value,
        }


def typed_value(value: ClaimValue) -> Row:
    """Return the columns of `claims` that hold a typed value."""
    return {
        "value_text": as_text(value) or None,
        "retention_kind": value.kind.value if isinstance(value, Retention) else None,
        "retention_days": value.stored_days if isinstance(value, Retention) else None,
        "training": value.value if isinstance(value, Training) else None,
    }


def _retention(prefix: str, retention: Retention) -> Row:
    return {
        f"{prefix}retention_kind": retention.kind.value,
        f"{prefix}retention_days": retention.stored_days,
        f"{prefix}retention_bound": retention.bound.value if retention.bound else None,
    }


def _last_verified(gateway: Iterable[Evidence], both: BothSides) -> datetime | None:
    """Return the oldest of the days on which the words behind a row were last seen."""
    seen = [evidence.run.last.at for evidence in gateway]
    if both.provider.last_verified is not None:
        seen.append(both.provider.last_verified.at)
    return min(seen, default=None)
