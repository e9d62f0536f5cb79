"""A policy held against the catalog: what is violated and since which change, what expired, what is not known."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from pipeline.catalog.decide import decide
from pipeline.catalog.reader import Catalog
from pipeline.catalog.records import OfferingTerms
from pipeline.catalog.requirement import Check
from pipeline.errors import NotFoundError
from pipeline.use.check_changes import Turn, find_turn
from pipeline.use.policy import Asked, Exemption, Policy, Used
from pipeline.use.route import find_stale

_SOON = timedelta(days=30)


class Rule(StrEnum):
    """What a finding is about."""

    VIOLATION = "violation"
    STALE_EVIDENCE = "stale-evidence"
    UNKNOWN_PROVIDER = "unknown-provider"
    EXPIRED_EXCEPTION = "expired-exception"
    EXPIRING_EXCEPTION = "expiring-exception"
    EXCEPTION_IN_USE = "exception-in-use"
    EXCEPTION_WITHOUT_NEED = "exception-without-need"
    STALE_SOURCE = "stale-source"


class Level(StrEnum):
    """How a finding counts; only errors fail a check."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


LEVELS: Mapping[Rule, Level] = {
    Rule.VIOLATION: Level.ERROR,
    Rule.STALE_EVIDENCE: Level.ERROR,
    Rule.UNKNOWN_PROVIDER: Level.ERROR,
    Rule.EXPIRED_EXCEPTION: Level.ERROR,
    Rule.EXPIRING_EXCEPTION: Level.WARNING,
    Rule.STALE_SOURCE: Level.WARNING,
    Rule.EXCEPTION_IN_USE: Level.NOTE,
    Rule.EXCEPTION_WITHOUT_NEED: Level.NOTE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to tell. `words` are the source's own, `turn` is the change that led to it; `line` is of the policy."""

    rule: Rule
    subject: str  # an offering, or a provider as the policy names it
    text: str
    check: Check | None = None
    words: str | None = None
    source_id: str | None = None
    observed_at: datetime | None = None
    turn: Turn | None = None
    line: int = 1

    @property
    def level(self) -> Level:
        """How it counts."""
        return LEVELS[self.rule]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that was checked, and the finding where it failed."""

    subject: str
    what: str
    finding: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole check: every case, and what else is to be told."""

    policy: str  # the file, as it was named
    as_of: datetime
    checked_at: datetime
    cases: tuple[Case, ...]
    remarks: tuple[Finding, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, errors first, then in the order of the policy."""
        found = (*(case.finding for case in self.cases if case.finding is not None), *self.remarks)
        ranks = list(Level)
        return tuple(sorted(found, key=lambda one: (ranks.index(one.level), one.line, one.subject)))

    @property
    def is_met(self) -> bool:
        """Whether the policy is met."""
        return all(one.level is not Level.ERROR for one in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a check is made with: the time, the day that is asked of, and the lines of the policy."""

    now: datetime
    as_of: date | None
    lines: Mapping[tuple[str, int], int]


def check_policy(catalog: Catalog, policy: Policy, name: str, question: Question) -> Report:
    """Return how the providers of a policy stand to what it requires of each."""
    cases: list[Case] = []
    remarks: list[Finding] = []
    used: list[OfferingTerms] = []
    for number, one in enumerate(policy.providers):
        line = question.lines.get(("providers", number), 1)
        try:
            offerings = _offerings(catalog, one, question.as_of)
        except NotFoundError as error:
            finding = Finding(rule=Rule.UNKNOWN_PROVIDER, subject=one.name, text=str(error), line=line)
            cases.append(Case(subject=one.name, what="in the catalog", finding=finding))
            continue
        used += offerings
        for offering in offerings:
            found, told = _check_offering(catalog, policy, one, offering, (question, line))
            cases += found
            remarks += told
    cases += _check_exceptions(policy, question)
    if question.as_of is None:
        stale = find_stale(catalog, used, question.now)
        remarks += [Finding(rule=Rule.STALE_SOURCE, subject=one.split()[0], text=one) for one in stale]
    as_of = _day_end(question.as_of) if question.as_of is not None else catalog.as_of
    return Report(
        policy=name,
        as_of=min(as_of, catalog.as_of),
        checked_at=question.now,
        cases=tuple(cases),
        remarks=tuple(remarks),
    )


def _day_end(as_of: date) -> datetime:
    if isinstance(as_of, datetime):
        return as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC)
    return datetime(as_of.year, as_of.month, as_of.day, 23, 59, 59, tzinfo=UTC)


def _offerings(catalog: Catalog, used: Used, as_of: date | None) -> list[OfferingTerms]:
    """Return the offerings that a policy names: those listed, or the first where none is; of one tier where it says."""
    ids = catalog.resolve(used.name)
    known = {one.offering_id: one for one in catalog.index(as_of).offerings}
    found = [known[one] for one in ids if one in known and used.tier in {None, known[one].tier}]
    if not found:
        what = "was not known then" if used.tier is None else f"has no {used.tier} tier with terms of its own"
        raise NotFoundError(f"'{used.name}' {what}")
    return [one for one in found if one.is_listed] or found[:1]


def _check_offering(
    catalog: Catalog, policy: Policy, used: Used, one: OfferingTerms, where: tuple[Question, int]
) -> tuple[list[Case], list[Finding]]:
    question, line = where
    due = used.require.over(policy.require)
    eased = _eased(due, _exceptions(policy, used, question))
    decision = decide([one], eased.as_requirement(), question.now)
    failed = {reason.check: reason for refused in decision.refused for reason in refused.reasons}
    cases = []
    for check in decision.checks:
        finding = None
        if reason := failed.get(check):
            finding = Finding(
                rule=Rule.STALE_EVIDENCE if check is Check.AGE else Rule.VIOLATION,
                subject=one.offering_id,
                text=reason.text,
                check=check,
                words=reason.words,
                source_id=reason.source_id,
                observed_at=reason.observed_at,
                turn=find_turn(catalog, one, check, decision.requirement, question.as_of),
                line=line,
            )
        cases.append(Case(subject=one.offering_id, what=check.value.replace("_", " "), finding=finding))
    strictly = decide([one], due.as_requirement(), question.now)
    eased_by = [reason.text for refused in strictly.refused for reason in refused.reasons if reason.check not in failed]
    return cases, list(_exceptions_told(policy, used, one, eased_by, question))


def _exceptions(policy: Policy, used: Used, question: Question) -> list[Exemption]:
    """Return the exceptions for a provider that are in force: through the day on which they expire."""
    today = question.now.astimezone(UTC).date()
    return [one for one in policy.exceptions if one.provider == used.name and one.expires_on >= today]


def _eased(due: Asked, exceptions: Iterable[Exemption]) -> Asked:
    for one in exceptions:
        due = one.require.over(due.without(one.waive))
    return due


def _exceptions_told(
    policy: Policy, used: Used, offering: OfferingTerms, eased_by: list[str], question: Question
) -> Iterator[Finding]:
    """Yield, for each exception in force, what it lets pass, if anything."""
    for one in _exceptions(policy, used, question):
        line = question.lines.get(("exceptions", policy.exceptions.index(one)), 1)
        rule = Rule.EXCEPTION_IN_USE if eased_by else Rule.EXCEPTION_WITHOUT_NEED
        need = f"excepted: {'; '.join(eased_by)}" if eased_by else "its exception lets nothing pass that would not"
        text = f"{need} (until {one.expires_on}, {one.owner}: {one.reason})"
        yield Finding(rule=rule, subject=offering.offering_id, text=text, line=line)


def _check_exceptions(policy: Policy, question: Question) -> Iterator[Case]:
    """Yield a case for each exception: failed where it expired, told where it soon does."""
    today = question.now.astimezone(UTC).date()
    for number, one in enumerate(policy.exceptions):
        line = question.lines.get(("exceptions", number), 1)
        finding = None
        told = f"the exception of {one.owner} ({one.reason})"
        if one.expires_on < today:
            text = f"{told} expired on {one.expires_on}: renew it or remove it"
            finding = Finding(rule=Rule.EXPIRED_EXCEPTION, subject=one.provider, text=text, line=line)
        elif one.expires_on - today <= _SOON:
            text = f"{told} expires on {one.expires_on}"
            finding = Finding(rule=Rule.EXPIRING_EXCEPTION, subject=one.provider, text=text, line=line)
        yield Case(subject=one.provider, what=f"exception until {one.expires_on}", finding=finding)
