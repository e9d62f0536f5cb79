"""Rules as data: which signs make which statement. The files tell why, with an example and a counter-example each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

from pipeline.clauses.lexicon import read_toml
from pipeline.model import Condition, RetentionKind, Training

Has = Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way to read a clause. `needs` are signs that must all be there; a sign "a|b" asks for one of them."""

    id: str
    value: RetentionKind | Training | None  # None: the clause says nothing in scope, and no later rule is asked
    reason: str
    example: str
    counter: str
    needs: tuple[str, ...]
    lacks: tuple[str, ...] = ()
    certain: tuple[str, ...] = ()  # signs of which one makes the reading certain; none given: `likely`
    condition: Condition = Condition.DEFAULT

    def fits(self, has: Has) -> bool:
        """Tell whether the signs are as the rule wants them."""
        return all(_any(sign, has) for sign in self.needs) and not any(_any(sign, has) for sign in self.lacks)

    def is_certain(self, has: Has) -> bool:
        """Tell whether a second signal agrees."""
        return any(all(_any(part, has) for part in sign.split("+")) for sign in self.certain)


def _any(sign: str, has: Has) -> bool:
    return any(has(one) for one in sign.split("|"))


def first_fit(rules: Sequence[Rule], has: Has) -> Rule | None:
    """Return the first rule that fits; the order of the file is part of the rules."""
    return next((rule for rule in rules if rule.fits(has)), None)


@cache
def read_rules(name: str) -> tuple[Rule, ...]:
    """Return the rules of a file in their order."""
    tables = cast("list[dict[str, object]]", read_toml(name)["rule"])
    kind: type[RetentionKind] | type[Training] = RetentionKind if name.startswith("retention") else Training
    return tuple(_rule(table, kind) for table in tables)


def _rule(table: dict[str, object], kind: type[RetentionKind] | type[Training]) -> Rule:
    text = {key: str(table[key]) for key in ("id", "reason", "example", "counter")}
    value = str(table["value"])
    return Rule(
        value=None if value == "nothing" else kind(value),
        needs=_signs(table, "needs"),
        lacks=_signs(table, "lacks"),
        certain=_signs(table, "certain"),
        condition=Condition(str(table.get("condition", "default"))),
        **text,
    )


def _signs(table: dict[str, object], key: str) -> tuple[str, ...]:
    return tuple(cast("list[str]", table.get(key, [])))
