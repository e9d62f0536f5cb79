"""What pages say, followed over whole refreshes: what still stands, what cannot be had, what really changed."""

import shutil
from pathlib import Path

import pytest
from scripted_site import Answer, Site, page
from terms_lab import (
    DAY,
    FIRST,
    KEPT_30,
    KEPT_30_REWORDED,
    KEPT_90,
    NOT_TRAINED,
    TermsLab,
    html,
    kept,
)

from pipeline.refresh import build

PAGE, SOURCE = "/terms", "acme--data-usage-docs"
CLAIMS = "SELECT verification, value_text, observed_at, ended_at FROM claims WHERE url IS NOT NULL ORDER BY ALL"
CHANGES = "SELECT change_kind, old_value, new_value, old_quote, new_quote, not_before_at, changed_at FROM changes"
AROUND = [f"Sentence {number} tells of the service and of those who run it." for number in range(12)]
SIGNIFICANCES = "SELECT significance FROM observations WHERE source_id = ? ORDER BY observed_at"


@pytest.fixture
def lab(tmp_path: Path, site: Site) -> TermsLab:
    """A lab whose gateway lists Acme, with one page of its own terms."""
    made = TermsLab(tmp_path / "data", site)
    made.list_providers(acme=kept(30))
    made.provider("acme", made.a_page(PAGE))
    return made


def _state(lab: TermsLab, source_id: str = SOURCE) -> str:
    ((state,),) = lab.table("SELECT state FROM sources WHERE source_id = ?", source_id)
    return str(state)


CHALLENGE = page(
    b"<!doctype html><html><head><title>Just a moment...</title></head><body><p>Checking</p></body></html>",
    Content_Type="text/html",
)
FAILURES: list[tuple[str, Answer]] = [
    ("challenge", CHALLENGE),
    ("not_found", page(b"gone", "404 Not Found")),
    ("server_error", page(b"", "500 Internal Server Error")),
    ("empty", page(b"", Content_Type="text/html")),
]


@pytest.mark.parametrize(("outcome", "failure"), FAILURES, ids=[outcome for outcome, _ in FAILURES])
def test_what_a_page_said_cannot_be_verified_while_it_is_not_had_and_stands_again_when_it_comes_back(
    lab: TermsLab, outcome: str, failure: Answer
) -> None:
    lab.site.serve(PAGE, html(KEPT_90))
    lab.refresh()
    lab.site.serve(PAGE, failure)
    looks = lab.refresh(days=2).looks
    assert outcome == looks[SOURCE].outcome
    assert [("unverifiable", "90 days", FIRST, None)] == lab.table(CLAIMS)
    assert [(90, 3, FIRST)] == lab.table(
        "SELECT provider_retention_days, evidence_count, last_verified_at FROM policies WHERE offering_id = 'acme'"
    )
    lab.site.serve(PAGE, html(KEPT_90))
    lab.refresh(days=3)
    assert [("supported", "90 days", FIRST + 3 * DAY, None)] == lab.table(CLAIMS)
    assert ([], "ok") == (lab.table(CHANGES), _state(lab))


def test_a_period_that_grew_is_one_change_with_both_quotes_and_both_days(lab: TermsLab) -> None:
    lab.site.serve(PAGE, html(KEPT_30, NOT_TRAINED), html(KEPT_90, NOT_TRAINED))
    lab.refresh()
    lab.refresh(days=1)
    assert [("claim_changed", "30 days", "90 days", KEPT_30, KEPT_90, FIRST, FIRST + DAY)] == lab.table(CHANGES)
    ((offering, topic, cause, source, url_count),) = lab.table(
        "SELECT offering_id, topic, cause, source_id, count(*) OVER () FROM changes"
    )
    assert ("acme", "retention", "source_change", SOURCE, 1) == (offering, topic, cause, source, url_count)
    assert [
        ("changed", "30 days", FIRST, FIRST + DAY),
        ("changed", "90 days", FIRST + DAY, None),
        ("supported", "no", FIRST + DAY, None),
    ] == lab.table(CLAIMS)
    assert [(None,), ("substantive",)] == lab.table(SIGNIFICANCES, SOURCE)


def test_a_sentence_in_other_words_is_no_change(lab: TermsLab) -> None:
    lab.site.serve(PAGE, html(KEPT_30), html(KEPT_30_REWORDED))
    lab.refresh()
    lab.refresh(days=1)
    assert ([], [("reworded", "30 days", FIRST + DAY, None)]) == (lab.table(CHANGES), lab.table(CLAIMS))
    assert [(KEPT_30_REWORDED, FIRST)] == lab.table("SELECT quote, first_observed_at FROM claims WHERE url IS NOT NULL")
    assert [(None,), ("textual",)] == lab.table(SIGNIFICANCES, SOURCE)


@pytest.mark.parametrize(
    ("edited", "significance"),
    [
        (html(KEPT_30, link="/more?session=7"), "cosmetic"),
        (html(KEPT_30, note="The service is open on weekdays and on weekends alike."), "textual"),
    ],
    ids=["a link", "other words"],
)
def test_an_edit_that_no_statement_rests_on_is_counted_and_no_change(
    lab: TermsLab, edited: Answer, significance: str
) -> None:
    lab.site.serve(PAGE, html(KEPT_30), edited)
    lab.refresh()
    lab.refresh(days=1)
    assert [(None,), (significance,)] == lab.table(SIGNIFICANCES, SOURCE)
    assert ([], [("supported", "30 days", FIRST + DAY, None)]) == (lab.table(CHANGES), lab.table(CLAIMS))


def test_a_sentence_that_went_and_one_that_came_are_changes(lab: TermsLab) -> None:
    lab.site.serve(PAGE, html(KEPT_30), html(NOT_TRAINED))
    lab.refresh()
    lab.refresh(days=1)
    assert [
        ("claim_appeared", None, "no", None, NOT_TRAINED, FIRST, FIRST + DAY),
        ("claim_removed", "30 days", None, KEPT_30, None, FIRST, FIRST + DAY),
    ] == lab.table(f"{CHANGES} ORDER BY change_kind")
    assert ("removed", "30 days", FIRST, FIRST + DAY) in lab.table(CLAIMS)


def test_a_document_of_which_one_part_failed_removes_nothing_until_every_part_came(lab: TermsLab) -> None:
    lab.provider("acme", lab.a_page("/one", parts=[lab.site.url("/two")]))
    lab.site.serve("/one", html(KEPT_30), html("Nothing of it is said here."))
    lab.site.serve("/two", html(NOT_TRAINED), page(status="404 Not Found"), html(NOT_TRAINED, KEPT_30))
    lab.refresh()
    assert [(SOURCE,), (f"{SOURCE}-2",)] == lab.table(
        "SELECT source_id FROM sources WHERE gateway_id IS NULL ORDER BY ALL"
    )
    lab.refresh(days=1)
    assert [("unverifiable", "30 days", FIRST, None), ("unverifiable", "no", FIRST, None)] == lab.table(CLAIMS)
    lab.refresh(days=2)  # the sentence had moved to the other part
    assert [("supported", "30 days", FIRST + 2 * DAY, None), ("supported", "no", FIRST + 2 * DAY, None)] == lab.table(
        CLAIMS
    )
    assert [] == lab.table(CHANGES)


def test_a_sentence_that_is_on_no_part_of_a_document_is_removed_once_every_part_came(lab: TermsLab) -> None:
    lab.provider("acme", lab.a_page("/one", parts=[lab.site.url("/two")]))
    lab.site.serve("/one", html(KEPT_30), html("Nothing of it is said here."))
    lab.site.serve("/two", html(NOT_TRAINED), page(status="404 Not Found"), html(NOT_TRAINED))
    for days in range(3):
        lab.refresh(days)
    assert [("claim_removed", "30 days", FIRST, FIRST + 2 * DAY)] == lab.table(
        "SELECT change_kind, old_value, not_before_at, changed_at FROM changes"
    )


def test_a_removal_is_published_once_every_part_was_seen_though_nothing_else_changed(lab: TermsLab) -> None:
    lab.provider("acme", lab.a_page("/one", parts=[lab.site.url("/two")], check_every_hours=20))
    lab.site.serve("/one", html(KEPT_30), page(status="404 Not Found"), html("Nothing of it is said here."))
    lab.site.serve("/two", html(NOT_TRAINED))
    lab.refresh()
    lab.refresh(days=1)  # the first part fails, the second is confirmed
    lab.refresh(days=1.2)  # only the first is asked, and has changed: the sentence may have moved to the second
    assert [("unverifiable", "30 days")] == [row[:2] for row in lab.table(CLAIMS) if row[1] == "30 days"]
    lab.refresh(days=2)  # both are as they were
    assert [("removed", "30 days")] == [row[:2] for row in lab.table(CLAIMS) if row[1] == "30 days"]
    assert [("claim_removed",)] == lab.table("SELECT change_kind FROM changes")


def test_a_page_that_flaps_between_two_editions_makes_a_state_and_no_changes(lab: TermsLab) -> None:
    one, two = (
        html(KEPT_30),
        html(KEPT_90, note=" ".join(f"Number {number} is another sentence." for number in range(9))),
    )
    lab.site.serve(PAGE, one, two, one, two)
    for days in range(4):
        lab.refresh(days)
    assert "flapping" == _state(lab)
    before = lab.table(CHANGES)
    lab.site.serve(PAGE, one, two)
    for days in range(4, 6):
        lab.refresh(days)
    assert ("flapping", before) == (_state(lab), lab.table(CHANGES))
    assert {"unverifiable"} == {row[0] for row in lab.table(CLAIMS) if row[3] is None}


def test_a_page_that_flaps_in_one_sentence_makes_a_state_and_no_storm_of_changes(lab: TermsLab) -> None:
    one, two = html(KEPT_30, *AROUND), html(KEPT_90, *AROUND)
    for days in range(9):
        lab.site.serve(PAGE, (one, two)[days % 2])
        lab.refresh(days)
    assert "flapping" == _state(lab)
    assert [("30 days", "90 days"), ("90 days", "30 days")] == [row[1:3] for row in lab.table(CHANGES)]
    held = [row[:3] for row in lab.table(CLAIMS) if row[3] is None]
    assert [("unverifiable", "30 days", FIRST + 2 * DAY)] == held
    shutil.rmtree(lab.folder / "catalog")
    build(lab.work())
    assert held == [row[:3] for row in lab.table(CLAIMS) if row[3] is None]
    for days in range(9, 12):  # three looks in a row
        lab.site.serve(PAGE, two)
        lab.refresh(days)
    assert "ok" == _state(lab)
    assert ["90 days"] == [row[1] for row in lab.table(CLAIMS) if row[3] is None]


def test_a_page_that_says_the_same_in_ever_other_words_does_not_flap(lab: TermsLab) -> None:
    for days in range(6):
        sentence = (KEPT_30, KEPT_30_REWORDED)[days % 2]
        lab.site.serve(PAGE, html(sentence, *AROUND))
        lab.refresh(days)
    assert "ok" == _state(lab)
    assert [] == lab.table(CHANGES)


def test_an_unchanged_page_makes_no_new_build(lab: TermsLab) -> None:
    lab.site.serve(PAGE, html(KEPT_30))
    assert [True, False, False] == [lab.refresh(days).is_new_build for days in range(3)]


def test_the_same_captures_give_the_same_bytes_wherever_they_are_built(lab: TermsLab) -> None:
    lab.site.serve(PAGE, html(KEPT_30), html(KEPT_90), page(status="404 Not Found"))
    for days in range(3):
        lab.refresh(days)
    current = lab.folder / "catalog" / "current"
    first = {path.name: path.read_bytes() for path in current.glob("*/*") if path.suffix in {".csv", ".parquet"}}
    current.unlink()
    lab.main("build", "--no-recorded")
    assert first == {
        path.name: path.read_bytes() for path in current.glob("*/*") if path.suffix in {".csv", ".parquet"}
    }
