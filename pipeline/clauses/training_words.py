"""Marks the words of a sentence that a reading of training turns on: who, what, which purpose, which choice."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, cast

from pipeline.clauses.lexicon import read_toml

# A sentence without one of these says nothing on training.
_HINTS: Final = re.compile(r"train|improv|model|develop|learn|tun(?:e|ing)|enhanc|refin|optimi[sz]|research|smarter|accurate|evaluat|opt[ -]?(?:ed |ing )?out|build|creat|better|advanc")
_ACT: Final = re.compile(
    r"(?<![\w-])(?:(?P<train>(?:re-?)?train(?:s|ed|ing)?(?![\w-])|fine-?tun(?:e|es|ed|ing)(?![\w-]))"
    r"|(?P<better>improv(?:e|es|ed|ing|ements?)|enhanc(?:e|es|ing|ements?)|develop(?:s|ing|ment)?|refin(?:e|es|ing|ements?)"
    r"|optimi[sz](?:e|es|ing|ations?)|build(?:ing)?|creat(?:e|ing)|advanc(?:e|ing)|evaluat(?:e|ing|ion)|test(?:ing)?"
    r"|benchmark(?:ing)?|calibrat(?:e|ing)|upgrad(?:e|ing)|evolv(?:e|ing)|innovat(?:e|ing)|tun(?:e|ing)|teach(?:ing)?|mak(?:e|es|ing)"
    r"|research(?:ing)?|strengthen(?:ing)?|perfect(?:ing)?|expand(?:ing)?|iterat(?:e|ing)|support(?:ing)?)(?![\w-])"
    r"|(?P<named>(?:for|as) (?:the |these |those |such |this |any )?(?:purposes? |uses? |manner )?(?:outlined|described|set (?:out|forth)|mentioned|stated)(?= (?:in|above|herein)))"
    r"|(?P<learn>(?:fed|feeds?|fold(?:ed|s)?|incorporated|baked|flows?|goes|go|built|find their way) (?:back )?into (?:a|any|our|the|future|its) (?:[\w-]+ )?models?|(?:become|becomes|part) (?:part )?of (?:it|the model|our models?|any model)|(?:our|the|its|their|ai|openai's) (?:[\w-]+ )?models? (?:to )?(?:become|get|learn|improve|perform|be more|evolve)|learn(?:s|ed)? from|learning from|learn by|machine[- ]learning purposes|model (?:improvements?|development|enhancements?|refinement|optimi[sz]ation|tuning|quality)|for machine learning)\b)"
)
_AREA: Final = 110  # characters after a verb in which its object stands
_AREA_END: Final = re.compile(
    r"[.;:!?()\[\]]|, (?:we|such|you|this|these|it)\b|\b(?:using|with|from|through|via|based on|that (?:is|are|we|you|do|does|may|will|can|have|has)|does|do|is|are|will|may|can|not|has|have|which|who|so|when|if|unless|but|please|you|we|while|without|by)\b"
)
MODEL: Final = re.compile(
    r"\b(?:models?|algorithms?|llms?|artificial[- ]intelligence|machine[- ]learning|neural net\w*|classifiers?|underlying technolog\w+"
    r"|ai(?![\w-]| (?:services?|products?|platform|tools?|offerings?|assistants?|outputs?|inputs?|content|apps?)))(?![\w-])"
)
_SERVICE: Final = re.compile(
    r"\b(?:services?|products?|platform|features?|functionalit(?:y|ies)|functions?|technolog(?:y|ies)|offerings?|software|tools?|applications?"
    r"|apps?|capabilit(?:y|ies)|systems?|solutions?|agents?|assistants?|recognition|suggestions|predictions)(?![\w-])"
)
_NOT_IT: Final = re.compile(r"\b(?:experience|website|site|communications?|customer support|marketing|advertis\w+|browsing|security of)\b")
_OWN: Final = re.compile(r"\b(?:your|customer'?s?|user'?s?|custom|derivative|personali[sz]ed|dedicated|tuned|private)(?: \w+){0,3} models?\b|\bmodels? for you\b")
_NOUN_BEFORE: Final = re.compile(r"\b(?:for|in|of|to|towards?|and|or|as|the|our|its|continued|continuous|ongoing|further|services?|products?|platform|models?|ai|quality|features?|performance|research|algorithms?|make|making|include|includes|drive|support)(?:,)? $|^$|[(,] $")
_RIVAL: Final = re.compile(r"\bcompet(?:e|es|ing|itive|itors?)\b")


@dataclass(frozen=True, slots=True)
class Tag:
    """One marked run of words. `kind` is a section of `training.toml`, or `train` or `improve` for the purpose."""

    kind: str
    start: int
    end: int
    text: str


def mentions_training(folded: str) -> bool:
    """Return whether folded text can hold a statement on training at all."""
    return _HINTS.search(folded) is not None


def mark(folded: str, terms: Mapping[str, re.Pattern[str]]) -> tuple[Tag, ...]:
    """Return the marked words in their order; `terms` are the document's own, each with its kind."""
    taken = bytearray(len(folded))
    found: list[Tag] = []
    words = _words()
    _take("idle", words["idle"].finditer(folded), taken, found)
    for kind in ("optout", "optin", "default"):
        _take(kind, words[kind].finditer(folded), taken, found)
    for kind in ("public", "usage"):
        _take(kind, words[kind].finditer(folded), taken, found)
    _add_terms(folded, terms, taken, found)
    _add_acts(folded, taken, found)
    for kind in words:
        if kind not in {"idle", "optout", "optin", "default", "public", "usage"}:
            _take(kind, words[kind].finditer(folded), taken, found)
    return tuple(sorted(found, key=lambda tag: tag.start))


def _take(kind: str, matches: Iterable[re.Match[str]], taken: bytearray, found: list[Tag]) -> None:
    for match in matches:
        start, end = match.span()
        if end > start and not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            found.append(Tag(kind, start, end, match[0]))


_KIND_OF_GROUP: Final = {"content": "content", "files": "content", "fine_tuning": "content", "personal": "personal", "telemetry": "usage"}


def _add_terms(folded: str, terms: Mapping[str, re.Pattern[str]], taken: bytearray, found: list[Tag]) -> None:
    for group, kind in _KIND_OF_GROUP.items():
        if group in terms:
            _take(kind, terms[group].finditer(folded), taken, found)


def _add_acts(folded: str, taken: bytearray, found: list[Tag]) -> None:
    for match in _ACT.finditer(folded):
        if any(taken[match.start() : match.end()]):
            continue
        kind = _kind_of_act(folded, match)
        if kind:
            _take(kind, [match], taken, found)


def _kind_of_act(folded: str, match: re.Match[str]) -> str | None:
    area = folded[match.end() : match.end() + _AREA]
    stop = _AREA_END.search(area)
    area = area[: stop.start()] if stop else area
    before = folded[max(0, match.start() - 24) : match.start()]
    if _RIVAL.search(area) or _RIVAL.search(before):
        return "rival"
    if match["named"]:
        return "named"
    if match["learn"]:
        return "train"
    if match["train"]:
        if _is_adjective(match[0], area, folded[: match.start()]):
            return None
        if match[0] == "training" and re.match(r" data(?:sets?)?\b", area) and re.search(r"\b(?:your|fine-tuning|the|customer'?s?) $", before):
            return None
        if re.search(r"\b(?:submit(?:ted)?|upload(?:ed)?|suppl(?:y|ied)|sent) (?:to us )?(?:to|for) $", before) and not re.match(r" (?:our|its|their)\b", area):
            return "own"
        return "own" if _OWN.search(area) else "train"
    return _kind_of_improving(match[0], area, before)


def _is_adjective(word: str, area: str, before: str) -> bool:
    """Tell whether a participle only describes: "a fine-tuned version", "trained models"."""
    if word == "training":
        return bool(re.match(r" (?:data(?: |[.,)]|$)(?!set)|process|methods?|costs?|jobs?|runs?|data, or|methods)", area)) and not re.search(r"\b(?:for|as|in|our|into) (?:\w+ ){0,2}$", before)
    if not word.endswith("ed"):
        return False
    if re.match(r" (?:on|with|using|by|from|upon)\b", area):
        return False
    return not re.search(r"\b(?:is|are|be|been|being|was|were)(?: \w+ly| not| never| also)?(?: \w+ed,? (?:and|or))? $", before)


def _kind_of_improving(verb: str, area: str, before: str) -> str | None:
    if verb.startswith("mak"):
        better = re.match(r" (?:our|the|its|their|all)\b.{0,60}\b(?:smarter|better|safer|stronger|faster|more \w+)\b", area)
        return ("train" if MODEL.search(area) or re.search(r"\brecognition|assistant|predictions\b", area) else "improve") if better else None
    if verb.startswith(("mak", "support", "creat", "build", "test", "expand", "teach")) and not MODEL.search(area):
        return "improve" if verb.startswith(("creat", "build")) and re.match(r" new (?:\w+ ){0,2}(?:services?|products?|features?)", area) else None
    if _OWN.search(area):
        return "own"
    if verb.endswith(("ments", "ment", "ions", "ion")) and not _NOUN_BEFORE.search(before):
        return None
    if MODEL.search(area):
        return "train"
    if re.search(r"\b(?:ai|model|models|algorithm|algorithmic|machine learning) $", before) and verb.endswith(("ment", "ments", "ion", "ing")):
        return "train"
    service, other = _SERVICE.search(area), _NOT_IT.search(area)
    if service and not (other and other.start() < service.start()):
        return "improve"
    if re.search(r"\b(?:services?|products?|platform|quality|features?|functionality|performance) $", before) and verb.endswith(("ment", "ments", "ion", "ions")):
        return "improve"
    if verb == "research" and re.match(r"(?: purposes?| and development|,|$|\.)", area):
        return "improve"
    return None


@cache
def _words() -> Mapping[str, re.Pattern[str]]:
    tables = cast("dict[str, dict[str, list[str]]]", read_toml("training_words.toml"))
    return {kind: _compile(table["words"]) for kind, table in tables.items()}


def _compile(phrases: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    bodies = (phrase.replace(" ... ", r" (?:[\w'/-]{1,30},? ){0,3}") for phrase in ordered)
    return re.compile(r"(?<![\w-])(?:" + "|".join(bodies) + r")(?![\w])")
