"""A policy held against catalogs: what fails it, and since which change."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from published_catalog import NEWEST_AT, build_recorded, copy_of, import_newer_table
from shipped_catalog import shipped_data

from pipeline import Catalog
from pipeline.cli import main
from pipeline.errors import UsageError
from pipeline.use.check import Question, check_policy
from pipeline.use.check_findings import Report, Rule
from pipeline.use.check_reports import as_sarif
from pipeline.use.policy import find_lines, read_policy

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "policy.toml"
NOW = datetime(2026, 8, 2, tzinfo=UTC)
USES = '[require]\n{require}\n[[providers]]\nname = "{name}"\n'
PAID = 'tier = "default"\n'
EXCEPTED = """
[[exceptions]]
provider = "{name}"
{waives}
reason = "under contract"
owner = "legal"
expires_on = {day}
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_data(tmp_path_factory)


@pytest.fixture(scope="module")
def catalog(data: Path) -> Iterator[Catalog]:
    with Catalog.open(data / "catalog" / "current") as opened:
        yield opened


def check(catalog: Catalog, text: str, *, now: datetime = NOW, as_of: date | None = None) -> Report:
    question = Question(now=now, as_of=as_of, lines=find_lines(text))
    return check_policy(catalog, read_policy(text, "policy.toml"), "policy.toml", question)


def uses(name: str, require: str = "max_retention_days = 30", extra: str = "") -> str:
    return USES.format(name=name, require=require) + extra


def excepted(name: str, day: str, waives: str = 'waive = ["max_retention_days"]') -> str:
    return EXCEPTED.format(name=name, day=day, waives=waives)


def rules(report: Report) -> list[Rule]:
    return [one.rule for one in report.findings]


def test_the_example_passes_and_fails_after_a_change_is_imported_and_names_it(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = copy_of(data, tmp_path / "data")
    command = ["check", str(EXAMPLE), "--data", str(mine), "--as-of", "2026-08-02", "--format", "json"]
    assert 0 == main(command)
    before = json.loads(capsys.readouterr().out)
    notes = ["tier-not-stated", "exception-in-use"]
    assert (True, notes) == (before["is_met"], [one["rule"] for one in before["findings"]])
    import_newer_table(mine, days=90)
    build_recorded(mine)
    assert 4 == main(command)
    found = _errors(capsys.readouterr().out)
    assert ["google-ai-studio"] == [one["subject"] for one in found]
    change = found[0]["change"]
    assert (f"{NEWEST_AT:%Y-%m-%d}T10:00:00Z", "55 days", "90 days") == (
        change["changed_at"],
        change["old_value"],
        change["new_value"],
    )
    assert ("Retained for 55 days", "Retained for 90 days") == (change["old_quote"], change["new_quote"])
    assert 4 == main([*command[:-1], "table"])
    told = " ".join(capsys.readouterr().out.split())
    assert 'retention changed 55 days → 90 days on 2026-08-01 "Retained for 90 days"' in told


def _errors(text: str) -> list[dict[str, Any]]:
    report = json.loads(text)
    assert not report["is_met"]
    return [one for one in report["findings"] if one["level"] == "error"]


def test_a_violation_names_the_change_after_which_it_began_though_others_followed(catalog: Catalog) -> None:
    report = check(catalog, uses("azure", "max_retention_days = 0"), as_of=date(2025, 12, 31))
    (finding,) = report.findings
    assert "retention changed none → 30 days on 2025-11-30" == (finding.turn.text if finding.turn else None)
    assert check(catalog, uses("azure", "max_retention_days = 0")).is_met


def test_what_was_so_from_the_first_look_on_names_no_change(catalog: Catalog) -> None:
    (finding,) = check(catalog, uses("anthropic", "max_retention_days = 0")).findings
    assert (Rule.VIOLATION, None) == (finding.rule, finding.turn)
    assert ("Retained for 30 days", "openrouter-docs") == (finding.words, finding.source_id)
    assert 3 == finding.line


@pytest.mark.fault("Q12")
def test_q12_a_provider_that_is_not_in_the_catalog_fails_and_is_never_taken_for_good(catalog: Catalog) -> None:
    report = check(catalog, uses("no-such-provider"))
    assert [Rule.UNKNOWN_PROVIDER] == rules(report)
    assert "'no-such-provider' is not in the catalog" in report.findings[0].text
    assert not report.is_met
    early = check(catalog, uses("wafer"), as_of=date(2025, 7, 31))
    assert [Rule.UNKNOWN_PROVIDER] == rules(early)
    no_tier = check(catalog, uses("openai", extra='tier = "free"\n'))
    assert "'openai' has no free tier" in no_tier.findings[0].text


@pytest.mark.fault("Q07")
@pytest.mark.parametrize("name", ["x' OR 1=1 --", "'); DROP TABLE policies; --", "<b>|`@all`\\u001b[31m"])
def test_q07_a_hostile_name_in_a_policy_is_a_name_and_nothing_else(
    data: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(uses(name), encoding="utf-8")
    for form in ("table", "json", "sarif", "junit", "markdown"):
        assert 4 == main(["check", str(path), "--data", str(data), "--format", form])
        said = capsys.readouterr()
        assert "\x1b" not in said.out.replace("\\u001b", "") + said.err
        assert form != "markdown" or "<b>" not in said.out


@pytest.mark.fault("Q13")
def test_q13_evidence_that_is_older_than_the_policy_allows_fails_and_an_old_source_is_told(catalog: Catalog) -> None:
    asked = "max_retention_days = 30\nmax_age_days = 12"
    assert [] == rules(check(catalog, uses("anthropic", asked), now=NOW))
    late = check(catalog, uses("anthropic", asked), now=datetime(2026, 8, 3, tzinfo=UTC))
    assert [Rule.STALE_EVIDENCE] == rules(late)
    much_later = check(catalog, uses("anthropic"), now=datetime(2027, 8, 1, tzinfo=UTC))
    assert ([Rule.STALE_SOURCE], True) == (rules(much_later), much_later.is_met)
    assert datetime(2026, 7, 21, tzinfo=UTC) == much_later.as_of


def test_who_is_gone_from_the_gateway_fails_and_the_day_is_told(catalog: Catalog) -> None:
    (finding,) = check(catalog, uses("lambda", "")).findings
    assert finding.text.startswith("not listed at openrouter since 20")
    assert finding.turn is not None
    assert "delisted" == finding.turn.kind


EXCEPTIONS = [
    ("2026-08-02", 'waive = ["max_retention_days"]', [Rule.EXPIRING_EXCEPTION, Rule.EXCEPTION_IN_USE], True),
    ("2026-08-01", 'waive = ["max_retention_days"]', [Rule.VIOLATION, Rule.EXPIRED_EXCEPTION], False),
    ("2027-08-01", 'waive = ["max_retention_days"]', [Rule.EXCEPTION_IN_USE], True),
    ("2027-08-01", "require = { max_retention_days = 60 }", [Rule.EXCEPTION_IN_USE], True),
    ("2027-08-01", "require = { max_retention_days = 40 }", [Rule.VIOLATION, Rule.EXCEPTION_WITHOUT_NEED], False),
    ("2027-08-01", 'waive = ["no_training"]', [Rule.VIOLATION, Rule.EXCEPTION_WITHOUT_NEED], False),
]


@pytest.mark.fault("D15")
@pytest.mark.parametrize(("day", "waives", "expected", "is_met"), EXCEPTIONS)
def test_d15_an_exception_holds_through_its_last_day_and_for_what_it_says(
    catalog: Catalog,
    day: str,
    waives: str,
    expected: list[Rule],
    is_met: bool,  # noqa: FBT001
) -> None:
    text = uses("google-ai-studio", extra=PAID + excepted("google-ai-studio", day, waives))
    report = check(catalog, text)
    assert (expected, is_met) == (rules(report), report.is_met)


def test_an_exception_tells_why_who_and_until_when(catalog: Catalog) -> None:
    text = uses("google-ai-studio", extra=PAID + excepted("google-ai-studio", "2027-08-01"))
    (finding,) = check(catalog, text).findings
    assert "excepted: stored for 55 days, more than 30 days (until 2027-08-01, legal: under contract)" == finding.text
    assert (7, "legal") == (finding.line, finding.owner)


def test_a_tier_that_is_listed_is_checked_and_one_that_is_gone_is_not(catalog: Catalog) -> None:
    then = check(catalog, uses("google-vertex", "no_training = true"), as_of=date(2025, 7, 31))
    assert ["google-vertex:free"] == [one.subject for one in then.findings]
    paid = check(catalog, uses("google-vertex", "no_training = true", 'tier = "default"\n'), as_of=date(2025, 7, 31))
    assert paid.is_met
    now = check(catalog, uses("google-vertex", "no_training = true"))
    (note,) = now.findings
    assert (True, Rule.TIER_NOT_STATED, "google-vertex:free") == (now.is_met, note.rule, note.subject)
    assert (
        "the free tier is not stated by openrouter any more since 2025-11-30, and is not checked; "
        "by its last word: prompts may be used to train"
    ) == note.text
    assert [] == rules(check(catalog, uses("google-vertex", "no_training = true", PAID)))


TWICE = [
    ("google-vertex", "Google Vertex", ""),
    ("google-vertex", "google-vertex", PAID),
    ("GOOGLE VERTEX", "google-vertex:free", ""),
]


@pytest.mark.parametrize(("first", "second", "tier"), TWICE, ids=str)
def test_an_offering_that_two_entries_mean_is_an_error_for_which_holds_is_not_said(
    catalog: Catalog, first: str, second: str, tier: str
) -> None:
    text = uses(first, extra=f'[[providers]]\nname = "{second}"\n{tier}')
    with pytest.raises(UsageError, match=f"stands there 2 times|'{first}' and '{second}' both mean google-vertex"):
        check(catalog, text, as_of=date(2025, 7, 31))


def test_two_exceptions_of_one_provider_are_told_apart_and_marked_apart(catalog: Catalog) -> None:
    needed = excepted("google-ai-studio", "2027-08-01")
    needless = excepted("google-ai-studio", "2027-08-01", 'waive = ["no_training"]').replace("legal", "sales")
    report = check(catalog, uses("google-ai-studio", extra=PAID + needed + needless + needless))
    assert [
        (Rule.EXCEPTION_IN_USE, "legal"),
        (Rule.EXCEPTION_WITHOUT_NEED, "sales"),
        (Rule.EXCEPTION_WITHOUT_NEED, "sales"),
    ] == [(one.rule, one.owner) for one in report.findings]
    results = json.loads(as_sarif(report, "1"))["runs"][0]["results"]
    assert 3 == len({str(one["partialFingerprints"]) for one in results})


def test_an_age_that_is_asked_does_not_keep_a_violation_from_its_change(catalog: Catalog) -> None:
    asked = "max_retention_days = 0\nmax_age_days = 45"
    (finding,) = check(
        catalog, uses("azure", asked), as_of=date(2025, 12, 31), now=datetime(2025, 12, 31, tzinfo=UTC)
    ).findings
    assert "retention changed none → 30 days on 2025-11-30" == (finding.turn.text if finding.turn else None)
