"""Rows to HTML: templates that escape everything, and links that are links only where they are safe to follow."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from pipeline.model import RetentionKind, Topic, Training
from pipeline.normalize.unseen import plain
from pipeline.use.change_text import what
from pipeline.use.marked_up import web_url
from pipeline.use.report import badges
from pipeline.use.wording import (
    agreement_in_words,
    basis_of,
    conflict_in_words,
    is_weak,
    remark_on,
    retention_in_words,
    stated_bound,
    training_in_words,
)


def draw(template: str, context: Mapping[str, Any]) -> bytes:
    """Return a page. Whatever the context holds is escaped, and what cannot be seen is written out.

    A value that is missing or None raises: a page says in words what is not known, and never by an accident.
    """
    return _template(template).render(context).encode()


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipeline.use.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "words": lambda value: str(value).replace("_", " "),
        "day": lambda moment: f"{moment:%Y-%m-%d}",
        "stamp": lambda moment: f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "days_before": days_before,
        "count_of": count_of,
        "capitalize_first": _sentence,
        "kind_option": lambda kind: (kind, kind.replace("_", " ")),
    }
    environment.tests["a_link"] = is_link
    environment.tests["any_weak"] = lambda changes: any(
        is_weak(one[name]) for one in changes for name in ("old_basis", "new_basis")
    )
    environment.globals |= {
        "retention_badge": badges.retention_badge,
        "stated_bound": stated_bound,
        "training_badge": badges.training_badge,
        "value_badge": badges.value_badge,
        "agreement_badge": badges.agreement_badge,
        "verification_badge": badges.verification_badge,
        "state_badge": badges.state_badge,
        "retention_in_words": lambda kind, *more: _sentence(retention_in_words(RetentionKind(kind), *more)),
        "training_in_words": lambda use, *more: _sentence(training_in_words(Training(use), *more)),
        "agreement_in_words": lambda one, topic=None: _sentence(agreement_in_words(one, topic and Topic(topic))),
        "conflict_in_words": conflict_in_words,
        "remark_on": remark_on,
        "basis_of": lambda one, topic, side: basis_of(one, Topic(topic), side),
        "is_weak": is_weak,
        "what_changed": what,
        "BADGES": badges,
    }
    return environment


def _finalize(value: object) -> object:
    """Return what a template prints for a value: markup of ours as it is, and foreign text so that it cannot act."""
    if value is None:
        raise TypeError("a template prints None")
    return value if isinstance(value, Markup) else plain(str(value))


def is_link(value: str | None) -> bool:
    """Whether an address may become a link: one of the web, in letters that need no writing out."""
    return value is not None and web_url(value) == value


def days_before(moment: datetime, day: date) -> int:
    """Return how many days before a day a moment was; none where it is later."""
    return max(0, (day - moment.date()).days)


def count_of(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
