"""The commands that tell others what changed: feed, notify, diff."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from pipeline.catalog.reader import Catalog
from pipeline.catalog.reasons import counted
from pipeline.cli import arguments
from pipeline.cli.reading import open_catalog, tell
from pipeline.cli.render import as_json, print_json, print_table
from pipeline.cli.writing import check_folder, check_target
from pipeline.collect.addresses import Gate
from pipeline.collect.files import replace_folder, write_whole
from pipeline.errors import DeliveryError, TermsError, UsageError
from pipeline.normalize.unseen import plain
from pipeline.use.change_text import read_news, split_news
from pipeline.use.feed import Feed, FeedFormat, read_feed, read_feeds, write_feed
from pipeline.use.notify import MessageFormat, Plan, deliver, plan, read_told, told_path, write_messages

if TYPE_CHECKING:
    from pipeline.collect.webhook import Webhook
    from pipeline.use.diff import Side


def run_feed(options: argparse.Namespace) -> int:
    """Write one feed, or all of them."""
    form = FeedFormat(options.format)
    if options.out is not None:
        check_target(options.out, is_forced=options.force)
    elif options.force:
        raise UsageError("--force goes with --out; a folder that --out-dir made is replaced anyhow")
    if options.out_dir is not None:
        return _write_all(options, form)
    with open_catalog(options) as catalog:
        feed = read_feed(catalog, options.limit, options.name)
    name = f"{feed.path}.{form}" if options.out is None else options.out.name
    body = write_feed(feed, form, _self_url(options, name))
    if options.out is None:
        sys.stdout.write(body.decode("ascii"))
    else:
        write_whole(options.out, body)
    print(f"provider-terms: {plain(feed.about)}", file=sys.stderr)
    return 0


def _write_all(options: argparse.Namespace, form: FeedFormat) -> int:
    if options.name is not None:
        raise UsageError("--out-dir writes the feeds of all providers: leave the ID out, or write one with --out")
    check_folder(options.out_dir)
    with open_catalog(options) as catalog:
        feeds = tuple(read_feeds(catalog, options.limit))
    replace_folder(options.out_dir, (_file(feed, form, options) for feed in feeds), kind="feeds")
    print(f"provider-terms: {len(feeds)} feeds in {plain(str(options.out_dir))}: {feeds[0].about}", file=sys.stderr)
    return 0


def _file(feed: Feed, form: FeedFormat, options: argparse.Namespace) -> tuple[str, bytes]:
    name = f"{feed.path}.{form}"
    return name, write_feed(feed, form, _self_url(options, name))


def _self_url(options: argparse.Namespace, name: str) -> str | None:
    return None if options.site_url is None else f"{options.site_url}/{quote(name)}"


def run_notify(options: argparse.Namespace) -> int:
    """Post what changed since the last call."""
    url = options.url or options.webhook
    if not url:
        raise UsageError("no webhook to tell: name its address, or set $PROVIDER_TERMS_WEBHOOK")
    print(
        f"provider-terms: {plain(_notify(options, url, since=options.since, is_dry=options.dry_run))}", file=sys.stderr
    )
    return 0


def notify_after_refresh(options: argparse.Namespace) -> None:
    """Tell the webhook of the environment what a refresh brought; where it cannot be told, say so and no more."""
    try:
        told = _notify(options, options.webhook)
    except (TermsError, OSError) as error:
        told = f"the catalog is published, but {error}"
    print(f"provider-terms: {plain(' '.join(told.split()))}", file=sys.stderr)


def _notify(options: argparse.Namespace, url: str, *, since: datetime | None = None, is_dry: bool = False) -> str:
    """Tell a webhook what is new to it, and return what there is to say of that."""
    form = _message_format(options.webhook_format)
    path = told_path(options.data, url)
    with open_catalog(options) as catalog:
        news, _ = split_news(read_news(catalog))
        as_of = catalog.as_of
    planned = plan(news, _read_told(path, since), since)
    messages = write_messages(planned, form, as_of)
    webhook = _webhook(options, url)
    webhook.check()
    if is_dry:
        print_json([json.loads(message) for message in messages])
    else:
        deliver(planned, path, webhook.post, messages)
    would = "would be " if is_dry else ""
    if planned.is_fresh and not planned.batches and since is None:
        return (
            f"{webhook.name} {would or 'is '}told of changes from now on; --since DATE tells what there was before, "
            "which a webhook at a new address was not told"
        )
    return f"{_sum_up(planned)} {would}told to {webhook.name}"


def _read_told(path: Path, since: datetime | None) -> frozenset[str] | None:
    """Return what a webhook was told; where that is damaged, `--since` begins anew."""
    try:
        return read_told(path)
    except DeliveryError:
        if since is None:
            raise
        return None


def _webhook(options: argparse.Namespace, url: str) -> "Webhook":
    from pipeline.collect.webhook import Patience, Webhook  # noqa: PLC0415 - a feed needs no network

    return Webhook(
        url=url,
        now=lambda: datetime.now(UTC),
        gate=Gate(allows_private=options.allow_private_network),
        patience=Patience(answer=options.timeout),
        contact=options.contact,
        trusts_environment=options.trust_env,
    )


def _message_format(name: str) -> MessageFormat:
    try:
        return MessageFormat(name)
    except ValueError:
        raise UsageError(f"$PROVIDER_TERMS_WEBHOOK_FORMAT is '{name}': it may be json or slack") from None


def _sum_up(planned: Plan) -> str:
    waiting = f", {planned.waiting} more wait for the next call" if planned.waiting else ""
    messages = f" in {counted(len(planned.batches), 'message')}" if planned.batches else ""
    return f"{counted(planned.count, 'new change')}{messages}{waiting}"


def run_diff(options: argparse.Namespace) -> int:
    """Show what differs between two states of the catalog."""
    from pipeline.use import diff  # noqa: PLC0415 - no other command needs it

    before, after = (_side(options, text) for text in (options.before, options.after))
    found = diff.find_differences(before, after, with_all=options.all_fields)
    match options.format:
        case "json":
            print_json(as_json(diff.as_facts(found)))
        case "markdown":
            sys.stdout.write(diff.as_markdown(found))
        case "html":
            sys.stdout.write(diff.as_html(found))
        case _:
            print_table(diff.as_rows(found), diff.COLUMNS)
            tell(options, found.text)
            if found.left_out:
                tell(options, found.left_out)
    return 0


def _side(options: argparse.Namespace, text: str) -> "Side":
    """Return the state that a day or a build means."""
    from pipeline.use.diff import Side  # noqa: PLC0415

    try:
        day = None if text == "current" else arguments.as_of(text)
    except argparse.ArgumentTypeError:
        return _build_side(options.data / "catalog" / "builds" / text, text)
    with open_catalog(options) as catalog:
        until = catalog.as_of if day is None else min(day, catalog.as_of)  # nothing is known of a later day
        return Side(label=text, as_of=until, offerings=tuple(catalog.offerings(day, listed_only=False)))


def _build_side(folder: Path, text: str) -> "Side":
    from pipeline.use.diff import Side  # noqa: PLC0415

    found = next((one for one in (folder, Path(text)) if (one / "catalog.duckdb").is_file()), None)
    if found is None:
        raise UsageError(f"'{text}' is neither a day such as 2026-07-21, nor a build, nor `current`")
    with Catalog.open(found) as catalog:
        offerings = tuple(catalog.offerings(listed_only=False))
        return Side(label=found.resolve().name, as_of=catalog.as_of, offerings=offerings)


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "feed": run_feed,
    "notify": run_notify,
    "diff": run_diff,
}
