"""The captures that ship with the project: dated files of facts, read as observations."""

from collections.abc import Iterable
from pathlib import Path

from pipeline.collect.archive import capture_id
from pipeline.declarations import Source
from pipeline.errors import ArchiveError, ParseError, UsageError
from pipeline.model import Moment, Observation, Outcome, Precision
from pipeline.normalize.moment import find_moment
from pipeline.parse.front_matter import split_front_matter


def read_recorded(folder: Path, sources: Iterable[Source]) -> tuple[tuple[Observation, bytes], ...]:
    """Return the recorded captures of the declared sources, each source's oldest first.

    A source's files lie in the subfolder of its id. Raise ArchiveError naming a file that does not say when it was
    captured.
    """
    found: list[tuple[Observation, bytes]] = []
    for source in sources:
        captures = [_read_file(path, source) for path in _files(folder / source.id)] if source.is_enabled else []
        found += sorted(captures, key=lambda pair: (pair[0].moment.at, str(pair[0].capture_id)))
    return tuple(found)


def _files(folder: Path) -> list[Path]:
    """Return the files of a folder that need not exist, but for the hidden ones that editors and systems leave."""
    paths = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in paths if path.is_file() and not path.name.startswith("."))


def _read_file(path: Path, source: Source) -> tuple[Observation, bytes]:
    body = path.read_bytes()
    matter = read_front_matter(body)
    moment = moment_of(matter)
    if moment is None:
        raise ArchiveError(f"{path}: front matter: captured_on and precision do not name a date")
    try:
        partial = is_partial(matter)
    except UsageError as error:
        raise ArchiveError(f"{path}: {error}") from error
    observation = Observation(
        source_id=source.id,
        moment=moment,
        outcome=Outcome.OK,
        origin="recorded",
        url=matter.get("url"),
        capture_id=capture_id(body),
        detail=matter.get("note"),
        size_bytes=len(body),
        is_partial=partial,
    )
    return observation, body


def read_front_matter(body: bytes) -> dict[str, str]:
    """Return the front matter of a document that has one, and an empty mapping for anything else."""
    try:
        return split_front_matter(body.decode("utf-8-sig"))[0]
    except (UnicodeDecodeError, ParseError):
        return {}


def moment_of(matter: dict[str, str]) -> Moment | None:
    """Return when a document says that it was captured, or None."""
    precision = matter.get("precision")
    if precision is not None and precision not in set(Precision):
        return None
    return find_moment(matter.get("captured_on", ""), Precision(precision) if precision else None)


def is_partial(matter: dict[str, str]) -> bool:
    """Whether a document says that it holds some rows only; raise UsageError where its word for it is not known."""
    match matter.get("coverage"):
        case None | "whole":
            return False
        case "partial":
            return True
        case other:
            raise UsageError(f"front matter: coverage: expected partial or whole, found '{other}'")
