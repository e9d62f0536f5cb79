"""A new name that is made to be taken for a known one is told wherever a person looks."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from called import Run, caller

from pipeline.declarations import shipped_dir

NAME = "\u041epenai"
TOLD = f"the name '{NAME}' mixes Cyrillic and Latin letters and looks like 'OpenAI'"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return caller(tmp_path / "data", capsys)


@pytest.mark.fault("E05")
def test_e05_a_lookalike_is_remarked_on_by_import_build_status_and_report(run: Run, tmp_path: Path) -> None:
    table = max((shipped_dir() / "recorded" / "openrouter-docs").glob("*.md")).read_text()
    table = table.partition("---\n")[2].partition("---\n")[2]
    saved = tmp_path / "table.md"
    saved.write_text(f"{table.rstrip()}\n| {NAME} | Zero retention | ✓ Does not train |\n")
    imported = run("import", str(saved), "--source", "openrouter-docs", "--captured-at", "2026-08-01")
    assert (0, True) == (imported.code, TOLD in imported.out)
    built = run("build")
    assert 0 == built.code
    assert f"openrouter-docs: {TOLD}" in built.err
    assert f"openrouter-docs: {TOLD}" in run("status").err
    (docs,) = (row for row in run("status", "--format", "json").rows if row["source"] == "openrouter-docs")
    assert [TOLD] == docs["signals"]
    (new,) = (row for row in run("list", "--format", "json").rows if row["provider_name"] == NAME)
    assert new["offering_id"].startswith("penai-")
    assert 0 == run("report", "--out", str(tmp_path / "report")).code
    pages = {
        path.stem: BeautifulSoup(path.read_text(), "html.parser").select(".notice")
        for path in (tmp_path / "report" / "providers").glob("*.html")
    }
    assert [new["offering_id"]] == [name for name, notices in pages.items() if notices]
    assert TOLD[1:] in pages[new["offering_id"]][0].text
