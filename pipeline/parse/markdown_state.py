"""What is open while Markdown is read: a paragraph, lists, components. Pure."""

from dataclasses import dataclass, field

from pipeline.parse.blocks import Blocks
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
    parts: list[tuple[str, bool]] = field(default_factory=list)  # open components, and whether they have a title
    quotes: int = 0
    unclosed: dict[str, int] = field(default_factory=dict)  # what was looked for once and closes nowhere

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
            self.items.pop()
            self.blocks.close_list()

    def add_heading(self, level: int, text: str, start: int) -> None:
        """Add a heading that is written at a place of the source."""
        piece = Piece()
        piece.add(text, start)
        self.blocks.add_heading(level, render(piece)[0])

    def skip_to(self, at: int, start: int, closing: str) -> int | None:
        """Skip to behind a mark and read on there; None where it does not come and the line is text."""
        end = -1 if closing in self.unclosed else self.source.find(closing, start)
        if end < 0:
            self.unclosed[closing] = 0
            return None
        return self.lines.go_on(at, end + len(closing))
