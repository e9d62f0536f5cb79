"""What may be typed to tell others what changed: commands, options, help."""

from collections.abc import Mapping
from pathlib import Path

from pipeline.cli import arguments
from pipeline.cli.commands import Commands, Parser, add_command
from pipeline.cli.network_options import add_reach

_MOST_ENTRIES = 100


def add_telling_commands(commands: Commands, common: Parser, environment: Mapping[str, str]) -> None:
    """Add the commands that tell others what changed; `refresh` tells a webhook that the environment names."""
    _add_feed(commands, common)
    _add_diff(commands, common)
    _add_notify(commands, common, environment.get("PROVIDER_TERMS_CONTACT"))
    for name in ("notify", "refresh"):
        commands.choices[name].set_defaults(webhook=environment.get("PROVIDER_TERMS_WEBHOOK"))
        commands.choices[name].set_defaults(webhook_format=environment.get("PROVIDER_TERMS_WEBHOOK_FORMAT") or "json")


def _add_feed(commands: Commands, common: Parser) -> None:
    feed = add_command(
        commands,
        common,
        "feed",
        "write what changed as a feed to subscribe to: of all providers, or of one",
        "feed --out changes.atom --force",
        "feed openai --format json",
        "feed --out-dir public/feeds --site-url https://example.org/feeds",
    )
    feed.add_argument("name", metavar="ID", nargs="?", help="one provider, by any name it goes by (default: all)")
    feed.add_argument("--format", choices=("atom", "json"), default="atom", help="json is JSON Feed 1.1; default: atom")
    feed.add_argument(
        "--limit",
        metavar="N",
        type=arguments.count,
        default=_MOST_ENTRIES,
        help=f"the newest N changes of each feed (default: {_MOST_ENTRIES})",
    )
    where = feed.add_mutually_exclusive_group()
    where.add_argument("--out", metavar="FILE", type=Path, help="write it to a file")
    where.add_argument("--out-dir", metavar="DIR", type=Path, help="write all feeds: one of all, one per provider")
    feed.add_argument("--force", action="store_true", help="with --out, replace a file that is there")
    feed.add_argument(
        "--site-url",
        metavar="URL",
        type=arguments.site_url,
        help="where the folder of the feeds will be read, so that each names its own address",
    )


def _add_notify(commands: Commands, common: Parser, contact: str | None) -> None:
    notify = add_command(
        commands,
        common,
        "notify",
        "post what changed since the last call to a webhook; the first call only notes what there is",
        "notify",
        "notify --format slack --since 2026-07-01 --dry-run",
    )
    notify.add_argument(
        "url",
        metavar="URL",
        nargs="?",
        help="the webhook (default: $PROVIDER_TERMS_WEBHOOK, where a secret address is in no list of processes)",
    )
    notify.add_argument(
        "--format",
        dest="webhook_format",
        choices=("json", "slack"),
        help="slack is for Slack and what takes the same (default: $PROVIDER_TERMS_WEBHOOK_FORMAT, else json)",
    )
    notify.add_argument(
        "--since", metavar="DATE", type=arguments.since, help="tell all from that day on, also what was told before"
    )
    notify.add_argument("--dry-run", action="store_true", help="print the messages, post nothing and note nothing")
    notify.add_argument(
        "--timeout", metavar="SECONDS", type=arguments.seconds, default=10.0, help="for one answer (default: 10)"
    )
    add_reach(notify, contact)


def _add_diff(commands: Commands, common: Parser) -> None:
    diff = add_command(
        commands,
        common,
        "diff",
        "show what differs between two days or two builds, offering by offering and field by field",
        "diff 2025-07-31 2026-07-21",
        "diff 2026-07-01 current --format markdown",
        "diff 20260715T000000Z-0123456789ab current",
    )
    for name, metavar in (("before", "A"), ("after", "B")):
        diff.add_argument(
            name,
            metavar=metavar,
            help="a day (as the current build knows it), a build's name or folder, or `current`",
        )
    diff.add_argument(
        "--all-fields",
        action="store_true",
        help="also when each row was observed, and links and places that one side does not know",
    )
    diff.add_argument("--format", choices=("table", "json", "markdown", "html"), default="table", help="default: table")
