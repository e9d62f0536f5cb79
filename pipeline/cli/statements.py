"""The commands on what is said, claim by claim: claims, conflicts, explain."""

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from pipeline.catalog.reader import OfferingTerms
from pipeline.catalog.reasons import counted
from pipeline.cli.reading import open_catalog, tell
from pipeline.cli.render import as_json, print_drawn, print_json, print_rows, shown
from pipeline.model import POLICY_TOPICS
from pipeline.normalize.unseen import plain
from pipeline.use.statements import Explanation, Facts, explain, find_claims, find_conflicts
from pipeline.use.wording import agreement_in_words, basis_of, retention_in_words, short_hash, training_in_words

if TYPE_CHECKING:
    from rich.console import RenderableType


def run_claims(options: argparse.Namespace) -> int:
    """Show every claim on retention and training of the offerings that a name means, each with its words."""
    with open_catalog(options) as catalog:
        offerings = catalog.find(options.name)
        found = _distinct(row for one in offerings for row in find_claims(catalog, one))
    found = [row for row in found if options.topic in {None, row["topic"]} and (options.all or row["is_current"])]
    _print(found, _claim, options)
    tell(options, f"{counted(len(found), 'claim')}{'' if options.all else '; --all shows those that ended'}")
    return 0


def run_conflicts(options: argparse.Namespace) -> int:
    """List what does not go together, with both quotes and both dates."""
    with open_catalog(options) as catalog:
        found = find_conflicts(catalog, with_delisted=options.all)
    _print(found, _conflict, options)
    tell(options, f"{counted(len(found), 'pair')} of claims that cannot both hold")
    return 0


def run_explain(options: argparse.Namespace) -> int:
    """Tell how a policy came about, claim by claim."""
    with open_catalog(options) as catalog:
        found = [(one, explain(catalog, one)) for one in catalog.find(options.name)]
    if options.format == "json":
        print_json([as_json(asdict(one) | {"topics": [asdict(part) for part in parts]}) for one, parts in found])
        return 0
    for number, (one, parts) in enumerate(found):
        if number:
            print()
        for drawn in _explained(one, parts):
            print_drawn(drawn)
    return 0


def _print(found: Sequence[Facts], draw: Callable[[Facts], "RenderableType"], options: argparse.Namespace) -> None:
    """Print the full facts as JSON or CSV, or each drawn for a person."""
    if options.format != "table":
        print_rows(found, tuple(found[0]) if found else (), options.format)
        return
    for row in found:
        print_drawn(draw(row))


def _distinct(rows: Iterable[Facts]) -> list[Facts]:
    return list({str(row["claim_id"]): row for row in rows}.values())


def _claim(row: Facts) -> "RenderableType":
    said = f"{shown(row['topic'])}: {shown(row['value'])}"
    of = [row["condition"], row["service"], row["data"], row["grade"], row["verification"]]
    scope = ", ".join(str(part).replace("_", " ") for part in of if part is not None)
    head = f"{shown(row['offering'])}  {said}" + (f"  ({scope})" if scope else "")
    return _quoted(head, row["quote"], _place(row))


def _conflict(row: Facts) -> "RenderableType":
    from rich.console import Group  # noqa: PLC0415

    head = f"{shown(row['offering'])}  {shown(row['topic'])}: they differ in {shown(row['reason'])}"
    other = f"{shown(row['other_source'])}, seen {shown(row['other_observed'])}, {shown(row['other_url'])}"
    gateway = f"{shown(row['gateway_source'])}, seen {shown(row['gateway_observed'])}"
    return Group(
        _quoted(head, None, ""),
        _quoted(f"  {shown(row['gateway'])}", row["gateway_quote"], gateway),
        _quoted(f"  {shown(row['other'])}", row["other_quote"], other),
    )


def _quoted(head: str, quote: object, place: str) -> "RenderableType":
    """Draw a head, the exact words below it, and in faint letters where they stand."""
    from rich.console import Group  # noqa: PLC0415 - only a person needs it
    from rich.padding import Padding  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    lines: list[RenderableType] = [Text(plain(head), style="bold")]
    if quote is not None:
        lines.append(Padding(Text(f'"{plain(str(quote))}"'), (0, 0, 0, 4)))
    if place:
        lines.append(Padding(Text(plain(place), style="dim"), (0, 0, 0, 4)))
    return Group(*lines)


def _place(row: Facts) -> str:
    capture = f"capture {short_hash(str(row['capture']))}" if row["capture"] else None
    seen = f"seen {shown(row['observed'])}" + (f", gone {shown(row['ended'])}" if row["ended"] else "")
    parts = (row["source"], seen, row["locator"], capture, row["url"])
    return ", ".join(shown(part) for part in parts if part is not None)


def _explained(one: OfferingTerms, parts: Iterable[Explanation]) -> Iterable["RenderableType"]:
    from rich.text import Text  # noqa: PLC0415

    row = asdict(one)
    yield Text(plain(f"{one.provider_name} ({one.offering_id}) at {one.gateway_id}: {agreement_in_words(row)}"))
    for part in parts:
        yield Text(f"\n{part.topic}", style="bold")
        yield from _said("The gateway states", part.stated, "The gateway does not state it.")
        yield from _said(
            "The provider's own terms state", part.holding, "No statement of the provider's terms decides."
        )
        yield from (Text(f"  {line}", style="dim") for line in _weighed(one, part))
        for conflict in part.conflicts:
            yield _conflict(conflict)
    yield Text("\nthe strictest reading of both", style="bold")
    on_retention, on_training = (basis_of(row, topic, "strictest_") for topic in POLICY_TOPICS)
    stored = (one.strictest_retention_kind, one.strictest_retention_days, one.strictest_retention_bound)
    yield Text(f"  retention  {retention_in_words(*stored, on_retention)}")
    yield Text(f"  training   {training_in_words(one.strictest_training, on_training)}")
    yield Text(f"  zero retention by the provider's own terms: {one.zdr_available.replace('_', ' ')}")


def _weighed(one: OfferingTerms, part: Explanation) -> Iterable[str]:
    """Yield how many other statements of the provider stand, and why they do not decide."""
    reasons = Counter(reason for claim, reason in part.weighed if claim["is_current"])
    if reasons:
        yield f"{reasons.total()} more, not deciding (provider-terms claims {one.provider_id}):"
    for reason, count in reasons.most_common():
        yield f"  {count}: it {reason}"


def _said(what: str, claims: Iterable[Facts], otherwise: str) -> Iterable["RenderableType"]:
    from rich.text import Text  # noqa: PLC0415

    claims = tuple(claims)
    yield Text(f"{what}:" if claims else otherwise)
    for claim in claims:
        yield _claim(claim)


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "claims": run_claims,
    "conflicts": run_conflicts,
    "explain": run_explain,
}
