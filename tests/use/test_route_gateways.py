"""A decision as a gateway takes it: it never lets in more than was allowed, and says what it cannot say."""

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import assume, given
from made_up_offerings import NOW, UNKNOWN, offering, offerings, requirements
from shipped_catalog import shipped_data

from pipeline import Catalog, Requirement
from pipeline.catalog.decide import decide
from pipeline.catalog.records import OfferingTerms
from pipeline.errors import NotFoundError
from pipeline.model import Retention, RetentionKind, Tier, Training
from pipeline.use.route import Slugs, find_slugs
from pipeline.use.route_gateways import Export, export_litellm, export_openrouter, export_vercel

FIRST_TABLE = date(2025, 7, 31)
DAYS_30, UNSTATED = Retention.of_days(30), Retention(kind=RetentionKind.UNSTATED)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog.open(shipped_data(tmp_path_factory) / "catalog" / "current") as opened:
        yield opened


def slugs_of(some: list[OfferingTerms]) -> Slugs:
    return {(one.gateway_id, one.offering_id): (one.provider_id,) for one in some}


def export(some: list[OfferingTerms], asked: Requirement) -> Export:
    return export_openrouter(decide(some, asked, NOW), slugs_of(some))


def free(training: Training, retention: Retention) -> OfferingTerms:
    return offering(retention, training, tier=Tier.FREE, offering_id="acme:free")


def test_zero_retention_is_a_list_and_both_switches(catalog: Catalog) -> None:
    decision = catalog.route(Requirement(max_retention_days=0), as_of=FIRST_TABLE)
    made = export_openrouter(decision, find_slugs(catalog))
    assert {"only", "zdr", "data_collection"} == set(made.body)
    assert (True, "deny") == (made.body["zdr"], made.body["data_collection"])
    assert [one.offering_id for one in decision.allowed] == made.body["only"]


def test_a_limit_in_days_is_a_list_because_the_gateway_has_no_such_filter(catalog: Catalog) -> None:
    decision = catalog.route(Requirement(max_retention_days=30))
    made = export_openrouter(decision, find_slugs(catalog))
    assert {"only": sorted(one.offering_id for one in decision.allowed)} == made.body


def test_a_free_tier_that_was_refused_is_kept_out_by_a_switch_or_its_slug_is_left_out(catalog: Catalog) -> None:
    decision = catalog.route(Requirement(max_retention_days=30), as_of=FIRST_TABLE)
    made = export_openrouter(decision, find_slugs(catalog))
    assert "google-vertex" in str(made.body["only"])
    assert "deny" == made.body["data_collection"]
    assert ("google-vertex also names google-vertex:free, which was refused: the switches keep it out",) == made.remarks


TIERS = [
    # Nobody that is allowed trains, so denying it costs nothing.
    (
        [offering(), free(Training.MAY, UNSTATED)],
        {"only": ["acme"], "allow_fallbacks": False, "data_collection": "deny"},
    ),
    # Denying it would keep out one that is allowed.
    (
        [offering(), free(Training.MAY, UNSTATED), offering(training=Training.MAY, provider_id="b", offering_id="b")],
        {"only": ["b"], "allow_fallbacks": False},
    ),
    # No switch keeps out a tier that only stores.
    (
        [offering(), free(Training.NO, UNSTATED), offering(provider_id="b", offering_id="b")],
        {"only": ["b"], "allow_fallbacks": False},
    ),
    # A slug names the paid tier too.
    (
        [offering(UNSTATED), free(Training.NO, DAYS_30), offering(provider_id="b", offering_id="b")],
        {"only": ["b"], "allow_fallbacks": False},
    ),
    ([offering(), free(Training.NO, DAYS_30)], {"only": ["acme"], "allow_fallbacks": False}),
]


@pytest.mark.parametrize(("some", "expected"), TIERS, ids=range(len(TIERS)))
def test_a_slug_names_all_tiers_of_its_provider(some: list[OfferingTerms], expected: dict[str, object]) -> None:
    made = export(some, Requirement(max_retention_days=30))
    assert expected == made.body
    left_out = "acme" not in str(expected["only"])
    assert left_out == any("no slug names a tier" in remark for remark in made.remarks)


def test_who_has_no_slug_is_left_out_and_named() -> None:
    some = [offering(), offering(offering_id="b", provider_id="b")]
    decision = decide(some, Requirement(max_retention_days=0))
    made = export_openrouter(decision, {("openrouter", "acme"): ("acme", "acme-2")})
    assert ["acme", "acme-2"] == made.body["only"]
    assert ("b left out: it has no slug at OpenRouter",) == made.remarks


def test_a_list_without_anybody_is_never_written() -> None:
    with pytest.raises(NotFoundError, match="an empty list would let in everybody; acme left out: it also names"):
        export([offering(), free(Training.NO, UNSTATED)], Requirement(max_retention_days=30))
    with pytest.raises(NotFoundError, match="an empty list would let in everybody"):
        export([offering(UNSTATED)], Requirement(max_retention_days=30))
    with pytest.raises(NotFoundError, match="an empty list would let in everybody"):
        export_vercel(decide([offering()], Requirement(max_retention_days=30)))


def test_nothing_asked_is_an_empty_object_and_says_so() -> None:
    assert Export(body={}, remarks=("nothing is asked: the empty object lets in every provider",)) == export(
        [offering()], Requirement()
    )


def test_an_ignore_list_alone_is_written_as_one_where_slugs_can_name_it() -> None:
    some = [offering(), free(Training.NO, DAYS_30), offering(provider_id="b", offering_id="b")]
    assert {"ignore": ["b"]} == export(some, Requirement(ignored=frozenset({"b"}))).body
    whole = export(some, Requirement(ignored=frozenset({"acme", "acme:free"})))
    assert {"ignore": ["acme"]} == whole.body
    one_tier = export(some, Requirement(ignored=frozenset({"acme:free"})))
    assert {"only": ["b"], "allow_fallbacks": False} == one_tier.body


def test_the_switches_are_left_off_where_they_would_keep_out_the_unknown_that_was_let_in() -> None:
    some = [offering(UNKNOWN), offering(provider_id="b", offering_id="b")]
    made = export(some, Requirement(max_retention_days=0, allows_unknown=True))
    assert {"only": ["acme", "b"]} == made.body
    assert "left off" in made.remarks[0]


@given(offerings(), requirements())
def test_no_object_lets_in_who_was_refused(some: list[OfferingTerms], asked: Requirement) -> None:
    decision = decide(some, asked, NOW)
    assume(asked.asked)
    try:
        body = export_openrouter(decision, slugs_of(some)).body
    except NotFoundError:
        return
    assert body.get("only") != []
    assert body.get("ignore") != []
    reached = {one.offering_id for one in some if one.is_listed and _is_reached(one, body)}
    assert reached <= {one.offering_id for one in decision.allowed}


def _is_reached(one: OfferingTerms, body: dict[str, object]) -> bool:
    """Whether the gateway, by what it states itself, would use an offering with that object."""
    only, ignore = body.get("only"), body.get("ignore")
    is_named = not isinstance(only, list) or one.provider_id in only
    is_ignored = isinstance(ignore, list) and one.provider_id in ignore
    is_zdr = body.get("zdr") is not True or one.retention_kind is RetentionKind.NONE
    is_denied = body.get("data_collection") == "deny" and one.training is Training.MAY
    return is_named and not is_ignored and is_zdr and not is_denied


def test_litellm_gets_the_object_for_each_model(catalog: Catalog) -> None:
    decision = catalog.route(Requirement(max_retention_days=0))
    slugs = find_slugs(catalog)
    body = export_litellm(decision, slugs, ["openai/gpt-5", "anthropic/claude-sonnet-4.5"]).body
    entries = body["model_list"]
    assert isinstance(entries, list)
    assert ["openrouter/openai/gpt-5", "openrouter/anthropic/claude-sonnet-4.5"] == [
        entry["litellm_params"]["model"] for entry in entries
    ]
    params = [entry["litellm_params"] for entry in entries]
    (provider,) = {str(one) for each in params for one in (each["provider"], each["extra_body"]["provider"])}
    assert str(export_openrouter(decision, slugs).body) == provider
    entries = export_litellm(decision, slugs).body["model_list"]
    assert isinstance(entries, list)
    assert ["openrouter/*"] == [entry["model_name"] for entry in entries]


def test_vercel_gets_its_own_slugs_and_is_told_whose_statements_these_are(catalog: Catalog) -> None:
    asked = Requirement(max_retention_days=0, providers=frozenset({"google-vertex", "Amazon Bedrock", "phala"}))
    made = export_vercel(catalog.route(asked))
    expected = {"only": ["bedrock", "vertex"], "zeroDataRetention": True, "disallowPromptTraining": True}
    assert {"providerOptions": {"gateway": expected}} == made.body
    assert "not served by Vercel's gateway: phala" in made.remarks
    assert "need not hold at Vercel" in made.remarks[0]
    assert {"providerOptions": {"gateway": {}}} == export_vercel(catalog.route(Requirement())).body


def test_vercel_has_no_free_tiers() -> None:
    only_free = [offering(tier=Tier.FREE, offering_id="openai:free", provider_id="openai")]
    with pytest.raises(NotFoundError):
        export_vercel(decide(only_free, Requirement(max_retention_days=0)))
