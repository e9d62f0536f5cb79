"""Foreign text put into XML, HTML, Markdown and chats, where it shows and never acts. Pure."""

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote, urlsplit

from pipeline.normalize.unseen import plain

# What XML 1.0 has no place for, not even escaped; half of a character is not in JSON either.
NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACE: Final = re.compile(r"[ \t\r\n]+")
# What Markdown reads as marks, and the two starts that make a link of bare text on GitHub and in most chats.
_MARKS: Final = re.compile(r"[\\`*_{}\[\]()<>#|~!&@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
# What Slack and Mattermost act on: marks, and what begins or joins an address, a mention, a channel, an emoji, a link.
_CHAT_MARKS: Final = re.compile(r"[&<>*~`]|(?<![^\W_])_|_(?![^\W_])|[:@#\]](?=\S)|(?<=\w)\.(?=\w)")
_JOINER: Final = "\u2060"  # it has no width, and no break is made at it
# Neither of them knows an escape that the other does not show, and a joiner leaves a pair of these marks one.
_CHAT_SHOWN: Final = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "*": "\u2217",
    "~": "\u223c",
    "`": "\u02cb",
    "_": "\uff3f",
}
_NO_HOST: Final = re.compile(r"@|%[0-7]")  # a user, or a letter of ASCII that no name of a host has
_STRAY: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
# All that an address may hold as it is, less what Markdown or Slack would end it by.
_URL_SAFE: Final = "%/:?#@!$&'*+,;=~"


def one_line(text: str) -> str:
    """Return text on one line that any page may show: what cannot be seen, or has no place in XML, is written out."""
    return NOT_XML.sub(lambda mark: mark[0].encode("unicode_escape").decode(), plain(_SPACE.sub(" ", text).strip(" ")))


def web_url(url: str | None) -> str | None:
    """Return an address that a page may link, in plain ASCII, what has no place in one quoted.

    None for any that is not of http or https, that has no host, or that names a user: it may be a password.
    """
    quoted = quote((url or "").encode("utf-8", "backslashreplace"), safe=_URL_SAFE)
    before, mark, fragment = quoted.partition("#")
    address = _STRAY.sub("%25", f"{before}{mark}{fragment.replace('#', '%23')}")
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and _NO_HOST.search(parts.netloc) is None
    except ValueError:
        return None
    return address if is_web else None


def in_markdown(text: str) -> str:
    """Return text that a Markdown table shows as it is: no marks, no links, no mentions, no line breaks."""
    return _MARKS.sub(lambda mark: f"&#{ord(mark[0])};", one_line(text))


def in_chat(text: str) -> str:
    """Return text that Slack and Mattermost show as it is read: no marks, no links, no mentions, no line breaks.

    What only acts together is parted by a joiner that nobody sees; a mark that acts alone is one that looks like it.
    """
    return _CHAT_MARKS.sub(lambda mark: _CHAT_SHOWN.get(mark[0], mark[0] + _JOINER), one_line(text))


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table whose cells are Markdown already."""
    return [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}", *(f"| {' | '.join(row)} |" for row in rows)]
