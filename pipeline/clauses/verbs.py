"""Tells verbs from nouns that look like them."""

import re
from typing import Final

# Words that look like verbs and are nouns as often: only their neighbours tell.
_AMBIGUOUS: Final = re.compile(
    r"(?:log|store|record|cache|archive|hold|backup|save|train|purge|index|model|process)s?$"
)
_VERB_BEFORE: Final = re.compile(
    r"(?:\b(?:we|you|they|it|to|not|will|may|can|could|would|might|must|shall|do|does|never|who|that|which|cannot|or|and"
    r"|also|only|users?|customers?|providers?|and/or|always|automatically|temporarily|securely|then|[\w]+n't)|,)[ ]+$"
)
_MODAL_BEFORE: Final = re.compile(r"\b(?:will|shall|may|must|can|could|would|not|never|does|do) (?:[\w-]+ ){0,2}$")
_OBJECT_AFTER: Final = re.compile(
    r"[ ]+(?:your|the|any|all|no|this|these|those|it|them|such|our|their|a|an|only|some|certain|data|content|prompts?|inputs?"
    r"|outputs?|information|everything|nothing|user|customer|personal|conversations?|messages?|what|or|and|both|that)\b"
)
_JOINED_VERB: Final = re.compile(
    r"\b(?:use|log|copy|process|collect|access|analy[sz]e|record|retain|transmit|host|keep|save|cache|store|delete|generate"
    r"|view|read|share|disclose|sell|index|inspect|monitor|capture|receive|reproduce|persist|train),? (?:and|or|and/or) $"
)
_NEVER_NOUNS: Final = frozenset({"saves", "holds", "trains", "purges"})
_NOUN_BEFORE: Final = re.compile(
    r"\b(?:your|the|our|these|those|any|all|of|in|and|or|to|from|with|no|such|app|chat|prompt|server|audit|access|activity"
    r"|error|request|usage|event|application|system|debug|medical|business|billing|account|its|their|kv)\s+$|^\s*$"
)
_NOUN_AFTER: Final = re.compile(
    r"\s*(?:$|[,.;:)]|(?:are|is|were|was|of|may|will|in|for|that|which|and|or|to|from|can|must|have|has|contain|include"
    r"|stored|kept|retained|containing|on|at|do|does)\b)"
)


def is_verb(text: str, at: int, to: int) -> bool:
    """Tell whether the word between two offsets of a folded sentence is a verb there."""
    word = text[at:to]
    if not _AMBIGUOUS.fullmatch(word):
        return True
    before, after = text[max(0, at - 24) : at], text[to : to + 16]
    if word.endswith("s"):
        return word in _NEVER_NOUNS or not (_NOUN_BEFORE.search(before) or _NOUN_AFTER.match(after))
    if re.search(r"\b(?:and|or|,)\s*$", before):
        return bool(_OBJECT_AFTER.match(after) or re.match(r"(?:,|$)", after) or _JOINED_VERB.search(before))
    is_after_subject = _VERB_BEFORE.search(before) or _MODAL_BEFORE.search(before)
    return bool(is_after_subject) or (at == 0 and bool(_OBJECT_AFTER.match(after)))
