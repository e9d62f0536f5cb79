"""What a data policy asks of an offering. Pure: a record that refuses what means nothing."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Final, Self

from pipeline.catalog.places import expand
from pipeline.errors import UsageError
from pipeline.model import Tier


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
    datacenters every one has to lie in them. `providers` and `ignored` are ids of providers or offerings, as
    `Catalog.route` finds them for any name. `allows_unknown` lets in what is unknown on retention, training and
    publishing, and nothing else: what is stored for an unstated time is not unknown.

    Raises UsageError for what means nothing: a negative limit, an unknown country, an empty list of providers.
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
        """Raise UsageError for a requirement that means nothing."""
        for name in ("max_retention_days", "max_age_days"):
            days = getattr(self, name)
            if days is not None and (isinstance(days, bool) or not isinstance(days, int) or days < 0):
                raise UsageError(f"{name}: expected a whole number of days from 0, found {days!r}")
        for name in ("tiers", "headquarters", "not_headquarters", "datacenters", "providers"):
            given = getattr(self, name)
            if isinstance(given, str):
                raise UsageError(f"{name}: expected a set of values, found the text '{given}'")
            if given is not None and not given:
                raise UsageError(f"{name}: an empty list allows nobody; leave it out to ask nothing")
        for name in ("headquarters", "not_headquarters", "datacenters"):
            try:
                expand(getattr(self, name) or ())
            except ValueError as error:
                raise UsageError(f"{name}: {error}") from error

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
        Raises UsageError for a key that the gateway does not know, as it does, and for a value of the wrong kind.
        """
        _check_openrouter(preferences)
        only, order = _let_in(_slugs(preferences, "only")), _let_in(_slugs(preferences, "order"))
        if order and preferences.get("allow_fallbacks") is False:
            only = only & order if only else order
            if not only:
                raise UsageError("provider: `only` and `order` have no provider in common: the request reaches nobody")
        return cls(
            reading=PolicyBasis.GATEWAY,
            max_retention_days=0 if preferences.get("zdr") is True else None,
            no_training=preferences.get("data_collection") == "deny",
            providers=only or None,
            ignored=_kept_out(_slugs(preferences, "ignore")),
        )


_NOT_ASKING = frozenset({"reading", "allows_unknown"})
_ASKING: Final = {one.name: one.default for one in fields(Requirement) if one.name not in _NOT_ASKING}


# The keys of a request's `provider` object; those that are not read choose among what is allowed, or by other facts.
_READ_KEYS = ("allow_fallbacks", "data_collection", "ignore", "only", "order", "zdr")
_OTHER_KEYS = ("enforce_distillable_text", "max_price", "options", "preferred_max_latency", "preferred_min_throughput")
_OPENROUTER_KEYS: Final = frozenset({*_READ_KEYS, *_OTHER_KEYS, "quantizations", "require_parameters", "sort"})
_SLUG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,99}")


def _check_openrouter(preferences: Mapping[str, object]) -> None:
    for key in preferences:
        if key not in _OPENROUTER_KEYS:
            raise UsageError(f"provider: '{key}' is not a key that OpenRouter knows; it would refuse the request")
    for key in ("allow_fallbacks", "zdr"):
        if not isinstance(preferences.get(key), bool | None):
            raise UsageError(f"provider.{key}: expected true or false, found {preferences[key]!r}")
    if preferences.get("data_collection") not in (None, "allow", "deny"):  # a tuple, for what cannot be hashed
        found = preferences["data_collection"]
        raise UsageError(f'provider.data_collection: expected "allow" or "deny", found {found!r}')


def _slugs(preferences: Mapping[str, object], key: str) -> tuple[str, ...]:
    given = preferences.get(key)
    if given is None:
        return ()
    if not isinstance(given, list | tuple):
        raise UsageError(f"provider.{key}: expected a list of provider slugs, found {given!r}")
    for slug in given:
        if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
            raise UsageError(f"provider.{key}: {slug!r} is not a provider slug")
    return tuple(given)


def _let_in(slugs: Iterable[str]) -> frozenset[str]:
    """Return whom slugs let in: a region or variant, as in `google-vertex/us-east5`, is a part of its provider."""
    return frozenset(slug.partition("/")[0] for slug in slugs)


def _kept_out(slugs: Iterable[str]) -> frozenset[str]:
    """Return whom slugs keep out whole: that one region is ignored lets the others in."""
    return frozenset(slug for slug in slugs if "/" not in slug)
