"""What a policy means in plain words, the same on a terminal and in a report. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from pipeline.catalog.protection import is_conflict_of_defaults
from pipeline.catalog.reasons import in_days
from pipeline.model import POLICY_TOPICS, Agreement, Basis, Bound, RetentionKind, Topic, Training

_HASH_DIGITS = 64
_SHORT_HASH_DIGITS = 12

_AGREEMENTS: Final[Mapping[Agreement, str]] = {
    Agreement.AGREE: "the gateway and the provider's own terms agree",
    Agreement.GATEWAY_ONLY: "only the gateway states it, and the provider's own terms were not read to say so",
    Agreement.PROVIDER_ONLY: "only the provider's own terms state it",
    Agreement.CONFLICT: "the gateway and the provider's own terms contradict each other",
    Agreement.UNKNOWN: "neither the gateway nor the provider's own terms say",
}
UNREAD: Final = "stated in words that no rule reads"
_UNREAD_BESIDE: Final[Mapping[Agreement, str]] = {  # where no rule reads what the gateway says
    Agreement.PROVIDER_ONLY: "the provider's own terms state it; the gateway speaks of it in words that no rule reads",
    Agreement.UNKNOWN: "the gateway speaks of it in words that no rule reads, and the provider's own terms do not say",
}
_CONFLICT_OF_A_PART: Final = (
    "the provider's own terms contradict the gateway{about} for a part of the service only, "
    "on which the policy does not rest"
)

# The columns of `provider_terms` that hold a value; those of the other sides begin with `provider_` and `strictest_`.
_VALUE: Final[Mapping[Topic, tuple[str, ...]]] = {
    Topic.RETENTION: ("retention_kind", "retention_days"),
    Topic.TRAINING: ("training",),
}


def retention_in_words(
    kind: RetentionKind, days: int | None, bound: str | None = None, basis: Basis | None = None
) -> str:
    """Return a policy on retention as a sentence; `basis` is how its source carries it, as `basis_of` tells."""
    match kind:
        case RetentionKind.NONE:
            return "none: prompts are not stored"
        case RetentionKind.PERIOD:
            bounds = {Bound.UP_TO: "up to ", Bound.RANGE: "a time of which the upper end is "}
            return f"prompts are stored for {bounds.get(Bound(bound or 'exact'), '')}{in_days(days or 0)}"
        case RetentionKind.UNTIL_EVENT:
            return "prompts are stored until something happens, such as the end of the account"
        case RetentionKind.INDEFINITE:
            return "prompts are stored without end"
        case RetentionKind.UNSTATED:
            return "prompts are stored; for how long is not stated"
        case RetentionKind.UNKNOWN:
            is_unread = basis is Basis.UNREADABLE
            return f"unknown: {UNREAD if is_unread else 'nothing says whether prompts are stored'}"


def stated_bound(claim: Mapping[str, Any]) -> Bound | None:
    """Return how the days of a row of `claims` are meant: as a limit, where its value says so."""
    return Bound.UP_TO if str(claim.get("value_text")).startswith("up to ") else None


def training_in_words(training: Training, basis: Basis | None = None) -> str:
    """Return a policy on training as a sentence; `basis` is how its source carries it, as `basis_of` tells."""
    match training:
        case Training.NO:
            return "no: prompts are not used to train models"
        case Training.OPT_IN:
            return "only with consent: prompts are used to train models where the customer agrees"
        case Training.OPT_OUT:
            return "unless objected to: prompts are used to train models until the customer objects"
        case Training.MAY:
            return "prompts may be used to train models"
        case Training.UNKNOWN:
            is_unread = basis is Basis.UNREADABLE
            return f"unknown: {UNREAD if is_unread else 'nothing says whether prompts are used to train models'}"


def agreement_in_words(one: Mapping[str, Any], topic: Topic | None = None) -> str:
    """Return how both sides of a row of `provider_terms` stand to each other, on one topic or on all of them.

    On all of them, a conflict is told with what it is about, and topics that differ are told one by one.
    """
    stand = Agreement(one["agreement" if topic is None else f"{topic}_agreement"])
    if stand is not Agreement.CONFLICT:
        on_each = {each: _standing(one, each) for each in POLICY_TOPICS if topic in {None, each}}
        if len(set(on_each.values())) > 1:
            return "; ".join(f"on {each}, {said}" for each, said in on_each.items())
        return next(iter(on_each.values()))
    topics = [each for each in POLICY_TOPICS if one[f"{each}_agreement"] == Agreement.CONFLICT]
    of_defaults = [each for each in topics if topic in {None, each} and is_conflict_of_defaults(one, each)]
    about = f" on {' and '.join(of_defaults or topics)}" if topic is None else ""
    return f"{_AGREEMENTS[stand]}{about}" if of_defaults else _CONFLICT_OF_A_PART.format(about=about)


def _standing(one: Mapping[str, Any], topic: Topic) -> str:
    """Return how both sides stand on one topic, without a conflict; what no rule reads is no silence."""
    stand = Agreement(one[f"{topic}_agreement"])
    is_unread = one[f"{topic}_basis"] == Basis.UNREADABLE
    return _UNREAD_BESIDE.get(stand, _AGREEMENTS[stand]) if is_unread else _AGREEMENTS[stand]


def conflict_in_words(conflict: Mapping[str, Any]) -> str:
    """Return what a pair of claims that cannot both hold means for the policy: a row of `read_conflicts`."""
    if conflict["other_url"] is None:
        return "Both are sources of the gateway: its side of the policy is what the first of them states."
    if conflict["is_deciding"]:
        return "The provider's side of the policy rests on it: the strictest reading is the less protective of both."
    return (
        "The provider says it of a part of the service only: no side of the policy rests on it, "
        "and the strictest reading does not reckon with it."
    )


def remark_on(basis: Basis | None) -> str:
    """Return what is to be said of how a value is carried; nothing where its source states it."""
    match basis:
        case None | Basis.STATED:
            return ""
        case Basis.RENDERED:
            return "weak: the source prints the same words where it has no data"
        case Basis.ABSENT:
            return "the source has a place for it and leaves it out"
        case Basis.NULL:
            return "the source holds an explicit null"
        case Basis.UNREADABLE:
            return "the source says something that no rule reads: `provider-terms quarantine` shows the words"


def basis_of(one: Mapping[str, Any], topic: Topic, side: str) -> Basis | None:
    """Return how the gateway carries a value of a row of `provider_terms`; None where it is not the gateway's alone.

    `side` is what the names of the value's columns begin with: nothing for the gateway, `provider_` or `strictest_`.
    """
    basis = one[f"{topic}_basis"]
    return Basis(basis) if basis and is_gateways(one, topic, side) else None


def is_gateways(one: Mapping[str, Any], topic: Topic, side: str) -> bool:
    """Whether a value of a row of `provider_terms` is the gateway's alone: where both state it, it is the provider's.

    It is the gateway's, too, where neither states it and the gateway speaks of it in words that no rule reads.
    `side` is what the names of the value's columns begin with, as for `basis_of`.
    """
    gateway, own, value = (tuple(one[f"{of}{name}"] for name in _VALUE[topic]) for of in ("", "provider_", side))
    is_alone = gateway != own or one[f"{topic}_basis"] == Basis.UNREADABLE
    return side == "" or (side == "strictest_" and value == gateway and is_alone)


def is_weak(basis: Basis | None) -> bool:
    """Whether a value is carried by words that its source prints also where it has no data."""
    return basis is Basis.RENDERED


def short_hash(digits: str) -> str:
    """Return the first digits of a hash, enough to find it by."""
    return digits[:_SHORT_HASH_DIGITS] if len(digits) == _HASH_DIGITS else digits
