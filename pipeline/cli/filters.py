"""The options that choose offerings, the same wherever offerings are listed or handed over."""

import argparse

from pipeline.cli import arguments
from pipeline.cli.commands import Parser
from pipeline.model import RetentionKind, Tier, Training
from pipeline.use.selection import Selection


def add_filters(command: Parser) -> None:
    """Add the filters to a command."""
    command.add_argument(
        "--retention-kind",
        action="append",
        metavar="KIND",
        choices=[kind.value for kind in RetentionKind],
        help=f"only {', '.join(RetentionKind)}; may be repeated",
    )
    command.add_argument(
        "--max-retention-days",
        metavar="N",
        type=arguments.days,
        help="only those that state a retention of at most N days; unknown never passes",
    )
    command.add_argument(
        "--training",
        action="append",
        metavar="USE",
        choices=[use.value for use in Training],
        help=f"only {', '.join(Training)}; may be repeated",
    )
    command.add_argument("--tier", choices=[tier.value for tier in Tier], help="only this tier")
    which = command.add_mutually_exclusive_group()
    which.add_argument("--listed", action="store_true", help="only what the gateway lists (the default)")
    which.add_argument("--all", action="store_true", help="also what is no longer listed")


def selection_of(options: argparse.Namespace) -> Selection:
    """Return what the filters of one call mean."""
    return Selection(
        retention_kinds=frozenset(map(RetentionKind, options.retention_kind)) if options.retention_kind else None,
        max_retention_days=options.max_retention_days,
        training=frozenset(map(Training, options.training)) if options.training else None,
        tier=None if options.tier is None else Tier(options.tier),
        with_delisted=options.all,
    )
