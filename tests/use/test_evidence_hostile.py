"""A zip of unknown origin is refused in one line, and nothing of it reaches a disk or fills the memory."""

import hashlib
import io
import resource
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from evidence_files import TOOL, rezip, unzip
from shipped_catalog import shipped_data
from test_evidence_zip import pack

from pipeline.errors import EvidenceError
from pipeline.use.filing import opening
from pipeline.use.filing.checking import check_evidence

CAPTURE = f"captures/{hashlib.sha256(b'').hexdigest()}.txt"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return pack(shipped_data(tmp_path_factory), "openai").body


def more(whole: bytes, name: str, body: bytes = b"x", **attributes: int) -> bytes:
    """Return the file with one more entry."""
    packed = io.BytesIO(whole)
    entry = zipfile.ZipInfo(name)
    for attribute, value in attributes.items():
        setattr(entry, attribute, value)
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(entry, body)
    return packed.getvalue()


NAMES = ["../x", "captures/../../x", "/etc/passwd", "C:\\x", "..\\x", "captures/", "x", "", "captures/0.txt", "a\nb"]
NAMES += ["readme.txt", "README.txt/", "captures/" + "0" * 64, "captures/" + "0" * 64 + ".exe", "captures/\u202e.txt"]


def _refused(folder: Path, body: bytes) -> str:
    """Return why a file is refused, having made sure that it is in one line and that nothing was written."""
    path = folder / "hostile.zip"
    path.write_bytes(body)
    before = sorted(folder.parent.rglob("*"))
    with pytest.raises(EvidenceError) as caught:
        check_evidence(path, TOOL)
    assert sorted(folder.parent.rglob("*")) == before
    assert 1 == len(str(caught.value).splitlines())
    assert str(caught.value).startswith(f"{path} is refused: ")
    return str(caught.value)


@pytest.mark.fault("Q10")
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_q10_a_name_that_no_evidence_has_is_refused(tmp_path: Path, whole: bytes, name: str) -> None:
    assert "is no name of a file that it may hold" in _refused(tmp_path, more(whole, name))


@pytest.mark.fault("Q10")
@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR])
def test_q10_a_link_or_a_device_is_refused(tmp_path: Path, whole: bytes, kind: int) -> None:
    body = more(whole, CAPTURE, b"/etc/passwd", external_attr=(kind | 0o777) << 16)
    assert "is a link or no file" in _refused(tmp_path, body)


@pytest.mark.fault("Q10")
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_q10_a_file_that_is_there_twice_is_refused(tmp_path: Path, whole: bytes) -> None:
    assert "'manifest.json' is there twice" in _refused(tmp_path, more(whole, "manifest.json", b"{}"))


@pytest.mark.fault("Q10")
def test_q10_an_encrypted_file_is_refused(tmp_path: Path, whole: bytes) -> None:
    at = whole.rindex(b"PK\x01\x02") + 8
    assert "is encrypted" in _refused(tmp_path, whole[:at] + b"\x01" + whole[at + 1 :])


@pytest.mark.fault("Q10")
@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_q10_an_odd_packing_is_refused(tmp_path: Path, whole: bytes, method: int) -> None:
    assert "is packed in an odd way" in _refused(tmp_path, more(whole, CAPTURE, b"x" * 99, compress_type=method))


def _bomb(whole: bytes, *, claims: int) -> bytes:
    """Return the file with a capture of 2 GB of zeros in 2 MB, which claims to be smaller."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    # After a full flush the next piece is packed as if it were the first, so one serves for all.
    piece = packer.compress(bytes(10_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = piece * 200 + zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    return _with_entry(whole, CAPTURE.encode(), packed, claims)


def _with_entry(whole: bytes, name: bytes, packed: bytes, size: int) -> bytes:
    """Return the file with a deflated entry written by hand, of a size that is claimed."""
    count, length, start = struct.unpack("<HLL", whole[-12:-2])
    facts = struct.pack("<5H3L2H", 20, 0, 8, 0, 33, 0, len(packed), size, len(name), 0)
    local = b"PK\x03\x04" + facts + name + packed
    listed = b"PK\x01\x02" + struct.pack("<H", 20) + facts + struct.pack("<3H2L", 0, 0, 0, 0, start) + name
    directory = whole[start : start + length] + listed
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count + 1, count + 1, len(directory), start + len(local), 0)
    return whole[:start] + local + directory + end


@pytest.mark.fault("Q10")
@pytest.mark.parametrize(("claims", "told"), [(2_000_000_000, "claims 2000000000 bytes"), (1000, "it is damaged")])
def test_q10_a_bomb_is_refused_by_what_it_claims_or_by_what_it_is(
    tmp_path: Path, whole: bytes, claims: int, told: str
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert told in _refused(tmp_path, _bomb(whole, claims=claims))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB


@pytest.mark.fault("Q10")
def test_q10_many_files_below_the_cap_are_held_against_a_cap_for_all(
    tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "MOST_BYTES", 100_000)
    body = whole
    for number in range(3):
        body = more(body, f"captures/{number:064x}.txt", bytes(40_000))
    assert "claim more than 100000 bytes together" in _refused(tmp_path, body)


@pytest.mark.fault("Q10")
def test_q10_a_million_entries_are_refused_before_they_are_read(tmp_path: Path) -> None:
    name = b"captures/"
    facts = struct.pack("<5H3L2H", 20, 0, 0, 0, 33, 0, 0, 0, len(name), 0)
    local = b"PK\x03\x04" + facts + name
    listed = b"PK\x01\x02" + struct.pack("<H", 20) + facts + struct.pack("<3H2L", 0, 0, 0, 0, 0) + name
    directory = listed * 1_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for count in (65535, 1):  # what is said of their number may be wrong
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(local), 0)
        assert "it has more than 5000 entries" in _refused(tmp_path, local + directory + end)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB: the test's own bytes


ODD: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "text": lambda _: b"no zip",
    "an empty zip": lambda _: rezip({}, with_sums=False),
    "bytes before it": lambda whole: b"#!/bin/sh\n" + whole,
    "a zip before it": lambda whole: whole + whole,
    "bytes behind it": lambda whole: whole + b"x",
    "a comment": lambda whole: whole[:-2] + b"\x05\x00hello",
    "a list that is longer": lambda whole: whole[:-22] + b"\0" * 20 + whole[-22:],
    "a locator of zip64": lambda whole: whole[:-22] + b"PK\x06\x07" + b"\0" * 16 + whole[-22:],
    "its first half": lambda whole: whole[: len(whole) // 2],
    "all but its last byte": lambda whole: whole[:-1],
    "an end alone": lambda _: b"PK\x05\x06" + b"\0" * 18,
    "no manifest": lambda whole: rezip({name: body for name, body in unzip(whole).items() if name != "manifest.json"}),
    "a tar": lambda _: b"x" * 257 + b"ustar" + b"\0" * 800,
}


@pytest.mark.fault("Q10")
@pytest.mark.parametrize("change", ODD.values(), ids=ODD)
def test_q10_what_is_no_evidence_file_is_refused(
    tmp_path: Path, whole: bytes, change: Callable[[bytes], bytes]
) -> None:
    assert _refused(tmp_path, change(whole))
