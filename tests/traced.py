"""System calls of a run, counted and then made to fail one by one, by strace."""

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from tiny_refresh import PATIENCE, environment

WRITES = ("write", "pwrite64", "writev")
SYNCS = ("fsync", "fdatasync")
NAMES = ("rename", "symlink", "mkdir", "unlink", "rmdir", "ftruncate")
OPENS = ("openat",)
_CALL = re.compile(r"([0-9]+) +([a-z0-9_]+)\((.*)")
_CHANGING_OPEN = re.compile(r"O_(?:WRONLY|RDWR|CREAT)")


class Call(NamedTuple):
    """One system call that changes a data folder: the `number`-th of its name in its thread."""

    name: str
    number: int
    arguments: str


def need_strace() -> str:
    """Return the path of strace, or skip where it is missing or may not trace."""
    path = shutil.which("strace")
    if path is None:
        pytest.skip("strace is not installed")
    tried = subprocess.run([path, "-f", "--seccomp-bpf", "-o", "/dev/null", "true"], check=False, capture_output=True)
    if tried.returncode:
        pytest.skip("strace may not trace here")
    return path


def find_calls(command: Sequence[str], folder: Path, names: Iterable[str]) -> list[Call]:
    """Run a command to its good end and return its calls of these names that change what lies under the folder.

    An open that only reads changes nothing: a run killed there leaves what it left at the call before.
    """
    trace = folder.with_name(f"{folder.name}.trace")
    ran = _trace(command, "--seccomp-bpf", "-y", "-s", "0", "-e", f"trace={','.join(names)}", "-o", str(trace))
    assert 0 == ran.returncode, ran.stderr
    counts: Counter[tuple[str, str]] = Counter()
    found: list[Call] = []
    for line in trace.read_text().splitlines():
        match = _CALL.match(line)
        if match is None:  # the second half of a call that another thread interrupted, or the end of a thread
            continue
        thread, name, arguments = match.groups()
        counts[thread, name] += 1
        if str(folder) in arguments and (name not in OPENS or _CHANGING_OPEN.search(arguments)):
            found.append(Call(name, counts[thread, name], arguments))
    return found


def run_with_fault(command: Sequence[str], call: Call, fault: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose given call meets a fault: `signal=KILL`, or `error=ENOSPC`."""
    # A filter in the kernel makes it fast, but no signal comes through that.
    fast = () if fault.startswith("signal") else ("--seccomp-bpf",)
    return _trace(
        command,
        *fast,
        *("-e", f"trace={call.name}", "-e", f"inject={call.name}:{fault}:when={call.number}", "-o", "/dev/null"),
    )


def _trace(command: Sequence[str], *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [need_strace(), "-f", *options, *command],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=environment(PYTHONHASHSEED="0"),
        timeout=PATIENCE,
    )
