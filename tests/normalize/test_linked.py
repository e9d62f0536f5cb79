"""Links that a gateway gives for providers without a file, as pages to be read."""

from datetime import date, timedelta

import pytest

from pipeline.model import Basis, Claim, ClaimValue, Listing, Reading, TermsType, Tier, Topic
from pipeline.normalize.linked import find_linked

FIRST, LATER = date(2026, 10, 1), date(2026, 11, 1)


def a_reading(
    *links: tuple[Topic, ClaimValue], provider_id: str = "newcomer", is_new: bool = True, name: str = "Newcomer"
) -> Reading:
    listing = Listing(
        offering_id=provider_id,
        provider_id=provider_id,
        tier=Tier.DEFAULT,
        slug=provider_id,
        names=(name,) if name else (),
        is_new=is_new,
    )
    claims = tuple(
        Claim(
            offering_id=provider_id,
            topic=topic,
            value=value,
            basis=Basis.STATED,
            text=None,
            quote="x",
            locator=f"/data/{number}",
        )
        for number, (topic, value) in enumerate(links)
    )
    return Reading(row_count=1, listings=(listing,), claims=claims)


@pytest.mark.parametrize(
    ("topic", "terms_type"),
    [
        (Topic.TERMS_URL, TermsType.TERMS_OF_SERVICE),
        (Topic.PRIVACY_URL, TermsType.PRIVACY_POLICY),
        (Topic.DATA_USAGE_URL, TermsType.DATA_USAGE_DOCS),
    ],
)
def test_a_link_is_a_page_of_its_kind_with_the_day_and_the_source_that_gave_it(
    topic: Topic, terms_type: TermsType
) -> None:
    ((provider,), problems) = find_linked([("feed", FIRST, a_reading((topic, "https://new.test/page")))])
    (page,) = provider.pages
    assert ("newcomer", "Newcomer", ()) == (provider.id, provider.name, problems)
    assert (terms_type, "https://new.test/page", FIRST, "feed") == (
        page.terms_type,
        page.url,
        page.seen_on,
        page.seen_in,
    )


def test_a_provider_with_a_file_has_no_linked_pages() -> None:
    assert ((), ()) == find_linked([("feed", FIRST, a_reading((Topic.TERMS_URL, "https://a.test/"), is_new=False))])


def test_other_links_and_a_link_that_is_left_open_are_no_pages() -> None:
    links = ((Topic.STATUS_URL, "https://status.test/"), (Topic.TERMS_URL, None))
    assert ((), ()) == find_linked([("feed", FIRST, a_reading(*links))])


def linked(*seen: tuple[str, str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return the pages, with their former addresses, that sources link one day after the other as terms."""
    readings = [
        (source, FIRST + timedelta(days=day), a_reading((Topic.TERMS_URL, f"https://new.test/{path}")))
        for day, (source, path) in enumerate(seen)
    ]
    ((provider,), _) = find_linked(readings)
    short = [[url.removeprefix("https://new.test/") for url in (one.url, *one.former_urls)] for one in provider.pages]
    return [(url, tuple(former)) for url, *former in short]


@pytest.mark.parametrize(
    ("seen", "pages"),
    [
        ([("feed", "a"), ("feed", "b"), ("feed", "c")], [("c", ("a", "b"))]),
        ([("feed", "a"), ("list", "a"), ("feed", "b")], [("b", ()), ("a", ())]),  # the list still links it
        ([("feed", "a"), ("list", "a"), ("feed", "b"), ("list", "b")], [("b", ("a",))]),
        ([("feed", "a"), ("list", "b")], [("a", ()), ("b", ())]),
        ([("feed", "a"), ("feed", "b"), ("feed", "a")], [("a", ("b",))]),
    ],
)
def test_a_link_that_another_took_the_place_of_is_where_the_page_was(
    seen: list[tuple[str, str]], pages: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert pages == linked(*seen)


def test_a_page_whose_link_went_without_another_is_still_read() -> None:
    seen = [("feed", FIRST, a_reading((Topic.TERMS_URL, "https://new.test/old"))), ("feed", LATER, a_reading())]
    ((provider,), _) = find_linked(seen)
    assert [("https://new.test/old", FIRST)] == [(page.url, page.seen_on) for page in provider.pages]


def test_the_same_address_may_be_two_kinds_of_terms() -> None:
    links = ((Topic.TERMS_URL, "https://new.test/legal"), (Topic.PRIVACY_URL, "https://new.test/legal"))
    ((provider,), _) = find_linked([("feed", FIRST, a_reading(*links))])
    assert [TermsType.TERMS_OF_SERVICE, TermsType.PRIVACY_POLICY] == [page.terms_type for page in provider.pages]


def test_providers_are_sorted_and_called_as_they_were_last() -> None:
    link = (Topic.TERMS_URL, "https://new.test/")
    seen = [
        ("feed", FIRST, a_reading(link, provider_id="zeta", name="Zeta")),
        ("feed", FIRST, a_reading(link, provider_id="acme", name="")),
        ("feed", LATER, a_reading(link, provider_id="zeta", name="Zeta AI")),
    ]
    providers, _ = find_linked(seen)
    assert [("acme", "acme"), ("zeta", "Zeta AI")] == [(one.id, one.name) for one in providers]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://new.test/terms", "expected an http or https address without white space or backslash"),
        ("https://new.test/a b", "expected an http or https address without white space or backslash"),
        ("https://me:secret@new.test/", "expected an address without a user name or password"),
        ("https://new.test/?token=1", "parameter 'token' looks like a secret, and declared addresses are published"),
    ],
)
def test_a_link_that_cannot_be_a_source_is_told_once_and_the_others_are_pages(url: str, reason: str) -> None:
    reading = a_reading((Topic.TERMS_URL, url), (Topic.PRIVACY_URL, "https://new.test/privacy"))
    ((provider,), problems) = find_linked([("feed", FIRST, reading), ("feed", LATER, reading)])
    assert ["https://new.test/privacy"] == [page.url for page in provider.pages]
    assert (f"newcomer: terms_of_service link is not read: {reason}",) == problems


def test_an_id_that_is_longer_than_a_file_may_have_keeps_its_pages() -> None:
    reading = a_reading((Topic.TERMS_URL, "https://new.test/"), provider_id="a" * 90)
    ((provider,), problems) = find_linked([("feed", FIRST, reading)])
    assert ("a" * 90, 1, ()) == (provider.id, len(provider.pages), problems)
