"""The provider-terms catalog: what LLM providers do with prompts, typed, dated and with evidence."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.catalog.reader import Catalog

__all__ = ["Catalog"]


def __getattr__(name: str) -> object:
    """Load the reader when it is first asked for: the command line starts without it."""
    if name == "Catalog":
        from pipeline.catalog.reader import Catalog  # noqa: PLC0415

        return Catalog
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
