"""A streamed answer to whole, decoded bytes within a cap; anything less is an error that says which. No network."""

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping

from pipeline.errors import TermsError
from pipeline.model import Outcome

_GZIP_MAGIC = b"\x1f\x8b"
_STEP_BYTES = 65_536
_HTML_STARTS, _HTML_ENDS = (b"<!doctype html", b"<html"), (b"</html>", b"</body>")
_EDGE_BYTES = 4_096
_LENGTH = re.compile(r"[0-9]{1,18}(?:\s{0,9},\s{0,9}[0-9]{1,18}){0,9}")  # any other length is none to http.client


class BodyError(TermsError):
    """A body that is not believed to be whole; `outcome` says why."""

    def __init__(self, outcome: Outcome, message: str) -> None:
        """Take the outcome of the look and one line."""
        super().__init__(message)
        self.outcome = outcome


def read_body(chunks: Iterable[bytes], headers: Mapping[str, str], max_bytes: int) -> bytes:
    """Return the decoded body; raise BodyError where it is too large, badly encoded or cut.

    `max_bytes` caps both what comes over the wire and what it decodes to, at no more than one step above it. Only gzip
    and deflate are decoded, because only they were asked for and can be decoded in bounded steps.
    """
    body = bytearray()
    for part in _decoded(_counted(chunks, max_bytes), _encoding(headers)):
        body += part
        if len(body) > max_bytes:
            raise BodyError(Outcome.TOO_LARGE, f"more than {max_bytes} bytes when decoded")
    whole = bytes(body)
    _check_end(whole, headers)
    return whole


def read_start(chunks: Iterable[bytes], headers: Mapping[str, str], max_bytes: int) -> bytes:
    """Return the first `max_bytes` of the decoded body; what stands behind is not read."""
    body = bytearray()
    for part in _decoded(iter(chunks), _encoding(headers)):
        body += part
        if len(body) >= max_bytes:
            break
    return bytes(body[:max_bytes])


def _encoding(headers: Mapping[str, str]) -> str:
    given = headers.get("Content-Encoding", "").strip().lower()
    names = [name.strip() for name in given.split(",") if name.strip() not in {"", "identity"}]
    if len(names) > 1:
        raise BodyError(Outcome.BAD_ENCODING, f"encoded {len(names)} times over: {given[:80]}")
    return names[0] if names else "identity"


def _counted(chunks: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    count = 0
    for chunk in chunks:
        count += len(chunk)
        if count > max_bytes:
            raise BodyError(Outcome.TOO_LARGE, f"more than {max_bytes} bytes")
        yield chunk


def _decoded(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    match encoding:
        case "identity":
            return chunks
        case "gzip" | "x-gzip":
            return _inflated(chunks, zlib.MAX_WBITS | 16)
        case "deflate":
            return _deflated(chunks)
        case _:
            raise BodyError(Outcome.BAD_ENCODING, f"encoding '{encoding[:40]}' was not asked for")


def _deflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    # RFC 9110 means the zlib format by "deflate"; some servers send the bare stream. The first byte tells them apart.
    first = next((chunk for chunk in chunks if chunk), b"")
    is_zlib = bool(first) and first[0] & 0x0F == zlib.DEFLATED
    yield from _inflated(_chained(first, chunks), zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _inflated(chunks: Iterator[bytes], window_bits: int) -> Iterator[bytes]:
    """Decode step by step, so that a bomb is stopped one step above the cap; a stream without its end is cut."""
    stream, waiting, has_begun = zlib.decompressobj(window_bits), b"", False
    try:
        for chunk in chunks:
            waiting += chunk
            has_begun = has_begun or bool(chunk)
            while waiting:
                if stream.eof:
                    if _GZIP_MAGIC.startswith(waiting):
                        break  # too little to tell what follows
                    if not waiting.startswith(_GZIP_MAGIC):
                        return  # padding after the last member, which gzip allows
                    stream = zlib.decompressobj(window_bits)
                yield stream.decompress(waiting, _STEP_BYTES)
                waiting = stream.unused_data if stream.eof else stream.unconsumed_tail
        while not stream.eof and (rest := stream.decompress(b"", _STEP_BYTES)):
            yield rest  # all was read before all was given out
    except zlib.error as error:
        raise BodyError(Outcome.BAD_ENCODING, f"not what its Content-Encoding says: {error}") from error
    if has_begun and not stream.eof:
        raise BodyError(Outcome.TRUNCATED, "the compressed body ends before its end mark")


def _check_end(body: bytes, headers: Mapping[str, str]) -> None:
    """Raise BodyError for half a page where only the closing of the connection tells where it ends.

    With a length or chunks the transport notices; without, an HTML page has to bring its own end.
    """
    if not body.strip():
        raise BodyError(Outcome.EMPTY, "the body is empty")
    codings = {coding.strip() for coding in headers.get("Transfer-Encoding", "").lower().split(",")}
    if _LENGTH.fullmatch(headers.get("Content-Length", "")) or "chunked" in codings:
        return
    if _encoding(headers) != "identity":
        return  # a compressed stream has its own end mark, and it was there
    begin = max(0, body.find(b"-->")) if body.lstrip().startswith(b"<!--") else 0  # a licence may stand before all tags
    edges = body[begin:][:_EDGE_BYTES], body[-_EDGE_BYTES:]
    start, end = (part.replace(b"\0", b"").strip().lower() for part in edges)
    kind = headers.get("Content-Type", "").lower()
    if kind and "html" not in kind:
        return
    is_cut = not any(mark in end for mark in _HTML_ENDS)
    if not any(mark in start for mark in _HTML_STARTS):
        is_cut = bool(kind) and start.startswith(b"<") and not end.endswith(b">")  # a fragment ends with a tag
    if is_cut:
        raise BodyError(Outcome.TRUNCATED, "the page ends before </html>, and its length was not given")
