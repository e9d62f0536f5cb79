"""Every quote stands where its locator says: JSON fragments at their pointers, table cells in their rows."""

import json
from pathlib import Path

import pytest

from pipeline.model import Json
from pipeline.parse import policy_table, provider_feed, provider_list

RECORDINGS = [
    (provider_feed, "all-providers_2025-05-20.json"),
    (provider_feed, "all-providers_2026-07-04.json"),
    (provider_list, "v1-providers_2026-05-22.json"),
]


def resolve(document: Json, pointer: str) -> Json:
    for part in pointer.split("/")[1:]:
        document = document[int(part)] if isinstance(document, list) else document[part]  # type: ignore[index]
    return document


def stands_at(document: Json, pointer: str, quote: str) -> bool:
    """Whether a quoted fragment is at the pointer: a part of the object there, or a key and its value."""
    if quote.startswith("{"):
        found, quoted = resolve(document, pointer), json.loads(quote)
        return isinstance(found, dict) and all(key in found and found[key] == quoted[key] for key in quoted)
    (item,) = json.loads(f"{{{quote}}}").items()
    parent, _, key = pointer.rpartition("/")
    return bool(item == (key, resolve(document, pointer))) and parent != pointer


@pytest.mark.parametrize(("parser", "name"), RECORDINGS, ids=[name for _, name in RECORDINGS])
def test_a_json_quote_stands_at_its_pointer(parser: object, name: str, shared: Path) -> None:
    body = (shared / "data" / "upstream" / name).read_bytes()
    document = json.loads(body)
    claims = [claim for row in parser.parse(body).rows for claim in row.claims]  # type: ignore[attr-defined]
    assert len(claims) > 400
    assert [] == [claim for claim in claims if not stands_at(document, claim.locator, claim.quote)]


def test_a_table_quote_stands_in_its_row(shared: Path) -> None:
    body = (shared / "data" / "seed" / "privacy-and-logging.md").read_bytes()
    lines = [line for line in body.decode().splitlines() if line.startswith("| ")][2:]
    rows = policy_table.parse(body).rows
    assert 59 == len(rows)
    for number, row in enumerate(rows, start=1):
        assert all(claim.locator.startswith(f"table row {number},") for claim in row.claims)
        assert all(claim.quote in lines[number - 1] for claim in row.claims)
