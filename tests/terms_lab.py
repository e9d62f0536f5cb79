"""A data folder of its own with providers' terms pages, answered by a scripted site, and a clock to be set."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from made_up_pdf import make_pdf
from network_site import fetcher
from patience import PATIENCE
from scripted_site import Answer, Site, page
from tiny_refresh import declare, make_folder

from pipeline.catalog.reader import Catalog
from pipeline.cli import main
from pipeline.refresh import Manner, Outcomes, refresh
from pipeline.workplace import Workplace

FIRST = datetime(2026, 11, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)

INTRODUCTION = (
    "This page says what happens to the content that is sent to the service. It was written for those who build "
    "products on the interface and want to know what is kept of it, where it is kept, and for how long. It was last "
    "looked over by people who know the service well, and it is shown in the same words to all who come here."
)
KEPT_30 = "Prompts and outputs sent to the API are retained for 30 days and are then deleted."
KEPT_30_REWORDED = (
    "Prompts and outputs sent to the API are retained for thirty (30) days, after which they are deleted."
)
KEPT_90 = "Prompts and outputs sent to the API are retained for 90 days and are then deleted."
NEVER_KEPT = "Prompts and outputs sent to the API are never stored."
NOT_TRAINED = "We do not use your prompts or outputs to train our models."
TRAINED = "We may use your prompts and outputs to train our models."

_PROVIDER = """\
id = "{id}"
name = "{name}"

[names]
table = ["{name}"]
api = ["{name}"]

[slugs]
a-gateway = ["{id}"]
"""
_PAGE = """
[[pages]]
terms_type = "{terms_type}"
url = "{url}"
seen_on = 2026-10-01
seen_in = "the gateway's feed"
{more}
"""


def html(*sections: tuple[str, str] | str, note: str = "", link: str = "/more") -> Answer:
    """Return a page of prose: sentences, each perhaps below a heading with its text as name; a note; a link."""
    body = "\n".join(_section(one) for one in sections)
    head = f"<h1>Terms</h1>\n<p>{INTRODUCTION}</p>"
    foot = f"<p>{note}</p>\n" * bool(note) + f'<p>There is <a href="{link}">more to read</a> on the service itself.</p>'
    text = f"<!doctype html>\n<html lang='en'><body><main>\n{head}\n{body}\n{foot}\n</main></body></html>\n"
    return page(text.encode(), Content_Type="text/html; charset=utf-8")


def _section(section: tuple[str, str] | str) -> str:
    if isinstance(section, str):
        return f"<p>{section}</p>"
    name, sentence = section
    return f'<h2 id="{name.lower()}">{name}</h2>\n<p>{INTRODUCTION}</p>\n<p>{sentence}</p>'


def markdown(*sentences: str) -> Answer:
    """Return a page of prose in Markdown."""
    text = "\n\n".join(("# Terms", INTRODUCTION, *sentences))
    return page(text.encode(), Content_Type="text/markdown")


def pdf(*sentences: str) -> Answer:
    """Return a page of prose as a PDF, a line for every few words."""
    lines = [line for text in (INTRODUCTION, *sentences) for line in (*_lines(text), "")]
    shown = "\n".join(line.replace("(", r"\(").replace(")", r"\)") for line in lines)
    return page(make_pdf(shown), Content_Type="application/pdf")


def _lines(text: str) -> Iterable[str]:
    words = text.split()
    return (" ".join(words[start : start + 12]) for start in range(0, len(words), 12))


def kept(
    days: int | None, *, training: bool | None = False, links: Mapping[str, str] | None = None
) -> dict[str, object]:
    """Return how the feed states so many days, none for 0, or nothing at all of what is None; and links."""
    found: dict[str, object] = {} if training is None else {"training": training}
    if days is not None:
        found |= {"retainsPrompts": days > 0} | ({"retentionDays": days} if days else {})
    return found | dict(links or {})


class TermsLab:
    """A data folder whose gateway lists these providers, with the policy that each is given."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.folder, self.site, self.feed = make_folder(folder), site, b""
        declare(self.folder, site.url("/feed"))
        self.list_providers()

    def list_providers(self, **policies: Mapping[str, object]) -> None:
        """Let the gateway list providers with their policies, and three more that it always has."""
        listed = {f"p{number}": kept(30) for number in range(3)} | policies
        providers = [
            {"slug": slug, "name": slug.title(), "displayName": slug.title(), "dataPolicy": policy}
            for slug, policy in listed.items()
        ]
        self.feed = json.dumps({"data": providers}).encode()
        self.site.serve("/feed", page(self.feed))

    def provider(self, provider_id: str, *pages: str) -> None:
        """Write a provider's file with these pages, each as `a_page` gives it."""
        text = _PROVIDER.format(id=provider_id, name=provider_id.title())
        (self.folder / "providers" / f"{provider_id}.toml").write_text(text + "".join(pages))

    def a_page(self, path: str, terms_type: str = "data_usage_docs", **more: object) -> str:
        """Return the declaration of a page of the site; `more` are further keys, as JSON writes their values."""
        lines = "\n".join(
            f"{name} = {value if name == 'valid_until' else json.dumps(value)}" for name, value in more.items()
        )
        return _PAGE.format(terms_type=terms_type, url=self.site.url(path), more=lines)

    def refresh(self, days: float = 0, *, force: bool = False) -> Outcomes:
        asking = fetcher(now=lambda: FIRST + days * DAY)
        return refresh(self.work(), asking, manner=Manner(is_forced=force))

    def work(self) -> Workplace:
        return Workplace(self.folder)

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Return what the published catalog answers."""
        with Catalog.open(self.folder / "catalog" / "current") as catalog:
            return catalog.rows(sql, list(values))

    def table(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the same as tuples."""
        return [tuple(row.values()) for row in self.rows(sql, *values)]

    def main(self, *arguments: str) -> int:
        fetching = arguments[0] == "refresh" or "--live" in arguments
        options = ("--allow-private-network", "--pause", "0", "--timeout", str(PATIENCE)) if fetching else ()
        return main([*arguments, *options, "--data", str(self.folder)])
