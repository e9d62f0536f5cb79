"""Figures of a reader against labels, on a page small enough to count by hand."""

import pytest

from pipeline.use.scoring import Row, score

TEXT = "We keep prompts for 30 days.  We do not train\non prompts. We log errors."


def row(topic: str, value: str, quote: str, *, days: int | None = None, core: bool = True) -> Row:
    return {"doc": "a.md", "topic": topic, "value": value, "days": days, "quote": quote, "core": core}


LABELS = (
    row("retention", "period", "We keep prompts for 30 days.", days=30),
    row("training", "no", "We do not train on prompts."),
    row("retention", "unstated", "We log errors.", core=False),
)


def test_all_that_is_labelled_and_nothing_else_is_perfect() -> None:
    figures = score(LABELS, LABELS, {"a.md": TEXT}.__getitem__).figures["all"]
    assert (figures.claims, figures.core_labels) == (3, 2)
    assert (figures.precision, figures.recall, figures.fact_f1, figures.doc_f1) == (1.0, 1.0, 1.0, 1.0)


def test_a_label_outside_the_core_costs_nothing_when_it_is_missed() -> None:
    assert score(LABELS[:2], LABELS, {"a.md": TEXT}.__getitem__).figures["all"].recall == 1.0


def test_a_wrong_value_in_the_right_place_counts_as_placed_only() -> None:
    claims = [row("retention", "period", "We keep prompts for 30 days.", days=60)]
    figures = score(claims, LABELS, {"a.md": TEXT}.__getitem__).figures["retention"]
    assert (figures.precision, figures.place_precision, figures.recall) == (0.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("quote", "is_right"), [("prompts for 30 days. We do not", True), ("days. We do not train", False)]
)
def test_half_of_the_shorter_quote_has_to_be_common(quote: str, *, is_right: bool) -> None:
    claims = [row("retention", "period", quote, days=30)]
    assert score(claims, LABELS, {"a.md": TEXT}.__getitem__).figures["all"].precision == float(is_right)


def test_a_page_without_a_statement_scores_one_until_something_is_read_in_it() -> None:
    labels = [{"doc": "a.md", "topic": "none"}]
    assert score([], labels, {"a.md": TEXT}.__getitem__).figures["all"].doc_f1 == 1.0
    assert score(LABELS[:1], labels, {"a.md": TEXT}.__getitem__).figures["all"].doc_f1 == 0.0


def test_what_cannot_be_scored_is_counted() -> None:
    claims = [row("training", "no", "Nobody says this."), {**LABELS[0], "doc": "b.md"}]
    scores = score(claims, LABELS, {"a.md": TEXT}.__getitem__)
    assert (scores.documents, scores.unquoted, scores.ignored) == (1, 1, 1)
