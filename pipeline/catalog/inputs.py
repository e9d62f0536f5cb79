"""What a build is made of, as one key: the same key, the same catalog. Pure but for the fingerprint of the code."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from pipeline.catalog.current import builder_fingerprint
from pipeline.catalog.looks import Looks
from pipeline.catalog.statements import TOGETHER
from pipeline.declarations import Source
from pipeline.model import Observation


def build_key(reader: str, sources: Iterable[Source], looks: Looks) -> str:
    """Return a hash over all that the policies depend on.

    A further look at an unchanged source makes no other catalog: it moves no policy, only the date on which the words
    were last seen, and that date is told from the log. So each source counts with the captures that it showed in
    turn and with whether its last look failed, those of gateways, which are weighed against each other, with the order
    in which they were last seen, and those that make up one document with what they showed when all were seen.
    """
    sources = tuple(sources)
    settled = ((source, looks.settled.get(source.id, ())) for source in sources)
    parts = [[source.id, source.rank, source.url, _turns(mine), _is_failing(mine)] for source, mine in settled]
    ranked = [source.id for source in sources if source.gateway_id is not None and source.id in looks.settled]
    order = sorted(ranked, key=lambda source_id: (_last_good_day(looks.settled[source_id]), source_id))
    judged = [_judged(mine) for mine in _documents(sources, looks)]
    flapping = sorted((source_id, since.isoformat()) for source_id, since in looks.flapping.items())
    body = json.dumps([reader, builder_fingerprint(), parts, order, flapping, judged])
    return hashlib.sha256(body.encode()).hexdigest()


def _turns(looks: Sequence[Observation]) -> list[list[str | bool | None]]:
    turns: list[list[str | bool | None]] = []
    before: str | None = None
    for look in looks:
        if look.is_good and look.capture_id != before:
            at, since = look.moment.at.isoformat(), look.moment.since.isoformat()
            turns.append([look.capture_id, at, since, look.is_partial])
            before = look.capture_id
    return turns


def _is_failing(looks: Sequence[Observation]) -> bool:
    return bool(looks) and not looks[-1].is_good


def _documents(sources: Iterable[Source], looks: Looks) -> Iterator[list[Sequence[Observation]]]:
    """Yield the looks at each part of the documents that have several."""
    parts: defaultdict[str, list[Sequence[Observation]]] = defaultdict(list)
    for source in sources:
        if source.terms_id is not None:
            parts[source.terms_id].append(looks.settled.get(source.id, ()))
    return (mine for _, mine in sorted(parts.items()) if len(mine) > 1)


def _judged(parts: Sequence[Sequence[Observation]]) -> list[int]:
    """Return how many looks at each part brought a capture until all parts were last seen to be good together.

    What went from a part is judged then, and not before.
    """
    newest: dict[int, Observation] = {}
    until = None
    merged = ((look.moment.at, number, look) for number, looks in enumerate(parts) for look in looks)
    for _, number, look in sorted(merged, key=lambda one: one[:2]):
        newest[number] = look
        if all(one.is_good for one in newest.values()):
            until = min(one.moment.at for one in newest.values()) + TOGETHER
    turns = ([str(turn[1]) for turn in _turns(looks)] for looks in parts)
    return [sum(until is not None and turn <= until.isoformat() for turn in mine) for mine in turns]


def _last_good_day(looks: Sequence[Observation]) -> str:
    return max((look.moment.at.date().isoformat() for look in looks if look.is_good), default="")
