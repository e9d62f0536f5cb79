"""The commands on the report: written beside the catalog or elsewhere, opened, served to this machine alone."""

import argparse
import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.cli.alone import alone
from pipeline.cli.reading import open_catalog
from pipeline.cli.writing import check_folder
from pipeline.normalize.unseen import plain

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.use.report import Written


def run_report(options: argparse.Namespace) -> int:
    """Write the report and print the path of its first page."""
    from pipeline.use.report import FOLDER  # noqa: PLC0415 - needs the templates

    if options.out is not None:
        check_folder(options.out)
    written = _write(options, options.out)
    lies_at = options.out or options.data / "catalog" / "current" / FOLDER  # the same place after the next refresh
    index = (lies_at / "index.html").absolute()
    what = "written" if written.is_new else "unchanged, nothing rewritten"
    print(f"report as of {written.as_of}: {written.page_count} pages ({what})", file=sys.stderr)
    print(plain(str(index)))
    if options.open:
        import webbrowser  # noqa: PLC0415 - only where one is asked for

        webbrowser.open(index.as_uri())
    return 0


def has_report(options: argparse.Namespace) -> bool:
    """Whether a report lies beside the current catalog: the next build is then told in one too."""
    data: Path = options.data
    return (data / "catalog" / "current" / "report" / "report.json").exists()


def renew_report(options: argparse.Namespace) -> None:
    """Write the report of a new build, while the data folder is held; where it fails, say so and no more."""
    try:
        from pipeline.use.report import FOLDER, write_report  # noqa: PLC0415 - needs the templates

        with open_catalog(options) as catalog:
            write_report(catalog, catalog.path.parent / FOLDER, datetime.now(UTC))
    except Exception as error:  # noqa: BLE001 - the catalog is published: nothing in a page may fail what published it
        why = str(error) or type(error).__name__
        told = f"the catalog is published without its report: {why}; run `provider-terms report`"
        print(f"provider-terms: {plain(' '.join(told.split()))}", file=sys.stderr)


def run_serve(options: argparse.Namespace) -> int:
    """Write the report where it is not there yet, and serve it until Ctrl-C."""
    from pipeline.cli.report_server import ReportServer  # noqa: PLC0415 - needs a web server

    _write(options, None)
    with ReportServer(options.data / "catalog" / "current", options.port) as server:
        try:
            print(f"{server.url} (Ctrl-C ends it)", flush=True)
            server.serve_forever()
        except KeyboardInterrupt:
            print(file=sys.stderr)
    return 0


def _write(options: argparse.Namespace, out: "Path | None") -> "Written":
    """Write the report; the data folder is held meanwhile, unless the report lies elsewhere."""
    from pipeline.use.report import FOLDER, write_report  # noqa: PLC0415 - needs the templates

    with open_catalog(options) as catalog:  # first, so that a folder without a catalog stays as it is
        held = alone(options.data) if out is None else nullcontext()
        with held:
            return write_report(catalog, catalog.path.parent / FOLDER if out is None else out, datetime.now(UTC))


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {"report": run_report, "serve": run_serve}
