"""Finds what a sentence says on the use of content to train or improve."""

from collections.abc import Callable, Iterator
from typing import Final

from pipeline.clauses.found import Found
from pipeline.clauses.grammar import Reading
from pipeline.clauses.rules import first_fit, read_rules
from pipeline.clauses.sentence import Sentence
from pipeline.clauses.strangers import is_of_stranger
from pipeline.clauses.training_answers import find_answers
from pipeline.clauses.training_purposes import pattern
from pipeline.clauses.training_signs import find_purposes
from pipeline.clauses.training_words import mentions_training
from pipeline.model import BlockKind, DataKind, Training

# Where one sentence gives both values, the second is but a part of the first: "we do not train, unless you opt in".
_ONE_OF: Final = ((Training.OPT_IN, Training.NO), (Training.OPT_OUT, Training.MAY))


def find_training(sentence: Sentence) -> Iterator[Found]:
    """Give each statement on training, each value once; answers and cells only where the sentence states nothing."""
    if sentence.block.kind is BlockKind.HEADING and not pattern("heading_verb").search(sentence.text):
        return
    found = _stated(sentence) if mentions_training(sentence.text) else {}
    yield from (found or _answered(sentence)).values()


def _stated(sentence: Sentence) -> dict[Training, Found]:
    found: dict[Training, Found] = {}
    for purpose in find_purposes(sentence):
        place = (purpose.start, purpose.end)
        for value, one in _read(sentence, place, purpose.has, purpose.signs):
            if value not in found or (one.is_certain and not found[value].is_certain):
                found[value] = one
    for kept, dropped in _ONE_OF:
        if kept in found:
            found.pop(dropped, None)
    return found


def _answered(sentence: Sentence) -> dict[Training, Found]:
    return dict(
        one
        for place, signs in find_answers(sentence)
        for one in _read(place, (0, len(place.text)), signs.__contains__, signs)
    )


def _read(
    sentence: Sentence, place: tuple[int, int], has: Callable[[str], bool], signs: frozenset[str]
) -> Iterator[tuple[Training, Found]]:
    rule = first_fit(read_rules("training.toml"), has)
    if rule is not None and isinstance(rule.value, Training):
        reading = Reading(sentence, *place, "train")
        yield (
            rule.value,
            Found(
                reading=reading,
                rule=rule,
                value=rule.value,
                is_certain=rule.is_certain(has) and not is_of_stranger(reading),
                condition=rule.condition,
                data=_data(signs),
            ),
        )


def _data(signs: frozenset[str]) -> DataKind | None:
    if "used_personal" in signs and "used" not in signs:
        return DataKind.PERSONAL_DATA
    if "content" in signs:
        return DataKind.FILES if "files" in signs else DataKind.PROMPTS_OUTPUTS
    if "personal" in signs:
        return DataKind.PERSONAL_DATA
    return DataKind.FEEDBACK if "feedback" in signs else None
