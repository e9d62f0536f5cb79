"""A loopback site of many hosts: 127.0.0.1, 127.0.0.2, …, with as many pages as asked and a latency that is set.

    python benchmarks/site.py --port 8801 --latency-ms 100 --kilobytes 150

Every page has an ETag and answers a conditional request with 304. `/change?n=3` makes the first three pages differ from
then on; `/stats` tells how many requests and 304s there were since the last time it was asked.
"""

import argparse
import asyncio
import hashlib
import json
from dataclasses import dataclass, field

_WORD = "Prompts are processed to answer the request and for nothing else that is written in this paragraph. "


@dataclass(slots=True)
class Site:
    """The state of the site: how its pages are now, and what was asked."""

    latency_seconds: float
    page_bytes: int
    changed: int = 0
    requests: int = 0
    not_modified: int = 0
    bodies: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def page(self, host: str, path: str) -> bytes:
        """Return a page of the declared size, as it is now."""
        number = int(host.rpartition(".")[2])
        version = 1 if number <= self.changed and path == "/0.html" else 0
        key = (host, f"{path} {version}")
        if key not in self.bodies:
            rows = "".join(
                f"<tr><td>P{number}-{path[1:2]}-{row}</td><td>Retained for {30 + version} days</td>"
                "<td>✓ Does not train</td></tr>"
                for row in range(5)
            )
            table = f"<table><tr><th>Provider</th><th>Data Retention</th><th>Train on Prompts</th></tr>{rows}</table>"
            start = f"<!doctype html><html lang=en><title>Terms of {host}</title><body>{table}"
            filler = f"<p>{_WORD * 5}</p>"
            body = start + filler * ((self.page_bytes - len(start)) // len(filler)) + "</body></html>"
            self.bodies[key] = body.encode()
        return self.bodies[key]

    def answer(self, host: str, path: str, etag: str | None) -> bytes:
        """Return the whole answer to one request."""
        if path == "/robots.txt":
            return _message(404, b"", "")
        if path.startswith("/change"):
            self.changed = int(path.rpartition("=")[2])
            return _message(200, b"{}", "application/json")
        if path == "/stats":
            told = json.dumps({"requests": self.requests, "not_modified": self.not_modified})
            self.requests = self.not_modified = 0
            return _message(200, told.encode(), "application/json")
        body = self.page(host, path)
        mark = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        self.requests += 1
        if etag == mark:
            self.not_modified += 1
            return _message(304, b"", "text/html", mark)
        return _message(200, body, "text/html; charset=utf-8", mark)


def _message(status: int, body: bytes, kind: str, etag: str = "") -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"Content-Type: {kind}"] if kind else []
    lines += [f"ETag: {etag}"] if etag else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def _serve(site: Site, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    host = writer.get_extra_info("sockname")[0]
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            line, *rest = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in rest if one)}
            path = line.split(" ")[1]
            if path not in {"/stats"} and not path.startswith("/change"):
                await asyncio.sleep(site.latency_seconds)
            writer.write(site.answer(host, path, headers.get("if-none-match")))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _main(options: argparse.Namespace) -> None:
    site = Site(latency_seconds=options.latency_ms / 1000, page_bytes=options.kilobytes * 1000)
    server = await asyncio.start_server(lambda *ends: _serve(site, *ends), "0.0.0.0", options.port, backlog=1000)  # noqa: S104 - all of 127/8
    async with server:
        print("ready", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8801)
    parser.add_argument("--latency-ms", type=int, default=100)
    parser.add_argument("--kilobytes", type=int, default=150)
    asyncio.run(_main(parser.parse_args()))
