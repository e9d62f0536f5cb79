"""`export`: what it writes, what it says on stderr, and what it never writes over."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from shipped_catalog import shipped_data

from pipeline.cli import exporting, exporting_options, main

FOLDERS, FILES = tuple(exporting.FOLDERS), tuple(exporting.FILES)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_data(tmp_path_factory)


def export(data: Path, *arguments: object) -> int:
    return main(["export", *map(str, arguments), "--data", str(data)])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_formats_that_may_be_typed_are_those_that_are_made() -> None:
    assert sorted(exporting_options.FORMATS) == sorted((*FOLDERS, *FILES))


@pytest.mark.parametrize("form", [*FOLDERS, *FILES])
def test_every_format_is_written_and_says_who_is_in_it(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    target = tmp_path / "deep" / "out"
    assert 0 == export(data, "--format", form, target, "--max-retention-days", 30)
    said = capsys.readouterr()
    assert ("", f"of 100 offerings, as of 2026-07-21, written to {target}") == (said.out, said.err.strip()[3:])
    assert target.is_dir() == (form in FOLDERS)
    assert ["deep", "deep/out"] == sorted(
        str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path in {target, target.parent}
    )


@pytest.mark.parametrize("form", ["jsonl", "sqlite"])
def test_a_folder_that_an_export_made_is_replaced_and_no_other(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    assert 0 == export(data, "--format", form, tmp_path / "out")
    first = contents(tmp_path / "out")
    assert 0 == export(data, "--format", form, tmp_path / "out")
    assert first == contents(tmp_path / "out")
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")
    capsys.readouterr()
    assert 2 == export(data, "--format", form, other)
    assert "holds something else" in capsys.readouterr().err
    assert {"thesis.txt": b"years of work"} == contents(other)


def test_records_that_were_filled_in_by_hand_beside_tables_stay(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filed = tmp_path / "filed"
    assert 0 == export(data, "--format", "csv", filed)
    assert 0 == export(data, "--format", "ropa", filed / "records.csv")
    (filed / "records.csv").write_text("filled in by hand")
    capsys.readouterr()
    assert 2 == export(data, "--format", "csv", filed)
    said = f"provider-terms: {filed} holds something else, records.csv: name a new folder, or an empty one\n"
    assert said == capsys.readouterr().err
    assert "filled in by hand" == (filed / "records.csv").read_text()


def test_what_other_commands_wrote_is_not_replaced(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    public, api = tmp_path / "public", tmp_path / "public" / "api"
    feeds = ["feed", "--out-dir", str(public), "--data", str(data)]
    assert 0 == main(feeds)
    assert 0 == export(data, "--format", "api", api)
    capsys.readouterr()
    assert 2 == main(feeds)
    assert f"{public} holds something else, api: name" in capsys.readouterr().err
    for command in (("report", "--out", str(api)), ("export", "--format", "csv", str(api))):
        assert 2 == main([*command, "--data", str(data)])
        assert f"{api} holds something else, what was written as api: name" in capsys.readouterr().err
    assert (api / "v1" / "index.json").is_file()


@pytest.mark.parametrize("form", ["ropa", "dpv"])
def test_a_file_that_is_there_is_replaced_only_where_that_is_asked(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    target = tmp_path / "records"
    target.write_text("filled in by hand")
    assert 2 == export(data, "--format", form, target)
    assert f"{target} is there already: name another file, or replace it with --force" in capsys.readouterr().err
    assert "filled in by hand" == target.read_text()
    assert 0 == export(data, "--format", form, target, "--force")
    first = target.read_bytes()
    assert 0 == export(data, "--format", form, target, "--force")
    assert first == target.read_bytes() != b"filled in by hand"
    assert ["records"] == [path.name for path in tmp_path.iterdir()]


SPECIAL = [("export", "--format", "dpv"), ("feed", "--out"), ("evidence", "openai", "--out")]


@pytest.mark.parametrize("force", [(), ("--force",)], ids=["plain", "forced"])
@pytest.mark.parametrize("command", SPECIAL, ids=lambda command: command[0])
def test_what_is_no_regular_file_is_never_replaced(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...], force: tuple[str, ...]
) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for target in (pipe, link):
        assert 2 == main([*command, str(target), *force, "--data", str(data)])
        told = f"provider-terms: {target} is no regular file, and is not replaced: name another file\n"
        assert told == capsys.readouterr().err
    assert (True, True) == (pipe.is_fifo(), link.is_symlink())


WRONG = [
    (("--format", "csv", "out", "--force"), "--force goes with formats of one file"),
    (("--format", "csv", "out", "--basis", "provider"), "--basis goes with --format ropa and dpv"),
    (("--format", "xlsx", "."), ". is a folder: name a file"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=lambda value: " ".join(value) if value != str(value) else "")
def test_options_that_mean_nothing_are_refused(
    data: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert 2 == export(data, *arguments)
    assert said in capsys.readouterr().err


def test_where_nobody_is_meant_the_answer_is_no_and_nothing_is_written(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 4 == export(data, "--format", "ropa", tmp_path / "ropa.csv", "--tier", "free")
    assert 4 == export(data, "--format", "ropa", tmp_path / "ropa.csv", "--basis", "provider", "--training", "no")
    assert "none of 100 offerings is meant by these filters: nothing written" in capsys.readouterr().err
    assert [] == list(tmp_path.iterdir())


def test_of_a_day_before_anything_is_known_nothing_is_written(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 4 == export(data, "--format", "csv", tmp_path / "out", "--as-of", "2025-01-01")
    assert "provider-terms: nothing is known before 2025-05-20\n" == capsys.readouterr().err
    assert [] == list(tmp_path.iterdir())


def test_without_a_catalog_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 1 == export(tmp_path / "empty", "--format", "csv", tmp_path / "out")
    assert "run `provider-terms refresh`" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_as_of_a_day_says_what_is_left_out(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == export(data, "--format", "jsonl", tmp_path / "out", "--as-of", "2025-07-31")
    *remarks, last = capsys.readouterr().err.splitlines()
    assert f"59 of 61 offerings, as of 2025-07-31, written to {tmp_path / 'out'}" == last
    assert remarks == json.loads((tmp_path / "out" / "datapackage.json").read_bytes())["left_out"]
    assert any(one.startswith("left out: sources (") and one.endswith("newest state is kept") for one in remarks)
    assert 59 == len((tmp_path / "out" / "provider_terms.jsonl").read_bytes().splitlines())


def test_the_basis_decides_what_a_record_says(data: Path, tmp_path: Path) -> None:
    for basis in ("gateway", "provider"):
        assert 0 == export(data, "--format", "ropa", tmp_path / f"{basis}.csv", "--basis", basis)
    assert (tmp_path / "gateway.csv").read_text().count("not stated") < (tmp_path / "provider.csv").read_text().count(
        "not stated"
    )


@pytest.mark.parametrize(("form", "loaded"), [("parquet", "False"), ("xlsx", "True")])
def test_only_a_workbook_loads_what_writes_workbooks_and_nothing_loads_pandas(
    data: Path, tmp_path: Path, form: str, loaded: str
) -> None:
    lines = (
        "import sys; from pipeline.cli import main; code = main(sys.argv[1:])",
        "print(code, 'xlsxwriter' in sys.modules, bool({'pandas', 'pandera', 'duckdb'} & set(sys.modules)))",
    )
    command = ["export", "--format", form, str(tmp_path / "out"), "--data", str(data)]
    ran = subprocess.run(
        [sys.executable, "-c", "\n".join(lines), *command], capture_output=True, check=True, encoding="utf-8"
    )
    assert f"0 {loaded} False" == ran.stdout.strip()
