"""Typed values, and keys minted from them."""

import hashlib
from dataclasses import dataclass
from typing import Self, TypeAlias

from pipeline.model.words import Bound, RetentionKind, Training


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """A typed retention statement. `days` counts calendar days and is the longest that the words allow."""

    kind: RetentionKind
    days: int | None = None
    bound: Bound | None = None
    amount: int | None = None  # the number as written: 24 in "24 hours"
    unit: str | None = None  # the unit as written, singular: "hour", "business day"

    def __post_init__(self) -> None:
        """Raise ValueError for a state that means nothing, such as days beside `none`."""
        detail = (self.days, self.bound, self.amount, self.unit)
        if self.kind is RetentionKind.PERIOD:
            if self.days is None or self.days < 1 or None in detail:
                msg = f"a period needs days of at least 1, a bound, an amount and a unit, not {detail}"
                raise ValueError(msg)
        elif detail != (None, None, None, None):
            msg = f"retention '{self.kind}' carries no length, not {detail}"
            raise ValueError(msg)

    @property
    def stored_days(self) -> int | None:
        """The column `retention_days`: 0 for none, N for a period, None for all others."""
        return 0 if self.kind is RetentionKind.NONE else self.days

    @classmethod
    def of_days(cls, days: int) -> Self:
        """Return an exact period of calendar days."""
        return cls(kind=RetentionKind.PERIOD, days=days, bound=Bound.EXACT, amount=days, unit="day")


Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
ClaimValue: TypeAlias = "Retention | Training | bool | str | tuple[str, ...] | None"


def mint_id(*parts: str | None) -> str:
    """Return a stable key of 16 hex digits for the given parts; the same parts give the same key everywhere."""
    joined = "\x1f".join("\x00" if part is None else part for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def as_text(value: ClaimValue) -> str | None:
    """Return a claim's value as the one line that changes and histories show, or None for no value."""
    match value:
        case None:
            return None
        case Retention(kind=RetentionKind.PERIOD, days=days, bound=bound):
            prefix = "" if bound is Bound.EXACT else "up to "
            return f"{prefix}{days} day{'' if days == 1 else 's'}"
        case Retention(kind=kind):
            return kind.value
        case bool():
            return "true" if value else "false"
        case tuple():
            return ", ".join(value)
        case _:
            return str(value)
