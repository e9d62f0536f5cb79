"""What may be typed: commands, options, and help that teaches."""

import argparse
import importlib
import textwrap
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NoReturn, TypeAlias

from pipeline.cli.render import plain
from pipeline.model import Moment, Precision, RetentionKind, Tier, Training
from pipeline.normalize.moment import find_moment

_EPILOG = """\
first steps:
  provider-terms refresh                       fetch, build and publish
  provider-terms list --max-retention-days 30  who keeps prompts 30 days at most
  provider-terms show openai                   one provider, with its evidence
  provider-terms changes --since 2026-07-01    what changed

what is not known is `unknown`, never `none`: it passes no filter on days.

exit codes: 0 done; 1 failed, nothing published; 2 wrong usage;
            3 done but degraded (refresh --strict); 4 the answer is no
"""
_WIDTH = 78


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Print the message and where help is, and exit with 2."""
        self.exit(2, f"{self.prog}: {plain(' '.join(message.split()))}; `{self.prog} --help` shows how\n")


def parse_arguments(arguments: Sequence[str], environment: Mapping[str, str]) -> argparse.Namespace:
    """Return the options of one call; `run` is the command. Wrong usage prints why and exits with 2."""
    return _parser(environment).parse_args(arguments)


def _parser(environment: Mapping[str, str]) -> _Parser:
    common = _Parser(add_help=False)
    common.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        default=Path(environment.get("PROVIDER_TERMS_DATA") or "data"),
        help="where archive and catalog live (default: $PROVIDER_TERMS_DATA, else ./data)",
    )
    common.add_argument("--debug", action="store_true", help="show the traceback of an error")
    reading = _Parser(add_help=False, parents=[common])
    reading.add_argument(
        "--as-of", metavar="DATE", type=_as_of, help="show what held at the end of that day (2025-07-31)"
    )
    reading.add_argument("--format", choices=("table", "json", "csv"), default="table", help="default: table")
    parser = _Parser(
        prog="provider-terms",
        description="What LLM providers do with prompts: typed, dated, with the words behind it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_writing(commands, common, environment.get("PROVIDER_TERMS_CONTACT"))
    _add_reading(commands, reading)
    return parser


_MOST_SECONDS, _MOST_WORKERS, _MOST_CONTACT = 3600, 256, 200
_Commands: TypeAlias = "argparse._SubParsersAction[_Parser]"  # noqa: SLF001 - it has no other name


def _add(commands: _Commands, parent: _Parser, name: str, help_: str, *examples: str) -> _Parser:
    module = "changing" if name in {"refresh", "build", "import", "validate", "verify"} else "reading"
    command: _Parser = commands.add_parser(
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


def _add_writing(commands: _Commands, common: _Parser, contact: str | None) -> None:
    refresh = _add(commands, common, "refresh", "fetch every source, build, publish and tell what changed", "refresh")
    refresh.add_argument(
        "--strict", action="store_true", help="exit with 3 where a required source is stale or failed just now"
    )
    _add_fetching(refresh, contact)
    build = _add(commands, common, "build", "build and publish from the archive, without network", "build")
    add = _add(
        commands,
        common,
        "import",
        "archive a capture that was obtained elsewhere: a saved page, a table in Markdown, a JSON file",
        "import page.md --source openrouter-docs --captured-at 2026-07",
    )
    add.add_argument("file", metavar="FILE", type=Path, help="the bytes as they were captured")
    add.add_argument("--source", metavar="ID", required=True, help="the declared source that it is a capture of")
    add.add_argument(
        "--captured-at",
        metavar="DATE",
        type=_moment,
        help="when it was captured: 2026-07-21, 2026-07-21T10:00Z, 2025-07 (default: the file's own front matter)",
    )
    add.add_argument("--note", metavar="TEXT", help="where it comes from, kept with the observation")
    for command in (refresh, build, add):
        _add_no_recorded(command)
    _add(commands, common, "validate", "check every declaration and print what is wrong, with its path", "validate")
    _add(commands, common, "verify", "re-hash every capture and the catalog, and name what is damaged", "verify")


def _add_fetching(refresh: _Parser, contact: str | None) -> None:
    refresh.add_argument("--force", action="store_true", help="ask sources too that are still fresh")
    refresh.add_argument(
        "--contact",
        metavar="TEXT",
        type=_contact,
        default=contact,
        help="whom a site may write to, sent with every request (default: $PROVIDER_TERMS_CONTACT)",
    )
    refresh.add_argument(
        "--timeout", metavar="SECONDS", type=_seconds, default=30.0, help="for one whole answer (default: 30)"
    )
    refresh.add_argument(
        "--pause", metavar="SECONDS", type=_seconds, default=1.0, help="between two requests to one host (default: 1)"
    )
    refresh.add_argument("--workers", metavar="N", type=_workers, default=64, help="hosts at once (default: 64)")
    refresh.add_argument(
        "--allow-private-network", action="store_true", help="also ask loopback, private addresses and any port"
    )
    refresh.add_argument(
        "--trust-env",
        action="store_true",
        help="use the proxies that the environment names; they resolve names, so addresses are checked by form only",
    )


def _add_no_recorded(command: _Parser) -> None:
    command.add_argument("--no-recorded", action="store_true", help="leave the captures that ship with the project out")


def _add_reading(commands: _Commands, reading: _Parser) -> None:
    status = _add(commands, reading, "status", "show every source: its state, its age, what is in force", "status")
    _add_no_recorded(status)
    _add_list(commands, reading)
    for name, help_ in (
        ("show", "show one provider with the words behind each value"),
        ("history", "show one provider's policies over time"),
    ):
        command = _add(commands, reading, name, help_, f"{name} openai", f'{name} "Google Vertex" --as-of 2025-07-31')
        command.add_argument("name", metavar="ID", help="an id, a slug or any name the provider goes by, in any case")
    changes = _add(
        commands,
        reading,
        "changes",
        "list what changed, newest first",
        "changes --since 2026-07-01",
        "changes --since 2026-07-01 --as-of 2026-07-15",
    )
    changes.add_argument("--since", metavar="DATE", type=_since, help="from the start of that day on")
    quarantine = _add(
        commands, reading, "quarantine", "list rows and values that were refused, with the reason", "quarantine --all"
    )
    quarantine.add_argument("--all", action="store_true", help="also of captures that are no longer in force")
    _add_query(commands, reading)


def _add_list(commands: _Commands, reading: _Parser) -> None:
    list_ = _add(
        commands,
        reading,
        "list",
        "list offerings and what they do with prompts",
        "list --max-retention-days 30 --training no",
        "list --retention-kind unstated --retention-kind unknown",
        "list --as-of 2025-07-31 --all --format csv",
    )
    list_.add_argument(
        "--retention-kind",
        action="append",
        metavar="KIND",
        choices=[kind.value for kind in RetentionKind],
        help=f"only {', '.join(RetentionKind)}; may be repeated",
    )
    list_.add_argument(
        "--max-retention-days",
        metavar="N",
        type=_days,
        help="only those that state a retention of at most N days; unknown never passes",
    )
    list_.add_argument(
        "--training",
        action="append",
        metavar="USE",
        choices=[use.value for use in Training],
        help=f"only {', '.join(Training)}; may be repeated",
    )
    list_.add_argument("--tier", choices=[tier.value for tier in Tier], help="only this tier")
    which = list_.add_mutually_exclusive_group()
    which.add_argument("--listed", action="store_true", help="only what the gateway lists (the default)")
    which.add_argument("--all", action="store_true", help="also what is no longer listed")


def _add_query(commands: _Commands, reading: _Parser) -> None:
    query = _add(
        commands,
        reading,
        "query",
        "run one SELECT over the catalog, read-only; --as-of changes what provider_terms shows",
        'query "SHOW TABLES"',
        'query "DESCRIBE provider_terms"',
        'query "FROM provider_terms WHERE retention_days <= 30"',
    )
    query.add_argument(
        "sql", metavar="SQL", help="DuckDB SQL; SHOW TABLES and DESCRIBE provider_terms tell what is there"
    )


def _moment(text: str) -> Moment:
    moment = find_moment(text)
    if moment is None:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date: write 2026-07-21, 2026-07-21T10:00Z or 2025-07")
    return moment


def _as_of(text: str) -> datetime:
    """Return the last instant that a date means, UTC."""
    moment = _moment(text)
    last_second = moment.at.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return moment.at if moment.precision is Precision.INSTANT else last_second


def _since(text: str) -> datetime:
    return _moment(text).since


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds from 0 to {_MOST_SECONDS}")
    return seconds


def _workers(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= _MOST_WORKERS):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 to {_MOST_WORKERS}")
    return int(text)


def _contact(text: str) -> str:
    if not text.isascii() or not text.isprintable() or len(text) > _MOST_CONTACT:
        raise argparse.ArgumentTypeError("a contact is an address or a link in plain ASCII")
    return text


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len("9999")):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of days from 0 to 9999")
    return int(text)


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - asked for by one option

    return version("provider-terms")
