"""What a webhook is told: every change that it was not told before, at least once. Reads and writes what was told."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from pipeline.catalog.reasons import counted
from pipeline.collect.files import write_whole
from pipeline.errors import DeliveryError
from pipeline.use.change_text import WEAK, News, facts_of, utc_text
from pipeline.use.marked_up import in_chat, one_line

MOST_CHANGES: Final = 20  # in one message
MOST_MESSAGES: Final = 10  # in one call: more wait for the next
_MOST_SHOWN: Final = 300  # characters of a quote or a title in a chat, where the whole is a click away
_VERSION: Final = 1


class MessageFormat(StrEnum):
    """What a message is written in."""

    JSON = "json"
    SLACK = "slack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a call has to tell, the oldest first; `start` is what counts as told before it.

    `is_fresh` says that `start` is a new beginning, which is kept before anything is told: were it not, a call that
    fails would leave the next one to begin anew, and what it had to tell would be lost.
    """

    start: frozenset[str]
    batches: tuple[tuple[News, ...], ...]
    waiting: int
    is_fresh: bool

    @property
    def count(self) -> int:
        """How many changes are told."""
        return sum(map(len, self.batches))


def told_path(data: Path, url: str) -> Path:
    """Return where is kept what a webhook was told; the name of the file does not give its address away."""
    return data / "notify" / f"{hashlib.sha256(url.encode('utf-8', 'backslashreplace')).hexdigest()[:32]}.json"


def read_told(path: Path) -> frozenset[str] | None:
    """Return the ids of the changes that were told, None before the first call; raise DeliveryError where damaged."""
    try:
        kept = json.loads(path.read_bytes())
        ids = kept["told"] if kept["version"] == _VERSION else None
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, RecursionError):
        ids = None
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise DeliveryError(f"{path} is damaged: --since DATE begins anew with the changes from that day on")
    return frozenset(ids)


def _write_told(path: Path, told: Iterable[str]) -> None:
    write_whole(path, f"{json.dumps({'version': _VERSION, 'told': sorted(told)}, indent=0)}\n".encode())


def plan(news: Sequence[News], told: frozenset[str] | None, since: datetime | None) -> Plan:
    """Return what is to be told of the news of a catalog, newest first, to whom `told` was told.

    The first call (None) tells nothing that is old. With `since`, whatever was told, all from then on is told, and
    what waits from before it still is: a message that failed is not given up.
    """
    start = frozenset(one.change.change_id for one in news) if told is None else told
    if since is not None:
        start -= {one.change.change_id for one in news if one.change.changed_at >= since}
    new = [one for one in reversed(news) if one.change.change_id not in start]
    sent = new[: MOST_CHANGES * MOST_MESSAGES]
    batches = tuple(tuple(sent[at : at + MOST_CHANGES]) for at in range(0, len(sent), MOST_CHANGES))
    is_fresh = told is None or since is not None
    return Plan(start=start, batches=batches, waiting=len(new) - len(sent), is_fresh=is_fresh)


def deliver(planned: Plan, path: Path, post: Callable[[bytes], None], messages: Iterable[bytes]) -> None:
    """Post the messages of a plan, and keep after each what was told; raise what `post` raises, and tell no more.

    Whatever stops it, and wherever: what was posted and not kept is told again, and nothing is left out.
    """
    told = set(planned.start)
    if planned.is_fresh:
        _write_told(path, told)
    for batch, message in zip(planned.batches, messages, strict=True):
        post(message)
        told |= {one.change.change_id for one in batch}
        _write_told(path, told)


def write_messages(planned: Plan, form: MessageFormat, as_of: datetime) -> Iterator[bytes]:
    """Yield one message for each batch of a plan."""
    left = planned.count + planned.waiting
    for batch in planned.batches:
        left -= len(batch)
        match form:
            case MessageFormat.JSON:
                body = _json(batch, left, as_of)
            case MessageFormat.SLACK:
                body = _slack(batch, left, as_of)
        yield json.dumps(body).encode("ascii")


def _json(batch: Sequence[News], left: int, as_of: datetime) -> dict[str, object]:
    """Return all that is known of the changes, their values unchanged; `waiting` are those of later messages."""
    changes = [facts_of(one) | {"title": one_line(one.title)} for one in batch]
    return {
        "generator": "provider-terms",
        "version": _VERSION,
        "as_of": utc_text(as_of),
        "waiting": left,
        "changes": changes,
    }


def _slack(batch: Sequence[News], left: int, as_of: datetime) -> dict[str, object]:
    head = f"*{counted(len(batch), 'change')} of LLM providers' data policies*, as of {as_of:%Y-%m-%d}"
    lines = [head, *(line for one in batch for line in _slack_lines(one))]
    if left:
        lines.append(f"and {left} more, in messages to come")
    return {"text": "\n".join(lines), "unfurl_links": False, "unfurl_media": False}


def _slack_lines(one: News) -> Iterator[str]:
    source = in_chat(one.change.source_id)
    link = source if one.source_url is None else f"<{one.source_url.replace('&', '&amp;')}|{source}>"
    yield f"• {in_chat(_shortened(one.title))} ({one.when}, {link})"
    for name, words in (("before", one.old_quote), ("since", one.new_quote)):
        if words is not None:
            yield f"> {name}: “{in_chat(_shortened(words))}”"
    if one.is_weak:
        yield f"> {WEAK}"


def _shortened(words: str) -> str:
    cut = len(words) - _MOST_SHOWN
    return words if cut <= 0 else f"{words[:_MOST_SHOWN]}… ({cut} more characters)"
