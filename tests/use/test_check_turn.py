"""What rests on a provider's own terms is told with the words of its page, their age, and the change of that page."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from made_up_offerings import NOW, offering
from scripted_site import Site, page
from terms_lab import DAY, FIRST, KEPT_30, KEPT_90, NEVER_KEPT, NOT_TRAINED, TermsLab, html, kept

from pipeline import Catalog
from pipeline.catalog.decide import Index
from pipeline.catalog.records import ChangeRecord, OfferingTerms
from pipeline.model import Tier
from pipeline.use.check import Question, check_policy
from pipeline.use.policy import read_policy
from pipeline.use.route import find_stale

PAGE = "/terms"
POLICY = """
[require]
max_retention_days = 30
basis = "provider"
[[providers]]
name = "acme"
"""


@pytest.fixture
def lab(tmp_path: Path, site: Site) -> TermsLab:
    return TermsLab(tmp_path / "data", site)


def test_the_change_of_a_page_is_named_with_its_words(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page(PAGE))
    lab.site.serve(PAGE, html(KEPT_30, NOT_TRAINED))
    lab.refresh()
    lab.site.serve(PAGE, html(KEPT_90, NOT_TRAINED))
    lab.refresh(days=2)
    with Catalog.open(lab.folder / "catalog" / "current") as catalog:
        question = Question(now=datetime(2027, 1, 1, tzinfo=UTC), as_of=None, lines={})
        report = check_policy(catalog, read_policy(POLICY, "p"), "p", question)
    (finding,) = [one for one in report.findings if one.check == "retention"]
    assert finding.turn is not None
    assert ("claim_changed", KEPT_30, KEPT_90) == (finding.turn.kind, finding.turn.old_quote, finding.turn.new_quote)


PLACES = """
[require]
headquarters = ["US"]
basis = "gateway"
[[providers]]
name = "acme"
"""


def test_the_change_after_which_it_failed_is_named_and_none_that_came_later(lab: TermsLab) -> None:
    turns = []
    for day, place in enumerate(("US", "DE", "FR", "US", "CN")):
        _look(lab, day, place)
        with Catalog.open(lab.folder / "catalog" / "current") as catalog:
            question = Question(now=FIRST + day * DAY, as_of=None, lines={})
            found = check_policy(catalog, read_policy(PLACES, "p"), "p", question).findings
        turns += [one.turn.text if one.turn else None for one in found if one.check == "headquarters"]
    to_de, to_cn = (FIRST + day * DAY for day in (1, 4))
    assert [
        f"headquarters changed US → DE on {to_de:%Y-%m-%d}",
        f"headquarters changed US → DE on {to_de:%Y-%m-%d}",
        f"headquarters changed US → CN on {to_cn:%Y-%m-%d}",
    ] == turns


def _look(lab: TermsLab, day: int, place: str) -> None:
    """Look at a feed that says where the provider has its headquarters."""
    lab.list_providers(acme=kept(30))
    feed = json.loads(lab.feed)
    feed["data"][-1]["headquarters"] = place
    lab.site.serve("/feed", page(json.dumps(feed).encode()))
    lab.refresh(days=day)


def test_what_failed_at_the_first_look_is_led_to_by_no_change(lab: TermsLab) -> None:
    for day, place in enumerate(("DE", "FR")):
        _look(lab, day, place)
    with Catalog.open(lab.folder / "catalog" / "current") as catalog:
        question = Question(now=FIRST + 2 * DAY, as_of=None, lines={})
        found = check_policy(catalog, read_policy(PLACES, "p"), "p", question).findings
    assert [None] == [one.turn for one in found if one.check == "headquarters"]


def test_a_violation_by_a_page_has_its_words_source_and_day_now_and_as_of_a_day(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page(PAGE))
    lab.site.serve(PAGE, html(KEPT_90, NOT_TRAINED))
    lab.refresh()
    lab.refresh(days=2)
    lab.site.serve(PAGE, html(NEVER_KEPT, NOT_TRAINED))
    lab.refresh(days=4)
    with Catalog.open(lab.folder / "catalog" / "current") as catalog:
        then = FIRST + 3 * DAY
        question = Question(now=then, as_of=then, lines={})
        (finding,) = check_policy(catalog, read_policy(POLICY, "p"), "p", question).findings
        assert (KEPT_90, "acme--data-usage-docs", FIRST + 2 * DAY, lab.site.url(PAGE)) == (
            finding.words,
            finding.source_id,
            finding.observed_at,
            finding.url,
        )
    lab.site.serve(PAGE, html(KEPT_90, NOT_TRAINED))
    lab.refresh(days=6)
    with Catalog.open(lab.folder / "catalog" / "current") as catalog:
        question = Question(now=FIRST + 6 * DAY, as_of=None, lines={})
        (finding,) = check_policy(catalog, read_policy(POLICY, "p"), "p", question).findings
        assert (KEPT_90, "acme--data-usage-docs", FIRST + 6 * DAY) == (
            finding.words,
            finding.source_id,
            finding.observed_at,
        )


def test_an_old_page_of_a_provider_in_use_is_told(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page(PAGE))
    lab.site.serve(PAGE, html(KEPT_30, NOT_TRAINED))
    lab.refresh()
    with Catalog.open(lab.folder / "catalog" / "current") as catalog:
        offerings = catalog.find("acme")
        (line,) = [one for one in find_stale(catalog, offerings, FIRST + 50 * DAY) if one.startswith("acme--")]
        assert line.startswith("acme--data-usage-docs was last seen 2026-11-01, 50 days ago; it is stale after ")
        assert () == find_stale(catalog, catalog.find("p1"), FIRST)
        assert [] == [one for one in find_stale(catalog, catalog.find("p1"), FIRST + 50 * DAY) if "acme" in one]


def test_who_is_gone_in_its_paid_tier_fails_though_its_free_one_stays() -> None:
    paid = offering(is_listed=False)
    free = offering(offering_id="acme:free", tier=Tier.FREE)
    policy = read_policy('[require]\nno_training = true\n[[providers]]\nname = "acme"\n', "p")
    report = check_policy(_Known([paid, free]), policy, "p", Question(now=NOW, as_of=NOW, lines={}))
    assert [("acme", "violation", "listed")] == [(one.subject, one.rule, one.check) for one in report.findings]


class _Known(Catalog):
    """A catalog of nothing but these offerings."""

    def __init__(self, offerings: list[OfferingTerms]) -> None:
        super().__init__(Path(), {})
        self._offerings = offerings

    @property
    def as_of(self) -> datetime:
        return NOW

    def table(self, name: str) -> list[dict[str, object]]:
        assert "sources" == name
        return []

    def resolve(self, name: str) -> list[str]:
        return [one.offering_id for one in self._offerings if one.provider_id == name]

    def index(self, as_of: date | None = None) -> Index:
        assert as_of is not None
        return Index(self._offerings)

    def changes(self, since: date | None = None, until: date | None = None) -> list[ChangeRecord]:
        assert (since, until) != (None, None)
        return []
