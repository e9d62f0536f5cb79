"""The words behind one offering's values, with where and when they were seen, and the names it goes by."""

from datetime import date

from pipeline.catalog.reader import Catalog, OfferingTerms, naive_utc

_NOW = """
SELECT c.topic, c.value_text AS value, c.quote, c.source_id AS source, c.observed_at AS observed, c.basis,
       c.locator, c.capture_id AS capture
FROM claims AS c JOIN policies AS p USING (gateway_id, offering_id)
WHERE c.gateway_id = ? AND c.offering_id = ?
ORDER BY c.claim_id NOT IN (p.retention_claim_id, p.training_claim_id), c.topic, c.source_id
"""
_THEN = """
WITH held AS (
    SELECT *, if(retention_bound IN ('up_to', 'range'), 'up to ', '') AS bound,
        if(retention_days = 1, '', 's') AS ending
    FROM policy_history
    WHERE gateway_id = ? AND offering_id = ? AND valid_from <= ?
    QUALIFY row_number() OVER (ORDER BY valid_from DESC) = 1
)
SELECT unnest([
    {'topic': 'retention',
     'value': if(retention_kind = 'period', bound || retention_days || ' day' || ending, retention_kind),
     'quote': retention_text, 'source': retention_source_id,
     'observed': valid_from, 'basis': retention_basis, 'locator': retention_locator, 'capture': retention_capture_id},
    {'topic': 'training', 'value': training, 'quote': training_text, 'source': training_source_id,
     'observed': valid_from, 'basis': training_basis, 'locator': training_locator, 'capture': training_capture_id}
], recursive := true)
FROM held
"""


def find_evidence(catalog: Catalog, one: OfferingTerms, as_of: date | None = None) -> list[dict[str, object]]:
    """Return the claims on one offering, those that its policy rests on first; as of an earlier day only those."""
    where: list[object] = [one.gateway_id, one.offering_id]
    if as_of is None or catalog.is_now(as_of):
        return catalog.rows(_NOW, where)
    return catalog.rows(_THEN, [*where, naive_utc(as_of)])


def find_names(catalog: Catalog, one: OfferingTerms) -> dict[str, object]:
    """Return the names and slugs that an offering goes by."""
    where = [one.gateway_id, one.offering_id]
    return catalog.rows("SELECT names, slugs FROM providers WHERE gateway_id = ? AND offering_id = ?", where)[0]
