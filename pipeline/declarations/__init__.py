"""Declarations: what is read, of whom, and where; every complaint names the file and the dotted path."""

from pipeline.declarations.pages import page_sources
from pipeline.declarations.reading import Declarations, read_declarations, recorded_dir, shipped_dir
from pipeline.declarations.records import (
    PAGE_TYPES,
    RESERVED_SOURCE_ID,
    Envelope,
    Exclusion,
    Headquarters,
    Names,
    Page,
    Provider,
    Source,
)

__all__ = [
    "PAGE_TYPES",
    "RESERVED_SOURCE_ID",
    "Declarations",
    "Envelope",
    "Exclusion",
    "Headquarters",
    "Names",
    "Page",
    "Provider",
    "Source",
    "page_sources",
    "read_declarations",
    "recorded_dir",
    "shipped_dir",
]
