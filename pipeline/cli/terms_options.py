"""What may be typed on providers' own terms: commands, options, help."""

from pathlib import Path

from pipeline.cli.commands import Commands, Parser, add_command
from pipeline.model import POLICY_TOPICS


def add_terms_commands(commands: Commands, common: Parser) -> None:
    """Add the commands on statements, of the catalog and of files."""
    _add_statements(commands, common)
    _add_terms(commands, common)


def _add_statements(commands: Commands, common: Parser) -> None:
    name_help = "an id, a slug or any name the provider goes by, in any case"
    about_claims = "show every statement on one provider, with its words, date and link"
    claims = add_command(
        commands, common, "claims", about_claims, "claims openai", "claims openai --topic training --all"
    )
    claims.add_argument("name", metavar="ID", help=name_help)
    claims.add_argument("--topic", choices=[topic.value for topic in POLICY_TOPICS], help="only this topic")
    claims.add_argument("--all", action="store_true", help="also statements that no longer stand")
    about_conflicts = "list statements that cannot both hold, with both quotes and both dates"
    conflicts = add_command(commands, common, "conflicts", about_conflicts, "conflicts", "conflicts --format csv")
    conflicts.add_argument("--all", action="store_true", help="also of offerings that are no longer listed")
    about_explain = "tell how one provider's policy came about, claim by claim, in plain words"
    explain = add_command(commands, common, "explain", about_explain, "explain fireworks")
    explain.add_argument("name", metavar="ID", help=name_help)
    for command, forms in ((claims, "table json csv"), (conflicts, "table json csv"), (explain, "table json")):
        command.add_argument("--format", choices=forms.split(), default="table", help="default: table")


def _add_terms(commands: Commands, common: Parser) -> None:
    extract = add_command(
        commands,
        common,
        "extract",
        "read terms pages from files and print what they state on retention and training, as JSON Lines",
        "extract privacy-policy.md",
        "extract --doc-root pages pages/acme/*.html",
    )
    extract.add_argument("files", metavar="FILE", nargs="+", type=Path, help="HTML, Markdown, plain text or PDF")
    extract.add_argument("--doc-root", metavar="DIR", type=Path, help="name files by their path below this folder")
    evaluate = add_command(
        commands,
        common,
        "eval",
        "score what is read in terms pages against labels made by hand",
        "eval labels.jsonl --doc-root pages",
        "eval labels.jsonl predictions.jsonl --doc-root pages",
    )
    evaluate.add_argument(
        "labels", metavar="LABELS", type=Path, help="JSON Lines: doc, topic, value, days, quote, core"
    )
    evaluate.add_argument(
        "predictions", metavar="PREDICTIONS", type=Path, nargs="?", help="what `extract` printed (default: read now)"
    )
    evaluate.add_argument(
        "--doc-root", metavar="DIR", type=Path, default=Path(), help="the folder that `doc` counts from (default: .)"
    )
    evaluate.add_argument("--format", choices=("table", "json"), default="table", help="default: table")
