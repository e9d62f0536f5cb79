"""Two pictures of a report for the README: `make screenshots` writes them to docs/pictures, as text.

Each is the first sheet of a page as the screen shows it, printed by Debian's Chromium and turned into SVG by
`pdftocairo`, which is in Debian's package poppler-utils. They are made from the report beside the current catalog.
"""

import re
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

CHROMIUM = "/usr/bin/chromium"
WIDTH = "1280px"
PICTURES = (
    ("overview", "index.html", "light", "790px"),
    ("provider", "providers/fireworks.html", "dark", "1120px"),
)


def main() -> None:
    """Write the pictures of the report whose first page is named, in a folder that is named."""
    index, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with import_module("playwright.sync_api").sync_playwright() as playwright, tempfile.TemporaryDirectory() as beside:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, path, scheme, height in PICTURES:
            page = browser.new_page(viewport={"width": 1280, "height": 1000}, color_scheme=scheme)
            page.goto((index.parent / path).as_uri())
            page.emulate_media(media="screen", color_scheme=scheme)
            printed = Path(beside) / f"{name}.pdf"
            page.pdf(path=printed, width=WIDTH, height=height, print_background=True, page_ranges="1")
            picture = folder / f"{name}.svg"
            subprocess.run(["pdftocairo", "-svg", "-f", "1", "-l", "1", printed, picture], check=True)  # noqa: S603, S607
            picture.write_text(_shortened(picture.read_text(encoding="utf-8")), encoding="utf-8")
            sys.stdout.write(f"{picture}\n")
        browser.close()


def _shortened(svg: str) -> str:
    """Round places to hundredths of a point, which nobody sees and a third of the file is for."""
    return re.sub(r"-?[0-9]+\.[0-9]{3,}", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), svg)


if __name__ == "__main__":
    main()
