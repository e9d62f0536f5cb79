"""What is damaged is named, never half read, and mended by the next refresh."""

from collections.abc import Callable
from pathlib import Path

import pytest
from published_catalog import check_whole, copy_of
from scripted_site import Answer, Request, Site, page
from tiny_refresh import feed, make_folder, serve

from pipeline.catalog.current import current_build_key
from pipeline.cli import main
from pipeline.collect.archive import Archive, capture_id

KEY = capture_id(feed())


def _conditional(request: Request) -> Answer:
    return (
        page(status="304 Not Modified", ETag='"a"') if "if-none-match" in request.headers else page(feed(), ETag='"a"')
    )


@pytest.fixture
def site(lasting_site: Site) -> Site:
    lasting_site.requests.clear()
    lasting_site.serve("/feed", _conditional)
    return lasting_site


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, lasting_site: Site) -> Path:
    """A published folder whose server confirms what it sent before; tests get copies."""
    folder = make_folder(tmp_path_factory.mktemp("published") / "data")
    serve(lasting_site, folder)
    lasting_site.serve("/feed", _conditional)
    assert 0 == refresh(folder)
    return folder


@pytest.fixture
def data(published: Path, site: Site, tmp_path: Path) -> Path:  # noqa: ARG001 - which answers it as at first
    return copy_of(published, tmp_path / "data")


def refresh(data: Path) -> int:
    return main(["refresh", "--allow-private-network", "--pause", "0", "--data", str(data)])


Verify = Callable[[], tuple[int, list[str]]]


@pytest.fixture
def verify(data: Path, capsys: pytest.CaptureFixture[str]) -> Verify:
    def call() -> tuple[int, list[str]]:
        capsys.readouterr()
        return main(["verify", "--data", str(data)]), capsys.readouterr().out.splitlines()

    return call


def _flip(body: bytes) -> bytes:
    return body[:40] + bytes([body[40] ^ 1]) + body[41:]


DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "a bit flipped": _flip,
    "cut off": lambda body: body[:-20],
    "emptied": lambda _: b"",
    "deleted": lambda _: None,
}


def _damage(path: Path, change: Callable[[bytes], bytes | None]) -> None:
    body = change(path.read_bytes())
    if body is None:
        path.unlink()
    else:
        path.write_bytes(body)


@pytest.mark.fault("W12")
@pytest.mark.parametrize("change", DAMAGES.values(), ids=DAMAGES)
def test_w12_a_damaged_capture_is_named_by_its_hash_and_fetched_again(
    site: Site, data: Path, verify: Verify, change: Callable[[bytes], bytes | None]
) -> None:
    assert (0, ["nothing is damaged"]) == verify()
    _damage(data / "archive" / "captures" / KEY[:2] / f"{KEY}.zst", change)
    code, (first, last) = verify()
    assert (4, "1 damaged: provider-terms refresh mends what it can") == (code, last)
    assert KEY in first
    assert 0 == refresh(data)
    assert "if-none-match" not in site.seen("/feed")[-1]
    assert (0, ["nothing is damaged"]) == verify()


@pytest.mark.fault("W12")
def test_w12_a_capture_that_no_look_brought_is_checked_too(data: Path, verify: Verify) -> None:
    stray = data / "archive" / "captures" / "ab" / f"{'ab' * 32}.zst"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"no capture")
    code, (first, _) = verify()
    assert (4, True) == (code, "ab" * 32 in first)


@pytest.mark.fault("W12", "W13")
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("catalog.duckdb", DAMAGES["a bit flipped"]),
        ("csv/policies.csv", DAMAGES["cut off"]),
        ("parquet/claims.parquet", DAMAGES["deleted"]),
        ("datapackage.json", DAMAGES["cut off"]),
        ("datapackage.json", DAMAGES["deleted"]),
    ],
)
def test_w12_a_damaged_file_of_the_catalog_is_named_and_built_anew(
    data: Path, verify: Verify, name: str, change: Callable[[bytes], bytes | None]
) -> None:
    _damage(data / "catalog" / "current" / name, change)
    code, lines = verify()
    assert (4, f"catalog: {name} is damaged or missing") == (code, lines[0])
    assert 0 == refresh(data)
    check_whole(data / "catalog")
    assert 0 == verify()[0]


@pytest.mark.fault("W12")
def test_w12_a_link_that_leads_nowhere_is_damage(data: Path, verify: Verify) -> None:
    link = data / "catalog" / "current"
    for target in ("builds/gone", "current"):
        link.unlink()
        link.symlink_to(target)
        assert (4, "catalog: datapackage.json is damaged or missing") == (verify()[0], verify()[1][0])
    assert 0 == refresh(data)
    assert 0 == verify()[0]


ODD = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"build_key": "x", "files": [1]}',
    b'{"files": [{"path": "a\\u0000b"}]}',
]


@pytest.mark.fault("W13")
@pytest.mark.parametrize("body", ODD, ids=lambda body: repr(body[:20]))
def test_w13_a_descriptor_that_says_nothing_is_damage_and_the_catalog_of_nothing(
    tmp_path: Path, body: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "catalog" / "current"
    folder.mkdir(parents=True)
    (folder / "datapackage.json").write_bytes(body)
    assert 4 == main(["verify", "--data", str(tmp_path)])
    assert capsys.readouterr().out.startswith("catalog: ")
    assert current_build_key(tmp_path / "catalog") is None


@pytest.mark.fault("W13")
@pytest.mark.parametrize(
    "line", [b"garbage", b'{"from_a_later_version": 1}', b"[" * 100_000], ids=["none", "new", "deep"]
)
def test_w13_a_log_that_is_damaged_or_newer_is_named_and_refused_whole(
    data: Path, verify: Verify, capsys: pytest.CaptureFixture[str], line: bytes
) -> None:
    log = data / "archive" / "observations.jsonl"
    log.write_bytes(line + b"\n" + log.read_bytes())
    kept = log.read_bytes()
    code, (first, _) = verify()
    assert (4, True) == (code, "observations.jsonl:1: not an observation" in first)
    assert 1 == refresh(data)
    told = capsys.readouterr().err.splitlines()[-1]
    assert "observations.jsonl:1: not an observation" in told
    assert kept == log.read_bytes()
    check_whole(data / "catalog")


LOSSES: dict[str, Callable[[bytes], bytes | None]] = {
    "emptied": lambda _: b"",
    "gone": lambda _: None,
    "cut off": lambda log: log[:-20],
    "other bytes": lambda _: b"\x00\xfe" * 100,
    "all zeros": lambda log: bytes(len(log)),
    "zeros at the end": lambda log: log[: len(log) // 2] + bytes(len(log) - len(log) // 2),
    "zeros, then an appended look": lambda log: bytes(len(log)) + b" <cut off>\n" + log,
    "longer zeros": lambda log: bytes(2 * len(log)),
}


@pytest.mark.fault("W13")
@pytest.mark.parametrize("change", LOSSES.values(), ids=LOSSES)
def test_w13_a_log_that_lost_looks_is_named_and_nothing_is_published_from_what_is_left(
    data: Path, verify: Verify, capsys: pytest.CaptureFixture[str], change: Callable[[bytes], bytes | None]
) -> None:
    log, key = data / "archive" / "observations.jsonl", current_build_key(data / "catalog")
    whole = log.read_bytes()
    _damage(log, change)
    code, (first, _) = verify()
    assert (4, True) == (code, first.startswith(f"of the {len(whole)} bytes that the log had when"))
    for command in (["refresh", "--allow-private-network"], ["build"]):
        assert 1 == main([*command, "--data", str(data)])
        assert "looks are lost" in capsys.readouterr().err.splitlines()[-1]
    assert key == current_build_key(data / "catalog")
    log.write_bytes(whole)  # a backup, and all is as it was
    assert (0, ["nothing is damaged"]) == verify()
    assert 0 == refresh(data)


ODD_RULES = [
    *ODD[:6],
    b'[{"origin": "http://127.0.0.1", "fetched_at": "2026-11-01T10:00:00", "text": ""}]',
    b'[{"origin": "http://127.0.0.1", "fetched_at": "2026-11-01T10:00:00+00:00", "text": 5}]',
    b'[{"origin": 1, "fetched_at": "2026-11-01T10:00:00+00:00", "text": ""}]',
    b'[{"name": "of a later version"}]',
]


@pytest.mark.fault("W13")
@pytest.mark.parametrize("body", ODD_RULES, ids=lambda body: repr(body[:75]))
def test_w13_robots_rules_that_cannot_be_read_are_none(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "robots.json").write_bytes(body)
    assert {} == Archive(tmp_path).read_robots()


@pytest.mark.fault("W13")
def test_w13_robots_rules_that_cannot_be_read_are_asked_for_again(site: Site, data: Path) -> None:
    rules = data / "archive" / "robots.json"
    rules.write_bytes(rules.read_bytes().replace(b"+00:00", b""))
    assert 0 == refresh(data)
    assert 1 == len(site.seen("/robots.txt"))
    assert b"+00:00" in rules.read_bytes()


def test_a_folder_that_is_not_there_is_an_error_and_not_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 1 == main(["verify", "--data", str(tmp_path / "none")])
    assert ("", f"provider-terms: {tmp_path / 'none'}: no such folder\n") == capsys.readouterr()


def test_a_report_is_held_against_its_list_of_files_beside_the_catalog_and_where_it_was_filed(
    data: Path, tmp_path: Path, verify: Verify, capsys: pytest.CaptureFixture[str]
) -> None:
    filed = tmp_path / "filed"
    for more in ([], ["--out", str(filed)]):
        assert 0 == main(["report", "--data", str(data), *more])
    assert (0, ["nothing is damaged"]) == verify()
    capsys.readouterr()
    assert 0 == main(["verify", str(filed)])
    assert "every file is as report.json says\n" == capsys.readouterr().out
    for folder in (data / "catalog" / "current" / "report", filed):
        (folder / "index.html").write_text("altered")
        (folder / "method.html").unlink()
        (folder / "more.html").write_text("not of it")
    wrong = [
        "report: index.html is damaged or missing",
        "report: method.html is damaged or missing",
        "report: more.html is not of it",
    ]
    code, lines = verify()
    assert (4, wrong) == (code, lines[:3])
    assert 4 == main(["verify", str(filed)])
    assert [*wrong, "3 wrong"] == capsys.readouterr().out.splitlines()
    (filed / "report.json").write_text("[]")
    assert 4 == main(["verify", str(filed)])
    assert "report: report.json is damaged or missing" in capsys.readouterr().out
