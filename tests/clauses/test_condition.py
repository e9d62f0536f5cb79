"""A promise that somebody has to bring about is an option; what is wrongly called a default does harm."""

import pytest

from pipeline.clauses import read_statements
from pipeline.model import Condition
from pipeline.parse.document import parse_document

OPTIONS = [
    "On request, prompts and outputs sent to the API are not stored.",
    "If your account is approved for zero data retention, prompts are not stored.",
    "When zero data retention is enabled, we do not store prompts.",
    "For customers with an enterprise agreement, prompts are not retained.",
    "If you opt out, we do not store your prompts.",
    "Upon approval, prompts are not retained after the response.",
    "We do not store prompts if store=false is set.",
    "In privacy mode, prompts are not stored.",
    "Prompts are not stored when you use incognito chat.",
    "Subject to approval, we do not use or store API inputs.",
    "Once you disable logging, prompts are not retained.",
    "If you opt out, your prompts are not used to train our models.",
]
DEFAULTS = [
    "We do not store your prompts unless you turn on history.",
    "When using cloud-hosted models, we do not store your prompts.",
    "When working on other projects where you haven't opted in, Acme will not store user content.",
    "We never store prompts, even if you enable sharing.",
    "Acme has zero data retention by default.",
    "Prompts are deleted immediately after the request is completed.",
    "When you use our API, we do not store your prompts.",
    "We do not use your prompts to train our models.",
]


def _conditions(text: str) -> list[Condition]:
    return [one.condition for one in read_statements(parse_document(text.encode(), "text/markdown"))]


@pytest.mark.parametrize("text", OPTIONS)
def test_a_promise_under_a_condition_is_an_option(text: str) -> None:
    assert [Condition.OPTION] == _conditions(text)


@pytest.mark.parametrize("text", DEFAULTS)
def test_a_promise_without_one_is_the_default(text: str) -> None:
    assert [Condition.DEFAULT] == _conditions(text)
