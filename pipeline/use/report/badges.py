"""How a kind is shown: its label, its tone, how full its gauge is, and where it sorts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pipeline.catalog.reasons import in_days
from pipeline.model import Agreement, Bound, RetentionKind, SourceState, Topic, Training, Verification

_LONGEST: Final = 100_000  # days; a time that is not stated sorts after every time that is


@dataclass(frozen=True, slots=True)
class Badge:
    """A kind as it is shown. `tone` is good, mild, warn, bad or unknown; `gauge` is 0 to 4, or None for no gauge."""

    label: str
    tone: str
    gauge: int | None
    rank: int


RETENTION: Final[Mapping[RetentionKind, Badge]] = {
    RetentionKind.NONE: Badge("Not stored", "good", 0, 0),
    RetentionKind.PERIOD: Badge("Stated time", "mild", 1, 1),
    RetentionKind.UNTIL_EVENT: Badge("Until an event", "warn", 2, _LONGEST),
    RetentionKind.UNSTATED: Badge("Time not stated", "warn", 3, _LONGEST + 1),
    RetentionKind.INDEFINITE: Badge("No end", "bad", 4, _LONGEST + 2),
    RetentionKind.UNKNOWN: Badge("Unknown", "unknown", None, _LONGEST + 3),
}
TRAINING: Final[Mapping[Training, Badge]] = {
    Training.NO: Badge("Not used", "good", 0, 0),
    Training.OPT_IN: Badge("Opt-in", "mild", 1, 1),
    Training.OPT_OUT: Badge("Opt-out", "warn", 3, 2),
    Training.MAY: Badge("May be used", "bad", 4, 3),
    Training.UNKNOWN: Badge("Unknown", "unknown", None, 4),
}
AGREEMENT: Final[Mapping[Agreement, Badge]] = {
    Agreement.AGREE: Badge("Agree", "good", None, 0),
    Agreement.GATEWAY_ONLY: Badge("Gateway only", "mild", None, 1),
    Agreement.PROVIDER_ONLY: Badge("Own terms only", "mild", None, 2),
    Agreement.CONFLICT: Badge("Conflict", "bad", None, 3),
    Agreement.UNKNOWN: Badge("Unknown", "unknown", None, 4),
}
VERIFICATION: Final[Mapping[Verification, Badge]] = {
    Verification.SUPPORTED: Badge("Words still stand", "good", None, 0),
    Verification.REWORDED: Badge("Reworded, same meaning", "mild", None, 1),
    Verification.CHANGED: Badge("Changed since", "warn", None, 2),
    Verification.REMOVED: Badge("Removed since", "bad", None, 3),
    Verification.UNVERIFIABLE: Badge("Cannot be verified now", "unknown", None, 4),
}
STATE: Final[Mapping[SourceState, Badge]] = {
    SourceState.OK: Badge("OK", "good", None, 0),
    SourceState.FLAPPING: Badge("Flapping", "warn", None, 1),
    SourceState.FAILING: Badge("Failing", "bad", None, 2),
    SourceState.UNREADABLE: Badge("Unreadable", "bad", None, 3),
    SourceState.NEVER_SEEN: Badge("Never seen", "unknown", None, 4),
    SourceState.DISABLED: Badge("Switched off", "mild", None, 5),
}


def retention_badge(kind: str, days: int | None, bound: str | None = None) -> Badge:
    """Return how a retention is shown; a stated time is its days."""
    known = RETENTION[RetentionKind(kind)]
    if not days:
        return known
    at_most = "up to " if bound in {Bound.UP_TO, Bound.RANGE} else ""
    return Badge(f"{at_most}{in_days(days)}", known.tone, known.gauge, days)


def training_badge(use: str) -> Badge:
    """Return how a training use is shown."""
    return TRAINING[Training(use)]


def value_badge(topic: str, text: str) -> Badge:
    """Return how a typed value on retention or training is shown that is at hand as text, such as `30 days`."""
    if topic == Topic.TRAINING and text in set(Training):
        return training_badge(text)
    if topic == Topic.RETENTION and text in set(RetentionKind):
        return RETENTION[RetentionKind(text)]
    return Badge(text, "mild", 1 if topic == Topic.RETENTION else None, 1)


def agreement_badge(agreement: str) -> Badge:
    """Return how an agreement of both sides is shown."""
    return AGREEMENT[Agreement(agreement)]


def verification_badge(verification: str) -> Badge:
    """Return how the state of a provider's statement is shown."""
    return VERIFICATION[Verification(verification)]


def state_badge(state: str) -> Badge:
    """Return how the state of a source is shown."""
    return STATE[SourceState(state)]
