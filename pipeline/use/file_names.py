"""Ids as names of files, the same wherever a file or a page is written for each. Pure."""

import hashlib
import re
from typing import Final

_HASHED: Final = "sha256-"
# What every file system takes as it is: no path, nothing that Windows keeps for a device whatever follows the first
# dot or cuts off at the end, and nothing that looks like the hash of another id.
_SAFE: Final = re.compile(
    rf"(?!(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z)|{_HASHED}|.*\.\.|.*\.\Z)[a-z0-9][a-z0-9._-]{{0,99}}"
)


def file_name(id_: str) -> str:
    """Return an id where any system has it as the name of a file, else its hash; ids that differ have names that do."""
    is_safe = _SAFE.fullmatch(id_) is not None
    return id_ if is_safe else _HASHED + hashlib.sha256(id_.encode(errors="backslashreplace")).hexdigest()
