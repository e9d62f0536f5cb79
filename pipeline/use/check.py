"""A policy held against the catalog: what is violated and since which change, what expired, what is not known."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, TypedDict

from pipeline.catalog.decide import decide
from pipeline.catalog.reader import Catalog
from pipeline.catalog.reasons import Reason
from pipeline.catalog.records import OfferingTerms
from pipeline.catalog.requirement import Check
from pipeline.errors import NotFoundError, UsageError
from pipeline.model import Tier
from pipeline.use.check_changes import TOPICS, find_turn
from pipeline.use.check_findings import Case, Finding, Report, Rule
from pipeline.use.policy import Asked, Exemption, Policy, Used
from pipeline.use.route import find_stale
from pipeline.use.words_behind import Words, find_own_words, find_words

_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a check is made with: the time, the day that is asked of, and the lines of the policy."""

    now: datetime
    as_of: date | None
    lines: Mapping[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class _Meant:
    """What an entry of a policy means: the offerings that are checked, and the tiers of which nothing is stated."""

    used: Used
    offerings: tuple[OfferingTerms, ...]
    not_stated: tuple[OfferingTerms, ...]
    line: int


class _Evidence(TypedDict):
    words: str | None
    source_id: str | None
    observed_at: datetime | None
    url: str | None


def check_policy(catalog: Catalog, policy: Policy, name: str, question: Question) -> Report:
    """Return how the providers of a policy stand to what it requires of each.

    Raise UsageError where two of its entries mean the same offering: which of them holds is not said.
    """
    found = tuple(_find_each(catalog, policy, name, question))
    words = cache(lambda: find_words(catalog, question.as_of))  # asked where something fails: it takes an engine
    cases: list[Case] = []
    remarks: list[Finding] = []
    for one in found:
        if isinstance(one, Case):
            cases.append(one)
            continue
        for offering in one.offerings:
            failed, told = _check_offering(catalog, policy, one, offering, (question, words))
            cases += failed
            remarks += told
        remarks += _tiers_not_stated(policy, one, question)
    cases += _check_exceptions(policy, question)
    if question.as_of is None or catalog.is_now(question.as_of):
        used = [offering for one in found if not isinstance(one, Case) for offering in one.offerings]
        stale = find_stale(catalog, used, question.now)
        remarks += [Finding(rule=Rule.STALE_SOURCE, subject=one.split()[0], text=one) for one in stale]
    as_of = _day_end(question.as_of) if question.as_of is not None else catalog.as_of
    return Report(
        policy=name,
        as_of=min(as_of, catalog.as_of),
        checked_at=question.now,
        cases=tuple(cases),
        remarks=tuple(remarks),
    )


def _day_end(as_of: date) -> datetime:
    if isinstance(as_of, datetime):
        return as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC)
    return datetime(as_of.year, as_of.month, as_of.day, 23, 59, 59, tzinfo=UTC)


def _find_each(catalog: Catalog, policy: Policy, name: str, question: Question) -> Iterator[_Meant | Case]:
    """Yield what each entry of the policy means, or the case that failed because it means nothing."""
    taken: dict[str, str] = {}
    for number, used in enumerate(policy.providers):
        line = question.lines.get(("providers", number), 1)
        try:
            meant = _find(catalog, used, line, question.as_of)
        except NotFoundError as error:
            finding = Finding(rule=Rule.UNKNOWN_PROVIDER, subject=used.name, text=str(error), line=line)
            yield Case(subject=used.name, what="in the catalog", finding=finding)
            continue
        for one in meant.offerings:
            if one.offering_id in taken:
                both = f"'{taken[one.offering_id]}' and '{used.name}' both mean {one.offering_id}"
                raise UsageError(f"{name}: providers[{number}]: {both}; keep one, or give each its tier")
            taken[one.offering_id] = used.name
        yield meant


def _find(catalog: Catalog, used: Used, line: int, as_of: date | None) -> _Meant:
    """Return the offerings that an entry means: of its tier, or all that are listed and the default one in any case."""
    ids = catalog.resolve(used.name)
    known = {one.offering_id: one for one in catalog.index(as_of).offerings}
    found = [known[one] for one in ids if one in known and used.tier in {None, known[one].tier}]
    if not found:
        what = "was not known then" if used.tier is None else f"has no {used.tier} tier with terms of its own"
        raise NotFoundError(f"'{used.name}' {what}")
    asked = [one for one in found if one.is_listed or one.tier is Tier.DEFAULT] or found[:1]
    return _Meant(used, tuple(asked), tuple(one for one in found if one not in asked), line)


def _tiers_not_stated(policy: Policy, meant: _Meant, question: Question) -> Iterator[Finding]:
    """Yield a note for each further tier that the gateway states nothing of any more, with what its last word fails."""
    due = meant.used.require.over(policy.require).without(["max_age_days"]).as_requirement()
    for one in meant.not_stated:
        refused = decide([one], due, question.now).refused
        failed = "; ".join(
            reason.text for each in refused for reason in each.reasons if reason.check is not Check.LISTED
        )
        since = "" if one.delisted_at is None else f" since {one.delisted_at:%Y-%m-%d}"
        last = f"; by its last word: {failed}" if failed else ""
        text = f"the {one.tier} tier is not stated by {one.gateway_id} any more{since}, and is not checked{last}"
        yield Finding(rule=Rule.TIER_NOT_STATED, subject=one.offering_id, text=text, line=meant.line)


def _check_offering(
    catalog: Catalog, policy: Policy, meant: _Meant, one: OfferingTerms, where: tuple[Question, Callable[[], Words]]
) -> tuple[list[Case], list[Finding]]:
    question, words = where
    steps = _steps(policy, meant.used, question)
    requirement = steps[-1].as_requirement()
    decision = decide([one], requirement, question.now)
    failed = {reason.check: reason for refused in decision.refused for reason in refused.reasons}
    cases = []
    for check in decision.checks:
        finding = None
        if reason := failed.get(check):
            finding = Finding(
                rule=Rule.STALE_EVIDENCE if check is Check.AGE else Rule.VIOLATION,
                subject=one.offering_id,
                text=reason.text,
                check=check,
                turn=find_turn(catalog, one, check, requirement, question.as_of),
                line=meant.line,
                **_evidence(reason, one, words),
            )
        cases.append(Case(subject=one.offering_id, what=check.value.replace("_", " "), finding=finding))
    return cases, list(_exceptions_told(policy, meant.used, one, steps, question))


def _evidence(reason: Reason, one: OfferingTerms, words: Callable[[], Words]) -> _Evidence:
    """Return the words that a reason rests on: the gateway's, or those of the provider's own page."""
    topic = TOPICS.get(reason.check)
    if reason.words is not None or topic is None:
        return _Evidence(words=reason.words, source_id=reason.source_id, observed_at=reason.observed_at, url=None)
    own: Any = find_own_words(words(), one.key, topic) or {}
    return _Evidence(
        words=own.get("quote"), source_id=own.get("source_id"), observed_at=own.get("observed_at"), url=own.get("url")
    )


def _exceptions(policy: Policy, used: Used, question: Question) -> list[tuple[int, Exemption]]:
    """Return the exceptions for a provider that are in force, with their numbers: through the day of their expiry."""
    today = question.now.astimezone(UTC).date()
    numbered = enumerate(policy.exceptions)
    return [(number, one) for number, one in numbered if one.provider == used.name and one.expires_on >= today]


def _steps(policy: Policy, used: Used, question: Question) -> list[Asked]:
    """Return what is required without any exception, with the first, with the first two, and so on."""
    steps = [used.require.over(policy.require)]
    for _, one in _exceptions(policy, used, question):
        steps.append(one.require.over(steps[-1].without(one.waive)))
    return steps


def _exceptions_told(
    policy: Policy, used: Used, offering: OfferingTerms, steps: list[Asked], question: Question
) -> Iterator[Finding]:
    """Yield, for each exception in force, what it lets pass beside those before it, if anything."""
    for (number, one), (before, after) in zip(_exceptions(policy, used, question), pairwise(steps), strict=True):
        left = _failed(offering, after, question)
        eased_by = [text for check, text in _failed(offering, before, question).items() if check not in left]
        rule = Rule.EXCEPTION_IN_USE if eased_by else Rule.EXCEPTION_WITHOUT_NEED
        need = f"excepted: {'; '.join(eased_by)}" if eased_by else "its exception lets nothing pass that would not"
        yield Finding(
            rule=rule,
            subject=offering.offering_id,
            text=f"{need} (until {one.expires_on}, {one.owner}: {one.reason})",
            owner=one.owner,
            line=question.lines.get(("exceptions", number), 1),
        )


def _failed(offering: OfferingTerms, asked: Asked, question: Question) -> dict[Check, str]:
    refused = decide([offering], asked.as_requirement(), question.now).refused
    return {reason.check: reason.text for one in refused for reason in one.reasons}


def _check_exceptions(policy: Policy, question: Question) -> Iterator[Case]:
    """Yield a case for each exception: failed where it expired, told where it soon does."""
    today = question.now.astimezone(UTC).date()
    for number, one in enumerate(policy.exceptions):
        line = question.lines.get(("exceptions", number), 1)
        finding = None
        told = f"the exception of {one.owner} ({one.reason})"
        if one.expires_on < today:
            text = f"{told} expired on {one.expires_on}: renew it or remove it"
            finding = Finding(rule=Rule.EXPIRED_EXCEPTION, subject=one.provider, text=text, owner=one.owner, line=line)
        elif one.expires_on - today <= _SOON:
            text = f"{told} expires on {one.expires_on}"
            finding = Finding(rule=Rule.EXPIRING_EXCEPTION, subject=one.provider, text=text, owner=one.owner, line=line)
        yield Case(subject=one.provider, what=f"exception until {one.expires_on}", finding=finding)
