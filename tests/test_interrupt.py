"""A refresh that is stopped, by a person or by the system, and one that goes on where it was stopped."""

import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from network_site import fetcher
from patience import PATIENCE, wait_for
from scripted_site import UNENDING, Site, page, raw
from test_refresh import FIRST
from tiny_refresh import command, declare, environment, feed, make_folder, run, said, serve, words

from pipeline.cli import main
from pipeline.collect.archive import Archive
from pipeline.collect.lock import only_run
from pipeline.model import Outcome
from pipeline.refresh import build, refresh
from pipeline.survey import read_look
from pipeline.workplace import Workplace

STOPPED = "provider-terms: stopped; what came is kept, and the published catalog is whole"


def start(data: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(data, "refresh", "--timeout", str(2 * PATIENCE), *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    )


def _looks(data: Path) -> dict[str, Outcome]:
    return {look.source_id: look.outcome for look in Archive(data / "archive").observations()}


@pytest.mark.fault("W04")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_w04_a_refresh_that_is_told_to_stop_does_so_and_keeps_what_came(
    site: Site, tmp_path: Path, number: signal.Signals
) -> None:
    data = make_folder(tmp_path / "data")
    serve(site, data, page(feed()))
    # Another host, so that neither has to wait for the other.
    declare(data, site.serve("/silent", UNENDING).replace("127.0.0.1", "localhost"), "silent")
    with start(data) as running:
        wait_for(lambda: bool(site.seen("/silent")) and "feed" in _looks(data))
        running.send_signal(number)
        _, told = running.communicate(timeout=PATIENCE)
    assert (1, [STOPPED]) == (running.returncode, told.splitlines()[1:])
    assert {"feed": Outcome.OK} == _looks(data)
    with only_run(data):
        assert build(Workplace(data)).is_new_build is True


@pytest.mark.fault("W04")
def test_w04_a_stop_that_python_loses_is_heard_all_the_same(site: Site, tmp_path: Path) -> None:
    """A signal that comes while a weak reference is cleared raises nothing that anybody could catch."""
    data = make_folder(tmp_path / "data")
    serve(site, data, page(feed()))
    declare(data, site.serve("/silent", raw(holds=True)).replace("127.0.0.1", "localhost"), "silent")
    asking = fetcher(now=lambda: FIRST)

    def hear(_: str) -> None:
        asking.is_stopped = True

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        refresh(Workplace(data), asking, hear)
    assert time.monotonic() - began < asking.limits.whole
    assert {"feed": Outcome.OK} == _looks(data)


@pytest.fixture
def hearing() -> Iterator[None]:
    """Interrupts as at a terminal: a shell makes what it runs in the background deaf to them, and the tests may be."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hearing")
@pytest.mark.fault("W04")
def test_w04_a_stop_while_a_page_is_read_is_heard_at_once_and_the_page_is_kept(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = make_folder(tmp_path / "data")
    serve(site, data, page(feed()))
    went_on: list[bool] = []

    def read(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)
        went_on.append(True)

    monkeypatch.setattr("pipeline.refresh.read_look", read)
    assert 1 == main(words(data, "refresh"))
    assert STOPPED == capsys.readouterr().err.splitlines()[-1]
    assert ([], {"feed": Outcome.OK}) == (went_on, _looks(data))


@pytest.mark.usefixtures("hearing")
@pytest.mark.fault("W04")
def test_w04_a_stop_that_python_loses_while_a_page_is_read_is_no_fault_and_ends_the_run(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Loses:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    data = make_folder(tmp_path / "data")
    serve(site, data, page(feed()))
    untouched = read_look
    monkeypatch.setattr("pipeline.refresh.read_look", lambda *given: (Loses(), untouched(*given))[1])
    assert 1 == main(words(data, "refresh"))
    said = capsys.readouterr().err
    assert (STOPPED, False) == (said.splitlines()[-1], "Exception ignored" in said)
    assert {"feed": Outcome.OK} == _looks(data)


@pytest.mark.fault("W17")
def test_w17_a_refresh_goes_on_where_it_was_stopped_and_asks_nothing_fresh_twice(site: Site, tmp_path: Path) -> None:
    data = make_folder(tmp_path / "data")
    serve(site, data, page(feed(), Cache_Control="max-age=3600"), source_id="by-server")
    serve(site, data, page(feed()), source_id="by-declaration", hours=24)
    serve(site, data, page(feed()), source_id="never-fresh")
    slow = site.serve("/slow", UNENDING, page(feed())).replace("127.0.0.1", "localhost")
    declare(data, slow, "slow")
    with start(data) as running:
        wait_for(lambda: len(_looks(data)) == 3 and bool(site.seen("/slow")))
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=PATIENCE)
    assert 1 == running.returncode
    again = run(data, "refresh")
    assert 0 == again.returncode, again.stderr
    asked = {path: len(site.seen(f"/{path}")) for path in ("by-server", "by-declaration", "never-fresh", "slow")}
    assert {"by-server": 1, "by-declaration": 1, "never-fresh": 2, "slow": 2} == asked
    assert 0 == run(data, "refresh", "--force").returncode
    assert (2, 2) == (len(site.seen("/by-server")), len(site.seen("/by-declaration")))


@pytest.mark.fault("W03")
def test_w03_a_reader_that_runs_out_of_memory_fails_its_source_only(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers run in the process of the run, so none can be killed by itself; this is what is left of the row."""
    data = make_folder(tmp_path / "data")
    serve(site, data, page(feed()))
    serve(site, data, page(feed(77)), source_id="hungry")
    assert 0 == run(data, "refresh").returncode

    def parse(body: bytes, _content_type: str | None) -> object:
        if b"77" in body:
            raise MemoryError
        return whole(body)

    from pipeline.parse import provider_feed  # noqa: PLC0415 - replaced below

    whole = provider_feed.parse
    monkeypatch.setattr(provider_feed, "parse", parse)
    shutil.rmtree(data / "archive" / "cache")
    states = {status.source.id: status.state.value for status in build(Workplace(data)).statuses}
    assert {"feed": "ok", "hungry": "unreadable"} == states


@pytest.mark.fault("W04")
def test_w04_a_stop_before_anything_was_published_leaves_no_catalog(site: Site, tmp_path: Path) -> None:
    data = make_folder(tmp_path / "data")
    serve(site, data, UNENDING)
    with start(data) as running:
        wait_for(lambda: bool(site.seen("/feed")))
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=PATIENCE)
    assert 1 == running.returncode
    assert not (data / "catalog" / "current").exists()
    ran = run(data, "list")
    assert (1, 1) == (ran.returncode, len(said(ran)))


LONG_QUERY = "SELECT sum(a.range * b.range) FROM range(1000000) a, range(10000) b"


@pytest.mark.fault("W04")
def test_w04_a_stop_that_the_database_hears_is_one_line_too(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert 0 == run(data, "build").returncode
    for _ in range(3):  # the database does not always ask whether a signal came
        _stop_long_query(data)


def _stop_long_query(data: Path) -> None:
    before = _children_seconds()
    with subprocess.Popen(
        command(data, "query", LONG_QUERY), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as running:
        wait_for(lambda: _has_open(running.pid, "catalog.duckdb"))
        loaded = _cpu_seconds(running.pid)
        wait_for(lambda: _cpu_seconds(running.pid) > loaded + 0.5)  # which nothing but the query takes from here
        spent = _cpu_seconds(running.pid)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=PATIENCE)
    assert (1, [STOPPED]) == (running.returncode, told.splitlines())
    assert _children_seconds() - before - spent < 5  # and it was not its own limit, of 30 s, that stopped it


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _has_open(pid: int, name: str) -> bool:
    found = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed in the meantime
            found.append(link.readlink().name)
    return name in found


def _cpu_seconds(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
