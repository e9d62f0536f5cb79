"""Whether a capture says what a claim says that it says, there and of whom, by reading it again. Pure."""

import importlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipeline.errors import ParseError
from pipeline.model import Document, Format, RawClaim, RawRow, Statement, Tier, as_text
from pipeline.normalize.identity import split_tier
from pipeline.normalize.text import fold
from pipeline.normalize.values import normalize_value, unreadable
from pipeline.parse.charset import to_utf_8
from pipeline.parse.document import Selection, parse_document
from pipeline.use.filing.records import CitedSource, Claim, names_of

_PLACE: Final = re.compile(r"block ([0-9]{1,9}), characters ([0-9]{1,9})-([0-9]{1,9})(?: under (.*))?", re.DOTALL)
_ELSEWHERE: Final = "its quote stands elsewhere in its capture than it says"
_NOWHERE: Final = "its quote stands nowhere in its capture"
_NOTHING: Final = (None, "unknown")
_LONGEST_MARK: Final = 3  # of emphasis, which a quote may begin or end with outside of its block's text


@dataclass(frozen=True, slots=True)
class Found:
    """What reading a capture again tells of a claim: what is wrong, and whether its value was read at its place."""

    problem: str | None = None
    is_read: bool = True


Reader = Callable[[Claim], Found]
Offering = Mapping[str, Any]


def read_again(body: bytes, source: CitedSource, content_type: str | None, offerings: Mapping[str, Offering]) -> Reader:
    """Return what holds claims against a capture; one that cannot be read any more is held against by its plain text.

    `offerings` are those of the evidence by their ids, with the names and slugs that they go by.
    """
    try:
        if source.format is Format.DOCUMENT:
            return _in_document(body, source, content_type)
        return _in_rows(body, source, content_type, offerings)
    except (ParseError, RecursionError):
        text = _folded(to_utf_8(body, content_type).decode("utf-8", "replace"))
        return lambda claim: Found(_misplaced(text, claim), is_read=False)


def _in_document(body: bytes, source: CitedSource, content_type: str | None) -> Reader:
    from pipeline.clauses import read_statements  # noqa: PLC0415 - rules that gateways' captures do not need

    selection = Selection(select=source.select, remove=source.remove, fragment=source.fragment)
    document = parse_document(body, content_type, selection)
    statements = read_statements(document)
    text = _folded(document.source)

    def check(claim: Claim) -> Found:
        if not _stands(document, claim):
            return Found(_misplaced(text, claim))
        there = [one for one in statements if (one.quote, one.locator, one.topic) == _place_of(claim)]
        if not there:
            return Found(is_read=False)
        read = [_facts(one) for one in there]
        told = (claim.value_text, claim.data, claim.condition, claim.service, claim.grade, claim.rule_id)
        return Found(None if told in read else f"its words are read as {_listing(read)}, not as {_listing([told])}")

    return check


def _stands(document: Document, claim: Claim) -> bool:
    """Whether a quote stands at its characters, in its block, under its headings."""
    place = _PLACE.fullmatch(claim.locator)
    if place is None or not 1 <= int(place[1]) <= len(document.blocks):
        return False
    block = document.blocks[int(place[1]) - 1]
    if not block.places:
        return False
    first, last = int(place[2]), int(place[3])
    is_within = block.places[0] - _LONGEST_MARK <= first and last <= block.places[-1] + 1 + _LONGEST_MARK
    is_under = " > ".join(block.headings) == (place[4] or "")
    return is_within and is_under and _folded(document.source[first:last]) == claim.quote


def _place_of(claim: Claim) -> tuple[object, ...]:
    return claim.quote, claim.locator, claim.topic


def _facts(one: Statement) -> tuple[str | None, ...]:
    return as_text(one.value), one.data, one.condition, one.service, one.grade, one.rule_id


def _in_rows(body: bytes, source: CitedSource, content_type: str | None, offerings: Mapping[str, Offering]) -> Reader:
    parsed = importlib.import_module(f"pipeline.parse.{source.format}").parse(body, content_type)
    text = _folded(to_utf_8(body, content_type).decode("utf-8", "replace"))
    refused = {one.locator for one in parsed.refusals}  # what such a row says is unknown
    rows: dict[tuple[object, ...], tuple[RawRow, RawClaim]] = {
        (raw.quote, raw.locator, raw.topic): (row, raw) for row in parsed.rows for raw in row.claims
    }

    def check(claim: Claim) -> Found:
        found = rows.get((claim.quote or "", claim.locator, claim.topic))
        if found is None:
            is_refused = not claim.quote and claim.locator in refused and claim.value_text in _NOTHING
            return Found(None if is_refused else _misplaced(text, claim))
        row, raw = found
        offering = offerings.get(claim.offering_id)
        if offering is None or not _is_row_of(row, offering):
            name = row.label or row.name or row.slug
            return Found(f"its row is that of '{name}', not of {claim.offering_id}")
        typed = normalize_value(raw, is_table=source.format is Format.POLICY_TABLE) or unreadable(raw.topic)
        read, told = (as_text(typed.value) or None, typed.basis), (claim.value_text, claim.basis)
        return Found(None if read == told else f"its words are read as {_listing([read])}, not as {_listing([told])}")

    return check


def _is_row_of(row: RawRow, offering: Offering) -> bool:
    """Whether a row has a name, or else the slug, that an offering goes by, and is of its tier."""
    given = names_of(offering)
    known = {fold(name) for name in given}
    if row.slug is not None and row.slug not in given:
        return False
    base, tier = split_tier(row.label or "")
    tier = row.tier or tier
    names = {fold(name) for name in (row.label, base, row.name) if name}
    if names.isdisjoint(known) if names else row.slug is None:
        return False
    return tier == offering.get("tier") or (offering.get("tier") == Tier.DEFAULT and fold(row.label or "") in known)


def _misplaced(text: str, claim: Claim) -> str:
    return _ELSEWHERE if _folded(claim.quote or "") in text else _NOWHERE


def _listing(facts: Iterable[tuple[object, ...]]) -> str:
    return " or ".join(", ".join(_shown(one)) for one in facts)


def _shown(facts: Iterable[object]) -> Iterator[str]:
    return ("nothing" if one is None else str(one) for one in facts)


def _folded(text: str) -> str:
    return " ".join(text.split())
