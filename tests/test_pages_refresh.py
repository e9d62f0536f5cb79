"""Terms pages in whole refreshes: what is asked and how often, what is shared, what is linked, what is believed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from scripted_site import Answer, Request, Site, page
from terms_lab import (
    DAY,
    FIRST,
    INTRODUCTION,
    KEPT_30,
    KEPT_90,
    NEVER_KEPT,
    NOT_TRAINED,
    TRAINED,
    TermsLab,
    html,
    kept,
    markdown,
    pdf,
)

from pipeline.cli import DEGRADED
from pipeline.model import Moment, Observation, Outcome
from pipeline.refresh import add_capture

PAGE = "/terms"
VALUES = "SELECT topic, value_text FROM claims WHERE source_id = ? ORDER BY topic"


@pytest.fixture
def lab(tmp_path: Path, site: Site) -> TermsLab:
    return TermsLab(tmp_path / "data", site)


def _state(lab: TermsLab, source_id: str) -> str:
    ((state,),) = lab.table("SELECT state FROM sources WHERE source_id = ?", source_id)
    return str(state)


def _conditional(answer: Answer) -> Answer:
    """Return the same answer with a validator."""
    return Answer(pieces=(answer.pieces[0].replace(b"\r\n", b'\r\nETag: "one"\r\n', 1),))


@pytest.mark.parametrize("make", [html, markdown, pdf])
def test_a_page_is_fetched_in_the_first_refresh_and_what_it_says_is_published(
    lab: TermsLab, make: Callable[..., Answer]
) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page(PAGE))
    answer = make(KEPT_90, NOT_TRAINED)
    lab.site.serve(PAGE, answer)
    lab.refresh()
    claims = lab.rows("SELECT * FROM claims WHERE source_id = 'acme--data-usage-docs' ORDER BY topic")
    assert [("retention", "90 days", KEPT_90), ("training", "no", NOT_TRAINED)] == [
        (one["topic"], one["value_text"], one["quote"]) for one in claims
    ]
    assert {("acme", lab.site.url(PAGE), "supported", "certain", FIRST, None)} == {
        (one["offering_id"], one["url"], one["verification"], one["grade"], one["observed_at"], one["ended_at"])
        for one in claims
    }
    capture = lab.work().archive.read_capture(str(claims[0]["capture_id"]))
    assert answer.pieces[0].endswith(capture)


def test_a_page_that_two_providers_name_is_fetched_once_and_speaks_for_both(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30), bolt=kept(30))
    lab.provider("acme", lab.a_page(PAGE))
    lab.provider("bolt", lab.a_page(PAGE))
    lab.site.serve(PAGE, html(KEPT_90))
    lab.refresh()
    assert 1 == len(lab.site.seen(PAGE))
    assert [("acme--data-usage-docs", ["acme", "bolt"])] == lab.table(
        "SELECT source_id, provider_ids FROM sources WHERE gateway_id IS NULL"
    )
    assert [("acme", "90 days"), ("bolt", "90 days")] == lab.table(
        "SELECT offering_id, value_text FROM claims WHERE url IS NOT NULL ORDER BY offering_id"
    )
    ids = lab.table("SELECT DISTINCT claim_id FROM claims WHERE url IS NOT NULL")
    assert 2 == len(ids)


def test_one_page_of_which_two_providers_select_other_parts_is_fetched_once_and_each_reads_its_own(
    lab: TermsLab,
) -> None:
    lab.list_providers(acme=kept(30), bolt=kept(30))
    lab.provider("acme", lab.a_page(PAGE, select=["#first"]))
    lab.provider("bolt", lab.a_page(PAGE, select=["#second"]))
    parts = ((name, f"{INTRODUCTION} {kept}") for name, kept in (("first", KEPT_30), ("second", KEPT_90)))
    body = "".join(f'<div id="{name}"><p>{text}</p></div>' for name, text in parts)
    lab.site.serve(PAGE, page(f"<html><body>{body}</body></html>".encode(), Content_Type="text/html"))
    lab.refresh()
    assert 1 == len(lab.site.seen(PAGE))
    assert [("acme", "30 days"), ("bolt", "90 days")] == lab.table(
        "SELECT offering_id, value_text FROM claims WHERE url IS NOT NULL ORDER BY offering_id"
    )


def test_what_one_declaration_allows_of_redirects_is_not_allowed_to_another_of_the_same_page(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30), bolt=kept(30))
    lab.provider("acme", lab.a_page(PAGE))
    lab.provider("bolt", lab.a_page(PAGE, redirect_hosts=["terms.test"]))
    new = lab.site.serve("/new-terms", html(KEPT_90)).replace("127.0.0.1", "localhost")
    lab.site.serve(PAGE, page(status="301 Moved Permanently", Location=new))
    lab.refresh()
    assert ["ok", "failing"] == [_state(lab, f"{one}--data-usage-docs") for one in ("acme", "bolt")]


def test_a_page_that_is_a_part_of_anothers_document_brings_nothing_of_its_other_parts(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30), bolt=kept(30))
    lab.provider("acme", lab.a_page(PAGE, parts=[lab.site.url("/part")]))
    lab.provider("bolt", lab.a_page("/part"))
    lab.site.serve(PAGE, html(NEVER_KEPT))
    lab.site.serve("/part", html(NOT_TRAINED))
    lab.refresh()
    assert 1 == len(lab.site.seen("/part"))
    assert [("acme", "no"), ("acme", "none"), ("bolt", "no")] == lab.table(
        "SELECT offering_id, value_text FROM claims WHERE url IS NOT NULL ORDER BY ALL"
    )


def test_two_sections_of_one_page_are_asked_for_once_and_each_reads_its_own(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30), bolt=kept(30))
    lab.provider("acme", lab.a_page(f"{PAGE}#first"))
    lab.provider("bolt", lab.a_page(f"{PAGE}#second"))
    lab.site.serve(PAGE, html(("First", KEPT_30), ("Second", KEPT_90)))
    lab.refresh()
    assert 1 == len(lab.site.seen(PAGE))
    assert [("acme", "30 days"), ("bolt", "90 days")] == lab.table(
        "SELECT offering_id, value_text FROM claims WHERE url IS NOT NULL ORDER BY offering_id"
    )
    captures = lab.table("SELECT DISTINCT capture_id, answer_url FROM sources WHERE gateway_id IS NULL")
    assert [lab.site.url(PAGE)] == [url for _, url in captures]


def test_two_sections_of_an_unchanged_page_are_confirmed_by_one_conditional_request(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30), bolt=kept(30))
    lab.provider("acme", lab.a_page(f"{PAGE}#first"))
    lab.provider("bolt", lab.a_page(f"{PAGE}#second"))
    first = _conditional(html(("First", KEPT_30), ("Second", KEPT_90)))
    lab.site.serve(PAGE, first, page(status="304 Not Modified", ETag='"one"'))
    lab.refresh()
    outcomes = lab.refresh(days=1)
    assert [None, '"one"'] == [headers.get("if-none-match") for headers in lab.site.seen(PAGE)]
    assert ["not_modified"] * 2 == [str(outcomes.looks[f"{one}--data-usage-docs"].outcome) for one in ("acme", "bolt")]
    assert not outcomes.is_new_build


def test_a_page_that_moved_is_followed_and_where_it_is_now_is_told(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page(PAGE))
    new = lab.site.serve("/new-terms", html(KEPT_90))
    lab.site.serve(PAGE, page(status="301 Moved Permanently", Location="/new-terms"))
    lab.refresh()
    assert [(lab.site.url(PAGE), new, "ok")] == lab.table(
        "SELECT url, answer_url, state FROM sources WHERE source_id = 'acme--data-usage-docs'"
    )
    assert [("retention", "90 days")] == lab.table(VALUES, "acme--data-usage-docs")


def test_pages_that_the_feed_links_for_a_provider_without_a_file_are_read_in_the_same_run(lab: TermsLab) -> None:
    links = {"termsOfServiceURL": lab.site.url("/tos"), "privacyPolicyURL": lab.site.url("/privacy")}
    lab.list_providers(newcomer=kept(30, links=links))
    lab.site.serve("/tos", html(KEPT_90))
    lab.site.serve("/privacy", html(TRAINED))
    outcomes = lab.refresh()
    assert {"feed", "newcomer--privacy-policy", "newcomer--terms-of-service"} == set(outcomes.looks)
    assert [("newcomer", "retention", "90 days"), ("newcomer", "training", "may")] == lab.table(
        "SELECT offering_id, topic, value_text FROM claims WHERE url IS NOT NULL ORDER BY topic"
    )
    assert [(["newcomer"], "ok")] * 2 == lab.table("SELECT provider_ids, state FROM sources WHERE gateway_id IS NULL")


def test_a_provider_with_a_file_is_not_read_from_links_of_the_feed(lab: TermsLab) -> None:
    lab.provider("acme", lab.a_page(PAGE))
    lab.site.serve(PAGE, html(KEPT_90))
    links = {"privacyPolicyURL": lab.site.serve("/linked", html(NEVER_KEPT))}
    lab.list_providers(acme=kept(30, links=links))
    lab.refresh()
    assert ([], 1) == (lab.site.seen("/linked"), len(lab.site.seen(PAGE)))


def test_a_link_that_cannot_be_a_source_is_told_and_the_rest_is_read(lab: TermsLab) -> None:
    links = {"termsOfServiceURL": lab.site.url("/tos?token=1"), "privacyPolicyURL": lab.site.url("/privacy")}
    lab.list_providers(newcomer=kept(30, links=links))
    lab.site.serve("/privacy", html(TRAINED))
    outcomes = lab.refresh()
    assert {"feed", "newcomer--privacy-policy"} == set(outcomes.looks)
    (told,) = outcomes.problems
    assert told.startswith("newcomer: terms_of_service link is not read: parameter 'token' looks like a secret")


def test_a_fresh_page_is_not_asked_again_unless_that_is_forced(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page(PAGE, check_every_hours=48))
    lab.site.serve(PAGE, html(KEPT_90))
    asked = []
    for days, force in ((0, False), (1, False), (1, True), (2.5, False), (3, False), (3.1, False)):
        lab.refresh(days, force=force)
        asked.append(len(lab.site.seen(PAGE)))
    assert [1, 1, 2, 2, 3, 3] == asked


def test_a_page_that_failed_is_asked_at_the_next_run(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page(PAGE))
    lab.site.serve(PAGE, page(status="404 Not Found"), html(KEPT_90))
    lab.refresh()
    assert ("failing", []) == (_state(lab, "acme--data-usage-docs"), lab.table(VALUES, "acme--data-usage-docs"))
    lab.refresh(days=0.01)
    assert "ok" == _state(lab, "acme--data-usage-docs")


@pytest.mark.parametrize("force", [False, True], ids=["due", "forced"])
def test_a_page_is_not_asked_after_the_day_until_which_it_is_valid_and_what_it_said_is_kept(
    lab: TermsLab, *, force: bool
) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page(PAGE, valid_until=(FIRST + DAY).date()))
    lab.site.serve(PAGE, html(KEPT_90))
    for days in (0, 1, 2):
        lab.refresh(days, force=force)
    assert 2 == len(lab.site.seen(PAGE))
    assert [("retention", "90 days")] == lab.table(VALUES, "acme--data-usage-docs")


def test_a_page_that_was_never_seen_and_is_valid_no_more_is_not_asked(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page(PAGE, valid_until=(FIRST - DAY).date()))
    lab.refresh()
    assert ([], "never_seen") == (lab.site.seen(PAGE), _state(lab, "acme--data-usage-docs"))


def test_a_page_whose_selector_does_not_match_is_unreadable_and_the_last_good_one_stays(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page(PAGE, select=["main"]))
    bare = Answer(pieces=tuple(one.replace(b"main>", b"span>") for one in html(NEVER_KEPT).pieces))
    lab.site.serve(PAGE, html(KEPT_90), bare)
    lab.refresh()
    lab.refresh(days=1)
    ((state, detail, good),) = lab.table(
        "SELECT state, detail, last_good_at FROM sources WHERE source_id = 'acme--data-usage-docs'"
    )
    assert ("unreadable", FIRST) == (state, good)
    assert "main" in detail
    assert [("unverifiable", "90 days", FIRST)] == lab.table(
        "SELECT verification, value_text, observed_at FROM claims WHERE url IS NOT NULL"
    )
    assert [] == lab.table("SELECT * FROM changes")


def test_what_is_selected_and_removed_decides_what_is_read(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page(PAGE, select=["main"], remove=["#second + p + p"]))
    lab.site.serve(PAGE, html(("First", KEPT_30), ("Second", KEPT_90)))
    lab.refresh()
    assert [("retention", "30 days")] == lab.table(VALUES, "acme--data-usage-docs")


def test_a_page_is_asked_under_the_rules_of_its_site(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page(PAGE))
    lab.site.serve("/robots.txt", page(b"User-agent: *\nDisallow: /terms\n", Content_Type="text/plain"))
    lab.site.serve(PAGE, html(KEPT_90))
    lab.refresh()
    assert ([], "failing") == (lab.site.seen(PAGE), _state(lab, "acme--data-usage-docs"))


def test_a_page_with_hardly_a_word_is_not_read(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page(PAGE))
    lab.site.serve(PAGE, page(f"<html><body><p>{KEPT_90}</p></body></html>".encode(), Content_Type="text/html"))
    lab.refresh()
    ((state, detail),) = lab.table("SELECT state, detail FROM sources WHERE source_id = 'acme--data-usage-docs'")
    assert ("unreadable", "expected at least 200 letters of text") == (state, detail.partition(",")[0])


def test_a_request_for_a_page_names_what_a_page_may_be(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page(PAGE))
    asked: list[Request] = []

    def answer(request: Request) -> Answer:
        asked.append(request)
        return html(KEPT_90)

    lab.site.serve(PAGE, answer)
    lab.refresh()
    (request,) = asked
    assert "text/html, application/xhtml+xml, text/markdown, text/plain, application/pdf" == request.headers["accept"]


def test_a_page_that_is_declared_before_another_of_its_kind_does_not_take_over_its_past(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page("/old"))
    lab.site.serve("/old", html(KEPT_30))
    lab.site.serve("/new", html(KEPT_90))
    lab.refresh()
    lab.provider("acme", lab.a_page("/new"), lab.a_page("/old"))
    lab.refresh(days=1)
    assert [("/new", "90 days", FIRST + DAY), ("/old", "30 days", FIRST + DAY)] == [
        (url.removeprefix(lab.site.url("")), value, since)
        for url, value, since in lab.table(
            "SELECT url, value_text, first_observed_at FROM claims WHERE url IS NOT NULL ORDER BY url"
        )
    ]
    assert [] == lab.table("SELECT * FROM changes")


def test_a_page_keeps_its_past_where_its_entry_names_its_former_address(lab: TermsLab) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page("/old"))
    lab.site.serve("/old", html(KEPT_30))
    lab.site.serve("/new", html(KEPT_90))
    lab.refresh()
    lab.provider("acme", lab.a_page("/new", former_urls=[lab.site.url("/old")]))
    lab.refresh(days=1)
    assert [("claim_changed", "30 days", "90 days")] == lab.table(
        "SELECT change_kind, old_value, new_value FROM changes"
    )


def test_a_link_that_moves_takes_its_page_along_and_what_only_the_old_one_said_stands_no_more(lab: TermsLab) -> None:
    for days, path in enumerate(("/old", "/new")):
        lab.list_providers(newcomer=kept(0, links={"termsOfServiceURL": lab.site.url(path)}))
        long = html(NEVER_KEPT, NOT_TRAINED, *(f"Sentence {number} of those on the service." for number in range(99)))
        lab.site.serve("/old", page(status="404 Not Found") if days else long)
        lab.site.serve("/new", html(NOT_TRAINED))
        lab.refresh(days)
    assert [("newcomer--terms-of-service", lab.site.url("/new"), [lab.site.url("/old")], "ok")] == lab.table(
        "SELECT source_id, url, former_urls, state FROM sources WHERE gateway_id IS NULL"
    )
    assert [("claim_removed", "none"), ("link_changed", lab.site.url("/old"))] == lab.table(
        "SELECT change_kind, old_value FROM changes ORDER BY change_kind"
    )
    assert [("unknown", "no", "none_stated")] == lab.table(
        "SELECT provider_retention_kind, provider_training, zdr_available FROM policies WHERE offering_id = 'newcomer'"
    )


def test_a_link_that_was_seen_before_the_others_does_not_take_over_their_past(lab: TermsLab) -> None:
    feeds = {}
    for path in ("/one", "/two"):
        lab.list_providers(newcomer=kept(30, links={"privacyPolicyURL": lab.site.url(path)}))
        feeds[path] = lab.feed
    lab.site.serve("/one", html(KEPT_30))
    lab.site.serve("/two", html(KEPT_90))
    lab.refresh()  # the second link is the first that is known
    seen = Observation(source_id="feed", moment=Moment.instant(FIRST - DAY), outcome=Outcome.OK, origin="import")
    add_capture(lab.work(), seen, feeds["/one"])
    lab.refresh(days=1)
    assert [("90 days",)] == lab.table("SELECT value_text FROM claims WHERE url IS NOT NULL")
    assert [] == lab.table("SELECT * FROM changes WHERE change_kind LIKE 'claim%'")


def test_a_page_entry_that_cannot_be_used_takes_no_statement_out_of_the_catalog(
    lab: TermsLab, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page(PAGE))
    lab.site.serve(PAGE, html(KEPT_90))
    lab.refresh()
    path = lab.folder / "providers" / "acme.toml"
    path.write_text(path.read_text().replace("http://", "ftp://"))
    assert 1 == lab.main("refresh")
    assert "nothing is published without providers/acme.toml: mend or remove it: " in capsys.readouterr().err
    assert [("retention", "90 days")] == lab.table(VALUES, "acme--data-usage-docs")


def test_a_page_entry_that_never_brought_anything_is_left_out_alone(
    lab: TermsLab, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.list_providers(acme=kept(30))
    lab.provider("acme", lab.a_page(PAGE).replace("http://", "ftp://"))
    assert 0 == lab.main("refresh")
    assert "declaration left out: providers/acme.toml: pages[0].url: " in capsys.readouterr().err


@pytest.mark.fault("N31")
@pytest.mark.parametrize(("required", "bad", "code"), [(False, 1, 0), (True, 1, DEGRADED), (False, 3, DEGRADED)])
def test_n31_strict_tells_of_a_page_that_is_required_and_of_trouble_that_is_not_one_pages(
    lab: TermsLab,
    capsys: pytest.CaptureFixture[str],
    required: bool,  # noqa: FBT001
    bad: int,
    code: int,
) -> None:
    paths = [f"/terms/{number}" for number in range(4)]
    pages = [lab.a_page(path, is_required=required) for path in paths]
    lab.list_providers(**{f"maker{number}": kept(30) for number in range(4)})
    for number, one in enumerate(pages):
        lab.provider(f"maker{number}", one)
        lab.site.serve(paths[number], html(KEPT_90) if number >= bad else page(status="404 Not Found"))
    assert code == lab.main("refresh", "--strict")
    told = capsys.readouterr().err
    assert ("maker0--data-usage-docs" in told) is required
    assert ("3 of 5 sources failed in this run" in told) is (bad == 3)
