"""What providers' own pages say, followed over their captures, and what it makes of each offering. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from pipeline.catalog.agreement import Disagreement, agreement_on, find_agreement, find_disagreements
from pipeline.catalog.looks import Looks
from pipeline.catalog.protection import strictest_retention, strictest_training
from pipeline.catalog.provider_policy import PolicyInterval, ProviderPolicy, find_provider_policy
from pipeline.catalog.provider_policy import provider_policy_intervals as find_intervals
from pipeline.catalog.reconcile import Policy
from pipeline.catalog.state import Readings, find_reading
from pipeline.catalog.statements import PageLook, TermsChange, TermsClaim, TermsHistory, follow_terms
from pipeline.declarations import Source
from pipeline.model import Agreement, Retention, Significance, Tier, Training


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The history of all terms pages, and which documents speak for which provider."""

    history: TermsHistory
    terms_ids: Mapping[str, frozenset[str]]  # by provider
    urls: Mapping[str, str]  # by source, with the fragment that names the section

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
        mine = self.terms_ids.get(provider_id, frozenset())
        return tuple(claim for claim in self.history.claims if claim.terms_id in mine)

    def changes_of(self, provider_id: str) -> tuple[TermsChange, ...]:
        """Return every substantive change of a provider's pages."""
        mine = self.terms_ids.get(provider_id, frozenset())
        return tuple(change for change in self.history.changes if change.terms_id in mine)

    def intervals_of(self, provider_id: str, tier: Tier) -> tuple[PolicyInterval, ...]:
        """Return what a provider's pages said of a tier over time."""
        mine = self.terms_ids.get(provider_id, frozenset())
        return find_intervals(self.history, mine, tier) if mine else ()


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


def follow_pages(sources: Iterable[Source], looks: Looks, readings: Readings) -> Terms:
    """Return what the pages among these sources say and said."""
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
    )


def hold_together(policy: Policy, terms: Terms) -> BothSides:
    """Return both sides of one offering."""
    claims, tier = terms.claims_of(policy.offering.provider_id), policy.offering.tier
    provider = find_provider_policy(claims, tier)
    return BothSides(
        provider=provider,
        strictest_retention=strictest_retention(policy.retention, provider.retention),
        strictest_training=strictest_training(policy.training, provider.training),
        retention_agreement=agreement_on(policy.retention, provider.retention),
        training_agreement=agreement_on(policy.training, provider.training),
        disagreements=find_disagreements(policy.retention, policy.training, provider, claims, tier),
    )


def _page_looks(source: Source, looks: Looks, readings: Readings) -> Iterator[PageLook]:
    settled = {id(look) for look in looks.settled.get(source.id, ())}
    for look in looks.by_source.get(source.id, ()):
        reading = find_reading(look, readings)
        yield PageLook(
            source_id=source.id,
            terms_id=source.terms_id or source.id,
            moment=look.moment,
            capture_id=look.capture_id,
            is_good=reading is not None and not look.is_partial,
            is_flapping=id(look) not in settled,
            statements=reading.statements if reading else (),
            text_key=reading.text_key if reading else None,
            terms_type=source.terms_type,
        )
