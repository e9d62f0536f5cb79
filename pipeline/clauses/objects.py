"""Finds what a verb acts on: where in its clause that stands."""

import re
from typing import Final

_INTRANSITIVE: Final = re.compile(
    r"expir\w+|stay\w*|remain\w*.*|exist\w*|liv(?:e|es)(?: .*)?|ends? up|survives?|sits? .*|lingers?|left"
    r"|disappears?|vanish(?:es)?"
    r"|persists?|gone|self-destructs?|evaporates?|leaves?|reach(?:es)?|hits?|touch(?:es)?"
    r"|(?:is|are) recoverable|(?:is|are|remains?|stays?) valid|(?:shows?|appears?)(?: up)?"
    r"|lands?|rolls? (?:off|over)|age[sd]? (?:out|off)|drops? (?:out|off)|falls? (?:off|out|away)|laps(?:e|es)"
    r"|go(?:es)?(?: .*)?"
    r"|travels?|comes?|dies?|ceases? to .*|continue to exist|is available|are available|(?:hangs?|sticks?) around"
    r"|piles? up"
    r"|accumulates?"
    r"|(?:is|are) (?:accessible|viewable|visible|downloadable|retrievable|searchable|browsable|fetchable)"
)
_NO_SUBJECT: Final = re.compile(
    r"[\s,;:(\u2013]*(?:\w{1,4}\)\s*)?(?:which\b\s*)?(?:(?:and|or|but|then|also|is|are|will|may|shall|must|can"
    r"|should|do|does|be|not|never|being|been"
    r"|has|have|hereby|[\w]+ly)[\s,]*){0,8}"
)
_HEAD_END: Final = re.compile(
    r"\b(?:for|on|at|to|as|by|with|until|within|during|after|so|when|if|under|using|through|over|via|before"
    r"|while|where"
    r"|because|in (?:accordance|order|connection|line|our|the|a|an|its)|indefinitely|separately|outside|only"
    r"|beyond|longer"
    r"|throughout|upon|once|per|since|than|unless|except)\b|[(;]"
)
_TAKES_OBJECT: Final = re.compile(
    r"persists? (?:your|the|any|all|full|every|each|it|them|user|customer|data|content|prompts?|requests?"
    r"|inputs?|no|or)\b"
)
_BESIDE_NAME: Final = re.compile(
    r"\b(?:all|any|your|our|the|these|those|such|each|every|an?|is|are|be|been|being|will|shall|may|can|also|then|only)\b"
)
_NOUN_REACH: Final = 60


def is_intransitive(verb: str) -> bool:
    """Tell whether a verb says what happens to its subject, and nobody acts: "old messages vanish"."""
    return _INTRANSITIVE.fullmatch(verb) is not None


def bare_name(text: str) -> str:
    """Return the name of a thing without articles and helping verbs beside it."""
    return _BESIDE_NAME.sub(" ", text).strip(" .,:;*_")


def lacks_subject(left: str) -> bool:
    """Tell whether nothing but helping words stands before a verb: its subject stands in an earlier clause."""
    return _NO_SUBJECT.fullmatch(left.strip()) is not None


def find_object(own: str, verb: tuple[int, int], *, is_before: bool, is_noun: bool) -> tuple[int, int]:
    """Return where in a clause the thing acted on stands; (0, 0) where it is in an earlier clause."""
    start, end = verb
    if is_before or (is_intransitive(own[start:end]) and not _TAKES_OBJECT.match(own, start)):
        return (0, 0) if lacks_subject(own[:start]) else (0, start)
    if is_noun:
        return max(0, start - _NOUN_REACH), min(len(own), end + _NOUN_REACH)
    head = _HEAD_END.search(own, end)
    if head is None or not own[end : head.start()].strip(" ,"):
        return end, len(own)
    return end, head.start()
