"""The reader as a whole: quotes that stand in the source, sentences read once, time that grows with the page only."""

import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.clauses import read_statements
from pipeline.model import Block, BlockKind, Document, Retention
from pipeline.parse.document import parse_document


def page(*paragraphs: str) -> Document:
    source, blocks = "", []
    for number, text in enumerate(paragraphs, start=1):
        places = range(len(source), len(source) + len(text))
        blocks.append(Block(number=number, kind=BlockKind.PARAGRAPH, text=text, places=places))
        source += f"{text}\n\n"
    return Document(source=source, blocks=tuple(blocks))


def days(document: Document) -> Sequence[int | None]:
    return [one.value.days for one in read_statements(document) if isinstance(one.value, Retention)]


def test_an_empty_page_says_nothing() -> None:
    assert read_statements(Document(source="", blocks=())) == ()


def test_the_same_sentence_is_read_once() -> None:
    assert days(page("We keep prompts for 30 days.", "We keep prompts for 30 days.")) == [30]


def test_a_quote_is_a_run_of_the_source_with_its_markup() -> None:
    source = "# Data\n\nWe keep [your **prompts**](/p) for\n30 days. More."
    [one] = read_statements(parse_document(source.encode(), "text/markdown"))
    assert one.quote == "We keep [your **prompts**](/p) for 30 days."
    assert one.locator.endswith("under Data")


def test_a_sentence_that_names_two_times_gives_two_statements() -> None:
    assert days(page("We keep prompts for 30 days and uploaded files for 7 days.")) == [30, 7]


def test_from_when_a_time_counts_is_kept() -> None:
    [one] = read_statements(page("We delete prompts within 30 days after termination of the contract."))
    assert one.trigger == "after termination of the contract"


WORDS = st.sampled_from(
    [
        *(
            "we",
            "you",
            "do",
            "not",
            "keep",
            "store",
            "delete",
            "train",
            "prompts",
            "data",
            "for",
            "30",
            "days",
            "until",
        ),
        *("if", "unless", "and", "or", "that", "opt", "out", ",", ";", ":", "(", ")", '"', "."),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=60))
def test_any_string_of_words_is_read_without_an_error(words: Sequence[str]) -> None:
    text = " ".join(words)
    assert all(one.quote in " ".join(text.split()) for one in read_statements(page(text)))


@pytest.mark.parametrize(
    "near_miss",
    [
        "We may not be able to retain or delete the thing that you want us to train on. ",
        "we retain store delete ",
        "not never no unless you ",
        '"Abc Def" (',
        "a, ",
        "retain",
        "to keep, or to log, ",
        "30 days after ",
    ],
)
def test_a_near_miss_repeated_costs_time_in_step_with_its_length(near_miss: str) -> None:
    def seconds(characters: int) -> float:
        document = page(near_miss * (characters // len(near_miss)))
        start = time.process_time()
        read_statements(document)
        return time.process_time() - start

    seconds(1_000)  # what is loaded once is loaded
    assert seconds(1_000_000) < 2.5
