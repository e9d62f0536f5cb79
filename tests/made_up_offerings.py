"""Made-up offerings and requirements, for properties that hold of all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.catalog.protection import is_conflict, strictest_retention, strictest_training
from pipeline.catalog.records import OfferingTerms
from pipeline.catalog.requirement import PolicyBasis, Requirement
from pipeline.model import Agreement, Basis, Retention, RetentionKind, Tier, Training, ZdrAvailability

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
IDS = ("acme", "borealis", "cirrus", "dune")
NONE, UNKNOWN = Retention(kind=RetentionKind.NONE), Retention(kind=RetentionKind.UNKNOWN)
PLACES = ("US", "DE", "FR", "CN", "SG")

_Drawn = TypeVar("_Drawn")

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
    provider_retention_bound=None,
    provider_training=Training.UNKNOWN,
    strictest_retention_kind=RetentionKind.NONE,
    strictest_retention_days=0,
    strictest_retention_bound=None,
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
        provider_retention_bound=own_retention.bound,
        provider_training=own_training,
        strictest_retention_kind=strictest.kind,
        strictest_retention_days=strictest.stored_days,
        strictest_retention_bound=strictest.bound,
        strictest_training=strictest_training(training, own_training),
        retention_agreement=_agreement(is_conflict(retention, own_retention)),
        training_agreement=_agreement(is_conflict(training, own_training)),
        **facts,
    )


def _agreement(is_in_conflict: bool) -> Agreement:  # noqa: FBT001
    return Agreement.CONFLICT if is_in_conflict else Agreement.GATEWAY_ONLY


RETENTIONS = st.one_of(
    st.just(NONE),
    st.just(UNKNOWN),
    st.sampled_from([kind for kind in RetentionKind if kind is not RetentionKind.PERIOD]).map(
        lambda kind: Retention(kind=kind)
    ),
    st.sampled_from([1, 7, 30, 55, 90]).map(Retention.of_days),
)
TRAININGS = st.sampled_from([Training.NO, Training.NO, *Training])


def _choices(values: Sequence[str], counts: Sequence[int]) -> st.SearchStrategy[list[str]]:
    """Return a choice of as many values as one of the counts says; the first is drawn most often."""
    return st.sampled_from(counts).flatmap(
        lambda count: st.lists(st.sampled_from(values), unique=True, min_size=count, max_size=count)
    )


_TIERS = st.sampled_from([(Tier.DEFAULT,), (Tier.FREE,), (Tier.DEFAULT, Tier.FREE), (Tier.FREE, Tier.DEFAULT)])


@st.composite
def offerings(draw: st.DrawFn) -> list[OfferingTerms]:
    """Return one offering or several, each of another id; a free tier often stands beside its provider's default."""
    providers = draw(_choices(IDS, (3, 4, 2, 1)))
    return [draw(_one(provider, tier)) for provider in providers for tier in draw(_TIERS)]


@st.composite
def _one(draw: st.DrawFn, provider: str, tier: Tier) -> OfferingTerms:
    seen = draw(st.none() | st.integers(0, 100).map(lambda days: NOW - timedelta(days=days)))
    one = offering(
        draw(RETENTIONS),
        draw(TRAININGS),
        own_retention=draw(st.just(UNKNOWN) | RETENTIONS),
        own_training=draw(st.just(Training.UNKNOWN) | TRAININGS),
        provider_id=provider,
        offering_id=provider if tier is Tier.DEFAULT else f"{provider}:{tier}",
        tier=tier,
        is_listed=draw(st.sampled_from([True, True, True, False])),
        can_publish=draw(st.sampled_from([None, True, False])),
        terms_url=draw(st.sampled_from([None, "https://x.example"])),
        headquarters=draw(st.none() | st.sampled_from(PLACES)),
        datacenters=draw(st.none() | st.lists(st.sampled_from(PLACES), max_size=2, unique=True).map(tuple)),
        last_verified_at=seen,
    )
    # What a provider says of a part of its service may contradict the gateway where its defaults do not.
    if draw(st.sampled_from([False, False, False, True])):
        return replace(one, retention_agreement=Agreement.CONFLICT, training_agreement=Agreement.CONFLICT)
    return one


_SOME_PLACES = st.frozensets(st.sampled_from((*PLACES, "EU")), min_size=1, max_size=3)
_SOME_IDS = st.frozensets(
    st.sampled_from([*IDS, *(f"{one}:{tier}" for one in IDS for tier in Tier)]), min_size=1, max_size=3
)

_READINGS = st.sampled_from([PolicyBasis.STRICTEST, *PolicyBasis])

# What may be demanded, by the field that demands it.
_DEMANDS: Mapping[str, st.SearchStrategy[Any]] = {
    "max_retention_days": st.sampled_from([0, 60, 0, 30, 7]),
    "no_training": st.just(True),  # noqa: FBT003
    "no_publishing": st.just(True),  # noqa: FBT003
    "tiers": st.frozensets(st.sampled_from(Tier), min_size=1),
    "headquarters": _SOME_PLACES,
    "not_headquarters": _SOME_PLACES,
    "datacenters": _SOME_PLACES,
    "requires_terms_url": st.just(True),  # noqa: FBT003
    "max_age_days": st.sampled_from([30, 60, 7, 0]),
    "providers": _SOME_IDS,
    "ignored": _SOME_IDS,
    "allows_paid_training": st.just(False),  # noqa: FBT003
    "allows_free_training": st.just(False),  # noqa: FBT003
    "allows_free_publishing": st.just(False),  # noqa: FBT003
}
_ALONE = ("ignored", "max_retention_days", "no_training")  # what a gateway has a word of its own for


@st.composite
def requirements(draw: st.DrawFn, counts: Sequence[int] = (1, 2, 3, 1, 2, 0)) -> Requirement:
    """Return a requirement over the made-up offerings of a few demands, which somebody may well meet.

    Of many demands next to nobody meets all, and then whatever is said of the allowed is true.
    """
    names = draw(_choices([*_DEMANDS], counts) | _choices(_ALONE, (1,)))
    return Requirement(
        reading=draw(_READINGS),
        allows_unknown=draw(st.booleans()),
        **{name: draw(_DEMANDS[name]) for name in names},
    )


@st.composite
def demands(draw: st.DrawFn) -> list[Requirement]:
    """Return for each thing that may be demanded a requirement that demands this alone, all by one reading."""
    asked = Requirement(reading=draw(_READINGS), allows_unknown=draw(st.booleans()))
    return [replace(asked, **{name: draw(demand)}) for name, demand in _DEMANDS.items()]


def draw_always_the_same(strategy: st.SearchStrategy[_Drawn], count: int) -> list[_Drawn]:
    """Return what a strategy makes, the same in every run: to count of how much of it a property says something."""
    found: list[_Drawn] = []

    @settings(max_examples=count, derandomize=True)
    @given(strategy)
    def draw(one: _Drawn) -> None:
        found.append(one)

    draw()
    return found
