"""Values to the cells of a CSV file that a spreadsheet can open without running them. Pure."""

import json
from datetime import datetime
from typing import Any

# What a spreadsheet takes for a formula, and the control characters that hide one from the eye (OWASP, CWE-1236).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_PASSED_OVER = " \u00a0\u3000\ufeff"


def cell(value: Any) -> str:  # noqa: ANN401 - a value of any column type
    """Return one CSV cell: empty for no value, ISO 8601 in UTC for a time, JSON for a list, `true` or `false`.

    Text that a spreadsheet would run as a formula gets a leading apostrophe; Parquet and DuckDB keep it unchanged.
    """
    if isinstance(value, (list, tuple)):
        return json.dumps(list(value), ensure_ascii=False)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    text = str(value)
    # Some programs pass over blanks and a byte order mark before they look for a formula.
    is_formula = text.startswith(_FORMULA_STARTS) or text.lstrip(_PASSED_OVER).startswith(_FORMULA_STARTS)
    return f"'{text}" if isinstance(value, str) and is_formula else text
