"""What somebody else does is never certain of the provider, wherever the page tells its own name."""

import pytest

from pipeline.clauses import read_statements
from pipeline.model import Condition, Grade, Statement
from pipeline.parse.document import parse_document

START = 'Acme, Inc. ("Acme", "we") makes a writing tool.\n\n'
OF_MAKERS = [
    "OpenAI does not train on API data.",
    "Unlike Acme, OpenAI does not train on prompts.",
    "OpenAI does not use API data to train its models.",
    "Prompts are not used by OpenAI to train models.",
    "OpenAI keeps prompts for 30 days.",
    "We use Globex to answer you. Globex deletes prompts after 30 days.",
    "Our models are hosted by Globex. Globex deletes prompts after 30 days.",
    "Some competitors do not store prompts.",
    "Most competitors delete prompts after 30 days.",
]
OF_STRANGERS = [
    "Globex deletes prompts after 30 days.",
    "Globex Corp. never trains on customer prompts.",
    "Prompts are deleted by Globex after 30 days.",
    "At Globex, prompts are deleted after 30 days.",
    "Globex\u2019s models are not trained on your prompts.",
    "Globex does not store prompts.",
]
OF_ITSELF = [
    "Acme does not store prompts.",
    "Acme Cloud deletes prompts after 30 days.",
    "Prompts are deleted by Acme after 30 days.",
    "Prompts are deleted by the Platform after 30 days.",
    "Unlike OpenAI, we do not train on your prompts.",
    "Unlike other tools, Acme does not store prompts.",
    "We use OpenAI's models and do not store prompts.",
    "Inputs do not train our models.",
]
NAMELESS = ["OpenAI does not train on API data.", "Globex deletes prompts after 30 days."]
TITLED = ["# Acme privacy\n\nAcme does not store prompts.", "# OpenAI\n\nOpenAI does not train on API data."]


def _read(text: str) -> Statement:
    (one,) = read_statements(parse_document(text.encode(), "text/markdown"))
    return one


@pytest.mark.parametrize("text", OF_MAKERS)
def test_what_rivals_and_those_upstream_do_is_an_exception(text: str) -> None:
    assert Condition.EXCEPTION is _read(START + text).condition


@pytest.mark.parametrize("text", OF_STRANGERS)
def test_what_a_strange_name_does_is_not_certain(text: str) -> None:
    assert Grade.LIKELY is _read(START + text).grade


@pytest.mark.parametrize("text", [*(START + text for text in OF_ITSELF), *NAMELESS, *TITLED])
def test_what_the_provider_does_is_its_default_and_certain(text: str) -> None:
    one = _read(text)
    assert (Condition.DEFAULT, Grade.CERTAIN) == (one.condition, one.grade)


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("You can also request zero data retention (ZDR) for eligible endpoints if you qualify.", Grade.CERTAIN),
        ("Zero data retention is available upon request.", Grade.CERTAIN),
        ("Eligible customers can request zero data retention.", Grade.CERTAIN),
        ("You can request zero data retention from OpenAI.", Grade.LIKELY),
        ("We do not know if you can request zero data retention.", Grade.LIKELY),
    ],
)
def test_a_plain_offer_of_zero_retention_is_certain(text: str, grade: Grade) -> None:
    one = _read(text)
    assert (Condition.OPTION, grade) == (one.condition, one.grade)
