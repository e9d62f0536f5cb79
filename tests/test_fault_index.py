"""The page of faults is what the marks of the tests say, and every id that was promised is there."""

from pathlib import Path

from fault_index import find_covers, render

ROOT = Path(__file__).parent.parent


def ids(letter: str, first: int, last: int) -> set[str]:
    return {f"{letter}{number:02}" for number in range(first, last + 1)}


PROMISED = ids("C", 5, 16) | ids("D", 1, 8) | ids("D", 11, 14) | {"P04", "P05", "P07", "P09", "W15", "W16"}


def test_every_promised_id_has_a_test_that_is_named_by_it() -> None:
    named = {
        fault
        for fault, tests in find_covers().items()
        for test in tests
        if f"_{fault.lower()}_" in f"{test.partition('::')[2]}_"
    }
    assert PROMISED - named == set()


def test_the_page_of_faults_is_as_generated() -> None:
    assert render() == (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
