"""Words by which a statement's place is told: how zero retention is had, and which part of an API is meant. Data.

Each cue is an expression over the words of a quote (`fold_words`, of a feature `fold`), with the reason why it counts.
"""

import re
from typing import Final

Cues = tuple[tuple[str, str], ...]

# By which zero retention has to be asked for. They outweigh the words of a setting: "once approved, enable it".
REQUEST: Final[Cues] = (
    (r"approv\w+|permission", "somebody else decides"),
    (r"eligib\w+|qualif\w+", "not everybody may have it"),
    (r"appl(?:y|ication|ications) (?:for|to)", "it is applied for"),
    (
        r"(?:on|upon|by|at your|prior|may|can|must|to) request\w*|request(?:ing|ed)? (?:zero|zdr|that|this|access)",
        "asked",
    ),
    (r"contact\w*|reach(?:ing)? out|sales|account (?:team|manager|representative)|support team", "through a person"),
    (r"agreements?|contracts?|contractual\w*|amendments?|addend\w+|negotiat\w+", "needs a paper that both sides sign"),
    (r"enterprise", "a plan that is sold by talking to somebody is no switch"),
)

# Of a switch that a customer turns alone.
SETTING: Final[Cues] = (
    (r"store\W{0,4}(?:(?:=|:|to|is)\W{0,4})?false", "the parameter as it is written in code"),
    (r"settings?|parameters?|header|flag|checkbox|toggl\w+", "names the switch"),
    (r"turn\w* (?:\w+ ){0,4}(?:on|off)|switch\w* (?:\w+ ){0,4}(?:on|off)|disabl\w+|enabl\w+", "says to turn it"),
    (r"opt(?:s|ed|ing)?[ -](?:out|in)", "a choice that its owner makes"),
    (r"dashboard|console|control panel", "the place where it is turned"),
)

# Of what happens once the contract or the account ends. Every data processing addendum has such a clause.
CONTRACT_END: Final[Cues] = (
    (
        r"(?:upon|after|following|of|on|if|when|once)(?: (?!unless\b)\w+){0,10}? (?:terminat\w+|cancel\w+)",
        "the contract ends; a period that runs unless it ends is one",
    ),
    (r"(?:upon|after|following|of|on) (?:\w+ ){0,4}(?:expir(?:y|ation)|end) of (?:\w+ ){0,3}\w+", "likewise"),
    (r"clos(?:e|es|ing|ure of) (?:\w+ ){0,2}accounts?", "the account ends"),
    (r"account (?:s )?(?:closure|deletion|deactivation)", "likewise"),
    (r"(?:delet|deactivat)(?:e|es|ing|ion of) (?:\w+ ){0,3}accounts?", "likewise"),
)

# Of keeping until then: with these, such a clause says how long content is kept, not only when it goes at last.
KEEPING: Final[Cues] = (
    (
        r"until|as long as|so long as|while|throughout|during|for the (?:\w+ )?(?:term|duration|life\w*)",
        "up to the end",
    ),
)

# Of content that its owner deletes: it is kept until then, and for the period after it.
OWNER_DELETES: Final[Cues] = (
    (
        (
            r"(?:you|users?|customers?|admins?|owners?|they)(?! s (?:instruction|direction|choice|option|election))"
            r"(?:(?: (?!we\b)\w+){0,5} deletes?|(?: (?!(?:we|is|are|be|been|being|was|were|gets?)\b)\w+){0,5} deleted)"
            r"(?! (?:\w+ ){0,2}accounts?)"
        ),
        "deletes it, and is not what is deleted; that somebody else deletes at its word is of the end of a contract",
    ),
    (
        (
            r"(?:your?|users?|customers?|admins?|owners?|they) (?:\w+ ){0,2}(?:ask|request|want)\w*"
            r"(?: (?!we\b)\w+){0,6} deleted?(?! (?:\w+ ){0,2}accounts?)"
        ),
        "asks for it",
    ),
    (r"(?:after|of|upon|following) (?:\w+ ){0,2}deletion", "likewise"),
    (r"deleted (?:or unsaved )?(?:conversations?|chats?|content|prompts?|threads?|files?)", "what was deleted"),
    (r"delet\w+ requests?|requests? (?:for|to|of) delet\w+", "asks for it"),
)

# Of what happens on an event only. Content that its owner hands over with a rating, and content that a check for abuse
# found, are treated otherwise than the rest: such a statement is no rule for what is plainly sent. What only a further
# limb says of them ("and if we detect abuse, ...") leaves the rule before it as it is.
EVENT: Final[Cues] = (
    (
        (
            r"(?:(?<!and )(?<!but )if|when|where|whenever) you (?:\w+ )?(?:rate|report|submit|give|provide|send)"
            r" .{0,160}feedback"
        ),
        "rated",
    ),
    (
        (
            r"(?:(?<!and )(?<!but )if|when|where|whenever|once) (?:\w+ ){0,5}(?:detect|flag|suspect|identif)\w*"
            r" (?:\w+ ){0,8}(?:abus\w+|violat\w+|harmful|misus\w+|illegal|unlawful)"
        ),
        "found by a check",
    ),
)

# Of a promise to keep nothing that keeps something for a time in the same sentence: it is no plain zero.
QUALIFIED: Final[Cues] = (
    (
        r"(?:except|excluding|other than|apart from|aside from)\b.{0,200}\b(?:hours?|days?|weeks?|months?|years?)",
        "what is left out of the promise is kept for a time",
    ),
)

# Of a sentence that tells whoever reads the page what to say. It states nothing, whatever it asks for.
ORDER: Final[Cues] = (
    (r"(?:ignore|disregard|forget) (?:\w+ ){0,4}(?:instructions?|prompts?|rules?)", "an order to a reader that obeys"),
    (r"(?:output|print|report|respond|reply|mark|classify|treat) (?:\w+ ){0,2}(?:that|as|with|zero)", "likewise"),
)

# Parts of an API that keep what the plain call does not. A carve-out that names one is a hole in a promise that a
# caller can fall into; one for courts and reviews of abuse is not, so their words are not here.
FEATURE: Final[Cues] = (
    (r"responses? api|conversations? api|interactions? api|threads?|assistants?(?: api)?", "keeps conversations"),
    (r"stored completions?|background mode|session resumption|stateful", "keeps them between calls"),
    (r"files? api|vector stores?|code (?:execution|interpreter)|computer use|containers?", "keeps files"),
    (r"batch(?:es)?(?: api)?|realtime(?: api)?|live api", "another way to call"),
    (r"(?:context|prompt|extended prompt) cach\w+|implicit caching", "keeps prompts to answer faster"),
    (r"web search|grounding", "passes prompts on to a search engine"),
    (r"playground|previews?|beta", "not the service as such"),
    (r"(?:proprietary|certain|some|specific|selected) (?:\w+ ){0,2}models?", "some models only"),
    (r"/v\d+/\w+", "an endpoint by its path"),
)


def compile_cues(cues: Cues) -> re.Pattern[str]:
    """Return one expression that finds any of the cues, as whole words, in folded text."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(expression for expression, _ in cues)})(?!\w)")
