"""Tells who acts in a clause: the provider, its users, or a third party."""

import re
from typing import Final

# "Content that you submit" says whose content it is, not who keeps it.
_SENT_BY_USER: Final = re.compile(
    r"(?<!let )(?<!lets )(?<!allow )(?<!allows )(?<!enable )(?<!enables )(?<!help )(?<!helps )"
    r"\b(?:(?:that|which|what|whatever|as) )?(?:you|they|it|users?|customers?"
    r"|clients?)(?: or (?:your )?[\w-]+(?: [\w-]+)?)? "
    r"(?:choose to |may |can |have |has |had |decide to |elect to |voluntarily |otherwise |explicitly |directly )*"
    r"(?:submit|provide|upload|share|send|enter|input|post|create|generate|type|give|make available|contribute"
    r"|transmit|process"
    r"|import|connect|paste|ask|select|pick|(?:choose|want|prefer)(?! to\b))(?:s|d|ed|ted)?\b"
)
_ACTOR: Final = re.compile(
    r"(?P<user>(?<!to )(?<!for )(?<!with )(?<!by )(?<!from )(?<!of )(?<!about )(?<!on )(?<!provide )(?<!give )"
    r"(?<!tell )"
    r"\byou(?= (?!(?:with|in|and|to|for|by|or|on|at|from|as|that|when|if|the|a|of|about|under|through|know)\b)\w)"
    r"|\b(?:(?:the |each |our |end |individual |enterprise |workspace |organi[sz]ation |team |api |free |paid )*"
    r"(?:users?|customers?|clients?|developers?|subscribers?|admin(?:istrator)?s?|owners?|members?|individuals"
    r"|people|teams?"
    r"|organi[sz]ations|licensees?|partner|hosts?|teachers?|educators|instructors|authors|creators|clinicians|readers"
    r"|guests?|account holders?|managers|interviewers|recruiters|coaches|students|patients|participants))"
    r"(?=,? (?:can|may|must|shall|should|will|could|might|do|does|are|is|have|has|agree|to|retain|retains|keep"
    r"|keeps|store"
    r"|stores|delete|deletes|control|controls|choose|cannot|don't|[a-z]+ly|or|need|want|wish|decide|opt|turn"
    r"|enable|disable)\b))"
    r"|(?P<third>\b(?:third[- ]part(?:y|ies)(?: [\w-]+){0,3}|they|(?:model |upstream |llm |inference |these "
    r"|those |some |such "
    r"|service |other |external |ai |cloud |storage |underlying |a |the |our )*"
    r"(?:providers|vendors?|partners|companies|subprocessors?|provider)|(?:some|other|these|such|third-party) models"
    r"|sub-?processors?|recipients?)\b)"
    r"|(?P<provider>\b(?:we|us|our|the company|company|the service|service provider|licensor|supplier|processor)\b)"
)


_REACH: Final = 400  # characters before the verb
# Behind a passive verb: "is kept by you", "are stored in the cloud by third parties".
_AGENT: Final = re.compile(
    r" (?:by (?P<user>you|users?|the user|customers?|the customer|your)\b"
    r"|(?:[\w-]+ ){0,2}by (?P<third>third|those|these|model|upstream|our partners))"
)


def find_actor(left: str, verb: str) -> str:
    """Return who acts: user, third or provider; whoever stands nearest before the verb, the provider if nobody does."""
    bare = _SENT_BY_USER.sub(lambda match: " " * len(match[0]), left[-_REACH:])
    last = None
    for match in _ACTOR.finditer(bare + verb):
        last = match
    return "provider" if last is None else last.lastgroup or "provider"


def find_agent(right: str) -> str:
    """Return who acts in the words after a passive verb: user, third or provider."""
    match = _AGENT.match(right)
    return "provider" if match is None else match.lastgroup or "provider"
