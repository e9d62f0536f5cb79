import ipaddress
import itertools
import json
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from requests import PreparedRequest
from scripted_site import Site, page
from stub_network import NOW, Names, a_page, allow_connections, fetcher, guarded
from urllib3.util import parse_url

from pipeline.collect.addresses import Gate, RefusedAddressError, Target, UnresolvedError, resolve
from pipeline.collect.robots import Robots
from pipeline.model import Outcome

SUITES = Path("data") / "suites"
PUBLIC = ["93.184.215.14", "2606:4700:4700::1111"]
REFUSED = {Outcome.ADDRESS_REFUSED, Outcome.REDIRECT_REFUSED}


@pytest.fixture
def payloads(shared: Path) -> list[str]:
    text = (shared / SUITES / "payloads-all-the-things" / "ssrf-urls.extracted.txt").read_text()
    return text.splitlines()


def _port(site: Site) -> int:
    return int(site.url("").rpartition(":")[2])


def _at(site: Site, name: str, path: str) -> str:
    return f"http://{name}:{_port(site)}{path}"


def _refusal(gate: Gate, url: str, ports: tuple[int, ...] = ()) -> str | None:
    try:
        gate.check_url(url, ports)
    except RefusedAddressError as error:
        return str(error)
    return None


@pytest.mark.fault("S01")
@pytest.mark.parametrize("internal", ["10.0.0.1", "169.254.169.254", "::1"])
def test_s01_every_request_forgery_address_is_refused_before_a_connection(
    payloads: list[str], internal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_connections(monkeypatch)
    names = Names(otherwise=internal)
    with fetcher(Gate(resolver=names)) as asking:
        looks = [asking.look(a_page(payload)) for payload in payloads]
    let_through = [
        payload
        for payload, look in zip(payloads, looks, strict=True)
        if look.observation.outcome is not Outcome.ADDRESS_REFUSED or look.body is not None
    ]
    assert (161, []) == (len(payloads), let_through)
    assert "metadata.google.internal" in names.asked


@pytest.mark.fault("S01", "S07")
def test_s01_every_request_forgery_address_is_refused_as_a_redirect_target(
    payloads: list[str], site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected = allow_connections(monkeypatch, "127.0.0.1")
    names = Names({"entry.example": ["127.0.0.1"]}, otherwise="169.254.169.254")
    outcomes: dict[str, Outcome] = {}
    with fetcher(guarded(names)) as asking:
        for number, payload in enumerate(payloads):
            location = payload.encode().decode("latin-1")  # the bytes of UTF-8, which is what a header carries
            site.serve(f"/{number}", page(status="302 Found", Location=location))
            url = _at(site, "entry.example", f"/{number}")
            look = asking.look(a_page(url, ports=(_port(site),)))
            assert (payload, None, url) == (payload, look.body, look.observation.redirects[0])
            outcomes[payload] = look.observation.outcome
    # Of the same scheme and without slashes: a path at the host that redirects, by RFC 3986 and by WHATWG alike.
    assert Outcome.NOT_FOUND is outcomes.pop("http:127.0.0.1/")
    assert {} == {payload: outcome for payload, outcome in outcomes.items() if outcome not in REFUSED}
    assert [f"/{number}" for number in range(161)] == [
        request.path for request in site.requests if request.path.removeprefix("/").isdigit()
    ]
    assert {"127.0.0.1"} == set(connected)


@pytest.mark.fault("S02")
def test_s02_the_first_middle_and_last_address_of_every_special_range_are_refused(shared: Path) -> None:
    ranges = json.loads((shared / SUITES / "antissrf-ranges" / "recommendedV1.json").read_text())["recommendedV1"]
    tried = [str(address) for network in ranges for address in _three_of(ipaddress.ip_network(network))]
    assert (35, 105) == (len(ranges), len(tried))
    assert [] == [address for address in tried if _resolved_refusal([address]) is None]


def _three_of(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> Iterator[object]:
    yield from (network[0], network[network.num_addresses // 2], network[-1])


def _resolved_refusal(addresses: list[str]) -> str | None:
    try:
        Gate(resolver=Names({"a.example": addresses})).addresses("a.example", 443)
    except RefusedAddressError as error:
        return str(error)
    return None


@pytest.mark.fault("S03")
@pytest.mark.parametrize(
    ("addresses", "refusal"),
    [
        (["10.0.0.1"], "a.example resolves to 10.0.0.1, which is in 10.0.0.0/8"),
        ([*PUBLIC, "10.0.0.1"], "a.example resolves to 10.0.0.1, which is in 10.0.0.0/8"),
        (["192.168.1.1", *PUBLIC], "a.example resolves to 192.168.1.1, which is in 192.168.0.0/16"),
        ([PUBLIC[0], "::1"], "a.example resolves to ::1, which is in ::1/128"),
        (["168.63.129.16"], "a.example resolves to 168.63.129.16, which is in 168.63.129.16/32"),
        (["100.100.100.200"], "a.example resolves to 100.100.100.200, which is in 100.64.0.0/10"),
        (["127.1"], "a.example resolves to '127.1', which is no address"),
        ([""], "a.example resolves to '', which is no address"),
        (PUBLIC, None),
        (["1.1.1.1", "8.8.8.8"], None),
    ],
    ids=str,
)
def test_s03_a_name_with_one_private_answer_is_refused_whole(addresses: list[str], refusal: str | None) -> None:
    assert refusal == _resolved_refusal(addresses)


@pytest.mark.fault("S04")
def test_s04_the_connection_goes_to_the_address_that_was_checked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    connected = allow_connections(monkeypatch, "127.0.0.1")
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    url = _at(site, "rebinding.example", "/")
    site.serve("/", page(b"[1]"))
    allowing = Robots(origin=url.removesuffix("/"), fetched_at=NOW)
    gate = guarded(lambda _host, _port: next(answers))
    with fetcher(gate, robots={allowing.origin: allowing}) as asking:
        look = asking.look(a_page(url, ports=(_port(site),)))
    assert (Outcome.OK, b"[1]", ["127.0.0.1"]) == (look.observation.outcome, look.body, connected)
    assert [["127.0.0.2"]] == list(answers)  # the name was resolved once


@pytest.mark.fault("S04")
def test_s04_a_name_that_turns_private_between_two_connections_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected = allow_connections(monkeypatch, "127.0.0.1")
    answers = itertools.chain([["127.0.0.1"]], itertools.repeat(["127.0.0.2"]))
    site.serve("/", page(b"[1]"))
    with fetcher(guarded(lambda _host, _port: next(answers))) as asking:
        found = asking.look(a_page(_at(site, "rebinding.example", "/"), ports=(_port(site),))).observation
    assert (Outcome.ADDRESS_REFUSED, ["/robots.txt"]) == (found.outcome, [one.path for one in site.requests])
    assert ["127.0.0.1"] == connected


IPV6_FORMS = [
    *("::1", "::", "::7f00:1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "0:0:0:0:0:ffff:127.0.0.1"),
    *("::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1"),
    *("2001:0:7f00:1::", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "fe80::1%eth0", "2606:4700::1%1"),
]


@pytest.mark.fault("S05")
@pytest.mark.parametrize("address", IPV6_FORMS)
def test_s05_every_ipv6_way_to_an_internal_address_is_refused(address: str) -> None:
    assert f"a.example resolves to {address}, which is " in str(_resolved_refusal([address]))
    for url in (f"http://[{address}]/", f"https://[{address.replace('%', '%25')}]:443/x"):
        assert _refusal(Gate(), url) is not None


NAMELESS, MARKED = "address without a host name", "address with white space, a control character, a backslash"
TRICKS: list[tuple[str, str]] = [
    ("http://127.0.0.1:80\\@public.example/", MARKED),
    ("http://public.example\\.internal.example/", MARKED),
    ("http:\\\\public.example/", MARKED),
    ("http://public.example/\x00", MARKED),
    ("http://public.exam\tple/", MARKED),
    ("http://public.example/\nHost: internal.example", MARKED),
    ("http://public.example/\r", MARKED),
    (" http://public.example/", MARKED),
    ("http://public.example/ ", MARKED),
    ("http://public.example/\x7f", MARKED),
    ("http://public.example/\x85", MARKED),
    ("http://publi\u200bc.example/", MARKED),
    ("http://public\uff0eexample/", MARKED),
    ("http://\udcff.example/", MARKED),
    ("http://user@public.example/", "address with a user name"),
    ("http://user:password@public.example/", "address with a user name"),
    ("http://@public.example/", "address with a user name"),
    ("http://public.example@internal.example/", "address with a user name"),
    ("http://public.example:80@internal.example/", "address with a user name"),
    ("http://user:password#@public.example/", NAMELESS),
    ("http://user:password?@public.example/", NAMELESS),
    ("http://public.example:80:80/", NAMELESS),
    ("http://public.example:+80/", NAMELESS),
    ("http://public.example:8_0/", NAMELESS),
    ("http://public.example:000080/", NAMELESS),
    ("http://public.example:http/", NAMELESS),
    ("http://[v1.public.example]/", NAMELESS),
    ("http://public.example[v1.internal.example]/", NAMELESS),
    ("http://[::1]public.example/", NAMELESS),
    ("http://[::1", "not an address that can be read"),
    ("http://::1]/", "not an address that can be read"),
    ("http://127.0.0.1%2f.public.example/", "is not a full host name"),
    ("http://public.example%00.internal.example/", "is not a full host name"),
    ("http://public..example/", "is not a full host name"),
    ("http://.public.example/", "is not a full host name"),
    ("http://-public.example/", "is not a full host name"),
    ("http://" + "a" * 64 + ".example/", "is not a full host name"),
    ("http://" + "a." * 127 + "example/", "is not a full host name"),
    ("http://localhost/", "is not a full host name"),
    ("http://localhost./", "is not a full host name"),
    ("http://*/", "is not a full host name"),
    ("http:///public.example/", "is not a full host name"),
    ("http://", "is not a full host name"),
    ("http:public.example", "is not a full host name"),
    ("http://127.0.0.1./", "is a number"),
    ("http://public.example.0x7f/", "is a number"),
    ("http://0x7f.1/", "is a number"),
    ("http://2130706433/", "is a number"),
    ("//public.example/", "scheme 'none'"),
    ("", "scheme 'none'"),
    ("file:///etc/passwd", "scheme 'file'"),
    ("gopher://public.example/", "scheme 'gopher'"),
    ("httpx://public.example/", "scheme 'httpx'"),
    ("a" * 1990 + "://", "scheme '" + "a" * 80 + "'"),
    ("http://public.example/" + "a" * 2000, "address longer than 2000 characters"),
]


@pytest.mark.fault("S06")
@pytest.mark.parametrize(("url", "refusal"), TRICKS, ids=[ascii(trick[0])[:50] for trick in TRICKS])
def test_s06_an_address_that_two_readers_read_in_two_ways_is_refused(url: str, refusal: str) -> None:
    assert refusal in str(_refusal(Gate(), url))


@pytest.mark.parametrize(
    ("url", "host", "port", "origin"),
    [
        ("http://public.example", "public.example", 80, "http://public.example:80"),
        ("HTTPS://Public.Example:443/a?b#c", "public.example", 443, "https://public.example:443"),
        ("https://public.example:/", "public.example", 443, "https://public.example:443"),
        ("https://public.example./", "public.example.", 443, "https://public.example.:443"),
        ("https://_a.b-c.example/@user", "_a.b-c.example", 443, "https://_a.b-c.example:443"),
        ("https://xn--e1afmkfd.example/#@", "xn--e1afmkfd.example", 443, "https://xn--e1afmkfd.example:443"),
    ],
)
def test_a_plain_address_is_read_into_its_parts(url: str, host: str, port: int, origin: str) -> None:
    target = Gate().check_url(url)
    assert Target(url=url, scheme=url.partition(":")[0].lower(), host=host, port=port) == target
    assert origin == target.origin


HOSTS = st.sampled_from(
    [
        *("public.example", "a.b", "localhost", "127.0.0.1", "127.1", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "a..b"),
        *("[v1.a.b]", "a[v1.a.b]", "a_b.c-d", "public.example.", "%41.b", "a%2f.b", "a*b.c", "[fe80::1%25eth0]", "A.B"),
    ]
)
PORTS = st.sampled_from(["", ":", ":80", ":443", ":0", ":080", ":000080", ":65535", ":65536", ":99999", ":x", ":80:80"])
TAILS = st.sampled_from(["", "/", "/../x", "?", "?a@b", "#@b", "\\@b", "//c.d", ";a", "/%zz", '/"<>{}|^`', "/ ", "\t"])
USERS = st.sampled_from(["", "", "", "u@", "u:p@", "@", "\\@"])
BUILT = st.builds(
    "{}{}{}{}{}".format, st.sampled_from(["http://", "https://", "HTTP://", "http:"]), USERS, HOSTS, PORTS, TAILS
)
MIXED = st.lists(
    st.sampled_from([*"/:@?#[].%\\ -_\t", "http", "://", "a.b", "127.0.0.1", "::1", "80", "é"]) | st.characters(),
    max_size=9,
).map(lambda pieces: "http://" + "".join(pieces))


@pytest.mark.fault("S06")
@pytest.mark.parametrize("gate", [Gate(), Gate(allows_private=True)], ids=["public", "private"])
@settings(max_examples=300)
@given(url=st.text() | MIXED | BUILT)
@example(url="http://public.example:8080/a")
@example(url="http://[::1]:8080/")
def test_s06_check_and_connection_read_one_host_and_nothing_else_is_raised(gate: Gate, url: str) -> None:
    try:
        target = gate.check_url(url, ports=(8080,))
    except RefusedAddressError:
        return
    request = PreparedRequest()
    request.prepare_url(url, None)
    for read in (parse_url(url), parse_url(str(request.url))):
        port = read.port or {"http": 80, "https": 443}[str(read.scheme)]
        assert (target.scheme, target.host, target.port) == (read.scheme, read.host, port)


@pytest.mark.fault("S07")
def test_s07_each_hop_is_checked_and_the_way_there_is_kept(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    connected = allow_connections(monkeypatch, "127.0.0.1")
    public = ["127.0.0.1"]
    names = Names({"one.example": public, "two.example": public, "three.example": ["169.254.169.254"]})
    first, second = _at(site, "one.example", "/1"), _at(site, "two.example", "/2")
    last = _at(site, "three.example", "/latest/meta-data/")
    site.serve("/1", page(status="302 Found", Location=second))
    site.serve("/2", page(status="307 Temporary Redirect", Location=last))
    with fetcher(guarded(names)) as asking:
        look = asking.look(a_page(first, ports=(_port(site),)))
    found = look.observation
    assert (Outcome.ADDRESS_REFUSED, None, last) == (found.outcome, look.body, found.url)
    assert (first, second) == found.redirects
    assert "three.example resolves to 169.254.169.254, which is in 169.254.0.0/16" in str(found.detail)
    assert (["/1", "/2"], 4) == ([one.path for one in site.requests if one.path != "/robots.txt"], len(connected))


@pytest.mark.fault("S07")
@pytest.mark.parametrize(
    "internal", ["http://169.254.169.254/robots.txt", "http://inside.example/", "file:///etc/passwd"]
)
def test_s07_a_redirect_of_robots_txt_is_checked_too(
    site: Site, internal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_connections(monkeypatch, "127.0.0.1")
    site.serve("/robots.txt", page(status="302 Found", Location=internal))
    site.serve("/", page(b"[1]"))
    with fetcher(guarded(Names({"one.example": ["127.0.0.1"]}))) as asking:
        found = asking.look(a_page(_at(site, "one.example", "/"), ports=(_port(site),))).observation
    assert (Outcome.ADDRESS_REFUSED, ["/robots.txt"]) == (found.outcome, [one.path for one in site.requests])


@pytest.mark.fault("S09")
@pytest.mark.parametrize("port", [21, 22, 25, 6379, 8080, 8443, 65_535])
def test_s09_an_odd_port_is_asked_only_where_it_is_declared_or_private_networks_are_open(port: int) -> None:
    url = f"https://public.example:{port}/"
    refusal = f"port {port}: only 443 is asked unless the source declares another"
    assert (refusal, refusal) == (_refusal(Gate(), url), _refusal(Gate(), url, ports=(port + 1, 443)))
    assert [port, port] == [Gate().check_url(url, (port,)).port, Gate(allows_private=True).check_url(url).port]


@pytest.mark.fault("S09")
@pytest.mark.parametrize("url", ["http://public.example:443/", "https://public.example:80/"])
def test_s09_the_port_of_the_other_scheme_is_an_odd_one(url: str) -> None:
    assert "unless the source declares another" in str(_refusal(Gate(), url))


@pytest.mark.parametrize("gate", [Gate(), Gate(allows_private=True)], ids=["public", "private"])
@pytest.mark.parametrize("port", [0, 65_536, 99_999])
def test_a_port_that_there_is_not_is_never_asked(gate: Gate, port: int) -> None:
    assert f"port {port}: there is none of that number" == _refusal(gate, f"http://public.example:{port}/", (port,))


@pytest.mark.fault("S12")
@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("http://127.0.0.1:8080/", True),
        ("http://localhost:8080/", True),
        ("http://intranet/", True),
        ("http://[::1]:8080/", True),
        ("http://[::ffff:127.0.0.1]/", True),
        ("http://127.1/", False),
        ("http://2130706433/", False),
        ("http://[1::2::3]/", False),
        ("http://[127.0.0.1]/", False),
        ("http://[fe80::1%25eth0]/", False),
        ("http://user@intranet/", False),
        ("http://a%2fb/", False),
        ("http://a..b/", False),
        ("http:///", False),
        ("file:///etc/passwd", False),
    ],
)
def test_s12_open_private_networks_let_in_addresses_and_short_names_but_no_tricks(url: str, is_allowed: bool) -> None:  # noqa: FBT001
    assert (True, is_allowed) == (
        _refusal(Gate(), url) is not None,
        _refusal(Gate(allows_private=True), url) is None,
    )


@pytest.mark.fault("S12")
def test_s12_an_ipv6_address_keeps_its_brackets_so_that_its_robots_txt_can_be_asked_for() -> None:
    gate = Gate(allows_private=True)
    assert "http://[::1]:8080" == gate.check_url("http://[::1]:8080/a").origin
    assert 8080 == gate.check_url("http://[::1]:8080/robots.txt").port


def test_a_mapped_loopback_address_is_asked_where_private_networks_are_open(site: Site) -> None:
    site.serve("/", page(b"[1]"))
    with fetcher() as asking:
        look = asking.look(a_page(f"http://[::ffff:127.0.0.1]:{_port(site)}/"))
    assert (Outcome.OK, b"[1]") == (look.observation.outcome, look.body)
    assert ["/robots.txt", "/"] == [one.path for one in site.requests]


def _raising(error: OSError | UnicodeError) -> Gate:
    def resolver(_host: str, _port: int) -> list[str]:
        raise error

    return Gate(resolver=resolver)


@pytest.mark.parametrize(
    ("gate", "is_transient"),
    [
        (_raising(socket.gaierror(socket.EAI_NONAME, "Name or service not known")), False),
        (_raising(socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")), True),
        (_raising(UnicodeError("label too long")), True),
        (_raising(OSError("no resolver")), True),
        (Gate(resolver=lambda _host, _port: []), False),
    ],
    ids=["unknown", "for now", "no name", "no resolver", "no answer"],
)
def test_a_name_without_an_address_says_whether_to_come_again(gate: Gate, is_transient: bool) -> None:  # noqa: FBT001
    with pytest.raises(UnresolvedError, match=r"^a\.example: ") as raised:
        gate.addresses("a.example", 443)
    assert is_transient == raised.value.is_transient


def test_the_systems_resolver_gives_each_address_once() -> None:
    assert ["127.0.0.1"] == resolve("127.0.0.1", 80)


@pytest.mark.parametrize("host", ["a" * 64, "a..b"])
def test_a_name_that_cannot_be_asked_for_raises_in_the_thread_that_asked(host: str) -> None:
    with pytest.raises(UnicodeError):
        resolve(host, 80)


def test_no_address_of_two_neighbouring_public_networks_is_refused() -> None:
    neighbours: Iterable[str] = ("9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.32.0.0", "2003::")
    assert [None] * 6 == [_resolved_refusal([address]) for address in neighbours]
