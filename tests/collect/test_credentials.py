import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import zstandard
from patience import PATIENCE
from scripted_site import Site, page
from stub_network import Names, a_page, fetcher, guarded
from tiny_refresh import declare, feed, make_folder

from pipeline.cli import main
from pipeline.declarations import read_declarations
from pipeline.model import Outcome

SECRET = "hunter2-s3cr3t"  # noqa: S105 - what must show up nowhere
OURS = {"host", "user-agent", "accept", "accept-language", "accept-encoding", "connection"}
OPEN = "provider-terms: private networks may be asked (--allow-private-network)"
TRUSTING = (
    "provider-terms: proxies of the environment resolve names, addresses are checked by their form only (--trust-env)"
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "data")


def _refresh(data: Path, *more: str) -> int:
    return main(["refresh", "--data", str(data), "--no-recorded", "--pause", "0", "--timeout", str(PATIENCE), *more])


def _kept(data: Path) -> str:
    """All that a data folder keeps, but its declarations: files, captures unpacked, every published table."""
    files = [path for name in ("archive", "catalog") for path in (data / name).rglob("*") if path.is_file()]
    bodies = [
        zstandard.ZstdDecompressor().decompress(path.read_bytes()) if path.suffix == ".zst" else path.read_bytes()
        for path in files
    ]
    with duckdb.connect() as connection:
        for path in files:
            if path.suffix == ".parquet":
                rows = connection.execute("FROM read_parquet($1)", [str(path)]).fetchall()
                about = connection.execute("FROM parquet_kv_metadata($1)", [str(path)]).fetchall()
                bodies.append(repr((rows, about)).encode())
    return b"\n".join(bodies).decode(errors="replace")


@pytest.mark.fault("S08")
@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
def test_s08_another_host_gets_the_fixed_headers_and_nothing_that_the_first_one_set(site: Site, status: str) -> None:
    port = int(site.url("").rpartition(":")[2])
    there = f"http://there.example:{port}/there"
    site.serve("/here", page(status=status, Location=there, Set_Cookie=f"a={SECRET}; Path=/; Domain=example"))
    site.serve("/there", page(b"[1]", Set_Cookie=f"b={SECRET}"))
    names = Names({name: ["127.0.0.1"] for name in ("here.example", "there.example")})
    with fetcher(guarded(names)) as asking:
        looks = [asking.look(a_page(f"http://here.example:{port}/here", ports=(port,))) for _ in range(2)]
    assert [(Outcome.OK, there)] * 2 == [(look.observation.outcome, look.observation.url) for look in looks]
    assert {"/here", "/there", "/robots.txt"} == {request.path for request in site.requests}
    for request in site.requests:
        assert set() == set(request.headers) - OURS, request
        assert SECRET not in str(request.headers)


@pytest.mark.fault("S08")
def test_s08_the_validators_of_one_host_are_not_sent_to_another(site: Site) -> None:
    port = int(site.url("").rpartition(":")[2])
    site.serve("/here", page(status="302 Found", Location=f"http://there.example:{port}/there"))
    site.serve("/there", page(b"[1]", ETag=f'"{SECRET}"'))
    names = Names({name: ["127.0.0.1"] for name in ("here.example", "there.example")})
    asked = a_page(f"http://here.example:{port}/here", ports=(port,))
    with fetcher(guarded(names)) as asking:
        asking.look(asked, asking.look(asked).observation)
    assert [None, None] == [headers.get("if-none-match") for headers in site.seen("/here")]
    assert [None, f'"{SECRET}"'] == [headers.get("if-none-match") for headers in site.seen("/there")]


@pytest.mark.fault("S08", "S10")
@pytest.mark.parametrize("more", [(), ("--trust-env",)], ids=["alone", "--trust-env"])
def test_s10_passwords_of_the_environment_are_neither_sent_nor_kept(
    site: Site, data: Path, more: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    netrc = data.parent / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login a password {SECRET}\ndefault login a password {SECRET}\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("OPENROUTER_API_KEY", "API_TOKEN", "HTTP_AUTHORIZATION"):
        monkeypatch.setenv(name, SECRET)
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    declare(data, site.serve("/feed", page(feed())))
    assert 0 == _refresh(data, "--allow-private-network", *more)
    assert ["/robots.txt", "/feed"] == [request.path for request in site.requests]
    assert set() == {name for request in site.requests for name in request.headers} - OURS
    out = capfd.readouterr()
    assert SECRET not in _kept(data) + out.out + out.err


@pytest.mark.fault("N32")
@pytest.mark.parametrize("more", [(), ("--trust-env",)], ids=["alone", "--trust-env"])
def test_n32_a_run_that_trusts_the_environment_says_what_is_not_checked_then(
    site: Site, data: Path, more: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("http_proxy", f"http://user:{SECRET}@127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    declare(data, site.serve("/feed", page(feed())))
    assert 0 == _refresh(data, "--allow-private-network", *more)
    told = capfd.readouterr().err
    assert bool(more) is (TRUSTING in told.splitlines())
    assert SECRET not in told


@pytest.mark.fault("S10")
def test_s10_a_declared_address_is_published_with_its_query_because_it_may_hold_no_secret(
    site: Site, data: Path
) -> None:
    url = site.serve("/feed?lang=en&monkey=1", page(feed()))
    declare(data, url)
    assert 0 == _refresh(data, "--allow-private-network")
    with duckdb.connect() as connection:
        path = data / "catalog" / "current" / "parquet" / "sources.parquet"
        assert [(url,)] == connection.execute("SELECT url FROM read_parquet($1)", [str(path)]).fetchall()


SECRET_ADDRESSES = [
    f"https://user:{SECRET}@a.example/",
    f"https://{SECRET}@a.example/",
    f"https://user:{SECRET}#@a.example/",
    f"https://user:{SECRET}/@a.example/",
    f"https://a.example/terms?api_key={SECRET}",
    f"https://a.example/terms?lang=en&access_token={SECRET}",
    f"https://a.example/terms?X-Amz-Signature={SECRET}",
    f"https://a.example/terms?KEY={SECRET}",
    f"https://a.example/terms?%6bey={SECRET}",
    f"https://a.example/terms#client.secret={SECRET}",
]


@pytest.mark.fault("S10")
@pytest.mark.parametrize("url", SECRET_ADDRESSES)
@pytest.mark.parametrize("command", ["validate", "refresh"])
def test_s10_a_declaration_with_a_secret_in_its_address_is_refused_without_showing_it(
    data: Path, url: str, command: str, capfd: pytest.CaptureFixture[str]
) -> None:
    declare(data, url)
    options = ("--no-recorded",) if command == "refresh" else ()
    assert 1 == main([command, "--data", str(data), *options])
    told = capfd.readouterr()
    assert SECRET not in _kept(data) + told.out + told.err
    problems = read_declarations(data).problems
    assert (1, "sources/feed.toml: url: ") == (len(problems), problems[0][:24])
    assert SECRET not in problems[0]


@pytest.mark.parametrize(
    "query", ["?lang=en", "?monkey=1", "?keyboard=us", "?tokens=5", "?a=token", "?key", "#key", "?author=x", "/token=x"]
)
def test_a_query_that_names_no_secret_can_be_declared(data: Path, query: str) -> None:
    declare(data, f"https://a.example/terms{query}")
    assert () == read_declarations(data).problems


@pytest.mark.fault("S06", "S10")
@pytest.mark.parametrize("location", [f"http://user:{SECRET}@127.0.0.1/", f"//user:{SECRET}@127.0.0.1/x"])
def test_s10_a_redirect_with_a_password_is_refused(site: Site, location: str) -> None:
    url = site.serve("/moved", page(status="302 Found", Location=location))
    with fetcher() as asking:
        found = asking.look(a_page(url)).observation
    assert (Outcome.ADDRESS_REFUSED, "address with a user name") == (found.outcome, found.detail)
    assert ["/robots.txt", "/moved"] == [request.path for request in site.requests]


@pytest.mark.fault("S10")
@pytest.mark.parametrize("location", [f"http://user:{SECRET}@127.0.0.1/", f"//user:{SECRET}@127.0.0.1/x"])
def test_s10_the_password_in_a_redirect_is_kept_nowhere(site: Site, location: str) -> None:
    url = site.serve("/moved", page(status="302 Found", Location=location))
    with fetcher() as asking:
        found = asking.look(a_page(url)).observation
    assert SECRET not in repr(found)


@pytest.mark.fault("S11")
@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "FILE:///etc/passwd", "file://localhost/etc/passwd", "ftp://a.example/", "data:,x"),
        *("gopher://a.example/", "javascript:alert(1)", "/etc/passwd", "//a.example/", "HTTPS://a.example/", ""),
    ],
)
def test_s11_a_declaration_of_anything_but_a_web_address_is_refused_at_load(data: Path, url: str) -> None:
    declare(data, url)
    declarations = read_declarations(data)
    reason = "expected an http or https address without white space or backslash"
    assert ((), (f"sources/feed.toml: url: {reason}",)) == (declarations.sources, declarations.problems)


@pytest.mark.fault("S11")
def test_s11_a_refused_declaration_is_not_asked_and_touches_no_other(
    site: Site, data: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    declare(data, "file:///etc/passwd", "passwd")
    declare(data, site.serve("/feed", page(feed())))
    assert 0 == _refresh(data, "--allow-private-network")
    assert "declaration left out: sources/passwd.toml: url: " in capfd.readouterr().err
    assert "root:" not in _kept(data)


@pytest.mark.parametrize(
    "host", ["https://a.example", "A.example", "a.example/", "a.example:443", "", "*.example", "-"]
)
def test_a_host_that_no_redirect_can_lead_to_cannot_be_declared(data: Path, host: str) -> None:
    path = data / "sources" / "feed.toml"
    declare(data, "https://a.example/")
    path.write_text(f"redirect_hosts = {json.dumps(['b.example', host])}\n{path.read_text()}")
    problems = read_declarations(data).problems
    assert ["sources/feed.toml: redirect_hosts[1]: String should match pattern"] == [one[:65] for one in problems]


@pytest.mark.fault("S12")
def test_s12_loopback_is_asked_only_with_the_flag_which_is_told(
    site: Site, data: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    declare(data, site.serve("/feed", page(feed())))
    assert (1, []) == (_refresh(data), site.requests)
    told = capfd.readouterr().err
    assert (False, True) == (OPEN in told, "nothing to publish: feed address_refused: " in told)
    assert 0 == _refresh(data, "--allow-private-network")
    assert OPEN in capfd.readouterr().err.splitlines()
    assert ["/robots.txt", "/feed"] == [request.path for request in site.requests]


@pytest.mark.fault("S12")
@pytest.mark.parametrize("address", ["http://127.0.0.1{}/feed", "http://localhost{}/feed", "http://[::1]{}/feed"])
@pytest.mark.parametrize("port", [lambda site: f":{site.url('').rpartition(':')[2]}", lambda _: ""], ids=["odd", "80"])
def test_s12_no_way_to_write_loopback_is_asked_without_the_flag(
    site: Site, data: Path, address: str, port: Callable[[Site], str]
) -> None:
    declare(data, address.format(port(site)))
    assert (1, []) == (_refresh(data), site.requests)
    looks = [json.loads(line) for line in (data / "archive" / "observations.jsonl").read_text().splitlines()]
    assert ["address_refused"] == [look["outcome"] for look in looks]
