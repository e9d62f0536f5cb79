"""Imports point one way, fetching alone touches the network, and one room reads the clock and the environment."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# From the bottom up; a module may import its own layer and those below it.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("pipeline.model", "pipeline.errors"),
    ("pipeline.declarations",),
    ("pipeline.normalize",),
    ("pipeline.clauses",),
    ("pipeline.parse",),
    ("pipeline.collect",),
    ("pipeline.catalog",),
    ("pipeline.use",),
    (
        "pipeline.workplace",
        "pipeline.reading",
        "pipeline.building",
        "pipeline.refresh",
        "pipeline.survey",
        "pipeline.trial",
    ),
    ("pipeline.cli",),
    ("pipeline", "pipeline.__main__"),  # the front doors
)
ROOMS = ("pipeline", "schemas")
# What each room may import beside the layers: the contracts need the vocabulary only, and only the catalog needs them.
BESIDE = {"schemas": {"pipeline.model", "schemas"}, "pipeline.catalog": {"schemas"}}
# `time.monotonic` is no clock: fetching is told the time, and measures how long it waits.
CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
ENVIRONMENT = {"os.environ", "os.getenv"}


def modules() -> dict[str, Path]:
    found = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imported(path: Path) -> Iterator[str]:
    """Yield every module that a file imports, wherever in it; `if TYPE_CHECKING` counts too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from (_whole(module, alias.name) for alias in names)
            case ast.ImportFrom():
                pytest.fail(f"{path}: a relative import")
            case _:
                pass


def _whole(module: str, name: str) -> str:
    return f"{module}.{name}" if f"{module}.{name}" in MODULES else module


def room_of(module: str) -> str:
    """Return the longest entry of the layers, or the package, that a module belongs to."""
    known = [room for layer in LAYERS for room in layer] + ["schemas"]
    return max((room for room in known if module == room or module.startswith(f"{room}.")), key=len)


def level_of(module: str) -> int:
    room = room_of(module)
    return next(level for level, layer in enumerate(LAYERS) if room in layer)


def called(path: Path) -> set[str]:
    """Return every dotted name that a file uses, as its last two parts."""
    return {
        f"{owner}.{node.attr}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        for owner in [_last_part(node.value)]
    }


def _last_part(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
        case _:
            return ""


def test_the_guard_sees_the_modules_and_their_imports() -> None:
    ours = [name for path in MODULES.values() for name in imported(path) if name.split(".")[0] in ROOMS]
    assert len(MODULES) > 40
    assert len(ours) > 150
    assert {room for layer in LAYERS for room in layer} <= {room_of(module) for module in MODULES} | {"pipeline"}


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module: str) -> None:
    ours = sorted({name for name in imported(MODULES[module]) if name.split(".")[0] in ROOMS})
    room = room_of(module)
    if room == "schemas":
        wrong = [name for name in ours if room_of(name) not in BESIDE["schemas"]]
    else:
        wrong = [
            name
            for name in ours
            if room_of(name) not in BESIDE.get(room, set())
            and (room_of(name) == "schemas" or level_of(name) > level_of(module))
        ]
    assert [] == wrong


def test_nothing_imports_in_a_circle() -> None:
    edges = {
        module: {name for name in imported(path) if name in MODULES and not module.startswith(f"{name}.")}
        for module, path in MODULES.items()
        if module not in {"pipeline", "schemas"}
    }
    done: set[str] = set()
    waiting = dict(edges)
    while ready := [module for module, needs in waiting.items() if needs <= done | {"pipeline", "schemas"}]:
        done.update(ready)
        for module in ready:
            del waiting[module]
    assert [] == sorted(waiting)


def test_only_fetching_touches_the_network() -> None:
    network = {"requests", "urllib3", "socket", "http", "ftplib", "urllib"}
    users = {
        module: found
        for module, path in MODULES.items()
        if (found := sorted({name for name in imported(path) if name.split(".")[0] in network} - {"urllib.parse"}))
    }
    assert "requests" in users.pop("pipeline.collect.fetch")
    assert ["http", "http.server"] == users.pop("pipeline.cli.report_server")  # answers this machine, and asks nobody
    # What fetching is made of: where a request may go, how it is bounded, what an answer and a failure mean. A webhook
    # is the one place that anything is sent to.
    parts = {
        f"pipeline.collect.{part}" for part in ("addresses", "answer", "connection", "failure", "names", "webhook")
    }
    assert parts == set(users)


@pytest.mark.parametrize("banned", [CLOCKS, ENVIRONMENT], ids=["clock", "environment"])
def test_only_the_command_line_reads_the_clock_and_the_environment(banned: set[str]) -> None:
    users = {module for module, path in MODULES.items() if called(path) & banned}
    assert users
    assert set() == {module for module in users if room_of(module) != "pipeline.cli"}


def test_the_clock_is_not_brought_in_under_another_name() -> None:
    hidden = {
        module
        for module, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module in {"time", "os"}
        for alias in node.names
        if f"{node.module}.{alias.name}" in CLOCKS | ENVIRONMENT or alias.name in {"environ", "getenv"}
    }
    assert set() == hidden


@pytest.mark.parametrize("module", MODULES)
def test_a_module_stays_short(module: str) -> None:
    assert 300 > len(MODULES[module].read_text(encoding="utf-8").splitlines())
