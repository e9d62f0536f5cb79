"""Made-up statements, looks at terms pages and claims, for the tests of this folder."""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st
from made_up_looks import day

from pipeline.catalog.statements import PageLook, TermsClaim, Wording
from pipeline.catalog.terms_records import build_claim
from pipeline.model import (
    Condition,
    DataKind,
    Grade,
    Moment,
    Retention,
    RetentionKind,
    Service,
    Statement,
    TermsType,
    Topic,
    Training,
    Verification,
)

NONE = Retention(kind=RetentionKind.NONE)
DAYS_30 = Retention.of_days(30)
DAYS_60 = Retention.of_days(60)
UNTIL = Retention(kind=RetentionKind.UNTIL_EVENT)
UNSTATED = Retention(kind=RetentionKind.UNSTATED)
INDEFINITE = Retention(kind=RetentionKind.INDEFINITE)
UNKNOWN = Retention(kind=RetentionKind.UNKNOWN)

RETENTIONS = (NONE, DAYS_30, DAYS_60, UNTIL, UNSTATED, INDEFINITE)
TRAININGS = (Training.NO, Training.OPT_IN, Training.OPT_OUT, Training.MAY)

KEPT_30 = "Prompts are kept for 30 days and are then deleted."
KEPT_60 = "Prompts are kept for 60 days and are then deleted."
NOT_TRAINED = "Your content is never used to train any model."


def said(
    value: Retention | Training,
    quote: str,
    *,
    heading: str = "",
    condition: Condition = Condition.DEFAULT,
    service: Service = Service.UNSPECIFIED,
    data: DataKind = DataKind.PROMPTS_OUTPUTS,
    grade: Grade = Grade.CERTAIN,
) -> Statement:
    """Return a statement; the topic is told by the value."""
    return Statement(
        topic=Topic.RETENTION if isinstance(value, Retention) else Topic.TRAINING,
        value=value,
        data=data,
        condition=condition,
        service=service,
        grade=grade,
        quote=quote,
        locator=f"block 1, characters 0-{len(quote)}" + (f" under {heading}" if heading else ""),
        rule_id="made-up",
    )


def look(
    number: float,
    *statements: Statement,
    page: str = "acme",
    is_good: bool = True,
    is_flapping: bool = False,
    text: str | None = None,
) -> PageLook:
    """Return a look at a page on a day; the page "acme/1" is a part of the document "acme".

    Its capture and its text are told by its statements, or by the text given.
    """
    words = text if text is not None else repr(statements)
    key = hashlib.sha256(words.encode()).hexdigest()
    return PageLook(
        source_id=page,
        terms_id=page.partition("/")[0],
        moment=Moment.instant(day(0) + (day(1) - day(0)) * number),
        capture_id=f"{page}-{key[:8]}" if is_good else None,
        is_good=is_good,
        is_flapping=is_flapping,
        statements=statements if is_good else (),
        text_key=key if is_good else None,
    )


def bad(number: float, *, page: str = "acme") -> PageLook:
    """Return a look that brought nothing."""
    return look(number, page=page, is_good=False)


def claim(
    statement: Statement,
    *,
    terms_type: TermsType | None = None,
    seen: float = 0,
    state: Verification = Verification.SUPPORTED,
    is_ended: bool = False,
) -> TermsClaim:
    """Return a claim that was last seen on a day."""
    first, last = Moment.instant(day(0)), Moment.instant(day(0) + (day(1) - day(0)) * seen)
    wording = Wording(statement=statement, source_id="acme", capture_id="c", since=first, last_seen=last)
    return build_claim(
        claim_id=hashlib.sha256(repr((statement, terms_type, seen)).encode()).hexdigest()[:16],
        terms_id="acme",
        terms_type=terms_type,
        wordings=(wording,),
        state=state,
        ended_at=last if is_ended else None,
    )


VALUES: tuple[Retention | Training, ...] = (*RETENTIONS, *TRAININGS)
_QUOTES = ("Never kept.", "never kept", "Kept for thirty days.", "Kept for sixty days.", "Your prompts train models.")
_SAID = [
    said(value, quote, heading=heading, condition=condition, service=service, data=data, grade=grade)
    for value, quote, heading, condition, service, data, grade in itertools.product(
        VALUES,
        _QUOTES,
        ("", "Retention"),
        (Condition.DEFAULT, Condition.OPTION),
        (Service.UNSPECIFIED, Service.API, Service.CONSUMER),
        (DataKind.PROMPTS_OUTPUTS, DataKind.PERSONAL_DATA),
        (Grade.CERTAIN, Grade.LIKELY),
    )
]
# One draw each, because drawing is what takes the time of these tests; few words, so that many are alike.
STATEMENTS = st.integers(0, len(_SAID) - 1).map(lambda number: _SAID[number])


@st.composite
def _stories(draw: st.DrawFn, pages: Sequence[str]) -> list[PageLook]:
    """Looks at some pages in the order of time; some fail, some show what was shown before."""
    shown: dict[str, PageLook] = {}
    found: list[PageLook] = []
    for number in range(draw(st.integers(1, 12))):
        page = draw(st.sampled_from(pages))
        # Looks an hour and more apart, and some close together, as in one refresh.
        at = number + draw(st.sampled_from([0, 0.98]))
        before = shown.get(page)
        match draw(st.sampled_from(["new", "new", "new", "same", "bad", "flapping"])):
            case "bad":
                found.append(bad(at, page=page))
                continue
            case "same" if before is not None:
                found.append(replace(before, moment=bad(at).moment, is_flapping=False))
                continue
            case kind:
                fresh = look(
                    at,
                    *draw(st.lists(STATEMENTS, max_size=4)),
                    page=page,
                    is_flapping=kind == "flapping",
                )
        if not fresh.is_flapping:
            shown[page] = fresh
        found.append(fresh)
    return found


ONE_PAGE = _stories(["acme"])
ONE_DOCUMENT = _stories(["acme/1", "acme/2", "acme/3"])
MANY_DOCUMENTS = _stories(["acme/1", "acme/2", "bolt", "core/1", "core/2"])
SINGLE_PAGES = _stories(["acme", "bolt", "core"])
