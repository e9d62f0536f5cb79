"""System calls of a run, counted and then made to fail one by one, by strace."""

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest
from patience import PATIENCE
from tiny_refresh import command, environment

WRITES = ("write", "pwrite64", "writev")
SYNCS = ("fsync", "fdatasync")
NAMES = ("rename", "symlink", "mkdir", "unlink", "rmdir", "ftruncate")
OPENS = ("openat",)
TRIES = 3  # for a call to be met
_CALL = re.compile(r"([0-9]+) +([a-z0-9_]+)\((.*)")
_CHANGING_OPEN = re.compile(r"O_(?:WRONLY|RDWR|CREAT)")


class Call(NamedTuple):
    """One system call that changes a data folder: the `number`-th of its name in its thread."""

    name: str
    number: int
    arguments: str


@cache
def need_strace() -> str:
    """Return the path of strace, or skip where it is missing or may not trace."""
    path = shutil.which("strace")
    if path is None:
        pytest.skip("strace is not installed")
    tried = subprocess.run([path, "-f", "--seccomp-bpf", "-o", "/dev/null", "true"], check=False, capture_output=True)
    if tried.returncode:
        pytest.skip("strace may not trace here")
    return path


class Run(Protocol):
    """Runs one command over a data folder to its end, under strace where options for it are given."""

    def __call__(
        self, data: Path, *arguments: str, tracing: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]: ...


def run_cold(data: Path, *arguments: str, tracing: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Run a command as it is typed, in a process that begins with nothing."""
    # A filter in the kernel makes it fast, but no signal comes through that.
    fast = () if any(":signal=" in option for option in tracing) else ("--seccomp-bpf",)
    tracer = (need_strace(), "-f", *fast, *tracing) if tracing else ()
    return subprocess.run(
        [*tracer, *command(data, *arguments)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=environment(PYTHONHASHSEED="0"),
        timeout=PATIENCE,
    )


def find_calls(run: Run, data: Path, command_name: str, names: Iterable[str]) -> list[Call]:
    """Run a command to its good end and return its calls of these names that change what lies under the data folder.

    An open that only reads changes nothing: a run killed there leaves what it left at the call before.
    """
    trace = data.with_name(f"{data.name}.trace")
    ran = run(data, command_name, tracing=("-y", "-s", "0", "-e", f"trace={','.join(names)}", "-o", str(trace)))
    assert 0 == ran.returncode, ran.stderr
    counts: Counter[tuple[str, str]] = Counter()
    found: list[Call] = []
    for line in trace.read_text().splitlines():
        match = _CALL.match(line)
        if match is None:  # the second half of a call that another thread interrupted, or the end of a thread
            continue
        thread, name, arguments = match.groups()
        counts[thread, name] += 1
        if str(data) in arguments and (name not in OPENS or _CHANGING_OPEN.search(arguments)):
            found.append(Call(name, counts[thread, name], arguments))
    return found


def refresh_with_fault(run: Run, data: Path, call: Call, fault: str) -> subprocess.CompletedProcess[str]:
    """Run a refresh whose given call meets a fault: `signal=KILL`, or `error=ENOSPC`."""
    inject = f"inject={call.name}:{fault}:when={call.number}"
    return run(data, "refresh", tracing=("-e", f"trace={call.name}", "-e", inject, "-o", "/dev/null"))
