"""Why an offering does not meet a requirement, in plain words, with the source's own. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from pipeline.catalog.places import expand
from pipeline.catalog.protection import is_conflict_of_defaults
from pipeline.catalog.records import OfferingTerms
from pipeline.catalog.requirement import Check, PolicyBasis, Requirement
from pipeline.model import Bound, RetentionKind, Topic, Training


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What keeps an offering out. `words`, `source_id` and `observed_at` are the gateway's, where it rests on them."""

    check: Check
    text: str
    words: str | None = None
    source_id: str | None = None
    observed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredFor:
    """A retention as the catalog's columns hold it: `days` is 0 for none, and None where no time is stated."""

    kind: RetentionKind
    days: int | None


def read_retention(one: OfferingTerms, basis: PolicyBasis) -> StoredFor:
    """Return what an offering's retention is by one reading."""
    match basis:
        case PolicyBasis.GATEWAY:
            return StoredFor(one.retention_kind, one.retention_days)
        case PolicyBasis.PROVIDER:
            return StoredFor(one.provider_retention_kind, one.provider_retention_days)
        case PolicyBasis.STRICTEST:
            return StoredFor(one.strictest_retention_kind, one.strictest_retention_days)


def read_bound(one: OfferingTerms, basis: PolicyBasis) -> Bound | None:
    """Return how the days of an offering's retention are meant by one reading; None where it has none."""
    match basis:
        case PolicyBasis.GATEWAY:
            bound = one.retention_bound
        case PolicyBasis.PROVIDER:
            bound = one.provider_retention_bound
        case PolicyBasis.STRICTEST:
            bound = one.strictest_retention_bound
    return None if bound is None else Bound(bound)


def is_at_most(one: OfferingTerms, basis: PolicyBasis) -> bool:
    """Whether the days of an offering's retention are a limit, and less may be meant."""
    return read_bound(one, basis) in {Bound.UP_TO, Bound.RANGE}


def read_training(one: OfferingTerms, basis: PolicyBasis) -> Training:
    """Return what an offering's training use is by one reading."""
    match basis:
        case PolicyBasis.GATEWAY:
            return one.training
        case PolicyBasis.PROVIDER:
            return one.provider_training
        case PolicyBasis.STRICTEST:
            return one.strictest_training


def seen_at(one: OfferingTerms) -> datetime | None:
    """Return when all words behind a row were last seen; None where that is not on record, which passes no age.

    The view as of an earlier day knows it of the gateway's words only.
    """
    if one.last_verified_at is not None:
        return one.last_verified_at
    return None if rests_on_terms(one) or one.source_id is None else one.observed_at


def rests_on_terms(one: OfferingTerms) -> bool:
    """Whether the provider's own terms say anything on retention or training."""
    return one.provider_retention_kind is not RetentionKind.UNKNOWN or one.provider_training is not Training.UNKNOWN


def find_reason(check: Check, one: OfferingTerms, asked: Requirement, now: datetime | None) -> Reason:
    """Return why an offering fails a check that it was found to fail."""
    match check:
        case Check.RETENTION | Check.RETENTION_CONFLICT:
            words = one.retention_text
            rests_on_gateway = read_retention(one, asked.reading) == read_retention(one, PolicyBasis.GATEWAY)
        case Check.TRAINING | Check.TRAINING_CONFLICT:
            words = one.training_text
            rests_on_gateway = read_training(one, asked.reading) is one.training
        case _:
            return Reason(check=check, text=_TEXTS[check](one, asked, now))
    text = _TEXTS[check](one, asked, now)
    if not rests_on_gateway:
        return Reason(check=check, text=text)
    return Reason(check=check, text=text, words=words, source_id=one.source_id, observed_at=one.observed_at)


def _listed(one: OfferingTerms, _asked: Requirement, _now: datetime | None) -> str:
    since = "" if one.delisted_at is None else f" since {one.delisted_at:%Y-%m-%d}"
    return f"not listed at {one.gateway_id}{since}"


def _retention(one: OfferingTerms, asked: Requirement, _now: datetime | None) -> str:
    stored = read_retention(one, asked.reading)
    limit = asked.max_retention_days or 0
    most = f"more than {in_days(limit)}" if limit else "where nothing may be stored"
    match stored.kind:
        case RetentionKind.NONE | RetentionKind.PERIOD:
            up_to = "up to " * is_at_most(one, asked.reading)
            return f"stored for {up_to}{in_days(stored.days or 0)}, {most}"
        case RetentionKind.UNTIL_EVENT:
            return "stored until something happens, which has no limit in days"
        case RetentionKind.INDEFINITE:
            return "stored without end"
        case RetentionKind.UNSTATED:
            return "stored, for how long is not stated"
        case RetentionKind.UNKNOWN:
            return "unknown whether prompts are stored"


def retention_as_text(stored: StoredFor) -> str:
    """Return a retention as a table shows it: the kind, or for a period its days."""
    return in_days(stored.days) if stored.days else stored.kind.value


def in_days(days: int) -> str:
    """Return a number of days in words."""
    return f"{days} day{'' if days == 1 else 's'}"


def counted(count: int, thing: str) -> str:
    """Return a number of things in words."""
    return f"{count or 'no'} {thing}{'s' * (count != 1)}"


def _retention_conflict(one: OfferingTerms, _asked: Requirement, _now: datetime | None) -> str:
    gateway, provider = (read_retention(one, basis) for basis in (PolicyBasis.GATEWAY, PolicyBasis.PROVIDER))
    return _contradiction(one, Topic.RETENTION, retention_as_text(gateway), retention_as_text(provider))


def _training_conflict(one: OfferingTerms, _asked: Requirement, _now: datetime | None) -> str:
    return _contradiction(one, Topic.TRAINING, one.training.value, one.provider_training.value)


def _contradiction(one: OfferingTerms, topic: Topic, gateway: str, provider: str) -> str:
    if not is_conflict_of_defaults(asdict(one), topic):
        return f"the provider's own terms contradict the gateway on {topic} for a part of the service"
    return f"sources contradict each other on {topic}: {gateway} by the gateway, {provider} by the provider's own terms"


def _training(one: OfferingTerms, asked: Requirement, _now: datetime | None) -> str:
    match read_training(one, asked.reading):
        case Training.MAY:
            return "prompts may be used to train"
        case Training.OPT_OUT:
            return "prompts are used to train until the customer objects"
        case Training.NO | Training.OPT_IN:
            return "prompts are not used to train unasked"
        case Training.UNKNOWN:
            return "unknown whether prompts are used to train"


def _publishing(one: OfferingTerms, _asked: Requirement, _now: datetime | None) -> str:
    return "unknown whether prompts may be published" if one.can_publish is None else "prompts may be published"


def _headquarters(one: OfferingTerms, _asked: Requirement, _now: datetime | None) -> str:
    return f"headquarters in {one.headquarters}" if one.headquarters else "no headquarters on record"


def _datacenters(one: OfferingTerms, asked: Requirement, _now: datetime | None) -> str:
    if not one.datacenters:
        return "no datacenters on record"
    wanted = expand(asked.datacenters or ())
    return f"datacenters also in {_listing(place for place in one.datacenters if place not in wanted)}"


def _age(one: OfferingTerms, asked: Requirement, now: datetime | None) -> str:
    seen = seen_at(one)
    if seen is None or now is None:
        return "not on record when its words were last seen"
    days = -((seen - (now if now.tzinfo else now.replace(tzinfo=UTC))) // timedelta(days=1))  # a day that began counts
    return f"words last seen {seen:%Y-%m-%d}, {in_days(days)} ago, more than {in_days(asked.max_age_days or 0)}"


def _listing(parts: Iterable[str]) -> str:
    return ", ".join(sorted(parts))


_TEXTS: Final[Mapping[Check, Callable[[OfferingTerms, Requirement, datetime | None], str]]] = {
    Check.LISTED: _listed,
    Check.PROVIDERS: lambda _one, _asked, _now: "not among the providers asked for",
    Check.IGNORED: lambda _one, _asked, _now: "on the list of those to ignore",
    Check.TIER: lambda one, _asked, _now: f"the {one.tier} tier is not asked for",
    Check.RETENTION: _retention,
    Check.RETENTION_CONFLICT: _retention_conflict,
    Check.TRAINING: _training,
    Check.TRAINING_CONFLICT: _training_conflict,
    Check.PUBLISHING: _publishing,
    Check.HEADQUARTERS: _headquarters,
    Check.DATACENTERS: _datacenters,
    Check.TERMS_URL: lambda _one, _asked, _now: "no page of its terms is on record",
    Check.AGE: _age,
}
