"""Real pages, where the recordings are there: against a third party's text of them, and against the hand labels."""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.model import BlockKind, Document
from pipeline.parse.document import parse_document

WORD = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    return " ".join(text.split())


def words(documents: list[Document]) -> list[str]:
    return [word.lower() for document in documents for block in document.blocks for word in WORD.findall(block.text)]


def pairs(shared: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield the words of each document as the third party has it and as its recorded pages are read here.

    Where fewer than half of their words can come from the pages, the recordings lack some of its pages.
    """
    for path in sorted((shared / "data" / "terms").glob("*/*.md")):
        folder = path.parent / "html"
        pages = [*folder.glob(f"{path.stem}.html.gz"), *folder.glob(f"{path.stem}~*.html.gz")]
        theirs = words([parse_document(path.read_bytes(), "text/markdown")])
        ours = words([parse_document(gzip.decompress(page.read_bytes()), "text/html") for page in sorted(pages)])
        if 2 * len(ours) > len(theirs):
            yield path.name, theirs, ours


def test_pages_hold_the_words_that_a_third_party_reads_in_them_and_hardly_any_others(shared: Path) -> None:
    found = their_count = our_count = compared = 0
    for name, theirs, ours in pairs(shared):
        common = sum((Counter(theirs) & Counter(ours)).values())
        # The worst: their text of one page is one twentieth cookie banner; ours of another has a list of related pages.
        assert common / len(theirs) >= 0.94, name
        assert common / len(ours) >= 0.95, name
        found, their_count, our_count = found + common, their_count + len(theirs), our_count + len(ours)
        compared += 1
    assert compared >= 18
    assert found / their_count >= 0.99
    assert found / our_count >= 0.99


def test_no_banner_and_no_script_comes_in(shared: Path) -> None:
    pages = sorted((shared / "data" / "terms").rglob("*.html.gz"))
    with_headings = 0
    for path in pages:
        document = parse_document(gzip.decompress(path.read_bytes()), "text/html")
        text = document.source.lower()
        for words_of_others in ("accept all cookies", "reject all", "function(", "skip to main content", "{display:"):
            assert words_of_others not in text, (path.name, words_of_others)
        with_headings += any(block.kind is BlockKind.HEADING for block in document.blocks)
    assert len(pages) > 30
    assert with_headings >= 0.95 * len(pages)


@pytest.fixture(scope="module")
def labelled(shared: Path) -> dict[str, list[str]]:
    """The labelled documents and the quotes of their labels."""
    quotes: dict[str, list[str]] = {}
    for line in (shared / "eval" / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        quotes.setdefault(label["doc"], []).extend([folded(label["quote"])] if label["topic"] != "none" else [])
    return quotes


def test_every_labelled_document_is_read_and_holds_its_quotes(shared: Path, labelled: dict[str, list[str]]) -> None:
    checked = 0
    for name, quotes in labelled.items():
        document = parse_document((shared / "data" / name).read_bytes())
        source = folded(document.source)
        for quote in quotes:
            assert quote in source, name
            checked += 1
        for block in document.blocks:
            assert document.quote(block, 0, len(block.text)) in source
    assert len(labelled) > 90
    assert checked > 500


def test_the_words_of_every_label_stand_in_blocks(shared: Path, labelled: dict[str, list[str]]) -> None:
    checked = 0
    for name, quotes in labelled.items():
        document = parse_document((shared / "data" / name).read_bytes())
        for quote in quotes:
            found = re.search(r"\s+".join(map(re.escape, quote.split())), document.source)
            assert found is not None
            inside = [
                block.text[index]
                for block in document.blocks
                if block.places[-1] >= found.start() and block.places[0] < found.end()
                for index, place in enumerate(block.places)
                if found.start() <= place < found.end()
            ]
            seen = WORD.findall(re.sub(r"\]\([^()]*\)|<[^<>]*>", " ", found[0]))
            assert len(WORD.findall("".join(inside))) >= 0.9 * len(seen), (name, quote)
            checked += 1
    assert checked > 500
