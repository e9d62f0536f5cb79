"""JSON bytes to the records under "data", read key by key. Pure: nothing is repaired and nothing is guessed."""

import codecs
import json
import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NoReturn

from pipeline.errors import ParseError, SelectorError
from pipeline.model import Json, RawClaim, Topic

Kind = Literal["null", "boolean", "integer", "number", "string", "list of strings", "list", "object"]

TEXT: tuple[Kind, ...] = ("string", "null")
TEXTS: tuple[Kind, ...] = ("list of strings", "null")
SCALAR: tuple[Kind, ...] = ("boolean", "string", "integer", "number", "null")

_KINDS: dict[type, Kind] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "list",
    dict: "object",
}
_MAX_DEPTH = 64  # the deepest recording has 5 levels; Python's reader gives up near 1,000
_MAX_DIGITS = 1_000  # Python refuses to read integers of more than 4,300 digits
_MAX_SHOWN = 60  # characters of foreign text in a message

# The closing quote is optional, so that an unterminated string is one token and the scan stays linear.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_BEGINNING = re.compile(r'[\[{"0-9-]|(?:true|false|null|NaN|Infinity)\b')
_PLAIN = re.compile(r"[A-Za-z0-9_.:/-]+")


class FieldError(ParseError):
    """One record cannot be used: it is refused, the others stand."""


class Audit:
    """Counts remarks on rows and gives each as one line, so that what concerns every row is said once."""

    def __init__(self) -> None:
        self._remarks: Counter[str] = Counter()
        self._lines: list[str] = []

    def note(self, remark: str) -> None:
        """Count a remark on one row."""
        self._remarks[remark] += 1

    def note_document(self, remark: str) -> None:
        """Keep a remark on the whole document."""
        self._lines.append(remark)

    def note_unknown(self, record: "Record", ignored: Collection[str]) -> None:
        """Count every key of the record that was not read and is not among those to ignore."""
        for key in record.rest():
            if key not in ignored:
                self.note(f"unknown field {record.dotted(key)}")

    def signals(self, row_count: int) -> tuple[str, ...]:
        """Return all remarks sorted, those on rows in the form "unknown field x in 2 of 75 rows"."""
        counted = (f"{remark} in {count} of {row_count} rows" for remark, count in self._remarks.items())
        return tuple(sorted([*counted, *self._lines]))


@dataclass(slots=True, kw_only=True)
class Record:
    """One JSON object, read by popping its keys, so that the keys nobody read can be told.

    `locator` is its JSON pointer ("/data/3/dataPolicy"), `path` how messages name it ("dataPolicy").
    """

    locator: str
    path: str = ""
    _unread: dict[str, Json] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Json, locator: str, path: str = "") -> "Record":
        """Return the value as a record; raise FieldError if it is not an object."""
        if not isinstance(value, dict):
            raise FieldError(f"{path or 'the record'} is {kind_of(value)}, expected object")
        return cls(locator=locator, path=path, _unread=dict(value))

    def has(self, key: str) -> bool:
        """Tell whether the key is there and not yet read; a null is there."""
        return key in self._unread

    def is_null(self, key: str) -> bool:
        """Tell whether the key is there and holds a null."""
        return self.has(key) and self._unread[key] is None

    def pop(self, key: str, kinds: tuple[Kind, ...]) -> Json:
        """Return the value, or None for an absent key; raise FieldError if it is of none of the kinds."""
        if not self.has(key):
            return None
        value = self._unread.pop(key)
        if kind_of(value) not in kinds:
            raise FieldError(f"{self.dotted(key)} is {kind_of(value)}, expected {' or '.join(kinds)}")
        return value

    def pop_name(self, key: str) -> str:
        """Return a string that has to be there and not be blank; raise FieldError otherwise."""
        if not self.has(key):
            raise FieldError(f"{self.dotted(key)} is absent, expected string")
        value = self.pop(key, ("string",))
        if not isinstance(value, str) or not value.strip():
            raise FieldError(f"{self.dotted(key)} is a blank string")
        return value

    def pop_text(self, key: str) -> str | None:
        """Return a string, or None where it is null or absent; raise FieldError otherwise."""
        value = self.pop(key, TEXT)
        return value if isinstance(value, str) else None

    def pop_record(self, key: str) -> "Record":
        """Return the object at the key; raise FieldError if there is none."""
        return Record.of(self._unread.pop(key, None), f"{self.locator}/{key}", self.dotted(key))

    def pop_claims(self, topics: Mapping[str, Topic], kinds: tuple[Kind, ...]) -> list[RawClaim]:
        """Return a claim for each of the keys that is there, in the order given, and none for the others."""
        return [self.claim(key, topic, self.pop(key, kinds)) for key, topic in topics.items() if self.has(key)]

    def claim(self, key: str, topic: Topic, raw: Json) -> RawClaim:
        """Return what this record states at the key, quoted as `"key": value`."""
        return RawClaim(topic=topic, raw=raw, quote=quote_field(key, raw), locator=f"{self.locator}/{key}")

    def only(self, keys: Collection[str]) -> dict[str, Json]:
        """Return a copy of the unread fields that are among the keys, in the order of the source."""
        return {key: value for key, value in self._unread.items() if key in keys}

    def drop(self, keys: Iterable[str]) -> None:
        """Take the keys as read, whatever they hold."""
        for key in keys:
            self._unread.pop(key, None)

    def rest(self) -> list[str]:
        """Return the keys that nobody read, sorted."""
        return sorted(self._unread)

    def dotted(self, key: str) -> str:
        """Return the key as messages name it: "dataPolicy.training"."""
        return f"{self.path}.{shown(key)}" if self.path else shown(key)


def load_records(body: bytes, audit: Audit | None = None) -> list[Json]:
    """Return the list under the top-level key "data"; raise ParseError for bytes that are not strict JSON.

    Raises SelectorError where the JSON is sound but holds no such list, or an empty one. Keys beside "data", which
    might say that the list goes on elsewhere, are noted in the audit.
    """
    document = _load(_decode(body))
    if not isinstance(document, dict):
        raise SelectorError(f'expected an object with a list under "data", found {kind_of(document)}')
    keys = [shown(key) for key in document if key != "data"]
    if "data" not in document:
        raise SelectorError(f'expected a list under "data", found the keys: {", ".join(keys[:5]) or "none"}')
    records = document["data"]
    if not isinstance(records, list):
        raise SelectorError(f'expected a list under "data", found {kind_of(records)}')
    if not records:
        raise SelectorError('no rows: the list under "data" is empty')
    if audit is not None:
        for key in keys:
            audit.note_document(f'unknown field {key} beside "data"')
    return records


def check_unique(records: Iterable[Json], key: str) -> None:
    """Raise ParseError if two records hold the same string at the key; a list that names one twice is not sound."""
    first: dict[str, int] = {}
    for index, value in enumerate(records):
        name = find_name(value, key)
        if name is not None and first.setdefault(name, index) != index:
            raise ParseError(f"provider '{shown(name)}' stands twice: /data/{first[name]} and /data/{index}")


def find_name(value: Json, key: str) -> str | None:
    """Return the string at the key of an object, or None; for telling whom a refused record speaks of."""
    name = value.get(key) if isinstance(value, dict) else None
    return name if isinstance(name, str) and name.strip() else None


def kind_of(value: Json) -> Kind:
    """Return what JSON calls the value; a list of strings only, the empty one too, is a kind of its own."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "list of strings"
    return _KINDS[type(value)]


def quote_json(value: Json) -> str:
    """Return the value as compact JSON on one line, the form of every quote from a JSON source."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def quote_field(key: str, value: Json) -> str:
    """Return one field as it stands in its object: `"training": false`."""
    return f"{quote_json(key)}: {quote_json(value)}"


def shown(text: str) -> str:
    """Return foreign text fit for one line of a message: as it is if plain, else escaped, and cut if long."""
    cut = text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."
    return cut if _PLAIN.fullmatch(cut) else json.dumps(cut)


def _decode(body: bytes) -> str:
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ParseError("expected JSON in UTF-8, found UTF-16 or UTF-32")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError(f"expected JSON in UTF-8, found other bytes at offset {error.start}") from error
    if seeming := _seeming(text.strip()):
        raise ParseError(f"expected JSON, found {seeming}")
    return text


def _seeming(text: str) -> str | None:
    """Return what a text seems to be that cannot be JSON, or None where it might be."""
    if not text:
        return "an empty body"
    if "\0" in text:
        return "NUL bytes (binary data, or UTF-16)"
    if text.startswith("<"):
        head = text[:1024].lower()
        return "an HTML page" if "<html" in head or "<!doctype html" in head else "markup (HTML or XML)"
    return None if _BEGINNING.match(text) else f"plain text: {json.dumps(text[:_MAX_SHOWN])}"


def _load(text: str) -> Json:
    depth = _check_depth(text)
    try:
        document: Json = json.loads(
            text,
            object_pairs_hook=_unique_object,
            parse_constant=_refuse_constant,
            parse_float=_exact_float,
            parse_int=_short_int,
        )
    except json.JSONDecodeError as error:
        seeming = "JSON that seems cut off" if depth > 0 else "malformed JSON"
        raise ParseError(f"expected JSON, found {seeming}: {error.msg} at offset {error.pos}") from error
    _check_encodable(document)
    return document


def _check_depth(text: str) -> int:
    """Return how many brackets stay open; raise ParseError for deep nesting, before Python's reader recurses."""
    depth = 0
    for token in _TOKEN.finditer(text):
        mark = token[0][0]
        if mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
        if depth > _MAX_DEPTH:
            raise ParseError(f"JSON nests deeper than {_MAX_DEPTH} levels at offset {token.start()}")
    return depth


def _unique_object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    fields: dict[str, Json] = {}
    for key, value in pairs:
        if key in fields:
            raise ParseError(f"the key '{shown(key)}' stands twice in one JSON object")
        fields[key] = value
    return fields


def _refuse_constant(text: str) -> NoReturn:
    raise ParseError(f"{text} is not JSON")


def _exact_float(text: str) -> float:
    """Return the number; a number too large or too small for a float is refused, lest it turn into inf or zero."""
    value = float(text)
    is_zero = not re.search("[1-9]", text.lower().partition("e")[0])
    if math.isinf(value) or (value == 0) is not is_zero:
        raise ParseError(f"the number {shown(text)} is out of range")
    return value


def _short_int(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise ParseError(f"an integer of {len(text)} digits is out of range")
    return int(text)


def _check_encodable(document: Json) -> None:
    """Raise ParseError for a lone surrogate, which JSON can escape and UTF-8 cannot hold."""
    try:
        quote_json(document).encode()
    except UnicodeEncodeError as error:
        raise ParseError(f"a string holds the lone surrogate \\u{ord(error.object[error.start]):04x}") from error
