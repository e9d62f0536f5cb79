"""An evidence file holds the captures behind every claim, is the same each time, and is checked by itself."""

import contextlib
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from evidence_files import TOOL, check, rezip, unzip, with_manifest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_site import Site
from shipped_catalog import shipped_data
from terms_lab import KEPT_30, NEVER_KEPT, NOT_TRAINED, TRAINED, TermsLab, html, kept, markdown, pdf

from pipeline import Catalog
from pipeline.errors import EvidenceError, NotFoundError
from pipeline.use.filing.checking import check_evidence
from pipeline.use.filing.packing import Packed, pack_evidence
from pipeline.use.filing.texts import as_summary
from pipeline.workplace import Workplace


def pack(data: Path, name: str) -> Packed:
    work = Workplace(data)
    with Catalog.open(data / "catalog" / "current") as catalog:
        return pack_evidence(
            catalog, name, sources=work.sources, looks=work.observations(), read_body=work.read_body, tool=TOOL
        )


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped_data(tmp_path_factory)


@pytest.fixture(scope="session")
def openai(data: Path) -> bytes:
    """The evidence on one provider of the shipped catalog."""
    return pack(data, "openai").body


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TermsLab]:
    """A provider with pages in every format, a part of one that is read, and a gateway's feed in JSON."""
    with Site() as site:
        made = TermsLab(tmp_path_factory.mktemp("lab"), site)
        made.list_providers(acme=kept(30))
        made.provider(
            "acme",
            made.a_page("/html", "privacy_policy"),
            made.a_page("/markdown", "terms_of_service"),
            made.a_page("/pdf", "developer_terms"),
            made.a_page("/part#training", "commercial_terms", select=["main"]),
        )
        site.serve("/html", html(KEPT_30, note="A <b>note</b> &amp; more."))
        site.serve("/markdown", markdown(f"**{NOT_TRAINED}**"))
        site.serve("/pdf", pdf(NEVER_KEPT))
        site.serve("/part", html(("Training", TRAINED), ("Retention", KEPT_30)))
        made.refresh()
        yield made


def manifest_of(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(unzip(body)["manifest.json"])
    return found


def test_every_quote_stands_at_its_place_whatever_the_format(lab: TermsLab, tmp_path: Path) -> None:
    packed = pack(lab.folder, "acme")
    verdict = check(tmp_path, packed.body)
    assert ((), ()) == (verdict.problems, verdict.missing)
    assert {"html", "md", "pdf", "json"} == {str(one.path).rpartition(".")[2] for one in packed.evidence.captures}
    quoted = {one.source_id for one in packed.evidence.claims if one.capture_id and one.quote}
    assert len(quoted) == 5
    assert verdict.quote_count >= 5


def test_the_manifest_has_every_claim_and_every_capture(data: Path, openai: bytes) -> None:
    manifest, files = manifest_of(openai), unzip(openai)
    with Catalog.open(data / "catalog" / "current") as catalog:
        rows = catalog.rows("SELECT * FROM claims WHERE offering_id = 'openai'")
        assert (catalog.build_key, "openai") == (manifest["build_key"], manifest["provider_id"])
    assert {row["claim_id"] for row in rows} == {one["claim_id"] for one in manifest["claims"]}
    assert {row["capture_id"] for row in rows} - {None} == {one["sha256"] for one in manifest["captures"]}
    assert 2 == sum(one["is_deciding"] for one in manifest["claims"])
    for one in manifest["captures"]:
        assert one["sha256"] == hashlib.sha256(files[one["path"]]).hexdigest()
        assert (len(files[one["path"]]), None) == (one["size_bytes"], one["missing"])
        assert one["observed_at"]
    for claim in manifest["claims"]:
        assert claim["url"] or claim["source_id"] == "provider-files"


def test_a_name_means_all_tiers_of_a_provider(data: Path) -> None:
    evidence = pack(data, "Google AI Studio").evidence
    assert ["google-ai-studio", "google-ai-studio:free"] == [one["offering_id"] for one in evidence.offerings]
    assert {"google-ai-studio", "google-ai-studio:free"} == {one.offering_id for one in evidence.claims}
    with pytest.raises(NotFoundError):
        pack(data, "nobody at all")


def test_the_same_catalog_gives_the_same_bytes_with_no_time_but_its_own(data: Path, openai: bytes) -> None:
    assert openai == pack(data, "openai").body
    with zipfile.ZipFile(io.BytesIO(openai)) as archive:
        entries = archive.infolist()
    assert sorted(entry.filename for entry in entries) == [entry.filename for entry in entries]
    assert {(2026, 7, 21, 0, 0, 0)} == {entry.date_time for entry in entries}
    assert {zipfile.ZIP_DEFLATED} == {entry.compress_type for entry in entries}


def test_what_is_filed_tells_no_place_of_the_machine_it_was_made_on(data: Path, openai: bytes) -> None:
    texts = b"".join(body for name, body in unzip(openai).items() if not name.startswith("captures/"))
    assert str(data).encode() not in texts
    assert b"/home/" not in texts


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum on this machine")
def test_it_is_checked_without_this_program(tmp_path: Path, openai: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(openai)) as archive:
        archive.extractall(tmp_path)
    command = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, encoding="utf-8")
    assert {"OK"} == {line.rpartition(" ")[2] for line in ran.stdout.splitlines()}
    assert len(ran.stdout.splitlines()) == len(unzip(openai)) - 1
    assert "sha256sum --check SHA256SUMS" in (tmp_path / "README.txt").read_text(encoding="utf-8")
    summary = (tmp_path / "SUMMARY.txt").read_text(encoding="utf-8")
    for claim in manifest_of(openai)["claims"]:
        assert claim["claim_id"] in summary
        assert f'    "{claim["quote"]}"' in summary.splitlines() or not claim["quote"]
    assert "&#" not in summary


def test_the_summary_says_which_value_is_weak_and_how_both_sides_stand(data: Path) -> None:
    packed = pack(data, "google-vertex")
    summary = unzip(packed.body)["SUMMARY.txt"].decode()
    weak = "; weak: the source prints the same words where it has no data"
    bases = [one[f"{topic}_basis"] for one in packed.evidence.offerings for topic in ("retention", "training")]
    assert bases.count("rendered") > 1
    assert 2 * bases.count("rendered") == summary.count(weak)  # by the gateway, and by the strictest reading
    assert "On training, only the gateway states it" in summary


def test_the_summary_does_not_call_silence_what_no_rule_reads(data: Path) -> None:
    evidence = pack(data, "openai").evidence
    uses = ("training", "provider_training", "strictest_training")
    unread = dict.fromkeys(uses, "unknown") | {"training_basis": "unreadable", "training_agreement": "unknown"}
    offerings = tuple({**one, **unread} for one in evidence.offerings)
    summary = as_summary(evidence.model_copy(update={"offerings": offerings}))
    assert 2 == summary.count("training: unknown: stated in words that no rule reads; the source says something")
    assert "On training, the gateway speaks of it in words that no rule reads" in summary


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"no capture")])
def test_a_missing_or_damaged_capture_is_listed_and_its_claims_stay(
    lab: TermsLab, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    folder = Path(shutil.copytree(lab.folder, tmp_path / "data", symlinks=True))
    whole = pack(folder, "acme")
    lost = next(one for one in whole.evidence.captures if one.source_id == "acme--privacy-policy")
    damage(folder / "archive" / "captures" / lost.sha256[:2] / f"{lost.sha256}.zst")
    packed = pack(folder, "acme")
    assert whole.evidence.claims == packed.evidence.claims
    (told,) = packed.missing
    assert told.startswith("acme--privacy-policy: capture")
    listed = next(one for one in packed.evidence.captures if one.sha256 == lost.sha256)
    assert (None, None, "the archive does not hold it, or not whole") == (
        listed.path,
        listed.size_bytes,
        listed.missing,
    )
    files = unzip(packed.body)
    assert f"Missing: {lost.sha256}" in files["README.txt"].decode()
    assert "MISSING: the archive does not hold it" in files["SUMMARY.txt"].decode()
    verdict = check(tmp_path, packed.body)
    assert ((), 1) == (verdict.problems, len(verdict.missing))
    assert lost.sha256 in verdict.missing[0]


def _quoted(manifest: dict[str, Any]) -> dict[str, Any]:
    claim: dict[str, Any] = next(c for c in manifest["claims"] if c["topic"] == "retention" and c["capture_id"])
    return claim


TAMPERED: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a quote": (lambda m: _quoted(m).update(quote="We keep nothing at all, ever."), "stands nowhere in its capture"),
    "a place": (lambda m: _quoted(m).update(locator="table row 999, Data Retention"), "elsewhere in its capture"),
    "a capture that is not listed": (lambda m: _quoted(m).update(capture_id="0" * 64), "is not listed"),
    "a size": (lambda m: m["captures"][0].update(size_bytes=1), "bytes, not 1"),
    "a path": (lambda m: m["captures"][0].update(path="captures/../../x"), "is not there"),
    "a path to a text": (lambda m: m["captures"][0].update(path="README.txt"), "holds other bytes than its name"),
    "no captures": (lambda m: m.update(captures=[]), "is not in manifest.json"),
    "no sources": (lambda m: m.update(sources=[]), "its source is not there"),
    "a format": (lambda m: m["sources"][0].update(format="os"), "sources.0.format"),
    "a column less": (
        lambda m: (m.update(tool=TOOL), m["offerings"][0].pop("retention_basis")),
        "does not say what manifest.json says",
    ),
    "a new key": (lambda m: m.update(more=1), "manifest.json is not as this program writes it: more"),
    "a version to come": (lambda m: m.update(format_version=2), "format_version"),
    "another kind of file": (lambda m: m.update(format="x"), "manifest.json is not as"),
}


@pytest.mark.parametrize(("change", "told"), TAMPERED.values(), ids=TAMPERED)
def test_a_file_that_says_what_its_captures_do_not_is_found_out(
    tmp_path: Path, openai: bytes, change: Callable[[dict[str, Any]], object], told: str
) -> None:
    problems = check(tmp_path, with_manifest(openai, change)).problems
    assert [one for one in problems if told in one], problems
    assert all(len(one.splitlines()) == 1 for one in problems)
    assert () == check(tmp_path, with_manifest(openai, lambda _: None)).problems


def test_a_changed_file_is_named(tmp_path: Path, openai: bytes) -> None:
    files = unzip(openai)
    for name in sorted(files.keys() - {"SHA256SUMS", "manifest.json"}):
        changed = rezip(files | {name: files[name] + b"."}, with_sums=False)
        assert f"{name} is not as SHA256SUMS says" in check(tmp_path, changed).problems
    told = check(tmp_path, rezip(files | {"SUMMARY.txt": b"They keep nothing."})).problems
    assert ("SUMMARY.txt does not say what manifest.json says",) == told
    strangers = rezip(files | {f"captures/{'0' * 64}.txt": b"?"})
    assert (f"captures/{'0' * 64}.txt is not in manifest.json",) == check(tmp_path, strangers).problems
    sums = files["SHA256SUMS"]
    for broken, told_of in ((sums + sums, "for the second time"), (b"x\n" + sums, "not a hash"), (b"", "is not as")):
        assert told_of in check(tmp_path, rezip(files | {"SHA256SUMS": broken}, with_sums=False)).problems[0]


ODD_MANIFESTS = [b"", b"{", b"null", b"[]", b"[" * 100_000, b"\xff\xfe", b'{"format": "provider-terms evidence"}']


@pytest.mark.parametrize("body", ODD_MANIFESTS, ids=lambda body: repr(body[:20]))
def test_a_manifest_of_no_kind_is_one_line(tmp_path: Path, openai: bytes, body: bytes) -> None:
    problems = check(tmp_path, rezip(unzip(openai) | {"manifest.json": body})).problems
    assert 1 == len(problems)
    assert problems[0].startswith("manifest.json is not as this program writes it")


@pytest.mark.parametrize("selector", ["::::", "main:has(", "[x='", "*" * 500, "a:nth-child(99999999999n)"])
def test_a_selector_that_selects_nothing_raises_nothing(lab: TermsLab, tmp_path: Path, selector: str) -> None:
    def change(manifest: dict[str, Any]) -> None:
        for source in manifest["sources"]:
            source["select"] = source["remove"] = [selector]

    assert check(tmp_path, with_manifest(pack(lab.folder, "acme").body, change)).problems


def test_a_capture_that_is_listed_again_and_again_is_not_read_as_often(tmp_path: Path, openai: bytes) -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest["captures"] = [manifest["captures"][0] | {"source_id": f"s{number}"} for number in range(5000)]

    files = unzip(with_manifest(openai, change))
    name = next(name for name in files if name.startswith("captures/"))
    with pytest.raises(EvidenceError, match="again and again"):
        check(tmp_path, rezip(files | {name: b" " * 200_000}))


@settings(max_examples=40)
@given(st.data())
def test_a_flipped_byte_raises_nothing_but_what_it_may(
    tmp_path_factory: pytest.TempPathFactory, openai: bytes, data: st.DataObject
) -> None:
    at, mask = data.draw(st.integers(0, len(openai) - 1)), data.draw(st.integers(1, 255))
    path = tmp_path_factory.getbasetemp() / "flipped.zip"
    path.write_bytes(openai[:at] + bytes([openai[at] ^ mask]) + openai[at + 1 :])
    with contextlib.suppress(EvidenceError):
        check_evidence(path, TOOL)
