"""Sources that flap between captures: one state of the source, not a storm of changes. Pure."""

from collections.abc import Mapping, Sequence

from pipeline.model import Observation

_TURNS = 6  # as far back as a capture counts as one that came back
_SETTLED_LOOKS = 3  # in a row at one capture, after which it counts as what the source says


def settle(
    looks: Sequence[Observation], states: Mapping[str, str] | None = None
) -> tuple[tuple[Observation, ...], bool]:
    """Return the looks at one source, given in order, without those at which it flapped; and whether it flaps now.

    A page that came back once may have been mended. Where two turns in a row are to captures that were there before
    (A, B, A, B), what held before is held: looks at others are left out until a capture comes that is new, or one is
    seen at three looks in a row. Looks that left no capture in force, or a part of one, are neither here nor there.
    `states` names the captures that count as one and the same, by its first.
    """
    states = states or {}
    settled: list[Observation] = []
    turns: list[str | None] = []
    held: str | None = None
    in_a_row, is_flapping = 0, False
    for look in looks:
        if not look.is_good or look.is_partial:
            settled.append(look)
            continue
        shown = states.get(look.capture_id or "", look.capture_id)
        in_a_row = in_a_row + 1 if turns and turns[-1] == shown else 1
        if in_a_row == 1:
            turns.append(shown)
            is_flapping = _is_flap(turns)
        if is_flapping and in_a_row >= _SETTLED_LOOKS:
            is_flapping, turns = False, [shown]
        if not is_flapping:
            held = shown
        if shown == held:
            settled.append(look)
    return tuple(settled), is_flapping


def _is_flap(turns: list[str | None]) -> bool:
    last = turns[-_TURNS:]
    return last[-1] in last[:-1] and len(last) > 1 and last[-2] in last[:-2]
