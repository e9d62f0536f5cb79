"""The page of faults is what the marks of the tests say, and every id that was promised is there."""

from pathlib import Path

from fault_index import find_covers, render

ROOT = Path(__file__).parent.parent


def ids(letter: str, first: int, last: int) -> set[str]:
    return {f"{letter}{number:02}" for number in range(first, last + 1)}


PROMISED = (
    (ids("N", 1, 32) | ids("S", 1, 12) | ids("R", 1, 7))
    | (ids("C", 1, 24) | ids("E", 1, 8))
    | (ids("P", 1, 5) | {"P07", "P09"})
    | ids("D", 1, 15)
    | (ids("W", 1, 13) | ids("W", 15, 17))
    | ids("Q", 1, 13)
)


def test_every_promised_id_has_a_test_that_is_named_by_it() -> None:
    named = {
        fault
        for fault, tests in find_covers().items()
        for test in tests
        if f"_{fault.lower()}_" in f"{test.partition('::')[2]}_"
    }
    assert set() == PROMISED - named
    assert 134 == len(PROMISED)


def test_the_page_of_faults_is_as_generated() -> None:
    assert render() == (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
