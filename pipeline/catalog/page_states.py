"""Captures of one page that read nearly the same, as one state: so that a page that flaps is known for it. Pure.

A page that is served in two editions seldom comes back byte for byte: a date, a counter or a generated table differs
each time. Held against each other by the words of their blocks, the editions are far apart and the captures of one
edition near each other. `settle` finds the flapping once each capture goes by the name of its state.
"""

import hashlib
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from pipeline.catalog.statement_pairs import TypedKey, fold_words, typed_key
from pipeline.model import Grade, Reading

# Of all blocks those whose hashes are lowest: the same ones in every capture that holds them, so that two sketches
# overlap as the pages do. 128 of them tell 0.55 from 0.8 for pages of any length.
_SKETCHED: Final = 128
_LEAST_WORDS: Final = 4  # shorter blocks are labels that every page has
# Editions of Fireworks' terms share 0.55 of their blocks, the captures of one edition 0.81 and more.
_SAME_STATE: Final = 0.7
_STATES: Final = 8  # that a capture is held against: those shown last


def sketch_page(blocks: Iterable[str]) -> tuple[int, ...]:
    """Return a short print of a page's text blocks; pages that share most blocks share most of the print."""
    words = (fold_words(block) for block in blocks)
    hashes = {_hash(block) for block in words if block.count(" ") >= _LEAST_WORDS - 1}
    return tuple(sorted(hashes)[:_SKETCHED])


def name_states(captures: Iterable[tuple[str, tuple[int, ...]]]) -> Mapping[str, str]:
    """Return for each capture of one page the first capture of its state; captures and prints in order of time.

    A capture without a print, because no text could be read, is a state of its own.
    """
    states: OrderedDict[str, tuple[int, ...]] = OrderedDict()
    names: dict[str, str] = {}
    for capture_id, sketch in captures:
        name = names.get(capture_id) or _nearest(sketch, states) or capture_id
        names[capture_id] = name
        states.setdefault(name, sketch)
        states.move_to_end(name)
        while len(states) > _STATES:
            states.popitem(last=False)
    return names


def find_states(
    readings: Mapping[tuple[str, str], Reading | str], order: Iterable[tuple[str, str]]
) -> Mapping[str, Mapping[str, str]]:
    """Return by source and capture the state of each capture of terms pages; `order` is that in which they came."""
    by_source: defaultdict[str, list[tuple[str, tuple[int, ...]]]] = defaultdict(list)
    for source_id, capture_id in order:
        reading = readings.get((source_id, capture_id))
        if isinstance(reading, Reading) and reading.text_key is not None:
            by_source[source_id].append((capture_id, reading.sketch))
    return {source: name_states(captures) for source, captures in by_source.items()}


def find_sayings(
    readings: Mapping[tuple[str, str], Reading | str], order: Iterable[tuple[str, str]]
) -> Mapping[str, Mapping[str, str]]:
    """Return by source and capture the first capture of the page that states the same for certain, in any words.

    Two captures that differ in one sentence are one state, and still take turns if that sentence does.
    """
    first: dict[tuple[str, tuple[TypedKey, ...]], str] = {}
    by_source: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for source_id, capture_id in order:
        reading = readings.get((source_id, capture_id))
        if isinstance(reading, Reading) and reading.text_key is not None:
            certain = (one for one in reading.statements if one.grade is Grade.CERTAIN)
            said = tuple(sorted({typed_key(one) for one in certain}))
            by_source[source_id][capture_id] = first.setdefault((source_id, said), capture_id)
    return by_source


def _nearest(sketch: tuple[int, ...], states: Mapping[str, tuple[int, ...]]) -> str | None:
    shares = [(_share(sketch, other), name) for name, other in states.items()]
    share, name = max(shares, default=(0.0, ""))
    return name if share >= _SAME_STATE else None


def _share(one: tuple[int, ...], two: tuple[int, ...]) -> float:
    """Return the estimated share of blocks that two pages have in common, of all that either has."""
    lowest = sorted({*one, *two})[:_SKETCHED]
    return len(set(lowest) & set(one) & set(two)) / len(lowest) if lowest else 0.0


def _hash(words: str) -> int:
    return int.from_bytes(hashlib.blake2b(words.encode(), digest_size=6).digest())
