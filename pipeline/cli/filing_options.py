"""What may be typed on filing evidence: `evidence` and `verify`, their options, and help that teaches."""

from pathlib import Path

from pipeline.cli.commands import Commands, Parser, add_command


def add_filing_commands(commands: Commands, common: Parser) -> None:
    """Add the commands that file evidence and check what was filed."""
    evidence = add_command(
        commands,
        common,
        "evidence",
        "file the captures behind one provider's claims, with their hashes, quotes and dates, as a zip that is checked "
        "without this program; where a capture is missing it is listed as missing, and the exit code is 3",
        "evidence openai --out openai.zip",
        'evidence "Google Vertex" --out vertex.zip --force',
    )
    evidence.add_argument("name", metavar="ID", help="an id, a slug or any name the provider goes by, in any case")
    evidence.add_argument("--out", metavar="FILE", type=Path, required=True, help="the zip to write")
    evidence.add_argument("--force", action="store_true", help="replace a file that is there")
    evidence.add_argument(
        "--no-recorded", action="store_true", help="leave the captures that ship with the project out"
    )
    verify = add_command(
        commands,
        common,
        "verify",
        "re-hash every capture and the catalog, and name what is damaged; with FILE, check a file that `evidence` "
        "wrote: its hashes, and that each quote stands in its capture at its place",
        "verify",
        "verify openai.zip",
    )
    verify.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        nargs="?",
        help="an evidence file, which may be anybody's, or the folder of a report",
    )
