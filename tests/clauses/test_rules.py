"""Every rule on keeping reads its example, and its counter-example otherwise."""

import pytest

from pipeline.clauses import read_statements
from pipeline.clauses.rules import Rule, read_rules
from pipeline.model import Retention, RetentionKind, Statement
from pipeline.parse.document import parse_document

RULES = read_rules("retention.toml")


def read(text: str) -> list[Statement]:
    document = parse_document(text.encode(), "text/markdown")
    return [one for one in read_statements(document) if isinstance(one.value, Retention)]


def test_rules_have_ids_of_their_own() -> None:
    assert len(RULES) > 20
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.value], ids=lambda rule: str(rule.id))
def test_a_rule_reads_its_example(rule: Rule) -> None:
    assert [(one.rule_id, one.value.kind) for one in read(rule.example) if isinstance(one.value, Retention)] == [
        (rule.id, rule.value)
    ]


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.value is None], ids=lambda rule: str(rule.id))
def test_a_trap_says_nothing(rule: Rule) -> None:
    assert read(rule.example) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.id))
def test_a_counter_example_is_read_by_another_rule_or_by_none(rule: Rule) -> None:
    assert rule.id not in {one.rule_id for one in read(rule.counter)}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.value is None], ids=lambda rule: str(rule.id))
def test_what_differs_from_a_trap_is_a_statement(rule: Rule) -> None:
    assert read(rule.counter)


def test_every_kind_of_retention_that_prose_can_state_has_a_rule() -> None:
    assert {rule.value for rule in RULES} >= set(RetentionKind) - {RetentionKind.UNKNOWN}
