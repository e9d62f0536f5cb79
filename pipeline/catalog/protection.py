"""Which of two values protects prompts less, and which two cannot both hold. Pure.

The order is that of the definition of a claim: retention none < a period, short before long < until an event < stored
without a period < without end; training no < on opting in < unless opted out < may. Unknown stands outside of it: it
is neither protective nor not, and never satisfies anything.
"""

from collections.abc import Mapping
from typing import Any, Final

from pipeline.model import Retention, RetentionKind, Topic, Training

PolicyValue = Retention | Training

_WITHOUT_LENGTH: Final = frozenset({RetentionKind.UNTIL_EVENT, RetentionKind.UNSTATED})
NOT_USED_UNASKED: Final = frozenset({Training.NO, Training.OPT_IN})  # unless their owner asks for it
_USED_UNASKED: Final = frozenset({Training.OPT_OUT, Training.MAY})

_RETENTION: Final[Mapping[RetentionKind, int]] = {
    RetentionKind.NONE: 0,
    RetentionKind.PERIOD: 1,
    RetentionKind.UNTIL_EVENT: 2,
    RetentionKind.UNSTATED: 3,
    RetentionKind.INDEFINITE: 4,
}
_TRAINING: Final[Mapping[Training, int]] = {
    Training.NO: 0,
    Training.OPT_IN: 1,
    Training.OPT_OUT: 2,
    Training.MAY: 3,
}


def rank_retention(retention: Retention) -> tuple[int, int]:
    """Return a key that grows as the value protects less; raises KeyError for unknown, which has no rank."""
    return _RETENTION[retention.kind], retention.days or 0


def rank_training(training: Training) -> int:
    """Return a key that grows as the value protects less; raises KeyError for unknown, which has no rank."""
    return _TRAINING[training]


def strictest_retention(gateway: Retention, provider: Retention) -> Retention:
    """Return the value that a router has to reckon with: the less protective one, or the only one known."""
    if provider.kind is RetentionKind.UNKNOWN:
        return gateway
    if gateway.kind is RetentionKind.UNKNOWN:
        return provider
    return max(provider, gateway, key=rank_retention)  # where both state the same, it is told as the provider's


def strictest_training(gateway: Training, provider: Training) -> Training:
    """Return the value that a router has to reckon with: the less protective one, or the only one known."""
    if provider is Training.UNKNOWN:
        return gateway
    if gateway is Training.UNKNOWN:
        return provider
    return max(gateway, provider, key=rank_training)


def is_conflict(gateway: PolicyValue, provider: PolicyValue) -> bool:
    """Whether two values of one topic cannot both hold; unknown goes with everything."""
    if not (is_known(gateway) and is_known(provider)):
        return False
    if isinstance(gateway, Training) or isinstance(provider, Training):
        return (gateway in _USED_UNASKED) != (provider in _USED_UNASKED)
    if {gateway.kind, provider.kind} <= _WITHOUT_LENGTH:
        return False
    return (gateway.kind, gateway.days) != (provider.kind, provider.days)


def is_known(value: PolicyValue) -> bool:
    """Whether a value says anything."""
    return value is not Training.UNKNOWN and (isinstance(value, Training) or value.kind is not RetentionKind.UNKNOWN)


def is_conflict_of_defaults(row: Mapping[str, Any], topic: Topic) -> bool:
    """Whether what both sides of a row of `provider_terms` state on a topic contradicts each other.

    Where it does not and the topic is in conflict all the same, the provider says otherwise of a part of its service.
    """
    gateway, provider = (_value(row, topic, side) for side in ("", "provider_"))
    return is_conflict(gateway, provider)


def _value(row: Mapping[str, Any], topic: Topic, side: str) -> PolicyValue:
    if topic is Topic.TRAINING:
        return Training(row[f"{side}training"])
    return retention_of(RetentionKind(row[f"{side}retention_kind"]), row[f"{side}retention_days"])


def retention_of(kind: RetentionKind, days: int | None) -> Retention:
    """Return a retention by the columns that hold it; how its days are meant does not count here."""
    return Retention.of_days(days) if days else Retention(kind=kind)
