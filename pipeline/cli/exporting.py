"""The command `export`: a catalog handed over in the form that somebody else works with."""

import argparse
import importlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from pipeline.catalog.requirement import PolicyBasis
from pipeline.cli.filters import selection_of
from pipeline.cli.reading import open_catalog
from pipeline.cli.render import shown_day
from pipeline.cli.writing import check_folder, check_target
from pipeline.collect.files import replace_folder, write_whole
from pipeline.errors import NotFoundError, UsageError
from pipeline.normalize.unseen import plain
from pipeline.use.export.extract import Extract, Made, read_extract

# A format and the function that makes it, `(Catalog, Extract) -> Made`; its module is loaded where it is asked for.
FOLDERS: Mapping[str, str] = {
    "csv": "pipeline.use.export.folders:make_csv",
    "parquet": "pipeline.use.export.folders:make_parquet",
    "jsonl": "pipeline.use.export.folders:make_jsonl",
    "sqlite": "pipeline.use.export.sqlite_file:make_sqlite",
    "api": "pipeline.use.api.documents:make_api",
}
FILES: Mapping[str, str] = {
    "xlsx": "pipeline.use.export.workbook:make_xlsx",
    "ropa": "pipeline.use.export.ropa:make_ropa",
    "dpv": "pipeline.use.export.dpv:make_dpv",
}
_WITH_BASIS = ("ropa", "dpv")  # of one reading, by which they are filtered too; all others hold every side
_DEFAULT_BASIS = PolicyBasis.STRICTEST


def run_export(options: argparse.Namespace) -> int:
    """Write what was asked for, and say on stderr who is in it and what is not."""
    target: Path = options.target
    _check(options, target)
    with open_catalog(options) as catalog:
        basis = PolicyBasis(options.basis or (_DEFAULT_BASIS if options.format in _WITH_BASIS else PolicyBasis.GATEWAY))
        extract = read_extract(catalog, selection_of(options), options.as_of, basis)
        if not extract.offerings:
            raise NotFoundError(f"none of {extract.of_offerings} offerings is meant by these filters: nothing written")
        made = _maker(options.format)(catalog, extract)
    if options.format in FOLDERS:
        replace_folder(target, made.files, kind=options.format)
    else:
        ((_, body),) = made.files
        write_whole(target, body)
    _tell(extract, made, target)
    return 0


def _check(options: argparse.Namespace, target: Path) -> None:
    """Raise UsageError for options that do not go together, and where a file would be lost."""
    if options.basis and options.format not in _WITH_BASIS:
        raise UsageError(f"--basis goes with --format {' and '.join(_WITH_BASIS)}")
    if options.format in FOLDERS:
        if options.force:
            raise UsageError("--force goes with formats of one file; a folder that an export made is replaced anyhow")
        check_folder(target)
        return
    check_target(target, is_forced=options.force)


def _maker(form: str) -> "Callable[..., Made]":
    module, _, name = {**FOLDERS, **FILES}[form].partition(":")
    found: Callable[..., Made] = getattr(importlib.import_module(module), name)
    return found


def _tell(extract: Extract, made: Made, target: Path) -> None:
    for remark in made.remarks:
        print(plain(remark), file=sys.stderr)
    count = f"{len(extract.offerings)} of {extract.of_offerings} offerings"
    print(plain(f"{count}, as of {shown_day(extract.moment)}, written to {target}"), file=sys.stderr)


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {"export": run_export}
