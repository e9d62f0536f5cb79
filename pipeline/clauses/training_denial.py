"""Finds whether a purpose is denied, and which choice is left with it."""

from collections.abc import Iterator
from typing import Final

from pipeline.clauses.sentence import Segment
from pipeline.clauses.training_marked import Marked
from pipeline.clauses.training_purposes import pattern
from pipeline.clauses.training_words import Tag

_NEAR_NOT: Final = 60  # characters after a purpose in which a denial of it stands
_NEAR_CONSENT: Final = 60
_NEAR_WAY_OUT: Final = 80
# Words of choice that somebody can do, and not only give.
_DONE: Final = (*("opt", "participat", "turn", "enabl", "join", "choose", "elect", "decide", "volunteer", "donat"),)
_LET: Final = ("authori", "allow", "permit", "let")


def denial_signs(marked: Marked, purpose: Tag) -> Iterator[str]:
    """Give `negated` where the purpose is denied, and `hedged` where a denial may be none."""
    if _is_denied(marked, purpose) or any(
        _is_state(marked, tag) for tag in marked.in_main(marked.segment_of(purpose).unit, "optout")
    ):
        yield "negated"
    if any(tag.kind == "hedge" for tag in marked.tags):
        yield "hedged"


def _is_denied(marked: Marked, purpose: Tag) -> bool:
    left = marked.text[: purpose.start]
    if pattern("label").match(left) and marked.text[purpose.end :].lstrip(" *_").startswith(":"):
        return any(tag.kind == "not" and tag.start > purpose.end for tag in marked.tags)
    if pattern("denied_label").match(marked.text, purpose.end):
        return True
    segment = marked.segment_of(purpose)
    main = [tag for tag in marked.in_main(segment.unit, "not") if _governs(marked, tag, purpose)]
    if not main and not _has_verb(marked, segment, left):
        main = marked.in_main(segment.unit - 1, "not")
    if segment.is_sub and pattern("other_than").match(marked.text, segment.start):
        return not main
    if segment.is_sub and pattern("if_clause").match(marked.text, segment.start):
        main = []
    own = [tag for tag in marked.within(segment, "not") if _governs(marked, tag, purpose)]
    listed = pattern("lead_denies").search(marked.sentence.lead) or pattern("nothing_permits").search(left)
    return bool(own or main or listed)


def _governs(marked: Marked, negation: Tag, purpose: Tag) -> bool:
    """Tell whether a negation denies a purpose: it stands before it, or right after it as what is said of it."""
    if any(match.start() <= negation.start < match.end() for match in pattern("quoted").finditer(marked.text)):
        return False
    if negation.start < purpose.start:
        return True
    if pattern("ruled_out").fullmatch(negation.text) and pattern("is_before").search(marked.text[: negation.start]):
        return True
    if negation.start - purpose.end > _NEAR_NOT or any(tag.kind == "optout" for tag in marked.tags):
        return False
    return not any(
        tag.kind in {"use", "we"} and tag.start < purpose.start and marked.is_same_unit(tag, purpose)
        for tag in marked.tags
    )


def _has_verb(marked: Marked, segment: Segment, left: str) -> bool:
    """Tell whether the clause of a purpose has a verb of its own, so that the clause before does not deny it."""
    start = min(one.start for one in marked.segments if one.unit == segment.unit)
    return start == 0 or pattern("verb").search(left, start) is not None


def _is_state(marked: Marked, tag: Tag) -> bool:
    """Tell whether "disabled" or "off" tells how it stands, and is not what the reader may do."""
    left = marked.text[: tag.start]
    return pattern("state").search(left) is not None and not pattern("can_be").search(left)


def choice_signs(marked: Marked, purpose: Tag) -> Iterator[str]:
    """Give the signs of choice: consents that are asked for, ways out that are offered, defaults and settings."""
    segment = marked.segment_of(purpose)
    taken_back = pattern("unless_customer").search(marked.text, purpose.end)
    if taken_back and not any(tag.kind == "optout" and tag.start > taken_back.start() for tag in marked.tags):
        yield "consent_unless"
    tied = pattern("nor_without").search(marked.text, purpose.end)
    if tied and any(tag.kind == "optin" and tag.start >= tied.end() for tag in marked.tags):
        yield "consent_unless"
    for tag in marked.tags:
        match tag.kind:
            case "default":
                yield "default"
                if pattern("off_by_default").match(tag.text):
                    yield "negated"
            case "setting" if marked.segment_of(tag).is_sub:
                yield "setting_if"
            case "optin":
                yield from _consent(marked, tag, segment)
            case "optout" if not _is_state(marked, tag):
                yield from _way_out(marked, tag, segment)
            case _:
                pass


def _consent(marked: Marked, tag: Tag, purpose: Segment) -> Iterator[str]:
    segment = marked.segment_of(tag)
    start = max(0, segment.start if segment.is_sub else 0, tag.start - _NEAR_CONSENT)
    before = marked.text[start : tag.start]
    is_weak = pattern("weak_consent").search(tag.text) and not pattern("strong_consent").search(tag.text)
    if pattern("but_not_if").search(marked.text[: tag.start + len("you")]):
        yield "optout_unless"
    elif _is_missing(marked, tag, before, purpose):
        yield "consent_unless"
    elif pattern("with_consent").search(before):
        yield "weak_if" if is_weak and "only" not in before else "consent_if"
    elif _can_be_given(tag, before):
        yield "can_opt_in"
    elif not is_weak and (pattern("bound_to").search(before) or tag.text.startswith("opt")):
        yield "consent_if"


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
    if is_condition and is_begun:
        yield "optout_unless"
    elif (is_condition and segment != purpose) or pattern("who_have").search(before):
        yield "optout_if"
    elif is_condition or _is_offered(marked, tag, before):
        yield "can_opt_out"
    else:
        yield "other_opt_out"


def _is_offered(marked: Marked, tag: Tag, before: str) -> bool:
    if tag.text.startswith("right to") or pattern("can").search(before) or not before.strip(" \"'("):
        return True
    return not any(one.text in {"we", "us"} for one in marked.in_main(marked.segment_of(tag).unit, "we"))
