"""What a refresh or a build tells a person: the split, what changed, and how every source stands."""

import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from pipeline.catalog.reader import Catalog, ChangeRecord, OfferingTerms
from pipeline.catalog.state import SourceStatus
from pipeline.cli.reading import change_row, shown_retention
from pipeline.cli.render import print_table
from pipeline.cli.sources import age, page_states, row_counts
from pipeline.model import Outcome, SourceState
from pipeline.normalize.unseen import plain
from pipeline.refresh import Outcomes

_SHOWN_CHANGES = 20
_SOURCES = ("source", "this_run", "in_force", "age", "rows", "detail")
_CHANGES = ("changed", "offering", "what", "old", "new", "cause")


def print_summary(outcomes: Outcomes, known_changes: set[str] | None, now: datetime) -> None:
    """Print the summary of a run; `known_changes` are those of the catalog before, None where there was none."""
    with Catalog.open(outcomes.catalog) as catalog:
        offerings = catalog.offerings()
        changes = catalog.changes()
        refused = catalog.rows("SELECT count(*) AS refused FROM quarantine WHERE is_current")[0]["refused"]
        unreviewed = catalog.rows("SELECT offering_id FROM providers WHERE NOT is_reviewed AND is_listed ORDER BY ALL")
    what = "published" if outcomes.is_new_build else "unchanged, nothing rewritten"
    print(f"Catalog as of {outcomes.as_of:%Y-%m-%d}: {len(offerings)} offerings listed ({what})")
    _print_split(offerings)
    _print_changes(changes, known_changes)
    print()
    gateways = [one for one in outcomes.statuses if one.source.gateway_id is not None]
    print_table((_source_row(one, outcomes, now) for one in gateways), _SOURCES)
    _print_pages([one for one in outcomes.statuses if one.source.gateway_id is None], outcomes)
    _print_remarks(outcomes, refused, [str(row["offering_id"]) for row in unreviewed], now)


def _print_split(offerings: Iterable[OfferingTerms]) -> None:
    retention = Counter(shown_retention(one) for one in offerings)
    training = Counter(one.training.value for one in offerings)
    print(f"  retention  {_counted(retention)}")
    print(f"  training   {_counted(training)}")


def _counted(counts: Counter[str]) -> str:
    return " · ".join(f"{count} {name}" for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _print_changes(changes: list[ChangeRecord], known: set[str] | None) -> None:
    if known is None:
        print(f"  changes    first build here; {len(changes)} in its history (provider-terms changes)")
        return
    new = [one for one in changes if one.change_id not in known]
    print(f"  changes    {len(new) or 'none'} new in the history")
    if new:
        print_table((change_row(one) for one in new[:_SHOWN_CHANGES]), _CHANGES)
    if len(new) > _SHOWN_CHANGES:
        print(f"  and {len(new) - _SHOWN_CHANGES} more: provider-terms changes")


def _source_row(one: SourceStatus, outcomes: Outcomes, now: datetime) -> dict[str, object]:
    return {
        "source": one.source.id,
        "this_run": _this_run(one, outcomes),
        "in_force": one.good.moment.at.date() if one.good else None,
        "age": age(one.good.moment.at, now) if one.good else "nothing yet",
        "rows": row_counts(one),
        "detail": one.detail,
    }


def _print_pages(pages: list[SourceStatus], outcomes: Outcomes) -> None:
    """Print how the providers' own pages fared, in one line each for this run and for what stands."""
    if not pages:
        return
    print(f"  {len(pages)} terms pages: {page_states(pages)} (provider-terms status --pages)")
    failed = Counter(
        str(look.outcome) for one in pages if (look := outcomes.looks.get(one.source.id)) and not look.is_good
    )
    if failed:
        print(f"  failed in this run: {_counted(failed).replace('_', ' ')}")


def _this_run(one: SourceStatus, outcomes: Outcomes) -> str:
    look = outcomes.looks.get(one.source.id)
    if look is None:
        return "not asked"
    if not look.is_good:
        return "failed, last good in force" if one.good else "failed"
    if one.state is SourceState.FLAPPING:
        return "takes turns, what held before is held"
    if one.good is None or one.good.capture_id != look.capture_id:
        return "unreadable, last good in force" if one.good else "unreadable"
    is_known = look.outcome is Outcome.NOT_MODIFIED or look.capture_id in outcomes.captures_before
    return "unchanged" if is_known else "came"


def _print_remarks(outcomes: Outcomes, refused: int, unreviewed: list[str], now: datetime) -> None:
    excluded = sorted({name for one in outcomes.statuses if one.reading for name in one.reading.excluded})
    if refused:
        _remark(f"{refused} refused rows or values wait in the quarantine: provider-terms quarantine")
    if excluded:
        _remark(f"left out by a declared rule: {', '.join(excluded)}")
    if unreviewed:
        _remark(f"new, without a reviewed provider file: {', '.join(unreviewed)}")
    for one in outcomes.statuses:
        for signal in one.reading.signals if one.reading else ():
            _remark(f"{one.source.id}: {signal}")
    for problem in outcomes.problems:
        _remark(f"declaration left out: {problem}")
    if outcomes.looks and not any(look.is_good for look in outcomes.looks.values()):
        _remark(
            f"no source brought an answer that is believed: the catalog is built from earlier captures, "
            f"as of {outcomes.as_of:%Y-%m-%d} (age: {age(outcomes.as_of, now)})"
        )


def _remark(text: str) -> None:
    print(f"provider-terms: {plain(text)}", file=sys.stderr)
