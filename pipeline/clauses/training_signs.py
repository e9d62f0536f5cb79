"""Finds the signs around one purpose of training or improving: denied or not, on what, by whom, with which choice."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pipeline.clauses.sentence import Segment, Sentence
from pipeline.clauses.text import fold, split_sentences
from pipeline.clauses.training_words import MODEL, Tag, mark

_PURPOSES: Final = frozenset({"train", "improve", "own", "rival", "named"})
_UNLESS: Final = re.compile(r"[\s(,]*(?:and |or )?(?:unless|except|until|without|save|absent)\b")
_OTHER_THAN: Final = re.compile(r"[\s(,]*(?:other than|except(?! (?:with|if|when|where|as)\b))")
_CONDITION_BEFORE: Final = re.compile(
    r"\b(?:with|upon|subject to|only|requires?|required|asks? for|seeks?|after|based on|obtain(?:s|ed|ing)?|by|need|needs|through|under|pursuant to|where|if|when|whose|who)\b[\w ,'-]{0,40}$"
)
_CAN_BEFORE: Final = re.compile(
    r"\b(?:(?<!we )(?:can|may|could|have the (?:option|right|ability) to)(?: \w+ly| also| always)?|(?:you|users?|customers?|who|they|clients?|individuals|organi[sz]ations?|admin\w*|owners?|members?|developers?)(?: also| always| still)? (?:can|may|could|might|have|has|are able|want|wish|choose|would like|need|must|should|will|retain|maintain)"
    r"|(?:ability|option|right|choice|possibility|way|how|instructions|setting|toggle|control|opportunity|able|free|want|wish|like)s?(?: for \w+)? (?:to|for|not to)|please|to|or|and|by|then|simply|offers?|provides?|allow(?:s|ing)? (?:you|users|customers) to|let(?:s|ting)? (?:you|users|customers)|for)\b[\w ,'-]{0,60}$"
)
_USER_ACTS: Final = re.compile(
    r"(?:\b(?:allow|enable|permit|let)(?:s|ing)? (?:you|users|customers)\b)|(?:\bfeel free to\b)|(?:^|[\s(,;:])(?<!by )(?<!of )(?<!from )(?<!for )(?:you|(?:the |each |any |our )?(?:customers?|users?|clients?|licensees?|subscribers?|developers?|recipients?|end[- ]users?))"
    r"(?:'re)?,? (?:and \w+ )?(?:also |further |hereby )?(?:may|must|shall|will|can|cannot|agree|agrees|are|is|should|could|undertake|represent|warrant|do|does|don't|want|wish|might|retain|remain|acknowledge|need|use)\b"
)
_LISTED_BAN: Final = re.compile(
    r"\b(?:you|customers?|users?|licensees?|subscribers?|clients?|developers?|applications?|apps?)(?: and \w+)? (?:also |further )?(?:(?:may|must|shall|will|should|do|are|can)(?: \w+)? (?:not|only)|cannot|can't|agrees? (?:that you will |to )?not|agrees? to|must|undertake|not permit)\b|\brestrictions\b|\bprohibited (?:uses?|conduct|activit\w+)"
)
_LISTED_FOR_USER: Final = re.compile(r"\b(?:you|customers?|users?) (?:may|can|are able to|could)\b(?! \w+ to (?:opt|object))")
_THINGS: Final = frozenset({"content", "vague", "usage", "personal", "feedback", "public", "point", "data"})
_TAKES: Final = re.compile(r"[^.;:]{0,60}?\b(?:on|with|using|from|by|upon|of|through|include|includes)\b[^.;:]{0,40}$")
_REGION: Final = re.compile(r"\b(?:eu|eea|european|united kingdom|uk|switzerland|swiss|california\w*|residents?|depending on (?:where|your))\b")
_FORBIDDEN: Final = re.compile(
    r"\b(?:you|customers?|users?|licensees?|subscribers?|clients?|developers?|recipients?|responses)(?: and \w+)? (?:also |further |hereby )?(?:(?:may|must|shall|will|can|should)(?: not|n't)|cannot|can't|won't|(?:agrees?|undertakes?|represents?)(?: and \w+)? (?:that (?:you|it|they) will )?not)\b"
    r"|\b(?:may|must|shall) not,? (?:and|or) (?:may|must|shall|will) not\b|\bis (?:strictly )?prohibited from\b"
)
_HOW: Final = re.compile(r"\b(?:how(?! to)|learn more|explains?|describes?|documents? which|understand)\b[^.;:]{0,160}$|\b(?:explains?|describes?) how\b.*$")
_LAW: Final = re.compile(r"\b(?:infring\w+|liabilit\w+|indemnif\w+|warrant(?:y|ies)|[\"]\s?(?:means|refers to|shall mean|is defined))\b|(?:^|\s)means (?:any|the|a|an|all|customer)\b|[\"] means\b")
_QUOTED: Final = re.compile(r"\"[^\"]{3,60}\"")
_ALLOW_US: Final = re.compile(r"(?:^|[:.*] ?)allow \w+ to")
_ASIDE: Final = re.compile(r"\([^()]{6,300}\)")  # words in brackets do not cut a clause
_DUTY: Final = re.compile(r"[\W\d]*(?:\(?[a-z]{1,3}[).] )?(?:limit|ensure|obtain|do not|don't|never|use|access|develop|train|create|build|make|add|click|go|reverse|copy|attempt|upload|provide your|fine-tune|scrape|distill|customi[sz]e)\b")
_FINITE: Final = re.compile(r"\b(?:we|is|are|be|will|may|can|do|does|shall|uses?|used|trains?|learns?|makes?|improves?|has|have|cannot|never|\w+n't|helps?|consents?|agrees?|accepts?|acknowledges?|collects?|stores?|retains?|licen[sc]e|grants?)\b")
_VERB: Final = re.compile(r"\b(?:will|may|do|does|is|are|can|shall|must|might|could|have|has|never|cannot|we|you|they|it|uses?|used|using|train|process|store|retain|collect|\w+n't)\b")
_OTHER_CHOICE: Final = re.compile(r"\b(?:market\w*|newsletters?|cookies?|promotion\w*|emails? from|advertis\w+|sale|sell|tracking|analytics|notifications?|subscription|renew\w*|arbitration|class action|push|location|text messages?|sms|calls from)\b")
_LEAD_NOT: Final = re.compile(r"\b(?:is|are) (?:not|never)[^.:]{0,30}:\s*$|\b(?:we|\w+) (?:(?:will|do|does|shall|may|can)(?: \w+)? (?:not|never)|don't|won't|never|cannot)\b[^.:]{0,40}:\s*$")
_DUTY_NOT: Final = re.compile(r"\W*(?:please,? )?(?:do not|don't|never|avoid)(?: \w+ing)? (?:enter|submit|share|upload|include|provide|send|input|disclose|rely|paste|put)\b|\W*please (?:do not|don't|avoid)\b")
_NOTHING: Final = re.compile(r"\bnothing\b[^.;]{0,60}\b(?:entitles?|permits?|allows?|grants?|authori[sz]es?|gives?)\b")
_OUR_CONSENT: Final = re.compile(r"\b(?:without|with|unless) (?:\w+ )?(?:our|its|the (?:provider|company|licensor|supplier)'s) (?:\w+,? ){0,4}(?:consent|permission|approval|authori[sz]ation)\b")
_WISH: Final = re.compile(r"\bwould like to\b[^.;]{0,60}$")
_LABEL: Final = re.compile(r"\W*(?:[\w-]+ ){0,3}$")
_CONTRAST: Final = re.compile(r"(?:,|;| but| and|–) (?:but |and )?(?:never|not) (?:on|for|from|with|by|those|customer|your|any|the)\b")
_REST_DENIED: Final = re.compile(r"[;,] (?:but |and )?(?P<rest>[^;,]{3,80} (?:are|is|do|does|will) not(?: be)?\W*$)")
_OWNED_BY: Final = re.compile(r"\b(?:of|from|by|for|with|to)(?: (?!you\b)[\w-]+){0,2}\s$")
_NEAR_BEFORE: Final = 400
_NEAR_AFTER: Final = 700
_EARLY: Final = 40
_NEAR_NOT: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """One purpose in a sentence, with the names of the signs around it."""

    start: int
    end: int
    signs: frozenset[str]


def find_purposes(sentence: Sentence) -> Iterator[Purpose]:
    """Give each purpose of training or improving that stands in a sentence."""
    tags = mark(sentence.text, sentence.page.terms)
    view = _View(sentence, tags)
    for tag in tags:
        if tag.kind in _PURPOSES:
            yield Purpose(start=tag.start, end=tag.end, signs=frozenset(view.signs(tag)))
            if tag.kind in {"train", "improve"}:
                yield from _contrast(sentence, tag, tags)


def _contrast(sentence: Sentence, purpose: Tag, tags: Sequence[Tag]) -> Iterator[Purpose]:
    """Give the limb that denies a purpose for other content: "..., never on chats of paying customers"."""
    for match in (*_CONTRAST.finditer(sentence.text, purpose.end), *_REST_DENIED.finditer(sentence.text, purpose.end)):
        if any(tag.kind in {"content", "vague", "point"} and tag.start > match.start() for tag in tags) or "those" in match[0]:
            yield Purpose(start=match.start(), end=len(sentence.text), signs=frozenset({"answer.same"}))
            return


class _View:
    """A marked sentence, asked about one purpose after the other."""

    def __init__(self, sentence: Sentence, tags: Sequence[Tag]) -> None:
        self.sentence = sentence
        self.text = sentence.text
        self._cut = replace(sentence, text=_ASIDE.sub(lambda match: " " * len(match[0]), sentence.text))
        self.tags = tags
        self._quotes = [match.span() for match in _QUOTED.finditer(sentence.text)]
        self._lead = re.split(r"[.?!;]\s", sentence.lead)[-1]
        self._around: dict[str, frozenset[str]] = {}

    def signs(self, purpose: Tag) -> Iterator[str]:
        """Give the names of the signs around a purpose."""
        yield purpose.kind
        yield from self._polarity(purpose)
        yield from self._choices(purpose)
        yield from self._object(purpose)
        yield from self._actor(purpose)
        if self.text.rstrip(" \"')*_").endswith("?"):
            yield "question"

    # --- denied or not

    def _polarity(self, purpose: Tag) -> Iterator[str]:
        segment = self._cut.segment_at(purpose.start)
        own = [tag for tag in self._in(segment, "not") if self._governs(tag, purpose)]
        main = [tag for tag in self._in_unit(segment, "not") if self._governs(tag, purpose)]
        if not main and not self._has_verb(segment, purpose):
            main = self._not_before(segment.unit)
        if segment.is_sub and re.match(r"[\s(,]*(?:and |or )?(?:if|unless|once|until)\b", self.text[segment.start : segment.end]):
            main = []
        denied = bool(own or main) or bool(_LEAD_NOT.search(self.sentence.lead) or _NOTHING.search(self.text[: purpose.start]))
        if segment.is_sub and _OTHER_THAN.match(self.text, segment.start):
            denied = not main
        if _LABEL.match(self.text[: purpose.start]) and re.match(r"[^\w:]*:", self.text[purpose.end :]):
            denied = any(tag.kind == "not" and tag.start > purpose.end for tag in self.tags)
        off = [tag for tag in self._in_unit(segment, "optout") if self._is_state(tag)]
        if denied or off:
            yield "negated"
        if any(tag.kind == "hedge" for tag in self.tags):
            yield "hedged"
        if _HOW.search(self._left_in(segment, purpose)):
            yield "how"
        if _LAW.search(self.text):
            yield "law"
        if _OUR_CONSENT.search(self.text) or _WISH.search(self.text[: purpose.start]):
            yield "forbidden"
        if _DUTY_NOT.match(self.text):
            yield "forbidden"
        if _DUTY.match(self.text) and not any(tag.text in {"we", "us"} for tag in self.tags if tag.kind == "we"):
            yield "duty"
        if not _FINITE.search(self.text):
            yield "fragment"
        if re.search(r"\b(?:legal|lawful|basis|consequences?|retention)\b", self.sentence.lead) and self.sentence.block.cells or re.match(r"\W*(?:our |where necessary for (?:our|the) )?legitimate interest", self.text):
            yield "basis"
        if purpose.start < _EARLY:
            yield "early"

    def _has_verb(self, segment: Segment, purpose: Tag) -> bool:
        """Tell whether the clause of a purpose has a verb of its own, so that no other clause denies it."""
        start = min(one.start for one in self._cut.segments if one.unit == segment.unit)
        left = self.text[start : purpose.start]
        return start == 0 or bool(_VERB.search(left))

    def _not_before(self, unit: int) -> list[Tag]:
        """Return the negations of the clause before."""
        return [tag for one in self._cut.segments if one.unit == unit - 1 and not one.is_sub for tag in self._in(one, "not")]

    def _left_in(self, segment: Segment, purpose: Tag) -> str:
        return self.text[segment.start : purpose.start]

    def _governs(self, negation: Tag, purpose: Tag) -> bool:
        """Tell whether a negation denies a purpose: it stands before it, or right after it as what is said of it."""
        if any(at <= negation.start < to for at, to in self._quotes):
            return False
        if negation.start < purpose.start:
            return True
        if re.search(r"\b(?:is|are|be) (?:\w+ly )?$", self.text[: negation.start]) and negation.text in {"excluded", "prohibited", "forbidden", "ruled out", "off-limits"}:
            return True
        if negation.start - purpose.end > _NEAR_NOT or any(tag.kind == "optout" for tag in self.tags):
            return False
        return not [tag for tag in self.tags if tag.start < purpose.start and tag.kind in {"use", "we"} and self._same_unit(tag, purpose)]

    def _is_state(self, tag: Tag) -> bool:
        """Tell whether "disabled" or "off" tells how it stands, and is not what the reader may do."""
        return bool(re.search(r"(?:\b(?:is|are|be|been|being|remains?|comes?|stays?)|:) (?:\w+ly |always |also )?$", self.text[: tag.start])) and not re.search(r"\b(?:can|may|could) (?:\w+ )?be $", self.text[: tag.start])

    # --- choice

    def _choices(self, purpose: Tag) -> Iterator[str]:
        segment = self._cut.segment_at(purpose.start)
        for tag in self.tags:
            if tag.kind == "default":
                yield "default"
                if re.match(r"(?:off|disabled|switched off|turned off|opted out|not enabled)", tag.text):
                    yield "negated"
            elif tag.kind == "setting" and self._cut.segment_at(tag.start).is_sub:
                yield "setting_if"
            elif tag.kind == "optin":
                yield from self._opt_in(tag, segment)
            elif tag.kind == "optout" and not self._is_state(tag):
                yield from self._opt_out(tag, purpose, segment)

    def _opt_in(self, tag: Tag, purpose: Segment) -> Iterator[str]:
        segment = self._cut.segment_at(tag.start)
        before = self.text[max(0, segment.start if segment.is_sub else 0, tag.start - 60) : tag.start]
        is_weak = bool(re.search(r"\b(?:shared?|feedback|rated?|report(?:ed)?|enabled?|enables|give|gave|given|ask(?:s|ed)?|requests?|requested|decide|tell us|volunteer)\b", tag.text)) and not re.search(r"\b(?:explicit|express|voluntar|choos|chose|sharing|training)", tag.text)
        if re.search(r"\b(?:unless|without|except|until|absent|save)\b", before) and segment.unit == purpose.unit or (segment.is_sub and segment.unit == purpose.unit and _UNLESS.match(self.text, segment.start)):
            yield "consent_unless"
        elif segment.is_sub and re.search(r"\b(?:not|never|haven't|hasn't)\b", self.text[segment.start : tag.end]):
            yield "consent_unless"
        elif re.search(r"\b(?:if|only|when|where|once|provided|as long as|so long as|on condition|whenever)\b", before) and not (is_weak and "only" not in before):
            yield "consent_if"
        elif _ALLOW_US.search(before[-14:] + self.text[tag.start : tag.end + 10]) or (_CAN_BEFORE.search(before) and tag.text.startswith(("opt", "participat", "turn", "enabl", "join"))):
            yield "can_opt_in"
        elif not is_weak and (_CONDITION_BEFORE.search(before) or tag.text.startswith("opt")):
            yield "consent_if"

    def _opt_out(self, tag: Tag, purpose: Tag, own: Segment) -> Iterator[str]:
        segment = self._cut.segment_at(tag.start)
        before = self.text[max(0, tag.start - 80) : tag.start]
        is_sub = segment.is_sub and not re.search(r"\b(?:you|users?|customers?) (?:can|may)\b[\w ]{0,20}$", before)
        if is_sub and (_UNLESS.match(self.text, segment.start) or re.search(r"\bunless\b", before)):
            yield "optout_unless"
        elif is_sub and segment != own:
            yield "optout_if"
        elif is_sub or tag.text.startswith("right to") or _CAN_BEFORE.search(before) or not before.strip(" \"'(") or not any(one.text in {"we", "us"} for one in self._in_unit(segment, "we")):
            yield "can_opt_out"
        else:
            yield "other_opt_out"

    # --- on what

    def _object(self, purpose: Tag) -> Iterator[str]:
        kinds = {tag.kind for tag in self.tags}
        for kind in ("content", "vague", "personal", "usage", "feedback", "public", "data", "third", "licence", "use"):
            if kind in kinds:
                yield kind
        if any(tag.kind == "not" and tag.text == "nothing" for tag in self.tags):
            yield "data"
        used = self._used(purpose)
        if "content" in used:
            yield "used"
        yield from (f"used_{kind}" for kind in used)
        if "point" in used:
            yield "pointed"
        for place in ("before", "lead", "headings", "after"):
            yield from (f"{place}.{kind}" for kind in self._kinds_around(place))
        yield from self._row()
        if "optout" in self._kinds_in_block():
            yield "block.optout"

    def _row(self) -> Iterator[str]:
        block = self.sentence.block
        for number, (start, end) in enumerate(block.cells):
            header = block.header[number].lower() if number < len(block.header) else ""
            if (start <= self.sentence.start < end) or re.search(r"legal|basis|retention|consequence", header):
                continue
            if _is_purpose(self.sentence):
                yield "cell.purpose"
            yield from (f"row.{tag.kind}" for tag in mark(block.text[start:end].lower(), self.sentence.page.terms))

    def _used(self, purpose: Tag) -> frozenset[str]:
        """Return the kinds of data that the order of words makes the thing used for the purpose."""
        things = [tag for tag in self.tags if tag.kind in _THINGS]
        uses = [tag for tag in self.tags if tag.kind in {"use", "helps", "licence"}]
        contrast = next((match.start() for match in _CONTRAST.finditer(self.text) if match.start() >= purpose.end), len(self.text))
        things = [tag for tag in things if tag.start < contrast]
        after = [tag for tag in things if tag.start >= purpose.end and self._same_unit(tag, purpose)]
        if after and purpose.kind == "train" and _TAKES.match(self.text[purpose.end : after[0].start]):
            return frozenset(tag.kind for tag in after)
        before = [tag for tag in uses if tag.end <= purpose.start]
        if before:
            last = before[-1]
            found = [tag for tag in things if last.start <= tag.start < purpose.start]
            found = found or [tag for tag in things if tag.start < last.start and self._same_unit(tag, last)]
            found = found or [tag for tag in things if tag.start < last.start][-1:]
            if found:
                return frozenset(tag.kind for tag in found)
        elif purpose.kind == "train" and any(tag.end <= purpose.start for tag in things):
            return frozenset(tag.kind for tag in things if tag.end <= purpose.start)
        later = [tag for tag in uses if tag.start >= purpose.end]
        return frozenset(tag.kind for tag in things if later and tag.start >= later[0].start)

    def _kinds_in_block(self) -> frozenset[str]:
        sentence, kinds = self.sentence, set[str]()
        start, end = sentence.start, sentence.start + len(sentence.text)
        for text in (sentence.block.text[:start][-_NEAR_BEFORE:], sentence.block.text[end:][:_NEAR_AFTER]):
            for at, to in split_sentences(text):
                tags = mark(fold(text[at:to]), sentence.page.terms)
                found = {tag.kind for tag in tags}
                if "optout" in found and not _OTHER_CHOICE.search(text[at:to].lower()) and not _REGION.search(text[at:to].lower()):
                    kinds.add("optout")
        return frozenset(kinds)

    def _kinds_around(self, place: str) -> frozenset[str]:
        if place not in self._around:
            text = str(getattr(self.sentence, place))
            if place == "before":
                cuts = list(split_sentences(text[-_NEAR_BEFORE:]))
                text = text[-_NEAR_BEFORE:][cuts[-1][0] :] if cuts else text
            text = text[:_NEAR_BEFORE]
            self._around[place] = frozenset(tag.kind for tag in mark(text, self.sentence.page.terms)) if text else frozenset()
        return self._around[place]

    # --- by whom

    def _actor(self, purpose: Tag) -> Iterator[str]:
        left = self._blanked(purpose)
        last = max((tag.start for tag in self.tags if tag.kind in {"we", "licence"} and tag.text != "our" and tag.start < purpose.start), default=-1)
        acts = [match for match in _USER_ACTS.finditer(left) if not _OWNED_BY.search(left[: match.start() + 1])]
        if acts and last < acts[-1].start():
            yield "by_user"
        if _FORBIDDEN.search(left) and not re.search(r"\b(?:so that|grants?|licen[sc]e)\b", left):
            yield "forbidden"
        if _LISTED_BAN.search(self._lead) and not re.search(r"\bwe\b", self.text[: purpose.start]):
            yield "listed_ban"
        if _LISTED_FOR_USER.search(self._lead) and not re.search(r"\bwe\b", self.text[: purpose.start]):
            yield "listed_for_user"
        if any(tag.kind == "we" and tag.text in {"we", "us"} for tag in self.tags):
            yield "we"
        if any(tag.text == "our" for tag in self.tags):
            yield "our"
        if MODEL.search(self.text):
            yield "models"
        if _OTHER_CHOICE.search(self.text):
            yield "other_choice"

    def _blanked(self, purpose: Tag) -> str:
        """Return what stands left of the purpose, without words such as "content you submit"."""
        left = list(self.text[: purpose.start])
        for tag in self.tags:
            if tag.kind in {"content", "idle", "usage", "personal"} and tag.end <= purpose.start:
                left[tag.start : tag.end] = "#" * (tag.end - tag.start)
        return "".join(left)

    # --- places

    def _same_unit(self, tag: Tag, purpose: Tag) -> bool:
        return self._cut.segment_at(tag.start).unit == self._cut.segment_at(purpose.start).unit

    def _in(self, segment: Segment, kind: str) -> list[Tag]:
        return [tag for tag in self.tags if tag.kind == kind and segment.start <= tag.start < segment.end]

    def _in_unit(self, segment: Segment, kind: str) -> list[Tag]:
        mains = [one for one in self._cut.segments if one.unit == segment.unit and not one.is_sub]
        return [tag for one in mains for tag in self._in(one, kind)]


_PURPOSE_CELL: Final = re.compile(r"\W*(?:to|for|purposes?|provid\w+|improv\w+|develop\w+|train\w*|research\w*|enhanc\w+|maintain\w*|operat\w+|analy[sz]\w+|product|service|model)\b")
_LONGEST_CELL: Final = 300


def _is_purpose(sentence: Sentence) -> bool:
    """Tell whether a table cell does no more than name purposes."""
    length = next((end - start for start, end in sentence.block.cells if start <= sentence.start < end), 0)
    return length <= _LONGEST_CELL and bool(_PURPOSE_CELL.match(sentence.text))
