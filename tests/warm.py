"""A process that has imported all that a command needs, and runs each command in a fork of its own.

What a fork does is the command itself: its own process, memory, signals and files. Only the imports are paid once, and
strace sees the calls of the command alone. `python tests/warm.py ARGUMENTS...` serves; `Warm` is its client.
"""

import ctypes
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Self

from patience import PATIENCE
from tiny_refresh import environment, words
from traced import need_strace

from pipeline.cli import main

# What an example of the command has imported at its end, on the last line: in the order in which it was imported.
_EXAMPLE = """
import sys
from pipeline.cli import main
code = main(sys.argv[1:])
print(*sys.modules)
sys.exit(code)
"""
_PR_SET_PTRACER, _ANY = 0x59616D61, -1  # prctl(2), PR_SET_PTRACER


class Warm:
    """Runs commands in forks of one process, which has imported what a refresh of the folder `example` imports.

    Process and strace share one processor: a call that goes to and fro between two costs several times as much. Beside
    other workers of the tests, each takes another one.
    """

    def __init__(self, example: Path) -> None:
        self._server = subprocess.Popen(
            [sys.executable, __file__, *words(example, "refresh")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            # Of a process with threads, such as those for linear algebra, a fork would have one only.
            env=environment(PYTHONHASHSEED="0", OPENBLAS_NUM_THREADS="1"),
        )

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.communicate(timeout=PATIENCE)

    def run(self, data: Path, *arguments: str, tracing: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, under strace where options for it are given."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        line = words(data, *arguments)
        self._server.stdin.write(json.dumps([line, tracing]) + "\n")
        self._server.stdin.flush()
        code, out, told = json.loads(self._server.stdout.readline())
        return subprocess.CompletedProcess(line, code, out, told)


def _serve(example: Sequence[str]) -> None:
    """Import what the example does, then run what each line on stdin asks for, and answer with a line."""
    ran = subprocess.run([sys.executable, "-c", _EXAMPLE, *example], check=True, capture_output=True, encoding="utf-8")
    for name in ran.stdout.splitlines()[-1].split():
        with suppress(ImportError):  # some are made by their packages, and stand in no file
            importlib.import_module(name)
    os.sched_setaffinity(0, {_processor()})
    gc.collect()
    gc.freeze()  # what all forks share is never walked again
    assert 1 == len(list(Path("/proc/self/task").iterdir()))
    for line in sys.stdin:
        arguments, tracing = json.loads(line)
        sys.stdout.write(json.dumps(_run(arguments, tracing)) + "\n")
        sys.stdout.flush()


def _processor() -> int:
    """Return the processor of this worker of pytest-xdist."""
    all_there_are = sorted(os.sched_getaffinity(0))
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return all_there_are[worker % len(all_there_are)]


def _run(arguments: Sequence[str], tracing: Sequence[str]) -> tuple[int, str, str]:
    """Return the exit code of a command, negative for a signal, and what it printed on stdout and on stderr."""
    with TemporaryFile() as out, TemporaryFile() as told:
        held, release = os.pipe()
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), sys.stdout.fileno())
            os.dup2(told.fileno(), sys.stderr.fileno())
            _obey(arguments, held)
        tracer = _attach(child, tracing) if tracing else None
        os.write(release, b".")
        _, status = os.waitpid(child, 0)
        if tracer is not None:
            tracer.communicate(timeout=PATIENCE)
        os.close(held)
        os.close(release)
        for file in (out, told):
            file.seek(0)
        return os.waitstatus_to_exitcode(status), out.read().decode(), told.read().decode()


def _obey(arguments: Sequence[str], held: int) -> None:
    """Run a command in this process, which is a fork, and end it; nothing of the server is run after."""
    code = os.EX_SOFTWARE
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANY)  # where only descendants may be traced, a sibling may too
        os.read(held, 1)
        signal.alarm(PATIENCE)
        code = main(arguments)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _attach(child: int, tracing: Sequence[str]) -> subprocess.Popen[str]:
    """Return the strace that traces a process, as soon as it does."""
    options = [need_strace(), "-f", "-p", str(child), *tracing]
    tracer = subprocess.Popen(options, stderr=subprocess.PIPE, encoding="utf-8")
    assert tracer.stderr is not None
    first = tracer.stderr.readline()
    if "attached" not in first:
        os.kill(child, signal.SIGKILL)
        raise RuntimeError(first)
    return tracer


if __name__ == "__main__":
    _serve(sys.argv[1:])
