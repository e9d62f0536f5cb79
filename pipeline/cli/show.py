"""One offering for a person: what holds in plain words, the words behind it, links, names."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.cli.render import print_drawn, shown
from pipeline.model import LINK_TOPICS, POLICY_TOPICS, Topic
from pipeline.normalize.unseen import plain
from pipeline.use.wording import remark_on, retention_in_words, short_hash, training_in_words

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pipeline.catalog.reader import OfferingTerms

_Facts = Mapping[str, object]
_Line = tuple[str, str, str]  # a label, what it says, and a remark on it
_SAID = {Topic.CAN_PUBLISH: "publishing", Topic.REQUIRES_USER_IDS: "user ids"}


def print_offering(one: "OfferingTerms", evidence: Sequence[_Facts], names: _Facts) -> None:
    """Print one offering; an empty section is left out."""
    from rich.console import Group  # noqa: PLC0415 - only a person needs it
    from rich.text import Text  # noqa: PLC0415

    state = "listed at" if one.is_listed else "not listed at" if one.delisted_at is None else "no longer listed at"
    head = Text.assemble((plain(f"{one.provider_name} ({one.offering_id})"), "bold"), f", {state} {one.gateway_id}")
    sections = (
        ("", _policy(one)),
        ("evidence", _evidence(evidence)),
        ("links", _links(one, evidence)),
        ("provider", _provider(one, names)),
    )
    print_drawn(Group(head, *(_section(title, lines) for title, lines in sections if lines)))


def _section(title: str, lines: Iterable[_Line]) -> "RenderableType":
    from rich.console import Group  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, said, remark in lines:
        grid.add_row(Text(f"  {label}"), Text(said))
        if remark:
            grid.add_row(Text(), Text(remark, style="dim"))
    return Group(Text(f"\n{title}" if title else "", style="bold"), grid)


def _policy(one: "OfferingTerms") -> list[_Line]:
    lines = [
        (
            "retention",
            retention_in_words(one.retention_kind, one.retention_days, one.retention_bound, one.retention_basis),
            remark_on(one.retention_basis),
        ),
        ("training", training_in_words(one.training, one.training_basis), remark_on(one.training_basis)),
    ]
    if one.can_publish is not None:
        lines.append(("publishing", f"prompts {'may' if one.can_publish else 'may not'} be published", ""))
    if one.requires_user_ids is not None:
        lines.append(("user ids", f"{'required' if one.requires_user_ids else 'not required'} with each prompt", ""))
    if one.delisted_at is not None:
        lines.append(("delisted", shown(one.delisted_at), ""))
    return [*lines, ("observed", f"{shown(one.observed_at)} in {shown(one.source_id)}", "")]


def _evidence(evidence: Iterable[_Facts]) -> list[_Line]:
    """Return the claims on the policy, each value with its exact quote."""
    wanted = {*POLICY_TOPICS, *_SAID}
    return [
        (_SAID.get(Topic(str(claim["topic"])), str(claim["topic"])), _quoted(claim), _place(claim))
        for claim in evidence
        if claim["topic"] in wanted
    ]


def _quoted(claim: _Facts) -> str:
    quote = "no words" if claim["quote"] is None else f'"{plain(str(claim["quote"]))}"'
    return f"{shown(claim['value'])}: {quote}"


def _place(claim: _Facts) -> str:
    capture = f"capture {short_hash(str(claim['capture']))}" if claim["capture"] else None
    parts = (claim["source"], claim["observed"], claim["locator"], capture)
    return ", ".join(shown(part) for part in parts if part is not None)


def _links(one: "OfferingTerms", evidence: Sequence[_Facts]) -> list[_Line]:
    lines = []
    for topic in LINK_TOPICS:
        url = getattr(one, topic.value)
        if url is not None:
            places = [_place(claim) for claim in evidence if claim["topic"] == topic and claim["value"] == url]
            lines.append((topic.value.removesuffix("_url").replace("_", " "), plain(url), "; ".join(places)))
    return lines


def _provider(one: "OfferingTerms", names: _Facts) -> list[_Line]:
    facts = (
        ("names", names["names"]),
        ("slugs", names["slugs"]),
        ("headquarters", one.headquarters),
        ("datacenters", one.datacenters),
    )
    return [(label, shown(value), "") for label, value in facts if value]
