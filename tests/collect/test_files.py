"""A folder is written whole or not at all, and never in the place of somebody else's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.collect.files import replace_folder, write_whole
from pipeline.errors import UsageError


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_folder_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out"
    replace_folder(target, [("a.txt", b"1"), ("b/c.txt", b"2")], kind="csv")
    assert [".provider-terms", "a.txt", "b/c.txt"] == names(target)
    replace_folder(target, [("d.txt", b"3")], kind="csv")
    assert [".provider-terms", "d.txt"] == names(target)
    assert [target] == list(target.parent.iterdir())


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    replace_folder(tmp_path / "out", [("a.txt", b"1")], kind="csv")
    assert [".provider-terms", "a.txt"] == names(tmp_path / "out")


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_somebody_elses_stays(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "out"
    match kind:
        case "file":
            target.write_text("mine")
        case "folder":
            target.mkdir()
            (target / "mine.txt").write_text("mine")
        case _:
            target.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="holds something else"):
        replace_folder(target, [("a.txt", b"1")], kind="csv")
    assert [target] == list(tmp_path.iterdir())


def drop_in(folder: Path, what: str) -> str:
    """Put something that nobody wrote there into a folder, and return its name."""
    match what:
        case "file":
            (folder / "records.csv").write_text("filled in by hand")
            return "records.csv"
        case "file below":
            (folder / "b" / "mine.txt").write_text("mine")
            return "b/mine.txt"
        case "folder":
            (folder / "mine" / "deep").mkdir(parents=True)
            return "mine"
        case "folder in the place of a file":
            (folder / "a.txt").unlink()
            (folder / "a.txt").mkdir()
            return "a.txt"
        case "file in the place of a folder":
            (folder / "b" / "c.txt").unlink()
            (folder / "b").rmdir()
            (folder / "b").write_text("mine")
            return "b"
        case _:
            (folder / "link").symlink_to(folder.parent)
            return "link"


FOREIGN = ("file", "file below", "folder", "folder in the place of a file", "file in the place of a folder", "link")


@pytest.mark.parametrize("what", FOREIGN)
def test_what_was_put_into_a_folder_since_is_named_and_stays(tmp_path: Path, what: str) -> None:
    target = tmp_path / "out"
    replace_folder(target, [("a.txt", b"1"), ("b/c.txt", b"2")], kind="csv")
    name = drop_in(target, what)
    before = sorted(target.rglob("*"))
    with pytest.raises(UsageError, match=f"out holds something else, {name}: name a new folder, or an empty one"):
        replace_folder(target, [("a.txt", b"3")], kind="csv")
    assert before == sorted(target.rglob("*"))
    assert [target] == list(tmp_path.iterdir())


def test_what_is_put_into_a_folder_while_the_files_are_made_stays(tmp_path: Path) -> None:
    target = tmp_path / "out"
    replace_folder(target, [("a.txt", b"1")], kind="csv")

    def files() -> Iterator[tuple[str, bytes]]:
        yield "a.txt", b"2"
        (target / "mine.txt").write_text("mine")

    with pytest.raises(UsageError, match="mine"):
        replace_folder(target, files(), kind="csv")
    assert "mine" == (target / "mine.txt").read_text()
    assert [target] == list(tmp_path.iterdir())


def test_a_file_of_ours_that_is_gone_stops_nothing(tmp_path: Path) -> None:
    target = tmp_path / "out"
    replace_folder(target, [("a.txt", b"1"), ("b/c.txt", b"2")], kind="csv")
    (target / "a.txt").unlink()
    replace_folder(target, [("d.txt", b"3")], kind="csv")
    assert [".provider-terms", "d.txt"] == names(target)


def test_a_folder_of_another_kind_stays(tmp_path: Path) -> None:
    target = tmp_path / "out"
    replace_folder(target, [("a.txt", b"1")], kind="api")
    with pytest.raises(UsageError, match="out holds something else, what was written as api: name"):
        replace_folder(target, [("a.txt", b"2")], kind="csv")
    assert b"1" == (target / "a.txt").read_bytes()


@pytest.mark.parametrize(
    "mark", [b"", b"{", b"[]", b"7", b'{"kind": "csv"}', b'{"kind": "csv", "files": 7}', b"[" * 100_000]
)
def test_a_mark_that_does_not_tell_what_was_written_guards_every_file(tmp_path: Path, mark: bytes) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / ".provider-terms").write_bytes(mark)
    (target / "a.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds something else, a\.txt:"):
        replace_folder(target, [("a.txt", b"1")], kind="csv")
    (target / "a.txt").unlink()
    replace_folder(target, [("a.txt", b"1")], kind="csv")
    assert [".provider-terms", "a.txt"] == names(target)


@pytest.mark.parametrize("name", [".", "..", "/"])
def test_a_folder_that_has_no_name_to_be_put_at_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="cannot be replaced as a whole: name a folder in it"):
        replace_folder(Path(name), [("a.txt", b"1")], kind="csv")
    assert [] == list(tmp_path.iterdir())


def test_what_cannot_be_written_is_named_and_not_the_temporary_name_beside_it(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Is a directory") as failed:
        write_whole(tmp_path, b"1")
    assert str(tmp_path) == failed.value.filename
    long = tmp_path / ("x" * 300)
    with pytest.raises(OSError, match="File name too long") as failed:
        write_whole(long, b"1")
    assert str(long) == failed.value.filename
    with pytest.raises(OSError, match="File name too long") as failed:
        replace_folder(tmp_path / "out", [("x" * 300, b"1")], kind="csv")
    assert str(tmp_path / "out" / ("x" * 300)) == failed.value.filename
    assert [] == list(tmp_path.iterdir())


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    def files() -> Iterator[tuple[str, bytes]]:
        yield "b.txt", b"2"
        raise OSError("no more")

    target = tmp_path / "out"
    replace_folder(target, [("a.txt", b"1")], kind="csv")
    with pytest.raises(OSError, match="no more"):
        replace_folder(target, files(), kind="csv")
    assert [".provider-terms", "a.txt"] == names(target)
    assert [target] == list(tmp_path.iterdir())
