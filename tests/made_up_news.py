"""News that never was, to be told in every form."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.catalog.records import ChangeRecord
from pipeline.model import Tier
from pipeline.use.change_text import News

AT = datetime(2026, 8, 1, 10, tzinfo=UTC)
# Marks of Markdown, HTML, XML, Slack, a terminal and a spreadsheet; a null, an escape, an override, half a character.
HOSTILE = (
    "a|b `c` <script>alert(1)</script> ]]> &amp; [x](javascript:1) https://x.test www.x.test @all <!here> "
    "*b* _c_\r\n# d \x00\x1b[31m \u202e \ud800 \ufffe \"e' = f"
)


def a_change(number: int = 0, **other: object) -> ChangeRecord:
    """Return the change of a number: each a day older than the one before."""
    change = ChangeRecord(
        change_id=f"{number:016x}",
        gateway_id="a-gateway",
        offering_id="acme",
        changed_at=AT - timedelta(days=number),
        not_before_at=AT - timedelta(days=number + 1),
        change_kind="retention_changed",
        topic="retention",
        old_value="none",
        new_value="30 days",
        cause="source_change",
        source_id="a-source",
        old_capture_id="0" * 64,
        new_capture_id="1" * 64,
        offering_count=1,
        old_quote=None,
        new_quote=None,
    )
    return replace(change, **other)  # type: ignore[arg-type]


def news(number: int = 0, name: str = "Acme", words: str = "Kept for 30 days", **other: object) -> News:
    """Return the news of a number; `other` replaces what its change says."""
    return News(
        change=a_change(number, **other),
        provider_id="acme",
        provider_name=name,
        tier=Tier.DEFAULT,
        old_quote="Never kept",
        new_quote=words,
        source_url="https://acme.example/terms?a=1&b=2",
    )


HOSTILE_NEWS = (
    news(0, name=HOSTILE, words=HOSTILE),
    replace(news(1, old_value=HOSTILE, new_value=None, source_id=HOSTILE, cause=HOSTILE), source_url=None),
    replace(news(2, offering_id=None, offering_count=40, change_kind="reporting_change"), provider_id=None),
    replace(news(3, change_kind="claim_removed", new_value=None, not_before_at=None), old_quote=HOSTILE),
)
