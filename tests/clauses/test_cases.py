"""Short passages of our own writing, read as a whole page each: all give exactly the claims they should, or are marked.

As a script it lists the passages that are read otherwise: `python tests/clauses/test_cases.py --failures training`.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from claim_judging import Claim, check_claim, describe, fold, judge, read_toml

CASES: Final = Path(__file__).parent / "cases"
NAMES: Final = tuple(sorted(path.stem for path in CASES.glob("*.toml")))
_BEARABLE_SHARE: Final = 0.03  # of all passages that may be marked as read otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One passage and the claims that it makes."""

    family: str
    text: str
    expect: tuple[Claim, ...]
    is_missed: bool  # what it says is known not to be read, or not as it should be


def read_cases(name: str) -> tuple[Case, ...]:
    rows = read_toml(CASES / f"{name}.toml")["case"]
    return tuple(
        Case(
            family=row["family"],
            text=row["text"],
            expect=tuple(row["expect"]),
            is_missed=row.get("is_missed", False),
        )
        for row in rows
    )


def test_no_passage_stands_twice_and_few_are_missed() -> None:
    cases = [case for name in NAMES for case in read_cases(name)]
    assert len({fold(case.text) for case in cases}) == len(cases) > 2500
    assert sum(case.is_missed for case in cases) <= _BEARABLE_SHARE * len(cases)


@pytest.mark.parametrize("name", NAMES)
def test_every_expected_claim_is_one_of_its_file_and_its_quote_stands_in_the_passage(name: str) -> None:
    for case in read_cases(name):
        assert case.family
        assert _file_of(case) == ("traps" if name.startswith("traps_") else name)
        for claim in case.expect:
            check_claim(claim, case.text)


def _file_of(case: Case) -> str:
    """Return where a passage belongs by what it states."""
    facts = {(claim["topic"], claim["value"]) for claim in case.expect}
    topics = sorted({topic for topic, _ in facts})
    if not facts:
        return "traps"
    if len(topics) > 1:
        return "both_topics"
    return f"{topics[0]}_{next(iter(facts))[1] if len(facts) == 1 else 'several'}"


@pytest.mark.parametrize("name", NAMES)
def test_a_passage_is_read_exactly_right_unless_it_is_marked_as_missed(name: str) -> None:
    outcomes = [(case, judge(case.text, case.expect).is_right) for case in read_cases(name)]
    assert [] == [fold(case.text) for case, is_right in outcomes if not is_right and not case.is_missed]
    assert [] == [f"no longer missed: {fold(case.text)}" for case, is_right in outcomes if is_right and case.is_missed]


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
    for name in NAMES:
        if prefix is None or name.startswith(prefix):
            print("\n".join(_report(name, is_listed=prefix is not None)))  # noqa: T201 - a script for a person
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
