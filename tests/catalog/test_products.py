"""Which statements of a vendor's page are on another product than the provider that a gateway uses."""

import pytest
from effort import cut_off

from pipeline.catalog.products import names_other_product

BEDROCK = ("Amazon Bedrock",)
AWS = "https://aws.amazon.com/service-terms/"
STUDIO = ("Google AI Studio",)
GOOGLE = "https://policies.google.com/terms/generative-ai"
ACME = ("Acme Models",)
ACME_PAGE = "https://www.acme.example/terms"


@pytest.mark.parametrize(
    ("names", "url", "heading", "quote"),
    [
        (BEDROCK, AWS, "AWS Service Terms", "We may store Amazon Chime SDK ML Content to improve the service."),
        (BEDROCK, AWS, "AWS Service Terms > 24. AWS Supply Chain", "We may use Your Content to improve the service."),
        (BEDROCK, AWS, "", "You agree that we may use Amazon Q Content to improve Amazon Q."),
        (STUDIO, GOOGLE, "", "We can save recordings of what is said to services like Google Search and Maps."),
        (ACME, ACME_PAGE, "Terms > 3. ACME Mail", "Messages are kept for 30 days."),
    ],
)
def test_a_product_of_the_vendor_with_a_name_of_its_own_is_another(
    names: tuple[str, ...], url: str, heading: str, quote: str
) -> None:
    assert names_other_product(quote, f"block 1, characters 0-9 under {heading}", names, url)


@pytest.mark.parametrize(
    ("names", "url", "heading", "quote"),
    [
        # No product is named.
        (BEDROCK, AWS, "AWS Service Terms > 1. Universal Service Terms", "We will delete Your Content."),
        (BEDROCK, AWS, "AWS Machine Learning and Artificial Intelligence Services", "We may use AI Content."),
        (BEDROCK, AWS, "", "Your Content may be stored in AWS Regions, says the AWS Customer Agreement."),
        (STUDIO, GOOGLE, "", "Google may log prompts to review a violation."),
        # The provider itself is named, perhaps among others.
        (BEDROCK, AWS, "AWS Service Terms", "Amazon Bedrock does not store your prompts."),
        (BEDROCK, AWS, "", "For Amazon Polly, Amazon Lex and Amazon Bedrock, we may store AI Content."),
        (ACME, ACME_PAGE, "Terms > Acme-Models and Acme Mail", "Messages are kept for 30 days."),
        # The provider goes by its vendor's name, or its name is no part of the address.
        (("Google Vertex", "Google"), GOOGLE, "", "We can save what is said to Google Search."),
        (("Open Inference",), "https://openinference.example/terms", "", "Open Source models keep nothing."),
        ((), ACME_PAGE, "", "Acme Mail keeps messages for 30 days."),
        (("!",), ACME_PAGE, "", "Acme Mail keeps messages for 30 days."),
        (ACME, "", "", "Acme Mail keeps messages for 30 days."),
    ],
)
def test_what_names_the_provider_or_no_product_is_on_the_provider(
    names: tuple[str, ...], url: str, heading: str, quote: str
) -> None:
    assert not names_other_product(quote, f"block 1, characters 0-9 under {heading}", names, url)


@pytest.mark.parametrize("piece", ["Amazon ", "Amazon A", "amazon Aa ", "Amazon " + "A" * 50, "A" * 50])
def test_a_quote_of_a_megabyte_is_read_in_linear_time(piece: str) -> None:
    with cut_off():
        names_other_product(piece * (1_000_000 // len(piece)), "", BEDROCK, AWS)
