"""Finds what a sentence says on keeping and deleting."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Final

from pipeline.clauses.durations import Length, find_lengths, longest
from pipeline.clauses.found import Found
from pipeline.clauses.grammar import Reading, find_readings
from pipeline.clauses.leads import joined_to_lead
from pipeline.clauses.lexicon import groups
from pipeline.clauses.objects import lacks_subject
from pipeline.clauses.retention_lists import find_named
from pipeline.clauses.rules import ANCHORS, Has, Rule, first_fit, read_rules
from pipeline.clauses.sentence import Sentence
from pipeline.clauses.strangers import is_of_stranger
from pipeline.clauses.text import split_sentences
from pipeline.model import BlockKind, Condition, Retention, RetentionKind

_ANCHORS: Final = (
    *("zero_retention", "no_keeping", "kept_out", "in_memory"),
    *("keep", "write", "delete", "keep_noun", "delete_noun"),
)
# No verb or noun of the lexicon's groups on keeping lacks all of these.
_STEM: Final = re.compile(
    r"ret(?:ain|en)|stor|ke(?:ep|pt)|log|sav(?:e|i)|persist|h(?:old|eld|ang|ost)|cach|record|archiv|preserv|delet"
    r"|eras|purg|remov"
    r"|destr|wip(?:e|i)|discard|dispos|expir|anonymi|memor|maintain|writ|commit|left|remain|stay|gone|expung"
    r"|thr[eo]w|shred"
    r"|fetch|download|retriev|access|available|liv(?:e|i)|taken|lifetime|ttl|time[- ]to[- ]live|drop|vanish"
    r"|disappear|forg[eo]t"
    r"|overwr|return|zdr|zero|ram\b|transient|ephemer|real[- ]time|pass(?:es)? through|trace|sits?\b|exist"
    r"|backed|capt|linger"
    r"|scrub|flush|clear|evict|roll|aged?|rota|rid of|garbage|recycl|trash|bin|default|maximum|auto|transit|put"
    r"|hits?\b|touch"
    r"|surviv|visible|view|end(?:s)? up|seen|brows|inspect"
    r"|reach|sent|spill|land|dump|copie|stateless|footprint|no\b|histor|upload|transmi|leav|send|toss|nuked|zero"
    r"|destruct"
    r"|outliv|hoard|evapor|prun|remember|clean|redact|strip|lets? go|reserv|conserv|valid\b|show|appear"
    r"|recover|restored"
    r"|decommission|swe(?:ep|pt)|t(?:ear|or)|reclaim|laps|falls?\b|age[sd]? o|ceas|lost\b|go(?:es)?\b|dies?\b|evict"
    r"|park|filed|hangs?\b|set aside|stick|stuck|put\b|accumul|pile|view|download|search|look(?:ed|s)?\b|receiv"
    r"|travel|com(?:e|es)\b"
)
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
# A heading that tells of a keeping by itself, and does not only name it.
_STATES: Final = re.compile(
    r"\b(?:(?:is|are|do|does|will|never) (?:not |never |only )?(?:log|stor|keep|kept|retain|sav|delet|record)\w*"
    r"|(?:don't|doesn't|aren't|isn't|won't|no longer) (?:log|stor|keep|kept|retain|sav|record)\w*"
    r"|[0-9]+[ -](?:hours?|days?|weeks?|months?|years?))\b"
)
_JOINT: Final = re.compile(r"[,;]| and | but ")
_ENDS: Final = frozenset({RetentionKind.PERIOD, RetentionKind.UNTIL_EVENT, RetentionKind.INDEFINITE})
_END_NEXT: Final = re.compile(
    r"\s*(?:these|those|they|it|this|that|the|such)(?: (?:stored |cached |logged )?(?:logs?|data|records?|files?"
    r"|copies|information|contents?|recordings|prompts|messages))?"
    r" (?:(?:will|is|are|get|gets|only|be|then|automatically) ){1,4}(?:stored|kept|retained|held"
    r"|deleted|removed|purged|erased)\b[^.;]{0,40}?\b(?:for|after|within) (?:up to |a maximum of |at most )?"
    r"[0-9]+[ -](?:hours?|days?|weeks?|months?|years?)\b"
)
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


def find_retention(sentence: Sentence) -> Iterator[Found]:
    """Give each statement on retention in the order of the sentence, the same value once."""
    if sentence.text.endswith("?"):
        return
    is_heading = sentence.block.kind is BlockKind.HEADING
    named = () if is_heading else find_named(sentence)
    if named:
        yield from named
        return
    if is_heading and _STATES.search(sentence.text) is None:
        return
    sentence = joined_to_lead(sentence)
    if _STEM.search(sentence.text) is None:
        return
    found = [one for reading in find_readings(sentence, *_ANCHORS) for one in _read(reading)]
    yield from (one for one in found if not (_is_told_again(one, found) or _is_ended_next(one)))


def _is_told_again(one: Found, found: Iterable[Found]) -> bool:
    """Tell whether an unstated keeping gets its end in the same breath: "are saved, and they stay until you leave"."""
    return _kind(one) is RetentionKind.UNSTATED and any(
        (_kind(other) in _ENDS or other.reading.group == "delete")
        and other.reading.start > one.reading.start
        and (_goes_on(other.reading) or ":" in one.reading.sentence.text[one.reading.end : other.reading.start])
        for other in found
    )


def _is_ended_next(one: Found) -> bool:
    """Tell whether the next sentence gives its length to an unstated keeping."""
    is_open = _kind(one) is RetentionKind.UNSTATED and one.condition is Condition.DEFAULT
    return is_open and _END_NEXT.match(one.reading.sentence.after) is not None


def _goes_on(reading: Reading) -> bool:
    """Tell whether a verb acts on what was named before: "and they are", "and are"."""
    return reading.has("object.pronoun") or lacks_subject(reading.left) or reading.has("before_verb.yours")


def _kind(found: Found) -> RetentionKind | None:
    return found.value.kind if isinstance(found.value, Retention) else None


def _read(reading: Reading) -> Iterator[Found]:
    lengths = _lengths_of(reading)
    has = _with_length(reading.has, is_there=bool(lengths))
    rule = first_fit(_rules_for(reading.group), has)
    if rule is None or not isinstance(rule.value, RetentionKind):
        return
    if rule.value is not RetentionKind.PERIOD:
        yield _found(reading, rule, has, Retention(kind=rule.value))
        return
    if lengths and reading.group == "keep" and _is_event_or(reading, lengths[0]):
        until = next(one for one in read_rules("retention.toml") if one.id == "retention-until-kept")
        yield _found(reading, until, has, Retention(kind=RetentionKind.UNTIL_EVENT))
    apart = _apart(reading.sentence, [one for one in lengths if not _is_of_other_data(reading.sentence, one)])
    for one in apart:
        is_plain = len(apart) > 1 and not _is_for_backups(reading.sentence, one)
        yield _found(reading, _beyond_backups(rule) if is_plain else rule, has, one.value, one.trigger)


def _is_event_or(reading: Reading, length: Length) -> bool:
    """Tell whether an event stands before a length, either of which ends it: "until you leave or for 30 days"."""
    text = reading.sentence.text
    return _EVENT_OR.fullmatch(text, reading.end, length.start) is not None and "whichever" not in text


def _found(reading: Reading, rule: Rule, has: Has, value: Retention, trigger: str = "") -> Found:
    return Found(
        reading=reading,
        rule=rule,
        value=value,
        is_certain=rule.is_certain(has) and not is_of_stranger(reading),
        condition=rule.condition,
        trigger=trigger or None,
    )


def _is_of_other_data(sentence: Sentence, length: Length) -> bool:
    """Tell whether a length follows other data than content: "prompts for a month and invoices for seven years"."""
    limb = _OTHER_LIMB.search(sentence.text, max(0, length.start - _LIMB_REACH), length.start)
    if limb is None or any(sentence.has(group, *limb.span("what")) for group in ("content", "files", "backup")):
        return False
    return any(sentence.has(group, *limb.span("what")) for group in ("telemetry", "foreign"))


def _is_for_backups(sentence: Sentence, length: Length) -> bool:
    """Tell whether backups are named in the same limb as a length."""
    before = max((joint.end() for joint in _JOINT.finditer(sentence.text, 0, length.start)), default=0)
    after = _JOINT.search(sentence.text, length.end)
    return sentence.has("backup", before, after.start() if after else None)


def _beyond_backups(rule: Rule) -> Rule:
    """Return the rule for a length that stands beside one for backups, and is none of theirs."""
    kept = (one for one in read_rules("retention.toml") if one.id == "retention-period-kept")
    return next(kept) if rule.id == "retention-period-exception" else rule


def _apart(sentence: Sentence, lengths: Sequence[Length]) -> Sequence[Length]:
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
    return lengths if are_apart else [best for best in (longest(lengths),) if best]


def _sum(first: Length, second: Length) -> Length:
    """Return two lengths in the same unit that follow each other as one; the longer where the units differ."""
    one, other = first.value, second.value
    if one.unit != other.unit or one.amount is None or other.amount is None:
        return max(first, second, key=lambda length: length.days)
    days = first.days + second.days
    return replace(first, value=replace(one, days=days, amount=one.amount + other.amount), days=days, end=second.end)


@cache
def _rules_for(group: str) -> tuple[Rule, ...]:
    kinds = ("keep", "write") if group == "write" else (group,)
    return tuple(rule for rule in read_rules("retention.toml") if any(rule.can_fit(kind, ANCHORS) for kind in kinds))


def _lengths_of(reading: Reading) -> Sequence[Length]:
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
    if not _is_for_backups(reading.sentence, length):
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


def _with_length(has: Has, *, is_there: bool) -> Has:
    """Add the sign `duration`; writing counts as keeping where the words say to what ("to disk")."""

    def has_more(sign: str) -> bool:
        match sign:
            case "duration":
                return is_there
            case "keep":
                return has("keep") or (has("write") and has("own.to_disk"))
            case _:
                return has(sign)

    return has_more
