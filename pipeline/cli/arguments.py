"""What an argument's text means; each raises ArgumentTypeError, whose message is what the person reads."""

import argparse
import re
from datetime import datetime

from pipeline.model import Moment, Precision
from pipeline.normalize.moment import find_moment

_MOST_SECONDS, _MOST_WORKERS, _MOST_CONTACT, _MOST_COUNT, _MOST_PORT = 3600, 256, 200, 99_999, 65_535


def moment(text: str) -> Moment:
    """Return the time that a date means."""
    moment = find_moment(text)
    if moment is None:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date: write 2026-07-21, 2026-07-21T10:00Z or 2025-07")
    return moment


def as_of(text: str) -> datetime:
    """Return the last instant that a date means, UTC."""
    found = moment(text)
    last_second = found.at.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return found.at if found.precision is Precision.INSTANT else last_second


def since(text: str) -> datetime:
    """Return the first instant that a date means, UTC."""
    return moment(text).since


def seconds(text: str) -> float:
    """Return a number of seconds."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= _MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds from 0 to {_MOST_SECONDS}")
    return seconds


def workers(text: str) -> int:
    """Return how many hosts may be asked at once."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= _MOST_WORKERS):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 to {_MOST_WORKERS}")
    return int(text)


def contact(text: str) -> str:
    """Return whom a site may write to, safe as a header."""
    if not text.isascii() or not text.isprintable() or len(text) > _MOST_CONTACT:
        raise argparse.ArgumentTypeError("a contact is an address or a link in plain ASCII")
    return text


def days(text: str) -> int:
    """Return a number of days."""
    if not (text.isascii() and text.isdigit() and len(text) <= len("9999")):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of days from 0 to 9999")
    return int(text)


def count(text: str) -> int:
    """Return how many are wanted, at least one."""
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) <= _MOST_COUNT):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 to {_MOST_COUNT}")
    return int(text)


def site_url(text: str) -> str:
    """Return the address of a folder on a web site, without a slash at its end."""
    parts = re.fullmatch(r"https?://[^\s/?#@\\<>\"]+(/[^\s?#\\<>\"]*)?", text)
    if parts is None or not text.isascii() or not text.isprintable():
        raise argparse.ArgumentTypeError(f"'{text}' is not the address of a folder: write https://example.org/feeds")
    return text.rstrip("/")


def name(text: str) -> str:
    """Return a name, which has something in it."""
    if not text.strip():
        raise argparse.ArgumentTypeError("a name has something in it")
    return text


def age(text: str) -> int:
    """Return a number of days, with or without a `d`."""
    return days(text.removesuffix("d"))


def names(text: str) -> frozenset[str]:
    """Return the parts of a list that is separated by commas."""
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise argparse.ArgumentTypeError(f"'{text}' is not a list such as US,EU: a part of it is empty")
    return frozenset(parts)


def port(text: str) -> int:
    """Return a port; 0 means any that is free."""
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= _MOST_PORT):
        raise argparse.ArgumentTypeError(f"'{text}' is not a port from 0 to {_MOST_PORT}")
    return int(text)
