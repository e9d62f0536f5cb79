"""claims, conflicts, explain, status --pages, validate --live and import of a page, over a small data folder."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted_site import Site, page
from terms_lab import KEPT_30, KEPT_90, NOT_TRAINED, TRAINED, TermsLab, html, kept

FREE = "Prompts that are sent on the free plan may be used to train our models."
OPTION = (
    "Customers of the API may request zero data retention; once it is approved, prompts and outputs are not stored."
)
ACME, BOLT = "acme--data-usage-docs", "bolt--data-usage-docs"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TermsLab]:
    """Acme, with a free tier, states another period than the gateway; Bolt's page is gone; a newcomer has no file."""
    with Site() as site:
        made = TermsLab(tmp_path_factory.mktemp("statements") / "data", site)
        made.list_providers(
            acme=kept(30) | {"freeModels": kept(None, training=True)},
            bolt=kept(30),
            newcomer=kept(None, training=None, links={"privacyPolicyURL": site.serve("/new", html(TRAINED))}),
        )
        made.provider("acme", made.a_page("/acme"))
        made.provider("bolt", made.a_page("/bolt"))
        site.serve("/acme", html(KEPT_30, NOT_TRAINED, FREE), html(KEPT_90, NOT_TRAINED, FREE, OPTION))
        site.serve("/bolt", html(KEPT_30), page(status="404 Not Found"))
        made.refresh()
        made.refresh(days=1)
        yield made


def _json(lab: TermsLab, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert 0 == lab.main(*arguments, "--format", "json")
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, list)
    return found


def _table(lab: TermsLab, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert 0 == lab.main(*arguments)
    said = capsys.readouterr()
    return " ".join((said.out + said.err).split())


def test_claims_shows_what_both_sides_state_with_words_day_and_link(
    lab: TermsLab, capsys: pytest.CaptureFixture[str]
) -> None:
    said = _table(lab, capsys, "claims", "acme", "--topic", "retention")
    assert f'acme retention: 90 days (default, api, prompts outputs, certain, changed) "{KEPT_90}"' in said
    assert f"{ACME}, seen 2026-11-02 10:00, block " in said
    assert lab.site.url("/acme") in said
    assert "acme retention: 30 days" in said  # the gateway's
    assert KEPT_30 not in said
    assert said.endswith("4 claims; --all shows those that ended")


def test_claims_as_rows_hold_every_column_and_whether_a_policy_rests_on_them(
    lab: TermsLab, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = _json(lab, capsys, "claims", "acme", "--all")
    said = {(row["quote"], row["offering"]): row for row in rows if row["url"]}
    assert {KEPT_30, KEPT_90, NOT_TRAINED, FREE, OPTION} == {quote for quote, _ in said}
    own = said[KEPT_90, "acme"]
    assert ("90 days", "api", "certain", "changed", True, True) == tuple(
        own[name] for name in ("value", "service", "grade", "verification", "is_current", "holds")
    )
    assert (False, False) == (said[KEPT_30, "acme"]["is_current"], said[KEPT_30, "acme"]["holds"])
    assert {row["holds"] for row in rows} == {True, False}
    assert 0 == lab.main("claims", "acme", "--all", "--format", "csv")
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["claim_id"] for row in rows] == [row["claim_id"] for row in table]
    assert len({row["claim_id"] for row in rows}) == len(rows)


def test_a_free_tier_shows_its_own_statements_of_the_gateway_and_all_of_its_provider(
    lab: TermsLab, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = _json(lab, capsys, "claims", "acme:free")
    assert {"acme:free"} == {row["offering"] for row in rows if not row["url"]}
    holding = {row["quote"] for row in rows if row["url"] and row["holds"]}
    assert {FREE, KEPT_90} == holding


def test_conflicts_shows_both_quotes_both_days_and_the_reason(
    lab: TermsLab, capsys: pytest.CaptureFixture[str]
) -> None:
    (row,) = _json(lab, capsys, "conflicts")
    assert ("acme", "retention", "days", "30 days", "90 days", KEPT_90) == tuple(
        row[name] for name in ("offering", "topic", "reason", "gateway", "other", "other_quote")
    )
    said = _table(lab, capsys, "conflicts")
    assert "acme retention: they differ in days" in said
    assert f'90 days "{KEPT_90}" {ACME}, seen 2026-11-02 10:00, {lab.site.url("/acme")}' in said
    assert "feed, seen 2026-11-02" in said
    assert said.endswith("1 pair of claims that cannot both hold")
    assert 0 == lab.main("conflicts", "--format", "csv")
    ((found,),) = [list(csv.DictReader(io.StringIO(capsys.readouterr().out)))]
    assert KEPT_90 == found["other_quote"]


def test_explain_tells_in_words_which_statement_decides_and_why_others_do_not(
    lab: TermsLab, capsys: pytest.CaptureFixture[str]
) -> None:
    said = _table(lab, capsys, "explain", "acme")
    assert "Acme (acme) at a-gateway: the gateway and the provider's own terms contradict each other" in said
    for told in (
        "The gateway states: acme retention: 30 days",
        "The provider's own terms state: acme retention: 90 days (default, api, prompts outputs, certain, changed)",
        f'"{KEPT_90}"',
        "1 more, not deciding (provider-terms claims acme): 1: it holds only where it is chosen or agreed",
        "they differ in days",
        "zero retention by the provider's own terms: on request",
    ):
        assert told in said


def test_explain_as_json_holds_every_claim_that_was_weighed(lab: TermsLab, capsys: pytest.CaptureFixture[str]) -> None:
    one = _json(lab, capsys, "explain", "newcomer")[0]
    assert ("newcomer", "provider_only") == (one["offering_id"], one["agreement"])
    retention, training = one["topics"]
    assert ("retention", [], []) == (retention["topic"], retention["holding"], retention["weighed"])
    assert [("may", TRAINED)] == [(claim["value"], claim["quote"]) for claim in training["holding"]]


def test_a_claim_whose_page_is_gone_stands_as_one_that_cannot_be_verified(
    lab: TermsLab, capsys: pytest.CaptureFixture[str]
) -> None:
    said = _table(lab, capsys, "claims", "bolt", "--topic", "retention")
    assert "certain, unverifiable)" in said
    assert f"{BOLT}, seen 2026-11-01" in said


@pytest.mark.parametrize("command", ["claims", "explain"])
def test_a_name_that_nobody_goes_by_is_a_no_with_the_nearest(
    lab: TermsLab, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert 4 == lab.main(command, "acne")
    assert "'acne' is not in the catalog; nearest: acme" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("claims", "acme"), ("conflicts",), ("explain", "acme")])
def test_without_a_catalog_each_says_what_to_run(
    tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert 1 == TermsLab(tmp_path / "empty", site).main(*arguments)
    assert "run `provider-terms refresh` or `provider-terms build` first" in capsys.readouterr().err


def test_a_catalog_without_conflicts_says_so(tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    lab = TermsLab(tmp_path / "data", site)
    lab.refresh()
    assert "no pairs of claims that cannot both hold" == _table(lab, capsys, "conflicts")
    assert [] == _json(lab, capsys, "conflicts")


def test_status_counts_the_pages_and_shows_them_one_by_one_where_asked(
    lab: TermsLab, capsys: pytest.CaptureFixture[str]
) -> None:
    said = _table(lab, capsys, "status")
    assert "and 3 terms pages: 2 ok, 1 failing; --pages shows them" in said
    assert ACME not in said
    said = _table(lab, capsys, "status", "--pages")
    assert f"{ACME} ok 2026-11-02" in said
    assert f"{BOLT} failing 2026-11-01" in said
    assert "not_found: HTTP 404" in said
    assert "newcomer--privacy-policy ok 2026-11-02" in said
    rows = {row["source"]: row["state"] for row in _json(lab, capsys, "status")}
    assert {"feed": "ok", ACME: "ok", BOLT: "failing", "newcomer--privacy-policy": "ok"} == rows


# Declarations tried against their pages.


@pytest.fixture
def tried(tmp_path: Path, site: Site) -> TermsLab:
    made = TermsLab(tmp_path / "data", site)
    made.list_providers(acme=kept(30))
    made.provider("acme", made.a_page("/acme", select=["main"]))
    return made


def test_a_page_that_holds_is_told_with_what_was_read_and_nothing_is_kept(
    tried: TermsLab, capsys: pytest.CaptureFixture[str]
) -> None:
    tried.site.serve("/acme", html(KEPT_30, NOT_TRAINED))
    assert 0 == tried.main("validate", "--live", ACME)
    assert [f"{ACME}: 5 blocks of text, 2 statements", "1 of 1 hold against their pages"] == (
        capsys.readouterr().out.splitlines()[1:]
    )
    assert (2, False) == (len(tried.site.seen("/acme")), (tried.folder / "archive").exists())


def test_without_names_every_source_that_is_asked_is_tried(tried: TermsLab, capsys: pytest.CaptureFixture[str]) -> None:
    tried.site.serve("/acme", html(KEPT_30, NOT_TRAINED))
    tried.provider("bolt", tried.a_page("/bolt", is_enabled=False), tried.a_page("/old", valid_until="2020-01-01"))
    assert 0 == tried.main("validate", "--live")
    told = capsys.readouterr().out.splitlines()[1:]
    assert [
        "feed: 4 rows, 0 refused",
        f"{ACME}: 5 blocks of text, 2 statements",
        "2 of 2 hold against their pages",
    ] == told


FAULTS = {
    "gone": ((page(status="404 Not Found"),), "not_found: HTTP 404"),
    "selector": (
        (
            page(
                html(KEPT_30).pieces[0].partition(b"\r\n\r\n")[2].replace(b"main>", b"span>"), Content_Type="text/html"
            ),
        ),
        "cannot be read: ",
    ),
    "changing": ((html(KEPT_30), html(KEPT_90)), "two looks in a row read differently"),
    "another kind": ((page(b"{}"),), "wrong_content_type: "),
}


@pytest.mark.parametrize(("answers", "told"), FAULTS.values(), ids=FAULTS)
def test_a_page_that_does_not_hold_says_why(
    tried: TermsLab, capsys: pytest.CaptureFixture[str], answers: tuple[Any, ...], told: str
) -> None:
    tried.site.serve("/acme", *answers)
    assert 1 == tried.main("validate", "--live", ACME)
    lines = capsys.readouterr().out.splitlines()[1:]
    assert lines[0].startswith(f"{ACME}: {told}")
    assert "0 of 1 hold against their pages" == lines[-1]


def test_a_source_that_nobody_declares_is_wrong_usage(tried: TermsLab, capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == tried.main("validate", "--live", "acme--data-usage-doc")
    assert f"--live: source 'acme--data-usage-doc' is not declared: nearest: {ACME}" in capsys.readouterr().err


# Pages that were saved elsewhere.


def test_a_saved_page_is_imported_with_its_date_and_speaks_for_its_provider(
    tried: TermsLab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tried.site.serve("/acme", page(status="404 Not Found"))
    tried.refresh()
    saved = tmp_path / "saved.html"
    saved.write_bytes(html(KEPT_90).pieces[0].partition(b"\r\n\r\n")[2])
    assert 0 == tried.main("import", str(saved), "--source", ACME, "--captured-at", "2026-10-20")
    assert f"archived as {ACME} of 2026-10-20: 4 blocks of text, 1 statements" in capsys.readouterr().out
    assert 0 == tried.main("build")
    assert [("90 days", "unverifiable")] == tried.table(
        "SELECT value_text, verification FROM claims WHERE url IS NOT NULL"
    )


def test_a_saved_page_of_a_provider_that_only_the_gateway_knows_is_imported(
    tried: TermsLab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tried.list_providers(newcomer=kept(30, links={"privacyPolicyURL": tried.site.url("/gone")}))
    tried.refresh()
    saved = tmp_path / "saved.html"
    saved.write_bytes(html(TRAINED).pieces[0].partition(b"\r\n\r\n")[2])
    imported = ("import", str(saved), "--captured-at", "2026-10-20", "--source")
    assert 0 == tried.main(*imported, "newcomer--privacy-policy")
    assert 2 == tried.main(*imported, "newcomer--terms-of-service")
    assert "source 'newcomer--terms-of-service' is not declared: nearest: newcomer--privacy-policy" in (
        capsys.readouterr().err
    )
