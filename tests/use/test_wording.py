"""What is said of how a value is carried, on each side of a row."""

from typing import Any, TypeAlias

import pytest

from pipeline.model import Basis, RetentionKind, Topic, Training
from pipeline.use.wording import (
    agreement_in_words,
    basis_of,
    conflict_in_words,
    is_weak,
    retention_in_words,
    training_in_words,
)

Kept: TypeAlias = tuple[str, int | None]
NONE, MONTH, UNKNOWN = ("none", 0), ("period", 30), ("unknown", None)
# the gateway's retention, the provider's, the strictest of both; whether the strictest is the gateway's alone
SIDES = [
    (NONE, UNKNOWN, NONE, True),
    (MONTH, NONE, MONTH, True),
    (NONE, MONTH, MONTH, False),
    (NONE, NONE, NONE, False),
    (UNKNOWN, MONTH, MONTH, False),
    (UNKNOWN, UNKNOWN, UNKNOWN, False),
]


@pytest.mark.parametrize(("gateway", "own", "strictest", "is_gateways"), SIDES)
def test_a_strictest_reading_is_as_weak_as_the_gateway_where_it_rests_on_it_alone(
    gateway: tuple[str, int | None],
    own: tuple[str, int | None],
    strictest: tuple[str, int | None],
    *,
    is_gateways: bool,
) -> None:
    one: dict[str, Any] = {"retention_basis": "rendered"}
    for side, (kind, days) in (("", gateway), ("provider_", own), ("strictest_", strictest)):
        one |= {f"{side}retention_kind": kind, f"{side}retention_days": days}
    found = [is_weak(basis_of(one, Topic.RETENTION, side)) for side in ("", "provider_", "strictest_")]
    assert [True, False, is_gateways] == found


@pytest.mark.parametrize("basis", [None, *Basis])
def test_only_what_is_rendered_is_weak(basis: Basis | None) -> None:
    one = {"training": "no", "provider_training": "unknown", "strictest_training": "no", "training_basis": basis}
    assert basis is basis_of(one, Topic.TRAINING, "")
    assert (basis is Basis.RENDERED) == is_weak(basis_of(one, Topic.TRAINING, "strictest_"))


# the gateway's retention and the provider's, how they stand to each other; what is told of retention and of both topics
STANDINGS = [
    (NONE, NONE, "agree", "terms agree", "terms agree"),
    (NONE, MONTH, "conflict", "terms contradict each other", "terms contradict each other on retention"),
    (NONE, NONE, "conflict", "contradict the gateway for a part", "contradict the gateway on retention for a part"),
    (NONE, UNKNOWN, "conflict", "contradict the gateway for a part", "contradict the gateway on retention for a part"),
]


@pytest.mark.parametrize(("gateway", "own", "agreement", "on_retention", "on_both"), STANDINGS)
def test_a_conflict_says_what_it_is_about_and_whether_it_is_of_a_part_only(
    gateway: Kept, own: Kept, agreement: str, on_retention: str, on_both: str
) -> None:
    one: dict[str, Any] = {"training": "no", "provider_training": "no", "training_agreement": "agree"}
    one |= {"retention_basis": "stated", "training_basis": None}
    for side, (kind, days) in (("", gateway), ("provider_", own)):
        one |= {f"{side}retention_kind": kind, f"{side}retention_days": days}
    one |= {"agreement": agreement, "retention_agreement": agreement}
    assert on_retention in agreement_in_words(one, Topic.RETENTION)
    assert on_both in agreement_in_words(one)


# how both sides stand on retention, on training and on the whole; what is told of the whole
GATEWAYS, OWN = "only the gateway states it", "only the provider's own terms state it"
NOBODY, BOTH = "neither the gateway nor the provider's own terms say", "the gateway and the provider's own terms agree"
READ = ", and the provider's own terms were not read to say so"
WHOLES = [
    ("agree", "agree", "agree", BOTH),
    ("unknown", "unknown", "unknown", NOBODY),
    ("gateway_only", "gateway_only", "gateway_only", f"{GATEWAYS}{READ}"),
    ("provider_only", "provider_only", "provider_only", OWN),
    ("gateway_only", "unknown", "gateway_only", f"on retention, {GATEWAYS}{READ}; on training, {NOBODY}"),
    ("unknown", "gateway_only", "gateway_only", f"on retention, {NOBODY}; on training, {GATEWAYS}{READ}"),
    ("agree", "gateway_only", "gateway_only", f"on retention, {BOTH}; on training, {GATEWAYS}{READ}"),
    ("provider_only", "gateway_only", "gateway_only", f"on retention, {OWN}; on training, {GATEWAYS}{READ}"),
    ("unknown", "provider_only", "provider_only", f"on retention, {NOBODY}; on training, {OWN}"),
    ("agree", "unknown", "agree", f"on retention, {BOTH}; on training, {NOBODY}"),
]


@pytest.mark.parametrize(("on_retention", "on_training", "on_both", "told"), WHOLES)
def test_topics_on_which_both_sides_stand_otherwise_are_told_one_by_one(
    on_retention: str, on_training: str, on_both: str, told: str
) -> None:
    one: dict[str, Any] = {"retention_agreement": on_retention, "training_agreement": on_training, "agreement": on_both}
    one |= {"retention_basis": None, "training_basis": None}
    assert told == agreement_in_words(one)


# how the gateway carries retention, how both sides stand to each other on it; what is told of it
UNREAD = "the gateway speaks of it in words that no rule reads"
SPOKEN = [
    ("unreadable", "unknown", f"{UNREAD}, and the provider's own terms do not say"),
    ("unreadable", "provider_only", f"the provider's own terms state it; {UNREAD}"),
    ("absent", "unknown", NOBODY),
    (None, "unknown", NOBODY),
]


@pytest.mark.parametrize(("basis", "stand", "told"), SPOKEN)
def test_a_side_whose_words_no_rule_reads_is_not_called_silent(basis: str | None, stand: str, told: str) -> None:
    one = {"retention_basis": basis, "training_basis": "stated", "retention_agreement": stand}
    assert told == agreement_in_words(one, Topic.RETENTION)
    both = one | {"training_agreement": "gateway_only", "agreement": "gateway_only"}
    assert f"on retention, {told}; on training, {GATEWAYS}{READ}" == agreement_in_words(both)


BASES = [(Basis.UNREADABLE, "unknown: stated in words that no rule reads"), (Basis.ABSENT, "unknown: nothing says")]


@pytest.mark.parametrize(("basis", "told"), BASES)
def test_an_unknown_that_a_source_speaks_of_is_not_called_silence(basis: Basis, told: str) -> None:
    assert told in retention_in_words(RetentionKind.UNKNOWN, None, basis=basis)
    assert told in training_in_words(Training.UNKNOWN, basis)


def test_the_strictest_reading_of_words_that_no_rule_reads_is_as_unread_as_they_are() -> None:
    one = dict.fromkeys(("training", "provider_training", "strictest_training"), "unknown")
    one |= {"training_basis": "unreadable"}
    found = [basis_of(one, Topic.TRAINING, side) for side in ("", "provider_", "strictest_")]
    assert [Basis.UNREADABLE, None, Basis.UNREADABLE] == found


CONFLICTS = [
    (None, False, "the first of them"),
    ("https://p.test", True, "is the less protective of both"),
    ("https://p.test", False, "does not reckon with it"),
]


@pytest.mark.parametrize(("url", "is_deciding", "told"), CONFLICTS)
def test_what_a_conflict_means_for_the_policy_is_what_holds_of_its_kind(
    url: str | None, told: str, *, is_deciding: bool
) -> None:
    assert told in conflict_in_words({"other_url": url, "is_deciding": is_deciding})
