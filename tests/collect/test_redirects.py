"""Where redirects end: the page itself, the front of the site, a login."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.collect.redirects import find_detour
from pipeline.model import Moment, Observation, Outcome

SEEN = Observation(
    source_id="terms", moment=Moment.instant(datetime(2026, 11, 1, tzinfo=UTC)), outcome=Outcome.OK, origin="fetch"
)
TERMS = "https://acme.example/legal/terms"
DETOURS = [
    (TERMS, "https://acme.example/", Outcome.SOFT_NOT_FOUND),
    (TERMS, "https://www.acme.example", Outcome.SOFT_NOT_FOUND),
    (TERMS, "https://acme.example/en-us/", Outcome.SOFT_NOT_FOUND),
    (TERMS, "https://acme.example/index.html", Outcome.SOFT_NOT_FOUND),
    (TERMS, "https://acme.example/login?next=/legal/terms", Outcome.LOGIN),
    (TERMS, "https://id.acme.example/users/sign-in", Outcome.LOGIN),
    (TERMS, "https://acme.example/users/sign_in", Outcome.LOGIN),
    (TERMS, "https://acme.example/auth?next=/legal/terms", Outcome.LOGIN),
    (TERMS, "https://acme.example/404", Outcome.SOFT_NOT_FOUND),
    (TERMS, "https://acme.example/errors/not-found.html", Outcome.SOFT_NOT_FOUND),
    (TERMS, "https://acme.example/index.php?page=terms", None),
    (TERMS, "https://acme.example/?p=123", None),
    (TERMS, "https://acme.example/docs/auth", None),
    (TERMS, "https://acme.example/terms-404", None),
    # A page that moved, a site of its own for terms, a page that always was the front or the login.
    (TERMS, "https://acme.example/policies/terms", None),
    (TERMS, "https://acme.example/en-us/legal/terms", None),
    (TERMS, "https://terms.acme.example/", None),
    (TERMS, "https://acme.example/blogin/terms", None),
    ("https://acme.example/", "https://acme.example/en/", None),
    ("https://acme.example/login/terms", "https://acme.example/login/terms/", None),
]


def seen(asked: str, found: str) -> Observation:
    return replace(SEEN, url=found, redirects=(asked,))


@pytest.mark.fault("C02", "C03")
@pytest.mark.parametrize(("asked", "found", "outcome"), DETOURS)
def test_c02_c03_redirects_that_end_at_the_front_or_a_login_did_not_lead_to_the_page(
    asked: str, found: str, outcome: Outcome | None
) -> None:
    doubt = find_detour(seen(asked, found), None)
    assert outcome == (None if doubt is None else doubt.outcome)


def test_an_address_that_was_believed_before_is_where_the_page_is() -> None:
    moved = seen(TERMS, "https://acme.example/")
    assert None is find_detour(moved, moved)
    assert None is not find_detour(moved, replace(SEEN, url=TERMS))


def test_a_page_that_came_without_redirects_is_where_it_was_asked_for() -> None:
    assert None is find_detour(replace(SEEN, url="https://acme.example/"), None)
