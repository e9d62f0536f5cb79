"""Reads the clause around one verb: who acts, what is acted on, whether it is denied."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pipeline.clauses import verbs
from pipeline.clauses.actors import find_actor, find_agent
from pipeline.clauses.lexicon import any_of, groups
from pipeline.clauses.negation import cannot_without, denies, denies_closely, is_relative
from pipeline.clauses.objects import bare_name, find_object, is_intransitive, lacks_subject
from pipeline.clauses.rules import ANCHORS
from pipeline.clauses.sentence import Segment, Sentence
from pipeline.clauses.text import fold
from pipeline.model import BlockKind


@dataclass(slots=True)
class Reading:
    """A verb (or noun) that may carry a statement, and the signs around it. `has` answers by the name of a sign.

    Computed signs: negated, passive, active, reduced, gerund, imperative, by_user, by_third; and for what the verb acts
    on, each content group of the lexicon under `object.`: object.content, object.personal, object.foreign, ...
    Any lexicon group is a sign too: `x` or `unit.x` in a clause and those that hang on it, `own.x` in the clause alone,
    `sentence.x`, `before.x`, `after.x`, `lead.x`, `near.x` (any of these), `headings.x`, `title.x` as `Sentence` says.
    """

    sentence: Sentence
    start: int
    end: int
    group: str  # the lexicon group that the verb is of
    segment: Segment = field(init=False)
    own: str = field(init=False)
    unit: str = field(init=False)
    _known: dict[str, bool] = field(default_factory=dict)
    _object: tuple[int, int] | None = None

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
        if place and place != "unit":
            look = getattr(self, f"in_{place}", None)
            return bool(look(name)) if look else self.sentence.around(place, name)
        computed = getattr(self, f"is_{name}", None)
        if computed is not None:
            return bool(computed)
        return name == self.group if name in ANCHORS else self._in(self.unit, name)

    def in_own(self, group: str) -> bool:
        """Tell whether the clause itself has a phrase."""
        return self._in(self.own, group)

    def in_before_verb(self, group: str) -> bool:
        """Tell whether the clause has a phrase before the verb."""
        return self._in(self.left, group)

    def in_after_verb(self, group: str) -> bool:
        """Tell whether a phrase stands right after the verb."""
        return self._begins(self.sentence.text[self.end :], group)

    def in_verb(self, group: str) -> bool:
        """Tell whether the verb itself is such a phrase."""
        return groups()[group].fullmatch(self.word) is not None

    def in_first(self, group: str) -> bool:
        """Tell whether what is acted on begins with a phrase; of a passive verb, whether it is a right."""
        return self._begins(self.right, group) or (self.has("passive") and self.in_object("rights_only"))

    def in_intro(self, group: str) -> bool:
        """Tell whether the clause begins with a phrase."""
        return self._begins(self.sentence.text[self.segment.start :].lstrip(_MARKS), group)

    def in_sentence(self, group: str) -> bool:
        """Tell whether the sentence has a phrase."""
        return self.sentence.has(group)

    def in_near(self, group: str) -> bool:
        """Tell whether the sentence, its neighbours or its lead-in have a phrase."""
        places = ("before", "after", "lead")
        return self.sentence.has(group) or any(self.sentence.around(place, group) for place in places)

    def in_row(self, group: str) -> bool:
        """Tell whether the table row has a phrase."""
        block = self.sentence.block
        return block.kind is BlockKind.ROW and groups()[group].search(fold(block.text)) is not None

    def in_heading(self, group: str) -> bool:
        """Tell whether the nearest heading above has a phrase."""
        above = self.sentence.block.headings
        return bool(above) and groups()[group].search(fold(above[-1])) is not None

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
        return verbs.is_passive(self.left, self.word) or (self.has("fragment") and self.group in {"keep", "delete"})

    @property
    def is_fragment(self) -> bool:
        """Tell whether the verb stands for a whole sentence: "Deleted after a day"."""
        return verbs.is_fragment(self.sentence.text[: self.start], self.word, self.sentence.text[self.end :])

    @property
    def is_reduced(self) -> bool:
        """Tell whether the verb only describes a noun: "data stored in your account"."""
        return verbs.is_reduced(self.left, self.word) and not self.has("passive")

    @property
    def is_gerund(self) -> bool:
        """Tell whether the verb is a noun or hangs on a preposition: "without storing"."""
        return verbs.is_gerund(self.left, self.word)

    @property
    def is_infinitive(self) -> bool:
        """Tell whether the verb only names a purpose: "we use it to store files"."""
        return verbs.is_infinitive(self.left)

    @property
    def is_noun(self) -> bool:
        """Tell whether the act is named as a thing: "the retention of prompts"."""
        return self.group.endswith("_noun")

    @property
    def is_sub(self) -> bool:
        """Tell whether the clause hangs on another."""
        return self.segment.is_sub and not self.has("fragment")

    @property
    def is_mine(self) -> bool:
        """Tell whether what is acted on is customer content."""
        return any(self.has(f"object.{one}") for one in ("content", "files", "fine_tuning"))

    @property
    def is_closely_negated(self) -> bool:
        """Tell whether a denial stands within a few words before the verb."""
        return self.has("negated") and denies_closely(self.left)

    @property
    def is_relative(self) -> bool:
        """Tell whether the clause only says which things are meant: "providers that do not store data"."""
        return is_relative(self.left)

    @property
    def is_mine_only(self) -> bool:
        """Tell whether what is acted on is customer content and not something made of it."""
        return self.has("mine") and not self.has("object.derived")

    @property
    def is_plain(self) -> bool:
        """Tell whether what is acted on is data of no named kind, in a sentence that names no foreign one."""
        if self._points_to_foreign():
            return False
        is_other = self.has("sentence.telemetry") or self.has("sentence.derived")
        is_pointing = self.has("object.pronoun") and self.has("sentence.generic") and not is_other
        is_strange = any(map(self.has, ("object.foreign", "object.telemetry", "sentence.foreign_section")))
        return (self.has("object.generic") or is_pointing) and not is_strange

    @property
    def is_pointed(self) -> bool:
        """Tell whether what is acted on is named by a word that points to content: "it", "such data", "logs"."""
        if (
            self._points_to_foreign()
            or self.has("mine")
            or not (self.has("object.generic") or self.has("object.pronoun") or self.has("objectless"))
        ):
            return False
        places = ("sentence", "before", "lead", "headings", *(("after",) if self.sentence.text.endswith(":") else ()))
        if (self.has("sentence.telemetry") or self.has("sentence.derived")) and not self.has("object.generic"):
            return False
        return not (self.has("object.foreign") or self.has("sentence.foreign_section")) and any(
            self.has(f"{place}.{group}") for place in (*places, "row") for group in ("content", "fine_tuning", "files")
        )

    def _points_to_foreign(self) -> bool:
        is_pointing = self.has("object.pronoun") and not (self.has("sentence.content") or self.has("object.generic"))
        return is_pointing and self.sentence.follows_foreign

    @property
    def is_wholly_foreign(self) -> bool:
        """Tell whether what is acted on is one thing that is none of ours, though its name has a word for content."""
        return groups()["foreign"].fullmatch(bare_name(self.object_text)) is not None

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
        is_order = self.has("active") and verbs.is_bare(self.left) and not self.word.endswith("s")
        return is_order and groups()["happens"].fullmatch(self.word) is None

    @property
    def is_bare(self) -> bool:
        """Tell whether nobody stands before the verb that could act, as in the items of a list."""
        return verbs.is_bare(self.left)

    @property
    def is_negated(self) -> bool:
        """Tell whether the verb is denied in its own clause."""
        is_gerund = self.has("gerund")
        if is_gerund and cannot_without(self.sentence.text[: self.start]):
            return False
        return denies(self.left, is_gerund=is_gerund) or groups()["negated_object"].match(self.right) is not None

    @property
    def actor(self) -> str:
        """Return who acts in the clause: user, third or provider."""
        if self.has("passive"):
            return find_agent(self.right)
        is_joined = lacks_subject(self.left)  # "you shall stop and shall delete": the subject stands before
        return find_actor(self.sentence.text[: self.start] if is_joined else self.left, self.word)

    @property
    def is_by_user(self) -> bool:
        """Tell whether users or customers act."""
        return self.actor == "user" and (self.has("passive") or not is_intransitive(self.word))

    @property
    def is_by_third(self) -> bool:
        """Tell whether somebody acts who is neither the provider nor the customer."""
        return self.actor == "third"

    @property
    def object_text(self) -> str:
        """Return the sentence with all blanked but what the verb acts on."""
        start, end = self._object_span()
        return " " * start + self.own[start:end]

    def _object_span(self) -> tuple[int, int]:
        if self._object is None:
            is_before, verb = self.has("passive") or self.has("reduced"), (self.start, self.end)
            self._object = find_object(self.own, verb, is_before=is_before, is_noun=self.has("noun"))
        return self._object

    def in_object(self, group: str) -> bool:
        """Tell whether what is acted on has a phrase."""
        text, (start, end) = self.own, self._object_span()
        if (start, end) == (0, 0):  # "... is used for this and is deleted": the subject stands in an earlier clause
            text, end = self.sentence.text, self.start
            if self.left.lstrip(" ,").startswith("which "):  # what stands right before it
                start = max(0, self.segment.start - _WHICH_REACH)
        return any(start <= at and to <= end and text[at:to].strip() for at, to in self.sentence.spans(group))


_MARKS: Final = " ,:;\u2013-*_\u2022\u2611\u2705\u2713\u2714\u274c\U0001f512"  # that stand before the words of an item
_WHICH_REACH: Final = 48  # characters before ", which" that name what it points to
_MOST_READINGS: Final = 32  # of one sentence; what has more of these words is no prose


def find_readings(sentence: Sentence, *anchors: str) -> Iterator[Reading]:
    """Give a reading for each verb of the given lexicon groups, in the order of the sentence."""
    if any_of(anchors).search(sentence.text) is None:
        return
    found = ((at, to, group) for group in anchors for at, to in sentence.spans(group))
    last = -1
    for at, to, group in sorted(found, key=lambda one: (one[0], -one[1], one[2]))[:_MOST_READINGS]:
        if at >= last and verbs.is_verb(sentence.text, at, to):
            last = to
            yield Reading(sentence, at, to, group)
