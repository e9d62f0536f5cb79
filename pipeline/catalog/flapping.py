"""Sources that flap between captures: one state of the source, not a storm of changes. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.model import Observation

_TURNS = 6  # as far back as a capture counts as one that came back
_SETTLED_LOOKS = 3  # in a row at one capture, after which it counts as what the source says


def settle(
    looks: Sequence[Observation], *namings: Mapping[str, str] | None
) -> tuple[tuple[Observation, ...], Observation | None]:
    """Return the looks at one source, given in order, without those at which it flapped; and since which it flaps now.

    A page that came back once may have been mended. Where two turns in a row are to captures that were there before
    (A, B, A, B), what held before is held: looks at others are left out until a capture comes that is new, or one is
    seen at three looks in a row. Looks that left no capture in force, or a part of one, are neither here nor there.
    Each of `namings` names the captures that count as one and the same, by its first; a source flaps where it does by
    any of them. Without one, each capture is its own.
    """
    settled: list[Observation] = []
    sides = [(_Turns(), names or {}) for names in namings or ({},)]
    since: Observation | None = None
    for look in looks:
        key = look.capture_id or ""
        is_whole = look.is_good and not look.is_partial
        held = [turns.take(names.get(key, key)) for turns, names in sides] if is_whole else []  # every side takes it
        if all(held):
            settled.append(look)
        since = (since or look) if any(turns.is_flapping for turns, _ in sides) else None
    return tuple(settled), since


@dataclass(slots=True)
class _Turns:
    """The states that a source has shown in turn, and the one that is held."""

    turns: list[str] = field(default_factory=list)
    held: str | None = None
    in_a_row: int = 0
    is_flapping: bool = False

    def take(self, shown: str) -> bool:
        """Take the state that a look showed, and return whether it is held."""
        self.in_a_row = self.in_a_row + 1 if self.turns and self.turns[-1] == shown else 1
        if self.in_a_row == 1:
            self.turns.append(shown)
            self.is_flapping = _is_flap(self.turns)
        if self.is_flapping and self.in_a_row >= _SETTLED_LOOKS:
            self.is_flapping, self.turns = False, [shown]
        if not self.is_flapping:
            self.held = shown
        return shown == self.held


def _is_flap(turns: list[str]) -> bool:
    last = turns[-_TURNS:]
    return last[-1] in last[:-1] and len(last) > 1 and last[-2] in last[:-2]
