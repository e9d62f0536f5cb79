"""Where a redirect leads, whether that step may be taken, and whether the page is there. Pure."""

import re
from collections.abc import Collection
from urllib.parse import urljoin, urlsplit

from pipeline.collect.expected import Doubt
from pipeline.model import Observation, Outcome

_FRONT_PATH = re.compile(r"/?(?:[a-z]{2}(?:[-_][a-z]{2})?/?)?(?:index\.[a-z]{2,5})?", re.IGNORECASE)  # /, /en, /en-US/
_LOGIN_PATH = re.compile(r"/(?:log[-_]?in|sign[-_]?in|sso|authenticate)(?:[/.]|$)|^/auth/?$", re.IGNORECASE)
_LOST_PATH = re.compile(r"/(?:404|(?:page[-_])?not[-_]?found)(?:[/.]|$)", re.IGNORECASE)
_SHOWN_PATH = 60
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


def find_detour(seen: Observation, good: Observation | None) -> Doubt | None:
    """Return why a page that redirects led to is not believed: many a site sends those who miss a page to its front.

    Where the last good look ended at the same address, that is where the page is.
    """
    if not seen.redirects or seen.url is None or (good is not None and good.url == seen.url):
        return None
    asked, found = urlsplit(seen.redirects[0]), urlsplit(seen.url)
    if _LOGIN_PATH.search(found.path) and not _LOGIN_PATH.search(asked.path):
        return Doubt(outcome=Outcome.LOGIN, detail=f"redirected to {found.path[:_SHOWN_PATH]}")
    if _LOST_PATH.search(found.path) and not _LOST_PATH.search(asked.path):
        return Doubt(outcome=Outcome.SOFT_NOT_FOUND, detail=f"redirected to {found.path[:_SHOWN_PATH]}")
    is_same_site = _site(asked.hostname) == _site(found.hostname)
    is_front = not found.query and _FRONT_PATH.fullmatch(found.path)  # a query may name the page
    if is_same_site and is_front and not _FRONT_PATH.fullmatch(asked.path):
        return Doubt(outcome=Outcome.SOFT_NOT_FOUND, detail="redirected to the front page")
    return None


def _site(host: str | None) -> str:
    return (host or "").removeprefix("www.")


def host_of(url: str) -> str:
    """Return the host of an address in lower case, or all of it where it has none."""
    try:
        return (urlsplit(url).hostname or url).lower()
    except ValueError:
        return url.lower()
