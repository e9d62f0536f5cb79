"""Comments, notes, tags and components that stand at the beginning of a line of Markdown. Pure."""

import re
from typing import Final

from pipeline.parse.blocks import TITLE_LEVEL
from pipeline.parse.markdown_hidden import hides_its_text
from pipeline.parse.markdown_inline import INLINE_COMPONENTS, is_tag
from pipeline.parse.markdown_lines import Line
from pipeline.parse.markdown_state import Reader
from pipeline.parse.markdown_table import read_markup_table
from pipeline.parse.markup import BLOCKS

_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9.:-]{0,60})(\s[^<>]{0,2000})?(/?)>")
_TITLE: Final = re.compile(r"\b(?:title|label|summary)=(?:\"([^\"]*)\"|'([^']*)'|\{\"([^\"]*)\"\})")
_LONGEST_LINE: Final = 5000  # that is read tag by tag; from a longer one they are only taken out, in one go
_COMMENT: Final = re.compile(r"<!--|\{/\*")
_ADMONITION: Final = re.compile(
    r"(?:!!!|\?\?\?\+?)[ \t]+[\w -]+?(?:[ \t]+\"(?P<quoted>[^\"]*)\")?|:{3,}(?:[ \t]*\w+"
    r"(?:\[(?P<boxed>[^\[\]]*)\]|[ \t]+(?P<bare>[^{}]+))?)?"
)


def take_comment(reader: Reader, at: int, line: Line) -> int | None:
    """Skip a comment, of HTML or of MDX."""
    mark = _COMMENT.match(line.text)
    if mark is None or len(line.text) > _LONGEST_LINE:
        return None
    closing = "-->" if mark[0] == "<!--" else "*/}"
    return reader.skip_to(at, line.start, closing)


def take_admonition(reader: Reader, at: int, line: Line) -> int | None:
    """Read a line that opens or closes a note, as MkDocs ("!!!", "???") and Docusaurus (":::") write them."""
    mark = _ADMONITION.fullmatch(line.text)
    if mark is None:
        return None
    reader.flush()
    reader.leave_lists(line.indent)
    for name in ("quoted", "boxed", "bare"):
        if mark[name]:
            reader.add_heading(TITLE_LEVEL, mark[name], line.start + mark.start(name))
    return at + 1


def take_tag(reader: Reader, at: int, line: Line) -> int | None:
    """Read a tag of a block or a component at the beginning of a line; others are left to the text."""
    is_read = line.text[0] == "<" and len(line.text) <= _LONGEST_LINE
    tag = _TAG.match(reader.source, line.start) if is_read else None
    if tag is None or not is_tag(tag[2]) or not (tag[2][0].isupper() or tag[2].lower() in BLOCKS):
        return None
    if tag[2] in INLINE_COMPONENTS:
        return None
    reader.flush()
    reader.leave_lists(line.indent)
    name = tag[2].lower()
    hidden_to = reader.find_end(tag.end()) if not tag[1] and hides_its_text(tag[0]) else None
    if hidden_to is not None:
        return reader.lines.go_on(at, hidden_to)
    if name == "table" and not tag[1]:
        table = read_markup_table(reader.source, tag.end(), reader.unclosed)
        if table is not None:
            for cells, titles in table.rows:
                reader.blocks.add_row(cells, titles)
            return reader.lines.go_on(at, table.end)
    if name == "summary" or (len(name) == 2 and name[0] == "h" and name[1].isdecimal()):  # noqa: PLR2004
        end = -1 if tag[1] else reader.source.find(f"</{tag[2]}>", tag.end(), tag.end() + 1000)
        if end >= 0:
            level = TITLE_LEVEL if name == "summary" else int(name[1])
            reader.add_heading(level, reader.source[tag.end() : end].replace("\n", " "), tag.end())
            return reader.lines.go_on(at, end + len(name) + 3)
    _open_or_close(reader, tag)
    return reader.lines.go_on(at, tag.end())


def _open_or_close(reader: Reader, tag: "re.Match[str]") -> None:
    """Note where a component begins and ends; its title heads what it holds."""
    name = tag[2]
    if tag[1]:
        while any(part == name for part, _ in reader.parts[-3:]):
            part, has_title = reader.parts.pop()
            if has_title:
                reader.blocks.leave()
            if part == name:
                break
        return
    title = _TITLE.search(tag[3] or "")
    if tag[4] or name.lower() in {"br", "hr"}:
        return
    is_titled = title is not None or name == "details"
    reader.parts.append((name, is_titled))
    if is_titled:
        reader.blocks.enter()
    if title is not None and title.lastindex is not None:
        start = tag.start(3) + title.start(title.lastindex)
        reader.add_heading(TITLE_LEVEL, title[title.lastindex], start)
