"""The archive: content-addressed captures and the append-only log of looks at sources. The only writer of both."""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import zstandard

from pipeline.collect.files import make_folder, sync_folder, write_whole
from pipeline.collect.look_lines import from_json, is_look, to_json, utc
from pipeline.collect.robots import Robots
from pipeline.errors import ArchiveError
from pipeline.model import Observation

_MAX_CAPTURE_BYTES = 1_000_000_000
_LEVEL = 3  # level 10 takes three times as long for 3 % less
_TORN = b" <cut off>"  # ends a line whose writing was cut off; no whole line ends like this


def capture_id(body: bytes) -> str:
    """Return the key of a capture: the SHA-256 of its bytes, in hex."""
    return hashlib.sha256(body).hexdigest()


class Archive:
    """The archive of one data folder.

    Layout: `captures/ab/abcdef….zst` (zstandard), `observations.jsonl` (one look a line),
    `readings/<source>/abcdef….json` (what earlier readers made of a capture), `cache/` (of `collect/readings.py`).
    """

    def __init__(self, folder: Path) -> None:
        """Use the folder, which need not exist yet."""
        self.folder = folder
        self._log = folder / "observations.jsonl"
        # One for all threads that write captures: each has memory of its own.
        self._compressor, self._compressing = zstandard.ZstdCompressor(level=_LEVEL), threading.Lock()

    def write_capture(self, body: bytes) -> str:
        """Keep the bytes and return their id; the same bytes are kept once, and kept anew where they were damaged."""
        key = capture_id(body)
        if not self._is_whole(key):
            with self._compressing:
                frame = self._compressor.compress(body)
            write_whole(self._capture_path(key), frame)
        return key

    def _is_whole(self, key: str) -> bool:
        try:
            self.read_capture(key)
        except ArchiveError:
            return False
        return True

    def read_capture(self, key: str) -> bytes:
        """Return the bytes of a capture; raise ArchiveError where it is missing or its hash is another."""
        path = self._capture_path(key)
        try:
            body = _decompress(path.read_bytes())
        except FileNotFoundError as error:
            raise ArchiveError(f"capture {key[:12]} is missing: {path}") from error
        except OSError as error:
            raise ArchiveError(f"capture {key[:12]} cannot be read: {path}: {error.strerror}") from error
        except zstandard.ZstdError as error:
            raise ArchiveError(f"capture {key[:12]} is damaged: {path}: {error}") from error
        if capture_id(body) != key:
            raise ArchiveError(f"capture {key[:12]} is damaged: {path} holds other bytes than its name says")
        return body

    def append(self, observation: Observation) -> None:
        """Add one look to the log, on disk when this returns."""
        with self.appending() as append:
            append(observation)

    @contextmanager
    def appending(self) -> Iterator[Callable[[Observation], None]]:
        """Give what adds a look to the log; each is there for every reader at once, and on disk when the context ends.

        Until then a power loss may take a look; none that is left tells of a capture that is not on disk.
        """
        with ExitStack() as stack:
            opened: list[BinaryIO] = []

            def append(observation: Observation) -> None:
                if not opened:
                    opened.append(stack.enter_context(self._open_log()))
                line = json.dumps(to_json(observation), ensure_ascii=False, sort_keys=True) + "\n"
                opened[0].write(line.encode(errors="replace"))  # a lone surrogate, which no encoding holds, becomes "?"
                opened[0].flush()

            yield append

    @contextmanager
    def _open_log(self) -> Iterator[BinaryIO]:
        make_folder(self.folder)
        is_new = not self._log.exists()
        with self._log.open("ab+") as log:
            log.write(_closing(log))
            try:
                yield log
            finally:
                try:
                    log.flush()
                    os.fsync(log.fileno())
                except OSError as error:
                    error.filename = error.filename or str(self._log)  # a write names no file by itself
                    raise
        if is_new:
            sync_folder(self.folder)

    @property
    def log_bytes(self) -> int:
        """How long the log is up to its last whole look; it only ever grows."""
        if not self._log.exists():
            return 0
        with self._log.open("rb") as log:
            return _whole_bytes(log)

    def has_whole(self, size: int) -> bool:
        """Whether the log still is as long as `log_bytes` told, and the line there is not torn: one may begin later."""
        log = self._log.read_bytes() if self._log.exists() else b""
        line, end, _ = log[log.rfind(b"\n", 0, max(0, size - 1)) + 1 :].partition(b"\n")
        is_torn = line.endswith(_TORN) or not (end or is_look(line))
        return size == 0 or (len(log) >= size and not is_torn)

    def observations(self) -> tuple[Observation, ...]:
        """Return every look in the order of the log; raise ArchiveError naming a line that cannot be read.

        A torn line (a write that was cut off) is skipped: what it told of was never acknowledged.
        """
        if not self._log.exists():
            return ()
        return tuple(self._read_log())

    def _read_log(self) -> Iterator[Observation]:
        *lines, last = self._log.read_bytes().split(b"\n")
        for number, line in enumerate(lines, start=1):
            if line.strip() and not line.endswith(_TORN):
                try:
                    yield from_json(line)
                except ValueError as error:
                    raise ArchiveError(f"{self._log}:{number}: not an observation: {error}") from error
        if is_look(last):
            yield from_json(last)

    def read_robots(self) -> dict[str, Robots]:
        """Return the robots.txt rules that earlier runs kept, by origin; none where they cannot be read."""
        try:
            kept = json.loads((self.folder / "robots.json").read_bytes())
            return {one.origin: one for one in map(_to_robots, kept)}
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return {}  # they are asked for again

    def write_robots(self, rules: Iterable[Robots]) -> None:
        """Keep the rules that allow something, where there are others than before; the rest is asked for again."""
        rules = tuple(rules)
        if {one.origin: one for one in rules if one.refusal is None} == self.read_robots():
            return
        kept = [
            {"origin": one.origin, "fetched_at": one.fetched_at.isoformat(), "text": one.text}
            for one in sorted(rules, key=lambda one: one.origin)
            if one.refusal is None
        ]
        write_whole(self.folder / "robots.json", json.dumps(kept, ensure_ascii=False, indent=0).encode())

    def find_damaged(self) -> Iterator[tuple[str, str]]:
        """Re-hash every capture that is kept or that a look brought; yield what is damaged or missing, and why.

        What is yielded is the id of a capture, or the name of the log where that cannot be read.
        """
        keys = {path.stem for path in self.folder.glob("captures/*/*.zst")}
        try:
            keys |= {look.capture_id for look in self.observations() if look.capture_id is not None}
        except ArchiveError as error:
            yield self._log.name, str(error)
        for key in sorted(keys):
            try:
                self.read_capture(key)
            except ArchiveError as error:
                yield key, str(error)

    def read_reading_log(self, source_id: str, key: str) -> list[dict[str, Any]]:
        """Return what readers made of a source's capture, oldest first: `fingerprint` and `policies` of each.

        Consecutive entries differ in their policies.
        """
        path = self._reading_path(source_id, key)
        try:
            entries = json.loads(path.read_bytes())
        except (FileNotFoundError, ValueError, RecursionError):
            # It can be made anew from the capture; only the memory of earlier readers is lost.
            return []
        return entries if _is_reading_log(entries) else []

    def write_reading_log(self, source_id: str, key: str, entries: list[dict[str, Any]]) -> None:
        """Keep what readers made of a capture."""
        body = json.dumps(entries, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        # What a first reader made of it can be made anew; what went before the last cannot.
        write_whole(self._reading_path(source_id, key), body.encode(), is_synced=len(entries) > 1)

    def _capture_path(self, key: str) -> Path:
        return self.folder / "captures" / key[:2] / f"{key}.zst"

    def _reading_path(self, source_id: str, key: str) -> Path:
        return self.folder / "readings" / source_id / f"{key}.json"


def _is_reading_log(entries: object) -> bool:
    return isinstance(entries, list) and all(
        isinstance(entry, dict) and isinstance(entry.get("fingerprint"), str) and _is_policies(entry.get("policies"))
        for entry in entries
    )


def _is_policies(policies: object) -> bool:
    return isinstance(policies, dict) and all(
        isinstance(values, dict) and all(value is None or isinstance(value, str) for value in values.values())
        for values in policies.values()
    )


def _to_robots(kept: dict[str, Any]) -> Robots:
    """Return what robots.json keeps of an origin; raise ValueError, KeyError or TypeError for anything else."""
    origin, text = kept["origin"], kept["text"]
    if not isinstance(origin, str) or not isinstance(text, str):
        raise TypeError("expected text")
    return Robots(origin=origin, fetched_at=utc(kept["fetched_at"]), text=text)


def _decompress(frame: bytes) -> bytes:
    if zstandard.frame_content_size(frame) > _MAX_CAPTURE_BYTES:  # A damaged head may claim any size.
        raise zstandard.ZstdError(f"claims more than {_MAX_CAPTURE_BYTES} bytes")
    return zstandard.ZstdDecompressor().decompress(frame, max_output_size=_MAX_CAPTURE_BYTES)


def _closing(log: BinaryIO) -> bytes:
    """Return what has to be written first, so that the next line stands alone: nothing after a whole line."""
    whole, end = _whole_bytes(log), log.seek(0, os.SEEK_END)
    if whole < end:
        return _TORN + b"\n"
    log.seek(max(0, end - 1))
    return b"\n" if log.read() not in {b"", b"\n"} else b""


def _whole_bytes(log: BinaryIO) -> int:
    """Return where the last whole line ends; a last look counts as one also without its line end."""
    end = log.seek(0, os.SEEK_END)
    log.seek(max(0, end - 1))
    if log.read() in {b"", b"\n"}:
        return end
    log.seek(0)
    last = log.read().rpartition(b"\n")[2]
    return end if is_look(last) else end - len(last)
