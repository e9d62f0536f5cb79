"""Tells verbs from nouns that look like them."""

import re
from typing import Final

# Words that look like verbs and are nouns as often: only their neighbours tell.
_AMBIGUOUS: Final = re.compile(
    r"(?:log|store|record|cache|archive|hold|backup|save|train|purge|index|model|process)s?$"
)
_VERB_BEFORE: Final = re.compile(
    r"(?:\b(?:we|you|they|it|to|not|will|may|can|could|would|might|must|shall|do|does|never|who|that|which"
    r"|cannot|or|and"
    r"|also|only|users?|customers?|providers?|and/or|always|automatically|temporarily|securely|then|[\w]+n't)|,)[ ]+$"
)
_MODAL_BEFORE: Final = re.compile(r"\b(?:will|shall|may|must|can|could|would|not|never|does|do) (?:[\w-]+ ){0,2}$")
_OBJECT_AFTER: Final = re.compile(
    r"[ ]+(?:your|the|any|all|no|this|these|those|it|them|such|our|their|a|an|only|some|certain|data|content"
    r"|prompts?|inputs?"
    r"|outputs?|information|everything|nothing|user|customer|personal|conversations?|messages?|what|or|and|both"
    r"|that)\b"
)
_JOINED_VERB: Final = re.compile(
    r"\b(?:use|log|copy|process|collect|access|analy[sz]e|record|retain|transmit|host|keep|save|cache|store"
    r"|delete|generate"
    r"|view|read|share|disclose|sell|index|inspect|monitor|capture|receive|reproduce|persist|train),? (?:and|or"
    r"|and/or) $"
)
_NEVER_NOUNS: Final = frozenset({"saves", "holds", "trains", "purges"})
_NOUN_BEFORE: Final = re.compile(
    r"\b(?:your|the|our|these|those|any|all|of|in|and|or|to|from|with|no|such|app|chat|prompt|server|audit"
    r"|access|activity"
    r"|error|request|usage|event|application|system|debug|medical|business|billing|account|its|their|kv)\s+$|^\s*$"
)
_NOUN_AFTER: Final = re.compile(
    r"\s*(?:$|[,.;:)]|(?:are|is|were|was|of|may|will|in|for|that|which|and|or|to|from|can|must|have|has|contain"
    r"|include"
    r"|stored|kept|retained|containing|on|at|do|does)\b)"
)
_BE: Final = re.compile(
    r"\b(?:is|are|was|were|be|been|being|gets?|isn't|aren't|wasn't|weren't)\b(?:[ ,]+(?:[\w-]+ly|not|never|also"
    r"|only|still"
    r"|always|then|therefore|otherwise|no longer|ever|first|being|and|or|and/or|nor|either|neither|[\w-]+ed"
    r"|kept|held)\b){0,6}[ ,]*$"
)
_HAVE: Final = re.compile(r"\b(?:have|has|had)\b(?: (?:[\w-]+ly|not|never|also)){0,2} $")
_PARTICIPLE: Final = re.compile(
    r"(?:taken .*|thrown .*|\w+ed|kept|held|sent|forgotten|learnt|done|made|built|fed|overwritten)$"
)
_GERUND: Final = re.compile(r"\w+ing$")
_IMPERATIVE: Final = re.compile(
    r"^(?:[\W\d]*(?:please|do not|don't|never|always|to|then"
    r"|step \d+)?\W*(?:[ivx]{1,4}[.)] )?(?:[\w-]+(?:, | or | and )){0,12}\W*)$"
)
_INFINITIVE: Final = re.compile(r"\bto (?:[\w-]+ly )?(?:[\w-]+(?:, | and | or |/)(?:[\w-]+ly )?){0,12}(?:and |or )?$")
_MEANT: Final = re.compile(
    r"\b(?:aims?|rights?|(?:is|are|be|been|legally) required|needs?|have|has|reserves?|permission|allowed"
    r"|allows?|permits?|permitted|obliged|obligated"
    r"|efforts?|continues?|undertakes?|agrees?|commits?|promises?|endeavou?rs?|intends?|wish(?:es)?|opt(?:ed)?[ -]?in"
    r"|configured|set|able|designed|choose|elects?|us|entitled|authori[sz]ed?|steps|procedures) to "
    r"(?:[\w-]+ly )?(?:[\w-]+(?:, | and | or |/)(?:[\w-]+ly )?){0,12}(?:and |or )?$"
)


def is_verb(text: str, at: int, to: int) -> bool:
    """Tell whether the word between two offsets of a folded sentence is a verb there."""
    word = text[at:to]
    if not _AMBIGUOUS.fullmatch(word):
        return True
    before, after = text[max(0, at - 24) : at], text[to : to + 16]
    if word.endswith("s"):
        has_object = _OBJECT_AFTER.match(after) and not re.match(r"\s+(?:or|and|that)\b", after)
        is_joined = has_object and re.search(r"\b(?:and|or|,)\s*$", before)
        return word in _NEVER_NOUNS or bool(is_joined) or not (_NOUN_BEFORE.search(before) or _NOUN_AFTER.match(after))
    if re.search(r"\b(?:and|or|,)\s*$", before):
        return bool(_OBJECT_AFTER.match(after) or re.match(r"(?:,|$)", after) or _JOINED_VERB.search(before))
    is_after_subject = _VERB_BEFORE.search(before) or _MODAL_BEFORE.search(before)
    return bool(is_after_subject) or (at == 0 and bool(_OBJECT_AFTER.match(after)))


def is_passive(left: str, verb: str) -> bool:
    """Tell whether what the verb acts on stands before it: "prompts are stored"."""
    return _PARTICIPLE.search(verb) is not None and _BE.search(left) is not None


def is_reduced(left: str, verb: str) -> bool:
    """Tell whether the verb only describes a noun: "data stored in your account"."""
    return _PARTICIPLE.search(verb) is not None and not (_BE.search(left) or _HAVE.search(left))


def is_gerund(left: str, verb: str) -> bool:
    """Tell whether the verb is a noun or hangs on a preposition: "without storing"."""
    return _GERUND.search(verb) is not None and _BE.search(left) is None


def is_infinitive(left: str) -> bool:
    """Tell whether the verb only names a purpose: "we use it to store files"."""
    return _INFINITIVE.search(left) is not None and _MEANT.search(left) is None


def is_bare(left: str) -> bool:
    """Tell whether nobody stands before a verb that could act."""
    return _IMPERATIVE.match(f"{left.strip()} ") is not None
