"""What the log tells of lies on the disk before it is told, also where many captures are written at once."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from scripted_site import Site, page
from tiny_refresh import feed, make_folder, serve
from traced import NAMES, SYNCS, WRITES, Call, find_calls, run_cold

pytestmark = pytest.mark.heavy

_SOURCES = 6


def _places(calls: Sequence[Call], names: Sequence[str], part: str) -> list[int]:
    return [place for place, call in enumerate(calls) if call.name in names and part in call.arguments]


@pytest.mark.fault("W05")
def test_w05_a_capture_and_its_name_are_synced_before_the_log_tells_of_it(site: Site, tmp_path: Path) -> None:
    data = make_folder(tmp_path / "data")
    for number in range(_SOURCES):
        serve(site, data, page(feed(number + 1)), source_id=f"feed-{number}")
    calls = find_calls(run_cold, data, "refresh", (*SYNCS, *NAMES, *WRITES))
    lines = _places(calls, WRITES, "observations.jsonl")
    assert _SOURCES == len(lines)
    renames = [place for place in _places(calls, ("rename",), "/captures/") if ".zst" in calls[place].arguments]
    assert _SOURCES == len(renames)
    log = (data / "archive" / "observations.jsonl").read_text().splitlines()
    for place in renames:
        _, aside, _, final, _ = calls[place].arguments.split('"')
        key = Path(final).stem
        (line,) = (lines[number] for number, text in enumerate(log) if key in text)
        assert any(at < place for at in _places(calls, SYNCS, f"<{aside}>")), "synced before it has its name"
        named = _places(calls, SYNCS, f"<{Path(final).parent}>")
        assert any(place < at < line for at in named), "its name is synced before the log tells of it"


@pytest.mark.fault("W05")
def test_w05_the_log_is_synced_before_the_catalog_that_was_built_of_it_is_in_place(site: Site, tmp_path: Path) -> None:
    data = make_folder(tmp_path / "data")
    serve(site, data)
    calls = find_calls(run_cold, data, "refresh", (*SYNCS, *NAMES, *WRITES))
    last_line = _places(calls, WRITES, "observations.jsonl")[-1]
    (flip,) = (
        place for place in _places(calls, ("rename",), "/catalog/") if calls[place].arguments.count("current") == 2
    )
    assert any(last_line < at < flip for at in _places(calls, SYNCS, "observations.jsonl"))
