import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from network_site import fetcher
from patience import PATIENCE
from scripted_site import Answer, Request, Site, page

from pipeline.catalog.reader import Catalog, ChangeRecord, OfferingTerms
from pipeline.catalog.state import SourceStatus
from pipeline.cli import main
from pipeline.errors import ArchiveError, CatalogError
from pipeline.model import Moment, Observation, Outcome, Precision, RetentionKind, SourceState, Training
from pipeline.parse import policy_table
from pipeline.refresh import Manner, Outcomes, add_capture, build, find_status, refresh
from pipeline.survey import survey
from pipeline.workplace import Workplace

FIRST = datetime(2026, 11, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)
NONE = {"training": False, "retainsPrompts": False}
ETAG = '"v1", W/"odd"'

SOURCE = """\
id = "{id}"
gateway_id = "a-gateway"
title = "A source"
terms_type = "gateway_feed"
format = "{format}"
url = "{url}"
content_types = ["application/json", "text/markdown", "text/html"]
rank = {rank}
is_required = {required}
stale_after_days = 7

[envelope]
min_rows = {least}
max_rows = 100
min_fill = {{ training = 0.5 }}
"""


def _feed(count: int, **policies: Mapping[str, object]) -> bytes:
    """The feed of so many providers p00, p01, … that keep nothing, but for those given."""
    providers = [
        {"slug": f"p{number:02}", "name": f"P{number:02}", "displayName": f"P{number:02}", "dataPolicy": NONE}
        for number in range(count)
    ]
    for provider in providers:
        if str(provider["slug"]) in policies:
            provider["dataPolicy"] = policies[str(provider["slug"])]
    return json.dumps({"data": providers}).encode()


def _table(numbers: Iterable[int], retention: str = "Zero retention") -> bytes:
    rows = "".join(f"| P{number:02} | {retention} | ✓ Does not train |\n" for number in numbers)
    return f"# Logging\n\n| Provider | Data Retention | Train on Prompts |\n| --- | --- | --- |\n{rows}".encode()


def _markdown(body: bytes) -> Answer:
    return page(body, Content_Type="text/markdown; charset=utf-8")


def _conditional(body: bytes, etag: str) -> Callable[[Request], Answer]:
    def answer(request: Request) -> Answer:
        if request.headers.get("if-none-match") == etag:
            return page(status="304 Not Modified", ETag=etag)
        return page(body, ETag=etag)

    return answer


class Lab:
    """A data folder of its own whose sources are answered by the scripted site, and a clock to be set."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.folder, self.site = folder, site
        for name in ("sources", "providers", "recorded"):
            (folder / name).mkdir(parents=True)

    def declare(self, source_id: str, kind: str, *, rank: int = 1, least: int = 3, required: bool = False) -> None:
        text = SOURCE.format(
            id=source_id,
            format=kind,
            url=self.site.url(f"/{source_id}"),
            rank=rank,
            least=least,
            required=str(required).lower(),
        )
        (self.folder / "sources" / f"{source_id}.toml").write_text(text)

    def record(self, source_id: str, body: bytes, captured_on: str) -> None:
        folder = self.folder / "recorded" / source_id
        folder.mkdir(exist_ok=True)
        matter = f'---\ncaptured_on: "{captured_on}"\n---\n\n'
        (folder / f"{captured_on}.md").write_bytes(matter.encode() + body)

    def refresh(self, days: float = 0) -> Outcomes:
        return refresh(self.work(), fetcher(now=lambda: FIRST + days * DAY))

    def work(self) -> Workplace:
        return Workplace(self.folder)

    def bring(self, source_id: str, body: bytes, at: datetime, **changes: Any) -> Observation:  # noqa: ANN401
        """Archive a capture that was obtained elsewhere."""
        moment = Moment(at=at, since=at, precision=Precision.DAY)
        seen = Observation(source_id=source_id, moment=moment, outcome=Outcome.OK, origin="import")
        return add_capture(self.work(), replace(seen, **changes), body)

    def catalog(self) -> Catalog:
        return Catalog.open(self.folder / "catalog" / "current")

    def offerings(self) -> dict[str, OfferingTerms]:
        with self.catalog() as catalog:
            return {one.offering_id: one for one in catalog.offerings(listed_only=False)}

    def changes(self) -> list[ChangeRecord]:
        with self.catalog() as catalog:
            return catalog.changes()

    def listed(self) -> set[str]:
        return {offering_id for offering_id, one in self.offerings().items() if one.is_listed}

    def main(self, *arguments: str) -> int:
        options = ("--allow-private-network", "--pause", "0", "--timeout", str(PATIENCE))
        fetching = options if arguments[0] == "refresh" else ()
        return main([*arguments, *fetching, "--data", str(self.folder)])


@pytest.fixture
def lab(tmp_path: Path, site: Site) -> Lab:
    """A lab with one feed and one table, of which nothing is served yet."""
    made = Lab(tmp_path / "data of ✓", site)
    made.declare("feed", "provider_feed", required=True)
    made.declare("table", "policy_table", rank=2)
    return made


def _status(outcomes: Outcomes, source_id: str) -> SourceStatus:
    (found,) = (status for status in outcomes.statuses if status.source.id == source_id)
    return found


def _files(folder: Path) -> dict[str, tuple[int, bytes]]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes()) for path in paths}


def _names(count: int) -> set[str]:
    return {f"p{number:02}" for number in range(count)}


# A first run, and runs in which nothing changed.


def test_a_first_refresh_archives_what_came_and_publishes_it(lab: Lab) -> None:
    lab.site.serve("/feed", page(_feed(5, p01={"training": True, "retainsPrompts": True, "retentionDays": 30})))
    lab.site.serve("/table", _markdown(_table(range(5))))
    told: list[str] = []
    outcomes = refresh(lab.work(), fetcher(now=lambda: FIRST), told.append)
    assert {status.source.id: status.state for status in outcomes.statuses} == {
        "feed": SourceState.OK,
        "table": SourceState.OK,
    }
    assert {source_id: look.outcome for source_id, look in outcomes.looks.items()} == dict.fromkeys(
        ("feed", "table"), Outcome.OK
    )
    assert (outcomes.is_new_build, outcomes.as_of, outcomes.problems) == (True, FIRST, ())
    assert lab.work().archive.read_capture(outcomes.looks["feed"].capture_id or "").startswith(b'{"data"')
    one = lab.offerings()["p01"]
    assert (one.retention_kind, one.retention_days, one.training) == (RetentionKind.PERIOD, 30, Training.MAY)
    assert (one.source_id, one.observed_at) == ("feed", FIRST)
    assert lab.listed() == _names(5)
    assert "building the catalog" in told


@pytest.mark.fault("W16")
def test_w16_a_refresh_that_finds_nothing_new_rewrites_nothing(lab: Lab) -> None:
    lab.site.serve("/feed", _conditional(_feed(5), ETAG))
    lab.site.serve("/table", _markdown(_table(range(5))))  # the same bytes each time, and no validator
    lab.refresh()
    before = _files(lab.folder)
    outcomes = lab.refresh(days=1)
    assert outcomes.looks["feed"].outcome is Outcome.NOT_MODIFIED
    assert outcomes.looks["table"].outcome is Outcome.OK
    assert outcomes.is_new_build is False
    assert outcomes.as_of == FIRST + DAY
    after = _files(lab.folder)
    log = "archive/observations.jsonl"
    # The rules of robots.txt are a day old by then, and asked for again.
    rewritten = {log, "archive/robots.json", "catalog/seen.json"}
    assert {path for path in after if after[path] != before.get(path)} == rewritten
    assert set(after) == set(before)
    assert after[log][1].startswith(before[log][1])
    assert _status(outcomes, "feed").good == outcomes.looks["feed"]
    assert [headers.get("if-none-match") for headers in lab.site.seen("/feed")] == [None, ETAG]


def test_validators_survive_any_number_of_unchanged_looks(lab: Lab) -> None:
    lab.site.serve("/feed", _conditional(_feed(5), ETAG))
    outcomes = [lab.refresh(days=day) for day in range(4)]
    assert [one.looks["feed"].outcome for one in outcomes] == [Outcome.OK, *[Outcome.NOT_MODIFIED] * 3]
    assert [one.is_new_build for one in outcomes] == [True, False, False, False]


def test_a_changed_value_is_one_change(lab: Lab) -> None:
    kept = {"training": False, "retainsPrompts": True, "retentionDays": 30}
    lab.site.serve("/feed", page(_feed(5, p01=kept)), page(_feed(5, p01=kept | {"retentionDays": 55})))
    lab.refresh()
    known = {change.change_id for change in lab.changes()}
    assert lab.refresh(days=1).is_new_build
    (change,) = [change for change in lab.changes() if change.change_id not in known]
    assert (change.offering_id, change.change_kind, change.cause) == ("p01", "retention_changed", "source_change")
    assert (change.changed_at, change.not_before_at) == (FIRST + DAY, FIRST)
    assert lab.offerings()["p01"].retention_days == 55


def test_one_new_field_in_every_provider_is_no_change(lab: Lab) -> None:
    body = json.loads(_feed(9, p01={"training": True}))
    for provider in body["data"]:
        provider["dataPolicy"] |= {"mayReadMinds": False}
        provider["favouriteColour"] = None
    lab.site.serve("/feed", page(_feed(9, p01={"training": True})), page(json.dumps(body).encode()))
    lab.refresh()
    changes, offerings = lab.changes(), lab.offerings()
    outcomes = lab.refresh(days=1)
    assert outcomes.looks["feed"].outcome is Outcome.OK
    assert lab.changes() == changes
    assert [one.retention_kind for one in lab.offerings().values()] == [
        one.retention_kind for one in offerings.values()
    ]
    reading = _status(outcomes, "feed").reading
    assert reading is not None
    assert reading.signals == (
        "unknown field dataPolicy.mayReadMinds in 9 of 9 rows",
        "unknown field favouriteColour in 9 of 9 rows",
    )


# Failures touch their source only.

FAILURES: list[tuple[str, Answer, str]] = [
    ("not found", page(b"gone", "404 Not Found"), "not_found: HTTP 404"),
    ("empty", page(b""), "empty: the body is empty"),
    ("cut off", page(b'{"data": [', length=99), "truncated: IncompleteRead(10 bytes read, 89 more"),
]


@pytest.mark.parametrize(("answer", "detail"), [case[1:] for case in FAILURES], ids=[case[0] for case in FAILURES])
def test_a_source_that_fails_keeps_its_last_good_capture_and_says_why(lab: Lab, answer: Answer, detail: str) -> None:
    lab.site.serve("/feed", page(_feed(5)), answer)
    lab.site.serve("/table", _markdown(_table(range(5))), _markdown(_table(range(5), "Retained for 30 days")))
    lab.refresh()
    outcomes = lab.refresh(days=2)
    feed = _status(outcomes, "feed")
    assert feed.state is SourceState.FAILING
    assert (feed.detail or "").startswith(detail)
    assert feed.good is not None
    assert (feed.good.moment.at, feed.last) == (FIRST, outcomes.looks["feed"])
    assert _status(outcomes, "table").state is SourceState.OK
    assert lab.listed() == _names(5)
    assert {one.retention_days for one in lab.offerings().values()} == {30}
    with lab.catalog() as catalog:
        row = catalog.rows("SELECT state, detail, staleness_days FROM sources WHERE source_id = 'feed'")
    assert row == [{"state": "failing", "detail": feed.detail, "staleness_days": 2}]


@pytest.mark.fault("N23")
def test_n23_a_page_that_is_gone_is_asked_once_a_run_turns_stale_and_takes_no_provider_away(lab: Lab) -> None:
    lab.site.serve("/feed", page(_feed(5)), page(status="404 Not Found"), page(status="410 Gone"))
    lab.refresh()
    listed = lab.listed()
    found = [_status(lab.refresh(day), "feed") for day in range(1, 10)]
    assert ["not_found: HTTP 404", *["gone: HTTP 410"] * 8] == [one.detail for one in found]
    assert {SourceState.FAILING} == {one.state for one in found}
    assert [False] * 7 + [True] * 2 == [one.is_stale(FIRST + day * DAY) for day, one in enumerate(found, start=1)]
    assert (5, listed) == (len(listed), lab.listed())
    assert 10 == len(lab.site.seen("/feed"))


@pytest.mark.fault("C05")
def test_c05_a_page_without_rows_fails_and_the_last_good_capture_stays(lab: Lab) -> None:
    shell = b"<!doctype html><html><table><tr><th>Provider<th>Data Retention<th>Train on Prompts</table></html>"
    lab.site.serve("/table", _markdown(_table(range(5))), page(shell, Content_Type="text/html"))
    lab.refresh()
    offerings, changes = lab.offerings(), lab.changes()
    outcomes = lab.refresh(days=1)
    table = _status(outcomes, "table")
    assert table.state is SourceState.UNREADABLE
    assert (table.detail or "").startswith("no rows: ")
    assert table.good is not None
    assert table.good.moment.at == FIRST
    assert (lab.offerings(), lab.changes()) == (offerings, changes)


@pytest.mark.fault("C06")
def test_c06_a_table_of_3_rows_where_59_were_is_not_published(lab: Lab) -> None:
    lab.declare("table", "policy_table", least=30)
    few = _table(range(3), "Retained for 30 days") + b"\nThe table of providers was taken out of this page.\n" * 50
    lab.site.serve("/table", _markdown(_table(range(59))), _markdown(few))
    lab.refresh()
    outcomes = lab.refresh(days=1)
    table = _status(outcomes, "table")
    assert (table.state, table.detail) == (SourceState.UNREADABLE, "expected at least 30 rows, found 3")
    assert table.reading is not None
    assert table.reading.row_count == 59
    assert lab.listed() == _names(59)
    assert {one.retention_kind for one in lab.offerings().values()} == {RetentionKind.NONE}
    assert lab.changes() == []


@pytest.mark.fault("C06")
def test_c06_half_a_table_in_markdown_is_not_published(lab: Lab) -> None:
    whole = _table(range(59))
    lab.site.serve("/table", _markdown(whole), _markdown(whole[: len(whole) * 3 // 4]), _markdown(whole))
    lab.refresh()
    table = _status(lab.refresh(days=1), "table")
    assert SourceState.FAILING is table.state
    assert "within a line" in (table.detail or "")
    assert SourceState.OK is _status(lab.refresh(days=2), "table").state
    assert (lab.listed(), lab.changes()) == (_names(59), [])


@pytest.mark.fault("N20")
def test_n20_a_server_that_asks_to_be_left_alone_is_in_later_runs_too(lab: Lab) -> None:
    lab.site.serve("/table", page(status="429 Too Many Requests", Retry_After="86400"), _markdown(_table(range(5))))
    with pytest.raises(CatalogError, match="asks to wait"):
        lab.refresh()
    with pytest.raises(CatalogError, match="asks to wait"):
        lab.refresh(days=0.9)
    assert 1 == len(lab.site.seen("/table"))
    lab.refresh(days=1)
    assert _names(5) == lab.listed()


def test_what_failed_is_asked_again_though_an_older_answer_is_still_fresh(lab: Lab) -> None:
    fresh = page(_table(range(5)), Content_Type="text/markdown", Cache_Control="max-age=604800")
    lab.site.serve("/table", fresh, page(status="404 Not Found"), fresh)
    lab.refresh()
    forced = refresh(lab.work(), fetcher(now=lambda: FIRST + DAY), manner=Manner(is_forced=True))
    assert SourceState.FAILING is _status(forced, "table").state
    assert SourceState.OK is _status(lab.refresh(days=2), "table").state
    lab.refresh(days=3)
    assert 3 == len(lab.site.seen("/table"))


@pytest.mark.fault("C07")
def test_c07_a_provider_that_is_listed_no_more_is_delisted_with_the_date(lab: Lab) -> None:
    lab.site.serve("/table", _markdown(_table(range(59))), _markdown(_table(range(58))))
    lab.refresh()
    lab.refresh(days=1)
    gone = lab.offerings()["p58"]
    assert (gone.is_listed, gone.delisted_at) == (False, FIRST + DAY)
    assert lab.listed() == _names(58)
    assert [(one.change_kind, one.offering_id, one.changed_at) for one in lab.changes()] == [
        ("delisted", "p58", FIRST + DAY)
    ]


@pytest.mark.fault("C08")
def test_c08_more_rows_than_ever_are_published_with_a_signal(lab: Lab) -> None:
    lab.site.serve("/table", _markdown(_table(range(59))), _markdown(_table(range(120))))
    lab.refresh()
    outcomes = lab.refresh(days=1)
    table = _status(outcomes, "table")
    assert table.state is SourceState.OK
    assert table.reading is not None
    assert "expected at most 100 rows, found 120" in table.reading.signals
    assert len(lab.listed()) == 120


@pytest.mark.fault("C08")
def test_c08_a_page_that_names_an_offering_twice_fails(lab: Lab) -> None:
    lab.site.serve("/table", _markdown(_table(range(59))), _markdown(_table([*range(59), 7])))
    lab.site.serve("/feed", page(_feed(9)), page(_feed(9).replace(b'"p08"', b'"p07"')))
    lab.refresh()
    outcomes = lab.refresh(days=1)
    details = {source_id: _status(outcomes, source_id).detail or "" for source_id in ("table", "feed")}
    assert {source_id: "stands twice" in detail for source_id, detail in details.items()} == dict.fromkeys(
        details, True
    )
    assert {_status(outcomes, source_id).state for source_id in details} == {SourceState.UNREADABLE}
    assert lab.listed() == _names(9)


@pytest.mark.fault("C12")
def test_c12_a_page_that_moved_is_followed_and_its_final_address_kept(lab: Lab) -> None:
    lab.site.serve("/table", page(status="301 Moved Permanently", Location="/guides/logging"))
    moved = lab.site.serve("/guides/logging", _markdown(_table(range(5))))
    lab.refresh()
    (look,) = (look for look in lab.work().observations() if look.source_id == "table")
    assert (look.url, look.status, look.outcome) == (moved, 200, Outcome.OK)
    with lab.catalog() as catalog:
        assert catalog.rows("SELECT url FROM observations WHERE source_id = 'table'") == [{"url": moved}]


@pytest.mark.fault("D13")
def test_d13_an_empty_feed_fails_whatever_else_is_allowed(lab: Lab) -> None:
    lab.declare("feed", "provider_feed", least=1)
    lab.site.serve("/feed", page(_feed(5)), page(b'{"data": []}'))
    lab.refresh()
    outcomes = lab.refresh(days=1)
    assert _status(outcomes, "feed").detail == 'no rows: the list under "data" is empty'
    assert lab.listed() == _names(5)


def test_a_fault_of_a_reader_fails_only_its_source(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(_body: bytes, _content_type: str | None) -> object:
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr(policy_table, "parse", explode)
    lab.site.serve("/feed", page(_feed(5)))
    lab.site.serve("/table", _markdown(_table(range(5))))
    outcomes = lab.refresh()
    table = _status(outcomes, "table")
    assert table.state is SourceState.UNREADABLE
    assert table.detail == "a fault of the reader: ZeroDivisionError: division by zero"
    assert _status(outcomes, "feed").state is SourceState.OK
    assert lab.listed() == _names(5)


def test_a_broken_declaration_touches_only_its_own_source(lab: Lab) -> None:
    (lab.folder / "sources" / "table.toml").write_text("id = ")
    lab.site.serve("/feed", page(_feed(5)))
    outcomes = lab.refresh()
    assert [status.source.id for status in outcomes.statuses] == ["feed"]
    assert [problem.partition(": ")[0] for problem in outcomes.problems] == ["sources/table.toml"]
    assert lab.listed() == _names(5)


def test_a_source_that_is_switched_off_is_not_asked(lab: Lab) -> None:
    path = lab.folder / "sources" / "table.toml"
    path.write_text(path.read_text().replace("rank = 2", "rank = 2\nis_enabled = false"))
    lab.site.serve("/feed", page(_feed(5)))
    outcomes = lab.refresh()
    assert _status(outcomes, "table").state is SourceState.DISABLED
    assert lab.site.seen("/table") == []


# What the archive holds.


@pytest.mark.fault("D11")
def test_d11_an_older_capture_that_comes_later_makes_history_and_not_the_present(lab: Lab) -> None:
    lab.site.serve("/table", _conditional(_table(range(5)), ETAG))
    lab.refresh()
    lab.bring("table", _table(range(6), "Retained for 30 days"), FIRST - 10 * DAY)
    outcomes = build(lab.work())
    assert outcomes.is_new_build
    assert _status(outcomes, "table").good == _status(outcomes, "table").last
    assert outcomes.as_of == FIRST
    offerings = lab.offerings()
    assert {one.retention_kind for one in offerings.values() if one.is_listed} == {RetentionKind.NONE}
    assert (offerings["p05"].is_listed, offerings["p05"].delisted_at) == (False, FIRST)
    with lab.catalog() as catalog:
        intervals = catalog.history("p00")
        then = catalog.get("p00", FIRST - 5 * DAY)
    assert [(one.valid_from, one.retention_days) for one in intervals] == [(FIRST - 10 * DAY, 30), (FIRST, 0)]
    assert then.retention_days == 30
    assert lab.refresh(days=1).looks["table"].outcome is Outcome.NOT_MODIFIED


def test_a_partial_capture_speaks_of_its_rows_only(lab: Lab) -> None:
    lab.site.serve("/table", _markdown(_table(range(5))))
    lab.refresh()
    lab.bring("table", _table([1], "Retained for 30 days"), FIRST + DAY, is_partial=True)
    outcomes = build(lab.work())
    good = _status(outcomes, "table").good
    assert good is not None
    assert (good.moment.at, outcomes.as_of) == (FIRST, FIRST + DAY)
    assert lab.listed() == _names(5)
    assert {key: one.retention_days for key, one in lab.offerings().items()} == dict.fromkeys(_names(5), 0) | {
        "p01": 30
    }


def test_looks_at_sources_that_are_not_declared_are_left_alone(lab: Lab) -> None:
    lab.bring("former-source", b"whatever", FIRST - DAY)
    lab.site.serve("/feed", page(_feed(5)))
    outcomes = lab.refresh()
    assert {look.source_id for look in survey(lab.work())[0]} == {"feed", "table"}
    assert [status.source.id for status in outcomes.statuses] == ["feed", "table"]
    assert "former-source" in (lab.folder / "archive" / "observations.jsonl").read_text()


@pytest.mark.fault("W12")
@pytest.mark.parametrize("damaged", [b"garbage", None], ids=["damaged", "deleted"])
def test_w12_a_lost_capture_is_fetched_again_without_a_condition(lab: Lab, damaged: bytes | None) -> None:
    lab.site.serve("/feed", _conditional(_feed(5), ETAG))
    lab.site.serve("/table", _markdown(_table(range(5))))
    key = lab.refresh().looks["feed"].capture_id or ""
    (path,) = lab.folder.rglob(f"{key}.zst")
    if damaged is None:
        path.unlink()
    else:
        path.write_bytes(damaged)
    (feed, _) = find_status(lab.work())
    assert (feed.state, feed.good) == (SourceState.UNREADABLE, None)
    assert key[:12] in (feed.detail or "")
    outcomes = lab.refresh(days=1)
    assert outcomes.looks["feed"].outcome is Outcome.OK
    assert _status(outcomes, "feed").state is SourceState.OK
    assert lab.work().archive.read_capture(key) == _feed(5)


@pytest.mark.fault("W13")
def test_w13_a_log_that_cannot_be_read_stops_the_run_before_anything_is_asked(lab: Lab) -> None:
    lab.site.serve("/feed", page(_feed(5)))
    lab.refresh()
    before = _files(lab.folder / "catalog")
    with (lab.folder / "archive" / "observations.jsonl").open("a") as log:
        log.write("garbage\n")
    with pytest.raises(ArchiveError, match=r"observations\.jsonl:3"):
        lab.refresh(days=1)
    assert len(lab.site.seen("/feed")) == 1
    assert _files(lab.folder / "catalog") == before


def test_the_state_as_it_was_at_a_moment(lab: Lab) -> None:
    lab.site.serve("/feed", page(_feed(5)), page(b"gone", "404 Not Found"))
    lab.refresh()
    lab.refresh(days=1)
    states = [find_status(lab.work(), FIRST + days * DAY)[0].state for days in (-1, 0.5, 1)]
    assert states == [SourceState.NEVER_SEEN, SourceState.OK, SourceState.FAILING]


def test_a_source_is_stale_once_its_last_good_look_is_older_than_declared(lab: Lab) -> None:
    lab.site.serve("/feed", page(_feed(5)), page(b"gone", "404 Not Found"))
    lab.refresh()
    outcomes = lab.refresh(days=5)
    feed = _status(outcomes, "feed")
    assert [feed.is_stale(FIRST + days * DAY) for days in (0, 7, 7.001, 40)] == [False, False, True, True]
    assert _status(outcomes, "table").is_stale(FIRST) is True


@pytest.mark.fault("W15")
def test_w15_the_archive_alone_builds_the_same_policies(lab: Lab, tmp_path: Path) -> None:
    lab.site.serve("/feed", page(_feed(5, p01={"training": True})))
    lab.refresh()
    again = tmp_path / "elsewhere"
    for name in ("sources", "providers", "recorded", "archive"):
        shutil.copytree(lab.folder / name, again / name)
    asked = len(lab.site.requests)
    outcomes = build(Workplace(again))
    assert len(lab.site.requests) == asked
    with Catalog.open(outcomes.catalog) as catalog:
        assert catalog.offerings() == [one for _, one in sorted(lab.offerings().items())]


# Recorded captures, exit codes and what is said.


def test_where_no_source_is_reached_the_recorded_captures_are_published(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.record("table", _table(range(5)), "2026-10-01")
    assert lab.main("refresh") == 0
    assert lab.listed() == _names(5)
    said = capsys.readouterr()
    assert "Catalog as of 2026-10-01: 5 offerings listed" in said.out
    assert "no source brought an answer that is believed" in said.err


def test_where_there_is_nothing_at_all_the_run_fails_in_one_line(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CatalogError, match="nothing to publish: feed not_found: HTTP 404; table not_found: HTTP 404"):
        lab.refresh()
    assert lab.main("refresh") == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert [line.partition(":")[0] for line in said.err.splitlines()] == ["provider-terms"] * 2  # and private networks
    assert "nothing to publish" in said.err
    assert not (lab.folder / "catalog").exists()


def test_where_every_declaration_is_broken_the_run_fails_in_one_line(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (lab.folder / "sources").iterdir():
        path.write_text("id = ")
    assert lab.main("refresh") == 1
    assert capsys.readouterr().err.splitlines()[1:] == [
        "provider-terms: nothing to publish: no source is declared; import a capture, or refresh again later"
    ]


def test_strict_is_0_while_every_required_source_is_fresh_and_3_once_one_is_stale(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.record("table", _table(range(5)), "2020-01-01")
    assert lab.main("refresh", "--strict") == 3  # the required feed was never reached
    assert "stale beyond its declared age: feed" in capsys.readouterr().err
    assert lab.main("refresh") == 0
    lab.site.serve("/feed", page(_feed(5)), page(b"gone", "404 Not Found"))
    assert lab.main("refresh", "--strict") == 0  # the stale table is not required
    assert lab.main("refresh", "--strict") == 3  # its last good capture is fresh, but it failed just now
    capsys.readouterr()


# The real recordings.


def _recordings(shared: Path) -> Iterator[tuple[str, str, str]]:
    upstream = shared / "data" / "upstream"
    yield str(upstream / "all-providers_2025-05-20.json"), "openrouter-feed", "2025-05-20"
    yield str(upstream / "all-providers_2026-07-04.json"), "openrouter-feed", "2026-07-04"
    yield str(upstream / "v1-providers_2026-05-22.json"), "openrouter-providers", "2026-05-22"
    yield str(shared / "data" / "seed" / "privacy-and-logging.md"), "openrouter-docs", "2025-07"


def test_the_real_recordings_build_without_a_refused_row(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file, source_id, captured_at in _recordings(shared):
        assert main(["import", file, "--source", source_id, "--captured-at", captured_at, "--data", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert said.count(" 0 refused") == 4
    assert "1 excluded (fake-provider)" in said
    assert main(["build", "--data", str(tmp_path)]) == 0
    assert "left out by a declared rule: " in capsys.readouterr().err
    with Catalog.open(tmp_path / "catalog" / "current") as catalog:
        assert catalog.rows("SELECT * FROM quarantine") == []
        assert len(catalog.offerings()) > 70
        assert [one for one in catalog.offerings(listed_only=False) if "fake" in one.offering_id.lower()] == []
        excluded = catalog.rows("SELECT source_id, excluded_count FROM observations WHERE excluded_count > 0")
    assert {row["source_id"] for row in excluded} == {"openrouter-docs", "openrouter-providers"}


SPLIT = {"none": 21, "unknown": 20, "unstated": 9, "30": 6, "55": 2, "1": 1}


def _counts(values: Iterable[str]) -> dict[str, int]:
    found = list(values)
    return {value: found.count(value) for value in set(found)}


def _check_split(folder: Path) -> None:
    with Catalog.open(folder / "catalog" / "current") as catalog:
        listed = catalog.offerings(datetime(2025, 7, 31, 23, 59, tzinfo=UTC))
    assert _counts(str(one.retention_days or one.retention_kind.value) for one in listed) == SPLIT
    assert _counts(one.training.value for one in listed) == {"no": 52, "may": 7}
    assert len(listed) == 59


def test_the_seed_alone_lists_its_59_offerings_as_of_july_2025(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = str(shared / "data" / "seed" / "privacy-and-logging.md")
    folder = ["--data", str(tmp_path)]
    assert main(["import", seed, "--source", "openrouter-docs", "--captured-at", "2025-07", *folder]) == 0
    assert main(["build", "--no-recorded", *folder]) == 0
    _check_split(tmp_path)
    assert "59 rows, 0 refused" in capsys.readouterr().out


def test_the_recorded_captures_alone_list_the_same_59_offerings_as_of_july_2025(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "--data", str(tmp_path)]) == 0
    _check_split(tmp_path)
    with Catalog.open(tmp_path / "catalog" / "current") as catalog:
        assert catalog.rows("SELECT * FROM quarantine") == []
    capsys.readouterr()
