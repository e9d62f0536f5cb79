"""One capture to one reading: parse, normalize, check the envelope. A pure function of bytes and declarations."""

import hashlib
import importlib
from pathlib import Path

from pipeline.catalog.envelope import check_envelope
from pipeline.declarations import Source
from pipeline.errors import ParseError
from pipeline.model import Parsed, Reading
from pipeline.normalize.claims import normalize_capture
from pipeline.normalize.identity import Identities

_READER_ROOMS = ("model", "parse", "normalize")
_READER_FILES = ("reading.py", "catalog/envelope.py")


def read_capture(
    body: bytes, source: Source, identities: Identities, *, is_partial: bool, content_type: str | None = None
) -> Reading:
    """Return the reading of one capture; raise ParseError where the page as a whole cannot be used.

    A partial capture holds some rows only, so the envelope does not speak of it. `content_type` is the header that the
    bytes came with, where one is known: its charset tells how a page is to be decoded.
    """
    parsed = parse(body, source, content_type)
    reading = normalize_capture(parsed, source, identities)
    return reading if is_partial else check_envelope(source, reading)


def parse(body: bytes, source: Source, content_type: str | None = None) -> Parsed:
    """Return the raw claims of a capture, read as the format that its source declares.

    JSON and Markdown are UTF-8, whatever header they came with; HTML is what its header says.
    """
    module = importlib.import_module(f"pipeline.parse.{source.format}")
    try:
        parsed: Parsed = module.parse(body, content_type)
    except RecursionError as error:
        raise ParseError("nested too deeply to be read") from error
    return parsed


def reader_fingerprint(declarations_fingerprint: str) -> str:
    """Return a hash over the code that reads and the declarations it reads by: another reader, another fingerprint."""
    package = Path(__file__).parent
    digest = hashlib.sha256(declarations_fingerprint.encode())
    paths = [package / name for name in _READER_FILES]
    paths += [path for room in _READER_ROOMS for path in sorted((package / room).glob("*.py"))]
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
