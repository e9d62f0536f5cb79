"""Where a redirect leads, and whether that step may be taken. Pure."""

import re
from collections.abc import Collection
from urllib.parse import urljoin, urlsplit

_HOSTLESS = re.compile(r"(?:https?:)?//(?:/|$)", re.IGNORECASE)


def resolve_redirect(asked: str, location: str, home: str, hosts: Collection[str]) -> tuple[str, str | None]:
    """Return where a redirect leads, and why it is not followed, or None where it is.

    `home` is the host of the page, `hosts` the others that its source declares, none for any. The address itself is
    checked by the gate like any other; here is only what the step from one to the next adds.
    """
    if not location.isascii() or "\\" in location or not location.isprintable():
        odd = "a backslash or a control character or is beyond ASCII"
        return location, f"the redirect has {odd}, which two readers read in two ways"
    if _HOSTLESS.match(location):  # browsers take what follows for the host, urllib for the path
        return location, "the redirect leads to an address without a host, which two readers read in two ways"
    try:
        leads = urljoin(asked, location)
        here, there = urlsplit(asked), urlsplit(leads)
    except ValueError:
        return location, "the redirect leads to no address that can be read"
    if here.scheme.lower() == "https" and there.scheme.lower() == "http":
        return leads, "the redirect leads from https to http"
    host = host_of(leads)
    if hosts and host != home and host not in hosts:
        return leads, f"the redirect leads to {host}, which the source does not declare"
    return leads, None


def host_of(url: str) -> str:
    """Return the host of an address in lower case, or all of it where it has none."""
    try:
        return (urlsplit(url).hostname or url).lower()
    except ValueError:
        return url.lower()
