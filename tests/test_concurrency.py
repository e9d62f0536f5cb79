"""Two runs at once, readers during a run, odd folders, and much that was left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from effort import calls_in
from patience import PATIENCE, wait_for
from published_catalog import check_whole, copy_of, hashes, litter
from scripted_site import UNENDING, Site, page
from test_clock import DAY, START, refresh_at
from test_interrupt import start
from tiny_refresh import command, environment, feed, make_folder, run, said, serve

from pipeline.catalog.seen import SEEN
from pipeline.cli import main
from pipeline.collect.archive import Archive


@pytest.fixture
def data(tmp_path: Path, site: Site) -> Path:
    """A folder, oddly named, whose feed is answered but not asked yet."""
    folder = make_folder(tmp_path / "a földer, ✓ 数")
    serve(site, folder)
    return folder


def refresh(data: Path, *options: str) -> int:
    return main(["refresh", "--allow-private-network", "--pause", "0", "--data", str(data), *options])


@pytest.mark.fault("W06")
def test_w06_a_second_refresh_exits_at_once_and_a_killed_ones_lock_keeps_nobody_out(site: Site, data: Path) -> None:
    site.serve("/feed", UNENDING, page(feed()))
    with start(data) as first:
        wait_for(lambda: bool(site.seen("/feed")))
        second = run(data, "refresh")
        line = f"provider-terms: another run is at work in {data} (process {first.pid}): wait for it, or stop it"
        assert (1, "", [line]) == (second.returncode, second.stdout, said(second))
        build = run(data, "build")
        assert (1, [line]) == (build.returncode, said(build))
        first.send_signal(signal.SIGKILL)
        first.communicate(timeout=PATIENCE)
    assert -signal.SIGKILL == first.returncode
    assert (data / ".lock").is_file()
    assert 0 == refresh(data)
    check_whole(data / "catalog")


@pytest.mark.fault("W07")
def test_w07_readers_and_a_refresh_do_not_hinder_one_another(site: Site, data: Path) -> None:
    assert 0 == refresh(data)
    sql = "SELECT DISTINCT retention_days FROM provider_terms"
    path = (data / "catalog" / "current" / "catalog.duckdb").resolve()
    with duckdb.connect(str(path), read_only=True) as reader:
        site.serve("/feed", UNENDING)
        with start(data) as running:
            wait_for(lambda: len(site.seen("/feed")) == 2)
            assert 0 == run(data, "list").returncode
            running.kill()
            running.communicate(timeout=PATIENCE)
        site.serve("/feed", page(feed(40)))
        assert 0 == run(data, "refresh").returncode
        assert [(30,)] == reader.execute(sql).fetchall()
    assert "40" in run(data, "list", "--format", "csv").stdout


@pytest.mark.fault("W08")
def test_w08_a_file_of_another_build_is_told_by_its_hash(
    site: Site, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refresh_at(data, START)
    old = (data / "catalog" / "current").resolve()
    site.serve("/feed", page(feed(40)))
    refresh_at(data, START + DAY)
    new = (data / "catalog" / "current").resolve()
    for part in ("parquet/policies.parquet", "csv/policies.csv", "catalog.duckdb"):
        mine = (new / part).read_bytes()
        (new / part).write_bytes((old / part).read_bytes())
        capsys.readouterr()
        assert 4 == main(["verify", "--data", str(data)])
        assert f"catalog: {part} is damaged or missing" in capsys.readouterr().out
        (new / part).write_bytes(mine)
    assert 0 == main(["verify", "--data", str(data)])


_HEAVY = """
import sys
from pipeline.cli import main
code = main(sys.argv[1:])
print("SAW", code, *sorted({"pandas", "pandera"} & set(sys.modules)))
"""


@pytest.mark.fault("W16")
def test_w16_an_unchanged_refresh_imports_nothing_heavy_and_touches_nothing_published(data: Path) -> None:
    assert 0 == refresh(data)

    def facts() -> dict[str, tuple[int, int]]:
        paths = (path for path in (data / "catalog").rglob("*") if path.name != SEEN)  # which tells of the look
        return {str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns) for path in paths if path.is_file()}

    before = facts()
    arguments = command(data, "refresh")[3:]
    ran = subprocess.run(
        [sys.executable, "-c", _HEAVY, *arguments], capture_output=True, check=True, encoding="utf-8", env=environment()
    )
    assert "SAW 0" == ran.stdout.splitlines()[-1]
    assert before == facts()
    assert len(before) > 20


@pytest.mark.fault("W10")
@pytest.mark.parametrize("place", ["current", "builds", "lock", "file", "current folder"])
def test_w10_what_stands_where_something_else_belongs_is_told_in_one_line_or_put_right(
    site: Site, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    assert 0 == refresh(data)
    elsewhere = copy_of(data / "catalog" / "builds", tmp_path / "elsewhere")
    catalog, before = data / "catalog", hashes(elsewhere)
    os.utime(elsewhere, (1, 1))
    match place:
        case "current":
            (catalog / "current").unlink()
            (catalog / "current").symlink_to(elsewhere)
        case "builds":
            (catalog / "builds").rename(catalog / "old")
            (catalog / "builds").symlink_to(elsewhere)
        case "lock":
            (data / ".lock").unlink()
            (data / ".lock").symlink_to(elsewhere / "lock")
        case "file":
            data = tmp_path / "a-file"
            data.write_text("x")
        case "current folder":
            (catalog / "current").unlink()
            (catalog / "current").mkdir()
    site.serve("/feed", page(feed(40)))
    capsys.readouterr()
    code = refresh(data)
    told = [line for line in capsys.readouterr().err.splitlines() if "private networks" not in line]
    if place == "current":
        assert 0 == code
        check_whole(catalog)
    else:
        assert (1, 1) == (code, len(told)), told
        assert "a fault of this program" not in told[0]
    assert (before, 1) == (hashes(elsewhere), elsewhere.stat().st_mtime)


@pytest.mark.fault("W10")
def test_w10_a_folder_that_is_missing_is_made_by_a_refresh_and_told_by_a_reader(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "not" / "there"
    assert 1 == main(["list", "--data", str(missing)])
    assert 1 == capsys.readouterr().err.count("\n")
    assert not missing.exists()
    assert 0 == main(["build", "--data", str(missing)])
    check_whole(missing / "catalog")
    assert [] == site.requests


@pytest.mark.fault("W10")
@pytest.mark.skipif(os.geteuid() == 0, reason="root writes into read-only folders")
def test_w10_a_read_only_folder_is_told_in_one_line(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data.chmod(0o555)
    try:
        assert 1 == refresh(data)
    finally:
        data.chmod(0o755)
    assert "Permission denied" in capsys.readouterr().err


@pytest.mark.fault("W11")
def test_w11_much_that_a_killed_run_left_behind_costs_little_and_is_cleared(site: Site, data: Path) -> None:
    assert 0 == refresh(data)
    usual = calls_in(lambda: refresh(data))
    _kill_one(site, data)
    for number in range(20_000):
        folder = data / "archive" / "captures" / f"{number % 256:02x}"
        if number < 256:
            folder.mkdir(exist_ok=True)
        (folder / f"{number % 256:02x}{number:062x}.zst").touch()
        if number % 2:
            (folder / f".tmp-{number}").touch()
    (data / "catalog" / "builds" / ".tmp-a-folder").mkdir()
    assert calls_in(lambda: refresh(data)) < usual + 40 * 30_000  # for each as much as it takes to see what it is
    assert [] == litter(data)
    assert 2 == len(set(_names(data)))


@pytest.mark.fault("W11")
def test_w11_what_was_left_behind_is_looked_for_only_where_a_run_did_not_end_well(
    site: Site, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left = data / "archive" / "captures" / "ab" / ".tmp-left"
    left.parent.mkdir(parents=True)
    page_file = tmp_path / "page.json"
    page_file.write_bytes(feed())
    bring = ["import", str(page_file), "--source", "feed", "--captured-at", "2026-01-01", "--data", str(data)]

    def is_cleared(by: Callable[[], int]) -> bool:
        left.touch()
        assert 0 == by()
        return not left.exists()

    assert is_cleared(lambda: refresh(data))  # nothing is known of a run before
    assert not is_cleared(lambda: refresh(data))
    for by in (lambda: refresh(data), lambda: main(["build", "--data", str(data)]), lambda: main(bring)):
        _kill_one(site, data)
        assert is_cleared(by)
        assert not is_cleared(by)
    (data / "sources" / "feed.toml").rename(data / "sources" / "other.toml")
    assert 1 == refresh(data)  # a run that failed
    (data / "sources" / "other.toml").rename(data / "sources" / "feed.toml")
    assert is_cleared(lambda: refresh(data))
    capsys.readouterr()


def _kill_one(site: Site, data: Path) -> None:
    before = len(site.seen("/feed"))
    site.serve("/feed", UNENDING, page(feed()))
    with start(data) as running:
        wait_for(lambda: len(site.seen("/feed")) > before)
        running.kill()
        running.communicate(timeout=PATIENCE)


def _names(data: Path) -> list[int]:
    """Return the lengths of the names under the captures: folders of two letters, files of a hash."""
    return [len(path.name) for path in (data / "archive" / "captures").rglob("*")]


def test_a_refresh_of_an_empty_folder_without_network_publishes_what_was_recorded(tmp_path: Path) -> None:
    inside = ["unshare", "--user", "--map-root-user", "--net"]
    try:
        subprocess.run([*inside, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a process without network cannot be made here")
    data = tmp_path / "data"
    ran = subprocess.run(
        [*inside, *command(data, "refresh")], check=False, capture_output=True, env=environment(), timeout=PATIENCE
    )
    assert 0 == ran.returncode, ran.stderr
    check_whole(data / "catalog")
    looks = Archive(data / "archive").observations()
    assert len(looks) > 1
    assert [] == [look for look in looks if look.is_good]
