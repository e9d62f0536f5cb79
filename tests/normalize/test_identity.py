"""Whom the names in a capture mean, and when a person has to look."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.declarations import Names, Page, Provider
from pipeline.model import TermsType, Tier
from pipeline.normalize.identity import Identities, Identity, split_tier

GATEWAY = "openrouter"
ODD_NAMES = ["NA", "null", "None", "TRUE", "007", "1e5", "nan", "N/A", "-", "0"]


def _provider(provider_id: str, name: str, *, slugs: tuple[str, ...] = (), **more: tuple[str, ...]) -> Provider:
    host = f"https://www.{provider_id}.test"
    pages = (
        Page.model_validate(
            {"terms_type": TermsType.TERMS_OF_SERVICE, "url": f"{host}/terms", "seen_on": "2026-03-01", "seen_in": "x"},
            strict=False,
        ),
    )
    names = Names(table=more.get("table", ()), api=more.get("api", ()))
    return Provider(id=provider_id, name=name, slugs={GATEWAY: slugs or (provider_id,)}, names=names, pages=pages)


IDENTITIES = Identities(
    [
        _provider("acme", "Acme", table=("Acme Labs",), api=("ACME 2",)),
        _provider("google-vertex", "Google Vertex", api=("Google",)),
        _provider("mancer", "Mancer", table=("Mancer (private)",)),
        _provider("zed", "Zed", slugs=("zed-ai",), table=("Zed (free)",)),
        *(_provider(f"odd-{number}", name) for number, name in enumerate(ODD_NAMES)),
    ],
    GATEWAY,
)


def _find(
    slug: str | None = None,
    name: str | None = None,
    label: str | None = None,
    tier: Tier | None = None,
    links: tuple[str, ...] = (),
) -> Identity | str:
    return IDENTITIES.find(slug=slug, name=name, label=label, tier=tier, links=links)


def _known(provider_id: str, tier: Tier = Tier.DEFAULT) -> Identity:
    return Identity(provider_id=provider_id, tier=tier, is_new=False)


def _new(provider_id: str, tier: Tier = Tier.DEFAULT) -> Identity:
    return Identity(provider_id=provider_id, tier=tier, is_new=True)


@pytest.mark.parametrize(
    ("slug", "name", "label", "expected"),
    [
        ("acme", None, None, "acme"),
        ("acme", "ACME 2", None, "acme"),
        ("acme", "acme 2", None, "acme"),
        ("acme", "Acme", None, "acme"),  # an API name that is a label is borne out too
        ("acme", "Unheard", "Acme Labs", "acme"),  # one known name is enough
        (None, None, "ＡＣＭＥ\u00a0labs", "acme"),
        (None, None, "Acme", "acme"),
        (None, "Google", None, "google-vertex"),
        (None, None, "Mancer (private)", "mancer"),
    ],
)
def test_a_slug_or_a_known_name_means_its_provider(
    slug: str | None, name: str | None, label: str | None, expected: str
) -> None:
    assert _known(expected) == _find(slug, name, label)


@pytest.mark.fault("D06")
@pytest.mark.parametrize(
    "label",
    [
        "Google Vertex (free)",
        "google vertex (FREE)",
        "Google Vertex(free)",
        "Google Vertex （ free ） ",
        "Google (free)",
    ],
)
def test_d06_a_free_variant_is_a_tier_of_its_provider(label: str) -> None:
    found = _find(label=label)
    assert found == _known("google-vertex", Tier.FREE)
    assert isinstance(found, Identity)
    assert found.offering_id == "google-vertex:free"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Zed (free)", _known("zed")),  # the file knows the whole label, so the brackets are part of the name
        ("Newco (free)", _new("newco", Tier.FREE)),
        ("Newco (freemium)", _new("newco-freemium")),
        ("(free)", _new("free")),
        ("Free", _new("free")),
    ],
)
def test_brackets_are_a_tier_only_behind_a_name_that_is_not_known_with_them(label: str, expected: Identity) -> None:
    assert expected == _find(label=label)


def test_a_tier_that_the_format_gives_outranks_the_brackets() -> None:
    assert _known("acme", Tier.FREE) == _find("acme", "ACME 2", "Acme", Tier.FREE)
    assert _known("acme") == _find("acme", "ACME 2", "Acme (free)", Tier.DEFAULT)


def test_the_brackets_of_a_very_long_label_are_not_searched() -> None:
    label = "a" * 195 + " (free)"
    assert (label, Tier.DEFAULT) == split_tier(label)
    assert ("a" * 190, Tier.FREE) == split_tier("a" * 190 + " (free)")


@pytest.mark.fault("D07")
@pytest.mark.parametrize(
    ("name", "label", "links"),
    [
        ("Newco", None, ()),
        (None, "Newco", ()),
        ("Google", "Google Vertex", ()),  # a known name, but of another provider
        ("Newco", "Newco", ("https://newco.test/terms",)),
        ("Newco", "Newco", ("https://acme.test.newco.test/",)),
        ("Newco", "Newco", ("https://acme.test@newco.test/",)),
        ("Newco", "Newco", ("https://[acme.test/",)),
        ("Newco", "Newco", ("https://acme.test\uff0fnewco.test/",)),
        ("Newco", "Newco", ("", "not a link")),
    ],
)
def test_d07_a_slug_with_names_of_another_company_waits_for_review(
    name: str | None, label: str | None, links: tuple[str, ...]
) -> None:
    found = _find("acme", name, label, links=links)
    assert isinstance(found, str)
    assert "slug 'acme' now goes by" in found
    assert "providers/acme.toml" in found


@pytest.mark.parametrize("link", ["https://acme.test/new-terms", "HTTPS://WWW.ACME.TEST/", "http://acme.test:8080/x"])
def test_a_link_to_a_known_host_bears_out_a_new_name_and_is_remarked_on(link: str) -> None:
    found = _find("acme", "Acme Superintelligence", links=("https://[", link))
    assert isinstance(found, Identity)
    assert ("acme", False) == (found.provider_id, found.is_new)
    assert found.signal == "providers/acme.toml does not know the name 'Acme Superintelligence'"


def test_a_new_slug_of_a_known_name_is_its_provider_with_a_remark() -> None:
    found = _find("acme-eu", "ACME 2")
    assert isinstance(found, Identity)
    assert ("acme", "slug 'acme-eu' is not in providers/acme.toml") == (found.provider_id, found.signal)


@pytest.mark.parametrize(("slug", "label"), [("zed", "Zeta"), (None, "google.vertex"), ("zed", None)])
def test_a_stranger_does_not_take_the_id_of_a_provider_file(slug: str | None, label: str | None) -> None:
    found = _find(slug, None, label)
    assert isinstance(found, str)
    assert "would take the id of providers/" in found


@pytest.mark.parametrize(
    ("slug", "label", "expected"),
    [
        ("new-co", "New Co", "new-co"),
        ("new.co_2", None, "new.co_2"),
        ("New/Co", None, "new-co"),
        ("../../etc", None, "etc"),
        ("", "New Co", "new-co"),
        (None, "New Co.", "new-co"),
        (None, "x" * 300, "x" * 64),
    ],
)
def test_a_stranger_gets_an_id_from_its_slug_or_name(slug: str | None, label: str | None, expected: str) -> None:
    assert _new(expected) == _find(slug, None, label)


def test_names_without_a_latin_letter_get_distinct_ids() -> None:
    found = [_find(label=label) for label in ("深度", "求索", "!!!")]
    ids = [one.provider_id for one in found if isinstance(one, Identity)]
    assert len(set(ids)) == 3
    assert all(one.startswith("provider-") for one in ids)


@pytest.mark.fault("E05")
@pytest.mark.parametrize(
    ("known", "label"), [("acme", "\u0430cme"), ("mancer", "m\u0430n\u0441er"), ("zed", "z\u0435d")]
)
def test_e05_a_new_name_that_looks_like_a_known_one_is_remarked_on_and_its_id_is_of_no_other(
    known: str, label: str
) -> None:
    found = _find(label=label)
    assert isinstance(found, Identity)
    assert found.is_new
    assert found.signal == f"the name '{label}' mixes Cyrillic and Latin letters and looks like '{known.title()}'"
    assert found.provider_id.isascii()
    assert found.provider_id != known


def test_letters_that_an_id_cannot_hold_are_not_dropped_without_a_trace() -> None:
    names = ("\u041epenai", "penai", "\u0410penai", "\u00c9penai")
    ids = [found.provider_id for found in (_find(label=name) for name in names) if isinstance(found, Identity)]
    assert len(set(ids)) == len(names)
    assert "penai" in ids
    assert all(one.startswith("penai") for one in ids)


@pytest.mark.parametrize(("slug", "name", "label"), [(None, None, None), ("", "", ""), (None, "", None)])
def test_a_row_without_any_name_is_nobody(slug: str | None, name: str | None, label: str | None) -> None:
    assert _find(slug, name, label) == "nothing says whom it speaks of: no slug and no name"


@pytest.mark.fault("D08")
@pytest.mark.parametrize(("number", "name"), list(enumerate(ODD_NAMES)))
def test_d08_a_provider_with_the_name_of_a_value_is_found_by_that_name(number: int, name: str) -> None:
    assert _known(f"odd-{number}") == _find(label=name)
    assert _known(f"odd-{number}") == _find(name=name)
    assert (name,) == IDENTITIES.known_names(f"odd-{number}")


@pytest.mark.fault("D08")
@pytest.mark.parametrize(
    ("slug", "expected"), [("na", "na"), ("null", "null"), ("none", "none"), ("true", "true"), ("007", "007")]
)
def test_d08_a_slug_with_the_name_of_a_value_is_an_id(slug: str, expected: str) -> None:
    assert _new(expected) == _find(slug)


def test_a_stranger_has_no_known_names() -> None:
    assert IDENTITIES.known_names("newco") == ()
    assert IDENTITIES.known_names("acme") == ("Acme", "Acme Labs", "ACME 2")


_NAME = st.none() | st.text(max_size=20) | st.sampled_from(["acme", "Acme", "Google", "x (free)", "https://["])


@given(_NAME, _NAME, _NAME, st.sampled_from([None, *Tier]), st.lists(st.text() | st.just("https://["), max_size=2))
def test_no_names_raise_and_every_id_is_one_word(
    slug: str | None, name: str | None, label: str | None, tier: Tier | None, links: list[str]
) -> None:
    found = _find(slug, name, label, tier, tuple(links))
    assert found
    if isinstance(found, Identity):
        assert found.provider_id.isascii()
        assert len(found.offering_id.split()) == 1
