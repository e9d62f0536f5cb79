"""A report for other programs: SARIF 2.1.0, JUnit XML, Markdown. Pure: a report in, text out."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Final
from urllib.parse import quote
from xml.etree import ElementTree as ET

from pipeline.catalog.reasons import counted
from pipeline.use.check_findings import LEVELS, Case, Finding, Level, Report, Rule
from pipeline.use.marked_up import in_markdown, markdown_table, one_line

_RULES: Final[Mapping[Rule, str]] = {
    Rule.VIOLATION: "A provider in use does not meet what the policy requires of it.",
    Rule.STALE_EVIDENCE: "The words behind a provider's terms were last seen longer ago than the policy allows.",
    Rule.UNKNOWN_PROVIDER: "A provider in use is not in the catalog, so nothing is known of its terms.",
    Rule.EXPIRED_EXCEPTION: "An exception is past its day.",
    Rule.EXPIRING_EXCEPTION: "An exception is soon past its day.",
    Rule.EXCEPTION_IN_USE: "A provider does not meet the policy and is excepted.",
    Rule.EXCEPTION_WITHOUT_NEED: "A provider meets the policy without the exception that is made for it.",
    Rule.STALE_SOURCE: "A source that the terms rest on is older than its declaration allows.",
    Rule.TIER_NOT_STATED: "A tier of a provider in use has no policy at the gateway any more, and is not checked.",
}
# A backslash is a mark before one of these only: elsewhere it is shown as it is.
_LINK_MARKS: Final = re.compile(r"[\[\]]|\\(?=[\[\]\\])")
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def in_words(finding: Finding) -> str:
    """Return a finding as one sentence: who, what, since which change, in which words."""
    parts = [f"{finding.subject}: {finding.text}"]
    if finding.turn is not None:
        parts.append(f"since {finding.turn.text}")
        if finding.turn.new_quote is not None:
            parts.append(f'now "{finding.turn.new_quote}"')
        if finding.turn.old_quote is not None:
            parts.append(f'before "{finding.turn.old_quote}"')
    elif finding.words is not None:
        parts.append(f'"{finding.words}"')
    if finding.source_id is not None and finding.observed_at is not None:
        parts.append(f"{finding.source_id}, seen {finding.observed_at:%Y-%m-%d}")
    return "; ".join(parts)


def as_sarif(report: Report, version: str) -> str:
    """Return a SARIF 2.1.0 log of one run; each finding points at the line of the policy that it is about."""
    rules = list(Rule)
    run = {
        "tool": {
            "driver": {
                "name": "provider-terms",
                "version": version,
                "rules": [
                    {
                        "id": rule.value,
                        "shortDescription": {"text": _RULES[rule]},
                        "defaultConfiguration": {"level": LEVELS[rule].value},
                    }
                    for rule in rules
                ],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(report, rules, finding, mark)
            for finding, mark in zip(report.findings, _fingerprints(report.findings), strict=True)
        ],
        "properties": {"as_of": f"{report.as_of:%Y-%m-%dT%H:%M:%SZ}"},
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _fingerprints(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield a mark for each finding that is the same in the next report, and differs from all others in this one."""
    seen: Counter[str] = Counter()
    for finding in findings:
        told = "\x1f".join((finding.rule, finding.subject, finding.check or "", finding.owner or ""))
        again = f"\x1f{seen[told]}" if seen[told] else ""
        seen[told] += 1
        yield hashlib.sha256(f"{told}{again}".encode("utf-8", "replace")).hexdigest()


def _result(report: Report, rules: Sequence[Rule], finding: Finding, mark: str) -> dict[str, object]:
    place = {"artifactLocation": {"uri": _uri(report.policy)}, "region": {"startLine": finding.line}}
    return {
        "ruleId": finding.rule.value,
        "ruleIndex": rules.index(finding.rule),
        "level": finding.level.value,
        "message": {"text": _in_message(in_words(finding))},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"finding/v1": mark},
    }


def _in_message(text: str) -> str:
    """Return text that a SARIF message shows as it is: no link (3.11.6), no placeholder (3.11.5), nothing unseen."""
    return _LINK_MARKS.sub(r"\\\g<0>", one_line(text)).replace("{", "{{").replace("}", "}}")


def _uri(name: str) -> str:
    path = PurePath(name)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def as_junit(report: Report) -> str:
    """Return a JUnit report: a test for everything that was checked, a failure for each error, the rest as output."""
    failed = [case for case in report.cases if _is_failure(case)]
    root = ET.Element("testsuites")
    suite = ET.SubElement(
        root,
        "testsuite",
        {
            "package": "provider-terms",
            "id": "0",
            "name": one_line(report.policy),
            "timestamp": f"{report.checked_at:%Y-%m-%dT%H:%M:%S}",
            "hostname": "localhost",
            "tests": str(len(report.cases)),
            "failures": str(len(failed)),
            "errors": "0",
            "time": "0",
        },
    )
    ET.SubElement(
        ET.SubElement(suite, "properties"), "property", {"name": "as_of", "value": f"{report.as_of:%Y-%m-%d}"}
    )
    for case in report.cases:
        test = ET.SubElement(
            suite, "testcase", {"name": one_line(case.what), "classname": one_line(case.subject), "time": "0"}
        )
        if case.finding is not None and _is_failure(case):
            failure = {"type": case.finding.rule.value, "message": one_line(case.finding.text)}
            ET.SubElement(test, "failure", failure).text = one_line(in_words(case.finding))
    told = [finding for finding in report.findings if finding.level is not Level.ERROR]
    ET.SubElement(suite, "system-out").text = "\n".join(one_line(in_words(one)) for one in told)
    ET.SubElement(suite, "system-err")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _is_failure(case: Case) -> bool:
    return case.finding is not None and case.finding.level is Level.ERROR


def as_markdown(report: Report) -> str:
    """Return the report for a comment or a job summary."""
    errors = sum(one.level is Level.ERROR for one in report.findings)
    verdict = "is met" if report.is_met else f"is not met: {counted(errors, 'error')}"
    lines = [f"### Provider terms: {in_markdown(report.policy)} {verdict}", ""]
    if report.findings:
        lines += markdown_table(("level", "provider", "what", "since", "words"), map(_cells, report.findings))
        lines.append("")
    lines.append(f"{counted(len(report.cases), 'check')}, by the catalog as of {report.as_of:%Y-%m-%d}.")
    return "\n".join(lines) + "\n"


def _cells(finding: Finding) -> tuple[str, ...]:
    turn = finding.turn
    words = finding.words if turn is None or turn.new_quote is None else turn.new_quote
    return (
        finding.level.value,
        in_markdown(finding.subject),
        in_markdown(finding.text),
        "" if turn is None else in_markdown(turn.text),
        "" if words is None else f"“{in_markdown(words)}”",
    )
