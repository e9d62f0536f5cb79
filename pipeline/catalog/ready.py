"""Tables that lie ready as JSON beside a catalog, so that what is asked most needs no engine. Imports nothing heavy.

Loading DuckDB and opening a catalog takes longer than all else that a decision costs. A table here is the same rows as
in the database, under the names of its columns, checked against the descriptor before it is believed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.catalog.current import read_listed
from pipeline.errors import CatalogError

FOLDER = "json"
# The claims that each row of a table of policies rests on: those of its value and of what goes with it. A value of the
# gateway's that is unknown has no words.
BEHIND = """
SELECT gateway_id, offering_id, unnest([
    CASE WHEN retention_kind <> 'unknown' THEN retention_claim_id END,
    CASE WHEN training <> 'unknown' THEN training_claim_id END,
    provider_retention_claim_id, provider_training_claim_id, zdr_claim_id]) AS claim_id
FROM {policies}
"""
# Each by the SQL that gives its rows, in their order.
READY: Mapping[str, str] = {
    "provider_terms": "SELECT * FROM provider_terms",
    "providers": "SELECT * FROM providers ORDER BY gateway_id, offering_id",
    "sources": "SELECT * FROM sources ORDER BY source_id",
    "evidence": f"""
WITH behind AS ({BEHIND.format(policies="policies")})
SELECT b.gateway_id, b.offering_id, b.claim_id, c.source_id, c.observed_at,
       c.is_current AND c.verification IS DISTINCT FROM 'unverifiable' AS is_standing
FROM behind AS b LEFT JOIN claims AS c USING (claim_id) WHERE b.claim_id IS NOT NULL
ORDER BY ALL
""",  # noqa: S608 - names of ours
}
_MOMENT = "_at"  # a column so named is a moment, in every table


def as_ready(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows as a JSON array of objects, one on a line; a moment is ISO 8601 in UTC."""
    lines = (json.dumps(dict(zip(columns, map(_plain, row), strict=True)), ensure_ascii=False) for row in rows)
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()


def _plain(value: object) -> object:
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else value


def find_ready(build: Path, package: Mapping[str, Any], name: str) -> list[dict[str, Any]] | None:
    """Return the rows of a table that lies ready, moments aware, or None where the build has none.

    Raise CatalogError where the file is not as the descriptor says.
    """
    path = f"{FOLDER}/{name}.json"
    body = read_listed(build, package, path) if (build / path).is_file() else None
    if body is None:
        return None
    try:
        return [{key: _typed(key, value) for key, value in row.items()} for row in json.loads(body)]
    except (ValueError, AttributeError, TypeError) as error:
        raise CatalogError(
            f"{build / FOLDER / name}.json cannot be read ({error}): run `provider-terms build`"
        ) from error


def _typed(key: str, value: Any) -> Any:  # noqa: ANN401 - a value of any column
    return datetime.fromisoformat(value) if value is not None and key.endswith(_MOMENT) else value
