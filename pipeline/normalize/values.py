"""The value of one raw claim to its type. Pure: never a default, None for what no rule reads."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipeline.model import POLICY_TOPICS, Basis, ClaimValue, Json, RawClaim, Retention, RetentionKind, Topic, Training
from pipeline.normalize.feed_policy import normalize_feed_retention, normalize_feed_training, normalize_flag
from pipeline.normalize.identity import split_tier
from pipeline.normalize.retention import normalize_retention
from pipeline.normalize.text import fold
from pipeline.normalize.training import normalize_training

_COUNTRY = re.compile(r"[A-Z]{2}")
_LINK = re.compile(r"https?://[^\s\\\x00-\x1f]{1,2000}")
_MAX_NAME = 200

# What a router must honour: of these, the value before must not stand for words that no rule reads.
TOPICS_TO_HONOUR = (*POLICY_TOPICS, Topic.CAN_PUBLISH, Topic.REQUIRES_USER_IDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A typed value, how strongly it is carried, and what the gateway's table prints for it."""

    value: ClaimValue
    basis: Basis
    printed: str | None = None


def unreadable(topic: Topic) -> Typed:
    """Return the value of a statement that no rule reads: unknown, which for a flag is no value."""
    return Typed(value=_UNKNOWN.get(topic), basis=Basis.UNREADABLE)


def normalize_value(raw: RawClaim, *, is_table: bool) -> Typed | None:
    """Return the typed value of one raw claim, or None where no rule reads it.

    `is_table`: the words come from the gateway's table, which renders its missing data as "Zero retention" and
    "Does not train"; the same words elsewhere are statements.
    """
    if raw.topic is Topic.RETENTION:
        return _table_retention(raw.raw) if is_table else _feed_retention(raw.raw)
    if raw.topic is Topic.TRAINING:
        return _table_training(raw.raw) if is_table else _feed_training(raw)
    if raw.raw is None:
        return Typed(value=None, basis=Basis.NULL if raw.is_present else Basis.ABSENT)
    value = _ATTRIBUTES[raw.topic](raw.raw)
    return None if value is None else Typed(value=value, basis=Basis.STATED)


def _table_retention(raw: Json) -> Typed | None:
    retention = normalize_retention(raw) if isinstance(raw, str) else None
    if retention is None:
        return None
    match retention.kind:
        case RetentionKind.NONE:
            basis = Basis.RENDERED
        case RetentionKind.UNKNOWN:
            basis = Basis.ABSENT
        case RetentionKind.PERIOD | RetentionKind.UNTIL_EVENT | RetentionKind.INDEFINITE | RetentionKind.UNSTATED:
            basis = Basis.STATED
    return Typed(value=retention, basis=basis, printed=fold(str(raw)))


def _table_training(raw: Json) -> Typed | None:
    training = normalize_training(raw) if isinstance(raw, str) else None
    if training is None:
        return None
    match training:
        case Training.NO:
            basis = Basis.RENDERED
        case Training.UNKNOWN:
            basis = Basis.ABSENT
        case Training.MAY | Training.OPT_IN | Training.OPT_OUT:
            basis = Basis.STATED
    return Typed(value=training, basis=basis, printed=fold(str(raw)))


def _feed_retention(raw: Json) -> Typed | None:
    return _typed(normalize_feed_retention(raw)) if isinstance(raw, dict) else None


def _feed_training(raw: RawClaim) -> Typed | None:
    return _typed(normalize_feed_training(raw.raw, is_present=raw.is_present))


def _typed(found: tuple[ClaimValue, Basis, str] | None) -> Typed | None:
    return None if found is None else Typed(value=found[0], basis=found[1], printed=fold(found[2]))


def _name(raw: Json) -> str | None:
    if not isinstance(raw, str) or not 0 < len(raw.strip()) <= _MAX_NAME:
        return None
    return split_tier(raw.strip())[0]


def _link(raw: Json) -> str | None:
    return raw if isinstance(raw, str) and _LINK.fullmatch(raw) else None


def _country(raw: Json) -> str | None:
    return raw if isinstance(raw, str) and _COUNTRY.fullmatch(raw) else None


def _countries(raw: Json) -> tuple[str, ...] | None:
    if not isinstance(raw, list):
        return None
    codes = [code for item in raw if (code := _country(item)) is not None]
    return tuple(sorted(set(codes))) if len(codes) == len(raw) else None


_UNKNOWN: Mapping[Topic, ClaimValue] = {
    Topic.RETENTION: Retention(kind=RetentionKind.UNKNOWN),
    Topic.TRAINING: Training.UNKNOWN,
}
_ATTRIBUTES: Mapping[Topic, Callable[[Json], ClaimValue]] = {
    Topic.CAN_PUBLISH: normalize_flag,
    Topic.REQUIRES_USER_IDS: normalize_flag,
    Topic.DISPLAY_NAME: _name,
    Topic.API_NAME: _name,
    Topic.TERMS_URL: _link,
    Topic.PRIVACY_URL: _link,
    Topic.DATA_USAGE_URL: _link,
    Topic.STATUS_URL: _link,
    Topic.HEADQUARTERS: _country,
    Topic.DATACENTERS: _countries,
}
