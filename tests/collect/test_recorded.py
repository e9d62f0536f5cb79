from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.collect.archive import capture_id
from pipeline.collect.recorded import is_partial, moment_of, read_front_matter, read_recorded
from pipeline.declarations import Source, read_declarations, shipped_dir
from pipeline.errors import ArchiveError
from pipeline.model import Observation, Outcome, Precision

ROWS = (
    "| Provider | Data Retention | Train on Prompts |\n| --- | --- | --- |\n| A | Zero retention | ✓ Does not train |\n"
)


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def _source(**changes: object) -> Source:
    fields: dict[str, Any] = {
        "id": "a-page",
        "gateway_id": "a-gateway",
        "title": "A page",
        "terms_type": "gateway_table",
        "format": "policy_table",
        "url": "https://example.org/",
        "content_types": ["text/html"],
        "rank": 1,
        "stale_after_days": 7,
        "envelope": {"min_rows": 1, "max_rows": 9},
    }
    return Source.model_validate(fields | changes)


def _put(folder: Path, name: str, **matter: str) -> bytes:
    lines = "".join(f'{key}: "{value}"\n' for key, value in matter.items())
    body = f"---\n{lines}---\n\n{ROWS}".encode()
    path = folder / "a-page" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return body


def _observations(folder: Path, *sources: Source) -> list[Observation]:
    return [observation for observation, _ in read_recorded(folder, sources or (_source(),))]


SHIPPED: list[tuple[datetime, datetime, Precision, bool]] = [
    (_day(2025, 5, 20), _day(2025, 5, 20), Precision.DAY, False),
    (_day(2025, 7, 1), _day(2025, 7, 31), Precision.MONTH, False),
    (_day(2025, 9, 1), _day(2025, 11, 30), Precision.SEASON, False),
    (_day(2026, 7, 4), _day(2026, 7, 4), Precision.DAY, False),
    (_day(2026, 7, 13), _day(2026, 7, 13), Precision.DAY, True),
    (_day(2026, 7, 15), _day(2026, 7, 15), Precision.DAY, False),
    (_day(2026, 7, 21), _day(2026, 7, 21), Precision.DAY, False),
]


def test_the_shipped_captures_say_when_they_were_taken_and_how_much_they_hold() -> None:
    sources = read_declarations(shipped_dir()).sources
    found = _observations(shipped_dir() / "recorded", *sources)
    assert [(look.moment.since, look.moment.at, look.moment.precision, look.is_partial) for look in found] == SHIPPED
    assert {look.source_id for look in found} == {"openrouter-docs"}
    assert {(look.origin, look.outcome, look.is_good) for look in found} == {("recorded", Outcome.OK, True)}
    assert all(look.url and look.url.startswith("https://openrouter.ai/docs/") for look in found)
    assert all(look.detail for look in found)


def test_the_bytes_come_as_they_lie_there_under_their_hash(tmp_path: Path) -> None:
    body = _put(tmp_path, "2025-07-04.md", captured_on="2025-07-04", url="https://example.org/a", note="By hand.")
    ((observation, found),) = read_recorded(tmp_path, [_source()])
    assert found == body
    assert (observation.capture_id, observation.size_bytes) == (capture_id(body), len(body))
    assert (observation.url, observation.detail) == ("https://example.org/a", "By hand.")


@pytest.mark.parametrize(
    ("matter", "since", "at", "precision"),
    [
        ({"captured_on": "2025"}, _day(2025, 1, 1), _day(2025, 12, 31), Precision.YEAR),
        ({"captured_on": "2024-02"}, _day(2024, 2, 1), _day(2024, 2, 29), Precision.MONTH),
        ({"captured_on": "2024-02", "precision": "month"}, _day(2024, 2, 1), _day(2024, 2, 29), Precision.MONTH),
        ({"captured_on": "2025-11", "precision": "season"}, _day(2025, 9, 1), _day(2025, 11, 30), Precision.SEASON),
        ({"captured_on": "2026-01", "precision": "season"}, _day(2025, 11, 1), _day(2026, 1, 31), Precision.SEASON),
        ({"captured_on": "2025-05-20", "precision": "day"}, _day(2025, 5, 20), _day(2025, 5, 20), Precision.DAY),
        (
            {"captured_on": "2025-05-20T12:00:00+02:00"},
            datetime(2025, 5, 20, 10, tzinfo=UTC),
            datetime(2025, 5, 20, 10, tzinfo=UTC),
            Precision.INSTANT,
        ),
    ],
)
def test_a_date_is_as_exact_as_it_is_written(
    tmp_path: Path, matter: dict[str, str], since: datetime, at: datetime, precision: Precision
) -> None:
    _put(tmp_path, "one.md", **matter)
    (look,) = _observations(tmp_path)
    assert (look.moment.since, look.moment.at, look.moment.precision) == (since, at, precision)


@pytest.mark.parametrize(
    "matter",
    [
        {"note": "no date"},
        {"captured_on": ""},
        {"captured_on": "last summer"},
        {"captured_on": "2025-13"},
        {"captured_on": "2025-02-30"},
        {"captured_on": "2025-07-04", "precision": "about"},
        {"captured_on": "2025-07-04", "precision": "month"},
        {"captured_on": "2025-07", "precision": "day"},
        {"captured_on": "2025-07", "precision": ""},
    ],
    ids=str,
)
def test_a_file_that_does_not_say_when_it_was_captured_is_named(tmp_path: Path, matter: dict[str, str]) -> None:
    _put(tmp_path, "good.md", captured_on="2025-07-04")
    _put(tmp_path, "some time.md", **matter)
    with pytest.raises(ArchiveError, match=r"a-page/some time\.md: front matter: captured_on"):
        _observations(tmp_path)


@pytest.mark.parametrize("body", [b"", b"# A page\n", b"\xff\xfe\0", b"---\na: [1]\n---\n", b'{"data": []}'])
def test_a_file_without_front_matter_is_named(tmp_path: Path, body: bytes) -> None:
    folder = tmp_path / "a-page"
    folder.mkdir()
    (folder / "page.html").write_bytes(body)
    with pytest.raises(ArchiveError, match=r"a-page/page\.html: front matter"):
        _observations(tmp_path)


def test_captures_come_oldest_first_whatever_their_files_are_called(tmp_path: Path) -> None:
    _put(tmp_path, "a.md", captured_on="2026-01-02")
    _put(tmp_path, "b", captured_on="2025-07")
    _put(tmp_path, "c.markdown", captured_on="2025-12-31")
    dates = [look.moment.at for look in _observations(tmp_path)]
    assert dates == [_day(2025, 7, 31), _day(2025, 12, 31), _day(2026, 1, 2)]


def test_hidden_files_and_folders_are_no_captures(tmp_path: Path) -> None:
    _put(tmp_path, "a.md", captured_on="2026-01-02")
    (tmp_path / "a-page" / ".a.md.swp").write_bytes(b"\0")
    (tmp_path / "a-page" / "older.d").mkdir()
    assert len(_observations(tmp_path)) == 1


def test_the_same_bytes_in_two_sources_are_a_capture_of_each(tmp_path: Path) -> None:
    body = _put(tmp_path, "a.md", captured_on="2026-01-02")
    (tmp_path / "b-page").mkdir()
    (tmp_path / "b-page" / "a.md").write_bytes(body)
    found = _observations(tmp_path, _source(), _source(id="b-page"))
    assert [(look.source_id, look.capture_id) for look in found] == [
        ("a-page", capture_id(body)),
        ("b-page", capture_id(body)),
    ]


def test_a_source_that_is_switched_off_or_has_no_folder_has_no_captures(tmp_path: Path) -> None:
    _put(tmp_path, "no date.md", note="not even looked at")
    assert _observations(tmp_path, _source(is_enabled=False), _source(id="b-page")) == []


@pytest.mark.parametrize(
    ("matter", "expected"), [({}, False), ({"coverage": "partial"}, True), ({"coverage": "whole"}, False)]
)
def test_a_capture_is_partial_where_it_says_so(matter: dict[str, str], *, expected: bool) -> None:
    assert is_partial(matter) is expected


def test_an_unknown_word_for_the_coverage_is_named_and_not_taken_for_whole(tmp_path: Path) -> None:
    _put(tmp_path, "a.md", captured_on="2026-07-13", coverage="Partial")
    with pytest.raises(
        ArchiveError, match=r"a\.md: front matter: coverage: expected partial or whole, found 'Partial'"
    ):
        _observations(tmp_path, _source())


def test_a_byte_order_mark_hides_no_front_matter() -> None:
    matter = read_front_matter(b"\xef\xbb\xbf---\ncaptured_on: 2025-07\n---\n")
    moment = moment_of(matter)
    assert matter == {"captured_on": "2025-07"}
    assert moment is not None
    assert moment.at == _day(2025, 7, 31)
