"""The commands. The only room that reads the clock and the environment, and prints."""

import io
import logging
import os
import sys
from collections.abc import Sequence

from pipeline.errors import NotFoundError, TermsError, UsageError

FAILED, USAGE, DEGRADED, NO = 1, 2, 3, 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 done; 1 failed and nothing was published; 2 wrong usage; 3 done but degraded (`--strict`); 4 the answer is no.
    An error is one line on stderr; `--debug` adds the traceback.
    """
    from pipeline.cli.options import parse_arguments  # noqa: PLC0415 - `--version` needs no more than argparse

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter shows its number
    is_debug = False
    try:
        options = parse_arguments(sys.argv[1:] if arguments is None else arguments, os.environ)
        is_debug = options.debug
        logging.basicConfig(level=logging.DEBUG if is_debug else logging.CRITICAL, format="%(name)s: %(message)s")
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has what it wanted
        return 0
    except KeyboardInterrupt:
        print("provider-terms: stopped; what came is kept, the published catalog is as it was", file=sys.stderr)
        return FAILED
    except Exception as error:
        if is_debug:
            raise
        print(f"provider-terms: {_one_line(error)}", file=sys.stderr)
        return _exit_code(error)
    return code


def _exit_code(error: Exception) -> int:
    match error:
        case UsageError():
            return USAGE
        case NotFoundError():
            return NO
        case _:
            return FAILED


def _one_line(error: Exception) -> str:
    from pipeline.cli.render import plain  # noqa: PLC0415 - only where something failed

    match error:
        case TermsError():
            text = str(error)
        case OSError() if error.strerror:
            text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        case _:
            text = f"a fault of this program: {type(error).__name__}: {error}; --debug shows where"
    return plain(" ".join(text.split()))
