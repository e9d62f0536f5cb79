"""Short passages of our own writing, read as a whole page each: how many give exactly the claims they should.

As a script it lists the passages that are read otherwise: `python tests/clauses/test_cases.py --failures training`.
"""

import argparse
import collections
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from claim_judging import Claim, check_claim, describe, fold, judge, read_toml

CASES: Final = Path(__file__).parent / "cases"

# The share of each file's passages that has been reached: less is a regression.
FLOORS: Final = {
    "retention": 0.98,
    "retention_contracts": 0.97,
    "retention_docs": 0.9,
    "retention_plain": 0.85,
    "retention_second": 0.94,
    "retention_third": 0.9,
    "retention_traps": 0.96,
    "retention_traps_contracts": 0.96,
    "retention_traps_pages": 0.94,
    "retention_traps_second": 0.95,
    "retention_traps_third": 0.9,
    "training": 0.94,
    "training_contracts": 0.97,
    "training_docs": 0.95,
    "training_plain": 0.93,
    "training_second": 0.98,
    "training_third": 0.9,
    "training_traps": 0.95,
    "training_traps_contracts": 0.97,
    "training_traps_pages": 0.96,
    "training_traps_second": 0.97,
    "training_traps_third": 0.95,
    "retention_fourth": 0.97,
    "training_fourth": 0.97,
    "traps_fourth": 0.98,
    "retention_fifth": 0.98,
    "training_fifth": 0.95,
    "traps_fifth": 0.98,
    "mixed_sixth": 0.98,
    "retention_seventh": 0.98,
    "traps_seventh": 0.98,
    "training_eighth": 0.95,
    "traps_eighth": 0.95,
    "retention_eighth": 0.95,
    "retention_traps_eighth": 0.95,
    "training_ninth": 0.95,
    "traps_ninth": 0.95,
    "retention_ninth": 0.95,
    "retention_traps_ninth": 0.95,
    "retention_tenth": 0.95,
    "retention_traps_tenth": 0.95,
    "retention_thirteenth": 0.95,
    "retention_traps_thirteenth": 0.95,
    "retention_fourteenth": 0.98,
    "retention_traps_fourteenth": 0.98,
    "retention_twelfth": 0.95,
    "retention_traps_twelfth": 0.95,
    "retention_eleventh": 0.95,
    "retention_traps_eleventh": 0.95,
    "training_tenth": 0.95,
    "traps_tenth": 0.97,
    "training_twelfth": 0.85,
    "traps_twelfth": 0.98,
    "training_thirteenth": 0.97,
    "training_fourteenth": 0.82,
    "training_fifteenth": 0.98,
    "training_sixteenth": 0.98,
    "training_seventeenth": 0.98,
    "training_eighteenth": 0.92,
    "traps_eighteenth": 0.98,
    "training_nineteenth": 0.98,
    "traps_nineteenth": 0.98,
    "training_twentieth": 0.98,
    "training_twentyfirst": 0.98,
    "training_twentysecond": 0.98,
    "training_twentythird": 0.98,
    "traps_twentythird": 0.98,
    "training_twentyfourth": 0.98,
    "training_twentyfifth": 0.98,
    "training_twentysixth": 0.98,
    "traps_twentysixth": 0.98,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One passage and the claims that it makes."""

    family: str
    text: str
    expect: tuple[Claim, ...]


def read_cases(name: str) -> tuple[Case, ...]:
    rows = read_toml(CASES / f"{name}.toml")["case"]
    return tuple(Case(family=row["family"], text=row["text"], expect=tuple(row["expect"])) for row in rows)


def test_every_file_of_passages_has_a_floor() -> None:
    assert sorted(path.stem for path in CASES.glob("*.toml")) == sorted(FLOORS)


def test_no_passage_stands_twice() -> None:
    texts = [fold(case.text) for name in FLOORS for case in read_cases(name)]
    assert len(texts) == len(set(texts)) > 500


@pytest.mark.parametrize("name", FLOORS)
def test_every_expected_claim_is_one_and_its_quote_stands_in_the_passage(name: str) -> None:
    for case in read_cases(name):
        assert case.family
        assert ("traps" in name) == (not case.expect)
        for claim in case.expect:
            check_claim(claim, case.text)


@pytest.mark.parametrize("name", FLOORS)
def test_as_many_passages_as_before_are_read_exactly_right(name: str) -> None:
    cases = read_cases(name)
    failing = collections.Counter(case.family for case in cases if not judge(case.text, case.expect).is_right)
    right = 1 - failing.total() / len(cases)
    assert right >= FLOORS[name], f"{right:.3f} of {len(cases)} right; not: {failing.most_common()}"


def _report(name: str, *, is_listed: bool) -> Iterator[str]:
    outcomes = [(case, judge(case.text, case.expect)) for case in read_cases(name)]
    right = sum(outcome.is_right for _, outcome in outcomes)
    yield f"{name}: {right} of {len(outcomes)} right ({right / len(outcomes):.3f})"
    for case, outcome in outcomes:
        if is_listed and not outcome.is_right:
            yield f"\n[{case.family}] {fold(case.text)}"
            yield from describe(outcome)


def main(arguments: Sequence[str]) -> int:
    """Print how many passages of each file are right, with --failures also which are not, of the files so named."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--failures", metavar="PREFIX", help="list the failures in the files whose name begins so")
    prefix = parser.parse_args(arguments).failures
    for name in FLOORS:
        if prefix is None or name.startswith(prefix):
            print("\n".join(_report(name, is_listed=prefix is not None)))  # noqa: T201 - a script for a person
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
