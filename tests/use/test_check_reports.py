"""A report as SARIF, JUnit and Markdown, held against the grammar of each.

`tests/clients` holds SARIF against its official schema. The records below hold the part of SARIF 2.1.0 (OASIS, section
3) that is written here, closed as the standard's own schema is; the XML schema holds what Ant's JUnit task writes and
what readers of it demand: counts, a time for every test, at most one failure in each, output at the end.
"""

from dataclasses import replace
from typing import Annotated, Literal

import pytest
from lxml import etree  # type: ignore[import-untyped] # has no stubs here
from made_up_reports import NOTE, REPORTS, VIOLATION
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from pipeline.use.check_findings import Report
from pipeline.use.check_reports import as_junit, as_markdown, as_sarif, in_words


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Text(Closed):
    text: str = Field(min_length=1)


class Configuration(Closed):
    level: Literal["none", "note", "warning", "error"]


class Descriptor(Closed):
    id: str = Field(min_length=1)
    shortDescription: Text  # noqa: N815 - the names of the standard, here and below
    defaultConfiguration: Configuration  # noqa: N815


class Driver(Closed):
    name: str = Field(min_length=1)
    version: str
    rules: list[Descriptor]


class Tool(Closed):
    driver: Driver


def _reference(uri: str) -> str:
    if any(not mark.isascii() or mark in ' <>"{}|\\^`' for mark in uri):
        raise ValueError("not a URI reference (RFC 3986)")
    return uri


class Artifact(Closed):
    uri: Annotated[str, AfterValidator(_reference)]


class Region(Closed):
    startLine: int = Field(ge=1)  # noqa: N815


class Physical(Closed):
    artifactLocation: Artifact  # noqa: N815
    region: Region


class Location(Closed):
    physicalLocation: Physical  # noqa: N815


class Result(Closed):
    ruleId: str  # noqa: N815
    ruleIndex: int = Field(ge=0)  # noqa: N815
    level: Literal["none", "note", "warning", "error"]
    message: Text
    locations: list[Location] = Field(min_length=1)
    partialFingerprints: dict[str, str]  # noqa: N815


class Run(Closed):
    tool: Tool
    columnKind: Literal["utf16CodeUnits", "unicodeCodePoints"]  # noqa: N815
    results: list[Result]
    properties: dict[str, str]


class Log(Closed):
    schema_: str = Field(alias="$schema", pattern=r"/sarif-schema-2\.1\.0\.json$")
    version: Literal["2.1.0"]
    runs: list[Run] = Field(min_length=1)


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_sarif_holds_to_its_standard(report: Report) -> None:
    (run,) = Log.model_validate_json(as_sarif(report, "1.0")).runs
    rules = [rule.id for rule in run.tool.driver.rules]
    assert len(rules) == len(set(rules))
    assert [one.ruleId for one in run.results] == [rules[one.ruleIndex] for one in run.results]
    assert [one.level.value for one in report.findings] == [one.level for one in run.results]
    marks = [str(one.partialFingerprints) for one in run.results]
    assert len(marks) == len(set(marks))


def test_sarif_points_at_the_line_of_the_policy_and_names_the_change() -> None:
    (run,) = Log.model_validate_json(as_sarif(REPORTS["not met"], "1.0")).runs
    place = run.results[0].locations[0].physicalLocation
    assert "dir%20with%20space/policy.toml" == place.artifactLocation.uri
    (azure,) = [one for one in run.results if one.ruleId == "violation"]
    assert 12 == azure.locations[0].physicalLocation.region.startLine
    assert in_words(VIOLATION) == azure.message.text
    (elsewhere,) = Log.model_validate_json(as_sarif(REPORTS["elsewhere"], "1.0")).runs
    assert "file:///srv/p.toml" == elsewhere.results[0].locations[0].physicalLocation.artifactLocation.uri


def test_a_finding_in_words_has_the_change_its_date_and_both_quotes() -> None:
    assert (
        "azure: stored for 30 days, where nothing may be stored; since retention changed none → 30 days on 2026-08-01; "
        'now "Retained for 30 days"; before "Zero retention"; openrouter-docs, seen 2026-08-01'
    ) == in_words(VIOLATION)


JUNIT = """\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:simpleType name="filled"><xs:restriction base="xs:token">
    <xs:minLength value="1"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="moment"><xs:restriction base="xs:dateTime">
    <xs:pattern value="[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"/></xs:restriction></xs:simpleType>
  <xs:complexType name="outcome"><xs:simpleContent><xs:extension base="xs:string">
    <xs:attribute name="message" type="xs:string"/><xs:attribute name="type" type="xs:string" use="required"/>
  </xs:extension></xs:simpleContent></xs:complexType>
  <xs:complexType name="case">
    <xs:choice minOccurs="0">
      <xs:element name="error" type="outcome"/><xs:element name="failure" type="outcome"/>
    </xs:choice>
    <xs:attribute name="name" type="xs:token" use="required"/>
    <xs:attribute name="classname" type="xs:token" use="required"/>
    <xs:attribute name="time" type="xs:decimal" use="required"/>
  </xs:complexType>
  <xs:complexType name="property">
    <xs:attribute name="name" type="filled" use="required"/><xs:attribute name="value" type="xs:string" use="required"/>
  </xs:complexType>
  <xs:complexType name="suite">
    <xs:sequence>
      <xs:element name="properties"><xs:complexType><xs:sequence>
        <xs:element name="property" type="property" minOccurs="0" maxOccurs="unbounded"/>
      </xs:sequence></xs:complexType></xs:element>
      <xs:element name="testcase" type="case" minOccurs="0" maxOccurs="unbounded"/>
      <xs:element name="system-out" type="xs:string"/>
      <xs:element name="system-err" type="xs:string"/>
    </xs:sequence>
    <xs:attribute name="name" type="filled" use="required"/>
    <xs:attribute name="package" type="xs:token" use="required"/>
    <xs:attribute name="id" type="xs:int" use="required"/>
    <xs:attribute name="timestamp" type="moment" use="required"/>
    <xs:attribute name="hostname" type="filled" use="required"/>
    <xs:attribute name="tests" type="xs:int" use="required"/>
    <xs:attribute name="failures" type="xs:int" use="required"/>
    <xs:attribute name="errors" type="xs:int" use="required"/>
    <xs:attribute name="time" type="xs:decimal" use="required"/>
  </xs:complexType>
  <xs:element name="testsuites"><xs:complexType><xs:sequence>
    <xs:element name="testsuite" type="suite" minOccurs="0" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
"""


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_junit_holds_to_its_schema(report: Report) -> None:
    root = etree.fromstring(as_junit(report).encode("utf-8", "strict"))
    etree.XMLSchema(etree.fromstring(JUNIT)).assertValid(root)
    (suite,) = root
    assert len(report.cases) == int(suite.get("tests", "")) == len(suite.findall("testcase"))
    assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))


def test_junit_fails_a_test_for_each_error_and_tells_the_rest_as_output() -> None:
    root = etree.fromstring(as_junit(REPORTS["not met"]).encode())
    failures = root.findall("testsuite/testcase/failure")
    hostile = r"""a\x00b\ud800|`<img src=x>` @all: ]]> \x1b[31m & "'"""
    assert [in_words(VIOLATION), hostile] == [one.text for one in failures]
    assert in_words(NOTE) == root.findtext("testsuite/system-out")


def test_markdown_is_a_table_in_which_foreign_text_does_nothing() -> None:
    text = as_markdown(REPORTS["not met"])
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert [6] * 5 == [line.count("|") for line in rows]
    assert "### Provider terms: dir with space/policy.toml is not met: 2 errors" == text.splitlines()[0]
    assert not set("`<>@\x00\x1b\ud800") & set(text)
    assert "retention changed none → 30 days on 2026-08-01 | “Retained for 30 days” |" in text
    assert "policy.toml is met" in as_markdown(REPORTS["met"])


MESSAGES = [
    ("see [here](https://x.example)", r"see \[here\](https://x.example)"),
    (r"a\[b\\c\d", r"a\\\[b\\\c\d"),
    ("{0} of {{1}}", "{{0}} of {{{{1}}}}"),
    ("a\u202eb\u200bc\x00\u2028", r"a\u202eb\u200bc\x00\u2028"),
    ("two\n lines", "two lines"),
]


@pytest.mark.parametrize(("text", "expected"), MESSAGES, ids=[expected for _, expected in MESSAGES])
def test_foreign_text_is_no_link_no_placeholder_and_hides_nothing(text: str, expected: str) -> None:
    finding = replace(NOTE, subject="b", text=text)
    report = replace(REPORTS["elsewhere"], remarks=(finding,))
    (run,) = Log.model_validate_json(as_sarif(report, "1.0")).runs
    assert f"b: {expected}" == run.results[0].message.text
    for shown in (as_junit(report), as_markdown(report)):
        assert not set("\u202e\u200b\x00\u2028") & set(shown)
    assert "https://" not in as_markdown(replace(report, policy="https://x.example www.x.example"))
    assert "www." not in as_markdown(replace(report, policy="https://x.example www.x.example"))


def test_what_is_counted_agrees_with_its_number() -> None:
    assert "is not met: 2 errors" in as_markdown(REPORTS["not met"])
    one = replace(REPORTS["not met"], cases=REPORTS["not met"].cases[:1])
    assert "is not met: 1 error\n" in as_markdown(one)
    assert "\n1 check, by" in as_markdown(one)
