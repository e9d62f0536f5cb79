"""What a run makes of validators: the hash of the bytes decides what changed, and a lost capture is fetched anew."""

from pathlib import Path

import pytest
from scripted_site import Site, page
from test_refresh import Lab

from pipeline.model import Outcome

TABLE = b"""\
# Logging

| Provider | Data Retention | Train on Prompts |
| --- | --- | --- |
| A | Zero retention | \xe2\x9c\x93 Does not train |
| B | Zero retention | \xe2\x9c\x93 Does not train |
| C | Zero retention | \xe2\x9c\x93 Does not train |
"""
CHANGED = TABLE.replace(b"| A | Zero retention", b"| A | Retained for 30 days")


@pytest.fixture
def table(tmp_path: Path, site: Site) -> Lab:
    """A lab with one table."""
    made = Lab(tmp_path, site)
    made.declare("table", "policy_table")
    return made


@pytest.mark.fault("N25")
def test_n25_a_lost_capture_is_asked_for_once_and_without_a_condition(table: Lab) -> None:
    table.site.serve("/table", page(TABLE, Content_Type="text/markdown", ETag='"v1"'))
    key = table.refresh().looks["table"].capture_id or ""
    (path,) = table.folder.rglob(f"{key}.zst")
    path.unlink()
    look = table.refresh(days=1).looks["table"]
    assert (Outcome.OK, key) == (look.outcome, look.capture_id)
    assert TABLE == table.work().archive.read_capture(key)
    assert [None, None] == [headers.get("if-none-match") for headers in table.site.seen("/table")]
    table.refresh(days=2)
    assert '"v1"' == table.site.seen("/table")[2]["if-none-match"]


@pytest.mark.fault("N27")
@pytest.mark.parametrize(
    ("etag", "body", "is_change"), [('"v1"', CHANGED, True), ('"v2"', TABLE, False)], ids=["same tag", "same body"]
)
def test_n27_the_bytes_and_not_their_etag_decide_whether_there_is_a_change(
    table: Lab,
    etag: str,
    body: bytes,
    is_change: bool,  # noqa: FBT001
) -> None:
    first = page(TABLE, Content_Type="text/markdown", ETag='"v1"')
    table.site.serve("/table", first, page(body, Content_Type="text/markdown", ETag=etag))
    key = table.refresh().looks["table"].capture_id
    before = len(table.changes())
    look = table.refresh(days=1).looks["table"]
    assert (Outcome.OK, is_change) == (look.outcome, look.capture_id != key)
    assert is_change is (len(table.changes()) > before)
