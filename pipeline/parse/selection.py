"""Which part of a page is read, as a declaration says it. Data only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The part of a page that holds the terms, in CSS selectors; nothing given means the main content.

    `select`, `start_after` and `end_before` must match exactly once each; `remove` may match any number of times, as
    a banner that comes and goes does. `fragment` is what stands behind the "#" of an address: the section it begins.
    """

    select: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    start_after: str | None = None
    end_before: str | None = None
    fragment: str | None = None
