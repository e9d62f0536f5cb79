"""What may be typed on the report: `report` and `serve`."""

from pathlib import Path

from pipeline.cli import arguments
from pipeline.cli.commands import Commands, Parser, add_command

_PORT = 8000


def add_report_commands(commands: Commands, common: Parser) -> None:
    """Add the commands on the report."""
    report = add_command(
        commands,
        common,
        "report",
        "write the catalog as a static site that needs no server: an overview, a page per provider, changes, "
        "conflicts, sources, method; prints where it lies",
        "report",
        "report --out site",
    )
    report.add_argument(
        "--out", metavar="DIR", type=Path, help="a new folder, or one of an earlier report (default: beside the tables)"
    )
    report.add_argument("--open", action="store_true", help="open it in the browser")
    serve = add_command(
        commands, common, "serve", "serve the report to this machine alone, until Ctrl-C", "serve", "serve --port 8080"
    )
    serve.add_argument(
        "--port",
        metavar="N",
        type=arguments.port,
        default=_PORT,
        help=f"0 takes any that is free (default: {_PORT})",
    )
