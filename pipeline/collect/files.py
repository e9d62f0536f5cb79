"""Whole files or none: write aside, sync, rename."""

import os
import secrets
import shutil
from pathlib import Path

TEMPORARY_PREFIX = ".tmp-"


def write_whole(path: Path, body: bytes, *, is_synced: bool = True) -> None:
    """Put the bytes at the path so that a reader, or a crash at any moment, sees all of them or none.

    What can be made anew need not be synced: after a power loss it may be missing or empty.
    """
    make_folder(path.parent, is_synced=is_synced)
    aside = path.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}")
    try:
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
