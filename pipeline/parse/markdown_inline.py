"""What a piece of Markdown says without its markup, with the place of each character. Pure and linear."""

import html
import re
from array import array
from dataclasses import dataclass, field
from typing import Final

from pipeline.parse.blocks import Placed, fold
from pipeline.parse.markdown_hidden import hides_its_text
from pipeline.parse.markup import BLOCKS, BOLD, EVERY, STRUCK

_PUNCTUATION: Final = re.escape("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_TOKEN: Final = re.compile(
    rf"(?P<escape>\\[{_PUNCTUATION}\n])"
    r"|(?P<code>`+)"
    r"|(?P<entity>&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|(?P<comment><!--|\{/\*)"
    r"|<(?P<address>(?:https?:|mailto:)[^<>\s]*|[^<>\s@]{1,64}@[^<>\s@]{1,255})>"
    r"|<(?P<close>/?)(?P<tag>[A-Za-z][A-Za-z0-9.:-]*)(?:\s[^<>]*)?/?>"
    r"|(?P<note>\[\^[^\[\]\s]{1,80}\])"
    r"|(?P<open>!?\[)|(?P<shut>\])"
    r"|(?P<stress>\*+|_+|~~+)"
    r'|(?P<gap>\{"[ ]?"\}|\{\#[^{}\s]+\})'
)
_TARGET: Final = re.compile(
    r"\(\s{0,9}(?:<[^<>\n]{0,2000}>|[^\s()]{0,2000}(?:\([^\s()]{0,200}\)[^\s()]{0,2000}){0,9})"
    r"(?:\s{1,9}(?:\"[^\"]{0,500}\"|'[^']{0,500}'|\([^()]{0,500}\)))?\s{0,9}\)|\([^()\n]{0,500}\)|\[[^\[\]]{0,200}\]"
)
_CELL_BULLET: Final = re.compile(r"[*+-]\s+(?=\S)")
_ENDS: Final = {"<!--": "-->", "{/*": "*/}"}
INLINE_COMPONENTS: Final = frozenset({"Badge", "Icon", "Tooltip", "Link", "Code", "Kbd", "Markdown"})


def is_tag(name: str) -> bool:
    """Whether a name in angle brackets is markup, HTML's or a component's; <name> stands for what is filled in."""
    return name.lower() in EVERY or name[0].isupper()


@dataclass(slots=True)
class Piece:
    """Text as written and the place of each of its characters, of one line or of more."""

    texts: list[str] = field(default_factory=list)
    places: "array[int]" = field(default_factory=lambda: array("I"))

    def add(self, text: str, place: int) -> None:
        """Add a line, or a part of one, that stands at a place of the source."""
        if self.texts:
            self.texts.append("\n")
            self.places.append(self.places[-1] if self.places else place)
        self.texts.append(text)
        self.places.extend(range(place, place + len(text)))

    @property
    def text(self) -> str:
        """The lines, as written."""
        return "".join(self.texts)


@dataclass(slots=True)
class _Rendered:
    """What is kept of a piece: `texts[n]` stands for what is written at `starts[n]`."""

    texts: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    brackets: list[int] = field(default_factory=list)
    stress: dict[str, list[int]] = field(default_factory=dict)  # by character: runs that opened
    struck: list[int] = field(default_factory=list)
    hidden: list[tuple[str, int | None]] = field(default_factory=list)  # elements, None where one around it is hidden
    bold: list[tuple[int, int]] = field(default_factory=list)  # runs of texts
    bold_tags: list[int] = field(default_factory=list)

    def keep(self, text: str, start: int) -> None:
        self.texts.append(text)
        self.starts.append(start)

    def drop(self, start: int) -> None:
        """Take out everything since one of the texts."""
        del self.texts[start:], self.starts[start:]
        for opened in (self.brackets, self.struck, self.bold_tags, *self.stress.values()):
            while opened and opened[-1] >= start:
                opened.pop()
        while self.hidden and (self.hidden[-1][1] is None or self.hidden[-1][1] >= start):
            self.hidden.pop()
        while self.bold and self.bold[-1][1] > start:
            self.bold.pop()


def render(piece: Piece, *, in_cell: bool = False) -> tuple[Placed, bool]:
    """Return what a piece says, folded, and whether all of it is bold; `in_cell`: "*" after a break is a bullet."""
    raw = piece.text
    out = _Rendered()
    at = 0
    breaks = in_cell
    while True:
        if breaks:
            at = _cell_bullet(raw, at, out)
        found = _TOKEN.search(raw, at)
        if found is None:
            break
        out.keep(raw[at : found.start()], at)
        at = _take(raw, found, out)
        breaks = in_cell and (found["tag"] or "").lower() == "br"
    out.keep(raw[at:], at)
    for start in out.stress.get("*", ()):
        out.texts[start] = out.texts[start] if len(out.texts[start]) == 1 else ""
    texts: list[str] = []
    places = array("I")
    for text, start in zip(out.texts, out.starts, strict=True):
        texts.append(text)
        if raw.startswith(text, start):
            places.extend(piece.places[start : start + len(text)])
        else:
            places.extend([piece.places[start]] * len(text))
    return fold("".join(texts), places), _is_bold(out)


def _cell_bullet(raw: str, at: int, out: _Rendered) -> int:
    bullet = _CELL_BULLET.match(raw, at)
    if bullet is None:
        return at
    out.keep(" \u2022 ", at)
    return bullet.end()


def _take(raw: str, found: "re.Match[str]", out: _Rendered) -> int:
    """Read one token; return where to go on."""
    match found.lastgroup:
        case "escape":
            out.keep(found[0][1:], found.start() + 1)
        case "code":
            return _take_code(raw, found, out)
        case "entity":
            out.keep(html.unescape(found[0]), found.start())
        case "comment":
            end = raw.find(_ENDS[found[0]], found.end())
            return len(raw) if end < 0 else end + 3
        case "address":
            out.keep(found["address"], found.start("address"))
        case "tag":
            _take_tag(found, out)
        case "open":
            out.brackets.append(len(out.texts))
            out.keep(found[0], found.start())
        case "shut":
            return _take_bracket(raw, found, out)
        case "stress":
            _take_stress(raw, found, out)
        case _:  # a mark of a footnote, an anchor, a space in braces
            out.keep(" " if found[0].startswith('{"') else "", found.start())
    return found.end()


def _take_code(raw: str, found: "re.Match[str]", out: _Rendered) -> int:
    end = raw.find(found[0], found.end())
    if end < 0:
        out.keep(found[0], found.start())
        return found.end()
    out.keep(raw[found.end() : end], found.end())
    return end + len(found[0])


def _take_tag(found: "re.Match[str]", out: _Rendered) -> None:
    name = found["tag"].lower()
    if not found["close"] and hides_its_text(found[0]):
        out.hidden.append((name, len(out.texts)))
    elif out.hidden and name == out.hidden[-1][0]:
        _take_hidden(found, out)
    elif not is_tag(found["tag"]):
        out.keep(found[0], found.start())
    elif name in BLOCKS or name == "br":
        out.keep(" ", found.start())
    elif name in STRUCK and not found["close"]:
        out.struck.append(len(out.texts))
    elif name in STRUCK and out.struck:
        out.drop(out.struck[-1])
    elif name in BOLD and not found["close"]:
        out.bold_tags.append(len(out.texts))
    elif name in BOLD and out.bold_tags:
        out.bold.append((out.bold_tags.pop(), len(out.texts)))


def _take_hidden(found: "re.Match[str]", out: _Rendered) -> None:
    """Take out what an element that is not shown holds as it closes; one of its name within it closes first."""
    if not found["close"]:
        out.hidden.append((out.hidden[-1][0], None))
        return
    _, start = out.hidden.pop()
    if start is not None:
        out.drop(start)
        out.keep(" ", found.start())


def _take_bracket(raw: str, found: "re.Match[str]", out: _Rendered) -> int:
    """Close a link, whose target goes, or a picture, which goes; brackets that are neither stay."""
    target = _TARGET.match(raw, found.end())
    start = out.brackets.pop() if out.brackets else None
    if target is None or (start is None and not target[0].startswith("(")):
        out.keep("]", found.start())
        return found.end()
    if start is None:  # of a link whose words stand in the paragraph before
        return target.end()
    if out.texts[start] == "![":
        out.drop(start)
    else:
        out.texts[start] = ""
    return target.end()


def _take_stress(raw: str, found: "re.Match[str]", out: _Rendered) -> None:
    """Open or close emphasis; a mark that nothing closes stays, as that of a footnote does, two asterisks go."""
    mark = found[0][0]
    before = raw[found.start() - 1 : found.start()] or " "
    after = raw[found.end() : found.end() + 1] or " "
    opens, closes = not after.isspace(), not before.isspace()
    if mark == "_":
        opens, closes = opens and not before.isalnum(), closes and not after.isalnum()
    left = len(found[0])
    runs = out.stress.setdefault(mark, [])
    if mark == "*" and left > 1 and runs:  # "**Title. **Text", which a strict reading leaves as it is
        closes = True
    here = len(out.texts)
    out.keep(found[0], found.start())
    while closes and left and runs:
        start = runs[-1]
        taken = min(left, len(out.texts[start]))
        left -= taken
        out.texts[start] = out.texts[start][taken:]
        if mark == "~":
            out.drop(start)
            return
        if taken > 1:
            out.bold.append((start, here))
        if not out.texts[start]:
            runs.pop()
    out.texts[here] = mark * left
    if left and (opens or (mark == "*" and left > 1)):
        runs.append(here)


def _is_bold(out: _Rendered) -> bool:
    """Whether every word that is kept stands in bold."""
    if not out.bold:
        return False
    depth = [0] * (len(out.texts) + 1)
    for start, end in out.bold:
        depth[start] += 1
        depth[end] -= 1
    open_now = 0
    for text, change in zip(out.texts, depth, strict=False):
        open_now += change
        if not open_now and text.strip(" \n\t\u200b\u200d\ufeff"):
            return False
    return True
