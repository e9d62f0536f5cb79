"""Records of processing and linked data: unknown is never a number, and nothing is claimed that no source says."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from handed_over import WORDS, extract_of, hostile_catalog, offering, tiered_catalog, write_catalog
from shipped_catalog import shipped_data
from table_rows import Row, plain_row

from pipeline.catalog.reader import Catalog
from pipeline.catalog.reasons import StoredFor
from pipeline.catalog.requirement import PolicyBasis
from pipeline.catalog.spreadsheet import cell
from pipeline.model import Basis, RetentionKind, Training
from pipeline.use.export.dpv import make_dpv
from pipeline.use.export.extract import Extract, read_extract
from pipeline.use.export.ropa import TO_COMPLETE, make_ropa
from pipeline.use.export.storage import NOT_STATED, time_limit
from pipeline.use.selection import Selection
from pipeline.use.wording import UNREAD

SEEN = datetime(2026, 7, 2)  # noqa: DTZ001 - as published
# offering: the gateway's retention, the provider's, the strictest of both, agreement, words on the gateway's
SIDES: dict[str, tuple[tuple[str, int | None], tuple[str, int | None], tuple[str, int | None], str]] = {
    "agreed": (("period", 30), ("period", 30), ("period", 30), "agree"),
    "contradicted": (("none", 0), ("period", 30), ("period", 30), "conflict"),
    "in-part": (("none", 0), ("none", 0), ("none", 0), "conflict"),
    "gateway": (("until_event", None), ("unknown", None), ("until_event", None), "gateway_only"),
    "provider": (("unknown", None), ("indefinite", None), ("indefinite", None), "provider_only"),
    "nobody": (("unknown", None), ("unknown", None), ("unknown", None), "unknown"),
    "unread": (("unknown", None), ("unknown", None), ("unknown", None), "unknown"),
}
CARRIED = {"gateway": "rendered", "agreed": "rendered", "in-part": "rendered", "unread": "unreadable"}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog in which both sides speak, each by a claim of its own."""
    rows, claims = [], list[Row]()
    for name, (gateway, provider, strictest, agreement) in SIDES.items():
        ids = {"gateway_id": "openrouter", "offering_id": name, "topic": "retention", "observed_at": SEEN}
        for side, (kind, days) in (("g", gateway), ("p", provider)):
            if kind != "unknown" or (name, side) == ("unread", "g"):
                url = f"https://{name}.test/terms" if side == "p" else None
                quote = f"words of {side} on {name}"
                said = {
                    "retention_kind": kind,
                    "retention_days": days,
                    "quote": quote,
                    "url": url,
                }
                value = f"up to {days} days" if days else kind
                claims.append(plain_row("claims", claim_id=f"{len(claims):04}", **ids, **said, value_text=value))
        made = [one["claim_id"] for one in claims if one["offering_id"] == name]
        trains: dict[str, str | None] = {
            "quote": f"words on training of {name}",
            "url": f"https://{name}.test/terms",
            "training": "may",
        }
        ids |= {"topic": "training"}
        if name == "unread":
            trains |= {"training": "unknown", "url": None}
        if name != "nobody":
            claims.append(plain_row("claims", claim_id=f"{len(claims):04}", **ids, **trains))
        has_gateway = gateway[0] != "unknown" or name == "unread"
        trained = "unknown" if name in {"nobody", "unread"} else "may"
        policy = {
            "retention_kind": gateway[0],
            "retention_days": gateway[1],
            "retention_bound": "exact" if gateway[0] == "period" else None,
            "retention_text": "",
            "retention_basis": CARRIED.get(name),
            "provider_retention_kind": provider[0],
            "provider_retention_days": provider[1],
            "strictest_retention_kind": strictest[0],
            "provider_retention_bound": "up_to" if provider[0] == "period" else None,
            "strictest_retention_days": strictest[1],
            "strictest_retention_bound": ("up_to" if strictest == provider else "exact") if strictest[1] else None,
            "retention_agreement": agreement,
            "retention_claim_id": made[0] if has_gateway else None,
            "provider_retention_claim_id": made[-1] if provider[0] != "unknown" else None,
            "headquarters": {"agreed": "DE", "contradicted": "US"}.get(name),
            "datacenters": ["US", "NO"] if name == "agreed" else [],
            "training": "unknown",
            "training_basis": "unreadable" if name == "unread" else None,
            "training_claim_id": claims[-1]["claim_id"] if name == "unread" else None,
            "provider_training": trained,
            "strictest_training": trained,
            "training_agreement": "unknown" if trained == "unknown" else "provider_only",
            "provider_training_claim_id": None if trained == "unknown" else claims[-1]["claim_id"],
        }
        rows.append(offering(0, offering_id=name, provider_id=name, provider_name=name.title(), **policy))
    build = tmp_path_factory.mktemp("both") / "build"
    return write_catalog(
        build,
        providers=[one for one, _ in rows],
        policies=[one for _, one in rows],
        claims=claims,
        conflicts=[
            _conflict("contradicted", "up to 30 days", "words of p on contradicted"),
            _conflict("in-part", "30 days", "words on a part"),
        ],
    )


def _conflict(name: str, value: str, words: str) -> Row:
    return plain_row(
        "conflicts",
        conflict_id=name.encode().hex(),
        gateway_id="openrouter",
        offering_id=name,
        topic="retention",
        ruling_value="none",
        ruling_quote=f"words of g on {name}",
        other_value=value,
        other_quote=words,
        other_url=f"https://{name}.test/terms",
    )


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with Catalog.open(shipped_data(tmp_path_factory) / "catalog" / "current") as opened:
        yield opened


def ropa(catalog: Catalog, extract: Extract) -> list[dict[str, str]]:
    ((_, body),) = make_ropa(catalog, extract).files
    return list(csv.DictReader(io.StringIO(body.decode(), newline=""), strict=True))


def ropa_of(build: Path, basis: PolicyBasis = PolicyBasis.STRICTEST) -> dict[str, dict[str, str]]:
    catalog, extract = extract_of(build, basis=basis)
    with catalog:
        return {row["record_id"].partition("/")[2]: row for row in ropa(catalog, extract)}


def graph(catalog: Catalog, extract: Extract) -> list[dict[str, Any]]:
    ((_, body),) = make_dpv(catalog, extract).files
    found: list[dict[str, Any]] = json.loads(body)["@graph"]
    return found


LIMITS = [
    (RetentionKind.NONE, 0, False, "not stored after the response"),
    (RetentionKind.PERIOD, 1, False, "1 day"),
    (RetentionKind.PERIOD, 30, True, "at most 30 days"),
    (RetentionKind.INDEFINITE, None, False, "none: stored without end"),
    (RetentionKind.UNSTATED, None, False, "stored; the time limit is not stated"),
    (RetentionKind.UNKNOWN, None, False, "not stated"),
]


@pytest.mark.parametrize(("kind", "days", "is_at_most", "expected"), LIMITS, ids=str)
def test_a_time_limit_in_words(kind: RetentionKind, days: int | None, *, is_at_most: bool, expected: str) -> None:
    assert expected == time_limit(StoredFor(kind, days), is_at_most=is_at_most)


def test_only_a_period_has_a_number() -> None:
    for kind in RetentionKind:
        words = time_limit(StoredFor(kind, 30 if kind is RetentionKind.PERIOD else None))
        assert (kind is RetentionKind.PERIOD) == any(mark.isdigit() for mark in words)


def test_by_the_strictest_reading_the_side_that_protects_less_is_quoted(both: Path) -> None:
    rows = ropa_of(both)
    told = {
        name: (row["time_limit_for_erasure_art_30_1_f"], row["time_limit_stated_by"], row["time_limit_quote"])
        for name, row in rows.items()
    }
    assert {
        "agreed": ("at most 30 days", "provider", "words of p on agreed"),
        "contradicted": ("at most 30 days", "provider", "words of p on contradicted"),
        "in-part": ("not stored after the response", "provider", "words of p on in-part"),
        "gateway": (time_limit(StoredFor(RetentionKind.UNTIL_EVENT, None)), "gateway", "words of g on gateway"),
        "provider": ("none: stored without end", "provider", "words of p on provider"),
        "nobody": (NOT_STATED, NOT_STATED, ""),
        "unread": (UNREAD, "gateway", "words of g on unread"),
    } == told
    row = rows["contradicted"]
    assert ("https://contradicted.test/terms", "2026-07-02") == (
        row["time_limit_source_url"],
        row["time_limit_seen_on"],
    )
    assert (
        "the gateway and the provider's own terms contradict each other; the gateway states none (“words of g on "
        "contradicted”); the provider's own terms state up to 30 days (“words of p on contradicted”)"
    ) == row["time_limit_remarks"]
    assert "weak: " in rows["gateway"]["time_limit_remarks"]
    assert "weak" not in rows["agreed"]["time_limit_remarks"]


def test_a_conflict_of_a_part_is_told_with_the_words_of_the_part_and_leaves_the_limit_as_it_is(both: Path) -> None:
    row = ropa_of(both)["in-part"]
    assert ("not stored after the response", "provider") == (
        row["time_limit_for_erasure_art_30_1_f"],
        row["time_limit_stated_by"],
    )
    assert (
        "the provider's own terms contradict the gateway for a part of the service only, on which the policy does not "
        "rest; the gateway states none (“words of g on in-part”); the provider's own terms state of a part of the "
        "service 30 days (“words on a part”)"
    ) == row["time_limit_remarks"]


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        (PolicyBasis.GATEWAY, {"contradicted": "not stored after the response", "provider": NOT_STATED}),
        (PolicyBasis.PROVIDER, {"contradicted": "at most 30 days", "gateway": NOT_STATED}),
    ],
)
def test_another_basis_is_one_side_alone(both: Path, basis: PolicyBasis, expected: dict[str, str]) -> None:
    rows = ropa_of(both, basis)
    assert expected == {name: rows[name]["time_limit_for_erasure_art_30_1_f"] for name in expected}
    unsaid = next(name for name, words in expected.items() if words == NOT_STATED)
    assert ("", "") == (rows[unsaid]["time_limit_quote"], rows[unsaid]["time_limit_source_url"])


READINGS = [  # basis, filter, who is meant of SIDES
    (PolicyBasis.GATEWAY, Selection(max_retention_days=30), ["agreed", "contradicted", "in-part"]),
    (PolicyBasis.PROVIDER, Selection(max_retention_days=30), ["agreed", "contradicted", "in-part"]),
    (PolicyBasis.STRICTEST, Selection(max_retention_days=0), ["in-part"]),
    (PolicyBasis.GATEWAY, Selection(max_retention_days=0), ["contradicted", "in-part"]),
    (PolicyBasis.PROVIDER, Selection(retention_kinds=frozenset({RetentionKind.INDEFINITE})), ["provider"]),
    (PolicyBasis.GATEWAY, Selection(retention_kinds=frozenset({RetentionKind.INDEFINITE})), []),
    (PolicyBasis.STRICTEST, Selection(training=frozenset({Training.UNKNOWN})), ["nobody", "unread"]),
    (PolicyBasis.GATEWAY, Selection(training=frozenset({Training.MAY})), []),
    (PolicyBasis.STRICTEST, Selection(training=frozenset({Training.NO})), []),
]


@pytest.mark.parametrize(("basis", "selection", "expected"), READINGS, ids=str)
def test_the_filters_ask_what_the_rows_are_written_by_and_every_row_says_so(
    both: Path, basis: PolicyBasis, selection: Selection, expected: list[str]
) -> None:
    catalog, extract = extract_of(both, selection, basis=basis)
    with catalog:
        rows = ropa(catalog, extract)
    assert expected == [row["record_id"].partition("/")[2] for row in rows]
    by = {
        "gateway": "by the gateway",
        "provider": "by the provider's own terms",
        "strictest": "by the strictest reading",
    }
    for row in rows:
        assert (basis.value, True) == (row["basis"], by[basis.value] in row["chosen_by"])


def test_the_use_for_training_has_its_words_source_and_day_by_the_side_that_says_it(both: Path) -> None:
    row = ropa_of(both)["agreed"]
    assert ("prompts may be used to train models", "provider", "words on training of agreed") == (
        row["use_for_training"],
        row["training_stated_by"],
        row["training_quote"],
    )
    assert ("https://agreed.test/terms", "2026-07-02") == (row["training_source_url"], row["training_seen_on"])
    assert "only the provider's own terms state it" in row["training_remarks"]
    assert (NOT_STATED, "") == (
        ropa_of(both)["nobody"]["training_stated_by"],
        ropa_of(both)["nobody"]["training_quote"],
    )


UNREADABLE = [
    (PolicyBasis.STRICTEST, (UNREAD, "gateway", "2026-07-02")),
    (PolicyBasis.GATEWAY, (UNREAD, "gateway", "2026-07-02")),
    (PolicyBasis.PROVIDER, (NOT_STATED, NOT_STATED, "")),
]


@pytest.mark.parametrize(("basis", "expected"), UNREADABLE, ids=str)
def test_what_no_rule_reads_is_no_silence(both: Path, basis: PolicyBasis, expected: tuple[str, str, str]) -> None:
    row = ropa_of(both, basis)["unread"]
    is_gateways = expected[0] == UNREAD
    for said, of, words in (
        ("time_limit_for_erasure_art_30_1_f", "time_limit", "words of g on unread"),
        ("use_for_training", "training", "words on training of unread"),
    ):
        assert expected == (row[said], row[f"{of}_stated_by"], row[f"{of}_seen_on"])
        assert (words if is_gateways else "") == row[f"{of}_quote"]
        assert "neither the gateway" not in row[f"{of}_remarks"]
        assert is_gateways == ("the source says something that no rule reads" in row[f"{of}_remarks"])


def test_what_only_the_controller_knows_is_marked_and_places_are_told_as_they_are(both: Path) -> None:
    rows = ropa_of(both)
    marked = {name for name, value in rows["agreed"].items() if value == TO_COMPLETE}
    articles = {name.partition("_art_")[2] for name in rows["agreed"]} - {""}
    assert {f"30_1_{letter}" for letter in "abcdefg"} == articles
    assert {"controller_art_30_1_a", "purposes_art_30_1_b", "security_measures_art_30_1_g"} < marked
    assert ("DE (EEA)", "US (outside the EEA), NO (EEA)") == (
        rows["agreed"]["recipient_headquarters"],
        rows["agreed"]["recipient_datacenters"],
    )
    assert (NOT_STATED, NOT_STATED) == (
        rows["nobody"]["recipient_headquarters"],
        rows["nobody"]["recipient_datacenters"],
    )
    assert (NOT_STATED, "prompts may be used to train models") == (
        rows["nobody"]["use_for_training"],
        rows["agreed"]["use_for_training"],
    )


@pytest.mark.parametrize("day", [None, date(2025, 7, 31)], ids=["now", "then"])
def test_every_offering_has_one_record_and_what_is_stored_is_quoted(shipped: Catalog, day: date | None) -> None:
    extract = read_extract(shipped, Selection(), day, PolicyBasis.STRICTEST)
    rows = ropa(shipped, extract)
    assert [f"{one.gateway_id}/{one.offering_id}" for one in extract.offerings] == [row["record_id"] for row in rows]
    for row, one in zip(rows, extract.offerings, strict=True):
        is_unknown = one.strictest_retention_kind is RetentionKind.UNKNOWN
        assert is_unknown == (row["time_limit_for_erasure_art_30_1_f"] == NOT_STATED)
        if not is_unknown:
            assert all(row[f"time_limit_{part}"] for part in ("quote", "source", "source_url", "seen_on"))
            assert row["time_limit_seen_on"] <= f"{extract.moment:%Y-%m-%d}"
        is_said = one.strictest_training is not Training.UNKNOWN
        assert is_said == (row["use_for_training"] != NOT_STATED) == (row["training_stated_by"] != NOT_STATED)
        if is_said:
            assert row["training_quote"] == one.training_text
            assert all(row[f"training_{part}"] for part in ("source", "source_url", "seen_on"))
            assert ("weak: " in row["training_remarks"]) == (one.training_basis is Basis.RENDERED)


@pytest.mark.fault("Q01")
def test_q01_a_record_is_safe_in_a_spreadsheet(tmp_path_factory: pytest.TempPathFactory) -> None:
    catalog, extract = extract_of(hostile_catalog(tmp_path_factory), basis=PolicyBasis.STRICTEST)
    with catalog:
        rows = ropa(catalog, extract)
    for column in ("recipient_art_30_1_d", "time_limit_quote"):
        assert [cell(text) for text in WORDS] == [row[column] for row in rows]
    assert not any(value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())


def test_the_rows_of_one_recipient_are_told_apart_by_tier(tmp_path_factory: pytest.TempPathFactory) -> None:
    rows = ropa_of(tiered_catalog(tmp_path_factory))
    assert {"p0000": "default", "p0000:free": "free"} == {name: row["recipient_tier"] for name, row in rows.items()}
    assert 1 == len({row["recipient_art_30_1_d"] for row in rows.values()})


DURATIONS = {
    "agreed": ("dpv:TemporalDuration", "P30D"),
    "contradicted": ("dpv:TemporalDuration", "P30D"),
    "gateway": ("dpv:UntilEventDuration", None),
    "provider": ("dpv:EndlessDuration", None),
}


def test_a_storage_duration_is_of_the_class_that_its_kind_means(both: Path) -> None:
    catalog, extract = extract_of(both, basis=PolicyBasis.STRICTEST)
    with catalog:
        nodes = {node.get("dct:identifier"): node for node in graph(catalog, extract)}
    for name, (kind, value) in DURATIONS.items():
        duration = nodes[name]["dpv:hasStorageCondition"]["dpv:hasDuration"]
        assert (kind, value) == (duration["@type"], duration.get("rdf:value", {}).get("@value"))
    assert "dpv:hasStorageCondition" not in nodes["nobody"]
    assert "No storage condition is asserted: no source says" in nodes["nobody"]["skos:note"][0]
    unread = nodes["unread"]
    assert "dpv:hasStorageCondition" not in unread
    assert f"No storage condition is asserted: whether prompts are stored is {UNREAD}." == unread["skos:note"][0]
    assert "words of g on unread" == unread["dct:source"]["schema:text"]


@pytest.mark.parametrize("day", [None, date(2025, 7, 31)], ids=["now", "then"])
def test_every_offering_is_a_process_and_every_provider_one_recipient(shipped: Catalog, day: date | None) -> None:
    extract = read_extract(shipped, Selection(), day, PolicyBasis.STRICTEST)
    nodes = graph(shipped, extract)
    ids = [node["@id"] for node in nodes]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"urn:[a-z0-9][a-z0-9-]{0,30}[a-z0-9]:[^:\s]\S*", one) for one in ids)  # RFC 8141
    assert {ids[0]} == {node["dct:isPartOf"]["@id"] for node in nodes if node["@type"] == "dpv:Process"}
    assert Counter(
        {
            "dcat:Dataset": 1,
            "dpv:Process": len(extract.offerings),
            "dpv:Recipient": len({one.provider_id for one in extract.offerings}),
        }
    ) == Counter(node["@type"] for node in nodes)
    unknown = sum(one.strictest_retention_kind is RetentionKind.UNKNOWN for one in extract.offerings)
    processes = [node for node in nodes if node["@type"] == "dpv:Process"]
    assert unknown == sum("dpv:hasStorageCondition" not in node for node in processes)
    assert (unknown > 0) == (day is not None)  # the first tables left much open
    assert all(node["dpv:hasRecipient"]["@id"] in ids for node in processes)
