"""The commands that read terms pages from files. They need no network and no catalog."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from pipeline.clauses import read_statements
from pipeline.cli import FAILED
from pipeline.cli.render import print_json, print_table
from pipeline.errors import ParseError, UsageError
from pipeline.model import Document, Grade, Retention, Statement
from pipeline.normalize.unseen import plain
from pipeline.parse.document import parse_document
from pipeline.use.scoring import Scores, score

_CONTENT_TYPES: Final = {
    ".html": "text/html",
    ".htm": "text/html",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".mdx": "text/markdown",
    ".markdown": "text/markdown",
}


def run_extract(options: argparse.Namespace) -> int:
    """Print the statements of each file as JSON Lines; a file that cannot be read is told of, and the rest go on."""
    failed = False
    for path in options.files:
        try:
            rows = _rows(path, options.doc_root)
        except (OSError, ParseError) as error:
            failed = True
            print(f"provider-terms: {plain(_why(path, error))}", file=sys.stderr)
            continue
        for row in rows:
            print(json.dumps(row, ensure_ascii=False))
    return FAILED if failed else 0


def _why(path: Path, error: OSError | ParseError) -> str:
    said = error.strerror if isinstance(error, OSError) else None
    return f"{path}: {' '.join((said or str(error)).split())}"


def _rows(path: Path, root: Path | None) -> list[dict[str, object]]:
    doc = _name(path, root)
    return [_row(doc, statement) for statement in read_statements(_read_document(path))]


def _read_document(path: Path) -> Document:
    return parse_document(path.read_bytes(), content_type=_CONTENT_TYPES.get(path.suffix.lower()))


def _name(path: Path, root: Path | None) -> str:
    """Return the file's name below the root, or as it was given where it lies elsewhere."""
    if root is None:
        return path.as_posix()
    resolved, base = path.resolve(), root.resolve()
    return resolved.relative_to(base).as_posix() if resolved.is_relative_to(base) else path.as_posix()


def _row(doc: str, one: Statement) -> dict[str, object]:
    is_retention = isinstance(one.value, Retention)
    return {
        "doc": doc,
        "topic": one.topic.value,
        "value": one.value.kind.value if isinstance(one.value, Retention) else one.value.value,
        "days": one.value.days if isinstance(one.value, Retention) and is_retention else None,
        "data": one.data.value,
        "condition": one.condition.value,
        "service": one.service.value,
        "grade": one.grade.value,
        "quote": one.quote,
        "locator": one.locator,
        "rule_id": one.rule_id,
    }


def run_eval(options: argparse.Namespace) -> int:
    """Print how claims stand against labels: all claims, and those of each grade."""
    labels = list(_read_rows(options.labels))
    if options.predictions is not None:
        claims = list(_read_rows(options.predictions))
    else:
        docs = sorted({str(row["doc"]) for row in labels})
        claims = [row for doc in docs for row in _rows(options.doc_root / doc, options.doc_root)]
    grades = {"any": claims} | {
        grade.value: [claim for claim in claims if claim.get("grade") == grade.value] for grade in Grade
    }
    scores = {name: score(rows, labels, _text_reader(options.doc_root)) for name, rows in grades.items()}
    if options.format == "json":
        print_json({name: {**asdict(one)} for name, one in scores.items()})
        return 0
    _print_scores(scores)
    return 0


def _print_scores(scores: Mapping[str, Scores]) -> None:
    rows = [
        {"grade": grade, "topic": topic, **asdict(figures)}
        for grade, one in scores.items()
        for topic, figures in one.figures.items()
    ]
    print_table(rows, tuple(rows[0]))
    whole = scores["any"]
    print(
        f"{whole.documents} documents, {whole.unquoted} quotes not in their document, {whole.ignored} claims of "
        "documents without a label"
    )


def _text_reader(root: Path) -> Callable[[str], str]:
    return lambda doc: (root / doc).read_text(encoding="utf-8", errors="replace")


def _read_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8: {error.reason} at byte {error.start}") from error
    for number, line in enumerate(text.split("\n"), start=1):  # a quote may hold what else ends a line
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise UsageError(f"{path}, line {number}: not JSON: {error}") from error
            yield _checked(row, f"{path}, line {number}")


def _checked(row: object, where: str) -> Mapping[str, Any]:
    if not isinstance(row, dict):
        raise UsageError(f"{where}: not an object")
    missing = _missing(row)
    if missing:
        raise UsageError(f"{where}: without {', '.join(missing)}")
    if type(row.get("days")) not in {int, float, type(None)}:  # True is no number here
        raise UsageError(f"{where}: days is no number")
    return row


def _missing(row: Mapping[str, object]) -> list[str]:
    needed: Iterable[str] = ("doc", "topic") if row.get("topic") == "none" else ("doc", "topic", "value", "quote")
    return [key for key in needed if not isinstance(row.get(key), str)]


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {"extract": run_extract, "eval": run_eval}
