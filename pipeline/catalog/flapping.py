"""Sources that flap between captures: one state of the source, not a storm of changes. Pure."""

from collections import defaultdict
from collections.abc import Iterable

from pipeline.model import Observation

_TURNS = 6  # as far back as a capture counts as one that came back
_SETTLED_LOOKS = 3  # in a row at one capture, after which it counts as what the source says


def settle(observations: Iterable[Observation]) -> tuple[tuple[Observation, ...], frozenset[str]]:
    """Return the looks without those at which a source flapped, and the sources that flap at their newest look.

    A page that came back once may have been mended. Where two turns in a row are to captures that were there before
    (A, B, A, B), what held before is held: looks at others are left out until a capture comes that is new, or one is
    seen at three looks in a row. Looks that left no capture in force are neither here nor there.
    """
    by_source: defaultdict[str, list[Observation]] = defaultdict(list)
    observations = tuple(observations)
    for look in sorted(observations, key=lambda one: one.moment.at):
        by_source[look.source_id].append(look)
    ignored: set[int] = set()
    flapping: set[str] = set()
    for source_id, looks in by_source.items():
        found, is_flapping = _find_ignored([look for look in looks if look.is_good and not look.is_partial])
        ignored |= found
        flapping |= {source_id} if is_flapping else set()
    return tuple(look for look in observations if id(look) not in ignored), frozenset(flapping)


def _find_ignored(looks: list[Observation]) -> tuple[set[int], bool]:
    ignored: set[int] = set()
    turns: list[str | None] = []
    held: str | None = None
    in_a_row, is_flapping = 0, False
    for look in looks:
        in_a_row = in_a_row + 1 if turns and turns[-1] == look.capture_id else 1
        if in_a_row == 1:
            turns.append(look.capture_id)
            is_flapping = _is_flap(turns)
        if is_flapping and in_a_row >= _SETTLED_LOOKS:
            is_flapping, turns = False, [look.capture_id]
        if not is_flapping:
            held = look.capture_id
        elif look.capture_id != held:
            ignored.add(id(look))
    return ignored, is_flapping


def _is_flap(turns: list[str | None]) -> bool:
    last = turns[-_TURNS:]
    return last[-1] in last[:-1] and len(last) > 1 and last[-2] in last[:-2]
