from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_looks import TABLE, day

from pipeline.catalog.flapping import settle
from pipeline.catalog.inputs import build_key
from pipeline.catalog.looks import Looks
from pipeline.catalog.state import SourceStatus, find_statuses
from pipeline.declarations import Source
from pipeline.model import Moment, Observation, Outcome, Parsed, Reading, SourceState
from pipeline.normalize.claims import normalize_capture
from pipeline.normalize.identity import Identities
from pipeline.parse import policy_table

# A letter is a look at the capture of that name, a dot one that brought nothing, a lower-case letter a partial one.
# Beside them: the looks that count, and whether the source flaps at the end.
STORIES = [
    ("", "", False),
    ("A", "A", False),
    ("AAAA", "AAAA", False),
    ("ABC", "ABC", False),
    ("ABA", "ABA", False),
    ("ABAB", "ABA", True),
    ("ABABA", "ABAA", True),
    ("ABABABABAB", "ABAAAA", True),
    ("A.B.A.B.A.", "A.B.A..A.", True),
    ("AABBAABB", "AABBAA", True),
    ("ABABB", "ABA", True),
    ("ABABBB", "ABAB", False),
    ("ABABAAA", "ABAAAA", False),
    ("ABABC", "ABAC", False),
    ("ABABCC", "ABACC", False),
    ("ABABCD", "ABACD", False),
    ("ABABBBA", "ABABA", False),
    ("ABCABC", "ABCA", True),
    ("ABCDEFGAB", "ABCDEFGAB", False),
    ("ABbAbA", "ABbAbA", False),
    ("ABAbB", "ABAb", True),
]


def looks(story: str, source: Source = TABLE) -> list[Observation]:
    """One look a day."""
    found = []
    for number, letter in enumerate(story):
        is_good = letter != "."
        found.append(
            Observation(
                source_id=source.id,
                moment=Moment.instant(day(number)),
                outcome=Outcome.OK if is_good else Outcome.CHALLENGE,
                origin="fetch",
                capture_id=letter.upper() if is_good else "X",
                is_partial=letter.islower(),
            )
        )
    return found


def told(observations: tuple[Observation, ...]) -> str:
    def letter(look: Observation) -> str:
        name = look.capture_id or ""
        return "." if not look.is_good else name.lower() if look.is_partial else name

    return "".join(map(letter, observations))


def reading(words: str) -> Reading:
    body = f"| Provider | Data Retention | Train on Prompts |\n|-|-|-|\n| Larch | {words} | No |\n".encode()
    parsed: Parsed = policy_table.parse(body)
    return normalize_capture(parsed, TABLE, Identities((), "gate"))


READINGS = {(TABLE.id, letter): reading(f"Retained for {ord(letter)} days") for letter in "ABCDEFG"}


def status(story: str, until: datetime | None = None) -> SourceStatus:
    (found,) = find_statuses([TABLE], Looks.of(looks(story), until), READINGS)
    return found


@pytest.mark.fault("C17")
@pytest.mark.parametrize(("story", "kept", "is_flapping"), STORIES)
def test_c17_captures_that_take_turns_are_one_state_and_no_storm(story: str, kept: str, *, is_flapping: bool) -> None:
    settled, since = settle(looks(story))
    assert (kept, is_flapping) == (told(settled), since is not None)


@pytest.mark.fault("C17")
def test_c17_a_flapping_source_says_so_and_what_held_before_is_held_and_confirmed() -> None:
    found = [status("ABABABA"[: count + 1]) for count in range(7)]
    assert [SourceState.OK] * 3 + [SourceState.FLAPPING] * 4 == [one.state for one in found]
    assert list("ABAAAAA") == [one.good.capture_id for one in found if one.good is not None]
    assert "its captures take turns; what held before them is held" == found[-1].detail
    assert found[-1].good is not None
    assert day(6) == found[-1].good.moment.at


@pytest.mark.fault("C17")
def test_c17_a_source_that_fails_while_it_flaps_is_failing() -> None:
    found = status("ABAB.")
    assert SourceState.FAILING == found.state
    assert found.good is not None
    assert "A" == found.good.capture_id


@pytest.mark.fault("C17")
def test_c17_a_flapping_source_asks_for_no_further_build() -> None:
    def key(story: str) -> str:
        return build_key("reader", [TABLE], Looks.of(looks(story)))

    keys = [key("ABABABAB"[: count + 1]) for count in range(8)]
    assert 4 == len(set(keys))
    assert 1 == len(set(keys[3:]))
    assert key("ABABC") not in keys


@pytest.mark.fault("C17")
def test_c17_one_source_that_flaps_touches_no_other() -> None:
    other = TABLE.model_copy(update={"id": "other"})
    found = Looks.of([*looks("ABAB"), *looks("ABCD", other)])
    assert {TABLE.id: "ABA", "other": "ABCD"} == {name: told(settled) for name, settled in found.settled.items()}
    assert [TABLE.id] == [*found.flapping]


@pytest.mark.fault("C24")
@pytest.mark.parametrize(
    ("story", "detail"),
    [
        ("A", None),
        ("AB", None),
        ("ABB", None),
        ("ABA", "shows again what it showed on 2026-03-01"),
        ("AABBA", "shows again what it showed on 2026-03-01"),
        ("ABAA", "shows again what it showed on 2026-03-01"),
        ("AB.A", "shows again what it showed on 2026-03-01"),
        ("ABCB", "shows again what it showed on 2026-03-02"),
        ("ABAC", None),
        ("A.A", None),
        ("AbA", None),
        ("AZA", None),
    ],
)
def test_c24_an_old_capture_that_comes_back_is_marked_with_the_day_it_was_seen(story: str, detail: str | None) -> None:
    found = status(story)
    assert (SourceState.OK, detail) == (found.state, found.detail)
    assert found.good is not None
    assert story[-1] == found.good.capture_id


@given(st.text(alphabet="ABCa.", max_size=24))
def test_settling_only_leaves_good_whole_looks_out_and_keeps_the_order(story: str) -> None:
    made = looks(story)
    settled, _ = settle(made)
    assert {look for look in made if look not in settled} <= {
        look for look in made if look.is_good and not look.is_partial
    }
    assert [look for look in made if look in settled] == list(settled)


# Each look's capture, and what it says: two states of one edition, and two editions.
SAYINGS = [
    ("ABCDEF", "xyxyxy", "ABCE", True),  # one edition, and a sentence that takes turns
    ("ABABAB", "xxxxxx", "ABAA", True),  # two editions that say the same
    ("ABABBB", "xyxyyy", "ABAB", False),  # both settle at once
    ("ABCDEF", "xxyyzz", "ABCDEF", False),
]


@pytest.mark.parametrize(("story", "said", "kept", "is_flapping"), SAYINGS)
def test_a_source_flaps_by_its_captures_or_by_what_they_say(
    story: str, said: str, kept: str, *, is_flapping: bool
) -> None:
    settled, since = settle(looks(story), None, dict(zip(story, said, strict=True)))
    assert (kept, is_flapping) == ("".join(look.capture_id or "" for look in settled), since is not None)
