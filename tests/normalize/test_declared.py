"""What the reviewed provider files claim, and on which day."""

from datetime import date

from pipeline.declarations import Headquarters, Page, Provider
from pipeline.model import POLICY_TOPICS, Basis, TermsType, Topic
from pipeline.normalize.declared import read_declared

EARLY, LATE = date(2026, 3, 1), date(2026, 8, 22)


def _page(terms_type: TermsType, url: str, seen_on: date = LATE) -> Page:
    return Page(terms_type=terms_type, url=url, seen_on=seen_on, seen_in="a feed")


ACME = Provider(
    id="acme",
    name="Acme",
    headquarters=Headquarters(country="NO", seen_on=EARLY, seen_in="a feed"),
    status_url="https://status.acme.test/",
    status_seen_on=LATE,
    pages=(
        _page(TermsType.DATA_PROCESSING_ADDENDUM, "https://acme.test/dpa"),
        _page(TermsType.COMMERCIAL_TERMS, "https://acme.test/commercial"),
        _page(TermsType.TERMS_OF_SERVICE, "https://acme.test/terms"),
        _page(TermsType.PRIVACY_POLICY, "https://acme.test/privacy", EARLY),
        _page(TermsType.DATA_USAGE_DOCS, "https://acme.test/data"),
    ),
)


def test_each_fact_is_claimed_on_the_day_it_was_seen_with_its_key_and_the_oldest_day_comes_first() -> None:
    found = [
        (day, claim.topic, claim.value, claim.locator)
        for day, reading in read_declared([ACME]).items()
        for claim in reading.claims
        if claim.offering_id == "acme"
    ]
    expected = [
        (EARLY, Topic.HEADQUARTERS, "NO", "providers/acme.toml: headquarters.country"),
        (EARLY, Topic.PRIVACY_URL, "https://acme.test/privacy", "providers/acme.toml: pages[3].url"),
        (LATE, Topic.STATUS_URL, "https://status.acme.test/", "providers/acme.toml: status_url"),
        (LATE, Topic.TERMS_URL, "https://acme.test/commercial", "providers/acme.toml: pages[1].url"),
        (LATE, Topic.DATA_USAGE_URL, "https://acme.test/data", "providers/acme.toml: pages[4].url"),
    ]
    assert expected == found


def test_a_free_tier_shares_the_links_of_its_provider() -> None:
    claims = [claim for reading in read_declared([ACME]).values() for claim in reading.claims]
    paid = {(claim.topic, claim.value) for claim in claims if claim.offering_id == "acme"}
    free = {(claim.topic, claim.value) for claim in claims if claim.offering_id == "acme:free"}
    assert paid == free
    assert len(paid) == 5


def test_a_file_claims_nothing_on_policies_and_lists_nobody() -> None:
    readings = read_declared([ACME]).values()
    claims = [claim for reading in readings for claim in reading.claims]
    assert {Basis.STATED} == {claim.basis for claim in claims}
    assert not {claim.topic for claim in claims} & set(POLICY_TOPICS)
    assert [()] * 2 == [reading.listings for reading in readings]


def test_a_bare_file_claims_nothing() -> None:
    assert read_declared([Provider(id="bare", name="Bare")]) == {}
