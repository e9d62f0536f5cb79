"""The commands that tell others what changed, over the shipped captures; webhooks are of a site on the loopback."""

import json
import time
from pathlib import Path

import pytest
from called import Run, Said, caller
from feed_rules import entries, find_faults, text
from published_catalog import copy_of
from scripted_site import Request, Site, page
from shipped_catalog import shipped_data
from terms_lab import TermsLab, kept
from traced import run_cold

from pipeline.cli import main
from pipeline.errors import DeliveryError
from pipeline.use.notify import told_path


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_data(tmp_path_factory)


@pytest.fixture
def run(data: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return caller(data, capsys)


def test_a_feed_is_printed_and_said_how_much_of_all_it_holds(run: Run) -> None:
    said = run("feed", "--limit", "5")
    assert (0, []) == (said.code, find_faults(said.out.encode()))
    assert 5 == len(entries(said.out.encode()))
    assert "provider-terms: The newest 5 of 111 changes, newest first.\n" == said.err
    items = json.loads(run("feed", "azure", "--format", "json").out)["items"]
    assert ["Azure: retention changed 30 days → none (weak)"] == [one["title"] for one in items][:1]


def test_a_feed_in_a_file_names_the_address_of_that_file(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "news of all.atom"
    assert 0 == run("feed", "--out", str(out), "--site-url", "https://x.test/feeds/").code
    assert (
        b'rel="self" type="application/atom+xml" href="https://x.test/feeds/news%20of%20all.atom"' in out.read_bytes()
    )


def test_a_file_that_is_there_is_replaced_by_a_feed_only_where_that_is_asked(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "thesis.txt"
    out.write_text("years of work")
    said = run("feed", "--out", str(out))
    told = f"provider-terms: {out} is there already: name another file, or replace it with --force\n"
    assert (2, "", told) == said
    assert "years of work" == out.read_text()
    assert 0 == run("feed", "--out", str(out), "--force").code
    assert [] == find_faults(out.read_bytes())


@pytest.mark.parametrize("command", [("feed", "--out"), ("export", "--format", "dpv"), ("evidence", "openai", "--out")])
def test_a_file_that_cannot_be_written_is_named_as_it_was_typed(
    run: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    assert (2, "", f"provider-terms: {tmp_path} is a folder: name a file\n") == run(*command, str(tmp_path))
    long = tmp_path / ("x" * 300)
    assert (1, "", f"provider-terms: {long}: File name too long\n") == run(*command, str(long))
    (tmp_path / "file").write_text("")
    file, below = tmp_path / "file", tmp_path / "file" / "out"
    told = f"provider-terms: {file} is a file, and {below} would lie in it: name another place\n"
    assert (2, "", told) == run(*command, str(below))
    assert ["file"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize("command", [("feed", "--out-dir"), ("export", "--format", "csv"), ("report", "--out")])
def test_a_folder_where_a_file_is_or_below_one_is_refused_and_says_why(
    run: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    told = f"provider-terms: {file} is a file, and what is written is a folder: name another place\n"
    assert (2, "", told) == run(*command, str(file))
    below = file / "out" / "deeper"
    told = f"provider-terms: {file} is a file, and {below} would lie in it: name another place\n"
    assert (2, "", told) == run(*command, str(below))
    assert "mine" == file.read_text()


def test_all_feeds_are_one_of_all_and_one_per_provider_each_under_its_own_address(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "feeds"
    for _ in range(2):  # what was written before is replaced
        said = run("feed", "--out-dir", str(out), "--site-url", "https://x.test/feeds")
        assert (0, "") == (said.code, said.out)
    found = sorted(path for path in out.rglob("*.atom"))
    assert len(found) > 90
    for path in found:
        assert f'href="https://x.test/feeds/{path.relative_to(out)}"' in path.read_text()
        assert [] == find_faults(path.read_bytes())
    assert "changes.atom" in {path.name for path in out.iterdir()}
    azure = entries((out / "providers" / "azure.atom").read_bytes())
    assert {text(one, "id") for one in azure} <= {
        text(one, "id") for one in entries(run("feed", "--limit", "999").out.encode())
    }


def test_a_folder_that_holds_something_else_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert 2 == run("feed", "--out-dir", str(tmp_path)).code
    assert ["mine.txt"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("feed", "nobody"), 4),
        (("feed", "groq", "--out-dir", "feeds"), 2),
        (("feed", "--out", "a", "--out-dir", "b"), 2),
        (("feed", "--limit", "0"), 2),
        (("feed", "--force"), 2),
        (("feed", "--out-dir", "feeds", "--force"), 2),
        (("feed", "--site-url", "javascript:alert(1)"), 2),
        (("feed", "--site-url", "https://me:secret@x.test/"), 2),
        (("feed", "--site-url", 'https://x.test/"><script>'), 2),
        (("feed", "--site-url", "https://x.test/?a=b"), 2),
        (("feed", "--format", "rss"), 2),
    ],
)
def test_what_cannot_be_fed_is_told_in_one_line(run: Run, arguments: tuple[str, ...], code: int) -> None:
    said = run(*arguments)
    assert (code, "", 1) == (said.code, said.out, said.err.count("\n"))


def test_changes_in_markdown_are_a_note_on_a_release(run: Run) -> None:
    said = run("changes", "--format", "markdown", "--since", "2026-07-13", "--as-of", "2026-07-15")
    head, _, *rows = said.out.splitlines()
    assert (0, "### 6 changes of data policies since 2026-07-13, as of 2026-07-15") == (said.code, head)
    assert [True] * (2 + 6) + [False] * 2 == [row.startswith("|") for row in rows]
    assert "Weak: the source prints the same words where it has no data." == rows[-1]
    assert "may: “✕ May train” | no (weak): “✓ Does not train” | [openrouter-docs](<https://openrouter" in said.out
    assert "### no changes of data policies since 2026-08-01, as of 2026-07-21\n" == (
        run("changes", "--format", "markdown", "--since", "2026-08-01").out
    )


def test_only_changes_are_in_markdown(run: Run) -> None:
    assert 2 == run("list", "--format", "markdown").code


SECRET = "/T000/secret"  # noqa: S105 - of nobody
LATELY = ("--since", "2026-07-13")  # eleven changes


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that may be written to; each test has a webhook of its own, and so a note of its own."""
    return copy_of(shipped_data(tmp_path_factory), tmp_path_factory.mktemp("own") / "data")


@pytest.fixture
def notify(own: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> Said:
        code = main(["notify", *arguments, "--allow-private-network", "--data", str(own)])
        return Said(code, *capsys.readouterr())

    return call


def posted(site: Site) -> list[list[str]]:
    """Return the ids of the changes of each message that came."""
    return [[one["change_id"] for one in json.loads(request.body)["changes"]] for request in site.requests]


def test_a_webhook_is_told_of_each_change_once(notify: Run, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDER_TERMS_WEBHOOK", site.serve(SECRET, page(b"ok")))
    first = notify()
    assert (0, "") == (first.code, first.out)
    assert (
        "http://127.0.0.1/… is told of changes from now on; --since DATE tells what there was before, which"
        in first.err
    )
    assert [] == site.requests
    assert "11 new changes in 1 message told to http://127.0.0.1/…\n" in notify(*LATELY).err
    assert "no new changes told to" in notify().err
    assert "provider-terms: no new changes told to http://127.0.0.1/…\n" == notify("--since", "2030-01-01").err
    (ids,) = posted(site)
    assert 11 == len(ids) == len(set(ids))
    notify(*LATELY, "--format", "slack")
    assert json.loads(site.requests[1].body)["text"].startswith("*11 changes of LLM providers' data policies*")


def test_a_dry_run_prints_what_would_be_sent_and_notes_nothing(notify: Run, site: Site, own: Path) -> None:
    url = site.serve(SECRET, page(b"ok"))
    before = sorted((own / "notify").glob("*"))
    said = notify(url, *LATELY, "--dry-run")
    (message,) = json.loads(said.out)
    assert (0, 11) == (said.code, len(message["changes"]))
    assert "11 new changes in 1 message would be told to http://127.0.0.1/…" in said.err
    assert "would be told of changes from now on" in notify(url, "--dry-run").err
    assert ([], before) == (site.requests, sorted((own / "notify").glob("*")))


@pytest.mark.parametrize("debug", [(), ("--debug",)], ids=["plain", "debug"])
def test_a_dead_webhook_is_a_failure_in_one_line_and_is_told_by_the_next_call(
    notify: Run, site: Site, debug: tuple[str, ...]
) -> None:
    url = site.serve(SECRET, page(status="410 Gone"))
    if debug:
        with pytest.raises(DeliveryError):
            notify(url, *LATELY, *debug)
    else:
        said = notify(url, *LATELY)
        assert (1, "", 1) == (said.code, said.out, said.err.count("\n"))
        assert "http://127.0.0.1/… took no message: HTTP 410; the next `provider-terms notify` tells" in said.err
        assert SECRET not in said.err
    site.serve(SECRET, page(b"ok"))
    assert 0 == notify(url).code
    first, second = posted(site)
    assert first == second  # that which failed, and that which did not


def test_since_after_a_dead_endpoint_tells_what_waits_from_before_it_too(notify: Run, site: Site) -> None:
    url = site.serve(SECRET, page(status="410 Gone"))
    assert 1 == notify(url, *LATELY).code
    site.serve(SECRET, page(b"ok"))
    assert "11 new changes in 1 message told" in notify(url, "--since", "2026-07-20").err
    assert "no new changes told" in notify(url).err
    first, second = posted(site)
    assert first == second


def test_since_begins_anew_where_what_was_told_is_damaged(notify: Run, site: Site, own: Path) -> None:
    url = site.serve(SECRET, page(b"ok"))
    told_path(own, url).parent.mkdir(exist_ok=True)
    told_path(own, url).write_text("{")
    assert (1, []) == (notify(url).code, site.requests)
    assert "11 new changes in 1 message told" in notify(url, *LATELY).err
    assert "no new changes told" in notify(url).err


def test_a_flood_ends_and_the_rest_waits(notify: Run, site: Site) -> None:
    url = site.serve(SECRET, page(b"ok"))
    assert "111 new changes in 6 messages told" in notify(url, "--since", "2020-01-01").err
    assert [20, 20, 20, 20, 20, 11] == [len(ids) for ids in posted(site)]
    assert 111 == len({one for ids in posted(site) for one in ids})


def test_a_call_that_is_killed_between_the_post_and_its_note_tells_it_again(own: Path, site: Site) -> None:
    url = site.serve(SECRET, page(b"ok"))
    arguments = ("notify", url, "--allow-private-network")
    killed = run_cold(
        own, *arguments, *LATELY, tracing=("-e", "trace=rename", "-e", "inject=rename:signal=KILL:when=2")
    )
    assert (-9, 1) == (killed.returncode, len(site.requests)), killed.stderr
    for expected in (2, 2):
        assert 0 == run_cold(own, *arguments).returncode
        assert expected == len(site.requests)
    first, second = posted(site)
    assert 11 == len(first) == len(second)
    assert first == second


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        ((), 2, "no webhook to tell: name its address, or set $PROVIDER_TERMS_WEBHOOK"),
        (
            ("https://127.0.0.1/T000/secret",),
            2,
            "https://127.0.0.1/… is not told anything: only a full host name and the usual port are asked; for an",
        ),
        (("T000/secret",), 2, "the webhook is not told anything: scheme 'none': only http and https"),
        (("https://x.test/T000/secret", "--format", "xml"), 2, "invalid choice"),
        (("https://x.test/T000/secret", "--since", "soon"), 2, "is not a date"),
    ],
)
def test_what_cannot_be_told_is_said_in_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, why: str
) -> None:
    monkeypatch.delenv("PROVIDER_TERMS_WEBHOOK", raising=False)
    said = run("notify", *arguments)
    assert (code, "", 1) == (said.code, said.out, said.err.count("\n"))
    assert why in said.err
    assert "T000/secret" not in said.err


def test_a_refresh_tells_the_webhook_of_the_environment_and_does_not_fail_with_it(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lab = TermsLab(tmp_path / "data", site)
    monkeypatch.setenv("PROVIDER_TERMS_WEBHOOK", site.serve(SECRET, page(b"ok")))

    def hooks() -> list[Request]:
        return [one for one in site.requests if one.path == SECRET]

    def refresh(days: int, *arguments: str) -> str:
        lab.list_providers(acme=kept(days))
        assert 0 == lab.main("refresh", "--strict", *arguments)
        return capsys.readouterr().err

    assert "is told of changes from now on" in refresh(30)
    assert [] == hooks()
    time.sleep(1.1)  # times are kept to the second, and what changed within the first one is not new
    assert "1 new change in 1 message told to http://127.0.0.1/…" in refresh(60)
    time.sleep(1.1)
    (change,) = json.loads(hooks()[0].body)["changes"]
    assert ("acme", "30 days", "60 days") == (change["offering_id"], change["old_value"], change["new_value"])
    site.serve(SECRET, page(status="404 Not Found"))
    told = refresh(90)
    assert "the catalog is published, but http://127.0.0.1/… took no message: HTTP 404" in told
    assert "secret" not in told


def test_the_environment_names_the_format_too(notify: Run, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    url = site.serve(SECRET, page(b"ok"))
    monkeypatch.setenv("PROVIDER_TERMS_WEBHOOK_FORMAT", "slack")
    notify(url, *LATELY)
    assert {"text", "unfurl_links", "unfurl_media"} == set(json.loads(site.requests[0].body))
    monkeypatch.setenv("PROVIDER_TERMS_WEBHOOK_FORMAT", "xml")
    assert "$PROVIDER_TERMS_WEBHOOK_FORMAT is 'xml': it may be json or slack" in notify(url).err
