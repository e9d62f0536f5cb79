"""A report held against its own list of files, wherever it was filed: what is damaged, missing, or not of it."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from pipeline.collect.files import FOLDER_MARK
from pipeline.use.report.pages import STAMP


def find_damaged_pages(folder: Path) -> tuple[str, ...]:
    """Return a line for each file of a report that is not as `report.json` says; none where there is no report.

    What was changed in `report.json` as well as in a page is not found: compare its hash with one that came otherwise.
    """
    return tuple(_damaged(folder)) if folder.is_dir() else ()


def _damaged(folder: Path) -> Iterator[str]:
    try:
        digests = json.loads((folder / STAMP).read_bytes())["files"]
        files = {str(name): str(digest) for name, digest in digests.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        yield f"report: {STAMP} is damaged or missing"
        return
    for name, digest in sorted(files.items()):
        if _is_outside(name) or not _is_whole(folder / name, digest):
            yield f"report: {name} is damaged or missing"
    held = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if not path.is_dir())
    yield from (f"report: {name} is not of it" for name in held if name not in {STAMP, FOLDER_MARK, *files})


def _is_outside(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts


def _is_whole(path: Path, digest: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == digest
    except (OSError, ValueError):
        return False
