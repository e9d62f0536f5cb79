"""Commands called in this process, and what they said."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline.cli import main


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        rows = json.loads(self.out)
        assert isinstance(rows, list)
        return rows

    @property
    def cells(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out)))


Run = Callable[..., Said]


def caller(data: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what calls a command over a data folder."""

    def call(*arguments: str, at: Path = data) -> Said:
        capsys.readouterr()
        try:
            code = main([*arguments, "--data", str(at)])
        except SystemExit as left:
            code = int(left.code or 0)
        return Said(code, *capsys.readouterr())

    return call
