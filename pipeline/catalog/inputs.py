"""What a build is made of, as one key: the same key, the same catalog. Pure but for the fingerprint of the code."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable

from pipeline.catalog.current import builder_fingerprint
from pipeline.catalog.flapping import settle
from pipeline.declarations import Source
from pipeline.model import Observation


def build_key(reader: str, sources: Iterable[Source], observations: Iterable[Observation]) -> str:
    """Return a hash over all that the policies depend on.

    A further look at an unchanged source makes no other catalog: it moves no policy, only the date on which the words
    were last seen, and that date is told from the log. So each source counts with the captures that it showed in
    turn and with whether its last look failed, and all sources with the order in which they were last seen.
    """
    looks: defaultdict[str, list[Observation]] = defaultdict(list)
    settled, flapping = settle(observations)
    for look in sorted(settled, key=lambda one: (one.moment.at, one.source_id)):
        looks[look.source_id].append(look)
    parts = [[source.id, source.rank, _turns(looks[source.id]), _is_failing(looks[source.id])] for source in sources]
    order = sorted(looks, key=lambda source_id: (_last_good_day(looks[source_id]), source_id))
    body = json.dumps([reader, builder_fingerprint(), parts, order, sorted(flapping)])
    return hashlib.sha256(body.encode()).hexdigest()


def _turns(looks: list[Observation]) -> list[list[str | bool | None]]:
    turns: list[list[str | bool | None]] = []
    before: str | None = None
    for look in looks:
        if look.is_good and look.capture_id != before:
            at, since = look.moment.at.isoformat(), look.moment.since.isoformat()
            turns.append([look.capture_id, at, since, look.is_partial])
            before = look.capture_id
    return turns


def _is_failing(looks: list[Observation]) -> bool:
    return bool(looks) and not looks[-1].is_good


def _last_good_day(looks: list[Observation]) -> str:
    return max((look.moment.at.date().isoformat() for look in looks if look.is_good), default="")
