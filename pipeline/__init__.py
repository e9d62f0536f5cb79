"""The provider-terms catalog: what LLM providers do with prompts, typed, dated and with evidence."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.catalog.decide import Decision
    from pipeline.catalog.reader import Catalog
    from pipeline.catalog.requirement import PolicyBasis, Requirement
    from pipeline.use.route_request import let_through

__all__ = ["Catalog", "Decision", "PolicyBasis", "Requirement", "let_through"]

_ROOMS = {
    "Catalog": "pipeline.catalog.reader",
    "Decision": "pipeline.catalog.decide",
    "PolicyBasis": "pipeline.catalog.requirement",
    "Requirement": "pipeline.catalog.requirement",
    "let_through": "pipeline.use.route_request",
}


def __getattr__(name: str) -> object:
    """Load the reader when it is first asked for: the command line starts without it."""
    if name in _ROOMS:
        return getattr(importlib.import_module(_ROOMS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
