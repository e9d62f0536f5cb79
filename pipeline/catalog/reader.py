"""Catalog: the read-only Python API over a published catalog. Imports neither pandas nor pandera."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pipeline.catalog.current import check_unaltered
from pipeline.catalog.decide import Decision, Index, decide
from pipeline.catalog.later import Later, date_policies, date_sources
from pipeline.catalog.ready import READY, find_ready
from pipeline.catalog.records import (
    COLUMNS,
    ChangeRecord,
    OfferingTerms,
    PolicyInterval,
    read_change,
    read_interval,
    read_offering,
)
from pipeline.catalog.requirement import Requirement
from pipeline.catalog.seen import date_rows, read_seen
from pipeline.errors import CatalogError, NotFoundError
from pipeline.model import Tier
from pipeline.normalize.text import fold

if TYPE_CHECKING:
    from pipeline.catalog.engine import Connection

__all__ = ["SETTINGS", "Catalog", "ChangeRecord", "OfferingTerms", "PolicyInterval", "naive_utc"]

# How a catalog is opened, here and for a person's own SQL: two connections to one file must agree on these.
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "memory_limit": "512MB",
    "threads": "2",
    "temp_directory": "",
    "lock_configuration": "true",
}


_R = TypeVar("_R")


class Catalog:
    """A published catalog, open for reading. It shows the build that was current when it was opened.

    What holds now is read from tables that lie ready beside the database; the database is opened by the first question
    that needs it, and has to be there still: the last builds are kept. Where further looks found its sources unchanged,
    what it tells is dated by them.
    """

    def __init__(self, path: Path, package: Mapping[str, Any] | None) -> None:
        """Use `Catalog.open`. `package` is the descriptor beside the database, None where none lies there."""
        self.path = path
        self._package = package or {}
        self._connection: Connection | None = None
        self._ready: dict[str, list[dict[str, Any]] | None] = {}
        self._tables: dict[str, list[dict[str, Any]]] = {}
        self._indexes: dict[date | None, Index] = {}
        self._spelled: dict[str, list[str]] = {}

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """Open the catalog in a folder such as `data/catalog/current`.

        Raise CatalogError where there is none, or where its files are not those that `datapackage.json` beside them
        names by their SHA-256.
        """
        # The link is followed first: DuckDB shares an open file by its path, and `current` changes what it means.
        path = (Path(folder) / "catalog.duckdb").resolve()
        if not path.is_file():
            raise CatalogError(f"no catalog in {folder}: run `provider-terms refresh` or `provider-terms build` first")
        return cls(path, check_unaltered(path))

    @property
    def build_key(self) -> str | None:
        """What the build was made from, None where no descriptor says."""
        key = self._package.get("build_key")
        return key if isinstance(key, str) else None

    @property
    def as_of(self) -> datetime:
        """The newest observation that the catalog rests on."""
        found = [at for row in self.table("provider_terms") if isinstance(at := row.get("as_of_at"), datetime)]
        if not found:
            raise CatalogError(f"{self.path} holds no policy")
        return max(found)

    def table(self, name: str) -> Sequence[dict[str, Any]]:
        """Return all rows of one of the tables that lie ready (`READY`), in the order of their keys."""
        if name not in self._tables:
            found = self._published(name)
            self._tables[name] = self.rows(READY[name]) if found is None else self._dated(name, found)
        return self._tables[name]

    def _published(self, name: str) -> list[dict[str, Any]] | None:
        """Return a table that lies ready as it was published, None where the build has none; read once."""
        if name not in self._ready:
            self._ready[name] = find_ready(self.path.parent, self._package, name)
        return self._ready[name]

    def _dated(self, name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the rows of a table that lies ready, with the later dates of looks since the build."""
        later = self._later
        if later is None or name not in {"sources", "provider_terms"}:
            return rows
        return date_sources(rows, later) if name == "sources" else date_policies(rows, self.table("evidence"), later)

    def is_now(self, as_of: date) -> bool:
        """Whether a day is no other than now to this catalog, because its newest observation is no later."""
        return naive_utc(as_of) >= naive_utc(self.as_of)

    def offerings(self, as_of: date | None = None, *, listed_only: bool = True) -> list[OfferingTerms]:
        """Return every offering, as it stands or as it stood at the end of a day (or at a moment), sorted by id.

        Raise NotFoundError for a day before the first one of which anything is known.
        """
        rows = self.table("provider_terms") if as_of is None or self.is_now(as_of) else self._rows_as_of(as_of)
        return self._typed(read_offering, [row for row in rows if row["is_listed"] or not listed_only])

    def get(self, name: str, as_of: date | None = None) -> OfferingTerms:
        """Return the offering of an id, slug or any name, in any case; raise NotFoundError with the nearest names."""
        return self.find(name, as_of)[0]

    def find(self, name: str, as_of: date | None = None) -> list[OfferingTerms]:
        """Return all offerings that a name means, a provider's default tier first; raise NotFoundError for none."""
        ids = self.resolve(name)
        by_id = {one.offering_id: one for one in self.offerings(as_of, listed_only=False)}
        found = [by_id[offering_id] for offering_id in ids if offering_id in by_id]
        if not found:
            raise NotFoundError(f"'{name}' was not known on {as_of:%Y-%m-%d}: it was first seen later")
        return found

    def history(self, name: str, as_of: date | None = None) -> list[PolicyInterval]:
        """Return the policy intervals of all offerings that a name means, oldest first.

        With a day (or a moment), what the history was then: later intervals are left out, and one that ended later
        still holds.
        """
        moment = datetime.max if as_of is None else naive_utc(as_of)  # noqa: DTZ901 - the column has no zone
        rows = self.rows(
            "SELECT * REPLACE (CASE WHEN valid_to <= $moment THEN valid_to END AS valid_to) FROM policy_history "
            "WHERE list_contains($ids, offering_id) AND valid_from <= $moment ORDER BY offering_id, valid_from",
            {"ids": self.resolve(name), "moment": moment},
        )
        return self._typed(read_interval, rows)

    def changes(self, since: date | None = None, until: date | None = None) -> list[ChangeRecord]:
        """Return the changes from the start of a day (or a moment) on, newest first."""
        start = datetime.min if since is None else naive_utc(since, end=False)  # noqa: DTZ901 - the column has no zone
        end = datetime.max if until is None else naive_utc(until, end=True)  # noqa: DTZ901
        rows = self.rows(
            "SELECT * FROM changes WHERE changed_at BETWEEN ? AND ? "
            "ORDER BY changed_at DESC, offering_id, change_kind, change_id",
            [start, end],
        )
        return self._typed(read_change, rows)

    def resolve(self, name: str) -> list[str]:
        """Return the ids of the offerings that a name means; raise NotFoundError with the nearest names."""
        if not self._spelled:
            for row in sorted(
                self.table("providers"), key=lambda one: (one["tier"] != Tier.DEFAULT, one["offering_id"])
            ):
                for spelling in _spellings(row):
                    self._spelled.setdefault(spelling, []).append(row["offering_id"])
        return self._spelled.get(fold(name)) or _not_found(name, self._spelled)

    def index(self, as_of: date | None = None) -> Index:
        """Return every offering, listed or not, ready for decisions, as it stands or stood; read once, then kept."""
        if as_of not in self._indexes:
            self._indexes[as_of] = Index(self.offerings(as_of, listed_only=False))
        return self._indexes[as_of]

    def route(self, requirement: Requirement, *, now: datetime | None = None, as_of: date | None = None) -> Decision:
        """Return who meets a requirement, now or as of a day, and why each of the others does not.

        Its `providers` and `ignored` may be any names that `resolve` knows; raise NotFoundError for one that it does
        not. `now` is needed for `max_age_days`; ages as of a day are counted from the end of it.
        """
        asked, index = requirement, self.index(as_of)
        if asked.providers is not None or asked.ignored:
            providers = None if asked.providers is None else index.keys_of(self._ids(asked.providers))
            asked = replace(asked, providers=providers, ignored=index.keys_of(self._ids(asked.ignored)))
        moment = now if now is not None or as_of is None else naive_utc(as_of)
        return decide(index, asked, moment)

    def _ids(self, names: Iterable[str]) -> frozenset[str]:
        return frozenset(offering_id for name in sorted(names) for offering_id in self.resolve(name))

    def rows(self, sql: str, parameters: Sequence[object] | dict[str, object] = ()) -> list[dict[str, Any]]:
        """Return the rows of a query of ours as mappings; values are bound, never written into the text."""
        from pipeline.catalog import engine  # noqa: PLC0415 - what lies ready needs none

        bound = parameters if isinstance(parameters, dict) else list(parameters)
        try:
            cursor = self._connected().execute(sql, bound)
            found = cursor.fetchall()
        except engine.Error as error:
            raise _damaged(self.path, "read", error) from error
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, map(_aware, row), strict=True)) for row in found]

    def _connected(self) -> "Connection":
        from pipeline.catalog import engine  # noqa: PLC0415 - what lies ready needs none

        if self._connection is None:
            try:
                self._connection = engine.connect(str(self.path), read_only=True, config=SETTINGS)
                for sql, bound in date_rows(self.path.stem, self._later.seen) if self._later is not None else ():
                    self._connection.execute(sql, bound)
            except engine.Error as error:
                raise _damaged(self.path, "opened", error) from error
        return self._connection

    @cached_property
    def _later(self) -> Later | None:
        """When sources were seen since the build, None where none was; read at the first question."""
        seen = read_seen(self.path, self.build_key)
        later = Later.of(seen, self._published("sources") or ()) if seen else None
        return later if later is not None and later.seen else None

    def check_columns(self) -> None:
        """Raise CatalogError where an earlier version built it, without columns that are handed over now."""
        lacking = sorted({name for row in self.table("provider_terms")[:1] for name in COLUMNS if name not in row})
        if lacking:
            raise self._outdated(", ".join(lacking))

    def _outdated(self, what: object) -> CatalogError:
        return CatalogError(f"{self.path} does not hold what this version reads ({what}): run `provider-terms build`")

    def _typed(self, make: Callable[[dict[str, Any]], _R], rows: Iterable[dict[str, Any]]) -> list[_R]:
        try:
            return [make(row) for row in rows]
        except (KeyError, ValueError) as error:
            raise self._outdated(error) from error

    def _rows_as_of(self, as_of: date) -> list[dict[str, Any]]:
        rows = self.rows("SELECT * FROM provider_terms_as_of(?::TIMESTAMP)", [naive_utc(as_of, end=True)])
        if not rows:  # an answer of none would read as that nobody was offered then
            ((first,),) = (row.values() for row in self.rows("SELECT min(first_seen_at) FROM providers"))
            raise NotFoundError(f"nothing is known before {first:%Y-%m-%d}")
        return rows

    def close(self) -> None:
        """Close the catalog."""
        if self._connection is not None:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def naive_utc(day: date, *, end: bool = True) -> datetime:
    """Return a moment as UTC without a zone; a bare date is its first or its last instant."""
    if isinstance(day, datetime):
        return (day if day.tzinfo else day.replace(tzinfo=UTC)).astimezone(UTC).replace(tzinfo=None)
    return datetime.combine(day, time.max if end else time.min)


def _damaged(path: Path, what: str, error: Exception) -> CatalogError:
    reason = str(error).splitlines()[0]
    return CatalogError(f"{path} cannot be {what}: {reason}; remove its folder and run `provider-terms build`")


def _aware(value: object) -> object:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _spellings(row: dict[str, Any]) -> set[str]:
    """Return all that one may call an offering, folded; a free tier is also called by its provider's names."""
    names = {row["provider_id"], row["provider_name"], *(row["names"] or []), *(row["slugs"] or [])}
    tiered = {f"{name}{mark}" for name in names for mark in (f":{row['tier']}", f" ({row['tier']})")}
    return {fold(name) for name in (*names, *tiered, row["offering_id"])}


def _not_found(name: str, by_spelling: dict[str, list[str]]) -> list[str]:
    near = difflib.get_close_matches(fold(name), by_spelling, n=5, cutoff=0.5)
    ids = list(dict.fromkeys(by_spelling[spelling][0] for spelling in near))[:3]
    hint = f"; nearest: {', '.join(ids)}" if ids else "; `provider-terms list --all` shows every one"
    raise NotFoundError(f"'{name}' is not in the catalog{hint}")
