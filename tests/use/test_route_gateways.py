"""A decision as a gateway takes it: it never lets in more than was allowed, and says what it cannot say."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_offerings import IDS, NONE, NOW, UNKNOWN, demands, draw_always_the_same, offering, offerings, requirements
from shipped_catalog import shipped_data

from pipeline import Catalog, PolicyBasis, Requirement
from pipeline.catalog.decide import Decision, Index, RefusedOffering, decide
from pipeline.catalog.records import OfferingTerms
from pipeline.catalog.requirement import Check
from pipeline.errors import NotFoundError
from pipeline.model import Retention, RetentionKind, Tier, Training
from pipeline.use.route import Slugs, ZdrOfferings, find_slugs
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
    assert sorted(one.offering_id for one in decision.allowed) == made.body["only"]
    assert not {"zdr", "ignore", "allow_fallbacks"} & {*made.body}


GONE = [
    # The gateway's last word on the free tier is that it may train: denying that costs nothing, so it is denied.
    (Requirement(max_retention_days=30, allows_free_training=False), {"data_collection": "deny"}, "the switches keep"),
    (Requirement(max_retention_days=30), {"data_collection": "deny"}, "the switches keep it out"),
    (Requirement(no_training=True), {"data_collection": "deny"}, "the switches keep it out"),
    # Nothing that is asked is failed by it, but for its not being listed.
    (Requirement(headquarters=frozenset({"US"})), {}, None),
    # It says nothing on publishing, so it fails that, and is kept out for what it does beside.
    (
        Requirement(allows_free_publishing=False),
        {"data_collection": "deny"},
        "no slug names a tier: a free tier of which the gateway",
    ),
]


@pytest.mark.parametrize(("asked", "switches", "told"), GONE, ids=str)
def test_a_free_tier_that_the_gateway_states_no_more_is_told_and_denied_where_it_costs_nothing(
    catalog: Catalog, asked: Requirement, switches: dict[str, object], told: str | None
) -> None:
    decision = catalog.route(replace(asked, providers=frozenset({"google-vertex", "groq"})))
    made = export_openrouter(decision, find_slugs(catalog))
    assert {"only": ["google-vertex", "groq"]} | switches == made.body
    assert (told is not None) == any((told or "google-vertex:free") in one for one in made.remarks)


def test_a_free_tier_that_is_stated_no_more_leaves_out_its_slug_where_no_switch_keeps_it_out() -> None:
    gone = replace(free(Training.MAY, UNSTATED), is_listed=False, delisted_at=datetime(2025, 11, 30, tzinfo=UTC))
    for training in (Training.MAY, Training.UNKNOWN):
        some = [offering(), gone, offering(training=training, provider_id="b", offering_id="b")]
        made = export(some, Requirement(max_retention_days=30))
        assert {"only": ["b"], "allow_fallbacks": False} == made.body
        told = "which fails by the gateway's last word (none since 2025-11-30), and no slug names a tier"
        assert (f"acme left out: it also names acme:free, {told}",) == made.remarks


ENDPOINTS = [
    (None, {"only": ["b"], "allow_fallbacks": False, "zdr": True}),
    (frozenset({("openrouter", "acme")}), {"only": ["b"], "allow_fallbacks": False, "zdr": True}),
    (frozenset({("openrouter", "b")}), {"only": ["acme", "b"], "zdr": True}),
]


@pytest.mark.parametrize(("zdr", "expected"), ENDPOINTS, ids=str)
def test_zdr_keeps_out_a_tier_only_where_the_provider_is_known_to_have_no_endpoint_without_retention(
    zdr: frozenset[tuple[str, str]] | None, expected: dict[str, object]
) -> None:
    some = [offering(), free(Training.NO, UNSTATED), offering(provider_id="b", offering_id="b")]
    decision = decide(some, Requirement(max_retention_days=0), NOW)
    made = export_openrouter(decision, slugs_of(some), zdr)
    assert expected | {"data_collection": "deny"} == made.body


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


# What holds of every object.

KINDS = {"only", "ignore", "zdr", "data_collection", "allow_fallbacks"}


@st.composite
def slugs(draw: st.DrawFn) -> Slugs:
    """Return the slugs of the made-up offerings: most have their own, many share one beside it, some have none."""
    found = {one: draw(st.sampled_from([(one,), (one, "shared"), (one, "shared"), ()])) for one in IDS}
    return {("openrouter", one + tier): found[one] for one in IDS for tier in ("", ":free")}


ZDR = st.none() | st.frozensets(st.sampled_from([("openrouter", one + tier) for one in IDS for tier in ("", ":free")]))


def objects(
    some: list[OfferingTerms], asked: Iterable[Requirement], named: Slugs, zdr: ZdrOfferings | None
) -> Iterator[tuple[Decision, Export]]:
    """Yield each decision that can be told to the gateway, with what it takes."""
    index = Index(some)
    for each in asked:
        decision = decide(index, each, NOW)
        with suppress(NotFoundError):
            yield decision, export_openrouter(decision, named, zdr)


def test_objects_of_every_kind_are_made_of_the_made_up_ones() -> None:
    drawn = draw_always_the_same(st.tuples(offerings(), requirements(), slugs(), ZDR), 300)
    made = [body for some, asked, named, zdr in drawn for _, body in objects(some, [asked], named, zdr)]
    kinds = Counter(key for one in made for key in one.body)
    assert 100 < len(made)
    assert KINDS == {kind for kind, count in kinds.items() if count > 5}
    # A list is put to the test where it leaves out somebody that passes.
    assert 5 < sum("left out: it also names" in remark for one in made for remark in one.remarks)


@given(offerings(), requirements(), demands(), slugs(), ZDR)
def test_no_object_lets_in_who_was_refused(
    some: list[OfferingTerms],
    asked: Requirement,
    many: list[Requirement],
    named: Slugs,
    zdr: ZdrOfferings | None,
) -> None:
    for decision, made in objects(some, (one for one in (asked, *many) if one.asked), named, zdr):
        assert made.body
        assert made.body.get("only") != []
        assert made.body.get("ignore") != []
        reached = {one for one in some if _is_reached(one, made.body, named, zdr)}
        failing = {one.offering for one in decision.refused if _fails_by_word(one)}
        assert set() == reached & failing
        assert "ignore" not in made.body or reached >= set(decision.allowed)


LOST = [
    (offering(training=Training.MAY), Requirement(max_retention_days=0), None),
    (
        offering(training=Training.UNKNOWN, own_training=Training.NO),
        Requirement(no_training=True),
        None,
    ),
    (
        offering(DAYS_30, own_retention=NONE),
        Requirement(max_retention_days=0, reading=PolicyBasis.PROVIDER),
        frozenset({("openrouter", "b")}),
    ),
]


@pytest.mark.parametrize(("one", "asked", "zdr"), LOST, ids=range(len(LOST)))
def test_who_passes_and_may_be_kept_out_by_a_switch_is_told(
    one: OfferingTerms, asked: Requirement, zdr: ZdrOfferings | None
) -> None:
    some = [one, offering(provider_id="b", offering_id="b", own_retention=NONE, own_training=Training.NO)]
    made = export_openrouter(decide(some, asked), slugs_of(some), zdr)
    told = "the gateway's switches act on what it states, and may keep out of those that pass: acme"
    assert (["acme", "b"], told) == (made.body["only"], made.remarks[-1])


@given(offerings(), requirements(), slugs(), ZDR)
def test_who_is_named_is_reached_or_told(
    some: list[OfferingTerms], asked: Requirement, named: Slugs, zdr: ZdrOfferings | None
) -> None:
    for decision, made in objects(some, [asked] if asked.asked else [], named, zdr):
        slugs_named = made.body.get("only", ())
        assert isinstance(slugs_named, list | tuple)
        for one in decision.allowed:
            is_named = {*slugs_named} & {*named.get((one.gateway_id, one.offering_id), ())}
            if is_named and not _is_reached(one, made.body, named, zdr):
                assert one.offering_id in made.remarks[-1] + "".join(made.remarks[-2:-1])


# What is asked of a provider's words and places, which those of one that is gone still tell.
OF_LAST_WORDS = {
    Check.IGNORED,
    Check.RETENTION,
    Check.RETENTION_CONFLICT,
    Check.TRAINING,
    Check.TRAINING_CONFLICT,
    Check.PUBLISHING,
    Check.HEADQUARTERS,
    Check.DATACENTERS,
    Check.TERMS_URL,
}


def _fails_by_word(one: RefusedOffering) -> bool:
    """Whether who was refused fails by a word of it; one that is gone may be served still, and has its last ones."""
    return one.offering.is_listed or bool({reason.check for reason in one.reasons} & OF_LAST_WORDS)


def _is_reached(one: OfferingTerms, body: dict[str, object], named: Slugs, zdr: ZdrOfferings | None) -> bool:
    """Whether the gateway, by what it states itself, would use an offering with that object.

    By `zdr` it uses whoever has an endpoint without retention, as anybody may of whom that is not known.
    """
    only, ignore = body.get("only"), body.get("ignore")
    own_slugs = {*named["openrouter", one.offering_id]}
    is_named = not isinstance(only, list) or own_slugs & {*only}
    is_ignored = isinstance(ignore, list) and own_slugs & {*ignore}
    may_store_nothing = (
        zdr is None or {(one.gateway_id, one.provider_id), (one.gateway_id, f"{one.provider_id}:free")} & zdr
    )
    is_zdr = body.get("zdr") is not True or one.retention_kind is RetentionKind.NONE or may_store_nothing
    is_denied = body.get("data_collection") == "deny" and one.training is Training.MAY
    return bool(is_named and not is_ignored and is_zdr and not is_denied)


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
