"""The mapping at the head of a Markdown document. Pure: text in, strings out, no I/O; nothing in it is executed."""

from collections.abc import Iterator

import yaml

from pipeline.errors import ParseError

MAX_BLOCK_BYTES = 16 * 1024
_FENCE = "---"
_BOM = "\ufeff"


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """Return the mapping of the leading `---` block and the body after it; ({}, text) where there is no such block.

    Every value is the text as written (`NO`, `1.10` and `12:30` stay as they are; an empty value is ""). A `---` that
    nothing closes, or that no `key:` line follows, is a horizontal rule and leaves the document whole. Raises
    ParseError for a block over 16 KB, a duplicate key, a nested value, an anchor, an alias, a tag or broken YAML.
    """
    parts = _find_block(text.removeprefix(_BOM))
    if parts is None:
        return {}, text
    block, body = parts
    if len(block.encode("utf-8", "replace")) > MAX_BLOCK_BYTES:
        raise ParseError(f"front matter: the block is larger than {MAX_BLOCK_BYTES} bytes")
    try:
        mapping = _parse_block(block)
    except yaml.YAMLError as error:
        raise ParseError(f"front matter: {_in_one_line(error)}") from error
    return ({}, text) if mapping is None else (mapping, body)


def _find_block(text: str) -> tuple[str, str] | None:
    """Return the text between the fences and the text after them, or None where no front matter opens."""
    first, newline, rest = text.partition("\n")
    opening = rest.partition("\n")[0].strip()
    if first.rstrip() != _FENCE or not newline or not (opening.startswith(("#", "?", _FENCE)) or ":" in opening):
        return None
    start = 0
    while start < len(rest):
        end = rest.find("\n", start)
        end = len(rest) if end < 0 else end
        if rest.startswith(_FENCE, start) and rest[start:end].rstrip() == _FENCE:
            return rest[:start], rest[end + 1 :]
        start = end + 1
    return None


def _parse_block(block: str) -> dict[str, str] | None:
    """Return the flat mapping that the block holds, or None where it holds no mapping at all (a list, a sentence)."""
    # Events instead of a loader: no object is ever built and no alias expanded, so tags and alias bombs are inert,
    # nesting costs no recursion, and a scalar is the text that stands there.
    events = (_plain(event) for event in yaml.parse(block, Loader=yaml.BaseLoader))
    mapping: dict[str, str] = {}
    for event in events:
        match event:
            case yaml.MappingStartEvent():
                _read_pairs(events, mapping)
            case yaml.ScalarEvent() | yaml.SequenceStartEvent():
                return None
            case yaml.DocumentStartEvent(explicit=True):
                raise ParseError(f"front matter line {_line(event)}: a second document begins inside the block")
            case _:  # the marks around the document
                continue
    return mapping


def _plain(event: yaml.Event) -> yaml.Event:
    """Return the event itself; raise ParseError where it is an alias or carries an anchor or a tag."""
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        raise ParseError(f"front matter line {_line(event)}: anchors and aliases are not read")
    if getattr(event, "tag", None) is not None:
        raise ParseError(f"front matter line {_line(event)}: tags are not read")
    return event


def _read_pairs(events: Iterator[yaml.Event], mapping: dict[str, str]) -> None:
    """Fill the mapping with its keys and values up to its end; raise ParseError for a nested value or a known key."""
    for key in events:
        if isinstance(key, yaml.MappingEndEvent):
            return
        name = _scalar(key)
        if name in mapping:
            raise ParseError(f"front matter line {_line(key)}: the key {name!r} stands twice")
        mapping[name] = _scalar(next(events))


def _scalar(event: yaml.Event) -> str:
    if not isinstance(event, yaml.ScalarEvent):
        raise ParseError(f"front matter line {_line(event)}: nested values are not read, one text for each key is")
    return str(event.value)


def _line(event: yaml.Event) -> int:
    """The event's line in the document, 1-based; the block begins on line 2."""
    return 2 if event.start_mark is None else int(event.start_mark.line) + 2


def _in_one_line(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 2}: {error.problem or error.context}"
    return " ".join(str(error).split())
