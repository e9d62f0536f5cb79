"""Readings kept, so that a capture is read once by each reader: a cache, which may be deleted and is never trusted."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

import zstandard

from pipeline.collect.files import remove, write_whole
from pipeline.model import (
    Basis,
    Bound,
    Claim,
    Condition,
    DataKind,
    Grade,
    Listing,
    Reading,
    Refusal,
    Retention,
    RetentionKind,
    Service,
    Statement,
    Tier,
    Topic,
    Training,
    ZdrEndpoint,
)

_MAX_BYTES: Final = 100_000_000
_LEVEL: Final = 3

Read: TypeAlias = Reading | str
"""What became of a capture: its reading, or why there is none."""


class ReadingCache:
    """What was last read in each capture of each source, and by which reader.

    Layout: `<source>/<capture>.json.zst`; what one reader made of a capture gives way to what the next one makes.
    """

    def __init__(self, folder: Path) -> None:
        """Use the folder, which need not exist yet."""
        self._folder = folder

    def find(self, source_id: str, capture_id: str, reader: str) -> Read | None:
        """Return what this reader made of the capture, or None where that is not known or the entry is not whole."""
        try:
            frame = self._path(source_id, capture_id).read_bytes()
            if zstandard.frame_content_size(frame) > _MAX_BYTES:  # a damaged head may claim any size
                return None
            body = zstandard.ZstdDecompressor().decompress(frame, max_output_size=_MAX_BYTES)
            *key, read = json.loads(body)
            return _to_read(read) if key == [source_id, capture_id, reader] else None
        except (OSError, zstandard.ZstdError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def write(self, source_id: str, capture_id: str, reader: str, read: Read) -> None:
        """Keep what this reader made of the capture."""
        try:
            body = json.dumps([source_id, capture_id, reader, read], default=_to_json, separators=(",", ":"))
        except RecursionError:
            return  # nested too deeply to be kept
        compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
        write_whole(self._path(source_id, capture_id), compressor.compress(body.encode()), is_synced=False)

    def keep_only(self, source_ids: Collection[str]) -> None:
        """Remove what was read of other sources, which nobody asks for any more."""
        if self._folder.is_dir():
            for folder in self._folder.iterdir():
                if folder.name not in source_ids:
                    remove(folder)

    def _path(self, source_id: str, capture_id: str) -> Path:
        return self._folder / source_id / f"{capture_id}.json.zst"


def _to_json(record: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the records below
    plain = {field.name: getattr(record, field.name) for field in fields(record)}
    if isinstance(record, Claim | Statement):
        plain["value"] = [_kind_of(record.value), record.value]
    return plain


def _kind_of(value: object) -> str:
    return next(kind for kind, (type_, _) in _VALUES.items() if isinstance(value, type_))


def _to_read(read: object) -> Read:
    """Return what an entry holds; raise ValueError, TypeError or KeyError where it is nothing of the kind."""
    return read if isinstance(read, str) else _record(Reading, read)


def _record(type_: type, plain: Any) -> Any:  # noqa: ANN401 - checked here, field by field
    """Return a record whose every field is of its type."""
    to_field = _FIELDS[type_]
    if plain.keys() != to_field.keys():
        raise KeyError(type_.__name__)
    return type_(**{name: to_field[name](value) for name, value in plain.items()})


def _plain(*types: type) -> Callable[[object], object]:
    return partial(_of_type, types)


def _of_type(types: tuple[type, ...], value: object) -> object:
    if type(value) not in types:
        raise TypeError(f"not expected: {type(value).__name__}")
    return value


def _several(to_one: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    return lambda values: tuple(to_one(value) for value in _of_type((list,), values))  # type: ignore[attr-defined]


def _or_none(to_one: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else to_one(value)


def _to_value(tagged: Any) -> Any:  # noqa: ANN401
    kind, value = tagged
    return _VALUES[kind][1](value)


_TEXT: Final = _plain(str)
_MAYBE_TEXT: Final = _plain(str, type(None))
_NUMBER: Final = _plain(int)
_MAYBE_NUMBER: Final = _plain(int, type(None))
_FLAG: Final = _plain(bool)
_TEXTS: Final = _several(_TEXT)
_JSON: Final = _plain(bool, int, float, str, list, dict, type(None))

# What a claim may hold: an enumeration before the text that it is, too.
_VALUES: Final[Mapping[str, tuple[type, Callable[[Any], Any]]]] = {
    "retention": (Retention, partial(_record, Retention)),
    "training": (Training, Training),
    "flag": (bool, _FLAG),
    "text": (str, _TEXT),
    "texts": (tuple, _TEXTS),
    "none": (type(None), _plain(type(None))),
}
_FIELDS: Final[Mapping[type, Mapping[str, Callable[[Any], Any]]]] = {
    Reading: {
        "row_count": _NUMBER,
        "listings": _several(partial(_record, Listing)),
        "claims": _several(partial(_record, Claim)),
        "endpoints": _several(partial(_record, ZdrEndpoint)),
        "statements": _several(partial(_record, Statement)),
        "text_key": _MAYBE_TEXT,
        "sketch": _several(_NUMBER),
        "refusals": _several(partial(_record, Refusal)),
        "excluded": _TEXTS,
        "signals": _TEXTS,
    },
    Listing: {
        "offering_id": _TEXT,
        "provider_id": _TEXT,
        "tier": Tier,
        "slug": _MAYBE_TEXT,
        "names": _TEXTS,
        "is_new": _FLAG,
    },
    Claim: {
        "offering_id": _TEXT,
        "topic": Topic,
        "value": _to_value,
        "basis": Basis,
        "text": _MAYBE_TEXT,
        "quote": _TEXT,
        "locator": _TEXT,
        "printed": _MAYBE_TEXT,
    },
    Retention: {
        "kind": RetentionKind,
        "days": _MAYBE_NUMBER,
        "bound": _or_none(Bound),
        "amount": _MAYBE_NUMBER,
        "unit": _MAYBE_TEXT,
    },
    Statement: {
        "topic": Topic,
        "value": _to_value,
        "data": DataKind,
        "condition": Condition,
        "service": Service,
        "grade": Grade,
        "quote": _TEXT,
        "locator": _TEXT,
        "rule_id": _TEXT,
        "trigger": _MAYBE_TEXT,
    },
    ZdrEndpoint: {
        "offering_id": _TEXT,
        "provider_name": _TEXT,
        "tag": _TEXT,
        "model_id": _TEXT,
        "model_name": _MAYBE_TEXT,
        "quantization": _MAYBE_TEXT,
        "context_length": _MAYBE_NUMBER,
        "locator": _TEXT,
    },
    Refusal: {
        "stage": _TEXT,
        "reason": _TEXT,
        "raw": _JSON,
        "locator": _TEXT,
        "topic": _or_none(Topic),
        "slug": _MAYBE_TEXT,
        "name": _MAYBE_TEXT,
        "label": _MAYBE_TEXT,
        "offering_id": _MAYBE_TEXT,
    },
}
