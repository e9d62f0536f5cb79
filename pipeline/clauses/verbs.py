"""Tells verbs from nouns that look like them."""

import re
from typing import Final

# Words that look like verbs and are nouns as often: only their neighbours tell.
_AMBIGUOUS: Final = re.compile(
    r"(?:log|store|record|cache|archive|hold|backup|save|train|purge|index|model|process)s?$"
)
_VERB_BEFORE: Final = re.compile(
    r"(?:\b(?:logs|neither|nor|we|you|they|it|to|not|will|may|can|could|would|might|must|shall|do|does|never"
    r"|no longer|who|that|which"
    r"|cannot|or|and"
    r"|also|only|users?|customers?|providers?|and/or|always|automatically|temporarily|briefly|locally|permanently"
    r"|securely|then|[\w]+n't|\w+'(?:ll|d|ve))|,"
    r"|\((?:[a-h]|[ivx]{1,4}|[1-9])\))[ ]+$"
)
# "Click **Delete**": the name of a button.
_BUTTON_BEFORE: Final = re.compile(r"\b(?:click|press|tap|hit|select|choose)(?: on)?(?: the)? [\"'*_]+$")
# "Our models cache prompts": things that act, where an object follows.
_PLURAL_BEFORE: Final = re.compile(
    r"\b(?:models|services|systems|apis|endpoints|servers|platforms|features|apps|tools|products|agents|assistants"
    r"|ais|bots"
    r"|chatbots|providers|vendors|partners|sub-?processors|processors|plugins|connectors|extensions|integrations|hosts"
    r"|workers|gateways|nodes|engines|proxies) $"
)
_MODAL_BEFORE: Final = re.compile(r"\b(?:will|shall|may|must|can|could|would|not|never|does|do) (?:[\w-]+ ){0,3}$")
_OBJECT_AFTER: Final = re.compile(
    r"[ ]+(?:your|the|any|all|every|each|full|raw|no|this|these|those|it|them|such|our|their|a|an|only|some|certain"
    r"|data|content|prompts?|inputs?"
    r"|outputs?|information|everything|nothing|user|customer|personal|conversations?|messages?|what|or|and|both"
    r"|that|results|files|recordings|images|answers|copies|transcripts|documents|facts|details|parts|pieces|snippets"
    r"|notes)\b"
)
_JOINED_VERB: Final = re.compile(
    r"\b(?:use|log|copy|process|collect|access|analy[sz]e|record|retain|transmit|host|keep|save|cache|store"
    r"|delete|generate"
    r"|view|read|share|disclose|sell|index|inspect|monitor|capture|receive|reproduce|persist|train),? (?:and|or"
    r"|and/or) $"
)
# "Log and code data": the first of two nouns that share a third.
_NOUN_PAIR: Final = re.compile(r"\s+(?:and|or|/|&) (?:[\w-]+ )?(?:data|information|files|records|entries)\b")
_NEVER_NOUNS: Final = frozenset({"saves", "holds", "trains", "purges"})
_NOUN_BEFORE: Final = re.compile(
    r"\b(?:your|the|our|these|those|any|all|of|in|and|or|to|from|with|no|such|app|chat|prompt|server|audit"
    r"|access|activity"
    r"|error|request|usage|event|application|system|debug|medical|business|billing|account|its|their|kv)\s+$|^\s*$"
)
_NOUN_AFTER: Final = re.compile(
    r"\s*(?:$|[,.;:)]|(?:are|is|were|was|of|may|will|in|for|that|which|and|or|to|from|can|must|have|has|contain"
    r"|include"
    r"|stored|kept|retained|containing|on|at|do|does|hold|carry|record|show|only|never)\b)"
)
_BE: Final = re.compile(
    r"(?:\b(?:is|are|was|were|be|been|being|gets?|isn't|aren't|wasn't|weren't)|\b(?:they|we|you)'re|\b(?:it|that)'s)\b"
    r"(?:[ ,]+(?:[\w-]+ly|not|never|also"
    r"|only|still"
    r"|always|then|therefore|otherwise|no longer|ever|first|being|and|or|and/or|nor|either|neither|[\w-]+ed"
    r"|kept|held)\b){0,6}[ ,]*$"
)
# "The note is attached to the case and kept": a second participle with the same helping verb.
_BE_JOINED: Final = re.compile(
    r"\b(?:is|are|was|were|be|been|gets?) (?:[a-z]+ly )?[\w-]+(?:ed|en|nt|pt),? (?:[\w'-]+,? ){0,6}(?:and|or|then) "
    r"(?:(?:[a-z]+ly|not|never|then) )?$"
    r"|\b(?:is|are|was|were|be|been|gets?) (?:[\w-]+ ){0,3}[\w-]+(?:ed|en|nt|pt), "
    r"(?:(?:[a-z]+ly|not|never|then|only) )?$"
)
_HAVE: Final = re.compile(r"(?<!to )\b(?:have|has|had)\b(?: (?:[\w-]+ly|not|never|also)){0,2} $")
_PARTICIPLE: Final = re.compile(
    r"(?:left(?: on)?|set aside|put (?:by|aside)|taken .*|thrown .*|\w+ed(?: (?:of|up|out|off)\b.*)?|written(?: .*)?"
    r"|kept|held|sent|forgotten"
    r"|learnt|done|made|built|fed|overwritten)$"
)
_AFTER_LABEL: Final = re.compile(r"\s*[:\u2013-]\s*(?:(?:not|never|only|always|no longer|[a-z]+ly)\s+)*")
_FRAGMENT: Final = re.compile(r"[\W\d]*(?:(?:not|never|only|always|no longer|then|usually|[a-z]+ly)\s+)*")
_MAIN_AFTER: Final = re.compile(
    r", (?:(?:your|the|our|we|you|they|it|this|these|all|each)\b|[\w-]+ (?:can|will|may|are|is)\b)"
)
_AFTER_PARTICIPLE: Final = re.compile(
    r"\s*(?:$|[.,;)]|(?:for|until|till|in|on|at|after|within|by|as|while|during|when|once|only|upon|no longer|longer"
    r"|beyond|to|so|unless|indefinitely|post|from|temporarily|automatically|permanently|securely|immediately|locally"
    r"|right|straight)\b)"
)
_GERUND: Final = re.compile(r"\w+ing$")
_IMPERATIVE: Final = re.compile(
    r"^(?:[\W\d]*(?:please|do not|don't|never|always|to|then"
    r"|step \d+)?\W*(?:[ivx]{1,4}[.)] )?(?:[\w-]+(?:, | or | and )){0,12}\W*)$"
)
_LONGEST_ORDER: Final = 200  # characters before the verb that an order may take
_ORDER_JOINED: Final = re.compile(
    r"\W*(?:save|store|set|use|create|add|pass|call|send|open|click|copy|run|make|put|configure|install|define|load"
    r"|write|go|select|enter|export|specify|provide|upload|start|build|import) (?:your|the|an?|it|them|to) [^;:]*"
    r",? (?:and |then )+$"
)
_INFINITIVE: Final = re.compile(
    r"\bto (?!(?:you|us|them|it|him|her|the|your|our|an?) )(?:[\w-]+ly )?"
    r"(?:[\w-]+(?:, | and | or |/)(?:[\w-]+ly )?){0,12}(?:and |or )?$"
)
_MEANT: Final = re.compile(
    r"\b(?:aims?|policy|practice|promise|commitment|rights?|(?:is|are|be|been|legally)"
    r"(?: also| likewise| further)? required|needs?|have|has"
    r"|reserves?|permission|allowed|free"
    r"|allows?|permits?|permitted|obliged|obligated"
    r"|efforts?|continues?|undertakes?|agrees?|commits?|committed|agreed"
    r"|promised|pledged|promises?|endeavou?rs?|intends?|wish(?:es)?|opt(?:ed)?[ -]?in"
    r"|configured|set|able|designed|choose|elects?|us|entitled|authori[sz]ed?|steps|procedures) (?:so as )?(?:not )?to "
    r"(?:[\w-]+ly )?(?:[\w-]+(?:, | and | or |/)(?:[\w-]+ly )?){0,12}(?:and |or )?$"
)


def is_verb(text: str, at: int, to: int) -> bool:
    """Tell whether the word between two offsets of a folded sentence is a verb there."""
    word = text[at:to]
    if _BUTTON_BEFORE.search(text[max(0, at - 24) : at]) or (word == "log" and _NOUN_PAIR.match(text, to)):
        return False
    if not _AMBIGUOUS.fullmatch(word):
        return True
    before, after = text[max(0, at - 24) : at].replace("*", ""), text[to : to + 16]
    if re.search(r"\b(?:an?|each|every)\s+$", before):
        return False
    if word.endswith("s"):
        has_object = _OBJECT_AFTER.match(after) and not re.match(r"\s+(?:or|and|that)\b", after)
        is_joined = has_object and (at == 0 or re.search(r"\b(?:and|or|,)\s*$", before))
        return word in _NEVER_NOUNS or bool(is_joined) or not (_NOUN_BEFORE.search(before) or _NOUN_AFTER.match(after))
    if re.search(r"\b(?:and|or|,)\s*$", before):
        return bool(_OBJECT_AFTER.match(after) or re.match(r"(?:,|$)", after) or _JOINED_VERB.search(before))
    is_after_subject = _VERB_BEFORE.search(before) or _MODAL_BEFORE.search(before)
    is_whole = at == 0 or _PLURAL_BEFORE.search(before) is not None
    return bool(is_after_subject) or (is_whole and bool(_OBJECT_AFTER.match(after)))


def _is_said_of_label(left: str) -> bool:
    """Tell whether a colon stands right before a participle: "Transcripts: kept until you delete them"."""
    return _AFTER_LABEL.fullmatch(left) is not None


def _has_be(left: str) -> bool:
    return _BE.search(left) is not None or _BE_JOINED.search(left) is not None


def is_passive(left: str, verb: str) -> bool:
    """Tell whether what the verb acts on stands before it: "prompts are stored"."""
    return _PARTICIPLE.search(verb) is not None and (_has_be(left) or _is_said_of_label(left))


def is_fragment(left: str, verb: str, right: str) -> bool:
    """Tell whether a participle stands for a whole sentence: "Deleted after a day", in a cell or under a heading."""
    start = max(left.rfind(mark) for mark in "(;:\u2013") + 1
    is_whole = _FRAGMENT.fullmatch(left, start) is not None and _AFTER_PARTICIPLE.match(right) is not None
    if start == 0 and _MAIN_AFTER.search(right):
        return False
    return is_whole and _PARTICIPLE.search(verb) is not None


def is_reduced(left: str, verb: str) -> bool:
    """Tell whether the verb only describes a noun: "data stored in your account"."""
    return _PARTICIPLE.search(verb) is not None and not (_has_be(left) or _HAVE.search(left) or _is_said_of_label(left))


def is_gerund(left: str, verb: str) -> bool:
    """Tell whether the verb is a noun or hangs on a preposition: "without storing"."""
    return _GERUND.search(verb) is not None and _BE.search(left) is None


def is_infinitive(left: str) -> bool:
    """Tell whether the verb only names a purpose: "we use it to store files"."""
    return _INFINITIVE.search(left) is not None and _MEANT.search(left) is None


def is_bare(left: str) -> bool:
    """Tell whether nobody who could act stands before a verb, or an order that goes on: "save it, then keep it"."""
    words = " ".join(left.split())  # the other clauses are long runs of blanks
    is_short = len(words) <= _LONGEST_ORDER
    return is_short and (_IMPERATIVE.match(f"{words} ") or _ORDER_JOINED.match(f"{words} ")) is not None
