"""The command `route`: who meets a requirement, and what a gateway needs to obey it."""

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.catalog.reasons import counted, read_retention, read_training
from pipeline.catalog.requirement import Check, PolicyBasis, Requirement
from pipeline.cli import NO, outlive_reader
from pipeline.cli.reading import open_catalog
from pipeline.cli.render import Row, as_json, print_json, print_rows
from pipeline.cli.routing_told import TABLE, as_of, asked, row, tell, tell_day, tell_old, tell_unknown
from pipeline.errors import UsageError
from pipeline.model import Tier
from pipeline.use.route import find_relaxations, find_slugs, find_zdr

if TYPE_CHECKING:
    from pipeline.catalog.decide import Decision, RefusedOffering
    from pipeline.catalog.reader import Catalog
    from pipeline.catalog.records import OfferingTerms


def run_route(options: argparse.Namespace) -> int:
    """Decide who meets the requirement of the options, and print it in the form that was asked for."""
    if options.model and options.format != "litellm":
        raise UsageError("--model goes with --format litellm")
    with open_catalog(options) as catalog:
        now = options.as_of or datetime.now(UTC)
        decision = catalog.route(_requirement(options), now=now, as_of=options.as_of)
        if options.request is not None:
            from pipeline.cli.routing_request import compare  # noqa: PLC0415 - a question of its own

            return compare(catalog, options, decision, now)
        with outlive_reader():
            tell_day(catalog, options)
            tell_old(catalog, options, decision.allowed, now)
            _print(catalog, options, decision)
            tell_unknown(decision.let_in_unknown)
    return 0 if decision.allowed else NO


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


def _print(catalog: "Catalog", options: argparse.Namespace, decision: "Decision") -> None:
    """Print a decision; a gateway's form is left out where nobody passes."""
    match options.format:
        case "table":
            _print_table(decision)
        case "json":
            print_json(as_json(_facts(catalog, options, decision)))
        case form if decision.allowed:
            _print_export(catalog, options, decision, form)
    if not decision.allowed:
        nearest = "; ".join(one.text for one in find_relaxations(decision)) or "no smaller requirement helps"
        tell(f"nobody passes; nearest: {nearest}")


def _print_export(catalog: "Catalog", options: argparse.Namespace, decision: "Decision", form: str) -> None:
    from pipeline.use.route_gateways import ALL_MODELS, export_litellm, export_openrouter, export_vercel  # noqa: PLC0415

    slugs = find_slugs(catalog)
    zdr = find_zdr(catalog) if decision.requirement.max_retention_days == 0 else None
    match form:
        case "openrouter":
            export = export_openrouter(decision, slugs, zdr)
        case "litellm":
            export = export_litellm(decision, slugs, options.model or (ALL_MODELS,), zdr)
        case _:
            export = export_vercel(decision)
    print_json(export.body)
    for remark in export.remarks:
        tell(remark)


def _print_table(decision: "Decision") -> None:
    refused = _told(decision)
    unknown = {one.offering_id for one in decision.let_in_unknown}
    rows = [row(one, decision, "unknown" if one.offering_id in unknown else "allowed", "") for one in decision.allowed]
    rows += [
        row(one.offering, decision, "refused", "; ".join(reason.text for reason in one.reasons)) for one in refused
    ]
    print_rows(rows, TABLE, "table")
    count = len(decision.allowed)
    tell(f"{count or 'none'} of {counted(len(rows), 'offering')} {'passes' if count == 1 else 'pass'}")


def _told(decision: "Decision") -> list["RefusedOffering"]:
    """Return the refused that a person wants to hear of: not those that are gone, unless they were asked for."""
    is_named = decision.requirement.providers is not None
    left = {Check.PROVIDERS} if is_named else {Check.LISTED}
    return [one for one in decision.refused if not left & {reason.check for reason in one.reasons}]


def _facts(catalog: "Catalog", options: argparse.Namespace, decision: "Decision") -> Row:
    from pipeline.use.words_behind import find_words  # noqa: PLC0415 - no other form has the words

    words = find_words(catalog, options.as_of)
    unknown = {one.offering_id for one in decision.let_in_unknown}
    return {
        "as_of": as_of(catalog, options),
        "decided_at": decision.now,
        "requirement": asked(decision.requirement),
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
    return list(words.get(one.key, ()))


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {"route": run_route}
