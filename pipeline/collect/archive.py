"""The archive: content-addressed captures and the append-only log of looks at sources. The only writer of both."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import zstandard

from pipeline.collect.files import write_whole
from pipeline.errors import ArchiveError
from pipeline.model import Moment, Observation, Outcome, Precision

_MAX_CAPTURE_BYTES = 1_000_000_000


def capture_id(body: bytes) -> str:
    """Return the key of a capture: the SHA-256 of its bytes, in hex."""
    return hashlib.sha256(body).hexdigest()


class Archive:
    """The archive of one data folder.

    Layout: `captures/ab/abcdef….zst` (zstandard), `observations.jsonl` (one look a line),
    `readings/<source>/abcdef….json` (what earlier readers made of a capture).
    """

    def __init__(self, folder: Path) -> None:
        """Use the folder, which need not exist yet."""
        self.folder = folder
        self._log = folder / "observations.jsonl"

    def write_capture(self, body: bytes) -> str:
        """Keep the bytes and return their id; the same bytes are kept once."""
        key = capture_id(body)
        path = self._capture_path(key)
        if not path.exists():
            write_whole(path, zstandard.ZstdCompressor(level=10).compress(body))
        return key

    def read_capture(self, key: str) -> bytes:
        """Return the bytes of a capture; raise ArchiveError where it is missing or its hash is another."""
        path = self._capture_path(key)
        try:
            body = zstandard.ZstdDecompressor().decompress(path.read_bytes(), max_output_size=_MAX_CAPTURE_BYTES)
        except FileNotFoundError as error:
            raise ArchiveError(f"capture {key[:12]} is missing: {path}") from error
        except zstandard.ZstdError as error:
            raise ArchiveError(f"capture {key[:12]} is damaged: {path}: {error}") from error
        if capture_id(body) != key:
            raise ArchiveError(f"capture {key[:12]} is damaged: {path} holds other bytes than its name says")
        return body

    def append(self, observation: Observation) -> None:
        """Add one look to the log, on disk when this returns."""
        self.folder.mkdir(parents=True, exist_ok=True)
        line = json.dumps(_to_json(observation), ensure_ascii=False, sort_keys=True) + "\n"
        with self._log.open("ab+") as log:
            if _ends_torn(log.seek(0, os.SEEK_END), self._log):
                log.write(b"\n")  # The torn line stays, as a line of its own that is skipped on reading.
            log.write(line.encode())
            log.flush()
            os.fsync(log.fileno())

    def observations(self) -> tuple[Observation, ...]:
        """Return every look in the order of the log; raise ArchiveError naming a line that cannot be read.

        A torn line (a write that was cut off) is skipped: what it told of was never acknowledged.
        """
        if not self._log.exists():
            return ()
        return tuple(self._read_log())

    def _read_log(self) -> Iterator[Observation]:
        lines = self._log.read_bytes().split(b"\n")
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield _from_json(json.loads(line))
            except ValueError as error:
                if line.endswith(b"}"):
                    raise ArchiveError(f"{self._log}:{number}: not an observation: {error}") from error
            except (KeyError, TypeError) as error:
                raise ArchiveError(f"{self._log}:{number}: not an observation of this version: {error!r}") from error

    def read_reading_log(self, source_id: str, key: str) -> list[dict[str, Any]]:
        """Return what readers made of a source's capture, oldest first: `fingerprint` and `policies` of each.

        Consecutive entries differ in their policies.
        """
        path = self._reading_path(source_id, key)
        try:
            entries: list[dict[str, Any]] = json.loads(path.read_bytes())
        except FileNotFoundError:
            return []
        except ValueError:
            # It can be made anew from the capture; only the memory of earlier readers is lost.
            return []
        return entries

    def write_reading_log(self, source_id: str, key: str, entries: list[dict[str, Any]]) -> None:
        """Keep what readers made of a capture."""
        body = json.dumps(entries, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        write_whole(self._reading_path(source_id, key), body.encode())

    def _capture_path(self, key: str) -> Path:
        return self.folder / "captures" / key[:2] / f"{key}.zst"

    def _reading_path(self, source_id: str, key: str) -> Path:
        return self.folder / "readings" / source_id / f"{key}.json"


def _ends_torn(size: int, path: Path) -> bool:
    if size == 0:
        return False
    with path.open("rb") as log:
        log.seek(-1, os.SEEK_END)
        return log.read(1) != b"\n"


def _to_json(observation: Observation) -> dict[str, Any]:
    fields = asdict(observation)
    moment = fields.pop("moment")
    fields |= {
        "observed_at": moment["at"].isoformat(),
        "observed_since": moment["since"].isoformat(),
        "precision": moment["precision"],
    }
    return {key: value for key, value in fields.items() if value is not None}


def _from_json(fields: dict[str, Any]) -> Observation:
    moment = Moment(
        at=datetime.fromisoformat(fields.pop("observed_at")),
        since=datetime.fromisoformat(fields.pop("observed_since")),
        precision=Precision(fields.pop("precision")),
    )
    return Observation(moment=moment, outcome=Outcome(fields.pop("outcome")), **fields)
