"""A published data folder whose source has changed since, and what has to hold after its next refresh went wrong."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import duckdb
from published_catalog import check_whole, copy_of, hashes, litter
from scripted_site import Site, page
from tiny_refresh import feed, make_folder, run, serve
from traced import Call, Run, find_calls, run_cold
from warm import Warm

from pipeline.cli import main


class Scene(NamedTuple):
    """A published data folder whose source has changed since, and every call that the next refresh, by `run`, makes."""

    data: Path
    old: str
    files: dict[str, str]
    run: Run
    calls: list[Call]


@contextmanager
def changed_source(folder: Path, names: Iterable[str]) -> Iterator[Scene]:
    """Publish a data folder, change its source, and find the calls of these names that the next refresh makes."""
    with Site() as site:
        data = make_folder(folder / "data")
        serve(site, data, page(feed(30)))
        assert 0 == run(data, "refresh").returncode
        serve(site, data, page(feed(40)))
        old = check_whole(data / "catalog")
        files = hashes(data / "catalog" / "builds" / old)
        yield Scene(data, old, files, run_cold, _find_calls(run_cold, copy_of(data, folder / "traced"), names))


@contextmanager
def warmed(scene: Scene, folder: Path, names: Iterable[str]) -> Iterator[Scene]:
    """Give the scene with commands that run in forks of a process, for where there are hundreds of them."""
    with Warm(copy_of(scene.data, folder / "example")) as warm:
        calls = _find_calls(warm.run, copy_of(scene.data, folder / "traced by attaching"), names)
        yield scene._replace(run=warm.run, calls=calls)


def _find_calls(run: Run, data: Path, names: Iterable[str]) -> list[Call]:
    calls = find_calls(run, data, "refresh", names)
    assert 40 == retention_days(data)
    return calls


def check_old_or_new(scene: Scene, data: Path, call: Call) -> None:
    """Fail unless a fault at `call` left the old set, byte by byte, or published the whole new one beside it."""
    assert scene.files == hashes(data / "catalog" / "builds" / scene.old), call
    if (data / "catalog" / "current").readlink() != Path("builds", scene.old):
        check_whole(data / "catalog")
        assert 40 == retention_days(data), call


def check_recovers(scene: Scene, data: Path) -> None:
    """Fail unless a refresh without help publishes the change, leaves no litter and has nothing damaged."""
    ran = scene.run(data, "refresh")
    assert 0 == ran.returncode, ran.stderr
    check_whole(data / "catalog")
    assert (40, []) == (retention_days(data), litter(data))
    assert 0 == main(["verify", "--data", str(data)])


def retention_days(data: Path) -> int:
    """Return the days that the published catalog states of every offering."""
    path = (data / "catalog" / "current" / "catalog.duckdb").resolve()
    with duckdb.connect(str(path), read_only=True) as connection:
        ((days,),) = connection.execute("SELECT DISTINCT retention_days FROM provider_terms").fetchall()
    return int(days)
