"""Reads the clause around one verb: who acts, what is acted on, whether it is denied."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pipeline.clauses.lexicon import groups
from pipeline.clauses.sentence import Segment, Sentence

_BE: Final = re.compile(
    r"\b(?:is|are|was|were|be|been|being|gets?|isn't|aren't|wasn't|weren't)\b(?:[ ,]+(?:[\w-]+ly|not|never|also|only|still"
    r"|always|then|therefore|otherwise|no longer|ever|first|being|and|or|and/or|nor|either|neither|[\w-]+ed|kept|held)\b){0,6}[ ,]*$"
)
_HAVE: Final = re.compile(r"\b(?:have|has|had)\b(?: (?:[\w-]+ly|not|never|also)){0,2} $")
_PARTICIPLE: Final = re.compile(r"(?:\w+ed|kept|held|sent|forgotten|learnt|done|made|built|fed|overwritten)$")
_GERUND: Final = re.compile(r"\w+ing$")
# Words that look like verbs and are nouns as often: only their neighbours tell.
_AMBIGUOUS: Final = re.compile(
    r"(?:log|store|record|cache|archive|hold|backup|save|train|purge|index|model|process)s?$"
)
_VERB_BEFORE: Final = re.compile(
    r"(?:\b(?:we|you|they|it|to|not|will|may|can|could|would|might|must|shall|do|does|never|who|that|which|cannot|or|and"
    r"|also|only|users?|customers?|providers?|and/or|always|automatically|temporarily|securely|then|[\w]+n't)|,)[ ]+$"
)
_OBJECT_AFTER: Final = re.compile(
    r"[ ]+(?:your|the|any|all|no|this|these|those|it|them|such|our|their|a|an|only|some|certain|data|content|prompts?|inputs?"
    r"|outputs?|information|everything|nothing|user|customer|personal|conversations?|messages?|what|or|and|both|that)\b"
)
_NEGATION_STOP: Final = re.compile(r"\b(?:but|instead|rather|however|only if|because)\b|[;:]")
_RESTRICTIVE: Final = re.compile(
    r"\b(?:that|which|who)(?: (?:is|are|was|were|do|does|did|has|have|had|will|may|can|you|we|they))? ?"
    r"(?:not|n't|isn't|aren't|don't|doesn't|hasn't|haven't|never|cannot)\b"
)
_SENT_BY_USER: Final = re.compile(
    r"\b(?:(?:that|which|what|whatever) )?(?:you|users?|customers?|clients?)(?: or (?:your )?[\w-]+(?: [\w-]+)?)? "
    r"(?:choose to |may |can |have |has |decide to |elect to |voluntarily )?"
    r"(?:submit|provide|upload|share|send|enter|input|post|create|generate|type|give|make|contribute|transmit|process)"
    r"(?:s|d|ed|ted)?\b"
)
_ACTOR: Final = re.compile(
    r"(?P<user>\b(?:you|(?:the |each |our |end |individual |enterprise |workspace |organi[sz]ation |team )*"
    r"(?:users?|customers?|clients?|developers?|subscribers?|admin(?:istrator)?s?|owners?|members?|individuals|people|teams?"
    r"|organi[sz]ations|licensees?))"
    r"(?=,? (?:can|may|must|shall|should|will|could|might|do|does|are|is|have|has|agree|to|retain|keep|store|delete|control"
    r"|choose|cannot|don't|[a-z]+ly|or|need|want|wish|decide|opt|turn|enable|disable)\b))"
    r"|(?P<third>\b(?:third[- ]part(?:y|ies)(?: [\w-]+){0,3}|they|(?:model |upstream |llm |inference |these |those |some |such "
    r"|service |other |external |ai |cloud )+(?:providers?|vendors?|partners?|models?|companies|endpoints?|subprocessors?)"
    r"|sub-?processors?|partners|vendors|providers)\b)"
    r"|(?P<provider>\b(?:we|us|our|provider|the company|company|the service|service provider|licensor|supplier)\b)"
)
_IMPERATIVE: Final = re.compile(r"^(?:[\W\d]*(?:please|do not|don't|never|always|to|then|you can|step \d+)?\W*)$")


@dataclass(slots=True)
class Reading:
    """A verb (or noun) that may carry a statement, and the signs around it. `has` answers by the name of a sign.

    Computed signs: negated, passive, active, reduced, gerund, imperative, by_user, by_third; and for what the verb acts
    on, each content group of the lexicon under `object.`: object.content, object.personal, object.foreign, ...
    Any lexicon group is a sign too: `x` in the clause and those that hang on it, `own.x` in the clause alone,
    `sentence.x`, `before.x`, `after.x`, `lead.x`, `headings.x`, `title.x` in the places that `Sentence` names,
    `near.x` in any of sentence, before, after, lead.
    """

    sentence: Sentence
    start: int
    end: int
    group: str  # the lexicon group that the verb is of
    segment: Segment = field(init=False)
    own: str = field(init=False)
    unit: str = field(init=False)
    _known: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the clause."""
        self.segment = self.sentence.segment_at(self.start)
        self.own = self.sentence.own(self.segment)
        self.unit = self.sentence.unit(self.segment)

    def has(self, sign: str) -> bool:
        """Tell whether a sign is there."""
        if sign not in self._known:
            self._known[sign] = self._find(sign)
        return self._known[sign]

    def _find(self, sign: str) -> bool:
        place, _, name = sign.rpartition(".")
        match place:
            case "":
                computed = getattr(self, f"is_{name}", None)
                if computed is not None:
                    return bool(computed)
                return name == self.group or self._in(self.unit, name)
            case "own":
                return self._in(self.own, name)
            case "object":
                return self._object_has(name)
            case "sentence":
                return self.sentence.has(name)
            case "near":
                return self.sentence.has(name) or any(
                    self.sentence.around(where, name) for where in ("before", "after", "lead")
                )
            case _:
                return self.sentence.around(place, name)

    def _in(self, text: str, group: str) -> bool:
        """Tell whether a phrase of the group stands where the text is not blanked."""
        return any(text[at:to].strip() for at, to in self.sentence.spans(group))

    @property
    def word(self) -> str:
        """Return the verb as it stands."""
        return self.sentence.text[self.start : self.end]

    @property
    def left(self) -> str:
        """Return the clause up to the verb, the rest of the sentence blanked."""
        return self.own[: self.start]

    @property
    def right(self) -> str:
        """Return the clause after the verb."""
        return self.own[self.end :]

    @property
    def is_passive(self) -> bool:
        """Tell whether the verb's object stands before it: "prompts are stored"."""
        return bool(_PARTICIPLE.search(self.word) and _BE.search(self.left))

    @property
    def is_reduced(self) -> bool:
        """Tell whether the verb only describes a noun: "data stored in your account"."""
        return bool(_PARTICIPLE.search(self.word)) and not self.has("passive") and not _HAVE.search(self.left)

    @property
    def is_gerund(self) -> bool:
        """Tell whether the verb is a noun or hangs on a preposition: "without storing"."""
        return bool(_GERUND.search(self.word))

    @property
    def is_active(self) -> bool:
        """Tell whether the verb's object stands after it."""
        return not (self.has("passive") or self.has("reduced") or self.has("gerund"))

    @property
    def is_imperative(self) -> bool:
        """Tell whether the reader is told to do it: "Delete your files"."""
        return self.has("active") and bool(_IMPERATIVE.match(self.left.strip())) and not self.word.endswith("s")

    @property
    def is_negated(self) -> bool:
        """Tell whether the verb is denied in its own clause."""
        left = self.left
        stop = max((match.end() for match in _NEGATION_STOP.finditer(left)), default=0)
        skipped = [match.span() for match in groups()["not_negation"].finditer(left)]
        skipped += [m.span() for m in _RESTRICTIVE.finditer(left) if len(left[m.end() :].split()) > _NEAR]
        for match in groups()["negation"].finditer(left, stop):
            if not any(at <= match.start() < to for at, to in skipped):
                return True
        return bool(groups()["negated_object"].match(self.right))

    @property
    def actor(self) -> str:
        """Return who acts in the clause: user, third or provider."""
        left = _SENT_BY_USER.sub(lambda match: " " * len(match[0]), self.left)
        last = None
        for match in _ACTOR.finditer(left + self.word):
            last = match
        if last is None:
            return "provider"
        return last.lastgroup or "provider"

    @property
    def is_by_user(self) -> bool:
        """Tell whether users or customers act."""
        if self.has("passive"):
            return bool(re.match(r" by (?:you|users?|the user|customers?|the customer|your)\b", self.right))
        return self.actor == "user"

    @property
    def is_by_third(self) -> bool:
        """Tell whether somebody acts who is neither the provider nor the customer."""
        if self.has("passive"):
            return bool(re.match(r" (?:[\w-]+ ){0,2}by (?:third|those|these|model|upstream|our partners)", self.right))
        return self.actor == "third"

    def _object_has(self, group: str) -> bool:
        if self.has("passive") or self.has("reduced"):
            start, end = 0, self.start
        else:
            start, end = self.end, len(self.own)
        text = self.own
        return any(start <= at and to <= end and text[at:to].strip() for at, to in self.sentence.spans(group))


_NEAR: Final = 2  # words between a relative clause's negation and the verb that it denies


def find_readings(sentence: Sentence, *verbs: str) -> Iterator[Reading]:
    """Give a reading for each verb of the given lexicon groups, in the order of the sentence."""
    found = sorted((at, to, group) for group in verbs for at, to in sentence.spans(group))
    last = -1
    for at, to, group in found:
        if at >= last and _is_verb(sentence.text, at, to):
            last = to
            yield Reading(sentence, at, to, group)


def _is_verb(text: str, at: int, to: int) -> bool:
    word = text[at:to]
    if not _AMBIGUOUS.fullmatch(word):
        return True
    before, after = text[max(0, at - 24) : at], text[to : to + 16]
    if word.endswith("s"):
        return bool(_OBJECT_AFTER.match(after)) and not re.search(
            r"\b(?:your|the|our|these|any|all|of|in|and)\s+$", before
        )
    if re.search(r"\b(?:and|or|,)\s*$", before):
        return bool(_OBJECT_AFTER.match(after) or re.match(r"(?:,|$)", after))
    return bool(_VERB_BEFORE.search(before)) or (at == 0 and bool(_OBJECT_AFTER.match(after)))
