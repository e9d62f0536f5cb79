"""What a quote holds of the marks around its words: emphasis whole, at the place that its locator names."""

import re

import pytest

from pipeline.parse.document import parse_document

QUOTES = [  # what is written, the words that are quoted, and the quote
    (
        "- **Retention period**: Kept for 30 days.",
        "Retention period: Kept for 30 days.",
        "**Retention period**: Kept for 30 days.",
    ),
    ("**No training:** We do not.\n\nMore.", "No training: We do not.", "**No training:** We do not."),
    ("__Kept__ for a day.", "Kept for a day.", "__Kept__ for a day."),
    ("It is **never kept.**\n\nMore.", "It is never kept.", "It is **never kept.**"),
    ("***Never*** kept. More.", "Never kept.", "***Never*** kept."),
    ("**5.1.** We *do not* keep **it**. More.", "5.1. We do not keep it.", "**5.1.** We *do not* keep **it**."),
    ("**Never kept. Never used.**", "Never used.", "Never used."),
    ("**It is kept. Read** on.", "Read on.", "Read** on."),
    ("It is *not* kept.", "kept.", "kept."),
    ("It is kept.\\*\\* \\*\\*", "It is kept.** **", "It is kept."),
    ("| a |\n|---|\n| Uses<br>* It is kept. |", "\u2022 It is kept.", "It is kept."),
    ("It is kept\\*.", "It is kept*.", "It is kept\\*."),
    ("Say \\*\\* twice", "**", "*\\*"),
]


@pytest.mark.parametrize(("written", "words", "expected"), QUOTES, ids=[written for written, _, _ in QUOTES])
def test_a_quote_holds_emphasis_whole_and_no_stray_marks(written: str, words: str, expected: str) -> None:
    document = parse_document(written.encode(), "text/markdown")
    block = next(block for block in document.blocks if words in block.text)
    start = block.text.index(words)
    place = (block, start, start + len(words))
    assert expected == document.quote(*place)
    found = re.match(r"block [0-9]+, characters ([0-9]+)-([0-9]+)", document.locator(*place))
    assert found is not None
    assert expected == document.source[int(found[1]) : int(found[2])]
