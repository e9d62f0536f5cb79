"""What published rows are made with. Pure."""

import json
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]
Rows = dict[str, list[Row]]


def naive(moment: datetime | None) -> datetime | None:
    """Return a moment as UTC without a zone, the form of every published timestamp."""
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)


def as_json(value: object) -> str:
    """Return compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "), default=str)
