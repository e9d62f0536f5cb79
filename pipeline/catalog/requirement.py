"""What a data policy asks of an offering. Pure: a record that refuses what means nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Final, Self, TypeVar

from pipeline.catalog.openrouter_request import check_preferences, kept_out, let_in, read_slugs
from pipeline.catalog.places import expand
from pipeline.errors import UsageError
from pipeline.model import Tier

_E = TypeVar("_E", bound=StrEnum)


class PolicyBasis(StrEnum):
    """Whose statements a requirement is held against."""

    GATEWAY = "gateway"
    PROVIDER = "provider"  # the provider's own terms
    STRICTEST = "strictest"  # of both the less protective one, and the only one where one of them says nothing


class Check(StrEnum):
    """One thing that may keep an offering out. Their order is that in which reasons are told."""

    LISTED = "listed"
    PROVIDERS = "providers"
    IGNORED = "ignored"
    TIER = "tier"
    RETENTION = "retention"
    RETENTION_CONFLICT = "retention_conflict"
    TRAINING = "training"
    TRAINING_CONFLICT = "training_conflict"
    PUBLISHING = "publishing"
    HEADQUARTERS = "headquarters"
    DATACENTERS = "datacenters"
    TERMS_URL = "terms_url"
    AGE = "age"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What an offering has to meet; a field left as it is asks nothing.

    `max_retention_days` 0 is zero retention. `no_training` lets `no` and `opt_in` pass: under both, prompts are not
    used unless their owner asks for it; `opt_out` and `may` use them if nobody does anything. The `allows_…` switches
    are those of a gateway's account: whether offerings of the default tier that train, of the free tier that train,
    and of the free tier that publish prompts may be used. Places are ISO 3166-1 alpha-2 codes, EU or EEA; of
    datacenters every one has to lie in them. `providers` and `ignored` are ids of providers, which mean all their
    tiers, or of one tier: `acme:free`, `acme:default`; `Catalog.route` finds them for any name. `allows_unknown` lets
    in what is unknown on retention, training and publishing, and nothing else: what is stored for an unstated time is
    not unknown.

    Raises UsageError for what means nothing: a negative limit, an unknown country, an empty list of providers, a text
    where a set belongs. A set may be given as any collection, and an enum as its text: both are held as their kind.
    """

    max_retention_days: int | None = None
    no_training: bool = False
    no_publishing: bool = False
    tiers: frozenset[Tier] | None = None
    headquarters: frozenset[str] | None = None
    not_headquarters: frozenset[str] | None = None
    datacenters: frozenset[str] | None = None
    requires_terms_url: bool = False
    max_age_days: int | None = None
    reading: PolicyBasis = PolicyBasis.STRICTEST
    allows_unknown: bool = False
    providers: frozenset[str] | None = None
    ignored: frozenset[str] = frozenset()
    allows_paid_training: bool = True
    allows_free_training: bool = True
    allows_free_publishing: bool = True

    def __post_init__(self) -> None:
        """Hold every field as its kind, whatever it was given as; raise UsageError for what means nothing."""
        for name in _DAYS:
            days = getattr(self, name)
            if days is not None and (isinstance(days, bool) or not isinstance(days, int) or days < 0):
                raise UsageError(f"{name}: expected a whole number of days from 0, found {days!r}")
        for name in _SWITCHES:
            if not isinstance(given := getattr(self, name), bool):
                raise UsageError(f"{name}: expected True or False, found {given!r}")
        for name in _SETS:
            self._hold_set(name)
        if self.tiers is not None:
            self._hold("tiers", frozenset(_member(Tier, "tiers", one) for one in self.tiers))
        self._hold("reading", _member(PolicyBasis, "reading", self.reading))
        for name in ("headquarters", "not_headquarters", "datacenters"):
            try:
                expand(getattr(self, name) or ())
            except ValueError as error:
                raise UsageError(f"{name}: {error}") from error

    def _hold_set(self, name: str) -> None:
        """Hold a set of texts as one that does not change, and that no iterator empties while it is looked at."""
        given = getattr(self, name)
        if given is None and name != "ignored":
            return
        if isinstance(given, str):
            raise UsageError(f"{name}: expected a set of values, found the text '{given}'")
        if not isinstance(given, Iterable):
            raise UsageError(f"{name}: expected a set of values, found {given!r}")
        values = tuple(given)
        for value in values:
            if not isinstance(value, str) or not value.strip():
                raise UsageError(f"{name}: expected a set of texts, found {value!r} among them")
        if not values and name != "ignored":
            raise UsageError(f"{name}: an empty list allows nobody; leave it out to ask nothing")
        self._hold(name, frozenset(values))

    def _hold(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)  # a frozen record is set up once, and here

    @property
    def asked(self) -> tuple[str, ...]:
        """The names of the fields that ask something."""
        return tuple(name for name in _ASKING if getattr(self, name) != _ASKING[name])

    def without(self, name: str) -> Self:
        """Return the same requirement with one field asking nothing."""
        return replace(self, **{name: _ASKING[name]})  # type: ignore[arg-type] # the default of that field

    @classmethod
    def from_openrouter(cls, preferences: Mapping[str, object]) -> Self:
        """Return what the `provider` object of a request to OpenRouter asks, as the gateway itself reads it.

        `data_collection: "deny"` acts on training only, `zdr` on retention only, and both on what the gateway states.
        `only`, `ignore`, and `order` without fallbacks name providers; an empty list names none, so it asks nothing.
        `zdr` acts on single endpoints: `pipeline.let_through` knows of those too, `Catalog.route` of whole offerings.
        Raises UsageError for a key that the gateway does not know, as it does, and for a value of the wrong kind.
        """
        asked = check_preferences(preferences)
        only, order = let_in(read_slugs(asked, "only")), let_in(read_slugs(asked, "order"))
        if order and asked.get("allow_fallbacks") is False:
            only = only & order if only else order
            if not only:
                raise UsageError("provider: `only` and `order` have no provider in common: the request reaches nobody")
        return cls(
            reading=PolicyBasis.GATEWAY,
            max_retention_days=0 if asked.get("zdr") is True else None,
            no_training=asked.get("data_collection") == "deny",
            providers=only or None,
            ignored=kept_out(read_slugs(asked, "ignore")),
        )


def _member(kind: type[_E], name: str, value: object) -> _E:
    """Return the member that a text names, for one that only looks like it is not it where `is` asks."""
    try:
        return kind(value)  # type: ignore[arg-type] # any value is asked
    except ValueError:
        known = ", ".join(one.value for one in kind)
        raise UsageError(f"{name}: expected one of {known}, found {value!r}") from None


_DAYS: Final = ("max_retention_days", "max_age_days")
_SETS: Final = ("tiers", "headquarters", "not_headquarters", "datacenters", "providers", "ignored")
_NOT_ASKING = frozenset({"reading", "allows_unknown"})
_ASKING: Final = {one.name: one.default for one in fields(Requirement) if one.name not in _NOT_ASKING}
_SWITCHES: Final = tuple(one.name for one in fields(Requirement) if isinstance(one.default, bool))
