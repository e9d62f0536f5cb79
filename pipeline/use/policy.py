"""An organisation's policy: TOML to checked records; every complaint names the dotted path. Pure."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pipeline.catalog.places import expand
from pipeline.catalog.requirement import PolicyBasis, Requirement
from pipeline.errors import UsageError
from pipeline.model import Tier

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
_HEADER: Final = re.compile(r"\s*\[\[\s*(providers|exceptions)\s*\]\]")


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
        for name, count in Counter((one.name, one.tier) for one in self.providers).items():
            if count > 1:
                raise ValueError(f"providers: '{name[0]}' stands there {count} times")
        return self


def read_policy(text: str, name: str) -> Policy:
    """Return the policy that a TOML file holds; raise UsageError with every fault and its path, in one line."""
    try:
        return Policy.model_validate(tomllib.loads(text))
    except ValidationError as error:
        faults = "; ".join(_told(one["loc"], one["msg"]) for one in error.errors())
        raise UsageError(f"{name}: {faults}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: not valid TOML: {error}") from error


def find_lines(text: str) -> Mapping[tuple[str, int], int]:
    """Return the line on which each `[[providers]]` and `[[exceptions]]` begins, by kind and number from 0."""
    found: dict[tuple[str, int], int] = {}
    counts: Counter[str] = Counter()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            found[header[1], counts[header[1]]] = number
            counts[header[1]] += 1
    return found


def _told(location: tuple[int | str, ...], message: str) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    what = message.removeprefix("Value error, ")
    if what == "Extra inputs are not permitted":
        what = "no such key"
    return " ".join(f"{path.removeprefix('.')}: {what}".removeprefix(": ").split())
