"""How one change reads in words: its subject, what differed, the words before and since, where and when. Pure."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Final, TypeAlias

from pipeline.catalog.reader import Catalog
from pipeline.catalog.reasons import counted
from pipeline.catalog.records import ChangeRecord
from pipeline.model import (
    POLICY_TOPICS,
    Basis,
    Bound,
    Cause,
    ChangeKind,
    Retention,
    RetentionKind,
    Tier,
    Topic,
    as_text,
)
from pipeline.use.marked_up import in_markdown, markdown_table, web_url
from pipeline.use.wording import is_weak, remark_on

# Names of our own: what is told of a change has the same one in every feed, message and build.
NAMESPACE: Final = uuid.UUID("5f8f6b5e-51a3-4c55-9d0a-6f6f7b1f2c11")
Interval: TypeAlias = Mapping[str, Any]  # a row of `policy_history`

# What "weak" means, where a value is marked so.
WEAK: Final = f"{remark_on(Basis.RENDERED).capitalize()}."
_NOT_KNOWN = "not known"
_OF_CLAIMS = frozenset({ChangeKind.CLAIM_APPEARED, ChangeKind.CLAIM_CHANGED, ChangeKind.CLAIM_REMOVED})
_WITH_TOPIC = _OF_CLAIMS | {ChangeKind.LINK_CHANGED, ChangeKind.REPORTING_CHANGE}
_COLUMNS = ("seen", "provider", "what", "before", "since", "source")
_HISTORY = """
SELECT gateway_id, offering_id, valid_from, retention_kind, retention_days, retention_bound, retention_text,
       retention_basis, training, training_text, training_basis
FROM policy_history ORDER BY ALL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One change, and what it takes to tell it. Quotes are the source's own words, None where none are on record.

    The bases say how the gateway carries both values, None where they are not the gateway's or not on record.
    """

    change: ChangeRecord
    provider_id: str | None
    provider_name: str | None
    tier: Tier
    old_quote: str | None
    new_quote: str | None
    source_url: str | None
    old_basis: Basis | None = None
    new_basis: Basis | None = None

    @property
    def old_told(self) -> str | None:
        """The value before, marked where it is weak."""
        return mark_weak(self.change.old_value, self.old_basis)

    @property
    def new_told(self) -> str | None:
        """The value since, marked where it is weak."""
        return mark_weak(self.change.new_value, self.new_basis)

    @property
    def is_weak(self) -> bool:
        """Whether the value before or since is carried by words that its source prints also where it has no data."""
        return is_weak(self.old_basis) or is_weak(self.new_basis)

    @property
    def urn(self) -> str:
        """The name of this event, for whoever must know it again."""
        return uuid.uuid5(NAMESPACE, self.change.change_id).urn

    @property
    def subject(self) -> str:
        """Whom it is about: the provider as it is called, or how many."""
        if self.change.offering_id is None:
            return f"{self.change.offering_count} offerings"
        name = self.provider_name or self.change.offering_id
        return name if self.tier is Tier.DEFAULT else f"{name} ({self.tier})"

    @property
    def title(self) -> str:
        """The change in one line."""
        change = self.change
        told = in_short(change.change_kind, change.topic, self.old_told, self.new_told)
        return f"{self.subject}: {told}"

    @property
    def when(self) -> str:
        """Between which two days it happened, as far as is known."""
        seen = f"seen {self.change.changed_at:%Y-%m-%d}"
        before = self.change.not_before_at
        return seen if before is None else f"{seen}, not before {before:%Y-%m-%d}"


def split_news(told: Iterable[News]) -> tuple[list[News], int]:
    """Return what sources came to say, and how many others there are: the same bytes, read better."""
    told = list(told)
    news = [one for one in told if one.change.cause != Cause.TECHNICAL_UPGRADE]
    return news, len(told) - len(news)


def read_news(catalog: Catalog, since: date | None = None, until: date | None = None) -> list[News]:
    """Return the changes from the start of a day (or a moment) on, newest first, with all that tells them."""
    names = {
        (row["gateway_id"], row["offering_id"]): row
        for row in catalog.rows("SELECT gateway_id, offering_id, provider_id, provider_name, tier FROM providers")
    }
    urls = {row["source_id"]: row["url"] for row in catalog.rows("SELECT source_id, url FROM sources")}
    histories: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in catalog.rows(_HISTORY):
        histories[row["gateway_id"], row["offering_id"]].append(row)
    found = []
    for change in catalog.changes(since, until):
        key = (change.gateway_id, change.offering_id or "")
        before, since_then = sides_of(asdict(change), histories.get(key, ()))
        old_quote, new_quote = _quotes(change, before, since_then)
        named = names.get(key, {})
        one = News(
            change=change,
            provider_id=named.get("provider_id"),
            provider_name=named.get("provider_name"),
            tier=Tier(named.get("tier", Tier.DEFAULT)),
            old_quote=old_quote,
            new_quote=new_quote,
            source_url=web_url(urls.get(change.source_id)),
            old_basis=basis_in(before, change.topic),
            new_basis=basis_in(since_then, change.topic),
        )
        found.append(one)
    return found


def _quotes(change: ChangeRecord, before: Interval | None, since: Interval | None) -> tuple[str | None, str | None]:
    """Return the words before and since: the change's own, or those that the policy then rested on."""
    if change.old_quote is not None or change.new_quote is not None or change.cause == Cause.TECHNICAL_UPGRADE:
        return change.old_quote, change.new_quote
    old, new = (part[f"{change.topic}_text"] if part else None for part in (before, since))
    return old, new


def sides_of(change: Mapping[str, Any], history: Iterable[Interval]) -> tuple[Interval | None, Interval | None]:
    """Return the intervals of a gateway's policy that hold the values before and since a change, as far as there are.

    `history` are those of its offering, in order. One that holds another value than the change tells of is none.
    """
    topic, at = change["topic"], change["changed_at"]
    if topic not in POLICY_TOPICS or change["change_kind"] in _OF_CLAIMS:
        return None, None
    before = [part for part in history if part["valid_from"] < at]
    since = next((part for part in history if part["valid_from"] == at), None)
    return (
        before[-1] if before and _value(before[-1], topic) == change["old_value"] else None,
        since if since is not None and _value(since, topic) == change["new_value"] else None,
    )


def basis_in(part: Interval | None, topic: str | None) -> Basis | None:
    """Return how the gateway carries the value on a topic in an interval."""
    basis = part[f"{topic}_basis"] if part else None
    return Basis(basis) if basis else None


def mark_weak(value: str | None, basis: Basis | None) -> str | None:
    """Return a value, marked where it is carried by words that its source prints also where it has no data."""
    return f"{value} (weak)" if value is not None and is_weak(basis) else value


def _value(part: Interval, topic: str) -> str | None:
    return part["training"] if topic == Topic.TRAINING else _retention(part)


def _retention(part: Interval) -> str | None:
    kind, days = RetentionKind(part["retention_kind"]), part["retention_days"]
    if kind is not RetentionKind.PERIOD:
        return as_text(Retention(kind=kind))
    return as_text(replace(Retention.of_days(days), bound=Bound(part["retention_bound"])))


def in_short(kind: str, topic: str | None, old: str | None, new: str | None) -> str:
    """Return what changed, and from what to what."""
    values = from_to(kind, old, new)
    return f"{what(kind, topic)}{values and ' '}{values}"


def what(kind: str, topic: str | None) -> str:
    """Return what kind of thing changed, with its topic where the kind does not tell it."""
    words = kind.replace("_", " ")
    return f"{words}: {topic}" if kind in _WITH_TOPIC and topic is not None else words


def from_to(kind: str, old: str | None, new: str | None) -> str:
    """Return the values before and since; one alone where there was nothing before or is nothing since."""
    match kind:
        case ChangeKind.CLAIM_APPEARED:
            return new or ""
        case ChangeKind.CLAIM_REMOVED:
            return old or ""
        case _:
            return "" if old is None and new is None else f"{_shown(old)} → {_shown(new)}"


def _shown(value: str | None) -> str:
    return _NOT_KNOWN if value is None else value or "none"


def utc_text(at: datetime) -> str:
    """Return a moment as ISO 8601 and RFC 3339 have it."""
    return at.isoformat().replace("+00:00", "Z")


def facts_of(one: News) -> dict[str, object]:
    """Return all that is known of a change, as JSON has it, values unchanged."""
    facts = asdict(one.change)
    return {name: utc_text(value) if isinstance(value, datetime) else value for name, value in facts.items()} | {
        "old_quote": one.old_quote,
        "new_quote": one.new_quote,
        "old_basis": one.old_basis,
        "new_basis": one.new_basis,
        "urn": one.urn,
        "provider_id": one.provider_id,
        "provider_name": one.provider_name,
        "source_url": one.source_url,
    }


def as_markdown(news: Sequence[News], upgrades: int, since: date | None, until: date) -> str:
    """Return changes for a release note or a chat, and how many re-readings of the same pages are left out."""
    start = "" if since is None else f" since {since:%Y-%m-%d}"
    lines = [f"### {counted(len(news), 'change')} of data policies{start}, as of {until:%Y-%m-%d}", ""]
    if news:
        lines += [*markdown_table(_COLUMNS, map(_cells, news)), ""]
    if any(one.is_weak for one in news):
        lines += [WEAK, ""]
    if upgrades:
        lines.append(f"Left out: {counted(upgrades, 'technical upgrade')}, where the same page is read better.")
    return "\n".join(lines).rstrip("\n") + "\n"


def _cells(one: News) -> tuple[str, ...]:
    change = one.change
    source = in_markdown(change.source_id)
    return (
        f"{change.changed_at:%Y-%m-%d}",
        in_markdown(one.subject),
        in_markdown(what(change.change_kind, change.topic)),
        _said(change.old_value, one.old_basis, one.old_quote),
        _said(change.new_value, one.new_basis, one.new_quote),
        source if one.source_url is None else f"[{source}](<{one.source_url}>)",
    )


def _said(value: str | None, basis: Basis | None, words: str | None) -> str:
    """Return a value and the words for it, as far as there are any."""
    shown = mark_weak(None if value is None else in_markdown(value), basis)
    parts = (shown or "", "" if words is None else f"“{in_markdown(words)}”")
    return ": ".join(part for part in parts if part)
