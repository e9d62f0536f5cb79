"""The pairs of claims that cannot both hold, each with whether the provider's side of the policy rests on it."""

from typing import Any, Final

from pipeline.catalog.reader import Catalog

_CONFLICTS: Final = """
SELECT c.*, c.other_url IS NOT NULL AND EXISTS (
    FROM policies AS p JOIN claims AS k
        ON k.claim_id IN (p.provider_retention_claim_id, p.provider_training_claim_id)
    WHERE (p.gateway_id, p.offering_id, k.topic) = (c.gateway_id, c.offering_id, c.topic)
        AND (k.source_id, k.quote, k.value_text) = (c.other_source_id, c.other_quote, c.other_value)
) AS is_deciding
FROM conflicts AS c
ORDER BY c.offering_id, c.topic, c.other_url IS NULL, c.conflict_id
"""


def read_conflicts(catalog: Catalog) -> list[dict[str, Any]]:
    """Return every row of `conflicts` with `is_deciding`, by offering and topic."""
    return catalog.rows(_CONFLICTS)
