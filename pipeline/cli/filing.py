"""The command `evidence`, and `verify` of what it wrote."""

import argparse
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

from pipeline.catalog.reasons import counted
from pipeline.cli import DEGRADED, NO
from pipeline.cli.reading import open_catalog
from pipeline.cli.writing import check_target
from pipeline.collect.files import write_whole
from pipeline.errors import EvidenceError
from pipeline.normalize.unseen import plain
from pipeline.use.filing.checking import Verdict, check_evidence
from pipeline.use.filing.packing import pack_evidence
from pipeline.use.filing.texts import UNPROVED
from pipeline.workplace import Workplace


def run_evidence(options: argparse.Namespace) -> int:
    """File the evidence on one provider; 3 where a capture is missing from the archive, which the file then tells."""
    target: Path = options.out
    check_target(target, is_forced=options.force)
    work = Workplace(options.data, with_recorded=not options.no_recorded)
    with open_catalog(options) as catalog:
        packed = pack_evidence(
            catalog,
            options.name,
            sources=work.sources,
            looks=work.observations(),
            read_body=work.read_body,
            tool=_tool(),
        )
    write_whole(target, packed.body)
    for line in packed.missing:
        print(plain(f"provider-terms: listed as missing: {line}"), file=sys.stderr)
    evidence = packed.evidence
    held = {one.sha256 for one in evidence.captures if one.path is not None}
    found = f"{counted(len(evidence.claims), 'claim')}, {counted(len(held), 'capture')}"
    print(plain(f"{evidence.provider_id}: {found}, written to {target}"), file=sys.stderr)
    return DEGRADED if packed.missing else 0


def verify_file(path: Path) -> int:
    """Check an evidence file; 4 where anything is wrong, 3 where it only lacks captures that it says it lacks.

    It is 3 too where another version made it: this one cannot tell what its texts should be.

    A folder is a report: its files are held against its `report.json`.
    """
    if path.is_dir():
        return _verify_report(path)
    try:
        verdict = check_evidence(path, _tool())
    except EvidenceError as error:
        print(plain(" ".join(str(error).split())))
        return NO
    for line in (*verdict.problems, *(f"missing when the file was made: {one}" for one in verdict.missing)):
        print(plain(line))
    print(_in_words(verdict))
    print(f"not checked, for no such file proves it by itself: {'; '.join(UNPROVED)}")
    if verdict.problems:
        return NO
    return DEGRADED if verdict.missing or verdict.tool != _tool() else 0


def _verify_report(folder: Path) -> int:
    from pipeline.use.report.checking import find_damaged_pages  # noqa: PLC0415 - needs the templates

    damaged = find_damaged_pages(folder)
    for line in damaged:
        print(plain(line))
    print(f"{len(damaged)} wrong" if damaged else "every file is as report.json says")
    return NO if damaged else 0


def _in_words(verdict: Verdict) -> str:
    places = "its place" if verdict.quote_count == 1 else "their places"
    found = f"{counted(verdict.quote_count, 'quote')} found at {places} in {counted(verdict.capture_count, 'capture')}"
    wordless = f"{counted(verdict.wordless_count, 'claim')} without words of a capture"
    wrong = f"{len(verdict.problems)} wrong, " if verdict.problems else ""
    missing = f", {counted(len(verdict.missing), 'capture')} missing" if verdict.missing else ""
    unread = f", {counted(verdict.unread_count, 'value')} not read by this version" if verdict.unread_count else ""
    maker = (
        ""
        if verdict.tool in {None, _tool()}
        else f", texts not compared, for {plain(str(verdict.tool))[:80]} wrote them"
    )
    return f"{wrong}{found}, {wordless}{missing}{unread}{maker}"


def _tool() -> str:
    return f"provider-terms {version('provider-terms')}"


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {"evidence": run_evidence}
