"""The numbers of the plots: how offerings split, how they did over time, how old the sources are. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from pipeline.model import RetentionKind, Topic
from pipeline.use.report.badges import RETENTION, TRAINING, Badge
from pipeline.use.report.facts import Row
from pipeline.use.wording import basis_of, is_weak

WIDTH: Final = 720
HEIGHT: Final = 200
_FULL: Final = 100  # the longest bar

_MONTH: Final = 30
_AGES: Final = ((7, "A week or less"), (_MONTH, "Up to 30 days"), (90, "Up to 90 days"), (365, "Up to a year"))
_OLDER, _NEVER = "More than a year", "Never seen"


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a split: what it is of, and for each series its count and the length of its bar, 0 to 100."""

    label: str
    tone: str
    counts: tuple[int, ...]
    lengths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """One kind over time: the outline of its area, and how many there are now."""

    kind: str
    badge: Badge
    points: str
    count: int


@dataclass(frozen=True, slots=True)
class OverTime:
    """How many listed offerings had each kind, at every moment at which that changed, up to the last look."""

    bands: tuple[Band, ...]
    moments: tuple[tuple[datetime, tuple[int, ...]], ...]
    most: int
    until: datetime


def split_retention(offerings: Iterable[Row]) -> list[Bar]:
    """Return how offerings split by retention: as the gateway states it, and by the strictest reading."""
    series = [Counter[str](), Counter[str]()]
    for one in offerings:
        for counts, side in zip(series, ("", "strictest_"), strict=True):
            counts[_retention_label(one[f"{side}retention_kind"], one[f"{side}retention_days"])] += 1
    labels = [(label, badge.tone) for kind, badge in RETENTION.items() for label in _labels_of(kind, badge)]
    return _bars(labels, series)


def _labels_of(kind: RetentionKind, badge: Badge) -> tuple[str, ...]:
    return (f"{_MONTH} days or less", f"More than {_MONTH} days") if kind is RetentionKind.PERIOD else (badge.label,)


def _retention_label(kind: str, days: int | None) -> str:
    known = RetentionKind(kind)
    labels = _labels_of(known, RETENTION[known])
    return labels[-1] if days is None or days > _MONTH else labels[0]


def split_training(offerings: Iterable[Row]) -> list[Bar]:
    """Return how offerings split by training use: as the gateway states it, and by the strictest reading."""
    series = [Counter[str](), Counter[str]()]
    for one in offerings:
        for counts, side in zip(series, ("", "strictest_"), strict=True):
            counts[TRAINING[one[f"{side}training"]].label] += 1
    return _bars([(badge.label, badge.tone) for badge in TRAINING.values()], series)


def count_weak(offerings: Iterable[Row], topic: Topic) -> list[int]:
    """Return how many values of a split are weak: as the gateway states it, and by the strictest reading."""
    rows = list(offerings)
    return [sum(is_weak(basis_of(one, topic, side)) for one in rows) for side in ("", "strictest_")]


def split_ages(sources: Iterable[Row], made_on: date) -> list[Bar]:
    """Return how sources split by the age of their last good look: those of gateways, and pages of providers."""
    series = [Counter[str](), Counter[str]()]
    for source in sources:
        series[source["gateway_id"] is None][_age_label(source["last_good_at"], made_on)] += 1
    labels = [*(label for _, label in _AGES), _OLDER, _NEVER]
    return _bars([(label, "unknown" if label == _NEVER else "mild") for label in labels], series)


def _age_label(seen: datetime | None, made_on: date) -> str:
    if seen is None:
        return _NEVER
    age = (made_on - seen.date()).days
    return next((label for most, label in _AGES if age <= most), _OLDER)


def _bars(labels: Sequence[tuple[str, str]], series: Sequence[Counter[str]]) -> list[Bar]:
    most = max((count for counts in series for count in counts.values()), default=1)
    bars = []
    for label, tone in labels:
        counts = tuple(one[label] for one in series)
        bars.append(Bar(label, tone, counts, tuple(round(_FULL * count / most, 2) for count in counts)))
    return bars


def draw_over_time(history: Iterable[Row], until: datetime) -> OverTime | None:
    """Return the kinds of retention over time as stacked steps, the most protective at the foot; None without any."""
    moments = _count_over_time(history, until)
    if not moments:
        return None
    most = max(sum(counts) for _, counts in moments) or 1
    start = moments[0][0]
    span = max((until - start).total_seconds(), 1.0)
    lefts = [WIDTH * (moment - start).total_seconds() / span for moment, _ in moments]
    rights = [*lefts[1:], float(WIDTH)]
    bands = []
    for place, (kind, badge) in enumerate(RETENTION.items()):
        upper: list[str] = []
        lower: list[str] = []
        for left, right, (_, counts) in zip(lefts, rights, moments, strict=True):
            upper += _step(left, right, sum(counts[: place + 1]), most)
            lower += _step(left, right, sum(counts[:place]), most)
        bands.append(Band(kind, badge, " ".join(upper + lower[::-1]), moments[-1][1][place]))
    return OverTime(tuple(bands), tuple(moments), most, until)


def _step(left: float, right: float, count: int, most: int) -> list[str]:
    height = round(HEIGHT - HEIGHT * count / most, 2)
    return [f"{left:.2f},{height:g}", f"{right:.2f},{height:g}"]


def _count_over_time(history: Iterable[Row], until: datetime) -> list[tuple[datetime, tuple[int, ...]]]:
    """Return the counts of each kind from each moment on at which an interval starts or ends."""
    steps: defaultdict[datetime, Counter[str]] = defaultdict(Counter)
    for part in history:
        steps[part["valid_from"]][part["retention_kind"]] += 1
        if part["valid_to"] is not None and part["valid_to"] <= until:
            steps[part["valid_to"]][part["retention_kind"]] -= 1
    now: Counter[str] = Counter()
    found = []
    for moment in sorted(steps):
        now.update(steps[moment])
        found.append((moment, tuple(now[kind] for kind in RETENTION)))
    return found
