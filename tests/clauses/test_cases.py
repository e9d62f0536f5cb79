"""Short passages of our own writing, read as a whole page each: how many give exactly the claims they should.

As a script it lists the passages that are read otherwise: `python tests/clauses/test_cases.py --failures training`.
"""

import argparse
import collections
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from pipeline.clauses import read_statements
from pipeline.model import Condition, DataKind, Retention, Service, Statement, Topic
from pipeline.parse.document import parse_document

CASES: Final = Path(__file__).parent / "cases"
FILES: Final = tuple(sorted(path.stem for path in CASES.glob("*.toml")))

# The share of each file's passages that has been reached: less is a regression.
FLOORS: Final = dict.fromkeys(FILES, 0.0)

# What counts for recall, as in the scorer: carve-outs, generic personal data and feedback may be left out.
OPTIONAL_DATA: Final = (DataKind.PERSONAL_DATA.value, DataKind.FEEDBACK.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One passage and the claims that it makes."""

    family: str
    text: str
    expect: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was read in a passage against what it says."""

    case: Case
    missed: tuple[dict[str, Any], ...]
    wrong: tuple[Statement, ...]

    @property
    def is_right(self) -> bool:
        return not self.missed and not self.wrong


def read_cases(name: str) -> tuple[Case, ...]:
    rows = tomllib.loads((CASES / f"{name}.toml").read_text(encoding="utf-8"))["case"]
    return tuple(Case(family=row["family"], text=row["text"], expect=tuple(row["expect"])) for row in rows)


def judge(case: Case) -> Outcome:
    """Compare topic, value, days and place, as the scorer does."""
    statements = read_statements(parse_document(case.text.encode(), "text/markdown"))
    missed = [claim for claim in case.expect if is_needed(claim) and not _is_among(case.text, claim, statements)]
    wrong = [made for made in statements if not any(_agree(case.text, claim, made) for claim in case.expect)]
    return Outcome(case=case, missed=tuple(missed), wrong=tuple(wrong))


def is_needed(claim: dict[str, Any]) -> bool:
    is_core = claim.get("condition") != Condition.EXCEPTION.value and claim.get("data") not in OPTIONAL_DATA
    return is_core and not claim.get("optional", False)


def _is_among(text: str, claim: dict[str, Any], statements: Sequence[Statement]) -> bool:
    return any(_agree(text, claim, made) for made in statements)


def _agree(text: str, claim: dict[str, Any], made: Statement) -> bool:
    return fact_of(made) == (claim["topic"], claim["value"], claim.get("days")) and _overlap(
        spans(claim["quote"], text), spans(made.quote, text)
    )


def fact_of(made: Statement) -> tuple[str, str, int | None]:
    if isinstance(made.value, Retention):
        return made.topic.value, made.value.kind.value, made.value.days
    return made.topic.value, made.value.value, None


def fold(text: str) -> str:
    return " ".join(text.split())


def spans(quote: str, text: str) -> list[tuple[int, int]]:
    """Return where a quote stands in the text, white space folded on both sides."""
    folded, words = fold(text), fold(quote)
    starts = (place for place in range(len(folded)) if words and folded.startswith(words, place))
    return [(start, start + len(words)) for start in starts]


def _overlap(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> bool:
    """Whether the common part of two quotes is at least half of the shorter one."""
    return any(
        2 * (min(end, end_2) - max(start, start_2)) >= min(end - start, end_2 - start_2)
        for start, end in one
        for start_2, end_2 in other
        if min(end, end_2) > max(start, start_2)
    )


@pytest.mark.parametrize("name", FILES)
def test_every_expected_claim_is_one_and_its_quote_stands_in_the_passage(name: str) -> None:
    cases = read_cases(name)
    texts = [case.text for case in cases]
    assert len(texts) == len(set(texts)) > 0
    for case in cases:
        assert case.family
        for claim in case.expect:
            assert spans(claim["quote"], case.text), claim
            assert claim.keys() <= {"topic", "value", "days", "quote", "condition", "service", "data", "optional"}
            assert ("days" in claim) == (claim["value"] == "period")
            assert claim["value"] in VALUES[claim["topic"]]
            assert claim.get("condition", "default") in {condition.value for condition in Condition}
            assert claim.get("service", "api") in {service.value for service in Service}
            assert claim.get("data", "files") in {data.value for data in DataKind}


VALUES: Final = {
    Topic.RETENTION.value: ("none", "period", "until_event", "indefinite", "unstated"),
    Topic.TRAINING.value: ("no", "opt_in", "opt_out", "may"),
}


@pytest.mark.parametrize("name", FILES)
def test_as_many_passages_as_before_are_read_exactly_right(name: str) -> None:
    outcomes = [judge(case) for case in read_cases(name)]
    right = sum(outcome.is_right for outcome in outcomes)
    failing = collections.Counter(outcome.case.family for outcome in outcomes if not outcome.is_right)
    assert right / len(outcomes) >= FLOORS[name], f"{right} of {len(outcomes)} right; not: {failing.most_common()}"


def _report(name: str, *, is_listed: bool) -> Iterator[str]:
    outcomes = [judge(case) for case in read_cases(name)]
    right = sum(outcome.is_right for outcome in outcomes)
    yield f"{name}: {right} of {len(outcomes)} right ({right / len(outcomes):.3f})"
    for outcome in outcomes:
        if is_listed and not outcome.is_right:
            yield f"\n[{outcome.case.family}] {fold(outcome.case.text)}"
            for claim in outcome.missed:
                yield f"  missed {claim['topic']} {claim['value']} {claim.get('days', '')} :: {claim['quote']}"
            for made in outcome.wrong:
                topic, value, days = fact_of(made)
                yield f"  wrong  {topic} {value} {days or ''} {made.rule_id} :: {made.quote}"


def main(arguments: Sequence[str]) -> int:
    """Print how many passages of each file are right, with --failures also which are not, of the files so named."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--failures", metavar="PREFIX", help="list the failures in the files whose name begins so")
    prefix = parser.parse_args(arguments).failures
    for name in FILES:
        if prefix is None or name.startswith(prefix):
            print("\n".join(_report(name, is_listed=prefix is not None)))  # noqa: T201 - a script for a person
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
