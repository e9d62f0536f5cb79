"""What holds now, on whose word, and who disagrees."""

from datetime import UTC, datetime

import duckdb
import pytest
from hypothesis import given
from made_up_looks import (
    DAYS_30,
    DAYS_55,
    KEPT,
    MANY_LOOKS,
    PRINTS_30,
    PRINTS_55,
    PRINTS_MAY,
    PRINTS_UNKNOWN,
    PRINTS_ZERO,
    SILENT,
    UNREADABLE,
    ZERO,
    day,
    feed,
    names,
    table,
)

from pipeline.catalog.looks import Looks
from pipeline.catalog.reconcile import Policy, find_conflicts, reconcile_policies
from pipeline.catalog.rows import Rows
from pipeline.catalog.spans import Timelines
from pipeline.catalog.tables import GatewayFacts, build_gateway_rows
from pipeline.catalog.terms import follow_pages
from pipeline.catalog.timeline import Sighting, build_timelines
from pipeline.declarations import Provider
from pipeline.model import Basis, Json, Retention, RetentionKind, Topic, Training, as_text

ACME = Provider(id="acme", name="Acme", slugs={"gate": ("acme",)})


def _policy(lines: Timelines, offering_id: str = "acme") -> Policy:
    [found] = [one for one in reconcile_policies(lines) if one.offering.offering_id == offering_id]
    return found


def _rows(lines: Timelines) -> Rows:
    terms = follow_pages((), (), Looks.of(()), {})
    facts = GatewayFacts(gateway_id="gate", lines=lines, terms=terms, changes=(), known_names={}, known_slugs={})
    return build_gateway_rows(facts, datetime(2026, 6, 1, tzinfo=UTC))


def test_a_claim_of_any_topic_holds_its_value_in_words() -> None:
    lines = build_timelines([feed(day(1), {"acme": ZERO}, more={"headquarters": "NO"})])
    values = {row["topic"]: row["value_text"] for row in _rows(lines)["claims"]}
    assert ("none", "no") == (values["retention"], values["training"])
    assert ("Acme", "NO") == (values["display_name"], values["headquarters"])


def _conflicts(lines: Timelines) -> list[tuple[str, str, str | None, str, str | None]]:
    return [
        (
            one.topic.value,
            one.ruling.run.source_id,
            as_text(one.ruling.claim.value),
            one.other.run.source_id,
            as_text(one.other.claim.value),
        )
        for one in find_conflicts(lines)
    ]


@pytest.mark.fault("D09")
@pytest.mark.parametrize("table_first", [True, False])
def test_d09_two_sources_that_disagree_are_both_kept_the_feed_holds_and_the_conflict_is_listed(
    *, table_first: bool
) -> None:
    lines = build_timelines(
        [table(day(0, 8 if table_first else 20), {"Acme": PRINTS_30}), feed(day(0, 12), {"acme": DAYS_55})]
    )
    assert Retention.of_days(55) == _policy(lines).retention
    assert [("retention", "provider-feed", "55 days", "policy-table", "30 days")] == _conflicts(lines)
    rows = _rows(lines)
    said = {(row["source_id"], row["retention_days"]) for row in rows["claims"] if row["topic"] == "retention"}
    assert {("provider-feed", 55), ("policy-table", 30)} == said
    [row] = rows["conflicts"]
    assert ('{"retainsPrompts": true, "retentionDays": 55}', "Retained for 30 days") == (
        row["ruling_quote"],
        row["other_quote"],
    )


@pytest.mark.fault("D09")
def test_d09_a_disagreement_is_told_as_long_as_both_sources_still_say_it() -> None:
    looks = [table(day(0), {"Acme": PRINTS_30}), feed(day(5), {"acme": DAYS_55})]
    assert [] == _conflicts(build_timelines(looks))  # the table was last seen before the feed first spoke
    again = [*looks, table(day(6), {"Acme": PRINTS_30})]
    assert 1 == len(_conflicts(build_timelines(again)))
    assert [] == _conflicts(build_timelines([*again, table(day(7), {"Acme": PRINTS_55})]))
    assert [] == _conflicts(build_timelines([*again, feed(day(7), {"acme": DAYS_30})]))


@pytest.mark.parametrize("policy", [SILENT, None, {"retainsPrompts": None}, {"retentionDays": 30}])
def test_a_table_that_prints_what_the_feed_leaves_out_is_no_conflict_and_never_an_assurance(policy: Json) -> None:
    retention = "Unknown retention policy" if not policy else "Zero retention"
    words = (retention, "✓ Does not train")
    for table_day in (0, 9):
        lines = build_timelines([feed(day(0), {"acme": policy}), table(day(table_day), {"Acme": words})])
        assert [] == _conflicts(lines)
        assert Training.UNKNOWN is _policy(lines).training
        assert RetentionKind.NONE is not _policy(lines).retention.kind


def test_a_newer_table_that_differs_from_what_the_feed_prints_holds() -> None:
    lines = build_timelines([feed(day(0), {"acme": SILENT}), table(day(9), {"Acme": PRINTS_MAY})])
    policy = _policy(lines)
    assert Training.MAY is policy.training
    assert policy.training_evidence is not None
    assert policy.retention_evidence is not None
    sources = (policy.training_evidence.run.source_id, policy.retention_evidence.run.source_id)
    assert ("policy-table", "provider-feed") == sources


def test_words_that_no_rule_reads_contradict_nobody() -> None:
    lines = build_timelines([feed(day(0), {"acme": UNREADABLE}), table(day(0), {"Acme": PRINTS_30})])
    assert [] == _conflicts(lines)
    assert RetentionKind.UNKNOWN is _policy(lines).retention.kind


@pytest.mark.fault("C07")
def test_c07_a_lost_offering_is_delisted_with_the_date_and_its_last_policy_stays_readable() -> None:
    all_59 = {f"p{number}": DAYS_30 for number in range(59)}
    lines = build_timelines([feed(day(0), all_59), feed(day(5), {key: all_59[key] for key in list(all_59)[1:]})])
    policies = reconcile_policies(lines)
    assert 59 == len(policies)
    assert [("p0", day(5))] == [(one.offering.offering_id, one.delisted_at) for one in policies if not one.is_listed]
    lost = _policy(lines, "p0")
    assert (Retention.of_days(30), Training.NO) == (lost.retention, lost.training)
    rows = _rows(lines)
    [row] = [row for row in rows["policies"] if row["offering_id"] == "p0"]
    assert (False, 30) == (row["is_listed"], row["retention_days"])
    [claim] = [row for row in rows["claims"] if row["offering_id"] == "p0" and row["topic"] == "retention"]
    assert (row["retention_claim_id"], False) == (claim["claim_id"], claim["is_current"])


@pytest.mark.fault("D07")
@pytest.mark.parametrize(
    "old", [{**ZERO, "canPublish": False, "requiresUserIDs": False}, {**DAYS_30, "canPublish": True}]
)
def test_d07_a_reused_slug_has_an_unknown_policy_and_nothing_of_the_old_company_passes(old: Json) -> None:
    looks = [
        feed(day(0), {"acme": old, "bolt": old}, providers=[ACME]),
        feed(day(5), {"acme": old, "bolt": old}, names={"acme": "Newco"}, providers=[ACME]),
    ]
    lines = build_timelines(looks)
    policy = _policy(lines)
    assert (RetentionKind.UNKNOWN, Training.UNKNOWN, True) == (policy.retention.kind, policy.training, policy.is_listed)
    [row] = [row for row in _rows(lines)["policies"] if row["offering_id"] == "acme"]
    found = {key: row[key] for key in ("retention_days", "training", "can_publish", "requires_user_ids")}
    expected = {"retention_days": None, "training": "unknown", "can_publish": None, "requires_user_ids": None}
    assert expected == found
    assert "unreadable" == row["retention_basis"]
    assert {"Acme"} == set(lines.offerings["acme"].names)


@pytest.mark.fault("D03")
def test_d03_a_filter_of_days_never_admits_unknown_and_tells_zero_from_null() -> None:
    policies: dict[str, Json] = {
        "zero": {"retainsPrompts": False},
        "one": {"retainsPrompts": True, "retentionDays": 1},
        "thirty": DAYS_30,
        "more": DAYS_55,
        "unstated": KEPT,
        "null": {"retainsPrompts": None, "retentionDays": None},
        "null-days": {"retainsPrompts": True, "retentionDays": None},
        "zero-days": {"retainsPrompts": True, "retentionDays": 0},
        "absent": None,
        "unread": UNREADABLE,
    }
    rows = _rows(build_timelines([feed(day(0), policies), names(day(0), ["named-only"])]))["policies"]
    assert len(policies) + 1 == len(rows)
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE policies (offering_id VARCHAR, retention_days INTEGER)")
        connection.executemany(
            "INSERT INTO policies VALUES (?, ?)", [[row["offering_id"], row["retention_days"]] for row in rows]
        )
        query = "SELECT offering_id FROM policies WHERE retention_days <= 30 ORDER BY retention_days"
        assert ["zero", "one", "thirty"] == [row[0] for row in connection.execute(query).fetchall()]


@pytest.mark.fault("D08")
@pytest.mark.parametrize("name", ["NA", "null", "None", "TRUE", "007", "1e5"])
def test_d08_a_provider_with_the_name_of_a_value_keeps_it_in_every_row(name: str) -> None:
    rows = _rows(build_timelines([table(day(0), {name: PRINTS_ZERO})]))
    [provider], [policy] = rows["providers"], rows["policies"]
    assert (name, [name], name.lower()) == (provider["provider_name"], provider["names"], policy["offering_id"])


def test_an_offering_of_which_nothing_is_said_has_an_unknown_policy_without_evidence() -> None:
    policy = _policy(build_timelines([names(day(0), ["acme"])]))
    expected = (RetentionKind.UNKNOWN, Training.UNKNOWN, None, None, True)
    found = (
        policy.retention.kind,
        policy.training,
        policy.retention_evidence,
        policy.training_evidence,
        policy.is_listed,
    )
    assert expected == found


def test_a_free_tier_has_a_policy_of_its_own() -> None:
    lines = build_timelines([table(day(0), {"Acme": PRINTS_ZERO, "Acme (free)": PRINTS_MAY})])
    assert (Training.NO, Training.MAY) == (_policy(lines).training, _policy(lines, "acme:free").training)


def test_what_the_newest_table_states_unknown_is_unknown() -> None:
    lines = build_timelines([table(day(0), {"Acme": PRINTS_30}), table(day(5), {"Acme": PRINTS_UNKNOWN})])
    policy = _policy(lines)
    assert RetentionKind.UNKNOWN is policy.retention.kind
    assert policy.retention_evidence is not None
    assert Basis.ABSENT is policy.retention_evidence.claim.basis


@given(MANY_LOOKS)
def test_nothing_is_zero_or_does_not_train_unless_a_capture_says_so_of_that_offering(looks: list[Sighting]) -> None:
    lines = build_timelines(looks)
    quotes = [(claim.offering_id, claim.topic, claim.quote) for look in looks for claim in look.reading.claims]
    zero = {
        one
        for one, topic, quote in quotes
        if topic is Topic.RETENTION and _says(quote, "Zero", '"retainsPrompts": false')
    }
    no = {
        one for one, topic, quote in quotes if topic is Topic.TRAINING and _says(quote, "Does not", '"training": false')
    }
    for policy in reconcile_policies(lines):
        offering_id = policy.offering.offering_id
        assert policy.retention.kind is not RetentionKind.NONE or offering_id in zero
        assert policy.training is not Training.NO or offering_id in no


def _says(quote: str, *words: str) -> bool:
    return any(word in quote for word in words)


@given(MANY_LOOKS)
def test_every_policy_rests_on_a_claim_row_and_every_key_is_there_once(looks: list[Sighting]) -> None:
    rows = _rows(build_timelines(looks))
    claims = {row["claim_id"] for row in rows["claims"]}
    assert len(claims) == len(rows["claims"])
    for row in rows["policies"]:
        for key in ("retention_claim_id", "training_claim_id"):
            assert row[key] is None or row[key] in claims
    for name, key in (("conflicts", "conflict_id"), ("policies", "offering_id"), ("providers", "offering_id")):
        assert len({row[key] for row in rows[name]}) == len(rows[name])
