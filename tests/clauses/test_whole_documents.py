"""Whole pages of invented companies, each with every claim it makes: what is read in them, end to end.

As a script it lists what is read otherwise: `python tests/clauses/test_whole_documents.py`.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest
from claim_judging import Claim, Outcome, check_claim, describe, judge, read_toml

DOCUMENTS: Final = Path(__file__).parent / "documents"
NAMES: Final = tuple(sorted(path.stem for path in DOCUMENTS.glob("*.md")))

# What has been reached over all documents together: less is a regression.
LEAST_PRECISION: Final = 0.9
LEAST_RECALL: Final = 0.9
MOST_FALSE_CLAIMS: Final = 3  # on the two pages that say nothing on either topic


def read_page(name: str) -> tuple[str, tuple[Claim, ...]]:
    text = (DOCUMENTS / f"{name}.md").read_text(encoding="utf-8")
    return text, tuple(read_toml(DOCUMENTS / f"{name}.toml")["claim"])


def precision_and_recall(outcomes: Iterable[Outcome]) -> tuple[float, float]:
    made = needed = wrong = missed = 0
    for outcome in outcomes:
        made, wrong = made + len(outcome.made), wrong + len(outcome.wrong)
        needed, missed = needed + len(outcome.needed), missed + len(outcome.missed)
    return 1 - wrong / made if made else 1.0, 1 - missed / needed if needed else 1.0


@pytest.mark.parametrize("name", NAMES)
def test_every_expected_claim_is_one_and_its_quote_stands_in_the_page(name: str) -> None:
    text, claims = read_page(name)
    assert len(text) > 2_000
    for claim in claims:
        check_claim(claim, text)


def test_the_pages_are_read_as_well_as_before() -> None:
    assert len(NAMES) == 15
    precision, recall = precision_and_recall(judge(*read_page(name)) for name in NAMES)
    assert precision >= LEAST_PRECISION
    assert recall >= LEAST_RECALL


def test_pages_without_a_statement_give_hardly_any_claim() -> None:
    without = [name for name in NAMES if not read_page(name)[1]]
    assert len(without) == 2
    false = [(name, made.quote) for name in without for made in judge(*read_page(name)).made]
    assert MOST_FALSE_CLAIMS >= len(false), false


def main() -> int:
    """Print precision, recall and F1 of each page and of all, and each claim that was missed or is wrong."""
    outcomes = {name: judge(*read_page(name)) for name in NAMES}
    lines = [line for name in NAMES for line in (_figures(name, [outcomes[name]]), *describe(outcomes[name]))]
    print("\n".join([*lines, _figures("all", outcomes.values())]))  # noqa: T201 - a script for a person
    return 0


def _figures(name: str, outcomes: Iterable[Outcome]) -> str:
    precision, recall = precision_and_recall(outcomes)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return f"{name}: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}"


if __name__ == "__main__":
    sys.exit(main())
