"""`evidence` and `verify FILE` as a person runs them: what they say, where, and how they exit."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from evidence_files import with_manifest
from shipped_catalog import shipped_data

from pipeline.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_data(tmp_path_factory)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(one) for one in arguments])
        return code, *capsys.readouterr()

    return call


def test_evidence_is_written_and_verified_without_any_catalog(run: Run, data: Path, tmp_path: Path) -> None:
    target = tmp_path / "filed" / "openai.zip"
    code, out, err = run("evidence", "OpenAI", "--out", target, "--data", data)
    assert (0, "") == (code, out)
    assert err.startswith("openai: ")
    assert err.endswith(f"1 capture, written to {target}\n")
    code, out, err = run("verify", target, "--data", tmp_path / "no such folder")
    assert (0, "") == (code, err)
    told = "3 quotes found at their places in 1 capture, 5 claims without words of a capture\nnot checked, for no such "
    assert out.startswith(told)
    assert 2 == len(out.splitlines())
    assert not (tmp_path / "no such folder").exists()


def test_a_file_that_is_there_is_replaced_by_force_only(run: Run, data: Path, tmp_path: Path) -> None:
    target = tmp_path / "openai.zip"
    target.write_bytes(b"mine")
    code, out, err = run("evidence", "openai", "--out", target, "--data", data)
    assert (2, "", b"mine") == (code, out, target.read_bytes())
    assert "replace it with --force" in err
    assert 0 == run("evidence", "openai", "--out", target, "--force", "--data", data)[0]
    assert target.read_bytes().startswith(b"PK")
    assert 2 == run("evidence", "openai", "--out", tmp_path, "--data", data)[0]


def test_an_unknown_provider_is_a_no_and_nothing_is_written(run: Run, data: Path, tmp_path: Path) -> None:
    code, out, err = run("evidence", "openia", "--out", tmp_path / "x.zip", "--data", data)
    assert (4, "", 1) == (code, out, len(err.splitlines()))
    assert "nearest: openai" in err
    assert not (tmp_path / "x.zip").exists()


def test_a_capture_that_is_missing_is_exit_code_3_and_told_both_times(run: Run, data: Path, tmp_path: Path) -> None:
    target = tmp_path / "openai.zip"
    code, _, err = run("evidence", "openai", "--out", target, "--no-recorded", "--data", data)
    assert 3 == code
    assert "provider-terms: listed as missing: openrouter-docs: capture" in err
    code, out, _ = run("verify", target)
    assert 3 == code
    assert out.startswith("missing when the file was made: ")
    told = "no quotes found at their places in no captures, 5 claims without words of a capture, 1 capture missing\n"
    assert told in out
    other = tmp_path / "other.zip"
    other.write_bytes(with_manifest(target.read_bytes(), lambda _: None))
    code, out, _ = run("verify", other)
    assert 3 == code
    assert ", 1 capture missing, texts not compared, for another program wrote them\n" in out


def test_a_changed_file_is_a_no_with_a_line_for_each_problem(run: Run, data: Path, tmp_path: Path) -> None:
    target = tmp_path / "openai.zip"
    assert 0 == run("evidence", "openai", "--out", target, "--data", data)[0]
    target.write_bytes(target.read_bytes()[:-1])
    code, out, err = run("verify", target)
    assert (4, f"{target} is refused: it is cut off, or no zip file that `provider-terms evidence` wrote\n", "") == (
        code,
        out,
        err,
    )
    code, out, err = run("verify", tmp_path / "nothing.zip")
    assert (2, "", 1) == (code, out, len(err.splitlines()))


def test_a_hostile_name_of_the_file_shows_and_does_not_act(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "a\x1b[31m\u202e.zip"
    shutil.copy(__file__, target)
    code, out, _ = run("verify", target)
    assert 4 == code
    assert "\x1b" not in out
    assert "\u202e" not in out
