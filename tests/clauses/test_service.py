"""Which part of the services a statement speaks of: by its sentence, its headings, its page."""

import pytest

from pipeline.clauses import read_statements
from pipeline.model import Service
from pipeline.parse.document import parse_document

TECHNICAL = "Send a request with your API key to the endpoint; the payload is JSON. " * 12
LEFT_OUT = "This policy does not apply to content that we process for customers of our business offerings."
SERVICES = [
    ("Data sent through our API is not used to train models.", Service.API),
    ("We do not train on prompts of business customers.", Service.BUSINESS),
    ("Prompts of ChatGPT Enterprise and the API are not used to train models.", Service.BUSINESS),
    ("On the free plan, your prompts are used to train our models.", Service.FREE),
    ("Prompts of paying customers are not used to train models.", Service.PAID),
    ("Fine-tuning files are kept for 30 days.", Service.FINE_TUNING),
    ("Batch inputs are kept for 30 days.", Service.BATCH),
    ("Your prompts are not used to train or fine-tune models.", Service.UNSPECIFIED),
    ("We call the OpenAI API and do not store your prompts.", Service.UNSPECIFIED),
    ("Prompts are stored in your workspace for 30 days.", Service.UNSPECIFIED),
    (f"{TECHNICAL}\n\nPrompts are stored for 30 days.", Service.API),
    (
        f"{LEFT_OUT}\n\nWe keep your prompts for 30 days.",
        Service.CONSUMER,
    ),
]


@pytest.mark.parametrize(("text", "service"), SERVICES)
def test_a_statement_tells_its_service(text: str, service: Service) -> None:
    assert [service] == [one.service for one in read_statements(parse_document(text.encode(), "text/markdown"))]
