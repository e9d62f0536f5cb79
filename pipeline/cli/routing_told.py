"""What `route` says of a decision and of a request alike: rows, the requirement, the day, what is old or unknown."""

import argparse
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.catalog.reasons import read_retention, read_training, retention_as_text
from pipeline.catalog.requirement import Requirement
from pipeline.cli.render import Row, shown_day
from pipeline.normalize.unseen import plain
from pipeline.use.route import find_stale

if TYPE_CHECKING:
    from pipeline.catalog.decide import Decision
    from pipeline.catalog.reader import Catalog
    from pipeline.catalog.records import OfferingTerms

TABLE = ("offering", "decision", "retention", "training", "why")


def row(one: "OfferingTerms", decision: "Decision", verdict: str, why: str) -> Row:
    """Return a row of the table."""
    basis = decision.requirement.reading
    return {
        "offering": one.offering_id,
        "decision": verdict,
        "retention": retention_as_text(read_retention(one, basis)),
        "training": read_training(one, basis).value,
        "why": why,
    }


def asked(requirement: Requirement) -> Row:
    """Return what was asked, with sets as sorted lists."""
    facts = {name: getattr(requirement, name) for name in (*requirement.asked, "reading", "allows_unknown")}
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in facts.items()}


def as_of(catalog: "Catalog", options: argparse.Namespace) -> datetime:
    """Return the moment that is answered for: nothing is known of one after the newest look."""
    found: datetime = min(options.as_of or catalog.as_of, catalog.as_of)
    return found


def tell_day(catalog: "Catalog", options: argparse.Namespace) -> None:
    """Say for which day the answer holds."""
    tell(f"as of {shown_day(as_of(catalog, options))}")


def tell_old(
    catalog: "Catalog", options: argparse.Namespace, offerings: Iterable["OfferingTerms"], now: datetime
) -> None:
    """Say which sources of these offerings are older than they should be; not of a day before the newest look."""
    if options.as_of is None or catalog.is_now(options.as_of):
        for line in find_stale(catalog, offerings, now):
            tell(f"old: {line}; `provider-terms refresh` renews it, --max-age refuses it")


def tell_unknown(offerings: Iterable["OfferingTerms"]) -> None:
    """Name who was let in although it is unknown whether it meets what was asked."""
    names = [one.offering_id for one in offerings]
    if names:
        tell(f"let in although unknown ({len(names)}): {', '.join(names)}")


def tell(text: str) -> None:
    """Say what stands beside the answer, where no pipe hears it."""
    print(plain(text), file=sys.stderr)
