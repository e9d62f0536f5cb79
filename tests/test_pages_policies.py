"""Both sides of an offering as the catalog publishes them: what the gateway states, what its provider's pages do."""

import itertools
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from scripted_site import Site, page
from terms_lab import (
    DAY,
    FIRST,
    KEPT_30,
    KEPT_90,
    NEVER_KEPT,
    NOT_TRAINED,
    TRAINED,
    TermsLab,
    html,
    kept,
)

from pipeline.catalog.agreement import agreement_on, find_agreement
from pipeline.catalog.protection import strictest_retention, strictest_training
from pipeline.catalog.views import BOTH_SIDES
from pipeline.model import Agreement, Bound, Retention, RetentionKind, Training

PAGE = "/terms"
OWN = (
    *("provider_retention_kind", "provider_retention_days", "provider_training"),
    *("strictest_retention_kind", "strictest_retention_days", "strictest_training"),
    *("agreement", "retention_agreement", "training_agreement", "zdr_available"),
)
ZERO_ON_REQUEST = (
    "Customers of the API may request zero data retention; once it is approved, prompts and outputs are not stored."
)

# The gateway's policy, what the page says, and what the row has to hold of both.
ROWS: dict[str, tuple[dict[str, object], tuple[str, ...], tuple[object, ...]]] = {
    "agree": (
        kept(30),
        (KEPT_30, NOT_TRAINED),
        ("period", 30, "no", "period", 30, "no", "agree", "agree", "agree", "none_stated", 4),
    ),
    "conflict": (
        kept(0),
        (KEPT_30, NOT_TRAINED),
        ("period", 30, "no", "period", 30, "no", "conflict", "conflict", "agree", "none_stated", 4),
    ),
    "conflict, the gateway stricter": (
        kept(90, training=True),
        (KEPT_30, NOT_TRAINED),
        ("period", 30, "no", "period", 90, "may", "conflict", "conflict", "conflict", "none_stated", 4),
    ),
    "provider_only": (
        kept(None, training=None),
        (NEVER_KEPT, TRAINED),
        ("none", 0, "may", "none", 0, "may", "provider_only", "provider_only", "provider_only", "default", 2),
    ),
    "gateway_only": (
        kept(30),
        ("The weather is of no interest here.",),
        (
            "unknown",
            None,
            "unknown",
            "period",
            30,
            "no",
            "gateway_only",
            "gateway_only",
            "gateway_only",
            "none_stated",
            2,
        ),
    ),
    "one topic each": (
        kept(None, training=False),
        (KEPT_90,),
        (
            "period",
            90,
            "unknown",
            "period",
            90,
            "no",
            "gateway_only",
            "provider_only",
            "gateway_only",
            "none_stated",
            2,
        ),
    ),
    "unknown": (
        kept(None, training=None),
        ("The weather is of no interest here.",),
        ("unknown", None, "unknown", "unknown", None, "unknown", "unknown", "unknown", "unknown", "none_stated", 0),
    ),
}


@pytest.fixture
def lab(tmp_path: Path, site: Site) -> TermsLab:
    made = TermsLab(tmp_path / "data", site)
    made.provider("acme", made.a_page(PAGE))
    return made


def _row(lab: TermsLab, columns: tuple[str, ...], table: str = "policies", *values: object) -> tuple[object, ...]:
    sql = f"SELECT {', '.join(columns)} FROM {table} WHERE offering_id = 'acme'"
    (row,) = lab.table(sql, *values)
    return row


@pytest.mark.parametrize(("policy", "sentences", "expected"), ROWS.values(), ids=ROWS)
def test_a_row_holds_both_sides_and_how_they_stand_to_each_other(
    lab: TermsLab, policy: dict[str, object], sentences: tuple[str, ...], expected: tuple[object, ...]
) -> None:
    lab.list_providers(acme=policy)
    lab.site.serve(PAGE, html(*sentences))
    lab.refresh()
    assert expected == _row(lab, (*OWN, "evidence_count"))
    assert expected == _row(lab, (*OWN, "evidence_count"), "provider_terms")
    assert expected[:-1] == _row(lab, OWN, "provider_terms_as_of(?::TIMESTAMP)", datetime(2099, 1, 1))  # noqa: DTZ001
    is_said = expected[-1] != 0
    assert (FIRST if is_said else None,) == _row(lab, ("last_verified_at",))
    own = _row(lab, ("provider_retention_kind", "provider_training", "zdr_available"))
    told = (expected[-1], FIRST if is_said else None) if own == ("unknown", "unknown", "none_stated") else (None, None)
    seen = ("evidence_count", "last_verified_at")
    assert told == _row(lab, seen, "provider_terms_as_of(?::TIMESTAMP)", datetime(2099, 1, 1))  # noqa: DTZ001


def test_each_conflict_has_both_quotes_both_days_and_the_link(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(0))
    lab.site.serve(PAGE, html(KEPT_30, NOT_TRAINED))
    lab.refresh()
    (row,) = lab.rows("SELECT * FROM conflicts")
    assert ("acme", "retention", "value", "feed", "none", "acme--data-usage-docs", "30 days") == tuple(
        row[name]
        for name in (
            *("offering_id", "topic", "reason", "ruling_source_id", "ruling_value"),
            *("other_source_id", "other_value"),
        )
    )
    assert (KEPT_30, lab.site.url(PAGE), "supported") == (
        row["other_quote"],
        row["other_url"],
        row["other_verification"],
    )
    assert "retainsPrompts" in row["ruling_quote"]
    assert (FIRST, FIRST) == (row["ruling_observed_at"], row["other_observed_at"])


def test_two_periods_of_other_lengths_differ_in_days(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.site.serve(PAGE, html(KEPT_90))
    lab.refresh()
    assert [("days", "30 days", "90 days")] == lab.table("SELECT reason, ruling_value, other_value FROM conflicts")


def test_zero_retention_on_request_is_its_own_column_and_no_default(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.site.serve(PAGE, html(KEPT_30, ZERO_ON_REQUEST))
    lab.refresh()
    assert ("period", 30, "on_request") == _row(
        lab, ("provider_retention_kind", "provider_retention_days", "zdr_available")
    )


def test_words_behind_a_row_were_last_seen_when_the_older_of_both_sides_was(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.site.serve(PAGE, html(KEPT_30))
    lab.refresh()
    lab.list_providers(acme=kept(90))
    lab.site.serve(PAGE, page(status="404 Not Found"))
    lab.refresh(days=3)
    assert (90, FIRST) == _row(lab, ("retention_days", "last_verified_at"))


def test_an_earlier_day_shows_what_the_provider_said_then(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.site.serve(PAGE, html(KEPT_30, NOT_TRAINED), html(KEPT_90, NOT_TRAINED), html(KEPT_90, TRAINED))
    for days in range(3):
        lab.refresh(days)
    assert [
        (FIRST, FIRST + DAY, 30, "no", KEPT_30, NOT_TRAINED),
        (FIRST + DAY, FIRST + 2 * DAY, 90, "no", KEPT_90, NOT_TRAINED),
        (FIRST + 2 * DAY, None, 90, "may", KEPT_90, TRAINED),
    ] == lab.table(
        "SELECT valid_from, valid_to, provider_retention_days, provider_training, retention_quote, training_quote "
        "FROM provider_policy_history WHERE offering_id = 'acme' ORDER BY valid_from"
    )
    then = {
        days: _row(
            lab,
            ("provider_retention_days", "agreement", "strictest_retention_days", "strictest_training"),
            "provider_terms_as_of(?::TIMESTAMP)",
            (FIRST + days * DAY).replace(tzinfo=None),
        )
        for days in (0, 1, 1.5, 2)
    }
    assert {
        0: (30, "agree", 30, "no"),
        1: (90, "conflict", 90, "no"),
        1.5: (90, "conflict", 90, "no"),
        2: (90, "conflict", 90, "may"),
    } == then


def test_a_free_tier_goes_by_what_its_provider_says_of_it(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30) | {"freeModels": kept(None, training=True)})
    free = "Prompts that are sent on the free plan may be used to train our models."
    lab.site.serve(PAGE, html(KEPT_30, NOT_TRAINED, free))
    lab.refresh()
    claims = lab.table("SELECT offering_id, value_text, service FROM claims WHERE quote = ?", free)
    assert [("acme:free", "may", "free")] == claims
    assert [("acme", "no"), ("acme:free", "may")] == lab.table(
        "SELECT offering_id, provider_training FROM policies WHERE offering_id LIKE 'acme%' ORDER BY ALL"
    )


# The same rules in SQL, for the view of an earlier day.


def _retentions() -> list[Retention]:
    lengths = [
        Retention(kind=RetentionKind.PERIOD, days=days, bound=bound, amount=days, unit="day")
        for days in (1, 30, 90)
        for bound in (Bound.EXACT, Bound.UP_TO)
    ]
    return [*(Retention(kind=kind) for kind in RetentionKind if kind is not RetentionKind.PERIOD), *lengths]


@pytest.fixture(scope="module")
def sql() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(BOTH_SIDES)
    return connection


PAIRS = list(itertools.product(_retentions(), repeat=2))


def test_the_macros_on_retention_say_of_every_pair_what_the_catalog_says(sql: duckdb.DuckDBPyConnection) -> None:
    stricter = "is_gateway_stricter($1, $2, $3, $4)"
    asked = f"SELECT retention_agreement($1, $2, $3, $4), if({stricter}, $1, $3), if({stricter}, $2, $4)"
    found = {}
    for gateway, provider in PAIRS:
        bound = [gateway.kind.value, gateway.stored_days, provider.kind.value, provider.stored_days]
        found[gateway, provider] = sql.execute(asked, bound).fetchall()[0]
    strictest = {pair: strictest_retention(*pair) for pair in PAIRS}
    assert {
        pair: (agreement_on(*pair).value, strictest[pair].kind.value, strictest[pair].stored_days) for pair in PAIRS
    } == found


@pytest.mark.parametrize(("gateway", "provider"), list(itertools.product(Training, repeat=2)))
def test_the_macros_on_training_say_what_the_catalog_says(
    sql: duckdb.DuckDBPyConnection, gateway: Training, provider: Training
) -> None:
    found = sql.execute("SELECT training_agreement($1, $2), strictest_use($1, $2)", [gateway.value, provider.value])
    expected = (agreement_on(gateway, provider).value, strictest_training(gateway, provider).value)
    assert [expected] == found.fetchall()


@pytest.mark.parametrize(("one", "other"), list(itertools.product(Agreement, repeat=2)))
def test_the_macro_over_both_topics_says_what_the_catalog_says(
    sql: duckdb.DuckDBPyConnection, one: Agreement, other: Agreement
) -> None:
    found = sql.execute("SELECT agreement_over($1, $2)", [one.value, other.value]).fetchall()
    assert [(find_agreement((one, other)).value,)] == found
