"""Which test covers which row of the fault matrix: `python tests/fault_index.py` prints docs/faults.md."""

import ast
import re
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
_INTRODUCTION = """\
# Faults and the tests that cover them

What this kind of program meets in the world, by id, and the tests that show what it does then. The letters: N network
and HTTP, S addresses and credentials, R robots and manners, C page content, E encoding, P parser and pattern bombs,
D meaning and validation, W crash, disk, clock and concurrency, Q outputs and queries. This page is generated from the
`fault` marks of the tests; a test that skips says why when it runs.
"""
_ID = re.compile(r"([A-Z])([0-9]+)")


def find_covers() -> dict[str, list[str]]:
    """Return the tests that are marked with each id, as `path::name`, by id in order."""
    covers: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(HERE.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for fault in _marked(node):
                    covers[fault].append(f"{path.relative_to(HERE.parent).as_posix()}::{node.name}")
    return {fault: sorted(covers[fault]) for fault in sorted(covers, key=_order)}


def _marked(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Return the ids of `pytest.mark.fault("N01", …)` over a test."""
    calls = [one for one in node.decorator_list if isinstance(one, ast.Call)]
    faults = [one for one in calls if isinstance(one.func, ast.Attribute) and one.func.attr == "fault"]
    return [str(arg.value) for one in faults for arg in one.args if isinstance(arg, ast.Constant)]


def _order(fault: str) -> tuple[str, int]:
    match = _ID.fullmatch(fault)
    if match is None:
        raise ValueError(f"'{fault}' is not an id of the fault matrix")
    return (match[1], int(match[2]))


def render() -> str:
    """Return the page."""
    lines = [_INTRODUCTION, "| id | tests |", "|---|---|"]
    for fault, tests in find_covers().items():
        told = "<br>".join(f"`{one}`" for one in tests)
        lines.append(f"| {fault} | {told} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
