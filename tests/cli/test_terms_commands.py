"""`extract` and `eval`: files in, JSON Lines and figures out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli import main

PAGE = "# Your data\n\nWe keep prompts for 30 days. We do not use prompts to train models.\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "data.md").write_text(PAGE, encoding="utf-8")
    return tmp_path


def test_extract_prints_one_statement_a_line(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract", str(root / "acme" / "data.md"), "--doc-root", str(root)]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["doc"], first["topic"], first["value"], first["days"]) == ("acme/data.md", "retention", "period", 30)
    assert (second["topic"], second["value"], second["days"]) == ("training", "no", None)
    assert first["quote"] == "We keep prompts for 30 days."
    assert set(first) >= {"data", "condition", "service", "grade", "locator", "rule_id"}


def test_a_file_that_cannot_be_read_is_told_of_and_the_others_are_read(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "archive.md").write_bytes(b"PK\x03\x04" + bytes(60))
    files = [root / "missing.md", root / "archive.md", root / "acme" / "data.md"]
    assert main(["extract", *map(str, files)]) == 1
    shown = capsys.readouterr()
    assert len(shown.out.splitlines()) == 2
    assert [line.split(":")[0] for line in shown.err.splitlines()] == ["provider-terms", "provider-terms"]
    assert "missing.md" in shown.err
    assert "zip" in shown.err


def test_extract_loads_neither_pandas_nor_the_catalog(root: Path) -> None:
    code = (
        "import sys; from pipeline.cli import main; main(sys.argv[1:]); "
        "sys.exit(', '.join({'pandas', 'pandera', 'duckdb', 'requests'} & set(sys.modules)) or 0)"
    )
    arguments = [sys.executable, "-c", code, "extract", str(root / "acme" / "data.md")]
    assert subprocess.run(arguments, check=False, capture_output=True).returncode == 0


def test_eval_scores_what_is_read_now_and_what_was_read_before(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = [
        {"doc": "acme/data.md", "topic": "retention", "value": "period", "days": 30, "core": True}
        | {"quote": "We keep prompts for 30 days."},
    ]
    (root / "labels.jsonl").write_text("\n".join(map(json.dumps, labels)), encoding="utf-8")
    arguments = ["eval", str(root / "labels.jsonl"), "--doc-root", str(root), "--format", "json"]
    assert main(arguments) == 0
    now = json.loads(capsys.readouterr().out)
    assert main(["extract", str(root / "acme" / "data.md"), "--doc-root", str(root)]) == 0
    (root / "claims.jsonl").write_text(capsys.readouterr().out, encoding="utf-8")
    assert main([*arguments[:2], str(root / "claims.jsonl"), *arguments[2:]]) == 0
    assert json.loads(capsys.readouterr().out) == now
    assert now["any"]["figures"]["retention"]["recall"] == 1.0
    assert now["any"]["figures"]["all"]["precision"] == 0.5


_LABEL = b'{"doc": "acme/data.md", "topic": "retention", "value": "period", "quote": "x", "days": %s}'


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (b'{"doc": "acme/data.md"}\n', "line 1: without topic"),
        (b"\n[1]\n", "line 2: not an object"),
        (b'{"doc"\n', "line 1: not JSON"),
        (b'{"doc": "\xff"}\n', "not UTF-8"),
        (_LABEL % b"[30]", "line 1: days is no number"),
        (_LABEL % b'"30"', "line 1: days is no number"),
        (_LABEL % b"true", "line 1: days is no number"),
    ],
)
def test_eval_says_which_line_is_no_label(
    root: Path, capsys: pytest.CaptureFixture[str], labels: bytes, told: str
) -> None:
    (root / "labels.jsonl").write_bytes(labels)
    assert main(["eval", str(root / "labels.jsonl"), "--doc-root", str(root)]) == 2
    assert told in capsys.readouterr().err


def test_a_line_of_labels_ends_where_a_line_of_json_ends(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    label = {"doc": "acme/data.md", "topic": "training", "value": "no", "quote": "one\u2028two\x85three", "core": True}
    text = "\ufeff" + json.dumps(label, ensure_ascii=False) + "\r\n"
    (root / "labels.jsonl").write_text(text, encoding="utf-8", newline="")
    assert main(["eval", str(root / "labels.jsonl"), "--doc-root", str(root)]) == 0
    assert "1 documents" in capsys.readouterr().out
