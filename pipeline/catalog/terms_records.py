"""What is known of the statements of terms pages over time: the records that following them takes and gives."""

import itertools
from dataclasses import dataclass
from datetime import datetime

from pipeline.catalog.statement_pairs import fold_words
from pipeline.model import ChangeKind, Moment, Significance, Statement, TermsType, Verification


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLook:
    """One look at one page. Pages with one `terms_id` are the parts of one document, which is judged as a whole.

    `is_good` says that a believed and readable capture stands, new or confirmed by the server; `capture_id`,
    `statements` and `text_key` are then that capture's. `text_key` is a hash over the words, blind to links, white
    space and punctuation.
    """

    source_id: str
    terms_id: str
    moment: Moment
    capture_id: str | None
    is_good: bool
    is_flapping: bool = False
    statements: tuple[Statement, ...] = ()
    text_key: str | None = None
    terms_type: TermsType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One form that a claim had: the words, where they stood, and the looks at which they did."""

    statement: Statement
    source_id: str
    capture_id: str | None  # the newest capture that holds these words
    since: Moment
    last_seen: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsClaim:
    """One typed statement of a document, followed over its captures through rewordings.

    It stands while `ended_at` is None. A standing claim is SUPPORTED (its words stood in the version before too, or
    it is new), REWORDED or CHANGED (by the newest version of its page; CHANGED in place of a claim of another value),
    or UNVERIFIABLE (its page cannot be had now, or flaps, or the words are missing and not every part of the document
    has been seen since). An ended one is CHANGED (another value stands in its place) or REMOVED.
    """

    claim_id: str
    terms_id: str
    terms_type: TermsType | None
    source_id: str
    statement: Statement  # in its newest wording
    capture_id: str | None  # the newest capture that holds these words
    first_seen: Moment  # since when this typed value stands without a break
    worded_since: Moment
    last_seen: Moment  # the day that "verified" names: when the quoted words were last seen
    state: Verification
    ended_at: Moment | None
    wordings: tuple[Wording, ...]  # the oldest first; the last one is `statement`

    @property
    def is_standing(self) -> bool:
        """Whether it was not seen gone; one that cannot be verified now still stands."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsChange:
    """One substantive change of a document: a typed statement appeared, changed or went.

    It happened after `not_before` and was seen at `changed_at`. `claim_id` is the new claim's, or that of the one
    that went.
    """

    changed_at: Moment
    not_before: Moment
    kind: ChangeKind  # CLAIM_APPEARED, CLAIM_CHANGED or CLAIM_REMOVED
    old: Statement | None
    new: Statement | None
    source_id: str
    terms_id: str
    old_capture_id: str | None  # holds `old`; where a claim appeared, the capture before, which does not hold it
    new_capture_id: str | None  # holds `new`; where a claim went, the first capture without it
    claim_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageVersion:
    """One new capture of a page, and what it means against the one before; None for the first."""

    source_id: str
    terms_id: str
    moment: Moment
    capture_id: str | None
    significance: Significance | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsHistory:
    """All that the looks at terms pages tell, each part sorted by time; `claims` holds ended ones too."""

    claims: tuple[TermsClaim, ...]
    changes: tuple[TermsChange, ...]
    versions: tuple[PageVersion, ...]

    def claims_at(self, at: datetime) -> tuple[TermsClaim, ...]:
        """Return the claims that stood at a time, each in the wording of that time.

        `last_seen` is the last look at that wording, `state` that of the newest look of all: whether a page could be
        had on a past day is told by its looks. A statement that moved from one part of a document to another stands
        in the new part from when it was first seen there.
        """
        return tuple(known for claim in self.claims if (known := _as_of(claim, at)) is not None)


def wording_of(statement: Statement, look: PageLook) -> Wording:
    """Return the wording that one look shows."""
    return Wording(
        statement=statement,
        source_id=look.source_id,
        capture_id=look.capture_id,
        since=look.moment,
        last_seen=look.moment,
    )


def build_claim(
    *,
    claim_id: str,
    terms_id: str,
    terms_type: TermsType | None,
    wordings: tuple[Wording, ...],
    state: Verification,
    ended_at: Moment | None,
) -> TermsClaim:
    """Return the claim that these wordings, the oldest first, tell of."""
    newest = wordings[-1]
    words = fold_words(newest.statement.quote)
    same = itertools.takewhile(lambda one: fold_words(one.statement.quote) == words, reversed(wordings))
    return TermsClaim(
        claim_id=claim_id,
        terms_id=terms_id,
        terms_type=terms_type,
        source_id=newest.source_id,
        statement=newest.statement,
        capture_id=newest.capture_id,
        first_seen=wordings[0].since,
        worded_since=[wording.since for wording in same][-1],
        last_seen=newest.last_seen,
        state=state,
        ended_at=ended_at,
        wordings=wordings,
    )


def _as_of(claim: TermsClaim, at: datetime) -> TermsClaim | None:
    if claim.first_seen.at > at or (claim.ended_at is not None and claim.ended_at.at <= at):
        return None
    return build_claim(
        claim_id=claim.claim_id,
        terms_id=claim.terms_id,
        terms_type=claim.terms_type,
        wordings=tuple(wording for wording in claim.wordings if wording.since.at <= at),
        state=claim.state,
        ended_at=None,
    )
