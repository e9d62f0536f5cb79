"""Looks that found nothing new: the build stays, and what is read of it tells when the words were last seen."""

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from scripted_site import Site, page
from terms_lab import DAY, FIRST, KEPT_30, KEPT_90, NOT_TRAINED, TermsLab, html, kept

from pipeline.catalog.reader import Catalog
from pipeline.catalog.ready import READY
from pipeline.catalog.requirement import Requirement
from pipeline.catalog.seen import SEEN, read_seen, write_seen
from pipeline.errors import CatalogError

PAGE = "/terms"
SOURCE = "acme--data-usage-docs"


@pytest.fixture
def lab(tmp_path: Path, site: Site) -> TermsLab:
    made = TermsLab(tmp_path / "data", site)
    made.list_providers(acme=kept(30))
    made.provider("acme", made.a_page(PAGE))
    site.serve(PAGE, html(KEPT_90, NOT_TRAINED))
    return made


def opened(lab: TermsLab) -> Catalog:
    return Catalog.open(lab.folder / "catalog" / "current")


def sidecar(lab: TermsLab) -> Path:
    return lab.folder / "catalog" / SEEN


def test_an_unchanged_refresh_tells_a_later_day_without_a_new_build(lab: TermsLab) -> None:
    lab.refresh()
    with opened(lab) as catalog:
        assert (FIRST, FIRST, FIRST) == (
            catalog.as_of,
            catalog.get("acme").observed_at,
            catalog.get("acme").last_verified_at,
        )
    build = (lab.folder / "catalog" / "current").readlink()
    assert not lab.refresh(days=3).is_new_build
    later = FIRST + 3 * DAY
    assert build == (lab.folder / "catalog" / "current").readlink()
    with opened(lab) as catalog:
        one = catalog.get("acme")
        assert (later, later, later) == (catalog.as_of, one.observed_at, one.last_verified_at)
        assert [(later,)] == [
            tuple(row.values())
            for row in catalog.rows("SELECT DISTINCT observed_at FROM claims WHERE source_id <> 'provider-files'")
        ]
        assert {(later, later)} == {
            (row["ruling_observed_at"], row["other_observed_at"]) for row in catalog.rows("SELECT * FROM conflicts")
        }
        assert {later} == {row["last_good_at"] for row in catalog.rows("SELECT last_good_at FROM sources")}


@pytest.mark.parametrize("bad", [False, True], ids=["all are seen", "a page fails"])
def test_what_lies_ready_is_dated_as_the_database_is(lab: TermsLab, bad: bool) -> None:  # noqa: FBT001
    lab.refresh()
    if bad:
        lab.site.serve(PAGE, page(b"sorry", "500 Internal Server Error"))
        lab.refresh(days=1)
    lab.refresh(days=3)
    with opened(lab) as catalog:
        for name, sql in READY.items():
            assert name == "evidence" or catalog.rows(sql) == catalog.table(name)
        assert FIRST + 3 * DAY <= catalog.as_of


def test_the_age_that_a_route_asks_for_counts_from_the_last_look(lab: TermsLab) -> None:
    lab.refresh()
    lab.refresh(days=40)
    asked = Requirement(max_age_days=7)
    with opened(lab) as catalog:
        assert "acme" in {one.offering_id for one in catalog.route(asked, now=FIRST + 42 * DAY).allowed}
        assert set() == {one.offering_id for one in catalog.route(asked, now=FIRST + 60 * DAY).allowed}
    sidecar(lab).unlink()
    with opened(lab) as catalog:
        assert () == tuple(catalog.route(asked, now=FIRST + 42 * DAY).allowed)


def test_a_page_that_fails_keeps_the_day_on_which_its_words_were_last_seen(lab: TermsLab) -> None:
    lab.refresh()
    lab.refresh(days=1)
    lab.site.serve(PAGE, page(b"gone", "404 Not Found"))
    lab.refresh(days=2)
    lab.refresh(days=3)
    with opened(lab) as catalog:
        assert (FIRST + 3 * DAY, FIRST + DAY) == (
            catalog.get("acme").observed_at,
            catalog.get("acme").last_verified_at,
        )
        rows = catalog.rows("SELECT DISTINCT observed_at, verification FROM claims WHERE source_id = ?", [SOURCE])
        assert [(FIRST + DAY, "unverifiable")] == [tuple(row.values()) for row in rows]


def test_a_claim_that_ended_keeps_its_day(lab: TermsLab) -> None:
    lab.refresh()
    lab.site.serve(PAGE, html(KEPT_30, NOT_TRAINED))
    lab.refresh(days=1)
    lab.refresh(days=5)
    with opened(lab) as catalog:
        rows = catalog.rows(
            "SELECT quote, observed_at FROM claims WHERE source_id = ? AND topic = 'retention'", [SOURCE]
        )
        assert {KEPT_90: FIRST, KEPT_30: FIRST + 5 * DAY} == {row["quote"]: row["observed_at"] for row in rows}


def test_a_day_before_the_last_look_knows_nothing_of_it(lab: TermsLab) -> None:
    lab.refresh()
    lab.refresh(days=10)
    with opened(lab) as catalog:
        then = catalog.get("acme", (FIRST + 5 * DAY).date())
        assert FIRST == then.observed_at
        assert (FIRST + 10 * DAY) == catalog.get("acme", date(2027, 1, 1)).observed_at


def test_the_dates_of_another_build_are_not_used(lab: TermsLab) -> None:
    lab.refresh()
    lab.refresh(days=3)
    stored = json.loads(sidecar(lab).read_bytes())
    assert {"build_key", "log_bytes", "sources"} == set(stored)
    sidecar(lab).write_text(json.dumps(stored | {"build_key": "0" * 64}))
    with opened(lab) as catalog:
        assert FIRST == catalog.get("acme").observed_at


def test_a_build_that_lies_elsewhere_is_dated_as_it_was_published(lab: TermsLab, tmp_path: Path) -> None:
    lab.refresh()
    lab.refresh(days=3)
    shutil.copytree(lab.folder / "catalog" / "current", tmp_path / "elsewhere")
    with Catalog.open(tmp_path / "elsewhere") as catalog:
        assert FIRST == catalog.get("acme").observed_at


def test_a_date_that_is_earlier_than_the_builds_moves_nothing_back(lab: TermsLab) -> None:
    lab.refresh()
    stored = json.loads(sidecar(lab).read_bytes())
    earlier = dict.fromkeys(stored["sources"], "1999-01-01T00:00:00+00:00") | {"no-such": "2031-01-01T00:00Z"}
    sidecar(lab).write_text(json.dumps(stored | {"sources": earlier}))
    with opened(lab) as catalog:
        assert (FIRST, FIRST) == (catalog.get("acme").observed_at, catalog.as_of)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"null",
        b"[" * 100_000,
        b'{"build_key": 1, "sources": {}}',
        b'{"build_key": "k", "sources": []}',
        b'{"build_key": "k", "sources": {"a": 5}}',
        b'{"build_key": "k", "sources": {"a": "yesterday"}}',
        b'{"build_key": "k", "sources": {"a": "2026-11-01T10:00:00"}}',
        b'{"build_key": "k", "sources": {"a": "0001-01-01T00:00:00+23:00"}}',
        b'{"build_key": "k", "sources": {"\\u001b[31m\\n": "x"}}',
        b'{"build_key": "k", "sources": {"' + b"a" * 1_000_000 + b'": "x"}}',
    ],
)
def test_what_no_refresh_wrote_is_refused_in_one_line(
    lab: TermsLab, body: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.refresh()
    sidecar(lab).write_bytes(body)
    capsys.readouterr()
    assert lab.main("show", "acme") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{SEEN} cannot be used" in line
    assert line.isprintable()
    assert len(line) < 500
    assert not lab.refresh(days=1).is_new_build  # which writes it anew
    with opened(lab) as catalog:
        assert FIRST + DAY == catalog.get("acme").observed_at


def test_it_is_written_where_it_changes_only(tmp_path: Path) -> None:
    seen = {"b": FIRST, "a": FIRST + timedelta(hours=1)}
    write_seen(tmp_path, "key", seen, 10)
    before = (tmp_path / SEEN).stat().st_mtime_ns, (tmp_path / SEEN).stat().st_ino
    write_seen(tmp_path, "key", dict(reversed(seen.items())), 10)
    assert before == ((tmp_path / SEEN).stat().st_mtime_ns, (tmp_path / SEEN).stat().st_ino)
    assert ["a", "b"] == list(json.loads((tmp_path / SEEN).read_bytes())["sources"])
    database = tmp_path / "builds" / "one" / "catalog.duckdb"
    assert dict(sorted(seen.items())) == read_seen(database, "key")
    assert {} == read_seen(database, "other") == read_seen(database, None)
    write_seen(tmp_path, "key", seen | {"c": datetime(2026, 12, 1, tzinfo=UTC)}, 10)
    assert {"a", "b", "c"} == set(read_seen(database, "key"))


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / SEEN).mkdir()
    with pytest.raises(CatalogError, match=r"seen\.json cannot be used"):
        read_seen(tmp_path / "builds" / "one" / "catalog.duckdb", "key")
