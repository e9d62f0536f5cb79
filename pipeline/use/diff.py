"""What differs between two states of the catalog: rows and fields of `provider_terms`. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Final

from pipeline.catalog.reasons import counted
from pipeline.catalog.records import OfferingTerms
from pipeline.use.change_text import utc_text
from pipeline.use.marked_up import in_markdown, markdown_table, one_line

# When something was looked at: it differs at every refresh, and says nothing of the terms.
OBSERVED: Final = frozenset({"observed_at", "last_verified_at"})
# Where somebody is and where pages lie: reviewed files tell it from the day on which it was looked up.
WHEREABOUTS: Final = ("headquarters", "datacenters", "terms_url", "privacy_url", "data_usage_url", "status_url")
_KEY: Final = ("gateway_id", "offering_id")
_NAMES: Final = tuple(field.name for field in fields(OfferingTerms) if field.name not in _KEY)
_FIELDS: Final = (*(name for name in _NAMES if name not in WHEREABOUTS), *WHEREABOUTS)  # the policy first
# Where nothing is there to know: who is listed was not delisted, and what is no period has neither days nor a bound.
_NOT_APPLYING: Final = re.compile(r"delisted_at|.*_(?:days|bound)")
COLUMNS: Final = ("offering", "what", "field", "before", "since")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two states: what it was asked by, the newest it rests on, and all its offerings, listed or not."""

    label: str
    as_of: datetime
    offerings: tuple[OfferingTerms, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value that differs."""

    name: str
    old: object
    new: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One offering that is there on both sides, and its values that differ."""

    offering: OfferingTerms
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """All that differs, each part sorted by gateway and offering.

    `one_sided` counts links and places that one side does not know, and which are told only where all fields are.
    """

    before: Side
    after: Side
    added: tuple[OfferingTerms, ...]
    removed: tuple[OfferingTerms, ...]
    changed: tuple[Changed, ...]
    one_sided: int = 0

    @property
    def left_out(self) -> str:
        """What is counted and not told, in one line; nothing where there is none."""
        if not self.one_sided:
            return ""
        values = counted(self.one_sided, "value")
        return f"left out: {values} on links and places that one side does not know (--all-fields)"

    @property
    def is_none(self) -> bool:
        """Whether nothing differs."""
        return not (self.added or self.removed or self.changed)

    @property
    def text(self) -> str:
        """What differs, counted, in one line."""
        between = f"between {_told(self.before)} and {_told(self.after)}"
        if self.is_none:
            return f"no differences {between}"
        count = sum(len(one.fields) for one in self.changed)
        parts = (
            (self.added, f"{len(self.added)} added"),
            (self.removed, f"{len(self.removed)} removed"),
            (self.changed, f"{counted(len(self.changed), 'offering')} changed in {counted(count, 'field')}"),
        )
        return f"{', '.join(told for found, told in parts if found)} {between}"


def find_differences(before: Side, after: Side, *, with_all: bool = False) -> Difference:
    """Return what differs; `with_all`, also when a row was observed, and whereabouts that one side does not know."""
    old, new = _by_key(before), _by_key(after)
    names = [name for name in _FIELDS if with_all or name not in OBSERVED]
    both = ((old[key], new[key]) for key in sorted(old.keys() & new.keys()))
    every = [Changed(offering=one, fields=_fields(other, one, names)) for other, one in both]
    told = every if with_all else [replace(one, fields=tuple(filter(_is_of_both, one.fields))) for one in every]
    return Difference(
        before=before,
        after=after,
        added=tuple(new[key] for key in sorted(new.keys() - old.keys())),
        removed=tuple(old[key] for key in sorted(old.keys() - new.keys())),
        changed=tuple(one for one in told if one.fields),
        one_sided=sum(len(one.fields) for one in every) - sum(len(one.fields) for one in told),
    )


def _is_of_both(one: Field) -> bool:
    return one.name not in WHEREABOUTS or (one.old is not None and one.new is not None)


def _by_key(side: Side) -> dict[tuple[str, str], OfferingTerms]:
    return {one.key: one for one in side.offerings}


def _fields(old: OfferingTerms, new: OfferingTerms, names: Iterable[str]) -> tuple[Field, ...]:
    values = ((name, getattr(old, name), getattr(new, name)) for name in names)
    return tuple(Field(name=name, old=before, new=since) for name, before, since in values if before != since)


def _told(side: Side) -> str:
    day = f"{side.as_of:%Y-%m-%d}"
    return side.label if side.label == day else f"{side.label} (as of {day})"


def as_rows(found: Difference) -> list[dict[str, object]]:
    """Return a row for each offering that came or went and for each value that differs."""
    rows: list[dict[str, object]] = []
    for what, offerings in (("added", found.added), ("removed", found.removed)):
        rows += [{"offering": one.offering_id, "what": what} for one in offerings]
    for one in found.changed:
        rows += [
            {
                "offering": one.offering.offering_id,
                "what": "changed",
                "field": field.name,
                "before": field.old,
                "since": field.new,
            }
            for field in one.fields
        ]
    return [{name: row.get(name) for name in COLUMNS} for row in rows]


def as_facts(found: Difference) -> dict[str, object]:
    """Return all that differs, with whole rows of what came and went."""
    return {
        "before": _side_facts(found.before),
        "after": _side_facts(found.after),
        "added": [asdict(one) for one in found.added],
        "removed": [asdict(one) for one in found.removed],
        "one_sided": found.one_sided,
        "changed": [
            {
                "gateway_id": one.offering.gateway_id,
                "offering_id": one.offering.offering_id,
                "fields": {field.name: {"before": field.old, "since": field.new} for field in one.fields},
            }
            for one in found.changed
        ],
    }


def _side_facts(side: Side) -> Mapping[str, object]:
    return {"asked": side.label, "as_of": side.as_of, "offering_count": len(side.offerings)}


def as_cells(found: Difference) -> list[Sequence[str]]:
    """Return the same rows as text on one line each; what came or went has no values, and their cells are empty."""
    return [[_cell(value, _nothing(row["field"])) for value in row.values()] for row in as_rows(found)]


def _nothing(field: object) -> str:
    """Return what stands for a value that is not there; a dash, as in the table: "none" would read as no retention."""
    if field is None:
        return ""
    return "-" if _NOT_APPLYING.fullmatch(str(field)) else "not known"


def _cell(value: object, nothing: str) -> str:
    match value:
        case None:
            return nothing
        case bool():
            return "yes" if value else "no"
        case datetime():
            return utc_text(value)
        case tuple():
            return one_line(", ".join(map(str, value))) or "none"
        case _:
            return one_line(str(value))


def as_markdown(found: Difference) -> str:
    """Return the difference for a release note or a chat."""
    lines = [f"### {in_markdown(_title(found))}", ""]
    if not found.is_none:
        lines += [*markdown_table(COLUMNS, ([in_markdown(cell) for cell in row] for row in as_cells(found))), ""]
    lines.append(in_markdown(found.left_out))
    return "\n".join(lines).rstrip("\n") + "\n"


def _title(found: Difference) -> str:
    text = one_line(found.text)
    return f"{text[0].upper()}{text[1:]}"


_STYLE: Final = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 75rem; margin: 2rem auto; padding: 0 1rem }
div { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem; border-bottom: 1px solid #8886 }
td { overflow-wrap: anywhere; min-width: 5rem }
td:first-child { min-width: 9rem }
td:nth-child(3) { overflow-wrap: normal }
"""
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{{ style_hash }}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>{{ style }}</style>
</head>
<body>
<main>
<h1>{{ title }}</h1>
{% if rows %}
<div role="region" aria-label="Differences" tabindex="0">
<table>
<thead><tr>{% for column in columns %}<th scope="col">{{ column }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in rows %}
<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</tbody>
</table>
</div>
{% endif %}
{% if left_out %}
<p>{{ left_out }}</p>
{% endif %}
</main>
</body>
</html>
"""


def as_html(found: Difference) -> str:
    """Return the difference as one page that asks for nothing and runs nothing."""
    import base64  # noqa: PLC0415 - a page alone needs these
    import hashlib  # noqa: PLC0415

    import jinja2  # noqa: PLC0415
    import markupsafe  # noqa: PLC0415

    style_hash = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    page = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(_PAGE)
    return (
        page.render(
            title=_title(found),
            columns=COLUMNS,
            rows=as_cells(found),
            left_out=found.left_out,
            style=markupsafe.Markup(_STYLE),  # noqa: S704 - of our own
            style_hash=style_hash,
        )
        + "\n"
    )
