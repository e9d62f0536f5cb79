"""An organisation's policy: TOML to checked records; every complaint names the dotted path. Pure."""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pipeline.catalog.places import expand
from pipeline.catalog.requirement import PolicyBasis, Requirement
from pipeline.errors import UsageError
from pipeline.model import Tier
from pipeline.normalize.text import fold

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Days: TypeAlias = Annotated[int, Field(ge=0, le=36500)]
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]
Places: TypeAlias = Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
Asking = Literal[
    "max_retention_days",
    "no_training",
    "no_publishing",
    "headquarters",
    "not_headquarters",
    "datacenters",
    "requires_terms_url",
    "max_age_days",
]
# Texts and comments of TOML: only in those that run over lines can what looks like a header stand at the start of one.
_TEXT_OR_COMMENT: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' r"'{3}.*?'{3,5}|" r'"(?:\\.|[^"\\\n])*"|' r"'[^'\n]*'|#[^\n]*", re.DOTALL
)
_HEADER: Final = re.compile(r"""[ \t]*\[\[[ \t]*(["']?)(providers|exceptions)\1[ \t]*\]\]""")


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Asked(_Record):
    """What is required; a key that is left out asks nothing, or what the defaults ask."""

    max_retention_days: Days | None = None
    no_training: bool | None = None
    no_publishing: bool | None = None
    headquarters: Places | None = None
    not_headquarters: Places | None = None
    datacenters: Places | None = None
    requires_terms_url: bool | None = None
    max_age_days: Days | None = None
    basis: Annotated[PolicyBasis, Field(strict=False)] | None = None
    allows_unknown: bool | None = None

    @field_validator("headquarters", "not_headquarters", "datacenters")
    @classmethod
    def _are_places(cls, given: tuple[str, ...] | None) -> tuple[str, ...] | None:
        expand(given or ())
        return given

    def over(self, defaults: "Asked") -> "Asked":
        """Return these demands, and the defaults where these say nothing."""
        return Asked.model_validate({**_given(defaults), **_given(self)})

    def without(self, names: Iterable[str]) -> "Asked":
        """Return these demands less some."""
        return Asked.model_validate({key: value for key, value in _given(self).items() if key not in {*names}})

    def as_requirement(self) -> Requirement:
        """Return the same as a requirement."""
        return Requirement(
            max_retention_days=self.max_retention_days,
            no_training=self.no_training or False,
            no_publishing=self.no_publishing or False,
            headquarters=_as_set(self.headquarters),
            not_headquarters=_as_set(self.not_headquarters),
            datacenters=_as_set(self.datacenters),
            requires_terms_url=self.requires_terms_url or False,
            max_age_days=self.max_age_days,
            reading=self.basis or PolicyBasis.STRICTEST,
            allows_unknown=self.allows_unknown or False,
        )


def _as_set(places: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if places is None else frozenset(places)


def _given(asked: Asked) -> dict[str, object]:
    return {key: value for key, value in asked.model_dump().items() if value is not None}


class Used(_Record):
    """A provider that is used, by any name it goes by, and what is required of it beside or instead of the defaults."""

    name: Name
    tier: Annotated[Tier, Field(strict=False)] | None = None
    require: Asked = Asked()


class Exemption(_Record):
    """What is not required of a provider for a while, or required otherwise: why, who answers for it, until when."""

    provider: Name
    waive: Annotated[tuple[Asking, ...], Field(strict=False)] = ()
    require: Asked = Asked()
    reason: Text
    owner: Text
    expires_on: date

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.waive and not _given(self.require):
            raise ValueError("expected `waive` with what is waived, or `require` with what is required instead")
        return self


class Policy(_Record):
    """A whole policy: the defaults, the providers in use, the exceptions."""

    require: Asked
    providers: Annotated[tuple[Used, ...], Field(min_length=1, strict=False)]
    exceptions: Annotated[tuple[Exemption, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _is_about_somebody(self) -> Self:
        used = {one.name for one in self.providers}
        for number, one in enumerate(self.exceptions):
            if one.provider not in used:
                raise ValueError(f"exceptions[{number}].provider: '{one.provider}' is not among the providers in use")
        tiers: defaultdict[str, list[Tier | None]] = defaultdict(list)
        for each in self.providers:
            named = tiers[fold(each.name)]
            named.append(each.tier)
            if len(named) > 1 and (None in named or len(named) > len({*named})):
                times = f"'{each.name}' stands there {len(named)} times"
                raise ValueError(f"providers: {times}; keep one, or give each its tier")
        return self


def read_policy(text: str, name: str) -> Policy:
    """Return the policy that a TOML file holds; raise UsageError with every fault and its path, in one line."""
    try:
        return Policy.model_validate(tomllib.loads(text))
    except ValidationError as error:
        faults = "; ".join(_told(one) for one in _without_echoes(error.errors()))
        raise UsageError(f"{name}: {faults}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: not valid TOML: {error}") from error


def find_lines(text: str) -> Mapping[tuple[str, int], int]:
    """Return the line on which each `[[providers]]` and `[[exceptions]]` begins, by kind and number from 0."""
    found: dict[tuple[str, int], int] = {}
    counts: Counter[str] = Counter()
    bare = _TEXT_OR_COMMENT.sub(lambda found: "\n" * found[0].count("\n") or found[0], text)
    for number, line in enumerate(bare.split("\n"), start=1):  # TOML knows no other end of a line
        if header := _HEADER.match(line):
            found[header[2], counts[header[2]]] = number
            counts[header[2]] += 1
    return found


def _without_echoes(faults: "list[ErrorDetails]") -> "Iterator[ErrorDetails]":
    """Yield the faults, less those of a list for being too short because what stands in it was refused."""
    for fault in faults:
        path = fault["loc"]
        inside = (one["loc"] for one in faults if len(one["loc"]) > len(path))
        if fault["type"] != "too_short" or all(each[: len(path)] != path for each in inside):
            yield fault


def _told(fault: "ErrorDetails") -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"])
    expected = _EXPECTED.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    what = expected.format_map(fault.get("ctx", {})) if fault["type"] in _EXPECTED else expected
    return " ".join(f"{path.removeprefix('.')}: {what}".removeprefix(": ").split())


# What was expected where a fault of a kind is found; in braces what the kind knows of it.
_EXPECTED: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "extra_forbidden": "no such key",
    "too_short": "expected a list with something in it",
    "string_too_short": "expected a text with something in it",
    "string_pattern_mismatch": "expected a text with something in it",
    "string_too_long": "expected a text of at most {max_length} characters",
    "string_type": "expected a text",
    "int_type": "expected a whole number",
    "bool_type": "expected true or false",
    "greater_than_equal": "expected a number from {ge}",
    "less_than_equal": "expected a number up to {le}",
    "enum": "expected {expected}",
    "literal_error": "expected {expected}",
    "tuple_type": "expected a list",
    "model_type": "expected a table",
    "date_type": "expected a day, without quotes: 2027-01-31",
    "date_parsing": "expected a day, without quotes: 2027-01-31",
    "date_from_datetime_parsing": "expected a day, without quotes: 2027-01-31",
    "date_from_datetime_inexact": "expected a day, without a time: 2027-01-31",
}
