"""Which sources a run asks: what is fresh is left alone, and an answer that is not believed makes nothing fresh."""

from pathlib import Path

import pytest
from network_site import ENDLESS, PATIENT, fetcher
from scripted_site import Answer, Site, page, raw
from terms_lab import DAY, FIRST, KEPT_30, KEPT_90, NOT_TRAINED, TermsLab, html
from tiny_refresh import declare, feed

from pipeline.model import Outcome
from pipeline.refresh import refresh

CHALLENGE = b"<!doctype html><title>Just a moment...</title><body><p>Verify you are human</p></body></html>"
DRIPS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: max-age=604800\r\n\r\n"


def _fresh(body: bytes = b"", status: str = "200 OK", *, length: int | None = None, **headers: str) -> Answer:
    return page(body, status, length=length, Cache_Control="max-age=604800", **headers)


NO_FEED: list[tuple[Answer, Outcome]] = [
    (_fresh(feed()[:100], length=900), Outcome.TRUNCATED),
    (_fresh(), Outcome.EMPTY),
    (_fresh(CHALLENGE), Outcome.CHALLENGE),
    (_fresh(CHALLENGE, Content_Type="text/html"), Outcome.CHALLENGE),
    (_fresh(b"<p>Back soon</p>", Content_Type="text/html"), Outcome.WRONG_CONTENT_TYPE),
    (_fresh(b"PK\x03\x04", Content_Type="application/zip"), Outcome.WRONG_CONTENT_TYPE),
    (_fresh(feed(), Content_Encoding="gzip"), Outcome.BAD_ENCODING),
    (_fresh(status="302 Found"), Outcome.HTTP_ERROR),
    (_fresh(status="304 Not Modified"), Outcome.PROTOCOL_ERROR),
    (_fresh(status="404 Not Found"), Outcome.NOT_FOUND),
    (raw(DRIPS, *[b" "] * 99, pause=0.1), Outcome.TIMEOUT),
]


@pytest.fixture
def lab(tmp_path: Path, site: Site) -> TermsLab:
    """A lab without a provider."""
    return TermsLab(tmp_path, site)


@pytest.mark.fault("N06", "N24", "C01", "C19")
@pytest.mark.parametrize(("answer", "outcome"), NO_FEED, ids=[f"{n} {case[1]}" for n, case in enumerate(NO_FEED)])
def test_an_answer_that_is_not_believed_is_asked_again_however_fresh_it_says_it_is(
    lab: TermsLab, answer: Answer, outcome: Outcome
) -> None:
    lab.refresh()
    lab.site.serve("/feed", answer)
    limits = ENDLESS if outcome is Outcome.TIMEOUT else PATIENT
    failed = refresh(lab.work(), fetcher(now=lambda: FIRST + DAY, limits=limits)).looks["feed"]
    assert (outcome, None) == (failed.outcome, failed.fresh_seconds)
    lab.site.serve("/feed", page(feed(40)))
    assert Outcome.OK is lab.refresh(days=1.1).looks["feed"].outcome


@pytest.mark.fault("N03")
def test_n03_the_other_pages_of_a_host_that_drips_are_no_fresher_than_those_that_were_asked(lab: TermsLab) -> None:
    lab.refresh()  # which leaves something to publish, however slowly the feed is answered the next time
    for number in range(4):
        declare(lab.folder, lab.site.serve(f"/{number}", raw(DRIPS, *[b" "] * 99, pause=0.1)), f"feed-{number}")
    looks = refresh(lab.work(), fetcher(now=lambda: FIRST + DAY, limits=ENDLESS)).looks
    assert {(Outcome.TIMEOUT, None)} == {
        (look.outcome, look.fresh_seconds) for source_id, look in looks.items() if source_id != "feed"
    }


@pytest.mark.fault("W12")
def test_w12_a_damaged_capture_is_brought_again_though_an_older_look_still_holds(lab: TermsLab) -> None:
    lab.provider("acme", lab.a_page("/terms"))
    lab.site.serve("/terms", html(KEPT_30, NOT_TRAINED))
    lab.refresh()
    lab.site.serve("/terms", html(KEPT_90, NOT_TRAINED))
    look = lab.refresh(0.05, force=True).looks["acme--data-usage-docs"]
    (path,) = lab.folder.rglob(f"{look.capture_id}.zst")
    path.write_bytes(b"")
    assert look.capture_id == lab.refresh(0.1).looks["acme--data-usage-docs"].capture_id
    assert "acme--data-usage-docs" not in lab.refresh(0.15).looks
