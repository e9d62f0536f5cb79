"""One capture to one reading: parse, then normalize or read the prose. A pure function of bytes and declarations."""

import hashlib
import importlib
import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from pipeline.catalog.envelope import check_envelope
from pipeline.catalog.page_states import sketch_page
from pipeline.declarations import Source
from pipeline.errors import ParseError
from pipeline.model import Parsed, Reading
from pipeline.normalize.claims import normalize_capture
from pipeline.normalize.identity import Identities

_READER_ROOMS = ("model", "parse", "normalize", "clauses")
_LEAST_TEXT = 200  # the shortest real page that says anything of prompts has 300 letters
_READER_FILES = (
    *("reading.py", "collect/readings.py"),
    *("catalog/envelope.py", "catalog/page_states.py", "catalog/statement_pairs.py"),
)
_READER_LIBRARIES = ("beautifulsoup4", "lxml")  # parsers disagree about broken pages, and so do their versions


def read_capture(
    body: bytes,
    source: Source,
    identities: Mapping[str, Identities],
    *,
    is_partial: bool,
    content_type: str | None = None,
) -> Reading:
    """Return the reading of one capture; raise ParseError where the page as a whole cannot be used.

    `identities` are those of each gateway. A partial capture holds some rows only, so the envelope does not speak of
    it. `content_type` is the header that the bytes came with, where one is known: its charset tells how a page is to be
    decoded.
    """
    if source.gateway_id is None:
        return read_terms(body, source, content_type)
    parsed = parse(body, source, content_type)
    reading = normalize_capture(parsed, source, identities[source.gateway_id])
    return reading if is_partial else check_envelope(source, reading)


def read_terms(body: bytes, source: Source, content_type: str | None) -> Reading:
    """Return what a terms page says; raise ParseError where it cannot be read or holds no text to speak of."""
    from pipeline.clauses import read_statements  # noqa: PLC0415 - rules that gateways' captures do not need
    from pipeline.parse.document import Selection, parse_document  # noqa: PLC0415

    selection = Selection(select=source.select, remove=source.remove, fragment=source.fragment)
    document = parse_document(body, content_type, selection)
    words = "".join(re.findall(r"\w+", " ".join(block.text for block in document.blocks)))
    if len(words) < _LEAST_TEXT:
        raise ParseError(f"expected at least {_LEAST_TEXT} letters of text, found {len(words)}")
    return Reading(
        row_count=len(document.blocks),
        statements=read_statements(document),
        text_key=hashlib.sha256(words.encode()).hexdigest(),
        sketch=sketch_page(block.text for block in document.blocks),
    )


def sum_up(reading: Reading) -> str:
    """Return how much a capture held, in words."""
    if reading.text_key is not None:
        return f"{reading.row_count} blocks of text, {len(reading.statements)} statements"
    excluded = f", {len(reading.excluded)} excluded ({', '.join(reading.excluded)})" if reading.excluded else ""
    return f"{reading.row_count} rows, {len(reading.refusals)} refused{excluded}"


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
    """Return a hash over all that reads, and the declarations it reads by: another reader, another fingerprint."""
    package = Path(__file__).parent
    versions = [f"{name} {version(name)}" for name in _READER_LIBRARIES]
    digest = hashlib.sha256(" ".join((declarations_fingerprint, *versions)).encode())
    paths = [package / name for name in _READER_FILES]
    paths += [path for room in _READER_ROOMS for path in sorted((package / room).glob("*.*")) if path.is_file()]
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
