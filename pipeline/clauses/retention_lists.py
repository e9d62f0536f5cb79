"""Reads tables and lists that set times beside kinds of data: "Prompts: 30 days" under "How long data is kept"."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from pipeline.clauses.found import Found
from pipeline.clauses.grammar import Reading
from pipeline.clauses.lexicon import groups
from pipeline.clauses.retention_times import KEPT, times_in
from pipeline.clauses.rules import rule_of
from pipeline.clauses.sentence import Sentence, first_cell
from pipeline.clauses.text import fold
from pipeline.model import BlockKind, Retention, RetentionKind

_DATA: Final = ("content", "files", "fine_tuning", "feedback", "personal")
_OTHERS: Final = ("foreign_section", "foreign", "telemetry")
_LABELLED: Final = re.compile(
    r"[^:\u2013]{2,80}(?::| \u2013 | - )\s*(?P<time>[^:]{1,60}|(?:for|until|up to|as"
    r"|a rolling) [^:]{1,140})$"
)
_BRACKETED: Final = re.compile(r"[^:()]{2,60}\((?P<time>[^()]{1,40})\)$")  # "Prompts (30 days)"
_TIME_FIRST: Final = re.compile(r"(?P<time>[^:()]{2,40}?) (?:for|of) [^:()]{3,60}$")  # "30 days for prompts"
_LONGEST_TIME: Final = 80
_LONGEST_ANSWER: Final = 40
_PLAN: Final = re.compile(r"(?:plans?|tiers?|subscriptions?|editions?|levels?) /")
_ENDPOINT: Final = re.compile(r"\W*(?:(?:api )?endpoints?|operations?|routes?|api|api methods?)\W* /")
# A column that tells of customers' content even where it does not name it.
_OF_CONTENT: Final = re.compile(
    r"(?:auto(?:matic(?:ally)?)?[- ]?)?delet(?:e|es|ed|ion) after"
    r"|(?:data|file|log|logs|trace|request|prompt|history|content) retention(?: period)?"
)
# A first cell that names a feature, which a plan has or has not.
_FEATURE: Final = re.compile(
    r"\b(?:zero|zdr|custom\w*|configur\w+|adjust\w+|controls?|settings?|polic(?:y|ies)|search|exports?|extended"
    r"|unlimited"
    r"|templates?|(?:retention|storage|history) (?:options?|rules?))\b"
)
_AMOUNT: Final = re.compile(r"\W*[1-9][0-9,.]* ?(?:[kmgt]i?b|files|images|documents|messages|chats|items|per \w+)?\W*")
_OTHER_TIME: Final = re.compile(
    r"\b(?:(?:response|answer|reply) times?|notice|trial|refunds?|warranty|support|invoices?|discount|uptime|renewal)\b"
)
# A first cell on what a plan keeps, content or not.
_OF_DATA: Final = re.compile(
    r"\W*(?:data|content|customer data|traces?|logs?|log data|requests?|runs?|history|prompts?"
    r"|observability)? ?retention(?: period| time| window)?\W*"
)
_PLANS: Final = re.compile(
    r"(?:^|/ )(?:free|hobby|starter|basic|base|core|lite|solo|individual|personal|developer|pro|professional|plus"
    r"|premium|standard|extended|advanced|essentials?|team|teams|growth|scale|business|enterprise|ultimate|community)"
    r"(?: (?:plan|tier))? ?(?:/|$)"
)
_WHETHER_KEPT: Final = re.compile(
    r"\W*(?:.{0,40} )?(?:stored|kept|retained|logged|saved|persisted|recorded|logging)(?: (?:by us|by default))?\W*"
    r"|\W*(?:logs|stores|keeps|retains|saves|records) [\w ]{3,30}\W*"
)
_KEEPING: Final = re.compile(r"\W*(?:default |data |content )?(?:retention|storage)(?: by default)?\W*")
_HOW_LONG_KEPT: Final = re.compile(r"\b(?:how long|where|until|for|period|time)\b")
_YES: Final = re.compile(r"\W*(?:yes|on|enabled|\u2713|\u2714|\u2705|always)(?: \(?by default\)?)?\W*")
_OTHERS_HEAD: Final = re.compile(
    r"\W*(?:(?:sub-?)?processor|provider|vendor|partner|maker|host|model|company|name)s?\b"
)
# What stands for all content of a plan or a way to use the service, in a list on keeping.
_PLAN_LABEL: Final = re.compile(
    r"\W*(?:the |our )?(?:api|playground|web ?app|mobile app|chat|app|batch|free|hobby|starter|basic|pro|plus"
    r"|premium|team|teams|business|enterprise|all plans)"
    r"(?: (?:plans?|tiers?|users|customers|api|app|product|requests|calls))?[^\w:]{0,4}(?::| \u2013 | - )"
)
# An item that says more than a name.
_SAYS: Final = re.compile(
    r"\b(?:is|are|was|were|be|we|may|can|will|do|does|has|have|if|unless|except|only|but|when|after|for)\b|:"
)
_HOW_LONG: Final = re.compile(
    r"\bhow long [^.?]{0,80}\b(?:keep|kept|store[ds]?|retain(?:ed)?|sav(?:e|ed)|held|hold)\b[^.?]{0,80}\?\W*$"
)

# "Can I delete a chat?", and an answer that begins with a yes or with what to do.
_CAN_DELETE: Final = re.compile(
    r"\b(?:can|may|how (?:do|can|would|could|to)|is it possible to|is there a way to)\b[^.?]{0,24}"
    r"\b(?:delete|remove|erase|clear|purge|get rid of)\b[^.?]{0,60}\?\W*$"
)
_TELLS_HOW: Final = re.compile(
    r"\W*(?:a: ?)?(?:yes\b|you can\b|(?:go|navigate|head) to\b|open\b|click\b|tap\b|use\b|select\b|choose\b|send\b"
    r"|call\b"
    r"|contact\b|e-?mail\b|write to\b|(?:in|from|under|through|via) (?:the|your|our)\b|delete (?:it|them|/)|simply\b"
    r"|just\b)"
)
_ANSWER_MARK: Final = re.compile(r"\W*(?:a|answer)[:.)] ?(?=\w)")
_NO_MARK: Final = re.compile(r"\s*[\u2717\u2718\u2715\u2716\u274c\u00d7]\ufe0f?\s*")
# A heading that is on keeping and on nothing else.
_ON_KEEPING: Final = re.compile(
    r"\W*(?:[0-9.]+ )?(?:our |default |standard )?(?:data |content |log |file |message )?(?:retention"
    r"|storage)(?: periods?| times?| policy"
    r"| windows?| limits?| by \w+| overview| at a glance)?\W*|\W*how long (?:we|do we|is|are) [^?]{2,50}\b(?:keep"
    r"|kept|stored?|retain\w*)\b\W*"
)
_WHETHER: Final = re.compile(
    r"(?:^|[.?!:] |q: ?)\W*(?:do|does|will|are|is) (?:you|we|[\w.]+|(?:the|my|our|your"
    r"|any(?: of)?) [^.?]{2,60}?)\b[^.?]{0,80}"
    r"\b(?:keep|kept|store[ds]?|retain(?:ed)?|save[ds]?|logg?(?:ed)?|record(?:ed)?|persist(?:ed)?|held|archived?"
    r"|hold on to|written (?:to|anywhere))\b[^.?]{0,80}\?\W*$"
)
_DENIAL: Final = re.compile(
    r"\W*(?:a: ?)?(?:no|never|not at all|by default,? no|no,? never|(?:no, )?not by default"
    r"|(?:no|never),? (?:unless|until) you [\w ]{3,40}|(?:no, )?(?:we|they|it) (?:do not|don't|does not"
    r"|doesn't|are not|aren't|is not|isn't|never (?:do|does|will)|will not|won't))\W*"
)


def find_named(sentence: Sentence) -> tuple[Found, ...]:
    """Return the times that a cell or an item names under a head on keeping."""
    kind = sentence.block.kind
    if kind is BlockKind.ROW:
        return tuple(_of_cell(sentence)) or tuple(_of_answer(sentence, _question_of_row(sentence)))
    if kind is BlockKind.ITEM or sentence.lead:
        return tuple(_of_item(sentence))
    return tuple(_of_answer(sentence, sentence.before)) or tuple(_of_item(sentence))


def find_told_how(sentence: Sentence) -> Iterator[Found]:
    """Read the begin of an answer to a question on how to delete content: "Yes, in the settings."."""
    if sentence.start > 0 or _CAN_DELETE.search(sentence.asked) is None or _TELLS_HOW.match(sentence.text) is None:
        return
    if any(groups()[group].search(sentence.asked) for group in ("content", "files", "fine_tuning")):
        rule = rule_of("retention.toml", "retention-until-how-to-delete")
        yield Found(
            reading=Reading(sentence, 0, len(sentence.text), "delete_noun"),
            rule=rule,
            value=Retention(kind=RetentionKind.UNTIL_EVENT),
            is_certain=False,
            condition=rule.condition,
            trigger=None,
        )


def _question_of_row(sentence: Sentence) -> str:
    """Return the question that the first cell of a row asks, where the sentence begins the second; or nothing."""
    cells = sentence.block.cells
    is_first = len(cells) > 1 and sentence.start == cells[1][0]
    head = fold(first_cell(sentence.block)).strip()
    return head if is_first and head.endswith("?") else ""


def _of_answer(sentence: Sentence, asked: str) -> Iterator[Found]:
    """Read a short answer, "Up to 30 days." or "No.", to a question that asks how long, or whether, content is kept."""
    is_time = groups()["begins_time"].match(_ANSWER_MARK.sub("", sentence.text, count=1)) is not None
    if len(sentence.text) > (_LONGEST_TIME if is_time else _LONGEST_ANSWER):
        return
    question = _HOW_LONG.search(asked) or _WHETHER.search(asked)
    if question is None:
        return
    answer = _ANSWER_MARK.sub("", sentence.text, count=1)
    if question.re is _WHETHER:
        # What stands after a yes tells more, and what a yes in a cell is of may stand beside it.
        is_whole = sentence.block.kind is not BlockKind.ROW and not sentence.after.strip()
        answer = "none" if _DENIAL.fullmatch(answer) else KEPT if is_whole and _YES.fullmatch(answer) else answer
    yield from _found(sentence, answer, question[0])


def _of_cell(sentence: Sentence) -> Iterator[Found]:
    """Read a cell under a header on keeping, or beside a first cell on it; the other cells of the row tell of what."""
    head = fold(first_cell(sentence.block))
    row, header = fold(sentence.block.text), fold(" / ".join(sentence.block.header))
    is_told = any(groups()[group].search(sentence.lead) for group in (*_DATA, *_OTHERS))
    about = f"{row} / {sentence.lead if is_told else header} / {sentence.headings}"
    is_beside = sentence.start >= sentence.block.cells[0][1]
    if is_beside and groups()["row_head"].search(head) is not None:
        if _OF_DATA.fullmatch(head) and _PLANS.search(header):
            about = f"{about} / files"
        if not _is_of_amounts(sentence):
            yield from _fitting(_found(sentence, _answered(sentence.text, head), about), head)
        return
    if _PLAN.match(header) and groups()["row_head"].search(sentence.lead) and not _OF_CONTENT.fullmatch(sentence.lead):
        yield from _fitting(_found(sentence, sentence.text, about), sentence.lead)
        return
    if is_beside and _WHETHER_KEPT.fullmatch(sentence.lead) is not None:
        yield from _found(sentence, _answered_beside(sentence, row), about)
        return
    if not _is_under_head(sentence, header):
        return
    if _ENDPOINT.match(header):
        about = f"{about} / files"
    if _PLAN.match(header):  # the rows name plans; what is kept stands above the table or in the title
        about = f"{about} / {sentence.page.title}"
        if _OF_CONTENT.fullmatch(sentence.lead):
            about = f"{about} / files"
    yield from _found(sentence, _answered(sentence.text, sentence.lead), about)


def _is_under_head(sentence: Sentence, header: str) -> bool:
    """Tell whether a cell stands under a header on keeping, or in a table whose heading is on nothing else."""
    is_of_times = sentence.around("lead", "time_head") and (
        any(sentence.around(place, "retention_head") for place in ("headings", "title"))
        or groups()["retention_head"].search(header) is not None
    )
    if is_of_times or sentence.around("lead", "retention_head"):
        return True
    heading = fold(sentence.block.headings[-1]) if sentence.block.headings else ""
    is_beside = sentence.start >= sentence.block.cells[0][1]
    return is_beside and _ON_KEEPING.fullmatch(heading) is not None and not _is_of_amounts(sentence)


def _is_of_amounts(sentence: Sentence) -> bool:
    """Tell whether a row has a cell with a bare number or a size: how many or how much, and not how long."""
    text = sentence.block.text
    return any(_AMOUNT.fullmatch(fold(text[start:end])) for start, end in sentence.block.cells)


def _fitting(found: Iterable[Found], head: str) -> Iterator[Found]:
    """Leave out what a first cell cannot mean: no feature, or no history to look at, is no promise to keep nothing."""
    is_feature = _FEATURE.search(head) is not None
    is_history = groups()["row_history"].search(head) is not None
    for one in found:
        kind = one.value.kind if isinstance(one.value, Retention) else None
        if kind is RetentionKind.PERIOD or not (is_feature or (is_history and kind is RetentionKind.NONE)):
            yield one


def _answered(text: str, head: str) -> str:
    """Return a cell's text, or that something is kept, where that is all it says: "Yes" below "Stored?"."""
    if _NO_MARK.fullmatch(text) and _WHETHER_KEPT.fullmatch(head):
        return "none"
    is_whether = (_WHETHER_KEPT.search(head) or _KEEPING.fullmatch(head)) and not _HOW_LONG_KEPT.search(head)
    return KEPT if is_whether and _YES.fullmatch(text) else text


def _answered_beside(sentence: Sentence, row: str) -> str:
    """Return what a cell below "Stored?" answers; nothing for a yes beside a time, which tells more."""
    answer = _answered(sentence.text, sentence.lead)
    return "" if answer == KEPT and groups()["any_length"].search(row) else answer


def _of_item(sentence: Sentence) -> Iterator[Found]:
    """Read "kind of data: time", and the other ways to write it, under a lead-in or heading on keeping."""
    above = fold(sentence.block.headings[-1]) if sentence.block.headings else ""
    if sentence.block.kind is BlockKind.ITEM and not sentence.lead and _is_of_never_list(sentence, above):
        yield from _found(sentence, "none", sentence.text)
        return
    text = sentence.text.rstrip(".;, ")
    if groups()["foreign_section"].search(above) or _OTHER_TIME.search(text):
        return
    match = _LABELLED.fullmatch(text)
    is_alone = sentence.block.kind is BlockKind.ITEM or len(sentence.text) == len(sentence.block.text.strip())
    if match is None and is_alone and not _SAYS.search(text.replace(" for ", " ")):
        match = None if " free" in text else _BRACKETED.fullmatch(text) or _TIME_FIRST.fullmatch(text)
    if match is not None and any(sentence.around(place, "retention_head") for place in ("lead", "headings")):
        yield from _found(sentence, match["time"], sentence.text)


def _is_of_never_list(sentence: Sentence, above: str) -> bool:
    """Tell whether an item only names a thing, under a heading such as "What we don't save"."""
    is_short = len(sentence.text) <= _LONGEST_TIME and not _SAYS.search(sentence.text)
    return is_short and groups()["never_list"].search(above) is not None


def _found(sentence: Sentence, time: str, about: str) -> Iterator[Found]:
    """Give the times that a text names for what it is about."""
    named = groups()
    is_named = any(named[group].search(about) for group in _DATA)
    is_foreign = any(named[group].search(about) for group in _OTHERS)
    is_plan = not is_named and _PLAN_LABEL.match(about) is not None
    if not (is_named or is_plan) or (is_foreign and not _begins_with_content(sentence)):
        return
    for value, trigger in times_in(time):
        rule = rule_of("retention.toml", f"retention-{value.kind.value}-listed")
        yield Found(
            reading=Reading(sentence, 0, len(sentence.text), "keep_noun"),
            rule=rule,
            value=value,
            is_certain=named["content"].search(about) is not None and not _is_of_others(sentence),
            condition=rule.condition,
            trigger=trigger or None,
        )


def _is_of_others(sentence: Sentence) -> bool:
    """Tell whether the rows of a table are about makers and models, each with a way of its own."""
    return bool(sentence.block.header) and _OTHERS_HEAD.match(fold(sentence.block.header[0])) is not None


def _begins_with_content(sentence: Sentence) -> bool:
    """Tell whether a row names content before it names anything else: "Chats, files, settings, payment data"."""
    named, cell = groups(), fold(first_cell(sentence.block))
    others = [match.start() for group in _OTHERS if (match := named[group].search(cell))]
    mine = [match.start() for group in ("content", "files") if (match := named[group].search(cell))]
    return bool(mine) and bool(others) and min(mine) < min(others) and "," in cell[min(mine) : min(others)]
