"""A time that is a limit is told as one wherever it is told, on each side of a policy, now and as of a day."""

import csv
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from evidence_files import unzip
from scripted_site import Site
from terms_lab import FIRST, TermsLab, html, kept
from test_evidence_zip import pack

from pipeline import Catalog, Requirement
from pipeline.catalog.requirement import PolicyBasis
from pipeline.cli import main
from pipeline.use.words_behind import find_own_words, find_words

KEPT = "Prompts and outputs sent to the API are retained for up to {} days and are then deleted."
THEN = f"{FIRST:%Y-%m-%d}"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A provider whose page says "up to 30 days" on one day and "up to 90 days" on the next."""
    with Site() as site:
        lab = TermsLab(tmp_path_factory.mktemp("bounds"), site)
        lab.list_providers(acme=kept(7))
        lab.provider("acme", lab.a_page("/terms", "privacy_policy"))
        site.serve("/terms", html(KEPT.format(30)), html(KEPT.format(90)))
        lab.refresh()
        lab.refresh(1)
        yield lab.folder


@pytest.mark.parametrize(
    ("table", "days"),
    [("provider_terms", 90), ("policies", 90), (f"provider_terms_as_of(TIMESTAMP '{THEN} 23:59:59')", 30)],
)
def test_the_columns_hold_the_bound_of_each_side(data: Path, table: str, days: int) -> None:
    expected = {
        "retention": (7, "exact"),
        "provider_retention": (days, "up_to"),
        "strictest_retention": (days, "up_to"),
    }
    with Catalog.open(data / "catalog" / "current") as catalog:
        (row,) = catalog.rows(f"SELECT * FROM {table} WHERE offering_id = 'acme'")
    assert expected == {side: (row[f"{side}_days"], row[f"{side}_bound"]) for side in expected}


@pytest.mark.parametrize("basis", ["provider", "strictest"])
@pytest.mark.parametrize(("options", "told"), [((), "at most 90 days"), (("--as-of", THEN), "at most 30 days")])
def test_a_record_tells_a_limit_as_its_words_do(
    data: Path, tmp_path: Path, basis: str, options: tuple[str, ...], told: str
) -> None:
    target = tmp_path / "records.csv"
    assert 0 == main(["export", "--format", "ropa", str(target), "--basis", basis, *options, "--data", str(data)])
    with target.open(encoding="utf-8", newline="") as file:
        (row,) = (one for one in csv.DictReader(file) if one["record_id"].endswith("/acme"))
    assert told == row["time_limit_for_erasure_art_30_1_f"]
    assert told.removeprefix("at most ") in row["time_limit_quote"]


def _explained(data: Path, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert 0 == main(["explain", "acme", "--data", str(data)])
    return capsys.readouterr().out.partition("the strictest reading of both")[2]


def _summed_up(data: Path, _: pytest.CaptureFixture[str]) -> str:
    summary = unzip(pack(data, "acme").body)["SUMMARY.txt"].decode()
    return summary.partition("The strictest reading of both")[2].partition("\n\n")[0]


@pytest.mark.parametrize("tell", [_explained, _summed_up])
def test_the_strictest_reading_is_told_with_its_bound(
    data: Path, capsys: pytest.CaptureFixture[str], tell: Callable[[Path, pytest.CaptureFixture[str]], str]
) -> None:
    assert "prompts are stored for up to 90 days" in tell(data, capsys)


def test_the_api_gives_the_bound_on_every_side(data: Path, tmp_path: Path) -> None:
    assert 0 == main(["export", "--format", "api", str(tmp_path / "api"), "--data", str(data)])
    provider = json.loads((tmp_path / "api" / "v1" / "providers" / "acme.json").read_text(encoding="utf-8"))
    sides = provider["offerings"][0]
    assert ["exact", "up_to", "up_to"] == [
        sides["gateway"]["retention_bound"],
        sides["provider"]["retention_bound"],
        sides["strictest"]["retention_bound"],
    ]


@pytest.mark.parametrize(("as_of", "told"), [(None, "up to 90 days"), (FIRST.date(), "up to 30 days")])
def test_the_words_behind_a_policy_are_told_with_their_bound(data: Path, as_of: date | None, told: str) -> None:
    with Catalog.open(data / "catalog" / "current") as catalog:
        words = find_words(catalog, as_of)
        (key,) = (one for one in words if one[1] == "acme")
        found = find_own_words(words, key, "retention")
    assert found is not None
    assert told == found["value"]


@pytest.mark.parametrize(
    ("basis", "told"), [(PolicyBasis.GATEWAY, "7 days, more"), (PolicyBasis.STRICTEST, "up to 90 days, more")]
)
def test_a_refusal_tells_the_bound(data: Path, basis: PolicyBasis, told: str) -> None:
    asked = Requirement(max_retention_days=5, reading=basis)
    with Catalog.open(data / "catalog" / "current") as catalog:
        (refused,) = (one for one in catalog.route(asked).refused if one.offering.provider_id == "acme")
    assert f"stored for {told} than 5 days" in [reason.text for reason in refused.reasons]
