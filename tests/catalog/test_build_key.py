import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.catalog import current, inputs
from pipeline.catalog.current import builder_fingerprint, current_build_key, read_package
from pipeline.catalog.inputs import build_key
from pipeline.catalog.looks import Looks
from pipeline.declarations import read_declarations
from pipeline.model import Moment, Observation, Outcome, Precision

START = datetime(2026, 7, 1, 10, tzinfo=UTC)
DECLARATIONS = read_declarations(Path("none"))
SOURCES = DECLARATIONS.sources
FEED, DOCS = "openrouter-feed", "openrouter-docs"


def look(day: int = 0, capture: str | None = "aa", source: str = FEED, **changes: object) -> Observation:
    seen = Observation(
        source_id=source,
        moment=Moment.instant(START + timedelta(days=day)),
        outcome=Outcome.OK,
        origin="fetch",
        capture_id=capture,
    )
    return replace(seen, **changes)  # type: ignore[arg-type]


def key(*looks: Observation, reader: str = "reader") -> str:
    return build_key(reader, SOURCES, Looks.of(looks))


BEFORE = (look(0), look(0, "dd", DOCS))


@pytest.mark.parametrize(
    "more",
    [
        [look(1)],
        [look(1), look(2), look(3)],
        [look(1, outcome=Outcome.NOT_MODIFIED, status=304)],
        [look(1, etag='"x"', duration_ms=5, url="https://x.test", detail="a note")],
        [look(1, None, outcome=Outcome.TIMEOUT), look(2)],
        [look(1, "dd", DOCS), look(1)],
    ],
    ids=["one", "three", "not modified", "other facts", "failed and came back", "both sources"],
)
@pytest.mark.fault("W16")
def test_w16_a_further_look_at_the_same_capture_makes_the_same_key(more: list[Observation]) -> None:
    assert key(*BEFORE) == key(*BEFORE, *more)


@pytest.mark.parametrize(
    "looks",
    [
        [],
        [look(0)],
        [*BEFORE, look(1, "bb")],
        [*BEFORE, look(1, "bb"), look(2)],
        [*BEFORE, look(1, None, outcome=Outcome.TIMEOUT)],
        [*BEFORE, look(1, outcome=Outcome.EMPTY)],
        [*BEFORE, look(-1)],
        [*BEFORE, look(-1, "bb")],
        [look(0, is_partial=True), BEFORE[1]],
        [look(0, "bb"), BEFORE[1]],
        [look(0, moment=Moment(at=START, since=START - timedelta(days=3), precision=Precision.DAY)), BEFORE[1]],
        [*BEFORE, look(0, "ee", "openrouter-zdr")],
        [look(0, "dd"), look(0, "aa", DOCS)],
    ],
    ids=[
        "nothing",
        "one source only",
        "a new capture",
        "a capture that came back",
        "a failing source",
        "a failing source with bytes",
        "seen earlier",
        "an older capture",
        "a partial capture",
        "another capture",
        "another span of time",
        "a further source",
        "sources exchanged",
    ],
)
def test_other_inputs_make_another_key(looks: list[Observation]) -> None:
    assert key(*BEFORE) != key(*looks)


def test_the_order_in_which_sources_were_last_seen_makes_another_key() -> None:
    feed_last = key(*BEFORE, look(1, "dd", DOCS), look(2))
    docs_last = key(*BEFORE, look(1), look(2, "dd", DOCS))
    assert feed_last != docs_last


def test_all_of_these_inputs_make_keys_that_differ_from_each_other() -> None:
    several = [BEFORE, (), (look(0),), (*BEFORE, look(1, "bb")), (*BEFORE, look(1, "bb"), look(2))]
    assert len(several) == len({key(*looks) for looks in several})


def test_the_order_in_which_the_log_gives_captures_that_were_obtained_elsewhere_does_not_matter() -> None:
    looks = [replace(one, origin="import") for one in (*BEFORE, look(1, "bb"), look(2, "cc"))]
    assert key(*looks) == key(*reversed(looks))


def test_another_declaration_makes_another_key() -> None:
    outranked = tuple(source.model_copy(update={"rank": source.rank + 1}) for source in SOURCES)
    assert key(*BEFORE) != build_key("reader", outranked, Looks.of(BEFORE))
    assert key(*BEFORE) != build_key("reader", SOURCES[:-1], Looks.of(BEFORE))
    assert key(*BEFORE) != key(*BEFORE, reader="another reader, or the same with other declarations")


def test_other_code_makes_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key(*BEFORE)
    monkeypatch.setattr(inputs, "builder_fingerprint", lambda: "other code")
    assert before != key(*BEFORE)


@pytest.fixture
def copied_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = Path(current.__file__).parent.parent.parent
    for room in ("pipeline", "schemas"):
        shutil.copytree(root / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "_shipped"))
    monkeypatch.setattr(current, "__file__", str(tmp_path / "pipeline" / "catalog" / "current.py"))
    return tmp_path


def _append(path: Path) -> None:
    path.write_text(path.read_text() + "\n")


@pytest.mark.parametrize(
    "edit",
    [
        lambda root: _append(root / "pipeline" / "catalog" / "reconcile.py"),
        lambda root: _append(root / "pipeline" / "building.py"),
        lambda root: _append(root / "schemas" / "policies.py"),
        lambda root: (root / "schemas" / "new.py").write_text(""),
        lambda root: (root / "pipeline" / "catalog" / "views.py").unlink(),
    ],
    ids=["catalog", "building", "contract", "a new module", "a module less"],
)
def test_the_fingerprint_covers_the_code_that_builds(copied_code: Path, edit: Callable[[Path], None]) -> None:
    before = builder_fingerprint()
    assert before == builder_fingerprint()
    edit(copied_code)
    assert before != builder_fingerprint()


def test_the_fingerprint_leaves_out_what_only_reads_or_prints(copied_code: Path) -> None:
    before = builder_fingerprint()
    _append(copied_code / "pipeline" / "cli" / "render.py")
    _append(copied_code / "pipeline" / "use" / "query.py")
    assert before == builder_fingerprint()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b'{"build_key": 1}', b"\xff\xfe", b'{"as_of": "x"}'], ids=repr
)
def test_a_descriptor_that_cannot_be_read_has_no_key(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "current").mkdir()
    (tmp_path / "current" / "datapackage.json").write_bytes(body)
    assert current_build_key(tmp_path) is None


def test_where_nothing_is_published_there_is_no_descriptor(tmp_path: Path) -> None:
    assert read_package(tmp_path) is None
    (tmp_path / "current").symlink_to("builds/gone")
    assert read_package(tmp_path) is None
