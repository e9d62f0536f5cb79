"""The `provider` object of a request to OpenRouter: held against what the gateway takes. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeGuard

from pipeline.errors import UsageError

_SLUG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,99}")


def check_preferences(preferences: object) -> Mapping[str, object]:
    """Return the object; raise UsageError for what is none, an unknown key, or a value of the wrong kind.

    The gateway refuses a request for these, so what it would let through is not a question that has an answer.
    """
    if not isinstance(preferences, Mapping):
        raise UsageError(f"provider: expected an object, found {preferences!r}")
    for key, value in preferences.items():
        if key not in _KINDS:
            raise UsageError(f"provider: '{key}' is not a key that OpenRouter knows; it would refuse the request")
        is_right, expected = _KINDS[key]
        if value is not None and not is_right(value):
            raise UsageError(f"provider.{key}: expected {expected}, found {value!r}")
    return preferences


def read_slugs(preferences: Mapping[str, object], key: str) -> tuple[str, ...]:
    """Return the slugs of a list; raise UsageError for what is none. A list that is left out names nobody."""
    given = preferences.get(key) or ()
    if not _is_list(given):
        raise UsageError(f"provider.{key}: expected a list of provider slugs, found {given!r}")
    slugs = []
    for slug in given:
        if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
            raise UsageError(f"provider.{key}: {slug!r} is not a provider slug")
        slugs.append(slug)
    return tuple(slugs)


def let_in(slugs: Iterable[str]) -> frozenset[str]:
    """Return whom slugs let in: a region or variant, as in `google-vertex/us-east5`, is a part of its provider."""
    return frozenset(slug.partition("/")[0] for slug in slugs)


def kept_out(slugs: Iterable[str]) -> frozenset[str]:
    """Return whom slugs keep out whole: that one region is ignored lets the others in."""
    return frozenset(slug for slug in slugs if "/" not in slug)


def _is_list(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    return isinstance(value, list | tuple)


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _is_price(value: object) -> bool:
    return _is_object(value) and all(isinstance(one, str) or _is_number(one) for one in value.values())


def _is_texts(value: object) -> bool:
    return _is_list(value) and all(isinstance(one, str) for one in value)


def _is_collection(value: object) -> bool:
    return value in ("allow", "deny")  # a tuple, for what cannot be hashed


# Every key, and what its value has to be where it is not null; those that are not read further choose among what is
# allowed, or by other facts.
_Kind = tuple[Callable[[object], bool], str]
_SWITCH: Final[_Kind] = (_is_switch, "true or false")
_SLUGS: Final[_Kind] = (_is_list, "a list of provider slugs")
_OBJECT: Final[_Kind] = (_is_object, "an object")
_LIMIT: Final[_Kind] = (lambda value: _is_number(value) or _is_object(value), "a number, or an object of percentiles")
_KINDS: Final[Mapping[str, _Kind]] = {
    "allow_fallbacks": _SWITCH,
    "data_collection": (_is_collection, '"allow" or "deny"'),
    "enforce_distillable_text": _SWITCH,
    "ignore": _SLUGS,
    "max_price": (_is_price, "an object of prices"),
    "only": _SLUGS,
    "options": _OBJECT,
    "order": _SLUGS,
    "preferred_max_latency": _LIMIT,
    "preferred_min_throughput": _LIMIT,
    "quantizations": (_is_texts, "a list of texts"),
    "require_parameters": _SWITCH,
    "sort": (lambda value: isinstance(value, str) or _is_object(value), "a text or an object"),
    "zdr": _SWITCH,
}
