"""Which of two values protects prompts less. Pure.

The order is that of the definition of a claim: retention none < a period, short before long < until an event < stored
without a period < without end; training no < on opting in < unless opted out < may. Unknown stands outside of it: it
is neither protective nor not, and never satisfies anything.
"""

from collections.abc import Mapping
from typing import Final

from pipeline.model import Retention, RetentionKind, Training

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
    return max(gateway, provider, key=rank_retention)


def strictest_training(gateway: Training, provider: Training) -> Training:
    """Return the value that a router has to reckon with: the less protective one, or the only one known."""
    if provider is Training.UNKNOWN:
        return gateway
    if gateway is Training.UNKNOWN:
        return provider
    return max(gateway, provider, key=rank_training)
