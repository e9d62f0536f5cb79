"""What a topic's rules found in a sentence."""

from dataclasses import dataclass

from pipeline.clauses.grammar import Reading
from pipeline.clauses.rules import Rule
from pipeline.model import Condition, DataKind, Retention, Training


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One statement found. What is None is for `scope.py` to settle from the sentence and what is around it."""

    reading: Reading
    rule: Rule
    value: Retention | Training
    is_certain: bool
    condition: Condition
    data: DataKind | None = None
    trigger: str | None = None
