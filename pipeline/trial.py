"""A source tried against its live page: it answers, is believed, reads, and says the same twice. Nothing is kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.collect.fetch import Fetcher, Page
from pipeline.collect.guard import judge
from pipeline.declarations import Source
from pipeline.errors import ParseError
from pipeline.model import Outcome, Reading
from pipeline.normalize.identity import Identities
from pipeline.reading import read_capture, sum_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of one source: what is wrong, one line each, and what was read at the first look."""

    source_id: str
    problems: tuple[str, ...]
    reading: Reading | None

    @property
    def said(self) -> str:
        """How much was read."""
        return "nothing was read" if self.reading is None else sum_up(self.reading)


def try_source(source: Source, fetcher: Fetcher, identities: Mapping[str, Identities]) -> Trial:
    """Look at a source twice, as a refresh would, and tell whether its declaration holds."""
    problems: list[str] = []
    readings: list[Reading] = []
    for _ in range(2):
        reading, problem = _look(source, fetcher, identities)
        if reading is None:
            problems.append(problem)
            break
        readings.append(reading)
    problems += _unstable(readings)
    return Trial(source_id=source.id, problems=tuple(problems), reading=readings[0] if readings else None)


def _look(source: Source, fetcher: Fetcher, identities: Mapping[str, Identities]) -> tuple[Reading | None, str]:
    look = fetcher.look(Page.of(source))
    seen = look.observation
    doubt = None if look.body is None else judge(seen, look.body, source)
    if doubt is not None:
        return None, f"{doubt.outcome}: {doubt.detail}"
    if look.body is None or seen.outcome is not Outcome.OK:
        return None, f"{seen.outcome}: {seen.detail or seen.status}"
    try:
        return read_capture(look.body, source, identities, is_partial=False, content_type=seen.content_type), ""
    except ParseError as error:
        return None, f"cannot be read: {error}"


def _unstable(readings: list[Reading]) -> Iterator[str]:
    if len(readings) < 2:  # noqa: PLR2004 - one look cannot differ from itself
        return
    first, second = readings
    if (first.text_key, first.claims) != (second.text_key, second.claims):
        yield "two looks in a row read differently: the page has parts that change by themselves; name them in `remove`"
