"""Every command in the documents is run, on a catalog that was built from the recorded captures."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pipeline.declarations import read_declarations, shipped_dir
from pipeline.use.policy import read_policy

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[tuple[Path, str]]:
    return [
        (path, match["body"])
        for path in DOCUMENTS
        for match in _FENCE.finditer(path.read_text())
        if match["language"] == language
    ]


def sequences() -> list[list[str]]:
    """Return the commands of each block, each command where it stands first: one may need what another one made."""
    found, seen = [], set[str]()
    for _, body in blocks("console"):
        lines = body.splitlines()
        assert all(line.startswith("$ ") for line in lines), lines
        new = [line.removeprefix("$ ") for line in lines if line not in seen]
        seen.update(lines)
        found.append(new)
    return [one for one in found if one]


def commands() -> list[str]:
    return [command for one in sequences() for command in one]


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a reader has it, whose sources cannot be reached: no test asks the live gateway."""
    folder = tmp_path_factory.mktemp("reader")
    for name in ("sources", "providers"):
        shutil.copytree(shipped_dir() / name, folder / "data" / name)
        for path in (folder / "data" / name).glob("*.toml"):
            # Each host stays in the path, so that no two pages become one.
            path.write_text(
                re.sub(r'^url = "https?://', 'url = "http://127.0.0.1:9/', path.read_text(), flags=re.MULTILINE)
            )
    recorded = sorted((shipped_dir() / "recorded" / "openrouter-docs").glob("*.md"))
    (folder / "saved-table.md").write_bytes(recorded[-1].read_bytes())
    shutil.copytree(ROOT / "examples", folder / "examples")
    run("provider-terms build", folder)
    return folder


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        shlex.split(command), cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("sequence", sequences(), ids=lambda one: one[0])
def test_documented_commands_succeed_one_after_the_other(sequence: list[str], workplace: Path) -> None:
    for command in sequence:
        if not command.startswith("make "):
            done = run(command, workplace)
            assert 0 == done.returncode, (command, done.stderr)


def test_a_shell_line_for_a_crontab_hands_its_variables_on(tmp_path: Path) -> None:
    lines = [line for _, body in blocks("cron") for line in body.splitlines() if "provider-terms.env" in line]
    (tmp_path / "env").write_text("PROVIDER_TERMS_WEBHOOK=https://x.test/secret\n")
    for line in lines:
        setup = line.split("  ", 1)[1].partition("; cd ")[0].replace("/etc/provider-terms.env", str(tmp_path / "env"))
        script = f"{setup}; {shlex.quote(sys.executable)} -c \"import os; print(os.environ['PROVIDER_TERMS_WEBHOOK'])\""
        done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=False)
        assert (0, "https://x.test/secret\n") == (done.returncode, done.stdout), done.stderr
    assert lines


def transcripts() -> list[str]:
    return [body for _, body in blocks("text") if body.startswith("$ ")]


@pytest.mark.parametrize("transcript", transcripts(), ids=lambda one: one.splitlines()[0])
def test_a_documented_transcript_is_what_is_printed(transcript: str, workplace: Path) -> None:
    """Every line is printed, in this order, whatever the white space; "…" ends a line early, alone it is any lines."""
    command, *shown = transcript.splitlines()
    is_no = shown[-1] == "(exit code 4)"
    done = run(command.removeprefix("$ "), workplace)
    assert (4 if is_no else 0) == done.returncode, done.stderr
    printed = iter([" ".join(line.split()) for line in (done.stdout + done.stderr).splitlines()])
    for line in shown[: -1 if is_no else None]:
        wanted = " ".join(line.removesuffix("…").split())
        assert any(one.startswith(wanted) if line.endswith("…") else one == wanted for one in printed), line


def test_transcripts_are_documented() -> None:
    assert len(transcripts()) > 5


@pytest.mark.parametrize("command", [one for one in commands() if one.startswith("make ")])
def test_a_documented_target_exists(command: str) -> None:
    assert run(f"{command} --dry-run", ROOT).returncode == 0


def test_the_documents_name_commands() -> None:
    assert len(commands()) > 10


@pytest.mark.parametrize(("path", "body"), blocks("python"), ids=lambda value: getattr(value, "name", "code"))
def test_documented_python_runs(path: Path, body: str, workplace: Path) -> None:
    done = subprocess.run([sys.executable, "-c", body], cwd=workplace, capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stderr), path


@pytest.mark.parametrize(("path", "body"), blocks("toml"), ids=lambda value: getattr(value, "name", "toml"))
def test_documented_declarations_are_valid(path: Path, body: str, tmp_path: Path) -> None:
    if "require" in tomllib.loads(body):
        assert read_policy(body, path.name).providers
        return
    kind = "sources" if "gateway_id" in tomllib.loads(body) else "providers"
    (tmp_path / kind).mkdir()
    (tmp_path / kind / f"{tomllib.loads(body)['id']}.toml").write_text(body)
    assert () == read_declarations(tmp_path).problems, path


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text())
    assert [] == [target for target in targets if not (path.parent / target).exists()]


def test_the_readme_shows_both_pictures_of_the_report_and_they_are_there() -> None:
    shown = re.findall(r"!\[[^\]]+\]\((docs/pictures/[^)]+)\)", (ROOT / "README.md").read_text())
    assert ["docs/pictures/overview.svg", "docs/pictures/provider.svg"] == shown
    for path in shown:
        assert b"<svg" in (ROOT / path).read_bytes()[:500]
