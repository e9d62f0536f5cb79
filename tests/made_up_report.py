"""A made-up catalog of any words, its report, and what on its pages would act."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from table_rows import Row, plain_row

from pipeline.catalog.publish import publish
from pipeline.catalog.reader import Catalog
from pipeline.catalog.validate import check_tables
from pipeline.use.report import Written, write_report
from pipeline.use.report.facts import Facts
from schemas import TABLES

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
LINK, WORDS = "https://words.example/{}", "words {}"  # what stands for the words of a provider until all is checked


def rows_of(number: int) -> dict[str, list[Row]]:
    """Return the rows of one provider, with a claim of each side, a change and a conflict; words in every place."""
    link, words = LINK.format(number), WORDS.format(number)
    one = {"gateway_id": "gate", "offering_id": f"p{number}"}
    links = dict.fromkeys(("terms_url", "privacy_url", "data_usage_url", "status_url"), link)
    said = {"topic": "retention", "quote": words, "locator": words, "retention_kind": "none", "retention_days": 0}
    own = {"condition": "default", "service": "api", "data": "prompts_outputs", "grade": "certain", "url": link}
    own |= {
        "verification": "supported",
        "rule_id": "made-up",
        "capture_id": f"{number:064x}",
        "source_id": f"s{number}",
    }
    rests_on = {"retention_claim_id": f"a{number:x}", "provider_retention_claim_id": f"b{number:x}"}
    sides = {f"{side}_{what}": words for side in ("ruling", "other") for what in ("value", "quote")}
    change = {f"{side}_{what}": words for side in ("old", "new") for what in ("value", "quote")}
    spoken = {"names": [words], "slugs": [words], "provider_name": words, "is_listed": True}
    rows: dict[str, Row] = {
        "providers": one | links | spoken | {"provider_id": f"p{number}"},
        "policies": one | rests_on | {"is_listed": True, "retention_text": words, "training_text": words},
        "policy_history": one | {"retention_text": words, "training_text": words, "retention_capture_id": "ab"},
        "provider_policy_history": one | {"retention_quote": words, "training_quote": words},
        "changes": one | change | {"change_id": f"c{number:x}", "topic": "status_url"},
        "conflicts": one | sides | {"conflict_id": f"d{number:x}", "topic": "retention", "other_url": link},
        "quarantine": one | {"quarantine_id": f"e{number:x}", "raw": words, "reason": words, "is_current": True},
        "sources": {"source_id": f"s{number}", "gateway_id": None, "provider_ids": [f"p{number}"]}
        | {"is_enabled": True, "title": words, "url": link, "detail": words},
    }
    found = {table: [plain_row(table, **row)] for table, row in rows.items()}
    found["claims"] = [
        plain_row("claims", **one, **said, value_text="none", claim_id=f"a{number:x}", source_id="table"),
        plain_row("claims", **one, **said, **own, value_text="none", claim_id=f"b{number:x}"),
        plain_row("claims", **one, topic="terms_url", value_text=words, claim_id=f"f{number:x}", source_id="table"),
    ]
    return found


def publish_words(folder: Path, words: Sequence[str], links: Sequence[str] | None = None) -> Path:
    """Publish a catalog with a provider for each of these words, and return where `current` is.

    They are put in once the contract was checked, so that a catalog may hold what no source can bring.
    """
    texts = _texts(words, links or ())
    frames = check_tables(_rows(len(words)))
    for frame in frames.values():
        for column in frame.select_dtypes(["str", "object"]).columns:
            frame[column] = frame[column].map(lambda value: _put(value, texts))
    publish(folder, frames, build_key="ab" * 32, as_of=NOW)
    return folder / "current"


def _rows(count: int) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {table: [] for table in TABLES}
    for number in range(count):
        for table, parts in rows_of(number).items():
            rows[table] += parts
    return rows


def _texts(words: Sequence[str], links: Sequence[str]) -> dict[str, str]:
    texts = {WORDS.format(number): text for number, text in enumerate(words)}
    return texts | {LINK.format(number): link for number, link in enumerate(links)}


def facts_of_words(words: Sequence[str]) -> Facts:
    """Return what a catalog of these words would be read as; all own statements are of the first provider."""
    texts = _texts(words, words)
    rows = {
        table: [{name: _put(value, texts) for name, value in row.items()} for row in parts]
        for table, parts in _rows(len(words)).items()
    }
    offerings = [one | two for one, two in zip(rows["providers"], rows["policies"], strict=True)]
    unmarked = {"old_basis": None, "new_basis": None}
    tables = ("sources", "quarantine")
    return Facts(
        as_of=NOW.replace(tzinfo=None),
        offerings=offerings,
        changes=[one | unmarked for one in rows["changes"]],
        conflicts=[one | {"is_deciding": False} for one in rows["conflicts"]],
        claims=[claim | {"offering_id": "p0"} for claim in rows["claims"] if claim["url"] is not None],
        history=rows["policy_history"],
        own_history=rows["provider_policy_history"],
        endpoints={},
        **{table: rows[table] for table in tables},
    )


def _put(value: Any, texts: Mapping[str, str]) -> Any:  # noqa: ANN401 - text, a list of texts, or nothing
    if isinstance(value, (list, tuple)):
        return [texts.get(one, one) for one in value]
    return texts.get(value, value) if isinstance(value, str) else value


def make_report(current: Path, target: Path, now: datetime = NOW) -> Written:
    """Write the report of a catalog."""
    with Catalog.open(current) as catalog:
        return write_report(catalog, target, now)


def read_pages(report: Path) -> dict[str, BeautifulSoup]:
    """Return every page of a report, parsed, by its path."""
    paths = sorted(report.rglob("*.html"))
    return {str(path.relative_to(report)): BeautifulSoup(path.read_bytes(), "lxml") for path in paths}


_NEVER = (
    "iframe",
    "object",
    "embed",
    "form",
    "base",
    "style",
    "img",
    "audio",
    "video",
    "foreignobject",
    "animate",
    "set",
)


def find_acting(page: BeautifulSoup) -> list[str]:
    """Return whatever on a page would act, load or look otherwise than the report's own parts do."""
    return [str(tag) for tag in page.find_all() if _acts(tag)]


def _acts(tag: Tag) -> bool:
    if tag.name in _NEVER or any(name.startswith("on") or name in {"style", "srcdoc", "target"} for name in tag.attrs):
        return True
    if tag.name == "script":
        return bool(tag.string) or not _is_own_file(tag, "src", ".js")
    return "href" in tag.attrs and not _is_harmless(tag)


def _is_harmless(tag: Tag) -> bool:
    href = str(tag["href"])
    if tag.name == "link":
        return href.startswith("data:image/svg+xml,") or _is_own_file(tag, "href", ".css")
    if href.startswith(("http://", "https://")):
        return tag.name == "a" and tag.get("rel") == ["noopener", "noreferrer"]
    return href.startswith("#") or _is_own_file(tag, "href", ".html")


def _is_own_file(tag: Tag, name: str, ending: str) -> bool:
    path = str(tag.get(name)).removeprefix("../").partition("#")[0]
    return path.endswith(ending) and ":" not in path and not path.startswith("/") and ".." not in path
