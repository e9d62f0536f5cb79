"""A page that goes bad in every way and comes back: nothing is believed that is not so, and what is so is seen."""

import json
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from network_site import fetcher
from patience import PATIENCE
from scripted_site import Answer, Site, page
from tiny_refresh import declare, feed, make_folder

from pipeline.catalog.reader import Catalog, ChangeRecord
from pipeline.catalog.state import SourceStatus
from pipeline.cli import DEGRADED, main
from pipeline.errors import CatalogError
from pipeline.model import Observation, Outcome, Parsed, SourceState
from pipeline.parse import policy_table
from pipeline.refresh import Outcomes, find_status, refresh
from pipeline.workplace import Workplace

PAGES = Path(__file__).parent / "pages" / "guard" / "doubted"
FIRST = datetime(2026, 11, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = [f"Maker {number:02}" for number in range(40)]
DECLARATION = """\
id = "docs"
gateway_id = "a-gateway"
title = "A page of documentation"
terms_type = "gateway_table"
format = "policy_table"
url = "{url}"
content_types = ["text/html"]
rank = 1
is_required = true
stale_after_days = 30

[envelope]
min_rows = 20
max_rows = 100
"""


def table(
    names: Iterable[str] = NAMES, *, words: str = "Zero retention", header: str = "Data Retention", nonce: str = ""
) -> bytes:
    """A page of documentation with a table; the words are those of the first maker, all others keep nothing."""
    rows = "".join(
        f"<tr><td>{name}</td><td>{words if name == NAMES[0] else 'Zero retention'}</td><td>✓ Does not train</td></tr>\n"
        for name in names
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Provider logging</title>
<meta name="csrf-token" content="{nonce}"><script nonce="{nonce}">window.builtAt = "{nonce}"</script></head>
<body><nav><a href="/login">Log in</a></nav><main><h1>Provider logging</h1>
<p>Each provider has a policy of its own on what it keeps of prompts and on whether it trains models with them.</p>
<table><tr><th>Provider</th><th>{header}</th><th>Train on Prompts</th></tr>
{rows}</table></main><footer><!-- {nonce} --></footer></body></html>
""".encode()


def html(body: bytes, status: str = "200 OK", *, length: int | None = None) -> Answer:
    return page(body, status, length=length, Content_Type="text/html; charset=utf-8")


GOOD, CHANGED = table(), table(words="Retained for 30 days")


def stand_in(name: str) -> bytes:
    return (PAGES / f"{name}.html").read_bytes()


def foreign(words: str) -> bytes:
    return f"<!doctype html><html><body><main><p>{words * 100}</p></main></body></html>".encode()


# What is done to the page, and the outcome and the state that it has to be. Every one of them says, to whoever would
# read it, that the first maker keeps prompts or that makers are gone.
BAD: list[tuple[str, Answer, Outcome, SourceState]] = [
    ("challenge", html(stand_in("challenge.moment")), Outcome.CHALLENGE, SourceState.FAILING),
    ("challenge of 403", html(stand_in("challenge.denied"), "403 Forbidden"), Outcome.BLOCKED, SourceState.FAILING),
    ("consent", html(stand_in("consent.wall")), Outcome.CONSENT, SourceState.FAILING),
    ("login", html(stand_in("login.password")), Outcome.LOGIN, SourceState.FAILING),
    ("parked", html(stand_in("parked.links")), Outcome.PARKED, SourceState.FAILING),
    ("maintenance", html(stand_in("maintenance.planned")), Outcome.MAINTENANCE, SourceState.FAILING),
    ("soft 404", html(stand_in("soft_not_found.title")), Outcome.SOFT_NOT_FOUND, SourceState.FAILING),
    ("drawn in the browser", html(stand_in("drawn_in_browser.root")), Outcome.DRAWN_IN_BROWSER, SourceState.FAILING),
    ("empty body", html(b""), Outcome.EMPTY, SourceState.FAILING),
    ("empty page", html(stand_in("empty.body")), Outcome.EMPTY, SourceState.FAILING),
    ("half", html(CHANGED[: len(CHANGED) // 2]), Outcome.SHRUNKEN, SourceState.FAILING),
    ("four fifths", html(CHANGED[: len(CHANGED) * 4 // 5]), Outcome.SHRUNKEN, SourceState.FAILING),
    ("few rows", html(table(NAMES[:3])), Outcome.SHRUNKEN, SourceState.FAILING),
    ("selector gone", html(table(header="How long", words="Kept")), Outcome.OK, SourceState.UNREADABLE),
    ("not found", html(b"gone", "404 Not Found"), Outcome.NOT_FOUND, SourceState.FAILING),
    ("server error", html(b"sorry", "500 Internal Server Error"), Outcome.SERVER_ERROR, SourceState.FAILING),
    ("truncated", html(CHANGED[:-400], length=len(CHANGED)), Outcome.TRUNCATED, SourceState.FAILING),
    ("German", html(stand_in("wrong_language.docs")), Outcome.WRONG_LANGUAGE, SourceState.FAILING),
    (
        "Japanese",
        html(foreign("保存期間は三十日です。モデルの訓練には使用しません。")),
        Outcome.WRONG_LANGUAGE,
        SourceState.FAILING,
    ),
    ("Finnish", html(foreign("Syötteitä ei käytetä kouluttamiseen. ")), Outcome.WRONG_LANGUAGE, SourceState.FAILING),
    ("PDF", html(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"), Outcome.WRONG_CONTENT_TYPE, SourceState.FAILING),
    ("docx", html(b"PK\x03\x04word/document.xml"), Outcome.WRONG_CONTENT_TYPE, SourceState.FAILING),
    ("plain text", page(b"Terms", Content_Type="text/plain"), Outcome.WRONG_CONTENT_TYPE, SourceState.FAILING),
]
NAMED = {"challenge", "consent", "empty body", "half", "selector gone", "not found", "server error", "truncated"}
NOT_WHOLE = {Outcome.BLOCKED, Outcome.NOT_FOUND, Outcome.SERVER_ERROR, Outcome.TRUNCATED}
WITHOUT_BODY = [answer for name, answer, *_ in BAD if name == "empty body"]


def sent(answer: Answer, outcome: Outcome) -> bytes | None:
    """The body of an answer, None where it did not come, was not whole or was not read."""
    body = b"".join(answer.pieces).partition(b"\r\n\r\n")[2]
    return None if outcome in NOT_WHOLE or answer in WITHOUT_BODY else body


class House:
    """One declared page, answered by a scripted site; a clock that goes on by a day at each look."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.folder, self.site, self.days = folder, site, -1

    def look(self, answer: Answer, path: str = "/docs") -> Outcomes:
        self.site.serve(path, answer)
        self.days += 1
        now = FIRST + self.days * DAY
        with closing(fetcher(now=lambda: now)) as asking:
            return refresh(self.work(), asking)

    def work(self) -> Workplace:
        return Workplace(self.folder)

    def status(self) -> SourceStatus:
        (found,) = find_status(self.work())
        return found

    def last(self) -> Observation:
        found = self.status().last
        assert found is not None
        return found

    def kept(self) -> list[bytes | None]:
        """The bytes that the archive holds of each look."""
        work = self.work()
        keys = [look.capture_id for look in work.observations()]
        return [None if key is None else work.archive.read_capture(key) for key in keys]

    def facts(self) -> tuple[list[ChangeRecord], dict[str, int | None], set[str]]:
        """What changed so far, the days that each maker keeps prompts, and who is listed."""
        with Catalog.open(self.folder / "catalog" / "current") as catalog:
            offerings = catalog.offerings(listed_only=False)
            listed = {one.offering_id for one in offerings if one.is_listed}
            return catalog.changes(), {one.offering_id: one.retention_days for one in offerings}, listed

    def strict(self, answer: Answer) -> int:
        """Refresh as a person would, with the clock of the day."""
        self.site.serve("/docs", answer)
        fetching = ("--allow-private-network", "--pause", "0", "--timeout", str(PATIENCE))
        return main(["refresh", "--strict", "--data", str(self.folder), *fetching])


@pytest.mark.fault("C01", "C02")
@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("challenge.moment", Outcome.CHALLENGE),
        ("login.password", Outcome.LOGIN),
        ("maintenance.planned", Outcome.MAINTENANCE),
        ("wrong_language.docs", Outcome.WRONG_CONTENT_TYPE),
    ],
)
def test_a_page_in_place_of_a_feed_is_named_and_kept(tmp_path: Path, site: Site, name: str, outcome: Outcome) -> None:
    folder = make_folder(tmp_path / "data")
    declare(folder, site.url("/feed"))
    house = House(folder, site)
    house.look(page(feed()), "/feed")
    house.look(html(stand_in(name)), "/feed")
    found = house.status()
    assert (outcome, SourceState.FAILING) == (house.last().outcome, found.state)
    assert [feed(), stand_in(name)] == house.kept()
    assert 30 == house.facts()[1]["p0"]


@pytest.fixture
def house(tmp_path: Path, site: Site) -> House:
    folder = make_folder(tmp_path / "data")
    (folder / "sources" / "docs.toml").write_text(DECLARATION.format(url=site.url("/docs")))
    return House(folder, site)


@pytest.mark.fault("C01", "C02", "C03", "C04", "C05", "C06", "C19", "C20")
def test_a_page_that_goes_bad_in_every_way_and_comes_back_makes_no_change_but_the_real_one(house: House) -> None:
    house.look(html(GOOD))
    before = house.facts()
    good = house.last()
    assert ([], 40) == (before[0], len(before[2]))
    for _, answer, outcome, state in BAD:
        house.look(answer)
        found = house.status()
        assert (outcome, state, good) == (house.last().outcome, found.state, found.good)
        assert [False, True] == [found.is_stale(FIRST + days * DAY) for days in (30, 31)]
        assert before == house.facts()
    assert [sent(answer, outcome) for _, answer, outcome, _ in BAD] == house.kept()[1:]
    house.look(html(GOOD))
    assert (SourceState.OK, before) == (house.status().state, house.facts())
    house.look(html(CHANGED))
    changes, days, listed = house.facts()
    (change,) = changes
    assert ("retention_changed", "maker-00") == (change.change_kind, change.offering_id)
    assert (FIRST + house.days * DAY, FIRST + (house.days - 1) * DAY) == (change.changed_at, change.not_before_at)
    assert before[1] | {"maker-00": 30} == days
    assert before[2] == listed


@pytest.mark.heavy
@pytest.mark.fault("C01", "C02", "C03", "C04", "C05", "C06", "C19", "C20")
def test_strict_is_3_at_every_bad_step_and_0_at_every_good_one(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    def status(*options: str) -> str:
        assert main(["status", "--data", str(house.folder), *options]) == 0
        return capsys.readouterr().out

    assert house.strict(html(GOOD)) == 0
    for name, answer, outcome, state in (case for case in BAD if case[0] in NAMED):
        assert DEGRADED == house.strict(answer), name
        assert "not as last seen: docs; `provider-terms status` tells why" in capsys.readouterr().err
        (told,) = json.loads(status("--format", "json"))
        assert (state, 40, False) == (told["state"], told["rows"], told["is_stale"])
        wanted = outcome.value if state is SourceState.FAILING else "no rows: no table with the columns"
        assert wanted in told["detail"]
        assert state.value in status()
    assert house.strict(html(GOOD)) == 0
    assert house.strict(html(CHANGED)) == 0
    (change,) = house.facts()[0]
    assert "maker-00" == change.offering_id


@pytest.mark.fault("C01", "C02", "C03", "C04")
def test_c01_a_refused_capture_is_never_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []

    def parse(body: bytes, _content_type: str | None) -> Parsed:
        read.append(body)
        return original(body)

    original = policy_table.parse
    monkeypatch.setattr(policy_table, "parse", parse)
    house.look(html(GOOD))
    for name in ("challenge.moment", "consent.wall", "parked.links", "maintenance.planned"):
        house.look(html(stand_in(name)))
        assert house.status().last != house.status().good
    assert {GOOD} == set(read)


@pytest.mark.fault("C01")
def test_c01_a_page_that_is_doubted_at_the_first_look_is_not_published(house: House) -> None:
    doubted = GOOD.replace(b"<title>Provider logging", b"<title>Just a moment...")
    assert len(doubted) < 5_000
    with pytest.raises(CatalogError, match="nothing to publish: docs challenge: a short page that says 'just a moment"):
        house.look(html(doubted))


@pytest.mark.fault("C17")
def test_c17_variants_that_alternate_are_one_flapping_state_and_two_changes_at_most(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    states, counts = [], []
    for number in range(7):
        house.look(html((GOOD, CHANGED)[number % 2]))
        states.append(house.status().state)
        counts.append(len(house.facts()[0]))
    assert [SourceState.OK] * 3 + [SourceState.FLAPPING] * 4 == states
    assert [0, 1, 2, 2, 2, 2, 2] == counts
    assert 0 == house.facts()[1]["maker-00"]
    assert main(["status", "--data", str(house.folder)]) == 0
    assert "flapping" in capsys.readouterr().out
    house.look(html(table(words="Retained for 55 days")))
    assert (SourceState.OK, 55) == (house.status().state, house.facts()[1]["maker-00"])
    assert 3 == len(house.facts()[0])


@pytest.mark.fault("C18")
def test_c18_a_page_of_which_only_nonces_and_times_differ_never_changes(house: House) -> None:
    house.look(html(table(nonce="0")))
    before = house.facts()
    for number in range(1, 4):
        outcomes = house.look(html(table(nonce=f"8f{number}e2026-11-0{number}T10:00:00Z")))
        assert {"docs": Outcome.OK} == {source_id: look.outcome for source_id, look in outcomes.looks.items()}
        assert (SourceState.OK, before) == (house.status().state, house.facts())
    assert 4 == house.status().capture_count


@pytest.mark.fault("C24")
def test_c24_an_old_page_that_comes_back_is_a_change_and_marked_as_one_seen_before(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    details = []
    for body in (GOOD, CHANGED, GOOD, GOOD):
        house.look(html(body))
        details.append(house.status().detail)
    wanted = "shows again what it showed on 2026-11-01"
    assert [None, None, wanted, wanted] == details
    changes, days, _ = house.facts()
    assert ["retention_changed", "retention_changed"] == [one.change_kind for one in changes]
    assert 0 == days["maker-00"]
    with Catalog.open(house.folder / "catalog" / "current") as catalog:
        assert [{"detail": wanted}] == catalog.rows("SELECT detail FROM sources")
    assert main(["status", "--format", "json", "--data", str(house.folder)]) == 0
    assert wanted in capsys.readouterr().out


@pytest.mark.fault("C07")
def test_c07_makers_that_go_one_by_one_are_believed(house: House) -> None:
    house.look(html(GOOD))
    house.look(html(table(NAMES[:-1])))
    changes, _, listed = house.facts()
    assert [("delisted", "maker-39")] == [(one.change_kind, one.offering_id) for one in changes]
    assert 39 == len(listed)


@pytest.mark.fault("C08")
def test_c08_more_rows_than_ever_are_believed_with_a_signal_and_a_row_twice_is_not(house: House) -> None:
    house.look(html(GOOD))
    house.look(html(table([*NAMES, NAMES[3]])))
    assert SourceState.UNREADABLE == house.status().state
    house.look(html(table([*NAMES, *(f"Brand {number:02}" for number in range(80))])))
    reading = house.status().reading
    assert reading is not None
    assert 120 == reading.row_count
    assert "expected at most 100 rows, found 120" in reading.signals
