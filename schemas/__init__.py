"""The contract: every published table, every column with its type, unit, range and description (pandera)."""

from schemas.registry import TABLES

__all__ = ["TABLES"]
