"""How the statements of terms pages fare over captures: what still stands, in which words, and what changed. Pure.

Each new capture of a page is held against the one before, as two bags of statements (`statement_pairs`). What fits
no statement of the page itself may have moved to or from another part of the same document, so it waits until every
part is good and has been seen since; then it is called removed, or appeared. A page that cannot be had or flaps
therefore removes nothing, and its claims keep the day on which they were last seen.

A statement that is only graded likely is followed like any other, but its coming and going is no change: it waits
for review. An event of which one side is certain is a change.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from pipeline.catalog.statement_pairs import Pair, TypedKey, fold_words, pair_statements, typed_key
from pipeline.catalog.terms_records import (
    PageLook,
    PageVersion,
    TermsChange,
    TermsClaim,
    TermsHistory,
    Wording,
    build_claim,
    wording_of,
)
from pipeline.model import ChangeKind, Grade, Moment, Significance, Statement, TermsType, Verification, mint_id

__all__ = ["PageLook", "PageVersion", "TermsChange", "TermsClaim", "TermsHistory", "Wording", "follow_terms"]

# The parts of a document that are looked at within this time of each other are looked at together: one refresh.
TOGETHER = timedelta(hours=1)


def follow_terms(looks: Iterable[PageLook]) -> TermsHistory:
    """Return what the looks tell; those at one page have to come in the order of their time.

    Linear in looks and statements. The same looks give the same result, with the same ids, in every build, and
    documents do not touch each other, however their looks are mixed.
    """
    documents: dict[str, _Document] = {}
    for look in looks:
        documents.setdefault(look.terms_id, _Document(look.terms_id)).take(look)
    followed = documents.values()
    claims = [_freeze_claim(claim, document.terms_id) for document in followed for claim in document.claims]
    changes = [change for document in followed for change in document.changes]
    versions = [_freeze_version(version) for document in followed for version in document.versions]
    return TermsHistory(
        claims=tuple(sorted(claims, key=lambda one: (one.first_seen, one.terms_id, one.claim_id))),
        changes=tuple(sorted(changes, key=lambda one: (one.changed_at, one.terms_id, one.kind, one.claim_id))),
        versions=tuple(sorted(versions, key=lambda one: (one.moment, one.terms_id, one.source_id))),
    )


@dataclass(slots=True, kw_only=True, eq=False)
class _Version:
    """A look that showed a new capture of a page, and the newest good look before it."""

    look: PageLook
    before: PageLook | None
    is_substantive: bool = False

    @property
    def significance(self) -> Significance | None:
        if self.before is None:
            return None
        if self.is_substantive:
            return Significance.SUBSTANTIVE
        is_same_text = self.look.text_key is not None and self.look.text_key == self.before.text_key
        return Significance.COSMETIC if is_same_text else Significance.TEXTUAL


@dataclass(slots=True, kw_only=True, eq=False)
class _Claim:
    claim_id: str
    terms_type: TermsType | None
    wordings: list[Wording]
    state: Verification = Verification.SUPPORTED
    is_verifiable: bool = True
    ended_at: Moment | None = None

    @property
    def newest(self) -> Wording:
        return self.wordings[-1]


@dataclass(slots=True, kw_only=True, eq=False)
class _Page:
    """One part of a document: the newest look at it, the newest good one, and the claims that this one shows."""

    newest: PageLook
    good: PageLook | None = None
    claims: list[_Claim] = field(default_factory=list)  # one for each statement of `good`, in its order

    @property
    def is_good(self) -> bool:
        return self.newest.is_good and not self.newest.is_flapping


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Loose:
    """A claim that is not on its page any more, or new there, and the version of the page that showed it."""

    claim: _Claim
    version: _Version


class _Document:
    """The state of one pass over the looks at the parts of one document."""

    def __init__(self, terms_id: str) -> None:
        self.terms_id = terms_id
        self.claims: list[_Claim] = []
        self.changes: list[TermsChange] = []
        self.versions: list[_Version] = []
        self._pages: dict[str, _Page] = {}
        self._missing: list[_Loose] = []
        self._fresh: list[_Loose] = []
        self._minted: Counter[tuple[TypedKey, str]] = Counter()

    def take(self, look: PageLook) -> None:
        page = self._pages.setdefault(look.source_id, _Page(newest=look))
        page.newest = look
        if not page.is_good:
            for claim in page.claims:
                claim.is_verifiable = False
            return
        before = page.good
        if before is not None and (before.capture_id, before.statements) == (look.capture_id, look.statements):
            for claim, statement in zip(page.claims, look.statements, strict=True):
                _see(claim, statement, look)
        else:
            version = _Version(look=look, before=before)
            self.versions.append(version)
            self._compare(page, version)
        page.good = look
        self._settle(look)

    def _compare(self, page: _Page, version: _Version) -> None:
        look = version.look
        # What is new on this very page is among its claims; what is new on others may have moved there.
        elsewhere = [one for one in self._fresh if one.version.look.source_id != look.source_id]
        # Own claims come first, so that among equals a statement is not taken for one that moved.
        olds = [*page.claims, *(one.claim for one in self._missing)]
        news = [*look.statements, *(one.claim.newest.statement for one in elsewhere)]
        own_old, own_new = len(page.claims), len(look.statements)
        pairs = pair_statements([claim.newest.statement for claim in olds], news)
        placed: dict[int, _Claim] = {}
        joined: set[int] = set()
        for pair in pairs:
            if pair.new < own_new:
                placed[pair.new] = self._carry(olds[pair.old], pair, version)
            else:
                self._move(olds[pair.old], elsewhere[pair.new - own_new], pair, version)
                joined.add(id(elsewhere[pair.new - own_new]))
        left = set(range(len(olds))) - {pair.old for pair in pairs}
        gone = [claim for place, claim in enumerate(page.claims) if place in left]
        self._missing = [one for place, one in enumerate(self._missing, own_old) if place in left]
        self._missing.extend(_Loose(claim=claim, version=version) for claim in gone)
        for claim in gone:
            claim.is_verifiable = False
        page.claims = [placed.get(place) or self._bear(look, place) for place in range(own_new)]
        self._fresh = [one for one in self._fresh if id(one) not in joined and self._is_still_there(one)]
        self._fresh.extend(
            _Loose(claim=claim, version=version) for place, claim in enumerate(page.claims) if place not in placed
        )

    def _is_still_there(self, fresh: _Loose) -> bool:
        """Whether a new claim still stands on its page; one that came and went before it was judged has come."""
        if any(claim is fresh.claim for claim in self._pages[fresh.version.look.source_id].claims):
            return True
        self._note(ChangeKind.CLAIM_APPEARED, None, fresh.claim, fresh.version)
        return False

    def _carry(self, claim: _Claim, pair: Pair, version: _Version) -> _Claim:
        """Return the claim that a statement of this look makes, which is the old one or one in its place."""
        if pair.outcome is Verification.CHANGED:
            successor = self._bear(version.look, pair.new)
            self._replace(claim, successor, version)
            return successor
        _see(claim, version.look.statements[pair.new], version.look)
        claim.state = pair.outcome
        return claim

    def _move(self, claim: _Claim, fresh: _Loose, pair: Pair, version: _Version) -> None:
        """Join a claim whose words are gone from this page with one that is new on another page of the document."""
        if pair.outcome is Verification.CHANGED:
            self._replace(claim, fresh.claim, version)
            fresh.version.is_substantive |= version.is_substantive
            return
        page = self._pages[fresh.claim.newest.source_id]
        page.claims[page.claims.index(fresh.claim)] = claim
        self.claims.remove(fresh.claim)
        claim.wordings.extend(fresh.claim.wordings)
        claim.state, claim.is_verifiable = pair.outcome, fresh.claim.is_verifiable

    def _replace(self, old: _Claim, new: _Claim, version: _Version) -> None:
        old.state, old.ended_at = Verification.CHANGED, version.look.moment
        new.state = Verification.CHANGED
        self._note(ChangeKind.CLAIM_CHANGED, old, new, version)

    def _bear(self, look: PageLook, place: int) -> _Claim:
        statement = look.statements[place]
        key = (typed_key(statement), fold_words(statement.quote))
        self._minted[key] += 1
        claim = _Claim(
            claim_id=mint_id(self.terms_id, *key[0], key[1], str(self._minted[key])),
            terms_type=look.terms_type,
            wordings=[wording_of(statement, look)],
        )
        self.claims.append(claim)
        return claim

    def _settle(self, look: PageLook) -> None:
        """Judge what went and came, as far as every part of the document is good and was seen since."""
        if not all(page.is_good for page in self._pages.values()):
            return
        seen_until = min(page.newest.moment.at for page in self._pages.values()) + TOGETHER
        missing, fresh = self._missing, self._fresh
        self._missing = [one for one in missing if one.version.look.moment.at > seen_until]
        self._fresh = [one for one in fresh if one.version.look.moment.at > seen_until]
        for gone in missing:
            if gone.version.look.moment.at <= seen_until:
                gone.claim.state, gone.claim.ended_at = Verification.REMOVED, look.moment
                self._note(ChangeKind.CLAIM_REMOVED, gone.claim, None, gone.version)
        for come in fresh:
            if come.version.look.moment.at <= seen_until:
                self._note(ChangeKind.CLAIM_APPEARED, None, come.claim, come.version)

    def _note(self, kind: ChangeKind, old: _Claim | None, new: _Claim | None, version: _Version) -> None:
        """Add a change, unless both sides are only likely, or a first capture has nothing to be held against."""
        is_first = old is None and version.before is None
        sides = [claim for claim in (new, old) if claim is not None]
        if is_first or not any(claim.newest.statement.grade is Grade.CERTAIN for claim in sides):
            return
        version.is_substantive = True
        before = version.before or version.look
        gone = old.newest if old else None
        come = None if new is None else new.newest if old else new.wordings[0]
        self.changes.append(
            TermsChange(
                changed_at=old.ended_at if old and old.ended_at else version.look.moment,
                not_before=gone.last_seen if gone else before.moment,
                kind=kind,
                old=gone.statement if gone else None,
                new=come.statement if come else None,
                source_id=(come or gone or sides[0].newest).source_id,
                terms_id=self.terms_id,
                old_capture_id=gone.capture_id if gone else before.capture_id,
                new_capture_id=come.capture_id if come else version.look.capture_id,
                claim_id=sides[0].claim_id,
            )
        )


def _see(claim: _Claim, statement: Statement, look: PageLook) -> None:
    """Note that a look shows a claim, in the same form as before or in another."""
    claim.is_verifiable = True
    newest, seen = claim.newest, wording_of(statement, look)
    if _form(newest) == _form(seen):
        claim.wordings[-1] = replace(seen, since=newest.since)
    else:
        claim.wordings.append(seen)


def _form(wording: Wording) -> tuple[object, ...]:
    statement = wording.statement
    return (wording.source_id, statement.grade, typed_key(statement), fold_words(statement.quote))


def _freeze_claim(claim: _Claim, terms_id: str) -> TermsClaim:
    is_open = claim.ended_at is None and not claim.is_verifiable
    return build_claim(
        claim_id=claim.claim_id,
        terms_id=terms_id,
        terms_type=claim.terms_type,
        wordings=tuple(claim.wordings),
        state=Verification.UNVERIFIABLE if is_open else claim.state,
        ended_at=claim.ended_at,
    )


def _freeze_version(version: _Version) -> PageVersion:
    return PageVersion(
        source_id=version.look.source_id,
        terms_id=version.look.terms_id,
        moment=version.look.moment,
        capture_id=version.look.capture_id,
        significance=version.significance,
    )
