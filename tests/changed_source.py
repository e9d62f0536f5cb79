"""A published data folder whose source has changed since, and what has to hold after its next refresh went wrong."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import duckdb
from published_catalog import check_whole, copy_of, hashes, litter
from scripted_site import Site, page
from tiny_refresh import command, feed, make_folder, run, serve
from traced import Call, find_calls

from pipeline.cli import main


class Scene(NamedTuple):
    """A published data folder whose source has changed since, and every call that the next refresh makes there."""

    data: Path
    old: str
    files: dict[str, str]
    calls: list[Call]


@contextmanager
def changed_source(folder: Path, names: Iterable[str]) -> Iterator[Scene]:
    """Publish a data folder, change its source, and find the calls of these names that the next refresh makes."""
    with Site() as site:
        data = make_folder(folder / "data")
        serve(site, data, page(feed(30)))
        assert 0 == run(data, "refresh").returncode
        serve(site, data, page(feed(40)))
        traced = copy_of(data, folder / "traced")
        calls = find_calls(command(traced, "refresh"), traced, names)
        assert 40 == retention_days(traced)
        old = check_whole(data / "catalog")
        yield Scene(data, old, hashes(data / "catalog" / "builds" / old), calls)


def refresh_here(data: Path) -> int:
    """Refresh in this process and return the exit code."""
    return main(["refresh", "--allow-private-network", "--pause", "0", "--data", str(data)])


def check_recovers(data: Path) -> None:
    """Fail unless a refresh without help publishes the change, leaves no litter and has nothing damaged."""
    assert 0 == refresh_here(data)
    check_whole(data / "catalog")
    assert (40, []) == (retention_days(data), litter(data))
    assert 0 == main(["verify", "--data", str(data)])


def retention_days(data: Path) -> int:
    """Return the days that the published catalog states of every offering."""
    path = (data / "catalog" / "current" / "catalog.duckdb").resolve()
    with duckdb.connect(str(path), read_only=True) as connection:
        ((days,),) = connection.execute("SELECT DISTINCT retention_days FROM provider_terms").fetchall()
    return int(days)
