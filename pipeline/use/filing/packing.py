"""The evidence on one provider as a zip: captures by their hashes, a manifest, a summary. The same bytes each time."""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pipeline.catalog.looks import find_bringers
from pipeline.catalog.reader import Catalog, OfferingTerms
from pipeline.catalog.records import DECIDING
from pipeline.declarations import Source
from pipeline.errors import ArchiveError, UsageError
from pipeline.model import POLICY_TOPICS, Observation
from pipeline.use.filing.opening import MOST_BYTES, MOST_FILES
from pipeline.use.filing.records import MANIFEST, README, SUMMARY, SUMS, Capture, CitedSource, Claim, Evidence
from pipeline.use.filing.texts import as_readme, as_summary, as_sums

_CLAIMS: Final = """
SELECT c.*, c.claim_id IN (
    SELECT unnest([p.retention_claim_id, p.training_claim_id, p.provider_retention_claim_id,
                   p.provider_training_claim_id, p.zdr_claim_id])
    FROM policies AS p WHERE p.gateway_id = $gateway AND p.offering_id = $offering
) AS is_deciding
FROM claims AS c
WHERE c.gateway_id = $gateway
    AND (c.offering_id = $offering OR (c.offering_id = $provider AND c.url IS NOT NULL))
"""
_MORE: Final = f"""
SELECT names, slugs, {", ".join(DECIDING)} FROM providers JOIN policies USING (gateway_id, offering_id)
WHERE gateway_id = ? AND offering_id = ?
"""  # noqa: S608 - names of ours
_TYPES: Final = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/markdown": "md",
    "application/json": "json",
    "application/pdf": "pdf",
}
_HTML: Final = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_MISSING: Final = "the archive does not hold it, or not whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """An evidence file: its bytes, what its manifest says, and why captures are missing from it, a line each."""

    body: bytes
    evidence: Evidence
    missing: tuple[str, ...]


def pack_evidence(
    catalog: Catalog,
    name: str,
    *,
    sources: Iterable[Source],
    looks: Iterable[Observation],
    read_body: Callable[[str], bytes],
    tool: str,
) -> Packed:
    """Return the evidence on every offering that a name means.

    `read_body` gives the bytes of a capture and raises ArchiveError where they are missing or damaged: such a capture
    is listed as missing, with its claims. Raise NotFoundError for a name that the catalog does not know, UsageError
    where the captures are too many to be checked again.
    """
    catalog.check_columns()
    offerings = catalog.find(name)
    rows = _find_claims(catalog, offerings)
    cited = {str(row["source_id"]): row for row in catalog.rows("SELECT * FROM sources ORDER BY source_id")}
    bringers = find_bringers(looks)
    captures: list[Capture] = []
    bodies: dict[str, bytes] = {}
    missing: list[str] = []
    for source_id, key in sorted({(row["source_id"], row["capture_id"]) for row in rows if row["capture_id"]}):
        try:
            bodies.setdefault(key, read_body(key))
        except ArchiveError as error:
            missing.append(f"{source_id}: {error}")
        captures.append(_capture(source_id, key, bodies.get(key), bringers.get((source_id, key))))
    declared = {source.id: source for source in sources}
    used = sorted({str(row["source_id"]) for row in rows} & cited.keys())
    evidence = Evidence(
        tool=tool,
        as_of=catalog.as_of,
        build_key=catalog.build_key,
        asked=name,
        provider_id=offerings[0].provider_id,
        provider_name=offerings[0].provider_name,
        offerings=tuple(_plain(one, catalog) for one in offerings),
        claims=tuple(_claim(row, cited) for row in rows),
        captures=tuple(captures),
        sources=tuple(_source(cited[one], declared.get(one)) for one in used),
    )
    return Packed(body=_zip(evidence, bodies), evidence=evidence, missing=tuple(missing))


def _find_claims(catalog: Catalog, offerings: Iterable[OfferingTerms]) -> list[dict[str, Any]]:
    """Return every claim on the offerings once, those first that a policy rests on."""
    found: dict[str, dict[str, Any]] = {}
    for one in offerings:
        bound: dict[str, object] = {
            "gateway": one.gateway_id,
            "offering": one.offering_id,
            "provider": one.provider_id,
        }
        for row in catalog.rows(_CLAIMS, bound):
            row["is_deciding"] = bool(row["is_deciding"]) or found.get(row["claim_id"], {}).get("is_deciding", False)
            found[row["claim_id"]] = row
    order = ("offering_id", "topic", "source_id", "locator", "claim_id")
    return sorted(
        found.values(),
        key=lambda row: (not row["is_deciding"], row["topic"] not in POLICY_TOPICS, *(row[name] for name in order)),
    )


def _claim(row: Mapping[str, Any], cited: Mapping[str, Mapping[str, Any]]) -> Claim:
    url = row["url"] or cited.get(row["source_id"], {}).get("url")
    return Claim(**{name: row[name] for name in Claim.model_fields} | {"url": url})


def _capture(source_id: str, key: str, body: bytes | None, look: Observation | None) -> Capture:
    content_type = look.content_type if look else None
    return Capture(
        sha256=key,
        path=None if body is None else f"captures/{key}.{_extension(body, content_type)}",
        size_bytes=None if body is None else len(body),
        source_id=source_id,
        observed_at=look.moment.at if look else None,
        origin=look.origin if look else None,
        url=look.url if look else None,
        content_type=content_type,
        missing=_MISSING if body is None else None,
    )


def _extension(body: bytes, content_type: str | None) -> str:
    """Return what a program opens the bytes by: what they begin with decides, then what they were called."""
    if body.startswith(b"%PDF-"):
        return "pdf"
    if _HTML.match(body):
        return "html"
    named = _TYPES.get((content_type or "").partition(";")[0].strip().lower())
    if named is None or named == "pdf":
        return "json" if body.lstrip()[:1] in {b"{", b"["} else "txt"
    return named


def _source(row: Mapping[str, Any], source: Source | None) -> CitedSource:
    return CitedSource(
        source_id=row["source_id"],
        title=row["title"],
        terms_type=row["terms_type"],
        url=row["url"],
        format=row["format"],
        select=source.select if source else (),
        remove=source.remove if source else (),
        fragment=source.fragment if source else row["url"].partition("#")[2] or None,
    )


def _plain(one: OfferingTerms, catalog: Catalog) -> dict[str, Any]:
    """Return an offering with its names and its deciding claims, by which all of it is checked again."""
    (more,) = catalog.rows(_MORE, [one.gateway_id, one.offering_id])
    more = {name: list(value) if isinstance(value, (list, tuple)) else value for name, value in more.items()}
    return more | {
        name: f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value
        for name, value in asdict(one).items()
    }


def _zip(evidence: Evidence, bodies: Mapping[str, bytes]) -> bytes:
    files = {one.path: bodies[one.sha256] for one in evidence.captures if one.path is not None}
    files[MANIFEST] = (evidence.model_dump_json(indent=1) + "\n").encode()
    files[SUMMARY] = as_summary(evidence).encode()
    files[README] = as_readme(evidence).encode()
    files[SUMS] = as_sums({name: hashlib.sha256(body).hexdigest() for name, body in files.items()}).encode()
    if len(files) > MOST_FILES or sum(map(len, files.values())) > MOST_BYTES:
        raise UsageError(
            f"evidence: the captures are more than {MOST_FILES} or {MOST_BYTES} bytes: name one tier by its id"
        )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in sorted(files):
            archive.writestr(_entry(name, evidence), files[name], compress_type=zipfile.ZIP_DEFLATED, compresslevel=9)
    return packed.getvalue()


def _entry(name: str, evidence: Evidence) -> zipfile.ZipInfo:
    """Return a file's entry, of the time that the catalog is of, so that the same evidence has the same bytes."""
    entry = zipfile.ZipInfo(name, evidence.as_of.astimezone(UTC).timetuple()[:6])
    entry.create_system = 3  # Unix, whatever this runs on
    entry.external_attr = 0o100644 << 16
    return entry
