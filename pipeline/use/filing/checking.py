"""Whether an evidence file is whole and says what its captures say, by itself: no catalog, no archive, no network."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from pipeline.errors import EvidenceError
from pipeline.model import POLICY_TOPICS
from pipeline.normalize.unseen import plain
from pipeline.use.filing.holding import check_policies
from pipeline.use.filing.opening import MOST_BYTES, Opened, open_evidence
from pipeline.use.filing.records import MANIFEST, README, SUMMARY, SUMS, Capture, Claim, Evidence
from pipeline.use.filing.rereading import Found, read_again
from pipeline.use.filing.texts import as_readme, as_summary

_SUM: Final = re.compile(r"([0-9a-f]{64})  (\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found: `problems` are a line each; `missing` are captures that the file itself says it does not have.

    `quote_count` quotes stand at their places; `wordless_count` claims have no quote, or no capture to hold it against.
    `tool` made the file; where that is another version, this one reads no value where `unread_count` claims state one.
    """

    problems: tuple[str, ...]
    missing: tuple[str, ...]
    quote_count: int
    wordless_count: int = 0
    capture_count: int = 0
    unread_count: int = 0
    tool: str | None = None


def check_evidence(path: Path, tool: str) -> Verdict:
    """Return whether an evidence file holds together; raise EvidenceError, in one line, where it may not be opened.

    `tool` is this program with its version: where the same made the file, its texts must be those that it would write.
    """
    with open_evidence(path) as opened:
        problems = list(_check_sums(opened))
        try:
            evidence = Evidence.model_validate_json(opened.read(MANIFEST))
        except ValidationError as error:
            told = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, told["loc"]))
            problems.append(f"{MANIFEST} is not as this program writes it: {plain(where)[:80]}: {plain(told['msg'])}")
            return Verdict(problems=tuple(problems), missing=(), quote_count=0)
        return _check(opened, evidence, problems, tool)


def _check(opened: Opened, evidence: Evidence, problems: list[str], tool: str) -> Verdict:
    is_of_this_tool = evidence.tool == tool
    problems += _check_texts(opened, evidence) if is_of_this_tool else ()
    problems += (*_check_listed(opened, evidence), *check_policies(evidence))
    if sum(opened.sizes.get(str(one.path), 0) for one in evidence.captures) > MOST_BYTES:
        raise EvidenceError(f"{opened.path} is refused: {MANIFEST} lists its captures again and again")
    claims: defaultdict[tuple[str, str], list[Claim]] = defaultdict(list)
    for one in evidence.claims:
        if one.capture_id is not None:
            claims[one.source_id, one.capture_id].append(one)
        elif one.topic in POLICY_TOPICS:
            problems.append(f"claim {plain(one.claim_id)[:80]}: it rests on no capture")
    quotes, unread, missing = 0, 0, []
    offerings = {str(one.get("offering_id")): one for one in evidence.offerings}
    sources = {one.source_id: one for one in evidence.sources}
    for capture in evidence.captures:
        mine = claims.pop((capture.source_id, capture.sha256), [])
        if capture.missing is not None or capture.path is None:
            missing.append(f"{capture.sha256} of {plain(capture.source_id)}: {_counted(mine)} cannot be checked")
            continue
        body = opened.read(capture.path) if capture.path in opened.sizes else None
        source = sources.get(capture.source_id)
        if body is None or source is None:
            problems.append(
                f"capture {capture.sha256} of {plain(capture.source_id)}: its file or its source is not there"
            )
            continue
        if why := _damage(capture, body):
            problems.append(f"{capture.path} {why}")
            continue
        if not mine:
            continue
        read = read_again(body, source, capture.content_type, offerings)
        found = [(one, read(one)) for one in mine]
        problems += [_told(one, why) for one, this in found if (why := _problem(this, is_of_this_tool=is_of_this_tool))]
        quotes += sum(bool(one.quote) and this.problem is None for one, this in found)
        unread += sum(this.problem is None and not this.is_read for _, this in found)
    problems += [
        f"{_counted(mine)} of {plain(source_id)}: capture {key} is not listed"
        for (source_id, key), mine in claims.items()
    ]
    return Verdict(
        problems=tuple(problems),
        missing=tuple(missing),
        quote_count=quotes,
        wordless_count=sum(one.capture_id is None or not one.quote for one in evidence.claims),
        unread_count=0 if is_of_this_tool else unread,
        tool=evidence.tool,
        capture_count=len({one.sha256 for one in evidence.captures if one.path is not None}),
    )


def _check_sums(opened: Opened) -> Iterator[str]:
    """Yield every file that is not as SHA256SUMS says, or not in it."""
    lines = opened.read(SUMS).decode("utf-8", "replace").splitlines()
    sums: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        found = _SUM.fullmatch(line)
        if found is None or found[2] in sums:
            yield f"{SUMS}:{number}: not a hash and a file, or a file for the second time"
        else:
            sums[found[2]] = found[1]
    yield from (f"{plain(name)} is in {SUMS} and is not there" for name in sorted(sums.keys() - opened.sizes.keys()))
    for name in sorted(opened.sizes.keys() - {SUMS}):
        if sums.get(name) != hashlib.sha256(opened.read(name)).hexdigest():
            yield f"{name} is not as {SUMS} says"


def _check_texts(opened: Opened, evidence: Evidence) -> Iterator[str]:
    for name, write in ((SUMMARY, as_summary), (README, as_readme)):
        try:
            expected = write(evidence).encode()
        except (KeyError, TypeError, ValueError):  # a column that is not there, or a word that no closed list has
            expected = None
        if opened.read(name) != expected:
            yield f"{name} does not say what {MANIFEST} says"


def _check_listed(opened: Opened, evidence: Evidence) -> Iterator[str]:
    listed = {one.path for one in evidence.captures}
    for name in sorted(opened.sizes):
        if name.startswith("captures/") and name not in listed:
            yield f"{name} is not in {MANIFEST}"


def _damage(capture: Capture, body: bytes) -> str | None:
    if hashlib.sha256(body).hexdigest() != capture.sha256 or Path(str(capture.path)).stem != capture.sha256:
        return "holds other bytes than its name says"
    return None if len(body) == capture.size_bytes else f"has {len(body)} bytes, not {capture.size_bytes}"


def _problem(found: Found, *, is_of_this_tool: bool) -> str | None:
    if found.problem is None and is_of_this_tool and not found.is_read:
        return "no value is read at its place"
    return found.problem


def _told(claim: Claim, problem: str) -> str:
    return plain(f"claim {claim.claim_id}: {problem}: {claim.source_id}, {claim.locator}")[:300]


def _counted(claims: Iterable[Claim]) -> str:
    count = len(list(claims))
    return f"{count} quote{'' if count == 1 else 's'}"
