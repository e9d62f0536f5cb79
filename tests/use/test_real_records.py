"""What is filed of the recorded captures and the real documents says the same as they do, in every form."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from made_up_report import make_report
from real_terms import real_data

from pipeline.catalog.reader import Catalog
from pipeline.catalog.requirement import PolicyBasis
from pipeline.cli import main
from pipeline.use.conflicts import read_conflicts
from pipeline.use.export.extract import read_extract
from pipeline.use.export.ropa import make_ropa
from pipeline.use.filing.packing import pack_evidence
from pipeline.use.filing.texts import as_summary
from pipeline.use.selection import Selection
from pipeline.workplace import Workplace

pytestmark = pytest.mark.heavy  # reading the documents takes ten seconds

MADE = datetime(2026, 8, 23, tzinfo=UTC)
KEPT_BY_OPENAI = "OpenAI may securely retain API inputs and outputs for up to 30 days"
IN_PART = "the provider's own terms contradict the gateway for a part of the service only"


@pytest.fixture(scope="module")
def data(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return real_data(shared, tmp_path_factory)


@pytest.fixture(scope="module")
def catalog(data: Path) -> Iterator[Catalog]:
    with Catalog.open(data / "catalog" / "current") as opened:
        yield opened


def test_the_record_of_a_provider_with_exceptions_names_them_and_does_not_contradict_itself(catalog: Catalog) -> None:
    ((_, body),) = make_ropa(catalog, read_extract(catalog, Selection(), basis=PolicyBasis.STRICTEST)).files
    rows = {row["record_id"]: row for row in csv.DictReader(io.StringIO(body.decode(), newline=""))}
    row = rows["openrouter/fireworks"]
    assert "not stored after the response" == row["time_limit_for_erasure_art_30_1_f"]
    (said,) = catalog.rows(
        "SELECT quote FROM claims JOIN policies ON claim_id = provider_retention_claim_id "
        "WHERE policies.offering_id = 'fireworks'"
    )
    assert ("provider", said["quote"]) == (row["time_limit_stated_by"], row["time_limit_quote"])
    told = row["time_limit_remarks"]
    assert IN_PART in told
    assert "state of a part of the service 30 days (“**Retention period**: All stored conversation data" in told
    assert "weak" not in told


@pytest.fixture(scope="module")
def report(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_report(data / "catalog" / "current", tmp_path_factory.mktemp("real") / "report", MADE).folder


def test_the_report_says_of_each_conflict_what_it_means_for_the_policy(report: Path, catalog: Catalog) -> None:
    deciding = [row["is_deciding"] for row in read_conflicts(catalog)]
    assert {True, False} == set(deciding)
    pages = {name: (report / name).read_text() for name in ("conflicts.html", "providers/fireworks.html")}
    assert deciding.count(False) == pages["conflicts.html"].count("the strictest reading does not reckon with it")
    assert deciding.count(True) == pages["conflicts.html"].count("the strictest reading is the less protective of both")
    assert "contradict the gateway on retention for a part" in pages["providers/fireworks.html"]


def test_a_value_has_the_same_words_all_over_the_page_of_its_provider(report: Path) -> None:
    page = BeautifulSoup((report / "providers" / "openai.html").read_text(), "html.parser")
    for of in (".policy .matrix td", "#conflicts ~ .conflict", ".statement:has(.decides)", ".timeline .own"):
        found = [part.get_text() for part in page.select(of) if KEPT_BY_OPENAI in part.get_text()]
        assert found, of
        assert all("up to 30 days" in text for text in found), of


def test_the_own_terms_in_a_timeline_have_source_link_and_hash(report: Path) -> None:
    page = BeautifulSoup((report / "providers" / "openai.html").read_text(), "html.parser")
    entries = page.select(".timeline .own")
    assert entries
    for entry in entries:
        if entry.select("q"):
            assert "openai--data-usage-docs" in entry.get_text()
            assert entry.select(".seen a[href^='https://openai.com/']")
            assert entry.select(".seen .hash")


def test_an_evidence_file_says_that_a_conflict_is_of_a_part(data: Path, catalog: Catalog) -> None:
    work = Workplace(data)
    packed = pack_evidence(
        catalog, "fireworks", sources=work.sources, looks=work.observations(), read_body=work.read_body, tool="test"
    )
    assert f"On retention, {IN_PART}" in as_summary(packed.evidence)


def test_what_the_readme_shows_of_explain_is_what_it_prints(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    (shown,) = re.findall(r"```text\n(Fireworks \(fireworks\).*?)```", readme, re.DOTALL)
    assert 0 == main(["explain", "fireworks", "--data", str(data)])
    printed = " ".join(capsys.readouterr().out.split())
    pieces = [" ".join(piece.split()) for piece in re.split(r"…|\n\n", shown)]
    assert len(pieces) > 3
    place = 0
    for piece in filter(None, pieces):
        assert piece in printed[place:], piece
        place = printed.index(piece, place)
