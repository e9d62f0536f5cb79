"""An evidence file of unknown origin, opened in memory: everything but what this program writes is refused."""

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pipeline.errors import EvidenceError, UsageError
from pipeline.normalize.unseen import plain
from pipeline.use.filing.records import MANIFEST, README, SUMMARY, SUMS

MOST_FILES: Final = 5000
MOST_BYTES: Final = 500_000_000  # of all files together, unpacked
_MOST_TEXT_BYTES: Final = 50_000_000  # of a file that is no capture
_MOST_DIRECTORY_BYTES: Final = MOST_FILES * 200
_TEXTS: Final = frozenset({MANIFEST, README, SUMMARY, SUMS})
_CAPTURE: Final = re.compile(r"captures/[0-9a-f]{64}\.(?:html|json|md|pdf|txt)")
_LONGEST_SHOWN: Final = 80
_END: Final = struct.Struct("<4s4H2LH")
_LOCATOR_64: Final = b"PK\x06\x07"
_LOCATOR_64_BYTES: Final = 20
_ENCRYPTED: Final = 0x1


class Opened:
    """The files of an evidence file by name, unpacked when they are read and never onto a disk."""

    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        """Use `open_evidence`."""
        self._archive, self.path = archive, path
        self.sizes: Mapping[str, int] = {entry.filename: entry.file_size for entry in archive.infolist()}

    def read(self, name: str) -> bytes:
        """Return the bytes of a file; raise EvidenceError where they are damaged, or not as many as it claims."""
        with _reasons(self.path), self._archive.open(name) as file:
            body = file.read(self.sizes[name] + 1)
        if len(body) != self.sizes[name]:
            raise _refused(self.path, f"'{name}' does not hold the {self.sizes[name]} bytes that it claims")
        return body


@contextmanager
def open_evidence(path: Path) -> Iterator[Opened]:
    """Give the files of an evidence file; raise EvidenceError, in one line, for anything else and anything hostile."""
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    with path.open("rb") as file:
        _check_end(path, file.read(4), _tail(path))
        file.seek(0)
        with _reasons(path):
            archive = zipfile.ZipFile(file)
        with archive:
            _check_entries(path, archive.infolist())
            yield Opened(archive, path)


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _END.size - _LOCATOR_64_BYTES))
        return file.read()


def _check_end(path: Path, head: bytes, tail: bytes) -> None:
    """Raise EvidenceError unless the list of entries is short, and it and the entries fill the whole file.

    That is found out before the list is read, for it may be made to fill all memory.
    """
    if head != b"PK\x03\x04" or len(tail) < _END.size:
        raise _refused(path, "it is no zip file that `provider-terms evidence` wrote")
    mark, *_, count, size, start, comment = _END.unpack(tail[-_END.size :])
    if mark != b"PK\x05\x06" or comment or tail.startswith(_LOCATOR_64):
        raise _refused(path, "it is cut off, or no zip file that `provider-terms evidence` wrote")
    if count > MOST_FILES or size > _MOST_DIRECTORY_BYTES:
        raise _refused(path, f"it has more than {MOST_FILES} entries")
    if start + size + _END.size != path.stat().st_size:
        raise _refused(path, "it holds more than its list of entries tells")


def _check_entries(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for entry in entries:
        name = f"'{plain(entry.orig_filename)[:_LONGEST_SHOWN]}'"
        is_capture = _CAPTURE.fullmatch(entry.orig_filename) is not None
        most = MOST_BYTES if is_capture else _MOST_TEXT_BYTES
        reasons = (
            (not is_capture and entry.orig_filename not in _TEXTS, f"{name} is no name of a file that it may hold"),
            (entry.orig_filename in seen, f"{name} is there twice"),
            (stat.S_IFMT(entry.external_attr >> 16) not in {0, stat.S_IFREG}, f"{name} is a link or no file"),
            (entry.flag_bits & _ENCRYPTED, f"{name} is encrypted"),
            (entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}, f"{name} is packed in an odd way"),
            (entry.file_size > most, f"{name} claims {entry.file_size} bytes, more than {most}"),
        )
        for applies, reason in reasons:
            if applies:
                raise _refused(path, reason)
        seen.add(entry.orig_filename)
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise _refused(path, f"its files claim more than {MOST_BYTES} bytes together")
    if lacking := sorted(_TEXTS - seen):
        raise _refused(path, f"it has no {', '.join(lacking)}")


@contextmanager
def _reasons(path: Path) -> Iterator[None]:
    """Turn all that reading a zip raises into one line."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        struct.error,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        reason = plain(" ".join(str(error).split()))[:_LONGEST_SHOWN]
        raise _refused(path, f"it is damaged: {reason}") from error


def _refused(path: Path, reason: str) -> EvidenceError:
    return EvidenceError(f"{path} is refused: {reason}")
