"""From options to a fetcher."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from pipeline.collect.addresses import Gate
from pipeline.collect.fetch import Fetcher, Limits
from pipeline.collect.robots import Robots


@contextmanager
def open_fetcher(
    options: argparse.Namespace, robots: dict[str, Robots], now: Callable[[], datetime]
) -> Iterator[Fetcher]:
    """Give a fetcher as the options ask for it, and close it."""
    if options.allow_private_network:
        print("provider-terms: private networks may be asked (--allow-private-network)", file=sys.stderr)
    if options.trust_env:
        told = "proxies of the environment resolve names, addresses are checked by their form only (--trust-env)"
        print(f"provider-terms: {told}", file=sys.stderr)
    limits = Limits(
        connect=min(Limits().connect, options.timeout), read=min(Limits().read, options.timeout), whole=options.timeout
    )
    fetcher = Fetcher(
        now=now,
        gate=Gate(allows_private=options.allow_private_network),
        limits=limits,
        pause_seconds=options.pause,
        contact=options.contact,
        trusts_environment=options.trust_env,
        robots=robots,
    )
    try:
        yield fetcher
    finally:
        fetcher.close()
