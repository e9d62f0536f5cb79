"""A report for other programs: SARIF 2.1.0, JUnit XML, Markdown. Pure: a report in, text out."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Final
from urllib.parse import quote
from xml.etree import ElementTree as ET

from pipeline.use.check import LEVELS, Case, Finding, Level, Report, Rule

_RULES: Final[Mapping[Rule, str]] = {
    Rule.VIOLATION: "A provider in use does not meet what the policy requires of it.",
    Rule.STALE_EVIDENCE: "The words behind a provider's terms were last seen longer ago than the policy allows.",
    Rule.UNKNOWN_PROVIDER: "A provider in use is not in the catalog, so nothing is known of its terms.",
    Rule.EXPIRED_EXCEPTION: "An exception is past its day.",
    Rule.EXPIRING_EXCEPTION: "An exception is soon past its day.",
    Rule.EXCEPTION_IN_USE: "A provider does not meet the policy and is excepted.",
    Rule.EXCEPTION_WITHOUT_NEED: "A provider meets the policy without the exception that is made for it.",
    Rule.STALE_SOURCE: "A source that the terms rest on is older than its declaration allows.",
}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# What XML 1.0 has no place for, not even escaped; half of a character is not in JSON either.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
        "results": [_result(report, rules, finding) for finding in report.findings],
        "properties": {"as_of": f"{report.as_of:%Y-%m-%dT%H:%M:%SZ}"},
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result(report: Report, rules: Sequence[Rule], finding: Finding) -> dict[str, object]:
    place = {"artifactLocation": {"uri": _uri(report.policy)}, "region": {"startLine": finding.line}}
    told = "\x1f".join((finding.rule, finding.subject, finding.check or ""))
    return {
        "ruleId": finding.rule.value,
        "ruleIndex": rules.index(finding.rule),
        "level": finding.level.value,
        "message": {"text": _clean(in_words(finding))},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"finding/v1": hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()},
    }


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
            "name": _clean(report.policy),
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
            suite, "testcase", {"name": _clean(case.what), "classname": _clean(case.subject), "time": "0"}
        )
        if case.finding is not None and _is_failure(case):
            failure = {"type": case.finding.rule.value, "message": _clean(case.finding.text)}
            ET.SubElement(test, "failure", failure).text = _clean(in_words(case.finding))
    told = [finding for finding in report.findings if finding.level is not Level.ERROR]
    ET.SubElement(suite, "system-out").text = _clean("\n".join(map(in_words, told)))
    ET.SubElement(suite, "system-err")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _is_failure(case: Case) -> bool:
    return case.finding is not None and case.finding.level is Level.ERROR


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def as_markdown(report: Report) -> str:
    """Return the report for a comment or a job summary."""
    errors = sum(one.level is Level.ERROR for one in report.findings)
    verdict = "is met" if report.is_met else f"is not met: {errors} error{'s' * (errors != 1)}"
    lines = [f"### Provider terms: {_md(report.policy)} {verdict}", ""]
    if report.findings:
        lines += ["| level | provider | what | since | words |", "|---|---|---|---|---|"]
        lines += [f"| {' | '.join(_cells(one))} |" for one in report.findings]
        lines.append("")
    lines.append(f"{len(report.cases)} checks, by the catalog as of {report.as_of:%Y-%m-%d}.")
    return "\n".join(lines) + "\n"


def _cells(finding: Finding) -> tuple[str, ...]:
    turn = finding.turn
    words = finding.words if turn is None or turn.new_quote is None else turn.new_quote
    return (
        finding.level.value,
        _md(finding.subject),
        _md(finding.text),
        "" if turn is None else _md(turn.text),
        "" if words is None else f"“{_md(words)}”",
    )


def _md(text: str) -> str:
    """Return text that a Markdown table shows as it is: no marks, no links, no mentions, no line breaks."""
    line = " ".join(_clean(text).split())
    return re.sub(r"[\\`*_{}\[\]()<>#|~!&@]", lambda mark: f"&#{ord(mark[0])};", line)
