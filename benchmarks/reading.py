"""What reading terms costs: every document of a folder, one page made longer and longer, and near-misses of 10 MB.

    make bench

The peer is BeautifulSoup with Python's own HTML parser, which only takes the text out of the same page, in the same
run; what counts are the ratios. Seconds are those of the processor.
"""

import argparse
import gzip
import os
import time
from collections.abc import Callable
from pathlib import Path

from bs4 import BeautifulSoup

from pipeline.clauses import read_statements
from pipeline.parse.document import parse_document

RECORDED = Path(os.environ.get("PROVIDER_TERMS_SHARED", "../shared")) / "data" / "terms"
SECTION = (
    "<h2>Section {0}</h2><p>We keep your prompts and completions for {0} days after you delete them, unless the law "
    "asks for more. We do not use what you send to train our models.</p><ul><li>Cookies last {0} months.</li></ul>\n"
)
NEAR_MISSES = (
    "We may not be able to retain or delete the thing that you want us to train on. ",
    "not never no unless you ",
    "30 days after ",
    "retain",
)
LENGTHS = (500, 5_000)
NEAR_MISS_BYTES = 10_000_000
_SUFFIXES = (".md", ".txt", ".html", ".html.gz")


def main() -> None:
    """Measure all three, print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=Path, default=RECORDED, help=f"documents to read (default: {RECORDED})")
    options = parser.parse_args()
    _read(SECTION.format(1).encode())  # what is loaded once is loaded
    if options.documents.is_dir():
        _print_documents(options.documents)
    seconds = [_print_long(sections) for sections in LENGTHS]
    print(f"ten times the sections, {seconds[1] / seconds[0]:.1f} times the time")
    for piece in NEAR_MISSES:
        body = (piece * (NEAR_MISS_BYTES // len(piece))).encode()
        print(f"{len(body) / 1e6:.0f} MB of {piece!r}: {_seconds(lambda body=body: _read(body)):.1f} s")


def _print_documents(folder: Path) -> None:
    documents = [path for path in sorted(folder.rglob("*")) if path.name.endswith(_SUFFIXES)]
    paths = [path for path in documents if "history" not in path.parts]
    times = [(_seconds(lambda path=path: _read(_bytes(path))), path) for path in paths]
    slowest, path = max(times)
    size = len(_bytes(path)) / 1e3
    print(
        f"{len(times)} documents in {sum(taken for taken, _ in times):.1f} s; the slowest is {path.name} "
        f"({size:.0f} KB): {slowest:.2f} s"
    )


def _print_long(sections: int) -> float:
    body = "".join(SECTION.format(number) for number in range(1, sections + 1)).encode()
    ours = _seconds(lambda: _read(body))
    peer = _seconds(lambda: BeautifulSoup(body, "html.parser").get_text())
    print(f"{len(body) / 1e3:.0f} KB in {sections} sections: {ours:.2f} s, {ours / peer:.1f} x BeautifulSoup's text")
    return ours


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _read(body: bytes) -> object:
    return read_statements(parse_document(body))


def _bytes(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


if __name__ == "__main__":
    main()
