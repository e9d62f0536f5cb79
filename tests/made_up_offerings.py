"""Made-up offerings and requirements, for properties that hold of all of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from pipeline.catalog.agreement import is_conflict
from pipeline.catalog.protection import strictest_retention, strictest_training
from pipeline.catalog.records import OfferingTerms
from pipeline.catalog.requirement import PolicyBasis, Requirement
from pipeline.model import Agreement, Basis, Retention, RetentionKind, Tier, Training, ZdrAvailability

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
IDS = ("acme", "borealis", "cirrus", "dune", "ember", "fjord")
NONE, UNKNOWN = Retention(kind=RetentionKind.NONE), Retention(kind=RetentionKind.UNKNOWN)
PLACES = ("US", "DE", "FR", "CN", "SG")

ONE = OfferingTerms(
    gateway_id="openrouter",
    offering_id="acme",
    provider_id="acme",
    provider_name="Acme",
    tier=Tier.DEFAULT,
    is_listed=True,
    retention_kind=RetentionKind.NONE,
    retention_days=0,
    retention_text="Zero retention",
    training=Training.NO,
    training_text="✓ Does not train",
    training_basis=Basis.STATED,
    can_publish=False,
    requires_user_ids=None,
    source_id="openrouter-docs",
    observed_at=NOW - timedelta(days=10),
    terms_url="https://acme.example/terms",
    privacy_url=None,
    status_url=None,
    headquarters="US",
    datacenters=("US",),
    retention_bound=None,
    retention_basis=Basis.STATED,
    delisted_at=None,
    data_usage_url=None,
    provider_retention_kind=RetentionKind.UNKNOWN,
    provider_retention_days=None,
    provider_training=Training.UNKNOWN,
    strictest_retention_kind=RetentionKind.NONE,
    strictest_retention_days=0,
    strictest_training=Training.NO,
    agreement=Agreement.GATEWAY_ONLY,
    retention_agreement=Agreement.GATEWAY_ONLY,
    training_agreement=Agreement.GATEWAY_ONLY,
    zdr_available=ZdrAvailability.NONE_STATED,
    last_verified_at=NOW - timedelta(days=10),
)


def offering(
    retention: Retention = NONE,
    training: Training = Training.NO,
    *,
    own_retention: Retention = UNKNOWN,
    own_training: Training = Training.UNKNOWN,
    **facts: Any,  # noqa: ANN401 - any field
) -> OfferingTerms:
    """Return an offering of which the gateway states a policy, and its own terms another; the rest follows."""
    strictest = strictest_retention(retention, own_retention)
    return replace(
        ONE,
        retention_kind=retention.kind,
        retention_days=retention.stored_days,
        training=training,
        provider_retention_kind=own_retention.kind,
        provider_retention_days=own_retention.stored_days,
        provider_training=own_training,
        strictest_retention_kind=strictest.kind,
        strictest_retention_days=strictest.stored_days,
        strictest_training=strictest_training(training, own_training),
        retention_agreement=_agreement(is_conflict(retention, own_retention)),
        training_agreement=_agreement(is_conflict(training, own_training)),
        **facts,
    )


def _agreement(is_in_conflict: bool) -> Agreement:  # noqa: FBT001
    return Agreement.CONFLICT if is_in_conflict else Agreement.GATEWAY_ONLY


RETENTIONS = st.one_of(
    st.sampled_from([kind for kind in RetentionKind if kind is not RetentionKind.PERIOD]).map(
        lambda kind: Retention(kind=kind)
    ),
    st.sampled_from([1, 7, 30, 55, 90]).map(Retention.of_days),
)
TRAININGS = st.sampled_from(Training)


@st.composite
def offerings(draw: st.DrawFn) -> list[OfferingTerms]:
    """Return some offerings, each of another id; a free tier stands beside its provider's default."""
    keys = draw(st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(Tier)), unique=True, max_size=8))
    return [draw(_one(provider, tier)) for provider, tier in keys]


@st.composite
def _one(draw: st.DrawFn, provider: str, tier: Tier) -> OfferingTerms:
    seen = draw(st.none() | st.integers(0, 100).map(lambda days: NOW - timedelta(days=days)))
    return offering(
        draw(RETENTIONS),
        draw(TRAININGS),
        own_retention=draw(RETENTIONS),
        own_training=draw(TRAININGS),
        provider_id=provider,
        offering_id=provider if tier is Tier.DEFAULT else f"{provider}:{tier}",
        tier=tier,
        is_listed=draw(st.booleans() | st.just(True)),  # noqa: FBT003
        can_publish=draw(st.sampled_from([None, True, False])),
        terms_url=draw(st.sampled_from([None, "https://x.example"])),
        headquarters=draw(st.none() | st.sampled_from(PLACES)),
        datacenters=draw(st.none() | st.lists(st.sampled_from(PLACES), max_size=3, unique=True).map(tuple)),
        last_verified_at=seen,
    )


_DAYS = st.none() | st.sampled_from([0, 1, 7, 30, 60])
_SOME_PLACES = st.none() | st.frozensets(st.sampled_from((*PLACES, "EU")), min_size=1, max_size=3)
_SOME_IDS = st.frozensets(st.sampled_from([*IDS, *(f"{one}:free" for one in IDS)]), max_size=4)


@st.composite
def requirements(draw: st.DrawFn) -> Requirement:
    """Return any requirement over the made-up offerings."""
    return Requirement(
        max_retention_days=draw(_DAYS),
        no_training=draw(st.booleans()),
        no_publishing=draw(st.booleans()),
        tiers=draw(st.none() | st.frozensets(st.sampled_from(Tier), min_size=1)),
        headquarters=draw(_SOME_PLACES),
        not_headquarters=draw(_SOME_PLACES),
        datacenters=draw(_SOME_PLACES),
        requires_terms_url=draw(st.booleans()),
        max_age_days=draw(_DAYS),
        reading=draw(st.sampled_from(PolicyBasis)),
        allows_unknown=draw(st.booleans()),
        providers=draw(_SOME_IDS.map(lambda ids: ids or None)),
        ignored=draw(_SOME_IDS),
        allows_paid_training=draw(st.booleans()),
        allows_free_training=draw(st.booleans()),
        allows_free_publishing=draw(st.booleans()),
    )
