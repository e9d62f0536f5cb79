"""Claims that a page should give against those that were read in it: compared as the scorer compares them."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from pipeline.clauses import read_statements
from pipeline.model import Condition, DataKind, Retention, Service, Statement, Topic
from pipeline.parse.document import parse_document

Claim: TypeAlias = dict[str, Any]  # topic, value, days, quote; and condition, service, data, optional where clear

# What counts for recall, as in the scorer: carve-outs, generic personal data and feedback may be left out.
OPTIONAL_DATA: Final = (DataKind.PERSONAL_DATA.value, DataKind.FEEDBACK.value)

VALUES: Final = {
    Topic.RETENTION.value: ("none", "period", "until_event", "indefinite", "unstated"),
    Topic.TRAINING.value: ("no", "opt_in", "opt_out", "may"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was read in a page against what it says: each list in the order of the page."""

    needed: tuple[Claim, ...]
    missed: tuple[Claim, ...]  # of the needed ones
    made: tuple[Statement, ...]
    wrong: tuple[Statement, ...]  # of those made

    @property
    def is_right(self) -> bool:
        return not self.missed and not self.wrong


def read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def judge(text: str, expected: Sequence[Claim]) -> Outcome:
    """Read a Markdown page and compare topic, value, days and place."""
    made = read_statements(parse_document(text.encode(), "text/markdown"))
    needed = tuple(claim for claim in expected if is_needed(claim))
    return Outcome(
        needed=needed,
        missed=tuple(claim for claim in needed if not any(_agree(text, claim, one) for one in made)),
        made=tuple(made),
        wrong=tuple(one for one in made if not any(_agree(text, claim, one) for claim in expected)),
    )


def is_needed(claim: Claim) -> bool:
    is_core = claim.get("condition") != Condition.EXCEPTION.value and claim.get("data") not in OPTIONAL_DATA
    return is_core and not claim.get("optional", False)


def check_claim(claim: Claim, text: str) -> None:
    """Assert that an expected claim is one and that its quote stands in the text."""
    assert spans(claim["quote"], text), claim
    assert claim.keys() <= {"topic", "value", "days", "quote", "condition", "service", "data", "optional"}
    assert ("days" in claim) == (claim["value"] == "period")
    assert claim["value"] in VALUES[claim["topic"]]
    assert claim.get("condition", "default") in {condition.value for condition in Condition}
    assert claim.get("service", "api") in {service.value for service in Service}
    assert claim.get("data", "files") in {data.value for data in DataKind}


def _agree(text: str, claim: Claim, made: Statement) -> bool:
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


def describe(outcome: Outcome) -> list[str]:
    """Return a line for each claim that was missed or is wrong."""
    missed = [f"  missed {c['topic']} {c['value']} {c.get('days', '')} :: {c['quote']}" for c in outcome.missed]
    facts = [(one, *fact_of(one)) for one in outcome.wrong]
    return missed + [f"  wrong  {t} {v} {d or ''} {one.rule_id} :: {one.quote}" for one, t, v, d in facts]
