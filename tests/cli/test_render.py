"""Foreign text on a terminal, in a pipe, in JSON and in CSV: shown, never obeyed."""

import csv
import errno
import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from patience import PATIENCE
from shipped_catalog import shipped_data

from pipeline.cli.render import print_rows, shown
from pipeline.normalize.unseen import plain

FORMS = ("table", "json", "csv")
HOSTILE = [
    ("\x1b[31mred", "\\x1b[31mred"),
    ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
    ("\x9b31mred", "\\x9b31mred"),
    ("a\x00b", "a\\x00b"),
    ("a\x7fb", "a\\x7fb"),
    ("a\rb", "a\\rb"),
    ("a\nb", "a\\nb"),
    ("a\tb", "a\\tb"),
    ("a\x08b", "a\\x08b"),
    ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
    ("\u202egnp.exe", "\\u202egnp.exe"),
    ("\u2066a\u2069", "\\u2066a\\u2069"),
    ("a\u200bb\u200dc\u2060d", "a\\u200bb\\u200dc\\u2060d"),
    ("\ufeffa", "\\ufeffa"),
    ("a\u3164b\u2800c", "a\\u3164b\\u2800c"),
    ("\U000e0041", "\\U000e0041"),
    ("\ue000", "\\ue000"),
    ("\udcff", "\\udcff"),
]
HARMLESS = [
    "OpenAI",
    "✓ Does not train",
    "Zürich 東京",
    "[red]x[/red]",
    "[link=http://a]x[/link]",
    ":smile:",
    "a\\x1bb",
]


@pytest.mark.fault("Q04")
@pytest.mark.parametrize(("text", "expected"), HOSTILE)
def test_q04_what_acts_on_a_terminal_is_written_out(text: str, expected: str) -> None:
    assert expected == plain(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_shows_is_left_as_it_is(text: str) -> None:
    assert text == plain(text)


def on_a_terminal(rows: list[dict[str, object]], form: str, monkeypatch: pytest.MonkeyPatch) -> str:
    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    print_rows(rows, list(rows[0]), form)
    return terminal.getvalue()


@pytest.mark.fault("Q04")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", [text for text, _ in HOSTILE])
def test_q04_no_format_lets_it_act_on_a_terminal(text: str, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = on_a_terminal([{text: text, "b": text}], form, monkeypatch)
    drawing = re.compile(r"[\r\n]")
    assert drawing.sub("", printed) == plain(drawing.sub("", printed))
    assert printed.count("\n") <= {"table": 3, "json": 6, "csv": 2}[form]


@pytest.mark.fault("Q04")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", HARMLESS)
def test_markup_stays_text(text: str, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = on_a_terminal([{"a": text, "b": 1}], form, monkeypatch)
    assert (text.replace("\\", "\\\\") if form == "json" else text) in printed


@pytest.mark.parametrize("text", [text for text, _ in HOSTILE] + HARMLESS)
def test_json_reads_back_as_it_was(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"a": text}], ["a"], "json")
    assert [{"a": text}] == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("text", [text for text, _ in HOSTILE if text not in {"a\rb", "\udcff"}] + HARMLESS)
def test_csv_in_a_pipe_reads_back_as_it_was_but_for_formulas(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"a": text, "b": 1}], ["a", "b"], "csv")
    printed = capsys.readouterr().out
    assert [["a", "b"], [text, "1"]] == list(csv.reader(io.StringIO(printed, newline="")))


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_a_formula_in_csv_starts_with_an_apostrophe(start: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"a": start, "b": -1}], ["a", "b"], "csv")
    printed = io.StringIO(capsys.readouterr().out, newline="")
    assert [f"'{start}", "-1"] == list(csv.reader(printed))[1]


def test_a_table_in_a_pipe_has_one_line_per_row_however_long(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"a": "x" * 500, "b": "y z " * 100}, {"a": 1, "b": None}], ["a", "b"], "table")
    lines = capsys.readouterr().out.splitlines()
    assert ["a", "x", "1"] == [line[0] for line in lines]
    assert [] == [line for line in lines if line != line.rstrip()]


def test_ids_and_dates_are_not_broken_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    row: dict[str, object] = {
        "offering": "google-ai-studio:free",
        "provider": "Google AI Studio " * 9,
        "from": "2025-07-31",
    }
    printed = on_a_terminal([row], "table", monkeypatch)
    assert 80 >= max(map(len, printed.splitlines()))
    assert "google-ai-studio:free" in printed
    assert "2025-07-31" in printed


def test_more_columns_than_a_terminal_has_room_for_become_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    row: dict[str, object] = {f"column_{number}": number for number in range(20)}
    lines = on_a_terminal([row, row], "table", monkeypatch).splitlines()
    assert 41 == len(lines)
    assert ["column_0", "0"] == lines[0].split()


SHOWN = [
    (None, "-"),
    (True, "yes"),
    (False, "no"),
    (0, "0"),
    ([], "none"),
    (["a", "\x1b"], "a, \\x1b"),
    ({"a": None}, '{"a": null}'),
    ("None", "None"),
]


@pytest.mark.parametrize(("value", "expected"), SHOWN, ids=str)
def test_a_value_is_shown_as_a_person_reads_it(value: object, expected: str) -> None:
    assert expected == shown(value)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_data(tmp_path_factory)


def command(*arguments: str, data: Path) -> list[str]:
    return [sys.executable, "-m", "pipeline", *arguments, "--data", str(data)]


@pytest.mark.parametrize(
    "arguments",
    [("list",), ("list", "--format", "json"), ("changes", "--format", "csv"), ("show", "openai")],
    ids=" ".join,
)
def test_a_closed_pipe_ends_quietly_with_0(data: Path, arguments: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as out:
        ran = subprocess.run(
            command(*arguments, data=data),
            stdout=out,
            stderr=subprocess.PIPE,
            check=False,
            timeout=PATIENCE,
            encoding="utf-8",
        )
    counted = re.fullmatch(r"(\d+ of \d+ offerings, as of [-\d]+\n)?", ran.stderr)
    assert (0, True) == (ran.returncode, counted is not None)


def test_a_full_disk_is_an_error_of_one_line(data: Path) -> None:
    with Path("/dev/full").open("wb") as out:
        ran = subprocess.run(
            command("changes", data=data),
            stdout=out,
            stderr=subprocess.PIPE,
            check=False,
            timeout=PATIENCE,
            encoding="utf-8",
        )
    assert (1, f"provider-terms: {os.strerror(errno.ENOSPC)}\n") == (ran.returncode, ran.stderr)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_an_output_that_lacks_a_letter_shows_its_number(data: Path, form: str, encoding: str) -> None:
    ran = subprocess.run(
        command("show", "openai", "--format", form, data=data),
        capture_output=True,
        check=True,
        timeout=PATIENCE,
        env={"LC_ALL": "C", "PYTHONIOENCODING": encoding, "PATH": os.defpath},
    )
    is_whole = encoding == "utf-8"
    assert ("✓ Does not train" if is_whole else "\\u2713 Does not train") in ran.stdout.decode(encoding)
    if form == "json":
        assert "✓ Does not train" == json.loads(ran.stdout.decode(encoding))[0]["training_text"]


@pytest.mark.fault("Q04")
def test_q04_an_error_shows_a_hostile_name_written_out(data: Path) -> None:
    ran = subprocess.run(
        command("show", "\x1b[31m\u202ex\nb\udcff", data=data), capture_output=True, check=False, timeout=PATIENCE
    )
    assert 4 == ran.returncode
    assert ran.stderr.startswith(b"provider-terms: '\\x1b[31m\\u202ex b\\udcff' is not in the catalog; ")


WIDE = [("list", "--all"), ("show", "google-vertex"), ("history", "google-vertex"), ("changes",), ("status",)]


@pytest.mark.parametrize("arguments", WIDE, ids=" ".join)
def test_on_a_terminal_of_80_columns_no_line_is_longer_and_no_id_is_broken(
    data: Path, arguments: tuple[str, ...]
) -> None:
    leader, follower = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80", "LINES": "50", "TERM": "xterm"}
    with subprocess.Popen(
        command(*arguments, data=data), stdout=follower, stderr=subprocess.DEVNULL, env=environment
    ) as running:
        os.close(follower)
        printed = _read_all(leader)
        assert 0 == running.wait(timeout=PATIENCE)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", printed).splitlines()
    assert 80 >= max(map(len, lines))
    expected = "openrouter-docs" if arguments[0] in {"status", "show"} else "google-vertex"
    assert [] != [line for line in lines if expected in line]


def _read_all(leader: int) -> str:
    parts = []
    while True:
        try:
            part = os.read(leader, 65_536)
        except OSError:  # what Linux says where the other end is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(leader)
    return b"".join(parts).decode()
