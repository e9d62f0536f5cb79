"""What every command is made with: its parser, its help, and the room that is loaded where it is called."""

import argparse
import importlib
import textwrap
from functools import partial
from typing import NoReturn, TypeAlias

from pipeline.normalize.unseen import plain

_WIDTH = 78


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Print the message and where help is, and exit with 2."""
        self.exit(2, f"{self.prog}: {plain(' '.join(message.split()))}; `{self.prog} --help` shows how\n")


_MODULES = {
    **dict.fromkeys(("refresh", "build", "import", "validate", "verify"), "changing"),
    **dict.fromkeys(("extract", "eval"), "terms"),
    **dict.fromkeys(("claims", "conflicts", "explain"), "statements"),
    "route": "routing",
    "check": "checking",
    "evidence": "filing",
    **dict.fromkeys(("feed", "notify", "diff"), "telling"),
    "export": "exporting",
    **dict.fromkeys(("report", "serve"), "report"),
}
Commands: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001 - it has no other name


def add_command(commands: Commands, parent: Parser, name: str, help_: str, *examples: str) -> Parser:
    """Add a command with its help and examples of calls; it runs in the room that knows it."""
    module = _MODULES.get(name, "reading")
    command: Parser = commands.add_parser(
        name,
        parents=[parent],
        help=help_,
        description=textwrap.fill(f"{help_[0].upper()}{help_[1:]}.", _WIDTH),
        epilog="\n  ".join(("examples:", *(f"provider-terms {example}" for example in examples))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=partial(_run, module, name))
    return command


def _run(module: str, name: str, options: argparse.Namespace) -> int:
    """Load the room of a command, and no other, and run it."""
    code: int = importlib.import_module(f"pipeline.cli.{module}").COMMANDS[name](options)
    return code
