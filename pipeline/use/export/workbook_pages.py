"""The first and the last page of a workbook: how to read it, and what every column means. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from pipeline.catalog.rows import naive
from pipeline.model import Basis, RetentionKind, Training
from pipeline.use.export.extract import Extract, Table
from pipeline.use.wording import is_weak, remark_on, training_in_words

Line = tuple[object, ...]

_MADE = (
    "Gateways' documentation and feeds and the providers' own terms pages were fetched, read into typed fields and "
    "held against each other by provider-terms. Every value traces to words: `claims` has each statement with its "
    "quote, its place, its link and the SHA-256 of the bytes that it was read from."
)
_UNKNOWN = "Unknown is a value: it is never zero retention, and never a promise not to train."

_RETENTION_KINDS = {
    RetentionKind.NONE: "Prompts are not stored after the response.",
    RetentionKind.PERIOD: "Stored for a stated time: `retention_days`, the longest that the words allow.",
    RetentionKind.UNTIL_EVENT: 'Stored until deletion, closure, "as long as necessary": an event, no number of days.',
    RetentionKind.INDEFINITE: "Stored without end.",
    RetentionKind.UNSTATED: "Stored; for how long is not stated.",
    RetentionKind.UNKNOWN: "The source does not say whether anything is stored.",
}


def about(extract: Extract, tables: Iterable[Table], lost: Iterable[str]) -> Sequence[Line]:
    """Return the lines of the first page: what this is, as of when, who is in it, what its values mean."""
    return tuple(_about(extract, tables, lost))


def _about(extract: Extract, tables: Iterable[Table], lost: Iterable[str]) -> Iterator[Line]:
    yield ("What this is", extract.package["title"])
    yield ("As of (UTC)", naive(extract.moment))
    yield ("How it was made", _MADE)
    yield ("Build", extract.package["build_key"])
    yield ("Offerings", f"{len(extract.offerings)} of {extract.of_offerings}")
    for words in extract.filters:
        yield ("Chosen by", words)
    yield ("Weak", _weak(extract))
    yield ("Times", "UTC, whole seconds. A look of which only the day is known counts as the end of that day.")
    yield ("Licence", "; ".join(f"{one['name']}, {one['path']}" for one in extract.package["licenses"]))
    for remark in (*extract.remarks, *lost):
        yield ("Not in here", remark)
    yield ()
    yield ("Retention", _UNKNOWN)
    for kind in RetentionKind:
        yield (kind.value, _RETENTION_KINDS[kind])
    yield ()
    yield ("Training", "Whether prompts are used to train models.")
    for use in Training:
        yield (use.value, training_in_words(use))
    yield ()
    yield ("Sheet", "What a row is")
    for table in tables:
        yield (table.name, f"{table.description} {len(table.rows)} row{'' if len(table.rows) == 1 else 's'}.")


def _weak(extract: Extract) -> str:
    retention = sum(is_weak(one.retention_basis) for one in extract.offerings)
    training = sum(is_weak(one.training_basis) for one in extract.offerings)
    return (
        f"`retention_basis` and `training_basis` tell how the gateway carries a value. `rendered` is "
        f"{remark_on(Basis.RENDERED)}. So are the retention of {retention} and the training of {training} of these "
        f"{len(extract.offerings)} offerings, and what the strictest reading takes from the gateway there."
    )


def dictionary(tables: Iterable[Table]) -> Sequence[Line]:
    """Return the lines of the last page: every column with its type, its unit and its meaning."""
    return (
        ("sheet", "column", "type", "unit", "may be empty", "description"),
        *(
            (
                table.name,
                column.name,
                column.field["type"],
                column.field.get("unit"),
                "no" if column.field.get("constraints", {}).get("required") else "yes",
                column.description,
            )
            for table in tables
            for column in table.columns
        ),
    )
