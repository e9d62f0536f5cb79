"""The histories of real terms pages, replayed as captures: what changed, and that nothing else is said to have."""

import csv
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from pipeline.catalog.flapping import settle
from pipeline.catalog.page_states import name_states
from pipeline.catalog.statement_pairs import fold_words
from pipeline.catalog.statements import PageLook, TermsChange, TermsHistory, follow_terms
from pipeline.declarations import Source
from pipeline.errors import ParseError
from pipeline.model import (
    ChangeKind,
    Format,
    Moment,
    Observation,
    Outcome,
    Reading,
    Significance,
    Statement,
    TermsType,
    Topic,
    Training,
    Verification,
)
from pipeline.reading import read_terms

CLAUDE = "terms/anthropic/history/claude-ai--privacy-policy.contrib"
CHATGPT = "terms/openai/history/chatgpt--business-privacy-policy.contrib"
FIREWORKS_PRIVACY = "terms/fireworks/history/fireworks-ai--privacy-policy.contrib"
FIREWORKS_TERMS = "terms/fireworks/history/fireworks-ai--terms-of-service.contrib"
DEEPSEEK = "terms/deepseek/history/deepseek--privacy-policy.contrib"
OPENROUTER = "terms/openrouter/history/openrouter--terms-of-service.contrib"
SERIES = (CLAUDE, CHATGPT, FIREWORKS_PRIVACY, FIREWORKS_TERMS, DEEPSEEK, OPENROUTER)

PAGE = Source(
    id="page",
    provider_ids=("acme",),
    terms_id="page",
    title="A page",
    terms_type=TermsType.PRIVACY_POLICY,
    format=Format.DOCUMENT,
    url="https://acme.test/terms",
    content_types=("text/markdown",),
    rank=1,
    stale_after_days=7,
)


@cache
def read(path: Path) -> Reading:
    return read_terms(path.read_bytes(), PAGE, "text/markdown")


def moment(path: Path) -> Moment:
    return Moment.instant(datetime.fromisoformat(path.name.split("_")[1]).replace(tzinfo=UTC))


def look(path: Path) -> PageLook:
    reading = read(path)
    return PageLook(
        source_id=path.parent.name,
        terms_id=path.parent.name,
        moment=moment(path),
        capture_id=path.name,
        is_good=True,
        statements=reading.statements,
        text_key=reading.text_key,
    )


def observe(path: Path) -> Observation:
    return Observation(
        source_id=path.parent.name, moment=moment(path), outcome=Outcome.OK, origin="import", capture_id=path.name
    )


def captures(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.md"))
    assert len(found) >= 2, folder
    return found


@cache
def replay(folder: Path) -> TermsHistory:
    return follow_terms(look(path) for path in captures(folder))


def changes(history: TermsHistory, capture: str) -> list[TermsChange]:
    return [change for change in history.changes if change.new_capture_id == capture]


def significance(history: TermsHistory, capture: str) -> Significance | None:
    (found,) = [version.significance for version in history.versions if version.capture_id == capture]
    return found


@pytest.fixture(scope="module")
def known(shared: Path) -> Callable[[str], dict[str, str]]:
    """The row of the known changes that is of a kind, by how the kind begins."""
    with (shared / "data/changes/known_changes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    def find(kind: str) -> dict[str, str]:
        (found,) = [row for row in rows if row["kind"].startswith(kind)]
        return found

    return find


def pair(shared: Path, row: dict[str, str]) -> tuple[TermsHistory, str]:
    """Return what the two captures of a known change tell, and the name of the second one."""
    before, after = shared / "data" / row["file_before"], shared / "data" / row["file_after"]
    return follow_terms([look(before), look(after)]), after.name


def quotes(words: str, statement: Statement | None) -> bool:
    return statement is not None and fold_words(words) in fold_words(statement.quote)


def test_a_policy_that_turns_from_no_to_yes_unless_is_a_changed_claim(
    shared: Path, known: Callable[[str], dict[str, str]]
) -> None:
    row = known("flip")
    history, capture = pair(shared, row)
    (flip,) = [one for one in changes(history, capture) if quotes(row["quote_after"], one.new)]
    assert ChangeKind.CLAIM_CHANGED is flip.kind
    assert quotes(row["quote_before"], flip.old)
    assert flip.new is not None
    assert flip.old is not None
    assert (Training.OPT_IN, Training.OPT_OUT) == (flip.old.value, flip.new.value)
    assert Significance.SUBSTANTIVE is significance(history, capture)


def test_a_policy_in_other_words_is_a_rewording_and_no_change(
    shared: Path, known: Callable[[str], dict[str, str]]
) -> None:
    row = known("rewording")
    history, _ = pair(shared, row)
    (claim,) = [one for one in history.claims if quotes(row["quote_after"], one.statement)]
    assert Verification.REWORDED is claim.state
    assert [True, False] == [quotes(row["quote_before"], one.statement) for one in claim.wordings]
    assert [] == [one for one in history.changes if quotes(row["quote_after"], one.new)]


def test_a_wider_qualifier_on_the_same_number_is_a_rewording(
    shared: Path, known: Callable[[str], dict[str, str]]
) -> None:
    row = known("qualifier widened")
    history, capture = pair(shared, row)
    assert [] == [one for one in history.changes if quotes(row["quote_after"], one.new) and _is_default(one)]
    claims = [one for one in history.claims if quotes(row["quote_after"], one.statement)]
    assert Verification.REWORDED in {one.state for one in claims}
    assert significance(history, capture) in {Significance.TEXTUAL, Significance.SUBSTANTIVE}


def _is_default(change: TermsChange) -> bool:
    return any(side is not None and side.condition.value == "default" for side in (change.old, change.new))


def test_a_product_with_another_name_changes_no_claim(shared: Path, known: Callable[[str], dict[str, str]]) -> None:
    history, capture = pair(shared, known("product renamed"))
    assert () == history.changes
    assert Significance.TEXTUAL is significance(history, capture)
    assert {Verification.SUPPORTED, Verification.REWORDED} == {claim.state for claim in history.claims}


def test_one_space_before_a_full_stop_is_no_change(shared: Path, known: Callable[[str], dict[str, str]]) -> None:
    row = known("one space")
    history, capture = pair(shared, row)
    assert () == history.changes
    # The same pair differs elsewhere too, in words; with that space alone it is cosmetic.
    assert Significance.TEXTUAL is significance(history, capture)
    before = shared / "data" / row["file_before"]
    body = before.read_text(encoding="utf-8")
    assert row["quote_before"] in body
    mended = read_terms(body.replace(row["quote_before"], row["quote_after"]).encode(), PAGE, "text/markdown")
    later = replace(look(before), capture_id="mended", statements=mended.statements, text_key=mended.text_key)
    assert Significance.COSMETIC is significance(follow_terms([look(before), later]), "mended")


def test_a_claim_that_is_added_appears(shared: Path, known: Callable[[str], dict[str, str]]) -> None:
    row = known("claim added")
    history, capture = pair(shared, row)
    (added,) = [one for one in changes(history, capture) if quotes(row["quote_after"], one.new)]
    assert (ChangeKind.CLAIM_APPEARED, None) == (added.kind, added.old)
    assert added.new is not None
    assert Training.OPT_IN is added.new.value


def test_a_licence_to_log_that_goes_is_no_retention_claim_that_goes(
    shared: Path, known: Callable[[str], dict[str, str]]
) -> None:
    row = known("licence to log removed")
    history, _ = pair(shared, row)
    assert [] == [one for one in history.changes if quotes(row["quote_before"], one.old)]
    assert [] == [one for one in history.changes if one.old is not None and one.old.topic is Topic.RETENTION]


@pytest.mark.parametrize("series", SERIES)
def test_every_change_quotes_its_captures_word_for_word(shared: Path, series: str) -> None:
    folder = shared / "data" / series
    for change in replay(folder).changes:
        for capture, statement in ((change.old_capture_id, change.old), (change.new_capture_id, change.new)):
            if statement is not None:
                assert capture is not None
                text = " ".join((folder / capture).read_text(encoding="utf-8").split())
                assert statement.quote in text


@pytest.mark.parametrize("series", SERIES)
def test_a_version_of_the_same_words_is_cosmetic_and_changes_nothing(shared: Path, series: str) -> None:
    folder = shared / "data" / series
    history, names = replay(folder), [path.name for path in captures(folder)]
    for before, after in itertools.pairwise(names):
        if read(folder / before).text_key == read(folder / after).text_key:
            assert Significance.COSMETIC is significance(history, after)
            assert [] == changes(history, after)


def test_most_versions_of_a_long_history_change_nothing(shared: Path) -> None:
    counts = {
        series: Counter(version.significance for version in replay(shared / "data" / series).versions)
        for series in SERIES
    }
    assert 14 == counts[CLAUDE][Significance.COSMETIC]
    assert 10 == counts[CHATGPT][Significance.COSMETIC]
    assert counts[CLAUDE][Significance.SUBSTANTIVE] <= 4
    assert counts[CHATGPT][Significance.SUBSTANTIVE] <= 2
    assert all(count[None] == 1 for count in counts.values())


def test_a_page_that_shows_two_editions_in_turn_flaps(shared: Path) -> None:
    folder = shared / "data" / FIREWORKS_TERMS
    paths = captures(folder)
    states = name_states([(path.name, read(path).sketch) for path in paths])
    assert 2 == len(set(states.values()))
    observations = [observe(path) for path in paths]
    settled, since = settle(observations, states)
    assert since is not None
    assert len(settled) < len(observations)
    counted = {one.capture_id for one in settled}
    history = follow_terms(replace(look(path), is_flapping=path.name not in counted) for path in paths)
    assert len(history.versions) <= len(settled)
    assert () == history.changes


@pytest.mark.parametrize("series", [CLAUDE, CHATGPT, FIREWORKS_PRIVACY, DEEPSEEK, OPENROUTER])
def test_a_page_that_is_edited_time_and_again_does_not_flap(shared: Path, series: str) -> None:
    paths = captures(shared / "data" / series)
    states = name_states([(path.name, read(path).sketch) for path in paths])
    observations = [observe(path) for path in paths]
    settled, since = settle(observations, states)
    assert (len(paths), None) == (len(settled), since)


def test_what_came_of_failed_fetches_makes_no_claim_and_removes_none(shared: Path) -> None:
    failures = sorted((shared / "data/fetch_failures").glob("*.md"))
    assert len(failures) >= 7
    before = look(captures(shared / "data" / CLAUDE)[0])
    for failure in failures:
        with pytest.raises(ParseError):
            read(failure)
        later = Moment.instant(datetime(2026, 11, 1, tzinfo=UTC))
        failed = replace(before, moment=later, capture_id=None, is_good=False, statements=())
        history = follow_terms([before, failed])
        assert () == history.changes
        assert len(before.statements) == sum(claim.is_standing for claim in history.claims)
        assert {before.moment} == {claim.last_seen for claim in history.claims}
