"""Reads a retention statement and prints one as the gateway does. Pure: text in, value out, no I/O."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pipeline.model import Retention, RetentionKind
from pipeline.normalize.duration import find_duration
from pipeline.normalize.text import fold_phrase

_VERBS: Final = ("retained", "stored", "kept")
_EVENTS: Final = (
    "until deleted",
    "until deleted by the user",
    "until deleted by user",
    "until deletion",
    "until account deletion",
    "until account closure",
    "until the account is deleted",
    "until the account is closed",
    "as long as necessary",
    "as long as needed",
    "for as long as necessary",
    "for as long as needed",
)


def _after_verbs(*tails: str) -> tuple[str, ...]:
    return tuple(f"{verb} {tail}" for verb in _VERBS for tail in tails)


# Matched by equality with the whole folded text, so a phrase with an exception behind it is not recognized.
_WHOLE_TEXTS: Final = (
    # "None" is not read: a template also prints it for a missing value. Neither is "not logged": a log is not the
    # only place where a prompt can be kept.
    (
        RetentionKind.NONE,
        (
            "zero retention",
            "zero-retention",
            "zero data retention",
            "zero data retention (zdr)",
            "zero-data-retention",
            "zdr",
            "no retention",
            "no data retention",
        ),
    ),
    (RetentionKind.UNTIL_EVENT, _EVENTS),
    (RetentionKind.INDEFINITE, ("indefinite", "indefinitely", "indefinite retention", "no expiration", "no expiry")),
    (RetentionKind.UNSTATED, ("retention period unknown", "unknown retention period")),
    # An empty cell, a dash and "N/A" say nothing about storage, least of all that there is none.
    (
        RetentionKind.UNKNOWN,
        (
            "unknown retention policy",
            "unknown",
            "unspecified",
            "not specified",
            "not stated",
            "n/a",
            "not applicable",
            "?",
            "-",
            "--",
            "",
        ),
    ),
)

# Likewise, but these may also follow a subject. "Logged" and "cached" are absent: neither is retention as such.
_PREDICATES: Final = (
    (
        RetentionKind.NONE,
        (
            *(f"{negation} {verb}" for negation in ("not", "never") for verb in _VERBS),
            "not retained or stored",
            "not stored or retained",
            "deleted immediately",
            "immediately deleted",
        ),
    ),
    (RetentionKind.UNTIL_EVENT, _after_verbs(*_EVENTS)),
    (RetentionKind.INDEFINITE, ("never deleted", *_after_verbs("indefinitely", "forever", "permanently"))),
    (
        RetentionKind.UNSTATED,
        (
            *_VERBS,
            *_after_verbs("for unknown period", "for an unknown period", "for an unspecified period"),
        ),
    ),
)

# Subjects that include the prompts. Outputs, logs or metadata alone may be kept for another time than prompts.
_SUBJECTS: Final = (
    "prompts are ",
    "prompts and completions are ",
    "prompts and outputs are ",
    "prompts and responses are ",
    "inputs and outputs are ",
    "customer data is ",
    "user data is ",
    "data is ",
)

# What may stand before a duration, and what of it belongs to the duration: "within" makes the number an upper limit.
_LEADS: Final = (
    *((f"{verb} for ", "") for verb in (*_VERBS, "held")),
    *((f"{verb} up to ", "up to ") for verb in _VERBS),
    *((f"{verb} after ", "") for verb in ("deleted", "automatically deleted", "removed", "erased", "purged")),
    *((f"{verb} within ", "within ") for verb in ("deleted", "automatically deleted", "removed", "erased", "purged")),
    ("for ", ""),
)


def normalize_retention(text: str) -> Retention | None:
    """Return what the whole text says of retention, or None where no rule reads it; never raises.

    "0 days" and "retained for 0 days" are not read: they contradict themselves, and a broken number must not become
    zero retention.
    """
    phrase = fold_phrase(text)
    if phrase is None:
        return None
    phrase = phrase.removesuffix(".") or phrase
    predicate = _without_subject(phrase)
    kind = _KIND_BY_WHOLE_TEXT.get(phrase) or _KIND_BY_PREDICATE.get(predicate)
    return _find_period(phrase, predicate) if kind is None else Retention(kind=kind)


def render_retention(value: Retention) -> str | None:
    """Return the words in which the gateway's table prints the value, or None where it has none for it."""
    match value.kind:
        case RetentionKind.NONE:
            return "Zero retention"
        case RetentionKind.UNKNOWN:
            return "Unknown retention policy"
        case RetentionKind.UNSTATED:
            return "Prompts are retained for unknown period"
        case RetentionKind.PERIOD:
            is_printable = value.days is not None and value == Retention.of_days(value.days)
            return f"Retained for {value.days} days" if is_printable else None
        case RetentionKind.UNTIL_EVENT | RetentionKind.INDEFINITE:
            return None


def _without_subject(phrase: str) -> str:
    subject = next((subject for subject in _SUBJECTS if phrase.startswith(subject)), "")
    return phrase.removeprefix(subject)


def _find_period(phrase: str, predicate: str) -> Retention | None:
    """Return the period that a bare duration, "30-day retention" or a lead before a duration states."""
    lead, kept = next(((lead, kept) for lead, kept in _LEADS if predicate.startswith(lead)), ("", ""))
    length = kept + predicate.removeprefix(lead) if lead else phrase.removesuffix(" retention")
    duration = find_duration(length)
    if duration is None:
        return None
    return Retention(
        kind=RetentionKind.PERIOD,
        days=duration.days,
        bound=duration.bound,
        amount=duration.amount,
        unit=duration.unit,
    )


def _by_phrase(rules: tuple[tuple[RetentionKind, tuple[str, ...]], ...]) -> Mapping[str, RetentionKind]:
    return MappingProxyType({phrase: kind for kind, phrases in rules for phrase in phrases})


_KIND_BY_WHOLE_TEXT: Final = _by_phrase(_WHOLE_TEXTS)
_KIND_BY_PREDICATE: Final = _by_phrase(_PREDICATES)
