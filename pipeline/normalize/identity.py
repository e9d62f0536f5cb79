"""Names and slugs to the provider they mean. Pure: declared providers in, identities out."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from pipeline.declarations import Provider
from pipeline.model import Tier, mint_id
from pipeline.normalize.lookalike import find_confusable, index_looks
from pipeline.normalize.text import fold

_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_NOT_IN_ID = re.compile(r"[^a-z0-9]+")
_FREE = re.compile(r"(.*\S)\s*[(\uff08]\s*free\s*[)\uff09]\s*", re.IGNORECASE)
_MAX_LABEL = 200  # no name of a provider is longer, and the pattern above is not linear in the length of white space
_MAX_ID = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom a row speaks of. `is_new`: no provider file knows it, the id is made from its slug or name."""

    provider_id: str
    tier: Tier
    is_new: bool
    signal: str | None = None

    @property
    def offering_id(self) -> str:
        """The provider, or the provider and tier where the tier has terms of its own."""
        return self.provider_id if self.tier is Tier.DEFAULT else f"{self.provider_id}:{self.tier}"


class Identities:
    """An index over the declared providers of one gateway."""

    def __init__(self, providers: Iterable[Provider], gateway_id: str) -> None:
        """Index the slugs of `gateway_id` and all names, folded."""
        self._by_id = {provider.id: provider for provider in providers}
        self._by_slug: dict[str, str] = {}
        self._by_label: dict[str, str] = {}
        self._by_name: dict[str, str] = {}
        for provider in self._by_id.values():
            self._by_slug.update(dict.fromkeys(provider.slugs.get(gateway_id, ()), provider.id))
            self._by_label.update((fold(name), provider.id) for name in (provider.name, *provider.names.table))
            self._by_name.update((fold(name), provider.id) for name in provider.names.api)

    @cached_property
    def _looks(self) -> Mapping[str, str]:
        """Every known name by what it looks like; asked for only where a name is new."""
        return index_looks(name for provider_id in self._by_id for name in self.known_names(provider_id))

    def find(
        self,
        *,
        slug: str | None,
        name: str | None,
        label: str | None,
        tier: Tier | None = None,
        links: tuple[str, ...] = (),
    ) -> Identity | str:
        """Return whom these names mean, or the reason why that needs a person's review.

        The slug decides where it is given. It must be borne out by a known name or by a link to a host that the
        provider's file names, because a gateway may hand a freed slug to another company.
        """
        base, found_tier = (label, Tier.DEFAULT) if label is None or self._is_known(label) else split_tier(label)
        tier = tier or found_tier
        names = tuple(given for given in (base, name) if given)
        if not slug and not names:
            return "nothing says whom it speaks of: no slug and no name"
        if slug is not None and slug in self._by_slug:
            return self._by_known_slug(self._by_slug[slug], slug, names, tier, links)
        owner = self._owner(base, name)
        if owner is not None:
            signal = None if slug is None else f"slug '{slug}' is not in providers/{owner}.toml"
            return Identity(provider_id=owner, tier=tier, is_new=False, signal=signal)
        provider_id = _new_id(slug, names)
        if provider_id in self._by_id:
            given = slug or names[0]
            return f"'{given}' would take the id of providers/{provider_id}.toml, which does not know it"
        return Identity(provider_id=provider_id, tier=tier, is_new=True, signal=self._doubt(names))

    def known_names(self, provider_id: str) -> tuple[str, ...]:
        """Return every name that a declared provider goes by, in the order of its file."""
        provider = self._by_id.get(provider_id)
        return () if provider is None else (provider.name, *provider.names.table, *provider.names.api)

    def known_slugs(self, provider_id: str) -> tuple[str, ...]:
        """Return every slug that a declared provider has at this gateway."""
        return tuple(slug for slug, owner in self._by_slug.items() if owner == provider_id)

    def _doubt(self, names: tuple[str, ...]) -> str | None:
        told = ((name, find_confusable(name, self._looks)) for name in names)
        return next((f"the name '{name}' {doubt}" for name, doubt in told if doubt is not None), None)

    def _is_known(self, label: str) -> bool:
        return fold(label) in self._by_label

    def _owner(self, label: str | None, name: str | None) -> str | None:
        # A label is looked up among the labels first: "Google" is an API name, "Google Vertex" a label.
        for given, indexes in ((label, (self._by_label, self._by_name)), (name, (self._by_name, self._by_label))):
            for index in indexes if given else ():
                if fold(given or "") in index:
                    return index[fold(given or "")]
        return None

    def _by_known_slug(
        self, provider_id: str, slug: str, names: tuple[str, ...], tier: Tier, links: tuple[str, ...]
    ) -> Identity | str:
        owners = {index.get(fold(name)) for name in names for index in (self._by_label, self._by_name)}
        if not names or provider_id in owners:
            return Identity(provider_id=provider_id, tier=tier, is_new=False)
        shown = " / ".join(dict.fromkeys(names))
        if _hosts(links) & self._known_hosts(provider_id):
            signal = f"providers/{provider_id}.toml does not know the name '{shown}'"
            return Identity(provider_id=provider_id, tier=tier, is_new=False, signal=signal)
        return f"slug '{slug}' now goes by '{shown}', which providers/{provider_id}.toml does not know"

    def _known_hosts(self, provider_id: str) -> set[str]:
        return _hosts(page.url for page in self._by_id[provider_id].pages)


def split_tier(label: str) -> tuple[str, Tier]:
    """Return a table label without its "(free)", and the tier that it names."""
    match = _FREE.fullmatch(label) if len(label) <= _MAX_LABEL else None
    return (match[1], Tier.FREE) if match else (label, Tier.DEFAULT)


def _hosts(links: Iterable[str]) -> set[str]:
    hosts = {_host(link).removeprefix("www.") for link in links}
    return hosts - {""}


def _host(link: str) -> str:
    try:
        return urlsplit(link).hostname or ""
    except ValueError:  # "https://[": what is no address bears out nobody
        return ""


def _new_id(slug: str | None, names: tuple[str, ...]) -> str:
    if slug is not None and _SLUG.fullmatch(slug):
        return slug
    given = fold(slug or names[0])
    made = _NOT_IN_ID.sub("-", given).strip("-")[:_MAX_ID].rstrip("-")
    if made and not any(mark.isalnum() and not mark.isascii() for mark in given):
        return made
    # Letters that an id cannot hold are never dropped without a trace: what is left may be the name of another.
    key = mint_id(given)
    return f"{made[: _MAX_ID - len(key) - 1].rstrip('-') or 'provider'}-{key}"
