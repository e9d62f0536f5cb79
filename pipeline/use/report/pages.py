"""A catalog to the pages of a report, as bytes by relative path. Pure; what is the same gives the same bytes."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from pipeline.model import POLICY_TOPICS, Agreement
from pipeline.normalize import lookalike, unseen
from pipeline.use import file_names, wording
from pipeline.use.report.drawing import days_before, draw
from pipeline.use.report.facts import Facts, Row
from pipeline.use.report.plots import (
    HEIGHT,
    WIDTH,
    count_weak,
    draw_over_time,
    split_ages,
    split_retention,
    split_training,
)
from pipeline.use.report.provider_page import provider_context

STAMP: Final = "report.json"
_HERE: Final = Path(__file__).parent
_STATIC: Final = ("report.css", "report.js")
_PAGES: Final = ("index", "changes", "conflicts", "sources", "method")


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What a report is made from beside the rows: the build, the day, and the code and templates that make it."""

    build_key: str | None
    made_on: date
    maker: str

    def as_json(self) -> dict[str, Any]:
        """Return the same as it is written down."""
        return {"build_key": self.build_key, "made_on": self.made_on.isoformat(), "maker": self.maker}


def build_pages(facts: Facts, making: Making) -> Iterator[tuple[str, bytes]]:
    """Yield every file of a report but its stamp, one page of a provider at a time."""
    for name in _STATIC:
        yield name, (_HERE / "static" / name).read_bytes()
    shared = _shared(facts, making)
    for name in _PAGES:
        yield f"{name}.html", draw(f"{name}.html.j2", {**shared, **_of_page(name, facts, making), "page": name})
    for provider_id in facts.providers:
        context = {**shared, **provider_context(facts, provider_id), "page": "provider", "root": "../"}
        yield provider_path(provider_id), draw("provider.html.j2", context)


def provider_path(provider_id: str) -> str:
    """Return where the page of a provider lies; an id that is no safe name of a file becomes its hash."""
    return f"providers/{file_names.file_name(provider_id)}.html"


def build_stamp(facts: Facts, making: Making, digests: Mapping[str, str]) -> bytes:
    """Return the file that says what a report was made from, with the SHA-256 of every other file."""
    told = {"as_of": f"{facts.as_of:%Y-%m-%dT%H:%M:%SZ}", **making.as_json(), "files": dict(sorted(digests.items()))}
    return (json.dumps(told, indent=1) + "\n").encode()


def maker_fingerprint() -> str:
    """Return a hash over the code and the templates that make a report."""
    digest = hashlib.sha256()
    files = (path for path in _HERE.rglob("*") if path.suffix in {".py", ".j2", ".css", ".js"})
    beside = (Path(str(module.__file__)) for module in (unseen, lookalike, file_names, wording))
    for path in (*sorted(files), *beside):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _shared(facts: Facts, making: Making) -> dict[str, Any]:
    return {
        "as_of": facts.as_of,
        "made_on": making.made_on,
        "build_key": making.build_key or "",
        "root": "",
        "provider_path": provider_path,
        "is_stale": lambda source: _is_stale(source, making.made_on),
        "old_sources": [one for one in facts.sources if _is_in_use(one, facts) and _is_stale(one, making.made_on)],
        "offerings_by_key": facts.offerings_by_key,
        "sources_by_id": facts.sources_by_id,
    }


def _of_page(name: str, facts: Facts, making: Making) -> dict[str, Any]:
    match name:
        case "index":
            return {
                "offerings": sorted(facts.offerings, key=lambda one: not one["is_listed"]),
                "listed": facts.listed,
                "provider_count": len(facts.providers),
                "retention_split": split_retention(facts.listed),
                "training_split": split_training(facts.listed),
                "weak": {topic.value: count_weak(facts.listed, topic) for topic in POLICY_TOPICS},
                "age_split": split_ages([one for one in facts.sources if one["is_enabled"]], making.made_on),
                "over_time": draw_over_time(facts.history, facts.gateways_seen_at),
                "plot_width": WIDTH,
                "plot_height": HEIGHT,
                "conflict_counts": {
                    topic.value: sum(one[f"{topic}_agreement"] == Agreement.CONFLICT for one in facts.listed)
                    for topic in POLICY_TOPICS
                },
            }
        case "changes":
            return {"changes": facts.changes}
        case "conflicts":
            return {"conflicts": facts.conflicts}
        case "sources":
            return {"sources": facts.sources, "quarantine": facts.quarantine}
        case _:
            return {}


def _is_stale(source: Row, made_on: date) -> bool:
    """Whether a source that was seen is older than its declaration allows."""
    seen = source["last_good_at"]
    return seen is not None and days_before(seen, made_on) > source["stale_after_days"]


def _is_in_use(source: Row, facts: Facts) -> bool:
    """Whether policies of listed offerings rest on a gateway's source."""
    return source["gateway_id"] is not None and source["source_id"] in facts.stating
