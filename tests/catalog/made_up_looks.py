"""Looks at made-up sources of one gateway, read by the real parsers, for the tests of this folder."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from pipeline.catalog.spans import Timelines
from pipeline.catalog.timeline import Sighting
from pipeline.declarations import Envelope, Provider, Source
from pipeline.model import Format, Json, Moment, Parsed, TermsType, Topic, as_text
from pipeline.normalize.claims import normalize_capture
from pipeline.normalize.identity import Identities
from pipeline.parse import policy_table, provider_feed, provider_list

ZERO: dict[str, Json] = {"retainsPrompts": False, "training": False}
KEPT: dict[str, Json] = {"retainsPrompts": True, "training": False}
DAYS_30: dict[str, Json] = {"retainsPrompts": True, "retentionDays": 30, "training": False}
DAYS_55: dict[str, Json] = {"retainsPrompts": True, "retentionDays": 55, "training": False}
UNREADABLE: dict[str, Json] = {"retainsPrompts": "sometimes", "training": False}
SILENT: dict[str, Json] = {}

PRINTS_ZERO = ("Zero retention", "✓ Does not train")
PRINTS_30 = ("Retained for 30 days", "✓ Does not train")
PRINTS_55 = ("Retained for 55 days", "✓ Does not train")
PRINTS_UNKNOWN = ("Unknown retention policy", "✓ Does not train")
PRINTS_MAY = ("Unknown retention policy", "✕ May train")

_FIRST_DAY = datetime(2026, 3, 1, tzinfo=UTC)


def source(of_format: Format = Format.PROVIDER_FEED, rank: int = 1, envelope: Envelope | None = None) -> Source:
    """Return a declaration of a source of the made-up gateway."""
    return Source(
        id=of_format.value.replace("_", "-"),
        gateway_id="gate",
        title="Made up",
        terms_type=TermsType.GATEWAY_FEED,
        format=of_format,
        url="https://gate.test/",
        content_types=("text/plain",),
        rank=rank,
        stale_after_days=7,
        envelope=envelope or Envelope(min_rows=1, max_rows=999),
    )


FEED = source()
TABLE = source(Format.POLICY_TABLE, 2)
LIST = source(Format.PROVIDER_LIST, 3)


def day(number: int, hour: int = 12) -> datetime:
    """Return an hour of one of the days that the tests play on."""
    return _FIRST_DAY + timedelta(days=number, hours=hour)


def feed(
    when: datetime | Moment,
    policies: Mapping[str, Json],
    *,
    names: Mapping[str, str] | None = None,
    is_partial: bool = False,
    providers: Sequence[Provider] = (),
    more: Mapping[str, Json] | None = None,
) -> Sighting:
    """Return a look at the feed; `policies` by slug, None for a provider without one, `more` for every provider."""
    records: list[Json] = []
    for slug, policy in policies.items():
        name = (names or {}).get(slug, slug.title())
        record: dict[str, Json] = {"slug": slug, "name": name, "displayName": name, **(more or {})}
        records.append(record if policy is None else {**record, "dataPolicy": policy})
    body = json.dumps({"data": records}).encode()
    return _look(FEED, when, body, provider_feed.parse(body), is_partial=is_partial, providers=providers)


def table(
    when: datetime | Moment,
    rows: Mapping[str, tuple[str, str]],
    *,
    is_partial: bool = False,
    providers: Sequence[Provider] = (),
) -> Sighting:
    """Return a look at the table: retention and training as printed, by label."""
    lines = ["| Provider | Data Retention | Train on Prompts |", "| --- | --- | --- |"]
    body = "\n".join([*lines, *(f"| {label} | {words[0]} | {words[1]} |" for label, words in rows.items())]).encode()
    return _look(TABLE, when, body, policy_table.parse(body), is_partial=is_partial, providers=providers)


def names(when: datetime | Moment, slugs: Sequence[str]) -> Sighting:
    """Return a look at the list of identities."""
    body = json.dumps({"data": [{"slug": slug, "name": slug.title()} for slug in slugs]}).encode()
    return _look(LIST, when, body, provider_list.parse(body), is_partial=False, providers=())


def _look(
    of_source: Source,
    when: datetime | Moment,
    body: bytes,
    parsed: Parsed,
    *,
    is_partial: bool,
    providers: Sequence[Provider],
) -> Sighting:
    return Sighting(
        source_id=of_source.id,
        rank=of_source.rank,
        moment=Moment.instant(when) if isinstance(when, datetime) else when,
        capture_id=hashlib.sha256(body).hexdigest(),
        reading=normalize_capture(parsed, of_source, Identities(providers, "gate")),
        is_partial=is_partial,
    )


def told(lines: Timelines, offering_id: str, topic: Topic = Topic.RETENTION) -> list[tuple[datetime, str | None, str]]:
    """Return the spans of a topic as start, value and cause."""
    return [(one.valid_from, as_text(one.value), one.cause.value) for one in lines.spans[offering_id, topic]]


def listed(lines: Timelines, offering_id: str) -> list[tuple[datetime, bool]]:
    """Return since when an offering is listed or not."""
    return [(one.valid_from, one.is_listed) for one in lines.presences[offering_id]]


_POLICIES: st.SearchStrategy[Json] = st.sampled_from(
    [None, SILENT, ZERO, KEPT, DAYS_30, DAYS_55, UNREADABLE, {"training": True}]
)
_PRINTS = st.sampled_from([PRINTS_ZERO, PRINTS_30, PRINTS_55, PRINTS_UNKNOWN, PRINTS_MAY, ("Gone", "Fishing")])
_SLUGS = st.sampled_from(["acme", "bolt", "core"])


@st.composite
def _looks(draw: st.DrawFn) -> Sighting:
    at = day(draw(st.integers(0, 40)), draw(st.sampled_from([0, 8, 20])))
    is_month = draw(st.integers(0, 4)) == 0
    since = at.replace(day=1, hour=0) if is_month else at
    moment = Moment(at=at.replace(hour=0) if is_month else at, since=since, precision=Moment.instant(at).precision)
    is_partial = draw(st.integers(0, 4)) == 0
    match draw(st.sampled_from(Format)):
        case Format.PROVIDER_FEED:
            policies = draw(st.dictionaries(_SLUGS, _POLICIES, min_size=1))
            return feed(moment, policies, is_partial=is_partial)
        case Format.POLICY_TABLE:
            rows = draw(st.dictionaries(st.sampled_from(["Acme", "Bolt", "Core", "Acme (free)"]), _PRINTS, min_size=1))
            return table(moment, rows, is_partial=is_partial)
        case _:
            return names(moment, draw(st.lists(_SLUGS, min_size=1, unique=True)))


MANY_LOOKS = st.lists(_looks(), min_size=1, max_size=8)
