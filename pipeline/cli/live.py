"""`validate --live`: sources tried against their pages, one line each."""

import argparse
from collections.abc import Callable
from datetime import datetime

from pipeline.cli.fetching import open_fetcher
from pipeline.declarations import Declarations
from pipeline.errors import DeclarationError, UsageError
from pipeline.normalize.identity import Identities
from pipeline.normalize.unseen import plain
from pipeline.trial import try_source


def try_live(declarations: Declarations, options: argparse.Namespace, now: Callable[[], datetime]) -> bool:
    """Try the sources that `--live` names, or all that are enabled, and print what came; return whether all hold."""
    try:
        wanted = [declarations.source(source_id) for source_id in options.live]
    except DeclarationError as error:
        raise UsageError(f"--live: {error}") from error
    identities = {one: Identities(declarations.providers, one) for one in declarations.gateway_ids}
    failed = 0
    sources = wanted or [source for source in declarations.sources if source.is_valid_on(now().date())]
    with open_fetcher(options, {}, now) as fetcher:
        for source in sources:
            trial = try_source(source, fetcher, identities)
            failed += bool(trial.problems)
            for line in trial.problems or (trial.said,):
                print(plain(f"{source.id}: {line}"), flush=True)
    print(f"{len(sources) - failed} of {len(sources)} hold against their pages")
    return not failed
