"""What is open while Markdown is read: a paragraph, lists, components. Pure."""

from dataclasses import dataclass, field

from pipeline.parse.blocks import Blocks
from pipeline.parse.markdown_hidden import find_ends
from pipeline.parse.markdown_inline import Piece, render
from pipeline.parse.markdown_lines import Lines


@dataclass(slots=True)
class Reader:
    """The lines of a document, and what is open at the line that is being read."""

    source: str
    lines: Lines
    blocks: Blocks
    piece: Piece = field(default_factory=Piece)
    items: list[int] = field(default_factory=list)  # open lists: how far their markers are set in
    numbered: list[bool] = field(default_factory=list)  # of each open list, whether its marks are numbers
    parts: list[tuple[str, bool]] = field(default_factory=list)  # open components, and whether they have a title
    quotes: int = 0
    unclosed: dict[str, int] = field(default_factory=dict)  # what was looked for once and closes nowhere
    _ends: dict[int, int] | None = None  # of elements of HTML

    def flush(self) -> None:
        """Add the open paragraph; a short one in bold stands as a heading."""
        if not self.piece.texts:
            return
        text, is_bold = render(self.piece)
        self.piece = Piece()
        if is_bold:
            self.blocks.add_bold(text)
        else:
            self.blocks.add_text(text)

    def leave_lists(self, indent: int) -> None:
        """Close the lists that a line which is set in so far no longer belongs to."""
        while self.items and indent < self.items[-1] + 2:
            self.close_list()

    def open_list(self, indent: int, *, is_numbered: bool) -> None:
        """Open a list whose markers are set in so far."""
        self.items.append(indent)
        self.numbered.append(is_numbered)
        self.blocks.open_list()

    def close_list(self) -> None:
        """Close the innermost list."""
        self.items.pop()
        self.numbered.pop()
        self.blocks.close_list()

    @property
    def is_numbered(self) -> bool:
        """Tell whether the innermost list has numbers for marks."""
        return bool(self.numbered) and self.numbered[-1]

    def is_within_number(self, indent: int) -> bool:
        """Tell whether the innermost list is one of bullets, set in as far as the numbered one around it."""
        return self.numbered[-2:] == [True, False] and self.items[-2:] == [indent, indent]

    def add_heading(self, level: int, text: str, start: int) -> None:
        """Add a heading that is written at a place of the source."""
        piece = Piece()
        piece.add(text, start)
        self.blocks.add_heading(level, render(piece)[0])

    def find_end(self, start: int) -> int | None:
        """Return where the element whose content begins at a place ends; None where nothing closes it."""
        if self._ends is None:
            self._ends = find_ends(self.source)
        return self._ends.get(start)

    def skip_to(self, at: int, start: int, closing: str) -> int | None:
        """Skip to behind a mark and read on there; None where it does not come and the line is text."""
        end = -1 if closing in self.unclosed else self.source.find(closing, start)
        if end < 0:
            self.unclosed[closing] = 0
            return None
        return self.lines.go_on(at, end + len(closing))
