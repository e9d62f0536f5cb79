"""Where a command may write: never over a file unless that is asked for, and into a folder that can be one."""

from pathlib import Path

from pipeline.errors import UsageError


def check_target(target: Path, *, is_forced: bool) -> None:
    """Raise UsageError where one file cannot be written, or would take the place of another and that is not asked."""
    if target.is_dir():
        raise UsageError(f"{target} is a folder: name a file")
    if target.exists() and not target.is_file():
        raise UsageError(f"{target} is no regular file, and is not replaced: name another file")
    if not is_forced and (target.exists() or target.is_symlink()):
        raise UsageError(f"{target} is there already: name another file, or replace it with --force")
    _check_above(target)


def check_folder(target: Path) -> None:
    """Raise UsageError where a file stands in the place of a folder that is to be written."""
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file, and what is written is a folder: name another place")
    _check_above(target)


def _check_above(target: Path) -> None:
    above = next((one for one in target.parents if one.exists()), None)
    if above is not None and not above.is_dir():
        raise UsageError(f"{above} is a file, and {target} would lie in it: name another place")
