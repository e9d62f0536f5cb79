"""The reader as a whole: quotes that stand in the source, sentences read once, time that grows with the page only."""

from collections.abc import Sequence

import pytest
from effort import cut_off
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.clauses import read_statements
from pipeline.model import Block, BlockKind, Condition, Document, Grade, Retention, RetentionKind, Training
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


@settings(max_examples=150)
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
def test_a_near_miss_repeated_for_megabytes_is_read_to_its_end(near_miss: str) -> None:
    with cut_off():
        read_statements(page(near_miss * (2_000_000 // len(near_miss))))


@pytest.mark.fault("E02")
@pytest.mark.parametrize("said", ["We don{}t use your prompts to train our models.", "Prompts are kept for 30{}days."])
def test_e02_a_sentence_that_lost_a_character_is_never_certain(said: str) -> None:
    grades = [one.grade for one in read_statements(page(said.format("\ufffd")))]
    assert Grade.CERTAIN not in grades


@pytest.mark.parametrize("said", ["Conversations are stored by default.", "By default, we log your prompts."])
def test_what_is_kept_by_default_is_the_default_and_nobodys_choice(said: str) -> None:
    assert [Condition.DEFAULT] == [one.condition for one in read_statements(page(said))]


TAKEN_BACK = [
    "It would be wrong to say that we do not use your prompts to train our models.",
    "It is false that we do not train on your prompts.",
    "It is not true that prompts are never stored.",
    "There is no restriction on our use of your prompts to train our models.",
    "We do not deny that we train on your prompts.",
    "We do not prohibit training on your prompts.",
    "We do not exclude your prompts from training.",
    "We have never refused to train on your prompts.",
    "Not all prompts are stored.",
    "Not every prompt is used to train our models.",
    "Most prompts are not used to train our models.",
    "We never store prompts unencrypted.",
    "Prompts are not stored in plain text.",
    "Prompts are not usually stored.",
    "Except for prompts and outputs, we do not store any customer content.",
    "We do not use prompts to train our models without first removing personal information.",
    "We do not use prompts to train our models before giving you 30 days' notice.",
    "We do not use your prompts to train our models until 30 days after you sent them.",
    "We do not train on your prompts, other than where we consider it useful.",
    "Customers must ensure that prompts are deleted within 30 days.",
    "You shall ensure that prompts are deleted within 1 day.",
    "Our employees may not use customer prompts to train models.",
    "We do not train on your API keys or passwords that are contained in prompts.",
    "Prior to 1 March 2024, prompts were not stored.",
    "Our goal is that prompts are never stored.",
    "Prompts are kept in hot storage for 7 days, then moved to cold storage.",
    "Prompts are deleted every 30 days from the cache and remain in the database.",
    "We intend to retain prompts for 30 days, but often for longer.",
    "We do not train our large models on your prompts, but our small models learn from them.",
    "We do not train on your prompts for other customers, only for you and your team.",
]
ANSWERS = [
    "Do you refrain from training on my prompts? No.",
    "Is it true that you do not train on my prompts? No.",
    "Do you train on my prompts? No, we do.",
    "If I fine-tune the model with my own data, do I have to release my new model publicly? No.",
]
PROMISES = (Training.NO, Training.OPT_IN, RetentionKind.NONE, RetentionKind.PERIOD)


@pytest.mark.parametrize("said", TAKEN_BACK)
def test_a_promise_that_is_denied_again_or_holds_in_part_is_never_certain(said: str) -> None:
    certain = [one.value for one in read_statements(page(said)) if one.grade is Grade.CERTAIN]
    assert not [value for value in certain if getattr(value, "kind", value) in PROMISES]


@pytest.mark.parametrize("said", ANSWERS)
def test_a_no_that_answers_another_question_is_no_promise(said: str) -> None:
    assert [] == [one for one in read_statements(page(said)) if one.value in PROMISES]


@pytest.mark.parametrize("lead", ["The following is false:", "We never do the following without telling you:"])
def test_a_list_of_what_is_not_so_makes_no_promise_certain(lead: str) -> None:
    document = parse_document(
        f"{lead}\n\n- We never store prompts.\n- train on your prompts\n".encode(), "text/markdown"
    )
    assert Grade.CERTAIN not in [one.grade for one in read_statements(document)]
