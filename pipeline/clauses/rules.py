"""Rules as data: which signs make which statement. The files tell why, with an example and a counter-example each."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, cast

from pipeline.clauses.lexicon import read_toml
from pipeline.model import Condition, RetentionKind, Training

Has = Callable[[str], bool]
Choice = tuple[str, ...]  # signs of which one is enough; written "a|b" in the files


# Groups that readings start from; as a sign, such a name asks for the group of the reading's own verb.
ANCHORS: Final = frozenset(
    {
        *("keep", "delete", "keep_noun", "delete_noun", "zero_retention", "in_memory", "write", "train", "listed"),
        *("no_keeping", "kept_out"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way to read a clause: what must be there, what must not, and what makes it certain."""

    id: str
    value: RetentionKind | Training | None  # None: the clause says nothing in scope, and no later rule is asked
    reason: str
    example: str
    counter: str
    needs: tuple[Choice, ...]
    lacks: Choice = ()
    certain: tuple[tuple[Choice, ...], ...] = ()  # one of these sets is enough; written "a+b"; none: `likely`
    condition: Condition = Condition.DEFAULT

    def fits(self, has: Has) -> bool:
        """Tell whether the signs are as the rule wants them."""
        for signs in self.needs:
            if not _any(signs, has):
                return False
        return not _any(self.lacks, has)

    def is_certain(self, has: Has) -> bool:
        """Tell whether a second signal agrees."""
        return any(all(_any(signs, has) for signs in together) for together in self.certain)

    def can_fit(self, group: str, groups: Container[str]) -> bool:
        """Tell whether the rule is open to a verb of a group, `groups` being the names of all such groups."""
        return all(group in signs or not all(sign in groups for sign in signs) for signs in self.needs)


def _any(signs: Choice, has: Has) -> bool:
    for sign in signs:  # noqa: SIM110 - a plain loop, since it is asked some thousand times for each page
        if has(sign):
            return True
    return False


def first_fit(rules: Sequence[Rule], has: Has) -> Rule | None:
    """Return the first rule that fits; the order of the file is part of the rules."""
    return next((rule for rule in rules if rule.fits(has)), None)


@cache
def read_rules(name: str) -> tuple[Rule, ...]:
    """Return the rules of a file in their order."""
    tables = cast("list[dict[str, object]]", read_toml(name)["rule"])
    kind: type[RetentionKind | Training] = RetentionKind if name.startswith("retention") else Training
    return tuple(_rule(table, kind) for table in tables)


def rule_of(name: str, rule_id: str) -> Rule:
    """Return the rule of a file that bears an id, where something else than its signs told that it holds."""
    return next(rule for rule in read_rules(name) if rule.id == rule_id)


def _rule(table: dict[str, object], kind: type[RetentionKind | Training]) -> Rule:
    text = {key: str(table[key]) for key in ("id", "reason", "example", "counter")}
    value = str(table["value"])
    return Rule(
        value=None if value == "nothing" else kind(value),
        needs=tuple(_choice(signs) for signs in _signs(table, "needs")),
        lacks=tuple(sign for signs in _signs(table, "lacks") for sign in _choice(signs)),
        certain=tuple(tuple(map(_choice, signs.split("+"))) for signs in _signs(table, "certain")),
        condition=Condition(str(table.get("condition", "default"))),
        **text,
    )


def _choice(signs: str) -> Choice:
    return tuple(signs.split("|"))


def _signs(table: dict[str, object], key: str) -> list[str]:
    return cast("list[str]", table.get(key, []))
