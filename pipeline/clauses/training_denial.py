"""Finds whether a purpose is denied, and which choice is left with it."""

from collections.abc import Iterator
from typing import Final

from pipeline.clauses.sentence import Segment
from pipeline.clauses.training_marked import Marked
from pipeline.clauses.training_purposes import pattern
from pipeline.clauses.training_words import Tag

_NEAR_NOT: Final = 60  # characters after a purpose in which a denial of it stands
_NEAR_CONSENT: Final = 60
_KEEPING_OUT: Final = ("exclud", "leav", "keep", "take", "hold", "pull")
_UNWILLING: Final = ("unwilling", "not willing", "reluctant")
_TAKING_PART: Final = ("take", "participat", "enrol", "join", "opted in", "opt in")
_ONLY: Final = len("only  ")  # right before the "if" of a consent
_NAMED: Final = len(" the data sharing")  # after "you enable", what is enabled
_NEAR_WAY_OUT: Final = 80
# Words of choice that somebody can do, and not only give.
_DONE: Final = (
    *("opt", "participat", "turn", "enabl", "enrol", "join"),
    *("choose", "elect", "decide", "volunteer", "donat"),
)
_ON: Final = ("at ", "on ", "upon ", "under ", "per ")
_CAN: Final = ("may ", "can ", "could ")
_GIVEN: Final = ("opt", "that ", "who ", "which ", "have ", "has ")
_LET: Final = ("authori", "allow", "permit", "let")


def denial_signs(marked: Marked, purpose: Tag) -> Iterator[str]:
    """Give `negated` where the purpose is denied, and `hedged` where a denial may be none."""
    if _is_wished_away(marked, purpose) or pattern("can_forbid").search(marked.text[: purpose.start]):
        yield "can_opt_out"
    elif _is_denied(marked, purpose) or any(
        _is_state(marked, tag) for tag in marked.in_main(marked.segment_of(purpose).unit, "optout")
    ):
        yield "negated"
    left = marked.text[: purpose.start]
    is_unsure = pattern("no_promise").search(left) or pattern("not_for_good").search(marked.text, purpose.end)
    if is_unsure or any(tag.kind == "hedge" for tag in marked.tags):
        yield "hedged"


def _is_wished_away(marked: Marked, purpose: Tag) -> bool:
    """Tell whether the purpose is denied only in what customers may want: "if you prefer that it is not used"."""
    segment = marked.segment_of(purpose)
    start = segment.start if segment.is_sub or "," in marked.text[: purpose.start] else 0
    is_begun = (segment.is_sub or start == 0) and pattern("wished_away").match(marked.text, start)
    return bool(is_begun) and any(tag.start < purpose.start for tag in marked.within(segment, "not"))


def _is_denied(marked: Marked, purpose: Tag) -> bool:
    left = marked.text[: purpose.start]
    if pattern("label").match(left) and marked.text[purpose.end :].lstrip(" *_").startswith(":"):
        return any(tag.kind == "not" for tag in marked.tags)
    if any(pattern(name).match(marked.text, purpose.end) for name in ("denied_label", "held_out")):
        return True
    segment = marked.segment_of(purpose)
    main = [tag for tag in marked.in_main(segment.unit, "not") if _governs(marked, tag, purpose)]
    if not main and not _has_verb(marked, segment, left):
        main = marked.in_main(segment.unit - 1, "not")
    if segment.is_sub and pattern("other_than").match(marked.text, segment.start, purpose.start):
        return not main
    is_apart = pattern("when_we").match(marked.text, segment.start) and any(
        marked.within(segment, kind) for kind in ("content", "point")
    )
    if segment.is_sub and (is_apart or pattern("if_clause").match(marked.text, segment.start)):
        main = []
    own = [tag for tag in marked.within(segment, "not") if _governs(marked, tag, purpose)]
    listed = pattern("lead_denies").search(marked.sentence.lead) or pattern("nothing_permits").search(left)
    return bool(own or main or listed)


def _governs(marked: Marked, negation: Tag, purpose: Tag) -> bool:
    """Tell whether a negation denies a purpose: it stands before it, or right after it as what is said of it."""
    if any(match.start() <= negation.start < match.end() for match in pattern("quoted").finditer(marked.text)):
        return False
    if negation.start < purpose.start:
        apart = ("as_we_use", "that_we")
        return not any(pattern(name).search(marked.text, negation.end, purpose.start) for name in apart)
    is_ruled_out = pattern("ruled_out").fullmatch(negation.text) and pattern("is_before").search(
        marked.text[: negation.start]
    )
    if is_ruled_out or pattern("not_happening").match(marked.text, negation.start):
        return True
    if negation.start - purpose.end > _NEAR_NOT or any(tag.kind == "optout" for tag in marked.tags):
        return False
    if _describes(marked, negation, purpose):
        return False
    return not any(
        tag.kind in {"use", "we"} and tag.start < purpose.start and marked.is_same_unit(tag, purpose)
        for tag in marked.tags
    )


def _describes(marked: Marked, negation: Tag, purpose: Tag) -> bool:
    """Tell whether a negation only says what is used: "to improve it, we use data that contains no names"."""
    return any(
        purpose.end <= tag.start < negation.start and marked.text[tag.end : negation.start].strip()
        for tag in marked.tags
        if tag.kind == "use"
    )


def _has_verb(marked: Marked, segment: Segment, left: str) -> bool:
    """Tell whether the clause of a purpose has a verb of its own, so that the clause before does not deny it."""
    start = min(one.start for one in marked.segments if one.unit == segment.unit)
    return start == 0 or pattern("verb").search(left, start) is not None


def _is_state(marked: Marked, tag: Tag) -> bool:
    """Tell whether "disabled" or "off" tells how it stands, and is not what the reader may do."""
    left = marked.text[: tag.start]
    if left.endswith(": ") and not tag.text.endswith(("ed", "off")):  # "Training opt-out: object to ..."
        return False
    if tag.text.startswith(_KEEPING_OUT) and _is_ours(marked, tag):  # "we exclude your data from training"
        return True
    if pattern("until_word").search(left):  # "until it is turned off"
        return False
    if tag.text.startswith(_UNWILLING):
        return False
    if tag.text.startswith("be "):
        return pattern("will").search(left) is not None
    return pattern("state").search(left) is not None and not pattern("can_be").search(left)


def _is_ours(marked: Marked, tag: Tag) -> bool:
    """Tell whether the provider is who does what a marked word says."""
    ours = [one.end for one in marked.tags if one.kind == "we" and one.text != "our" and one.end < tag.start]
    if pattern("on_request").search(marked.text[: tag.start]):
        return False
    return bool(ours) and pattern("we_do").fullmatch(marked.text, ours[-1], tag.start) is not None


def choice_signs(marked: Marked, purpose: Tag) -> Iterator[str]:
    """Give the signs of choice: consents that are asked for, ways out that are offered, defaults and settings."""
    segment = marked.segment_of(purpose)
    yield from _taken_back(marked, purpose)
    from_start = pattern("in_by_default").search(marked.text)
    if from_start:
        yield from ("optout_if", "enrolled")
    for tag in marked.tags:
        if from_start and from_start.start() <= tag.start < from_start.end():
            continue
        match tag.kind:
            case "default":
                yield "default"
                if pattern("off_by_default").match(tag.text):
                    yield "negated"
            case "setting" if marked.segment_of(tag).is_sub:
                yield "setting_if"
                if pattern("unless").match(marked.text, marked.segment_of(tag).start):
                    yield "setting_unless"
            case "optin":
                yield from _consent(marked, tag, segment)
            case "optout" if not _is_state(marked, tag):
                yield from _way_out(marked, tag, segment)
            case _:
                pass


def _taken_back(marked: Marked, purpose: Tag) -> Iterator[str]:
    """Give the consents that words after a purpose, or a promise to ask, make it depend on."""
    taken_back = pattern("unless_customer").search(marked.text, purpose.end)
    if taken_back and not any(tag.kind == "optout" and tag.start > taken_back.start() for tag in marked.tags):
        yield "consent_unless"
    if pattern("except_agreed").search(marked.text, purpose.end):
        yield "consent_unless"
    if pattern("asks_first").search(marked.text, purpose.end) or _asks_later(marked):
        yield "consent_unless"
    elif pattern("asks_first").search(marked.text) or pattern("by_ticking").search(marked.text):
        yield "consent_if"
    tied = pattern("nor_without").search(marked.text, purpose.end)
    if tied and any(tag.kind == "optin" and tag.start >= tied.end() for tag in marked.tags):
        yield "consent_unless"


def _asks_later(marked: Marked) -> bool:
    """Tell whether the next sentence promises to ask before a denial changes: "If we ever want to, we will ask you"."""
    return all(pattern(name).search(marked.next) for name in ("asks_later", "asks_first"))


def _consent(marked: Marked, tag: Tag, purpose: Segment) -> Iterator[str]:
    segment = marked.segment_of(tag)
    start = max(0, segment.start if segment.is_sub else 0, tag.start - _NEAR_CONSENT)
    before = marked.text[start : tag.start]
    is_disregarded = pattern("without_word").search(before) and not any(
        one.kind == "not" and one.text != "without" for one in marked.tags
    )
    if is_disregarded or _is_of_other_item(marked, tag, purpose) or _is_way_out_of(marked, tag):
        return
    named = marked.text[tag.start : tag.end + _NAMED]
    is_weak = pattern("weak_consent").search(tag.text) and not pattern("strong_consent").search(named)
    if pattern("but_not_if").search(marked.text[: tag.start + len("you")]):
        yield "optout_unless"
    elif _is_missing(marked, tag, before, purpose):
        yield "consent_unless"
    elif tag.text.startswith(_CAN):
        yield "can_opt_in"
    elif tag.text.startswith(_ON):
        yield "consent_if"
    elif pattern("with_consent").search(before):
        is_only = "only" in marked.text[max(0, start - _ONLY) : tag.start]
        yield "weak_if" if is_weak and not is_only else "consent_if"
    elif _can_be_given(tag, before):
        yield "can_opt_in"
    elif not is_weak and (pattern("bound_to").search(before) or tag.text.startswith(_GIVEN)):
        yield "consent_if"


def _is_way_out_of(marked: Marked, tag: Tag) -> bool:
    """Tell whether everybody takes part in it who has not opted out: "unless they opt out, customers take part"."""
    return tag.text.startswith(_TAKING_PART) and any(
        pattern("unless").match(marked.text, marked.segment_of(one).start)
        for one in marked.tags
        if one.kind == "optout"
    )


def _is_of_other_item(marked: Marked, tag: Tag, purpose: Segment) -> bool:
    """Tell whether a consent stands in another item of a list in one sentence: "...; allow you to take part; ..."."""
    first, last = sorted((tag.start, purpose.start))
    is_condition = pattern("bound").search(marked.text, marked.segment_of(tag).start, tag.end)
    return ";" in marked.text[first:last] and not is_condition


def _is_missing(marked: Marked, tag: Tag, before: str, purpose: Segment) -> bool:
    """Tell whether a consent is spoken of as not given: "without your consent", "unless you agree", "voluntary"."""
    segment = marked.segment_of(tag)
    if tag.text.startswith("voluntar") and pattern("is_before").search(before):
        return True
    if segment.unit == purpose.unit and pattern("without_consent").search(before):
        return True
    if not segment.is_sub:
        return False
    is_taken_back = pattern("excepting").search(marked.text[: segment.start])
    begins = segment.unit == purpose.unit and (is_taken_back or pattern("unless").match(marked.text, segment.start))
    return bool(begins or pattern("not_yet").search(marked.text[segment.start : tag.end]))


def _can_be_given(tag: Tag, before: str) -> bool:
    if tag.text.startswith(_LET):
        return pattern("may_right_before").search(before) is not None
    return tag.text.startswith(_DONE) and pattern("can").search(before) is not None


def _way_out(marked: Marked, tag: Tag, purpose: Segment) -> Iterator[str]:
    segment = marked.segment_of(tag)
    before = marked.text[max(0, tag.start - _NEAR_WAY_OUT) : tag.start]
    is_condition = segment.is_sub and not pattern("you_can").search(before)
    is_begun = pattern("unless").match(marked.text, segment.start) or pattern("unless_word").search(before)
    if pattern("not_out").search(tag.text) or (is_condition and is_begun):
        yield "optout_unless"
    elif (is_condition and segment != purpose) or pattern("who_have").search(before):
        yield "optout_if"
    elif is_condition or _is_offered(marked, tag, before):
        yield "can_opt_out"
    else:
        yield "other_opt_out"


def _is_offered(marked: Marked, tag: Tag, before: str) -> bool:
    if (
        tag.text.startswith(("right to", "may ", "can ", "could "))
        or pattern("can").search(before)
        or not before.strip(" \"'(")
    ):
        return True
    return not any(one.text in {"we", "us"} for one in marked.in_main(marked.segment_of(tag).unit, "we"))
