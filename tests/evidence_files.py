"""Evidence files taken apart, changed and put together again, as somebody with other aims would."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pipeline.use.filing.checking import Verdict, check_evidence
from pipeline.use.filing.records import Evidence
from pipeline.use.filing.texts import as_readme, as_summary

TOOL = "provider-terms test"


def unzip(body: bytes) -> dict[str, bytes]:
    """Return the files of a zip by name."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def rezip(files: Mapping[str, bytes], *, with_sums: bool = True) -> bytes:
    """Return a zip of these files, whose SHA256SUMS is made to fit."""
    files = dict(files)
    if with_sums:
        sums = {name: hashlib.sha256(body).hexdigest() for name, body in files.items() if name != "SHA256SUMS"}
        files["SHA256SUMS"] = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return packed.getvalue()


def with_manifest(body: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Return an evidence file whose manifest is changed, by another program, so that its texts are not compared."""
    files = unzip(body)
    manifest = json.loads(files["manifest.json"])
    manifest["tool"] = "another program"
    change(manifest)
    return rezip(files | {"manifest.json": json.dumps(manifest).encode()})


def forged(body: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Return an evidence file whose manifest is changed, with all texts and sums as this program would write them."""
    files = unzip(body)
    manifest = json.loads(files["manifest.json"])
    change(manifest)
    evidence = Evidence.model_validate_json(json.dumps(manifest))
    texts = {"SUMMARY.txt": as_summary(evidence).encode(), "README.txt": as_readme(evidence).encode()}
    return rezip(files | texts | {"manifest.json": json.dumps(manifest).encode()})


def check(folder: Path, body: bytes) -> Verdict:
    """Check bytes as an evidence file."""
    path = folder / "evidence.zip"
    path.write_bytes(body)
    return check_evidence(path, TOOL)
