"""What a recipient does with prompts by one reading, with the words that say so, as a record of processing needs it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pipeline.catalog.reader import Catalog, naive_utc
from pipeline.catalog.reasons import StoredFor, in_days, is_at_most, read_retention, read_training, retention_as_text
from pipeline.catalog.records import OfferingTerms
from pipeline.catalog.requirement import PolicyBasis
from pipeline.model import Agreement, Basis, RetentionKind, Topic, Training
from pipeline.use.conflicts import read_conflicts
from pipeline.use.export.extract import Extract
from pipeline.use.wording import UNREAD, agreement_in_words, is_gateways, remark_on, training_in_words

NOT_STATED = "not stated"

# The claim behind each side of both topics; the page that says it, or else the address of the source.
_NOW = """
SELECT p.gateway_id, p.offering_id, c.topic, p.side, coalesce(c.text, c.quote) AS quote, c.source_id,
       coalesce(c.url, s.url) AS url, c.observed_at AS seen_at
FROM (
    SELECT gateway_id, offering_id, 'gateway' AS side, unnest([retention_claim_id, training_claim_id]) AS claim_id
    FROM policies
    UNION ALL
    SELECT gateway_id, offering_id, 'provider', unnest([provider_retention_claim_id, provider_training_claim_id])
    FROM policies
) AS p JOIN claims AS c USING (claim_id) LEFT JOIN sources AS s ON s.source_id = c.source_id
"""
# Of an earlier day the words are kept and, of a provider's, neither their page nor when they were last seen.
_THEN = """
WITH held AS (
    SELECT * FROM policy_history WHERE valid_from <= $moment::TIMESTAMP
    QUALIFY row_number() OVER (PARTITION BY gateway_id, offering_id ORDER BY valid_from DESC) = 1
), own AS (
    SELECT * FROM provider_policy_history
    WHERE valid_from <= $moment::TIMESTAMP AND (valid_to IS NULL OR valid_to > $moment::TIMESTAMP)
)
SELECT h.gateway_id, h.offering_id, h.topic, 'gateway' AS side, h.quote, h.source_id, s.url,
       NULL::TIMESTAMP AS seen_at
FROM (
    SELECT gateway_id, offering_id, 'retention' AS topic, retention_text AS quote, retention_source_id AS source_id
    FROM held
    UNION ALL
    SELECT gateway_id, offering_id, 'training', training_text, training_source_id FROM held
) AS h LEFT JOIN sources AS s ON s.source_id = h.source_id
UNION ALL
SELECT gateway_id, offering_id, 'retention', 'provider', retention_quote, NULL, NULL, valid_from FROM own
UNION ALL
SELECT gateway_id, offering_id, 'training', 'provider', training_quote, NULL, NULL, valid_from FROM own
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Whose statement a value is, and its words.

    `side` is None where nobody says anything, and the gateway where no rule reads what it says. `seen_at` is when the
    quote was last seen; as of an earlier day, when a provider's was first seen. `remarks` say how the two sides stand
    to each other, and what weakens the statement.
    """

    side: PolicyBasis | None
    quote: str | None
    source_id: str | None
    url: str | None
    seen_at: datetime | None
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """How long one recipient keeps prompts by one reading, and whether it trains on them.

    `words` is the time limit as a sentence and never a number where none is stated; `training` is one too.
    """

    offering: OfferingTerms
    stored: StoredFor
    words: str
    on_storing: Said
    training: str
    on_training: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What is read for all offerings at once. As of an earlier day no pairs of statements are on record."""

    extract: Extract
    claims: Mapping[tuple[str, str, str, str], Mapping[str, Any]]  # by gateway, offering, topic and side
    conflicts: Mapping[tuple[str, str, str], Sequence[Mapping[str, Any]]]  # by gateway, offering and topic


def find_storage(catalog: Catalog, extract: Extract) -> tuple[Storage, ...]:
    """Return the storage of every chosen offering, by the reading that the extract is made for, in its order."""
    bound: dict[str, object] = {} if extract.is_now else {"moment": naive_utc(extract.moment)}
    rows = catalog.rows(_NOW if extract.is_now else _THEN, bound)
    conflicts: defaultdict[tuple[str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in read_conflicts(catalog) if extract.is_now else ():
        if row["other_url"] is not None:
            conflicts[row["gateway_id"], row["offering_id"], row["topic"]].append(row)
    claims = {(row["gateway_id"], row["offering_id"], row["topic"], row["side"]): row for row in rows}
    read = _Read(extract=extract, claims=claims, conflicts=conflicts)
    return tuple(_storage(one, read) for one in extract.offerings)


def _storage(one: OfferingTerms, read: _Read) -> Storage:
    basis = read.extract.basis
    stored = read_retention(one, basis)
    training = read_training(one, basis)
    storing_side = _side(one, Topic.RETENTION, basis, is_known=stored.kind is not RetentionKind.UNKNOWN)
    training_side = _side(one, Topic.TRAINING, basis, is_known=training is not Training.UNKNOWN)
    return Storage(
        offering=one,
        stored=stored,
        words=time_limit(stored, is_at_most=is_at_most(one, basis), is_said=storing_side is not None),
        on_storing=_said(one, Topic.RETENTION, storing_side, read),
        training=_use_for_training(training, is_said=training_side is not None),
        on_training=_said(one, Topic.TRAINING, training_side, read),
    )


def _side(one: OfferingTerms, topic: Topic, basis: PolicyBasis, *, is_known: bool) -> PolicyBasis | None:
    """Return whose statement a reading is: the provider's where both say the same, None where nobody says anything."""
    side = basis
    if basis is PolicyBasis.STRICTEST:
        side = PolicyBasis.GATEWAY if is_gateways(asdict(one), topic, "strictest_") else PolicyBasis.PROVIDER
    carried = one.retention_basis if topic is Topic.RETENTION else one.training_basis
    is_unread = side is PolicyBasis.GATEWAY and carried is Basis.UNREADABLE
    return side if is_known or is_unread else None


def _row(one: OfferingTerms, topic: Topic, side: PolicyBasis | None, read: _Read) -> Mapping[str, Any]:
    return {} if side is None else read.claims.get((one.gateway_id, one.offering_id, topic.value, side.value), {})


def _said(one: OfferingTerms, topic: Topic, side: PolicyBasis | None, read: _Read) -> Said:
    row = _row(one, topic, side, read)
    seen_at = row.get("seen_at")
    if side is PolicyBasis.GATEWAY and seen_at is None:
        seen_at = one.observed_at
    return Said(
        side=side,
        quote=row.get("quote"),
        source_id=row.get("source_id"),
        url=row.get("url"),
        seen_at=seen_at,
        remarks=tuple(_remarks(one, topic, side, read)),
    )


def time_limit(stored: StoredFor, *, is_at_most: bool = False, is_said: bool = False) -> str:
    """Return the envisaged time limit for erasure as words; `is_said` tells the unreadable from silence."""
    match stored.kind:
        case RetentionKind.NONE:
            return "not stored after the response"
        case RetentionKind.PERIOD:
            return f"{'at most ' if is_at_most else ''}{in_days(stored.days or 0)}"
        case RetentionKind.UNTIL_EVENT:
            return "until an event, such as deletion by the customer or the end of the account; no time is stated"
        case RetentionKind.INDEFINITE:
            return "none: stored without end"
        case RetentionKind.UNSTATED:
            return "stored; the time limit is not stated"
        case RetentionKind.UNKNOWN:
            return UNREAD if is_said else NOT_STATED


def _use_for_training(training: Training, *, is_said: bool) -> str:
    unknown = UNREAD if is_said else NOT_STATED
    return unknown if training is Training.UNKNOWN else training_in_words(training)


def _remarks(one: OfferingTerms, topic: Topic, side: PolicyBasis | None, read: _Read) -> Iterator[str]:
    is_storing = topic is Topic.RETENTION
    yield agreement_in_words(asdict(one), topic)
    if (one.retention_agreement if is_storing else one.training_agreement) is Agreement.CONFLICT:
        yield from _contradicting(one, topic, read)
    basis = one.retention_basis if is_storing else one.training_basis
    if side is PolicyBasis.GATEWAY and (remark := remark_on(basis)):
        yield remark
    if side is PolicyBasis.PROVIDER and not read.extract.is_now:
        yield "the date is when the provider's words were first seen"
    if not one.is_listed:
        yield "not listed by the gateway"


def _contradicting(one: OfferingTerms, topic: Topic, read: _Read) -> Iterator[str]:
    """Yield what each side states of those statements that contradict each other, with their words."""
    conflicts = read.conflicts.get((one.gateway_id, one.offering_id, topic.value), ())
    for value, words in dict.fromkeys((row["ruling_value"], row["ruling_quote"]) for row in conflicts):
        yield f"the gateway states {_value_and_words(value, words)}"
    for row in conflicts:
        of = "" if row["is_deciding"] else " of a part of the service"
        yield f"the provider's own terms state{of} {_value_and_words(row['other_value'], row['other_quote'])}"
    if not conflicts:
        gateway, provider = (
            retention_as_text(read_retention(one, basis))
            if topic is Topic.RETENTION
            else read_training(one, basis).value
            for basis in (PolicyBasis.GATEWAY, PolicyBasis.PROVIDER)
        )
        yield f"the gateway states {gateway}"
        yield f"the provider's own terms state {provider}"


def _value_and_words(value: str | None, words: str | None) -> str:
    return f"{value or 'nothing'}{f' (“{words}”)' if words else ''}"
