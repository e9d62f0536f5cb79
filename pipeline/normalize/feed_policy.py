"""The policy fields of the gateway's feed to typed values. Pure.

The gateway's table is a view over these fields, and what it prints (the third item of each result) loses whether a
field said so: a missing `training` prints "Does not train", and a null `retainsPrompts` prints "Zero retention".
"""

from collections.abc import Mapping

from pipeline.model import Basis, Json, Retention, RetentionKind, Training
from pipeline.normalize.duration import MAX_DAYS


def normalize_feed_retention(fields: Mapping[str, Json]) -> tuple[Retention, Basis, str] | None:
    """Return the retention that `retainsPrompts` and `retentionDays` state, or None where no rule reads them.

    A null is not a no: it leaves the policy unknown. A number of days without `retainsPrompts` counts as a period,
    because something that is kept for N days is kept. Days beside `retainsPrompts: false` contradict it.
    """
    retains, days = normalize_flag(fields.get("retainsPrompts")), _days(fields.get("retentionDays"))
    unread = (retains is None and fields.get("retainsPrompts") is not None) or (
        days is None and fields.get("retentionDays") is not None
    )
    if unread or (retains is False and days is not None):
        return None
    if days is not None:
        retention, basis = Retention.of_days(days), Basis.STATED
    elif retains is not None:
        kind = RetentionKind.UNSTATED if retains else RetentionKind.NONE
        retention, basis = Retention(kind=kind), Basis.STATED
    else:
        retention, basis = Retention(kind=RetentionKind.UNKNOWN), Basis.NULL if fields else Basis.ABSENT
    return retention, basis, _print_retention(fields)


def _print_retention(fields: Mapping[str, Json]) -> str:
    """Return what the gateway's table prints: zero for all that is neither retained nor wholly absent."""
    if not fields:
        return "Unknown retention policy"
    if fields.get("retainsPrompts") not in (True, "true"):
        return "Zero retention"
    if "retentionDays" not in fields:
        return "Prompts are retained for unknown period"
    days = fields["retentionDays"]
    return f"Retained for {'null' if days is None else days} days"


def normalize_feed_training(raw: Json, *, is_present: bool) -> tuple[Training, Basis, str] | None:
    """Return the training use that `training` states, or None where no rule reads it."""
    printed = "✕ May train" if raw else "✓ Does not train"
    if raw is None:
        return Training.UNKNOWN, Basis.NULL if is_present else Basis.ABSENT, printed
    # A mark or a "yes" answers the question in the head of the table's column; under a feed's key it could mean either.
    flag = normalize_flag(raw)
    return None if flag is None else (Training.MAY if flag else Training.NO, Basis.STATED, printed)


def normalize_flag(raw: Json) -> bool | None:
    """Return a JSON boolean, also where it comes as the text "true" or "false"; None for anything else."""
    match raw:
        case bool():
            return raw
        case "true" | "false":
            return raw == "true"
        case _:
            return None


def _days(raw: Json) -> int | None:
    match raw:
        case bool():
            return None
        case str() if raw.isascii() and raw.isdigit() and len(raw) <= len(str(MAX_DAYS)):
            return _days(int(raw))
        case float() if raw.is_integer() and raw <= MAX_DAYS:
            return _days(int(raw))
        case int() if 1 <= raw <= MAX_DAYS:
            return raw
        case _:
            return None
