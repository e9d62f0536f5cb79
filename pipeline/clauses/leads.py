"""Joins an item of a list to the words that lead it in: "We do not:" and "store prompts" are one sentence."""

import re
from typing import Final

from pipeline.clauses.lexicon import groups
from pipeline.clauses.sentence import Sentence
from pipeline.clauses.text import fold
from pipeline.model import BlockKind

_LONGEST_LEAD: Final = 160
_LONGEST_ITEM: Final = 300
_LAST: Final = re.compile(r"[^.?!;]{1,160}$")
_KEEP: Final = r"(?:keep|store|retain|log|save|hold|persist|record|archive|cache)s?"
_DELETE: Final = r"(?:delete|erase|remove|purge|discard|destroy|wipe)s?"
# "We will never", "the provider agrees not to": what follows is a verb.
_OPEN: Final = re.compile(
    r"\b(?:not|never|[a-z]+n't|cannot|will|shall|must|may|can"
    r"|(?:agrees?|undertakes?|commits?|promises?)(?: not| never)? to)"
    r"(?: also| ever| in particular)?(?: do (?:any|either) of the following)?$"
)
# "We keep", "we do not store the following": what follows is what is kept.
_OPEN_VERB: Final = re.compile(
    r"\b(?:we|provider|processor|supplier|company|[\w.-]+)"
    rf"(?: (?:will|shall|may|only|also|always|(?P<not>do not|does not|don't|doesn't|won't|not|never))){{0,3}}"
    rf" (?:{_KEEP}|{_DELETE})(?P<following> (?:the|all of the|only the|any of the) following(?: \w+)?)?$"
)
# "Data we retain for 30 days": what follows is what is kept so long.
_WHAT_WE: Final = re.compile(
    rf"\b(?:data|information|content|what)(?: that| which)? (?P<keep>we (?:may |also )?(?:{_KEEP}|{_DELETE}))"
    r"(?P<time> (?:for|after|until|within) [^:;,]{3,50})$"
)
# "The following is stored": what follows is what is stored.
_PASSIVE: Final = re.compile(
    r"\bfollowing\b[^,;:]{0,40}\b(?:is|are|be)(?: \w+ly)? (?:(?P<kept>kept|stored|retained|logged|saved|held|recorded)"
    r"|deleted|erased|removed|discarded)$"
)
_NUMBER: Final = re.compile(r"\W*\(?(?:[a-h]|[ivx]{1,4}|[0-9]{1,2})[.)]\s+")
# An item that stands by itself.
_BY_ITSELF: Final = re.compile(
    r"\W*(?:we|you|they|it|this|that|these|there|if|when|unless|once|after|please|see|yes|no|not|never)\b|[^:]{0,60}:"
)
_FINITE: Final = re.compile(r"\b(?:is|are|was|were|will|shall|must|has|have)\b")
_BEGINS_WITH_VERB: Final = re.compile(rf"(?:\w+ly )?(?:{_KEEP}|{_DELETE})\b")
_IS: Final = re.compile(r"\b(?:is|are|be|is never|are never|is not|are not|be)$")
_PARTICIPLE: Final = re.compile(
    r"(?:(?:not|never|only|[a-z]+ly) ){0,2}(?:kept|stored|retained|logged|saved|held|recorded|cached|archived|persisted"
    r"|deleted|erased|removed|purged|discarded|destroyed|wiped)\b"
)
# "What we never do": what follows is denied.
_NEVER_DO: Final = re.compile(
    r"\b(?:what|things|something) (?:that )?(?:we|[\w.-]+)"
    r" (?:never|do not|don't|does not|doesn't|will never|won't|will not)(?: ever)? do$"
)
# "If you opt in", "with your consent only", "unless you opt out, we": what follows holds under it.
_CONDITION: Final = re.compile(
    r"\W*(?:only |but )?(?:if|when|once|where|unless|with|without)"
    r" (?:you|users|customers|your (?:\w+ )?(?:consent|permission|agreement)|the customer|an? admin)\b"
    r"(?P<rest>[^.:;]{0,90}?)(?P<we>,? we| we)?$"
)
_MAIN: Final = re.compile(r", (?:we|you|it|they|the|your|our)\b|\b(?:we|it|they) (?:will|may|can|do|shall)\b")
_CLAUSE: Final = re.compile(r"\b(?:is|are|was|were|will|shall|must|may|can|has|have|we)\b")


def held_under_lead(sentence: Sentence) -> Sentence:
    """Return an item behind the condition that its list stands under, or the sentence as it is."""
    if sentence.block.kind is not BlockKind.ITEM or sentence.start > 0 or len(sentence.text) > _LONGEST_ITEM:
        return sentence
    lead = _lead_of(sentence)
    condition = _CONDITION.fullmatch(lead)
    if condition is None or _MAIN.search(condition["rest"]):
        return sentence
    item = _NUMBER.sub("", sentence.text, count=1)
    if condition["we"]:
        return sentence if _CLAUSE.match(item) else sentence.reworded(f"{lead} {item}")
    return sentence.reworded(f"{lead}, {item}") if _CLAUSE.search(item) else sentence


def _lead_of(sentence: Sentence) -> str:
    """Return the last sentence of a lead-in, without the colon."""
    last = _LAST.search(sentence.lead.rstrip(" :*_\u2013-")[-_LONGEST_LEAD:])
    return last[0].strip() if last else ""


def joined_to_lead(sentence: Sentence) -> Sentence:
    """Return an item with the words that it goes on from, or the sentence as it is; its place stays its own."""
    if sentence.block.kind is not BlockKind.ITEM or sentence.start > 0:
        return sentence
    lead = _lead_of(sentence) or fold(" ".join(sentence.block.headings[-1:])).strip(" :*_")
    item = _NUMBER.sub("", sentence.text, count=1).strip(" ;,.*")
    if len(item) > _LONGEST_ITEM or (_BY_ITSELF.match(item) and not _PARTICIPLE.match(item)):
        return sentence
    text = _joined(lead, item, is_heading=not sentence.lead)
    return sentence if text is None else sentence.reworded(text)


def _joined(lead: str, item: str, *, is_heading: bool) -> str | None:
    """Return a lead-in and an item as one sentence, or None where they are none."""
    is_verb = _BEGINS_WITH_VERB.match(item) is not None
    if _NEVER_DO.search(lead):
        return f"we never {item}" if is_verb else None
    if is_heading:
        return None
    if _IS.search(lead):
        return f"{lead} {item}" if _PARTICIPLE.match(item) else None
    if _OPEN.search(lead):
        return f"{lead} {item}" if is_verb else None
    return None if is_verb else _with_what_is_kept(lead, item)


def _with_what_is_kept(lead: str, item: str) -> str | None:
    """Return a lead-in that lacks what is kept or deleted with an item that names it, or None."""
    is_timed = groups()["any_length"].search(item) or groups()["until_plain"].search(item)
    if _FINITE.search(item) and not is_timed:
        return None
    active, passive = _OPEN_VERB.search(lead), _PASSIVE.search(lead)
    if active and (is_timed or active["not"]):
        return f"{lead[: active.start('following')] if active['following'] else lead} {item}"
    what_we = None if is_timed else _WHAT_WE.search(lead)
    if what_we:
        return f"{what_we['keep']} {item}{what_we['time']}"
    return f"we {'keep' if passive['kept'] else 'delete'} {item}" if passive and is_timed else None
