"""What may be typed: commands, options, and help that teaches."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.cli import arguments
from pipeline.cli.commands import Commands, Parser, add_command
from pipeline.cli.exporting_options import add_exporting_commands
from pipeline.cli.filing_options import add_filing_commands
from pipeline.cli.filters import add_filters
from pipeline.cli.network_options import add_network
from pipeline.cli.report_options import add_report_commands
from pipeline.cli.routing_options import add_routing_commands
from pipeline.cli.telling_options import add_telling_commands
from pipeline.cli.terms_options import add_terms_commands

_EPILOG = """\
first steps:
  provider-terms refresh                       fetch, build and publish
  provider-terms list --max-retention-days 30  who keeps prompts 30 days at most
  provider-terms show openai                   one provider, with its evidence
  provider-terms changes --since 2026-07-01    what changed
  provider-terms route --zdr --no-training     who meets a policy, and who not
  provider-terms check policy.toml             whether those in use still do

what is not known is `unknown`, never `none`: it passes no filter on days.

exit codes: 0 done; 1 failed, nothing published; 2 wrong usage;
            3 done but degraded (refresh --strict); 4 the answer is no
"""


def parse_arguments(arguments: Sequence[str], environment: Mapping[str, str]) -> argparse.Namespace:
    """Return the options of one call; `run` is the command. Wrong usage prints why and exits with 2."""
    return _parser(environment).parse_args(arguments)


def _parser(environment: Mapping[str, str]) -> Parser:
    common = Parser(add_help=False)
    common.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        default=Path(environment.get("PROVIDER_TERMS_DATA") or "data"),
        help="where archive and catalog live (default: $PROVIDER_TERMS_DATA, else ./data)",
    )
    common.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser = Parser(
        prog="provider-terms",
        description="What LLM providers do with prompts: typed, dated, with the words behind it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_writing(commands, common, environment.get("PROVIDER_TERMS_CONTACT"))
    _add_reading(commands, _reading(common, "table", "json", "csv"))
    _add_changes(commands, _reading(common, "table", "json", "csv", "markdown"))
    add_terms_commands(commands, common)
    add_routing_commands(commands, common)
    add_telling_commands(commands, common, environment)
    add_exporting_commands(commands, common)
    add_report_commands(commands, common)
    add_filing_commands(commands, common)
    return parser


def _reading(common: Parser, *forms: str) -> Parser:
    """Return what every command has that reads the catalog and prints in one of these forms, the first by default."""
    reading = Parser(add_help=False, parents=[common])
    reading.add_argument(
        "--as-of", metavar="DATE", type=arguments.as_of, help="show what held at the end of that day (2025-07-31)"
    )
    reading.add_argument("--format", choices=forms, default=forms[0], help=f"default: {forms[0]}")
    return reading


def _add_writing(commands: Commands, common: Parser, contact: str | None) -> None:
    refresh = add_command(
        commands, common, "refresh", "fetch every source, build, publish and tell what changed", "refresh"
    )
    refresh.add_argument(
        "--strict", action="store_true", help="exit with 3 where a required source is stale or failed just now"
    )
    _add_fetching(refresh, contact)
    build = add_command(commands, common, "build", "build and publish from the archive, without network", "build")
    add = add_command(
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
        type=arguments.moment,
        help="when it was captured: 2026-07-21, 2026-07-21T10:00Z, 2025-07 (default: the file's own front matter)",
    )
    add.add_argument("--note", metavar="TEXT", help="where it comes from, kept with the observation")
    for command in (refresh, build, add):
        _add_no_recorded(command)
    about_validate = "check every declaration and print what is wrong, with its path"
    validate = add_command(
        commands, common, "validate", about_validate, "validate", "validate --live groq--privacy-policy"
    )
    validate.add_argument(
        "--live",
        metavar="SOURCE",
        nargs="*",
        help="fetch these sources twice, or all, and tell whether each is believed, read, and says the same twice",
    )
    add_network(validate, contact)


def _add_fetching(refresh: Parser, contact: str | None) -> None:
    refresh.add_argument("--force", action="store_true", help="ask sources too that are still fresh")
    refresh.add_argument(
        "--workers", metavar="N", type=arguments.workers, default=64, help="hosts at once (default: 64)"
    )
    add_network(refresh, contact)


def _add_no_recorded(command: Parser) -> None:
    command.add_argument("--no-recorded", action="store_true", help="leave the captures that ship with the project out")


def _add_reading(commands: Commands, reading: Parser) -> None:
    about_status = "show every source: its state, its age, what is in force"
    status = add_command(commands, reading, "status", about_status, "status", "status --pages")
    status.add_argument("--pages", action="store_true", help="show the providers' own pages instead, one by one")
    _add_no_recorded(status)
    _add_list(commands, reading)
    for name, help_ in (
        ("show", "show one provider with the words behind each value"),
        ("history", "show one provider's policies over time"),
    ):
        command = add_command(
            commands, reading, name, help_, f"{name} openai", f'{name} "Google Vertex" --as-of 2025-07-31'
        )
        command.add_argument("name", metavar="ID", help="an id, a slug or any name the provider goes by, in any case")
    quarantine = add_command(
        commands, reading, "quarantine", "list rows and values that were refused, with the reason", "quarantine --all"
    )
    quarantine.add_argument("--all", action="store_true", help="also of captures that are no longer in force")
    _add_query(commands, reading)


def _add_changes(commands: Commands, reading: Parser) -> None:
    changes = add_command(
        commands,
        reading,
        "changes",
        "list what changed, newest first",
        "changes --since 2026-07-01",
        "changes --since 2026-07-01 --as-of 2026-07-15",
        "changes --since 2026-07-01 --format markdown",
    )
    changes.add_argument("--since", metavar="DATE", type=arguments.since, help="from the start of that day on")


def _add_list(commands: Commands, reading: Parser) -> None:
    list_ = add_command(
        commands,
        reading,
        "list",
        "list offerings and what they do with prompts",
        "list --max-retention-days 30 --training no",
        "list --retention-kind unstated --retention-kind unknown",
        "list --as-of 2025-07-31 --all --format csv",
    )
    add_filters(list_)


def _add_query(commands: Commands, reading: Parser) -> None:
    query = add_command(
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


class _Version(argparse.Action):
    """Prints the version; reading it takes longer than all other options together, so it waits to be asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print it and exit."""
        from importlib.metadata import version  # noqa: PLC0415

        print(f"{parser.prog} {version('provider-terms')}")
        parser.exit()
