"""A violation that rests on a provider's own terms names the change of that page, with both wordings."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from scripted_site import Site
from terms_lab import KEPT_30, KEPT_90, NOT_TRAINED, TermsLab, html, kept

from pipeline import Catalog
from pipeline.use.check import Question, check_policy
from pipeline.use.policy import read_policy

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
