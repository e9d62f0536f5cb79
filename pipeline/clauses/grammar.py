"""Reads the clause around one verb: who acts, what is acted on, whether it is denied."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pipeline.clauses.actors import find_actor
from pipeline.clauses.lexicon import groups
from pipeline.clauses.sentence import Segment, Sentence
from pipeline.clauses.text import fold
from pipeline.clauses.verbs import is_verb
from pipeline.model import BlockKind

_BE: Final = re.compile(
    r"\b(?:is|are|was|were|be|been|being|gets?|isn't|aren't|wasn't|weren't)\b(?:[ ,]+(?:[\w-]+ly|not|never|also|only|still"
    r"|always|then|therefore|otherwise|no longer|ever|first|being|and|or|and/or|nor|either|neither|[\w-]+ed|kept|held)\b){0,6}[ ,]*$"
)
_HAVE: Final = re.compile(r"\b(?:have|has|had)\b(?: (?:[\w-]+ly|not|never|also)){0,2} $")
_PARTICIPLE: Final = re.compile(
    r"(?:taken .*|thrown .*|\w+ed|kept|held|sent|forgotten|learnt|done|made|built|fed|overwritten)$"
)
_GERUND: Final = re.compile(r"\w+ing$")
_NEGATION_STOP: Final = re.compile(r"\b(?:but|instead|rather|however|only if|because)\b|[;:]")
_RESTRICTIVE: Final = re.compile(
    r"\b(?:that|which|who)(?: (?:is|are|was|were|do|does|did|has|have|had|will|may|can|you|we|they))? ?"
    r"(?:not|n't|isn't|aren't|don't|doesn't|hasn't|haven't|never|cannot)\b"
)
_IMPERATIVE: Final = re.compile(r"^(?:[\W\d]*(?:please|do not|don't|never|always|to|then|you can|step \d+)?\W*(?:[ivx]{1,4}[.)] )?(?:[\w-]+(?:, | or | and )){0,12}\W*)$")


# Groups of verbs and nouns that readings start from; as a sign, such a name asks for the group of the reading's own verb.
ANCHORS: Final = frozenset(
    {"keep", "delete", "keep_noun", "delete_noun", "zero_retention", "in_memory", "write", "train"}
)


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
                return name == self.group if name in ANCHORS else self._in(self.unit, name)
            case "own":
                return self._in(self.own, name)
            case "before_verb":
                return self._in(self.left, name)
            case "verb":
                return bool(groups()[name].fullmatch(self.word))
            case "first":
                return self._begins(self.right, name) or (self.has("passive") and self._object_has("rights_only"))
            case "intro":
                return self._begins(self.sentence.text[self.segment.start :], name)
            case "object":
                return self._object_has(name)
            case "sentence":
                return self.sentence.has(name)
            case "heading":
                return bool(
                    groups()[name].search(
                        fold(self.sentence.block.headings[-1] if self.sentence.block.headings else "")
                    )
                )
            case "row":
                return self.sentence.block.kind is BlockKind.ROW and bool(
                    groups()[name].search(fold(self.sentence.block.text))
                )
            case "after_verb":
                return self._begins(self.sentence.text[self.end :], name)
            case "near":
                return self.sentence.has(name) or any(
                    self.sentence.around(where, name) for where in ("before", "after", "lead")
                )
            case _:
                return self.sentence.around(place, name)

    def _begins(self, text: str, group: str) -> bool:
        return bool(groups()[group].match(text.lstrip(" ,.(")))

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
        return bool(_GERUND.search(self.word)) and not _BE.search(self.left)

    @property
    def is_infinitive(self) -> bool:
        """Tell whether the verb only names a purpose: "we use it to store files"."""
        return bool(_INFINITIVE.search(self.left)) and not _MEANT.search(self.left)

    @property
    def is_listed(self) -> bool:
        """Tell whether the reading is a whole cell or item; such are read in `retention_lists.py`."""
        return False

    @property
    def is_noun(self) -> bool:
        """Tell whether the act is named as a thing: "the retention of prompts"."""
        return self.group.endswith("_noun")

    @property
    def is_sub(self) -> bool:
        """Tell whether the clause hangs on another."""
        return self.segment.is_sub

    @property
    def is_mine(self) -> bool:
        """Tell whether what is acted on is customer content."""
        return any(self.has(f"object.{one}") for one in ("content", "files", "fine_tuning"))

    @property
    def is_closely_negated(self) -> bool:
        """Tell whether a denial stands within a few words before the verb."""
        return self.has("negated") and bool(_CLOSE_NEGATION.search(self.left))

    @property
    def is_relative(self) -> bool:
        """Tell whether the clause only says which things are meant: "providers that do not store data"."""
        return bool(_RELATIVE.search(self.left))

    @property
    def is_mine_only(self) -> bool:
        """Tell whether what is acted on is customer content and not something made of it."""
        return self.has("mine") and not self.has("object.derived")

    @property
    def is_plain(self) -> bool:
        """Tell whether what is acted on is data of no named kind, in a sentence that names no foreign one."""
        return self.has("object.generic") and not any(
            self.has(sign) for sign in ("object.foreign", "object.telemetry", "sentence.foreign_section")
        )

    @property
    def is_pointed(self) -> bool:
        """Tell whether what is acted on is named by a word that points to content: "it", "such data", "logs"."""
        if self.has("mine") or not (self.has("object.generic") or self.has("object.pronoun") or self.has("objectless")):
            return False
        places = ("sentence", "before", "lead", "headings", *(("after",) if self.sentence.text.endswith(":") else ()))
        return not (self.has("object.foreign") or self.has("sentence.foreign_section")) and any(
            self.has(f"{place}.{group}") for place in (*places, "row") for group in ("content", "fine_tuning")
        )

    @property
    def is_objectless(self) -> bool:
        """Tell whether nothing at all stands where the thing acted on would."""
        return not re.search(r"\w{3}", self.object_text)

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
            if match[0] == "without" and not self.has("gerund"):
                continue
            if not any(at <= match.start() < to for at, to in skipped) and not self._is_over(left[match.end() :]):
                return True
        return bool(groups()["negated_object"].match(self.right))

    @staticmethod
    def _is_over(between: str) -> bool:
        """Tell whether a denial ended before the verb: "do not see your files and retain inputs"."""
        return bool(_AND_VERB.search(between)) and len(between.split()) > _NEAR + 2

    @property
    def actor(self) -> str:
        """Return who acts in the clause: user, third or provider."""
        left = self.left
        if _NO_SUBJECT.fullmatch(left.strip()):  # "you shall stop and shall delete": the subject stands before
            left = self.sentence.text[: self.start]
        return find_actor(left, self.word)

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

    @property
    def object_text(self) -> str:
        """Return the sentence with all blanked but what the verb acts on."""
        start, end = self._object_span()
        return " " * start + self.own[start:end]

    def _object_span(self) -> tuple[int, int]:
        if self.has("passive") or self.has("reduced") or _INTRANSITIVE.fullmatch(self.word):
            left = self.own[: self.start]
            if not _NO_SUBJECT.fullmatch(left.strip()):
                return 0, self.start
            return 0, 0
        if self.group.endswith("_noun"):
            return max(0, self.start - _NOUN_REACH), min(len(self.own), self.end + _NOUN_REACH)
        head = _HEAD_END.search(self.own, self.end)
        if head is None or not self.own[self.end : head.start()].strip(" ,"):
            return self.end, len(self.own)
        return self.end, head.start()

    def _object_has(self, group: str) -> bool:
        start, end = self._object_span()
        text = self.own
        if (start, end) == (0, 0):  # "... is used for this and is deleted": the subject stands in an earlier clause
            text, end = self.sentence.text, self.start
        return any(start <= at and to <= end and text[at:to].strip() for at, to in self.sentence.spans(group))


_INTRANSITIVE: Final = re.compile(
    r"expir\w+|stay\w*|remain\w*.*|exist\w*|liv(?:e|es) .*|sits? .*|lingers?|left|disappears?|vanish(?:es)?|persists?|gone"
    r"|lands?|rolls? off|ages? out|cease to exist|continue to exist|is available|are available"
)
_NO_SUBJECT: Final = re.compile(
    r"[\s,;(]*(?:(?:and|or|but|then|also|is|are|will|may|shall|must|can|should|do|does|be|not|never|being|been|has|have|hereby|[\w]+ly)[\s,]*){0,8}"
)
_HEAD_END: Final = re.compile(
    r"\b(?:for|on|at|to|as|by|with|until|within|during|after|so|when|if|under|using|through|over|via|before|while|where"
    r"|because|in (?:accordance|order|connection|line|our|the|a|an|its)|indefinitely|separately|outside|only|beyond|longer"
    r"|throughout|upon|once|per|since|than|unless|except)\b|[(;]"
)
_NOUN_REACH: Final = 60
_INFINITIVE: Final = re.compile(r"\bto (?:[\w-]+ly )?(?:[\w-]+(?:, | and | or |/)(?:[\w-]+ly )?){0,12}(?:and |or )?$")
_MEANT: Final = re.compile(
    r"\b(?:aims?|rights?|(?:is|are|be|been|legally) required|needs?|have|has|reserves?|permission|allowed|allows?|permits?|permitted|obliged|obligated"
    r"|efforts?|continues?|undertakes?|agrees?|commits?|promises?|endeavou?rs?|intends?|wish(?:es)?|opt(?:ed)?[ -]?in"
    r"|configured|set|able|designed|choose|elects?|us|entitled|authori[sz]ed?|steps|procedures) to "
    r"(?:[\w-]+ly )?(?:[\w-]+(?:, | and | or |/)(?:[\w-]+ly )?){0,12}(?:and |or )?$"
)
_CLOSE_NEGATION: Final = re.compile(
    r"(?:^\W*(?:no|none of|neither)\b.*|\b(?:not|never|no|without|nor|none(?: of (?:this|the|that|these|your|our))?|nothing|[a-z]+n't|cannot|neither)"
    r"(?: [\w/,-]+){0,4}) $"
)
_RELATIVE: Final = re.compile(
    r"^\W*(?:[\w-]+ ){1,4}(?:that|who|which) (?:(?:do|does|did|will|may|can|is|are|has|have|would|must|don't|doesn't|won't|never|not|only"
    r"|actually|[a-z]+ly) ){0,3}(?:[\w-]+(?:, | and | or ))?$"
)
_AND_VERB: Final = re.compile(r"\band (?:[\w-]+ly )?$")
_NEAR: Final = 2  # words between a relative clause's negation and the verb that it denies


def find_readings(sentence: Sentence, *verbs: str) -> Iterator[Reading]:
    """Give a reading for each verb of the given lexicon groups, in the order of the sentence."""
    found = sorted((at, -to, group) for group in verbs for at, to in sentence.spans(group))
    last = -1
    for at, minus_to, group in found:
        to = -minus_to
        if at >= last and is_verb(sentence.text, at, to):
            last = to
            yield Reading(sentence, at, to, group)
