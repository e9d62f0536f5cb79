"""A small data folder of its own, whose one source a scripted site answers, and the command run over it for real."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from patience import PATIENCE
from scripted_site import Answer, Site, page

_SOURCE = """\
id = "{id}"
gateway_id = "a-gateway"
title = "A source"
terms_type = "gateway_feed"
format = "provider_feed"
url = "{url}"
content_types = ["application/json"]
rank = 1
is_required = {required}
stale_after_days = 7
check_every_hours = {hours}

[envelope]
min_rows = 3
max_rows = 100
"""
# Interrupts must be heard also where the tests run in the background of a shell, which makes its children deaf to them.
_HEARING = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from pipeline.cli import main
sys.exit(main())
"""


def feed(days: int = 30) -> bytes:
    """Return a feed of three providers that keep prompts for so many days."""
    policy = {"training": False, "retainsPrompts": True, "retentionDays": days}
    providers = [{"slug": f"p{n}", "name": f"P{n}", "displayName": f"P{n}", "dataPolicy": policy} for n in range(3)]
    return json.dumps({"data": providers}).encode()


def make_folder(folder: Path) -> Path:
    """Make a data folder that declares nothing."""
    for name in ("sources", "providers", "recorded"):
        (folder / name).mkdir(parents=True)
    return folder


def declare(folder: Path, url: str, source_id: str = "feed", *, hours: int = 0, required: bool = False) -> None:
    """Declare a feed at an address."""
    text = _SOURCE.format(id=source_id, url=url, hours=hours, required=str(required).lower())
    (folder / "sources" / f"{source_id}.toml").write_text(text)


def serve(site: Site, folder: Path, *answers: Answer, source_id: str = "feed", hours: int = 0) -> None:
    """Declare a feed that the site answers."""
    declare(folder, site.serve(f"/{source_id}", *answers or (page(feed()),)), source_id, hours=hours)


def command(data: Path, *arguments: str) -> list[str]:
    """Return the command line of one call."""
    return [sys.executable, "-c", _HEARING, *words(data, *arguments)]


def words(data: Path, *arguments: str) -> list[str]:
    """Return what follows the program's name; a refresh may ask loopback addresses, without pauses."""
    fetching = ("--allow-private-network", "--pause", "0") if arguments[0] == "refresh" else ()
    return [*arguments, *fetching, "--data", str(data)]


def environment(**more: str) -> Mapping[str, str]:
    """Return an environment in which Python leaves nothing behind for its next start."""
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **more}


def run(data: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; `more` is added to its environment."""
    return subprocess.run(
        command(data, *arguments),
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=environment(**more),
        timeout=PATIENCE,
    )


def said(ran: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the lines on stderr but for the one that tells of private networks."""
    return [line for line in ran.stderr.splitlines() if "private networks may be asked" not in line]
