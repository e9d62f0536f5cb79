import subprocess
import sys
from pathlib import Path

import pytest

from schemas import TABLES, view
from schemas.dictionary import render

ROOT = Path(__file__).parent.parent.parent
DICTIONARY = ROOT / "docs" / "data-dictionary.md"


def test_the_data_dictionary_is_what_the_schemas_say() -> None:
    assert render() == DICTIONARY.read_text(), "run: python -m schemas.dictionary > docs/data-dictionary.md"


def test_the_command_prints_the_data_dictionary() -> None:
    run = subprocess.run([sys.executable, "-m", "schemas.dictionary"], cwd=ROOT, check=True, capture_output=True)
    assert DICTIONARY.read_bytes() == run.stdout
    assert b"" == run.stderr


def test_the_dictionary_has_no_trailing_spaces_and_ends_in_one_newline() -> None:
    text = render()
    assert [] == [line for line in text.splitlines() if line != line.rstrip()]
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_every_line_of_a_table_has_as_many_cells_as_its_header() -> None:
    grids = [part.splitlines() for part in render().split("\n\n") if part.startswith("| ")]
    assert len(TABLES) + 1 == len(grids)
    for lines in grids:
        assert {lines[0].count("|")} == {line.replace("\\|", "").count("|") for line in lines}


@pytest.mark.parametrize("table", TABLES)
def test_every_table_and_column_is_in_the_dictionary(table: str) -> None:
    section = render().split(f"\n## {table}\n")[1].split("\n## ")[0]
    assert str(TABLES[table].description) in section
    for name, column in TABLES[table].columns.items():
        assert f"| `{name}` | " in section
        assert f"| {column.description} |" in section


def test_every_column_of_the_view_stands_with_the_table_that_it_comes_from() -> None:
    section = render().split(f"\n## {view.VIEW}\n")[1].split("\n## ")[0]
    for column, table in view.TABLE_OF.items():
        assert column in TABLES[table].columns
        assert f"| `{column}` | `{table}` | " in section
