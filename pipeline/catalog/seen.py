"""When the sources of a published build were last seen since: a small file beside the builds, written and applied.

It also holds how long the log of looks was, which only ever grows: a shorter one has lost looks, and so has one whose
line there was cut off.

A further look at an unchanged source makes no new build, so the dates in a build are those of its making. `seen.json`
holds, for one build, the last good look at each source. It counts for that build alone, which it names by its key: what
an older or a newer build says was seen at other times. A catalog without it, or with that of another build, is dated as
it was published.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pipeline.catalog.ready import BEHIND
from pipeline.collect.archive import Archive
from pipeline.collect.files import write_whole
from pipeline.errors import CatalogError

SEEN: Final = "seen.json"
_BUILDS: Final = "builds"
_LOG_BYTES: Final = "log_bytes"
_MOST_BYTES: Final = 1_000_000  # ten thousand sources

# Temporary views of one connection, which stand before the tables of their names: a row that was seen at the last good
# look at its source by the time of the build was seen at each good look since, for another capture would have made
# another build. What was not seen then (an old claim, words that are missing, a page that flaps) keeps its date.
_TABLE: Final = "CREATE TEMP TABLE confirmed (source_id VARCHAR, last_good_at TIMESTAMP, seen_at TIMESTAMP)"
_FILL: Final = """
INSERT INTO confirmed SELECT s.source_id, s.last_good_at, greatest(s.last_good_at, given.seen_at)
FROM (SELECT unnest($sources) AS source_id, unnest($seen)::TIMESTAMP AS seen_at) AS given
JOIN {db}.main.sources AS s USING (source_id) WHERE s.last_good_at IS NOT NULL
"""
_VIEWS: Final = (
    """
CREATE TEMP VIEW sources AS
SELECT s.* REPLACE (coalesce(o.seen_at, s.last_good_at) AS last_good_at)
FROM {db}.main.sources AS s LEFT JOIN confirmed AS o USING (source_id)
""",
    """
CREATE TEMP VIEW claims AS
SELECT c.* REPLACE (
    CASE WHEN c.is_current AND c.observed_at >= o.last_good_at AND c.verification IS DISTINCT FROM 'unverifiable'
         THEN o.seen_at ELSE c.observed_at END AS observed_at)
FROM {db}.main.claims AS c LEFT JOIN confirmed AS o USING (source_id)
""",
    """
CREATE TEMP VIEW conflicts AS
SELECT c.* REPLACE (
    CASE WHEN c.ruling_observed_at >= r.last_good_at THEN r.seen_at ELSE c.ruling_observed_at END AS ruling_observed_at,
    CASE WHEN c.other_observed_at >= o.last_good_at AND c.other_verification IS DISTINCT FROM 'unverifiable'
         THEN o.seen_at ELSE c.other_observed_at END AS other_observed_at)
FROM {db}.main.conflicts AS c
LEFT JOIN confirmed AS r ON r.source_id = c.ruling_source_id
LEFT JOIN confirmed AS o ON o.source_id = c.other_source_id
""",
    f"""
CREATE TEMP VIEW policies AS
WITH behind AS ({BEHIND.format(policies="{db}.main.policies")}), verified AS (
    SELECT b.gateway_id, b.offering_id, min(c.observed_at) AS verified_at
    FROM behind AS b LEFT JOIN claims AS c USING (claim_id) WHERE b.claim_id IS NOT NULL
    GROUP BY ALL HAVING count(*) = count(c.observed_at)
)
SELECT p.* REPLACE (
    greatest(p.as_of_at, (SELECT max(seen_at) FROM confirmed)) AS as_of_at,
    CASE WHEN p.observed_at >= o.last_good_at THEN o.seen_at ELSE p.observed_at END AS observed_at,
    CASE WHEN p.last_verified_at IS NOT NULL THEN greatest(p.last_verified_at, v.verified_at) END AS last_verified_at)
FROM {{db}}.main.policies AS p
LEFT JOIN confirmed AS o USING (source_id)
LEFT JOIN verified AS v USING (gateway_id, offering_id)
""",  # noqa: S608 - names of ours
)


def write_seen(folder: Path, build_key: str, seen: Mapping[str, datetime], log_bytes: int) -> None:
    """Put down when the sources of the build of this key were last seen, where that is not what is written already."""
    times = {source_id: moment.astimezone(UTC).isoformat() for source_id, moment in sorted(seen.items())}
    facts = {"build_key": build_key, "sources": times}
    path = folder / SEEN
    before = _read_whole(path)
    length = before.pop(_LOG_BYTES, None)
    if not (isinstance(length, int) and length <= log_bytes and before == facts):
        write_whole(path, (json.dumps(facts | {_LOG_BYTES: log_bytes}, indent=2) + "\n").encode())


def read_seen(database: Path, build_key: str | None) -> dict[str, datetime]:
    """Return when the sources of an opened build were last seen since, nothing where no file tells of this build.

    Raise CatalogError where the file is none that `write_seen` makes.
    """
    builds = database.parent.parent
    path = builds.parent / SEEN
    if build_key is None or builds.name != _BUILDS or not path.exists():
        return {}
    try:
        with path.open("rb") as file:
            body = file.read(_MOST_BYTES + 1)
        found = _parse(body)
    except (OSError, ValueError, RecursionError) as error:
        what = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CatalogError(f"{path} cannot be used: {what}; remove it, the next refresh writes it anew") from error
    return found[1] if found[0] == build_key else {}


def find_lost_looks(folder: Path, archive: Archive) -> str | None:
    """Return what is wrong with the log of looks, None where it holds what it did when the catalog was published."""
    before = _read_whole(folder / SEEN).get(_LOG_BYTES)
    if not isinstance(before, int) or archive.has_whole(before):
        return None  # nothing is lost, or not published yet, or by a version that did not put it down
    return (
        f"of the {before} bytes that the log had when the catalog was published, some are gone or damaged, so looks "
        f"are lost: restore archive/observations.jsonl from a backup, or remove {folder / SEEN} to go on without them"
    )


def date_rows(database: str, seen: Mapping[str, datetime]) -> Iterable[tuple[str, dict[str, object]]]:
    """Yield the statements, with what they bind, after which a connection tells the later dates."""
    quoted = '"' + database.replace('"', '""') + '"'
    times = [moment.astimezone(UTC).replace(tzinfo=None) for moment in seen.values()]
    yield _TABLE, {}
    yield _FILL.format(db=quoted), {"sources": list(seen), "seen": times}
    for sql in _VIEWS:
        yield sql.format(db=quoted), {}


def _read_whole(path: Path) -> dict[str, Any]:
    """Return what the file holds, nothing where there is none or none that is whole."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _parse(body: bytes) -> tuple[str, dict[str, datetime]]:
    if len(body) > _MOST_BYTES:
        raise ValueError(f"more than {_MOST_BYTES} bytes")
    found = json.loads(body)
    key, sources = (found.get("build_key"), found.get("sources")) if isinstance(found, dict) else (None, None)
    if not isinstance(key, str) or not isinstance(sources, dict):
        raise ValueError("expected `build_key` and `sources`")  # noqa: TRY004 - told as any other fault of the file
    return key, {source_id: _moment(source_id, text) for source_id, text in sources.items()}


def _moment(source_id: str, text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"sources.{source_id[:60]!r}: expected a time with its zone")
