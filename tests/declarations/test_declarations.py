import shutil
from datetime import date
from pathlib import Path

import pytest

from pipeline.declarations import Declarations, read_declarations, recorded_dir, shipped_dir
from pipeline.errors import DeclarationError
from pipeline.model import Format, TermsType, Topic

HERE = Path(__file__).parent
FEED = (HERE / "valid" / "sources" / "a-table.toml").read_bytes()

# What each file of invalid/ is told: the dotted path, and what the line has to say.
INVALID_SOURCES: list[tuple[str, str, str]] = [
    ("broken", "not valid TOML", "Invalid value (at line 8, column 8)"),
    ("content-type-in-capitals", "content_types[1]", "should match pattern"),
    ("content-type-with-newline", "content_types[0]", "should match pattern"),
    ("content-types-none", "content_types", "at least 1 item"),
    ("empty", "id", "Field required"),
    ("enabled-as-text", "is_enabled", "valid boolean"),
    ("envelope-missing", "envelope", "Field required"),
    ("envelope-of-no-rows", "envelope.min_rows", "greater than or equal to 1"),
    ("envelope-upside-down", "envelope", "max_rows 9 is smaller than min_rows 10"),
    ("exclude-nothing", "exclude[0].names", "at least 1 item"),
    ("exclude-without-reason", "exclude[0].reason", "Field required"),
    ("fill-not-a-number", "envelope.min_fill.training", "less than or equal to 1"),
    ("fill-of-no-topic", "envelope.min_fill.weather.[key]", "should be 'retention', 'training'"),
    ("fill-over-one", "envelope.min_fill.training", "less than or equal to 1"),
    ("former-url-relative", "former_urls[1]", "http or https"),
    ("gateway-with-path", "gateway_id", "should match pattern"),
    ("id-in-capitals", "id", "should match pattern"),
    ("id-of-another", "id", "expected the file's name 'id-of-another', found 'sound'"),
    ("id-with-newline", "id", "should match pattern"),
    ("key-twice", "not valid TOML", "Cannot overwrite a value (at line 9, column 9)"),
    ("max-bytes-zero", "max_bytes", "greater than or equal to 1"),
    ("not-utf-8", "not valid TOML", "'utf-8' codec can't decode byte 0xe9 in position 62"),
    ("provider-files", "id", "kept for what provider files say"),
    ("rank-as-boolean", "rank", "valid integer"),
    ("rank-as-text", "rank", "valid integer"),
    ("rank-zero", "rank", "greater than or equal to 1"),
    ("stale-after-half-a-day", "stale_after_days", "valid integer"),
    ("table-twice", "not valid TOML", "Cannot declare ('envelope',) twice"),
    ("title-empty", "title", "at least 1 character"),
    (
        "unknown-format",
        "format",
        "should be 'provider_feed', 'provider_list', 'zdr_endpoints', 'policy_table' or 'document'",
    ),
    ("unknown-key", "ranking", "not permitted"),
    ("unknown-key-below", "envelope.medium_rows", "not permitted"),
    ("unknown-terms-type", "terms_type", "should be 'privacy_policy'"),
    ("url-missing", "url", "Field required"),
    ("url-of-a-file", "url", "expected an http or https address"),
    ("url-of-ftp", "url", "expected an http or https address"),
    ("url-with-backslash", "url", "without white space or backslash"),
    ("url-with-newline", "url", "without white space or backslash"),
    ("url-with-password", "url", "without a user name or password"),
    ("url-with-port-zero", "url", "with a host"),
    ("url-with-word-as-port", "url", "a port only as a number"),
    ("url-without-host", "url", "with a host"),
    ("utf-16", "not valid TOML", "'utf-8' codec can't decode byte 0xff in position 0"),
    ("word-without-quotes", "not valid TOML", "Invalid value (at line 8, column 8)"),
]
INVALID_PROVIDERS: list[tuple[str, str, str]] = [
    ("bad-gateway", "slugs.A Gateway.[key]", "should match pattern"),
    ("bad-slug", "slugs.a-gateway[1]", "should match pattern"),
    ("country-in-words", "headquarters.country", "should match pattern '^[A-Z]{2}$'"),
    ("country-unquoted", "not valid TOML", "Invalid value (at line 11, column 11)"),
    ("date-as-text", "headquarters.seen_on", "valid date"),
    ("date-that-is-none", "not valid TOML", "Invalid date or datetime"),
    ("date-with-time", "headquarters.seen_on", "valid date"),
    ("name-blank", "names.table[0]", "should match pattern"),
    ("name-empty", "name", "at least 1 character"),
    ("name-missing", "name", "Field required"),
    ("page-of-script", "pages[0].url", "http or https"),
    ("page-with-unknown-key", "pages[0].colour", "not permitted"),
    ("page-without-date", "pages[1].seen_on", "Field required"),
    ("shares-a-name", "names.table", "'shared name' is also in providers/shares-that-name.toml"),
    ("shares-a-slug", "slugs.a-gateway", "'shared-slug' is also in providers/shares-that-slug.toml"),
    ("shares-an-api-name", "names.api", "'acme' is also in providers/shares-that-api-name.toml"),
    ("shares-that-api-name", "names.api", "'acme' is also in providers/shares-an-api-name.toml"),
    ("shares-that-name", "names.table", "'shared name' is also in providers/shares-a-name.toml"),
    ("shares-that-slug", "slugs.a-gateway", "'shared-slug' is also in providers/shares-a-slug.toml"),
    ("slug-as-text", "slugs.a-gateway", "valid tuple"),
    ("slug-with-path", "slugs.a-gateway[0]", "should match pattern"),
    ("status-without-date", "(file)", "status_url and status_seen_on go together"),
]
INVALID = [
    *((f"sources/{name}.toml", path, reason) for name, path, reason in INVALID_SOURCES),
    *((f"providers/{name}.toml", path, reason) for name, path, reason in INVALID_PROVIDERS),
]


@pytest.fixture(scope="module")
def invalid() -> Declarations:
    return read_declarations(HERE / "invalid")


def test_every_invalid_file_has_a_case_here() -> None:
    files = {path.relative_to(HERE / "invalid").as_posix() for path in (HERE / "invalid").rglob("*.toml")}
    assert files == {file for file, *_ in INVALID} | {"sources/sound.toml", "providers/sound.toml"}


@pytest.mark.fault("P07", "S11")
@pytest.mark.parametrize(("file", "path", "reason"), INVALID, ids=[file for file, *_ in INVALID])
def test_p07_s11_an_invalid_file_is_a_problem_with_its_file_and_dotted_path(
    invalid: Declarations, file: str, path: str, reason: str
) -> None:
    lines = [line for line in invalid.problems if line.startswith(f"{file}: ")]
    assert lines
    assert lines[0].startswith(f"{file}: {path}: ")
    assert reason in lines[0]


def test_every_problem_is_one_line(invalid: Declarations) -> None:
    assert [line for line in invalid.problems if line.splitlines() != [line]] == []


def test_what_is_sound_beside_invalid_files_is_read(invalid: Declarations) -> None:
    assert [source.id for source in invalid.gateway_sources] == ["sound"]
    # Of a file with a fault elsewhere, who it is stays known.
    identities = {provider.id: provider for provider in invalid.providers}
    assert "sound" in identities
    assert {"bad-slug", "name-missing", "shares-a-name", "slug-as-text"} & set(identities) == set()
    assert (identities["page-without-date"].pages, "page-without-date" in invalid.broken_providers) == ((), False)
    assert "page-without-date" in invalid.pageless_providers
    assert "sound" not in invalid.pageless_providers
    assert {"bad-slug", "name-missing", "shares-a-name", "slug-as-text"} <= invalid.broken_providers
    assert {"empty", "url-of-a-file", "not-utf-8"} <= invalid.broken_sources


def test_all_problems_of_one_file_are_told(invalid: Declarations) -> None:
    missing = [line.split(": ")[1] for line in invalid.problems if line.startswith("sources/empty.toml")]
    required = ["id", "gateway_id", "title", "terms_type", "format", "url", "content_types", "rank"]
    assert missing == [*required, "stale_after_days", "envelope"]


def test_valid_files_are_read_with_every_field() -> None:
    found = read_declarations(HERE / "valid")
    assert found.problems == ()
    assert [source.id for source in found.gateway_sources] == ["a-table", "b-feed"]
    feed = found.source("b-feed")
    assert (feed.format, feed.terms_type, feed.rank) == (Format.PROVIDER_FEED, TermsType.GATEWAY_FEED, 2)
    assert (feed.is_enabled, feed.is_required, feed.max_bytes) == (False, True, 1000)
    assert feed.url == "http://127.0.0.1:8080/feed?a=b#providers"
    assert feed.former_urls == ("https://example.org/old", "https://example.org/older#a")
    assert feed.envelope is not None
    assert feed.envelope.min_fill == {Topic.TRAINING: 0.5, Topic.RETENTION: 1, Topic.HEADQUARTERS: 0}
    assert [(one.names, one.reason) for one in feed.exclude] == [(("fake", "Fake (test)"), "a test row")]
    acme, bare, other = found.providers
    assert (acme.id, bare.id, other.id) == ("acme", "bare", "one-slug-elsewhere")
    assert acme.names.table == ("Acme", "Acme AI", "Ácmé (private)")
    assert acme.slugs == {"a-gateway": ("acme", "acme-2"), "b-gateway": ("acme.ai_x",)}
    assert acme.headquarters is not None
    assert (acme.headquarters.country, acme.headquarters.seen_on) == ("NO", date(2026, 7, 4))
    assert [(page.terms_type, page.url) for page in acme.pages] == [
        (TermsType.PRIVACY_POLICY, "https://example.org/terms#privacy")
    ]


@pytest.mark.fault("P07")
def test_p07_toml_values_keep_their_type() -> None:
    table = read_declarations(HERE / "valid").source("a-table")
    assert (table.is_enabled, table.is_required, table.max_bytes) == (True, False, 10_000_000)
    assert table.envelope is not None
    assert (table.former_urls, table.exclude, table.envelope.min_fill) == ((), (), {})


def test_all_shipped_declarations_are_valid() -> None:
    found = read_declarations(shipped_dir())
    assert found.problems == ()
    assert [source.id for source in found.gateway_sources] == [
        "openrouter-feed",
        "openrouter-docs",
        "openrouter-providers",
        "openrouter-zdr",
    ]
    assert len(found.providers) > 100
    assert [provider.id for provider in found.providers if not provider.slugs.get("openrouter")] == []


@pytest.mark.fault("C12")
def test_c12_former_addresses_and_fragments_are_declared() -> None:
    found = read_declarations(shipped_dir())
    assert found.source("openrouter-docs").former_urls == ("https://openrouter.ai/docs/features/privacy-and-logging",)
    assert found.source("openrouter-feed").former_urls == ("https://openrouter.ai/api/frontend/all-providers",)
    with_fragment = [provider.id for provider in found.providers for page in provider.pages if "#" in page.url]
    assert {"mistral", "inception", "cloudflare", "crusoe"} <= set(with_fragment)


def _folder(tmp_path: Path, name: str, body: bytes) -> Path:
    (tmp_path / "sources").mkdir(exist_ok=True)
    (tmp_path / "sources" / name).write_bytes(body)
    return tmp_path


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"rank = " + b"1" * 5000, "Exceeds the limit"),
        (b"rank = " + b"[" * 20_000, "maximum recursion depth exceeded"),
        (b"\xef\xbb\xbf" + FEED, "Invalid statement"),
        (FEED + b"\0", ""),
        (b'"a\\nb\\u001b[31m" = 1\n' + FEED, "a b"),
    ],
    ids=["digits", "depth", "byte order mark", "NUL", "line break in a key"],
)
def test_a_hostile_file_is_a_problem_and_nothing_more(tmp_path: Path, body: bytes, reason: str) -> None:
    found = read_declarations(_folder(_folder(tmp_path, "a-table.toml", FEED), "bad.toml", body))
    assert [source.id for source in found.gateway_sources] == ["a-table"]
    assert found.problems
    assert {line.partition(": ")[0] for line in found.problems} == {"sources/bad.toml"}
    assert reason in found.problems[0]
    assert [line for line in found.problems if line.splitlines() != [line]] == []


def test_what_cannot_be_opened_is_a_problem(tmp_path: Path) -> None:
    _folder(tmp_path, "a-table.toml", FEED)
    (tmp_path / "sources" / "folder.toml").mkdir()
    (tmp_path / "sources" / "gone.toml").symlink_to(tmp_path / "nowhere")
    found = read_declarations(tmp_path)
    assert [source.id for source in found.gateway_sources] == ["a-table"]
    assert found.problems == (
        "sources/folder.toml: cannot be read: Is a directory",
        "sources/gone.toml: cannot be read: No such file or directory",
    )


def test_a_folder_without_declarations_uses_the_shipped_ones(tmp_path: Path) -> None:
    assert read_declarations(tmp_path / "nowhere") == read_declarations(shipped_dir())
    assert recorded_dir(tmp_path) == shipped_dir() / "recorded"


def test_each_kind_of_declaration_comes_from_the_own_folder_where_there_is_one(tmp_path: Path) -> None:
    found = read_declarations(_folder(tmp_path, "a-table.toml", FEED))
    assert [source.id for source in found.gateway_sources] == ["a-table"]
    assert found.providers == read_declarations(shipped_dir()).providers
    (tmp_path / "providers").mkdir()
    (tmp_path / "recorded").mkdir()
    assert read_declarations(tmp_path).providers == ()
    assert recorded_dir(tmp_path) == tmp_path / "recorded"


def test_other_declarations_have_another_fingerprint(tmp_path: Path) -> None:
    shutil.copytree(HERE / "valid", tmp_path, dirs_exist_ok=True)
    first = read_declarations(tmp_path).fingerprint
    assert first == read_declarations(HERE / "valid").fingerprint
    path = tmp_path / "providers" / "bare.toml"
    path.write_text(path.read_text() + "# a remark\n")
    second = read_declarations(tmp_path).fingerprint
    path.rename(path.with_name("renamed.toml"))
    third = read_declarations(tmp_path).fingerprint
    assert len({first, second, third}) == 3


def test_an_unknown_source_is_told_with_those_that_are_declared(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="source 'x' is not declared: declared are a-table, b-feed"):
        read_declarations(HERE / "valid").source("x")
    with pytest.raises(DeclarationError, match="source 'b-fed' is not declared: nearest: b-feed"):
        read_declarations(HERE / "valid").source("b-fed")
    for name in ("sources", "providers"):
        (tmp_path / name).mkdir()
    with pytest.raises(DeclarationError, match="declared are none"):
        read_declarations(tmp_path).source("b")
