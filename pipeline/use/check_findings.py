"""What a check tells: its findings, each with a rule and a level, and the whole report. Pure records."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.catalog.requirement import Check
from pipeline.use.check_changes import Turn


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
    TIER_NOT_STATED = "tier-not-stated"


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
    Rule.TIER_NOT_STATED: Level.NOTE,
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
    url: str | None = None  # of the page that the words stand on
    turn: Turn | None = None
    owner: str | None = None  # of the exception that it is about
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
