"""What a request's own `provider` object lets through at OpenRouter, and what of it fails a data policy."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from pipeline.catalog.decide import Decision, RefusedOffering, decide
from pipeline.catalog.protection import retention_of, strictest_retention, strictest_training
from pipeline.catalog.reader import Catalog
from pipeline.catalog.records import OfferingTerms
from pipeline.catalog.requirement import Requirement
from pipeline.errors import NotFoundError
from pipeline.model import Retention, RetentionKind, Training
from pipeline.use.route import find_slugs, find_zdr
from pipeline.use.route_gateways import fails_by_word

_NONE: Final = Retention(kind=RetentionKind.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetThrough:
    """Whom a request lets through, sorted by id: `whole`, or `in_part`, by single endpoints without retention alone.

    `strangers` are in its `only` and not in the catalog, `no_slugs` in its `ignore` without being a slug, by which the
    gateway keeps out nobody. `knows_endpoints` is false where `zdr` is set and no list of endpoints is on record.
    """

    request: Requirement
    whole: tuple[OfferingTerms, ...]
    in_part: tuple[OfferingTerms, ...]
    strangers: tuple[str, ...]
    no_slugs: tuple[str, ...]
    knows_endpoints: bool

    def find_failing(self, decision: Decision, catalog: Catalog) -> list[RefusedOffering]:
        """Return what is let through and fails a decision, with the reasons.

        Single endpoints are held to what the request's switches demand of them, and to what the provider's own terms
        say. A tier of which the gateway states nothing any more is reached by the slug of its provider, and its last
        word counts.
        """
        whole = {one.key for one in self.whole}
        failing = [one for one in decision.refused if one.offering.key in whole]
        gone = [one.offering for one in decision.refused if not one.offering.is_listed]
        slugs = find_slugs(catalog)
        reached = {slug for one in (*self.whole, *self.in_part) for slug in slugs.get(one.key, ())}
        beside = [one for one in gone if reached & {*slugs.get(one.key, ())}]
        switched = [_as_switched(one, self.request) for one in (*self.in_part, *beside)]
        return failing + [
            one for one in decide(switched, decision.requirement, decision.now).refused if fails_by_word(one)
        ]


def let_through(
    catalog: Catalog, request: Requirement, *, now: datetime | None = None, as_of: date | None = None
) -> LetThrough:
    """Return whom a request (`Requirement.from_openrouter`) lets through, as the gateway states them.

    A name in `only` counts whatever spelling it is, one in `ignore` only where it is a slug: what is in doubt is let
    through. The list of endpoints is as it stands; that of an earlier day is not on record.
    """
    known = {name: _is_known(catalog, name) for name in sorted(request.providers or ())}
    slugs = {slug for given in find_slugs(catalog).values() for slug in given}
    heard = replace(
        request,
        providers=frozenset(name for name in known if known[name]) or None,
        ignored=request.ignored & slugs,
    )
    is_nobody = bool(known) and heard.providers is None
    whole = () if is_nobody else catalog.route(heard, now=now, as_of=as_of).allowed
    endpoints = None if as_of is not None and not catalog.is_now(as_of) else find_zdr(catalog)
    in_part: tuple[OfferingTerms, ...] = ()
    if request.max_retention_days is not None and endpoints is not None and not is_nobody:
        by_endpoint = endpoints - {one.key for one in whole}
        anybody = catalog.route(heard.without("max_retention_days"), now=now, as_of=as_of).allowed
        in_part = tuple(one for one in anybody if one.key in by_endpoint)
    return LetThrough(
        request=request,
        whole=whole,
        in_part=in_part,
        strangers=tuple(name for name in known if not known[name]),
        no_slugs=tuple(sorted(request.ignored - slugs)),
        knows_endpoints=request.max_retention_days is None or endpoints is not None,
    )


def _is_known(catalog: Catalog, name: str) -> bool:
    try:
        return bool(catalog.resolve(name))
    except NotFoundError:
        return False


def _as_switched(one: OfferingTerms, request: Requirement) -> OfferingTerms:
    """Return what an offering is by what the switches of a request let through of it, beside its provider's words."""
    if request.max_retention_days == 0:
        strictest = strictest_retention(_NONE, retention_of(one.provider_retention_kind, one.provider_retention_days))
        one = replace(
            one,
            retention_kind=_NONE.kind,
            retention_days=_NONE.stored_days,
            retention_text=None,
            strictest_retention_kind=strictest.kind,
            strictest_retention_days=strictest.stored_days,
            strictest_retention_bound=one.provider_retention_bound,
        )
    if request.no_training:
        strictest_use = strictest_training(Training.NO, one.provider_training)
        one = replace(one, training=Training.NO, training_text=None, strictest_training=strictest_use)
    return one
