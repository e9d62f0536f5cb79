"""A page is decoded by the header that it came with, at that refresh and at every build after it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from network_site import fetcher
from scripted_site import Answer, Request, Site, page
from tiny_refresh import make_folder

from pipeline.catalog.reader import Catalog
from pipeline.refresh import Outcomes, build, refresh
from pipeline.workplace import Workplace

START = datetime(2026, 11, 1, 10, tzinfo=UTC)
SOURCE = """\
id = "table"
gateway_id = "a-gateway"
title = "A table"
terms_type = "gateway_table"
format = "policy_table"
url = "{url}"
content_types = ["text/html"]
rank = 1
stale_after_days = 7

[envelope]
min_rows = 1
max_rows = 9
"""
WORDS = (
    "The providers of this page keep what you send to them, or they do not, and this is what the table tells of it. "
)


def html(name: str, encoding: str, meta: str = "") -> bytes:
    head = f"<meta charset={meta}>" if meta else ""
    row = f"<tr><td>{name}<td>Retained for 30 days<td>Does not train"
    table = f"<table><tr><th>Provider<th>Data Retention<th>Train on Prompts{row}</table>"
    return f"<!doctype html><html><head>{head}</head><body><p>{WORDS * 4}</p>{table}</body></html>".encode(encoding)


def as_html(body: bytes, charset: str) -> Answer:
    return page(body, Content_Type=f"text/html; charset={charset}", ETag='"a"')


@pytest.fixture
def data(tmp_path: Path, site: Site) -> Path:
    folder = make_folder(tmp_path / "data")
    (folder / "sources" / "table.toml").write_text(SOURCE.format(url=site.url("/table")))
    return folder


def refresh_on(data: Path, day: int) -> Outcomes:
    now = START + timedelta(days=day)
    return refresh(Workplace(data), fetcher(now=lambda: now))


def names(data: Path) -> list[str]:
    with Catalog.open(data / "catalog" / "current") as catalog:
        return [one.provider_name for one in catalog.offerings()]


CASES = [
    # The name, how it is encoded, and what the page itself says of it.
    ("Café", "windows-1252", ""),
    ("Café", "windows-1252", "koi8-r"),
    ("Café", "windows-1252", "utf-8"),
    ("Łąka", "iso-8859-2", ""),
    ("Łąka", "windows-1250", "iso-8859-2"),
    ("Žluť", "windows-1250", "no-such"),
]


@pytest.mark.fault("E01", "E02")
@pytest.mark.parametrize(("name", "encoding", "meta"), CASES)
def test_e02_a_refresh_reads_a_page_by_the_charset_of_its_header(
    site: Site, data: Path, name: str, encoding: str, meta: str
) -> None:
    site.serve("/table", as_html(html(name, encoding, meta), encoding))
    refresh_on(data, 0)
    assert [name] == names(data)


@pytest.mark.fault("E03")
def test_e03_bytes_that_are_utf_8_stay_so_whatever_the_header_says(site: Site, data: Path) -> None:
    site.serve("/table", as_html(html("Łąka ✓", "utf-8"), "iso-8859-1"))
    refresh_on(data, 0)
    assert ["Łąka ✓"] == names(data)


def _conditional(request: Request) -> Answer:
    if "if-none-match" in request.headers:
        return page(status="304 Not Modified", Content_Type="", ETag='"a"')
    return as_html(html("Łąka", "iso-8859-2"), "iso-8859-2")


@pytest.mark.fault("E02", "W15", "W16")
def test_e02_a_304_and_a_build_of_the_archive_alone_read_it_by_the_header_that_it_came_with(
    site: Site, data: Path
) -> None:
    site.serve("/table", _conditional)
    assert [True, False] == [refresh_on(data, day).is_new_build for day in range(2)]
    assert [200, 304] == [look.status for look in Workplace(data).observations()]
    (data / "catalog" / "current").unlink()
    assert build(Workplace(data)).is_new_build
    assert ["Łąka"] == names(data)


@pytest.mark.fault("E02", "W16")
def test_e02_the_same_bytes_under_another_header_are_no_other_reading(site: Site, data: Path) -> None:
    body = html("Łąka", "iso-8859-2")
    site.serve("/table", as_html(body, "iso-8859-2"), as_html(body, "koi8-r"), page(body, Content_Type="text/html"))
    assert [True, False, False] == [refresh_on(data, day).is_new_build for day in range(3)]
    assert 1 == len({look.capture_id for look in Workplace(data).observations()})
    (data / "catalog" / "current").unlink()
    build(Workplace(data))
    assert ["Łąka"] == names(data)
