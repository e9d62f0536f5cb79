"""A look as a line of the archive's log, and back. Pure."""

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pipeline.model import Moment, Observation, Outcome, Precision

_CAPTURE_ID = re.compile(r"[0-9a-f]{64}")
_FIELD_TYPES: dict[str, type] = dict.fromkeys(
    ("source_id", "origin", "url", "capture_id", "detail", "etag", "last_modified", "content_type", "vary"), str
)
_FIELD_TYPES |= dict.fromkeys(("status", "size_bytes", "duration_ms", "fresh_seconds"), int)
_FIELD_TYPES |= {"redirects": list, "asked_with": list, "is_partial": bool}


def is_look(line: bytes) -> bool:
    """Whether a line of the log holds a whole look."""
    try:
        from_json(line)
    except ValueError:
        return False
    return True


def to_json(observation: Observation) -> dict[str, Any]:
    """Return a look as a line of the log holds it."""
    fields = asdict(observation)
    moment = fields.pop("moment")
    fields |= {
        "observed_at": moment["at"].isoformat(),
        "observed_since": moment["since"].isoformat(),
        "precision": moment["precision"],
    }
    return {key: value for key, value in fields.items() if value is not None}


def from_json(line: bytes) -> Observation:
    """Return the look that a line of the log holds; raise ValueError where it holds none of this version."""
    try:
        fields = json.loads(line.decode())
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(fields, dict):
        raise ValueError("expected an object")  # noqa: TRY004 - like every other fault of a line
    try:
        moment = Moment(
            at=utc(fields.pop("observed_at")),
            since=utc(fields.pop("observed_since")),
            precision=Precision(fields.pop("precision")),
        )
        look = Observation(moment=moment, outcome=Outcome(fields.pop("outcome")), **_checked(fields))
    except KeyError as error:
        raise ValueError(f"{error.args[0]} is missing") from error
    except TypeError as error:
        raise ValueError(str(error).replace("Observation.__init__() ", "")) from error
    if look.capture_id is not None and not _CAPTURE_ID.fullmatch(look.capture_id):
        raise ValueError(f"capture_id: not the name of a capture: {look.capture_id!r}")
    return look


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields as an observation has them; raise ValueError for one whose value is of another type."""
    for name, value in fields.items():
        if name in _FIELD_TYPES and not isinstance(value, _FIELD_TYPES[name]):
            raise ValueError(f"{name}: unexpected value {value!r}")
    for name in fields.keys() & {"redirects", "asked_with"}:
        if not all(isinstance(one, str) for one in fields[name]):
            raise ValueError(f"{name}: expected a list of texts")
        fields[name] = tuple(fields[name])
    return fields


def utc(text: str) -> datetime:
    """Return a time with its offset, in UTC; raise ValueError for any other."""
    at = datetime.fromisoformat(text)
    if at.utcoffset() is None:
        raise ValueError(f"{text} has no offset from UTC")
    return at.astimezone(UTC)
