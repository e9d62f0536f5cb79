"""Tells whether a statement is on somebody else than the provider of the page: a rival, a host, another vendor.

What others do may hold for the provider or not; it is never certain. Only a page that tells its own name can tell
others apart: on any other, "OpenAI does not train on API data" is most likely OpenAI's own word.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from pipeline.clauses.grammar import Reading
from pipeline.clauses.lexicon import groups
from pipeline.clauses.names import NAME
from pipeline.clauses.text import fold
from pipeline.model import Block

_AUXILIARY: Final = (
    r"(?:(?:also|itself|will|may|does|do|can|shall|must|has|have|never|not|no longer|always"
    r"|doesn't|don't|won't|cannot|can't|[a-z]+ly) )*"
)
# Somebody acts: "Globex Inc. does not store". What is done to things ("Prompts are stored") has no actor before it.
_ACTS: Final = re.compile(
    rf"(?<![\w.'\u2019-])({NAME})(?:,? (?:Inc|Corp|LLC|Ltd|GmbH)\.?)?,? (?={_AUXILIARY}"
    r"(?:$|(?:uses?|trains?|stores?|keeps?|retains?|deletes?|processe?s?|logs?|improves?|develops?|says|states"
    r"|commits|promises|guarantees)\b))"
)
_PLACED: Final = re.compile(rf"(?<!\w)[Aa]t ({NAME}),")
_OWNS: Final = re.compile(rf"(?<![\w.'-])({NAME})'s (?:[\w-]+ )?(?:models?|systems?|servers?|services?|apis?|APIs?)\b")
_AGENT: Final = re.compile(rf"(?: (?!by\b)[\w-]+){{0,3}} by ({NAME})(?![\w-])")
_BY: Final = re.compile(rf"\bby ({NAME}),? (?:to |for |in |when )?$")  # "used by Globex to train"
_HOSTED: Final = re.compile(
    r"\b(?:[Ww]e|[Oo]ur) (?:[\w-]+ ){0,4}"
    r"(?:us(?:e|es|ing)|rel(?:y|ies) on|powered by|(?:hosted|run) (?:by|on)|runs on) "
    rf"({NAME})(?![\w-])"
)
_US: Final = re.compile(r"\b(?:we|us|you|your?|users|customers|it|they|the (?:company|service|provider|processor))\b")
_DATES: Final = re.compile(
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec|mon|tues|wednes|thurs|fri|satur|sun)\w*(?: \d+)?"
)
_THINGS: Final = ("content", "files", "generic", "personal", "derived", "telemetry", "foreign")


def find_hosts(blocks: Iterable[Block]) -> frozenset[str]:
    """Return the folded names of those whom the page says it uses: "we use Globex", "our models run on Globex"."""
    return frozenset(fold(match[1]) for block in blocks for match in _HOSTED.finditer(block.text))


def is_of_stranger(reading: Reading) -> bool:
    """Tell whether a name that the page does not know, and not its own, keeps, deletes or trains."""
    return bool(_strangers(reading)) and not is_of_named_upstream(reading)


def is_of_named_upstream(reading: Reading) -> bool:
    """Tell whether a known maker of models acts, or one that the page says it uses, and the page is not its own."""
    makers, hosts = groups()["model_makers"], reading.sentence.page.hosts
    return any(makers.fullmatch(name) or name in hosts for name in _strangers(reading))


def _strangers(reading: Reading) -> tuple[str, ...]:
    """Return the folded names of strangers that act; none where the page does not tell its own name."""
    sentence = reading.sentence
    if not sentence.page.names:
        return ()
    written = sentence.block.text[sentence.start : sentence.end]
    if fold(written) != sentence.text:  # an answer that is read with its question
        return ()
    return tuple(name for name in map(fold, _acting(reading, written)) if _is_strange(reading, name))


def _acting(reading: Reading, written: str) -> Iterator[str]:
    """Give the name that acts last before the verb, and the one that acts after "by"."""
    sentence = reading.sentence
    unit = sentence.unit_start(reading.segment)
    left = written[unit : reading.start].replace("\u2019", "'")
    patterns = (_PLACED, _BY) if reading.has("passive") else (_ACTS, _PLACED, _BY)
    found = [match for pattern in patterns for match in pattern.finditer(left)]
    last = max(found, key=lambda match: match.end(), default=None)
    if last is not None and not _US.search(fold(left), last.end()):
        yield last[1]
    owner = _OWNS.search(left)
    if owner and not _US.search(fold(left)):
        yield owner[1]
    agent = _AGENT.match(written, reading.end)
    if agent:
        yield agent[1]


def _is_strange(reading: Reading, name: str) -> bool:
    """Tell whether folded words are the name of somebody, and not one that the page calls its provider by."""
    page = reading.sentence.page
    words = name.split(" ")
    if any(map(groups()["no_name"].fullmatch, (words[0], words[-1]))) or _DATES.fullmatch(name):
        return False
    if any(groups()[group].search(name) for group in _THINGS):
        return False
    return not (any(own in name or name in own for own in page.names) or name in page.title)
