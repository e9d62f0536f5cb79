"""A capture is read once by each reader; what is kept of that is a cache, and never stands in for the capture."""

import shutil
from copy import copy
from pathlib import Path

import pytest
from network_site import fetcher
from published_catalog import copy_of
from scripted_site import Site, page
from test_refresh import FIRST, Lab
from tiny_refresh import feed

from pipeline import reading, survey
from pipeline.model import Reading, SourceState
from pipeline.refresh import build, find_status, refresh

CHANGED = feed(55)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, lasting_site: Site) -> Lab:
    """A lab whose one feed has shown two captures; tests get copies."""
    made = Lab(tmp_path_factory.mktemp("original") / "data", lasting_site)
    made.declare("feed", "provider_feed")
    lasting_site.serve("/feed", page(feed()), page(CHANGED, ETag='"v2"'))
    made.refresh()
    made.refresh(days=1)
    return made


@pytest.fixture
def lab(original: Lab, tmp_path: Path) -> Lab:
    copied = copy(original)
    copied.folder = copy_of(original.folder, tmp_path / "data")
    return copied


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources whose captures are read from now on, in order."""
    seen: list[str] = []
    whole = reading.read_capture

    def read_capture(*arguments: object, **more: object) -> Reading:
        seen.append(arguments[1].id)  # type: ignore[attr-defined]
        return whole(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(survey, "read_capture", read_capture)
    return seen


def _cache(lab: Lab) -> Path:
    return lab.folder / "archive" / "cache"


def _published(lab: Lab) -> dict[str, bytes]:
    folder = lab.folder / "catalog" / "current" / "csv"
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _captures(lab: Lab) -> list[Path]:
    """The files of the captures, the newest last."""
    found = {path.stem: path for path in lab.folder.rglob("captures/*/*.zst")}
    return [found[look.capture_id or ""] for look in lab.work().observations()]


def test_a_build_reads_only_what_is_new(lab: Lab, read: list[str]) -> None:
    assert build(lab.work()).is_new_build is False
    assert [] == read
    lab.bring("feed", feed(90), FIRST.replace(day=9))
    assert build(lab.work()).is_new_build
    assert ["feed"] == read


def test_a_refresh_reads_what_it_fetches_once(lab: Lab, read: list[str]) -> None:
    lab.site.serve("/feed", page(feed(77)))
    outcomes = refresh(lab.work(), fetcher(now=lambda: FIRST.replace(day=3)))
    assert (["feed"], True) == (read, outcomes.is_new_build)


def test_the_cache_may_be_deleted_and_nothing_changes(lab: Lab, read: list[str]) -> None:
    before, statuses = _published(lab), find_status(lab.work())
    shutil.rmtree(_cache(lab))
    shutil.rmtree(lab.folder / "catalog")
    assert build(lab.work()).is_new_build
    assert (["feed", "feed"], before) == (read, _published(lab))
    assert statuses == find_status(lab.work())


def test_a_build_from_kept_readings_is_the_same_to_the_byte(lab: Lab, read: list[str]) -> None:
    before = _published(lab)
    shutil.rmtree(lab.folder / "catalog")
    assert build(lab.work()).is_new_build
    assert ([], before) == (read, _published(lab))


def test_another_declaration_reads_its_own_captures_anew(lab: Lab, read: list[str]) -> None:
    path = lab.folder / "sources" / "feed.toml"
    path.write_text(path.read_text().replace("min_rows = 3", "min_rows = 5"))
    (status,) = find_status(lab.work())
    assert (SourceState.UNREADABLE, ["feed", "feed"]) == (status.state, read)


def test_status_uses_what_is_kept_and_keeps_nothing(lab: Lab, read: list[str]) -> None:
    find_status(lab.work())
    assert [] == read
    shutil.rmtree(_cache(lab))
    find_status(lab.work())
    assert (["feed", "feed"], False) == (read, _cache(lab).exists())


def test_why_a_capture_cannot_be_read_is_kept_too(tmp_path: Path, site: Site, read: list[str]) -> None:
    lab = Lab(tmp_path, site)
    lab.declare("feed", "provider_feed")
    site.serve("/feed", page(feed()), page(b'{"data": []}'))
    lab.refresh()
    (before,) = lab.refresh(days=1).statuses
    read.clear()
    (after,) = find_status(lab.work())
    assert SourceState.UNREADABLE is after.state
    assert ([], before.detail) == (read, after.detail)


def test_a_fault_of_the_reader_is_not_kept(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> Reading:
        raise MemoryError

    shutil.rmtree(_cache(lab))
    with monkeypatch.context() as patched:
        patched.setattr(survey, "read_capture", fail)
        assert SourceState.UNREADABLE is build_or_status(lab)
    assert SourceState.OK is build_or_status(lab)


def build_or_status(lab: Lab) -> SourceState:
    """Read all captures as a build does, and return how the feed stands."""
    work = lab.work()
    survey.survey(work)
    (status,) = find_status(work)
    return status.state


@pytest.mark.fault("W12")
def test_w12_a_damaged_capture_in_force_is_noticed_though_its_reading_is_kept(lab: Lab, read: list[str]) -> None:
    first, second = _captures(lab)
    second.write_bytes(b"garbage")
    (status,) = find_status(lab.work())
    assert (SourceState.UNREADABLE, True) == (status.state, "is damaged" in (status.detail or ""))
    assert status.good is not None
    assert first.stem == status.good.capture_id  # what was in force before
    first.unlink()
    (status,) = find_status(lab.work())
    assert (status.good, []) == (None, read)


@pytest.mark.fault("W12")
def test_w12_a_damaged_capture_that_is_past_keeps_what_was_read_of_it(lab: Lab) -> None:
    before = _published(lab)
    _captures(lab)[0].write_bytes(b"garbage")
    shutil.rmtree(lab.folder / "catalog")
    assert build(lab.work()).is_new_build
    assert before == _published(lab)
    assert 4 == lab.main("verify")


@pytest.mark.fault("W12")
def test_w12_a_mended_capture_is_in_force_again(lab: Lab) -> None:
    _captures(lab)[1].write_bytes(b"garbage")
    lab.site.serve("/feed", page(CHANGED))
    (status,) = lab.refresh(days=2).statuses
    assert (SourceState.OK, None) == (status.state, lab.site.seen("/feed")[-1].get("if-none-match"))


def test_verify_finds_nothing_amiss_in_the_cache(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    for path in _cache(lab).rglob("*.zst"):
        path.write_bytes(b"garbage")
    assert 0 == lab.main("verify")
    assert "nothing is damaged" in capsys.readouterr().out


def test_what_was_read_of_a_source_that_is_gone_is_removed_by_a_build(lab: Lab) -> None:
    lab.declare("table", "policy_table")
    lab.bring("table", b"| Provider | Data Retention | Train on Prompts |\n|-|-|-|\n| A | 1 day | No |\n", FIRST)
    build(lab.work())
    assert ["feed", "table"] == sorted(path.name for path in _cache(lab).iterdir())
    (lab.folder / "sources" / "table.toml").unlink()
    build(lab.work())
    assert ["feed"] == [path.name for path in _cache(lab).iterdir()]
