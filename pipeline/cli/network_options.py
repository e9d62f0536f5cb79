"""The options of commands that ask others over the network, the same wherever anything is asked or told."""

from pipeline.cli import arguments
from pipeline.cli.commands import Parser


def add_network(command: Parser, contact: str | None) -> None:
    """Add the options of what looks at pages."""
    command.add_argument(
        "--timeout", metavar="SECONDS", type=arguments.seconds, default=30.0, help="for one whole answer (default: 30)"
    )
    command.add_argument(
        "--pause",
        metavar="SECONDS",
        type=arguments.seconds,
        default=1.0,
        help="between two requests to one host (default: 1)",
    )
    add_reach(command, contact)


def add_reach(command: Parser, contact: str | None) -> None:
    """Add the options that say who asks, and how far it may reach."""
    command.add_argument(
        "--contact",
        metavar="TEXT",
        type=arguments.contact,
        default=contact,
        help="whom a site may write to, sent with every request (default: $PROVIDER_TERMS_CONTACT)",
    )
    command.add_argument(
        "--allow-private-network", action="store_true", help="also ask loopback, private addresses and any port"
    )
    command.add_argument(
        "--trust-env",
        action="store_true",
        help="use the proxies that the environment names; they resolve names, so addresses are checked by form only",
    )
