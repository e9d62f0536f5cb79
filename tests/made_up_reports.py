"""Reports of `check` that nobody made: one that is met, one that is not, with hostile text, and one from elsewhere."""

from datetime import UTC, datetime

from pipeline.catalog.requirement import Check
from pipeline.use.check_changes import Turn
from pipeline.use.check_findings import Case, Finding, Report, Rule

AT = datetime(2026, 8, 1, 10, tzinfo=UTC)
TURN = Turn(
    changed_at=AT,
    kind="retention_changed",
    topic="retention",
    old_value="none",
    new_value="30 days",
    old_quote="Zero retention",
    new_quote="Retained for 30 days",
    source_id="openrouter-docs",
)
VIOLATION = Finding(
    rule=Rule.VIOLATION,
    subject="azure",
    text="stored for 30 days, where nothing may be stored",
    check=Check.RETENTION,
    words="Retained for 30 days",
    source_id="openrouter-docs",
    observed_at=AT,
    turn=TURN,
    line=12,
)
HOSTILE = Finding(
    rule=Rule.UNKNOWN_PROVIDER, subject="a\x00b\ud800|`<img src=x>`\n@all", text="]]> \x1b[31m & \"'", line=3
)
NOTE = Finding(rule=Rule.EXCEPTION_IN_USE, subject="b", text="excepted: c")
REPORTS = {
    "met": Report(
        policy="policy.toml", as_of=AT, checked_at=AT, cases=(Case(subject="a", what="training"),), remarks=()
    ),
    "not met": Report(
        policy="dir with space/policy.toml",
        as_of=AT,
        checked_at=AT,
        cases=(
            Case(subject="azure", what="retention", finding=VIOLATION),
            Case(subject="azure", what="training"),
            Case(subject=HOSTILE.subject, what="in the catalog", finding=HOSTILE),
        ),
        remarks=(NOTE,),
    ),
    "elsewhere": Report(policy="/srv/p.toml", as_of=AT, checked_at=AT, cases=(), remarks=(NOTE,)),
}
