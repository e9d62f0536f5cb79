"""One data folder: its declarations, its archive, its catalog."""

import hashlib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from urllib.parse import urldefrag

from pipeline.collect.archive import Archive
from pipeline.collect.readings import Read, ReadingCache
from pipeline.collect.recorded import read_recorded
from pipeline.declarations import Source, read_declarations, recorded_dir
from pipeline.errors import ArchiveError, DeclarationError
from pipeline.model import Observation, Reading
from pipeline.normalize.identity import Identities
from pipeline.normalize.linked import find_linked
from pipeline.reading import reader_fingerprint


class Workplace:
    """What a data folder holds, as far as it is enabled."""

    def __init__(self, data_dir: Path, *, with_recorded: bool = True) -> None:
        """Use a data folder, which may be empty; `with_recorded` adds the captures that ship with the project."""
        self.declarations = read_declarations(data_dir)
        self.archive = Archive(data_dir / "archive")
        self.catalog_dir = data_dir / "catalog"
        self.reader = reader_fingerprint(self.declarations.fingerprint)
        self._page_reader = reader_fingerprint("")
        self.readings: dict[tuple[str, str], Read] = {}  # of captures read so far; a capture never changes
        self.cache = ReadingCache(data_dir / "archive" / "cache")
        self.whole: set[str] = set()  # captures that were found whole so far
        self._recorded_dir = recorded_dir(data_dir)
        self.recorded = read_recorded(self._recorded_dir, self.sources) if with_recorded else ()
        self.link_problems: tuple[str, ...] = ()
        self._recorded_bodies = {observation.capture_id: body for observation, body in self.recorded}

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources that are read: declared, linked by a gateway, and not switched off."""
        return tuple(source for source in self.declarations.sources if source.is_enabled)

    def link(self, observations: Iterable[Observation]) -> None:
        """Take in the terms pages that gateways link for providers without a file, from what was read so far."""
        gateways = {source.id for source in self.declarations.gateway_sources}
        readings = []
        for look in sorted(observations, key=lambda one: (one.moment.at, one.source_id)):
            reading = self.readings.get((look.source_id, look.capture_id or ""))
            if look.source_id in gateways and isinstance(reading, Reading):
                readings.append((look.source_id, look.moment.at.date(), reading))
        providers, self.link_problems = find_linked(readings)
        self.declarations = self.declarations.with_linked(providers)

    def observations(self) -> tuple[Observation, ...]:
        """Return every look, recorded ones first; also those at sources that are no longer known."""
        return (*(observation for observation, _ in self.recorded), *self.archive.observations())

    def known(self, looks: Iterable[Observation]) -> tuple[Observation, ...]:
        """Return the looks that are at a source which is read.

        The ids of a provider's pages are numbered, so an entry that is moved or replaced goes by the id of another: a
        fetch of a page counts only where it asked for that page's address, as it is or was.
        """
        asked = {source.id: None if source.gateway_id else source.page_urls for source in self.sources}
        return tuple(
            look
            for look in looks
            if look.source_id in asked and (look.origin != "fetch" or is_of(look, asked[look.source_id]))
        )

    def check_declarations(self) -> None:
        """Raise DeclarationError where a broken declaration would take facts from the catalog that it has.

        Without its declaration, a source's past is not read, a provider's rows go by another id, and its pages say
        nothing: all would look like news. A broken declaration that never brought anything is left out alone.
        """
        declared = self.declarations
        if not declared.broken_sources | declared.broken_providers | declared.pageless_providers:
            return  # the log is not read for nothing
        seen = {look.source_id for look in self.archive.observations()}
        seen |= {one for one in declared.broken_sources if (self._recorded_dir / one).is_dir()}
        lost = declared.pageless_providers & {source_id.partition("--")[0] for source_id in seen if "--" in source_id}
        files = [f"sources/{one}.toml" for one in sorted(declared.broken_sources & seen)]
        files += [f"providers/{one}.toml" for one in sorted(declared.broken_providers | lost)]
        if files:
            told = next(line for line in declared.problems if line.startswith(files[0]))
            raise DeclarationError(f"nothing is published without {', '.join(files)}: mend or remove it: {told}")

    def read_body(self, capture_id: str) -> bytes:
        """Return the bytes of a capture, recorded or archived; raise ArchiveError where it is missing or damaged."""
        body = self._recorded_bodies.get(capture_id)
        return self.archive.read_capture(capture_id) if body is None else body

    def find_damage(self, capture_id: str) -> str | None:
        """Return why a capture cannot be read, or None where it is whole, which is found out once."""
        if capture_id not in self.whole:
            try:
                self.read_body(capture_id)
            except ArchiveError as error:
                return str(error)
            self.whole.add(capture_id)
        return None

    @cached_property
    def identities(self) -> dict[str, Identities]:
        """Whom the names of each gateway mean."""
        return {one: Identities(self.declarations.providers, one) for one in self.declarations.gateway_ids}

    def reader_of(self, source: Source, look: Observation) -> str:
        """Return a hash over all that a reading depends on beside the bytes; of a page, that is no provider's file."""
        reader = self._page_reader if source.gateway_id is None else self.reader
        # Not by way of JSON: pydantic takes an interrupt for a fault of what it writes.
        parts = (reader, source, look.content_type, look.is_partial)
        return hashlib.sha256(repr(parts).encode()).hexdigest()


def is_of(look: Observation, urls: frozenset[str] | None) -> bool:
    """Whether a look asked one of these addresses, fragments aside; True where either is not known."""
    first = look.redirects[0] if look.redirects else look.url
    return urls is None or first is None or urldefrag(first).url in urls
