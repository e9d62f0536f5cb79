"""Tells whether the words before a verb deny it."""

import re
from typing import Final

from pipeline.clauses.lexicon import groups

_NEGATION_STOP: Final = re.compile(r"\b(?:but|instead|rather|however|only if|because)\b|[;:]")
_RESTRICTIVE: Final = re.compile(
    r"\b(?:that|which|who)(?: (?:is|are|was|were|do|does|did|has|have|had|will|may|can|you|we|they))? ?"
    r"(?:not|n't|isn't|aren't|don't|doesn't|hasn't|haven't|never|cannot)\b"
    r"|\b(?:that|which|who) (?:have|has|had|receives?|received|gets?|sees?|shows?)(?: \w+){0,2} (?:no|not|never)\b"
    r"|\b(?:data|content|information|files|prompts|conversations|messages|recordings) not(?= [a-z]+ed (?:within"
    r"|by|during|in|before))"
)
_CLOSE_NEGATION: Final = re.compile(
    r"(?:^\W*(?:no|none of|neither)\b.*|\b(?:not|never|no|without|nor|none(?: of (?:this|the|that|these|your"
    r"|our))?|nothing|[a-z]+n't|cannot|neither|(?:prohibited|barred|prevented|refrains?|banned|precluded) from"
    r"|(?:forb\w+|prevents?|bars?|precludes?|bans?|prohibits?) (?:[\w-]+ ){1,4}from)"
    r"(?: [\w/,-]+){0,4}) $"
)
_AND_VERB: Final = re.compile(r"\band (?:[\w-]+ly )?$")
# "We do not collect what is stored in your folders": the keeping is told, and something else is denied.
_TOLD: Final = re.compile(
    r" (?:[\w'-]+,? ){1,12}(?:that|which|who|what|as) (?:is|are|was|were|has been|have been)"
    r"(?: [\w]+ly| being| already)?[ *_]+$"
)
# "It cannot work without storing prompts": one denial takes back the other.
_CANNOT_WITHOUT: Final = re.compile(
    r"\b(?:cannot|can't|can not|could not|couldn't|will not|won't|does not|doesn't|do not|don't|never|impossible"
    r"|unable) (?:to )?(?:[\w-]+ )?(?:be |get )?(?:work|function|run|operate|provided?|offer(?:ed)?|deliver(?:ed)?"
    r"|perform(?:ed)?|possible|support(?:ed)?|answer|respond|used?|done|complete[ds]?|happen)\b[^.;:]{0,60}\bwithout $"
)
_REACH: Final = 120
_NEAR: Final = 2  # words between a relative clause's negation and the verb that it denies
_OF_THINGS: Final = frozenset({"no", "none", "nothing"})  # "nothing that you send is stored"
_RELATIVE: Final = re.compile(
    r"^\W*(?:[\w-]+ ){1,4}(?:that|who|which) (?:(?:do|does|did|will|may|can|is|are|has|have|would|must|don't"
    r"|doesn't|won't|never|not|only"
    r"|actually|[a-z]+ly) ){0,3}(?:[\w-]+(?:, | and | or ))?$"
)
_THING_THAT: Final = re.compile(
    r"\b(?:systems?|servers?|infrastructure|facilit(?:y|ies)|networks?|databases?|environments?|personnel|equipment"
    r"|devices?|media|vendors?|subprocessors?)\b[\w ,-]{0,40}\b(?:that|which) (?:[\w-]+(?:, | and | or ))?$"
)


def denies(left: str, *, is_gerund: bool) -> bool:
    """Tell whether a denial in the clause before a verb reaches the verb."""
    stop = max((match.end() for match in _NEGATION_STOP.finditer(left)), default=0)
    skipped = [match.span() for match in groups()["not_negation"].finditer(left)]
    skipped += [match.span() for match in _RESTRICTIVE.finditer(left) if len(left[match.end() :].split()) > _NEAR]
    for match in groups()["negation"].finditer(left, stop):
        if match[0] == "without" and not is_gerund:
            continue
        if any(at <= match.start() < to for at, to in skipped) or _is_over(left[match.end() :]):
            continue
        if _TOLD.fullmatch(left, match.end()) is None or match[0] in _OF_THINGS:
            return True
    return False


def cannot_without(text: str) -> bool:
    """Tell whether words before a verb deny that something goes without it: "it cannot work without ..."."""
    return _CANNOT_WITHOUT.search(text[-_REACH:]) is not None


def denies_closely(left: str) -> bool:
    """Tell whether a denial stands within a few words before the verb, or the clause begins with "no"."""
    return _CLOSE_NEGATION.search(left.replace("*", "")) is not None


def _is_over(between: str) -> bool:
    """Tell whether a denial ended before the verb: "do not see your files and retain inputs"."""
    return _AND_VERB.search(between) is not None and len(between.split()) > _NEAR + 2


def is_relative(left: str) -> bool:
    """Tell whether the words before a verb only say which things are meant: "providers that do not store data"."""
    return (_RELATIVE.search(left) or _THING_THAT.search(left)) is not None
