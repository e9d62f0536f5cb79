import json
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from network_site import PATIENT, SILENT
from patience import wait_for
from scripted_site import Answer, Request, Site, page, raw
from stub_network import NOW, Names, a_page, fetcher, guarded
from tiny_refresh import declare, feed, make_folder

from pipeline.catalog.reader import Catalog
from pipeline.catalog.state import SourceStatus
from pipeline.model import Outcome, SourceState
from pipeline.refresh import Manner, Outcomes, refresh
from pipeline.workplace import Workplace

FORBIDDING, ALLOWING = b"User-agent: *\nDisallow: /\n", b"User-agent: *\nDisallow: /other\n"
HEAD = b"HTTP/1.1 404 Not Found\r\n"


def _text(body: bytes) -> Answer:
    return page(body, Content_Type="text/plain")


class Lab:
    """A data folder whose sources a site answers, looked at so many hours after the start."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.folder, self.site = make_folder(folder), site

    def declare(self, *source_ids: str) -> None:
        for source_id in source_ids:
            declare(self.folder, self.site.serve(f"/{source_id}", page(feed())), source_id)

    def refresh(self, hours: float = 0) -> Outcomes:
        work = Workplace(self.folder, with_recorded=False)
        with fetcher(now=lambda: NOW + timedelta(hours=hours), robots=work.archive.read_robots()) as asking:
            return refresh(work, asking, manner=Manner(workers=4))

    def status(self, outcomes: Outcomes) -> SourceStatus:
        return outcomes.statuses[0]

    def count(self, path: str) -> int:
        return len(self.site.seen(path))


@pytest.fixture
def lab(tmp_path: Path, site: Site) -> Lab:
    return Lab(tmp_path / "data", site)


ANSWERS: list[tuple[str, Answer, Outcome]] = [
    ("allowed", _text(ALLOWING), Outcome.OK),
    ("disallowed", _text(FORBIDDING), Outcome.ROBOTS_DISALLOWED),
    ("disallowed as HTML", page(FORBIDDING, Content_Type="text/html"), Outcome.ROBOTS_DISALLOWED),
    ("empty", _text(b""), Outcome.OK),
    ("no content", raw(b"HTTP/1.1 204 No Content\r\n\r\n"), Outcome.OK),
    *(
        (status, page(FORBIDDING, status), Outcome.OK)
        for status in ("400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "410 Gone")
    ),
    ("a 404 whose body is cut", raw(HEAD + b"Content-Length: 900\r\n\r\nshort"), Outcome.OK),
    ("a 404 in no known encoding", raw(HEAD + b"Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx"), Outcome.OK),
    *(
        (status, page(ALLOWING, status), Outcome.ROBOTS_DISALLOWED)
        for status in ("429 Too Many Requests", "500 Internal Server Error", "503 Service Unavailable")
    ),
    ("nothing", raw(), Outcome.CONNECTION_RESET),
    ("silence", raw(holds=True), Outcome.TIMEOUT),
    ("no HTTP", raw(b"SSH-2.0-OpenSSH_9.2\r\n"), Outcome.PROTOCOL_ERROR),
    ("rules that are cut", page(ALLOWING, length=900), Outcome.TRUNCATED),
]


@pytest.mark.fault("R02")
@pytest.mark.parametrize(("answer", "outcome"), [case[1:] for case in ANSWERS], ids=[case[0] for case in ANSWERS])
def test_r02_a_client_error_allows_and_any_other_trouble_disallows(
    site: Site, answer: Answer, outcome: Outcome
) -> None:
    site.serve("/robots.txt", answer)
    url = site.serve("/page", page(b"[1]"))
    with fetcher(limits=SILENT if outcome is Outcome.TIMEOUT else PATIENT) as asking:
        found = asking.look(a_page(url)).observation
    is_asked = outcome is Outcome.OK
    wait_for(lambda: bool(site.requests))  # one that is not answered may be read after it was given up
    assert (outcome, ["/robots.txt", *(["/page"] * is_asked)]) == (found.outcome, [one.path for one in site.requests])
    assert is_asked or "robots.txt" in str(found.detail)


@pytest.mark.fault("R02")
def test_r02_robots_txt_is_asked_once_a_run_and_not_again_within_24_hours(lab: Lab) -> None:
    lab.site.serve("/robots.txt", _text(ALLOWING))
    lab.declare("a-feed", "b-feed", "c-feed")
    asked = []
    for hours in (0, 1, 23.99, 24, 47):
        lab.refresh(hours)
        asked.append((lab.count("/robots.txt"), lab.count("/a-feed"), lab.count("/c-feed")))
    assert [(1, 1, 1), (1, 2, 2), (1, 3, 3), (2, 4, 4), (2, 5, 5)] == asked
    kept = json.loads((lab.folder / "archive" / "robots.json").read_bytes())
    assert [(lab.site.url(""), ALLOWING.decode())] == [(one["origin"], one["text"]) for one in kept]


@pytest.mark.fault("R02")
@pytest.mark.parametrize("trouble", [page(status="503 Service Unavailable"), raw()], ids=["503", "no answer"])
def test_r02_a_refusal_is_not_kept_but_asked_again_each_run(lab: Lab, trouble: Answer) -> None:
    lab.declare("a-feed", "b-feed")
    lab.refresh(0)
    lab.site.serve("/robots.txt", trouble)
    before = lab.count("/robots.txt")
    counts = []
    for hours in (25, 25.1):
        lab.refresh(hours)
        counts.append(lab.count("/robots.txt") - before)
    lab.site.serve("/robots.txt", _text(ALLOWING))
    assert Outcome.OK is lab.refresh(25.3).looks["a-feed"].outcome
    assert counts == sorted(set(counts))  # each run asked, a run that tries again late included
    assert (2, 2) == (lab.count("/a-feed"), lab.count("/b-feed"))


@pytest.mark.fault("R02")
@pytest.mark.parametrize(
    "robots", [_text(FORBIDDING), page(status="500 Internal Server Error")], ids=["disallowed", "server error"]
)
def test_a_disallowed_page_is_a_state_of_its_source_and_its_last_good_capture_stays(lab: Lab, robots: Answer) -> None:
    lab.declare("a-feed")
    good = lab.status(lab.refresh(0)).good
    lab.site.serve("/robots.txt", robots)
    status = lab.status(lab.refresh(25))
    assert (SourceState.FAILING, good, 1) == (status.state, status.good, lab.count("/a-feed"))
    assert status.last is not None
    assert (Outcome.ROBOTS_DISALLOWED, None, None) == (status.last.outcome, status.last.status, status.last.capture_id)
    assert str(status.detail).startswith("robots_disallowed: robots.txt ")
    with Catalog.open(lab.folder / "catalog" / "current") as catalog:
        assert ["p0", "p1", "p2"] == sorted(one.offering_id for one in catalog.offerings())


@pytest.mark.fault("R02")
def test_rules_hold_at_each_host_that_a_redirect_leads_to(site: Site) -> None:
    port = int(site.url("").rpartition(":")[2])
    names = Names({name: ["127.0.0.1"] for name in ("here.example", "there.example")})
    site.serve("/robots.txt", _text(ALLOWING), _text(FORBIDDING))
    site.serve("/here", page(status="302 Found", Location=f"http://there.example:{port}/there"))
    site.serve("/there", page(b"[1]"))
    with fetcher(guarded(names)) as asking:
        found = asking.look(a_page(f"http://here.example:{port}/here", ports=(port,))).observation
    assert Outcome.ROBOTS_DISALLOWED is found.outcome
    assert ["/robots.txt", "/here", "/robots.txt"] == [request.path for request in site.requests]


@pytest.mark.fault("R02")
def test_a_redirect_does_not_reach_a_disallowed_page_in_disguise(site: Site) -> None:
    site.serve("/robots.txt", _text(b"User-agent: *\nDisallow: /private\n"))
    url = site.serve("/open", page(status="302 Found", Location=site.url("/x/../%70rivate")))
    with fetcher() as asking:
        assert Outcome.ROBOTS_DISALLOWED is asking.look(a_page(url)).observation.outcome
    assert ["/robots.txt", "/open"] == [request.path for request in site.requests]


def _big() -> Iterator[tuple[str, bytes, Outcome]]:
    head, filler = b"User-agent: *\nDisallow: /page\n", b"Disallow: /x\n"
    yield "600 KB", head + filler * 50_000, Outcome.ROBOTS_DISALLOWED
    yield (
        "the rule at 500 KiB",
        head[:14] + (filler * 40_000)[: 500 * 1024 - 100] + b"\n" + head,
        Outcome.ROBOTS_DISALLOWED,
    )
    yield "one line of 1 MB", head + b"Disallow: /" + b"x" * 1_000_000, Outcome.ROBOTS_DISALLOWED
    yield "the rule after 1 MB", b"#" * 1_000_000 + b"\n" + head, Outcome.OK
    yield "a soft 404", b"<!DOCTYPE html><html><body>\n<h1>Disallow: /</h1>\n</body></html>" * 9_000, Outcome.OK


BIG = list(_big())


@pytest.mark.fault("R03")
@pytest.mark.parametrize(("body", "outcome"), [case[1:] for case in BIG], ids=[case[0] for case in BIG])
def test_r03_a_huge_robots_txt_is_read_to_its_cap(site: Site, body: bytes, outcome: Outcome) -> None:
    site.serve("/robots.txt", page(body, Content_Type="text/html"))
    url = site.serve("/page", page(b"[1]"))
    with fetcher() as asking:
        assert outcome is asking.look(a_page(url)).observation.outcome


@pytest.mark.fault("R03")
def test_r03_an_endless_robots_txt_is_left_at_its_cap(site: Site) -> None:
    endless = raw(b"HTTP/1.1 200 OK\r\n\r\n" + FORBIDDING, *[b"#" * 65_536] * 16, holds=True)
    site.serve("/robots.txt", endless)
    with fetcher() as asking:
        assert Outcome.ROBOTS_DISALLOWED is asking.look(a_page(site.url("/page"))).observation.outcome


@pytest.mark.fault("R04")
@pytest.mark.parametrize(
    ("hops", "outcome"),
    [(1, Outcome.ROBOTS_DISALLOWED), (5, Outcome.ROBOTS_DISALLOWED), (6, Outcome.OK), (9, Outcome.OK)],
)
def test_r04_five_redirects_of_robots_txt_are_followed_and_the_sixth_means_that_there_is_none(
    site: Site, hops: int, outcome: Outcome
) -> None:
    paths = ["/robots.txt", *(f"/hop-{number}" for number in range(1, hops + 1))]
    for path, to in pairwise(paths):
        site.serve(path, page(status="302 Found", Location=to))
    site.serve(paths[-1], _text(FORBIDDING))
    url = site.serve("/page", page(b"[1]"))
    with fetcher() as asking:
        assert outcome is asking.look(a_page(url)).observation.outcome
    asked = [*paths[: 5 + 1], *(["/page"] * (outcome is Outcome.OK))]
    assert asked == [request.path for request in site.requests]


@pytest.mark.fault("R04")
@pytest.mark.parametrize("location", ["", "/robots.txt"])
def test_r04_a_redirect_to_nowhere_or_in_a_circle_means_that_there_are_no_rules(site: Site, location: str) -> None:
    site.serve("/robots.txt", page(status="301 Moved Permanently", Location=location))
    url = site.serve("/page", page(b"[1]"))
    with fetcher() as asking:
        assert Outcome.OK is asking.look(a_page(url)).observation.outcome
    assert (6 if location else 1) == len(site.seen("/robots.txt"))


@pytest.mark.fault("R04", "N16")
def test_r04_the_rules_that_a_redirect_leads_to_hold_wherever_they_are(site: Site) -> None:
    port = int(site.url("").rpartition(":")[2])
    names = Names({name: ["127.0.0.1"] for name in ("here.example", "there.example")})
    site.serve("/robots.txt", page(status="302 Found", Location=f"http://there.example:{port}/rules"))
    site.serve("/rules", _text(FORBIDDING))
    with fetcher(guarded(names)) as asking:
        declared = a_page(f"http://here.example:{port}/page", ports=(port,), hosts=("www.here.example",))
        found = asking.look(declared).observation
    assert (Outcome.ROBOTS_DISALLOWED, "robots.txt disallows it") == (found.outcome, found.detail)
    assert ["/robots.txt", "/rules"] == [request.path for request in site.requests]


LEADING_NOWHERE = [
    ("http://10.0.0.1/robots.txt", Outcome.ADDRESS_REFUSED),
    ("http://inside.example/robots.txt", Outcome.ADDRESS_REFUSED),
    ("ftp://here.example/robots.txt", Outcome.ADDRESS_REFUSED),
    ("http:///robots.txt", Outcome.ROBOTS_DISALLOWED),
    ("/a\\b", Outcome.ROBOTS_DISALLOWED),
]


@pytest.mark.fault("R04", "S07")
@pytest.mark.parametrize(("location", "outcome"), LEADING_NOWHERE, ids=[case[0] for case in LEADING_NOWHERE])
def test_r04_rules_behind_a_redirect_that_is_refused_disallow(site: Site, location: str, outcome: Outcome) -> None:
    port = int(site.url("").rpartition(":")[2])
    site.serve("/robots.txt", page(status="302 Found", Location=location))
    with fetcher(guarded(Names({"here.example": ["127.0.0.1"]}))) as asking:
        look = asking.look(a_page(f"http://here.example:{port}/page", ports=(port,)))
    assert (outcome, False) == (look.observation.outcome, look.is_transient)
    assert str(look.observation.detail).startswith("robots.txt could not be read: ")
    assert ["/robots.txt"] == [request.path for request in site.requests]


@pytest.mark.fault("R02")
@pytest.mark.parametrize("status", ["200 OK", "203 Non-Authoritative Information", "206 Partial Content", "299 x"])
def test_r02_rules_are_read_in_every_answer_that_is_a_success(site: Site, status: str) -> None:
    site.serve("/robots.txt", page(FORBIDDING, status, Content_Type="text/plain"))
    with fetcher() as asking:
        assert Outcome.ROBOTS_DISALLOWED is asking.look(a_page(site.serve("/page", page(b"[1]")))).observation.outcome
    assert ["/robots.txt"] == [request.path for request in site.requests]


@pytest.mark.fault("R06")
def test_r06_the_pause_is_kept_between_robots_txt_and_the_first_page_too(site: Site) -> None:
    begun: list[float] = []

    def serve(request: Request) -> Answer:
        begun.append(time.monotonic())
        return page(b"[1]") if request.path == "/page" else _text(b"")

    site.serve("/robots.txt", serve)
    with fetcher(pause_seconds=0.3) as asking:
        assert Outcome.OK is asking.look(a_page(site.serve("/page", serve))).observation.outcome
    assert begun[1] - begun[0] >= 0.3


@pytest.mark.fault("R06")
def test_a_crawl_delay_is_kept_between_two_pages_of_a_host(site: Site) -> None:
    site.serve("/robots.txt", _text(b"User-agent: provider-terms\nCrawl-delay: 0.4\n"))
    url = site.serve("/page", page(b"[1]"))
    with fetcher() as asking:
        began = time.monotonic()
        asking.look(a_page(url))
        free_at, ended = asking.free_at("127.0.0.1"), time.monotonic()
        assert Outcome.OK is asking.look(a_page(url)).observation.outcome
        assert time.monotonic() >= free_at
    assert began + 0.4 <= free_at <= ended + 0.4
