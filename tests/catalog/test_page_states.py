from made_up_looks import day

from pipeline.catalog.flapping import settle
from pipeline.catalog.page_states import name_states, sketch_page
from pipeline.model import Moment, Observation, Outcome


def edition(name: str, blocks: int, odd: str = "") -> tuple[int, ...]:
    common = [f"Block {number} that all editions of this page have" for number in range(100)]
    own = [f"Block {number} that only edition {name} has" for number in range(blocks)]
    return sketch_page([*common, *own, f"At the end of it stands a line that differs {odd}"])


def test_captures_that_differ_in_a_line_are_one_state_and_another_edition_is_another() -> None:
    captures = [(f"a{number}", edition("A", 0, str(number))) for number in range(3)]
    captures += [(f"b{number}", edition("B", 100, str(number))) for number in range(3)]
    assert {"a0": "a0", "a1": "a0", "a2": "a0", "b0": "b0", "b1": "b0", "b2": "b0"} == name_states(captures)


def test_two_editions_that_take_turns_flap_though_no_capture_ever_comes_back() -> None:
    captures = [(f"{'AB'[turn % 2]}{turn}", edition("AB"[turn % 2], 100 * (turn % 2), str(turn))) for turn in range(6)]
    names = name_states(captures)
    looks = [
        Observation(
            source_id="acme",
            moment=Moment.instant(day(number)),
            outcome=Outcome.OK,
            origin="fetch",
            capture_id=names[capture],
        )
        for number, (capture, _) in enumerate(captures)
    ]
    assert settle(looks)[1] == looks[3]


def test_links_white_space_and_short_labels_leave_no_print() -> None:
    assert sketch_page(["Read our [terms of use](https://a.test/1) first"]) == sketch_page(
        ["Read  our [terms of use](https://a.test/2) first", "Accept", "Cookie settings"]
    )


def test_captures_without_text_are_states_of_their_own() -> None:
    assert {"a": "a", "b": "b"} == name_states([("a", ()), ("b", ()), ("a", ())])


def test_only_the_states_shown_last_are_held_against() -> None:
    captures = [(f"c{number}", sketch_page([f"Page {number} has these words alone"])) for number in range(200)]
    names = name_states([*captures, ("late", captures[0][1])])
    assert "late" == names["late"]
    assert 201 == len(set(names.values()))
