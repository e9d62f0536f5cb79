"""What is handed over: the tables of a catalog as far as some offerings need them, now or as of a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pipeline.catalog.current import check_unaltered
from pipeline.catalog.reader import Catalog, naive_utc
from pipeline.catalog.records import OfferingTerms
from pipeline.catalog.requirement import PolicyBasis
from pipeline.catalog.rows import naive
from pipeline.errors import CatalogError
from pipeline.use.export.as_of import CHOSEN, NOT_TOLD, PARTLY_TOLD, PLACELESS, TOLD, UNSURE, Told
from pipeline.use.selection import Selection

VIEW = "provider_terms"
_VIEW_TABLES = ("policies", "providers")  # the columns of the view come from these, by the same names
_SQL_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "datetime": "TIMESTAMP",
    "array": "VARCHAR[]",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its type in DuckDB, and its Frictionless field, which holds its description and unit."""

    name: str
    sql: str
    field: Mapping[str, Any]

    @property
    def description(self) -> str:
        """What it means, in one or two sentences."""
        return str(self.field.get("description", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as it is handed over: rows in the published order; times are UTC without a zone, as published."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(column.name for column in self.columns)

    def places(self, names: Iterable[str]) -> tuple[int, ...]:
        """Return where columns stand in a row."""
        found = self.names
        return tuple(map(found.index, names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What is handed over of a catalog.

    `moment` is the last instant of which it tells, aware; `is_now` whether that is the catalog's own. `basis` is the
    reading that the selection asks, and by which records of one reading are written. `offerings` are
    the chosen ones, `of_offerings` how many there were to choose from. `remarks` say what the tables cannot tell as of
    the day, with a count. `package` is the descriptor of the published catalog.
    """

    moment: datetime
    is_now: bool
    basis: PolicyBasis
    selection: Selection
    offerings: tuple[OfferingTerms, ...]
    of_offerings: int
    tables: tuple[Table, ...]
    remarks: tuple[str, ...]
    package: Mapping[str, Any]

    @property
    def filters(self) -> tuple[str, ...]:
        """What an offering must be to be in it, a sentence each."""
        return self.selection.as_words(self.basis)

    def find(self, name: str) -> Table | None:
        """Return a table by its name, or None where it cannot be told as of the day."""
        return next((table for table in self.tables if table.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Files by their relative paths, one alone where a format is one file; remarks say what they do not hold."""

    files: tuple[tuple[str, bytes], ...]
    remarks: tuple[str, ...]


def read_extract(
    catalog: Catalog, selection: Selection, as_of: date | None = None, basis: PolicyBasis = PolicyBasis.GATEWAY
) -> Extract:
    """Return what a catalog says of the offerings that a selection means by a reading, now or at the end of a day.

    As of an earlier day, a table is there as far as it can be told: see `as_of.TOLD`. Raise CatalogError where the
    catalog has no descriptor beside it, or an earlier version built it.
    """
    catalog.check_columns()
    is_now = as_of is None or catalog.is_now(as_of)
    offerings = catalog.offerings(as_of, listed_only=False)
    chosen = [one for one in offerings if selection.means(one, basis)]
    package = _read_package(catalog)
    # All of them ask for no restriction: sources of providers that no gateway offers are then there too.
    bound = _bound(chosen, None if is_now else naive_utc(as_of or catalog.as_of), is_all=len(chosen) == len(offerings))
    read = _Reader(catalog, package, bound)
    return Extract(
        moment=catalog.as_of if is_now or as_of is None else _aware(as_of, catalog),
        is_now=is_now,
        basis=basis,
        selection=selection,
        offerings=tuple(chosen),
        of_offerings=len(offerings),
        tables=tuple(read.tables()),
        remarks=() if is_now else tuple(read.remarks()),
        package=package,
    )


def _aware(day: date, catalog: Catalog) -> datetime:
    return naive_utc(day).replace(tzinfo=catalog.as_of.tzinfo)


def _bound(chosen: Iterable[OfferingTerms], moment: datetime | None, *, is_all: bool) -> dict[str, object]:
    """Return the values that a query may ask for, by name."""
    chosen = tuple(chosen)
    return {
        "all": is_all,
        "gateways": [one.gateway_id for one in chosen],
        "offerings": [one.offering_id for one in chosen],
        "providers": [one.provider_id for one in chosen],
        "moment": moment,
    }


def _read_package(catalog: Catalog) -> dict[str, Any]:
    package = check_unaltered(catalog.path) or {}
    try:
        fields = [one["schema"]["fields"] for one in package["resources"]]
    except (KeyError, TypeError) as error:
        raise CatalogError(f"{catalog.path} has no descriptor of its tables: run `provider-terms build`") from error
    if not all(fields):
        raise CatalogError(f"{catalog.path} has a descriptor without columns: run `provider-terms build`")
    return package


class _Reader:
    """Reads the tables of one catalog for one choice of offerings."""

    def __init__(self, catalog: Catalog, package: Mapping[str, Any], bound: Mapping[str, object]) -> None:
        """Use a catalog and the values that its queries ask for."""
        self._catalog, self._bound = catalog, bound
        self._resources = {one["title"]: one for one in package["resources"]}
        self._is_now = bound["moment"] is None

    def tables(self) -> Iterable[Table]:
        """Yield the view first, then every table that can be told, in the order of the contract."""
        yield self._view()
        for name, resource in self._resources.items():
            told = Told() if self._is_now else TOLD.get(name)
            if told is not None:
                yield self._table(name, resource, told)

    def remarks(self) -> Iterable[str]:
        """Yield what cannot be told as of the day, with a count."""
        for name in self._resources:
            told = TOLD.get(name)
            if told is None:
                count = self._count(f"SELECT count(*) AS rows FROM {name}")  # noqa: S608 - a table of the contract
                why = NOT_TOLD.get(name, "only its newest state is kept")
                yield f"left out: {name} ({count} row{'' if count == 1 else 's'} today): {why}"
            elif told.without:
                yield f"{name} is without {', '.join(told.without)}: known of today only"
        kept = set(self._view_columns())
        missing = [name for name in self._columns_of(VIEW) if name not in kept]
        yield f"{VIEW} is without {', '.join(missing)}: known of today only"
        unsure = self._count(UNSURE)
        if unsure:
            yield f"left out of claims: {unsure} whose end is not on record; policy_history tells what held"
        placeless = self._count(PLACELESS)
        if placeless:
            yield f"claims: {placeless} without text, quote, locator, capture_id: those on record are later"

    def _view(self) -> Table:
        fields = {field["name"]: field for one in _VIEW_TABLES for field in self._resources[one]["schema"]["fields"]}
        names = self._view_columns()
        partly = frozenset() if self._is_now else PARTLY_TOLD
        source = VIEW if self._is_now else f"{VIEW}_as_of($moment::TIMESTAMP)"
        comment = self._catalog.rows("SELECT comment FROM duckdb_views() WHERE view_name = $view", {"view": VIEW})
        return Table(
            name=VIEW,
            description=str(comment[0]["comment"] or ""),
            key=tuple(self._resources["policies"]["schema"]["primaryKey"]),
            columns=tuple(_column(_optional(fields[name]) if name in partly else fields[name]) for name in names),
            rows=self._rows(
                f"SELECT {', '.join(names)} FROM {source} WHERE {CHOSEN['policies']} ORDER BY gateway_id, offering_id"  # noqa: S608
            ),
        )

    def _view_columns(self) -> list[str]:
        names = self._columns_of(VIEW)
        if self._is_now:
            return names
        then = set(self._columns_of(f"(FROM {VIEW}_as_of(TIMESTAMP '2000-01-01'))"))
        return [name for name in names if name in then]

    def _columns_of(self, source: str) -> list[str]:
        return [str(row["column_name"]) for row in self._catalog.rows(f"DESCRIBE FROM {source}")]

    def _table(self, name: str, resource: Mapping[str, Any], told: Told) -> Table:
        schema = resource["schema"]
        fields = (field for field in schema["fields"] if field["name"] not in told.without)
        columns = tuple(_column(_optional(field) if field["name"] in told.shown else field) for field in fields)
        shown = ", ".join(told.shown.get(column.name, column.name) for column in columns)
        where = f"({CHOSEN[name]})" + (f" AND ({told.held})" if told.held else "")
        return Table(
            name=name,
            description=str(resource["description"]),
            key=tuple(schema["primaryKey"]),
            columns=columns,
            rows=self._rows(f"SELECT {shown} FROM {name} WHERE {where} ORDER BY rowid"),  # noqa: S608 - names of ours
        )

    def _rows(self, sql: str) -> tuple[tuple[Any, ...], ...]:
        return tuple(tuple(map(_plain, row.values())) for row in self._catalog.rows(sql, self._asked(sql)))

    def _count(self, sql: str) -> int:
        return int(self._catalog.rows(sql, self._asked(sql))[0]["rows"])

    def _asked(self, sql: str) -> dict[str, object]:
        """Return the values that a query names; DuckDB refuses others."""
        return {name: value for name, value in self._bound.items() if f"${name}" in sql}


def _column(field: Mapping[str, Any]) -> Column:
    return Column(name=field["name"], sql=_SQL_TYPES[field["type"]], field=field)


def _optional(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a field that may be empty."""
    constraints = {name: value for name, value in field.get("constraints", {}).items() if name != "required"}
    return {**field, "constraints": constraints}


def _plain(value: object) -> object:
    return naive(value) if isinstance(value, datetime) else value
