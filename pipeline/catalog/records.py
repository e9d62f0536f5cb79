"""The rows of a published catalog as typed records. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from pipeline.model import Agreement, Basis, RetentionKind, Tier, Training, ZdrAvailability


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferingTerms:
    """One row of `provider_terms`: one offering at one gateway, and what holds of it. Times are aware, in UTC.

    `last_verified_at` is when the words behind the row were last seen, of several the longest ago; None where that is
    not on record, as of an earlier day it is not of a provider's own words.
    """

    gateway_id: str
    offering_id: str
    provider_id: str
    provider_name: str
    tier: Tier
    is_listed: bool
    retention_kind: RetentionKind
    retention_days: int | None
    retention_text: str | None
    training: Training
    training_text: str | None
    training_basis: Basis | None
    can_publish: bool | None
    requires_user_ids: bool | None
    source_id: str | None
    observed_at: datetime
    terms_url: str | None
    privacy_url: str | None
    status_url: str | None
    headquarters: str | None
    datacenters: tuple[str, ...] | None
    retention_bound: str | None
    retention_basis: Basis | None
    delisted_at: datetime | None
    data_usage_url: str | None
    provider_retention_kind: RetentionKind
    provider_retention_days: int | None
    provider_retention_bound: str | None
    provider_training: Training
    strictest_retention_kind: RetentionKind
    strictest_retention_days: int | None
    strictest_retention_bound: str | None
    strictest_training: Training
    agreement: Agreement
    retention_agreement: Agreement
    training_agreement: Agreement
    zdr_available: ZdrAvailability
    last_verified_at: datetime | None

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from any other: its gateway, and its id there."""
        return self.gateway_id, self.offering_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInterval:
    """One row of `policy_history`, half-open; `valid_to` is None where it still holds."""

    gateway_id: str
    offering_id: str
    valid_from: datetime
    valid_to: datetime | None
    retention_kind: RetentionKind
    retention_days: int | None
    retention_bound: str | None
    retention_text: str | None
    retention_basis: Basis | None
    training: Training
    training_text: str | None
    training_basis: Basis | None
    cause: str
    retention_source_id: str | None
    retention_capture_id: str | None
    training_source_id: str | None
    training_capture_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRecord:
    """One row of `changes`."""

    change_id: str
    gateway_id: str
    offering_id: str | None
    changed_at: datetime
    not_before_at: datetime | None
    change_kind: str
    topic: str | None
    old_value: str | None
    new_value: str | None
    cause: str
    source_id: str
    old_capture_id: str | None
    new_capture_id: str | None
    offering_count: int
    old_quote: str | None
    new_quote: str | None


COLUMNS = tuple(field.name for field in fields(OfferingTerms))  # of `provider_terms`, which has more
DECIDING = (  # columns of `policies` that name the claims on which a policy rests
    "retention_claim_id",
    "training_claim_id",
    "provider_retention_claim_id",
    "provider_training_claim_id",
    "zdr_claim_id",
)
_INTERVAL = tuple(field.name for field in fields(PolicyInterval))
_CHANGE = tuple(field.name for field in fields(ChangeRecord))


def read_offering(row: Mapping[str, Any]) -> OfferingTerms:
    """Return a row of `provider_terms`; raise KeyError or ValueError where it is none of this version."""
    typed = {
        "tier": Tier(row["tier"]),
        "retention_kind": RetentionKind(row["retention_kind"]),
        "training": Training(row["training"]),
        "training_basis": Basis(row["training_basis"]) if row["training_basis"] else None,
        "retention_basis": Basis(row["retention_basis"]) if row["retention_basis"] else None,
        "datacenters": None if row["datacenters"] is None else tuple(row["datacenters"]),
        "provider_retention_kind": RetentionKind(row["provider_retention_kind"]),
        "provider_training": Training(row["provider_training"]),
        "strictest_retention_kind": RetentionKind(row["strictest_retention_kind"]),
        "strictest_training": Training(row["strictest_training"]),
        "agreement": Agreement(row["agreement"]),
        "retention_agreement": Agreement(row["retention_agreement"]),
        "training_agreement": Agreement(row["training_agreement"]),
        "zdr_available": ZdrAvailability(row["zdr_available"]),
    }
    later = ("last_verified_at", "provider_retention_bound", "strictest_retention_bound")
    seen = {name: row.get(name) for name in later}  # older catalogs do not have them, or not as of an earlier day
    return OfferingTerms(**{name: row[name] for name in COLUMNS if name not in seen} | typed | seen)


def read_interval(row: Mapping[str, Any]) -> PolicyInterval:
    """Return a row of `policy_history`; raise KeyError or ValueError where it is none of this version."""
    typed = {
        "retention_kind": RetentionKind(row["retention_kind"]),
        "training": Training(row["training"]),
        "retention_basis": Basis(row["retention_basis"]) if row["retention_basis"] else None,
        "training_basis": Basis(row["training_basis"]) if row["training_basis"] else None,
    }
    return PolicyInterval(**{name: row[name] for name in _INTERVAL} | typed)


def read_change(row: Mapping[str, Any]) -> ChangeRecord:
    """Return a row of `changes`; raise KeyError where it is none of this version."""
    return ChangeRecord(**{name: row[name] for name in _CHANGE})
