"""`route --request`: what a request's own `provider` object lets through, held against what is asked."""

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.catalog.reasons import counted
from pipeline.catalog.requirement import Requirement
from pipeline.cli import NO, outlive_reader
from pipeline.cli.render import Row, as_json, print_json, print_rows
from pipeline.cli.routing_options import is_asking
from pipeline.cli.routing_told import TABLE, as_of, asked, row, tell, tell_day, tell_old, tell_unknown
from pipeline.errors import UsageError
from pipeline.use.route_request import let_through

if TYPE_CHECKING:
    from pipeline.catalog.decide import Decision, RefusedOffering
    from pipeline.catalog.reader import Catalog
    from pipeline.use.route_request import LetThrough

_BY_ENDPOINT = "let through by its endpoints without retention alone"
_BY_SLUG = "reached by the slug of its provider"
_UNKNOWN_ENDPOINTS = (
    "zdr acts on endpoints, and no list of them is on record: single ones of who stores prompts pass as well"
)


def compare(catalog: "Catalog", options: argparse.Namespace, decision: "Decision", now: datetime) -> int:
    """Print what a request lets through, and hold each of it against the decision; 4 where it lets through too much."""
    if options.format not in {"table", "json"}:
        raise UsageError(f"--request is answered as a table or JSON, not for {options.format}")
    found = let_through(catalog, _read_request(options.request), now=now, as_of=options.as_of)
    failing = found.find_failing(decision, catalog)
    through = sorted((*found.whole, *found.in_part), key=lambda one: one.key)
    with outlive_reader():
        _print(catalog, options, found, _rows(decision, found, failing))
        tell(f"the request lets through {counted(len(through), 'offering')}, as the gateway states them")
        tell_day(catalog, options)
        for line in _remarks(found):
            tell(line)
        tell_old(catalog, options, through, now)
        let_in = {one.key for one in decision.let_in_unknown}
        tell_unknown(one for one in through if one.key in let_in)
        if is_asking(options):
            count = len(failing)
            tell(f"{count or 'none'} of them {'fails' if count == 1 else 'fail'} what is asked")
    return NO if failing or found.strangers else 0


def _remarks(found: "LetThrough") -> Iterator[str]:
    if not found.knows_endpoints:
        yield _UNKNOWN_ENDPOINTS
    for name in found.strangers:
        yield f"'{name}' is not in the catalog: nothing is known of what it does with prompts"
    for name in found.no_slugs:
        yield f"'{name}' is no slug on record: by `ignore` it may keep out nobody"


def _rows(decision: "Decision", found: "LetThrough", failing: "list[RefusedOffering]") -> list[Row]:
    """Return a row for each that is let through, and for each tier that is reached beside."""
    reasons = {one.offering.key: [reason.text for reason in one.reasons] for one in failing}
    unknown = {one.key for one in decision.let_in_unknown}
    in_part = {one.key for one in found.in_part}
    through = {one.key: one for one in (*found.whole, *found.in_part)}
    beside = {one.offering.key: one.offering for one in failing if one.offering.key not in through}
    rows = []
    for key, one in sorted((through | beside).items()):
        verdict = "refused" if key in reasons else "unknown" if key in unknown else "allowed"
        why = [
            *reasons.get(key, ()),
            *([_BY_ENDPOINT] if key in in_part else ()),
            *([_BY_SLUG] if key in beside else ()),
        ]
        rows.append(row(one, decision, verdict, "; ".join(why)))
    return rows


def _print(catalog: "Catalog", options: argparse.Namespace, found: "LetThrough", rows: list[Row]) -> None:
    if options.format == "table":
        print_rows(rows, TABLE, "table")
        return
    facts = {
        "as_of": as_of(catalog, options),
        "requirement": asked(found.request),
        "let_through": rows,
        "strangers": found.strangers,
        "no_slugs": found.no_slugs,
    }
    print_json(as_json(facts))


def _read_request(name: str) -> Requirement:
    """Return what a request asks; raise UsageError where the file holds no request and no `provider` object."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
        request = json.loads(text)
    except UnicodeDecodeError as error:
        raise UsageError(f"--request: {name} is not JSON: not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--request: {name} is not JSON: {error}") from error
    if not isinstance(request, dict):
        raise UsageError(f"--request: {name} holds no request, and no `provider` object of one")
    if "model" in request or "messages" in request or "provider" in request:
        provider = request.get("provider")
        request = {} if provider is None else provider  # only what is left out or null asks nothing
    return Requirement.from_openrouter(request)
