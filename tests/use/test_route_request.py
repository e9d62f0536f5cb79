"""What a request lets through, held against a decision: single endpoints, tiers that are stated no more."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_up_offerings import UNKNOWN, offering

from pipeline import Catalog, PolicyBasis, Requirement
from pipeline.catalog.decide import decide
from pipeline.catalog.records import OfferingTerms
from pipeline.model import Retention, RetentionKind, Tier, Training
from pipeline.use.route_request import LetThrough

DAYS_30, DAYS_90 = Retention.of_days(30), Retention.of_days(90)
UNSTATED = Retention(kind=RetentionKind.UNSTATED)
ZDR: dict[str, object] = {"zdr": True}
DENY: dict[str, object] = {"data_collection": "deny"}
BOTH, OWN = "sources contradict each other on retention: none by the gateway", "the provider's own terms"


class _Slugs(Catalog):
    """A catalog in which every offering has the slug of its provider."""

    def __init__(self, *offerings: OfferingTerms) -> None:
        super().__init__(Path(), {})
        self._offerings = offerings

    def table(self, name: str) -> list[dict[str, Any]]:
        rows = [{"gateway_id": one.gateway_id, "offering_id": one.offering_id} for one in self._offerings]
        slugs: list[dict[str, Any]] = [{"slugs": [one.provider_id]} for one in self._offerings]
        return [row | named for row, named in zip(rows, slugs, strict=True)] if name == "providers" else []


def failing(request: dict[str, object], asked: Requirement, *, in_part: bool, one: OfferingTerms) -> list[str]:
    paid = replace(offering(), offering_id="acme")
    some = (one,) if in_part else (paid, one)
    found = LetThrough(
        request=Requirement.from_openrouter(request),
        whole=() if in_part else (paid,),
        in_part=(one,) if in_part else (),
        strangers=(),
        no_slugs=(),
        knows_endpoints=True,
    )
    failed = found.find_failing(decide(some, asked), _Slugs(*some))
    return [reason.text for each in failed for reason in each.reasons]


ENDPOINTS = [
    (UNKNOWN, PolicyBasis.STRICTEST, []),
    (UNKNOWN, PolicyBasis.GATEWAY, []),
    (DAYS_90, PolicyBasis.GATEWAY, []),
    (DAYS_90, PolicyBasis.STRICTEST, ["stored for 90 days, more than 30 days", f"{BOTH}, 90 days by {OWN}"]),
    (DAYS_30, PolicyBasis.STRICTEST, [f"{BOTH}, 30 days by {OWN}"]),
    (UNKNOWN, PolicyBasis.PROVIDER, ["unknown whether prompts are stored"]),
]


@pytest.mark.parametrize(("own", "reading", "told"), ENDPOINTS, ids=str)
def test_endpoints_without_retention_are_held_to_that_and_to_what_the_provider_says(
    own: Retention, reading: PolicyBasis, told: list[str]
) -> None:
    stores = offering(UNSTATED, own_retention=own)
    assert told == failing(ZDR, Requirement(max_retention_days=30, reading=reading), in_part=True, one=stores)


GONE: list[tuple[dict[str, object], Requirement, list[str]]] = [
    ({}, Requirement(no_training=True), ["prompts may be used to train"]),
    (DENY, Requirement(no_training=True), []),
    (DENY, Requirement(max_retention_days=30), ["stored, for how long is not stated"]),
    (ZDR, Requirement(max_retention_days=30), []),
    (ZDR, Requirement(ignored=frozenset({"acme:free"})), ["on the list of those to ignore"]),
    ({}, Requirement(tiers=frozenset({Tier.DEFAULT})), []),
    ({}, Requirement(headquarters=frozenset({"US"})), []),
]


@pytest.mark.parametrize(("request_", "asked", "told"), GONE, ids=str)
def test_a_tier_that_is_stated_no_more_is_reached_by_the_slug_and_fails_by_its_last_word(
    request_: dict[str, object], asked: Requirement, told: list[str]
) -> None:
    gone = offering(UNSTATED, Training.MAY, tier=Tier.FREE, offering_id="acme:free", is_listed=False)
    said = failing(request_, asked, in_part=False, one=gone)
    assert told == [text for text in said if not text.startswith("not listed")]
    assert bool(told) is bool(said)
