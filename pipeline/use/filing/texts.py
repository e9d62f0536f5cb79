"""The texts of an evidence file, for a person: how to check it without this program, and what it says. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from pipeline.model import POLICY_TOPICS, Basis, RetentionKind, Topic, Training
from pipeline.use.filing.records import MANIFEST, SUMMARY, SUMS, Capture, Claim, Evidence, names_of
from pipeline.use.marked_up import one_line, web_url
from pipeline.use.wording import agreement_in_words, basis_of, remark_on, retention_in_words, training_in_words

_README = """\
Evidence on what {name} does with prompts
as of {as_of}, made by {tool}

{summary} is to be read: what holds, and every statement with its words, dates and links.
{manifest} says the same for programs: every statement with its quote, its place and the SHA-256 of the capture that
it stands in; every capture with its size, its source, and when and where it was seen.
captures/ holds the bytes as they were fetched, each file named by its own SHA-256.

To check it without the program that made it

1. In this folder run

       sha256sum --check {sums}

   (macOS: shasum -a 256 --check {sums}; Windows: Get-FileHash FILE, against the line of that file.)
   Every line has to end in OK.
2. The name of each file in captures/ is its SHA-256, and {manifest} gives it as `capture_id` with each statement. Open
   the file and search for the quote: markup and white space aside, its words stand there. `locator` says where: for a
   page the block of text and the characters of the text without markup, for a table the row and the column, for JSON
   the pointer.
3. The capture is what its address answered at that time. Whether its owner still says so is for you to look up.

With the program: provider-terms verify FILE.zip
It reads each capture again, and holds against it every statement with its place, its row and its value, and against the
statements every policy.

What no such file proves by itself, for it carries no signature

{unproved}
{missing}
Captures may be under the copyright of those who wrote them: they are kept to prove what was said. This is no legal
advice.
"""


# What a file that somebody made from real captures may say and nothing in it can refute.
UNPROVED: Final = (
    "who made it",
    "when its captures were fetched, and its statements first and last seen",
    "that the captures came from the addresses that are told",
    "that the names and pages are those of the provider",
    "that no other statement was left out",
)


def as_readme(evidence: Evidence) -> str:
    """Return README.txt."""
    missing = "".join(
        f"\nMissing: {one.sha256} of {one.source_id}: {one.missing}" for one in evidence.captures if one.missing
    )
    return _README.format(
        name=one_line(evidence.provider_name),
        as_of=_shown(evidence.as_of),
        tool=one_line(evidence.tool),
        summary=SUMMARY,
        manifest=MANIFEST,
        sums=SUMS,
        unproved="\n".join(f"- {one}" for one in UNPROVED),
        missing=f"{missing}\n" if missing else "",
    )


def as_sums(hashes: Mapping[str, str]) -> str:
    """Return SHA256SUMS as `sha256sum` writes and checks it."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(hashes.items()))


def as_summary(evidence: Evidence) -> str:
    """Return SUMMARY.txt: what holds, then every statement, those first that it rests on, then the captures.

    It is plain text, so that a quote stands in it as in its capture and can be searched for: one line each, with what
    cannot be seen written out.
    """
    return "\n".join(_summary(evidence)) + "\n"


def _summary(evidence: Evidence) -> Iterator[str]:
    yield from _heading(f"{evidence.provider_name}: what it does with prompts, and the words that say so", "=")
    build = "unknown" if evidence.build_key is None else evidence.build_key
    yield one_line(f"As of {_shown(evidence.as_of)}, by catalog build {build}, made by {evidence.tool}.")
    yield "What is unknown is no promise. Nothing here is legal advice."
    names = dict.fromkeys(name for one in evidence.offerings for name in names_of(one))
    yield one_line(f"Its names are {', '.join(names)}.")
    for offering in evidence.offerings:
        yield from _offering(offering)
    deciding = [one for one in evidence.claims if one.is_deciding]
    others = [one for one in evidence.claims if not one.is_deciding]
    for title, claims in (("Statements that this rests on", deciding), ("Further statements", others)):
        yield from ("", *_heading(title))
        for one in claims:
            yield from ("", *_claim(one, evidence))
        if not claims:
            yield from ("", "None.")
    yield from ("", *_heading("Captures"))
    for capture in evidence.captures:
        yield from ("", *_capture(capture))


def _heading(text: str, line: str = "-") -> tuple[str, str]:
    shown = one_line(text)
    return shown, line * len(shown)


def _offering(offering: Mapping[str, object]) -> Iterator[str]:
    listed = "listed" if offering.get("is_listed") else "not listed"
    yield from ("", *_heading(f"{offering.get('offering_id')}, {listed} at {offering.get('gateway_id')}"))
    sides = (
        ("", "The gateway states"),
        ("provider_", "The provider's own terms state"),
        ("strictest_", "The strictest reading of both"),
    )
    for prefix, side in sides:
        on_retention, on_training = (basis_of(offering, topic, prefix) for topic in (Topic.RETENTION, Topic.TRAINING))
        kind, days, bound = (offering.get(f"{prefix}retention_{part}") for part in ("kind", "days", "bound"))
        retention = _retention(kind, days, bound, on_retention)
        training = training_in_words(Training(str(offering.get(f"{prefix}training"))), on_training)
        yield from ("", side)
        yield f"    retention: {retention}{_remark(on_retention)}"
        yield f"    training: {training}{_remark(on_training)}"
    yield ""
    for topic in POLICY_TOPICS:
        yield f"On {topic}, {agreement_in_words(offering, topic)}."


def _retention(kind: object, days: object, bound: object, basis: Basis | None) -> str:
    number, limit = days if isinstance(days, int) else None, None if bound is None else str(bound)
    return retention_in_words(RetentionKind(str(kind)), number, limit, basis)


def _remark(basis: Basis | None) -> str:
    remark = remark_on(basis)
    return f"; {remark}" if remark else ""


def _claim(claim: Claim, evidence: Evidence) -> Iterator[str]:
    of = (claim.condition, claim.service, claim.data, claim.grade, claim.verification)
    scope = ", ".join(part.replace("_", " ") for part in of if part is not None)
    ended = "" if claim.ended_at is None else f", gone {_shown(claim.ended_at)}"
    value = "unknown" if claim.value_text is None else claim.value_text
    yield one_line(f"{claim.topic.replace('_', ' ')}: {value}" + (f" ({scope})" if scope else ""))
    words = f'"{one_line(claim.quote)}"' if claim.quote else "no words of its own: its source leaves the place empty"
    title = next((one.title for one in evidence.sources if one.source_id == claim.source_id), claim.source_id)
    address = web_url(claim.url)
    yield f"    {words}"
    yield f"    {one_line(f'{claim.offering_id}, by {title}, {claim.locator}')}"
    if address is not None:
        yield f"    {address}"
    yield f"    seen from {_shown(claim.first_observed_at)} to {_shown(claim.observed_at)}{ended}"
    yield f"    claim {one_line(claim.claim_id)}, {_file_of(claim, evidence)}"


def _file_of(claim: Claim, evidence: Evidence) -> str:
    if claim.capture_id is None:
        return "a reviewed fact of this project's own files, without a capture"
    found = next((one for one in evidence.captures if one.sha256 == claim.capture_id), None)
    if found is None or found.path is None:
        return f"capture {claim.capture_id}, MISSING"
    return one_line(found.path)


def _capture(one: Capture) -> Iterator[str]:
    seen = "unknown when" if one.observed_at is None else _shown(one.observed_at)
    yield one.sha256
    yield f"    {one_line(f'{one.source_id}, first seen {seen}')}"
    if (address := web_url(one.url)) is not None:
        yield f"    {address}"
    yield f"    {one_line(f'MISSING: {one.missing}' if one.missing else f'{one.size_bytes} bytes')}"


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}" if (moment.hour, moment.minute) == (0, 0) else f"{moment:%Y-%m-%d %H:%M} UTC"
