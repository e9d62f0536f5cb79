"""Telling a webhook: all that is new, at least once, whatever stops it and wherever."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_news import AT, HOSTILE, HOSTILE_NEWS, news

from pipeline.errors import DeliveryError
from pipeline.model import Basis
from pipeline.use.change_text import News
from pipeline.use.notify import (
    MOST_CHANGES,
    MOST_MESSAGES,
    MessageFormat,
    Plan,
    deliver,
    plan,
    read_told,
    told_path,
    write_messages,
)

NEWS = tuple(news(number) for number in range(50))  # the newest first


def bodies(planned: Plan, form: MessageFormat) -> list[dict[str, Any]]:
    return [json.loads(message) for message in write_messages(planned, form, AT)]


def ids(told: tuple[News, ...]) -> list[str]:
    return [one.change.change_id for one in told]


def test_the_first_call_tells_nothing_old_and_the_next_what_came_since() -> None:
    first = plan(NEWS[5:], None, None)
    assert ((), 0, True) == (first.batches, first.waiting, first.is_fresh)
    (batch,) = plan(NEWS, first.start, None).batches
    assert ids(NEWS[:5])[::-1] == ids(batch)  # the oldest first
    assert () == plan(NEWS, frozenset(ids(NEWS)), None).batches


def test_since_tells_all_from_a_day_on_whatever_was_told() -> None:
    since = AT - timedelta(days=3)
    for told in (None, frozenset(ids(NEWS)), frozenset(ids(NEWS[4:]))):
        planned = plan(NEWS, told, since)
        assert ids(NEWS[:4])[::-1] == ids(planned.batches[0])
        assert (True, frozenset(ids(NEWS[4:]))) == (planned.is_fresh, planned.start)


def test_since_gives_up_nothing_that_waits_from_before_it() -> None:
    told = frozenset(ids(NEWS[10:])) | {"of an earlier catalog"}
    planned = plan(NEWS, told, AT - timedelta(days=3))
    assert ids(NEWS[:10])[::-1] == ids(planned.batches[0])
    assert told == planned.start


def test_a_change_that_is_found_late_is_told_though_it_is_old() -> None:
    """Show that what was told is known by its id: a capture that is imported later brings changes of earlier days."""
    planned = plan(NEWS, frozenset(ids(NEWS)) - {NEWS[40].change.change_id}, None)
    assert ((NEWS[40],),) == planned.batches


def test_a_flood_is_told_in_messages_of_so_many_and_the_rest_waits() -> None:
    many = [news(number) for number in range(MOST_CHANGES * MOST_MESSAGES + 7)]
    planned = plan(many, frozenset(), None)
    assert [MOST_CHANGES] * MOST_MESSAGES == [len(batch) for batch in planned.batches]
    assert (7, len(many) - 7) == (planned.waiting, planned.count)
    assert many[-1] == planned.batches[0][0]
    waiting = [body["waiting"] for body in bodies(planned, MessageFormat.JSON)]
    assert [*range(187, 0, -20)] == waiting
    assert "and 7 more, in messages to come" in bodies(planned, MessageFormat.SLACK)[-1]["text"]


def test_what_was_told_is_kept_after_each_message_and_not_where_it_fails(tmp_path: Path) -> None:
    path = tmp_path / "notify" / "told.json"
    planned, posted = plan(NEWS, frozenset(), None), list[bytes]()

    def post(body: bytes) -> None:
        if len(posted) == 1:
            raise DeliveryError("dead")
        posted.append(body)

    with pytest.raises(DeliveryError):
        deliver(planned, path, post, write_messages(planned, MessageFormat.JSON, AT))
    assert frozenset(ids(planned.batches[0])) == read_told(path)
    assert planned.batches[1:] == plan(NEWS, read_told(path), None).batches


def test_a_beginning_is_kept_before_anything_is_posted_so_that_a_first_call_that_fails_loses_nothing(
    tmp_path: Path,
) -> None:
    planned = plan(NEWS, None, AT - timedelta(days=3))

    def post(_: bytes) -> None:
        raise DeliveryError("dead")

    with pytest.raises(DeliveryError):
        deliver(planned, tmp_path / "told.json", post, write_messages(planned, MessageFormat.JSON, AT))
    assert planned.batches == plan(NEWS, read_told(tmp_path / "told.json"), None).batches


class Killed(BaseException):
    """What no code of ours hears."""


@settings(max_examples=15)
@given(
    crashes=st.lists(st.sampled_from(["not sent", "sent, not kept", None]), max_size=8),
    arrivals=st.lists(st.integers(0, 25), min_size=1, max_size=4),
)
def test_every_change_arrives_whatever_stops_a_call_and_wherever(
    crashes: list[str | None], arrivals: list[int]
) -> None:
    """Run calls that die before or after a message was taken, as more changes come; then let one end well."""
    received: list[str] = []
    known: list[News] = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "told.json"

        def call(crash: str | None) -> None:
            def post(body: bytes) -> None:
                if crash == "not sent":
                    raise Killed
                received.extend(one["change_id"] for one in json.loads(body)["changes"])
                if crash == "sent, not kept":
                    raise Killed

            planned = plan(known, read_told(path), None)
            try:
                deliver(planned, path, post, write_messages(planned, MessageFormat.JSON, AT))
            except Killed:
                assert crash is not None

        call(None)  # begins, with nothing that is old
        for count in arrivals:
            known[:0] = [news(1000 - len(known) - number) for number in range(count)]
            call(crashes.pop() if crashes else None)
        call(None)
        assert {one.change.change_id for one in known} == set(received)
        assert () == plan(known, read_told(path), None).batches


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"version": 2, "told": []}', b'{"version": 1, "told": [1]}', b"[" * 100_000, b"\xff"]
)
def test_a_note_that_is_damaged_is_not_taken_for_a_first_call(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "told.json").write_bytes(body)
    with pytest.raises(DeliveryError, match=r"damaged: --since DATE begins anew"):
        read_told(tmp_path / "told.json")


def test_no_note_is_a_first_call_and_its_name_gives_no_address_away(tmp_path: Path) -> None:
    path = told_path(tmp_path, "https://hooks.example/T000/secret")
    assert (None, tmp_path / "notify") == (read_told(path), path.parent)
    assert "secret" not in path.name
    assert path != told_path(tmp_path, "https://hooks.example/T000/other")
    assert told_path(tmp_path, "\ud800").name.endswith(".json")


def test_a_message_in_json_has_all_that_is_known_as_it_is() -> None:
    (body,) = bodies(plan(HOSTILE_NEWS, frozenset(), None), MessageFormat.JSON)
    assert {"generator", "version", "as_of", "waiting", "changes"} == set(body)
    newest = body["changes"][-1]
    assert (HOSTILE, "none", "30 days", "2026-08-01T10:00:00Z", HOSTILE_NEWS[0].urn) == (
        newest["new_quote"],
        newest["old_value"],
        newest["new_value"],
        newest["changed_at"],
        newest["urn"],
    )


def test_a_message_for_slack_names_nobody_and_links_the_source_only() -> None:
    (body,) = bodies(plan(HOSTILE_NEWS, frozenset(), None), MessageFormat.SLACK)
    text = body["text"]
    links = [part.partition(">")[0] for part in text.split("<")[1:]]
    assert links
    assert all(one.startswith("https://acme.example/terms?a=1&amp;b=2|") for one in links)
    assert "<!here>" not in text
    assert "&lt;!here&gt;" in text
    assert "before: “Never kept”\n> since: “" in text
    assert not {"\x00", "\x1b", "\r", "\u202e"} & set(text)


def test_a_message_says_of_a_weak_value_that_it_is_weak() -> None:
    weak = replace(news(0, topic="training", old_value="may", new_value="no"), new_basis=Basis.RENDERED)
    (chat,), (facts,) = (
        bodies(plan((weak,), frozenset(), None), form) for form in (MessageFormat.SLACK, MessageFormat.JSON)
    )
    assert "may → no (weak)" in chat["text"]
    assert "> Weak: the source prints the same words where it has no data." in chat["text"]
    (change,) = facts["changes"]
    assert (None, "rendered", "no") == (change["old_basis"], change["new_basis"], change["new_value"])


def test_long_words_are_shortened_in_a_chat_and_it_says_so() -> None:
    told = (news(0, words="x" * 1000),)
    (body,) = bodies(plan(told, frozenset(), None), MessageFormat.SLACK)
    assert f"“{'x' * 300}… (700 more characters)”" in body["text"]
    most = [news(number, words="y" * 5000, name="z" * 5000) for number in range(MOST_CHANGES)]
    (body,) = bodies(plan(most, frozenset(), None), MessageFormat.SLACK)
    assert len(body["text"]) < 40_000  # more of it would be cut by the chat


def test_since_is_a_moment() -> None:
    assert 1 == plan(NEWS, None, datetime(2026, 8, 1, tzinfo=UTC)).count
