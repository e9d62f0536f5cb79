"""The command `route`: who meets a requirement, and what a gateway needs to obey it."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.catalog.reasons import read_retention, read_training, retention_as_text
from pipeline.catalog.requirement import Check, PolicyBasis, Requirement
from pipeline.cli import NO
from pipeline.cli.reading import open_catalog
from pipeline.cli.render import Row, as_json, plain, print_json, print_rows, shown_day
from pipeline.cli.routing_options import is_asking
from pipeline.errors import UsageError
from pipeline.model import Tier
from pipeline.use.route import find_relaxations, find_slugs, find_stale, find_words

if TYPE_CHECKING:
    from pipeline.catalog.decide import Decision, RefusedOffering
    from pipeline.catalog.reader import Catalog
    from pipeline.catalog.records import OfferingTerms

_TABLE = ("offering", "decision", "retention", "training", "why")


def run_route(options: argparse.Namespace) -> int:
    """Decide who meets the requirement of the options, and print it in the form that was asked for."""
    if options.model and options.format != "litellm":
        raise UsageError("--model goes with --format litellm")
    with open_catalog(options) as catalog:
        now = options.as_of or datetime.now(UTC)
        if options.request is not None:
            return _compare(catalog, options, now)
        decision = catalog.route(_requirement(options), now=now, as_of=options.as_of)
        _tell(f"as of {_day(catalog, options)}")
        if options.as_of is None:
            for line in find_stale(catalog, decision.allowed, now):
                _tell(f"old: {line}; `provider-terms refresh` renews it, --max-age refuses it")
        code = _print(catalog, options, decision)
    if decision.let_in_unknown:
        names = ", ".join(one.offering_id for one in decision.let_in_unknown)
        _tell(f"let in although unknown ({len(decision.let_in_unknown)}): {names}")
    return code


def _requirement(options: argparse.Namespace) -> Requirement:
    return Requirement(
        max_retention_days=options.max_retention_days,
        no_training=options.no_training,
        no_publishing=options.no_publishing,
        tiers=None if options.tier is None else frozenset({Tier(options.tier)}),
        headquarters=options.headquarters,
        not_headquarters=options.not_headquarters,
        datacenters=options.datacenter,
        requires_terms_url=options.require_terms_url,
        max_age_days=options.max_age,
        reading=PolicyBasis(options.basis),
        allows_unknown=options.allow_unknown,
        providers=options.providers,
        ignored=options.ignore or frozenset(),
        allows_paid_training=not options.no_paid_training,
        allows_free_training=not options.no_free_training,
        allows_free_publishing=not options.no_free_publishing,
    )


def _print(catalog: "Catalog", options: argparse.Namespace, decision: "Decision") -> int:
    """Print a decision and return the exit code; a gateway's form is left out where nobody passes."""
    match options.format:
        case "table":
            _print_table(decision)
        case "json":
            print_json(as_json(_facts(catalog, options, decision)))
        case form if decision.allowed:
            _print_export(catalog, options, decision, form)
    if decision.allowed:
        return 0
    nearest = "; ".join(one.text for one in find_relaxations(decision)) or "no smaller requirement helps"
    _tell(f"nobody passes; nearest: {nearest}")
    return NO


def _print_export(catalog: "Catalog", options: argparse.Namespace, decision: "Decision", form: str) -> None:
    from pipeline.use.route_gateways import ALL_MODELS, export_litellm, export_openrouter, export_vercel  # noqa: PLC0415

    match form:
        case "openrouter":
            export = export_openrouter(decision, find_slugs(catalog))
        case "litellm":
            export = export_litellm(decision, find_slugs(catalog), options.model or (ALL_MODELS,))
        case _:
            export = export_vercel(decision)
    print_json(export.body)
    for remark in export.remarks:
        _tell(remark)


def _print_table(decision: "Decision") -> None:
    refused = _told(decision)
    unknown = {one.offering_id for one in decision.let_in_unknown}
    rows = [_row(one, decision, "unknown" if one.offering_id in unknown else "allowed", "") for one in decision.allowed]
    rows += [
        _row(one.offering, decision, "refused", "; ".join(reason.text for reason in one.reasons)) for one in refused
    ]
    print_rows(rows, _TABLE, "table")
    _tell(f"{len(decision.allowed) or 'none'} of {len(rows)} offerings pass")


def _told(decision: "Decision") -> list["RefusedOffering"]:
    """Return the refused that a person wants to hear of: not those that are gone, unless they were asked for."""
    is_named = decision.requirement.providers is not None
    left = {Check.PROVIDERS} if is_named else {Check.LISTED}
    return [one for one in decision.refused if not left & {reason.check for reason in one.reasons}]


def _row(one: "OfferingTerms", decision: "Decision", verdict: str, why: str) -> Row:
    basis = decision.requirement.reading
    return {
        "offering": one.offering_id,
        "decision": verdict,
        "retention": retention_as_text(read_retention(one, basis)),
        "training": read_training(one, basis).value,
        "why": why,
    }


def _facts(catalog: "Catalog", options: argparse.Namespace, decision: "Decision") -> Row:
    words = find_words(catalog, options.as_of)
    unknown = {one.offering_id for one in decision.let_in_unknown}
    as_of = min(options.as_of or catalog.as_of, catalog.as_of)
    return {
        "as_of": as_of,
        "decided_at": decision.now,
        "requirement": _asked(decision.requirement),
        "allowed": [
            {**_policy(one, decision), "is_unknown": one.offering_id in unknown, "evidence": _evidence(one, words)}
            for one in decision.allowed
        ],
        "refused": [
            {
                **_policy(one.offering, decision),
                "reasons": [asdict(reason) for reason in one.reasons],
                "evidence": _evidence(one.offering, words),
            }
            for one in decision.refused
        ],
        "nearest": [] if decision.allowed else [one.text for one in find_relaxations(decision)],
    }


def _asked(requirement: Requirement) -> Row:
    """Return what was asked, with sets as sorted lists."""
    facts = {name: getattr(requirement, name) for name in (*requirement.asked, "reading", "allows_unknown")}
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in facts.items()}


def _policy(one: "OfferingTerms", decision: "Decision") -> Row:
    basis = decision.requirement.reading
    retention = read_retention(one, basis)
    return {
        "gateway_id": one.gateway_id,
        "offering_id": one.offering_id,
        "provider_name": one.provider_name,
        "retention_kind": retention.kind,
        "retention_days": retention.days,
        "training": read_training(one, basis),
        "last_verified_at": one.last_verified_at,
    }


def _evidence(one: "OfferingTerms", words: Mapping[tuple[str, str], Iterable[Row]]) -> list[Row]:
    return list(words.get((one.gateway_id, one.offering_id), ()))


def _compare(catalog: "Catalog", options: argparse.Namespace, now: datetime) -> int:
    """Print what a request lets through, and hold each of it against the options; 4 where it lets through too much."""
    if options.format not in {"table", "json"}:
        raise UsageError(f"--request is answered as a table or JSON, not for {options.format}")
    let_through = catalog.route(_read_request(options.request), now=now, as_of=options.as_of)
    decision = catalog.route(_requirement(options), now=now, as_of=options.as_of)
    reasons = {_key(one.offering): "; ".join(reason.text for reason in one.reasons) for one in decision.refused}
    rows = [
        _row(one, decision, "refused" if _key(one) in reasons else "allowed", reasons.get(_key(one), ""))
        for one in let_through.allowed
    ]
    print_rows(rows, _TABLE, options.format)
    wrong = sum(row["decision"] == "refused" for row in rows)
    _tell(f"the request lets through {len(rows)} offerings, as the gateway states them, as of {_day(catalog, options)}")
    if is_asking(options):
        _tell(f"{wrong or 'none'} of them fail what is asked")
    return NO if wrong else 0


def _read_request(name: str) -> Requirement:
    """Return what a request asks; raise UsageError where the file holds no request and no `provider` object."""
    text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    try:
        request = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--request: {name} is not JSON: {error}") from error
    if isinstance(request, dict) and ("model" in request or "messages" in request or "provider" in request):
        request = request.get("provider") or {}
    if not isinstance(request, dict):
        raise UsageError(f"--request: {name} holds no request, and no `provider` object of one")
    return Requirement.from_openrouter(request)


def _key(one: "OfferingTerms") -> tuple[str, str]:
    return (one.gateway_id, one.offering_id)


def _day(catalog: "Catalog", options: argparse.Namespace) -> str:
    """Return the day that is answered for: nothing is known of one after the newest look."""
    return shown_day(min(options.as_of or catalog.as_of, catalog.as_of))


def _tell(text: str) -> None:
    """Say what stands beside the answer, where no pipe hears it."""
    print(plain(text), file=sys.stderr)


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {"route": run_route}
