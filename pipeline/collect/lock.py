"""One run at a time in a data folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock

from pipeline.collect.files import make_folder
from pipeline.errors import ArchiveError

_ENDED_WELL = "ended well"


@contextmanager
def only_run(data_dir: Path) -> Iterator[bool]:
    """Hold the data folder's lock, and give whether the run before ended well, or may have left something behind.

    Raise ArchiveError at once where another run holds it. The system drops the lock with the process that held it, so
    the file of a run that died keeps nobody out; it tells that the run died.
    """
    make_folder(data_dir)
    path = data_dir / ".lock"
    lock = filelock.FileLock(path, blocking=False)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        holder = ""
        with suppress(OSError):
            holder = path.read_text(encoding="ascii", errors="replace").strip()
        who = f" (process {holder})" if holder.isdigit() else ""
        raise ArchiveError(f"another run is at work in {data_dir}{who}: wait for it, or stop it") from error
    try:
        ended_well = False
        with suppress(OSError):
            ended_well = path.read_text(encoding="ascii", errors="replace") == _ENDED_WELL
            path.write_text(str(os.getpid()), encoding="ascii")
        yield ended_well
        with suppress(OSError):
            path.write_text(_ENDED_WELL, encoding="ascii")
    finally:
        lock.release()
