"""A statement that a capture does not make is found out, also where texts and sums were made to fit it."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from evidence_files import check, forged, unzip
from scripted_site import Site
from shipped_catalog import shipped_data
from terms_lab import KEPT_30, NOT_TRAINED, TermsLab, html, kept
from test_evidence_zip import pack

from pipeline.use.filing.texts import UNPROVED

Manifest = dict[str, Any]
Change = Callable[[Manifest], object]


@pytest.fixture(scope="session")
def openai(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Evidence from a table of many providers."""
    return pack(shipped_data(tmp_path_factory), "openai").body


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bytes]:
    """Evidence from a gateway's feed and a provider's own page."""
    with Site() as site:
        made = TermsLab(tmp_path_factory.mktemp("forged"), site)
        made.list_providers(acme=kept(30), zenith=kept(0))
        made.provider("acme", made.a_page("/html", "privacy_policy"))
        site.serve("/html", html(("Retention", KEPT_30), ("Training", NOT_TRAINED), note="Never mind."))
        made.refresh()
        yield pack(made.folder, "acme").body


def claim_on(manifest: Manifest, topic: str, *, is_own: bool = False) -> Manifest:
    found: Manifest = next(
        one
        for one in manifest["claims"]
        if (one["topic"], one["rule_id"] is not None, one["is_deciding"]) == (topic, is_own, True)
    )
    return found


def claims(topic: str, *, is_own: bool = False, **values: object) -> Change:
    """Change a deciding claim."""
    return lambda manifest: claim_on(manifest, topic, is_own=is_own).update(values)


def policies(**values: object) -> Change:
    return lambda manifest: manifest["offerings"][0].update(values)


def all_of(*changes: Change) -> Change:
    return lambda manifest: [change(manifest) for change in changes]


def in_locator(old: str, new: str) -> Change:
    """Change the place of a claim of the provider's page on retention, which has the old words."""

    def change(manifest: Manifest) -> None:
        claim = claim_on(manifest, "retention", is_own=True)
        assert old in claim["locator"]
        claim["locator"] = claim["locator"].replace(old, new)

    return change


NOTHING: Mapping[str, object] = {"retention_kind": "none", "retention_days": 0, "retention_text": "Zero retention"}
STRICTEST: Mapping[str, object] = {"strictest_retention_kind": "none", "strictest_retention_days": 0}
ANOTHERS_ROW: Mapping[str, Any] = {
    "quote": "Zero retention",
    "locator": "table row 3, Data Retention",
    "value_text": "none",
}
TABLE: dict[str, tuple[Change, str]] = {
    "the row of another": (
        all_of(claims("retention", **ANOTHERS_ROW, basis="rendered"), policies(**NOTHING, **STRICTEST)),
        "its row is that of 'AkashML', not of openai",
    ),
    "the number of a row": (claims("retention", locator="table row 3, Data Retention"), "elsewhere in its capture"),
    "a value": (claims("retention", value_text="none"), "its words are read as unstated, stated, not as none"),
    "how a value is carried": (claims("training", basis="stated"), "read as no, rendered, not as no, stated"),
    "a policy alone": (policies(**NOTHING, **STRICTEST), "retention is none, and its claim says unstated"),
    "a policy without its claim": (
        all_of(policies(**NOTHING, **STRICTEST, retention_claim_id=None), claims("retention", is_deciding=False)),
        "retention is none, which no claim says",
    ),
    "a claim on something else": (
        lambda m: m["offerings"][0].update(retention_claim_id=m["offerings"][0]["training_claim_id"]),
        "cannot decide on retention",
    ),
    "a claim without a capture": (
        all_of(claims("retention", capture_id=None, quote=None, value_text="none"), policies(**NOTHING, **STRICTEST)),
        "it rests on no capture",
    ),
    "the strictest reading alone": (policies(**STRICTEST), "strictest_retention is not the less protective of both"),
    "an agreement": (policies(retention_agreement="agree"), "retention_agreement is not how both sides stand"),
    "zero retention on request": (policies(zdr_available="on_request"), "zdr_available is not what its claim says"),
    "days beside a kind": (policies(retention_days=30), "it is not as this program writes it"),
    "another provider's name": (
        all_of(policies(provider_name="AkashML"), lambda m: m.update(provider_name="AkashML")),
        "'AkashML' is none of the names that it goes by",
    ),
    "names of no kind": (policies(names=5, slugs=None), "its row is that of 'OpenAI', not of openai"),
    "a claim of no kind": (policies(retention_claim_id=[{}]), "it is not as this program writes it"),
    "a tier of no kind": (policies(tier={}), "its row is that of 'OpenAI', not of openai"),
    "an id of no kind": (policies(offering_id=[]), "it is that of another provider"),
    "which claims decide": (claims("training", is_deciding=False), "no policy names it as deciding"),
}
PAGE: dict[str, tuple[Change, str]] = {
    "the number of a block": (in_locator("block ", "block 1"), "elsewhere in its capture"),
    "the heading": (in_locator(" under ", " under Consumers > "), "elsewhere in its capture"),
    "no heading": (in_locator(" under ", "\n"), "elsewhere in its capture"),
    "the characters": (in_locator("characters ", "characters 1"), "elsewhere in its capture"),
    "a value": (claims("retention", is_own=True, value_text="none"), "its words are read as 30 days"),
    "a rule": (claims("retention", is_own=True, rule_id="none"), "its words are read as 30 days"),
    "whom it is of": (claims("retention", is_own=True, service="consumer"), "its words are read as 30 days"),
    "a policy alone": (
        policies(provider_retention_kind="none", provider_retention_days=0, provider_retention_bound=None),
        "provider_retention is none, and its claim says 30 days",
    ),
    "a bound alone": (
        policies(provider_retention_bound="up_to"),
        "provider_retention is up to 30 days, and its claim says 30 days",
    ),
    "a choice as the default": (
        claims("retention", is_own=True, condition="option"),
        "cannot decide on provider_retention",
    ),
    "words that say nothing of it": (
        claims("retention", is_own=True, quote="Never mind."),
        "elsewhere in its capture",
    ),
    "words that say something else": (
        lambda m: claim_on(m, "retention", is_own=True).update(
            {name: claim_on(m, "training", is_own=True)[name] for name in ("quote", "locator")}
        ),
        "no value is read at its place",
    ),
    "a value of the feed": (claims("retention", value_text="none"), "its words are read as 30 days"),
    "the feed's row of another": (
        claims("retention", locator="/data/1/dataPolicy/retentionDays"),
        "in its capture",
    ),
}


@pytest.mark.parametrize(("change", "told"), TABLE.values(), ids=TABLE)
def test_a_forged_statement_of_a_table_is_found_out(tmp_path: Path, openai: bytes, change: Change, told: str) -> None:
    problems = check(tmp_path, forged(openai, change)).problems
    assert [one for one in problems if told in one], problems
    assert () == check(tmp_path, forged(openai, lambda _: None)).problems


@pytest.mark.parametrize(("change", "told"), PAGE.values(), ids=PAGE)
def test_a_forged_statement_of_a_page_is_found_out(tmp_path: Path, acme: bytes, change: Change, told: str) -> None:
    problems = check(tmp_path, forged(acme, change)).problems
    assert [one for one in problems if told in one], problems
    assert () == check(tmp_path, forged(acme, lambda _: None)).problems


def test_what_another_version_reads_and_this_one_does_not_is_counted(tmp_path: Path, acme: bytes) -> None:
    change, _ = PAGE["words that say something else"]
    verdict = check(tmp_path, forged(acme, all_of(change, lambda m: m.update(tool="provider-terms 0.0.1"))))
    assert ((), 1, "provider-terms 0.0.1") == (verdict.problems, verdict.unread_count, verdict.tool)
    for change, told in PAGE.values():
        problems = check(
            tmp_path, forged(acme, all_of(change, lambda m: m.update(tool="provider-terms 0.0.1")))
        ).problems
        assert told == "no value is read at its place" or [one for one in problems if told in one]


def test_the_file_says_by_which_names_rows_are_told_and_what_it_does_not_prove(openai: bytes) -> None:
    files = unzip(openai)
    assert "Its names are OpenAI, openai." in files["SUMMARY.txt"].decode()
    for part in UNPROVED:
        assert f"\n- {part}" in files["README.txt"].decode()
