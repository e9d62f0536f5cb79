"""Whole-process figures of a refresh beside Scrapy on the same pages, in one run; ratios are what counts.

    make bench

A loopback site of many hosts answers with a latency that is set. Each line gives the seconds of the whole process
and of its CPU, the requests and 304s that the site counted, and the peak memory of the process.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
_SOURCE = """id = "{id}"
gateway_id = "{id}"
title = "a page"
terms_type = "gateway_table"
format = "policy_table"
url = "{url}"
content_types = ["text/html"]
rank = 1
stale_after_days = 7

[envelope]
min_rows = 1
max_rows = 100
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """What one process took."""

    name: str
    seconds: float
    cpu_seconds: float
    mebibytes: float
    requests: int
    not_modified: int


def main() -> None:
    """Start the site, run everything, print the table and the ratios."""
    options = _options()
    template = f"http://127.0.0.{{host}}:{options.port}/{{page}}.html"
    site = _start_site(options)
    try:
        with tempfile.TemporaryDirectory() as folder:
            figures = _run_all(options, template, Path(folder))
    finally:
        site.terminate()
        site.wait()
    pages = options.hosts * options.pages
    print(f"{pages} pages of {options.kilobytes} KB on {options.hosts} hosts, {options.latency_ms} ms latency")
    for one in figures.values():
        told = f"{one.seconds:7.2f} s {one.cpu_seconds:7.2f} s of CPU {one.mebibytes:7.0f} MiB"
        told += f" {one.requests:5} requests {one.not_modified:5} × 304"
        print(f"  {one.name:34} {told}")
    for a, b in (
        ("first refresh", "scrapy, first run"),
        ("unchanged refresh", "first refresh"),
        ("unchanged refresh", "scrapy, unchanged run"),
    ):
        if a in figures and b in figures:
            print(f"  {a} / {b}: {figures[a].seconds / figures[b].seconds:.2f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=60)
    parser.add_argument("--pages", type=int, default=4, help="on each host")
    parser.add_argument("--kilobytes", type=int, default=150)
    parser.add_argument("--latency-ms", type=int, default=100)
    parser.add_argument("--port", type=int, default=8801)
    parser.add_argument("--peer", type=Path, help="the Python of an environment that has Scrapy")
    return parser.parse_args()


def _start_site(options: argparse.Namespace) -> subprocess.Popen[str]:
    command = [sys.executable, str(HERE / "site.py"), "--port", str(options.port)]
    command += ["--latency-ms", str(options.latency_ms), "--kilobytes", str(options.kilobytes)]
    site = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert site.stdout is not None
    site.stdout.readline()
    return site


def _run_all(options: argparse.Namespace, template: str, folder: Path) -> dict[str, Figure]:
    (folder / "data" / "providers").mkdir(parents=True)
    (folder / "data" / "sources").mkdir()
    for host in range(1, options.hosts + 1):
        for page in range(options.pages):
            name = f"h{host}-{page}"
            text = _SOURCE.format(id=name, url=template.format(host=host, page=page))
            (folder / "data" / "sources" / f"{name}.toml").write_text(text)
    ours = [sys.executable, "-m", "pipeline", "refresh", "--no-recorded", "--allow-private-network", "--pause", "0"]
    ours += ["--data", str(folder / "data")]
    peer = [str(options.peer), str(HERE / "peer_spider.py"), template, str(options.hosts), str(options.pages)]
    peer += [str(folder / "cache")]
    steps = [("first refresh", ours), ("unchanged refresh", ours)]
    if options.peer:
        steps += [("scrapy, first run", peer), ("scrapy, unchanged run", peer)]
    _ask(options.port, "/change?n=0")
    _ask(options.port, "/stats")
    figures = {name: _measure(name, command, options.port) for name, command in steps}
    _ask(options.port, "/change?n=3")
    _ask(options.port, "/stats")
    figures["three pages changed"] = _measure("three pages changed", ours, options.port)
    return figures


def _measure(name: str, command: list[str], port: int) -> Figure:
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        assert process.stderr is not None
        sys.exit(f"{name}: exit status {status}: {process.stderr.read().decode()[-2000:]}")
    counted = json.loads(_ask(port, "/stats"))
    cpu_seconds = usage.ru_utime + usage.ru_stime  # tells more than the clock where others use the machine, too
    return Figure(name, seconds, cpu_seconds, usage.ru_maxrss / 1024, counted["requests"], counted["not_modified"])


def _ask(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        body: bytes = answer.read()
    return body


if __name__ == "__main__":
    main()
