"""Whether a capture yields what a healthy source yields. Pure."""

from dataclasses import replace

from pipeline.declarations import Source
from pipeline.errors import EnvelopeError
from pipeline.model import Basis, Claim, Reading


def check_envelope(source: Source, reading: Reading) -> Reading:
    """Return the reading, with a signal where it is larger than its source was ever seen to be.

    A terms page has no envelope: how much of it must be there is judged before it is read.

    Raise EnvelopeError where it has too few rows, or states a topic in too few of them: half a page is not news.
    """
    envelope, count = source.envelope, reading.row_count
    if envelope is None:
        return reading
    usable = len(reading.endpoints) or len(reading.listings)
    if usable < envelope.min_rows:
        unusable = "" if usable == count else f" that can be used among {count}"
        raise EnvelopeError(f"expected at least {envelope.min_rows} rows, found {usable}{unusable}")
    for topic, least in envelope.min_fill.items():
        stated = sum(claim.topic is topic and _is_filled(claim) for claim in reading.claims)
        share = stated / max(1, len(reading.listings))
        if share < least:
            raise EnvelopeError(f"expected {topic} in at least {least:.0%} of the rows, found it in {share:.0%}")
    if count > envelope.max_rows:
        signal = f"expected at most {envelope.max_rows} rows, found {count}"
        return replace(reading, signals=(*reading.signals, signal))
    return reading


def _is_filled(claim: Claim) -> bool:
    return claim.basis in {Basis.STATED, Basis.RENDERED}
