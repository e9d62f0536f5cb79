"""The words behind a policy, as it stands or as it stood, each with its source, day, place and capture."""

from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

from pipeline.catalog.reader import Catalog, naive_utc

Facts: TypeAlias = Mapping[str, object]
Words: TypeAlias = Mapping[tuple[str, str], tuple[Facts, ...]]  # by gateway and offering

_NOW = """
SELECT p.gateway_id, p.offering_id, c.topic, c.value_text AS value, c.quote, c.source_id, c.url, c.observed_at,
       c.locator, c.capture_id
FROM (
    SELECT gateway_id, offering_id, unnest([
        retention_claim_id, training_claim_id, provider_retention_claim_id, provider_training_claim_id
    ]) AS claim_id FROM policies
) AS p JOIN claims AS c USING (claim_id)
ORDER BY p.gateway_id, p.offering_id, c.topic, c.url IS NOT NULL, c.claim_id
"""


def _value_of(side: str) -> str:
    """Return the SQL of a retention as `value_text` of claims tells it; `side` is what its columns begin with."""
    days, bound = f"{side}retention_days", f"{side}retention_bound"
    most = f"CASE WHEN {bound} IN ('up_to', 'range') THEN 'up to ' ELSE '' END"
    period = f"{most} || {days} || CASE WHEN {days} = 1 THEN ' day' ELSE ' days' END"
    return f"CASE WHEN {days} > 0 THEN {period} ELSE {side}retention_kind END"


# The history of a provider's own policy has its quotes; where each was found is looked up among all claims, and a quote
# that is found nowhere any more stands without its source. Claims of a provider stand under its default tier.
_THEN = f"""
WITH held AS (
    SELECT * FROM policy_history WHERE valid_from <= $moment
    QUALIFY row_number() OVER (PARTITION BY gateway_id, offering_id ORDER BY valid_from DESC) = 1
), own AS (
    SELECT *, split_part(offering_id, ':', 1) AS provider_id FROM provider_policy_history
    WHERE valid_from <= $moment AND (valid_to IS NULL OR valid_to > $moment)
), said AS (
    SELECT gateway_id, offering_id, 'retention' AS topic, retention_text AS quote,
           {_value_of("")} AS value,
           retention_source_id AS source_id, NULL AS url, valid_from AS since,
           retention_locator AS locator, retention_capture_id AS capture_id
    FROM held
    UNION ALL
    SELECT gateway_id, offering_id, 'training', training_text, training, training_source_id,
           NULL, valid_from, training_locator, training_capture_id
    FROM held
    UNION ALL
    SELECT o.gateway_id, o.offering_id, o.topic, o.quote, o.value, c.source_id, c.url,
           coalesce(c.first_observed_at, o.valid_from), c.locator, c.capture_id
    FROM (
        SELECT gateway_id, offering_id, provider_id, valid_from, 'retention' AS topic, retention_quote AS quote,
               {_value_of("provider_")} AS value
        FROM own
        UNION ALL
        SELECT gateway_id, offering_id, provider_id, valid_from, 'training', training_quote, provider_training FROM own
    ) AS o LEFT JOIN claims AS c ON c.offering_id IN (o.offering_id, o.provider_id) AND c.topic = o.topic
        AND c.quote = o.quote AND c.url IS NOT NULL AND c.first_observed_at <= $moment
    QUALIFY row_number() OVER (
        PARTITION BY o.gateway_id, o.offering_id, o.topic
        ORDER BY c.offering_id = o.offering_id DESC NULLS LAST, c.first_observed_at DESC, c.claim_id
    ) = 1
)
SELECT gateway_id, offering_id, topic, value, quote, source_id, url,
    greatest(since, (
        SELECT max(o.observed_at) FROM observations AS o
        WHERE o.source_id = said.source_id AND o.is_readable AND NOT o.is_partial AND o.observed_at <= $moment
    )) AS observed_at,
    locator, capture_id
FROM said WHERE quote IS NOT NULL
ORDER BY gateway_id, offering_id, topic, url IS NOT NULL, source_id
"""  # noqa: S608 - names of ours


def find_words(catalog: Catalog, as_of: date | None = None) -> Words:
    """Return the words that each policy rests on, now or at the end of a day; those of provider's pages have a `url`.

    Of an earlier day, `observed_at` is the last whole look at the source up to then.
    """
    rows = (
        catalog.rows(_NOW)
        if as_of is None or catalog.is_now(as_of)
        else catalog.rows(_THEN, {"moment": naive_utc(as_of)})
    )
    found: dict[tuple[str, str], tuple[Facts, ...]] = {}
    for row in rows:
        key = (row.pop("gateway_id"), row.pop("offering_id"))
        found[key] = (*found.get(key, ()), row)
    return found


def find_own_words(words: Words, key: tuple[str, str], topic: str) -> Facts | None:
    """Return what an offering's provider itself says on a topic, if its page is on record."""
    return next((one for one in words.get(key, ()) if one["topic"] == topic and one["url"] is not None), None)
