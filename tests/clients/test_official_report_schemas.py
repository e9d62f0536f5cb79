"""Programs of others take the reports of `check`: SARIF by its official schema, JUnit by a reader of it."""

import importlib
import json

import pytest
from made_up_reports import REPORTS
from official_schemas import official_schema

from pipeline.use.check_findings import Report
from pipeline.use.check_reports import as_junit, as_sarif

pytestmark = [pytest.mark.clients, pytest.mark.filterwarnings("ignore")]  # theirs, on import


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_sarif_holds_to_the_official_schema(report: Report) -> None:
    schema = official_schema("https://json.schemastore.org/sarif-2.1.0.json")
    jsonschema = importlib.import_module("jsonschema")
    checked = jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())
    log = json.loads(as_sarif(report, "1.0"))
    assert [] == [one.message for one in checked.iter_errors(log)]
    assert [one.message for one in checked.iter_errors(log | {"version": "2.0.0"})]


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_junit_is_read(report: Report) -> None:
    (suite,) = importlib.import_module("junitparser").JUnitXml.fromstring(as_junit(report).encode())
    assert len(report.cases) == suite.tests == len(list(suite))
    assert sum(case.finding is not None for case in report.cases) == suite.failures
