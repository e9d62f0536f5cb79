"""Tells whether a statement is on somebody upstream: a model provider that a vendor sends prompts to.

"OpenAI does not train on API data", said by another, is no default of the one who says it.
"""

import re
from functools import cache
from typing import Final

from pipeline.clauses.grammar import Reading
from pipeline.clauses.lexicon import groups
from pipeline.clauses.text import fold

_OURS: Final = re.compile(r"\b(?:we|us|i|our (?:company|systems?|servers?|models?|team))\b")
_JOINED: Final = re.compile(
    r"\b(?:we|us|by [\w.]+|[\w.]+) (?:and|or|nor|and/or) (?:by )?(?:its|our|any|the|their)\b[^.;,]{0,30}$"
)
_WE_JOIN: Final = re.compile(r"\b(?:we|us)\b[^.;]{0,30}\b(?:and|or|nor)\b")
_SENT_TO: Final = re.compile(r"\b(?:sent|submitted|passed|given|provided|shared|routed|forwarded) (?:\w+ ){0,3}$")
_DOES: Final = re.compile(
    r"(?:,? (?:and |or )?(?:[\w.-]+ ){0,2}[\w.-]+,?){0,4}?(?: \u2013)? (?:also |will |may |does |do |can )?"
    r"(?:not|never|doesn't|don't"
    r"|won't|is|are|has|have|retains?|stores?|keeps?|discards?|deletes?|uses?|trains?|states?|says?|commits?|logs?"
    r"|processes|will|may|does|do|offers?|guarantees?|maintains?|enforces?|applies)\b"
)
_WITH_THEM: Final = r"\b(?:allow|permit|let|forbid|bar)\w* them to\b|\bwith (?:both|all|each)(?: of them)?\b"
_THEY_ACT: Final = re.compile(
    r"^\W*(?:they|each(?: of them)?|both|all of them|none of them|their|its)\b(?! (?:is|are|will be|may be) \w+ed\b)"
    rf"|\b(?:on|by) their (?:own )?(?:side|end|servers|systems|part)\b|\bby them\b|{_WITH_THEM}"
)
_THEM: Final = re.compile(rf"\b(?:on|by) their\b|{_WITH_THEM}")
_BY_OUTSIDER: Final = re.compile(r"\bby (?:these|those|our|the|any|such|its|their)? ?(?:[\w-]+ ){0,2}$")
_IS_PLACE: Final = re.compile(r"\b(?:from|with|to|through|via|of|on|integrated|by|using|and|or) (?:[\w-]+ ){0,2}$")
_BOUND: Final = re.compile(
    r",? (?:that|who|which|to (?:not|avoid|refrain)|not to|stating|guaranteeing|prohibit)\b|,? under which\b"
)
_POINTS: Final = re.compile(r"\W*(?:it|they|their|this provider|the provider)\b")
_REACH: Final = 60
_SEVERAL: Final = 3  # makers that no page names of itself
# Before or after the name of one who is used: "powered by X", "the X API".
_USED: Final = (
    r"\b(?:use|uses|using|used|powered by|rely on|relies on|sen[dt] to"
    r"|(?:send|pass|route|forward)(?:s|ed)? (?:[\w'-]+ ){1,6}to"
    r"|shared with|processed by|provided by|hosted (?:by|on)|via|agreements? with|contracts? with"
    r"|such as|including|models? (?:by|from|of)"
    r"|with|your|\(|\u2013) ?(?:the |an? )?(?P<after>{makers})(?![\w-])"
    r"|(?<![\w-])(?P<before>{makers})(?='s api\b| apis?\b| keys?\b| (?:states?|says?|has an agreement|has stated)\b)"
)


def find_upstream(folded: str) -> frozenset[str]:
    """Return the makers of models that the folded text of a page says it uses, or all where it names several."""
    named = {match[0].removesuffix("'s") for match in groups()["model_makers"].finditer(folded)}
    if len(named) >= _SEVERAL:
        return frozenset(named)
    found = _used().finditer(folded)
    return frozenset((match["after"] or match["before"]).removesuffix("'s") for match in found)


@cache
def _used() -> re.Pattern[str]:
    makers = "|".join(sorted(groups().phrases("model_makers"), key=len, reverse=True))
    return re.compile(_USED.replace("{makers}", makers))


def is_of_outsider(reading: Reading) -> bool:
    """Tell whether somebody upstream keeps, deletes or trains, and the vendor of the page does not with it."""
    sentence = reading.sentence
    text, start = sentence.text, reading.start
    unit = sentence.unit_start(reading.segment)
    left = text[unit:start]
    if left.lstrip().startswith("\u2013"):  # "the model we use \u2013 Acme's \u2013 is barred from"
        left = text[:start]
    if _self_denies(reading, text[:unit]):
        return False
    if _acts_last(reading, left):
        return True
    right = text[reading.end : reading.end + _REACH]
    agent = groups()["outsiders"].search(right)
    if agent and _BY_OUTSIDER.search(right[: agent.start()]) and not _OURS.search(right[: agent.start()]):
        return not _WE_JOIN.search(left)
    return _goes_on(reading) and not (_OURS.search(left) and not _THEM.search(text))


def _acts_last(reading: Reading, left: str) -> bool:
    """Tell whether the last of those named before the verb who can act is an outsider."""
    last = 0
    for group in ("outsiders", "model_makers"):
        for match in groups()[group].finditer(left):
            if group == "model_makers" and not (_is_upstream(reading, match[0]) and _is_actor(left, match)):
                continue
            if group == "outsiders" and _IS_PLACE.search(left[: match.start()]) and not _BOUND.match(left, match.end()):
                continue
            if not _JOINED.search(left[: match.start()]) or _SENT_TO.search(left[: match.start()]):
                last = max(last, match.end())
    is_ours = _OURS.search(left, last) or any(name in left[last:] for name in reading.sentence.page.names)
    return last > 0 and not is_ours


def _is_actor(left: str, match: re.Match[str]) -> bool:
    return bool(
        _DOES.match(left, match.end()) or _SENT_TO.search(left[: match.start()]) or left.endswith(match[0] + " ")
    )


def _is_own(reading: Reading, name: str) -> bool:
    page = reading.sentence.page
    return any(name in one or one in name for one in page.names) or name in page.title


def _self_denies(reading: Reading, earlier: str) -> bool:
    """Tell whether an earlier clause denies the same of the vendor: "Acme does not, and its providers are barred"."""
    own = reading.sentence.page.terms.get("own_name")
    return bool(_OURS.search(earlier) or (own and own.search(earlier))) and bool(groups()["negation"].search(earlier))


def _is_upstream(reading: Reading, name: str) -> bool:
    """Tell whether a maker of models is one that the page says it uses, and not the one that the page is of."""
    return not _is_own(reading, name) and name.removesuffix("'s") in reading.sentence.page.upstream


def _goes_on(reading: Reading) -> bool:
    """Tell whether a pointing word, or the heading above, leads to an outsider."""
    sentence = reading.sentence
    said = _last(sentence.before) or _last(sentence.lead)
    if _THEY_ACT.search(sentence.text) and _names(reading, said):
        return True
    lead = sentence.lead
    if lead and re.search(r"\b(?:providers|vendors|partners|parties)\b[^.]{0,40}:\s*$", lead):
        return not _OURS.search(lead)
    heading = fold(sentence.block.headings[-1]) if sentence.block.headings else ""
    return bool(heading) and bool(_POINTS.match(sentence.text)) and _names(reading, heading)


def _last(text: str) -> str:
    return next((part for part in reversed(re.split(r"(?<=[.!?:])\s+", text)) if part.strip()), "")


def _names(reading: Reading, text: str) -> bool:
    makers = groups()["model_makers"].finditer(text)
    return bool(groups()["outsiders"].search(text)) or any(_is_upstream(reading, match[0]) for match in makers)
