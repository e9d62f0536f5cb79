"""The SQL of the view that an analyst opens first, and of the same view as of an earlier moment."""

from schemas.view import TABLE_OF, VIEW

PROVIDER_TERMS = f"""
CREATE VIEW {VIEW} AS
SELECT {", ".join(f"{table}.{column}" for column, table in TABLE_OF.items())}
FROM providers JOIN policies USING (gateway_id, offering_id)
ORDER BY providers.gateway_id, providers.offering_id
"""  # noqa: S608 - names of ours

# A row is as old as the last whole look, at or before the moment asked for, that left its source's words in force.
# An offering that no source of policies had spoken of by then is there with an unknown policy, and is not listed.
PROVIDER_TERMS_AS_OF = """
CREATE MACRO provider_terms_as_of(moment) AS TABLE
WITH held AS (
    SELECT * FROM policy_history AS h
    WHERE h.valid_from <= moment
    QUALIFY row_number() OVER (PARTITION BY h.gateway_id, h.offering_id ORDER BY h.valid_from DESC) = 1
), attributes AS (
    SELECT * FROM attribute_history AS a
    WHERE a.valid_from <= moment AND (a.valid_to IS NULL OR a.valid_to > moment)
), wide AS (
    SELECT
        gateway_id, offering_id,
        max(CASE WHEN attribute = 'can_publish' THEN value END) = 'true' AS can_publish,
        max(CASE WHEN attribute = 'requires_user_ids' THEN value END) = 'true' AS requires_user_ids,
        max(CASE WHEN attribute = 'terms_url' THEN value END) AS terms_url,
        max(CASE WHEN attribute = 'privacy_url' THEN value END) AS privacy_url,
        max(CASE WHEN attribute = 'data_usage_url' THEN value END) AS data_usage_url,
        max(CASE WHEN attribute = 'status_url' THEN value END) AS status_url,
        max(CASE WHEN attribute = 'headquarters' THEN value END) AS headquarters,
        max(CASE WHEN attribute = 'datacenters' THEN value END) AS datacenters,
        max(CASE WHEN attribute = 'display_name' THEN value END) AS display_name
    FROM attributes GROUP BY gateway_id, offering_id
)
SELECT
    p.gateway_id, p.offering_id, p.provider_id, coalesce(w.display_name, p.provider_name) AS provider_name, p.tier,
    h.valid_from IS NOT NULL AND (h.valid_to IS NULL OR h.valid_to > moment) AS is_listed,
    coalesce(h.retention_kind, 'unknown') AS retention_kind, h.retention_days, h.retention_text,
    coalesce(h.training, 'unknown') AS training, h.training_text, h.training_basis,
    w.can_publish, w.requires_user_ids,
    h.retention_source_id AS source_id,
    greatest(
        coalesce(h.valid_from, p.first_seen_at),
        (SELECT max(o.observed_at) FROM observations AS o
         WHERE o.source_id = h.retention_source_id AND o.is_readable AND NOT o.is_partial
           AND o.observed_at <= moment AND (h.valid_to IS NULL OR o.observed_at < h.valid_to))
    ) AS observed_at,
    w.terms_url, w.privacy_url, w.status_url, w.headquarters,
    CASE WHEN w.datacenters IS NULL THEN NULL WHEN w.datacenters = '' THEN []
         ELSE string_split(w.datacenters, ', ') END AS datacenters,
    h.retention_bound, h.retention_basis,
    CASE WHEN h.valid_to <= moment THEN h.valid_to END AS delisted_at,
    w.data_usage_url
FROM providers AS p
LEFT JOIN held AS h USING (gateway_id, offering_id)
LEFT JOIN wide AS w USING (gateway_id, offering_id)
WHERE p.first_seen_at <= moment
ORDER BY p.gateway_id, p.offering_id
"""
