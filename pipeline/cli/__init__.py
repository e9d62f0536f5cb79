"""The commands. The only room that reads the clock and the environment, and prints."""

import io
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pipeline.errors import NotFoundError, TermsError, UsageError

FAILED, USAGE, DEGRADED, NO = 1, 2, 3, 4
_HEARD_BY_DUCKDB = "Query interrupted"  # what it raises in place of the KeyboardInterrupt of a signal that it hears


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 done; 1 failed and nothing was published; 2 wrong usage; 3 done but degraded (`--strict`); 4 the answer is no.
    An error is one line on stderr; `--debug` adds the traceback.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter shows its number
    is_debug = False
    try:
        from pipeline.cli.options import parse_arguments  # noqa: PLC0415 - an interrupt is heard while it loads too

        options = parse_arguments(sys.argv[1:] if arguments is None else arguments, os.environ)
        is_debug = options.debug
        logging.basicConfig(level=logging.DEBUG if is_debug else logging.CRITICAL, format="%(name)s: %(message)s")
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_readers()
        return 0
    except KeyboardInterrupt:
        return _stopped()
    except Exception as error:
        if isinstance(error, RuntimeError) and str(error) == _HEARD_BY_DUCKDB:
            return _stopped()
        if is_debug:
            raise
        print(f"provider-terms: {_one_line(error)}", file=sys.stderr)
        return _exit_code(error)
    return code


def _stopped() -> int:
    print("provider-terms: stopped; what came is kept, and the published catalog is whole", file=sys.stderr)
    return FAILED


@contextmanager
def outlive_reader() -> Iterator[None]:
    """Let a command that has its verdict return it, though whoever reads the answer closes the pipe before the end."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_readers()


def _forget_readers() -> None:
    """Send what is left to nowhere, for each reader that has gone: it has what it wanted."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _exit_code(error: Exception) -> int:
    match error:
        case UsageError():
            return USAGE
        case NotFoundError():
            return NO
        case _:
            return FAILED


def _one_line(error: Exception) -> str:
    from pipeline.normalize.unseen import plain  # noqa: PLC0415 - only where something failed

    match error:
        case TermsError():
            text = str(error)
        case OSError() if error.strerror:
            text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        case _:
            text = f"a fault of this program: {type(error).__name__}: {error}; --debug shows where"
    return plain(" ".join(text.split()))
