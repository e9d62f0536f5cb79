"""`route` and `check` as a person and a pipeline call them."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from published_catalog import copy_of
from shipped_catalog import shipped_data

from pipeline.cli import main

THEN = ("--as-of", "2025-07-31")
FORMS = ("openrouter", "litellm", "vercel")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_data(tmp_path_factory)


@pytest.fixture
def call(data: Path, capsys: pytest.CaptureFixture[str]) -> Any:  # noqa: ANN401 - a function
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--data", str(data)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def decisions(out: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in out.splitlines()[1:]:
        offering_id, verdict = line.split()[:2]
        found.setdefault(verdict, []).append(offering_id)
    return found


def test_a_table_tells_who_passes_and_why_the_others_do_not(call: Any) -> None:  # noqa: ANN401
    code, out, err = call("route", "--zdr", *THEN)
    found = decisions(out)
    assert (0, 21, 38) == (code, len(found["allowed"]), len(found["refused"]))
    assert "stored for 30 days, where nothing may be stored" in out
    assert "as of 2025-07-31\n21 of 59 offerings pass\n" == err
    code, out, _ = call("route", "--max-retention-days", "30", *THEN)
    assert 28 == len(decisions(out)["allowed"])
    assert decisions(out) == decisions(call("route", "--max-retention-days", "30", "--no-training", *THEN)[1])


def test_the_unknown_ones_that_are_let_in_are_named_on_stderr(call: Any) -> None:  # noqa: ANN401
    for form in ("table", "json", *FORMS):
        code, _, err = call("route", "--max-retention-days", "30", "--allow-unknown", *THEN, "--format", form)
        assert 0 == code
        assert "let in although unknown (20): ai21, aion-labs, alibaba, avian," in err
        assert "as of 2025-07-31" in err
    _, out, _ = call("route", "--max-retention-days", "30", "--allow-unknown", *THEN)
    assert (28, 20) == (len(decisions(out)["allowed"]), len(decisions(out)["unknown"]))


def test_json_holds_reasons_words_and_dates(call: Any) -> None:  # noqa: ANN401
    code, out, _ = call("route", "--zdr", "--no-training", "--format", "json")
    facts = json.loads(out)
    assert (0, 43) == (code, len(facts["allowed"]))
    assert "2026-07-21T00:00:00Z" == facts["as_of"]
    assert {"max_retention_days": 0, "no_training": True, "reading": "strictest", "allows_unknown": False} == facts[
        "requirement"
    ]
    anthropic = next(one for one in facts["refused"] if one["offering_id"] == "anthropic")
    (reason,) = anthropic["reasons"]
    assert ("retention", "Retained for 30 days", "openrouter-docs", "2026-07-21T00:00:00Z") == (
        reason["check"],
        reason["words"],
        reason["source_id"],
        reason["observed_at"],
    )
    assert {"retention", "training"} == {one["topic"] for one in anthropic["evidence"]}
    assert all(one["evidence"][0]["capture_id"] for one in facts["allowed"])


@pytest.mark.parametrize("form", FORMS)
def test_where_nobody_passes_nothing_is_written_and_the_nearest_is_told(call: Any, form: str) -> None:  # noqa: ANN401
    code, out, err = call("route", "--zdr", "--providers", "anthropic,openai", "--format", form)
    assert (4, "") == (code, out)
    assert "nobody passes; nearest: 1 offering passes with --max-retention-days 30; 2 offerings pass without" in err


def test_where_nobody_passes_json_says_so(call: Any) -> None:  # noqa: ANN401
    code, out, _ = call("route", "--zdr", "--datacenter", "EU", "--format", "json")
    facts = json.loads(out)
    assert (4, [], ["43 offerings pass without --datacenter"]) == (code, facts["allowed"], facts["nearest"])


@pytest.mark.fault("Q12")
@pytest.mark.parametrize("option", ["--providers", "--ignore"])
def test_q12_route_answers_an_unknown_provider_with_no(call: Any, option: str) -> None:  # noqa: ANN401
    for form in ("table", *FORMS):
        code, out, err = call("route", "--zdr", option, "openai,no-such-one", "--format", form)
        assert (4, "") == (code, out)
        assert "'no-such-one' is not in the catalog" in err


@pytest.mark.fault("Q13")
def test_q13_old_words_are_told_and_refused_where_asked(call: Any) -> None:  # noqa: ANN401
    code, out, err = call("route", "--zdr", "--max-age", "1d")
    assert (4, "words last seen 2026-07-21" in out) == (code, True)
    assert "as of 2026-07-21" in err
    assert "nearest: 43 offerings pass with --max-age " in err
    assert 43 == len(decisions(call("route", "--zdr", "--max-age", "9999")[1])["allowed"])


REQUESTS: list[tuple[object, list[str], int, str]] = [
    ({"model": "x", "provider": {"only": ["openai", "groq"]}}, [], 0, "lets through 2 offerings"),
    ({"only": ["openai", "groq"]}, ["--zdr"], 4, "1 of them fails what is asked"),
    ({"only": ["groq"], "zdr": True}, ["--zdr", "--no-training"], 0, "none of them fail what is asked"),
    ({"model": "x", "messages": []}, [], 0, "lets through 76 offerings"),
    ({"only": []}, ["--zdr"], 4, "lets through 76 offerings"),
    ({"only": ["openai"]}, [], 0, "lets through 1 offering, as"),
    ({"model": "x", "provider": None}, [], 0, "lets through 76 offerings"),
    ({"provider": {}}, [], 0, "lets through 76 offerings"),
    ({"provider": []}, ["--zdr"], 2, "provider: expected an object, found []"),
    ({"provider": 0}, [], 2, "provider: expected an object, found 0"),
    ({"provider": False}, [], 2, "provider: expected an object, found False"),
    ({"provider": ""}, [], 2, "provider: expected an object, found ''"),
    ({"zdr": True}, ["--zdr"], 0, "zdr acts on endpoints, and no list of them is on record"),
    ({"only": ["groq"]}, ["--zdr"], 0, "as of 2026-07-21"),
    # A free tier that is stated no more is reached by the slug of its provider; its last word is that it trains.
    ({"only": ["google-vertex"]}, ["--no-training"], 4, "1 of them fails what is asked"),
    ({"only": ["google-vertex"], "data_collection": "deny"}, ["--no-training"], 0, "none of them fail"),
    ({"only": ["google-vertex"]}, ["--no-training", "--ignore", "google-vertex"], 4, "2 of them fail"),
    ({"only": ["google-vertex"]}, ["--headquarters", "US"], 0, "none of them fail"),
    # Only a slug is sure to be heard by `ignore`; `only` may mean anything that it could.
    ({"ignore": ["nebius", "groq"]}, [], 0, "lets through 74 offerings"),
    ({"ignore": ["Nebius Token Factory", "groq "]}, [], 0, "lets through 76 offerings"),
    ({"ignore": ["groq "]}, [], 0, "'groq ' is no slug on record: by `ignore` it may keep out nobody"),
    ({"ignore": ["no-such-one"]}, ["--zdr"], 4, "'no-such-one' is no slug on record"),
    ({"only": ["Nebius Token Factory"]}, [], 0, "lets through 1 offering,"),
    ({"only": ["groq", "no-such-one"]}, ["--zdr"], 4, "lets through 1 offering,"),
    ({"only": ["no-such-one"]}, [], 4, "'no-such-one' is not in the catalog: nothing is known of what it does"),
    ({"only": ["no-such-one"], "zdr": True}, [], 4, "lets through no offerings"),
]


@pytest.mark.parametrize(("request_", "asked", "expected", "told"), REQUESTS, ids=str)
def test_a_requests_own_object_is_held_against_what_is_asked(
    call: Any,  # noqa: ANN401
    tmp_path: Path,
    request_: object,
    asked: list[str],
    expected: int,
    told: str,
) -> None:
    path = tmp_path / "request.json"
    path.write_text(json.dumps(request_))
    code, _, err = call("route", "--request", str(path), *asked)
    assert expected == code, err
    assert told in err


def test_a_request_is_read_from_a_pipe(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    monkeypatch.setattr("sys.stdin", io.StringIO('{"data_collection": "deny"}'))
    code, out, _ = call("route", "--request", "-", "--format", "json")
    answer = json.loads(out)
    assert (0, {"no"}) == (code, {row["training"] for row in answer["let_through"]})
    asked = {"no_training": True, "reading": "gateway", "allows_unknown": False}
    assert ("2026-07-21T00:00:00Z", asked) == (answer["as_of"], answer["requirement"])


def test_zdr_in_a_request_lets_through_who_has_an_endpoint_without_retention(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine, listed, request = copy_of(data, tmp_path / "data"), tmp_path / "zdr.json", tmp_path / "request.json"
    endpoints: list[dict[str, object]] = [
        {"name": f"{provider} | m{number}", "provider_name": provider, "tag": tag, "model_id": f"m/{number}"}
        | {"model_name": f"M{number}", "quantization": None, "context_length": 8000, "pricing": {}}
        for number in range(10)
        for provider, tag in (("Anthropic", "anthropic"), ("Groq", "groq"))
    ]
    listed.write_text(json.dumps({"data": endpoints}))
    request.write_text('{"zdr": true, "only": ["anthropic", "groq", "openai"]}')
    told = ["--source", "openrouter-zdr", "--captured-at", "2026-07-22", "--data", str(mine)]
    assert 0 == main(["import", str(listed), *told])
    assert 0 == main(["build", "--data", str(mine)])
    capsys.readouterr()
    assert 0 == main(["route", "--request", str(request), "--zdr", "--format", "json", "--data", str(mine)])
    said = capsys.readouterr()
    anthropic, groq = json.loads(said.out)["let_through"]
    assert ("anthropic", "allowed", "groq", "allowed", "") == (
        anthropic["offering"],
        anthropic["decision"],
        groq["offering"],
        groq["decision"],
        groq["why"],
    )
    assert "let through by its endpoints without retention alone" == anthropic["why"]
    assert "no list of them" not in said.err
    assert 0 == main(["route", "--request", str(request), *THEN, "--data", str(mine)])
    assert "no list of them is on record" in capsys.readouterr().err


def test_an_unknown_one_that_a_request_lets_through_is_shown_as_such(call: Any, tmp_path: Path) -> None:  # noqa: ANN401
    path = tmp_path / "request.json"
    path.write_text('\ufeff{"only": ["ai21", "amazon-bedrock"]}', encoding="utf-8")
    _, out, err = call("route", "--request", str(path), "--zdr", "--allow-unknown", *THEN)
    assert {"unknown": ["ai21"], "allowed": ["amazon-bedrock"]} == decisions(out)
    assert "let in although unknown (1): ai21" in err


def test_a_request_that_is_not_utf8_is_told_in_one_line(call: Any, tmp_path: Path) -> None:  # noqa: ANN401
    path = tmp_path / "request.json"
    path.write_bytes(b'{"only": ["\xff"]}')
    code, out, err = call("route", "--request", str(path))
    assert (2, "", f"provider-terms: --request: {path} is not JSON: not UTF-8\n") == (code, out, err)


@pytest.mark.parametrize("closed", ["stdout", "stdout and stderr"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "{unmet}"],
        ["check", "{unmet}", "--format", "sarif"],
        ["route", "--zdr", "--datacenter", "EU"],
        ["route", "--zdr", "--datacenter", "EU", "--format", "json"],
        ["route", "--request", "{request}", "--zdr"],
    ],
    ids=" ".join,
)
def test_a_no_stays_a_no_though_the_reader_closes_the_pipe(
    data: Path, tmp_path: Path, arguments: list[str], closed: str
) -> None:
    unmet, request = tmp_path / "policy.toml", tmp_path / "request.json"
    unmet.write_text('[require]\nmax_retention_days = 0\n[[providers]]\nname = "openai"\n')
    request.write_text('{"only": ["openai"]}')
    named = [one.format(unmet=unmet, request=request) for one in arguments]
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "pipeline", *named, "--data", str(data)],
            stdout=theirs,
            stderr=theirs if "stderr" in closed else subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(theirs)
    assert (4, b"") == (ran.returncode, ran.stderr if ran.stderr and b"Traceback" in ran.stderr else b"")


WRONG = [
    (["--not-headquarters", "UK"], 2, "'UK' is not a country"),
    (["--headquarters", "US,,EU"], 2, "a part of it is empty"),
    (["--max-retention-days", "-1"], 2, "is not a number of days"),
    (["--max-age", "30w"], 2, "is not a number of days"),
    (["--zdr", "--max-retention-days", "3"], 2, "not allowed with"),
    (["--basis", "mine"], 2, "invalid choice"),
    (["--model", " "], 2, "a name has something in it"),
    (["--model", "x"], 2, "--model goes with --format litellm"),
    (["--request", "no-such-file"], 1, "no-such-file: No such file or directory"),
    (["--request", __file__], 2, "is not JSON"),
    (["--request", "-", "--format", "vercel"], 2, "not for vercel"),
]


@pytest.mark.parametrize(("arguments", "expected", "message"), WRONG, ids=str)
def test_a_wrong_call_is_told_in_one_line(
    data: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: int, message: str
) -> None:
    try:
        code: object = main(["route", *arguments, "--data", str(data)])
    except SystemExit as stopped:
        code = stopped.code
    said = capsys.readouterr()
    assert (expected, "") == (code, said.out)
    assert message in said.err
    assert 1 == len(said.err.splitlines())


def test_a_policy_that_cannot_be_read_is_told_in_one_line(call: Any, tmp_path: Path) -> None:  # noqa: ANN401
    path = tmp_path / "policy.toml"
    path.write_bytes(b"\xff")
    assert 2 == call("check", str(path))[0]
    path.write_text("[require]\nzero = true\n")
    code, out, err = call("check", str(path))
    assert (2, "", 1) == (code, out, len(err.splitlines()))
    assert "require.zero: no such key; providers: is missing" in err
    assert 1 == call("check", str(tmp_path / "none.toml"))[0]


def test_a_policy_may_begin_with_a_byte_order_mark(call: Any, tmp_path: Path) -> None:  # noqa: ANN401
    path = tmp_path / "policy.toml"
    path.write_text('[require]\nmax_retention_days = 0\n[[providers]]\nname = "groq"\n', encoding="utf-8-sig")
    code, _, err = call("check", str(path))
    assert (0, f"{path} is met, 2 checks, as of 2026-07-21\n") == (code, err.replace("3 checks", "2 checks"))
