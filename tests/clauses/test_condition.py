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

MANY = "Acme Vision Content, Acme Voice Content, Acme Maps Content, Zed Content.\n\n"
PARTS = [
    "# Data handling\n\n## Responses API\n\nConversations are deleted after 30 days.",
    "# Data handling\n\nFor the Responses API specifically, we store conversations.",
    "# Data handling\n\nFor proprietary models, prompts are logged.",
    MANY + "We use Acme Maps Content to train our models.",
]
WHOLES = [
    "# Responses API\n\n## Responses API\n\nConversations are deleted after 30 days.",
    "# Data handling\n\n## Data of the API\n\nConversations are deleted after 30 days.",
    "# Data handling\n\nExcept for certain endpoints, prompts are stored for 30 days.",
    "# Data handling\n\n## Responses API\n\nAll other services do not store prompts.",
    MANY + "We use your content to train our models.",
]

OUTSIDERS = [
    "We use models by OpenAI and Anthropic.\n\nOpenAI does not use data sent through its API to train its models.",
    "We send prompts to OpenAI. OpenAI keeps prompts for 30 days.",
    "Our model providers do not store your prompts.",
    "We have agreements with our LLM providers that prohibit training on your prompts.",
    "Prompts are not stored by these third parties.",
    "We only work with inference providers that do not retain prompts.",
    "Prompts go to Anthropic, whose models we use via Bedrock. They do not train on your prompts.",
]
OWN = [
    "# OpenAI privacy\n\nOpenAI does not use your prompts to train its models.",
    'Anthropic ("we") does not train on your prompts. Customers of Bedrock use Anthropic models.',
    "We use OpenAI to answer you, and we do not store your prompts.",
    "Neither we nor our model providers train on your prompts.",
    "Prompts that pass through third-party services are not stored by us.",
    "# Fernwood\n\nFernwood does not train on your prompts, and neither do its model providers.",
    "By default, ElevenLabs retains conversations for 2 years.",
]


def _conditions(text: str) -> list[Condition]:
    return [one.condition for one in read_statements(parse_document(text.encode(), "text/markdown"))]


@pytest.mark.parametrize("text", OPTIONS)
def test_a_promise_under_a_condition_is_an_option(text: str) -> None:
    assert [Condition.OPTION] == _conditions(text)


@pytest.mark.parametrize("text", DEFAULTS)
def test_a_promise_without_one_is_the_default(text: str) -> None:
    assert [Condition.DEFAULT] == _conditions(text)


@pytest.mark.parametrize("text", PARTS)
def test_what_is_said_of_a_named_part_is_an_exception(text: str) -> None:
    assert [Condition.EXCEPTION] == _conditions(text)


@pytest.mark.parametrize("text", WHOLES)
def test_what_is_said_of_the_whole_is_the_default(text: str) -> None:
    assert [Condition.DEFAULT] == _conditions(text)


@pytest.mark.parametrize("text", OUTSIDERS)
def test_what_is_said_of_somebody_upstream_is_an_exception(text: str) -> None:
    assert [Condition.EXCEPTION] == _conditions(text)


@pytest.mark.parametrize("text", OWN)
def test_what_a_provider_says_of_itself_is_the_default(text: str) -> None:
    assert [Condition.DEFAULT] == _conditions(text)


@pytest.mark.parametrize(
    "text",
    [
        "## Zero retention mode\n\nNo transcripts are stored.",
        "With zero data retention, prompts are not stored.",
        "With history turned off, prompts are not stored.",
    ],
)
def test_what_holds_in_a_mode_is_an_option(text: str) -> None:
    assert [Condition.OPTION] == _conditions(text)
