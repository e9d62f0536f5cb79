"""Reads a statement on training use and prints one as the gateway does. Pure: value in, value out, no I/O."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pipeline.model import Json, Training
from pipeline.normalize.text import fold_phrase

# The marks of the gateway's column "Train on Prompts", as its fixed legend has them: the check mark stands beside
# "Does not train", the cross beside "May train". They grade the provider, they do not answer the header.
_MARKS: Final[Mapping[str, Training]] = MappingProxyType(
    {
        "\N{CHECK MARK}": Training.NO,
        "\N{HEAVY CHECK MARK}": Training.NO,
        "\N{WHITE HEAVY CHECK MARK}": Training.NO,
        "\N{MULTIPLICATION X}": Training.MAY,
        "\N{HEAVY MULTIPLICATION X}": Training.MAY,
        "\N{BALLOT X}": Training.MAY,
        "\N{HEAVY BALLOT X}": Training.MAY,
        "\N{CROSS MARK}": Training.MAY,
        "\N{MULTIPLICATION SIGN}": Training.MAY,
    }
)

# Matched by equality with the whole folded text. "None" and "null" are not read: a template prints them for a
# missing value.
_PHRASES: Final = (
    (
        Training.NO,
        (
            "does not train",
            "does not train on prompts",
            "doesn't train",
            "doesn't train on prompts",
            "no training",
            "not used for training",
            "prompts are not used for training",
            "never used for training",
            "never trains",
            "no",  # the answer to "Train on Prompts"
            "false",
        ),
    ),
    (
        Training.MAY,
        (
            "may train",
            "may train on prompts",
            "may be used for training",
            "prompts may be used for training",
            "used for training",
            "prompts are used for training",
            "trains",
            "trains on prompts",
            "yes",  # the answer to "Train on Prompts"
            "true",
        ),
    ),
    (
        Training.OPT_IN,
        ("opt-in", "opt in", "opt-in only", "opt in only", "trains only with opt-in", "trains only with opt in"),
    ),
    # "Opted out" is not read: it says what one customer did, not what the provider does by default.
    (
        Training.OPT_OUT,
        ("opt-out", "opt out", "opt-out available", "opt out available", "trains unless opted out"),
    ),
    (Training.UNKNOWN, ("unknown", "n/a", "not specified", "unspecified", "not stated", "?", "-", "--", "")),
)


def normalize_training(raw: Json) -> Training | None:
    """Return what a JSON boolean or a whole text says of training use, or None where no rule reads it; never raises.

    A mark with words is read where both say the same. Whether null or a missing key says anything is for the caller.
    """
    match raw:
        case bool():
            return Training.MAY if raw else Training.NO
        case str():
            return _find_in_text(raw)
        case _:
            return None


def render_training(value: Training) -> str | None:
    """Return the words in which the gateway's table prints the value, or None where it has none for it."""
    match value:
        case Training.NO:
            return "\N{CHECK MARK} Does not train"
        case Training.MAY:
            return "\N{MULTIPLICATION X} May train"
        case Training.OPT_IN | Training.OPT_OUT | Training.UNKNOWN:
            return None


def _find_in_text(text: str) -> Training | None:
    phrase = fold_phrase(text)
    if phrase is None:
        return None
    phrase = phrase.removesuffix(".") or phrase
    marked = _MARKS.get(phrase[:1])
    if marked is None:
        return _TRAINING_BY_PHRASE.get(phrase)
    words = phrase[1:].lstrip()
    return marked if not words or _TRAINING_BY_PHRASE.get(words) is marked else None


_TRAINING_BY_PHRASE: Final[Mapping[str, Training]] = MappingProxyType(
    {phrase: training for training, phrases in _PHRASES for phrase in phrases}
)
