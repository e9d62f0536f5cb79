"""Settles which lengths of a sentence belong to a verb of keeping or deleting."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from pipeline.clauses.durations import Length, find_lengths, longest
from pipeline.clauses.grammar import Reading
from pipeline.clauses.lexicon import groups
from pipeline.clauses.sentence import Sentence
from pipeline.clauses.text import split_sentences

# "Data kept after the 30 day period ... is deleted within 10 days after the end of such period": 40 days.
_ONE_AFTER_THE_OTHER: Final = re.compile(
    r"\bafter (?:the|an?) [^,;.]{1,30}\bperiod\b[^;.]{0,120}\bwithin\b[^;.]{0,60}\bafter the (?:expiry|expiration|end)"
    r" of (?:such|this|that|the)\b[^;.]{0,30}\bperiod\b"
)
# "... for 30 days, and billing records for seven years": other data, with a time of its own.
_OTHER_LIMB: Final = re.compile(
    r"(?:,|\band|\bwhile|\bwhereas|\bbut) (?P<what>(?:[\w-]+ ){1,7}?)"
    r"(?:(?:is|are) (?:kept|stored|retained|held) )?(?:for|after|within) (?:up to |at most |a maximum of |about )?$"
)
_LIMB_REACH: Final = 120
# "From 1 to 365 days; the default is 90 days": what holds if nobody does anything.
_AS_DEFAULT: Final = re.compile(r"\bdefaults?(?: (?:value|period|time|retention))?(?: is| to| of|:) $")
_DEFAULT_REACH: Final = 32
_JOINT: Final = re.compile(r"[,;]| and | but ")
_EVENT_OR: Final = re.compile(
    r"[^.;:]{0,60}?\b(?:until|till|as long as|while) (?!at least)[^.;:]{3,80}?,? or\b[^.;:]{0,60}?(?:\b(?:for|until"
    r"|till|after|of"
    r"|within|up to))? ?"
)
# "Accounts that nobody used for a year are closed, and their chats erased": a time that ran out before.
_IDLE: Final = re.compile(
    r"\b(?:inactiv\w*|idle|silent|dormant|unused|untouched|unattended|without (?:any )?(?:activity|log-?ins?|use"
    r"|access)"
    r"|(?:not|never|n't) (?:been )?(?:used|opened|accessed|active|touched|(?:logged|signed|log|sign) in|visited|called)"
    r"|no (?:activity|log-?ins?|calls|requests|use))\b"
)
_THEN: Final = re.compile(
    r"[\s,;]*(?:and )?(?:(?:will|shall|is|are) (?=then|thereafter))?"
    r"(?:after which|thereafter|at which point|after that|and then|then)\b"
)


def lengths_of(reading: Reading) -> Sequence[Length]:
    """Return the lengths of time in a verb's clause, or before it where the clause begins with "after which"."""
    text = reading.sentence.text
    behind = " " * reading.start + reading.unit[reading.start :]
    places = (text,) if reading.has("noun") else (reading.own, behind, reading.unit)
    of_age = reading.group == "delete" and reading.has("mine")
    found = next((lengths for place in places if (lengths := find_lengths(place, text, of_age=of_age))), ())
    if found:
        own = [one for one in found if not (_is_of_next(reading, one) or _is_carved_out(reading, one))]
        return _of_own_verb(reading, own)
    if _THEN.match(reading.own.lstrip()) or (reading.group == "delete" and reading.has("on_expiry")):
        earlier = find_lengths(text[: reading.start], text)
        if earlier or not reading.has("past_period"):
            return earlier
    if reading.group == "delete" and _ran_out_before(reading):
        return find_lengths(text[: reading.start], text)
    if reading.group == "delete" and reading.has("past_period"):
        return find_lengths(*[_last_sentence(reading.sentence.before)] * 2)
    if reading.group == "delete" and reading.has("bare") and reading.has("lead.lead_promise"):
        return find_lengths(reading.sentence.lead, reading.sentence.lead)
    return ()


def _of_own_verb(reading: Reading, lengths: Sequence[Length]) -> Sequence[Length]:
    """Return the lengths up to the next verb of deleting: "removes texts after a day and purges keys after a week"."""
    verbs = (at for at, _ in reading.sentence.spans("delete") if at > reading.end)
    later = min(verbs, default=len(reading.sentence.text))
    own = [one for one in lengths if reading.end <= one.start < later]
    return own if own and reading.group == "delete" and reading.has("active") else lengths


def _is_of_next(reading: Reading, length: Length) -> bool:
    """Tell whether a length belongs to a later verb: "kept until you leave, and deleted from backups in a week"."""
    if not is_for_backups(reading.sentence, length):
        return False
    between = [at for group in ("keep", "delete") for at, _ in reading.sentence.spans(group)]
    later = min((at for at in between if reading.end <= at < length.start), default=None)
    return later is not None and reading.sentence.has("until", reading.end, later)


def _ran_out_before(reading: Reading) -> bool:
    """Tell whether a verb ends what nobody used for a time that an earlier clause names, and not only may end it."""
    text = reading.sentence.text
    return _IDLE.search(text, 0, reading.start) is not None and not reading.sentence.has("may_word", 0, reading.start)


def _is_carved_out(reading: Reading, length: Length) -> bool:
    """Tell whether a length stands in a carve-out with its own verb: "not kept, except that some keep it a day"."""
    segment = reading.sentence.segment_at(length.start)
    if segment == reading.segment or not segment.is_sub:
        return False
    place = (segment.start, segment.end)
    is_own = any(reading.sentence.has(group, *place) for group in ("keep", "delete"))
    return is_own and groups()["intro_unless"].match(reading.sentence.text[slice(*place)]) is not None


def _last_sentence(text: str) -> str:
    start, end = max(split_sentences(text), default=(0, 0))
    return text[start:end]


def apart(sentence: Sentence, lengths: Sequence[Length]) -> Sequence[Length]:
    """Return the lengths if each belongs to data of its own, "prompts for a day and files for a week"; or the longest.

    Never empty where there are lengths.
    """
    if len(lengths) > 1 and _ONE_AFTER_THE_OTHER.search(sentence.text):
        return [_sum(lengths[0], lengths[1])]
    are_apart = all(
        any(
            one.end <= at < other.start
            for group in ("content", "files", "plan", "backup")
            for at, _ in sentence.spans(group)
        )
        for one, other in pairwise(lengths)
    )
    told = [one for one in lengths if _AS_DEFAULT.search(sentence.text[max(0, one.start - _DEFAULT_REACH) : one.start])]
    return lengths if are_apart else [best for best in (longest(told or lengths),) if best]


def _sum(first: Length, second: Length) -> Length:
    """Return two lengths in the same unit that follow each other as one; the longer where the units differ."""
    one, other = first.value, second.value
    if one.unit != other.unit or one.amount is None or other.amount is None:
        return max(first, second, key=lambda length: length.days)
    days = first.days + second.days
    return replace(first, value=replace(one, days=days, amount=one.amount + other.amount), days=days, end=second.end)


def is_of_other_data(sentence: Sentence, length: Length) -> bool:
    """Tell whether a length follows other data than content: "prompts for a month and invoices for seven years"."""
    limb = _OTHER_LIMB.search(sentence.text, max(0, length.start - _LIMB_REACH), length.start)
    if limb is None or any(sentence.has(group, *limb.span("what")) for group in ("content", "files", "backup")):
        return False
    return any(sentence.has(group, *limb.span("what")) for group in ("telemetry", "foreign"))


def is_for_backups(sentence: Sentence, length: Length) -> bool:
    """Tell whether backups are named in the same limb as a length."""
    before = max((joint.end() for joint in _JOINT.finditer(sentence.text, 0, length.start)), default=0)
    after = _JOINT.search(sentence.text, length.end)
    return sentence.has("backup", before, after.start() if after else None)


def is_event_or(reading: Reading, length: Length) -> bool:
    """Tell whether an event stands before a length, either of which ends it: "until you leave or for 30 days"."""
    text = reading.sentence.text
    return _EVENT_OR.fullmatch(text, reading.end, length.start) is not None and "whichever" not in text
