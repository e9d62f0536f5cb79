"""The command `check`: a policy held against the catalog, for CI."""

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.catalog.reasons import counted
from pipeline.cli import NO, outlive_reader
from pipeline.cli.reading import open_catalog
from pipeline.cli.render import Row, as_json, print_json, print_rows, shown_day
from pipeline.errors import UsageError
from pipeline.normalize.unseen import plain
from pipeline.use.check import Question, check_policy
from pipeline.use.check_findings import Level
from pipeline.use.policy import find_lines, read_policy

if TYPE_CHECKING:
    from pipeline.use.check_findings import Finding, Report

_TABLE = ("level", "provider", "what", "since", "words")


def run_check(options: argparse.Namespace) -> int:
    """Hold a policy against the catalog; 4 where it is not met."""
    name = str(options.policy)
    try:
        text = options.policy.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: not valid TOML: not UTF-8") from error
    policy = read_policy(text, name)
    question = Question(now=options.as_of or datetime.now(UTC), as_of=options.as_of, lines=find_lines(text))
    with open_catalog(options) as catalog:
        report = check_policy(catalog, policy, name, question)
    with outlive_reader():
        _print(report, options.format)
    return 0 if report.is_met else NO


def _print(report: "Report", form: str) -> None:
    from pipeline.use.check_reports import as_junit, as_markdown, as_sarif  # noqa: PLC0415 - one report needs one

    match form:
        case "json":
            print_json(as_json(_facts(report)))
        case "sarif":
            from importlib.metadata import version  # noqa: PLC0415

            sys.stdout.write(as_sarif(report, version("provider-terms")))
        case "junit":
            sys.stdout.write(as_junit(report))
        case "markdown":
            sys.stdout.write(as_markdown(report))
        case _:
            print_rows([_row(one) for one in report.findings], _TABLE, "table")
    errors = sum(one.level is Level.ERROR for one in report.findings)
    verdict = "is met" if report.is_met else f"is not met: {counted(errors, 'error')}"
    told = f"{report.policy} {verdict}, {counted(len(report.cases), 'check')}, as of {shown_day(report.as_of)}"
    print(plain(told), file=sys.stderr)


def _row(one: "Finding") -> Row:
    turn = one.turn
    words = one.words if turn is None or turn.new_quote is None else turn.new_quote
    return {
        "level": one.level.value,
        "provider": one.subject,
        "what": one.text,
        "since": None if turn is None else turn.text,
        "words": None if words is None else f'"{words}"',
    }


def _facts(report: "Report") -> Row:
    return {
        "policy": report.policy,
        "is_met": report.is_met,
        "as_of": report.as_of,
        "checked_at": report.checked_at,
        "check_count": len(report.cases),
        "findings": [
            {name: value for name, value in asdict(one).items() if name != "turn"}
            | {"level": one.level.value, "change": None if one.turn is None else asdict(one.turn)}
            for one in report.findings
        ],
    }


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {"check": run_check}
