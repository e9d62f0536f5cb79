"""`report` and `serve`: where the report lies, who may read it, and what is told."""

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from patience import PATIENCE
from published_catalog import copy_of, hashes, import_newer_table
from shipped_catalog import shipped_data
from tiny_refresh import command

from pipeline.cli import main
from pipeline.cli.report_server import ReportServer


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of its own, with its report."""
    folder = copy_of(shipped_data(tmp_path_factory), tmp_path_factory.mktemp("report") / "data")
    assert 0 == main(["report", "--data", str(folder)])
    return folder


def test_the_path_of_the_first_page_is_printed_alone(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["report", "--data", str(data)])
    told = capsys.readouterr()
    index = data / "catalog" / "current" / "report" / "index.html"
    assert f"{index}\n" == told.out
    assert "report as of 2026-07-21: 103 pages (unchanged, nothing rewritten)\n" == told.err
    assert index.is_file()


def test_the_catalog_stays_whole_beside_its_report(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["verify", "--data", str(data)])
    assert "nothing is damaged\n" == capsys.readouterr().out
    before = hashes(data / "catalog")
    assert 0 == main(["build", "--data", str(data)])
    assert before == hashes(data / "catalog")


def test_a_new_build_has_its_report_where_the_one_before_had_one(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_of(data, tmp_path / "data")
    import_newer_table(folder)
    assert 0 == main(["build", "--data", str(folder)])
    report = folder / "catalog" / "current" / "report"
    assert "As of <strong><time datetime=" in (report / "index.html").read_text()
    assert "2026-08-01T10:00:00Z" == json.loads((report / "report.json").read_bytes())["as_of"]
    capsys.readouterr()
    assert 0 == main(["report", "--data", str(folder)])
    assert "unchanged, nothing rewritten" in capsys.readouterr().err


_SCRIPT = """
import sys
if sys.argv[1] == "broken":
    sys.modules["jinja2"] = None
from pipeline.cli import main
code = main(["build", "--data", sys.argv[2]])
print("CODE", code, "SAW", sys.modules.get("jinja2"))
"""


@pytest.mark.parametrize("state", ["unchanged", "broken"])
def test_a_report_costs_an_unchanged_build_nothing_and_fails_no_new_one(
    data: Path, tmp_path: Path, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_of(data, tmp_path / "data")
    if state == "broken":
        import_newer_table(folder)
    command = [sys.executable, "-c", _SCRIPT, state, str(folder)]
    ran = subprocess.run(command, capture_output=True, check=True, encoding="utf-8", timeout=PATIENCE)
    assert "CODE 0 SAW None" == ran.stdout.splitlines()[-1]
    told = "provider-terms: the catalog is published without its report: "
    assert (state == "broken") == any(line.startswith(told) for line in ran.stderr.splitlines())
    assert (state == "broken") != (folder / "catalog" / "current" / "report").exists()
    assert 0 == main(["report", "--data", str(folder)])
    assert (state == "broken") == ("written" in capsys.readouterr().err.replace("rewritten", ""))


def test_a_report_may_be_put_elsewhere_and_is_the_same(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    assert 0 == main(["report", "--out", str(target), "--data", str(data)])
    assert hashes(data / "catalog" / "current" / "report") == hashes(target)
    shutil.rmtree(target / "providers")
    assert 0 == main(["report", "--out", str(target), "--data", str(data)])
    assert hashes(data / "catalog" / "current" / "report") == hashes(target)


def test_without_a_catalog_it_says_what_to_do_and_makes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("report", "serve"):
        assert 1 == main([name, "--data", str(tmp_path / "none")])
        assert "run `provider-terms refresh` or `provider-terms build` first" in capsys.readouterr().err
    assert [] == list(tmp_path.iterdir())


def test_a_folder_that_holds_something_else_is_wrong_usage(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert 2 == main(["report", "--out", str(tmp_path), "--data", str(data)])
    assert "holds something else" in capsys.readouterr().err


def test_open_hands_the_first_page_to_the_browser(data: Path, tmp_path: Path) -> None:
    browser, said = tmp_path / "browser", tmp_path / "said"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {said}\n')
    browser.chmod(0o755)
    subprocess.run(
        [sys.executable, "-m", "pipeline", "report", "--open", "--data", str(data)],
        env={**os.environ, "BROWSER": f"{browser} %s"},
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    assert (data / "catalog" / "current" / "report" / "index.html").as_uri() == said.read_text()


@contextmanager
def served(data: Path) -> Iterator[ReportServer]:
    with ReportServer(data / "catalog" / "current", 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def ask(server: ReportServer, path: str, *, method: str = "GET", host: str | None = None) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=PATIENCE)
    connection.request(method, path, headers={"Host": host or f"localhost:{server.server_port}"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_the_report_is_served_to_this_machine_with_what_keeps_it_to_itself(data: Path) -> None:
    with served(data) as server:
        assert "127.0.0.1" == server.server_address[0]
        answer = ask(server, "/")
        assert (200, "text/html") == (answer.status, answer.headers.get_content_type())
        assert "frame-ancestors 'none'" in str(answer.headers["Content-Security-Policy"])
        assert ("nosniff", "no-referrer") == (
            answer.headers["X-Content-Type-Options"],
            answer.headers["Referrer-Policy"],
        )
        assert 200 == ask(server, "/providers/openai.html").status
        assert 200 == ask(server, "/report.css", method="HEAD").status


@pytest.mark.parametrize(
    ("path", "method", "host", "status"),
    [
        ("/providers/", "GET", None, 404),
        ("/../datapackage.json", "GET", None, 404),
        ("/%2e%2e/datapackage.json", "GET", None, 404),
        ("/..%2fdatapackage.json", "GET", None, 404),
        ("//etc/passwd", "GET", None, 404),
        ("/index.html%00.txt", "GET", None, 404),
        ("/%00", "HEAD", None, 404),
        ("/", "GET", "attacker.example", 421),
        ("/", "GET", "attacker.example:80", 421),
        ("/", "POST", None, 501),
        ("/", "DELETE", None, 501),
    ],
)
def test_nothing_else_is_served_and_to_nobody_else(
    data: Path, path: str, method: str, host: str | None, status: int
) -> None:
    with served(data) as server:
        assert status == ask(server, path, method=method, host=host).status


def test_serve_tells_its_address_and_ends_on_ctrl_c(data: Path) -> None:
    with subprocess.Popen(
        command(data, "serve", "--port", "0"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as running:
        try:
            assert running.stdout is not None
            told = running.stdout.readline()
            found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/ \(Ctrl-C ends it\)\n", told)
            assert found, told
            connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=PATIENCE)
            connection.request("GET", "/index.html")
            assert 200 == connection.getresponse().status
            connection.close()  # without having read it all, as a browser does that is closed
            running.send_signal(2)
            _, err = running.communicate(timeout=PATIENCE)
            assert (0, "") == (running.returncode, err.strip())
        finally:
            running.kill()


def test_a_port_that_is_taken_is_wrong_usage(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with served(data) as server:
        assert 2 == main(["serve", "--port", str(server.server_port), "--data", str(data)])
    assert "name another, or 0 for any that is free" in capsys.readouterr().err
