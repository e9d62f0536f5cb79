"""The encoding of a page, from its bytes and what is said of them, and the page in UTF-8. Pure: bytes in, bytes out."""

import codecs
import re
from typing import Final

_DECLARED_WITHIN_BYTES: Final = 2048  # the standard asks for 1024; some pages put a licence above their head
_BYTE_ORDER_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_ELSE: Final = "cp1252"

# The labels that pages use, as the WHATWG Encoding Standard reads them, and Python's name for each encoding. Latin 1
# means windows-1252, and so on. Others, such as UTF-7 and punycode, are unsafe, slow or no text, and do not count.
_ENCODINGS: Final = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 x-unicode20utf8",
    "utf-16-le": "utf-16 utf-16le unicode ucs-2 csunicode",
    "utf-16-be": "utf-16be unicodefffe",
    "cp1252": "windows-1252 cp1252 x-cp1252 iso-8859-1 iso8859-1 iso_8859-1 iso88591 latin1 l1 ascii us-ascii",
    "iso8859-2": "iso-8859-2 iso8859-2 iso_8859-2 latin2 l2",
    "iso8859-3": "iso-8859-3 iso8859-3 latin3",
    "iso8859-4": "iso-8859-4 iso8859-4 latin4",
    "iso8859-5": "iso-8859-5 iso8859-5 cyrillic",
    "iso8859-6": "iso-8859-6 iso8859-6 arabic",
    "iso8859-7": "iso-8859-7 iso8859-7 greek greek8",
    "iso8859-8": "iso-8859-8 iso-8859-8-i iso8859-8 hebrew logical visual",
    "iso8859-10": "iso-8859-10 latin6",
    "iso8859-13": "iso-8859-13",
    "iso8859-14": "iso-8859-14",
    "iso8859-15": "iso-8859-15 iso8859-15 latin9 l9",
    "iso8859-16": "iso-8859-16",
    "cp866": "ibm866 cp866 866",
    "koi8-r": "koi8-r koi8 koi koi8_r",
    "koi8-u": "koi8-u koi8-ru",
    "mac-roman": "macintosh mac x-mac-roman",
    "cp874": "windows-874 tis-620 iso-8859-11 dos-874",
    "cp1250": "windows-1250 cp1250 x-cp1250",
    "cp1251": "windows-1251 cp1251 x-cp1251",
    "cp1253": "windows-1253 cp1253",
    "cp1254": "windows-1254 cp1254 iso-8859-9 iso8859-9 latin5 l5",
    "cp1255": "windows-1255 cp1255",
    "cp1256": "windows-1256 cp1256",
    "cp1257": "windows-1257 cp1257",
    "cp1258": "windows-1258 cp1258",
    "gb18030": "gb18030 gbk gb2312 gb_2312-80 x-gbk chinese",
    "big5hkscs": "big5 big5-hkscs cn-big5 x-x-big5",
    "euc-jp": "euc-jp x-euc-jp",
    "iso2022-jp": "iso-2022-jp",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji windows-31j ms932",
    "cp949": "euc-kr korean ks_c_5601-1987 ksc5601 windows-949",
}
_BY_LABEL: Final = {label: name for name, labels in _ENCODINGS.items() for label in labels.split()}

_NOT_ASCII: Final = re.compile(rb"[\x80-\xff]")
_ODD_IN_UTF_8: Final = re.compile(rb"[\x00\x1b]")  # of UTF-16 and ISO-2022-JP, whose bytes are valid UTF-8 as well
_CHARSET: Final = re.compile(
    rb"charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:\"([^\"]*)\"|'([^']*)'|([^\"'\t\n\f\r ;][^\t\n\f\r ;]*))", re.IGNORECASE
)
_XML: Final = re.compile(rb"<\?xml[\t\n\f\r ][^>]{0,200}?encoding[\t\n\f\r ]*=[\t\n\f\r ]*[\"']([^\"'>]{1,40})[\"']")
_TAG: Final = re.compile(rb"<(?:(meta)(?=[\t\n\f\r /])|/?[a-z][^\t\n\f\r >]*)", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(
    rb"[\t\n\f\r /]*([^\t\n\f\r />][^\t\n\f\r />=]*)"
    rb"(?:[\t\n\f\r ]*=[\t\n\f\r ]*(?:\"([^\"]*)\"|'([^']*)'|([^\"'\t\n\f\r >][^\t\n\f\r >]*)?))?"
)


def to_utf_8(body: bytes, content_type: str | None = None) -> bytes:
    """Return the page as valid UTF-8: as it is where it is that, else decoded, with U+FFFD for what cannot be.

    Decided in the order of the HTML standard: byte order mark, the charset of the Content-Type, what the page declares.
    There is one step before the last two: bytes that are valid UTF-8 and not plain ASCII are UTF-8, because those of
    another encoding hardly ever are, and the labels are wrong more often.
    """
    encoding = find_encoding(body, content_type)
    for mark, name in _BYTE_ORDER_MARKS:
        if name == encoding and name != "utf-8":
            body = body.removeprefix(mark)
    if encoding == "utf-8" and _is_utf_8(body):
        return body
    return body.decode(encoding, "replace").encode("utf-8", "replace")


def has_undecodable(body: bytes, content_type: str | None = None) -> bool:
    """Whether `to_utf_8` has to put U+FFFD for some of the bytes."""
    try:
        body.decode(find_encoding(body, content_type))
    except UnicodeError:
        return True
    return False


def find_encoding(body: bytes, content_type: str | None = None) -> str:
    """Return Python's name of the encoding that a page is in."""
    for mark, name in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return name
    is_utf_8 = _is_utf_8(body)
    if is_utf_8 and _NOT_ASCII.search(body):
        return "utf-8"
    told = _CHARSET.search((content_type or "").encode("ascii", "replace"))
    by_header = _named(b"".join(part or b"" for part in told.groups())) if told else None
    if is_utf_8 and not _ODD_IN_UTF_8.search(body):
        return "utf-8"  # plain ASCII, the same in all that are left
    return by_header or _find_declared(body[:_DECLARED_WITHIN_BYTES]) or ("utf-8" if is_utf_8 else _ELSE)


def _is_utf_8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _named(label: bytes) -> str | None:
    return _BY_LABEL.get(label.decode("ascii", "replace").strip("\t\n\f\r ").lower())


def _find_declared(head: bytes) -> str | None:
    """Return the encoding that the first `<meta>` with a known one names; UTF-16 there means UTF-8, as it was read."""
    xml = _XML.match(head)
    found = _named(xml[1]) if xml else None
    at = 0
    while found is None and (at := head.find(b"<", at)) >= 0:
        tag = _TAG.match(head, at)
        if head.startswith(b"<!--", at):
            at = _after(head, b"-->", at + 2)
        elif tag is not None:
            attributes, at = _read_attributes(head, tag.end())
            found = _declared_by(attributes) if tag[1] else None
        elif head[at + 1 : at + 2] in {b"!", b"/", b"?"}:
            at = _after(head, b">", at)
        else:
            at += 1
    return "utf-8" if found in {"utf-16-le", "utf-16-be"} else found


def _after(head: bytes, mark: bytes, start: int) -> int:
    end = head.find(mark, start)
    return len(head) if end < 0 else end + len(mark)


def _read_attributes(head: bytes, at: int) -> tuple[dict[bytes, bytes], int]:
    attributes: dict[bytes, bytes] = {}
    while (match := _ATTRIBUTE.match(head, at)) is not None:
        name, *values = match.groups()
        attributes.setdefault(name.lower(), b"".join(value or b"" for value in values))
        at = match.end()
    return attributes, at


def _declared_by(attributes: dict[bytes, bytes]) -> str | None:
    if b"charset" in attributes:
        return _named(attributes[b"charset"])
    if attributes.get(b"http-equiv", b"").lower() != b"content-type":
        return None
    told = _CHARSET.search(attributes.get(b"content", b""))
    return _named(b"".join(part or b"" for part in told.groups())) if told else None
