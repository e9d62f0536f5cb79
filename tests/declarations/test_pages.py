"""The pages of providers as sources: ids, shared addresses, sections, parts, and what a page may declare."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.declarations import PAGE_TYPES, Page, Provider, page_sources, read_declarations, shipped_dir
from pipeline.model import Format, TermsType

TERMS, PRIVACY = TermsType.TERMS_OF_SERVICE, TermsType.PRIVACY_POLICY


def a_page(path: str, terms_type: TermsType = TERMS, **more: object) -> Page:
    return declared({"terms_type": terms_type, "url": f"https://acme.test{path}"} | more)


def declared(fields: dict[str, object]) -> Page:
    return Page.model_validate({"terms_type": TERMS, "seen_on": date(2026, 10, 1), "seen_in": "x"} | fields)


def a_provider(provider_id: str, *pages: Page) -> Provider:
    return Provider(id=provider_id, name=provider_id.title(), pages=pages)


def addresses(*providers: Provider) -> dict[str, str]:
    return {source.id: source.url.removeprefix("https://acme.test") for source in page_sources(providers)}


def test_a_page_is_a_source_named_by_its_provider_and_kind() -> None:
    (source,) = page_sources([a_provider("acme", a_page("/terms", stale_after_days=9))])
    assert ("acme--terms-of-service", None, ("acme",)) == (source.id, source.gateway_id, source.provider_ids)
    assert (Format.DOCUMENT, TERMS, "https://acme.test/terms") == (source.format, source.terms_type, source.url)
    assert ("Acme: terms of service", PAGE_TYPES) == (source.title, source.content_types)
    assert (9, 20, None, False) == (
        source.stale_after_days,
        source.check_every_hours,
        source.valid_until,
        source.is_required,
    )


def test_the_second_of_a_kind_has_a_number_and_one_that_is_added_goes_behind() -> None:
    pages = [a_page("/a"), a_page("/p", PRIVACY), a_page("/b")]
    found = addresses(a_provider("acme", *pages))
    assert {"acme--terms-of-service": "/a", "acme--terms-of-service-2": "/b", "acme--privacy-policy": "/p"} == found
    more = addresses(a_provider("acme", *pages, a_page("/c")))
    assert found | {"acme--terms-of-service-3": "/c"} == more


def test_sources_are_sorted_by_id_whatever_the_order_of_providers() -> None:
    providers = [a_provider(name, a_page(f"/{name}")) for name in ("zeta", "acme", "mid")]
    assert ["acme", "mid", "zeta"] == [source.provider_ids[0] for source in page_sources(providers)]
    assert page_sources(providers) == page_sources(reversed(providers))


def test_providers_that_name_the_same_address_share_its_source() -> None:
    sources = page_sources([a_provider("acme", a_page("/terms")), a_provider("bolt", a_page("/terms", PRIVACY))])
    assert [("acme--terms-of-service", ("acme", "bolt"))] == [(one.id, one.provider_ids) for one in sources]


@pytest.mark.parametrize(
    "more",
    [{"select": ("#enterprise",)}, {"remove": (".other",)}, {"language": "de"}, {"is_enabled": False}],
    ids=lambda more: next(iter(more)),
)
def test_one_address_that_is_read_in_two_ways_is_a_source_for_each(more: dict[str, object]) -> None:
    providers = [
        a_provider("acme", a_page("/terms", select=("#api",))),
        a_provider("bolt", declared({"url": "https://acme.test/terms"} | more)),
    ]
    assert [("acme--terms-of-service", ("acme",), ("#api",)), ("bolt--terms-of-service", ("bolt",))] == [
        (one.id, one.provider_ids, one.select)[: 3 if one.id.startswith("acme") else 2]
        for one in page_sources(providers)
    ]


def test_a_part_of_a_document_is_not_shared_with_a_provider_that_names_it_alone() -> None:
    whole = a_page("/a", parts=("https://acme.test/b",))
    sources = page_sources([a_provider("acme", whole), a_provider("bolt", a_page("/b")), a_provider("corp", whole)])
    assert [
        ("acme--terms-of-service", ("acme", "corp"), "acme--terms-of-service"),
        ("acme--terms-of-service-2", ("acme", "corp"), "acme--terms-of-service"),
        ("bolt--terms-of-service", ("bolt",), "bolt--terms-of-service"),
    ] == [(one.id, one.provider_ids, one.terms_id) for one in sources]


def test_a_link_of_a_gateway_is_read_as_the_file_declares_that_names_its_address() -> None:
    declared_ = a_provider("zeta", a_page("/terms", select=("#api",)), a_page("/a", parts=("https://acme.test/b",)))
    linked = a_provider("acme", a_page("/terms"), a_page("/b"))
    assert [
        ("acme--terms-of-service-2", ("acme",), "acme--terms-of-service-2"),
        ("zeta--terms-of-service", ("zeta", "acme"), "zeta--terms-of-service"),
        ("zeta--terms-of-service-2", ("zeta",), "zeta--terms-of-service-2"),
        ("zeta--terms-of-service-3", ("zeta",), "zeta--terms-of-service-2"),
    ] == [(one.id, one.provider_ids, one.terms_id) for one in page_sources([declared_], linked=[linked])]


def test_a_provider_that_names_an_address_twice_is_named_once() -> None:
    sources = page_sources([a_provider("acme", a_page("/terms"), a_page("/terms", PRIVACY))])
    assert [("acme--terms-of-service", ("acme",))] == [(one.id, one.provider_ids) for one in sources]


def test_sections_of_one_page_are_sources_of_their_own_that_are_asked_at_one_address() -> None:
    sources = page_sources([a_provider("acme", a_page("/t#a")), a_provider("bolt", a_page("/t#b"), a_page("/t"))])
    assert {
        "acme--terms-of-service": ("https://acme.test/t", "a"),
        "bolt--terms-of-service": ("https://acme.test/t", "b"),
        "bolt--terms-of-service-2": ("https://acme.test/t", None),
    } == {one.id: (one.page_url, one.fragment) for one in sources}


def test_the_parts_of_a_document_are_sources_with_one_name_for_all() -> None:
    parts = ("https://acme.test/two", "https://acme.test/three")
    page = a_page("/one", parts=parts, former_urls=("https://acme.test/old",), select=("main",))
    sources = page_sources([a_provider("acme", page, a_page("/other"))])
    assert [
        ("acme--terms-of-service", "acme--terms-of-service", ("https://acme.test/old",)),
        ("acme--terms-of-service-2", "acme--terms-of-service", ()),
        ("acme--terms-of-service-3", "acme--terms-of-service", ()),
        ("acme--terms-of-service-4", "acme--terms-of-service-4", ()),
    ] == [(one.id, one.terms_id, one.former_urls) for one in sources]
    assert [("main",)] * 3 == [one.select for one in sources[:3]]


def test_what_a_page_declares_of_how_it_is_asked_and_believed_reaches_its_source() -> None:
    asked: dict[str, object] = {
        "select": ("main",),
        "remove": (".date",),
        "language": "de",
        "min_share": 0.2,
        "anchors": ("retention",),
        "max_bytes": 1000,
        "ports": (8080,),
        "redirect_hosts": ("www.acme.test",),
        "is_enabled": False,
        "check_every_hours": 100,
        "stale_after_days": 200,
        "valid_until": date(2026, 12, 31),
        "content_types": ("application/pdf",),
    }
    (source,) = page_sources([a_provider("acme", declared({"url": "https://acme.test/terms"} | asked))])
    assert asked == {name: getattr(source, name) for name in asked}


@pytest.mark.parametrize(
    ("day", "expected"), [(date(2026, 12, 31), True), (date(2027, 1, 1), False)], ids=["the last day", "the day after"]
)
def test_a_page_is_asked_until_the_day_it_names(day: date, *, expected: bool) -> None:
    (source,) = page_sources([a_provider("acme", a_page("/terms", valid_until=date(2026, 12, 31)))])
    assert expected is source.is_valid_on(day)


def test_a_page_without_such_a_day_is_asked_while_it_is_enabled() -> None:
    on, off = page_sources([a_provider("acme", a_page("/a"), a_page("/b", is_enabled=False))])
    assert (True, False) == (on.is_valid_on(date(2999, 1, 1)), off.is_valid_on(date(2026, 1, 1)))


WRONG: list[tuple[dict[str, object], str]] = [
    ({"select": ("",)}, "at least 1 character"),
    ({"parts": ("acme.test/two",)}, "expected an http or https address"),
    ({"url": "https://acme.test/?api_key=1"}, "looks like a secret"),
    ({"url": "https://acme.test/#token=1"}, "looks like a secret"),
    ({"language": "English"}, "should match pattern"),
    ({"min_share": 2}, "less than or equal to 1"),
    ({"valid_until": "2026-12-31"}, "valid date"),
    ({"check_every_hours": -1}, "greater than or equal to 0"),
    ({"content_types": ()}, "at least 1 item"),
    ({"rank": 1}, "not permitted"),
]


@pytest.mark.parametrize(("more", "reason"), WRONG, ids=[str(more) for more, _ in WRONG])
def test_a_page_that_cannot_be_used_says_why(more: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        declared({"url": "https://acme.test/terms"} | more)


def test_a_document_is_no_source_of_a_gateway(tmp_path: Path) -> None:
    text = (Path(__file__).parent / "valid" / "sources" / "a-table.toml").read_text()
    (tmp_path / "sources").mkdir()
    (tmp_path / "providers").mkdir()
    (tmp_path / "sources" / "a-table.toml").write_text(text.replace('"policy_table"', '"document"'))
    assert (
        "sources/a-table.toml: format: a terms page is declared as a page of its provider, in providers/*.toml",
    ) == read_declarations(tmp_path).problems


def test_pages_that_a_gateway_links_stand_beside_the_declared_ones() -> None:
    found = read_declarations(Path(__file__).parent / "valid")
    linked = found.with_linked([a_provider("newcomer", a_page("/new"))])
    assert ["acme--privacy-policy", "newcomer--terms-of-service"] == [one.id for one in linked.page_sources]
    assert found.gateway_sources == linked.gateway_sources
    assert ["acme--privacy-policy"] == [one.id for one in found.with_linked([]).page_sources]
    assert "newcomer--terms-of-service" == linked.source("newcomer--terms-of-service").id


def test_every_shipped_page_is_a_source_and_no_two_share_an_address() -> None:
    found = read_declarations(shipped_dir())
    urls = {page.url for provider in found.providers for page in provider.pages}
    assert len(urls) > 150
    assert sorted(urls) == sorted(source.url for source in found.page_sources)
    assert {source.id for source in found.page_sources if not source.provider_ids} == set()
