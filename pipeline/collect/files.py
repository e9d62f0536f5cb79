"""Whole files or none: write aside, sync, rename."""

import json
import os
import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import UsageError

TEMPORARY_PREFIX = ".tmp-"
# Lies in a folder that was written as a whole and says what was, so that the next of its kind may take its place.
FOLDER_MARK = ".provider-terms"


def write_whole(path: Path, body: bytes, *, is_synced: bool = True) -> None:
    """Put the bytes at the path so that a reader, or a crash at any moment, sees all of them or none.

    What can be made anew need not be synced: after a power loss it may be missing or empty.
    """
    make_folder(path.parent, is_synced=is_synced)
    aside = path.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}")
    try:
        with _named(path):
            with aside.open("xb") as file:
                file.write(body)
                file.flush()
                if is_synced:
                    os.fsync(file.fileno())
            aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    if is_synced:
        sync_folder(path.parent)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let a failure name what was to be written, and not the temporary name beside it."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def replace_folder(target: Path, files: Iterable[tuple[str, bytes]], *, kind: str) -> None:
    """Put a folder with these files, by relative path, at `target`; one of the same kind, put there before, goes.

    Raise UsageError where anything else lies there or in it, which stays as it is: somebody may have filled it in by
    hand. At any failure what was there stays.
    """
    _check_replaceable(target, kind)
    make_folder(target.parent)
    aside = target.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}")
    before = target.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}")
    try:
        with _named(target):
            aside.mkdir()
        names = []
        for name, body in files:
            with _named(target / name):
                write_whole(aside / name, body, is_synced=False)
            names.append(name)
        with _named(target):
            write_whole(aside / FOLDER_MARK, _write_mark(kind, names), is_synced=False)
            _check_replaceable(target, kind)  # once more, for it took a while to make the files
            if target.exists():
                target.rename(before)
            aside.rename(target)
    except BaseException:
        if before.exists() and not target.exists():
            before.rename(target)
        raise
    finally:
        remove(aside)
        remove(before)
    sync_folder(target.parent)


def _check_replaceable(target: Path, kind: str) -> None:
    """Raise UsageError unless nothing is lost where a folder of a kind takes this place."""
    if target.name in {"", ".."}:
        raise UsageError(f"{target} cannot be replaced as a whole: name a folder in it")
    if not target.is_symlink() and not target.exists():
        return
    what = None
    if target.is_dir() and not target.is_symlink():
        held, names = _read_mark(target)
        foreign = _find_foreign(target, "", {FOLDER_MARK, *names})
        if foreign is None and held in {None, kind}:
            return
        what = foreign or f"what was written as {held}"
    told = f", {what}" if what else ""
    raise UsageError(f"{target} holds something else{told}: name a new folder, or an empty one")


def _write_mark(kind: str, names: Iterable[str]) -> bytes:
    return f"{json.dumps({'kind': kind, 'files': sorted(names)}, indent=0)}\n".encode()


def _read_mark(folder: Path) -> tuple[str | None, frozenset[str]]:
    """Return the kind of a folder and the names of its files, as far as it has a mark that tells them."""
    try:
        mark = json.loads((folder / FOLDER_MARK).read_bytes())
        return str(mark["kind"]), frozenset(map(str, mark["files"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None, frozenset()


def _find_foreign(folder: Path, within: str, names: Collection[str]) -> str | None:
    """Return the first of what lies in a folder, or below, that is none of these files and none of their folders."""
    folders = {str(above) for name in names for above in Path(name).parents}
    for path in sorted(folder.iterdir()):
        name = f"{within}{path.name}"
        if path.is_dir() and not path.is_symlink() and name in folders:
            foreign = _find_foreign(path, f"{name}/", names)
        else:
            foreign = None if path.is_file() and not path.is_symlink() and name in names else name
        if foreign is not None:
            return foreign
    return None


def make_folder(folder: Path, *, is_synced: bool = True) -> None:
    """Make a folder and those above it, their names durable unless they need not be."""
    if not folder.is_dir():
        make_folder(folder.parent, is_synced=is_synced)
        folder.mkdir(exist_ok=True)
        if is_synced:
            sync_folder(folder.parent)


def clear_litter(folder: Path) -> None:
    """Remove the temporary files and folders of writers that were killed; only the holder of the lock may."""
    for path in tuple(folder.rglob(f"{TEMPORARY_PREFIX}*")):
        remove(path)


def remove(path: Path) -> None:
    """Remove a file, a link (never what it leads to) or a folder with all that it holds, where it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Make what a file holds durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    sync_file(folder)
