"""What may be typed on handing a catalog over: `export`, its options, and help that teaches."""

from pathlib import Path

from pipeline.catalog.requirement import PolicyBasis
from pipeline.cli import arguments
from pipeline.cli.commands import Commands, Parser, add_command
from pipeline.cli.filters import add_filters

FORMATS = ("csv", "parquet", "jsonl", "sqlite", "api", "xlsx", "ropa", "dpv")


def add_exporting_commands(commands: Commands, common: Parser) -> None:
    """Add the command that hands a catalog over."""
    export = add_command(
        commands,
        common,
        "export",
        "hand the catalog over as a folder of tables, a workbook, a database, a static JSON API, records of processing "
        "or linked data; a folder takes the place of one that an export made before, and of nothing else",
        "export --format xlsx provider-terms.xlsx",
        "export --format parquet tables --as-of 2025-07-31 --all",
        "export --format api public/api",
        "export --format ropa ropa.csv --basis strictest --training no",
    )
    export.add_argument("target", metavar="TARGET", type=Path, help="the folder or the file to write")
    export.add_argument(
        "--format",
        choices=FORMATS,
        required=True,
        help="folders: csv, parquet and jsonl with a file per table and datapackage.json; sqlite with catalog.sqlite "
        "and metadata.json for Datasette; api with a JSON document per provider, for any file host. Files: xlsx; "
        "ropa, CSV rows for records of processing (GDPR, Article 30); "
        "dpv, JSON-LD in the W3C Data Privacy Vocabulary",
    )
    export.add_argument(
        "--as-of",
        metavar="DATE",
        type=arguments.as_of,
        help="what held at the end of that day (2025-07-31), as far as it can be told; what cannot is named on stderr",
    )
    export.add_argument(
        "--basis",
        choices=[basis.value for basis in PolicyBasis],
        help="with ropa and dpv, whose statements count: the gateway's, the provider's own terms, or (the default, "
        "strictest) of both the less protective one; the filters below ask the same, elsewhere what the gateway states",
    )
    export.add_argument("--force", action="store_true", help="replace a file that is there")
    add_filters(export)
