"""The catalog of the recorded captures and the real documents: where providers' terms and the gateway disagree."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from real_terms import LEFT_OUT, PAGES, documents_of, real_data

from pipeline.catalog.reader import Catalog
from pipeline.model import ZdrAvailability
from pipeline.workplace import Workplace

pytestmark = pytest.mark.heavy  # reading the documents takes ten seconds


@pytest.fixture(scope="module")
def catalog(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog.open(real_data(shared, tmp_path_factory) / "catalog" / "current") as opened:
        yield opened


def test_every_document_of_a_catalogued_provider_is_a_capture_of_its_page_or_told_why_not(
    shared: Path, tmp_path: Path
) -> None:
    work = Workplace(tmp_path)
    found = list(documents_of(shared, frozenset(one.id for one in work.declarations.providers)))
    assert sorted([*PAGES, *LEFT_OUT]) == sorted(found)
    assert set(PAGES.values()) <= {source.id for source in work.sources}


def test_every_page_with_a_capture_is_read(catalog: Catalog) -> None:
    rows = catalog.rows("SELECT source_id, state FROM sources WHERE gateway_id IS NULL AND capture_id IS NOT NULL")
    assert {row["source_id"] for row in rows} == set(PAGES.values())
    assert {row["state"] for row in rows} <= {"ok", "stale"}


# Each read in both places by hand: the gateway's table of July 2026 and the provider's page.
CONFLICTS = [
    ("amazon-bedrock", "retention", "scope", "none", "up to 30 days", "Amazon Bedrock stores Service inputs"),
    ("fireworks", "retention", "scope", "none", "30 days", "All stored conversation data is automatically deleted"),
    ("fireworks", "retention", "scope", "none", "unstated", "For proprietary Fireworks models (e.g. f1, FireFunction)"),
    ("openai", "retention", "value", "unstated", "up to 30 days", "OpenAI may securely retain API inputs and outputs"),
]


def test_the_conflicts_that_are_really_there_are_shown_and_no_others(catalog: Catalog) -> None:
    rows = catalog.rows("SELECT * FROM conflicts WHERE other_url IS NOT NULL ORDER BY offering_id, topic, other_value")
    assert [case[:5] for case in CONFLICTS] == [
        (row["offering_id"], row["topic"], row["reason"], row["ruling_value"], row["other_value"]) for row in rows
    ]
    for case, row in zip(CONFLICTS, rows, strict=True):
        assert case[5] in row["other_quote"]
        assert row["ruling_quote"]
        assert row["ruling_observed_at"]
        assert row["other_observed_at"]


@pytest.mark.parametrize(
    ("offering_id", "retention", "training"),
    [
        ("openai", "period", "opt_in"),
        ("anthropic", "unknown", "no"),
        ("fireworks", "none", "opt_in"),
        ("deepseek", "unknown", "opt_out"),
        ("amazon-bedrock", "unknown", "unknown"),
        ("google-vertex", "unknown", "unknown"),
        ("moonshotai", "unknown", "unknown"),
    ],
)
def test_what_a_provider_says_of_the_service_that_a_gateway_calls(
    catalog: Catalog, offering_id: str, retention: str, training: str
) -> None:
    one = catalog.get(offering_id)
    assert (retention, training) == (one.provider_retention_kind.value, one.provider_training.value)


def test_zero_retention_that_openai_offers_on_request_is_found(catalog: Catalog) -> None:
    assert ZdrAvailability.ON_REQUEST is catalog.get("openai").zdr_available


def test_what_a_vendor_says_of_its_other_products_is_listed_and_makes_no_policy(catalog: Catalog) -> None:
    ((count, quotes),) = [
        tuple(row.values())
        for row in catalog.rows(
            "SELECT count(*) AS n, string_agg(quote, '|') AS quotes FROM claims WHERE offering_id = 'amazon-bedrock' "
            "AND url IS NOT NULL"
        )
    ]
    assert count > 40
    assert "Amazon Chime SDK ML Content" in quotes
