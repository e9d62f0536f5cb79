"""A report: a static site over a published catalog, that needs no server and asks nothing of any other place."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.catalog.reader import Catalog
from pipeline.collect.files import replace_folder
from pipeline.use.report.facts import read_facts
from pipeline.use.report.pages import STAMP, Making, build_pages, build_stamp, maker_fingerprint

FOLDER = "report"  # beside the tables of a build

__all__ = ["FOLDER", "Written", "write_report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A report that lies whole in a folder; `is_new` is false where it was there already."""

    folder: Path
    page_count: int
    as_of: str
    is_new: bool


def write_report(catalog: Catalog, target: Path, now: datetime) -> Written:
    """Write the report of an open catalog into a folder, whole, and return where it lies.

    One that was made there from the same build, by the same code, on the same day, and is whole, is left as it is.
    Raise UsageError where the folder holds something else.
    """
    making = Making(build_key=catalog.build_key, made_on=now.date(), maker=maker_fingerprint())
    found = _find_whole(target, making)
    if found is not None:
        return found
    facts = read_facts(catalog)
    digests: dict[str, str] = {}

    def files() -> Iterator[tuple[str, bytes]]:
        for name, body in build_pages(facts, making):
            digests[name] = hashlib.sha256(body).hexdigest()
            yield name, body
        yield STAMP, build_stamp(facts, making, digests)

    replace_folder(target, files(), kind=FOLDER)
    return Written(folder=target, page_count=_pages(digests), as_of=f"{facts.as_of:%Y-%m-%d}", is_new=True)


def _find_whole(target: Path, making: Making) -> Written | None:
    """Return the report that is there, if this one would be no other and all of its files are as they were written."""
    try:
        stamp = json.loads((target / STAMP).read_bytes())
        is_same = making.build_key is not None and making.as_json().items() <= stamp.items()
        if not is_same or not all(_digest(target / name) == digest for name, digest in stamp["files"].items()):
            return None
        return Written(folder=target, page_count=_pages(stamp["files"]), as_of=stamp["as_of"][:10], is_new=False)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # none, or none that was written whole


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _pages(digests: dict[str, str]) -> int:
    return sum(name.endswith(".html") for name in digests)
