"""What providers' own pages say, followed over their captures, and what it makes of each offering. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from pipeline.catalog.agreement import Disagreement, agreement_on, find_agreement, find_disagreements
from pipeline.catalog.looks import Looks
from pipeline.catalog.products import names_other_product
from pipeline.catalog.protection import strictest_retention, strictest_training
from pipeline.catalog.provider_policy import PolicyInterval, ProviderPolicy, find_provider_policy
from pipeline.catalog.provider_policy import provider_policy_intervals as find_intervals
from pipeline.catalog.reconcile import Policy
from pipeline.catalog.state import Readings, find_reading
from pipeline.catalog.statements import PageLook, PageVersion, TermsChange, TermsClaim, TermsHistory, follow_terms
from pipeline.declarations import Provider, Source
from pipeline.model import Agreement, Retention, Significance, Tier, Topic, Training

_R = TypeVar("_R", TermsClaim, TermsChange, PageVersion)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The history of all terms pages, and which documents speak for which provider."""

    history: TermsHistory
    terms_ids: Mapping[str, frozenset[str]]  # by provider
    urls: Mapping[str, str]  # by source, with the fragment that names the section
    names: Mapping[str, tuple[str, ...]]  # of each provider that has pages

    @property
    def significances(self) -> Mapping[tuple[str, datetime], Significance]:
        """What each new capture meant against the one before, by source and the moment at which it first showed."""
        return {
            (version.source_id, version.moment.at): version.significance
            for version in self.history.versions
            if version.significance is not None
        }

    def claims_of(self, provider_id: str) -> tuple[TermsClaim, ...]:
        """Return every claim that a provider's pages make or made."""
        return self._claims.get(provider_id, ())

    def speaking_of(self, provider_id: str) -> tuple[TermsClaim, ...]:
        """Return those claims of a provider's pages that speak of it, and not of another product of its vendor."""
        names = self.names.get(provider_id, ())
        return tuple(
            claim
            for claim in self.claims_of(provider_id)
            if not names_other_product(
                claim.statement.quote, claim.statement.locator, names, self.urls.get(claim.source_id, "")
            )
        )

    def changes_of(self, provider_id: str) -> tuple[TermsChange, ...]:
        """Return every substantive change of a provider's pages."""
        return self._changes.get(provider_id, ())

    def intervals_of(self, provider_id: str, tier: Tier) -> tuple[PolicyInterval, ...]:
        """Return what a provider's pages said of a tier over time."""
        mine = TermsHistory(
            claims=self.speaking_of(provider_id), changes=(), versions=self._versions.get(provider_id, ())
        )
        return find_intervals(mine, self.terms_ids.get(provider_id, ()), tier)

    @cached_property
    def _claims(self) -> Mapping[str, tuple[TermsClaim, ...]]:
        return self._by_provider(self.history.claims)

    @cached_property
    def _changes(self) -> Mapping[str, tuple[TermsChange, ...]]:
        return self._by_provider(self.history.changes)

    @cached_property
    def _versions(self) -> Mapping[str, tuple[PageVersion, ...]]:
        return self._by_provider(self.history.versions)

    def _by_provider(self, found: Iterable[_R]) -> Mapping[str, tuple[_R, ...]]:
        """Return what was found, by the providers that it speaks for, in the same order; linear."""
        owners: defaultdict[str, list[str]] = defaultdict(list)
        for provider_id, terms_ids in self.terms_ids.items():
            for terms_id in terms_ids:
                owners[terms_id].append(provider_id)
        mine: defaultdict[str, list[_R]] = defaultdict(list)
        for one in found:
            for provider_id in owners[one.terms_id]:
                mine[provider_id].append(one)
        return {provider_id: tuple(ones) for provider_id, ones in mine.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class BothSides:
    """One offering as its gateway states it and as its provider's own terms do, and the strictest reading of both."""

    provider: ProviderPolicy
    strictest_retention: Retention
    strictest_training: Training
    retention_agreement: Agreement
    training_agreement: Agreement
    disagreements: tuple[Disagreement, ...]

    @property
    def agreement(self) -> Agreement:
        """How the two sides stand to each other over both topics."""
        return find_agreement((self.retention_agreement, self.training_agreement))


def follow_pages(sources: Iterable[Source], providers: Iterable[Provider], looks: Looks, readings: Readings) -> Terms:
    """Return what the pages of these providers among these sources say and said."""
    pages = [source for source in sources if source.gateway_id is None]
    terms_ids: dict[str, set[str]] = {}
    for source in pages:
        for provider_id in source.provider_ids:
            terms_ids.setdefault(provider_id, set()).add(source.terms_id or source.id)
    # The parts of a document are judged together, so their looks have to come in the order of time.
    seen = sorted(
        (look for source in pages for look in _page_looks(source, looks, readings)), key=lambda one: one.moment.at
    )
    return Terms(
        history=follow_terms(seen),
        terms_ids={provider_id: frozenset(ids) for provider_id, ids in terms_ids.items()},
        urls={source.id: source.url for source in pages},
        names={one.id: (one.name, *one.names.table) for one in providers if one.id in terms_ids},
    )


def hold_together(policy: Policy, terms: Terms) -> BothSides:
    """Return both sides of one offering.

    A topic is in conflict also where the defaults agree and the provider carves out a part of its API.
    """
    claims, tier = terms.speaking_of(policy.offering.provider_id), policy.offering.tier
    provider = find_provider_policy(claims, tier)
    disagreements = find_disagreements(policy.retention, policy.training, provider, claims, tier)
    in_conflict = {one.topic for one in disagreements}
    by_default = {
        Topic.RETENTION: agreement_on(policy.retention, provider.retention),
        Topic.TRAINING: agreement_on(policy.training, provider.training),
    }
    agreements = {topic: Agreement.CONFLICT if topic in in_conflict else one for topic, one in by_default.items()}
    return BothSides(
        provider=provider,
        strictest_retention=strictest_retention(policy.retention, provider.retention),
        strictest_training=strictest_training(policy.training, provider.training),
        retention_agreement=agreements[Topic.RETENTION],
        training_agreement=agreements[Topic.TRAINING],
        disagreements=disagreements,
    )


def _page_looks(source: Source, looks: Looks, readings: Readings) -> Iterator[PageLook]:
    settled = {id(look) for look in looks.settled.get(source.id, ())}
    # While it flaps, a look that shows what is held confirms nothing: the next one may show the other side.
    since = looks.flapping.get(source.id)
    for look in looks.by_source.get(source.id, ()):
        reading = find_reading(look, readings)
        yield PageLook(
            source_id=source.id,
            terms_id=source.terms_id or source.id,
            moment=look.moment,
            capture_id=look.capture_id,
            is_good=reading is not None and not look.is_partial,
            is_flapping=id(look) not in settled or (since is not None and look.moment.at >= since),
            statements=reading.statements if reading else (),
            text_key=reading.text_key if reading else None,
            terms_type=source.terms_type,
        )
