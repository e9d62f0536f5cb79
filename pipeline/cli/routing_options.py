"""What may be typed on obeying the catalog: `route` and `check`, their options, and help that teaches."""

import argparse
from pathlib import Path

from pipeline.catalog.requirement import PolicyBasis
from pipeline.cli import arguments
from pipeline.cli.commands import Commands, Parser, add_command
from pipeline.model import Tier

_FORMS = ("table", "json", "openrouter", "litellm", "vercel")
_REPORTS = ("table", "json", "sarif", "junit", "markdown")


def add_routing_commands(commands: Commands, common: Parser) -> None:
    """Add the commands on requirements."""
    _add_route(commands, common)
    _add_check(commands, common)


def _add_route(commands: Commands, common: Parser) -> None:
    route = add_command(
        commands,
        common,
        "route",
        "tell which providers meet a data policy, why each of the others does not, and what a gateway needs to obey; "
        "unknown, contradicted, too old or absent never passes, and where nobody passes the exit code is 4",
        "route --zdr --no-training",
        "route --max-retention-days 30 --no-training --format openrouter",
        "route --zdr --headquarters US,EU --max-age 30d --format json",
        "route --request request.json --zdr",
    )
    _add_use(route)
    _add_where(route)
    _add_who(route)
    route.add_argument(
        "--request",
        metavar="FILE",
        help="tell what a request's own `provider` object (JSON; - reads a pipe) lets through, held against the rest",
    )
    route.add_argument(
        "--as-of", metavar="DATE", type=arguments.as_of, help="decide by what held at the end of that day (2025-07-31)"
    )
    route.add_argument(
        "--format",
        choices=_FORMS,
        default="table",
        help="table (the default); json, with the evidence; openrouter: the `provider` object of a request; litellm: a "
        "configuration for its router; vercel: provider options of its AI gateway",
    )
    route.add_argument(
        "--model",
        metavar="MODEL",
        type=arguments.name,
        action="append",
        help="with --format litellm: a model by its OpenRouter name (default: all); may be repeated",
    )


def _add_use(route: Parser) -> None:
    use = route.add_argument_group("what happens to prompts")
    limit = use.add_mutually_exclusive_group()
    limit.add_argument(
        "--max-retention-days",
        metavar="N",
        type=arguments.days,
        help="kept for a stated time of at most N days; a time that is not stated never passes",
    )
    limit.add_argument(
        "--zdr", dest="max_retention_days", action="store_const", const=0, help="not kept at all: the same as 0 days"
    )
    use.add_argument(
        "--no-training", action="store_true", help="not used to train, unless the customer asks for it (no, opt_in)"
    )
    use.add_argument("--no-publishing", action="store_true", help="stated that prompts may not be published")
    use.add_argument(
        "--no-paid-training", action="store_true", help="the account's switch: no training, asked of paid tiers only"
    )
    use.add_argument(
        "--no-free-training", action="store_true", help="the account's switch: no training, asked of free tiers only"
    )
    use.add_argument(
        "--no-free-publishing",
        action="store_true",
        help="the account's switch: no publishing, asked of free tiers only",
    )
    use.add_argument(
        "--basis",
        choices=[basis.value for basis in PolicyBasis],
        default=PolicyBasis.STRICTEST.value,
        help="whose statements count: the gateway's, the provider's own terms, or (the default) of both the less "
        "protective one, and the only one where the other says nothing; two that contradict each other never pass",
    )
    use.add_argument(
        "--allow-unknown",
        action="store_true",
        help="let in who says nothing on retention, training or publishing, and name them on stderr",
    )


def _add_where(route: Parser) -> None:
    where = route.add_argument_group("where, and how well known (codes: ISO 3166-1 alpha-2, EU, EEA)")
    where.add_argument("--headquarters", metavar="CC,…", type=arguments.names, help="headquarters in one of these")
    where.add_argument(
        "--not-headquarters", metavar="CC,…", type=arguments.names, help="headquarters known, and in none of these"
    )
    where.add_argument(
        "--datacenter",
        metavar="CC,…",
        type=arguments.names,
        help="datacenters known, and every one in one of these: none says where a single request goes",
    )
    where.add_argument("--require-terms-url", action="store_true", help="a page of its terms is on record")
    where.add_argument(
        "--max-age", metavar="DAYS", type=arguments.age, help="its words were last seen no longer ago, as in 30d"
    )


def _add_who(route: Parser) -> None:
    who = route.add_argument_group("who (ids, slugs or any names, separated by commas)")
    who.add_argument("--providers", metavar="ID,…", type=arguments.names, help="only among these")
    who.add_argument("--ignore", metavar="ID,…", type=arguments.names, help="none of these")
    who.add_argument("--tier", choices=[tier.value for tier in Tier], help="only this tier")


def _add_check(commands: Commands, common: Parser) -> None:
    check = add_command(
        commands,
        common,
        "check",
        "hold the providers that an organisation uses against its policy, for CI: 0 where all is well, and 4 where a "
        "provider no longer meets it, an exception expired, a provider is not in the catalog, or evidence is too old",
        "check policy.toml",
        "check policy.toml --format sarif > provider-terms.sarif",
    )
    check.add_argument("policy", metavar="POLICY", type=Path, help="a policy in TOML: docs/routing.md describes it")
    check.add_argument(
        "--as-of", metavar="DATE", type=arguments.as_of, help="check by what held at the end of that day (2025-07-31)"
    )
    check.add_argument("--format", choices=_REPORTS, default="table", help="default: table")


def is_asking(options: argparse.Namespace) -> bool:
    """Whether any option asks something of providers."""
    given = (options.max_retention_days, options.headquarters, options.not_headquarters, options.datacenter)
    flags = (options.no_training, options.no_publishing, options.require_terms_url, options.max_age is not None)
    switches = (options.no_paid_training, options.no_free_training, options.no_free_publishing)
    return any(one is not None for one in (*given, options.providers, options.ignore, options.tier)) or any(
        (*flags, *switches)
    )
