"""Whole files or none: write aside, sync, rename."""

import os
import shutil
import tempfile
from pathlib import Path

TEMPORARY_PREFIX = ".tmp-"


def write_whole(path: Path, body: bytes, *, is_synced: bool = True) -> None:
    """Put the bytes at the path so that a reader, or a crash at any moment, sees all of them or none.

    What can be made anew need not be synced: after a power loss it may be missing or empty.
    """
    make_folder(path.parent)
    handle, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            if is_synced:
                os.fsync(file.fileno())
        Path(name).chmod(0o666 & ~_umask())  # a temporary file is private, a published one is not
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if is_synced:
        sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, their names durable."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
