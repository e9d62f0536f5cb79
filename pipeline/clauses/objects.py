"""Finds what a verb acts on: where in its clause that stands."""

import re
from typing import Final

_INTRANSITIVE: Final = re.compile(
    r"expir\w+|stay\w*|remain\w*.*|exist\w*|liv(?:e|es) .*|sits? .*|lingers?|left|disappears?|vanish(?:es)?"
    r"|persists|gone"
    r"|lands?|rolls? off|ages? out|cease to exist|continue to exist|is available|are available"
)
_NO_SUBJECT: Final = re.compile(
    r"[\s,;(]*(?:\w{1,4}\)\s*)?(?:(?:and|or|but|then|also|is|are|will|may|shall|must|can"
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
_NOUN_REACH: Final = 60


def lacks_subject(left: str) -> bool:
    """Tell whether nothing but helping words stands before a verb: its subject stands in an earlier clause."""
    return _NO_SUBJECT.fullmatch(left.strip()) is not None


def find_object(own: str, verb: tuple[int, int], *, is_before: bool, is_noun: bool) -> tuple[int, int]:
    """Return where in a clause the thing acted on stands; (0, 0) where it is in an earlier clause."""
    start, end = verb
    if is_before or _INTRANSITIVE.fullmatch(own[start:end]):
        return (0, 0) if lacks_subject(own[:start]) else (0, start)
    if is_noun:
        return max(0, start - _NOUN_REACH), min(len(own), end + _NOUN_REACH)
    head = _HEAD_END.search(own, end)
    if head is None or not own[end : head.start()].strip(" ,"):
        return end, len(own)
    return end, head.start()
